"""What a query may go on with at the cursor: keys, and the values they can have in this library."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tui.domain.query.folding import fold, indexed
from tui.domain.query.keys import BY_NAME, KEYS, Key
from tui.domain.query.lexing import QUOTES, Lexeme, lexemes
from tui.domain.query.terms import Span

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.:/<>=")


@dataclass(frozen=True, slots=True)
class Known:
    """What a library has, the likeliest first; where it is empty the values that are the same everywhere count."""

    models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """``text`` in place of ``span``; ``note`` says what it finds."""

    text: str
    span: Span
    note: str = ""

    def applied(self, query: str) -> tuple[str, int]:
        """``query`` with it, and the cursor behind it."""
        before = f"{query[: self.span.start]}{self.text}"
        return f"{before}{query[self.span.end :]}", len(before)


def complete(text: str, cursor: int, known: Known) -> tuple[Candidate, ...]:
    """What the term that ends at ``cursor`` may become, none where no term does."""
    piece = next((each for each in lexemes(text) if each.span.start < cursor <= each.span.end), None)
    if piece is None or piece.kind in ("open", "close"):
        return ()
    if not piece.key:
        return _keys(text, piece, cursor)
    key = BY_NAME.get(piece.key.lower())
    if key is None or cursor < piece.value_span.start:
        return ()
    return _values(text, key, piece, cursor, known)


def _keys(text: str, piece: Lexeme, cursor: int) -> tuple[Candidate, ...]:
    typed = text[piece.value_span.start : cursor].lower()
    if piece.quoted or not typed:
        return ()
    span = Span(piece.value_span.start, piece.span.end)
    return tuple(Candidate(f"{key.name}:", span, key.finds) for key in KEYS if key.name.startswith(typed))


def _values(text: str, key: Key, piece: Lexeme, cursor: int, known: Known) -> tuple[Candidate, ...]:
    start = piece.value_span.start + (1 if piece.quoted else 0)
    typed = text[start:cursor]
    of_library = {"model": known.models, "tag": known.tags, "ratio": known.ratios}.get(key.name, ())
    offered = (value for value in of_library or key.values if _goes_on(value, typed, by_word=not key.values))
    return tuple(Candidate(_spelled(value), piece.value_span) for value in _once(offered))


def _goes_on(value: str, typed: str, *, by_word: bool) -> bool:
    """Whether ``value`` begins as ``typed``, or ``by_word`` in it; what stands there whole needs nothing more."""
    folded, begun = fold(value), fold(typed)
    if folded == begun:
        return False
    wanted = indexed(typed)
    return folded.startswith(begun) or (by_word and wanted != "" and f" {wanted}" in f" {indexed(value)}")


def _once(values: Iterable[str]) -> Iterable[str]:
    """Each value once, without those that no query can spell."""
    return dict.fromkeys(value for value in values if indexed(value) and not any(quote in value for quote in QUOTES))


def _spelled(value: str) -> str:
    """A value as a query can have it: in quotes where something in it would end it."""
    return value if all(char.isalnum() or char in _PLAIN for char in value) else f'"{value}"'
