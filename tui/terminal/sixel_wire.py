"""Sixel pictures under text: drawn once, left alone by the frames, drawn again where text was over them."""

from __future__ import annotations

from itertools import groupby

from tui.imaging.sixel import SixelPicture
from tui.terminal.screen import Piece, Place, move, pieces
from tui.terminal.wire import Measure, Wire, Write


class SixelWire(Wire):
    """The terminal keeps nothing to be freed: any text erases the pixels under it.

    So the cells of a picture are stepped over in a frame. If one of them held something else before, or the
    picture is new there, it is drawn whole before the frame's text, and what else stands on it is written again.
    """

    def __init__(self, write: Write, measure: Measure) -> None:
        super().__init__(write, measure)
        self._pictures: dict[int, SixelPicture] = {}
        self._due: dict[tuple[int, Place], None] = {}

    def show(self, picture: SixelPicture) -> int:
        """Keep a picture to be drawn with the first frame that has its cells; gives the slot for them."""
        slot = self._take_slot()
        self._pictures[slot] = picture
        return slot

    def release(self, slot: int) -> None:
        """Forget the picture; text is over its cells already."""
        if self._pictures.pop(slot, None) is not None:
            self.screen.forget_slot(slot)
            self._give_back(slot)

    def farewell(self) -> str:
        """Leaving the alternate screen leaves nothing of it."""
        for slot in [*self._pictures]:
            self.release(slot)
        self.screen.forget()
        return ""

    def rewrite(self, frame: str) -> str:
        """Steps for the cells, pictures before the text, and the text that stood on a redrawn picture after."""
        self._due.clear()
        written = self.screen.play(frame, self._run)
        if not self._due:
            return written
        before, after = [], []
        for slot, origin in self._due:
            picture = self._pictures[slot]
            for tile in picture.tiles:
                before.append(move((origin[0] + tile.row, origin[1] + tile.column)) + tile.data)
            after.append(self._text_over(origin, picture))
        repair = "".join(after)
        return f"\x1b7{''.join(before)}\x1b8{written}" + (f"\x1b7{repair}\x1b8" if repair else "")

    def _run(self, run: str) -> str:
        return "".join(map(self._step, pieces(run)))

    def _step(self, piece: Piece) -> str:
        """Step over the cells that are to show the picture; a picture that was not there is due."""
        screen = self.screen
        origin = screen.y - piece.row, screen.x - piece.column
        picture = self._pictures.get(piece.slot)
        if picture is None or not self._fits(origin, picture):
            screen.put_text(" " * piece.length)
            return " " * piece.length
        if screen.put_pieces(piece):
            self._due[piece.slot, origin] = None
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
        cells = self.screen.cells
        for y in range(origin[0], origin[0] + picture.rows):
            places = ((y, x) for x in range(origin[1], origin[1] + picture.columns))
            known = [(at, cells[at]) for at in places if at in cells]
            for pictured, group in groupby(known, key=lambda item: item[1].pictured):
                if pictured:
                    continue
                standing = [*group]
                parts.append(move(standing[0][0]))
                for style, alike in groupby(standing, key=lambda item: item[1].style):
                    parts.append(f"{style}{''.join(cell.text for _, cell in alike)}\x1b[0m")
        return "".join(parts)
