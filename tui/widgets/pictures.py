"""All pictures of one app on their way to the screen: what is asked, prepared in threads, and kept."""

from __future__ import annotations

import asyncio
import weakref
from pathlib import Path
from typing import Any, Final

from rich.color import ColorSystem
from textual.app import App
from textual.widget import Widget

from tui.imaging.cache import ByteCache
from tui.imaging.picture import Colour, IsStale, Look, Part
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.probe import Protocol, TerminalFacts
from tui.terminal.sixel_wire import SixelWire
from tui.terminal.wire import Wire, wire_of
from tui.widgets.drawing import Ask, Drawing, Made, make

CACHE_BYTES: Final = 64 * 1024 * 1024
_COLOURS: Final = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT}


class Pictures:
    """What every view of pictures needs: how they are drawn here, a cache, and threads to prepare them in.

    On the event loop, one an app: ``pictures_of(app)``.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self.cache: ByteCache[Made] = ByteCache(CACHE_BYTES)

    @property
    def wire(self) -> Wire | None:
        """Where pictures go; None where the app runs without our driver."""
        return wire_of(self._app)

    @property
    def facts(self) -> TerminalFacts:
        """What the terminal can show."""
        facts = getattr(self._app, "terminal_facts", None)
        return facts if isinstance(facts, TerminalFacts) else TerminalFacts()

    @property
    def protocol(self) -> Protocol:
        """How pictures are drawn now."""
        protocol = self.facts.protocol
        if protocol == "kitty" and not isinstance(self.wire, KittyWire):
            return "half"
        return "half" if protocol == "sixel" and not isinstance(self.wire, SixelWire) else protocol

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a cell in pixels now."""
        wire = self.wire
        return (wire.cell_size() if wire is not None else None) or (self.facts.cell_width, self.facts.cell_height)

    def ask(
        self,
        widget: Widget,
        path: Path,
        columns: int,
        rows: int,
        *,
        look: Look = "first",
        part: Part | None = None,
        frame: int = 0,
    ) -> Ask:
        """What to ask for, to have ``path`` in a box of cells over the background of ``widget``."""
        facts = self.facts
        return Ask(
            path,
            self.protocol,
            columns,
            rows,
            self.cell,
            background_of(widget),
            colours=_COLOURS.get(self._app.console.color_system or "", ColorSystem.TRUECOLOR),
            sixel_limit=(facts.sixel_width, facts.sixel_height),
            sixel_colours=facts.sixel_colours,
            look=look,
            part=part,
            frame=frame,
        )

    def kept(self, ask: Ask) -> Made | None:
        """What was prepared for ``ask`` before, if it is still kept."""
        return self.cache.get(ask)

    async def made(self, ask: Ask, stale: IsStale) -> Made:
        """Prepare ``ask`` in a thread, or take what is kept. Raises PictureError, and Stale when it was given up."""
        made = self.cache.get(ask)
        if made is None:
            made = await asyncio.to_thread(make, ask, stale)
            self.cache.put(ask, made, made.size)
        return made

    async def placed(self, made: Made) -> Drawing:
        """Bring it to the terminal. Raises NoRoom."""
        return await made.place(self.wire)


def background_of(widget: Widget) -> Colour:
    """The colour behind what ``widget`` draws."""
    colour = widget.background_colors[1]
    return (colour.r, colour.g, colour.b)


_PICTURES: weakref.WeakKeyDictionary[App[Any], Pictures] = weakref.WeakKeyDictionary()


def pictures_of(app: App[Any]) -> Pictures:
    """The pictures of ``app``."""
    found = _PICTURES.get(app)
    if found is None:
        found = _PICTURES[app] = Pictures(app)
    return found
