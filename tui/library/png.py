"""Our text inside a PNG: one iTXt chunk before the end, every other byte as it was delivered.

Chunk layout: PNG specification, third edition, sections 5.3 (chunks) and 11.3.3.4 (iTXt). ``caBX`` is the
chunk that holds C2PA content credentials (C2PA specification, embedding manifests into PNG); a picture
that has one is signed, so nothing is added to it.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tui.library.texts import unpacked

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KEYWORD: Final = b"image-gen"
TEXT_LIMIT: Final = 16 * 1024 * 1024
_MAX_CHUNKS: Final = 200_000
"""More than any picture has: the walk through a hostile file ends here."""
_MAX_TRAILER: Final = 1024 * 1024
_END: Final = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_PREFIX: Final = KEYWORD + b"\x00"


class Chunk(NamedTuple):
    """A part of a PNG file: ``offset`` is where its length field stands, ``length`` counts its data only."""

    name: bytes
    offset: int
    length: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.offset + 12 + self.length


class Damaged(ValueError):
    """The chunks do not add up to the file."""


def chunks(descriptor: int, size: int) -> Iterator[Chunk]:
    """Every chunk up to the end chunk, by its header only; raises Damaged where they do not add up."""
    if os.pread(descriptor, len(SIGNATURE), 0) != SIGNATURE:
        raise Damaged("no PNG signature")
    offset = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        header = os.pread(descriptor, 8, offset)
        if len(header) < 8 or not header[4:].isalpha():
            raise Damaged("no chunk where one should begin")
        chunk = Chunk(header[4:], offset, int.from_bytes(header[:4], "big"))
        if chunk.end > size or (offset == len(SIGNATURE)) != (chunk.name == b"IHDR"):
            raise Damaged("a chunk out of place")
        yield chunk
        if chunk.name == b"IEND":
            if os.pread(descriptor, 12, offset) != _END:
                raise Damaged("an end chunk that is none")
            return
        offset = chunk.end
    raise Damaged("no end chunk")


def text_chunk(text: bytes) -> bytes:
    """An uncompressed iTXt chunk with our keyword; ``text`` is UTF-8."""
    body = b"iTXt" + _PREFIX + b"\x00\x00\x00\x00" + text
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _place_for_text(descriptor: int, size: int) -> tuple[int, int] | None:
    """From where to where our chunk goes: before the end, over ours if one stands there; None for nowhere."""
    last: Chunk | None = None
    try:
        for chunk in chunks(descriptor, size):
            if chunk.name == b"caBX":
                return None
            if chunk.name == b"IEND":
                start = last.offset if last and is_ours(descriptor, last) else chunk.offset
                return (start, chunk.offset) if size - chunk.end <= _MAX_TRAILER else None
            last = chunk
    except Damaged:
        return None
    return None


def is_ours(descriptor: int, chunk: Chunk) -> bool:
    """Whether a chunk holds our text."""
    return chunk.name == b"iTXt" and os.pread(descriptor, len(_PREFIX), chunk.offset + 8) == _PREFIX


def insert_text(path: Path, text: bytes) -> bool:
    """Put ``text`` (UTF-8) into the PNG at ``path``, in place; False where the file is left as it is.

    Left alone are signed pictures, files that are no PNG, and those whose chunks do not add up; bytes after
    the end chunk stay behind it. The part
    beyond the old end is written first, so that a full disk (OSError) leaves the picture whole.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        place = _place_for_text(descriptor, size)
        if place is None:
            return False
        start, end = place
        tail = text_chunk(text) + os.pread(descriptor, size - end, end)
        inside = min(size - start, len(tail))
        try:
            _write_at(descriptor, tail[inside:], start + inside)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        _write_at(descriptor, tail[:inside], start)
        os.ftruncate(descriptor, start + len(tail))
        return True
    finally:
        os.close(descriptor)


def _write_at(descriptor: int, data: bytes, offset: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        offset += written
        rest = rest[written:]


def read_text(path: Path) -> bytes | None:
    """Our text in the PNG at ``path``, None where it has none, or a damaged one. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for chunk in chunks(descriptor, os.fstat(descriptor).st_size):
            if is_ours(descriptor, chunk):
                return own_text(descriptor, chunk)
    except Damaged:
        return None
    finally:
        os.close(descriptor)
    return None


def own_text(descriptor: int, chunk: Chunk) -> bytes | None:
    """The text in a chunk of ours, None where it is damaged or longer than it may be. Raises OSError."""
    body = whole_body(descriptor, chunk) if chunk.length <= TEXT_LIMIT else None
    return international_text(body[len(_PREFIX) :], TEXT_LIMIT) if body is not None else None


def whole_body(descriptor: int, chunk: Chunk) -> bytes | None:
    """The data of a chunk, None where its checksum says that they are damaged."""
    block = os.pread(descriptor, chunk.length + 8, chunk.offset + 4)
    body, checksum = block[:-4], block[-4:]
    return body[4:] if zlib.crc32(body) == int.from_bytes(checksum, "big") else None


def international_text(rest: bytes, limit: int) -> bytes | None:
    """The text of an iTXt chunk whose data behind the keyword are ``rest``; a program may have packed it."""
    names = rest[2:].split(b"\x00", 2)
    if len(names) != 3:
        return None
    return unpacked(names[2], limit) if rest[0] else names[2]
