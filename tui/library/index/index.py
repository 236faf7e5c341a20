"""The index of a library: which generations there are, in what order, found by what; a cache that may vanish."""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from tui.domain.generation import Generation
from tui.domain.query import Known
from tui.domain.query.folding import words_of
from tui.domain.query.terms import Words
from tui.library import files
from tui.library.index.filling import Filling, Told
from tui.library.index.finding import Finder
from tui.library.index.kept import from_bytes, generation_of, kept_of
from tui.library.index.listing import OTHERS, list_folder, list_newest, parts_of_file
from tui.library.index.place import Place
from tui.library.index.plans import Planner
from tui.library.index.ready import ready, unsettled
from tui.library.index.signs import key_of
from tui.library.index.stats import Stats, stats_of
from tui.library.index.writing import BATCH, Writer

_MOST_KNOWN: Final = 1000
_ROWS: Final = "SELECT all_of.id, value FROM generation AS all_of LEFT JOIN kept USING (id) WHERE all_of.id IN ({})"
_KNOWN: Final = ("model", "tag", "ratio")


def day_of(id: int) -> int:
    """The local day of a row id, eight digits as a number: a part of the library."""
    return int(f"{datetime.fromtimestamp(id / 1000):%Y%m%d}")


def never() -> bool:
    """Nobody wants it to stop."""
    return False


class Index:
    """What is known of a folder's generations, without opening a file of it. Safe to use from several threads."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.folder = folder
        self._place = place
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._reader = place.connect()
        self._writer_connection = place.connect()
        self._writer = Writer(self._writer_connection)
        # Whoever saves or stars does not wait until a whole folder has been looked at.
        self._refreshing = threading.Lock()
        self._refresher_connection = place.connect()
        self._refresher = Writer(self._refresher_connection)

    @classmethod
    def open(cls, folder: Path, cache_dir: Path) -> "Index":
        """The index of ``folder``, kept in ``cache_dir``; DiskError where no place at all can be written."""
        whole = folder.expanduser().absolute()
        return cls(whole, Place(whole, cache_dir))

    @property
    def said(self) -> str:
        """One sentence if the index had to be made anew, else empty."""
        return self._place.said

    def close(self) -> None:
        """Give back what is open."""
        with self._refreshing, self._writing, self._reading:
            self._reader.close()
            self._writer_connection.close()
            self._refresher_connection.close()
            self._place.close()

    def refresh(self, stopped: Callable[[], bool] = never, told: Told | None = None) -> int:
        """Bring the index to what the folder holds, the newest first; how many generations changed.

        In small transactions: nobody is kept waiting, and what is in is found at once. ``told`` hears how many
        generations are done, of how many. DiskError where the folder cannot be read.
        """
        with files.disk_errors("The library cannot be read"), self._refreshing:
            return Filling(self.folder, self._refresher, stopped, told).run(list_folder(self.folder))

    def refresh_until(self, enough: Callable[[int], bool], told: Told | None = None) -> int:
        """The same, until ``enough`` says of a day (eight digits as a number) that what it and later ones have will do.

        What has no day in its name is looked at first.
        """
        with files.disk_errors("The library cannot be read"), self._refreshing:
            return Filling(self.folder, self._refresher, never, told).run(list_folder(self.folder), enough=enough)

    def refresh_names(self, names: Collection[str]) -> int:
        """The same for the parts of the library that these files belong to: their days, as a rule."""
        parts = {part for name in names for part in parts_of_file(name)}
        if not parts.isdisjoint(OTHERS):
            # What looks like a copy of another program's picture is one by itself once that went away.
            parts.update(OTHERS)
        if not parts:
            return 0
        with files.disk_errors("The library cannot be read"), self._refreshing:
            listing = list_folder(self.folder, parts)
            return Filling(self.folder, self._refresher, never, None).run(listing, parts)

    def refresh_newest(self, count: int) -> int:
        """The same for the newest ``count`` generations or some more, told from their names before a file is read."""
        with files.disk_errors("The library cannot be read"), self._refreshing:
            listing, parts = list_newest(self.folder, count)
            filling = Filling(self.folder, self._refresher, lambda: filling.done >= count, None)
            return filling.run(listing, parts)

    def put(self, generations: Iterable[Generation]) -> None:
        """Take in what was saved or changed just now, as it is given."""
        wanted = (ready(kept_of(each, self.folder), unsettled(), forced=True) for each in generations)
        while batch := list(islice(wanted, BATCH)):
            with self._writing, self._writer.transaction():
                self._writer.write(batch)

    def drop(self, generations: Iterable[Generation]) -> None:
        """Forget generations that are no longer in the folder."""
        keys = ((key_of(each.stem), None) for each in generations)
        while batch := list(islice(keys, BATCH)):
            with self._writing, self._writer.transaction():
                self._writer.drop(batch)

    def version(self) -> int:
        """A number that is another one after any change by any process; takes microseconds."""
        with self._reading:
            (version,) = self._reader.execute("PRAGMA data_version").fetchone()
        return int(version)

    def count(self) -> int:
        """How many generations there are."""
        with self._reading:
            row = self._reader.execute("SELECT count FROM fact WHERE kind = 'every'").fetchone()
        return int(row[0]) if row else 0

    def rows(self, ids: Sequence[int]) -> dict[int, Generation]:
        """The generations with these row ids, as far as they are still there. sqlite3.Error where it is damaged."""
        marks = ",".join("?" * len(ids))
        with self._reading:
            found = self._reader.execute(_ROWS.format(marks), ids).fetchall()
        if any(value is None for _, value in found):
            raise sqlite3.DatabaseError("rows of the index are missing")
        return {id: generation_of(from_bytes(value), self.folder) for id, value in found}

    def id_of(self, name: str) -> int | None:
        """The row id of the generation with that id or stem."""
        return next(iter(self.ids_of(name)), None)

    def ids_of(self, name: str) -> list[int]:
        """The row ids of all generations with that id or stem, the newest first: files that were copied share one."""
        rows = self.rows(self._named(name, 1000, whole=True))
        return [id for id, each in sorted(rows.items(), reverse=True) if name in (each.id, each.stem)]

    def names_like(self, beginning: str, limit: int) -> list[str]:
        """The newest ids and stems that begin so, for completion."""
        rows = self.rows(self._named(beginning, limit, whole=False))
        named = (name for _, each in sorted(rows.items(), reverse=True) for name in (each.id, each.stem))
        return list(islice(dict.fromkeys(name for name in named if name.startswith(beginning)), limit))

    def _named(self, name: str, limit: int, *, whole: bool) -> list[int]:
        words = Words(words_of(name) or ("",), whole, "id")
        with self._reading:
            where, values = Planner(self._reader).plan(words, datetime.now()).where("generation.id")
            sql = f"SELECT id FROM generation WHERE {where} ORDER BY id DESC LIMIT ?"
            return [id for (id,) in self._reader.execute(sql, [*values, limit])]

    def known(self) -> Known:
        """Models, tags and ratios, the most frequent first."""
        with self._reading:
            rows = self._reader.execute(
                "SELECT kind, value FROM fact WHERE kind IN ('model', 'tag', 'ratio') AND count > 0 AND value <> '' "
                "ORDER BY count DESC, value LIMIT ?",
                (_MOST_KNOWN,),
            ).fetchall()
        models, tags, ratios = (tuple(value for kind, value in rows if kind == wanted) for wanted in _KNOWN)
        return Known(models, tags, ratios)

    def stats(self) -> Stats:
        """Counts and bytes, in all and by day, model and size; not for the event loop."""
        with closing(self._place.connect()) as connection:
            return stats_of(connection)

    def finder(self) -> Finder:
        """Searches with a connection of its own, for one thread."""
        return Finder(self._place.connect)
