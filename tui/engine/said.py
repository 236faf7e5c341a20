"""What a server said when it refused: its own words, the short names it uses, who stands behind it."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tui.domain.accounts import ANTIGRAVITY, GEMINI
from tui.domain.providers import OPENROUTER, VERTEX
from tui.domain.words import printable

MAX_WORDS: Final = 4000
_MAX_PAGE_WORDS: Final = 400
_MAX_LAYERS: Final = 4
_PAGE: Final = re.compile(r"<!doctype html|<html|<head|<body|<title|<h1|<p>", re.I)
_UNSEEN: Final = re.compile(r"<(script|style)\b|<!--", re.I)
_SEEN_AGAIN: Final = {
    "script": re.compile(r"</script[^<>]{0,99}>", re.I),
    "style": re.compile(r"</style[^<>]{0,99}>", re.I),
    "": re.compile("-->"),
}
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_INVISIBLE: Final = re.compile("[\u2028\u2029\ufeff]")
_BLANK_LINES: Final = re.compile(r"\n\s*\n+")

_STATUS_OF_TYPE: Final = {
    "authentication_error": 401,
    "permission_error": 403,
    "rate_limit_error": 429,
    "invalid_request_error": 400,
    "RESOURCE_EXHAUSTED": 429,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "NOT_FOUND": 404,
    "insufficient_quota": 429,
    "rate_limit_exceeded": 429,
    "model_not_found": 404,
}

_NAMED: Final = re.compile(r"\bvia provider ([\w.-]{1,60})|\bproviders=([\w.-]{1,60}(?:,[\w.-]{1,60})*)")
_TRACES: Final = (
    (
        ANTIGRAVITY,
        re.compile(r"\bantigravity\b|cloudcode-pa|oauth2\.googleapis\.com/token|auth in short cooldown", re.I),
    ),
    (VERTEX, re.compile(r"aiplatform\.googleapis|/publishers/google/|\bvertex\b|^imagen:", re.I)),
    (GEMINI, re.compile(r"generativelanguage\.googleapis|Generative Language API|/v1beta/models/", re.I)),
    (OPENROUTER, re.compile(r"\bopenrouter\.ai\b", re.I)),
)
"""Addresses and names that only one provider's answers hold."""


@dataclass(frozen=True, slots=True)
class Said:
    """An error in whichever form it came.

    ``words`` is what it says to a person, fit to be shown; ``marks`` are the short names it goes by (codes,
    types, Google's reasons); ``status`` the HTTP status it speaks of; ``provider`` who stands behind the
    proxy, where it tells; ``errors`` the error objects, the outer first: services pack one into another.
    """

    words: str
    marks: frozenset[str]
    status: int | None
    provider: str | None
    errors: tuple[Any, ...]


def clean_words(said: str | bytes) -> str:
    """``said`` fit for a person: no tags of a web page, no control characters, at most 4,000 characters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    limit = MAX_WORDS
    if _PAGE.search(text[:2000]):
        text = html.unescape(_TAG.sub(" ", " ".join(_visible(text))))
        text = " ".join(text.split())
        limit = _MAX_PAGE_WORDS
    text = _INVISIBLE.sub("", printable(text)).replace("\t", " ")
    text = _BLANK_LINES.sub("\n", text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(page: str) -> Iterator[str]:
    """What stands between scripts, styles and comments. Goes through ``page`` once, however it is made."""
    at = 0
    while (hidden := _UNSEEN.search(page, at)) is not None:
        yield page[at : hidden.start()]
        end = _SEEN_AGAIN[(hidden[1] or "").lower()].search(page, hidden.end())
        if end is None:
            return
        at = end.end()
    yield page[at:]


def read_body(body: bytes) -> Any:
    """An error's body as JSON, or as text where it is none."""
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text


def read_said(value: Any) -> Said:
    """``value`` (a body as ``read_body`` gives it) taken apart."""
    errors = tuple(_layers(value))
    words = _words(value)
    return Said(words, _marks(value, errors), _status(errors), _provider(value, errors, words), errors)


def _error_of(value: Any) -> Any:
    if isinstance(value, list) and value:
        # Google wraps an error so where it was asked for a stream.
        value = value[0]
    return (value.get("error") or value) if isinstance(value, dict) else value


def _layers(value: Any) -> Iterator[Any]:
    """The error, then those packed into it as text: OpenRouter passes on its upstream's body so."""
    error = _error_of(value)
    for _ in range(_MAX_LAYERS):
        yield error
        inner = next((found for text in _packed(error) if (found := _unpacked(text)) is not None), None)
        if inner is None:
            return
        error = inner


def _packed(error: Any) -> Iterator[str]:
    if isinstance(error, dict):
        metadata = error.get("metadata")
        texts = [error.get("message"), metadata.get("raw") if isinstance(metadata, dict) else None]
        yield from (text for text in texts if isinstance(text, str))


def _unpacked(text: str) -> dict[str, Any] | None:
    """The error in a text that is JSON itself and says something, else None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        error = _error_of(json.loads(text, strict=False))
    except (ValueError, RecursionError):
        return None
    says = isinstance(error, dict) and isinstance(error.get("message"), str)
    return error if says else None


def _words(value: Any) -> str:
    """The sentence in an error of any form, with what stands under ``metadata`` behind it."""
    error = _error_of(value)
    if isinstance(error, str):
        more = value.get("message") or value.get("error_description") if isinstance(value, dict) else None
        return clean_words(f"{error}: {more}" if isinstance(more, str) and more else error)
    if not isinstance(error, dict):
        return clean_words(json.dumps(error, ensure_ascii=False)) if error else ""
    texts = list(_sentences(error, _MAX_LAYERS))
    return clean_words("\n".join(dict.fromkeys(texts)) if texts else json.dumps(error, ensure_ascii=False))


def _sentences(error: Mapping[str, Any], depth: int) -> Iterator[str]:
    parts = [error.get(key) for key in ("message", "detail", "error_description")]
    metadata = error.get("metadata")
    if isinstance(metadata, dict):
        parts.append(metadata.get("raw"))
        reasons = metadata.get("reasons")
        parts += reasons if isinstance(reasons, list) else []
    for part in parts:
        if not (isinstance(part, str) and part.strip()):
            continue
        inner = _unpacked(part) if depth else None
        if inner is None:
            yield clean_words(part)
        else:
            yield from _sentences(inner, depth - 1)


def _details(error: Any) -> Iterator[Mapping[str, Any]]:
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            yield detail


def _marks(value: Any, errors: tuple[Any, ...]) -> frozenset[str]:
    marks: set[Any] = {error for error in errors if isinstance(error, str)}
    for error in errors:
        if not isinstance(error, dict):
            continue
        marks |= {each for each in map(error.get, ("code", "type", "status", "reason")) if isinstance(each, str)}
        marks |= {each for detail in _details(error) if isinstance(each := detail.get("reason"), str)}
        metadata = error.get("metadata")
        if isinstance(metadata, dict) and (metadata.get("reasons") or metadata.get("flagged_input")):
            marks.add("moderation")
    return frozenset(marks)


def _status(errors: tuple[Any, ...]) -> int | None:
    """The HTTP status an error object speaks of, by its number or by its kind."""
    error = errors[0] if errors else None
    if not isinstance(error, dict):
        return None
    for key in ("code", "status", "type"):
        value = error.get(key)
        if isinstance(value, str) and value.isdecimal() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and 400 <= value < 600:
            return value
        if isinstance(value, str) and value in _STATUS_OF_TYPE:
            return _STATUS_OF_TYPE[value]
    return None


def _provider(value: Any, errors: tuple[Any, ...], words: str) -> str | None:
    for error in errors:
        if not isinstance(error, dict):
            continue
        metadata = error.get("metadata")
        for name in (error.get("provider"), metadata.get("provider_name") if isinstance(metadata, dict) else None):
            if isinstance(name, str) and name.strip():
                return clean_words(name)[:60]
    named = _NAMED.search(words)
    if named:
        return named[1] or named[2]
    if isinstance(value, dict) and "user_id" in value and "error" in value:
        return OPENROUTER
    places = json.dumps([list(_details(error)) for error in errors], default=str)[: 4 * MAX_WORDS]
    return next((name for name, trace in _TRACES if trace.search(words) or trace.search(places)), None)
