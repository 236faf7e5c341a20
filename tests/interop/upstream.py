"""The provider behind a real proxy: Google's routes, Antigravity's and OpenRouter's, saying what a test tells it to.

A real HTTP server of raw sockets in threads. A test says what comes by ``will`` and gets a prompt of its own for
it; whoever asks with that prompt hears it. So many tests use one upstream, and each sees its own calls only.
"""

import base64
import io
import itertools
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from PIL import Image
from support.listener import Listener, close

JSON: Final = "application/json; charset=UTF-8"
MODEL: Final = "gemini-3-pro-image-preview"
_USAGE: Final = {"promptTokenCount": 11, "candidatesTokenCount": 1120, "totalTokenCount": 1131}
_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the upstream says to one call.

    ``events`` are Gemini responses: one each in a stream, one for all where no stream is asked. ``raw`` is a body
    to be sent as it is, whatever was asked. ``after`` is waited for before a word is said. ``end`` is what comes
    behind the words: nothing more ("whole"), a lost connection ("cut"), silence until the caller leaves
    ("silence"). ``pause`` is seconds between the events of a stream. ``closed``: not a byte, the connection goes.
    """

    events: tuple[dict[str, Any], ...] = ()
    raw: bytes | None = None
    status: int = 200
    content_type: str = JSON
    after: threading.Event | None = None
    seconds: float = 0.0
    pause: float = 0.0
    end: str = "whole"
    closed: bool = False

    def body(self) -> bytes:
        """What is said where no stream is asked: the events as one response."""
        if self.raw is not None:
            return self.raw
        return json.dumps(self.events[0] if len(self.events) == 1 else _merged(self.events), indent=2).encode()

    def lines(self, *, wrapped: bool) -> list[bytes]:
        """The same as server-sent events; Antigravity wraps each in ``response``."""
        return [
            b"data: " + json.dumps({"response": event} if wrapped else event).encode() + b"\r\n\r\n"
            for event in self.events
        ]


@dataclass(slots=True)
class Call:
    """A call as it came; ``left`` is set when the caller closed the connection before the answer was over."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    left: threading.Event = field(default_factory=threading.Event)
    left_at: float = 0.0

    @property
    def streamed(self) -> bool:
        return "streamGenerateContent" in self.path or self.body.get("stream") is True

    @property
    def key(self) -> str:
        """The credential of the proxy that was used."""
        return self.headers.get("x-goog-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def texts(self) -> list[str]:
        """Every text of the last turn, in any of the three spellings."""
        asked = self.body.get("request", self.body)
        turn = (asked.get("contents") or asked.get("messages") or [{}])[-1]
        parts = turn.get("parts") or turn.get("content") or []
        return [parts] if isinstance(parts, str) else [part["text"] for part in parts if "text" in part]


@dataclass(slots=True)
class Take:
    """A prompt and what is said to it: each call gets the next answer, the last one for ever."""

    prompt: str
    answers: list[Answer]
    calls: list[Call] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    def next(self, call: Call) -> Answer:
        self.calls.append(call)
        self.came.set()
        return self.answers[min(len(self.calls), len(self.answers)) - 1]

    def wait(self) -> Call:
        """The first call, once it is there."""
        assert self.came.wait(_PATIENCE), f"nobody asked for {self.prompt!r}"
        return self.calls[0]


class Upstream(Listener):
    """Answers what it was told to; ``url`` is its address without a path."""

    def __init__(self) -> None:
        super().__init__()
        self._takes: dict[str, Take] = {}
        self._numbers = itertools.count(1)
        self.strays: list[Call] = []

    def will(self, *answers: Answer, prompt: str = "") -> Take:
        """Say ``answers`` to the prompt of the take; without a ``prompt`` one that is nobody else's is made."""
        take = Take(prompt or f"a red fox in fresh snow, take {next(self._numbers)}", list(answers))
        self._takes[take.prompt] = take
        return take

    def _talk(self, talk: socket.socket) -> None:
        try:
            call = _read_call(talk)
            if call is not None:
                self._answer(talk, call)
        finally:
            close(talk)

    def _answer(self, talk: socket.socket, call: Call) -> None:
        take = next((self._takes[text] for text in call.texts if text in self._takes), None)
        if take is None:
            # A proxy asks for other things than pictures by itself: which models an account has.
            self.strays += [call] if call.texts else []
            talk.sendall(_whole(Answer(raw=b"nobody told me about this prompt", status=501)))
            return
        answer = take.next(call)
        # Whoever leaves is heard at once, also while nothing is said.
        threading.Thread(target=_hear_leaving, args=(talk, call), daemon=True).start()
        while answer.after is not None and not answer.after.wait(0.02):
            if call.left.is_set():
                return
        if answer.seconds:
            call.left.wait(answer.seconds)
        if answer.closed:
            return
        for piece in _said(answer, call):
            talk.sendall(piece)
        if answer.end == "silence":
            call.left.wait(_PATIENCE)


def _said(answer: Answer, call: Call) -> Iterator[bytes]:
    """The bytes of an answer in the form that was asked for."""
    if answer.raw is not None or not call.streamed:
        whole = _whole(answer)
        yield whole[: len(whole) - len(answer.body()) // 2] if answer.end == "cut" else whole
        return
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    for line in answer.lines(wrapped="v1internal" in call.path):
        yield b"%x\r\n%b\r\n" % (len(line), line)
        if answer.pause:
            call.left.wait(answer.pause)
    if answer.end == "whole":
        yield b"0\r\n\r\n"


def _whole(answer: Answer) -> bytes:
    body = answer.body()
    head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.content_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def _read_call(talk: socket.socket) -> Call | None:
    stream = talk.makefile("rb")
    line = stream.readline().decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while (header := stream.readline().strip()) != b"":
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return Call(line[1], headers, json.loads(body) if body else {})


def _hear_leaving(talk: socket.socket, call: Call) -> None:
    try:
        while talk.recv(65536):
            continue
    except OSError:
        # A reset is a way to leave as well.
        call.left_at = time.monotonic()
    call.left_at = call.left_at or time.monotonic()
    call.left.set()


def painted(kind: str = "PNG", size: tuple[int, int] = (64, 36), shade: int = 90) -> bytes:
    """The bytes of a small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 60, 30)).save(out, kind)
    return out.getvalue()


def picture(data: bytes, mime: str = "image/png", **more: Any) -> dict[str, Any]:
    """A part with a picture; ``thought=True`` makes it a draft."""
    return {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}, **more}


def text(words: str, **more: Any) -> dict[str, Any]:
    """A part of words."""
    return {"text": words, **more}


def gemini(*parts: dict[str, Any], finish: str | None = "STOP", usage: bool = True) -> Answer:
    """One candidate with ``parts``: in a stream each part is an event, and the end one more."""
    events = [_event({"content": {"parts": [part], "role": "model"}, "index": 0}) for part in parts]
    last: dict[str, Any] = {"content": {"parts": [], "role": "model"}, "index": 0}
    end = _event(last | ({"finishReason": finish} if finish else {}))
    if usage:
        end["usageMetadata"] = _USAGE
    return Answer((*events, end))


def candidates(*each: Sequence[dict[str, Any]]) -> Answer:
    """Several candidates, each with parts of its own, as ``candidateCount`` gives."""
    rows = [
        {"content": {"parts": list(parts), "role": "model"}, "finishReason": "STOP", "index": index}
        for index, parts in enumerate(each)
    ]
    return Answer(({**_event(rows[0]), "candidates": rows, "usageMetadata": _USAGE},))


def blocked(reason: str = "PROHIBITED_CONTENT") -> Answer:
    """The prompt was blocked: no candidate at all."""
    return Answer(({"promptFeedback": {"blockReason": reason}, "usageMetadata": _USAGE, "responseId": "resp-b"},))


def google_error(status: int, kind: str, words: str, *details: dict[str, Any], **more: Any) -> Answer:
    """A failure in Google's form; each of ``details`` is a type's name and its members."""
    rows = [{"@type": f"type.googleapis.com/google.rpc.{each.pop('kind')}", **each} for each in map(dict, details)]
    error = {"code": status, "message": words, "status": kind} | ({"details": rows} if rows else {})
    return replace(Answer(raw=json.dumps({"error": error}, indent=2).encode(), status=status), **more)


def fox() -> Answer:
    """The plain success: one PNG."""
    return gemini(picture(painted()))


def said(body: bytes | str, status: int = 200, content_type: str = "text/plain") -> Answer:
    """Bytes as they are."""
    return Answer(raw=body.encode() if isinstance(body, str) else body, status=status, content_type=content_type)


def chat_completion(message: dict[str, Any], **more: Any) -> Answer:
    """What a provider that speaks OpenAI's language says (OpenRouter)."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop", **more}
    whole = {"id": "gen-sample", "object": "chat.completion", "model": f"google/{MODEL}", "choices": [choice]}
    return said(json.dumps(whole), content_type="application/json")


def _event(candidate: dict[str, Any]) -> dict[str, Any]:
    return {"candidates": [candidate], "modelVersion": MODEL, "responseId": "resp-sample"}


def _merged(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Events of one candidate as the one response that says the same."""
    parts = [part for event in events for part in event["candidates"][0]["content"]["parts"]]
    last = events[-1]["candidates"][0]
    return {**events[-1], "candidates": [{**last, "content": {"parts": parts, "role": "model"}}]}
