"""The tables of an index, made by named steps in their order; what is already there stays."""

import sqlite3
import unicodedata
import zlib
from dataclasses import dataclass
from typing import Final

from tui.domain.query.folding import indexed

_SAMPLE: Final = "Straße Café №１２ Łódź ｶﾞ が가 雪の狐 กี एक עִב أَحمد ß İ ﬁ 🦊 Ω Å"
"""Folds into something else wherever the folding is another one."""


_TABLES: Final = frozenset({"generation", "kept", "late", "name", "parent", "fact", "words", "sight"})


class Outdated(Exception):
    """The tables were made by a newer program, or with words folded in another way, or some are gone."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from an older form of the tables to a newer one."""

    name: str
    statements: tuple[str, ...]


MIGRATIONS: Final = (
    Migration(
        "generations",
        (
            """
            CREATE TABLE generation (
                id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, part INTEGER NOT NULL, state INTEGER NOT NULL,
                created REAL NOT NULL, rating INTEGER NOT NULL, model INTEGER NOT NULL, size INTEGER NOT NULL,
                pixels INTEGER NOT NULL, elapsed REAL NOT NULL, bytes INTEGER NOT NULL, images INTEGER NOT NULL)
            """,
            "CREATE INDEX generation_part ON generation (part)",
            "CREATE TABLE kept (id INTEGER PRIMARY KEY, value BLOB NOT NULL)",
            "CREATE TABLE late (id INTEGER PRIMARY KEY, created REAL NOT NULL)",
            "CREATE TABLE name (key TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)) WITHOUT ROWID",
            "CREATE TABLE parent (key TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)) WITHOUT ROWID",
            """
            CREATE TABLE fact (
                code INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, count INTEGER NOT NULL DEFAULT 0,
                UNIQUE (kind, value))
            """,
            """
            CREATE VIRTUAL TABLE words USING fts5 (
                text, model, tag, sign, content='', columnsize=0, prefix='1 2 3',
                tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* So Co'")
            """,
        ),
    ),
    Migration(
        "sights",
        (
            "CREATE TABLE sight (part INTEGER PRIMARY KEY, told INTEGER NOT NULL, digest INTEGER NOT NULL)",
            # The lowest bit says by now whether the metadata tells all.
            "UPDATE generation SET state = state & ~1",
        ),
    ),
    Migration("counted sights", ("ALTER TABLE sight ADD COLUMN held INTEGER NOT NULL DEFAULT -1",)),
)
"""In their order; a step that was released is never changed, another one follows it."""


def folding_stamp() -> str:
    """A text that is another one where words are folded in another way: by Unicode's version or by ours."""
    return f"{unicodedata.unidata_version} {zlib.crc32(indexed(_SAMPLE).encode()):08x}"


def migrate(connection: sqlite3.Connection, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Bring the tables to their newest form, in one transaction; Outdated where that cannot be."""
    if _applied(connection) == [each.name for each in migrations] and _stamp(connection) == folding_stamp():
        _see_that_all_are_there(connection)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        _migrate(connection, migrations)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _migrate(connection: sqlite3.Connection, migrations: tuple[Migration, ...]) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS migration (place INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    connection.execute("CREATE TABLE IF NOT EXISTS folding (stamp TEXT NOT NULL)")
    applied = _applied(connection)
    if applied != [each.name for each in migrations[: len(applied)]]:
        raise Outdated("made by a newer program")
    if not applied:
        connection.execute("INSERT INTO folding VALUES (?)", (folding_stamp(),))
    elif _stamp(connection) != folding_stamp():
        raise Outdated("made by a program that reads words in another way")
    for place, migration in enumerate(migrations[len(applied) :], len(applied)):
        for statement in migration.statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migration VALUES (?, ?)", (place, migration.name))


def _see_that_all_are_there(connection: sqlite3.Connection) -> None:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not there.issuperset(_TABLES):
        raise Outdated("damaged")


def _has(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None


def _applied(connection: sqlite3.Connection) -> list[str]:
    if not _has(connection, "migration"):
        return []
    return [name for (name,) in connection.execute("SELECT name FROM migration ORDER BY place")]


def _stamp(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT stamp FROM folding").fetchone() if _has(connection, "folding") else None
    return row and str(row[0])
