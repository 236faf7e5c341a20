"""Text in cells of a terminal, East Asian and emoji widths counted, without a library of the screen.

Widths: Unicode Standard Annex 11; combining and format characters, and the Hangul letters that join the one before
them (U+1160 to U+11FF), take no cell of their own.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"


def width(text: str) -> int:
    """The cells that ``text`` takes; it must be without control characters."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def clip(text: str, room: int) -> str:
    """``text`` in at most ``room`` cells, cut with an ellipsis."""
    if width(text) <= room:
        return text
    return _beginning(text, room - 1).rstrip() + ELLIPSIS if room > 0 else ""


def fit(text: str, room: int) -> str:
    """``text`` in exactly ``room`` cells: cut with an ellipsis, or padded with spaces."""
    clipped = clip(text, room)
    return clipped + " " * (room - width(clipped))


def wrapped(text: str, room: int) -> list[str]:
    """``text`` in lines of at most ``room`` cells (two at least); its own lines stay, an empty text has one."""
    return [line for own in text.split("\n") or [""] for line in _wrapped(own.split(), max(2, room))]


def _wrapped(words: Iterable[str], room: int) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        while width(word) > room:
            lines[-1] = _beginning(word, room)
            word = word[len(lines[-1]) :]
            lines.append("")
        lines[-1] = word
    return lines


def _beginning(text: str, room: int) -> str:
    for at, char in enumerate(text):
        room -= _cells(char)
        if room < 0:
            return text[:at]
    return text


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
