"""Pictures from outside: the real command in terminals of every kind, what a person sees down to the pixels."""

import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.conformance import Conformance
from support.gallery import fill, pane_of, shows
from support.screen_pixels import Box
from support.terminal import Terminal, app, library
from support.terminal_kinds import (
    FOOT,
    GHOSTTY,
    KITTY,
    KITTY_HERE,
    PLAIN,
    SIXTEEN,
    TMUX,
    TMUX_OFF,
    TRUECOLOUR,
    WEZTERM,
    XTERM,
    TerminalKind,
)

CRASHES = (
    "from tui.app import ImageGenApp\n"
    "def crash(self): raise RuntimeError('broken')\n"
    "ImageGenApp.action_help = crash\n"
    "from tui import cli; cli.main()"
)
"""The real command, where help is a programming error."""

NOBODY = ("--proxy", "http://127.0.0.1:1")
KINDS = (KITTY, KITTY_HERE, GHOSTTY, WEZTERM, XTERM, FOOT, PLAIN, SIXTEEN, TMUX, TMUX_OFF)
LIMITS = {TRUECOLOUR: 12, 256: 30, 16: 60}
"""How far what is seen may be from the picture, by how many colours there are; another picture is 70 away."""


class Viewer:
    """Somebody who looks at pictures in a terminal of some kind."""

    def __init__(self, terminal: Terminal, paths: list[Path]) -> None:
        self.terminal = terminal
        self.paths = paths
        assert terminal.pictures is not None
        self.screen = terminal.pictures
        self.limit = LIMITS[self.screen.kind.colours]

    def sees(self, number: int) -> None:
        """The pane shows this picture and its prompt, and nothing is wrong with it."""
        words = f" picture {number} "
        self.terminal.wait_for(lambda: words in self.screen.lines[1] and self.shows(number, pane_of(self.screen)))
        assert self.screen.problems == []

    def sees_whole(self, number: int) -> None:
        """The picture alone on the screen, above one line of words."""
        columns, lines = self.screen.size
        whole = Box(1, 0, columns - 1, lines - 1)
        self.terminal.wait_for(lambda: "╭" not in self.terminal.screen and self.shows(number, whole))
        assert self.screen.problems == []

    def shows(self, number: int, within: Box | None) -> bool:
        return within is not None and shows(self.screen, self.paths[number], within, limit=self.limit)

    def leaves_nothing(self) -> None:
        """No picture in either screen, none on its way, nothing of it among the text."""
        assert self.screen.kept == set()
        assert self.screen.shown() == {}
        assert not self.screen.alternate
        assert self.screen.problems == []


@contextmanager
def viewer(folder: Path, kind: TerminalKind | Conformance, count: int = 3, **more: object) -> Iterator[Viewer]:
    """The app in a terminal of ``kind`` with so many pictures in its library, the newest in the pane."""
    paths = fill(library(folder), count)
    if isinstance(kind, TerminalKind) and kind.outer is not None:
        more["PATH"] = f"{tmux_of(folder, kind)}:{os.environ['PATH']}"
    with app(folder, *NOBODY, columns=80, rows=24, kind=kind, **more) as terminal:
        yield Viewer(terminal, paths)


def tmux_of(folder: Path, kind: TerminalKind) -> Path:
    """A folder with a ``tmux`` that tells what the app asks it: version, device, outer terminal, passthrough."""
    assert kind.outer is not None
    command = folder / "bin" / "tmux"
    command.parent.mkdir()
    told = f"{kind.version.partition(' ')[2]}|$(readlink /proc/$PPID/fd/0)|xterm-kitty||{kind.outer.version}"
    command.write_text(f'#!/bin/sh\necho "{told}"\necho {kind.passthrough}\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return command.parent


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_right_picture_is_seen_whatever_comes_over_it_and_nothing_stays(tmp_path: Path, kind: TerminalKind) -> None:
    with viewer(tmp_path, kind) as person:
        terminal = person.terminal
        person.sees(2)
        terminal.press("tab", "j")
        person.sees(1)
        terminal.press("f1")
        terminal.wait_for("Help")
        terminal.press("escape")
        person.sees(1)
        terminal.press("ctrl+p")
        terminal.wait_for("Search")
        terminal.press("escape")
        person.sees(1)
        terminal.resize(100, 30)
        person.sees(1)
        terminal.press("z")
        person.sees_whole(1)
        terminal.press("escape")
        person.sees(1)
        terminal.press("k")
        person.sees(2)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        person.leaves_nothing()


@pytest.mark.parametrize("kind", [KITTY, XTERM], ids=lambda kind: kind.name)
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_no_picture_behind(tmp_path: Path, kind: TerminalKind, number: int, status: int) -> None:
    with viewer(tmp_path, kind) as person:
        person.sees(2)
        os.kill(person.terminal.process.pid, number)
        assert person.terminal.wait_exit() == status
        person.leaves_nothing()


@pytest.mark.parametrize("kind", [KITTY, XTERM], ids=lambda kind: kind.name)
def test_an_error_of_ours_leaves_no_picture_behind(tmp_path: Path, kind: TerminalKind) -> None:
    with viewer(tmp_path, kind, command=(sys.executable, "-c", CRASHES)) as person:
        person.sees(2)
        person.terminal.press("f1")
        assert person.terminal.wait_exit() == 1
        assert "broken" in person.terminal.screen
        person.leaves_nothing()


def test_what_a_killed_run_left_goes_when_the_next_one_starts(tmp_path: Path) -> None:
    with viewer(tmp_path, KITTY) as person:
        person.sees(2)
        left = person.screen.kept
        person.terminal.process.kill()
        person.terminal.wait_exit()
        assert person.screen.kept == left != set()
    with viewer(tmp_path, person.screen) as person:
        person.terminal.wait_for(lambda: not person.screen.kept & left)
        person.sees(2)


@pytest.mark.parametrize("kind", [KITTY, XTERM], ids=lambda kind: kind.name)
def test_without_colours_pictures_keep_theirs_also_under_a_dialog(tmp_path: Path, kind: TerminalKind) -> None:
    with viewer(tmp_path, kind, NO_COLOR="1") as person:
        person.sees(2)
        person.terminal.press("f1")
        person.terminal.wait_for("Help")
        person.terminal.press("escape")
        person.sees(2)


def test_another_size_of_the_font_brings_the_picture_again_to_fit(tmp_path: Path) -> None:
    with viewer(tmp_path, KITTY) as person:
        person.sees(2)
        person.terminal.resize(80, 24, cell=(14, 28))
        person.sees(2)
        pane = pane_of(person.screen)
        assert pane is not None
        box = person.screen.picture_box(pane)
        assert box is not None
        person.terminal.wait_for(
            lambda: any(
                picture.pixels.shape[1] >= box.columns * 14 - 14 for picture in person.screen.store.pictures.values()
            )
        )
