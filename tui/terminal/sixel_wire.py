"""Sixel pictures under text: drawn once, left alone by the frames, drawn again where text was over them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tui.terminal.blocks import Block, Blocks
from tui.terminal.screen import Place, Screen, blank_unit
from tui.terminal.wire import Wire, Write

if TYPE_CHECKING:
    # It brings Pillow, for which no start should wait.
    from tui.imaging.sixel import SixelPicture


@dataclass(frozen=True, slots=True)
class _Tile:
    """A piece that is drawn in one go: its cells in the picture, and its Sixel string."""

    row: int
    column: int
    rows: int
    columns: int
    data: str


Due: TypeAlias = tuple[Block, Place, _Tile]
"""A tile of a picture, and where the picture's upper left corner is to stand."""


class _Tiles:
    """The tiles of a picture, found by the cells that they cover."""

    def __init__(self, picture: SixelPicture) -> None:
        self._rows = sorted({tile.row for tile in picture.tiles})
        self._columns = sorted({tile.column for tile in picture.tiles})
        bottoms = dict(zip(self._rows, [*self._rows[1:], picture.rows], strict=True))
        rights = dict(zip(self._columns, [*self._columns[1:], picture.columns], strict=True))
        self._tiles = {
            (tile.row, tile.column): _Tile(
                tile.row, tile.column, bottoms[tile.row] - tile.row, rights[tile.column] - tile.column, tile.data
            )
            for tile in picture.tiles
        }

    def at(self, row: int, column: int) -> _Tile:
        """The tile that a cell of the picture is in."""
        top = self._rows[bisect_right(self._rows, row) - 1]
        return self._tiles[top, self._columns[bisect_right(self._columns, column) - 1]]


class SixelWire(Wire):
    """The terminal keeps nothing to be freed: any text erases the pixels under it.

    A tile with a cell that is wanted and does not stand there is drawn before the frame's cells are; then the text
    that stands on it is written again.
    """

    def __init__(self, write: Write, screen: Screen, blocks: Blocks) -> None:
        super().__init__(write, screen, blocks)
        self._pictures: dict[Block, _Tiles] = {}

    def show(self, picture: SixelPicture) -> Block:
        """Keep a picture to be drawn with the first frame that has its cells; gives the characters for them."""
        block = self._blocks.take(picture.columns, picture.rows)
        self._pictures[block] = _Tiles(picture)
        return block

    def release(self, block: Block) -> None:
        """Forget the picture; text is over its cells already."""
        if self._pictures.pop(block, None) is not None:
            self._screen.forget_block(block)
            self._blocks.give_back(block)

    def farewell(self) -> str:
        """Leaving the alternate screen leaves nothing of it."""
        for block in [*self._pictures]:
            self.release(block)
        return ""

    def before(self, screen: Screen, most: int | None) -> str:
        """The tiles that are due, each once."""
        self.unfinished = False
        if not self._pictures:
            return ""
        drawn: list[str] = []
        done: set[Due] = set()
        # A tile that is drawn may take cells of another picture away; still each is drawn once.
        while due := [each for each in self._due() if each not in done]:
            for each in due:
                if most is not None and sum(map(len, drawn)) > most:
                    self.unfinished = True
                    return "".join(drawn)
                done.add(each)
                drawn.append(self._draw(*each))
        return "".join(drawn)

    def _due(self) -> dict[Due, None]:
        """Tiles with a cell that is wanted and does not stand there."""
        due: dict[Due, None] = {}
        for y, row in enumerate(self._screen.rows):
            if not row.dirty:
                continue
            for x, (cell, stands) in enumerate(zip(row.wanted, row.shown, strict=True)):
                if cell is not None and cell is not stands and cell.ink.pictured:
                    found = self._tile(y, x, cell.text)
                    if found is not None:
                        due[found] = None
        return due

    def _tile(self, y: int, x: int, text: str) -> Due | None:
        """The tile of a cell with the picture's upper left corner, unless the tile cannot be drawn there.

        On the last line it would scroll the screen.
        """
        piece = self._blocks.pieces(text)[0]
        tiles = None if piece.block is None else self._pictures.get(piece.block)
        if piece.block is None or tiles is None:
            return None
        tile = tiles.at(piece.row, piece.column)
        top, left = y - piece.row, x - piece.column
        inside = (
            top + tile.row >= 0
            and left + tile.column >= 0
            and left + tile.column + tile.columns <= self._screen.columns
            and top + tile.row + tile.rows < self._screen.lines
        )
        return (piece.block, (top, left), tile) if inside else None

    def _draw(self, block: Block, origin: Place, tile: _Tile) -> str:
        """One tile. Its cells stand there now where they are wanted; whatever else is wanted there is erased."""
        top, left = origin[0] + tile.row, origin[1] + tile.column
        for y in range(top, top + tile.rows):
            row = self._screen.rows[y]
            row.dirty = True
            for edge in (left, left + tile.columns):
                blank_unit(row.shown, edge)
            first = block.first + (y - origin[0]) * block.columns - origin[1]
            for x in range(left, left + tile.columns):
                cell = row.wanted[x]
                stands = cell is not None and cell.ink.pictured and ord(cell.text) == first + x
                row.shown[x] = cell if stands else None
        return f"\x1b[{top + 1};{left + 1}H{tile.data}"
