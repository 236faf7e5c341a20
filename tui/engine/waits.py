"""How long a server asks us to wait, from whichever part of its answer says so.

The sources, first come first: Retry-After (RFC 9110 §10.2.3), ``error.reset_seconds`` and ``reset_time`` of
CLIProxyAPI's ``model_cooldown``, Google's ``RetryInfo.retryDelay``, ``ErrorInfo.metadata.quotaResetDelay``, and
the words ("will reset after 1h2m3s", "41.9s remaining", "try again in 5 minutes").
"""

import email.utils
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

_LONGEST: Final = 1e9
"""Seconds; more than thirty years is no wait but a mistake."""

_UNITS: Final = {
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ns": 1e-9,
    "hour": 3600.0,
    "minute": 60.0,
    "min": 60.0,
    "second": 1.0,
    "sec": 1.0,
    "day": 86400.0,
}
_NUMBER: Final = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_GO_PART: Final = re.compile(rf"({_NUMBER})(h|ms|m|s|us|µs|μs|ns)")
_GO: Final = rf"(?:{_NUMBER}(?:h|ms|m|s|us|µs|μs|ns)){{1,8}}"
_SAID_PART: Final = re.compile(rf"({_NUMBER})\s*(day|hour|minute|min|second|sec)s?\b", re.I)
_SAID: Final = rf"{_NUMBER}\s*(?:day|hour|minute|min|second|sec)s?\b"
_SPAN: Final = rf"(?:{_GO}\b|{_SAID}(?:(?:,|\s+and|\s)\s*{_SAID}){{0,3}})"
_AHEAD: Final = re.compile(rf"\b(?:after|in|within)\s+({_SPAN})|\b({_SPAN})\s+remaining\b", re.I)
_INVITED: Final = re.compile(
    rf"\b(?:again|retry|resets?|available|wait)\b[^.\n]{{0,40}}?\b(?:after|in|within|for)\s+({_SPAN})"
    rf"|\b({_SPAN})\s+remaining\b",
    re.I,
)


def told_wait(headers: Mapping[str, str], errors: Iterable[Any], words: str, *, limited: bool) -> float | None:
    """Seconds until another try makes sense, at least 0 and less than 1e9; None where nothing tells.

    ``errors`` are the error objects of the answer, the outer first. ``limited``: it is a refusal for lack of
    quota, in which every length of time is a wait; elsewhere "timed out after 60s" tells of the past.
    """
    found = [_header_seconds(headers.get("retry-after", ""))]
    found += [seconds for error in errors if isinstance(error, dict) for seconds in _from_object(error)]
    found.append(_spoken_seconds(words, _AHEAD if limited else _INVITED))
    return next((seconds for seconds in found if seconds is not None and 0 <= seconds < _LONGEST), None)


def go_seconds(value: Any) -> float | None:
    """``1h2m3.5s`` in seconds, the way Go and Google write durations; None for anything else."""
    if not isinstance(value, str) or not re.fullmatch(_GO, value.strip()):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _GO_PART.findall(value))


def _from_object(error: Mapping[str, Any]) -> list[float | None]:
    found = [_plain_seconds(error.get("reset_seconds")), go_seconds(error.get("reset_time"))]
    told = error.get("details")
    details = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    found += [go_seconds(each.get("retryDelay")) for each in details]
    metadata = [each["metadata"] for each in details if isinstance(each.get("metadata"), dict)]
    return found + [go_seconds(each.get("quotaResetDelay")) for each in metadata]


def _header_seconds(value: str) -> float | None:
    """A number of seconds, or a date."""
    seconds = _plain_seconds(value)
    if seconds is not None:
        return seconds
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _plain_seconds(value: Any) -> float | None:
    """A number, or the text of one. JSON's integers have no end, so their size is looked at first."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value.strip()):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < _LONGEST else None


def _spoken_seconds(words: str, form: re.Pattern[str]) -> float | None:
    found = form.search(words)
    if found is None:
        return None
    span = (found[1] or found[2]).lower()
    parts = _SAID_PART.findall(span)
    return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else go_seconds(span)
