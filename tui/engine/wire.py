"""What goes over the wire: the payload of a request, and the reader of the reply's bytes."""

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO, Final

import msgspec
import pybase64

from tui.domain.errors import BadReply, InvalidRequest
from tui.domain.request import Reference, Request
from tui.engine.answer import Answer, Gatherer
from tui.engine.said import clean_words
from tui.engine.spill import Document, JsonSpill
from tui.engine.spool import Spool
from tui.engine.sse import EventReader
from tui.library import sent_file

_READ: Final = 3 * 128 * 1024
"""Bytes of a reference read at once; a multiple of three, so that base64 needs no padding in between."""

_SLICE: Final = 64 * 1024
_JUNK: Final = 64 * 1024
_SHOWN: Final = 400
_EVENT_STARTS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")


class Payload:
    """The body of one request: its length is known before it is sent, its references are read while it is.

    The form is OpenRouter's chat completion with ``modalities`` and ``image_config``; ``stream`` asks for it in
    pieces and changes nothing else. Raises InvalidRequest when a reference cannot be read or is no longer what
    was chosen.
    """

    def __init__(self, request: Request, *, stream: bool = False) -> None:
        model, prompt = _quoted(request.model), _quoted(request.prompt)
        shape = {"aspect_ratio": request.aspect_ratio, "image_size": request.image_size}
        head = b'{"model":%b,"messages":[{"role":"user","content":' % model
        tail = b'}],"modalities":["image","text"],"image_config":%b%b}' % (
            msgspec.json.encode(shape),
            b',"stream":true' if stream else b"",
        )
        self._references = request.references
        self._frame = _content_frame(request.references, prompt)
        self._frame[0] = head + self._frame[0]
        self._frame[-1] += tail
        pictures = sum(4 * ((each.bytes + 2) // 3) for each in request.references)
        self.length = sum(map(len, self._frame)) + pictures

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._frame[0]
        for reference, after in zip(self._references, self._frame[1:], strict=True):
            async for piece in _encoded(reference):
                yield piece
            yield after


def _quoted(text: str) -> bytes:
    """As a JSON string. Lone surrogates, which UTF-8 cannot carry, become U+FFFD."""
    return msgspec.json.encode(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def _content_frame(references: tuple[Reference, ...], prompt: bytes) -> list[bytes]:
    """The message's content, cut where the base64 of each reference goes."""
    if not references:
        return [prompt]
    frame = [b'{"type":"image_url","image_url":{"url":"data:%b;base64,' % each.mime.encode() for each in references]
    frame = [before + part for before, part in zip([b"[", *[b'"}},'] * (len(frame) - 1)], frame, strict=True)]
    return [*frame, b'"}},{"type":"text","text":%b}]' % prompt]


async def _encoded(reference: Reference) -> AsyncIterator[bytes]:
    """The base64 of a reference's file, a piece at a time, read in a thread."""
    left = reference.bytes
    try:
        sent = await asyncio.to_thread(sent_file, reference)
        with await asyncio.to_thread(sent.open, "rb") as stream:
            while left > 0:
                size, piece = await asyncio.to_thread(_read_encoded, stream, min(left, _READ))
                if size < min(left, _READ):
                    raise _changed(reference)
                left -= size
                yield piece
            if await asyncio.to_thread(stream.read, 1):
                raise _changed(reference)
    except OSError as error:
        raise InvalidRequest(
            f"{reference.sent}: {error.strerror}", hint="Choose the reference again, or leave it out."
        ) from error


def _read_encoded(stream: BinaryIO, size: int) -> tuple[int, bytes]:
    data = stream.read(size)
    return len(data), pybase64.b64encode(data)


def _changed(reference: Reference) -> InvalidRequest:
    return InvalidRequest(f"{reference.path} has changed since it was chosen.", hint="Choose the reference again.")


class ReplyReader:
    """Takes the body of a reply in pieces and gathers an Answer from it.

    Raises BadReply for what is neither JSON nor streamed events, or is cut off; DiskError from the spool.
    """

    def __init__(self, spool: Spool, content_type: str = "") -> None:
        self._spool = spool
        self._streamed = content_type.lower().startswith("text/event-stream")
        self._start = b""
        self._json: JsonSpill | None = None
        self._events: EventReader | None = None
        self._junk: bytearray | None = None
        self._gatherer = Gatherer(spool)
        self._done = False

    @property
    def answer(self) -> Answer:
        """What has been gathered so far: of a stream of events those that are whole."""
        return self._gatherer.answer

    def feed(self, piece: bytes) -> None:
        """Take the next bytes, 64 KiB at most."""
        if self._json is not None:
            self._json.feed(piece)
        elif self._events is not None:
            self._feed_events(self._events, piece)
        elif self._junk is not None:
            self._junk += piece[: max(0, _JUNK - len(self._junk))]
        else:
            self._begin(piece)

    def _begin(self, piece: bytes) -> None:
        """White space may come for minutes (keep-alive), then the first bytes tell what it is."""
        self._start = (self._start + piece).removeprefix(b"\xef\xbb\xbf").lstrip()
        if not self._start:
            return
        start, self._start = self._start, b""
        if start[:1] in b"{[":
            self._json = JsonSpill(self._spool)
        elif self._streamed or any(each.startswith(start[: len(each)]) for each in _EVENT_STARTS):
            self._events = EventReader(self._spool)
        else:
            self._junk = bytearray()
        self.feed(start)

    def finish(self) -> Answer:
        """The answer, once all has come."""
        if self._events is not None:
            event = self._events.finish()
            if event is not None:
                self._take_event(event.name, event.data, is_done=event.is_done)
            return self._streamed_answer()
        if self._json is not None:
            self._take_document(self._json.finish())
        else:
            junk = bytes(self._junk or b"")
            raise BadReply(clean_words(junk)[:_SHOWN] if junk else "It is empty.")
        return self._gatherer.answer

    def broken_off(self) -> Answer | None:
        """What a stream of events gave before the connection was lost, None for any other answer."""
        if self._events is None:
            return None
        return self._streamed_answer()

    def _streamed_answer(self) -> Answer:
        answer = self._gatherer.answer
        answer.streamed, answer.complete = True, self._done
        return answer

    def _feed_events(self, events: EventReader, piece: bytes) -> None:
        for event in events.feed(piece):
            self._take_event(event.name, event.data, is_done=event.is_done)

    def _take_event(self, name: str, document: Document, *, is_done: bool) -> None:
        if is_done:
            self._done = True
        elif not self._done:
            self._take_document(document, name=name)

    def _take_document(self, document: Document, *, name: str = "") -> None:
        try:
            value = document.decode()
        except ValueError as error:
            words = clean_words(document.small[:_SHOWN])
            raise BadReply(words, title="The answer is no JSON") from error
        self._gatherer.add(value, document, name=name)
