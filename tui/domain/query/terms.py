"""A query as a tree of terms, and the tree as text again."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tui.domain.query.folding import words_of

Place = Literal["any", "model", "tag", "id", "parent"]
Sign = Literal["<", "<=", "=", ">=", ">"]
Counted = Literal["rating", "w", "h"]
Chosen = Literal["ratio", "size", "type", "star", "has", "is"]
When = Literal["after", "before", "on"]


class Span(NamedTuple):
    """A part of a text, from ``start`` to before ``end``."""

    start: int
    end: int


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A part of a query that cannot be searched as it stands, and one sentence that helps."""

    span: Span
    hint: str


@dataclass(frozen=True, slots=True)
class Words:
    """Words that stand side by side; the last may go on, unless ``whole``.

    In tags a whole one is a whole tag; ids are told by their beginning.
    """

    words: tuple[str, ...]
    whole: bool = False
    place: Place = "any"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in bounds: stars, or pixels."""

    key: Counted
    sign: Sign
    value: int
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that ``key`` can have, spelled as ``keys`` spells it."""

    key: Chosen
    value: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Date:
    """A time before, after or on ``when``, which ``dates`` understands: ``2026-11``, ``today``."""

    key: When
    when: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """What ``part`` does not find."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """What every part finds; without parts everything."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """What at least one part finds."""

    parts: tuple["Node", ...]


Node = Words | Number | Choice | Date | Not | All | OneOf


def all_of(parts: list["Node"]) -> Node:
    """``parts`` joined by and, without joints inside joints."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,))]
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def one_of(parts: list["Node"]) -> Node:
    """``parts``, at least one, joined by or, without joints inside joints."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, OneOf) else (part,))]
    return flat[0] if len(flat) == 1 else OneOf(tuple(flat))


def negated(part: Node) -> Node:
    """The opposite of ``part``."""
    return part.part if isinstance(part, Not) else Not(part)


def canonical(node: Node) -> str:
    """``node`` as a person would type it; it parses to the same tree, with the trash without a mistake."""
    match node:
        case Words():
            key = "" if node.place == "any" else f"{node.place}:"
            return f'{key}"{" ".join(node.words)}"' if node.whole else f"{key}{_together(node.words)}"
        case Number():
            return f"{node.key}:{'' if node.sign == '=' else node.sign}{node.value}"
        case Choice():
            return f"{node.key}:{node.value}"
        case Date():
            return f"{node.key}:{node.when}"
        case Not():
            return f"-{_grouped(node.part, All, OneOf)}"
        case All():
            return " ".join(canonical(part) for part in node.parts)
        case OneOf():
            return " or ".join(_grouped(part, All) for part in node.parts)


def _grouped(node: Node, *kinds: type[All] | type[OneOf]) -> str:
    return f"({canonical(node)})" if isinstance(node, kinds) else canonical(node)


def _together(words: tuple[str, ...]) -> str:
    """Words that stand side by side, without a space: ``雪の狐``, ``red-fox``."""
    joined = "".join(words)
    return joined if words_of(joined) == words else "-".join(words)
