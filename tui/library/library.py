"""The one door to a folder of generations; every call blocks, so the app makes them in threads."""

import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from tui.domain.errors import DiskError, ImageGenError
from tui.domain.generation import Generation, ImageFile
from tui.domain.marking import Changed, Marked, Marking
from tui.domain.reply import Reply
from tui.domain.request import Request
from tui.domain.thrown import BroughtBack, Emptied, InTrash
from tui.library import (
    bulk,
    converting,
    emptying,
    export,
    files,
    importing,
    marks,
    names,
    restoring,
    saving,
    thrown,
    trash,
    verifying,
)
from tui.library.bulk import Stopped, Told, never, told_nobody
from tui.library.importing import Imported, Wish
from tui.library.reading import read_row
from tui.library.rows import Rows
from tui.library.scan import cursor_after, row_of
from tui.library.trash import Trashed
from tui.library.verifying import Counted, Verified, uncounted

_CANNOT_READ: Final = "The library cannot be read"
_CANNOT_READ_TRASH: Final = "The trash cannot be read"


@dataclass(frozen=True, slots=True)
class Page:
    """Some generations, newest first; ``next`` is what to give as ``before`` for the following page."""

    generations: tuple[Generation, ...]
    next: str | None
    total: int


class Library:
    """A folder of generations. Safe to use from several threads and processes at once.

    Whatever the disk refuses is a DiskError with the system's words.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self._claims = names.Claims(self.folder)
        self._rows = Rows(self.folder)

    def open(self) -> None:
        """Create the folder and remove what dead processes left half done in it, and in the temp folder.

        A folder that can be read but not written opens; ``save`` says what is wrong with it.
        """
        with files.disk_errors("The library cannot be opened"):
            self.folder.mkdir(parents=True, exist_ok=True)
            names.sweep(self.folder)
            trash.sweep(self.folder)
        # A folder that is only read keeps what should go; it is not shown.
        with suppress(OSError):
            emptying.sweep(self.folder)
        # Not every temp folder may be listed, and nobody needs to know.
        with suppress(OSError):
            names.sweep(_temp_folder())

    def spool(self) -> Path:
        """A fresh hidden path for a picture on its way: in the library, else in the system's temp folder."""
        path = self.folder / files.hidden_name()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.touch(exist_ok=False)
            path.unlink()
        except OSError:
            with files.disk_errors("There is no room for a picture on its way"):
                return _temp_folder() / files.hidden_name()
        return path

    def save(
        self,
        request: Request,
        reply: Reply,
        *,
        proxy: str,
        elapsed: float,
        started: datetime | None = None,
    ) -> Generation:
        """Keep a reply: its spooled pictures are taken over by rename, the metadata appears last.

        ``elapsed`` is in seconds, ``started`` becomes ``created_at`` (now if None). DiskError: the library
        is as it was, and ``kept`` names the pictures' places elsewhere, in the reply's order.
        """
        self._rows.forget()
        return saving.save(self.folder, self._claims, request, reply, proxy=proxy, elapsed=elapsed, started=started)

    def page(self, *, before: str | None = None, count: int = 200) -> Page:
        """Up to ``count`` generations older than ``before`` (a stem, or the last page's ``next``)."""
        with files.disk_errors(_CANNOT_READ):
            listing = self._rows.all()
        first = listing.older_than(before)
        rows = listing.rows[first : first + count]
        with files.disk_errors(_CANNOT_READ):
            read = [read_row(self.folder, row) for row in rows]
        more = cursor_after(rows[-1]) if rows and first + count < len(listing.rows) else None
        return Page(tuple(each for each in read if each is not None), more, len(listing.rows))

    def load(self, stem: str) -> Generation | None:
        """The generation of that stem as it is on disk now, None if there is none."""
        with files.disk_errors(_CANNOT_READ):
            row = self._rows.of([stem]).get(stem)
            return read_row(self.folder, row) if row is not None else None

    def set_starred(self, generation: Generation, starred: bool) -> Generation:
        """Star or unstar; everything else in the metadata file stays as it is."""
        return self.mark(generation, Marking(starred=bool(starred))).now

    def set_rating(self, generation: Generation, rating: int) -> Generation:
        """Rate from 1 to 5, or 0 for none; everything else in the metadata file stays as it is."""
        return self.mark(generation, Marking(rating=int(rating))).now

    def set_tags(self, generation: Generation, tags: Iterable[str]) -> Generation:
        """Let these be all its tags. InvalidRequest for tags that are too long or too many."""
        return self.mark(generation, Marking(tags=tuple(tags))).now

    def add_tags(self, generation: Generation, tags: Iterable[str]) -> Generation:
        """Add tags to those that the metadata file has now. InvalidRequest as for ``set_tags``."""
        return self.mark(generation, Marking(add=tuple(tags))).now

    def remove_tags(self, generation: Generation, tags: Iterable[str]) -> Generation:
        """Take tags, however they are spelled, from those that the metadata file has now."""
        return self.mark(generation, Marking(remove=tuple(tags))).now

    def set_notes(self, generation: Generation, text: str) -> Generation:
        """Let ``text`` be its notes. InvalidRequest where it is too long."""
        return self.mark(generation, Marking(notes=text)).now

    def mark(self, generation: Generation, marking: Marking) -> Marked:
        """Change what ``marking`` names, and nothing else in the metadata file; a picture without one gets one."""
        current = self.current(generation)
        change = marks.mark(self.folder, current, marking)
        return change.of(current, self.current(current))

    def change_all(
        self, generations: Iterable[Generation], marking: Marking, told: Told = told_nobody, stopped: Stopped = never
    ) -> Changed:
        """Mark one after the other; one that cannot be marked keeps no other from it.

        ``told`` hears how many are done, and of how many. What was done when ``stopped`` stays done.
        """
        return bulk.change_all([(each, partial(self.mark, each, marking)) for each in generations], told, stopped)

    def put_back(self, changed: Changed, told: Told = told_nobody) -> Changed:
        """Undo: exactly the members that were changed get their values back, where they still have those we gave.

        Given to ``put_back`` again, the result is the change once more.
        """
        return bulk.change_all([(each.now, partial(self._put_back, each)) for each in changed.done], told)

    def _put_back(self, marked: Marked) -> Marked | None:
        current = self.current(marked.now)
        change = marks.put_back(self.folder, current, marked.before, marked.after)
        return change.of(current, self.current(current)) if change else None

    def trash(self, generations: Iterable[Generation]) -> Trashed:
        """Move the files of generations to ``.trash`` in the library: all, or none."""
        stems = dict.fromkeys(generation.stem for generation in generations)
        with files.disk_errors("This cannot be moved to the trash"):
            by_stem = self._rows.of(stems)
            rows = [by_stem[stem] for stem in stems if stem in by_stem]
            self._rows.forget()
            return trash.trash(self.folder, rows)

    def restore(self, trashed: Trashed) -> tuple[Generation, ...]:
        """Bring back what ``trash`` moved, under fresh names where theirs are taken by now."""
        with files.disk_errors("This cannot be brought back from the trash"):
            self._rows.forget()
            stems = restoring.restore(self.folder, self._claims, trashed)
            by_stem = self._rows.of(stems)
            found = (read_row(self.folder, by_stem[stem]) for stem in stems if stem in by_stem)
            return tuple(each for each in found if each is not None)

    def in_trash(self) -> tuple[Trashed, ...]:
        """What lies in the trash, also from earlier runs, the last thrown away first."""
        with files.disk_errors(_CANNOT_READ_TRASH):
            return trash.records(self.folder)

    def trash_contents(self) -> tuple[InTrash, ...]:
        """Every generation in the trash as it was, the last thrown away first."""
        with files.disk_errors(_CANNOT_READ_TRASH):
            return thrown.contents(self.folder)

    def restore_from_trash(self, items: Iterable[InTrash]) -> BroughtBack:
        """Bring these back; one throw that cannot come back keeps no other from it."""
        with files.disk_errors(_CANNOT_READ_TRASH):
            asked = thrown.records_of(self.folder, items)
        back: list[Generation] = []
        failures: list[ImageGenError] = []
        for trashed in asked:
            try:
                back += self.restore(trashed)
            except DiskError as problem:
                failures.append(problem)
        return BroughtBack(tuple(back), tuple(failures))

    def empty_trash(self, items: Iterable[InTrash] | None = None) -> Emptied:
        """Delete these for good, or all that lies in the trash: nothing else ever deletes.

        A generation goes whole: after a kill, or a DiskError in the middle, it is either in the trash as it was, or
        gone for everybody, and what is left of its files goes with the next attempt or start.
        """
        with files.disk_errors("The trash cannot be emptied", no_room="Empty all of it: that needs no room."):
            return emptying.empty(self.folder, None if items is None else thrown.records_of(self.folder, items))

    def verify(self, told: Counted = uncounted, stopped: Stopped = never) -> Verified:
        """Check every file against what the metadata promises; nothing is changed.

        ``told`` hears how many generations are done, of how many, and the bytes read.
        """
        with files.disk_errors(_CANNOT_READ):
            return verifying.verify(self.folder, told, stopped)

    def import_folder(
        self,
        source: Path,
        *,
        link: bool = False,
        recursive: bool = True,
        told: Counted = uncounted,
        stopped: Stopped = never,
    ) -> Imported:
        """Bring in the pictures of another folder, which stays as it is, with all that belongs to them.

        Bytes are shared where the file system can clone them; with ``link`` hard links come next, then copies.
        InvalidRequest for a folder that is none, or that holds the library or lies in it.
        """
        self._rows.forget()
        wish = Wish(source, link, recursive)
        return importing.import_folder(self.folder, self._claims, wish, told, stopped)

    def export(self, image: ImageFile, target: Path, format: str = export.AS_DELIVERED) -> Path:
        """Write a copy to ``target``, converted to ``format``: as-delivered, png, jpeg or webp.

        A file that is there is replaced in one step; a folder gets the picture under its own name.
        """
        return export.export(image, target, format)

    def convert(self, generation: Generation, format: str) -> Generation:
        """Add a copy of the picture in ``format`` (role ``copy``); unchanged if it has one of that type."""
        current = self.current(generation)
        if not converting.add_copy(self.folder, current, format):
            return current
        self._rows.forget()
        return self.current(generation)

    def current(self, generation: Generation) -> Generation:
        """As it is on disk now; the folder, which may be large, is not listed for it. DiskError where it is gone."""
        with files.disk_errors(_CANNOT_READ):
            current = read_row(self.folder, row_of(self.folder, generation))
        if current is None:
            raise DiskError(
                f"{generation.stem} is no longer in {self.folder}.", title="This generation is gone", hint=""
            )
        return current


def _temp_folder() -> Path:
    return Path(tempfile.gettempdir()).absolute()
