"""A picture decoded once and held while somebody looks closely at it, and the frames of one that plays.

Everything here blocks: call it in a thread. What all sources hold together is bounded: the one used longest ago
gives its pixels up and decodes them again when it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.imaging.opening import decoded, in_turn, opened
from tui.imaging.picture import Colour, IsStale, Part, PictureInfo, fitted, never_stale
from tui.imaging.pixels import Pixels, cut, flat, scaled
from tui.pillow import turned

if TYPE_CHECKING:
    from PIL import Image

HELD_BYTES: Final = 256 * 1024 * 1024
"""What all sources together hold; the one in use may be larger."""

_SHORTEST: Final = 0.011
_USUAL: Final = 0.1
"""Seconds of a frame that says it lasts 10 ms or less: what browsers make of it."""


class Source:
    """One frame of a picture file in all its pixels, for any number of threads. ``Source.open`` makes one."""

    def __init__(self, path: Path, info: PictureInfo, frame: int) -> None:
        self.path = path
        self.info = info
        self.frame = frame
        self._lock = threading.Lock()
        self._levels: list[Pixels] = []

    @classmethod
    def open(cls, path: Path, stale: IsStale = never_stale, frame: int = 0) -> Source:
        """Decode ``path``. Raises PictureError and Stale."""
        with opened(path, stale) as picture:
            source = cls(path, picture.info, frame)
        source.crop(Part(0, 0, 1, 1), (1, 1), (0, 0, 0), stale)
        return source

    @property
    def size(self) -> int:
        """Bytes held now; 0 when the pixels were given up."""
        # Pillow keeps a pixel in 4 bytes, of grey in one.
        return sum(
            level.image.width * level.image.height * (1 if level.image.mode == "L" else 4)
            for level in list(self._levels)
        )

    def crop(self, part: Part, size: tuple[int, int], background: Colour, stale: IsStale = never_stale) -> Image.Image:
        """RGB of exactly ``size`` that shows ``part`` (upright pixels of the picture).

        What lies outside of the picture is background. Raises PictureError and Stale only where the pixels were
        given up and must be decoded again.
        """
        with self._lock:
            if not self._levels:
                self._levels.append(self._decoded(stale))
            level = self._level(part, size)
        _HELD.used(self)
        return cut(level, part, size, background)

    def release(self) -> None:
        """Nobody looks any more: give the pixels up."""
        self._levels = []
        _HELD.gone(self)

    def _decoded(self, stale: IsStale) -> Pixels:
        with opened(self.path, stale) as picture, in_turn(picture, stale):
            image = decoded(picture, picture.image.size, stale, self.frame)
            # Pillow's own is closed with the file.
            image = image.copy() if image is picture.image else image
            image = turned(image, picture.orientation)
            return Pixels(image, picture.info.width, picture.info.height, 1, picture.profile)

    def _level(self, part: Part, size: tuple[int, int]) -> Pixels:
        """The smallest of the picture's halves, quarters … that still has more pixels than ``size`` asks."""
        number = 0
        while 2 ** (number + 2) * max(size) <= max(part.width, part.height):
            number += 1
        while len(self._levels) <= number:
            last = self._levels[-1]
            half = last.image.reduce(2)
            self._levels.append(Pixels(half, last.width, last.height, 1, last.profile))
        return self._levels[number]


class _Held:
    """The sources that hold pixels, the one used last at the end."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._sources: list[Source] = []

    def used(self, source: Source) -> None:
        with self._lock:
            self._sources = [other for other in self._sources if other is not source]
            self._sources.append(source)
            held = sum(other.size for other in self._sources)
            while held > self.limit and len(self._sources) > 1:
                oldest = self._sources.pop(0)
                held -= oldest.size
                oldest._levels = []

    def gone(self, source: Source) -> None:
        with self._lock:
            self._sources = [other for other in self._sources if other is not source]


_HELD: Final = _Held(HELD_BYTES)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a picture that plays: its number from 0, RGB pixels, and how many seconds it stays."""

    number: int
    image: Image.Image
    seconds: float


def frames(
    path: Path,
    box: tuple[int, int],
    *,
    background: Colour,
    pixel_aspect: float = 1.0,
    multiple: tuple[int, int] = (1, 1),
    part: Part | None = None,
    start: int = 0,
    stale: IsStale = never_stale,
) -> Iterator[Frame]:
    """All frames once, from ``start`` on, each as ``prepare`` makes it; decoded one after the other, none kept.

    Raises PictureError, of a damaged file after the frames that are whole, and Stale.
    """
    with opened(path, stale) as picture:
        info = picture.info
        size = box if part is not None else fitted(info.width, info.height, box, pixel_aspect, multiple)
        for number in range(start, info.frames):
            with in_turn(picture, stale):
                image = decoded(picture, picture.image.size, stale, number)
            pixels = Pixels(image, info.width, info.height, picture.orientation, picture.profile)
            drawn = cut(pixels, part, size, background) if part else flat(scaled(pixels, size), background)
            yield Frame(number, drawn, _seconds(picture.image.info.get("duration")))


def _seconds(milliseconds: object) -> float:
    seconds = float(milliseconds) / 1000 if isinstance(milliseconds, int | float) else 0.0
    return seconds if seconds >= _SHORTEST else _USUAL
