"""Pictures as Sixel (DEC VT330/VT340 Programmer Reference Manual, volume 2, chapter 14), in tiles.

A character stands for a colour in six pixels of a column, so bytes follow from how often the colour changes:
fewer colours and no diffusion make a Sixel short. As with Kitty payloads, strips of the picture foretell the
bytes of each way, and the best look within so many bytes a pixel is made whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from tui.imaging.picture import Colour, IsStale, Look, Stale, never_stale
from tui.imaging.quantise import Palette, exact, mapped, palette_of
from tui.imaging.sixel_bands import packed, slices
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


@dataclass(frozen=True, slots=True)
class _Way:
    """So many colours, so much of the error diffused, if that takes at most ``room`` bytes a pixel."""

    colours: int
    dither: float
    room: float


WAYS: Final[dict[Look, tuple[_Way, ...]]] = {
    "coarse": (_Way(64, 0.0, 0.25), _Way(32, 0.0, 0.25), _Way(16, 0.0, 0.25)),
    "first": (
        _Way(256, 0.0, 0.5),
        *(_Way(colours, 0.0, 0.6) for colours in (192, 160)),
        *(_Way(colours, 0.0, 0.8) for colours in (128, 96, 64, 48, 32)),
    ),
    "best": (
        *(_Way(256, dither, 1.2) for dither in (0.85, 0.6, 0.35, 0.0)),
        *(_Way(colours, 0.0, 1.2) for colours in (192, 160, 128, 96, 64)),
    ),
}
"""From the best look to the fewest bytes; the last one is taken whatever it takes."""


def encode(
    image: Image.Image,
    cells: tuple[int, int],
    cell: tuple[int, int],
    *,
    background: Colour,
    limit: tuple[int, int] = (0, 0),
    colours: int = 256,
    look: Look = "first",
    stale: IsStale = never_stale,
) -> SixelPicture:
    """The RGB ``image`` in the middle of ``cells`` (columns, rows) of ``cell`` pixels, opaque, for so good a ``look``.

    ``limit`` is the largest picture in pixels that the terminal draws, 0 where it does not tell; ``colours`` how
    many it has. Raises Stale.
    """
    columns, rows = cells
    canvas = Image.new("RGB", (columns * cell[0], rows * cell[1]), background)
    canvas.paste(image, ((canvas.width - image.width) // 2, (canvas.height - image.height) // 2))
    palette, indexes = _reduced(canvas, max(2, min(256, colours)), WAYS[look], stale)
    wide = max(1, limit[0] // cell[0]) if limit[0] else columns
    high = max(1, limit[1] // cell[1]) if limit[1] else rows
    tiles: list[Tile] = []
    for row in range(0, rows, high):
        for column in range(0, columns, wide):
            right, bottom = min(columns, column + wide), min(rows, row + high)
            part = indexes[row * cell[1] : bottom * cell[1], column * cell[0] : right * cell[0]]
            tiles.append(Tile(row, column, _tile(part, palette, stale)))
    return SixelPicture(columns, rows, tuple(tiles))


def _reduced(image: Image.Image, most: int, ways: tuple[_Way, ...], stale: IsStale) -> tuple[Palette, _Indexes]:
    """The first of ``ways`` that seems to fit, with no more than ``most`` colours; exact where these are enough."""
    own = exact(image, most)
    if own is not None:
        return own[1], np.asarray(own[0], np.uint8)
    strips = strips_of(image)
    palettes: dict[int, Palette] = {}
    for way in ways:
        if stale():
            raise Stale
        wanted = min(way.colours, most)
        if wanted not in palettes:
            palettes[wanted] = palette_of(image, wanted)
        palette = palettes[wanted]
        if way is ways[-1]:
            break
        sample = np.asarray(mapped(strips, palette, way.dither), np.uint8)
        if len(_bands(sample, stale)) <= way.room * sample.size:
            break
    return _by_use(np.asarray(mapped(image, palette, way.dither), np.uint8), palette)


def _by_use(indexes: _Indexes, palette: Palette) -> tuple[Palette, _Indexes]:
    """The colours used most get the shortest numbers."""
    order = np.argsort(-np.bincount(indexes.ravel(), minlength=len(palette)), kind="stable")
    places = np.empty(256, np.uint8)
    places[order] = np.arange(len(order))
    return palette[order], places[indexes]


def _tile(indexes: _Indexes, palette: Palette, stale: IsStale) -> str:
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
