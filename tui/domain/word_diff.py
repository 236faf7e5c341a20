"""Two prompts word by word: which words one has and the other lacks, in the order they stand in."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

MOST_WORDS: Final = 400
"""Words of each that are compared; what comes behind is not shown."""

_ALONE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
"""Kana, Han and Hangul: written without spaces, each compared by itself."""

_WORD: Final = re.compile(rf"[{_ALONE}]|[^\s{_ALONE}]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands; ``differs`` where the other prompt does not have it there."""

    text: str
    differs: bool
    spaced: bool
    """Whether white space stands before it."""


def word_diff(left: str, right: str) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words of both. Case, and commas and the like behind a word, make no other word."""
    ours, theirs = (list(_WORD.finditer(text))[:MOST_WORDS] for text in (left, right))
    matcher = SequenceMatcher(None, [*map(_bare, ours)], [*map(_bare, theirs)], autojunk=False)
    same_ours: set[int] = set()
    same_theirs: set[int] = set()
    for block in matcher.get_matching_blocks():
        same_ours.update(range(block.a, block.a + block.size))
        same_theirs.update(range(block.b, block.b + block.size))
    return _words(ours, same_ours), _words(theirs, same_theirs)


def only(words: tuple[Word, ...]) -> tuple[str, ...]:
    """The stretches of words that differ, without the commas around them."""
    stretches: list[str] = []
    before = False
    for word in words:
        if word.differs and before:
            stretches[-1] += (" " if word.spaced else "") + word.text
        elif word.differs:
            stretches.append(word.text)
        before = word.differs
    return tuple(bare for stretch in stretches if (bare := stretch.strip(",.;:!? ")))


def _bare(word: re.Match[str]) -> str:
    text = word.group().casefold()
    return text.strip(",.;:!?") or text


def _words(found: list[re.Match[str]], same: set[int]) -> tuple[Word, ...]:
    ends = [0, *(each.end() for each in found)]
    return tuple(
        Word(each.group(), number not in same, each.start() > ends[number]) for number, each in enumerate(found)
    )
