"""Orders other than time: the values of a fact from first to last, each walked through in time order.

A search for the two hundred best rated of a million asks for those with five stars, then for those with four, until
it has enough: each is one walk through the full-text table. Values that few generations have are asked for together
and sorted.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from tui.domain.query.folding import fold
from tui.domain.sorting import Sort
from tui.library.index.signs import sign_of

_SHARE: Final = 64
_SMALLEST: Final = 500
"""A group has a 64th of all generations, or so many: that is sorted in no time."""
_MOST_VALUES: Final = 200


@dataclass(frozen=True, slots=True)
class Order:
    """By which fact, how its values are ranked, and the column of ``generation`` that tells it to the last digit."""

    kind: str
    rank: Callable[[str], object]
    column: str
    exact: bool = True


class Group(NamedTuple):
    """Generations that come before those of the next group: an expression that finds them.

    ``alike`` where they rank alike, so that time alone orders them.
    """

    expression: str
    alike: bool


class _Value(NamedTuple):
    rank: object
    sign: str
    held: int


def _pixels(value: str) -> int:
    width, _, height = value.partition("x")
    return -int(width) * int(height)


def _falling(value: str) -> int:
    return -int(value)


def rank_of_model(value: str) -> tuple[bool, str, str]:
    """By the alphabet, whatever the case; those without a model last."""
    return value == "", fold(value), value


ORDERS: Final[Mapping[Sort, Order]] = {
    "rating": Order("rating", _falling, "rating"),
    "model": Order("model", rank_of_model, "model"),
    "size": Order("pixels", _pixels, "pixels"),
    "elapsed": Order("elapsed", _falling, "elapsed", exact=False),
}


def ranks(connection: sqlite3.Connection, sort: Sort) -> Callable[[float], object]:
    """How a value of the order's column ranks."""
    if sort != "model":
        return lambda value: -value
    found = connection.execute("SELECT code, value FROM fact WHERE kind = 'model'")
    models = {code: rank_of_model(value) for code, value in found}
    return lambda code: models[int(code)]


def groups(connection: sqlite3.Connection, sort: Sort) -> list[Group]:
    """All generations that there are, cut into groups from first to last."""
    order = ORDERS[sort]
    found = connection.execute("SELECT value, code, count FROM fact WHERE kind = ? AND count > 0", (order.kind,))
    values = sorted(_Value(order.rank(value), f'"{sign_of(code)}"', count) for value, code, count in found)
    share = max(_SMALLEST, sum(each.held for each in values) // _SHARE)
    return [
        Group(" OR ".join(each.sign for each in some), order.exact and some[0].rank == some[-1].rank)
        for some in _together(values, share)
    ]


def _together(values: list[_Value], share: int) -> Iterator[list[_Value]]:
    some: list[_Value] = []
    size = 0
    for value in values:
        if some and value.rank != some[-1].rank and (size + value.held > share or len(some) >= _MOST_VALUES):
            yield some
            some, size = [], 0
        some.append(value)
        size += value.held
    if some:
        yield some
