"""Sending much without being in the way: a burst, a question, and the next burst when it is answered.

A terminal answers a question after it has taken what came before. So the wire never holds more than one burst,
and a key's echo waits for no more than that. Bursts grow while answers are quick and shrink when they are slow.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from tui.imaging.kitty_commands import Transmission

SMALLEST: Final = 1024
LARGEST: Final = 64 * 1024
QUICK: Final = 0.02
"""Seconds above the quickest answer so far that count as no delay."""

SLOW: Final = 0.08
LOST: Final = 1.0
"""Seconds after which an answer will not come any more."""


class Pacer:
    """Sends one transmission at a time through ``write``; ``ping`` is the question.

    ``wrap`` puts each command, and the question, into what the wire needs (tmux). For the event loop.
    """

    def __init__(self, write: Callable[[str], None], ping: str, wrap: Callable[[str], str]) -> None:
        self._write = write
        self._ping = wrap(ping)
        self._wrap = wrap
        self._burst = SMALLEST
        self._quickest = LOST
        self._losses = 0
        self._answer: asyncio.Future[None] | None = None
        self.waiting = False

    def heard(self) -> None:
        """The terminal answered the question."""
        self._losses = 0
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    async def send(self, transmission: Transmission) -> None:
        """Returns when the terminal has it all, as far as it tells."""
        while not transmission.finished:
            await self._send_burst(transmission)

    async def _send_burst(self, transmission: Transmission) -> None:
        commands = "".join(map(self._wrap, transmission.take(self._burst)))
        if self._losses >= 2:
            # It does not answer: then by the clock, a modest 250 KB a second.
            self._write(commands)
            await asyncio.sleep(0.016)
            return
        begun = time.monotonic()
        self._answer = asyncio.get_running_loop().create_future()
        self.waiting = True
        self._write(commands + self._ping)
        try:
            async with asyncio.timeout(LOST):
                await self._answer
        except TimeoutError:
            self._losses += 1
            self._burst = SMALLEST if self._losses < 2 else 4 * SMALLEST
            return
        finally:
            self.waiting = False
            self._answer = None
        self._adapt(time.monotonic() - begun)

    def _adapt(self, seconds: float) -> None:
        self._quickest = min(self._quickest, seconds)
        late = seconds - self._quickest
        if late < QUICK:
            self._burst = min(LARGEST, self._burst * 2)
        elif late > SLOW:
            self._burst = max(SMALLEST, self._burst // 2)
