"""A large PNG decoded strip by strip: another thread inflates meanwhile, and what is asked small is small at once.

Pillow undoes the filters of each strip, the last row of the one before on top of it. Neither the file nor its
pixels are ever whole in memory, unless all pixels are asked.
Source: PNG Specification, Third Edition (W3C), sections 5.3 (chunks), 7 (rows), 9 (filters), 10 (compression).
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import Final, Protocol

from PIL import Image

from tui.imaging.beside import beside
from tui.imaging.pixels import GAP

LARGE: Final = 500_000
"""Pixels from which on a second thread is worth its while."""

_COMPRESSED: Final = 64 * 1024
_INFLATED: Final = 1024 * 1024
"""Bytes in one go, at most: of the file, and of what comes out of it."""

_STRIP: Final = 192 * 1024
"""Bytes of rows that are unfiltered in one go."""

_AHEAD: Final = 6
"""Pieces that may be inflated before they are needed."""

_BLOCK: Final = 65_535
"""Bytes in a stored block, at most (RFC 1951, section 3.2.4)."""

_MODES: Final = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}
"""Pillow's modes for the colour types that have a sample for each channel."""


class File(Protocol):
    """What is read here."""

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes, fewer at the end."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go on reading from there."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How the pixels of a PNG lie: its size, and Pillow's mode of them."""

    width: int
    height: int
    mode: str

    @property
    def line(self) -> int:
        """Bytes of one row, with the number of its filter."""
        return 1 + self.width * len(self.mode)


def rows_of(file: File) -> Rows | None:
    """How the pixels in ``file`` lie; None for what is small, interlaced, or not of 8 bits a channel."""
    file.seek(0)
    head = file.read(29)
    if len(head) < 29 or head[12:16] != b"IHDR":
        return None
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head[16:])
    if width * height < LARGE or depth != 8 or interlaced or colour not in _MODES:
        return None
    return Rows(width, height, _MODES[colour])


def step_to(at_least: tuple[int, int], rows: Rows) -> int:
    """How many pixels a side can be averaged to one, so that whole ones give more than ``at_least``."""
    most = int(min(rows.width / at_least[0], rows.height / at_least[1]) / GAP)
    both = math.gcd(rows.width, rows.height)
    return next((step for step in range(most, 1, -1) if both % step == 0), 1)


def decode(file: File, rows: Rows, step: int) -> Image.Image:
    """The picture in ``file``, every ``step`` × ``step`` pixels averaged to one; both its sides are multiples of it.

    Raises OSError, ValueError and zlib.error for damaged files, and whatever reading the file raises.
    """
    whole = Image.new(rows.mode, (rows.width // step, rows.height // step))
    most = max(step, _STRIP // rows.line // step * step)
    # One for all strips of this height: new memory would have to be cleared each time.
    strip = Image.new(rows.mode, (rows.width, most + 1))
    above, top = bytes(rows.line - 1), 0
    for data in _by_strips(_inflated(_gathered(_compressed(file))), rows, most):
        count = len(data) // rows.line
        if count < most:
            strip = Image.new(rows.mode, (rows.width, count + 1))
        strip.frombytes(_stored(b"".join((b"\0", above, data))), "zip", rows.mode)
        above = strip.crop((0, count, rows.width, count + 1)).tobytes()
        if step == 1:
            whole.paste(strip, (0, top - 1))
        else:
            whole.paste(strip.reduce(step, (0, 1, rows.width, count + 1)), (0, top // step))
        top += count
    return whole


def _compressed(file: File) -> Iterator[bytes]:
    """What the IDAT chunks hold, which follow each other."""
    file.seek(8)
    inside = False
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[:4], "big")
        if head[4:] != b"IDAT":
            if inside:
                return
            file.seek(size + 4, io.SEEK_CUR)
            continue
        inside = True
        while size and (piece := file.read(min(size, _COMPRESSED))):
            size -= len(piece)
            yield piece
        file.seek(4, io.SEEK_CUR)


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same in larger pieces: many files have chunks of 8 KiB."""
    held: list[bytes] = []
    for piece in pieces:
        held.append(piece)
        if sum(map(len, held)) >= _COMPRESSED:
            yield b"".join(held)
            held.clear()
    yield b"".join(held)


def _inflated(compressed: Iterable[bytes]) -> Iterator[bytes]:
    """What comes out of the compressed stream, some pieces ahead in another thread."""
    inflater = zlib.decompressobj()
    under_way: deque[Future[bytes]] = deque()
    try:
        for piece in chain(compressed, repeat(b"")):
            under_way.append(beside(partial(_more, inflater, piece)))
            if len(under_way) > _AHEAD:
                if not (data := under_way.popleft().result()):
                    return
                yield data
    finally:
        for future in under_way:
            future.cancel()


def _more(inflater: zlib._Decompress, piece: bytes) -> bytes:
    return inflater.decompress(inflater.unconsumed_tail + piece, _INFLATED)


def _by_strips(pieces: Iterable[bytes], rows: Rows, most: int) -> Iterator[memoryview]:
    """``most`` filtered rows at a time, in the end what is left."""
    left, held = rows.height, b""
    for piece in pieces:
        held = held + piece if held else piece
        view, start = memoryview(held), 0
        while left and len(held) - start >= (size := min(most, left) * rows.line):
            yield view[start : start + size]
            start, left = start + size, left - size // rows.line
        if not left:
            return
        held = held[start:]
    raise OSError("the picture ends too early")


def _stored(data: bytes) -> bytes:
    """``data`` as a zlib stream that is not compressed; its end is missing, as it is not looked at."""
    parts: list[bytes | memoryview] = [b"\x78\x01"]
    view = memoryview(data)
    for start in range(0, len(data), _BLOCK):
        block = view[start : start + _BLOCK]
        last = start + len(block) == len(data)
        parts += [struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block]
    return b"".join(parts)
