"""Pictures of text: each cell a block symbol in two colours, by least squared error, thrifty with bytes.

For every cell all symbols are weighed at once: each divides the cell's pixels in two, and the best is the one
whose two means leave the least squares. Then, from left to right, a cell takes over a colour of its neighbour
where the difference is worth less than the 17 bytes that a new one costs: no palette saves as much at one look.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL import Image

Glyphs: TypeAlias = Literal["half", "quadrant", "sextant"]
"""Which block symbols the terminal's font has: every font has halves, most have quadrants and the eighths of a
cell, newer ones sextants too (Unicode 13, "Symbols for Legacy Computing")."""

GRIDS: Final[dict[Glyphs, tuple[int, int]]] = {"half": (1, 2), "quadrant": (4, 8), "sextant": (4, 24)}
"""Pixels of a cell, across and down, that pictures for these symbols should have."""

THRIFT: Final[dict[Glyphs, float]] = {"half": 12.0, "quadrant": 24.0, "sextant": 24.0}
"""Squared error of a pixel (all channels) that a byte is worth: 0.1 to 0.4 dB for half of the bytes."""

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.intp]
_Number = TypeVar("_Number", np.float32, np.intp)

_COLOUR_BYTES: Final = 17
_GLYPH_BYTES: Final = 3
_STRETCH: Final[Floats] = np.sqrt(np.array((0.9, 1.4, 0.7), np.float32))
"""How much an error of red, green and blue is seen; the squares together are 3."""

_USUAL: Final = 8.0
_HIDDEN: Final = (0.1, 1.5)
"""Levels that a cell of usual detail differs from its neighbours' mean, and the least and most that this counts."""

_FAR: Final = 1e4
_NEVER: Final = 1e12
_PIECE: Final = 32

_SOURCES: Final = np.array([(0, 3, 0, 1, 3, 3, 3), (1, 1, 4, 4, 0, 4, 2)])
"""For each choice where the foreground and the background come from: the new foreground, background, the mean of
the cell, the foreground and the background of the cell on the left."""


@dataclass(frozen=True, slots=True)
class GlyphSet:
    """Symbols and, in the rows of ``masks``, which pixels of a cell their foreground fills (1 or 0).

    ``opposite`` has the place of the symbol that fills the other pixels, -1 where there is none. The first is
    the blank, the last the full block. ``steps``: the rows of a cell where any of them begins or ends.
    """

    texts: tuple[str, ...]
    masks: Floats
    opposite: Integers
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """For each cell (rows × columns) the place of its symbol in the set, and its two colours (… × 3, 0 to 255)."""

    symbols: Integers
    foreground: Floats
    background: Floats


class TextPicture:
    """The cells of an RGB picture, by what each symbol's foreground would cover of them.

    Sums of colours and of their squares are all that squared errors need, whatever colours are tried. Colours are
    stretched by how they are seen, so that distances are plain.
    """

    def __init__(self, image: Image.Image, glyphs: Glyphs) -> None:
        self.set = glyph_set(glyphs)
        across, down = GRIDS[glyphs]
        self._size = across * down
        pixels = _whole(np.asarray(image, np.float32), across, down) * _STRETCH
        self.rows, self.columns = pixels.shape[0] // down, pixels.shape[1] // across
        parts = pixels.reshape(self.rows, down, self.columns, across, 3)
        self._squares = (parts**2).sum(axis=(1, 3, 4)).reshape(-1)
        steps = np.add.reduceat(parts, self.set.steps, axis=1)
        areas = steps.transpose(4, 0, 2, 1, 3).reshape(3, self.rows * self.columns, -1)
        # 3 × cells × symbols, and how many pixels each symbol fills.
        self._inside = _products(areas, _areas_of(self.set, across, down))
        self._count = self.set.masks.sum(axis=1)

    def divided(self) -> Division:
        """The symbol and colours of each cell with the least squared error."""
        # Of two symbols that are each other's opposite one is enough, and no full block.
        tried = self.set.opposite < np.arange(len(self._count))
        tried[[0, -1]] = True, False
        count, inside = self._count[tried], self._inside[:, :, tried]
        outside = self._inside[:, :, -1:] - inside
        explained = (inside**2).sum(axis=0) / np.maximum(count, 1)
        explained += (outside**2).sum(axis=0) / (self._size - count)
        chosen = explained.argmax(axis=1)
        every = np.arange(len(chosen))
        background = (outside[:, every, chosen] / (self._size - count[chosen])).T
        foreground = (inside[:, every, chosen] / np.maximum(count[chosen], 1)).T
        best = np.flatnonzero(tried)[chosen]
        foreground[best == 0] = background[best == 0]
        return self._division(best, foreground, background)

    def thrifty(self, division: Division, thrift: float) -> Division:
        """``division`` with fewer changes of colour along the rows; all rows go from left to right together."""
        wanted = np.stack((division.foreground, division.background)) * _STRETCH
        byte = thrift * self._size / 2 * self._busy()
        walk = _Walk(self._sums(), division.symbols, wanted, byte, self.set)
        return self._division(*walk.walked())

    def _sums(self) -> _Sums:
        shape = self.rows, self.columns
        inside = self._inside.reshape(3, *shape, -1)
        filled = np.empty((self.columns, self.rows, len(self._count), 4), np.float32)
        filled[..., :3] = inside.transpose(2, 1, 3, 0)
        filled[..., 3] = self._count
        return _Sums(filled, self._squares.reshape(shape))

    def _busy(self) -> Floats:
        """How much more or less an error is hidden in each cell: little in even light, more where it changes fast.

        Measured by how far a cell is from the middle of its neighbours, which in a gradient it is not.
        """
        means = (self._inside[:, :, -1] / self._size).reshape(3, self.rows, self.columns)
        around = np.pad(means, ((0, 0), (1, 1), (1, 1)), "edge")
        beside = (around[:, 1:-1, :-2] + around[:, 1:-1, 2:] + around[:, :-2, 1:-1] + around[:, 2:, 1:-1]) / 4
        away: Floats = np.sqrt(((means - beside) ** 2).sum(axis=0)) / _USUAL
        return np.clip(away, *_HIDDEN)

    def _division(self, symbols: Integers, foreground: Floats, background: Floats) -> Division:
        shape = self.rows, self.columns
        fore, back = (colour.reshape(*shape, 3) / _STRETCH for colour in (foreground, background))
        return Division(symbols.reshape(shape), fore, back)


class _Sums(NamedTuple):
    """What is known of the cells of a picture."""

    filled: Floats
    """Columns × rows × symbols × 4: the sums of the colours that a symbol fills, and how many pixels these are."""
    squares: Floats
    """Rows × columns: the sum of the squared colours."""


class _Walk:
    """Cells from left to right, all rows at once: what each could look like beside its left neighbour.

    ``symbols`` (rows × columns) and ``wanted`` (2 × rows × columns × 3) are those of least error; ``byte`` (rows ×
    columns) is what a byte is worth in error. There are seven choices: both colours new, only the background,
    only the foreground, and these two with the opposite symbol; both as they were, with the symbol that does best
    in them; and a blank of the mean. What depends on no neighbour is known beforehand, as numpy takes longer for
    a call than for a column.
    """

    def __init__(self, sums: _Sums, symbols: Integers, wanted: Floats, byte: Floats, glyphs: GlyphSet) -> None:
        self._sums = sums
        size = sums.filled[0, 0, -1, 3]
        lit = sums.filled[0, 0, :, 3][symbols]
        total = sums.filled[:, :, -1, :3].transpose(1, 0, 2)
        opposite = glyphs.opposite[symbols]
        colour, glyph = byte * _COLOUR_BYTES, byte * _GLYPH_BYTES
        base = sums.squares - lit * _square(wanted[0]) - (size - lit) * _square(wanted[1]) + glyph
        costs = np.empty((_SOURCES.shape[1], *symbols.shape), np.float32)
        costs[0] = base + 2 * colour
        costs[1:3] = base + colour
        costs[3:5] = costs[1] + np.where(opposite < 0, _NEVER, 0)
        costs[6] = sums.squares - _square(total) / size + colour + byte
        blank = np.zeros_like(symbols)
        # Columns first, so that each step has its own in one piece.
        self._costs: Floats = _columns_first(costs)
        self._wanted: Floats = _columns_first(np.stack((*wanted, total / size)))
        self._weights: Floats = _columns_first(np.stack((lit, size - lit)))
        self._symbols: Integers = _columns_first(
            np.stack((symbols, symbols, symbols, opposite, opposite, blank, blank))
        )
        self._marks: Floats = _columns_first(np.stack((byte, glyph)))

    def walked(self) -> tuple[Integers, Floats, Floats]:
        """Symbols (rows × columns) and both colours (… × 3) whose error and bytes are least together."""
        columns, _, rows = self._symbols.shape
        symbols, colours = np.empty((columns, rows), np.intp), np.empty((columns, 2, rows, 3), np.float32)
        # Old colours, which the choices look for behind the new ones.
        known = np.full((5, rows, 3), _FAR, np.float32)
        every = np.arange(rows)
        for column in range(columns):
            known[:3] = self._wanted[column]
            choice, symbols[column] = self._best(column, known, every)
            colours[column] = known[3:] = known[_SOURCES[:, choice], every]
        fore, back = colours.transpose(1, 2, 0, 3)
        return symbols.T, fore, back

    def _best(self, column: int, known: Floats, every: Integers) -> tuple[Integers, Integers]:
        costs, symbols = self._costs[column], self._symbols[column]
        apart = known[:2, None] - known[None, 3:]
        errors = np.einsum("nork,nork->nor", apart, apart) * self._weights[column][:, None]
        costs[1] += errors[0, 0]
        costs[2] += errors[1, 1]
        costs[3] += errors[0, 1]
        costs[4] += errors[1, 0]
        costs[5], symbols[5] = self._kept(column, known[3], known[4], every)
        choice = costs.argmin(axis=0)
        return choice, symbols[choice, every]

    def _kept(self, column: int, fore: Floats, back: Floats, every: Integers) -> tuple[Floats, Integers]:
        """The least cost in colours that are there already, and the symbol for it."""
        filled = self._sums.filled[column]
        lengths = _square(fore), _square(back)
        change = np.empty((len(every), 4), np.float32)
        np.subtract(back, fore, out=change[:, :3])
        change[:, :3] *= 2
        np.subtract(*lengths, out=change[:, 3])
        # Many fonts leave a hair of the background beside a full block: one colour is always a blank.
        errors = np.einsum("rsk,rk->rs", filled[:, :-1], change)
        nearest = errors.argmin(axis=1)
        ground = np.einsum("rk,rk->r", filled[:, -1, :3], back)
        ground *= -2
        ground += self._sums.squares[:, column]
        ground += filled[0, -1, 3] * lengths[1]
        byte, glyph = self._marks[column]
        return ground + errors[every, nearest] + np.where(nearest == 0, byte, glyph), nearest


def _columns_first(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    return np.ascontiguousarray(np.moveaxis(values, 2, 0))


def _whole(pixels: Floats, across: int, down: int) -> Floats:
    """``pixels`` with what is missing of the last cells filled up by their edge."""
    missing = -pixels.shape[0] % down, -pixels.shape[1] % across
    return np.pad(pixels, ((0, missing[0]), (0, missing[1]), (0, 0)), "edge") if any(missing) else pixels


def _areas_of(symbols: GlyphSet, across: int, down: int) -> Floats:
    """Symbols × areas: which of the areas between its steps each fills."""
    cells = symbols.masks.reshape(-1, down, across)[:, list(symbols.steps)]
    return cells.reshape(len(symbols.texts), -1)


def _products(areas: Floats, masks: Floats) -> Floats:
    """3 × cells × symbols from sums of 3 × cells × areas.

    In pieces so small that the linear algebra library starts no threads of its own, which under load wait more
    than they work.
    """
    cells = areas.shape[1]
    filled = np.pad(areas, ((0, 0), (0, -cells % _PIECE), (0, 0)))
    pieces = filled.reshape(3, -1, _PIECE, areas.shape[2]) @ masks.T
    return pieces.reshape(3, -1, len(masks))[:, :cells]


def _square(colours: Floats) -> Floats:
    """Squared length of the last axis."""
    length: Floats = np.einsum("...k,...k->...", colours, colours)
    return length


@cache
def glyph_set(glyphs: Glyphs) -> GlyphSet:
    """The symbols of a font, over the pixels of ``GRIDS``."""
    across, down = GRIDS[glyphs]
    shapes = {"▀": _rectangle(across, down, 0, 1, 0, 0.5), "▄": _rectangle(across, down, 0, 1, 0.5, 1)}
    if glyphs != "half":
        for eighth in range(1, 8):
            shapes.setdefault(chr(0x2580 + eighth), _rectangle(across, down, 0, 1, 1 - eighth / 8, 1))
        for quarter, text in enumerate("▎▌▊", start=1):
            shapes[text] = _rectangle(across, down, 0, quarter / 4, 0, 1)
        shapes["▐"] = 1 - shapes["▌"]
        for mask, text in enumerate(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"):
            shapes.setdefault(text, _mosaic(mask, 2, across, down))
    if glyphs == "sextant":
        for mask in range(64):
            shapes.setdefault(sextant(mask), _mosaic(mask, 3, across, down))
    blank = np.zeros(across * down, np.float32)
    texts = (" ", *sorted(text for text in shapes if text not in " █"), "█")
    masks = np.stack([blank, *(shapes[text] for text in texts[1:-1]), blank + 1])
    same = (masks[:, None] + masks[None] == 1).all(axis=-1)
    rows = masks.reshape(-1, down, across)
    steps = (0, *(row for row in range(1, down) if (rows[:, row] != rows[:, row - 1]).any()))
    return GlyphSet(texts, masks, np.where(same.any(axis=1), same.argmax(axis=1), -1), steps)


def sextant(mask: int) -> str:
    """The symbol that fills the sixths of a cell in ``mask``: bit 0 is the upper left, rows first."""
    whole = {0: " ", 0b010101: "▌", 0b101010: "▐", 0b111111: "█"}
    return whole.get(mask) or chr(0x1FB00 + mask - 1 - (mask > 0b010101) - (mask > 0b101010))


def _rectangle(across: int, down: int, left: float, right: float, top: float, bottom: float) -> Floats:
    cell = np.zeros((down, across), np.float32)
    cell[round(top * down) : round(bottom * down), round(left * across) : round(right * across)] = 1
    return cell.reshape(-1)


def _mosaic(mask: int, high: int, across: int, down: int) -> Floats:
    """Two columns and ``high`` rows of parts, those in ``mask`` filled."""
    parts = np.array([mask >> bit & 1 for bit in range(2 * high)], np.float32).reshape(high, 2)
    return parts.repeat(down // high, axis=0).repeat(across // 2, axis=1).reshape(-1)
