"""A bar on standard error while something long goes on, rewritten in place; nothing where that is no terminal."""

import os
import sys
import time
from types import TracebackType
from typing import Final, Self

from tui import streams
from tui.shell.cells import clip

_QUIET: Final = 0.3
"""Seconds that something may take without a bar."""

_REDRAW_EVERY: Final = 0.1
_CELLS: Final = 24
_CLEAR: Final = "\r\x1b[K"


class ProgressBar:
    """How many of all are done, behind ``words``; gone when the block is left."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._is_shown = streams.is_terminal(sys.stderr) and os.environ.get("TERM", "dumb") != "dumb"
        self._full, self._empty = ("█", "░") if streams.has_unicode() else ("#", ".")
        self._next = time.monotonic() + _QUIET
        self._is_drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def told(self, done: int, of: int) -> None:
        """So many of so many are done by now."""
        if not self._is_shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _REDRAW_EVERY
        self._is_drawn = True
        streams.write_error(_CLEAR + clip(self._line(done, of), max(1, streams.error_columns() - 1)))

    def clear(self) -> None:
        """Make room for another line; it is drawn again when there is more to tell."""
        if self._is_drawn:
            streams.write_error(_CLEAR)
            self._is_drawn = False

    def _line(self, done: int, of: int) -> str:
        filled = round(_CELLS * min(done, of) / of) if of else 0
        return f"{self._words} {self._full * filled}{self._empty * (_CELLS - filled)} {done:,} of {of:,}"
