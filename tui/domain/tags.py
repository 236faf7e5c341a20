"""Tags as people type them, and as they are kept: one line each, told apart without case, as first spelled."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tui.domain.errors import InvalidRequest
from tui.domain.query.folding import fold
from tui.domain.words import one_line, printable

LONGEST: Final = 64
"""Characters of a tag."""

MOST: Final = 100
"""Tags of a generation."""

_SEPARATORS: Final = re.compile("[,\uff0c\u3001\u060c\n]")
"""Commas of all scripts (wide, ideographic, Arabic), and new lines."""

_REMOVES: Final = "-"


@dataclass(frozen=True, slots=True)
class TypedTags:
    """What a line of tags asks for: ``fox, -draft`` adds one and removes the other."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def typed(text: str) -> TypedTags:
    """The tags in ``text``, separated by commas; one behind ``-`` is to be removed. The last word on a tag counts.

    Raises InvalidRequest for a tag that is too long.
    """
    add: dict[str, str] = {}
    remove: dict[str, str] = {}
    for part in _SEPARATORS.split(text):
        word = _plain(part)
        removes = word.startswith(_REMOVES)
        tag = checked(word[1:] if removes else word)
        if tag:
            here, there = (remove, add) if removes else (add, remove)
            here.setdefault(key(tag), tag)
            there.pop(key(tag), None)
    return TypedTags(tuple(add.values()), tuple(remove.values()))


def written(tags: Iterable[str]) -> str:
    """Tags as a person types them."""
    return ", ".join(tags)


def key(tag: str) -> str:
    """What tags are told apart by: neither case nor diacritics count."""
    return fold(tag) or tag


def checked(tag: str) -> str:
    """``tag`` as it is kept: trimmed, white space folded, without control characters; may be empty.

    Raises InvalidRequest where it is too long, or would be several when typed.
    """
    plain = _plain(tag)
    if len(plain) > LONGEST:
        raise InvalidRequest(
            f"{one_line(plain, 40)} has {len(plain):,} characters.",
            title="The tag is too long",
            hint=f"A tag has at most {LONGEST} characters; longer text goes into the notes.",
        )
    if _SEPARATORS.search(plain):
        raise InvalidRequest(
            f"{plain} holds a comma.",
            title="This is not one tag",
            hint="Give the tags one by one: commas stand between tags.",
        )
    return plain


def unique(tags: Iterable[str]) -> tuple[str, ...]:
    """``tags`` checked, each once, as first spelled; empty ones are left out. Raises InvalidRequest."""
    kept: dict[str, str] = {}
    for tag in tags:
        plain = checked(tag)
        if plain:
            kept.setdefault(key(plain), plain)
    return tuple(kept.values())


def with_tags(have: Sequence[str], add: Iterable[str]) -> tuple[str, ...]:
    """``have``, and behind it those of ``add`` that are not among it; InvalidRequest where those become too many."""
    known = {key(each) for each in have}
    fresh = [each for each in add if key(each) not in known]
    if fresh:
        refuse_too_many(len(have) + len(fresh))
    return (*have, *fresh)


def without_tags(have: Iterable[str], remove: Iterable[str]) -> tuple[str, ...]:
    """``have`` without those of ``remove``, however they are spelled."""
    gone = {key(each) for each in remove}
    return tuple(each for each in have if key(each) not in gone)


def refuse_too_many(count: int) -> None:
    """Raise InvalidRequest for more tags than a generation may have."""
    if count > MOST:
        raise InvalidRequest(
            f"It would have {count:,} tags.",
            title="These are too many tags",
            hint=f"A generation has at most {MOST}; take some away first (-tag).",
        )


def _plain(text: str) -> str:
    return " ".join(printable(text).split())
