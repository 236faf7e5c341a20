"""The next frame held back for a moment, so that the cursor and the picture it leads to come in one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final

from textual.app import App
from textual.timer import Timer

from tui.widgets.of_app import one_of

AT_MOST: Final = 0.012
"""Seconds that a frame is held back, whatever happens: no eye sees them."""


class OneFrame:
    """One an app: ``one_frame_of(app)``. On the event loop.

    Textual draws 60 frames a second at most: what misses the first one comes 17 ms later, and costs a second one.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._held = ExitStack()
        self._limit: Timer | None = None

    def hold(self) -> None:
        """Something changed, and what belongs to it will be known in a moment."""
        if self._limit is None:
            self._held.enter_context(self._app.batch_update())
            self._limit = self._app.set_timer(AT_MOST, self.let_go)

    def let_go(self) -> None:
        """All is there that is worth waiting for."""
        if self._limit is not None:
            self._limit.stop()
            self._limit = None
            self._held.close()
            self._app.screen.check_idle()


def one_frame_of(app: App[Any]) -> OneFrame:
    """The frame that is to come on the screen of ``app``, which keeps it itself and goes with it."""
    return one_of(app, "one_frame", OneFrame)
