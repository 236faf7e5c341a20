"""What a picture is and whether it is whole, told from its bytes without decoding it.

Layouts: PNG 3rd edition §5; JPEG (ITU T.81) annex B; WebP container (RFC 9649); GIF89a; BMP info headers;
TIFF 6.0 §2; ISO base media file format for AVIF and HEIC.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

MAX_PIXELS: Final = 200_000_000
"""A picture that declares more is refused before anything decodes it."""

EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "image/avif": "avif",
    "image/heic": "heic",
}
"""The file extension of each type, without the dot."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Type and size in pixels as the bytes say; width and height are 0 where the header does not tell."""

    mime: str
    width: int
    height: int


_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_TAIL: Final = 64 * 1024
_MAX_PARTS: Final = 100_000
"""More chunks or segments than any picture has: the walk through a hostile file ends here."""

_BMP_HEADERS: Final = (12, 16, 40, 52, 56, 64, 108, 124)
_AVIF_BRANDS: Final = (b"avif", b"avis")
_HEIC_BRANDS: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


def identify(stream: BinaryIO) -> PictureFacts | None:
    """Type and size of the picture in ``stream``, None if its bytes are of no picture type we know.

    Reads the header only; ``stream`` must be able to seek, and is left anywhere.
    """
    stream.seek(0)
    head = stream.read(64)
    if head.startswith(_PNG_SIGNATURE):
        return _identify_png(head)
    if head.startswith(b"\xff\xd8\xff"):
        return _identify_jpeg(stream)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _identify_webp(head)
    if head[:6] in (b"GIF87a", b"GIF89a") and len(head) >= 10:
        return PictureFacts("image/gif", *struct.unpack_from("<HH", head, 6))
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") and len(head) >= 8:
        return _identify_tiff(stream, head)
    if head[4:8] == b"ftyp":
        return _identify_ftyp(stream, head)
    return _identify_bmp(head)


def is_whole(stream: BinaryIO, mime: str) -> bool:
    """Whether the picture reaches its own end: nothing was cut off.

    PNG by walking its chunks to IEND, JPEG by an EOI marker behind the first scan, WebP by the length in
    its header, GIF by its trailer. What follows the end does no harm. True for types that do not say.
    """
    if mime == "image/png":
        return _png_reaches_end(stream)
    if mime == "image/jpeg":
        return _jpeg_reaches_end(stream)
    if mime == "image/webp":
        stream.seek(4)
        size = stream.read(4)
        return len(size) == 4 and stream.seek(0, io.SEEK_END) >= int.from_bytes(size, "little") + 8
    if mime == "image/gif":
        return _tail(stream).rstrip(b"\0\r\n ").endswith(b";")
    return True


def _tail(stream: BinaryIO) -> bytes:
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - _TAIL))
    return stream.read(_TAIL)


def _identify_png(head: bytes) -> PictureFacts | None:
    if head[12:16] != b"IHDR" or len(head) < 24:
        return None
    width, height = struct.unpack_from(">II", head, 16)
    return PictureFacts("image/png", width, height)


def _png_reaches_end(stream: BinaryIO) -> bool:
    end = stream.seek(0, io.SEEK_END)
    position = len(_PNG_SIGNATURE)
    for _ in range(_MAX_PARTS):
        stream.seek(position)
        head = stream.read(8)
        if len(head) < 8:
            return False
        position += 12 + int.from_bytes(head[:4], "big")
        if position > end:
            return False
        if head[4:] == b"IEND":
            return True
    return False


def _jpeg_segments(stream: BinaryIO) -> Iterator[tuple[int, int]]:
    """The markers with a length up to the first scan, as (marker, offset of its payload)."""
    position = 2
    for _ in range(_MAX_PARTS):
        stream.seek(position)
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return
        marker = head[1]
        if marker == 0xFF:
            position += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            position += 2
        else:
            yield marker, position + 4
            position += 2 + int.from_bytes(head[2:], "big")


def _identify_jpeg(stream: BinaryIO) -> PictureFacts:
    for marker, payload in _jpeg_segments(stream):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            stream.seek(payload + 1)
            size = stream.read(4)
            if len(size) == 4:
                height, width = struct.unpack(">HH", size)
                return PictureFacts("image/jpeg", width, height)
        if marker in (0xD9, 0xDA):
            break
    return PictureFacts("image/jpeg", 0, 0)


def _jpeg_reaches_end(stream: BinaryIO) -> bool:
    scan = next((payload for marker, payload in _jpeg_segments(stream) if marker == 0xDA), None)
    if scan is None:
        return False
    end = stream.seek(0, io.SEEK_END)
    tail = _tail(stream)
    marker = tail.rfind(b"\xff\xd9")
    return marker >= 0 and end - len(tail) + marker >= scan


def _identify_webp(head: bytes) -> PictureFacts | None:
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
    elif kind == b"VP8L" and len(head) >= 25 and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a" and len(head) >= 30:
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", head, 26))
    else:
        width = height = 0
    return PictureFacts("image/webp", width, height)


def _identify_bmp(head: bytes) -> PictureFacts | None:
    if head[:2] != b"BM" or len(head) < 26:
        return None
    header = int.from_bytes(head[14:18], "little")
    if header not in _BMP_HEADERS:
        return None
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", head, 18)
    return PictureFacts("image/bmp", abs(width), abs(height))


def _identify_tiff(stream: BinaryIO, head: bytes) -> PictureFacts:
    order = "<" if head[:2] == b"II" else ">"
    sizes = {256: 0, 257: 0}
    if 42 in (head[2], head[3]):
        stream.seek(struct.unpack_from(f"{order}I", head, 4)[0])
        directory = stream.read(2)
        count = struct.unpack(f"{order}H", directory)[0] if len(directory) == 2 else 0
        entries = stream.read(12 * min(count, 512))
        for offset in range(0, len(entries) - 11, 12):
            tag, kind = struct.unpack_from(f"{order}HH", entries, offset)
            if tag in sizes and kind in (3, 4):
                sizes[tag] = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", entries, offset + 8)[0]
    return PictureFacts("image/tiff", sizes[256], sizes[257])


def _identify_ftyp(stream: BinaryIO, head: bytes) -> PictureFacts | None:
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    if any(brand in _AVIF_BRANDS for brand in brands):
        mime = "image/avif"
    elif brands[0] in _HEIC_BRANDS:
        mime = "image/heic"
    else:
        return None
    stream.seek(0)
    return PictureFacts(mime, *_largest_extent(stream.read(_TAIL)))


def _largest_extent(boxes: bytes) -> tuple[int, int]:
    """The largest of the ``ispe`` properties: the others are thumbnails, tiles and alpha planes."""
    largest, at = (0, 0), boxes.find(b"ispe")
    while at >= 0 and at + 16 <= len(boxes):
        width, height = struct.unpack_from(">II", boxes, at + 8)
        largest = max(largest, (width, height), key=lambda size: size[0] * size[1])
        at = boxes.find(b"ispe", at + 16)
    return largest
