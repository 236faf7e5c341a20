"""Finding generations by what a person types: one grammar for the app's search and ``image-gen history``."""

from tui.domain.query.completion import Candidate, Known, complete
from tui.domain.query.matching import Haystack, haystack, matcher, matches, spans_in
from tui.domain.query.parsing import Query, parse
from tui.domain.query.terms import Mistake, Node, Span, canonical

__all__ = [
    "Candidate",
    "Haystack",
    "Known",
    "Mistake",
    "Node",
    "Query",
    "Span",
    "canonical",
    "complete",
    "haystack",
    "matcher",
    "matches",
    "parse",
    "spans_in",
]
