"""How much of a picture that is drawn between frames goes out at once, so that keys are heard in between.

A Sixel cannot be interrupted, and text may only come after it. So no more than a portion is ever on its way, with
a question behind it; the portion grows while answers are quick, until a whole picture is one.
"""

from __future__ import annotations

from typing import Final

from tui.terminal.link import Link

SMALLEST: Final = 2 * 1024
"""Characters of the smallest portion; a tile may be somewhat longer."""

WHOLE: Final = 256 * 1024
"""Characters from which a portion is as much as there is."""

AT_ONCE: Final = 0.005
"""Seconds above the quickest round trip under which nothing was in the way."""

QUICK: Final = 0.02
"""Seconds above it that nobody notices in the echo of a key."""

SLOW: Final = 0.05


class Portions:
    """Follows the answers to questions behind portions of pictures."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._size = SMALLEST
        self._full = False

    @property
    def size(self) -> int | None:
        """Characters of pictures that may go out at once, and about so many; None for any."""
        if self._link.slow:
            # What a way far apart holds is in nobody's way.
            return SMALLEST + int((self._link.rate or 0.0) * self._link.round_trip)
        return self._size if self._size < WHOLE else None

    def sent(self, size: int) -> None:
        """A question went out behind so many characters."""
        self._full = 2 * size >= self._size

    def heard(self, took: float) -> None:
        """It was answered after ``took`` seconds."""
        if not self._link.knows_answers:
            return
        late = took - self._link.round_trip
        if late > SLOW:
            self._size = max(SMALLEST, min(self._size, WHOLE) // 2)
        elif self._full and late < QUICK:
            self._size = min(WHOLE, self._size * (4 if late < AT_ONCE else 2))
