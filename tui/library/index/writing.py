"""Generations into the index and out of it, in transactions that are short enough for everybody else."""

import sqlite3
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from tui.domain.query.folding import indexed
from tui.library.index.ready import Known, Ready, again, counted, names_of
from tui.library.index.sights import TOLD, Sight, Times, is_settled, is_told, sight_of
from tui.library.index.signs import Fact, sign_of

BATCH: Final = 400
"""Generations in a transaction: some 20 ms."""
_BUMPS_REMEMBERED: Final = 64

Row = tuple[int, Ready]


class Writer:
    """Writes with a connection of its own; for one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._codes: dict[Fact, int] = {}
        self._counts: Counter[Fact] = Counter()
        self._bumps: OrderedDict[int, int] = OrderedDict()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block, or nothing; readers go on meanwhile, writers wait up to five seconds."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._count()
            self._connection.execute("COMMIT")
        except BaseException:
            # What a transaction that did not end well made up.
            self._codes.clear()
            self._counts.clear()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def known_in(self, part: int) -> dict[bytes, Known]:
        """What the index knows of a part of the library, by key."""
        rows = self._connection.execute("SELECT key, id, state FROM generation WHERE part = ?", (part,))
        return {key: Known(id, state) for key, id, state in rows}

    def known(self, keys: Collection[bytes]) -> dict[bytes, Known]:
        """What the index knows of the generations with these keys."""
        sql = f"SELECT key, id, state FROM generation WHERE key IN ({_marks(keys)})"
        return {key: Known(id, state) for key, id, state in self._connection.execute(sql, [*keys])}

    def sight_of(self, part: int) -> Sight | None:
        """How a part of the library looked when all of it was read; None where rows came or went since."""
        sql = (
            "SELECT told, digest FROM sight WHERE part = ?1 "
            "AND held = (SELECT count(*) FROM generation WHERE part = ?1)"
        )
        row = self._connection.execute(sql, (part,)).fetchone()
        return Sight(bool(row[0]), row[1]) if row else None

    def see(self, part: int, times: Mapping[str, Times], states: Mapping[bytes, int]) -> None:
        """Remember how a part looked, if the index knows just these ``states`` of it. Within a transaction."""
        known = self.known_in(part)
        same = {key: each.state | TOLD for key, each in known.items()} == {key: states[key] | TOLD for key in states}
        if same and is_settled(known):
            sight = sight_of(times, told=is_told(known))
            self._connection.execute("INSERT OR REPLACE INTO sight VALUES (?, ?, ?, ?)", (part, *sight, len(known)))

    def _forget_sights(self, parts: Iterable[int]) -> None:
        self._connection.executemany("DELETE FROM sight WHERE part = ?", ((part,) for part in set(parts)))

    def parts(self) -> list[int]:
        """All parts that the index knows anything of."""
        steps = (
            "WITH RECURSIVE each(part) AS (SELECT min(part) FROM generation UNION ALL "
            "SELECT (SELECT min(part) FROM generation WHERE part > each.part) FROM each WHERE each.part IS NOT NULL) "
            "SELECT part FROM each WHERE part IS NOT NULL"
        )
        return [part for (part,) in self._connection.execute(steps)]

    def write(self, batch: Sequence[Ready]) -> int:
        """Write what is newer than what is there; how many values changed. Within a transaction."""
        last = {each.key: each for each in batch}
        known = self.known(last)
        self._forget_sights(each.part for each in last.values())
        wanted = [each for each in last.values() if each.forced or known.get(each.key) == each.over]
        fresh = [each for each in wanted if each.key not in known]
        rows = [row for each in wanted if each.key in known for row in self._replaced(known[each.key], each)]
        rows += self._with_ids(fresh, {id for id, _ in rows})
        # The full-text table would begin a new segment at each step back.
        self._insert(sorted(rows, key=lambda row: row[0]))
        return len(rows)

    def drop(self, over: Sequence[tuple[bytes, Known | None]]) -> int:
        """Forget generations; None for whatever is known of one. How many there were. Within a transaction."""
        known = self.known([key for key, _ in over])
        gone = [known[key].id for key, expected in over if key in known and expected in (None, known[key])]
        self._forget_sights([self._delete(id, self._value(id)).part for id in sorted(gone)])
        return len(gone)

    def _replaced(self, known: Known, new: Ready) -> list[Row]:
        """The row that comes in place of the known one, which is gone; none where its value stays."""
        value = self._value(known.id)
        if value == new.value:
            self._connection.execute("UPDATE generation SET state = ? WHERE id = ?", (new.state, known.id))
            return []
        before = self._delete(known.id, value)
        if before.created == new.created:
            return [(known.id, new)]
        return self._with_ids([new], set())

    def _value(self, id: int) -> bytes:
        row = self._connection.execute("SELECT value FROM kept WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise sqlite3.DatabaseError(f"row {id} of the index is missing")
        return bytes(row[0])

    def _insert(self, rows: Sequence[Row]) -> None:
        run = self._connection.executemany
        run("INSERT INTO generation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(self._facts_row, rows))
        run("INSERT INTO kept VALUES (?, ?)", ((id, new.value) for id, new in rows))
        run("INSERT INTO late VALUES (?, ?)", [(id, new.created) for id, new in rows if id // 1000 != int(new.created)])
        run("INSERT INTO name VALUES (?, ?)", [(name, id) for id, new in rows for name in names_of(new.kept)])
        parents = [(indexed(new.kept.parent), id) for id, new in rows if new.kept.parent]
        run("INSERT INTO parent VALUES (?, ?)", parents)
        words = "INSERT INTO words (rowid, text, model, tag, sign) VALUES (?, ?, ?, ?, ?)"
        run(words, [(id, *self._columns(new)) for id, new in rows])
        for _, new in rows:
            self._counts.update(counted(new.kept, new.facts))

    def _facts_row(self, row: Row) -> tuple[object, ...]:
        id, new = row
        rating, *measures = new.measures
        model = self._code(("model", new.kept.model))
        size = self._code(next(fact for fact in new.facts if fact[0] == "size"))
        return id, new.key, new.part, new.state, new.created, rating, model, size, *measures

    def _delete(self, id: int, value: bytes) -> Ready:
        old, run = again(value), self._connection.execute
        run(
            "INSERT INTO words (words, rowid, text, model, tag, sign) VALUES ('delete', ?, ?, ?, ?, ?)",
            (id, *self._columns(old)),
        )
        for name in names_of(old.kept):
            run("DELETE FROM name WHERE key = ? AND id = ?", (name, id))
        if old.kept.parent:
            run("DELETE FROM parent WHERE key = ? AND id = ?", (indexed(old.kept.parent), id))
        for table in ("generation", "kept", "late"):
            run(f"DELETE FROM {table} WHERE id = ?", (id,))
        self._counts.subtract(counted(old.kept, old.facts))
        return old

    def _columns(self, new: Ready) -> tuple[str, str, str, str]:
        signs = " ".join([sign_of(self._code(fact)) for fact in new.facts])
        return new.texts.text, new.texts.model, new.texts.tag, signs

    def _code(self, fact: Fact) -> int:
        code = self._codes.get(fact)
        if code is None:
            self._connection.execute("INSERT OR IGNORE INTO fact (kind, value) VALUES (?, ?)", fact)
            found = self._connection.execute("SELECT code FROM fact WHERE kind = ? AND value = ?", fact).fetchone()
            self._codes[fact] = code = int(found[0])
        return code

    def _count(self) -> None:
        changes = [(count, *fact) for fact, count in self._counts.items() if count]
        self._connection.executemany("INSERT OR IGNORE INTO fact (kind, value) VALUES (?2, ?3)", changes)
        self._connection.executemany("UPDATE fact SET count = count + ? WHERE kind = ? AND value = ?", changes)
        self._counts.clear()

    def _with_ids(self, fresh: Iterable[Ready], taken: set[int]) -> list[Row]:
        """Each with a free id: its moment in milliseconds, or the next; many may have been made in the same one."""
        ordered = sorted(fresh, key=lambda each: (each.created, each.key))
        wanted = [int(each.created * 1000) for each in ordered]
        sql = f"SELECT id FROM generation WHERE id IN ({_marks(wanted)})"
        taken = taken.union(id for (id,) in self._connection.execute(sql, wanted))
        rows = []
        for new, id in zip(ordered, wanted, strict=True):
            free = self._free_after(id, taken) if id in taken else id
            taken.add(free)
            rows.append((free, new))
        return rows

    def _free_after(self, wanted: int, taken: set[int]) -> int:
        id = self._bumps.pop(wanted, wanted)
        while id in taken or self._connection.execute("SELECT 1 FROM generation WHERE id = ?", (id,)).fetchone():
            id += 1
        self._bumps[wanted] = id + 1
        if len(self._bumps) > _BUMPS_REMEMBERED:
            self._bumps.popitem(last=False)
        return id


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
