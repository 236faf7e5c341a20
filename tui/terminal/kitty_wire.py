"""Pictures in the store of a Kitty-like terminal, shown by Unicode placeholders."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final

from tui.imaging.kitty_commands import Transmission, free, free_range, in_tmux, place
from tui.imaging.marks import DIACRITICS, PLACEHOLDER
from tui.terminal.blocks import RUN, Block, Piece
from tui.terminal.pacing import Pacer
from tui.terminal.screen import Place, move
from tui.terminal.wire import Measure, Wire, Write

PING: Final = "\x1b[?2026$p"
"""Whether synchronized output is on: harmless, answered by all that know DECRQM, and known to Textual."""

FIRST_ID: Final = 0x490001
LAST_ID: Final = 0x49FFFF
"""A range of our own among the 24-bit ids, so that only our own leftovers are freed at the start."""


class KittyWire(Wire):
    """Each picture is sent once, placed once, and freed when nothing shows it.

    ``repeats``: the terminal repeats a placeholder on REP (``CSI n b``). kitty does; tmux 3.3 draws two cells.
    """

    def __init__(self, write: Write, measure: Measure, *, tmux: bool = False, repeats: bool = False) -> None:
        super().__init__(write, measure, keeps_text=False)
        self._wrap: Callable[[str], str] = in_tmux if tmux else str
        self._repeats = repeats and not tmux
        self._pacer = Pacer(self._write_open, PING, self._wrap)
        self._turn = asyncio.Lock()
        self._ids: dict[Block, int] = {}
        self._next_id = random.randrange(FIRST_ID, LAST_ID)
        self._under_way: int | None = None
        self._going: list[int] = []
        self._bare: set[Place] = set()

    @property
    def waiting(self) -> bool:
        """True while a ping is unanswered."""
        return self._pacer.waiting

    def heard(self) -> None:
        """A ping was answered."""
        self._pacer.heard()

    def hello(self) -> str:
        """Free what a killed run left behind in the alternate screen's store."""
        # While the screen was not ours no question was answered; that says nothing about the terminal.
        self._pacer.heard()
        return self._wrap(free_range(FIRST_ID, LAST_ID))

    def farewell(self) -> str:
        """Free every picture; leaving the screen alone would keep them until the terminal's quota."""
        going = [*self._ids.values(), *self._going, *([] if self._under_way is None else [self._under_way])]
        self._going.clear()
        for block in self._ids:
            self._blocks.give_back(block)
        self._ids.clear()
        self.screen.forget()
        return "".join(self._wrap(free(image_id)) for image_id in going)

    async def show(self, payload: bytes, columns: int, rows: int) -> Block:
        """Send a PNG, place it over so many cells, and give the characters for them.

        A cancelled send leaves nothing in the terminal.
        """
        block = self._blocks.take(columns, rows)
        try:
            await self._send(block, payload)
        except asyncio.CancelledError:
            self._blocks.give_back(block)
            raise
        return block

    async def _send(self, block: Block, payload: bytes) -> None:
        async with self._turn:
            image_id = self._next_id
            self._next_id = FIRST_ID if image_id >= LAST_ID else image_id + 1
            self._under_way = image_id
            try:
                await self._pacer.send(Transmission(image_id, payload))
            except asyncio.CancelledError:
                self._write_open(self._wrap(free(image_id)))
                raise
            finally:
                self._under_way = None
                self._free_going()
            self._ids[block] = image_id
            self._write_open(self._wrap(place(image_id, block.columns, block.rows)))

    def release(self, block: Block) -> None:
        """Free the picture in the terminal, but not between the chunks of another.

        kitty 0.41 drops a transmission that a delete comes into, though it names another picture.
        """
        image_id = self._ids.pop(block, None)
        if image_id is not None:
            self._blocks.give_back(block)
            self.screen.forget_block(block)
            self._going.append(image_id)
            if self._under_way is None:
                self._free_going()

    def _free_going(self) -> None:
        going, self._going = self._going, []
        if going:
            self._write_open("".join(self._wrap(free(image_id)) for image_id in going))

    def rewrite(self, frame: str) -> str:
        """Placeholders under the picture's id as 24-bit foreground; cells of freed pictures are blank.

        Bare cells lean on their left neighbour. Where text took the neighbour's place, they are spelt out again.
        """
        screen = self.screen
        if screen.empty and RUN.search(frame) is None:
            return frame
        written = screen.play(frame, self._run)
        if not self._ids:
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
            if piece.block in self._ids:
                self._bare.update((y, x + more) for more in range(1, piece.length))
                screen.put_run(run[at : at + piece.length])
            else:
                screen.put_text(" " * piece.length)
            at += piece.length
            parts.append(self._cells(piece))
        return "".join(parts)

    def _cells(self, piece: Piece) -> str:
        image_id = None if piece.block is None else self._ids.get(piece.block)
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
