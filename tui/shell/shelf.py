"""A library as the command line uses it: generations found by a query, or by a name that a person typed."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from heapq import merge
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from tui import streams
from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.domain.query import Known, Query, haystack, matcher
from tui.domain.sorting import Sort
from tui.domain.thrown import Found, InTrash, generation_in
from tui.domain.words import one_line
from tui.library import Library
from tui.orders import wrong_usage
from tui.settings import Settings
from tui.shell.naming import LEAST_BEGINNING, NEAREST, begins, described, in_trash, nothing, several
from tui.shell.ordering import in_order, rank

if TYPE_CHECKING:
    from tui.library.index import Index, Told

PAGE: Final = 200
"""Generations that are read at a time in a search."""

_LONGEST: Final = 40
"""Characters of a name by which the nearest to it are looked for: ids have 36."""

_OUR_FILE: Final = re.compile(r"image_(.+)_\d+\.[A-Za-z0-9]+|metadata_(.+)\.json", re.DOTALL)


class Shelf:
    """The library of some settings, with its index as far as one is needed and can be made.

    Leave the ``with`` block to close it. What the disk refuses is a DiskError.
    """

    def __init__(self, settings: Settings) -> None:
        self.library = Library(settings.output_dir)
        self._cache_dir = settings.cache_dir
        self._index: Index | None = None
        self._is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._index is not None:
            self._index.close()

    def found(self, query: Query, sort: Sort, limit: int) -> Iterator[Found]:
        """Up to ``limit`` generations that ``query`` finds, in order; those in the trash where it asks for them."""
        if not query.finds_trashed:
            return self._living(query, sort, limit)
        finds, thrown = matcher(query, datetime.now()), self.library.trash_contents()
        there = [each for each in thrown if finds(haystack(each.generation, trashed=True))]
        there.sort(key=lambda each: rank(each.generation, sort))
        living = () if query.finds_only_trashed else self._living(query, sort, limit)
        return islice(merge(living, there, key=lambda each: rank(generation_in(each), sort)), limit)

    def _living(self, query: Query, sort: Sort, limit: int) -> Iterator[Generation]:
        index = self._newest(query, limit) if sort == "newest" else self.index()
        if index is None:
            return islice(self._found_plainly(query, sort, limit), limit)
        with index_errors(), closing(index.finder()) as finder:
            return _rows(index, finder.find(query, sort, datetime.now(), limit))

    def _newest(self, query: Query, limit: int) -> "Index | None":
        """The index, up to date as far as anything can be among the newest so many that ``query`` finds."""

        def refresh(index: "Index", told: "Told") -> None:
            from tui.library.index import day_of

            with closing(index.finder()) as finder:

                def are_found(day: int) -> bool:
                    ids = finder.find(query, "newest", datetime.now(), limit)
                    # Names tell the day that it was where they were given.
                    return len(ids) >= limit and day_of(ids[-1]) > day

                index.refresh_until(are_found, told)

        return self._index if self._is_whole else self._brought(refresh)

    def count(self, query: Query) -> int:
        """How many generations ``query`` finds."""
        index = self.index()
        if index is None:
            return sum(1 for _ in self._found_plainly(query, "newest", PAGE))
        with index_errors(), closing(index.finder()) as finder:
            return len(finder.find(query, "newest", datetime.now()))

    def _found_plainly(self, query: Query, sort: Sort, limit: int) -> Iterator[Generation]:
        finds = matcher(query, datetime.now())
        found = (each for each in self.every(limit if query.finds_all else PAGE) if finds(haystack(each)))
        return found if sort == "newest" else iter(in_order(found, sort))

    def named(self, name: str) -> Generation:
        """The generation with this id or stem, with an only one that begins so, or that a picture at a path is of.

        Raises InvalidRequest, which names the nearest ones, where that is none or several, or lies in the trash.
        """
        found = self.named_anywhere(name)
        if isinstance(found, InTrash):
            hint = f"image-gen history restore {found.generation.stem} brings it back."
            raise wrong_usage(f"{one_line(name, 80)} lies in the trash", hint)
        return found

    def named_anywhere(self, name: str) -> Found:
        """The same, and where nothing else is called so, what lies in the trash."""
        found = self._exactly(name) or self._by_id(name)
        if found is not None:
            return found
        begun = self.begun(name, NEAREST + 1) if name else []
        whole = [each for each in begun if each.id == name]
        if len(whole or begun) == 1 and (whole or len(name) >= LEAST_BEGINNING):
            return (whole or begun)[0]
        if len(begun) > 1:
            raise several(name, [described(each) for each in begun])
        thrown = in_trash(name, self.library.trash_contents())
        if thrown is not None:
            return thrown
        near = [described(each) for each in self._nearest(name)]
        raise nothing(name, near, str(self.library.folder), "image-gen history lists what there is.")

    def begun(self, beginning: str, limit: int, *, within: float | None = None) -> list[Generation]:
        """The newest generations whose id or stem begins so; as far as is known ``within`` so many seconds."""
        index = self.index(within)
        if index is None:
            every = self.every()
            return list(islice((each for each in every if begins(each, beginning)), limit))
        with index_errors():
            names = index.names_like(beginning, 2 * limit)
            ids = dict.fromkeys(id for name in names if (id := index.id_of(name)) is not None)
        return list(islice(_rows(index, list(ids)), limit))

    def known(self, within: float) -> Known:
        """Models and tags, the most frequent first, as far as is known ``within`` so many seconds."""
        index = self.index(within)
        with index_errors():
            return Known() if index is None else index.known()

    def index(self, within: float | None = None) -> "Index | None":
        """The index as the folder is now, or as far as it got ``within`` seconds; None where there can be none."""
        if not self._is_whole:
            end = None if within is None else time.monotonic() + within
            self._brought(
                lambda index, told: index.refresh(lambda: end is not None and time.monotonic() > end, told),
                quietly=within is not None,
            )
            self._is_whole = self._index is not None
        return self._index

    def _brought(self, refresh: "Callable[[Index, Told], object]", *, quietly: bool = False) -> "Index | None":
        """The index after a ``refresh``; ``quietly`` nothing is said of it."""
        if self.library.folder.is_dir():
            self._index = _opened(self._index, self.library.folder, self._cache_dir, refresh, quietly)
        return self._index

    def _exactly(self, name: str) -> Generation | None:
        """Of a whole stem, or the path or name of a file: no other generation need be read."""
        path = Path(name)
        if len(path.parts) > 1:
            folder = path.absolute().parent
            if _is_there(path) and not _same(folder, self.library.folder):
                raise wrong_usage(
                    f"{one_line(name)} is not in the library {self.library.folder}",
                    f"Its folder is named by -d: -d {folder}",
                )
        ours = _OUR_FILE.fullmatch(path.name)
        stems = [path.name, *([ours[1] or ours[2]] if ours else [])]
        # To load one lists the folder, which takes a second for a hundred thousand.
        there = (stem for stem in stems if stem and self._has_file(stem, path.name, f"metadata_{stem}.json"))
        return next((found for stem in there if (found := self.library.load(stem)) is not None), None)

    def _by_id(self, name: str) -> Generation | None:
        """Of a whole id that the index knows, whatever else may be new by now: none but its own files are looked at."""
        index = self._index or self._brought(lambda *_: None, quietly=True)
        if index is None:
            return None
        with index_errors():
            rows = index.rows(index.ids_of(name))
        if len(rows) != 1:
            return None
        try:
            current = self.library.current(*rows.values())
        except DiskError:
            # Renamed or gone: what is there by now is told by all of the folder.
            return None
        return current if current.id == name else None

    def _has_file(self, *names: str) -> bool:
        return any(_is_there(self.library.folder / name) for name in names)

    def _nearest(self, name: str) -> list[Generation]:
        """The newest of those that share the longest beginning with ``name``."""
        beginnings = (name[:length] for length in range(min(len(name) - 1, _LONGEST), 0, -1))
        return next((found for each in beginnings if (found := self.begun(each, NEAREST))), [])

    def every(self, count: int = PAGE) -> Iterator[Generation]:
        """Everything, newest first, read as it is asked for; at first so many."""
        page = self.library.page(count=count)
        while True:
            yield from page.generations
            if page.next is None:
                return
            page = self.library.page(before=page.next, count=PAGE)


def _opened(
    index: "Index | None", folder: Path, cache_dir: Path, refresh: "Callable[[Index, Told], object]", quietly: bool
) -> "Index | None":
    """The index, opened if need be, after a ``refresh``; None, closed, where that cannot be."""
    import sqlite3

    from tui.library.index import Index
    from tui.shell.bar import ProgressBar

    try:
        index = index or Index.open(folder, cache_dir)
        with ProgressBar("reading the library") as bar:
            refresh(index, bar.told)
    except (DiskError, sqlite3.Error) as problem:
        # The files are the truth: all can be had from them, only later.
        if not quietly:
            streams.note(f"No index of the library could be made ({problem}); its files are read.")
        if index is not None:
            index.close()
        return None
    if index.said and not quietly:
        streams.note(index.said)
    return index


@contextmanager
def index_errors() -> Iterator[None]:
    """What SQLite cannot read becomes a DiskError."""
    import sqlite3

    try:
        yield
    except sqlite3.Error as problem:
        title, hint = "The index of the library cannot be read", "image-gen reindex makes it anew."
        raise DiskError(str(problem), title=title, hint=hint) from problem


def _rows(index: "Index", ids: Sequence[int]) -> Iterator[Generation]:
    """The generations with these row ids, in their order; some may be gone by now."""
    for start in range(0, len(ids), PAGE):
        part = ids[start : start + PAGE]
        with index_errors():
            rows = index.rows(part)
        yield from (rows[id] for id in part if id in rows)


def _is_there(path: Path) -> bool:
    """Whether there is such a file; what can be no path, since it is too long or holds a NUL, is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _same(one: Path, other: Path) -> bool:
    return other.is_dir() and one.samefile(other)
