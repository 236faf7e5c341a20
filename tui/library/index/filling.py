"""From the folder into the index: what came, changed or went since it was last looked at, the newest first."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from tui.library.index.kept import Kept, kept_of
from tui.library.index.listing import Listing, Look, Shape, file_names, look_at, row_of
from tui.library.index.quick import read_quickly
from tui.library.index.ready import Known, Ready, ready
from tui.library.index.signs import key_of
from tui.library.index.writing import BATCH, Writer
from tui.library.reading import read_row

Told = Callable[[int, int], None]


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
        self._gone: list[tuple[bytes, Known | None]] = []

    def run(self, listing: Listing, only: Collection[int] | None = None) -> int:
        """Bring the index to what is there, as far as nobody stops it; how many generations changed.

        With ``only`` the listing is whole for these parts, and no others are looked at.
        """
        self._of = len(listing)
        with descriptor_of(self._folder) as folder:
            for part, stems in listing.newest_first():
                if only is None or part in only:
                    self._compare(folder, part, stems)
                if self._stopped():
                    break
            else:
                for part in self._writer.parts() if only is None else only:
                    if part not in listing.parts:
                        self._gone += self._writer.known_in(part).items()
        self._flush()
        return self._changed

    def _compare(self, folder: int, part: int, stems: dict[str, Shape]) -> None:
        known = self._writer.known_in(part)
        for stem in sorted(stems, reverse=True):
            if self._stopped():
                return
            names = file_names(stem, stems[stem])
            before = known.pop(key_of(stem), None)
            look = look_at(folder, names)
            self.done += 1
            if before is None or before.state != look.state:
                self._read(folder, stem, stems[stem], look, before)
        self._gone += known.items()

    def _read(self, folder: int, stem: str, shape: Shape, look: Look, before: Known | None) -> None:
        kept = read(self._folder, folder, stem, shape, look)
        if kept is not None:
            self._pending.append(ready(kept, look.state, before))
        elif before is not None:
            self._gone.append((key_of(stem), before))
        if len(self._pending) >= BATCH:
            self._flush()

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
        if self._told is not None:
            self._told(self.done, self._of)


def read(path: Path, folder: int, stem: str, shape: Shape, look: Look) -> Kept | None:
    """A generation from its files; None where they all went away."""
    row = row_of(stem, shape)
    if look.all and row.metadata is not None and not row.foreign:
        kept = read_quickly(folder, stem, row.metadata, row.pictures)
        if kept is not None:
            return kept
    generation = read_row(path, row)
    return None if generation is None else kept_of(generation, path)


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
