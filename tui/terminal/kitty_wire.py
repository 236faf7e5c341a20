"""Cells of pictures for a Kitty-like terminal: Unicode placeholders where the image view has its characters."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from tui.imaging.marks import DIACRITICS, PLACEHOLDER
from tui.imaging.picture import KittyPayload
from tui.terminal.blocks import Block, Blocks
from tui.terminal.facts import Direct
from tui.terminal.inks import Cell, Ink
from tui.terminal.kitty_store import KittyStore
from tui.terminal.link import Link
from tui.terminal.screen import Screen
from tui.terminal.wire import Wire, Write


def _nobody() -> None:
    """Nobody shows a picture."""


class KittyWire(Wire):
    """Cells of pictures are placeholders; the pictures themselves are in ``store``.

    ``repeats``: the terminal repeats a placeholder on REP (``CSI n b``). kitty does; tmux 3.3 draws two cells.
    """

    def __init__(
        self,
        write: Write,
        screen: Screen,
        blocks: Blocks,
        *,
        tmux: bool = False,
        repeats: bool = False,
        direct: Direct = "",
        link: Link | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(write, screen, blocks)
        self._repeats = repeats and not tmux
        self.store = KittyStore(self._write_open, blocks, tmux=tmux, direct=direct, link=link, lost=lost or _nobody)

    @property
    def waiting(self) -> bool:
        """True while a ping is unanswered."""
        return self.store.waiting

    def heard(self, at: float | None = None) -> None:
        """A ping was answered, at ``at`` (monotonic) if that is not now."""
        self.store.heard(at)

    def hello(self) -> str:
        """Free what a killed run left behind in the alternate screen's store."""
        return self.store.hello()

    def farewell(self) -> str:
        """Free every picture."""
        return self.store.farewell()

    async def show(
        self, key: Hashable, payload: KittyPayload, columns: int, rows: int, *, family: Hashable = None
    ) -> Block:
        """Bring the picture ``key`` to the terminal, over so many cells, and give the characters for them.

        Of a ``family`` (the looks of one picture) the last one shown stays.
        """
        return await self.store.show(key, payload, columns, rows, family=family)

    def release(self, block: Block) -> None:
        """A view shows it no more."""
        if self.store.release(block):
            self._screen.forget_block(block)

    def leans(self, cell: Cell, left: Cell | None) -> bool:
        """A bare placeholder goes on where its left neighbour ends: with another neighbour it is another cell.

        The first of a picture's row is always spelt out.
        """
        piece = self._blocks.pieces(cell.text)[0]
        if piece.block is None or not piece.column:
            return False
        return left is None or not left.ink.pictured or ord(left.text) + 1 != ord(cell.text)

    def spell(self, run: str, ink: Ink) -> Iterator[tuple[Ink, str]]:
        """Placeholders under the picture's number as 24-bit foreground; cells of freed pictures are blank.

        The first of each piece has its row and column, the others are bare.
        """
        for piece in self._blocks.pieces(run):
            number = None if piece.block is None else self.store.number(piece.block)
            if number is None:
                yield ink, " " * piece.length
                continue
            more = piece.length - 1
            rest = f"{PLACEHOLDER}\x1b[{more - 1}b" if self._repeats and more > 3 else PLACEHOLDER * more
            first = PLACEHOLDER + DIACRITICS[piece.row] + DIACRITICS[piece.column]
            yield ink.coloured(f"38;2;{number >> 16};{number >> 8 & 255};{number & 255}"), first + rest

    def _write_open(self, text: str) -> None:
        if self.open:
            self._write(text)
