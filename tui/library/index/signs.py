"""What the index knows a generation by: the words it is found by, and a sign for each fact a query can ask for.

A sign is one or two characters of the private use area. No text that is searched has such characters, so that signs
stand in the same full-text table as words, and any query of words and facts is one walk through it in time order.
"""

import math
import os
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tui.domain.options import normalise_size
from tui.domain.query.folding import indexed
from tui.library.index.kept import Kept, KeptImage, text_of
from tui.library.names import split_stem

EDGE: Final = "\ue000"
"""Stands between texts that no phrase may cross, and on both sides of each tag."""
_FIRST, _CHARACTERS = 0xE001, 0x18FF
_STEPS_AN_OCTAVE: Final = 16

Fact = tuple[str, str]
"""A kind of fact, and its value as text: ``("ratio", "16:9")``."""
EVERY: Final[Fact] = ("every", "")


@dataclass(frozen=True, slots=True)
class Texts:
    """The columns of the full-text table: words with spaces between them."""

    text: str
    model: str
    tag: str


def sign_of(code: int) -> str:
    """The word that stands for the fact with that number, counted from 1."""
    return chr(_FIRST + code) if code < _CHARACTERS else _long_sign(code)


def _long_sign(code: int) -> str:
    more, last = divmod(code, _CHARACTERS)
    return sign_of(more) + chr(_FIRST + last)


def texts_of(kept: Kept) -> Texts:
    """The words of a generation, where a query looks for them."""
    _, _, tags, notes = kept.user
    text = indexed(kept.prompt or text_of(kept.stem))
    if notes:
        text = f"{text} {EDGE} {indexed(notes)}"
    tag = "".join(f" {_again(each)} {EDGE}" for each in tags)
    return Texts(text, _again(kept.model), EDGE + tag if tag else "")


_again: Final = lru_cache(maxsize=512)(indexed)
"""For what many generations have in common."""


def facts_of(kept: Kept) -> tuple[Fact, ...]:
    """Each fact of a generation that has a sign, once."""
    starred, rating, _, notes = kept.user
    image = final_image(kept)
    facts = [
        EVERY,
        ("rating", str(rating)),
        ("model", kept.model),
        ("ratio", kept.aspect_ratio),
        ("size", normalise_size(kept.image_size)),
        ("pixels", f"{image.width}x{image.height}" if image else "0x0"),
        ("elapsed", str(elapsed_step(kept.elapsed))),
    ]
    told = (
        (("type", image.mime if image else ""), image),
        (("star", "yes"), starred),
        (("has", "reference"), kept.references),
        (("has", "text"), kept.reply and kept.reply.text),
        (("has", "note"), notes),
        (("has", "warning"), kept.warnings),
        (("is", "failed"), kept.damage is not None or not kept.images),
        (("is", "missing"), any(each.missing for each in kept.images)),
        (("is", "foreign"), kept.foreign),
    )
    facts += [fact for fact, so in told if so]
    return tuple(facts)


def final_image(kept: Kept) -> KeptImage | None:
    """The picture to show, as ``Generation.final_image`` has it."""
    shown = [image for image in kept.images if image.role not in ("draft", "copy")] or kept.images
    return shown[-1] if shown else None


def elapsed_step(seconds: float | None) -> int:
    """A number that grows with the time taken, sixteen to a doubling; 0 where it is not known."""
    return 0 if seconds is None else max(1, 1 + 10 * _STEPS_AN_OCTAVE + math.floor(_STEPS_AN_OCTAVE * _log2(seconds)))


def _log2(seconds: float) -> float:
    return math.log2(max(seconds, 1e-3))


def key_of(stem: str) -> bytes:
    """What a generation is known by, in the order of its time where its stem tells that."""
    return (b"1" if split_stem(stem) else b"0") + os.fsencode(stem)


def key_of_words(words: tuple[str, ...]) -> bytes:
    """The beginning of the keys of our own stems that read like ``words``: ``20261122 103000 2``."""
    day, *rest = words
    return b"1" + "".join([day, *(f"_{time}" for time in rest[:1]), *(f"-{more}" for more in rest[1:])]).encode()


def part_of(stem: str) -> int:
    """The part of the library that a generation is compared in: its day as a number, or one of 256 for others."""
    return int(stem[:8]) if split_stem(stem) else zlib.crc32(os.fsencode(stem)) & 0xFF
