"""Streamed events (WHATWG HTML §9.2, server-sent events), their data read as JSON while it arrives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tui.engine.spill import Document, JsonSpill
from tui.engine.spool import Spool

_FIELD: Final = 6
"""Bytes needed to know a line's field: ``data:`` and one space behind it."""

_MAX_NAME: Final = 256
DONE: Final = b"[DONE]"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name ("" for most) and its data."""

    name: str
    data: Document

    @property
    def is_done(self) -> bool:
        """Whether this is the mark of a stream that ended as it should."""
        return self.data.small.strip() == DONE


class EventReader:
    """Takes a stream in pieces of any size and gives its events; a line of data may be of any length."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._line = bytearray()
        self._in_data = False
        self._after_return = False
        self._name = ""
        self._data: JsonSpill | None = None

    def feed(self, piece: bytes) -> Iterator[Event]:
        """The events that ``piece`` completes. Raises what JsonSpill raises."""
        at = 0
        while at < len(piece):
            if self._after_return:
                self._after_return = False
                if piece[at] == 0x0A:
                    at += 1
                    continue
            end = _line_end(piece, at)
            self._take(piece[at:end])
            if end == len(piece):
                return
            self._after_return = piece[end] == 0x0D
            at = end + 1
            event = self._end_line()
            if event is not None:
                yield event

    def finish(self) -> Event | None:
        """The event that was not closed by an empty line, if any. Raises BadReply when it was cut."""
        if self._in_data or self._line:
            self._end_line()
        return self._dispatch()

    def _take(self, part: bytes) -> None:
        if self._in_data and self._data is not None:
            self._data.feed(part)
            return
        room = _MAX_NAME - len(self._line)
        self._line += part if self._may_be_data(part) else part[: max(0, room)]
        if len(self._line) >= _FIELD and self._line.startswith(b"data:"):
            self._begin_data()

    def _may_be_data(self, part: bytes) -> bool:
        return (bytes(self._line[:5]) + part[:5]).startswith(b"data:")

    def _begin_data(self) -> None:
        if self._data is None:
            self._data = JsonSpill(self._spool)
        else:
            self._data.feed(b"\n")
        value = bytes(self._line[5:]).removeprefix(b" ")
        self._line.clear()
        self._in_data = True
        self._data.feed(value)

    def _end_line(self) -> Event | None:
        if self._in_data:
            self._in_data = False
            return None
        if not self._line:
            return self._dispatch()
        if self._line.startswith(b"data:"):
            self._begin_data()
            self._in_data = False
        elif self._line.startswith(b"event:"):
            self._name = self._line[6:].decode("utf-8", "replace").strip()
        self._line.clear()
        return None

    def _dispatch(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._name = None, ""
        if data is None or data.is_empty:
            return None
        return Event(name, data.finish())


def _line_end(piece: bytes, at: int) -> int:
    feed = piece.find(b"\n", at)
    back = piece.find(b"\r", at, feed if feed >= 0 else len(piece))
    ends = [end for end in (feed, back) if end >= 0]
    return min(ends, default=len(piece))
