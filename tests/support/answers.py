"""Answers in CLIProxyAPI's form, made from the facts where none was recorded, plain and as a stream."""

import base64
import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from support.deliveries import png
from support.replay_server import RECORDED, Exchange, recorded

TRACE = {"X-Cpa-Trace-Id": "20261122080415-ac460ed53598f16e-c179b87c"}
EVENTS = {"Content-Type": "text/event-stream"}
PICTURE = png(40, 30)
DRAFT = png(20, 15, shade=99)

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@cache
def _everything() -> dict[str, Exchange]:
    own = {"sandbox", "requests"}
    groups = [path.stem for path in sorted(RECORDED.glob("*.json")) if path.stem not in own]
    return {name: exchange for group in groups for name, exchange in recorded(group).items()}


def exchange(name: str) -> Exchange:
    """A recorded exchange by the name of its fixture, whichever group it is in."""
    return _everything()[name]


def picture_part(data: bytes = PICTURE, mime: str = "image/png", *, index: int = 0) -> dict[str, Any]:
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}, "index": index}


def chat(
    message: dict[str, Any] | None = None, finish: str | None = "stop", native: str | None = None, **more: Any
) -> Exchange:
    """A plain answer with one choice; ``native`` is ``finish`` where it is not told."""
    whole = {"role": "assistant", "content": None, "reasoning_content": None, "tool_calls": None} | (message or {})
    choice = {"index": 0, "message": whole, "finish_reason": finish, "native_finish_reason": native or finish}
    body = {"id": "r1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    return Exchange.of(body | more)


def refused(status: int, error: Any, *, traced: bool = False, **headers: str) -> Exchange:
    """An error with ``error`` as its body: text as it is, anything else as JSON."""
    body = error.encode() if isinstance(error, str) else json.dumps(error).encode()
    return Exchange(status=status, headers=headers | (TRACE if traced else {}), parts=(body,))


def said(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def delta(finish: str | None = None, native: str | None = None, **members: Any) -> dict[str, Any]:
    """One event of a stream."""
    choice = {"index": 0, "delta": members, "finish_reason": finish, "native_finish_reason": native}
    return {"id": "r1", "object": "chat.completion.chunk", "choices": [choice]}


def stream(events: Iterable[Any], *, done: bool = True, ends: str = "\n", before: str = "") -> Exchange:
    """A streamed answer: dicts are events, texts go out as they are. ``ends`` is how its lines end."""
    texts = [each if isinstance(each, str) else f"data: {json.dumps(each)}\n\n" for each in events]
    texts += ["data: [DONE]\n\n"] if done else []
    parts = tuple((before + text).replace("\n", ends).encode() for text in texts[:1])
    parts += tuple(text.replace("\n", ends).encode() for text in texts[1:])
    return Exchange(headers=EVENTS, parts=parts, chunked=True)


def is_readable(text: str) -> bool:
    """Whether ``text`` says something, is not endless and holds nothing that could steer a terminal."""
    return bool(text.strip()) and len(text) <= 4000 and not _CONTROL.search(text)
