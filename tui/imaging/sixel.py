"""Pictures as Sixel (DEC VT330/VT340 Programmer Reference Manual, volume 2, chapter 14), in tiles.

A character stands for a colour in six pixels of a column, so bytes follow from how often the colour changes:
fewer colours and no diffusion make a Sixel short. As with Kitty payloads, strips of the picture foretell the
bytes of each way, and the best look within so many bytes a pixel is made whole.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from tui.imaging.picture import Colour, IsStale, Look, Stale, never_stale
from tui.imaging.quantise import Palette, exact, mapped, palettes_of
from tui.imaging.sixel_bands import BAND, packed, slices
from tui.imaging.strips import strips_of

_Indexes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, its place in cells from the picture's upper left corner, and its Sixel string."""

    row: int
    column: int
    data: str


@dataclass(frozen=True, slots=True)
class SixelPicture:
    """A picture of ``columns`` × ``rows`` cells in as few tiles as the terminal takes."""

    columns: int
    rows: int
    tiles: tuple[Tile, ...]


_COUNTS: Final = (224, 192, 160, 144, 128, 112, 96, 80, 64, 56, 48, 40, 32, 24, 16)
_FEWER: Final = tuple((colours, 0.0) for colours in _COUNTS)

WAYS: Final[dict[Look, tuple[tuple[int, float], ...]]] = {
    "coarse": ((64, 0.0), (32, 0.0), (16, 0.0)),
    "first": ((256, 0.0), *_FEWER),
    "best": ((256, 0.85), (256, 0.6), (256, 0.35), (256, 0.0), *_FEWER),
}
"""How many colours and how much of the error diffused, from the best look to the fewest bytes."""

_ENOUGH: Final = 48
"""Colours of a terminal from which on gradients need not be diffused to look like some."""

_SCANT: Final = tuple((_ENOUGH, dither) for dither in (1.0, 0.7, 0.5, 0.3, 0.0))
"""The same where the terminal has fewer (xterm as a VT340: 16)."""

_ROOM: Final[dict[Look, float]] = {"coarse": 0.3, "first": 1.0, "best": 1.3}
"""Bytes for each pixel, at most."""

_EXACT: Final[dict[Look, float]] = {"coarse": 0.3, "first": 0.5, "best": 1.3}
"""Bytes for each pixel of a picture with all its own colours, at most."""

_LITTLE: Final = 0.25
"""Bytes for each pixel that are few whatever the picture is."""

_SPARING: Final = 0.73
"""At first sight, a picture takes no more than this much of what 256 colours of an octree would."""


def encode(
    image: Image.Image,
    cells: tuple[int, int],
    cell: tuple[int, int],
    *,
    background: Colour,
    limit: tuple[int, int] = (0, 0),
    colours: int = 256,
    look: Look = "first",
    whole_bands: bool = False,
    stale: IsStale = never_stale,
) -> SixelPicture:
    """The RGB ``image`` in the middle of ``cells`` (columns, rows) of ``cell`` pixels, opaque, for so good a ``look``.

    ``limit`` is the largest picture in pixels that the terminal draws, 0 where it does not tell; ``colours`` how
    many it has. ``whole_bands``: no tile reaches into a band of six pixels that its cells do not have whole; tmux
    would count the cells under it as the picture's, too. Raises Stale.
    """
    columns, rows = cells
    canvas = Image.new("RGB", (columns * cell[0], rows * cell[1]), background)
    canvas.paste(image, ((canvas.width - image.width) // 2, (canvas.height - image.height) // 2))
    palette, indexes = _reduced(canvas, max(2, min(256, colours)), look, stale)
    wide = max(1, limit[0] // cell[0]) if limit[0] else columns
    high = max(1, limit[1] // cell[1]) if limit[1] else rows
    if whole_bands and high < rows:
        even = BAND // gcd(cell[1], BAND)
        high = max(even, high - high % even)
    tiles: list[Tile] = []
    for row in range(0, rows, high):
        for column in range(0, columns, wide):
            right, bottom = min(columns, column + wide), min(rows, row + high)
            start, end = row * cell[1], bottom * cell[1]
            if whole_bands and end - start > BAND:
                end -= (end - start) % BAND
            part = indexes[start:end, column * cell[0] : right * cell[0]]
            tiles.append(Tile(row, column, tile(part, palette, stale)))
    return SixelPicture(columns, rows, tuple(tiles))


def _reduced(image: Image.Image, most: int, look: Look, stale: IsStale) -> tuple[Palette, _Indexes]:
    """The picture in the best look that seems to fit, with no more than ``most`` colours; exact if that does."""
    strips = strips_of(image)
    pixels = strips.width * strips.height
    room = _ROOM[look] * pixels
    own = exact(image, most)
    if own is not None and _size(strips_of(own[0]), stale) <= min(room, _EXACT[look] * pixels):
        return own[1], np.asarray(own[0], np.uint8)
    ways = _SCANT if most < _ENOUGH else WAYS[look]
    palettes = palettes_of(image, {min(colours, most) for colours, _ in ways})

    def size(place: int) -> int:
        colours, dither = ways[place]
        return _size(mapped(strips, palettes[min(colours, most)], dither), stale)

    place, most_bytes = 0, size(0)
    if most_bytes > _LITTLE * pixels:
        if look == "first" and most >= _ENOUGH:
            room = min(room, _SPARING * _size(strips.quantize(256, Image.Quantize.FASTOCTREE), stale))
        if most_bytes > room:
            place = bisect_left(range(len(ways) - 1), True, 1, key=lambda further: size(further) <= room)
    colours, dither = ways[place]
    palette = palettes[min(colours, most)]
    return by_use(np.asarray(mapped(image, palette, dither), np.uint8), palette)


def _size(picture: Image.Image, stale: IsStale) -> int:
    return len(_bands(np.asarray(picture, np.uint8), stale))


def by_use(indexes: _Indexes, palette: Palette) -> tuple[Palette, _Indexes]:
    """The colours used most get the shortest numbers."""
    order = np.argsort(-np.bincount(indexes.ravel(), minlength=len(palette)), kind="stable")
    places = np.empty(256, np.uint8)
    places[order] = np.arange(len(order))
    return palette[order], places[indexes]


def tile(indexes: _Indexes, palette: Palette, stale: IsStale) -> str:
    """A whole Sixel string."""
    height, width = indexes.shape
    used = np.flatnonzero(np.bincount(indexes.ravel(), minlength=len(palette)))
    # Sixel has colours in percent.
    percent = np.rint(palette * (100 / 255)).astype(int).tolist()
    colours = "".join("#{};2;{};{};{}".format(index, *percent[index]) for index in used.tolist())
    return f'\x1bP0;1;0q"1;1;{width};{height}{colours}{_bands(indexes, stale).decode("ascii")}\x1b\\'


def _bands(indexes: _Indexes, stale: IsStale) -> bytes:
    """All bands, without the last line feed."""
    parts: list[bytes] = []
    for top, bottom in slices(indexes.shape[1], indexes.shape[0]):
        if stale():
            raise Stale
        parts.append(packed(indexes[top:bottom]))
    return b"".join(parts)[:-1]
