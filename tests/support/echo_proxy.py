"""The worst of proxies: it repeats the key it was sent wherever it can, and keeps every byte that came."""

import base64
import html
import json
import socket
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from support.deliveries import png
from support.listener import Listener

MODELS: Final = ("gemini-3-pro-image-preview", "gemini-3.1-flash-image")


class EchoProxy(Listener):
    """The end of a prompt says what it does: ``echo:page`` … (the names of ``_SCENES``); others get a picture.

    ``requests`` are the bytes of each request, whole. ``elsewhere`` is where ``echo:redirect`` leads.
    ``refuses`` says of a key whether it is refused, by the list of models as well.
    """

    def __init__(self, *, elsewhere: str = "", refuses: Callable[[str], bool] = lambda key: False) -> None:
        super().__init__()
        self.requests: list[bytes] = []
        self._elsewhere = elsewhere
        self._refuses = refuses

    @property
    def heard(self) -> bytes:
        """Everything that came."""
        return b"\n".join(self.requests)

    def _talk(self, talk: socket.socket) -> None:
        with talk, talk.makefile("rb") as stream:
            while head := _read_head(stream.readline):
                length = next((int(line[15:]) for line in head if line.lower().startswith(b"content-length:")), 0)
                body = stream.read(length)
                self.requests.append(b"".join(head) + body)
                talk.sendall(self._answer(head, body))

    def _answer(self, head: list[bytes], body: bytes) -> bytes:
        path = head[0].split()[1].decode()
        key = _key_of(head)
        if path == "/healthz":
            return _http(200, {"status": "ok"}, key)
        if path == "/":
            return _http(200, {"message": "CLI Proxy API Server", "endpoints": []}, key)
        if self._refuses(key):
            return _http(401, {"error": f"Invalid API key {key}"}, key)
        if not body:
            return _http(200, {"object": "list", "data": [{"id": each, "object": "model"} for each in MODELS]}, key)
        prompt = str(json.loads(body)["messages"][-1]["content"])
        name = prompt.rpartition("echo:")[2] if "echo:" in prompt else ""
        return _SCENES.get(name, _picture)(key, self._elsewhere)


def _read_head(readline: Callable[[], bytes]) -> list[bytes]:
    lines = []
    while line := readline():
        lines.append(line)
        if line == b"\r\n":
            return lines
    return []


def _key_of(head: list[bytes]) -> str:
    named = [line for line in head if line.lower().startswith(b"authorization:")]
    return named[0].decode("latin-1").split(" ", 2)[-1].strip() if named else ""


def _http(status: int, body: Any, key: str, *, kind: str = "application/json", more: str = "") -> bytes:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} {key}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
    return f"{head}X-Echo: {key}\r\nServer: {key}\r\nX-Cpa-Trace-Id: trace-{key}\r\n{more}\r\n".encode() + data


def _completion(key: str, *, images: bool = True, finish: str = "stop", words: str | None = None) -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(png(64, 64)).decode()}"
    message = {"role": "assistant", "content": words or f"Your key is {key}.", "reasoning_content": f"So {key}, {key}"}
    if images:
        message["images"] = [{"type": "image_url", "image_url": {"url": url}}]
    choice = {"index": 0, "message": message, "finish_reason": finish, "native_finish_reason": finish}
    return {"id": f"id-{key}", "object": "chat.completion", "model": f"model-{key}", "choices": [choice]}


def _picture(key: str, _elsewhere: str) -> bytes:
    return _http(200, _completion(key), key)


def _stream(key: str, _elsewhere: str) -> bytes:
    whole = _completion(key)["choices"][0]["message"]
    pieces = [{"content": word + " "} for word in f"Your key is {key} , yes {key}".split()]
    events = [{"id": key, "model": key, "choices": [{"index": 0, "delta": each}]} for each in pieces]
    events.append({"choices": [{"index": 0, "delta": {"images": whole["images"]}, "finish_reason": "stop"}]})
    text = "".join(f": {key}\n\ndata: {json.dumps(each)}\n\n" for each in events)
    return _http(200, f"{text}data: [DONE]\n\n", key, kind="text/event-stream")


_SCENES: Final[dict[str, Callable[[str, str], bytes]]] = {
    "401": lambda key, _: _http(401, {"error": f"Invalid API key {key} (Bearer {key})"}, key),
    "object": lambda key, _: _http(
        400, {"error": {"message": f"key={quote(key)} {key}", "type": key, "code": key, "param": key}}, key
    ),
    "page": lambda key, _: _http(
        502, f"<html><title>{html.escape(key)}</title><p title='{html.escape(key)}'>{key}</p>", key, kind="text/html"
    ),
    "redirect": lambda key, elsewhere: _http(
        302, "", key, more=f"Location: {elsewhere}/v1/chat/completions?key={quote(key, safe='')}&k={key}\r\n"
    ),
    "under200": lambda key, _: _http(200, {"error": {"message": f"No {key}", "metadata": {"raw": key}}}, key),
    "words": lambda key, _: _http(200, _completion(key, images=False), key),
    "finish": lambda key, _: _http(200, _completion(key, images=False, finish=f"because_{key}"), key),
    "rubbish": lambda key, _: _http(200, f"{key} is no JSON {{{key}", key),
    "model": lambda key, _: _http(400, {"error": {"message": f"unknown provider for model {key}"}}, key),
    "limit": lambda key, _: _http(429, {"error": {"message": f"Quota of {key} is used up", "code": key}}, key),
    "stream": _stream,
}
SCENES: Final = tuple(_SCENES)
