"""Generations made ready to be written into the index, before anybody has to wait for it."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from tui.domain.query.folding import indexed
from tui.library.index.kept import Kept, from_bytes, text_of, to_bytes
from tui.library.index.signs import Fact, Texts, facts_of, final_image, key_of, part_of, texts_of
from tui.library.names import split_stem

_unsettled: Final = itertools.count(1)


class Known(NamedTuple):
    """A generation's row id, and the state its files had when it was read."""

    id: int
    state: int


def unsettled() -> int:
    """A state that no files have: what is put with it is read again by the next refresh."""
    return -(time.time_ns() + next(_unsettled))


@dataclass(frozen=True, slots=True)
class Ready:
    """A generation ready to be written.

    ``over`` is what the index knew when the files were read, None for nothing: where it knows something else by then,
    somebody else was faster and is not overwritten. ``forced`` is for values that are newer than anything there.
    """

    key: bytes
    part: int
    state: int
    created: float
    kept: Kept
    value: bytes
    texts: Texts
    facts: tuple[Fact, ...]
    over: Known | None = None
    forced: bool = False

    @property
    def measures(self) -> tuple[int, int, float, int, int]:
        """Rating, pixels of the picture to show, seconds taken (-1 where not known), bytes, number of pictures."""
        kept = self.kept
        image = final_image(kept)
        pixels = image.width * image.height if image else 0
        elapsed = -1.0 if kept.elapsed is None else kept.elapsed
        return kept.user[1], pixels, elapsed, sum(each.bytes for each in kept.images), len(kept.images)


def ready(kept: Kept, state: int, over: Known | None = None, *, forced: bool = False) -> Ready:
    """``kept`` ready to be written."""
    stem = text_of(kept.stem)
    created = datetime.fromisoformat(kept.created_at).timestamp()
    value, texts, facts = to_bytes(kept), texts_of(kept), facts_of(kept)
    return Ready(key_of(stem), part_of(stem), state, created, kept, value, texts, facts, over, forced)


def again(value: bytes) -> Ready:
    """What was written as ``value``, ready as it was then."""
    return ready(from_bytes(value), 0)


def names_of(kept: Kept) -> tuple[str, ...]:
    """Under which texts a generation is found by its id and stem. A stem of ours needs none: it is the key."""
    stem = text_of(kept.stem)
    names = [] if split_stem(stem) else [indexed(stem)]
    return tuple(dict.fromkeys([*names, indexed(kept.id)] if kept.id is not None else names))


def counted(kept: Kept, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts whose number is known: those with a sign, and tags."""
    return (*facts, *(("tag", tag) for tag in dict.fromkeys(kept.user[2])))
