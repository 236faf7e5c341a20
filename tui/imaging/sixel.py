"""Pictures as Sixel (DEC VT330/VT340 Programmer Reference Manual, volume 2, chapter 14), in small tiles.

A character stands for a colour in six pixels of a column, so bytes follow from how often the colour changes:
fewer colours and no diffusion make a Sixel short. As with Kitty payloads, a part of the picture foretells the
bytes of each way, and the best look within so many bytes a pixel is made whole.

Small tiles let keys be heard between them on a slow link, and only those are sent again that text stood on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from tui.imaging.picture import Colour, IsStale, Look, never_stale
from tui.imaging.quantise import Palette, exact, mapped, palettes_of
from tui.imaging.sixel_bands import BAND
from tui.imaging.sixel_tiles import AREA, Box, Grid, Indexes, Inks, bands, by_shape, cut, sixels, small_tiles
from tui.imaging.strips import strips_of


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, its place in cells from the picture's upper left corner, and its Sixel string."""

    row: int
    column: int
    data: str


@dataclass(frozen=True, slots=True)
class SixelPicture:
    """A picture of ``columns`` × ``rows`` cells of ``cell`` pixels (width, height), in tiles."""

    columns: int
    rows: int
    cell: tuple[int, int]
    tiles: tuple[Tile, ...]


class Way(NamedTuple):
    """How many colours, how much of the error diffused, and how little a colour of a tile may do (``Inks``)."""

    colours: int
    dither: float
    worth: float


_SPARER: Final = (
    *(Way(256, 0.0, worth) for worth in (24_000, 36_000, 54_000, 80_000, 120_000)),
    *(Way(colours, 0.0, 120_000) for colours in (96, 64, 48, 32, 24, 16)),
)

WAYS: Final[dict[Look, tuple[Way, ...]]] = {
    "coarse": (Way(64, 0.0, 54_000), Way(32, 0.0, 120_000), Way(16, 0.0, 120_000)),
    "first": (Way(256, 0.0, 12_000), Way(256, 0.0, 17_000), *_SPARER),
    "best": (
        *(Way(256, dither, 2_000) for dither in (0.85, 0.6, 0.35, 0.0)),
        *(Way(256, 0.0, worth) for worth in (4_000, 8_000, 12_000, 17_000)),
        *_SPARER,
    ),
}
"""From the best look to the fewest bytes."""

_OWN: Final = Way(256, 0.0, 0.0)
"""All colours of a picture that has few."""

_ENOUGH: Final = 48
"""Colours of a terminal from which on gradients need not be diffused to look like some."""

_SCANT: Final = tuple(Way(_ENOUGH, dither, 0.0) for dither in (1.0, 0.7, 0.5, 0.3, 0.0))
"""The same where the terminal has fewer (xterm as a VT340: 16)."""

_ROOM: Final[dict[Look, float]] = {"coarse": 0.3, "first": 1.0, "best": 1.3}
"""Bytes for each pixel, at most."""

_EXACT: Final[dict[Look, float]] = {"coarse": 0.3, "first": 0.5, "best": 1.3}
"""Bytes for each pixel of a picture with all its own colours, at most."""

_LITTLE: Final = 0.25
"""Bytes for each pixel that are few whatever the picture is."""

_NOTHING: Final = 2_000
"""Characters that are few for any picture."""

_AROUND: Final = 80
"""Characters of a tile with few colours that are not for its pixels, however few these are."""

_SPARING: Final = 0.7
"""At first sight, a picture takes no more than this much of what 256 colours of an octree would, uncut."""

_LONG: Final = 3_000
"""Characters of a tile, in the mean, over which tiles are halved: an eighth of a second at 256 kbit/s for most."""

_SHARE: Final = 10
"""One tile of so many foretells the bytes of all."""

_SAMPLED: Final = 20_000
"""Pixels that a sample has at least."""


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
    many it has. ``whole_bands``: as few tiles as can be, and none reaches into a band of six pixels that its cells
    do not have whole; tmux would count the cells under it as the picture's, too. Raises Stale.
    """
    columns, rows = cells
    canvas = Image.new("RGB", (columns * cell[0], rows * cell[1]), background)
    canvas.paste(image, ((canvas.width - image.width) // 2, (canvas.height - image.height) // 2))
    painting = _Painting(canvas, max(2, min(256, colours)), look, stale)
    if whole_bands:
        boxes = _in_whole_bands(Grid(columns, rows, cell, *_largest(cells, cell, limit)))
        way = painting.best(small_tiles(cells, cell, limit, canvas.width * canvas.height).boxes())[0]
    else:
        way, boxes = _in_small_tiles(painting, small_tiles(cells, cell, limit), limit)
    tiles = sorted(painting.tiles(way, boxes), key=lambda tile: (tile.row, tile.column))
    return SixelPicture(columns, rows, cell, tuple(tiles))


def _largest(cells: tuple[int, int], cell: tuple[int, int], limit: tuple[int, int]) -> tuple[int, int]:
    """Columns and rows of the largest tile."""
    columns, rows = cells
    wide = max(1, limit[0] // cell[0]) if limit[0] else columns
    high = max(1, limit[1] // cell[1]) if limit[1] else rows
    if high < rows:
        even = BAND // gcd(cell[1], BAND)
        high = max(even, high - high % even)
    return wide, high


def _in_whole_bands(grid: Grid) -> list[Box]:
    """The tiles without what is left of a band at their ends."""
    boxes: list[Box] = []
    for box in grid.boxes():
        height = box.bottom - box.top
        boxes.append(box._replace(bottom=box.bottom - height % BAND) if height > BAND else box)
    return boxes


def _in_small_tiles(painting: _Painting, grid: Grid, limit: tuple[int, int]) -> tuple[Way, list[Box]]:
    """The way, and the tiles, which are not longer than ``_LONG`` in the mean if cells allow for that."""
    boxes = grid.boxes()
    way, length = painting.best(boxes)
    if length > _LONG:
        area = min(AREA // 2, AREA * _LONG // length)
        boxes = small_tiles((grid.columns, grid.rows), grid.cell, limit, area).boxes()
    return way, boxes


class _Painting:
    """A picture that is to be drawn in no more than ``most`` colours, for so good a ``look``."""

    def __init__(self, image: Image.Image, most: int, look: Look, stale: IsStale) -> None:
        self._image = image
        self._pixels = np.asarray(image, np.uint8)
        self._look = look
        self._stale = stale
        self._own = exact(image, most)
        ways = _SCANT if most < _ENOUGH else WAYS[look]
        self._ways = tuple(way._replace(colours=min(way.colours, most)) for way in ways)
        self._palettes = palettes_of(image, {way.colours for way in self._ways})
        self._sparing = _SPARING * self._octree() if look == "first" and most >= _ENOUGH else _ROOM[look]

    def best(self, boxes: list[Box]) -> tuple[Way, int]:
        """The best way that seems to fit when it is cut so, and the characters of a tile in the mean."""
        some = _sample(boxes)
        height, width = some[0].shape
        lengths: dict[Way, list[int]] = {}

        def each_pixel(way: Way) -> float:
            if way not in lengths:
                lengths[way] = self._lengths(way, some)
            return (sum(lengths[way]) / len(some) - _AROUND) / (height * width)

        way = self._ways[0]
        exact_fits = self._own is not None and (
            each_pixel(_OWN) <= _EXACT[self._look] or max(lengths[_OWN]) * len(boxes) < _NOTHING
        )
        if exact_fits:
            way = _OWN
        elif each_pixel(way) > _LITTLE:
            room = min(_ROOM[self._look], self._sparing)
            if each_pixel(way) > room:
                further = range(len(self._ways) - 1)
                place = bisect_left(further, True, 1, key=lambda place: each_pixel(self._ways[place]) <= room)
                way = self._ways[place]
                each_pixel(way)
        return way, sum(lengths[way]) // len(some)

    def tiles(self, way: Way, boxes: list[Box]) -> Iterator[Tile]:
        """All of it. Raises Stale."""
        if way is _OWN and self._own is not None:
            indexes, palette = np.asarray(self._own[0], np.uint8), self._own[1]
        else:
            palette = self._palettes[way.colours]
            palette, indexes = by_use(np.asarray(mapped(self._image, palette, way.dither), np.uint8), palette)
        inks = Inks(palette)
        for group in by_shape(boxes).values():
            texts = sixels(cut(indexes, group), inks, way.worth, self._stale)
            for box, text in zip(group, texts, strict=True):
                yield Tile(box.row, box.column, text)

    def _lengths(self, way: Way, boxes: list[Box]) -> list[int]:
        """How long these tiles, of one shape, would be."""
        height, width = boxes[0].shape
        if way is _OWN and self._own is not None:
            indexes, palette = cut(np.asarray(self._own[0], np.uint8), boxes), self._own[1]
        else:
            palette = self._palettes[way.colours]
            picture = mapped(Image.fromarray(cut(self._pixels, boxes).reshape(-1, width, 3)), palette, way.dither)
            palette, indexes = by_use(np.asarray(picture, np.uint8), palette)
            indexes = indexes.reshape(-1, height, width)
        return [len(text) for text in sixels(indexes, Inks(palette), way.worth, self._stale)]

    def _octree(self) -> float:
        """Bytes for each pixel that 256 colours of an octree would take, uncut."""
        strips = strips_of(self._image)
        picture = np.asarray(strips.quantize(256, Image.Quantize.FASTOCTREE), np.uint8)
        return sum(map(len, bands(picture, self._stale))) / picture.size


def by_use(indexes: Indexes, palette: Palette) -> tuple[Palette, Indexes]:
    """The colours used most get the shortest numbers."""
    order = np.argsort(-np.bincount(indexes.ravel(), minlength=len(palette)), kind="stable")
    places = np.empty(256, np.uint8)
    places[order] = np.arange(len(order))
    return palette[order], places[indexes]


def _sample(boxes: list[Box]) -> list[Box]:
    """Tiles of one shape from all over the picture, from which its bytes are foretold."""
    alike = max(by_shape(boxes).values(), key=len)
    across = sum(box.row == alike[0].row for box in alike)
    height, width = alike[0].shape
    step = max(1, min(_SHARE, len(alike), len(alike) * height * width // _SAMPLED))
    # One that goes on in another column in each row.
    while step > 1 and gcd(step, across) > 1:
        step -= 1
    return alike[step // 2 :: step]
