"""What must never get out: control characters of other people's text, and the proxy's key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.deliveries import png
from support.raw_proxy import KEY, RawProxy, error_reply, picture_reply
from support.terminal import Terminal, app, library, metadata

WILD = "tame \x1b]2;TITLE\x07 \x1b[31337h \x9b31337l \x1bPdcs\x1b\\ \x00\x08\x7f \u202e end"
"""A window title, private modes in seven and eight bits, a device string, and a text direction."""
WILD_BYTES = (b"\x1b]2;", b"\x1b[31337", b"\xc2\x9b", b"\x9b31337", b"\x1bPdcs", b"\x08", b"\x00", b"\xe2\x80\xae")


def assert_tame(terminal: Terminal) -> None:
    raw = terminal.raw
    assert [wild for wild in WILD_BYTES if wild in raw] == []
    assert KEY.encode() not in raw


def files_with(folder: Path, secret: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


@pytest.fixture
def failing() -> Iterator[RawProxy]:
    with RawProxy(error_reply(f"{WILD} key {KEY} is wrong"), status=400) as proxy:
        yield proxy


def test_wild_text_of_model_and_prompt_is_shown_tame(tmp_path: Path) -> None:
    body = picture_reply(png(64, 64), words=WILD, model=WILD)
    with RawProxy(body, models=["gemini-3-pro-image-preview", WILD]) as proxy:
        with app(tmp_path, *proxy.arguments) as terminal:
            terminal.wait_for("● ")
            terminal.type("tame")
            terminal.press("enter")
            terminal.wait_for("✓ done")
            terminal.wait_for("1 of 1")
            terminal.press("tab", "t")
            terminal.wait_for("The model says")
            terminal.wait_for("tame")
            assert "TITLE" in terminal.screen
            terminal.press("escape")
            terminal.wait_for(lambda: "The model says" not in terminal.screen)
            terminal.press("f1")
            terminal.press("escape")
            terminal.press("ctrl+q")
            assert terminal.wait_exit() == 0
            assert_tame(terminal)
        assert proxy.asked[0].key == KEY
    assert len(metadata(tmp_path)) == 1
    assert not files_with(tmp_path, KEY)


def test_a_wild_prompt_of_a_file_is_shown_and_recalled_tame(tmp_path: Path) -> None:
    library(tmp_path).mkdir(parents=True)
    (library(tmp_path) / "image_20260314_120000_0.png").write_bytes(png(64, 64))
    (library(tmp_path) / "metadata_20260314_120000.json").write_text(json.dumps({"prompt": WILD}))
    with app(tmp_path, "--proxy", "http://127.0.0.1:1") as terminal:
        terminal.wait_for("History  1")
        terminal.press("tab", "enter")
        terminal.wait_for(lambda: terminal.line_with("│ tame") != "")
        terminal.type(" and more")
        terminal.wait_for("and more")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert_tame(terminal)


def test_wild_text_and_the_key_in_an_error_are_told_tame(tmp_path: Path, failing: RawProxy) -> None:
    with app(tmp_path, *failing.arguments) as terminal:
        terminal.wait_for("● ")
        terminal.type("fails")
        terminal.press("enter")
        terminal.wait_for("✗ failed")
        terminal.press("tab", "tab", "enter")
        terminal.wait_for("What to do")
        assert "TITLE" in terminal.screen
        terminal.press("escape")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert_tame(terminal)
    assert not files_with(tmp_path, KEY)
