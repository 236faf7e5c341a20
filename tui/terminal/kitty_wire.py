"""Frames with pictures for a Kitty-like terminal: Unicode placeholders where the image view has its cells."""

from __future__ import annotations

from collections.abc import Hashable

from tui.imaging.marks import DIACRITICS, PLACEHOLDER
from tui.imaging.picture import KittyPayload
from tui.terminal.blocks import RUN, Block, Blocks, Piece
from tui.terminal.kitty_store import KittyStore
from tui.terminal.screen import Place, move
from tui.terminal.wire import Measure, Wire, Write


class KittyWire(Wire):
    """Cells of pictures are placeholders; the pictures themselves are in ``store``.

    ``repeats``: the terminal repeats a placeholder on REP (``CSI n b``). kitty does; tmux 3.3 draws two cells.
    """

    def __init__(
        self,
        write: Write,
        measure: Measure,
        *,
        tmux: bool = False,
        repeats: bool = False,
        blocks: Blocks | None = None,
    ) -> None:
        super().__init__(write, measure, keeps_text=False, blocks=blocks)
        self._repeats = repeats and not tmux
        self.store = KittyStore(self._write_open, self._blocks, tmux=tmux)
        self._bare: set[Place] = set()

    @property
    def waiting(self) -> bool:
        """True while a ping is unanswered."""
        return self.store.waiting

    def heard(self) -> None:
        """A ping was answered."""
        self.store.heard()

    def hello(self) -> str:
        """Free what a killed run left behind in the alternate screen's store."""
        return self.store.hello()

    def farewell(self) -> str:
        """Free every picture."""
        self.screen.forget()
        return self.store.farewell()

    async def show(self, key: Hashable, payload: KittyPayload, columns: int, rows: int) -> Block:
        """Bring the picture ``key`` to the terminal, over so many cells, and give the characters for them."""
        return await self.store.show(key, payload, columns, rows)

    def release(self, block: Block) -> None:
        """A view shows it no more."""
        if self.store.release(block):
            self.screen.forget_block(block)

    def rewrite(self, frame: str) -> str:
        """Placeholders under the picture's id as 24-bit foreground; cells of freed pictures are blank.

        Bare cells lean on their left neighbour. Where text took the neighbour's place, they are spelt out again.
        """
        screen = self.screen
        if screen.empty and RUN.search(frame) is None:
            return frame
        written = screen.play(frame, self._run)
        if self.store.empty:
            screen.forget()
            self._bare.clear()
            return written
        spelt = [self._spelt(place) for place in sorted(screen.bereft & self._bare)]
        return f"{written}\x1b7{''.join(spelt)}\x1b8" if any(spelt) else written

    def _spelt(self, place: Place) -> str:
        """The cell at ``place`` with its row and column."""
        cell = self.screen.at(place)
        if cell is None:
            return ""
        self._bare.discard(place)
        return f"{move(place)}{cell.style}{self._cells(self._blocks.pieces(cell.text)[0])}\x1b[0m"

    def _run(self, run: str) -> str:
        """Write and record cells of pictures; the first of each piece is spelt out, the others are bare."""
        screen = self.screen
        parts: list[str] = []
        at = 0
        for piece in self._blocks.pieces(run):
            y, x = screen.y, screen.x
            self._bare.discard((y, x))
            if piece.block is not None and self.store.number(piece.block) is not None:
                self._bare.update((y, x + more) for more in range(1, piece.length))
                screen.put_run(run[at : at + piece.length])
            else:
                screen.put_text(" " * piece.length)
            at += piece.length
            parts.append(self._cells(piece))
        return "".join(parts)

    def _cells(self, piece: Piece) -> str:
        image_id = None if piece.block is None else self.store.number(piece.block)
        if image_id is None:
            return " " * piece.length
        more = piece.length - 1
        rest = f"{PLACEHOLDER}\x1b[{more - 1}b" if self._repeats and more > 3 else PLACEHOLDER * more
        colour = f"\x1b[38;2;{image_id >> 16};{image_id >> 8 & 255};{image_id & 255}m"
        first = PLACEHOLDER + DIACRITICS[piece.row] + DIACRITICS[piece.column]
        return f"{colour}{first}{rest}\x1b[39m"

    def _write_open(self, text: str) -> None:
        if self.open:
            self._write(text)
