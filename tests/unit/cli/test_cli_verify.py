"""``image-gen verify``: what is damaged is told with what to do, and the exit status says whether anything is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.app import NOBODY, Home
from support.command import Outcome
from support.deliveries import png

Run = Callable[..., Outcome]
Show = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A library of five, whose metadata tells the truth."""
    kept = Home(tmp_path, NOBODY)
    for number in range(5):
        kept.keep(f"fox {number}")
    return kept


def test_a_sound_library_is_said_to_be_so(home: Home, here: Run) -> None:
    done = here("verify")
    assert (done.status, done.out) == (0, b"")
    assert "5 generations, 5 pictures" in done.err
    assert "nothing is damaged" in done.err


def test_what_is_damaged_is_told_a_line_each(home: Home, here: Run) -> None:
    changed, gone = home.generations[0].images[0].path, home.generations[1].images[0].path
    changed.write_bytes(png(16, 9, shade=99))
    gone.unlink()
    (home.library / "fox.png").write_bytes(png())
    done = here("verify")
    assert done.status == 1
    told = {line.split("\t")[1]: line.split("\t") for line in done.lines}
    assert str(changed) in told
    assert all(len(row) == 4 and row[3] for row in told.values())
    assert "2 problems" in done.err
    before = {path: path.read_bytes() for path in home.library.iterdir()}
    *troubles, last = here("verify", "--json").objects
    assert {each["level"] for each in troubles} == {"problem", "note"}
    assert {each["path"]: each["hint"] for each in troubles} == {path: row[3] for path, row in told.items()}
    assert (last["sound"], last["problems"], last["notes"]) == (False, 2, 1)
    assert {path: path.read_bytes() for path in home.library.iterdir()} == before


def test_a_picture_without_metadata_is_no_damage(home: Home, here: Run) -> None:
    (home.library / "fox.png").write_bytes(png())
    done = here("verify")
    assert done.status == 0
    assert "fox.png" in done.lines[0]


def test_on_a_terminal_what_to_do_stands_below(home: Home, on_terminal: Show) -> None:
    made = home.generations[1]
    made.images[0].path.unlink()
    lines = on_terminal("verify", status=1).lines
    assert lines[0].startswith(f"✗ metadata_{made.stem}.json: ")
    assert any(line.startswith("  → ") for line in lines)
    assert any(f"history trash {made.stem}" in line for line in lines)
    assert "1 problem." in lines[-1]


def test_the_bar_tells_how_far_it_is_and_goes(home: Home, here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("tui.shell.bar.streams.is_terminal", lambda _stream: True)
    monkeypatch.setattr("tui.shell.bar.streams.write_error", shown.append)
    monkeypatch.setattr("tui.shell.bar._QUIET", 0.0)
    monkeypatch.setattr("tui.shell.bar._REDRAW_EVERY", 0.0)
    here("verify")
    bars = [each for each in shown if "checking" in each]
    assert "1 of 5" in bars[0]
    assert "5 of 5" in bars[-1]
    assert shown[shown.index(bars[-1]) + 1] == "\r\x1b[K"


def test_no_library_is_told(here: Run) -> None:
    done = here("verify")
    assert (done.status, done.out) == (0, b"")
    assert "no library" in done.err
