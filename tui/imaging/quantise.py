"""Few colours for many: the palette that fits a picture, and the picture in it.

The palette splits a histogram of 32 × 32 × 32 boxes, always where that takes away most of the squared error
(X. Wu, "Efficient statistical computations for optimal color quantization", Graphics Gems II, 1991), many boxes
a round, so that the work is in numpy, which lets the event loop run meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Palette = npt.NDArray[np.uint8]
"""Colours as rows of red, green, blue."""

_SIDE: Final = 32
_CLOSE: Final = 0.35
"""In one round every box is split whose gain is at least this part of the largest."""

_COUNTED: Final = 200_000
"""Pixels in one go: 1 ms of work."""

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.intp]


def palettes_of(image: Image.Image, counts: Iterable[int]) -> dict[int, Palette]:
    """For each of ``counts`` at most as many colours for an RGB picture, taken from it at half its size."""
    half = image.reduce(2) if min(image.size) >= 64 else image
    table = _cumulated(np.asarray(half, np.uint8).reshape(-1, 3))
    low, high = np.zeros((1, 3), np.intp), np.full((1, 3), _SIDE, np.intp)
    gain, axis, cut = _best_cuts(table, low, high)
    palettes: dict[int, Palette] = {}
    for count in sorted(set(counts)):
        while len(low) < count and gain.max() > 0:
            chosen = np.flatnonzero((gain > 0) & (gain >= gain.max() * _CLOSE))
            chosen = chosen[np.argsort(-gain[chosen], kind="stable")][: count - len(low)]
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
        palettes[count] = np.clip(np.rint(sums[:, 1:] / sums[:, :1]), 0, 255).astype(np.uint8)
    return palettes


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
    counts = _counted(image, limit)
    if counts is None:
        return None
    palette = np.array(sorted(counts, key=counts.__getitem__, reverse=True), np.uint8).reshape(-1, 3)
    keys = _keys(palette)
    order = np.argsort(keys)
    places = np.searchsorted(keys[order], _keys(np.asarray(image, np.uint8).reshape(-1, 3)))
    indexes = order.astype(np.uint8)[places].reshape(image.height, image.width)
    picture = Image.fromarray(indexes).convert("P")
    picture.putpalette(palette.tobytes())
    return picture, palette


def _counted(image: Image.Image, limit: int) -> Counter[object] | None:
    """How often each colour is there; None when they are over ``limit``.

    Pillow counts without letting other threads run, so it does not get the whole picture at once.
    """
    counts: Counter[object] = Counter()
    step = max(1, _COUNTED // image.width)
    for top in range(0, image.height, step):
        some = image.crop((0, top, image.width, min(image.height, top + step))).getcolors(limit)
        if some is None:
            return None
        counts.update({colour: count for count, colour in some})
        if len(counts) > limit:
            return None
    return counts


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
    for axis in range(3):
        cuts = np.clip(np.arange(_SIDE), low[:, None, axis], high[:, None, axis])
        # The lowest is the box's own lower end or below it: nothing is under that.
        cuts[:, 0] = low[:, axis]
        below = _below(table, low, high, axis, cuts)
        part = below[:, 1:] - below[:, :1]
        gains[:, axis] = _strength(part) + _strength(whole[:, None] - part) - before[:, None]
    flat = gains.reshape(count, -1)
    best = flat.argmax(axis=1)
    return flat[np.arange(count), best], best // (_SIDE - 1), best % (_SIDE - 1) + 1


def _below(table: _Floats, low: _Integers, high: _Integers, axis: int, ends: _Integers) -> _Floats:
    """The sums inside each box stretched down to 0 along ``axis`` and ended at each of ``ends`` there."""
    first, second = (other for other in range(3) if other != axis)
    total = np.zeros((*ends.shape, 4))
    for corner in range(4):
        place: list[_Integers] = [ends, ends, ends]
        place[first] = (high if corner & 1 else low)[:, None, first]
        place[second] = (high if corner & 2 else low)[:, None, second]
        sign = 1 if corner in (0, 3) else -1
        total += sign * table[place[0], place[1], place[2]]
    return total


def _strength(sums: _Floats) -> _Floats:
    """Squared length of the sum of colours over their count: what a mean takes off the squared error."""
    squares: _Floats = (sums[..., 1:] ** 2).sum(axis=-1)
    strength: _Floats = squares / np.maximum(sums[..., 0], 1)
    return strength
