"""Texts that a picture carries, by keyword: bounded, from whatever encoding, never trusted."""

import zlib
from typing import Final

TEXT_LIMIT: Final = 1024 * 1024
"""Bytes of one text; a longer one counts as none."""
TOTAL_LIMIT: Final = 4 * TEXT_LIMIT
"""Bytes that are read of one file, and characters that are kept of it."""
_MAX_READS: Final = 64
"""More than any picture has: damaged or packed texts without end are not tried one after the other."""


class Texts:
    """The first text of each keyword, and how much more is taken in."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._reads = _MAX_READS
        self._to_read = self._to_keep = TOTAL_LIMIT

    def may_read(self, length: int, limit: int = TEXT_LIMIT) -> bool:
        """Whether so many bytes of the file are still read; they count as read then."""
        if not 0 < length <= min(limit, self._to_read) or not self._reads:
            return False
        self._reads -= 1
        self._to_read -= length
        return True

    def add(self, keyword: str, text: str) -> None:
        """Keep a text; one too many is left out."""
        if text and keyword not in self.found and len(text) <= min(TEXT_LIMIT, self._to_keep):
            self.found[keyword] = text
            self._to_keep -= len(text)


def decoded(data: bytes) -> str:
    """UTF-8, which most programs write whatever the format says, else Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def unpacked(data: bytes, limit: int) -> bytes | None:
    """What zlib packed into ``data``; None where it is damaged or would be more than ``limit`` bytes."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, limit)
    except zlib.error:
        return None
    return text if unpacker.eof else None
