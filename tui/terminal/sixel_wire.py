"""Sixel pictures under text: drawn once, left alone by the frames, drawn again where text was over them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tui.terminal.blocks import Block, Blocks, Piece
from tui.terminal.screen import Place, move
from tui.terminal.wire import Measure, Wire, Write

if TYPE_CHECKING:
    # It brings Pillow, for which no start should wait.
    from tui.imaging.sixel import SixelPicture


class SixelWire(Wire):
    """The terminal keeps nothing to be freed: any text erases the pixels under it.

    So the cells of a picture are stepped over in a frame. If one of them held something else before, or the
    picture is new there, it is drawn whole after the frame, and the text that stands on it is written again.
    """

    def __init__(self, write: Write, measure: Measure, *, blocks: Blocks | None = None) -> None:
        super().__init__(write, measure, keeps_text=True, blocks=blocks)
        self._pictures: dict[Block, SixelPicture] = {}
        self._due: dict[tuple[Block, Place], None] = {}

    def show(self, picture: SixelPicture) -> Block:
        """Keep a picture to be drawn with the first frame that has its cells; gives the characters for them."""
        block = self._blocks.take(picture.columns, picture.rows)
        self._pictures[block] = picture
        return block

    def release(self, block: Block) -> None:
        """Forget the picture; text is over its cells already."""
        if self._pictures.pop(block, None) is not None:
            self.screen.forget_block(block)
            self._blocks.give_back(block)

    def farewell(self) -> str:
        """Leaving the alternate screen leaves nothing of it."""
        for block in [*self._pictures]:
            self.release(block)
        self.screen.forget()
        return ""

    def rewrite(self, frame: str) -> str:
        """Steps for the cells; then the pictures that are due, and the text that stands on them again."""
        self._due.clear()
        written = [self.screen.play(frame, self._run)]
        for block, origin in self._due:
            picture = self._pictures[block]
            tiles = (move((origin[0] + tile.row, origin[1] + tile.column)) + tile.data for tile in picture.tiles)
            # Cursor and style are the frame's again afterwards (DECSC, DECRC).
            written += ("\x1b7", *tiles, self._text_over(origin, picture), "\x1b8")
        return "".join(written)

    def _run(self, run: str) -> str:
        parts: list[str] = []
        at = 0
        for piece in self._blocks.pieces(run):
            parts.append(self._step(piece, run[at : at + piece.length]))
            at += piece.length
        return "".join(parts)

    def _step(self, piece: Piece, text: str) -> str:
        """Step over the cells that are to show the picture; a picture that was not there is due."""
        screen = self.screen
        origin = screen.y - piece.row, screen.x - piece.column
        picture = None if piece.block is None else self._pictures.get(piece.block)
        if piece.block is None or picture is None or not self._fits(origin, picture):
            screen.put_text(" " * piece.length)
            return " " * piece.length
        if screen.put_run(text):
            self._due[piece.block, origin] = None
        return f"\x1b[{piece.length}C"

    def _fits(self, origin: Place, picture: SixelPicture) -> bool:
        """Whether it can be drawn there. On the last line it would scroll the screen."""
        columns, lines = self._size
        return (
            origin[0] >= 0
            and origin[1] >= 0
            and origin[1] + picture.columns <= columns
            and origin[0] + picture.rows < lines
        )

    def _text_over(self, origin: Place, picture: SixelPicture) -> str:
        """Everything in the picture's rectangle that is not the picture, as it stood."""
        parts: list[str] = []
        right = origin[1] + picture.columns
        for y in range(origin[0], origin[0] + picture.rows):
            first = self.screen.at((y, origin[1]))
            # The right half of a wide character has no text of its own.
            left = origin[1] - (first is not None and not first.text)
            row = [(x, cell) for x in range(left, right) if (cell := self.screen.at((y, x))) is not None]
            for pictured, group in groupby(row, key=lambda item: item[1].pictured):
                if pictured:
                    continue
                standing = [*group]
                parts.append(move((y, standing[0][0])))
                for style, alike in groupby(standing, key=lambda item: item[1].style):
                    parts.append(f"{style}{''.join(cell.text for _, cell in alike)}\x1b[0m")
        return "".join(parts)
