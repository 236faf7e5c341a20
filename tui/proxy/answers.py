"""The answers of CLIProxyAPI v7.2.140, member by member, as a client sees them on the wire."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

JSON_PROXY: Final = "application/json; charset=utf-8"
JSON_PROVIDER: Final = "application/json"
EVENT_STREAM: Final = "text/event-stream"

CROSS_ORIGIN: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "X-CPA-TRACE-ID, X-CPA-VERSION, X-CPA-COMMIT, X-CPA-BUILD-DATE, X-CPA-SUPPORT-PLUGIN, "
        "X-CPA-HOME-VERSION, X-CPA-HOME-BUILD-DATE, X-SERVER-VERSION, X-SERVER-BUILD-DATE, Location, "
        "Retry-After, X-Request-Id, OpenAI-Request-Id"
    ),
}
"""On every answer the real one gives."""

_ERROR_KINDS: Final[Mapping[int, tuple[str, str | None]]] = {
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", "insufficient_quota"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
}

_CREDENTIAL: Final = secrets.token_hex(8)
_HTML_ESCAPES: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``traced`` where a credential was picked: it then carries a trace id."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = JSON_PROVIDER
    traced: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on its way out: the announced type and its base64 text."""

    mime: str
    base64: str

    def as_member(self, index: int) -> dict[str, Any]:
        """One item of ``images``."""
        url = f"data:{self.mime};base64,{self.base64}"
        return {"type": "image_url", "image_url": {"url": url}, "index": index}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model said. ``blocked`` is a refused prompt: no choice at all."""

    id: str
    model: str
    images: Sequence[Shown] = ()
    text: str | None = None
    reasoning: str | None = None
    finish_reason: str | None = "stop"
    usage: Mapping[str, Any] | None = None
    blocked: bool = False


def trace_id() -> str:
    """A trace id in the real one's form: time, a constant for the credential, a random number."""
    return f"{datetime.now(UTC):%Y%m%d%H%M%S}-{_CREDENTIAL}-{secrets.token_hex(4)}"


def to_json(value: object) -> bytes:
    """Compact JSON in UTF-8, with ``<``, ``>`` and ``&`` escaped as Go's encoder does."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_HTML_ESCAPES).encode("utf-8", "replace")


def key_refused(words: str) -> Answer:
    """The proxy's own 401, whose ``error`` is a string."""
    return Answer(401, to_json({"error": words}), JSON_PROXY)


def error(status: int, message: str, *, traced: bool = False, content_type: str = JSON_PROVIDER) -> Answer:
    """An error in the proxy's own wrapping."""
    kind, code = _ERROR_KINDS.get(status, ("invalid_request_error", None))
    if status >= 500:
        kind, code = "server_error", "internal_server_error"
    member = {"message": message, "type": kind}
    if code is not None:
        member["code"] = code
    return Answer(status, to_json({"error": member}), content_type, traced)


def unknown_model(name: str) -> Answer:
    """No account serves ``name``."""
    member = {
        "message": f"unknown provider for model {name}",
        "type": "invalid_request_error",
        "code": "model_not_found",
        "param": "model",
    }
    return Answer(400, to_json({"error": member}))


def google_error(status: int, name: str, message: str, details: Sequence[Any] = ()) -> Answer:
    """Google's own error object, passed on as it came, with its line breaks."""
    member: dict[str, Any] = {"code": status, "message": message, "status": name}
    if details:
        member["details"] = list(details)
    body = json.dumps({"error": member}, ensure_ascii=False, indent=2).encode()
    return Answer(status, body, traced=True)


def completion(outcome: Outcome) -> Answer:
    """The plain chat answer: null members present, ``images`` absent when empty, ``created`` 0."""
    choices = [] if outcome.blocked else [_choice(outcome)]
    body: dict[str, Any] = {
        "id": outcome.id,
        "object": "chat.completion",
        "created": 0,
        "model": outcome.model,
        "choices": choices,
    }
    if outcome.usage is not None:
        body["usage"] = outcome.usage
    return Answer(200, _dump(body), traced=True)


def stream_events(outcome: Outcome) -> list[bytes]:
    """The same as server-sent events: words, then each picture whole in one event, then the end."""
    events: list[bytes] = []
    if outcome.reasoning:
        events.append(_event(outcome, _delta(reasoning=outcome.reasoning)))
    if outcome.text:
        events.append(_event(outcome, _delta(content=outcome.text)))
    events.extend(_event(outcome, _delta(images=[image.as_member(0)])) for image in outcome.images)
    last = _delta(content="") if events else _delta(role=None)
    if outcome.usage is not None:
        events.append(_event(outcome, last, finished=True))
    events.append(b"data: [DONE]\n\n")
    return events


def _choice(outcome: Outcome) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": outcome.text,
        "reasoning_content": outcome.reasoning,
        "tool_calls": None,
    }
    if outcome.images:
        message["images"] = [image.as_member(index) for index, image in enumerate(outcome.images)]
    return {
        "index": 0,
        "message": message,
        "finish_reason": outcome.finish_reason,
        "native_finish_reason": outcome.finish_reason,
    }


def _delta(
    *,
    role: str | None = "assistant",
    content: str | None = None,
    reasoning: str | None = None,
    images: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    delta: dict[str, Any] = {
        "role": role,
        "content": content,
        "reasoning_content": reasoning,
        "tool_calls": None,
    }
    if images:
        delta["images"] = images
    return delta


def _event(outcome: Outcome, delta: dict[str, Any], *, finished: bool = False) -> bytes:
    reason = outcome.finish_reason if finished else None
    told = reason if reason in (None, "stop", "max_tokens") else "stop"
    body: dict[str, Any] = {
        "id": outcome.id,
        "object": "chat.completion.chunk",
        "created": 0,
        "model": outcome.model,
        "choices": [
            {"index": 0, "delta": delta, "finish_reason": told, "native_finish_reason": reason},
        ],
    }
    if finished:
        body["usage"] = outcome.usage
    return b"data: " + _dump(body) + b"\n\n"


def _dump(body: dict[str, Any]) -> bytes:
    """JSON as the chat route writes it: nothing escaped that need not be."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
