"""The pictures that a Kitty-like terminal has from us: each is sent once, and stays as long as there is room."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, TypeAlias

from tui.imaging.kitty_commands import free_range, place
from tui.imaging.picture import KittyPayload
from tui.terminal.blocks import Block, Blocks
from tui.terminal.facts import Direct
from tui.terminal.kitty_delivery import FIRST_ID, LAST_ID, Delivery, Picture
from tui.terminal.link import Link

BUDGET: Final = 64 * 1024 * 1024
"""Bytes of decoded pixels that pictures may take in the terminal; kitty throws some away over 320 MB."""

_GONE: Final = re.compile(r"\x1b_G(?:[^;\x1b]*,)?i=(\d+)[^;\x1b]*;ENOENT")

_Name: TypeAlias = tuple[Hashable, int, int]


def _ignore() -> None:
    """Nobody wants to know."""


class KittyStore:
    """Pictures by what was asked for, so that one seen again costs only its cells. For the event loop.

    ``write`` takes commands at any time between two frames; ``blocks`` are the characters that cells are made of.
    Pictures that no view shows stay, up to ``budget`` bytes of pixels; what was seen longest ago goes first.
    ``direct``: the terminal was seen to read our files or our memory. ``lost`` is called when the terminal turns
    out to have thrown a picture away that is shown.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        blocks: Blocks,
        *,
        tmux: bool = False,
        direct: Direct = "",
        link: Link | None = None,
        budget: int = BUDGET,
        lost: Callable[[], None] = _ignore,
    ) -> None:
        self._write = write
        self._blocks = blocks
        self._budget = budget
        self._lost = lost
        self._delivery = Delivery(write, link or Link(), self._make_room, tmux=tmux, direct=direct)
        self._pictures: OrderedDict[_Name, Picture] = OrderedDict()
        self._shown: dict[Block, Picture] = {}
        self._families: dict[Hashable, Picture] = {}

    @property
    def empty(self) -> bool:
        """True when no view shows a picture."""
        return not self._shown

    @property
    def waiting(self) -> bool:
        """True while a ping is unanswered."""
        return self._delivery.pacer.waiting

    @property
    def size(self) -> int:
        """Bytes of pixels that the terminal keeps for us."""
        return sum(picture.size for picture in self._pictures.values() if picture.there)

    def heard(self, at: float | None = None) -> None:
        """A ping was answered, at ``at`` (monotonic) if that is not now."""
        self._delivery.pacer.heard(at)

    def answered(self, answer: str) -> None:
        """The terminal said something about a picture: only failures are told, and only of pictures seen again."""
        found = _GONE.match(answer)
        gone = [picture for picture in self._pictures.values() if found and picture.number == int(found[1])]
        for picture in gone:
            self._drop(picture)
        if any(picture.users for picture in gone):
            self._lost()

    def holds(self, key: Hashable) -> bool:
        """Whether the terminal has this picture: showing it costs only its cells."""
        return any(name[0] == key and picture.there for name, picture in self._pictures.items())

    def number(self, block: Block) -> int | None:
        """The picture's number, which its cells carry as 24-bit foreground; None when nothing shows it any more."""
        picture = self._shown.get(block)
        return None if picture is None else picture.number

    def hello(self) -> str:
        """Free what a killed run left behind in the alternate screen's store; ask how far the terminal is."""
        self._delivery.resume()
        return self._delivery.wrap(free_range(FIRST_ID, LAST_ID)) + self._delivery.pacer.ask()

    def farewell(self) -> str:
        """Free every picture; leaving the screen alone would keep them until the terminal's quota."""
        kept = [picture for picture in self._pictures.values() if picture.there]
        for picture in kept:
            picture.there = False
            self._drop(picture)
        for block, picture in self._shown.items():
            picture.block = None
            self._blocks.give_back(block)
        self._shown.clear()
        return self._delivery.pause([picture.number for picture in kept])

    async def show(
        self, key: Hashable, payload: KittyPayload, columns: int, rows: int, *, family: Hashable = None
    ) -> Block:
        """Bring the picture ``key`` to the terminal, over so many cells, and give the characters for them.

        What the terminal has is not sent again. Whoever is cancelled leaves nothing in halves. Of a ``family``
        (the looks of one picture) the last one shown stays; older ones are freed once nothing shows them.
        Raises NoRoom.
        """
        block = None
        # The screen may be left in the moment between its arrival and our turn: then it is not there any more.
        while block is None:
            picture = self._wanted(key, payload, columns, rows, family)
            picture.users += 1
            try:
                await self._arrived(picture)
                if picture.there:
                    block = picture.block = picture.block or self._blocks.take(columns, rows)
            finally:
                if block is None:
                    self._leave(picture)
        self._shown[block] = picture
        self._outdate(picture)
        return block

    async def _arrived(self, picture: Picture) -> None:
        if not picture.there:
            self._delivery.want(picture)
        if picture.arrival is not None:
            await asyncio.shield(picture.arrival)

    def bring(self, key: Hashable, payload: KittyPayload, columns: int, rows: int, *, family: Hashable = None) -> None:
        """Have the picture ``key`` in the terminal before it is shown, once nothing that is shown is on its way."""
        if self.holds(key) or self._payload_size(payload) > self._budget // 4:
            return
        picture = self._wanted(key, payload, columns, rows, family)
        picture.ahead = True
        self._delivery.want(picture)

    def leave_ahead(self) -> None:
        """Nobody will look at what was to be brought ahead."""
        for picture in [*self._pictures.values()]:
            if picture.ahead and not picture.there:
                picture.ahead = False
                if not picture.users:
                    self._drop(picture)

    def release(self, block: Block) -> bool:
        """A view shows it no more; True if it was the last one, and the block's characters mean nothing now."""
        picture = self._shown.get(block)
        if picture is None:
            return False
        self._leave(picture)
        return picture.users == 0

    @staticmethod
    def _payload_size(payload: KittyPayload) -> int:
        return payload.width * payload.height * 4

    def _wanted(self, key: Hashable, payload: KittyPayload, columns: int, rows: int, family: Hashable) -> Picture:
        """The picture as far as it is there, or a new one; it is the newest now."""
        picture = self._pictures.get((key, columns, rows)) or self._stretched(key, columns, rows)
        if picture is None:
            picture = Picture(key, columns, rows, self._payload_size(payload), payload, family)
            self._pictures[key, columns, rows] = picture
        elif picture.there and not picture.users:
            # It may have been thrown away behind our back, which costs 45 bytes to find out.
            self._write(self._delivery.wrap(place(picture.number, columns, rows, tell_if_gone=True)))
        self._pictures.move_to_end((key, columns, rows))
        picture.outdated = False
        return picture

    def _stretched(self, key: Hashable, columns: int, rows: int) -> Picture | None:
        """The same picture over other cells, if no view shows it so: it can be placed anew without being sent."""
        for name, picture in self._pictures.items():
            if name[0] == key and picture.there and not picture.users:
                del self._pictures[name]
                picture.columns, picture.rows = columns, rows
                self._pictures[key, columns, rows] = picture
                return picture
        return None

    def _outdate(self, picture: Picture) -> None:
        if picture.family is None:
            return
        older = self._families.get(picture.family)
        self._families[picture.family] = picture
        if older is not None and older is not picture:
            older.outdated = True
            if not older.users:
                self._drop(older)

    def _leave(self, picture: Picture) -> None:
        """One view less; what nobody shows stays if it is there, and is not sent if it is not."""
        picture.users -= 1
        if picture.users:
            return
        if picture.block is not None:
            del self._shown[picture.block]
            self._blocks.give_back(picture.block)
            picture.block = None
        if picture.outdated or not (picture.there or picture.ahead):
            self._drop(picture)
        else:
            self._make_room(None)

    def _make_room(self, coming: Picture | None) -> None:
        """Free what was seen longest ago and is not shown, until ``coming`` fits into the budget."""
        over = self.size + (0 if coming is None else coming.size) - self._budget
        for picture in [*self._pictures.values()]:
            if over <= 0:
                return
            if picture.there and not picture.users:
                over -= picture.size
                self._drop(picture)

    def _drop(self, picture: Picture) -> None:
        """Forget it, and free what the terminal has of it."""
        name = (picture.key, picture.columns, picture.rows)
        if self._pictures.get(name) is picture:
            del self._pictures[name]
        if self._families.get(picture.family) is picture:
            del self._families[picture.family]
        self._delivery.drop(picture)
        if picture.there:
            picture.there = False
            self._delivery.free(picture.number)
