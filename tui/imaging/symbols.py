"""Pictures of text: each cell a block symbol in two colours, by least squared error, thrifty with bytes.

For every cell all symbols are weighed at once: each divides the cell's pixels in two, and the best is the one
whose two means leave the least squares. Then, from left to right, a cell takes over a colour of its neighbour
where the difference is worth less than the 17 bytes that a new one costs: no palette saves as much at one look.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL import Image

Glyphs: TypeAlias = Literal["half", "quadrant", "sextant"]
"""Which block symbols the terminal's font has: every font has halves, most have quadrants and the eighths of a
cell, newer ones sextants too (Unicode 13, "Symbols for Legacy Computing")."""

GRIDS: Final[dict[Glyphs, tuple[int, int]]] = {"half": (1, 2), "quadrant": (4, 8), "sextant": (4, 24)}
"""Pixels of a cell, across and down, that pictures for these symbols should have."""

THRIFT: Final = 12.0
"""Squared error of a pixel (all channels) that a byte is worth: 0.1 dB for half of the bytes. 0 spares none."""

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.intp]

_COLOUR_BYTES: Final = 17
_GLYPH_BYTES: Final = 3
_WEIGHTS: Final = np.array((0.9, 1.4, 0.7), np.float32)
"""How much an error of red, green and blue is seen; together 3."""

_FAR: Final = 1e4


@dataclass(frozen=True, slots=True)
class GlyphSet:
    """Symbols and, in the rows of ``masks``, which pixels of a cell their foreground fills (1 or 0).

    ``opposite`` has the place of the symbol that fills the other pixels, -1 where there is none. The first is
    the blank, the last the full block.
    """

    texts: tuple[str, ...]
    masks: Floats
    opposite: Integers


@dataclass(frozen=True, slots=True)
class Division:
    """For each cell (rows × columns) the place of its symbol in the set, and its two colours (… × 3, 0 to 255)."""

    symbols: Integers
    foreground: Floats
    background: Floats


def cells_of(image: Image.Image, glyphs: Glyphs) -> Floats:
    """The pixels of each cell of an RGB picture, rows × columns × pixels × 3; an incomplete cell is filled up."""
    across, down = GRIDS[glyphs]
    pixels = np.asarray(image, np.float32)
    missing = -image.height % down, -image.width % across
    if any(missing):
        pixels = np.pad(pixels, ((0, missing[0]), (0, missing[1]), (0, 0)), "edge")
    rows, columns = pixels.shape[0] // down, pixels.shape[1] // across
    parts = pixels.reshape(rows, down, columns, across, 3).transpose(0, 2, 1, 3, 4)
    return parts.reshape(rows, columns, down * across, 3)


def divided(cells: Floats, glyph_set: GlyphSet) -> Division:
    """The symbol and colours of each cell with the least squared error."""
    rows, columns, size, _ = cells.shape
    masks = glyph_set.masks[:-1]
    count = masks.sum(axis=1)
    flat = cells.reshape(rows * columns, size, 3)
    total = flat.sum(axis=1)
    # One product for each channel: cells × pixels by pixels × symbols.
    inside = np.stack([flat[:, :, channel] @ masks.T for channel in range(3)], axis=-1)
    outside = total[:, None, :] - inside
    explained = (inside**2).sum(-1) / np.maximum(count, 1) + (outside**2).sum(-1) / (size - count)
    best = explained.argmax(axis=1)
    every = np.arange(len(flat))
    background = outside[every, best] / (size - count[best])[:, None]
    foreground = inside[every, best] / np.maximum(count[best], 1)[:, None]
    foreground[best == 0] = background[best == 0]
    shape = rows, columns, 3
    return Division(best.reshape(rows, columns), foreground.reshape(shape), background.reshape(shape))


def thrifty(cells: Floats, division: Division, glyph_set: GlyphSet, thrift: float = THRIFT) -> Division:
    """``division`` with fewer changes of colour along the rows; all rows go from left to right together."""
    rows, columns, size, _ = cells.shape
    byte = thrift * size / 2
    before = np.full((2, rows, 3), _FAR, np.float32)
    symbols = np.empty((rows, columns), np.intp)
    colours = np.empty((2, rows, columns, 3), np.float32)
    for column in range(columns):
        here = division.symbols[:, column]
        wanted = np.stack((division.foreground[:, column], division.background[:, column]))
        step = _Step(cells[:, column], here, wanted, before, glyph_set)
        symbols[:, column], before = step.best(byte)
        colours[:, :, column] = before
    return Division(symbols, colours[0], colours[1])


class _Step:
    """One column of cells: what each could look like, given the colours that its left neighbour ended with."""

    def __init__(self, pixels: Floats, here: Integers, wanted: Floats, before: Floats, glyph_set: GlyphSet) -> None:
        self._pixels = pixels
        self._here = here
        self._wanted = wanted
        self._before = before
        self._set = glyph_set

    def best(self, byte: float) -> tuple[Integers, Floats]:
        """Symbols and colours (2 × rows × 3) whose error and bytes, at ``byte`` each, are least together."""
        masks, here, opposite = self._set.masks, self._here, self._set.opposite[self._here]
        (fore, back), (old_fore, old_back) = self._wanted, self._before
        lit = masks[here].sum(axis=1)
        dark = masks.shape[1] - lit
        mean = (fore * lit[:, None] + back * dark[:, None]) / masks.shape[1]
        # Rows × pixels: how far each pixel is from a colour that is there already.
        to_fore, to_back = _square(self._pixels - old_fore[:, None]), _square(self._pixels - old_back[:, None])
        kept = to_fore @ masks.T + to_back @ (1 - masks).T
        nearest = kept.argmin(axis=1)
        base = _square(self._pixels - np.where(masks[here][..., None] > 0, fore[:, None], back[:, None])).sum(axis=1)
        no_opposite = np.where(opposite < 0, _FAR**3, 0)
        colour, glyph = byte * _COLOUR_BYTES, byte * _GLYPH_BYTES
        costs = (
            base + 2 * colour + glyph,
            base + lit * _square(fore - old_fore) + colour + glyph,
            base + dark * _square(back - old_back) + colour + glyph,
            base + lit * _square(fore - old_back) + colour + glyph + no_opposite,
            base + dark * _square(back - old_fore) + colour + glyph + no_opposite,
            kept[np.arange(len(kept)), nearest] + np.where(nearest == 0, byte, glyph),
            _square(self._pixels - mean[:, None]).sum(axis=1) + colour + byte,
        )
        choice = np.stack(costs).argmin(axis=0)
        symbols = np.choose(choice, (here, here, here, opposite, opposite, nearest, np.zeros_like(here)))
        which = choice[:, None]
        new_fore = np.select([(which == 0) | (which == 2), which == 3], [fore, back], old_fore)
        new_back = np.select([which <= 1, which == 4, which == 6], [back, fore, mean], old_back)
        return symbols, np.stack((new_fore, new_back)).astype(np.float32)


def _square(difference: Floats) -> Floats:
    """Squared length of the last axis, weighed by how it is seen."""
    length: Floats = (difference**2) @ _WEIGHTS
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
    return GlyphSet(texts, masks, np.where(same.any(axis=1), same.argmax(axis=1), -1))


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
