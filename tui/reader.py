"""The library as the history shows it: its index kept true in threads, searches run beside it; answers are messages."""

import asyncio
import sqlite3
import threading
from array import array
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from textual.app import App
from textual.worker import Worker

from tui.domain.errors import ImageGenError
from tui.domain.generation import Generation
from tui.domain.query import parse
from tui.first_rows import FirstRows
from tui.holding import Held
from tui.library import Library
from tui.library.boards import read_boards
from tui.library.index import Finder, GivenUp, Index
from tui.library.index.remaking import emptied
from tui.library.watching import watch
from tui.messages import BoardsTold, FindRequested, GenerationsFound, LibraryRead, Notice
from tui.settings import Settings
from tui.telling import failure_notice, told

FIRST: Final = 200
"""Finds that are shown before all of them are known: more than a screen has rows."""

STEP: Final = 0.3
"""Seconds between two looks at a library that is being read for the first time."""

POLL: Final = 1.0
"""Seconds between two looks at what other processes wrote into the index."""

_EVERYTHING: Final = FindRequested(parse(""))


class OpenLibrary:
    """One library's index and what looks after it, until it is closed."""

    def __init__(self, library: Library, index: Index) -> None:
        self.library = library
        self.index = index
        self.broken = False
        self.finder = index.finder()
        self._counter = index.finder()
        self._finding = threading.Lock()
        self._counting = threading.Lock()
        self.stopped = threading.Event()
        self.version = -1
        self.complete = False

    def close(self) -> None:
        """Stop whatever runs; what is in a thread ends at its next step."""
        self.stopped.set()
        self.finder.interrupt()
        self._counter.interrupt()
        with self._finding, self._counting:
            self.finder.close()
            self._counter.close()
            self.index.close()

    def find(self, asked: FindRequested, limit: int | None, still: Callable[[], bool]) -> "array[int] | None":
        """What is asked for; None where nobody waits for it any more."""
        with self._finding:
            return self._find(self.finder, asked, limit) if still() and not self.stopped.is_set() else None

    def everything(self) -> "array[int] | None":
        """All rows, newest first."""
        with self._counting:
            return self._find(self._counter, _EVERYTHING, None) if not self.stopped.is_set() else None

    def _find(self, finder: Finder, asked: FindRequested, limit: int | None) -> "array[int] | None":
        try:
            return finder.find(asked.query, asked.sort, datetime.now(), limit)
        except GivenUp:
            return None


class LibraryReader:
    """Opens libraries and searches the one that is open. Made in the app's loop; answers are messages to the app."""

    def __init__(self, app: App[Any], settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._open: OpenLibrary | None = None
        self._asked = FindRequested()
        self._at_work = 0
        self._told = asyncio.Lock()
        self._timer = app.set_interval(POLL, self.poll)

    @property
    def idle(self) -> bool:
        """Whether the history shows all that is known here."""
        here = self._open
        return here is not None and here.complete and not self._at_work and not self._differs(here)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Something is done whose outcome the history will show."""
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    def open(self, folder: Path, first: FirstRows | None = None) -> None:
        """Read a library from now on; the one before is closed. ``first`` may have its index open already."""
        self._run(lambda: self._read(Library(folder), first), "library open", exclusive=True)

    def find(self, asked: FindRequested) -> None:
        """Search; a search that is on its way is given up."""
        self._asked = asked
        if self._open is not None:
            self._open.finder.interrupt()
            self._run(partial(self._find, self._open, asked), "library find", exclusive=True)

    def poll(self) -> None:
        """Tell what another process changed."""
        here = self._open
        if here is not None and self._differs(here):
            self._run(lambda: self._tell(here), "library tell")

    def _differs(self, here: OpenLibrary) -> bool:
        """Whether the index has changed since it was told."""
        try:
            return here.version != here.index.version()
        except sqlite3.Error:
            self._mend(here)
            return False

    def _mend(self, here: OpenLibrary) -> None:
        """The index cannot be read: it is made anew, once for each that was open."""
        if here is self._open and not here.broken:
            here.broken = True
            self._app.post_message(Notice("The index of the library cannot be read; it is made anew.", error=True))
            self._run(lambda: self._read(here.library, None, anew=True), "library open", exclusive=True)

    def stop(self) -> None:
        """Nothing more is looked after; whoever leaves does not wait until all is given back."""
        self._timer.stop()
        here, self._open = self._open, None
        if here is not None:
            here.stopped.set()
            threading.Thread(target=here.close, daemon=True).start()

    async def put(self, generations: Iterable[Generation]) -> None:
        """Take in what we saved or changed ourselves."""
        await self._change(lambda index: index.put(generations))

    async def drop(self, generations: Iterable[Generation]) -> None:
        """Take out what we moved away ourselves."""
        await self._change(lambda index: index.drop(generations))

    async def _change(self, change: Callable[[Index], None]) -> None:
        here = self._open
        if here is not None:
            with self.at_work():
                try:
                    await asyncio.to_thread(change, here.index)
                    await self._tell(here)
                except sqlite3.Error:
                    self._mend(here)

    async def _read(self, library: Library, first: FirstRows | None, *, anew: bool = False) -> None:
        before, self._open = self._open, None
        if before is not None:
            await asyncio.to_thread(before.close)
        opened = await told(self._app, asyncio.to_thread(library.open))
        index = await asyncio.to_thread(first.take) if first is not None else None
        if index is None:
            index = await asyncio.to_thread(self._index, library.folder, anew)
        if index.said:
            self._app.post_message(Notice(index.said))
        here = self._open = OpenLibrary(library, index)
        await self._tell(here)
        if opened:
            await told(self._app, self._tell_boards(here))
            await told(self._app, self._refresh(here))
        here.complete = True
        await self._tell(here)
        threading.Thread(target=self._watch, args=(here,), daemon=True).start()

    async def _tell_boards(self, here: OpenLibrary) -> None:
        boards = await asyncio.to_thread(read_boards, here.library.folder)
        if here is self._open:
            self._app.post_message(BoardsTold(boards))

    def _index(self, folder: Path, anew: bool) -> Index:
        """Blocking."""
        cache_dir = self._settings.cache_dir
        return Index(folder, emptied(folder, cache_dir)) if anew else Index.open(folder, cache_dir)

    async def _refresh(self, here: OpenLibrary) -> None:
        reading = asyncio.ensure_future(asyncio.to_thread(here.index.refresh, here.stopped.is_set))
        try:
            while not reading.done():
                await asyncio.wait((reading,), timeout=STEP)
                if not reading.done() and self._differs(here):
                    await self._tell(here)
        finally:
            if not reading.done():
                here.stopped.set()
            await reading

    def _watch(self, here: OpenLibrary) -> None:
        """In a thread of its own: what other programs do to the folder."""
        for names in watch(here.library.folder, here.stopped):
            self._take_in(here, names)

    def _take_in(self, here: OpenLibrary, names: Collection[str]) -> None:
        try:
            here.index.refresh_names(names)
        except ImageGenError as error:
            self._app.post_message(failure_notice(error))
            return
        except sqlite3.Error:
            self._loop.call_soon_threadsafe(self._mend, here)
            return
        if not here.stopped.is_set():
            self._loop.call_soon_threadsafe(self.poll)

    async def _tell(self, here: OpenLibrary) -> None:
        """The library as it is now, and what the last search finds in it."""
        async with self._told:
            version = await asyncio.to_thread(here.index.version)
            everything = await asyncio.to_thread(here.everything)
            if everything is None or here is not self._open:
                return
            in_use = await asyncio.to_thread(here.index.known)
            asked = self._asked
            ids: array[int] | None = everything
            if not asked.query.finds_all or asked.sort != "newest":
                ids = await asyncio.to_thread(here.find, asked, None, lambda: asked is self._asked)
            here.version = version
            held = Held(here.index, lambda: self._mend(here))
            found = GenerationsFound(asked, ids, complete=True) if ids is not None else None
            self._app.post_message(LibraryRead(held, everything, len(everything), in_use, here.complete, found))

    async def _find(self, here: OpenLibrary, asked: FindRequested) -> None:
        for limit in (FIRST, None):
            found = await asyncio.to_thread(here.find, asked, limit, lambda: asked is self._asked)
            if found is None:
                return
            whole = limit is None or len(found) < limit
            self._app.post_message(GenerationsFound(asked, found, whole))
            if whole:
                return

    def _run(self, work: Callable[[], Awaitable[None]], name: str, *, exclusive: bool = False) -> None:
        async def counted() -> None:
            with self.at_work():
                here = self._open
                try:
                    await told(self._app, work())
                except sqlite3.Error:
                    if (broken := here or self._open) is not None:
                        self._mend(broken)

        _: Worker[None] = self._app.run_worker(counted, group=name, name=name, exclusive=exclusive, exit_on_error=True)
