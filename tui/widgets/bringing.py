"""One picture on its way to one view: at once what is kept, else something coarse, then sharp, at last the best."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from tui.imaging.picture import IsStale, PictureError, PictureInfo, Stale
from tui.imaging.pool import Rank
from tui.terminal.blocks import NoRoom
from tui.widgets.drawing import Ask, Drawing, Made
from tui.widgets.pictures import Pictures

GLANCE: Final = 0.035
"""Seconds that a sharp picture has from the beginning, before a coarse one is shown for the time being."""

RUSH: Final = 0.08
"""Seconds of rest before a picture is decoded, while keys repeat: nobody looks at what flies past."""

REST: Final = 0.4
"""Seconds of rest before the best look is made and, where every byte counts, before the sharp one is sent."""

SHARE: Final = 3
"""How many times as long as a glance took the next one waits, while keys repeat."""


class Pace:
    """How often pictures fly past while a key is held: so that making them ready takes a part of the time only.

    Threads take turns with the event loop, which has to draw a list that moves. Whoever rests sees a picture.
    """

    def __init__(self) -> None:
        self._next = 0.0

    async def wait(self) -> None:
        """Return when there is time for a glance."""
        left = self._next - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Around a glance, also one that is given up."""
        begun = time.monotonic()
        try:
            yield
        finally:
            over = time.monotonic()
            self._next = over + min(RUSH, SHARE * (over - begun))


class Bringing:
    """Brings ``ask`` and puts every stage where ``put`` says; the last argument tells whether it is sharp.

    ``pace``: another picture was asked for just before, as when a key is held, and this is how often one is shown.
    """

    def __init__(
        self,
        pictures: Pictures,
        ask: Ask,
        stale: IsStale,
        put: Callable[[Made, Drawing, bool], None],
        *,
        pace: Pace | None = None,
        rank: Rank = Rank.SHOWN,
    ) -> None:
        self._pictures = pictures
        self._ask = ask
        self._stale = stale
        self._put = put
        self._pace = pace
        self._rank = rank
        self._shown: Made | None = None
        self._glanced = asyncio.Event()
        self._begun = time.monotonic()

    async def bring(self) -> PictureInfo:
        """Returns when the sharp picture is shown. Raises PictureError, NoRoom, and Stale when it was given up."""
        kept = self._pictures.at_hand(self._ask)
        if kept is not None:
            await self._show(kept, sharp=True)
        elif self._pace is not None:
            await self._pace.wait()
        self._ask = await self._pictures.stamped(self._ask, self._stale)
        if kept is not None and kept.ask.stamp == self._ask.stamp:
            return kept.info
        sharp = asyncio.create_task(self._sharp())
        try:
            made = await self._enough(sharp)
            if made is None:
                made = await sharp
                await self._show(made, sharp=True)
            return made.info
        finally:
            sharp.cancel()
            await asyncio.gather(sharp, return_exceptions=True)

    async def refine(self) -> None:
        """When nothing happened for a while, and the way to the terminal is free: the best look of it."""
        good = self._shown
        if good is None or good.is_final:
            return
        await asyncio.sleep(REST)
        if self._pictures.link.economical:
            return
        # Where that fails (the file went, no room for both), what is shown stays.
        with contextlib.suppress(PictureError, NoRoom, Stale):
            best = await better(self._pictures, self._ask, good, self._stale)
            if best is not None:
                await self._show(best, sharp=True)

    async def _sharp(self) -> Made:
        """The picture decoded, unless something else is asked for before."""
        if self._pictures.link.economical:
            await asyncio.sleep(REST)
        elif self._pace is not None:
            await asyncio.sleep(max(0.0, self._begun + RUSH - time.monotonic()))
        if self._ask.protocol not in ("kitty", "sixel"):
            # Of so few cells a thumbnail may be all that is needed.
            await self._glanced.wait()
        return await self._pictures.made(self._ask, self._stale, self._rank)

    async def _enough(self, sharp: asyncio.Task[Made]) -> Made | None:
        """Show something coarse where the sharp one is not there soon; that itself, if it is all that is needed."""
        with contextlib.nullcontext() if self._pace is None else self._pace.kept():
            coarse = await self._pictures.glanced(self._ask, self._stale)
        if coarse is None or not coarse.enough:
            self._glanced.set()
        economical = self._pictures.link.economical
        if coarse is None and economical and self._ask.is_whole:
            if self._pace is not None:
                await asyncio.sleep(RUSH)
            await self._pictures.thumbnailed(self._ask.path, self._stale)
            coarse = await self._pictures.glanced(self._ask, self._stale)
        if coarse is None:
            return None
        if not (economical or self._pace is not None or coarse.enough):
            await asyncio.wait([sharp], timeout=max(0.0, self._begun + GLANCE - time.monotonic()))
        if sharp.done() and not economical:
            return None
        await self._show(coarse, sharp=coarse.enough)
        return coarse if coarse.enough else None

    async def _show(self, made: Made, *, sharp: bool) -> None:
        drawing = await self._pictures.placed(made)
        self._shown = made
        self._put(made, drawing, sharp)


async def better(pictures: Pictures, ask: Ask, good: Made, stale: IsStale) -> Made | None:
    """The best look of ``ask``, made when nothing else is to do; None where ``good`` has it already.

    Raises PictureError and Stale.
    """
    best = await pictures.made(replace(ask, look="best"), stale, Rank.BEST)
    return None if best.equals(good) else best
