"""When a token ends and when it was renewed, from the several ways in which token files say it.

Antigravity: ``expired`` (RFC 3339), else ``timestamp`` (milliseconds) and ``expires_in`` (seconds); gemini:
``token.expiry``; others: ``expired`` and ``last_refresh`` (CLIProxyAPI v7.2.140).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

_MILLISECONDS: Final = 100_000_000_000
"""A larger number of a time counts milliseconds, a smaller one seconds."""


def holders(token: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where a token file keeps its token: at the top, or (gemini) under ``token``."""
    yield token
    if isinstance(token.get("token"), dict):
        yield token["token"]


def expiry(token: Mapping[str, Any]) -> datetime | None:
    """When the present token ends, None where nothing tells."""
    for holder in holders(token):
        for key in ("expired", "expiry"):
            when = time_of(holder.get(key))
            if when is not None:
                return when
    issued, seconds = time_of(token.get("timestamp")), token.get("expires_in")
    if issued is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return _or_none(lambda: issued + timedelta(seconds=seconds))


def last_refresh(token: Mapping[str, Any], path: Path) -> datetime | None:
    """When the token was fetched: as the file says, else when the file was written."""
    for key in ("timestamp", "last_refresh"):
        when = time_of(token.get(key))
        if when is not None:
            return when
    return _or_none(lambda: datetime.fromtimestamp(path.stat().st_mtime, UTC))


def time_of(value: object) -> datetime | None:
    """A time of RFC 3339, or a number of seconds or milliseconds since 1970; None for anything else."""
    if isinstance(value, str):
        # A number of any length is no date, and reading it would take its time.
        when = _or_none(lambda: datetime.fromisoformat(value[:40].strip()))
        return when if when is None or when.tzinfo else when.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _or_none(lambda: datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC))


def _or_none(make: Callable[[], datetime]) -> datetime | None:
    """What ``make`` gives, None for a time outside the calendar or a file that went away."""
    try:
        return make()
    except (ValueError, OverflowError, OSError):
        return None
