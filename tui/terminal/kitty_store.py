"""The pictures that a Kitty-like terminal has from us: their numbers, sending, placing and freeing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Hashable
from typing import Final

from tui.imaging.kitty_commands import Transmission, free, free_range, in_tmux, place
from tui.imaging.picture import KittyPayload
from tui.terminal.blocks import Block, Blocks
from tui.terminal.pacing import Pacer

PING: Final = "\x1b[?2026$p"
"""Whether synchronized output is on: harmless, answered by all that know DECRQM, and known to Textual."""

FIRST_ID: Final = 0x490001
LAST_ID: Final = 0x49FFFF
"""A range of our own among the 24-bit ids, so that only our own leftovers are freed at the start."""


class KittyStore:
    """Each picture is sent once, placed once, and freed when nothing shows it. For the event loop.

    ``write`` takes commands at any time between two frames; ``blocks`` are the characters that cells are made of.
    """

    def __init__(self, write: Callable[[str], None], blocks: Blocks, *, tmux: bool = False) -> None:
        self._write = write
        self._blocks = blocks
        self._wrap: Callable[[str], str] = in_tmux if tmux else str
        self._pacer = Pacer(write, PING, self._wrap)
        self._turn = asyncio.Lock()
        self._ids: dict[Block, int] = {}
        self._next_id = random.randrange(FIRST_ID, LAST_ID)
        self._under_way: int | None = None
        self._going: list[int] = []

    @property
    def empty(self) -> bool:
        """True when no view shows a picture."""
        return not self._ids

    @property
    def waiting(self) -> bool:
        """True while a ping is unanswered."""
        return self._pacer.waiting

    def heard(self) -> None:
        """A ping was answered."""
        self._pacer.heard()

    def number(self, block: Block) -> int | None:
        """The picture's number, which its cells carry as 24-bit foreground; None when nothing shows it any more."""
        return self._ids.get(block)

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
        return "".join(self._wrap(free(image_id)) for image_id in going)

    async def show(self, key: Hashable, payload: KittyPayload, columns: int, rows: int) -> Block:
        """Bring the picture ``key`` to the terminal, over so many cells, and give the characters for them.

        A cancelled send leaves nothing in the terminal.
        """
        block = self._blocks.take(columns, rows)
        try:
            await self._send(block, payload)
        except asyncio.CancelledError:
            self._blocks.give_back(block)
            raise
        return block

    async def _send(self, block: Block, payload: KittyPayload) -> None:
        async with self._turn:
            image_id = self._next_id
            self._next_id = FIRST_ID if image_id >= LAST_ID else image_id + 1
            self._under_way = image_id
            try:
                await self._pacer.send(Transmission(image_id, payload))
            except asyncio.CancelledError:
                self._write(self._wrap(free(image_id)))
                raise
            finally:
                self._under_way = None
                self._free_going()
            self._ids[block] = image_id
            self._write(self._wrap(place(image_id, block.columns, block.rows)))

    def release(self, block: Block) -> bool:
        """A view shows it no more; True if it was the last one, and the block's characters mean nothing now.

        Nothing is freed between the chunks of another picture: kitty 0.41 drops a transmission that a delete
        comes into, though it names another.
        """
        image_id = self._ids.pop(block, None)
        if image_id is None:
            return False
        self._blocks.give_back(block)
        self._going.append(image_id)
        if self._under_way is None:
            self._free_going()
        return True

    def _free_going(self) -> None:
        going, self._going = self._going, []
        if going:
            self._write("".join(self._wrap(free(image_id)) for image_id in going))
