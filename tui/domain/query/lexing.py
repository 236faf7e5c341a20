"""The text of a query cut into parentheses, ``or`` and terms, with the place of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from tui.domain.query.folding import words_of
from tui.domain.query.terms import NOWHERE, Span

Kind = Literal["open", "close", "or", "term"]

_BLANKS: Final = re.compile(r"\s*")
_MINUS: Final = re.compile(r"-(?=[^\s)\-])")
_KEY: Final = re.compile(r"([A-Za-z]+)[:：]")
_WORD: Final = re.compile(r"[^\s()]+")
_VALUE: Final = re.compile(r"[^\s()]*(?:\([^\s()]*\)[^\s()]*)*")
"""Parentheses that close belong to a value: ``model:X(high)``."""
QUOTES: Final = '"“”„'
_QUOTED: Final = re.compile(rf"[{QUOTES}]([^{QUOTES}]*)([{QUOTES}]?)")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a query. ``span`` is all of it, its minus included; ``value`` what is searched.

    ``key`` is what stands before a colon, empty without one. ``closed`` is false where a quote is not.
    """

    kind: Kind
    span: Span
    negative: bool = False
    key: str = ""
    value: str = ""
    value_span: Span = NOWHERE
    quoted: bool = False
    closed: bool = True


def lexemes(text: str) -> Iterator[Lexeme]:
    """The pieces of ``text``, in its order; every character but white space is in one."""
    place = _skip(text, 0)
    while place < len(text):
        piece = _piece(text, place)
        yield piece
        place = _skip(text, piece.span.end)


def _skip(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    return found.end() if found else place


def _piece(text: str, start: int) -> Lexeme:
    place = start + 1 if _MINUS.match(text, start) else start
    negative = place > start
    if text[place] in "()":
        return Lexeme("open" if text[place] == "(" else "close", Span(start, place + 1), negative)
    key = _KEY.match(text, place)
    value_start = key.end() if key else place
    quoted = _QUOTED.match(text, value_start)
    if quoted:
        return Lexeme(
            "term",
            Span(start, quoted.end()),
            negative,
            key[1] if key else "",
            quoted[1],
            Span(quoted.start(), quoted.end()),
            quoted=True,
            closed=bool(quoted[2]),
        )
    found = (_VALUE if key else _WORD).match(text, value_start)
    span = Span(value_start, found.end() if found else value_start)
    value = text[span.start : span.end]
    kind: Kind = "or" if not key and not negative and words_of(value) == ("or",) else "term"
    return Lexeme(kind, Span(start, span.end), negative, key[1] if key else "", value, span)
