"""Few colours for many: the palette that fits a picture, and the picture in it.

The palette splits a histogram of 32 × 32 × 32 boxes, always where that takes away most of the squared error
(X. Wu, "Efficient statistical computations for optimal color quantization", Graphics Gems II, 1991), many boxes
a round, so that the work is in numpy, which lets the event loop run meanwhile.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Palette = npt.NDArray[np.uint8]
"""Colours as rows of red, green, blue."""

_SIDE: Final = 32
_CLOSE: Final = 0.35
"""In one round every box is split whose gain is at least this part of the largest."""

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.intp]


def palette_of(image: Image.Image, colours: int) -> Palette:
    """At most ``colours`` colours for an RGB picture, taken from it at half its size."""
    half = image.reduce(2) if min(image.size) >= 64 else image
    pixels = np.asarray(half, np.uint8).reshape(-1, 3)
    table = _cumulated(pixels)
    low, high = np.zeros((1, 3), np.intp), np.full((1, 3), _SIDE, np.intp)
    gain, axis, cut = _best_cuts(table, low, high)
    while len(low) < colours:
        chosen = np.flatnonzero((gain > 0) & (gain >= gain.max() * _CLOSE))
        if not len(chosen):
            break
        chosen = chosen[np.argsort(-gain[chosen], kind="stable")][: colours - len(low)]
        upper_low, upper_high = low[chosen], high[chosen]
        upper_low[np.arange(len(chosen)), axis[chosen]] = cut[chosen]
        high[chosen, axis[chosen]] = cut[chosen]
        low, high = np.concatenate((low, upper_low)), np.concatenate((high, upper_high))
        # What was not split keeps its cut.
        new = np.concatenate((chosen, np.arange(len(gain), len(low))))
        gain, axis = np.concatenate((gain, gain[chosen])), np.concatenate((axis, axis[chosen]))
        cut = np.concatenate((cut, cut[chosen]))
        gain[new], axis[new], cut[new] = _best_cuts(table, low[new], high[new])
    sums = _inside(table, low, high)
    means = sums[:, 1:] / sums[:, :1]
    palette: Palette = np.clip(np.rint(means), 0, 255).astype(np.uint8)
    return palette


def mapped(image: Image.Image, palette: Palette, dither: float = 0.0) -> Image.Image:
    """The RGB ``image`` in the colours of ``palette``, as a P picture.

    ``dither`` from 0 (each pixel its nearest colour) to 1 (the whole error handed on, Floyd–Steinberg): what lies
    between is a mixture of the plain result and the original, diffused; fewer bands for fewer bytes.
    """
    shelf = Image.new("P", (1, 1))
    shelf.putpalette(palette.tobytes())
    if dither >= 1:
        return image.quantize(palette=shelf, dither=Image.Dither.FLOYDSTEINBERG)
    plain = image.quantize(palette=shelf, dither=Image.Dither.NONE)
    if dither <= 0:
        return plain
    mixed = Image.blend(plain.convert("RGB"), image, dither)
    return mixed.quantize(palette=shelf, dither=Image.Dither.FLOYDSTEINBERG)


def exact(image: Image.Image, limit: int) -> tuple[Image.Image, Palette] | None:
    """The RGB ``image`` as a P picture of all its own colours, most used first; None when they are over ``limit``."""
    counted = image.getcolors(limit)
    if counted is None:
        return None
    counted.sort(key=lambda item: item[0], reverse=True)
    palette = np.array([colour for _, colour in counted], np.uint8).reshape(-1, 3)
    keys = _keys(palette)
    order = np.argsort(keys)
    places = np.searchsorted(keys[order], _keys(np.asarray(image, np.uint8).reshape(-1, 3)))
    indexes = order.astype(np.uint8)[places].reshape(image.height, image.width)
    picture = Image.fromarray(indexes).convert("P")
    picture.putpalette(palette.tobytes())
    return picture, palette


def _keys(colours: Palette) -> npt.NDArray[np.uint32]:
    """One number for each colour."""
    wide = colours.astype(np.uint32)
    return (wide[:, 0] * np.uint32(1 << 16)) | (wide[:, 1] * np.uint32(1 << 8)) | wide[:, 2]


def _cumulated(pixels: Palette) -> _Floats:
    """Sums of count, red, green, blue over all bins below: ``table[r, g, b]`` holds those with smaller indexes."""
    bins = pixels >> 3
    keys = (bins[:, 0].astype(np.intp) << 10) | (bins[:, 1].astype(np.intp) << 5) | bins[:, 2]
    weights = (None, pixels[:, 0], pixels[:, 1], pixels[:, 2])
    sums = [np.bincount(keys, weights=weight, minlength=_SIDE**3) for weight in weights]
    table = np.zeros((_SIDE + 1, _SIDE + 1, _SIDE + 1, 4))
    table[1:, 1:, 1:] = np.stack(sums, axis=-1).reshape(_SIDE, _SIDE, _SIDE, 4)
    for axis in range(3):
        np.cumsum(table, axis=axis, out=table)
    return table


def _inside(table: _Floats, low: _Integers, high: _Integers) -> _Floats:
    """The sums inside boxes from ``low`` up to ``high``: eight corners of the table each."""
    total = np.zeros((*low.shape[:-1], 4))
    for corner in range(8):
        ends = [(high if corner >> axis & 1 else low)[..., axis] for axis in range(3)]
        sign = 1 if corner.bit_count() % 2 else -1
        total += sign * table[ends[0], ends[1], ends[2]]
    return total


def _best_cuts(table: _Floats, low: _Integers, high: _Integers) -> tuple[_Floats, _Integers, _Integers]:
    """For each box how much squared error its best cut takes away, along which axis, and where."""
    whole = _inside(table, low, high)
    before = _strength(whole)
    count = len(low)
    gains = np.zeros((count, 3, _SIDE - 1))
    cuts = np.arange(1, _SIDE)
    for axis in range(3):
        part_low = np.repeat(low[:, None], _SIDE - 1, axis=1)
        part_high = np.repeat(high[:, None], _SIDE - 1, axis=1)
        part_high[..., axis] = np.clip(cuts, low[:, None, axis], high[:, None, axis])
        part = _inside(table, part_low, part_high)
        gains[:, axis] = _strength(part) + _strength(whole[:, None] - part) - before[:, None]
    flat = gains.reshape(count, -1)
    best = flat.argmax(axis=1)
    return flat[np.arange(count), best], best // (_SIDE - 1), best % (_SIDE - 1) + 1


def _strength(sums: _Floats) -> _Floats:
    """Squared length of the sum of colours over their count: what a mean takes off the squared error."""
    squares: _Floats = (sums[..., 1:] ** 2).sum(axis=-1)
    strength: _Floats = squares / np.maximum(sums[..., 0], 1)
    return strength
