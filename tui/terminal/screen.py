"""What is to stand in each cell of the terminal, by the frames of Textual, and what stands there by what was written.

The two are apart: a frame that comes while the terminal is busy only changes what is wanted.
"""

from __future__ import annotations

import re
import sys
from operator import attrgetter
from typing import Final, TypeAlias

from tui.terminal.blocks import Block
from tui.terminal.chunks import read
from tui.terminal.inks import MOST_INKS, Cell, Ink, Inks

Place: TypeAlias = tuple[int, int]
"""Row and column, from 0."""

Cells: TypeAlias = list[Cell | None]
"""A row from left to right; None for a cell that nothing is known of, or that nothing is wanted in."""

_MOVE: Final = re.compile(r"\x1b\[(\d+);(\d+)H")
_HARMLESS: Final = re.compile(
    r"(?:\x1b\[[?><=]?[0-9;]*[ $]?[hlcnpqtu]"  # modes, keyboard, questions, cursor shape
    r"|\x1b[P\]X^_][^\x1b\x07]*(?:\x1b\\|\x07)"  # title, clipboard, what terminals keep apart from cells
    r"|\x07)*"
)
_OTHER_CELLS: Final = re.compile(r"\x1b\[\?(?:[0-9;]*;)?(?:3|47|1047|1048|1049)[;0-9]*[hl]")


_width_of: Final = attrgetter("width")


class Row:
    """One row: ``wanted`` and ``shown`` cells.

    ``chunks`` are the strings that the wanted cells were read from, by their first column, with the column after
    the last: the same one again changes nothing. ``odd``: not every cell is one character of one cell.
    ``wanted_at`` is the number of the last frame that wanted something else.
    """

    __slots__ = ("chunks", "dirty", "odd", "shown", "wanted", "wanted_at")

    def __init__(self, columns: int) -> None:
        self.wanted: Cells = [None] * columns
        self.shown: Cells = [None] * columns
        self.chunks: dict[int, tuple[str, int]] = {}
        self.dirty = False
        self.odd = False
        self.wanted_at = 0

    def widen(self, columns: int) -> None:
        """Have so many columns, of which nothing is known but what is wanted."""
        if columns < len(self.wanted) and self.odd:
            blank_unit(self.wanted, columns)
        more: Cells = [None] * (columns - len(self.wanted))
        self.wanted = self.wanted[:columns] + more
        self.shown = [None] * columns
        self.chunks = {}

    def want(self, x: int, cells: list[Cell], chunk: str) -> None:
        """``cells`` are wanted from column ``x`` on; wide ones that are cut by that are wanted no more."""
        wanted, end = self.wanted, x + len(cells)
        self.chunks = {at: each for at, each in self.chunks.items() if each[1] <= x or at >= end}
        self.chunks[x] = chunk, end
        self.dirty = True
        if wanted[x:end] == cells:
            return
        if self.odd:
            blank_unit(wanted, x)
            blank_unit(wanted, end)
        wanted[x:end] = cells


class Screen:
    """``lines`` rows of ``columns`` cells. ``cursor``: where Textual left it, None where that is not known."""

    def __init__(self) -> None:
        self.columns = 0
        self.lines = 0
        self.rows: list[Row] = []
        self.inks = Inks()
        self.cursor: Place | None = None
        self._frames = 0

    def resize(self, columns: int, lines: int) -> None:
        """A terminal of another size: nothing that stands in it is known."""
        self.columns, self.lines = columns, lines
        self._hold(lines)
        self.rows = self.rows[:lines]
        for row in self.rows:
            row.widen(columns)

    def clear(self) -> None:
        """Nothing is known, and nothing is wanted."""
        self.rows = [Row(self.columns) for _ in range(self.lines)]
        self.cursor = None

    def forget(self) -> None:
        """The terminal may show anything; what is wanted has to be written again."""
        for row in self.rows:
            row.shown = [None] * self.columns
            row.dirty = True

    def doubt(self) -> None:
        """Others may have written text: a cell that comes up is written, whatever stood there. Pictures stay."""
        for row in self.rows:
            row.shown = [cell if cell is not None and cell.ink.pictured else None for cell in row.shown]
            row.chunks = {}

    def settle(self) -> None:
        """Whatever is wanted and does not stand there, by whatever came between, is to be written."""
        for row in self.rows:
            row.dirty = True

    def forget_block(self, block: Block) -> None:
        """The characters of this picture may come to mean another."""
        self._forget_pictures(block.first, block.end)

    def forget_pictures(self) -> None:
        """The terminal has none any more, and their characters mean nothing."""
        self._forget_pictures(0, sys.maxunicode + 1)

    def _forget_pictures(self, first: int, end: int) -> None:
        for row in self.rows:
            shown = _without(row.shown, first, end)
            wanted = _without(row.wanted, first, end)
            if shown is not row.shown or wanted is not row.wanted:
                row.shown, row.wanted = shown, wanted
                row.chunks = {}
        self.inks.drop_pictured()

    def passes(self, data: str) -> bool:
        """Something that is no frame goes to the terminal as it is; True if that touches cells or the cursor."""
        touched = _OTHER_CELLS.search(data) is not None or _HARMLESS.fullmatch(data) is None
        if touched:
            self.clear()
        return touched

    def play(self, frame: str) -> bool:
        """Take the wishes of a frame; False if it is something else, after which ``passes`` has to be asked."""
        first, *parts = _MOVE.split(frame)
        if first or not parts:
            return False
        if len(self.inks) > MOST_INKS:
            self.inks.keep(self._used_inks())
        self._frames += 1
        y = x = 0
        chunk = ""
        for at in range(0, len(parts), 3):
            y, x, chunk = int(parts[at]) - 1, int(parts[at + 1]) - 1, parts[at + 2]
            if chunk and not self._take(y, x, chunk.rstrip("\n")):
                return False
        self.cursor = (y, x) if not chunk and x < self.columns else None
        return True

    def _take(self, y: int, x: int, chunk: str) -> bool:
        """What a chunk wants, unless it is what was wanted last; False if it is more than cells."""
        if y >= self.lines:
            self._hold(y + 1)
        row = self.rows[y]
        known = row.chunks.get(x)
        if known is not None and known[0] == chunk:
            return True
        cells = read(chunk, self.inks)
        if cells is None:
            return False
        if x + len(cells) > self.columns:
            # Whoever draws may know of another size before we do.
            self.columns = x + len(cells)
            for each in self.rows:
                each.widen(self.columns)
        if cells:
            row.odd = row.odd or {*map(_width_of, cells)} != {1}
            row.want(x, cells, chunk)
            row.wanted_at = self._frames
        return True

    def _hold(self, lines: int) -> None:
        """Have at least so many rows."""
        self.rows += (Row(self.columns) for _ in range(len(self.rows), lines))
        self.lines = max(self.lines, lines)

    def _used_inks(self) -> set[Ink]:
        return {
            cell.ink for row in self.rows for cells in (row.shown, row.wanted) for cell in cells if cell is not None
        }


def blank_unit(cells: Cells, x: int) -> None:
    """If ``x`` is within a wide character, nothing of that is known any more."""
    if x >= len(cells) or not _is_tail(cells[x]):
        return
    left = x
    while left > 0 and _is_tail(cells[left]):
        left -= 1
    cells[left] = None
    at = left + 1
    while at < len(cells) and _is_tail(cells[at]):
        cells[at] = None
        at += 1


def _is_tail(cell: Cell | None) -> bool:
    return cell is not None and not cell.width


def _without(cells: Cells, first: int, end: int) -> Cells:
    """The same row, or a new one without the cells of pictures from the code point ``first`` until before ``end``."""
    gone = [
        x for x, cell in enumerate(cells) if cell is not None and cell.ink.pictured and first <= ord(cell.text) < end
    ]
    if not gone:
        return cells
    fresh = [*cells]
    for x in gone:
        fresh[x] = None
    return fresh
