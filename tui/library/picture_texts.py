"""What a picture file carries beside its pixels: our own metadata, and texts of other programs.

Only headers and texts are read, never pixels. Layouts: PNG third edition, sections 5.3 and 11.3.3 (tEXt,
zTXt, iTXt, eXIf); JPEG (ITU T.81) annex B with EXIF and XMP in APP1; WebP (RFC 9649) chunks EXIF and XMP.
ComfyUI writes animated PNG with a chunk ``comf`` that is laid out as tEXt.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tui.library import png
from tui.library.exif import read_exif
from tui.library.heif import read_avif
from tui.library.texts import TEXT_LIMIT, TOTAL_LIMIT, Texts, decoded, unpacked
from tui.library.xmp import read_xmp

WANTED: Final = frozenset(
    {
        *("parameters", "prompt", "workflow", "Prompt", "negative_prompt", "Negative Prompt", "fooocus_scheme"),
        *("invokeai_metadata", "sd-metadata", "Dream", "Description", "Comment", "Software", "Source"),
    }
)
"""The keywords that programs are known to use; other texts are not read."""
_XMP_KEYWORD: Final = "XML:com.adobe.xmp"
_XMP_MARK: Final = b"http://ns.adobe.com/xap/1.0/\0"
_TEXT_CHUNKS: Final = (b"tEXt", b"comf", b"zTXt", b"iTXt")
_LONGEST_KEYWORD: Final = 79
_MAX_SEGMENTS: Final = 2_000
_MAX_WEBP_CHUNKS: Final = 4_096


@dataclass(frozen=True, slots=True)
class Carried:
    """``own`` is our metadata as UTF-8 JSON; ``texts`` are those of other programs by keyword."""

    own: bytes | None = None
    texts: dict[str, str] = field(default_factory=dict)


def read_carried(path: Path) -> Carried:
    """What the picture at ``path`` carries; what is damaged counts as missing. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        head = os.pread(descriptor, 12, 0)
        texts = Texts()
        own = None
        if head.startswith(png.SIGNATURE):
            own = _read_png(descriptor, texts)
        elif head.startswith(b"\xff\xd8\xff"):
            _read_jpeg(descriptor, texts)
        elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
            _read_webp(descriptor, texts)
        elif head[4:8] == b"ftyp":
            read_avif(descriptor, texts)
        return Carried(own, texts.found)
    finally:
        os.close(descriptor)


def _read_png(descriptor: int, texts: Texts) -> bytes | None:
    """Take in what the chunks tell; our own text, which ends the search."""
    try:
        for chunk in png.chunks(descriptor, os.fstat(descriptor).st_size):
            if chunk.name in _TEXT_CHUNKS:
                if png.is_ours(descriptor, chunk):
                    return png.own_text(descriptor, chunk)
                _read_text_chunk(descriptor, chunk, texts)
            elif chunk.name == b"eXIf" and texts.may_read(chunk.length):
                read_exif(png.whole_body(descriptor, chunk) or b"", texts)
    except png.Damaged:
        return None
    return None


def _read_text_chunk(descriptor: int, chunk: png.Chunk, texts: Texts) -> None:
    begin = os.pread(descriptor, _LONGEST_KEYWORD + 1, chunk.offset + 8)
    keyword = begin.partition(b"\0")[0].decode("latin-1")
    if not _is_wanted(keyword, chunk.length, texts):
        return
    body = png.whole_body(descriptor, chunk)
    text = _text_of(chunk.name, body[len(keyword) + 1 :]) if body is not None else None
    if text is None:
        return
    if keyword == _XMP_KEYWORD:
        read_xmp(text, texts)
    else:
        texts.add(keyword, decoded(text))


def _is_wanted(keyword: str, length: int, texts: Texts) -> bool:
    if keyword == "workflow" and "prompt" in texts.found:
        # The same graph, larger and harder to read.
        return False
    known = keyword in WANTED or keyword == _XMP_KEYWORD
    return known and keyword not in texts.found and texts.may_read(length)


def _text_of(kind: bytes, rest: bytes) -> bytes | None:
    """The text in a chunk whose data behind the keyword are ``rest``."""
    if kind == b"zTXt":
        return unpacked(rest[1:], TEXT_LIMIT)
    return png.international_text(rest, TEXT_LIMIT) if kind == b"iTXt" else rest


def _read_jpeg(descriptor: int, texts: Texts) -> None:
    """Take in EXIF, XMP and the comment, which all stand before the first scan."""
    position = 2
    for _ in range(_MAX_SEGMENTS):
        head = os.pread(descriptor, 4, position)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xD9, 0xDA):
            return
        size = int.from_bytes(head[2:4], "big")
        if head[1] in (0xE1, 0xFE) and texts.may_read(size - 2):
            _read_segment(head[1], os.pread(descriptor, size - 2, position + 4), texts)
        position += 1 if head[1] == 0xFF else 2 + size


def _read_segment(marker: int, data: bytes, texts: Texts) -> None:
    if marker == 0xFE:
        texts.add("Comment", decoded(data))
    elif data.startswith(b"Exif\0\0"):
        read_exif(data, texts)
    elif data.startswith(_XMP_MARK):
        read_xmp(data[len(_XMP_MARK) :], texts)


def _read_webp(descriptor: int, texts: Texts) -> None:
    """Take in EXIF and XMP, which mostly stand behind the pixels."""
    position = 12
    for _ in range(_MAX_WEBP_CHUNKS):
        head = os.pread(descriptor, 8, position)
        if len(head) < 8:
            return
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"EXIF" and texts.may_read(size, TOTAL_LIMIT):
            read_exif(os.pread(descriptor, size, position + 8), texts)
        elif head[:4] == b"XMP " and texts.may_read(size):
            read_xmp(os.pread(descriptor, size, position + 8), texts)
        position += 8 + size + size % 2
