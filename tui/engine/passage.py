"""One string of a reply, taken apart as it arrives: its words, and the base64 pictures between them."""

import binascii
import re
from typing import Final

import pybase64

from tui.engine.spool import Spool, SpoolFile

MAX_TEXT: Final = 1024 * 1024
"""Bytes of words kept of one string; more than any model says in earnest."""

_HEAD: Final = 256
"""The longest ``data:…;base64,`` that is recognised."""

_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_WHITE: Final = b" \t\r\n\v\f"
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_RUN: Final = re.compile(rb"[A-Za-z0-9+/_\- \t\r\n\v\f-]*+")
_CLOSE_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]*+")
_PADDING: Final = re.compile(rb"[= \t\r\n\v\f]*+")
_DATA_URL: Final = re.compile(rb"data:([^,;\s\"'()<>]{0,120})((?:;[^,;\s\"'()<>]{0,120}){0,4}?);base64,", re.I)
_LOOK: Final = 1024
_BARE_LINE: Final = re.compile(rb"[A-Za-z0-9+/_-]{57,}+\s*+")
"""Base64 that nothing announces is told from words by its lines: none is shorter than MIME's or PEM's."""


class Blob:
    """What one run of base64 held, decoded into a spool file while it came.

    ``announced`` is the type its data URL named, "" where there was none. ``broken`` says in words where
    the base64 went wrong, None where it did not.
    """

    def __init__(self, file: SpoolFile, announced: str, *, anchored: bool) -> None:
        self.file = file
        self.announced = announced
        self.broken: str | None = None
        self._run = _RUN if anchored else _CLOSE_RUN
        self._carry = b""
        self._padded = False

    def feed(self, piece: bytes) -> int:
        """Decode ``piece``; how many of its bytes belonged to the run, fewer than all where it ended."""
        if self._padded:
            return _span(_PADDING, piece, 0)
        data = self._carry + piece
        whole = len(data) & ~3
        rest = data[whole:]
        if not rest.translate(None, _ALPHABET):
            try:
                decoded = pybase64.b64decode(memoryview(data)[:whole], validate=True)
            except binascii.Error:
                return self._feed_odd(piece)
            self._carry = rest
            self._padded = data.endswith(b"=", 0, whole)
            self.file.write(decoded)
            return len(piece)
        return self._feed_odd(piece)

    def _feed_odd(self, piece: bytes) -> int:
        """The slow way: white space, the url-safe alphabet, padding, and the end of the run."""
        end = _span(self._run, piece, 0)
        data = self._carry + piece[:end].translate(_URL_SAFE, _WHITE)
        whole = len(data) & ~3
        self.file.write(pybase64.b64decode(data[:whole].translate(_URL_SAFE), validate=True))
        self._carry = data[whole:]
        if piece[end : end + 1] == b"=":
            self._padded = True
            return _span(_PADDING, piece, end)
        return end

    def close(self) -> None:
        """Decode what is left, padded or not, and let go of the file."""
        left = self._carry.translate(_URL_SAFE)
        self._carry = b""
        if len(left) > 1:
            self.file.write(pybase64.b64decode(left + b"=" * (4 - len(left)), validate=True))
        elif left and self.broken is None:
            self.broken = "one base64 character too many at the end"
        self.file.close()


def _looks_bare(window: bytes) -> bool:
    """Whether a string whose first kilobyte is ``window`` is base64 and nothing else."""
    lines = window[:_LOOK].splitlines()
    return len(window) >= _LOOK and all(_BARE_LINE.fullmatch(line) for line in lines[:-1] or lines)


def _span(pattern: re.Pattern[bytes], piece: bytes, start: int) -> int:
    found = pattern.match(piece, start)
    return found.end() if found else start


class Passage:
    """Words and pictures of one string, in order, from pieces of any size.

    Feed it the string's bytes in UTF-8, without JSON escapes, then ``close`` it. ``blobs`` are the pictures;
    ``text`` is the words, a picture's place marked by U+FFFC. At most MAX_TEXT bytes of words are kept.
    With ``bare`` the string is base64 even without ``data:`` in front; with ``guess`` it is taken for that
    when its first kilobyte looks so.
    """

    def __init__(self, spool: Spool, *, bare: bool = False, guess: bool = False) -> None:
        self._spool = spool
        self._words = bytearray()
        self._look = b""
        self._blob: Blob | None = None
        self._fresh = True
        self._bare = bare
        self._guess = guess
        self._anchored = False
        self.blobs: list[Blob] = []
        self.dropped = 0

    @property
    def text(self) -> str:
        """The words. Lone surrogates become U+FFFD."""
        loose = self._words.decode("utf-8", "replace") if self._is_utf8 else self._surrogates_joined()
        return f"{loose}…" if self.dropped else loose

    @property
    def _is_utf8(self) -> bool:
        return b"\xed" not in self._words

    def _surrogates_joined(self) -> str:
        try:
            text = self._words.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return self._words.decode("utf-8", "replace")
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises DiskError, and BadReply for too many pictures."""
        while data:
            if self._blob is None:
                data = self._read_words(data)
                continue
            used = self._blob.feed(data)
            data = data[used:]
            if data:
                self._end_blob(data)

    def close(self) -> None:
        """The string is over."""
        if self._blob is None:
            self._keep(self._look)
            self._look = b""
        else:
            self._end_blob(b"")

    def _read_words(self, data: bytes) -> bytes:
        """Search words for the start of a picture; what follows that start is returned."""
        window = self._look + data
        if self._fresh and (self._bare or (self._guess and _looks_bare(window))):
            self._begin_blob("", anchored=True)
            self._look = b""
            return window
        found = _DATA_URL.search(window) if b"base64," in window.lower() else None
        if found is None:
            keep = max(0, len(window) - (_LOOK if self._fresh else _HEAD))
            self._keep(window[:keep])
            self._look = window[keep:]
            return b""
        before = window[: found.start()]
        anchored = self._fresh and not self._words and not before.strip()
        if not anchored:
            self._keep(before)
        self._look = b""
        self._begin_blob(found[1].decode("latin-1").lower(), anchored=anchored)
        return window[found.end() :]

    def _begin_blob(self, announced: str, *, anchored: bool) -> None:
        self._fresh = False
        self._blob = Blob(self._spool.create(), announced, anchored=anchored)
        self._anchored = anchored
        self.blobs.append(self._blob)
        self._keep("\ufffc".encode())

    def _end_blob(self, rest: bytes) -> None:
        if self._blob is None:
            return
        self._blob.close()
        if rest and self._anchored:
            self._blob.broken = f"not base64 behind byte {self._blob.file.size:,}"
        self._blob = None

    def _keep(self, words: bytes) -> None:
        if words:
            self._fresh = False
        room = max(0, MAX_TEXT - len(self._words))
        self._words += words[:room]
        self.dropped += max(0, len(words) - room)
