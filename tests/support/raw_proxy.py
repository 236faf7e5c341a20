"""A proxy of raw sockets in threads: it answers what it is told, or nothing, and notes when a client leaves."""

import base64
import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from support.listener import Listener

KEY = "sk-raw-0123456789-never-shown"
_PIECE = 64 * 1024
_STREAM_HEAD = b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
MODELS = ("gemini-3-pro-image-preview", "gemini-3.1-flash-image")


@dataclass(slots=True)
class Asked:
    """One POST: the JSON that came, and when its client went (0 while it has not)."""

    body: Any
    key: str
    left: threading.Event = field(default_factory=threading.Event)
    left_at: float = 0.0


class RawProxy(Listener):
    """Gives every POST the same answer: ``body`` with ``status``, or silence where ``body`` is None.

    With ``mute`` it accepts connections and never says a word, not even about its models. ``seconds`` is how
    long an answer takes to come through, evenly. With ``events`` it streams these and goes silent.
    """

    def __init__(
        self,
        body: bytes | None = None,
        *,
        status: int = 200,
        mute: bool = False,
        models: Sequence[str] = MODELS,
        seconds: float = 0.0,
        events: bytes = b"",
    ) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self._body = body
        self._status = status
        self._mute = mute
        self._seconds = seconds
        self._events = events
        self._models = json.dumps({"object": "list", "data": [{"id": name, "object": "model"} for name in models]})

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command's flags for this proxy."""
        return ("--proxy", self.url, "--api-key", KEY)

    def _talk(self, talk: socket.socket) -> None:
        stream = talk.makefile("rb")
        while not self._mute and (line := stream.readline()):
            fields = {}
            while (header := stream.readline().strip()) != b"":
                name, _, value = header.decode("latin-1").partition(":")
                fields[name.lower()] = value.strip()
            if not line.startswith(b"POST"):
                talk.sendall(_answer(200, self._models.encode()))
                continue
            body = json.loads(stream.read(int(fields["content-length"])))
            asked = Asked(body, fields.get("authorization", "").removeprefix("Bearer "))
            self.asked.append(asked)
            if self._events:
                talk.sendall(_STREAM_HEAD + self._events)
            if self._body is None:
                _until_left(talk, asked)
                return
            self._send(talk, _answer(self._status, self._body))
        if self._mute:
            _until_left(talk, None)

    def _send(self, talk: socket.socket, data: bytes) -> None:
        if not self._seconds:
            talk.sendall(data)
            return
        pieces = range(0, len(data), _PIECE)
        begun, pause = time.monotonic(), threading.Event()
        for number, at in enumerate(pieces, 1):
            talk.sendall(data[at : at + _PIECE])
            pause.wait(max(0.0, begun + self._seconds * number / len(pieces) - time.monotonic()))


def _until_left(talk: socket.socket, asked: Asked | None) -> None:
    while talk.recv(65536):
        continue
    if asked is not None:
        asked.left_at = time.monotonic()
        asked.left.set()


def _answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


def picture_reply(picture: bytes, *, words: str | None = None, model: str = MODELS[0]) -> bytes:
    """The answer of a model that gave ``picture`` (a PNG), with ``words`` beside it."""
    url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    message = {"role": "assistant", "content": words, "images": [{"type": "image_url", "image_url": {"url": url}}]}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "native_finish_reason": "stop"}
    return json.dumps({"id": "raw", "object": "chat.completion", "model": model, "choices": [choice]}).encode()


def error_reply(words: str, code: str = "server_error") -> bytes:
    """An answer that says only what went wrong."""
    return json.dumps({"error": {"message": words, "type": "server_error", "code": code}}).encode()
