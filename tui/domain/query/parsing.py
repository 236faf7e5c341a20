"""From what a person typed to a tree of terms: every text parses, and what is wrong in it is told beside the tree.

Words stand in any order, and each may go on: ``fox du`` finds "at dusk, a fox". ``or`` joins the two terms beside
it, minus excludes, quotes keep words together and whole, parentheses group, ``key:value`` is in the table of
``keys``. A key nobody knows, a value that cannot be, a quote left open: a mistake, and the rest is searched.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Final

from tui.domain.query.folding import words_of
from tui.domain.query.keys import BY_NAME, read_bare_ratio
from tui.domain.query.lexing import Lexeme, lexemes
from tui.domain.query.terms import All, Mistake, Node, Span, Words, all_of, canonical, negated, one_of
from tui.domain.query.trashed import finds_only_trashed, trashed_terms

MOST_PIECES: Final = 400
"""Words and signs of a query; a pasted book is no query."""
MOST_DEPTH: Final = 16
_LONELY_OR: Final = '"or" joins two words.'
_TRASH_IS_ELSEWHERE: Final = "The trash has a list of its own: T."


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, what it means, and what in it means nothing."""

    text: str
    root: Node
    mistakes: tuple[Mistake, ...] = ()

    @property
    def finds_all(self) -> bool:
        """Whether nothing is asked for, so that everything is found."""
        return self.root == All()

    @property
    def finds_trashed(self) -> bool:
        """Whether what lies in the trash can be found: by ``is:trashed``, and by nothing else."""
        return any(trashed_terms(self.root))

    @property
    def finds_only_trashed(self) -> bool:
        """Whether nothing else can be found."""
        return finds_only_trashed(self.root)

    @property
    def canonical(self) -> str:
        """What is clear of it, in one spelling."""
        return canonical(self.root)


def parse(text: str, *, trash: bool = False) -> Query:
    """What ``text`` asks for. Never raises.

    ``trash`` where what lies in the trash is searched, too; elsewhere a term that asks for it is a mistake.
    """
    reading = _Reading(text)
    found = reading.group(None)
    root = found if found is not None else All()
    elsewhere = [] if trash else [Mistake(each.span, _TRASH_IS_ELSEWHERE) for each in trashed_terms(root)]
    mistakes = sorted([*reading.mistakes, *elsewhere], key=lambda each: each.span)
    return Query(text, root, tuple(mistakes))


class _Reading:
    """One text on its way to a tree."""

    def __init__(self, text: str) -> None:
        pieces = list(islice(lexemes(text), MOST_PIECES + 1))
        self.mistakes: list[Mistake] = []
        self._depth = 0
        if len(pieces) > MOST_PIECES:
            rest = pieces.pop()
            words = f"Only the first {MOST_PIECES} words are searched."
            self.mistakes.append(Mistake(Span(rest.span.start, len(text)), words))
        self._pieces = iter(pieces)

    def group(self, opened: Lexeme | None) -> Node | None:
        """Terms up to the parenthesis that closes, or the end; None where nothing is asked for."""
        joined: list[list[Node | None]] = []
        pending: Lexeme | None = None
        for piece in self._pieces:
            if piece.kind == "close" and opened is not None:
                break
            if piece.kind == "close":
                self._wrong(piece.span, "No parenthesis is open here.")
            elif piece.kind == "or" and (pending is not None or not joined):
                self._wrong(piece.span, _LONELY_OR)
            elif piece.kind == "or":
                pending = piece
            elif pending is not None:
                joined[-1].append(self._term(piece))
                pending = None
            else:
                joined.append([self._term(piece)])
        else:
            if opened is not None:
                self._wrong(opened.span, "This parenthesis is not closed.")
        if pending is not None:
            self._wrong(pending.span, _LONELY_OR)
        clear = [[term for term in terms if term is not None] for terms in joined]
        parts = [one_of(terms) for terms in clear if terms]
        return all_of(parts) if parts else None

    def _term(self, piece: Lexeme) -> Node | None:
        if piece.kind == "open" and self._depth == MOST_DEPTH:
            self._wrong(piece.span, f"No more than {MOST_DEPTH} parentheses in each other.")
            return None
        if piece.kind == "open":
            self._depth += 1
            term = self.group(piece)
            self._depth -= 1
        else:
            term = self._key_term(piece) if piece.key else self._words(piece)
        return negated(term) if piece.negative and term is not None else term

    def _words(self, piece: Lexeme) -> Node | None:
        ratio = read_bare_ratio(piece.value, piece.span)
        if ratio is not None and not piece.quoted:
            return ratio
        self._see_to_the_quote(piece)
        return _words(piece.value, piece.quoted and piece.closed, piece.span)

    def _key_term(self, piece: Lexeme) -> Node | None:
        key = BY_NAME.get(piece.key.lower())
        if key is None and not piece.value and not piece.quoted:
            # As in prose: "Style: watercolour".
            return _words(piece.key, False, piece.span)
        if key is None:
            self._wrong(piece.span, _no_such_key(piece))
            return None
        self._see_to_the_quote(piece)
        term = key.read(piece.value, piece.quoted and piece.closed, piece.span)
        if term is None:
            self._wrong(piece.value_span if piece.value else piece.span, key.hint)
        return term

    def _see_to_the_quote(self, piece: Lexeme) -> None:
        if not piece.closed:
            self._wrong(Span(piece.value_span.start, piece.value_span.start + 1), "This quote is not closed.")

    def _wrong(self, span: Span, hint: str) -> None:
        self.mistakes.append(Mistake(span, hint))


def _words(text: str, whole: bool, span: Span) -> Node | None:
    words = words_of(text)
    # The one word that would be read as a sign without quotes gets them.
    return Words(words, whole or words == ("or",), span=span) if words else None


def _no_such_key(piece: Lexeme) -> str:
    near = get_close_matches(piece.key.lower(), [name for name in BY_NAME if len(name) > 1], n=1, cutoff=0.7)
    if near:
        return f"Did you mean {near[0]}:?"
    return "No such key; quotes make it words."
