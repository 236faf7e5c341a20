"""Where the pixels of two pictures differ, as a picture and in figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.imaging.picture import Colour, IsStale, Stale, never_stale
from tui.imaging.prepare import MAX_SIDE, inspect, prepare

if TYPE_CHECKING:
    from PIL import Image

CLEAR: Final = 16
"""A pixel differs clearly when one of its channels does by more than this (of 255)."""

_BACKGROUND: Final[Colour] = (0, 0, 0)
_STRONGEST: Final = 32
_RARE: Final = 0.005
"""Of all pixels: so many may be cut off at the brightest, so that the rest is seen."""


@dataclass(frozen=True, slots=True)
class Difference:
    """``any`` and ``clear`` are shares of the pixels from 0 to 1, ``mean`` is of 255, over all channels.

    ``gain`` is how many times as strong the picture shows it. ``scaled`` is the size both were brought to, None
    where they had the same.
    """

    any: float
    clear: float
    mean: float
    gain: int
    scaled: tuple[int, int] | None = None


def write_difference(left: Path, right: Path, target: Path, stale: IsStale = never_stale) -> Difference:
    """Write the absolute difference of two pictures to ``target`` as a PNG, made stronger. Blocks.

    Pictures of different sizes are brought to that of the smaller one, whatever their shape. Raises PictureError,
    Stale, and OSError where ``target`` cannot be written.
    """
    from PIL import Image, ImageChops

    sizes = [(info.width, info.height) for info in (inspect(left), inspect(right))]
    size = min(sizes, key=lambda each: each[0] * each[1])
    made = [prepare(path, size, background=_BACKGROUND, stale=stale).image for path in (left, right)]
    size = min(size[0], MAX_SIDE), min(size[1], MAX_SIDE)
    pair = [each if each.size == size else each.resize(size, Image.Resampling.LANCZOS) for each in made]
    difference = ImageChops.difference(*pair)
    strongest = difference.getchannel(0)
    for channel in (1, 2):
        strongest = ImageChops.lighter(strongest, difference.getchannel(channel))
    counts = strongest.histogram()
    gain = _gain(counts)
    if stale():
        raise Stale
    difference.point([min(255, value * gain) for value in range(256)] * 3).save(target, "PNG", compress_level=1)
    pixels = size[0] * size[1]
    return Difference(
        any=1 - counts[0] / pixels,
        clear=sum(counts[CLEAR + 1 :]) / pixels,
        mean=_mean(difference),
        gain=gain,
        scaled=None if sizes[0] == sizes[1] else size,
    )


def _mean(image: Image.Image) -> float:
    counts = image.histogram()
    return sum(value % 256 * count for value, count in enumerate(counts)) / sum(counts)


def _gain(counts: list[int]) -> int:
    """How much stronger it can be shown with all but the rarest differences in range."""
    left = sum(counts) * _RARE
    for value in range(255, 0, -1):
        left -= counts[value]
        if left < 0:
            return max(1, min(_STRONGEST, 255 // value))
    return 1
