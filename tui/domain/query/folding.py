"""Text as it is searched: case, width and diacritics gone, cut into words and into signs of scripts without spaces.

The words are fit for an FTS5 table: joined by spaces they come out of ``unicode61 remove_diacritics 0 categories
'L* M* N* So'`` as they went in, so that an index finds what is found here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_LETTERS: Final = {
    "ı": "i",
    "đ": "d",
    "ħ": "h",
    "ł": "l",
    "ø": "o",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "ـ": "",
}
"""Letters with a stroke, ligatures and the Arabic filler, which Unicode takes apart in no form."""

_VARIANTS: Final = frozenset((0x34F, 0x180B, 0x180C, 0x180D, 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
"""Marks that choose between drawings of one character, and the grapheme joiner."""

_SIGNS: Final = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x312F),  # kana, Bopomofo, repetition marks
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0xA4CF),  # Han, Yi
    (0xA980, 0xA9FF),  # Javanese
    (0xAA60, 0xAADF),  # Burmese, Tai Viet
    (0xF900, 0xFAFF),
    (0x17000, 0x18DFF),  # Tangut, Khitan
    (0x1AFF0, 0x1B2FF),
    (0x20000, 0x3FFFF),
)
"""Scripts that write no spaces between words: every character of theirs is a word of its own."""

_LIKE: Final = re.compile(r"[A-Z]+|[^\x00-\x7f]+")
"""Stretches that are folded alike: nothing that stays of a mark becomes one with an ASCII letter before it."""
_BEYOND: Final = re.compile(r"[^\x00-\x7f]+")
_WORD: Final = re.compile(r"[^\x00-/:-`{-\x7f]+")
_SHORT: Final = 8
"""Characters of a stretch that comes again: a letter with an accent, a quote, a word of a few signs."""


@dataclass(frozen=True, slots=True)
class Located:
    """A word of a text: as it is searched, and where it stands.

    ``ends`` has for each character of ``word`` the place in the text right behind what it was made from.
    """

    word: str
    start: int
    ends: tuple[int, ...]


def fold(text: str) -> str:
    """``text`` without case, width and diacritics; folding it again changes nothing.

    Marks that are letters stay: vowels and tones of Thai and Indic scripts, the voicing of kana (か is not が).
    """
    return text.lower() if text.isascii() else _LIKE.sub(lambda found: _folded(found[0]), text)


def words_of(text: str) -> tuple[str, ...]:
    """The words of ``text`` as they are searched, in its order."""
    folded = fold(text)
    spaced = folded if folded.isascii() else _BEYOND.sub(lambda found: found[0].translate(_apart), folded)
    return tuple(_WORD.findall(spaced))


def indexed(text: str) -> str:
    """The words of ``text`` with spaces between them, as an index keeps them."""
    return " ".join(words_of(text))


def located(text: str) -> tuple[Located, ...]:
    """The words of ``text`` as ``words_of`` has them, with their places."""
    if text.isascii():
        found = _WORD.finditer(text.lower())
        return tuple(Located(each[0], each.start(), tuple(range(each.start() + 1, each.end() + 1))) for each in found)
    return tuple(_located(text))


def _folded(stretch: str) -> str:
    return _folded_short(stretch) if len(stretch) <= _SHORT else _folded_anew(stretch)


def _folded_anew(stretch: str) -> str:
    apart = unicodedata.normalize("NFKD", stretch).translate(_plain)
    # Upper-case letters may come out of one form and marks out of the other.
    again = unicodedata.normalize("NFKD", apart.casefold()).translate(_plain)
    return unicodedata.normalize("NFC", again)


_folded_short: Final = lru_cache(maxsize=4096)(_folded_anew)


def _located(text: str) -> Iterator[Located]:
    letters: list[str] = []
    ends: list[int] = []
    start = 0
    for first, end in _clusters(text):
        for char in fold(text[first:end]):
            spaced = _apart[ord(char)]
            is_letter = spaced == char != " "
            if letters and not is_letter:
                yield Located("".join(letters), start, tuple(ends))
                letters, ends = [], []
            if is_letter:
                start = start if letters else first
                letters.append(char)
                ends.append(end)
            elif spaced != " ":
                yield Located(char, first, (end,))
    if letters:
        yield Located("".join(letters), start, tuple(ends))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of ``text`` that fold by themselves: a character with what is joined to it."""
    starts = [place for place, char in enumerate(text) if place == 0 or char.isascii() or not _joins(char)]
    return pairwise([*starts, len(text)])


@lru_cache(maxsize=4096)
def _joins(char: str) -> bool:
    """Whether ``char`` may become one with what stands before it: marks, what vanishes, jamo within a syllable."""
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.category(first) in ("Mn", "Mc", "Me", "Cf") or "\u1160" <= first <= "\u11ff" or first == "ـ"


class _Plain(dict[int, str]):
    """For ``str.translate``: what stays of a character that was taken apart. Filled as characters come up."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = kept = "" if _vanishes(code, char) else _LETTERS.get(char, char)
        return kept


class _Apart(dict[int, str]):
    """For ``str.translate``: a letter itself, a sign between spaces, a space for all that is no word."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category == "So" or (category[0] in "LMN" and any(low <= code <= high for low, high in _SIGNS)):
            self[code] = f" {char} "
        else:
            self[code] = char if category[0] in "LMN" else " "
        return self[code]


def _vanishes(code: int, char: str) -> bool:
    """Whether a mark is a diacritic, by its combining class (Unicode 16, table 4-3), or invisible.

    Classes 10 to 36 are the points of Hebrew, Arabic and Syriac, those from 200 on stand around a letter, 1 lies
    over it. The others (nukta 7, kana voicing 8, virama 9, vowels and tones 0 and 84 to 132) make other letters.
    """
    combining = unicodedata.combining(char)
    if combining:
        return combining == 1 or 10 <= combining <= 36 or combining >= 200
    return code in _VARIANTS or unicodedata.category(char) in ("Cf", "Me")


_plain: Final = _Plain()
_apart: Final = _Apart()
