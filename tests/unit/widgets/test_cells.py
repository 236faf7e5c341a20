from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.cells import wrapped


def test_words_are_kept_whole_and_in_order() -> None:
    assert wrapped("a red fox in deep snow", 9) == ["a red fox", "in deep", "snow"]
    assert wrapped("fox 橋の上の秋", 6) == ["fox", "橋の上", "の秋"]
    assert wrapped("to /a/very/long/path it", 8) == ["to", "/a/very/", "long/pat", "h it"]
    assert wrapped("  ", 8) == [""]


@given(st.text(alphabet="ab 橋é\n", max_size=80), st.integers(2, 12))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
