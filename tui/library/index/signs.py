"""What the index knows a generation by: the words it is found by, and a sign for each fact a query can ask for.

A sign is one or two characters of the private use area. No text that is searched has such characters, so that signs
stand in the same full-text table as words, and any query of words and facts is one walk through it in time order.
"""

import math
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tui.domain.generation import Generation
from tui.domain.options import normalise_size
from tui.domain.query.folding import indexed
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


def texts_of(generation: Generation) -> Texts:
    """The words of ``generation``, where a query looks for them."""
    user = generation.user
    text = indexed(generation.prompt or generation.stem)
    if user.notes:
        text = f"{text} {EDGE} {indexed(user.notes)}"
    tags = "".join(f" {indexed(tag)} {EDGE}" for tag in user.tags)
    return Texts(text, indexed(generation.model), EDGE + tags if tags else "")


def facts_of(generation: Generation) -> tuple[Fact, ...]:
    """Each fact of ``generation`` that has a sign, once."""
    return tuple(dict.fromkeys(_facts(generation)))


def _facts(generation: Generation) -> Iterator[Fact]:
    image, user = generation.final_image, generation.user
    yield EVERY
    yield "rating", str(user.rating)
    yield "model", generation.model
    yield "ratio", generation.aspect_ratio
    yield "size", normalise_size(generation.image_size)
    yield "pixels", f"{image.width}x{image.height}" if image else "0x0"
    yield "elapsed", str(elapsed_step(generation.elapsed))
    if image is not None:
        yield "type", image.mime
    if user.starred:
        yield "star", "yes"
    for value, has in (
        ("reference", generation.references),
        ("text", generation.reply.text),
        ("note", user.notes),
        ("warning", generation.warnings),
    ):
        if has:
            yield "has", value
    if generation.damage is not None or not generation.images:
        yield "is", "failed"
    if any(each.missing for each in generation.images):
        yield "is", "missing"
    if generation.foreign:
        yield "is", "foreign"


def elapsed_step(seconds: float | None) -> int:
    """A number that grows with the time taken, sixteen to a doubling; 0 where it is not known."""
    return 0 if seconds is None else max(1, 1 + 10 * _STEPS_AN_OCTAVE + math.floor(_STEPS_AN_OCTAVE * _log2(seconds)))


def _log2(seconds: float) -> float:
    return math.log2(max(seconds, 1e-3))


def key_of(stem: str) -> bytes:
    """What a generation is known by, in the order of its time where its stem tells that."""
    return (b"1" if split_stem(stem) else b"0") + os.fsencode(stem)


def part_of(stem: str) -> int:
    """The part of the library that a generation is compared in: its day as a number, or one of 256 for others."""
    return int(stem[:8]) if split_stem(stem) else zlib.crc32(os.fsencode(stem)) & 0xFF
