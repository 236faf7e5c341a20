"""Pictures as Sixel (DEC VT330/VT340 Programmer Reference Manual, volume 2, chapter 14), in small tiles.

A character stands for a colour in six pixels of a column, so bytes follow from how often the colour changes:
fewer colours and no diffusion make a Sixel short. Each tile gives up those of its colours that are not worth their
characters; how much these have to be worth a part of the tiles tells, so that bytes are so many a pixel at most.

Small tiles let keys be heard between them on a slow link, and only those are sent again that text stood on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd, prod
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
    """How many colours, how much of the error diffused, and what a character of a tile must do (``Inks``)."""

    colours: int
    dither: float
    worth: float


WAYS: Final[dict[Look, Way]] = {
    "coarse": Way(64, 0.0, 500),
    "first": Way(256, 0.0, 250),
    "best": Way(256, 0.85, 30),
}
"""The best of each look. Where bytes are too many, characters have to be worth more."""

_SMALL_WAY: Final = Way(256, 0.0, 50)
"""The best of a small picture at first sight."""

_SMALL_ROOM: Final = 0.75
"""Bytes for each of its pixels, at most."""

_OWN: Final = Way(256, 0.0, 0.0)
"""All colours of a picture that has few."""

_FALLS: Final = 2.4
"""Bytes fall by one part of a hundred when the worth rises by about so many; found by trying."""

_TRIES: Final = 6
"""How often it rises at most, each time no more than ``_STEP`` times."""

_STEP: Final = 8.0

_DEAREST: Final = 100
"""The highest for each pixel of a tile: beyond, one of few pixels would lose even what all see."""

_CLOSE: Final = 1.03
"""So near to the room is near enough: the rest of the picture differs more from the sample."""

_ENOUGH: Final = 48
"""Colours of a terminal from which on gradients need not be diffused to look like some."""

_SCANT: Final = tuple(Way(_ENOUGH, dither, 0.0) for dither in (1.0, 0.7, 0.5, 0.3, 0.0))
"""The same where the terminal has fewer (xterm as a VT340: 16)."""

_ROOM: Final[dict[Look, float]] = {"coarse": 0.3, "first": 1.0, "best": 1.3}
"""Bytes for each pixel, at most."""

_EXACT: Final[dict[Look, float]] = {"coarse": 0.3, "first": 0.5, "best": 1.3}
"""Bytes for each pixel of a picture with all its own colours, at most."""

_SMALL: Final = 60_000
"""Pixels up to which a picture costs little, however it looks: one of a grid, in which seams are seen first."""

_LITTLE: Final = 0.5
"""Bytes for each pixel of a larger one that are few whatever the picture is."""

_NOTHING: Final = 4_000
"""Characters that are few for any picture."""

_AROUND: Final = 80
"""Characters of a tile with few colours that are not for its pixels, however few these are."""

_SPARING: Final = 0.66
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
        self._most = most
        self._look: Look = look
        self._small = image.width * image.height <= _SMALL
        self._stale = stale
        self._own = exact(image, most)
        self._drawn: dict[tuple[int, float], tuple[Indexes, Inks]] = {}
        self._palettes: dict[int, Palette] = {}

    def best(self, boxes: list[Box]) -> tuple[Way, int]:
        """The best way that seems to fit when it is cut so, and the characters of a tile in the mean."""
        some = _sample(boxes)
        if self._own is not None:
            lengths = self._in(_OWN, some).lengths(0.0)
            if _each_pixel(lengths, some) <= _EXACT[self._look] or max(lengths) * len(boxes) < _NOTHING:
                return _OWN, sum(lengths) // len(some)
        return self._scant(some) if self._most < _ENOUGH else self._spared(some)

    def tiles(self, way: Way, boxes: list[Box]) -> Iterator[Tile]:
        """All of it. Raises Stale."""
        indexes, inks = self._in_colours(way)
        for group in by_shape(boxes).values():
            texts = sixels(cut(indexes, group), inks, way.worth, self._stale)
            for box, text in zip(group, texts, strict=True):
                yield Tile(box.row, box.column, text)

    def _spared(self, some: list[Box]) -> tuple[Way, int]:
        """Colours given up until the bytes fit, as these tiles foretell."""
        way = _SMALL_WAY if self._look == "first" and self._small else WAYS[self._look]
        part = self._in(way, some)
        lengths = part.lengths(way.worth)
        room = self._room(_each_pixel(lengths, some))
        dearest = float(_DEAREST * prod(some[0].shape))
        for _ in range(_TRIES):
            over = _each_pixel(lengths, some) / room
            if over <= _CLOSE:
                break
            way = way._replace(worth=min(dearest, way.worth * min(_STEP, over**_FALLS)))
            lengths = part.lengths(way.worth)
        return way, sum(lengths) // len(some)

    def _scant(self, some: list[Box]) -> tuple[Way, int]:
        """The error diffused as far as bytes allow."""
        for way in _SCANT:
            lengths = self._in(way, some).lengths(way.worth)
            if _each_pixel(lengths, some) <= _ROOM[self._look]:
                break
        return way, sum(lengths) // len(some)

    def _room(self, finest: float) -> float:
        """Bytes for each pixel, at most, when they are so many at the best."""
        room = _ROOM[self._look]
        if self._look != "first":
            return room
        if self._small:
            return _SMALL_ROOM
        if finest <= _LITTLE:
            return room
        return min(room, max(_LITTLE, _SPARING * self._octree()))

    def _in(self, way: Way, boxes: list[Box]) -> _Part:
        """These tiles, of one shape, in the colours of ``way``."""
        indexes, inks = self._in_colours(way)
        return _Part(cut(indexes, boxes), inks, self._stale)

    def _in_colours(self, way: Way) -> tuple[Indexes, Inks]:
        if way is _OWN and self._own is not None:
            return np.asarray(self._own[0], np.uint8), Inks(self._own[1])
        colours = min(way.colours, self._most)
        if (colours, way.dither) not in self._drawn:
            if colours not in self._palettes:
                self._palettes |= palettes_of(self._image, [colours])
            palette = self._palettes[colours]
            indexes = np.asarray(mapped(self._image, palette, way.dither), np.uint8)
            self._drawn[colours, way.dither] = indexes, Inks(palette)
        return self._drawn[colours, way.dither]

    def _octree(self) -> float:
        """Bytes for each pixel that 256 colours of an octree would take, uncut."""
        strips = strips_of(self._image)
        picture = np.asarray(strips.quantize(256, Image.Quantize.FASTOCTREE), np.uint8)
        return sum(map(len, bands(picture, self._stale))) / picture.size


class _Part:
    """Some tiles of one shape, from which the bytes of all are foretold."""

    def __init__(self, tiles: Indexes, inks: Inks, stale: IsStale) -> None:
        self._tiles = tiles
        self._inks = inks
        self._stale = stale
        self._counts = inks.counted(tiles, stale)

    def lengths(self, worth: float) -> list[int]:
        """The characters of each. Raises Stale."""
        return [len(text) for text in sixels(self._tiles, self._inks, worth, self._stale, self._counts)]


def _each_pixel(lengths: list[int], boxes: list[Box]) -> float:
    """Bytes for each pixel of so long tiles."""
    height, width = boxes[0].shape
    return (sum(lengths) / len(boxes) - _AROUND) / (height * width)


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
