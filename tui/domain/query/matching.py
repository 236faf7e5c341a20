"""Which generations a query finds, in memory, and which parts of a text it found them by."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache, reduce
from operator import eq, ge, gt, le, lt
from typing import Final

from tui.domain.generation import Generation, ImageFile
from tui.domain.options import normalise_size
from tui.domain.query.dates import days_of
from tui.domain.query.folding import Located, indexed, located
from tui.domain.query.parsing import Query
from tui.domain.query.terms import All, Choice, Chosen, Date, Node, Not, Number, OneOf, Sign, Span, Words

_BREAK: Final = "\n"
_COMPARE: Final[Mapping[Sign, Callable[[int, int], bool]]] = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt}

Test = Callable[["Haystack"], bool]


@dataclass(frozen=True, slots=True)
class Haystack:
    """A generation made ready for many queries; keep it as long as the generation is the same value.

    The texts are words with spaces round each, in lines: ``\\n a red fox \\n\\n at dusk \\n``. ``text`` is what words
    without a key are looked for in: prompt, notes, tags, the model's name, and the stem where there is no prompt.
    """

    generation: Generation
    text: str
    model: str
    tag: str
    id: str
    parent: str
    created: float
    trashed: bool


def haystack(generation: Generation, *, trashed: bool = False) -> Haystack:
    """``generation`` made ready; ``trashed`` where it lies in the trash."""
    user = generation.user
    model, tag = _repeated_lines(generation.model), _repeated_lines(*user.tags)
    return Haystack(
        generation,
        text=_lines(generation.prompt or generation.stem, user.notes) + tag + model,
        model=model,
        tag=tag,
        id=_lines(generation.id, generation.stem),
        parent=_lines(generation.parent or ""),
        created=generation.created_at.timestamp(),
        trashed=trashed,
    )


def matches(query: Query, generation: Generation, now: datetime) -> bool:
    """Whether ``query`` finds ``generation``; for many of them use ``matcher`` and keep their haystacks."""
    return matcher(query, now)(haystack(generation))


def matcher(query: Query, now: datetime) -> Test:
    """What tells of one haystack after another whether ``query`` finds it; ``today`` is that of ``now``, local."""
    return _test(query.root, now.astimezone().date())


def spans_in(query: Query, text: str) -> tuple[Span, ...]:
    """The parts of ``text`` that the words of ``query`` find, in order and apart from each other.

    Words that are excluded, and those for a model or a tag, find nothing in a text.
    """
    wanted = tuple(_wanted(query.root))
    if not wanted:
        return ()
    there = located(text)
    found = sorted(span for words in wanted for span in _places(words, there))
    apart: list[Span] = []
    for span in found:
        if apart and span.start <= apart[-1].end:
            apart[-1] = Span(apart[-1].start, max(span.end, apart[-1].end))
        else:
            apart.append(span)
    return tuple(apart)


def _lines(*texts: str) -> str:
    return "".join(f"{_BREAK} {indexed(text)} {_BREAK}" for text in texts if text)


_repeated_lines: Final = lru_cache(maxsize=256)(_lines)
"""For what many generations have in common."""


def _test(node: Node, today: date) -> Test:
    match node:
        case Words():
            return _words_test(node)
        case Number():
            return _number_test(node)
        case Choice():
            return _choice_test(node)
        case Date():
            return _date_test(node, today)
        case Not():
            part = _test(node.part, today)
            return lambda hay: not part(hay)
        case All():
            return reduce(_both, (_test(part, today) for part in node.parts), lambda _hay: True)
        case OneOf():
            return reduce(_either, (_test(part, today) for part in node.parts))


def _both(one: Test, other: Test) -> Test:
    return lambda hay: one(hay) and other(hay)


def _either(one: Test, other: Test) -> Test:
    return lambda hay: one(hay) or other(hay)


def _words_test(node: Words) -> Test:
    needle = f" {' '.join(node.words)}"
    end = f" {_BREAK}" if node.place in ("tag", "id", "parent") else " "
    if node.place in ("id", "parent") or (node.place == "tag" and node.whole):
        needle = f"{_BREAK}{needle}"
    if node.whole:
        needle = f"{needle}{end}"
    match node.place:
        case "any":
            return lambda hay: needle in hay.text
        case "model":
            return lambda hay: needle in hay.model
        case "tag":
            return lambda hay: needle in hay.tag
        case "id":
            return lambda hay: needle in hay.id
        case "parent":
            return lambda hay: needle in hay.parent


def _number_test(node: Number) -> Test:
    compare, wanted = _COMPARE[node.sign], node.value
    match node.key:
        case "rating":
            return lambda hay: compare(hay.generation.user.rating, wanted)
        case "w":
            return lambda hay: (width := _width(hay.generation.final_image)) > 0 and compare(width, wanted)
        case "h":
            return lambda hay: (height := _height(hay.generation.final_image)) > 0 and compare(height, wanted)


def _width(image: ImageFile | None) -> int:
    return image.width if image else 0


def _height(image: ImageFile | None) -> int:
    return image.height if image else 0


def _date_test(node: Date, today: date) -> Test:
    first, after = (datetime.combine(day, time()).timestamp() for day in days_of(node.when, today))
    match node.key:
        case "after":
            return lambda hay: hay.created >= first
        case "before":
            return lambda hay: hay.created < first
        case "on":
            return lambda hay: first <= hay.created < after


def _is_failed(generation: Generation) -> bool:
    return generation.damage is not None or not generation.images


def _is_missing(generation: Generation) -> bool:
    return any(image.missing for image in generation.images)


_IS_SO: Final[Mapping[tuple[Chosen, str], Test]] = {
    ("star", "yes"): lambda hay: hay.generation.user.starred,
    ("star", "no"): lambda hay: not hay.generation.user.starred,
    ("has", "reference"): lambda hay: bool(hay.generation.references),
    ("has", "text"): lambda hay: bool(hay.generation.reply.text),
    ("has", "note"): lambda hay: bool(hay.generation.user.notes),
    ("has", "warning"): lambda hay: bool(hay.generation.warnings),
    ("is", "failed"): lambda hay: _is_failed(hay.generation),
    ("is", "missing"): lambda hay: _is_missing(hay.generation),
    ("is", "trashed"): lambda hay: hay.trashed,
    ("is", "foreign"): lambda hay: hay.generation.foreign,
}


def _choice_test(node: Choice) -> Test:
    wanted = node.value
    match node.key:
        case "ratio":
            return lambda hay: hay.generation.aspect_ratio == wanted
        case "size":
            return lambda hay: normalise_size(hay.generation.image_size) == wanted
        case "type":
            mime = f"image/{wanted}"
            return lambda hay: (image := hay.generation.final_image) is not None and image.mime == mime
        case _:
            return _IS_SO[node.key, wanted]


def _wanted(node: Node) -> Iterator[Words]:
    """The words that a text may be found by."""
    match node:
        case Words(place="any"):
            yield node
        case All() | OneOf():
            for part in node.parts:
                yield from _wanted(part)
        case _:
            return


def _places(wanted: Words, there: tuple[Located, ...]) -> Iterator[Span]:
    *before, last = wanted.words
    length = len(wanted.words)
    for place in range(len(there) - length + 1):
        final = there[place + length - 1]
        fits = final.word == last if wanted.whole else final.word.startswith(last)
        if fits and all(word == there[place + number].word for number, word in enumerate(before)):
            yield Span(there[place].start, final.ends[len(last) - 1])
