"""Pictures on their way to a Kitty-like terminal: one after the other, what is wanted most first, none in halves."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from tui.imaging.kitty_commands import Transmission, fetch, free, in_tmux, place
from tui.imaging.picture import KittyPayload
from tui.terminal.blocks import Block
from tui.terminal.facts import Direct
from tui.terminal.link import Link
from tui.terminal.pacing import Outcome, Pacer
from tui.terminal.shared_files import Shared, share

PING: Final = "\x1b[?2026$p"
"""Whether synchronized output is on: harmless, answered by all that know DECRQM, and known to Textual."""

FIRST_ID: Final = 0x490001
LAST_ID: Final = 0x49FFFF
"""A range of our own among the 24-bit ids, so that only our own leftovers are freed at the start."""

FINISHED_SOON: Final = 0.5
"""Seconds in which a picture that is shown is sent to its end, although a newer one waits."""

_AHEAD_SOON: Final = 0.05
_UNMEASURED: Final = 1_000_000
"""Bytes a second that a link is taken for before it is measured."""

_WORTH_SHARING: Final = 8 * 1024
"""Bytes under which a payload is sent sooner than put down for the terminal to fetch."""


@dataclass(eq=False, slots=True)
class Picture:
    """A picture that the terminal has under ``number``, or is to have: ``columns`` × ``rows`` cells.

    ``size`` is what it takes of the terminal's memory, in bytes. ``users`` show it or wait to. ``payload`` and
    ``arrival`` are there while it is to be sent.
    """

    key: Hashable
    columns: int
    rows: int
    size: int
    payload: KittyPayload | None
    family: Hashable = None
    users: int = 0
    ahead: bool = False
    """It is to be sent although nobody shows it yet."""
    outdated: bool = False
    """A better one of its family was shown: nobody will want it again."""
    turn: int = 0
    number: int = 0
    there: bool = False
    block: Block | None = None
    arrival: asyncio.Future[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether it is worth to be sent."""
        return self.users > 0 or self.ahead


class Delivery:
    """Sends what is wanted: what is shown before what is only ahead, and the newest first. For the event loop.

    Nothing is freed between the chunks of a picture: kitty 0.41 drops a transmission that a delete comes into,
    though it names another. ``make_room`` is called before each picture.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        link: Link,
        make_room: Callable[[Picture], None],
        *,
        tmux: bool = False,
        direct: Direct = "",
    ) -> None:
        self._write = write
        self._link = link
        self._make_room = make_room
        self._sure = tmux
        self._direct: Direct = direct
        link.near = bool(direct)
        self.wrap: Callable[[str], str] = in_tmux if tmux else str
        self.pacer = Pacer(write, PING, self.wrap, link, sure=tmux)
        self._queue: list[Picture] = []
        self._under_way: Picture | None = None
        self._going: list[int] = []
        self._shared: list[Shared] = []
        self._turn = 0
        self._number = random.randrange(FIRST_ID, LAST_ID)
        self._open = True
        self._visit = 0
        self._task: asyncio.Task[None] | None = None

    def want(self, picture: Picture) -> None:
        """Bring it as soon as it is its turn, from now on the newest; its ``arrival`` tells."""
        self._turn += 1
        picture.turn = self._turn
        if picture.arrival is None:
            picture.arrival = asyncio.get_running_loop().create_future()
            self._queue.append(picture)
        self.pacer.wake()
        self._begin()

    def drop(self, picture: Picture) -> None:
        """It need not come any more; what has come of it is freed."""
        if picture in self._queue:
            self._queue.remove(picture)
        self.pacer.wake()

    def free(self, number: int) -> None:
        """Take a picture out of the terminal, as soon as none is on its way."""
        self._going.append(number)
        self._free_soon()

    def _free_soon(self) -> None:
        if self._sure:
            self._begin()
        elif self._under_way is None:
            self._write(self._frees())

    def pause(self, numbers: Iterable[int]) -> str:
        """The screen is left: what frees ``numbers`` and all that was on its way. What is wanted stays so."""
        self._open = False
        self._visit += 1
        self._going += numbers
        if self._under_way is not None:
            self._free_first(self._under_way.number)
        for shared in self._shared:
            shared.withdraw()
        self.pacer.reset()
        return self._frees()

    def resume(self) -> None:
        """The screen is ours again, and holds nothing."""
        # While it was not, no question was answered; that says nothing about the terminal.
        self.pacer.reset()
        self._open = True
        if self._queue:
            self._begin()

    def _begin(self) -> None:
        if self._open and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if error is None:
            if self._queue or (self._sure and self._going):
                self._begin()
            return
        # Whoever waits hears of it.
        queue, self._queue = self._queue, []
        for picture in queue:
            arrival, picture.arrival = picture.arrival, None
            if arrival is not None and picture.users:
                arrival.set_exception(error)

    async def _run(self) -> None:
        while self._open:
            await self._free_going()
            if not self._queue:
                return
            await self._deliver(max(self._queue, key=_urgency))

    async def _deliver(self, picture: Picture) -> None:
        self._make_room(picture)
        visit = self._visit
        number = self._number
        self._number = FIRST_ID if number >= LAST_ID else number + 1
        picture.number = number
        self._under_way = picture
        try:
            outcome = await self._bring(picture, number, visit)
        finally:
            self._under_way = None
        if visit != self._visit:
            # It was freed with everything else.
            picture.number = 0
        elif outcome == "sent" and picture in self._queue:
            picture.there = True
            picture.payload = None
            arrival, picture.arrival = picture.arrival, None
            self.drop(picture)
            if arrival is not None:
                arrival.set_result(None)
        else:
            # In tmux this waits until the window is back.
            picture.number = 0
            self._free_first(number)
            self._free_soon()

    def _free_first(self, number: int) -> None:
        """A picture of which chunks may be missing: the delete of any other one would fall between them."""
        self._going.insert(0, number)

    async def _bring(self, picture: Picture, number: int, visit: int) -> Outcome:
        """Send it by the quickest way there is, and place it."""
        payload = picture.payload
        if payload is None:
            raise ValueError("nothing to send")
        if self._direct and len(payload.data) >= _WORTH_SHARING:
            outcome = await self._hand_over(picture, payload, number, visit)
            if outcome is not None:
                return outcome
        if payload.kind == "rgb":
            payload = await asyncio.to_thread(_packed, payload)
        outcome = await self.pacer.send(Transmission(number, payload), lambda left: self._goes_on(picture, left, visit))
        return await self._placed(picture, number) if outcome == "sent" else outcome

    async def _hand_over(self, picture: Picture, payload: KittyPayload, number: int, visit: int) -> Outcome | None:
        """Let the terminal fetch it from a file or from memory; None if it does not."""
        try:
            shared = await asyncio.to_thread(self._put_down, payload.data, visit)
        except OSError:
            # No room, most likely; there may be some next time.
            return None
        try:
            if not picture.wanted or visit != self._visit:
                return "given up"
            medium = fetch(number, payload, "t" if shared.kind == "file" else "s", shared.name)
            taken = await self.pacer.say(self.wrap(medium))
            if visit != self._visit:
                return "given up"
            if not taken and self._sure:
                return "lost"
            if shared.fetched:
                return await self._placed(picture, number)
            self._direct = ""
            self._link.near = False
            return None
        finally:
            self._shared.remove(shared)
            shared.withdraw()

    def _put_down(self, data: bytes, visit: int) -> Shared:
        """In a thread: whoever leaves the screen meanwhile takes it away, or it is taken away here."""
        shared = share("file" if self._direct == "file" else "memory", data)
        self._shared.append(shared)
        if visit != self._visit:
            shared.withdraw()
        return shared

    async def _placed(self, picture: Picture, number: int) -> Outcome:
        command = self.wrap(place(number, picture.columns, picture.rows))
        if not self._sure:
            self._write(command)
            return "sent"
        return "sent" if await self.pacer.say(command) else "lost"

    def _goes_on(self, picture: Picture, left: int, visit: int) -> bool:
        """Whether to send what is left of a picture, in view of who waits for what now."""
        if visit != self._visit or not picture.wanted:
            return False
        newer = any(rival.users and _urgency(rival) > _urgency(picture) for rival in self._queue)
        if not newer or left <= self.pacer.window:
            return True
        return left / (self._link.rate or _UNMEASURED) <= (FINISHED_SOON if picture.users else _AHEAD_SOON)

    async def _free_going(self) -> None:
        going = [*self._going]
        if not going:
            return
        if not self._sure:
            self._write(self._frees())
            return
        visit = self._visit
        if not await self.pacer.say(self._frees()) and visit == self._visit:
            self._going += going
            await self.pacer.until_heard()

    def _frees(self) -> str:
        going, self._going = self._going, []
        return "".join(self.wrap(free(number)) for number in going)


def _urgency(picture: Picture) -> tuple[bool, int]:
    return picture.users > 0, picture.turn


def _packed(payload: KittyPayload) -> KittyPayload:
    """Raw pixels for a way on which every byte counts."""
    return replace(payload, data=zlib.compress(payload.data, 1), kind="zlib")
