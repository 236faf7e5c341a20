"""Widths in cells without the screen's library, held against that library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.shell.cells import clip, fit, width, wrapped

TEXTS = [
    "a red fox",
    "雪の中の狐",
    "Ａｌｐｈａ",
    "café",
    "cafe\u0301",
    "한국어",
    "ไทย",
    "🦊 fox",
    "①…★",
    "ﾊﾝｶｸ",
    "नमस्ते",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_as_wide_as_the_screens_library_says(text: str) -> None:
    assert width(text) == cell_len(text)


@given(st.text("a b雪🦊e\u0301…", max_size=30), st.integers(0, 20))
def test_a_cut_text_fits_and_a_fitted_one_fills(text: str, room: int) -> None:
    assert width(clip(text, room)) <= room
    assert width(fit(text, room)) == room
    if width(text) <= room:
        assert clip(text, room) == text


@given(st.text("ab 雪\n", max_size=60), st.integers(2, 20))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    lines = wrapped(text, room)
    assert all(width(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
