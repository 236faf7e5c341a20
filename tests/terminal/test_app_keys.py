"""Keys from outside: none is lost or out of order, from the first millisecond on; pasted new lines are text."""

import json
from pathlib import Path

from support.terminal import MUTE, app, metadata

from tui.domain.proxy import ProxyAddress

QUICK = ("--model", "gemini-3.1-flash-image", "--image-size", "512")
SENTENCE = "The quick brown fox jumps over the lazy dog, 0123456789 times; then it rests."


def flags(proxy: ProxyAddress) -> tuple[str, ...]:
    return (*QUICK, "--proxy", proxy.url, "--api-key", proxy.key.reveal())


def prompts(folder: Path) -> list[str]:
    return sorted(json.loads(each.read_text())["prompt"] for each in metadata(folder))


def test_keys_typed_before_the_program_starts_arrive_in_order(tmp_path: Path, sandbox_proxy: ProxyAddress) -> None:
    with app(tmp_path, *flags(sandbox_proxy), typed=f"{SENTENCE}\r".encode()) as terminal:
        terminal.wait_for("✓ done")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert prompts(tmp_path) == [SENTENCE]


def test_keys_typed_while_it_starts_arrive_in_order(tmp_path: Path, sandbox_proxy: ProxyAddress) -> None:
    with app(tmp_path, *flags(sandbox_proxy), persona=MUTE, typed=SENTENCE[:10].encode()) as terminal:
        for number, character in enumerate(SENTENCE[10:]):
            terminal.type(character)
            # A mute terminal is asked and then waited for; after that comes the import, then the first frame.
            if number == 20:
                terminal.wait_for(lambda: b"\x1b[c" in terminal.raw)
            elif number == 40:
                terminal.wait_for(lambda: b"\x1b[?1049h" in terminal.raw)
        terminal.press("enter")
        terminal.type(" And more.")
        terminal.wait_for("✓ done")
        terminal.wait_for(" And more.")
    assert prompts(tmp_path) == [SENTENCE]


def test_a_fast_hand_gets_every_prompt_it_sent(tmp_path: Path, sandbox_proxy: ProxyAddress) -> None:
    with app(tmp_path, *flags(sandbox_proxy)) as terminal:
        terminal.wait_for("● ")
        terminal.type("fox")
        terminal.press("enter")
        terminal.type(" den")
        terminal.press("enter", "f5")
        terminal.type(" cub")
        terminal.press("enter")
        terminal.wait_for(lambda: len(metadata(tmp_path)) == 4)
    assert prompts(tmp_path) == ["fox", "fox den", "fox den cub", "fox den cub"]


def test_pasted_new_lines_are_text_and_enter_sends_them(tmp_path: Path, sandbox_proxy: ProxyAddress) -> None:
    with app(tmp_path, *flags(sandbox_proxy)) as terminal:
        terminal.wait_for("● ")
        terminal.paste("a red fox\nin deep snow\r\nat dusk")
        terminal.press("ctrl+j")
        terminal.type("35 mm")
        terminal.wait_for("35 mm")
        assert terminal.line_with("nothing on its way")
        terminal.press("enter")
        terminal.wait_for("✓ done")
    assert prompts(tmp_path) == ["a red fox\nin deep snow\nat dusk\n35 mm"]
