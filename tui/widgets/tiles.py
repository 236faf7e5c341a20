"""The pictures of the tiles of a grid that can be seen: brought at once, at their best when nothing moves."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from tui.imaging.picture import PictureError, Stale
from tui.terminal.blocks import NoRoom
from tui.widgets.bringing import better
from tui.widgets.drawing import Ask, Drawing, Made
from tui.widgets.pictures import pictures_of

REST: Final = 0.6
"""Seconds in which nothing moved when the best look of what can be seen is made."""

_GROUP: Final = "grid"


@dataclass(slots=True)
class Tile:
    """What was asked for a tile, and what came of it."""

    key: str
    ask: Ask
    drawing: Drawing | None = None
    good: Made | None = None
    """What it shows, as long as nobody tried to have it better."""
    words: str = ""
    stale: threading.Event = field(default_factory=threading.Event)


class Tiles:
    """The pictures that ``owner`` shows, by whatever key; ``draw`` is told of each that has come."""

    def __init__(self, owner: Widget, draw: Callable[[str], None]) -> None:
        self._owner = owner
        self.draw = draw
        self.shown: dict[str, Tile] = {}
        self._turn = asyncio.Lock()
        self._pause: Timer | None = None

    def show(self, asks: Mapping[str, Ask]) -> None:
        """Bring these, and let go of all others."""
        for gone in [key for key, tile in self.shown.items() if asks.get(key) != tile.ask]:
            self._drop(self.shown.pop(gone))
        for key, ask in asks.items():
            if key not in self.shown:
                self.shown[key] = tile = Tile(key, ask)
                self._begin(tile, self._bring)
        self._rest()

    def drop_all(self) -> None:
        """Let go of all."""
        tiles, self.shown = self.shown, {}
        for tile in tiles.values():
            self._drop(tile)

    def refine(self) -> None:
        """Time for the best look of what can be seen, where no byte need be saved."""
        if pictures_of(self._owner.app).link.economical:
            return
        for tile in self.shown.values():
            if tile.good is not None:
                self._begin(tile, self._refine)

    def _rest(self) -> None:
        """Something moved."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self._owner.set_timer(REST, self.refine)

    def _begin(self, tile: Tile, bring: Callable[[Tile], Awaitable[None]]) -> None:
        async def work() -> None:
            await bring(tile)

        _: Worker[None] = self._owner.run_worker(work, name="tile", group=_GROUP)

    async def _bring(self, tile: Tile) -> None:
        pictures = pictures_of(self._owner.app)
        try:
            await self._place(tile, await pictures.made(tile.ask, tile.stale.is_set))
        except Stale:
            return
        except PictureError as error:
            tile.words = error.words
        except NoRoom:
            tile.words = "There is no room for one more picture."
        self.draw(tile.key)
        self._rest()

    async def _refine(self, tile: Tile) -> None:
        """Where that fails (the file went, no room for both), what is shown stays."""
        good, tile.good = tile.good, None
        if good is None:
            return
        with contextlib.suppress(PictureError, NoRoom, Stale):
            best = await better(pictures_of(self._owner.app), tile.ask, good, tile.stale.is_set)
            if best is not None:
                await self._place(tile, best)

    async def _place(self, tile: Tile, made: Made) -> None:
        """In the place of what is shown. Of many that are ready, those asked for first reach the terminal first.

        Raises NoRoom, and Stale where nobody sees the tile any more.
        """
        async with self._turn:
            if tile.stale.is_set():
                raise Stale
            drawing = await pictures_of(self._owner.app).placed(made)
        if tile.stale.is_set():
            self._release(drawing)
            raise Stale
        before, tile.drawing = tile.drawing, drawing
        tile.good = None if made.is_final else made
        self.draw(tile.key)
        self._release(before)

    def _drop(self, tile: Tile) -> None:
        """Nobody sees it any more; freed once the frame without it is out."""
        tile.stale.set()
        drawing, tile.drawing = tile.drawing, None
        self._release(drawing)

    def _release(self, drawing: Drawing | None) -> None:
        owner = self._owner
        if drawing is not None and not (owner.is_running and owner.call_after_refresh(drawing.release)):
            drawing.release()
