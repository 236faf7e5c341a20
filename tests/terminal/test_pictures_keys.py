"""Keys beside pictures from outside: none is lost while one is sent, or while a silent terminal is asked."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.gallery import fill, pane_of, shows
from support.terminal import Terminal, app, library
from support.terminal_kinds import KITTY, PLAIN, SILENT, XTERM, TerminalKind

NOBODY = ("--proxy", "http://127.0.0.1:1")
RATE = 32 * 1024
"""Bytes a second: 256 kbit/s."""
WORDS = "a red fox in deep snow"
PROMPTLY = 0.8
"""Seconds until a key is seen, the median; far more than it takes, because the suite runs on few cores."""


def noise(path: Path) -> None:
    """A picture that nothing makes small."""
    Image.fromarray(np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)).save(path)


def sending(terminal: Terminal, kind: TerminalKind) -> bool:
    """Whether a large picture is on the line."""
    start = b"m=1;" if kind.graphics else b'q"1;1;'
    return start in terminal.raw


@pytest.mark.parametrize("kind", [KITTY, XTERM], ids=lambda kind: kind.name)
def test_keys_typed_while_a_picture_crawls_in_are_all_there_in_order_and_soon(
    tmp_path: Path, kind: TerminalKind
) -> None:
    noise(fill(library(tmp_path), 1)[0])
    with app(
        tmp_path, *NOBODY, columns=80, rows=24, kind=kind, rate=RATE, delay=0.02, IMAGE_GEN_LINK="full"
    ) as terminal:
        terminal.wait_for(lambda: sending(terminal, kind))
        waits = []
        for length in range(1, len(WORDS) + 1):
            pressed = terminal.type(WORDS[length - 1])
            terminal.wait_for(lambda length=length: f"│ {WORDS[:length].rstrip()}" in terminal.screen)
            waits.append(time.monotonic() - pressed)
        assert sorted(waits)[len(waits) // 2] < PROMPTLY, waits
        assert max(waits) < 2 * PROMPTLY, waits
        assert terminal.pictures is not None
        assert terminal.pictures.problems == []


def seconds_to_first_frame(folder: Path, kind: TerminalKind) -> float:
    """From the start until the prompt's pane stands, with what was typed before in it."""
    with app(folder, *NOBODY, columns=80, rows=24, kind=kind, typed=WORDS.encode()) as terminal:
        terminal.wait_for(f"│ {WORDS}")
        took = time.monotonic() - terminal.started_at
        terminal.type(" at dusk")
        terminal.wait_for(f"│ {WORDS} at dusk")
    return took


def test_a_silent_terminal_costs_no_more_than_the_deadline_and_no_key(tmp_path: Path) -> None:
    answering = min(seconds_to_first_frame(tmp_path / f"plain {turn}", PLAIN) for turn in range(2))
    silent = min(seconds_to_first_frame(tmp_path / f"silent {turn}", SILENT) for turn in range(2))
    # The deadline is 0.3 s; the rest is for a busy machine.
    assert silent < answering + 0.3 + 0.5


def test_answers_that_come_late_are_never_typed_and_keys_between_them_are(tmp_path: Path) -> None:
    paths = fill(library(tmp_path), 1)
    with app(tmp_path, *NOBODY, columns=80, rows=24, kind=KITTY, delay=0.6) as terminal:
        terminal.wait_for("F8")
        for character in WORDS:
            terminal.type(character)
        terminal.wait_for(f"│ {WORDS} ")
        screen = terminal.pictures
        assert screen is not None
        terminal.wait_for(lambda: (pane := pane_of(screen)) is not None and shows(screen, paths[0], pane))
        assert f"│ {WORDS} " in terminal.screen
        assert screen.problems == []
