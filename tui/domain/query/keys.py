"""The one table of what can stand before a colon in a query: how its value reads, what to offer, what to say."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tui.domain.options import ASPECT_RATIOS, IMAGE_SIZES, normalise_size
from tui.domain.query.dates import SPOKEN, read_when
from tui.domain.query.folding import words_of
from tui.domain.query.terms import Choice, Chosen, Counted, Date, Node, Number, Place, Sign, Span, When, Words

TYPES: Final = ("png", "jpeg", "webp", "gif", "avif", "heic", "tiff", "bmp")
_SPELLINGS: Final = {"jpg": "jpeg", "tif": "tiff", "heif": "heic"}
_SIGNS: Final[Mapping[str, Sign]] = {
    "": "=",
    "=": "=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    "=<": "<=",
    "≤": "<=",
    ">=": ">=",
    "=>": ">=",
    "≥": ">=",
}
_NUMBER: Final = re.compile(r"([<>=≤≥]{0,2})(\d{1,6})", re.ASCII)
_RATIO: Final = re.compile(r"0*([1-9]\d{0,4})[:：x×/]0*([1-9]\d{0,4})", re.ASCII)
_SIZE: Final = re.compile(r"[0-9A-Z.]{1,12}")

Reader = Callable[[str, bool, Span], Node | None]
"""A value, whether it stood in quotes, and the place of the whole term → the term; None for a mistake."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: what it finds, its values as far as they are the same everywhere, and how it says what it takes."""

    name: str
    finds: str
    takes: str
    read: Reader
    values: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        """What it takes, for a value that cannot be read; short, since it stands in a narrow frame."""
        return f"{self.name}: {self.takes}."


def _words(place: Place) -> Reader:
    def read(value: str, quoted: bool, span: Span) -> Node | None:
        words = words_of(value)
        return Words(words, quoted, place, span) if words else None

    return read


def _number(key: Counted, highest: int) -> Reader:
    def read(value: str, _quoted: bool, span: Span) -> Node | None:
        found = _NUMBER.fullmatch(value)
        if found is None or found[1] not in _SIGNS or int(found[2]) > highest:
            return None
        return Number(key, _SIGNS[found[1]], int(found[2]), span)

    return read


def _choice(key: Chosen, values: tuple[str, ...], spellings: Mapping[str, str] | None = None) -> Reader:
    def read(value: str, _quoted: bool, span: Span) -> Node | None:
        lowered = value.lower()
        spelled = (spellings or {}).get(lowered, lowered)
        return Choice(key, spelled, span) if spelled in values else None

    return read


def _date(key: When) -> Reader:
    def read(value: str, _quoted: bool, span: Span) -> Node | None:
        when = read_when(value)
        return Date(key, when, span) if when is not None else None

    return read


def _ratio(value: str, _quoted: bool, span: Span) -> Node | None:
    found = _RATIO.fullmatch(value)
    return Choice("ratio", f"{found[1]}:{found[2]}", span) if found else None


def _size(value: str, _quoted: bool, span: Span) -> Node | None:
    size = normalise_size(value)
    return Choice("size", size, span) if _SIZE.fullmatch(size) else None


_YES: Final = ("yes", "no")
_HAS: Final = ("reference", "text", "note", "warning")
_IS: Final = ("failed", "missing", "foreign", "trashed")
_DAYS: Final = "2026-11-30, 2026-11, 2026, today, yesterday, week, month or a weekday"

KEYS: Final = (
    Key("model", "made by this model", "its name, or words of it", _words("model")),
    Key("ratio", "of this aspect ratio", "as 16:9", _ratio, ASPECT_RATIOS),
    Key("size", "asked for in this size", "as 2K", _size, IMAGE_SIZES),
    Key("tag", "with this tag", "its words, or in quotes all of it", _words("tag")),
    Key("rating", "of so many stars", "0 to 5, as 4 or >=3", _number("rating", 5), (">=3", ">=4", "5", "0")),
    Key("star", "starred, or not", "yes or no", _choice("star", _YES, {"": "yes"}), _YES),
    Key("after", "made since it began", _DAYS, _date("after"), SPOKEN),
    Key("before", "made before it began", _DAYS, _date("before"), SPOKEN),
    Key("on", "made in it", _DAYS, _date("on"), SPOKEN),
    Key("has", "with one", "reference, text, note or warning", _choice("has", _HAS), _HAS),
    Key("is", "being so", "failed, missing, foreign or trashed", _choice("is", _IS), _IS),
    Key("id", "with this id or file name", "its beginning", _words("id")),
    Key("parent", "made from the one with this id", "its beginning", _words("parent")),
    Key("w", "so many pixels wide", "pixels, as >2000", _number("w", 999_999), (">2000",), ("width",)),
    Key("h", "so many pixels high", "pixels, as >2000", _number("h", 999_999), (">2000",), ("height",)),
    Key(
        "type",
        "of this type of file",
        f"{', '.join(TYPES[:-1])} or {TYPES[-1]}",
        _choice("type", TYPES, _SPELLINGS),
        TYPES,
    ),
)

FORMS: Final = (
    ("fox du", "words or their beginnings, in any order"),
    ('"deep snow"', "words side by side"),
    ("-snow", "without it"),
    ("dusk or dawn", "one of the two"),
    ("(red fox) or hare", "what belongs together"),
    ("16:9", "of this aspect ratio"),
    *((f"{key.name}:", f"{key.finds}: {key.takes}") for key in KEYS),
)
"""What can stand in a query, and what it finds, as the help lists it."""

BY_NAME: Final = {name: key for key in KEYS for name in (key.name, *key.other_names)}


def read_bare_ratio(text: str, span: Span) -> Node | None:
    """A ratio that models know, as people write it without a key: ``16:9``."""
    return Choice("ratio", text, span) if text in ASPECT_RATIOS else None
