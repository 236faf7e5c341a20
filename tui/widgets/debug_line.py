"""One line of numbers for who wants to see what pictures cost: the wire, the link, what is kept."""

import asyncio
import time
from typing import Final

from textual.content import Content
from textual.widget import Widget

from tui.domain.words import file_size
from tui.terminal.link import link_of
from tui.widgets.cells import clip
from tui.widgets.pictures import pictures_of

EVERY: Final = 0.5
"""Seconds between two looks."""

_TICK: Final = 0.02


class DebugLine(Widget):
    """Lies over the first line of a screen; shown and hidden by ``toggle``. Costs nothing while hidden."""

    DEFAULT_CSS = """
    DebugLine {
        layer: _debug;
        dock: top;
        width: 1fr;
        height: 1;
        display: none;
        background: $panel;
        color: $text;
    }
    """

    def __init__(self) -> None:
        super().__init__(classes="debug")
        self._words = ""
        self._worst = 0.0

    def toggle(self) -> None:
        """Show the numbers, or hide them."""
        self.display = not self.display
        if self.display:
            self.run_worker(self._watch(), group="debug", exclusive=True, exit_on_error=False)
        else:
            self.workers.cancel_group(self, "debug")

    async def _watch(self) -> None:
        """Look now and then, and measure how late the event loop comes round in between."""
        while True:
            self._look()
            end = time.monotonic() + EVERY
            while (before := time.monotonic()) < end:
                await asyncio.sleep(_TICK)
                self._worst = max(self._worst, time.monotonic() - before - _TICK)

    def _look(self) -> None:
        pictures = pictures_of(self.app)
        parts = [
            pictures.protocol,
            link_of(self.app).words(),
            f"prepared {file_size(pictures.cache.size)}",
            f"loop {self._worst * 1000:.0f} ms",
        ]
        self._worst = 0.0
        self._words = " · ".join(parts)
        self.refresh()

    def render(self) -> Content:
        """The numbers."""
        return Content(" " + clip(self._words, max(0, self.size.width - 2)))
