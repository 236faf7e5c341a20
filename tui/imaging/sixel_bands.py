"""Bands of a palette picture as Sixel characters (DEC VT330/VT340 Programmer Reference Manual, volume 2, chapter 14).

A band is six rows; of each colour in it, a byte says for each column which of the six it has. Everything is done
for many bands at once by numpy, in slices short enough that the event loop never waits for the interpreter.

Two things make it short. What is drawn later covers what was drawn before: so a band begins with blocks of all six
rows, each in the colour that goes on longest there, of which nothing needs to be drawn any more in these columns.
And a sweep over the band need not stay with one colour: after the last columns of one goes on another that begins
there, so that few steps over nothing are written.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

BAND: Final = 6
"""Rows of a band."""

SLICE: Final = 60_000
"""Pixels in one go: 2 ms of work."""

MOST: Final = 128
"""Bands in one go at most, so that a key has room: 7 bits of band, 8 of colour, 14 of column, 3 of row."""

BETWEEN: Final = "\n"
"""What stands between bands that are to be apart."""

_BLOCK: Final = 8
"""Columns from which on a block is worth its characters; found by trying."""

_APART: Final = 24
"""Empty columns from which on another colour may come between; found by trying."""

_WORD: Final = np.dtype("<u8")
_Bytes = npt.NDArray[np.uint8]
_Keys = npt.NDArray[np.uint32]
_Numbers = npt.NDArray[np.intp]
_Wide = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


class _Runs(NamedTuple):
    """Equal columns one after the other: where, of which colour, with which of the six rows."""

    band: _Numbers
    colour: _Numbers
    column: _Numbers
    length: _Numbers
    mask: _Numbers

    def at(self, places: _Numbers | _Flags) -> _Runs:
        """Those at ``places``."""
        return _Runs(*(values[places] for values in self))

    def and_then(self, others: _Runs) -> _Runs:
        """These, and then ``others``."""
        return _Runs(*(np.concatenate((own, more)) for own, more in zip(self, others, strict=True)))


def slices(width: int, height: int) -> list[tuple[int, int]]:
    """The rows, from and to, of each piece of a picture for ``packed``."""
    step = max(1, min(MOST, SLICE // (BAND * width))) * BAND
    return [(top, min(height, top + step)) for top in range(0, height, step)]


def packed(pixels: _Bytes, apart: int = MOST) -> bytes:
    """The characters of rows of palette indexes, as many as ``slices`` says, with ``-`` between the bands.

    After ``apart`` bands, and after as many again, ``BETWEEN`` stands instead: what follows can be drawn without
    what is before it.
    """
    height, width = pixels.shape
    cells, masks = _cells(pixels)
    blocks, left = _blocks(cells, width, height)
    runs, tracks = _in_tracks(_runs(cells[left], masks[left]))
    together = blocks.and_then(runs)
    track = np.concatenate((np.full(len(blocks.band), -1), tracks))
    # Of numbers so small numpy sorts by counting.
    order = np.argsort(together.band.astype(np.uint8), kind="stable")
    return _written(together.at(order), track[order], width, apart)


def _cells(pixels: _Bytes) -> tuple[_Keys, _Bytes]:
    """Every colour in every column of every band, sorted by band, colour and column; and the rows it has there.

    One number a pixel is sorted, the row in its lowest bits; the rows of equal cells are then joined.
    """
    height, width = pixels.shape
    rows = np.arange(height, dtype=np.uint32)
    keys = pixels.astype(np.uint32)
    keys <<= 17
    keys |= ((rows // BAND << 25) | rows % BAND)[:, None]
    keys |= (np.arange(width, dtype=np.uint32) << 3)[None]
    flat = keys.ravel()
    flat.sort()
    cells = flat >> np.uint32(3)
    starts = _starts(cells[1:] != cells[:-1])
    bits = np.left_shift(np.uint8(1), (flat & np.uint32(7)).astype(np.uint8))
    # No row is twice in a cell, so their bits can be added; what overflows falls off again.
    sums = np.cumsum(bits, dtype=np.uint8)[np.append(starts[1:], len(flat)) - 1]
    sums[1:] -= sums[:-1].copy()
    return cells[starts], sums


def _starts(changes: _Flags) -> _Numbers:
    """Where something new begins, when ``changes`` tells for each but the first whether it differs from before."""
    return np.flatnonzero(np.concatenate((np.ones(1, np.bool_), changes)))


def _lengths(starts: _Numbers, end: int) -> _Numbers:
    """How long each piece is that begins at ``starts``."""
    return np.diff(np.append(starts, end))


def _each(starts: _Numbers, lengths: _Numbers) -> _Numbers:
    """All places of pieces, piece by piece."""
    return np.repeat(starts - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())


def _blocks(cells: _Keys, width: int, height: int) -> tuple[_Runs, _Flags]:
    """Blocks of whole bands, none over another; and which cells are left to be drawn over them."""
    starts = _starts(cells[1:] != cells[:-1] + 1)
    unbroken = _lengths(starts, len(cells))
    worth = np.flatnonzero(unbroken >= _BLOCK)
    worth = worth[np.argsort(unbroken[worth])]
    worth = _each(starts[worth], unbroken[worth])
    owner = np.full(((height + BAND - 1) // BAND) * width, -1, np.intp)
    # Of several for one place the last one stays: that of the longest stretch.
    owner[_places(cells[worth], width)] = worth
    colours = np.where(owner >= 0, cells[owner] >> 14 & 255, 256)
    edges = colours[1:] != colours[:-1]
    edges[width - 1 :: width] = True
    starts = _starts(edges)
    lengths = _lengths(starts, len(owner))
    good = (colours[starts] < 256) & (lengths >= _BLOCK)
    left = np.ones(len(cells), np.bool_)
    left[owner[np.repeat(good, lengths)]] = False
    at = starts[good]
    mask = np.full(len(at), 63, np.intp)
    # Nothing is drawn below the last row.
    mask[at // width == (height - 1) // BAND] = (1 << (height - 1) % BAND + 1) - 1
    return _Runs(at // width, colours[at].astype(np.intp), at % width, lengths[good], mask), left


def _places(cells: _Keys, width: int) -> _Numbers:
    return (cells >> 22).astype(np.intp) * width + (cells & 16383)


def _runs(cells: _Keys, masks: _Bytes) -> _Runs:
    """Neighbours of one band and colour with equal rows, joined."""
    if not len(cells):
        none = np.zeros(0, np.intp)
        return _Runs(none, none, none, none, none)
    starts = _starts((cells[1:] != cells[:-1] + 1) | (masks[1:] != masks[:-1]))
    wide = cells[starts].astype(np.intp)
    return _Runs(
        wide >> 22, wide >> 14 & 255, wide & 16383, _lengths(starts, len(cells)), masks[starts].astype(np.intp)
    )


def _in_tracks(runs: _Runs) -> tuple[_Runs, _Numbers]:
    """The runs in the order to draw them, and the number of the sweep of each."""
    count = len(runs.band)
    if not count:
        return runs, runs.band
    ends = runs.column + runs.length
    same = (runs.band[1:] == runs.band[:-1]) & (runs.colour[1:] == runs.colour[:-1])
    starts = _starts(~same | (runs.column[1:] - ends[:-1] >= _APART))
    lengths = _lengths(starts, count)
    # Also where numbers have 32 bits by themselves, these keys need more.
    band, left = runs.band[starts].astype(np.int64), runs.column[starts]
    track = _tracks(band, left, ends[starts + lengths - 1])
    order = np.argsort(band << 40 | track << 14 | left)
    moved = lengths[order]
    return runs.at(_each(starts[order], moved)), np.repeat(track[order], moved)


def _tracks(band: _Wide, start: _Numbers, end: _Numbers) -> _Numbers:
    """Stretches of columns put one behind the other without overlapping: for each the first one of its track.

    From left to right, each goes on where the one that ended last is still without another: as brackets match,
    an end opens and a start closes. A start that finds none open begins a track. These are the fewest tracks.
    """
    count = len(band)
    keys = np.concatenate(((band << 15 | end) << 1, (band << 15 | start) << 1 | 1))
    order = np.argsort(keys)
    piece, closes, where = order % count, order >= count, band[order % count]
    # The depth begins at 0 in each band, below which nothing goes: the least so far is taken away.
    apart = 4 * count + 4
    sums = np.cumsum(np.where(closes, -1, 1))
    least = np.minimum.accumulate(np.minimum(sums, 0) - apart * where) + apart * where
    depth = sums - np.minimum(least, 0)
    before = np.concatenate((np.zeros(1, np.intp), depth[:-1]))
    before[1:][where[1:] != where[:-1]] = 0
    matched = np.flatnonzero(~closes | (before > 0))
    level = np.where(closes, before, depth)[matched]
    matched = matched[np.argsort((where[matched] * apart + level) * apart + matched)]
    closing = np.flatnonzero(closes[matched])
    head = np.arange(count)
    head[piece[matched[closing]]] = piece[matched[closing - 1]]
    while True:
        further = head[head]
        if np.array_equal(further, head):
            return head
        head = further


class _Words(NamedTuple):
    """Characters as numbers of eight bytes, the first one lowest, unused ones 0."""

    steps: npt.NDArray[np.uint64]
    """For each count of columns, what steps over them."""
    counts: npt.NDArray[np.uint64]
    """For each length, what stands before the character to repeat."""
    places: npt.NDArray[np.uint64]
    """For each length, the number that brings a character to where it has to stand."""


_COLOURS: Final = np.array([int.from_bytes(b"#%d" % colour, "little") << 8 for colour in range(256)], _WORD)


@lru_cache(maxsize=4)
def _words(most: int) -> _Words:
    # Up to three equal characters are as short by themselves.
    numbers = [b"!%d" % count if count > 3 else b"" for count in range(most + 1)]
    steps = [number + b"?" if number else b"?" * count for count, number in enumerate(numbers)]
    places = [1 << 8 * len(number) if number else (0, 1, 0x101, 0x10101)[count] for count, number in enumerate(numbers)]
    as_words = [[int.from_bytes(text, "little") for text in texts] for texts in (steps, numbers)]
    return _Words(*(np.array(values, _WORD) for values in (*as_words, places)))


def _written(runs: _Runs, track: _Numbers, width: int, apart: int) -> bytes:
    """``-`` goes down to the next band, ``$`` back to the left; then colour, steps, and the columns themselves."""
    words = _words((width + 1023) // 1024 * 1024)
    down = runs.band[1:] != runs.band[:-1]
    sweep = _starts(down | (track[1:] != track[:-1]))
    steps = runs.column.copy()
    steps[1:] -= runs.column[:-1] + runs.length[:-1]
    steps[sweep] = runs.column[sweep]
    control = np.zeros(len(track), np.uint8)
    control[sweep] = ord("$")
    control[1:][down] = ord("-")
    new = down & (runs.band[1:] % apart == 0)
    control[1:][new] = ord(BETWEEN)
    control[0] = 0
    out = np.empty((len(track), 3), _WORD)
    out[:, 0] = _COLOURS[runs.colour]
    out[1:, 0] *= (runs.colour[1:] != runs.colour[:-1]) | new
    out[:, 0] |= control
    out[:, 1] = words.steps[steps]
    out[:, 2] = words.places[runs.length]
    out[:, 2] *= (runs.mask + ord("?")).astype(_WORD)
    out[:, 2] += words.counts[runs.length]
    return out.tobytes().translate(None, b"\0")
