"""Few colours for many: the palette that fits a picture, and the picture in it.

The palette splits a histogram of 32 × 32 × 32 boxes, always where that takes away most of the squared error
(X. Wu, "Efficient statistical computations for optimal color quantization", Graphics Gems II, 1991), many boxes
a round, so that the work is in numpy, which lets the event loop run meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

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

_ENOUGH: Final = 100_000
"""Pixels from which on every fourth one tells the colours as well as all."""

_STEPS: Final = np.array([(_SIDE + 1) ** 2, _SIDE + 1, 1])
"""From one bin to the next along each axis, in rows of the table."""

_AXES: Final = np.arange(3)
_OTHERS: Final = np.array([(1, 0, 0), (2, 2, 1)])
"""For each axis the two others."""

_CORNERS: Final = np.array([[corner >> axis & 1 for axis in range(3)] for corner in range(8)])
"""Whether a corner of a box is at its low or its high end of each axis."""

_SIGNS: Final = np.where(_CORNERS.sum(axis=1) % 2, 1.0, -1.0)

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.intp]
_Number = TypeVar("_Number", bound=np.number[Any])


def palettes_of(image: Image.Image, counts: Iterable[int]) -> dict[int, Palette]:
    """For each of ``counts`` at most as many colours for an RGB picture, taken from a part of its pixels.

    Those used most come first.
    """
    half = np.asarray(image.reduce(2) if min(image.size) >= 64 else image, np.uint8)
    table = _cumulated(half[::2, ::2] if half.size > 3 * _ENOUGH else half)
    wanted = set(counts)
    rounds = _rounds(table, max(wanted))
    palettes: dict[int, Palette] = {}
    for count in wanted:
        last = next(each for each in reversed(rounds) if len(each.boxes) <= count)
        sums = _inside(table, last.split(count - len(last.boxes)))
        sums = sums[np.argsort(-sums[:, 0], kind="stable")]
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


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Boxes of the histogram, from ``low`` up to ``high`` along red, green and blue: a row each."""

    low: _Integers
    high: _Integers

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, places: _Integers) -> _Boxes:
        return _Boxes(self.low[places], self.high[places])


@dataclass(frozen=True, slots=True)
class _Cuts:
    """For each of some boxes how much squared error its best cut takes away, along which axis, and where."""

    gain: _Floats
    axis: _Integers
    place: _Integers

    def replaced(self, chosen: _Integers, new: _Cuts) -> _Cuts:
        """Others for those ``chosen``, and more boxes behind all."""
        return _Cuts(
            _replaced(self.gain, chosen, new.gain),
            _replaced(self.axis, chosen, new.axis),
            _replaced(self.place, chosen, new.place),
        )


def _replaced(values: npt.NDArray[_Number], chosen: _Integers, new: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    kept = values.copy()
    kept[chosen] = new[: len(chosen)]
    return np.concatenate((kept, new[len(chosen) :]))


@dataclass(frozen=True, slots=True)
class _Round:
    """Some boxes, and those of them to be split next, most worthwhile first."""

    boxes: _Boxes
    cuts: _Cuts
    chosen: _Integers

    def split(self, count: int) -> _Boxes:
        """The boxes once the first ``count`` of those chosen are split; their upper parts are the last ones."""
        chosen = self.chosen[:count]
        axis, place = self.cuts.axis[chosen], self.cuts.place[chosen]
        upper = self.boxes[chosen]
        upper.low[np.arange(len(chosen)), axis] = place
        high = self.boxes.high.copy()
        high[chosen, axis] = place
        return _Boxes(np.concatenate((self.boxes.low, upper.low)), np.concatenate((high, upper.high)))


def _rounds(table: _Floats, most: int) -> list[_Round]:
    """One box split, round by round, into ``most``, or until nothing is gained; the last round splits none."""
    boxes = _Boxes(np.zeros((1, 3), np.intp), np.full((1, 3), _SIDE, np.intp))
    cuts = _best_cuts(table, boxes)
    rounds: list[_Round] = []
    while True:
        chosen = np.flatnonzero((cuts.gain > 0) & (cuts.gain >= cuts.gain.max() * _CLOSE))
        chosen = chosen[np.argsort(-cuts.gain[chosen], kind="stable")][: most - len(boxes)]
        rounds.append(_Round(boxes, cuts, chosen))
        if not len(chosen):
            return rounds
        before, boxes = len(boxes), rounds[-1].split(len(chosen))
        new = np.concatenate((chosen, np.arange(before, len(boxes))))
        # What was not split keeps its cut.
        cuts = cuts.replaced(chosen, _best_cuts(table, boxes[new]))


def _cumulated(pixels: Palette) -> _Floats:
    """Sums of count, red, green, blue over all bins below."""
    channels = [np.ascontiguousarray(pixels[..., channel]).ravel() for channel in range(3)]
    bins = [(channel >> 3).astype(np.uint16) for channel in channels]
    keys = ((bins[0] << 10) | (bins[1] << 5) | bins[2]).astype(np.intp)
    table = np.zeros((_SIDE + 1, _SIDE + 1, _SIDE + 1, 4))
    for number, weights in enumerate((None, *channels)):
        sums = np.bincount(keys, weights, _SIDE**3)
        table[1:, 1:, 1:, number] = sums.reshape(_SIDE, _SIDE, _SIDE)
    for axis in range(3):
        np.cumsum(table, axis=axis, out=table)
    rows: _Floats = table.reshape(-1, 4)
    return rows


def _inside(table: _Floats, boxes: _Boxes) -> _Floats:
    """The sums inside each of ``boxes``: eight corners of the table each."""
    edges = np.stack((boxes.low * _STEPS, boxes.high * _STEPS))
    places = edges[_CORNERS, :, _AXES].sum(axis=1)
    sums: _Floats = (table.take(places, axis=0) * _SIGNS[:, None, None]).sum(axis=0)
    return sums


def _best_cuts(table: _Floats, boxes: _Boxes) -> _Cuts:
    """Of all axes in one go: with so few boxes, numpy takes longer for a call than for its work."""
    count = len(boxes)
    widest = int((boxes.high - boxes.low).max())
    if widest < 2:
        return _Cuts(np.zeros(count), np.zeros(count, np.intp), np.zeros(count, np.intp))
    whole = _inside(table, boxes)[:, None, None]
    # A cut at the upper end, of a box that is narrower than others, gains nothing.
    ends = np.minimum(boxes.low[:, :, None] + np.arange(widest), boxes.high[:, :, None])
    below = _below(table, boxes, ends)
    part = below[:, :, 1:] - below[:, :, :1]
    gains = _strength(part) + _strength(whole - part) - _strength(whole)
    gains = gains.reshape(count, -1)
    most = gains.argmax(axis=1)
    every = np.arange(count)
    gain, (axis, place) = gains[every, most], np.divmod(most, widest - 1)
    return _Cuts(np.maximum(gain, 0), axis, ends[every, axis, place + 1])


def _below(table: _Floats, boxes: _Boxes, ends: _Integers) -> _Floats:
    """The sums inside each box stretched down to 0 along each axis and ended there at each of ``ends``."""
    low, high = boxes.low * _STEPS, boxes.high * _STEPS
    (low_one, low_two), (high_one, high_two) = ((edges[:, _OTHERS[0]], edges[:, _OTHERS[1]]) for edges in (low, high))
    along = ends * _STEPS[:, None]
    total: _Floats = table.take(along + (high_one + high_two)[:, :, None], axis=0)
    total += table.take(along + (low_one + low_two)[:, :, None], axis=0)
    total -= table.take(along + (high_one + low_two)[:, :, None], axis=0)
    total -= table.take(along + (low_one + high_two)[:, :, None], axis=0)
    return total


def _strength(sums: _Floats) -> _Floats:
    """Squared length of the sum of colours over their count: what a mean takes off the squared error."""
    strength: _Floats = sums[..., 1] ** 2 + sums[..., 2] ** 2 + sums[..., 3] ** 2
    strength /= np.maximum(sums[..., 0], 1)
    return strength
