"""Generations into the index and out of it, in transactions that are short enough for everybody else."""

import itertools
import sqlite3
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from tui.domain.query.folding import indexed
from tui.library.index.kept import Kept, from_bytes, text_of, to_bytes
from tui.library.index.signs import Fact, Texts, facts_of, final_image, key_of, part_of, sign_of, texts_of
from tui.library.names import split_stem

BATCH: Final = 200
"""Generations in a transaction."""
_BUMPS_REMEMBERED: Final = 64
_unsettled = itertools.count(1)


class Known(NamedTuple):
    """A generation's row id, and the state its files had when it was read."""

    id: int
    state: int


def unsettled() -> int:
    """A state that no files have: what is put with it is read again by the next refresh."""
    return -(time.time_ns() + next(_unsettled))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A generation ready to be written, made before anybody has to wait for it.

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


def prepared(kept: Kept, state: int, over: Known | None = None, *, forced: bool = False) -> Prepared:
    """A generation ready to be written."""
    stem = text_of(kept.stem)
    created = datetime.fromisoformat(kept.created_at).timestamp()
    value, texts, facts = to_bytes(kept), texts_of(kept), facts_of(kept)
    return Prepared(key_of(stem), part_of(stem), state, created, kept, value, texts, facts, over, forced)


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
        except BaseException:
            self._forget()
            self._connection.execute("ROLLBACK")
            raise
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def known(self, key: bytes) -> Known | None:
        """What the index knows of the generation with that key."""
        row = self._connection.execute("SELECT id, state FROM generation WHERE key = ?", (key,)).fetchone()
        return row and Known(*row)

    def known_in(self, part: int) -> dict[bytes, Known]:
        """What the index knows of a part of the library, by key."""
        rows = self._connection.execute("SELECT key, id, state FROM generation WHERE part = ?", (part,))
        return {key: Known(id, state) for key, id, state in rows}

    def parts(self) -> list[int]:
        """All parts that the index knows anything of."""
        steps = (
            "WITH RECURSIVE each(part) AS (SELECT min(part) FROM generation UNION ALL "
            "SELECT (SELECT min(part) FROM generation WHERE part > each.part) FROM each WHERE each.part IS NOT NULL) "
            "SELECT part FROM each WHERE part IS NOT NULL"
        )
        return [part for (part,) in self._connection.execute(steps)]

    def write(self, batch: Sequence[Prepared]) -> int:
        """Write what is newer than what is there; how many values changed. Within a transaction.

        The oldest first: the full-text table would begin a new segment at each step back.
        """
        return sum(self._write(each) for each in sorted(batch, key=lambda each: (each.created, each.key)))

    def _write(self, new: Prepared) -> bool:
        known = self.known(new.key)
        if known != new.over and not new.forced:
            return False
        if known is None:
            self._insert(self._free_id(new.created), new)
            return True
        value, created = self._connection.execute(
            "SELECT value, created FROM kept JOIN generation USING (id) WHERE id = ?", (known.id,)
        ).fetchone()
        if value == new.value:
            self._connection.execute("UPDATE generation SET state = ? WHERE id = ?", (new.state, known.id))
            return False
        self._delete(known.id, value)
        self._insert(known.id if created == new.created else self._free_id(new.created), new)
        return True

    def drop(self, over: Iterable[tuple[bytes, Known | None]]) -> int:
        """Forget generations; None for whatever is known of one. How many there were. Within a transaction."""
        count = 0
        for key, expected in over:
            known = self.known(key)
            if known is None or expected not in (None, known):
                continue
            (value,) = self._connection.execute("SELECT value FROM kept WHERE id = ?", (known.id,)).fetchone()
            self._delete(known.id, value)
            count += 1
        return count

    def _insert(self, id: int, new: Prepared) -> None:
        kept, run = new.kept, self._connection.execute
        image = final_image(kept)
        run(
            "INSERT INTO generation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                id,
                new.key,
                new.part,
                new.state,
                new.created,
                kept.user[1],
                self._code(("model", kept.model)),
                self._code(next(fact for fact in new.facts if fact[0] == "size")),
                image.width * image.height if image else 0,
                -1.0 if kept.elapsed is None else kept.elapsed,
                sum(each.bytes for each in kept.images),
                len(kept.images),
            ),
        )
        run("INSERT INTO kept VALUES (?, ?)", (id, new.value))
        if id // 1000 != int(new.created):
            run("INSERT INTO late VALUES (?, ?)", (id, new.created))
        for table, key in _names(kept):
            run(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", (key, id))
        run(
            "INSERT INTO words (rowid, text, model, tag, sign) VALUES (?, ?, ?, ?, ?)",
            (id, *self._columns(new.texts, new.facts)),
        )
        self._counts.update(_counted(kept, new.facts))

    def _delete(self, id: int, value: bytes) -> None:
        kept, run = from_bytes(value), self._connection.execute
        texts, facts = texts_of(kept), facts_of(kept)
        run(
            "INSERT INTO words (words, rowid, text, model, tag, sign) VALUES ('delete', ?, ?, ?, ?, ?)",
            (id, *self._columns(texts, facts)),
        )
        for table, key in _names(kept):
            run(f"DELETE FROM {table} WHERE key = ? AND id = ?", (key, id))
        for table in ("generation", "kept", "late"):
            run(f"DELETE FROM {table} WHERE id = ?", (id,))
        self._counts.subtract(_counted(kept, facts))

    def _columns(self, texts: Texts, facts: Iterable[Fact]) -> tuple[str, str, str, str]:
        signs = " ".join(sign_of(self._code(fact)) for fact in facts)
        return texts.text, texts.model, texts.tag, signs

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

    def _forget(self) -> None:
        """What a transaction that did not end well made up."""
        self._codes.clear()
        self._counts.clear()

    def _free_id(self, created: float) -> int:
        """The moment in milliseconds, or the next one that is free; many may have been made in the same one."""
        wanted = int(created * 1000)
        id = self._bumps.get(wanted, wanted)
        while self._connection.execute("SELECT 1 FROM generation WHERE id = ?", (id,)).fetchone():
            id += 1
        if id != wanted:
            self._bumps[wanted] = id + 1
            self._bumps.move_to_end(wanted)
            if len(self._bumps) > _BUMPS_REMEMBERED:
                self._bumps.popitem(last=False)
        return id


def _names(kept: Kept) -> list[tuple[str, str]]:
    """Under which texts a generation is found by its id and its parent's: tables and keys.

    A stem of ours needs none: it is the key.
    """
    stem = text_of(kept.stem)
    names = [] if split_stem(stem) else [("name", indexed(stem))]
    if kept.id is not None:
        names.append(("name", indexed(kept.id)))
    if kept.parent:
        names.append(("parent", indexed(kept.parent)))
    return names


def _counted(kept: Kept, facts: Iterable[Fact]) -> list[Fact]:
    return [*facts, *(("tag", tag) for tag in dict.fromkeys(kept.user[2]))]
