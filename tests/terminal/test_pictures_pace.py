"""Pictures on a line of 256 kbit/s from outside: a key never waits for one."""

import math
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.gallery import fill
from support.terminal import Terminal, app, library
from support.terminal_kinds import KITTY, XTERM, TerminalKind

NOBODY = ("--proxy", "http://127.0.0.1:1")
RATE = 32 * 1024
"""Bytes a second: 256 kbit/s."""
TYPED = "abcdefghijklmnopqrst"
LATER = 0.15
"""Seconds that a key may be seen later than without a picture on the line, in 95 of 100 cases."""


def noise(path: Path) -> None:
    """A picture that nothing makes small."""
    Image.fromarray(np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)).save(path)


def echoes(terminal: Terminal, text: str) -> list[float]:
    """Seconds until each character of ``text``, typed after an empty prompt, is seen."""
    waits: list[float] = []
    for length in range(1, len(text) + 1):
        pressed = terminal.type(text[length - 1])
        terminal.wait_for(lambda length=length: f"│ {text[:length]}" in terminal.screen)
        waits.append(time.monotonic() - pressed)
    return waits


def p95(waits: list[float]) -> float:
    return sorted(waits)[math.ceil(len(waits) * 0.95) - 1]


@pytest.mark.parametrize(("kind", "piece"), [(KITTY, b"m=1;"), (XTERM, b'q"1;1;')], ids=["kitty", "xterm"])
def test_a_key_is_seen_between_the_pieces_of_a_picture(tmp_path: Path, kind: TerminalKind, piece: bytes) -> None:
    with app(tmp_path / "alone", *NOBODY, columns=80, rows=24, kind=kind, rate=RATE) as terminal:
        terminal.wait_for("F8")
        alone = echoes(terminal, TYPED)
    noise(fill(library(tmp_path), 1)[0])
    with app(tmp_path, *NOBODY, columns=80, rows=24, kind=kind, rate=RATE, IMAGE_GEN_LINK="full") as terminal:
        terminal.wait_for(lambda: piece in terminal.raw)
        begun, since = len(terminal.raw), time.monotonic()
        beside = echoes(terminal, TYPED)
        rate = (len(terminal.raw) - begun) / (time.monotonic() - since)
        assert terminal.raw.rfind(piece) > begun
        assert p95(beside) < p95(alone) + LATER, (beside, alone)
        # The line is used all the same.
        assert rate > RATE / 3
        assert terminal.pictures is not None
        assert terminal.pictures.problems == []
