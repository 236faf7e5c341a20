"""Days as people say them in a query: ``2026-11-30``, ``2026-11``, ``2026``, ``today``, ``week``, ``monday``."""

import re
from datetime import date, timedelta
from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPOKEN: Final = ("today", "yesterday", "week", "month", *WEEKDAYS)
"""``week`` is the seven days up to today, ``month`` the thirty; a weekday is the last one, which may be today."""

_LENGTHS: Final = {"week": 7, "month": 30}
_NUMBERS: Final = re.compile(r"((?:19|20)\d\d)(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", re.ASCII)


def read_when(text: str) -> str | None:
    """``text`` as it is kept (``2026-1`` is ``2026-01``, ``mon`` is ``monday``), None where it is no time."""
    spoken = text.lower()
    if spoken in SPOKEN:
        return spoken
    weekday = next((name for name in WEEKDAYS if spoken == name[:3]), None)
    if weekday is not None:
        return weekday
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return None
    parts = [int(part) for part in found.groups() if part is not None]
    try:
        date(*parts, *[1] * (3 - len(parts)))
    except ValueError:
        return None
    return "-".join(f"{part:02}" for part in parts)


def days_of(when: str, today: date) -> tuple[date, date]:
    """The first day of ``when``, as ``read_when`` gives it, and the day after its last."""
    if when in WEEKDAYS:
        first = today - timedelta(days=(today.weekday() - WEEKDAYS.index(when)) % 7)
        return first, first + timedelta(days=1)
    if when in SPOKEN:
        first = today - timedelta(days=1 if when == "yesterday" else _LENGTHS.get(when, 1) - 1)
        return first, first + timedelta(days=_LENGTHS.get(when, 1))
    parts = [int(part) for part in when.split("-")]
    if len(parts) == 1:
        return date(parts[0], 1, 1), date(parts[0] + 1, 1, 1)
    if len(parts) == 2:
        return date(parts[0], parts[1], 1), date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1)
    first = date(*parts)
    return first, first + timedelta(days=1)
