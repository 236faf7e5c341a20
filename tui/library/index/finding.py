"""Searches: the row ids that a query finds, in any order that generations are listed in."""

import sqlite3
import threading
from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from tui.domain.query import Query
from tui.domain.sorting import Sort
from tui.library.index.orders import ORDERS, groups, ranks
from tui.library.index.plans import Plan, Planner

_FEW: Final = 1000
"""So many are sorted as they come."""
_PIECE: Final = 20_000
"""Ids that are fetched at once: an outdated search ends soon, and the lock of the interpreter is free meanwhile."""


class GivenUp(Exception):
    """Somebody called ``interrupt`` while the search ran."""


class Finder:
    """Searches with a connection of its own; for one thread at a time, but for ``interrupt``."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connection = connect()
        self._lock = threading.Lock()
        self._running = False
        self._wanted_off = False

    def find(self, query: Query, sort: Sort, now: datetime, limit: int | None = None) -> "array[int]":
        """The ids that ``query`` finds, as many as ``limit``, in the order of ``sort``; equal ones newest first.

        GivenUp after ``interrupt``.
        """
        with self._lock:
            self._running, self._wanted_off = True, False
        try:
            plan = Planner(self._connection).plan(query.root, now)
            if sort in ("newest", "oldest"):
                return self._by_time(plan, limit, oldest=sort == "oldest")
            return self._by_order(plan, sort, limit)
        except sqlite3.OperationalError:
            if self._wanted_off:
                raise GivenUp from None
            raise
        finally:
            with self._lock:
                self._running = False

    def interrupt(self) -> None:
        """End the search that runs now, if one does; from any thread."""
        with self._lock:
            if self._running:
                self._wanted_off = True
                self._connection.interrupt()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _by_time(self, plan: Plan, limit: int | None, *, oldest: bool = False) -> "array[int]":
        found = array("q")
        while True:
            piece = _PIECE if limit is None else min(_PIECE, limit - len(found))
            ids = self._piece(plan, piece, oldest=oldest)
            found.extend(ids)
            if len(ids) < piece or len(found) == limit:
                return found
            plan = plan.within(low=ids[-1] + 1) if oldest else plan.within(high=ids[-1])

    def _piece(self, plan: Plan, limit: int, *, oldest: bool) -> list[int]:
        """The next ids, joined into one text by SQL: a step for each of them would be a fight for the interpreter."""
        way = "ASC" if oldest else "DESC"
        if plan.expression:
            where, values = plan.where("words.rowid")
            more = f" AND {where}" if where else ""
            sql = f"SELECT rowid AS id FROM words WHERE words MATCH ?{more} ORDER BY rowid {way} LIMIT ?"
            values = [plan.expression, *values]
        else:
            where, values = plan.where("generation.id")
            sql = f"SELECT id FROM generation{f' WHERE {where}' if where else ''} ORDER BY id {way} LIMIT ?"
        return self._ids(f"SELECT group_concat(id) FROM ({sql})", [*values, limit])

    def _by_order(self, plan: Plan, sort: Sort, limit: int | None) -> "array[int]":
        if plan.conditions or len(self._piece(plan, _FEW, oldest=False)) < _FEW:
            return self._sorted(plan, sort)[:limit]
        found = array("q")
        for group in groups(self._connection, sort):
            both = f"({plan.expression}) AND ({group.expression})" if plan.expression else group.expression
            narrower = replace(plan, expression=both)
            left = None if limit is None else limit - len(found)
            found += self._by_time(narrower, left) if group.alike else self._sorted(narrower, sort)[:left]
            if len(found) == limit:
                break
        return found

    def _sorted(self, plan: Plan, sort: Sort) -> "array[int]":
        """All that the plan finds, sorted here."""
        where, values = plan.where("generation.id")
        column = ORDERS[sort].column
        if plan.expression:
            more = f" AND {where}" if where else ""
            sql = (
                f"SELECT generation.id, generation.{column} FROM words JOIN generation ON generation.id = words.rowid "
                f"WHERE words MATCH ?{more}"
            )
            values = [plan.expression, *values]
        else:
            sql = f"SELECT generation.id, generation.{column} FROM generation{f' WHERE {where}' if where else ''}"
        rank = ranks(self._connection, sort)
        rows = self._rows(sql, values)
        rows.sort(key=lambda row: (rank(row[1]), -row[0]))
        return array("q", [id for id, _ in rows])

    def _ids(self, sql: str, values: list[object]) -> list[int]:
        ((text,),) = self._rows(sql, values)
        return [int(id) for id in text.split(",")] if text else []

    def _rows(self, sql: str, values: list[object]) -> list[Any]:
        if self._wanted_off:
            raise GivenUp
        return self._connection.execute(sql, values).fetchall()
