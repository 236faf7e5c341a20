"""Generations in any order that they are listed in, where no index sorts them."""

from collections.abc import Iterable

from tui.domain.generation import Generation
from tui.domain.query.folding import fold
from tui.domain.sorting import Sort


def in_order(generations: Iterable[Generation], sort: Sort) -> list[Generation]:
    """Generations that come newest first in another order; equal ones stay newest first."""
    rows = list(generations)
    match sort:
        case "newest":
            return rows
        case "oldest":
            return rows[::-1]
        case "model":
            return sorted(rows, key=lambda each: (not each.model, fold(each.model)))
        case "rating":
            return sorted(rows, key=lambda each: -each.user.rating)
        case "size":
            return sorted(rows, key=_pixels, reverse=True)
        case "elapsed":
            return sorted(rows, key=lambda each: -(each.elapsed or 0))


def rank(generation: Generation, sort: Sort) -> tuple[object, ...]:
    """What sorts generations of two lists that are in this order into one."""
    age = -generation.created_at.timestamp()
    match sort:
        case "newest":
            return (age,)
        case "oldest":
            return (-age,)
        case "model":
            return not generation.model, fold(generation.model), age
        case "rating":
            return -generation.user.rating, age
        case "size":
            return -_pixels(generation), age
        case "elapsed":
            return -(generation.elapsed or 0), age


def _pixels(generation: Generation) -> int:
    image = generation.final_image
    return image.width * image.height if image else 0
