import asyncio
import re
from collections.abc import Callable

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from support.cell_screen import Cell, CellScreen

from tui.terminal.frames import MOST_WAITING, PING, SYNC_END, SYNC_START, Frames
from tui.terminal.link import Link

COLUMNS, LINES = 24, 6
STYLES = (
    "",
    "1",
    "38;2;1;2;3;48;2;4;5;6",
    "38;2;1;2;3;48;2;7;8;9",
    "1;4;38;2;1;2;3;48;2;4;5;6",
    "31;42",
    "2;39;49",
    "7;38;5;200;48;5;17",
    "91;102",
    "48;2;4;5;6",
)
# All of these have the width here that the model of a terminal gives them.
WORDS = ("a", "bb", " ", "    ", "漢", "漢字", "é", "e\u0301", "─│", "🦊", "x🦊y", "▀▀", "コ", "\xad?")

segments = st.lists(st.tuples(st.sampled_from(STYLES), st.sampled_from(WORDS)), min_size=1, max_size=6)
chunk = st.tuples(st.integers(0, LINES - 1), st.integers(0, COLUMNS - 1), segments)
frame = st.tuples(
    st.just("frame"), st.lists(chunk, max_size=6), st.tuples(st.integers(0, LINES - 1), st.integers(0, 20))
)
whole = st.tuples(st.just("whole"), segments, st.just(None))
other = st.tuples(
    st.just("other"),
    st.sampled_from(
        ["\x1b[?25h", "\x1b]52;c;Zm94\x07", "\x1b]2;title\x1b\\", "\x1b[?1000h", "\x1b[2J", "\x1b[3;4Hloose"]
    ),
    st.just(None),
)
doubt = st.tuples(st.just("doubt"), st.just(None), st.just(None))
forget = st.tuples(st.just("forget"), st.just(None), st.just(None))
steps = st.lists(st.one_of(frame, frame, frame, whole, other, doubt, forget), max_size=10)


class Watched(CellScreen):
    """A terminal with what Textual sets."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, LINES)
        self.stream = pyte.Stream(self)
        self.stream.feed("\x1b[?7l")
        self.written = 0

    def feed(self, data: str) -> None:
        """Take what is written to the terminal; pyte knows no questions."""
        self.written += len(data)
        self.stream.feed(data.replace(PING, "").replace(SYNC_START, "").replace(SYNC_END, ""))

    def cells(self) -> list[list[Cell]]:
        return [self.row(y) for y in range(self.lines)]

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        self.style(";".join(map(str, attrs)))


def text_of(parts: list[tuple[str, str]], room: int) -> str:
    """As Textual writes a strip, no longer than there is room."""
    written = []
    for style, text in parts:
        width = cell_len(text)
        if width > room:
            break
        room -= width
        written.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
    return "".join(written)


def stage(terminal: Watched, **more: object) -> Frames:
    frames = Frames(terminal.feed, lambda: 0, lambda _seconds, _call: None, Link())
    frames.fit(COLUMNS, LINES)
    return frames


def as_textual(step: tuple) -> str:
    kind, what, cursor = step
    if kind == "other":
        return what
    chunks = [(y, 0, what) for y in range(LINES)] if kind == "whole" else what
    written: list[str] = []
    taken: set[tuple[int, int]] = set()
    for y, x, parts in chunks:
        text = text_of(parts, COLUMNS - x)
        cells = {(y, x + at) for at in range(cell_len(re.sub("\x1b.*?m", "", text)))}
        # A frame of Textual has a cell once, and its rows downwards: a line feed in the last one would scroll.
        if not taken & cells:
            taken |= cells
            written.append(f"\x1b[{y + 1};{x + 1}H{text}{'' if y == LINES - 1 else chr(10)}")
    end = cursor or (0, 0)
    return "".join(written) + f"\x1b[{end[0] + 1};{end[1] + 1}H"


@given(steps)
@settings(max_examples=300, deadline=None)
def test_the_terminal_shows_the_same_cells_as_without_leaving_anything_out(script: list) -> None:
    plain, ours = Watched(), Watched()
    frames = stage(ours)
    for step in script:
        if step[0] == "doubt":
            frames.screen.doubt()
        elif step[0] == "forget":
            frames.changed(COLUMNS, LINES)
        else:
            text = as_textual(step)
            plain.feed(text)
            frames.write(text)
            assert ours.cells() == plain.cells()
            if step[0] != "other":
                assert (ours.cursor.y, ours.cursor.x) == (plain.cursor.y, plain.cursor.x)
