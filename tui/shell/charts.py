"""Charts of characters: bars, and a year of days as a calendar. 16 colours, none, or ASCII: each says all of it."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from tui.shell.cells import fit, width

Piece = tuple[str, str]
"""Text, and its look as parameters of SGR."""

WEEKS: Final = 53
_MUTED: Final = "2"
_BAR: Final = "36"
_HEAT: Final = ("2", "32", "32", "1;32", "1;32")
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_SHADES: Final = "·░▒▓█"
_ASCII_SHADES: Final = ".-+*#"
_NAMES: Final = ("Mon", "", "Wed", "", "Fri", "", "Sun")
_LEFT: Final = 5
"""Cells of a day's name and the space behind it."""

_LEAST_BAR: Final = 4


class Bar(NamedTuple):
    """A name, how much there is of it, and what is told behind the bar."""

    name: str
    amount: int
    words: str


def bars(rows: Sequence[Bar], room: int, *, unicode: bool) -> list[list[Piece]]:
    """A line for each row, as wide as ``room`` at most; the largest has the longest bar."""
    most = max((row.amount for row in rows), default=0)
    words = max((width(row.words) for row in rows), default=0)
    names = max((width(row.name) for row in rows), default=0)
    names = max(1, min(names, room - words - _LEAST_BAR - 4, room // 2))
    longest = max(_LEAST_BAR, min(50, room - names - words - 4))
    return [
        [
            (fit(row.name, names), ""),
            ("  ", ""),
            (fit(_bar(row.amount, most, longest, unicode), longest), _BAR),
            ("  ", ""),
            (row.words, _MUTED),
        ]
        for row in rows
    ]


def _bar(amount: int, most: int, longest: int, unicode: bool) -> str:
    if not unicode:
        return "#" * max(round(longest * amount / most), 1 if amount else 0) if most else ""
    eighths = max(round(8 * longest * amount / most), 1 if amount else 0) if most else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def calendar(counts: Mapping[date, int], today: date, room: int, *, unicode: bool) -> list[list[Piece]]:
    """The weeks up to ``today``, a year of them where they fit: months above, a line for each day of the week."""
    cell = 2 if room >= _LEFT + 2 * WEEKS else 1
    weeks = max(1, min(WEEKS, (room - _LEFT) // cell))
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    shades = _SHADES if unicode else _ASCII_SHADES
    shown = {day: count for day, count in counts.items() if first <= day <= today}
    most = max(shown.values(), default=0)
    lines = [[(" " * _LEFT + _months(first, weeks, cell), _MUTED)]]
    for weekday, name in enumerate(_NAMES):
        days = [first + timedelta(days=weekday, weeks=week) for week in range(weeks)]
        levels = [_level(shown.get(day, 0), most) for day in days if day <= today]
        lines.append([(f"{name:<{_LEFT}}", _MUTED), *((shades[level] * cell, _HEAT[level]) for level in levels)])
    legend = [(shades[level] * cell, _HEAT[level]) for level in range(len(shades))]
    lines.append([(" " * _LEFT + "less ", _MUTED), *legend, (" more", _MUTED)])
    return lines


def _level(count: int, most: int) -> int:
    """0 for none, else 1 to 4; by the root, so that one busy day leaves the others their differences."""
    return math.ceil(4 * math.sqrt(count / most)) if count else 0


def _months(first: date, weeks: int, cell: int) -> str:
    """The names of months above the weeks that they begin in, where there is room."""
    line = ""
    for week in range(weeks):
        monday, at = first + timedelta(weeks=week), week * cell
        begins = monday.day <= (7 if week else 14)
        if begins and at + 3 <= weeks * cell and (not line or at > len(line)):
            line = f"{line:<{at}}{monday:%b}"
    return line
