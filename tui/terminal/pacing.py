"""Sending much without being in the way: a burst, a question behind it, and more when that is answered.

A terminal answers a question after it has taken what came before. So no more than a window of bytes is ever on
its way, and a key's echo waits for no more than that. The window grows while answers are quick, up to what a
local terminal takes in a few milliseconds, and shrinks when they are slow, down to one small burst.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from tui.imaging.kitty_commands import Transmission
from tui.terminal.link import Link

SMALLEST: Final = 1024
LARGEST: Final = 256 * 1024
PIECE: Final = 16 * 1024
"""Bytes at most behind which there is a question of their own."""

AT_ONCE: Final = 0.005
"""Seconds above the quickest round trip under which nothing was in the way: the window may grow in leaps."""

QUICK: Final = 0.015
"""Seconds above it that nobody notices in the echo of a key; up to here the window grows."""

SLOW: Final = 0.045
LOST: Final = 1.0
"""Seconds after which an answer will not come any more, if a round trip is no matter of seconds itself."""

AGAIN: Final = 0.5
"""Seconds from one question to the next while tmux shows another window."""

IDLE: Final = 5.0
"""Seconds without a question after which the round trip is measured anew."""

DEAF: Final = 2
"""Questions never answered after which a terminal that never answered one is sent to by the clock."""

_CLOCK: Final = 0.016
_CLOCKED: Final = 4 * SMALLEST

Outcome: TypeAlias = Literal["sent", "given up", "lost"]
GoesOn: TypeAlias = Callable[[int], bool]
"""Asked before each burst, with the characters left: False gives the rest up."""


@dataclass(frozen=True, slots=True)
class _Ping:
    """A question behind ``size`` bytes of payload, written at ``at``; ``full``: it waits for most of a window."""

    at: float
    size: int
    full: bool


class Pacer:
    """Sends one transmission at a time through ``write``; ``ping`` is the question. For the event loop.

    ``wrap`` puts each command, and the question, into what the wire needs (tmux). ``sure``: what was not answered
    has not arrived, because tmux drops it while our window is hidden; elsewhere only the answer got lost.
    """

    def __init__(
        self, write: Callable[[str], None], ping: str, wrap: Callable[[str], str], link: Link, *, sure: bool = False
    ) -> None:
        self._write = write
        self._ping = wrap(ping)
        self._wrap = wrap
        self._link = link
        self._sure = sure
        self._window = SMALLEST
        self._pings: deque[_Ping] = deque()
        self._asked_at = 0.0
        self._cut_at = 0.0
        self._losses = 0
        self._answers = 0
        self._streaming = False
        self._news = asyncio.Event()

    @property
    def waiting(self) -> bool:
        """True while a question is unanswered."""
        return bool(self._pings)

    @property
    def window(self) -> int:
        """Bytes that may be on their way now: what a way far apart holds is in nobody's way."""
        held = int((self._link.rate or 0.0) * self._link.round_trip)
        return min(LARGEST, max(self._window, SMALLEST + held))

    def ask(self) -> str:
        """The question alone, to be written now: how long a round trip takes with nothing in the way."""
        self._asked(0)
        return self._ping

    def heard(self, at: float | None = None) -> None:
        """The terminal answered a question, at ``at`` (monotonic) if that is not now."""
        took = self._link.heard(at)
        self._losses = 0
        self._answers += 1
        if self._pings:
            ping = self._pings.popleft()
            if took is not None and ping.full:
                self._adapt(ping, took - self._link.round_trip)
        self._news.set()

    def wake(self) -> None:
        """Whether a transmission goes on has to be asked again."""
        self._news.set()

    def reset(self) -> None:
        """Whatever is on its way will not be answered, and that says nothing about the terminal."""
        self._pings.clear()
        self._link.lost()
        self._news.set()

    async def send(self, transmission: Transmission, goes_on: GoesOn) -> Outcome:
        """Returns when all is written; it is taken in the order of writing (``settled`` waits for that)."""
        if not self._link.knows_answers or time.monotonic() - self._asked_at > IDLE:
            self._write(self.ask())
        self._streaming = False
        while not transmission.finished:
            if not goes_on(transmission.left):
                return "given up"
            if self._is_deaf:
                self._write("".join(map(self._wrap, transmission.take(_CLOCKED))))
                await asyncio.sleep(_CLOCK)
            elif self._flying and self._flying + SMALLEST > self.window:
                if not await self._hears() and self._sure:
                    return "lost"
            else:
                self._write_piece(transmission)
        return "sent"

    async def settled(self) -> bool:
        """Wait until the terminal has taken everything; False when it used to say so and does not."""
        while self._pings and not self._is_deaf:
            if not await self._hears():
                return self._is_deaf
        return True

    async def say(self, commands: str) -> bool:
        """Write something short and wait until it was taken, as ``settled`` does."""
        self._write(commands + self.ask())
        return await self.settled()

    async def until_heard(self) -> None:
        """Ask again and again until there is an answer, or no hope of one."""
        answers = self._answers
        while self._answers == answers and not self._is_deaf:
            if not self._pings:
                self._write(self.ask())
            await self._hears(AGAIN)

    @property
    def _flying(self) -> int:
        return sum(ping.size for ping in self._pings)

    @property
    def _is_deaf(self) -> bool:
        return not self._answers and self._losses >= DEAF

    def _write_piece(self, transmission: Transmission) -> None:
        size = min(PIECE, max(SMALLEST, self.window // 4))
        left = transmission.left
        text = "".join(map(self._wrap, transmission.take(size))) + self._ping
        self._write(text)
        self._asked(left - transmission.left, len(text))
        self._streaming = True

    def _asked(self, size: int, written: int = 0) -> None:
        self._asked_at = time.monotonic()
        full = size > 0 and 2 * (self._flying + size) >= self.window
        self._pings.append(_Ping(self._asked_at, size, full))
        self._link.ping_sent(written, streamed=self._streaming)

    async def _hears(self, patience: float = 0.0) -> bool:
        """Wait for news; False when the oldest question is over the time for its answer."""
        self._news.clear()
        # What is given up may only have been late: the next one has more time.
        patience = max(patience or LOST * min(4, 1 + self._losses), 8 * self._link.round_trip)
        waited = time.monotonic() - self._pings[0].at if self._pings else 0.0
        try:
            async with asyncio.timeout(max(0.0, patience - waited)):
                await self._news.wait()
        except TimeoutError:
            self._losses += 1
            self._window = SMALLEST
            self._pings.clear()
            self._link.lost()
            return False
        return True

    def _adapt(self, ping: _Ping, late: float) -> None:
        if late < QUICK:
            self._window = min(LARGEST, self._window + ping.size * (3 if late < AT_ONCE else 1))
        elif late > SLOW and ping.at >= self._cut_at:
            # Not below what the link takes in that time: then it was late for another reason.
            taken = int((self._link.rate or 0.0) * SLOW)
            self._window = max(SMALLEST, self._window // 2, min(self._window, taken))
            # What is on its way already was sent before that and will be just as late.
            self._cut_at = time.monotonic()
