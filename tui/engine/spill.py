"""JSON read while it arrives: strings of more than 64 KiB go to disk, what is left is small.

Measured (26 MB picture in 35 MB of JSON over loopback): 1 MB over idle and steps of a few milliseconds, where
collecting and decoding it at once takes 130 MB and holds the event loop for 270 ms.
"""

import codecs
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from tui.domain.errors import BadReply
from tui.engine.passage import Passage
from tui.engine.spool import Spool

LONG: Final = 64 * 1024
"""A string of more bytes than this is spilled."""

MAX_SMALL: Final = 1024 * 1024
"""Decoding as much in one step takes 1 to 12 milliseconds; no reply has a tenth of it beside its pictures."""

MAX_PASSAGES: Final = 64

# A group that is repeated possessively matches wrongly before Python 3.11.5 (gh-106052): only single characters are.
# Nothing here backtracks further than to the last escape, since what may follow each part begins otherwise.

_OUTSIDE: Final = re.compile(rb'[^"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^"]*+)*', re.S)
"""Whole strings and what stands between them."""

_INSIDE: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*', re.S)
"""The inside of a string, up to its closing quote or to a backslash whose other half is still to come."""

_ESCAPED: Final = re.compile(r'[^\\]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^\\]*+)*')
_LONGEST_ESCAPE: Final = 6


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document without its long strings.

    ``small`` holds a token in place of each; the tokens are the keys of ``passages``.
    """

    small: bytes
    passages: Mapping[str, Passage]

    def decode(self) -> Any:
        """The document as Python values. Raises ValueError where it is no JSON."""
        try:
            return msgspec.json.decode(self.small)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _decode_loosely(self.small)


def _decode_loosely(small: bytes) -> Any:
    """For what the strict decoder refuses and others send: lone surrogates, control characters, NaN."""
    try:
        return json.loads(small.decode("utf-8", "replace"), strict=False)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class _Unescape:
    """JSON string contents in pieces, escapes resolved, as UTF-8 (lone surrogates pass)."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._pending = False

    def feed(self, piece: bytes) -> bytes:
        if not self._pending and b"\\" not in piece:
            return piece
        return self._resolve(self._rest + self._decoder.decode(piece))

    def finish(self) -> bytes:
        left = self._rest + self._decoder.decode(b"", True)
        return left.encode("utf-8", "surrogatepass")

    def _resolve(self, text: str) -> bytes:
        done: list[str] = []
        at = 0
        while True:
            found = _ESCAPED.match(text, at)
            end = found.end() if found else at
            done.append(json.loads(f'"{text[at:end]}"', strict=False))
            if len(text) - end < _LONGEST_ESCAPE:
                break
            done.append(text[end])
            at = end + 1
        self._rest = text[end:]
        self._pending = bool(self._rest or self._decoder.getstate()[0])
        return "".join(done).encode("utf-8", "surrogatepass")


def _end_of_inside(piece: bytes, at: int) -> int:
    """Where the string that goes on at ``at`` ends: its quote, a backslash at the very end, or the end."""
    if piece.find(b"\\", at) < 0:
        quote = piece.find(b'"', at)
        return len(piece) if quote < 0 else quote
    found = _INSIDE.match(piece, at)
    return found.end() if found else at


class JsonSpill:
    """Takes one JSON document in pieces; ``finish`` gives it back small.

    Raises BadReply when what cannot be spilled grows too large, DiskError when the disk refuses.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._small = bytearray()
        self._text = bytearray()
        self._in_string = False
        self._escaped = False
        self._passage: Passage | None = None
        self._unescape = _Unescape()
        self._passages: dict[str, Passage] = {}
        self._nonce = secrets.token_hex(8)

    @property
    def is_empty(self) -> bool:
        """Nothing but white space has come."""
        return not self._in_string and not self._small.strip()

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if len(piece) <= LONG:
            self._feed(piece)
            return
        for start in range(0, len(piece), LONG):
            self._feed(piece[start : start + LONG])

    def _feed(self, piece: bytes) -> None:
        """A piece no longer than LONG, so that a string that is whole in it is short."""
        at = 0
        while at < len(piece):
            at = self._read_string(piece, at) if self._in_string else self._read_outside(piece, at)

    def finish(self) -> Document:
        """The document. Raises BadReply when it ended inside a string."""
        if self._in_string:
            raise BadReply("It ends in the middle of a text.", title="The answer was cut off")
        return Document(bytes(self._small), self._passages)

    def _read_outside(self, piece: bytes, at: int) -> int:
        found = _OUTSIDE.match(piece, at)
        end = found.end() if found else at
        self._small += piece[at:end]
        if len(self._small) > MAX_SMALL:
            raise BadReply(f"It holds over {MAX_SMALL // 2**20} MB beside its pictures.", retryable=False)
        if end == len(piece):
            return end
        self._in_string = True
        return end + 1

    def _read_string(self, piece: bytes, at: int) -> int:
        start = at
        if self._escaped:
            at += 1
            self._escaped = False
        end = _end_of_inside(piece, at)
        if end == len(piece):
            self._add(piece[start:])
            return end
        if piece[end] == 0x22:
            self._add(piece[start:end])
            self._end_string()
            return end + 1
        self._escaped = True
        self._add(piece[start:])
        return len(piece)

    def _add(self, part: bytes) -> None:
        if self._passage is not None:
            self._passage.feed(self._unescape.feed(part))
            return
        self._text += part
        if len(self._text) > LONG:
            if len(self._passages) >= MAX_PASSAGES:
                raise BadReply(f"It holds over {MAX_PASSAGES} long texts.", retryable=False)
            self._passage = Passage(self._spool, guess=True)
            self._unescape = _Unescape()
            self._passage.feed(self._unescape.feed(bytes(self._text)))
            self._text.clear()

    def _end_string(self) -> None:
        self._in_string = False
        if self._passage is None:
            self._small += b'"%b"' % bytes(self._text)
            self._text.clear()
            return
        self._passage.feed(self._unescape.finish())
        self._passage.close()
        token = f"spilled:{self._nonce}:{len(self._passages)}"
        self._passages[token] = self._passage
        self._passage = None
        self._small += f'"{token}"'.encode()
