"""Texts in an EXIF block: where programs that save JPEG, WebP and AVIF put what PNG has text chunks for.

Layout: TIFF 6.0, section 2; EXIF 2.3, 4.6.5 (UserComment begins with 8 bytes that name its encoding).
A1111 writes UTF-16 big endian there whatever the block's byte order is, SwarmUI little endian; ComfyUI
puts ``prompt:{…}`` into Model and ``workflow:{…}`` into Make; Fooocus has UserComment in the first directory.
"""

import struct
from typing import Final

from tui.library.texts import TEXT_LIMIT, Texts, decoded

_TAGS: Final = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x9286: "UserComment",
}
_EXIF_DIRECTORY: Final = 0x8769
_BYTES: Final = (1, 2, 7)
"""Types of one byte each: BYTE, ASCII, UNDEFINED."""
_MAX_ENTRIES: Final = 256
_ENCODING: Final = 8
_ASCII: Final = (b"ASCII\0\0\0", b"\0" * _ENCODING)


def read_exif(data: bytes, texts: Texts) -> None:
    """Take the texts of an EXIF block into ``texts``; a damaged block gives those before the damage."""
    block = data.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return
    try:
        first = struct.unpack_from(f"{order}I", block, 4)[0]
        nested = _read_directory(block, order, first, texts)
        if nested:
            _read_directory(block, order, nested, texts)
    except struct.error:
        return


def _read_directory(block: bytes, order: str, start: int, texts: Texts) -> int:
    """Take in one directory's texts; where the EXIF directory begins, 0 if it names none."""
    nested = 0
    count = struct.unpack_from(f"{order}H", block, start)[0]
    for index in range(min(count, _MAX_ENTRIES)):
        at = start + 2 + 12 * index
        tag, kind, length = struct.unpack_from(f"{order}HHI", block, at)
        value = struct.unpack_from(f"{order}I", block, at + 8)[0]
        if tag == _EXIF_DIRECTORY:
            nested = value
        elif tag in _TAGS and kind in _BYTES and length <= TEXT_LIMIT:
            place = at + 8 if length <= 4 else value
            texts.add(_TAGS[tag], _text(block[place : place + length], order))
    return nested


def _text(value: bytes, order: str) -> str:
    if value.startswith(b"UNICODE\0"):
        return _utf16(value[_ENCODING:], order)
    if value.startswith(_ASCII):
        value = value[_ENCODING:]
    return decoded(value.rstrip(b"\0"))


def _utf16(value: bytes, order: str) -> str:
    """UTF-16 of the byte order that the zeros of its Latin letters tell."""
    if value.startswith((b"\xfe\xff", b"\xff\xfe")):
        return value.decode("utf-16", "replace").rstrip("\0")
    high, low = value[:2048:2].count(0), value[1:2048:2].count(0)
    big = high > low if high != low else order == ">"
    return value.decode("utf-16-be" if big else "utf-16-le", "replace").rstrip("\0")
