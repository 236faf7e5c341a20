"""Sixel pictures under text: drawn once, left alone by the frames, drawn again where text was over them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tui.terminal.blocks import RUN, Block, Blocks, Piece
from tui.terminal.screen import Place, Row, Screen, blank_unit
from tui.terminal.text_wire import TextWire
from tui.terminal.wire import Write

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
        self.cell = picture.cell
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


class SixelWire(TextWire):
    """The terminal keeps nothing to be freed: any text erases the pixels under it. Text stands in for pictures.

    A tile with a cell that is wanted and does not stand there is drawn before the frame's cells are; then the text
    that stands on it is written again. ``cell`` tells the size of a cell in pixels now, None where nobody knows:
    tiles made for another one would cover other cells, and scroll the screen.

    ``forgets``: the terminal keeps the pixels of a few Sixels only, and shows the others until it has to draw its
    window again: after another one was over it, where no compositor keeps it (xterm, ``MAX_GRAPHICS`` in its
    graphics.h: 16). Nobody tells of that; but then one mostly comes back to the window, of which it does tell.
    """

    in_portions = True

    def __init__(
        self,
        write: Write,
        screen: Screen,
        blocks: Blocks,
        cell: Callable[[], tuple[int, int] | None] = lambda: None,
        *,
        forgets: bool = False,
    ) -> None:
        super().__init__(write, screen, blocks)
        self._cell = cell
        self._forgets = forgets
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
        else:
            super().release(block)

    def farewell(self) -> str:
        """Leaving the alternate screen leaves nothing of it."""
        for block in [*self._pictures]:
            self.release(block)
        return super().farewell()

    def doubt(self) -> bool:
        """Draw all again, if the terminal may have lost some."""
        if not self._forgets or not self._pictures:
            return False
        for row in self._screen.rows:
            drawn = [x for x, cell in enumerate(row.shown) if cell is not None and cell.ink.pictured]
            for x in drawn:
                row.shown[x] = None
            row.dirty = row.dirty or bool(drawn)
        return True

    def before(self, screen: Screen, most: int | None) -> str:
        """The tiles that are due, each once; with ``most`` as many as have no more characters, but one at least.

        With 0 none is drawn, and ``unfinished`` tells whether one is due.
        """
        self.unfinished = False
        if not self._pictures:
            return ""
        drawn: list[str] = []
        size = 0
        done: set[Due] = set()
        # A tile that is drawn may take cells of another picture away; still each is drawn once.
        while due := [each for each in self._due() if each not in done]:
            for each in due:
                size += len(each[2].data)
                if most is not None and size > most and (drawn or not most):
                    self.unfinished = True
                    return "".join(drawn)
                done.add(each)
                drawn.append(self._draw(*each))
        return "".join(drawn)

    def _due(self) -> dict[Due, None]:
        """Tiles with a cell that is wanted and does not stand there."""
        due: dict[Due, None] = {}
        cell = self._cell()
        for y, row in enumerate(self._screen.rows):
            if not row.dirty:
                continue
            for x, piece in self._fresh(row):
                tiles = None if piece.block is None else self._pictures.get(piece.block)
                if piece.block is None or tiles is None or cell not in (None, tiles.cell):
                    continue
                origin = y - piece.row, x - piece.column
                column = piece.column
                while column < piece.column + piece.length:
                    tile = tiles.at(piece.row, column)
                    column = tile.column + tile.columns
                    if self._is_inside(origin, tile):
                        due[piece.block, origin, tile] = None
        return due

    def _fresh(self, row: Row) -> Iterator[tuple[int, Piece]]:
        """Cells of pictures that are wanted and do not stand there, side by side, from their column on."""
        cells = "".join(
            cell.text if cell is not stands and cell is not None and cell.ink.pictured else " "
            for cell, stands in zip(row.wanted, row.shown, strict=True)
        )
        for run in RUN.finditer(cells):
            x = run.start()
            for piece in self._blocks.pieces(run[0]):
                yield x, piece
                x += piece.length

    def _is_inside(self, origin: Place, tile: _Tile) -> bool:
        """Whether the tile of a picture there can be drawn. On the last line it would scroll the screen."""
        top, left = origin
        return (
            top + tile.row >= 0
            and left + tile.column >= 0
            and left + tile.column + tile.columns <= self._screen.columns
            and top + tile.row + tile.rows < self._screen.lines
        )

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
