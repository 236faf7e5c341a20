"""Generations in any order that they are listed in, where no index sorts them."""

from collections.abc import Iterable

from tui.domain.generation import Generation
from tui.domain.query.folding import fold
from tui.domain.sorting import Sort


def in_order(generations: Iterable[Generation], sort: Sort) -> list[Generation]:
    """Generations that come newest first in another order; equal ones stay newest first."""
    rows = list(generations)
    return rows[::-1] if sort == "oldest" else sorted(rows, key=lambda each: _value(each, sort))


def rank(generation: Generation, sort: Sort) -> tuple[object, ...]:
    """What sorts generations of two lists that are in this order into one."""
    made = generation.created_at.timestamp()
    return *_value(generation, sort), made if sort == "oldest" else -made


def _value(generation: Generation, sort: Sort) -> tuple[object, ...]:
    """What an order goes by before time; nothing in those by time."""
    match sort:
        case "newest" | "oldest":
            return ()
        case "model":
            return not generation.model, fold(generation.model)
        case "rating":
            return (-generation.user.rating,)
        case "size":
            image = generation.final_image
            return (-image.width * image.height if image else 0,)
        case "elapsed":
            return (-(generation.elapsed or 0),)
