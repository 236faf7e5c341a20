"""Our own characters for cells of pictures: one code point a cell, so that nothing can cut a cell in two.

Placeholders with combining marks cannot travel through Textual: cropping loses marks, and filters change the
colour that carries the picture's number. So each picture on the screen gets a block of private-use code
points, as many as it has cells, and only the driver turns them into what the terminal understands.
"""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from dataclasses import dataclass
from typing import Final, NamedTuple

ARENAS: Final = ((0x100000, 0x10EEED), (0xF8000, 0xFFFFD))
"""First and last code point of where blocks may lie. Between plane 15's icons and Kitty's placeholder."""

RUN: Final = re.compile(f"([{''.join(f'{chr(first)}-{chr(last)}' for first, last in ARENAS)}]+)")
"""Cells of pictures side by side."""


class NoRoom(Exception):
    """The pictures on the screen use up all code points: only several ones of 30,000 cells do."""


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """The characters of a picture of ``columns`` × ``rows`` cells, row by row from the code point ``first``."""

    first: int
    columns: int
    rows: int

    @property
    def end(self) -> int:
        """The code point after the last."""
        return self.first + self.columns * self.rows

    def row(self, number: int) -> str:
        """The text of one row of cells."""
        start = self.first + number * self.columns
        return "".join(map(chr, range(start, start + self.columns)))


class Piece(NamedTuple):
    """``length`` cells of one picture side by side; no block when the picture is not on the screen any more."""

    block: Block | None
    row: int
    column: int
    length: int


class Blocks:
    """The blocks in use. A freed one is given again as late as possible."""

    def __init__(self) -> None:
        self._used: list[Block] = []
        self._next = ARENAS[0][0]

    def take(self, columns: int, rows: int) -> Block:
        """A block of so many cells. Raises NoRoom."""
        for start in (self._next, *(first for first, _ in ARENAS)):
            first = self._gap(start, columns * rows)
            if first is not None:
                block = Block(first, columns, rows)
                insort(self._used, block)
                self._next = block.end
                return block
        raise NoRoom

    def give_back(self, block: Block) -> None:
        """The picture is not on the screen any more."""
        self._used.remove(block)

    def find(self, code: int) -> Block | None:
        """The block that a code point belongs to."""
        at = bisect_right(self._used, code, key=lambda block: block.first) - 1
        return self._used[at] if at >= 0 and code < self._used[at].end else None

    def pieces(self, run: str) -> list[Piece]:
        """A run of cells, cut where one is not the next of the same row of the same picture."""
        found: list[Piece] = []
        at = 0
        while at < len(run):
            code = ord(run[at])
            block = self.find(code)
            if block is None:
                found.append(Piece(None, 0, 0, 1))
                at += 1
                continue
            row, column = divmod(code - block.first, block.columns)
            length = 1
            most = min(block.columns - column, len(run) - at)
            while length < most and ord(run[at + length]) == code + length:
                length += 1
            found.append(Piece(block, row, column, length))
            at += length
        return found

    def _gap(self, start: int, size: int) -> int | None:
        """The first free ``size`` code points of an arena from ``start`` on."""
        for first, last in ARENAS:
            if first <= start <= last:
                for block in self._used:
                    if block.end > start and block.first < start + size:
                        start = block.end
                if start + size - 1 <= last:
                    return start
        return None
