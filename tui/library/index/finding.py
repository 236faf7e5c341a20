"""Searches: the row ids that a query finds, in any order that generations are listed in."""

import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from tui.domain.query import Query
from tui.domain.query.folding import fold
from tui.domain.sorting import Sort
from tui.library.index.plans import Plan, Planner

_FEW: Final = 2000
_KEYS: Final = {"rating": "rating DESC", "size": "pixels DESC", "elapsed": "elapsed DESC"}


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
            return array("q", islice(self._found(query, sort, now), limit))
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

    def _found(self, query: Query, sort: Sort, now: datetime) -> Iterator[int]:
        plan = Planner(self._connection).plan(query.root, now)
        if sort in ("newest", "oldest"):
            return self._by_time(plan, "DESC" if sort == "newest" else "ASC")
        return self._sorted(plan, sort)

    def _by_time(self, plan: Plan, way: str) -> Iterator[int]:
        if plan.expression:
            where, values = plan.where("rowid")
            more = f" AND {where}" if where else ""
            sql = f"SELECT rowid FROM words WHERE words MATCH ?{more} ORDER BY rowid {way}"
            rows = self._connection.execute(sql, [plan.expression, *values])
        else:
            where, values = plan.where("id")
            sql = f"SELECT id FROM generation{f' WHERE {where}' if where else ''} ORDER BY id {way}"
            rows = self._connection.execute(sql, values)
        return (id for (id,) in rows)

    def _sorted(self, plan: Plan, sort: Sort) -> Iterator[int]:
        where, values = plan.where("generation.id")
        source = "generation"
        conditions = [where] if where else []
        if plan.expression:
            source = "words JOIN generation ON generation.id = words.rowid"
            conditions.insert(0, "words MATCH ?")
            values.insert(0, plan.expression)
        filter = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        if sort == "model":
            rows = self._connection.execute(f"SELECT generation.id, generation.model FROM {source}{filter}", values)
            models = self._connection.execute("SELECT code, value FROM fact WHERE kind = 'model'")
            places = {code: (value == "", fold(value)) for code, value in models}
            return (id for id, _ in sorted(rows, key=lambda row: (places[row[1]], -row[0])))
        rows = self._connection.execute(
            f"SELECT generation.id FROM {source}{filter} ORDER BY {_KEYS[sort]}, generation.id DESC", values
        )
        return (id for (id,) in rows)
