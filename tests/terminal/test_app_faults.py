"""What goes wrong, from outside: kill -9 at any moment, a folder that vanishes, a disk that is full."""

import hashlib
import json
import random
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from support.terminal import Terminal, app, hidden, library, metadata, pictures

from tui.domain.proxy import ProxyAddress

QUICK = ("--model", "gemini-3.1-flash-image", "--image-size", "512")
NOBODY = ("--proxy", "http://127.0.0.1:1")
SMALL_FILES_ONLY = (
    "import os, resource, sys;"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
    "os.execv(sys.executable, [sys.executable, '-m', 'tui', *sys.argv[1:]])"
)
"""A disk with no room for a picture, but for settings and state: the system refuses larger files."""


def flags(proxy: ProxyAddress, *more: str) -> tuple[str, ...]:
    return (*QUICK, "--proxy", proxy.url, "--api-key", proxy.key.reveal(), *more)


def send_prompt(terminal: Terminal, prompt: str) -> None:
    terminal.wait_for("● ")
    terminal.type(prompt)
    terminal.press("enter")


def assert_only_whole_files(folder: Path) -> None:
    """Every picture opens, and every metadata file is whole and names pictures that are what it says."""
    for picture in pictures(folder):
        with Image.open(picture) as image:
            image.load()
    for path in metadata(folder):
        told = json.loads(path.read_text())
        assert told["images"]
        for each in told["images"]:
            data = (path.parent / each["file"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == each["sha256"]
            assert len(data) == each["bytes"]


def test_killed_at_any_moment_the_library_has_only_whole_files(tmp_path: Path, painting_proxy: ProxyAddress) -> None:
    chance = random.Random()
    # When there is one more of these files, or some time after Enter.
    moments: list[Callable[[Path], list[Path]] | float] = [hidden, pictures, metadata, chance.uniform(0, 0.8)]
    for moment in moments:
        with app(tmp_path, *flags(painting_proxy, "--count", "4")) as terminal:
            before = len(moment(tmp_path)) if callable(moment) else 0
            seen = len(metadata(tmp_path))
            send_prompt(terminal, "killed on the way ")
            if callable(moment):
                # A hidden file may come and go between two looks; then it is killed after that.
                terminal.wait_for(
                    lambda moment=moment, before=before, seen=seen: (
                        len(moment(tmp_path)) > before or len(metadata(tmp_path)) > seen
                    )
                )
                terminal.process.kill()
            else:
                threading.Timer(moment, terminal.process.kill).start()
            assert terminal.wait_exit() == -9
        assert_only_whole_files(tmp_path)
    stems = {each.name.split("_", 1)[1].rpartition("_")[0] for each in pictures(tmp_path)}
    with app(tmp_path, *NOBODY) as terminal:
        terminal.wait_for(f"History  {len(stems)}")
        terminal.wait_for(lambda: not hidden(tmp_path))
        assert b"Traceback" not in terminal.raw


def test_a_library_removed_while_it_runs_is_made_again(tmp_path: Path, painting_proxy: ProxyAddress) -> None:
    with app(tmp_path, *flags(painting_proxy)) as terminal:
        send_prompt(terminal, "before")
        terminal.wait_for("✓ done")
        shutil.rmtree(library(tmp_path))
        terminal.type(" and after")
        terminal.press("enter")
        terminal.wait_for(lambda: len(metadata(tmp_path)) == 1)
        terminal.wait_for(lambda: terminal.line_with("History").count("  1 ") == 1 and "2 today" not in terminal.screen)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"Traceback" not in terminal.raw
    assert_only_whole_files(tmp_path)


def test_a_full_disk_is_told_and_costs_neither_prompt_nor_app(tmp_path: Path, painting_proxy: ProxyAddress) -> None:
    command = (sys.executable, "-c", SMALL_FILES_ONLY)
    with app(tmp_path, *flags(painting_proxy), command=command) as terminal:
        send_prompt(terminal, "no room for this")
        terminal.wait_for("✗ failed")
        assert not pictures(tmp_path)
        assert not hidden(tmp_path)
        terminal.type(", still typing")
        terminal.wait_for("no room for this, still typing")
        terminal.press("tab", "tab", "enter")
        terminal.wait_for("What to do")
        assert "disk" in terminal.screen
        assert "File too large" in terminal.screen
        terminal.press("escape")
        terminal.wait_for(lambda: "What to do" not in terminal.screen)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"Traceback" not in terminal.raw
