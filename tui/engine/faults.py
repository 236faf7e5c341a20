"""From a failure as the server or the network tells it to one of our errors, with its words kept."""

import email.utils
import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tui.domain.errors import (
    BadReply,
    BadRequest,
    Forbidden,
    ImageGenError,
    ModelUnknown,
    NoAccount,
    NoImage,
    RateLimited,
    Refused,
    ServerError,
    Unauthorized,
)

MAX_WORDS: Final = 4000
TRACE_HEADER: Final = "x-cpa-trace-id"
"""CLIProxyAPI sends it when it picked a credential: what failed is then behind the proxy, not our key."""

_MAX_PAGE_WORDS: Final = 400
_PAGE: Final = re.compile(r"<!doctype html|<html|<head|<body|<title|<h1|<p>", re.I)
_UNSEEN: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.I | re.S)
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANK_LINES: Final = re.compile(r"\n\s*\n+")

_GO_PARTS: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_GO_DURATION: Final = r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+"
_AFTER: Final = re.compile(rf"\b(?:after|in|within)\s+({_GO_DURATION})\b|\b({_GO_DURATION})\s+remaining", re.I)
_IN_SECONDS: Final = re.compile(r"\b(?:after|in)\s+(\d+(?:\.\d+)?)\s*(seconds?|minutes?|hours?)\b", re.I)
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

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


def clean_words(said: str | bytes) -> str:
    """``said`` fit for a person: no tags of a web page, no control characters, at most 4,000 characters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    limit = MAX_WORDS
    if _PAGE.search(text[:2000]):
        text = html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))
        text = " ".join(text.split())
        limit = _MAX_PAGE_WORDS
    text = text.replace("\r\n", "\n").replace("\t", " ")
    text = _BLANK_LINES.sub("\n", _CONTROL.sub("", text)).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def fault_from_response(status: int, headers: Mapping[str, str], body: bytes) -> ImageGenError:
    """The error that an HTTP answer other than 2xx stands for. ``headers`` finds names in any case."""
    traced = TRACE_HEADER in headers
    if 300 <= status < 400:
        return _redirected(status, headers.get("location", ""))
    said = _said(body)
    fault = _judge(status, said, traced=traced, empty=not body.strip())
    fault.http_status = status
    fault.retry_after = _retry_after(headers, said)
    return fault


def fault_from_error_object(error: Any, *, http_status: int, traced: bool) -> ImageGenError:
    """The error that an ``error`` member stands for that came under a status of success."""
    said = {"error": error}
    status = _status_of(error)
    fault = _judge(status or 500, said, traced=traced, empty=False)
    if isinstance(fault, Unauthorized) or (status == 404 and type(fault) is BadRequest):
        fault = ServerError(fault.detail)
    fault.http_status = http_status
    fault.retry_after = _retry_after({}, said)
    return fault


def _redirected(status: int, location: str) -> ImageGenError:
    where = clean_words(location) or "another address"
    return BadReply(
        f"{status}: it sends us on to {where}",
        title="The address is not that of the proxy",
        hint="Give the proxy's own address with --proxy URL.",
        retryable=False,
        http_status=status,
    )


def _said(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _status_of(error: Any) -> int | None:
    """The HTTP status an error object speaks of, by its number or by its kind."""
    if not isinstance(error, dict):
        return None
    for key in ("code", "status", "type"):
        value = error.get(key)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, int) and 400 <= value < 600:
            return value
        if isinstance(value, str) and value in _STATUS_OF_TYPE:
            return _STATUS_OF_TYPE[value]
    return None


def _judge(status: int, said: Any, *, traced: bool, empty: bool) -> ImageGenError:
    """The contract's table, from the telling words to the bare status."""
    words = _words(said) or ("" if not empty else f"{status}, and not a word more")
    marks = _marks(said)
    known = _judge_by_marks(status, words, marks, traced=traced)
    if known is not None:
        return known
    if status == 401:
        return NoAccount(words) if traced else Unauthorized(words)
    if status == 402:
        return NoAccount(words, title="The account has no credit left", hint="Add credit, or use another model.")
    if status == 403:
        return NoAccount(words) if traced else Forbidden(words)
    if status == 404:
        return _not_found(words, traced=traced, empty=empty)
    if status == 429:
        return RateLimited(words)
    if status >= 500:
        return _server_error(status, words)
    return _bad_request(status, words)


def _judge_by_marks(status: int, words: str, marks: set[str], *, traced: bool) -> ImageGenError | None:
    low = words.lower()
    if "unknown provider for model" in low or "model_not_found" in marks:
        return ModelUnknown(
            words,
            hint="image-gen models lists what it serves: choose one with --model.",
        )
    if "is only supported on /v1/images" in low:
        return ModelUnknown(
            words,
            title="This model cannot be used this way",
            hint="It speaks another language than the one used here; choose a Gemini image model.",
        )
    if "auth_unavailable" in low or "auth_not_found" in low:
        return NoAccount(
            words,
            hint="Every account for this model is set aside for a while after a failure. Try again in a "
            "minute; if it stays so, log in again (ccs agy --auth) or choose another model.",
            retryable=True,
        )
    if "API_KEY_INVALID" in marks or "missing project_id" in low:
        return NoAccount(words) if traced or "missing project_id" in low else Unauthorized(words)
    if "model_cooldown" in marks or "RESOURCE_EXHAUSTED" in marks or "in short cooldown" in low:
        return RateLimited(words)
    if "empty_stream" in low:
        return NoImage(
            words,
            hint="The prompt was blocked, or the provider failed: this proxy cannot tell which. "
            "Change the wording; if a harmless prompt fails too, it is the provider.",
        )
    if status == 403 and "moderation" in marks:
        return Refused(words)
    return None


def _not_found(words: str, *, traced: bool, empty: bool) -> ImageGenError:
    if traced and not empty:
        return ModelUnknown(words, title="The provider does not serve this model")
    hint = "Nothing answers at this address: --proxy wants the proxy's address without a path behind it."
    return BadRequest(words, hint=hint)


def _server_error(status: int, words: str) -> ImageGenError:
    if status == 504:
        return ServerError(words, hint="The picture may have been made and paid for all the same; try again later.")
    return ServerError(words)


def _bad_request(status: int, words: str) -> ImageGenError:
    if status == 408:
        return BadRequest(words, hint="It took too long on the way; try again.", retryable=True)
    if status == 413:
        return BadRequest(words, hint="It is too large: use fewer or smaller references.")
    return BadRequest(words)


def _error_of(said: Any) -> Any:
    if isinstance(said, list) and said:
        said = said[0]
    if isinstance(said, dict):
        return said.get("error") or said
    return said


def _words(said: Any) -> str:
    """The sentence in an error of any form, with what stands under ``metadata.raw`` behind it."""
    error = _error_of(said)
    if isinstance(error, str):
        more = said.get("message") if isinstance(said, dict) else None
        return clean_words(f"{error}: {more}" if isinstance(more, str) and more else error)
    if not isinstance(error, dict):
        return clean_words(json.dumps(error, ensure_ascii=False)) if error else ""
    parts = [error.get(key) for key in ("message", "detail", "error_description")]
    metadata = error.get("metadata")
    if isinstance(metadata, dict):
        parts += [metadata.get("raw")]
        reasons = metadata.get("reasons")
        parts += reasons if isinstance(reasons, list) else []
    texts = [part for part in parts if isinstance(part, str) and part.strip()]
    return clean_words("\n".join(texts) if texts else json.dumps(error, ensure_ascii=False))


def _details(error: Any) -> Iterator[Mapping[str, Any]]:
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            yield detail


def _marks(said: Any) -> set[str]:
    """The short names an error goes by: codes, types, Google's reasons."""
    error = _error_of(said)
    if not isinstance(error, dict):
        return set()
    marks = {error.get(key) for key in ("code", "type", "status", "reason")}
    marks |= {detail.get("reason") for detail in _details(error)}
    metadata = error.get("metadata")
    if isinstance(metadata, dict) and (metadata.get("reasons") or metadata.get("flagged_input")):
        marks.add("moderation")
    return {mark for mark in marks if isinstance(mark, str)}


def _retry_after(headers: Mapping[str, str], said: Any) -> float | None:
    """Seconds until a retry makes sense, from the first of the places that say so."""
    error = _error_of(said)
    found = [_header_seconds(headers.get("retry-after", ""))]
    if isinstance(error, dict):
        found += [_plain_seconds(error.get("reset_seconds")), _go_seconds(error.get("reset_time"))]
        details = list(_details(error))
        found += [_go_seconds(each.get("retryDelay")) for each in details]
        found += [
            _go_seconds(each["metadata"].get("quotaResetDelay"))
            for each in details
            if isinstance(each.get("metadata"), dict)
        ]
    found.append(_spoken_seconds(_words(said)))
    return next((seconds for seconds in found if seconds is not None and 0 <= seconds < 1e9), None)


def _header_seconds(value: str) -> float | None:
    """RFC 9110 §10.2.3: seconds, or a date."""
    seconds = _plain_seconds(value)
    if seconds is not None:
        return seconds
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _plain_seconds(value: Any) -> float | None:
    """A number, or the text of one."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value.strip()):
        return float(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _go_seconds(value: Any) -> float | None:
    """``1h2m3.5s`` in seconds."""
    if not isinstance(value, str) or not re.fullmatch(_GO_DURATION, value.strip()):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _GO_PARTS.findall(value))


def _spoken_seconds(words: str) -> float | None:
    """ "after 1h2m3s", "42s remaining", "in 30 seconds"."""
    found = _AFTER.search(words)
    if found:
        return _go_seconds((found[1] or found[2]).lower())
    found = _IN_SECONDS.search(words)
    return float(found[1]) * _UNITS[found[2][0].lower()] if found else None
