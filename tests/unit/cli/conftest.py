"""The command in this process: quick enough for every form of every command; terminals are real ones elsewhere."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.app import NOBODY, Home
from support.command import Outcome
from support.terminal import app

from tui.cli import run

Run = Callable[..., Outcome]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command in the test's folder; ``stdin`` is what it reads."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMAGE_GEN_HOME", str(tmp_path / "home"))

    def command(*arguments: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsysbinary.readouterr()
        status = run(arguments)
        shown = capsysbinary.readouterr()
        return Outcome(status, shown.out, shown.err.decode())

    return command


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A library of five, a minute between each."""
    kept = Home(tmp_path, NOBODY)
    noon = datetime(2026, 3, 14, 12).astimezone()
    for minutes, (prompt, model, size, pixels) in enumerate(
        (
            ("harbour at night", "gemini-2.5-flash-image", "1K", (1376, 768)),
            ("a red fox in deep snow", "gemini-3-pro-image", "2K", (2752, 1536)),
            ("雪の中の狐", "gemini-3-pro-image", "1K", (1024, 1024)),
            ("Fox, Café", "gemini-3-pro-image", "1K", (1024, 1024)),
            ("a hare", "gemini-2.5-flash-image", "1K", (1024, 1024)),
        )
    ):
        started = noon + timedelta(minutes=minutes)
        kept.keep(prompt, model=model, image_size=size, pixels=pixels, started=started)
    return kept


@dataclass(frozen=True, slots=True)
class Shown:
    """What a terminal shows in the end, without its empty lines, and every byte that was written to it."""

    lines: list[str]
    raw: str


@pytest.fixture
def on_terminal(tmp_path: Path) -> Callable[..., Shown]:
    """Runs the command on a real terminal of so many columns, in the test's folder."""

    def command(*arguments: str, columns: int = 80, status: int = 0, **more: Any) -> Shown:
        with app(tmp_path, *arguments, columns=columns, rows=60, **more) as terminal:
            assert terminal.wait_exit() == status, terminal.screen
            return Shown([line.rstrip() for line in terminal.lines if line.strip()], terminal.raw.decode())

    return command
