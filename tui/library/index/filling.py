"""From the folder into the index: what came, changed or went since it was last looked at, the newest first."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from tui.library.index.kept import Kept, kept_of
from tui.library.index.listing import OTHERS, Listing, Look, Shape, file_names, look_at, row_of
from tui.library.index.quick import read_quickly
from tui.library.index.ready import Known, Ready, ready
from tui.library.index.sights import TOLD, Times, sight_now
from tui.library.index.signs import key_of
from tui.library.index.writing import BATCH, Writer
from tui.library.reading import read_row

Told = Callable[[int, int], None]
_LARGEST_BATCH: Final = 4 * BATCH
"""Where there is much to read: the full-text table has fewer pieces then; writers wait half a second at most."""
_FIRST_ASKED: Final = 200
"""Generations that are looked at before anybody is asked whether they will do."""


class Filling:
    """One look at the folder, or at parts of it."""

    def __init__(self, folder: Path, writer: Writer, stopped: Callable[[], bool], told: Told | None) -> None:
        self._folder = folder
        self._writer = writer
        self._stopped = stopped
        self._told = told
        self.done = 0
        """How many generations have been looked at."""
        self._of = 0
        self._changed = 0
        self._pending: list[Ready] = []
        self._batch = BATCH
        self._gone: list[tuple[bytes, Known | None]] = []
        self._seen: list[tuple[int, dict[str, Times], dict[bytes, int]]] = []

    def run(
        self, listing: Listing, only: Collection[int] | None = None, enough: Callable[[int], bool] | None = None
    ) -> int:
        """Bring the index to what is there, as far as nobody stops it; how many generations changed.

        With ``only`` the listing is whole for these parts, and no others are looked at. ``enough`` is asked now and
        then whether that will do, when everything from the given day on, and all that has no day, is up to date.
        """
        self._of = len(listing) if self._told is not None else 0
        to_ask = _FIRST_ASKED
        with descriptor_of(self._folder) as folder:
            for part in listing.newest_first(others_first=enough is not None):
                if only is None or part in only:
                    self._look_through(folder, part, listing)
                if self._stopped():
                    break
                if enough is not None and self.done >= to_ask and part not in OTHERS:
                    to_ask = 2 * self.done
                    self._flush()
                    if enough(part):
                        break
            else:
                for part in self._writer.parts() if only is None else only:
                    if part not in listing.parts:
                        self._gone += self._writer.known_in(part).items()
        self._flush()
        return self._changed

    def _look_through(self, folder: int, part: int, listing: Listing) -> None:
        """Look at a part as a whole, and where that is not as it was at each of its generations."""
        before = self._writer.sight_of(part)
        if before is None or before != sight_now(folder, listing.names(part), told=before.told):
            self._compare(folder, part, listing.stems(part))
        else:
            self.done += listing.count(part)

    def _compare(self, folder: int, part: int, stems: dict[str, Shape]) -> None:
        known = self._writer.known_in(part)
        times: dict[str, Times] = {}
        states: dict[bytes, int] = {}
        for stem in sorted(stems, reverse=True):
            if self._stopped():
                return
            names = file_names(stem, stems[stem])
            key = key_of(stem)
            before = known.pop(key, None)
            look = look_at(folder, names, times)
            self.done += 1
            unchanged = before is not None and before.state & ~TOLD == look.state
            if unchanged or self._read(folder, stem, stems[stem], look, before):
                states[key] = look.state
        self._gone += known.items()
        self._seen.append((part, times, states))

    def _read(self, folder: int, stem: str, shape: Shape, look: Look, before: Known | None) -> bool:
        """Read a generation; whether there is one."""
        kept, told = read(self._folder, folder, stem, shape, look)
        if kept is not None:
            state = look.state | TOLD if told and look.state >= 0 else look.state
            self._pending.append(ready(kept, state, before))
        elif before is not None:
            self._gone.append((key_of(stem), before))
        if len(self._pending) >= self._batch:
            self._flush()
            self._batch = min(2 * self._batch, _LARGEST_BATCH)
        return kept is not None

    def _flush(self) -> None:
        if self._pending:
            with self._writer.transaction():
                self._changed += self._writer.write(self._pending)
            self._pending = []
        gone = iter(self._gone)
        while batch := list(islice(gone, BATCH)):
            with self._writer.transaction():
                self._changed += self._writer.drop(batch)
        self._gone = []
        if self._seen:
            with self._writer.transaction():
                for part, times, states in self._seen:
                    self._writer.see(part, times, states)
            self._seen = []
        if self._told is not None:
            self._told(self.done, self._of)


def read(path: Path, folder: int, stem: str, shape: Shape, look: Look) -> tuple[Kept | None, bool]:
    """A generation from its files, None where they all went away; whether its metadata file alone tells of it."""
    row = row_of(stem, shape)
    if look.all and row.metadata is not None and not row.foreign:
        kept = read_quickly(folder, stem, row.metadata, row.pictures)
        if kept is not None:
            return kept, True
    generation = read_row(path, row)
    return None if generation is None else kept_of(generation, path), False


@contextmanager
def descriptor_of(folder: Path) -> Iterator[int]:
    """The open folder; -1, which holds nothing, where there is none."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield -1
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
