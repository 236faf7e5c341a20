"""The whole path from outside: a real terminal, the real command, a real proxy, real files, and back again."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from support.raw_proxy import RawProxy
from support.terminal import COMMAND, Terminal, alive, app, metadata, pictures

from tui.domain.proxy import ProxyAddress

QUICK = ("--model", "gemini-3.1-flash-image", "--image-size", "512")
"""What the sandbox paints fastest."""


def at(proxy: ProxyAddress) -> tuple[str, ...]:
    return ("--proxy", proxy.url, "--api-key", proxy.key.reveal())


def options_line(terminal: Terminal) -> str:
    return terminal.line_with("F2 ")


def picture_is_shown(terminal: Terminal) -> bool:
    """Half blocks in many colours: a picture, and not a border or a bar."""
    return terminal.half_blocks() > 200 and len(terminal.colours()) > 20


def test_from_the_keyboard_to_a_kept_picture_and_back_again(tmp_path: Path) -> None:
    with app(tmp_path, "--sandbox", *QUICK) as terminal:
        terminal.wait_for("image models")
        before = options_line(terminal)
        terminal.press("f3")
        terminal.type("a red fox in deep snow")
        terminal.press("enter")
        terminal.type(", at dusk")
        terminal.wait_for("✓ done")
        terminal.wait_for(lambda: picture_is_shown(terminal))
        terminal.wait_for("a red fox in deep snow, at dusk")
        assert "a red fox" in terminal.line_with("▌")
        assert options_line(terminal) != before
        after = options_line(terminal)
        sandbox = terminal.children()
        assert len(sandbox) == 1
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert not alive(sandbox)

    (picture,), (description,) = pictures(tmp_path), metadata(tmp_path)
    told = json.loads(description.read_text())
    assert told["prompt"] == "a red fox in deep snow"
    assert told["images"][0]["file"] == picture.name
    with Image.open(picture) as image:
        image.load()
        assert image.size == (told["images"][0]["width"], told["images"][0]["height"])

    with app(tmp_path, "--proxy", "http://127.0.0.1:1") as terminal:
        terminal.wait_for(lambda: picture_is_shown(terminal))
        assert "a red fox" in terminal.line_with("▌")
        assert terminal.line_with("a red fox in deep snow, at dusk")
        assert options_line(terminal) == after
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """``image-gen serve --sandbox`` as a person runs it for others: its address and its key."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--sandbox", "--port", "0", "--delay", "0"],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
    ) as server:
        assert server.stdout is not None
        greeting = "".join(server.stdout.readline() for _ in range(2))
        found = re.search(r"(http://\S+)\n\s+key\s+(\S+)", greeting)
        assert found is not None, greeting
        yield found[1], found[2]
        server.terminate()


def test_a_served_sandbox_paints_for_the_app(tmp_path: Path, served: tuple[str, str]) -> None:
    url, key = served
    with app(tmp_path, *QUICK, "--proxy", url, "--api-key", key) as terminal:
        terminal.wait_for("● ")
        assert not terminal.children()
        terminal.type("harbour at night")
        terminal.press("enter")
        terminal.wait_for("✓ done")
        terminal.wait_for(lambda: picture_is_shown(terminal))
    assert len(pictures(tmp_path)) == 1


def test_without_a_proxy_the_status_says_so_and_one_key_paints_the_same_prompt(tmp_path: Path) -> None:
    with app(tmp_path, *QUICK, "--proxy", "http://127.0.0.1:1") as terminal:
        terminal.wait_for("F8")
        assert "127.0.0.1:1" in terminal.lines[0]
        terminal.type("mountain lake")
        terminal.press("enter")
        terminal.wait_for("✗ failed")
        terminal.press("f8")
        terminal.wait_for("image models")
        terminal.press("enter")
        terminal.wait_for("✓ done")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert [json.loads(each.read_text())["prompt"] for each in metadata(tmp_path)] == ["mountain lake"]


def test_two_apps_share_a_library(tmp_path: Path, sandbox_proxy: ProxyAddress) -> None:
    flags = (*QUICK, "--count", "3", *at(sandbox_proxy))
    with app(tmp_path, *flags) as one, app(tmp_path, *flags, columns=80, rows=24) as two:
        for terminal, prompt in ((one, "first app"), (two, "second app")):
            terminal.wait_for("● ")
            terminal.type(prompt)
            terminal.press("enter")
        one.wait_for(lambda: len(metadata(tmp_path)) == 6)
        one.press("ctrl+r")
        one.wait_for("History  6")
        for terminal in (one, two):
            terminal.wait_for(lambda: picture_is_shown(one))
            terminal.press("ctrl+q")
        assert (one.wait_exit(), two.wait_exit()) == (0, 0)
    told = [json.loads(each.read_text()) for each in metadata(tmp_path)]
    named = [each["images"][0]["file"] for each in told]
    assert sorted(named) == [each.name for each in pictures(tmp_path)]
    assert sorted(each["prompt"] for each in told) == ["first app"] * 3 + ["second app"] * 3


def test_cancel_closes_the_socket_within_a_second(tmp_path: Path) -> None:
    with RawProxy() as proxy, app(tmp_path, *proxy.arguments) as terminal:
        terminal.wait_for("● ")
        terminal.type("never answered")
        terminal.press("enter")
        terminal.wait_for(lambda: len(proxy.asked) == 1)
        terminal.wait_for("◐ running")
        terminal.press("tab", "tab")
        pressed = terminal.press("x")
        terminal.wait_for("cancelled")
        assert proxy.asked[0].left.wait(5)
        assert proxy.asked[0].left_at - pressed < 1
        assert terminal.line_with("│ never answered   ")
    assert not pictures(tmp_path)


def test_the_command_is_the_one_on_the_path(tmp_path: Path) -> None:
    installed = Path(sys.executable).with_name("image-gen")
    with app(tmp_path, "--proxy", "http://127.0.0.1:1", command=[str(installed)]) as terminal:
        terminal.wait_for("Prompt")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
