"""EXIF and XMP inside AVIF: items that a box names and another one places.

Layout: ISO/IEC 14496-12, 8.11 (meta, iinf, infe, iloc); ISO/IEC 23008-12, annex A (an Exif item begins with
the distance to its TIFF header, an XMP item is of type ``mime`` and ``application/rdf+xml``).
"""

import os
from collections.abc import Iterator
from typing import Final

from tui.library.exif import read_exif
from tui.library.texts import TEXT_LIMIT, TOTAL_LIMIT, Texts
from tui.library.xmp import read_xmp

_MAX_BOXES: Final = 64
_MAX_ITEMS: Final = 1024
_MAX_EXTENTS: Final = 64
_XMP: Final = b"application/rdf+xml"


class _Short(Exception):
    """The box ends before what it promises."""


class _Fields:
    """Big-endian numbers, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int) -> int:
        value = self.take(size)
        return int.from_bytes(value, "big")

    def take(self, size: int) -> bytes:
        value = self._data[self._at : self._at + size]
        if len(value) < size:
            raise _Short
        self._at += size
        return value

    def rest(self) -> bytes:
        return self._data[self._at :]


def read_avif(descriptor: int, texts: Texts) -> None:
    """Take the texts of an AVIF file into ``texts``; damage gives those before it. Raises OSError."""
    end = os.fstat(descriptor).st_size
    try:
        boxes = dict(_boxes(_meta(descriptor)[4:]))
        wanted = dict(_wanted_items(boxes.get(b"iinf", b"")))
        for item, extents in _places(boxes.get(b"iloc", b"")):
            kind = wanted.get(item, b"")
            length = sum(part for _, part in extents)
            is_there = all(offset + part <= end for offset, part in extents)
            if kind and is_there and texts.may_read(length, TOTAL_LIMIT if kind == b"Exif" else TEXT_LIMIT):
                _read_item(kind, b"".join(os.pread(descriptor, part, offset) for offset, part in extents), texts)
    except _Short:
        return


def _read_item(kind: bytes, data: bytes, texts: Texts) -> None:
    if kind == b"Exif":
        read_exif(data[4 + int.from_bytes(data[:4], "big") :], texts)
    else:
        read_xmp(data, texts)


def _meta(descriptor: int) -> bytes:
    """The content of the file's meta box, empty where it has none or a huge one."""
    offset = 0
    for _ in range(_MAX_BOXES):
        head = os.pread(descriptor, 8, offset)
        size = int.from_bytes(head[:4], "big")
        if len(head) < 8 or size < 8:
            return b""
        if head[4:] == b"meta":
            return os.pread(descriptor, size - 8, offset + 8) if size <= TEXT_LIMIT else b""
        offset += size
    return b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each box in ``data``."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _wanted_items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and type of each EXIF or XMP item that ``iinf`` names."""
    fields = _Fields(data)
    version = fields.number(4) >> 24
    fields.take(2 if version == 0 else 4)
    for name, content in _boxes(fields.rest()):
        if name != b"infe":
            continue
        entry = _Fields(content)
        version = entry.number(4) >> 24
        item = entry.number(4 if version >= 3 else 2)
        entry.take(2)
        kind = entry.take(4)
        if kind == b"Exif" or (kind == b"mime" and _XMP in entry.rest()):
            yield item, kind


def _places(data: bytes) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Number of each item that ``iloc`` places in the file, with offset and length of its parts."""
    fields = _Fields(data)
    version = fields.number(4) >> 24
    sizes = fields.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(min(_MAX_ITEMS, fields.number(4 if version >= 2 else 2))):
        item = fields.number(4 if version >= 2 else 2)
        method = fields.number(2) & 15 if version else 0
        fields.take(2)
        base = fields.number(base_size)
        extents = []
        for _ in range(min(_MAX_EXTENTS, fields.number(2))):
            fields.take(index_size if version else 0)
            extents.append((base + fields.number(offset_size), fields.number(length_size)))
        if method == 0:
            yield item, extents
