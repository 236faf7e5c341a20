"""A query as the index answers it: one full-text expression, bounds on the row id, and what is left for SQL.

The meaning is that of ``tui.domain.query.matching``: for every query the same generations.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import partial
from operator import eq, ge, gt, le, lt
from typing import Final

from tui.domain.query.dates import days_of
from tui.domain.query.terms import All, Choice, Date, Node, Not, Number, OneOf, Sign, Words
from tui.library.index.signs import EDGE, EVERY, Fact, key_of_words, sign_of

_COMPARE: Final[Mapping[Sign, Callable[[int, int], bool]]] = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt}
_LAST: Final = "\U0010ffff"
_LAST_BYTE: Final = b"\xff"
"""Above every character of a word."""
_MOST_SIZES: Final = 400
_DEEPEST: Final = 6
"""Joints inside each other in a full-text expression: its parser has a small stack."""
_NOTHING: Final = sign_of(0)
"""The sign of no fact."""


@dataclass(slots=True)
class Plan:
    """``expression`` is empty where every generation will do; ``low`` <= id < ``high``; ``conditions`` all hold."""

    expression: str = ""
    low: int | None = None
    high: int | None = None
    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def within(self, low: int | None = None, high: int | None = None) -> "Plan":
        """The same with narrower bounds."""
        return replace(self, low=self.low if low is None else low, high=self.high if high is None else high)

    def where(self, id: str) -> tuple[str, list[object]]:
        """The bounds and conditions in SQL, on the column ``id``, and their values."""
        parts, values = [], []
        if self.low is not None:
            parts.append(f"{id} >= ?")
            values.append(self.low)
        if self.high is not None:
            parts.append(f"{id} < ?")
            values.append(self.high)
        parts += [f"({condition.format(id=id)})" for condition in self.conditions]
        return " AND ".join(parts), [*values, *self.values]


class Planner:
    """Makes plans with what the index knows: which facts there are, which ids are later than their time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def plan(self, root: Node, now: datetime) -> Plan:
        """How to find what ``root`` asks for; ``today`` is that of ``now``, local."""
        today = now.astimezone().date()
        plan, expressions = Plan(), []
        for part in root.parts if isinstance(root, All) else (root,):
            if _is_textual(part, _DEEPEST):
                expressions.append(part)
            elif not self._bound(plan, part, today):
                condition, values = self._condition(part, today)
                plan.conditions.append(condition)
                plan.values += values
        if expressions:
            plan.expression = self._expression(All(tuple(expressions)) if len(expressions) > 1 else expressions[0])
        return plan

    def sign(self, fact: Fact) -> str:
        """The sign of a fact as an expression; one that nothing has where no generation ever had the fact."""
        found = self._connection.execute("SELECT code FROM fact WHERE kind = ? AND value = ?", fact).fetchone()
        return f'"{sign_of(found[0]) if found else _NOTHING}"'

    def _bound(self, plan: Plan, node: Node, today: date) -> bool:
        """Whether a date is told by the row id alone, as it is unless more came in a second than it has room for."""
        if isinstance(node, Not) and isinstance(node.part, Date) and node.part.key != "on":
            node = Date("before" if node.part.key == "after" else "after", node.part.when)
        if not isinstance(node, Date):
            return False
        first, after = _moments(node, today)
        low = None if node.key == "before" else first
        high = {"after": None, "before": first, "on": after}[node.key]
        for edge in (low, high):
            if edge is not None and self._is_crossed(edge):
                return False
        if low is not None:
            plan.low = max(low * 1000, plan.low if plan.low is not None else low * 1000)
        if high is not None:
            plan.high = min(high * 1000, plan.high if plan.high is not None else high * 1000)
        return True

    def _is_crossed(self, second: int) -> bool:
        """Whether a generation made before that second has an id after it."""
        found = self._connection.execute(
            "SELECT 1 FROM late WHERE id >= ? AND created < ? LIMIT 1", (second * 1000, second)
        )
        return found.fetchone() is not None

    def _expression(self, node: Node) -> str:
        match node:
            case Words():
                return _words(node)
            case Number(key="rating"):
                fits = [value for value in range(6) if _COMPARE[node.sign](value, node.value)]
                return self._any_of(("rating", str(value)) for value in fits)
            case Number():
                return _one_of(self._sizes(node))
            case Choice():
                return self._choice(node)
            case Not():
                return f"{self.sign(EVERY)} NOT {self._grouped(node.part)}"
            case All():
                return self._all(node)
            case OneOf():
                return " OR ".join(self._grouped(part) for part in node.parts)
            case Date():
                raise ValueError("a date has no words")

    def _all(self, node: All) -> str:
        wanted = [part for part in node.parts if not isinstance(part, Not)]
        unwanted = [part.part for part in node.parts if isinstance(part, Not)]
        found = " AND ".join(self._grouped(part) for part in wanted) or self.sign(EVERY)
        if not unwanted:
            return found
        excluded = " OR ".join(self._grouped(part) for part in unwanted)
        return f"{f'({found})' if len(wanted) > 1 else found} NOT {f'({excluded})' if len(unwanted) > 1 else excluded}"

    def _grouped(self, node: Node) -> str:
        found = self._expression(node)
        return f"({found})"

    def _choice(self, node: Choice) -> str:
        match node.key, node.value:
            case "star", "no":
                return f"{self.sign(EVERY)} NOT {self.sign(('star', 'yes'))}"
            case "type", value:
                return self.sign(("type", f"image/{value}"))
            case key, value:
                return self.sign((key, value))

    def _any_of(self, facts: Iterable[Fact]) -> str:
        return _one_of(self.sign(fact) for fact in facts)

    def _sizes(self, node: Number) -> list[str]:
        place = 0 if node.key == "w" else 1
        found = self._connection.execute("SELECT value, code FROM fact WHERE kind = 'pixels'")
        sized = ((int(value.split("x")[place]), code) for value, code in found)
        fits = _COMPARE[node.sign]
        return [f'"{sign_of(code)}"' for pixels, code in sized if pixels > 0 and fits(pixels, node.value)]

    def _condition(self, node: Node, today: date) -> tuple[str, list[object]]:
        """Any term in SQL, on the column ``{id}``, and its values."""
        if _is_textual(node, _DEEPEST):
            return "{id} IN (SELECT rowid FROM words WHERE words MATCH ?)", [self._expression(node)]
        match node:
            case Words():
                return _named(node)
            case Date():
                return _dated(node, today)
            case Not():
                condition, values = self._condition(node.part, today)
                return f"NOT ({condition})", values
            case All() | OneOf():
                told = [self._condition(part, today) for part in node.parts]
                joint = " AND " if isinstance(node, All) else " OR "
                return joint.join(f"({each})" for each, _ in told), [value for _, values in told for value in values]
            case _:
                raise ValueError(f"no term of a query: {node}")


def _is_textual(node: Node, deepest: int) -> bool:
    """Whether one full-text expression can tell it."""
    match node:
        case Words():
            return node.place not in ("id", "parent")
        case Number() | Choice():
            return True
        case Not():
            return deepest > 0 and _is_textual(node.part, deepest - 1)
        case All() | OneOf():
            return deepest > 0 and all(map(partial(_is_textual, deepest=deepest - 1), node.parts))
        case Date():
            return False


def _words(node: Words) -> str:
    phrase = " ".join(node.words)
    if node.place == "tag" and node.whole:
        phrase = f"{EDGE} {phrase} {EDGE}"
    column = "" if node.place == "any" else f"{node.place} : "
    return f'{column}"{phrase}"{"" if node.whole else " *"}'


def _one_of(signs: Iterable[str]) -> str:
    return " OR ".join(signs) or f'"{_NOTHING}"'


def _named(node: Words) -> tuple[str, list[object]]:
    key = " ".join(node.words)
    if node.place == "parent":
        found, values = _keyed("parent", key, key + _LAST, whole=node.whole)
    else:
        found, values = _keyed("name", key, key + _LAST, whole=node.whole)
        ours = key_of_words(node.words)
        more, keys = _keyed("generation", ours, ours + _LAST_BYTE, whole=node.whole)
        found, values = f"{found} UNION ALL {more}", values + keys
    return f"{{id}} IN ({found})", values


def _keyed(table: str, key: object, after: object, *, whole: bool) -> tuple[str, list[object]]:
    if whole:
        return f"SELECT id FROM {table} WHERE key = ?", [key]
    return f"SELECT id FROM {table} WHERE key >= ? AND key < ?", [key, after]


def _dated(node: Date, today: date) -> tuple[str, list[object]]:
    first, after = _moments(node, today)
    created = "(SELECT created FROM generation AS dated WHERE dated.id = {id})"
    match node.key:
        case "after":
            return f"{created} >= ?", [first]
        case "before":
            return f"{created} < ?", [first]
        case "on":
            return f"({created} >= ? AND {created} < ?)", [first, after]


def _moments(node: Date, today: date) -> tuple[int, int]:
    """Seconds since 1970 at which the days begin and end; midnight is at a full second everywhere."""
    first, after = (int(datetime.combine(day, time()).timestamp()) for day in days_of(node.when, today))
    return first, after
