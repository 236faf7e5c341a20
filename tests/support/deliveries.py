"""Pictures and replies as the engine hands them to the library."""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tui.domain.generation import ReplySummary
from tui.domain.reply import ReceivedImage, Reply

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300"
    + "08" * 64
    + "ffc0000b080008000801011100"
    + "ffc40014000100000000000000000000000000000009"
    + "ffc40014100100000000000000000000000000000000"
    + "ffda0008010100003f0054bfffd9"
)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 4, height: int = 3, *, extra: Iterable[bytes] = (), shade: int = 7) -> bytes:
    """A grey PNG with ``extra`` chunks between header and pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([shade % 256]) * width) * height
    return b"".join(
        (
            PNG_SIGNATURE,
            chunk(b"IHDR", header),
            *extra,
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        )
    )


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and whole bytes of each chunk, straight from the file."""
    assert data.startswith(PNG_SIGNATURE)
    found, offset = [], 8
    while offset < len(data):
        end = offset + 12 + int.from_bytes(data[offset : offset + 4], "big")
        found.append((data[offset + 4 : offset + 8], data[offset:end]))
        offset = end
    return found


def received(
    path: Path,
    data: bytes,
    *,
    mime: str = "image/png",
    width: int = 1024,
    height: int = 1024,
    role: str = "final",
) -> ReceivedImage:
    """``data`` spooled at ``path``, as the engine tells it."""
    path.write_bytes(data)
    return ReceivedImage(path, mime, width, height, len(data), hashlib.sha256(data).hexdigest(), role)


def reply_of(images: Sequence[ReceivedImage], **summary: object) -> Reply:
    return Reply(tuple(images), ReplySummary(**summary))
