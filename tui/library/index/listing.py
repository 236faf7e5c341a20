"""Which generations a folder holds and whether their files changed, told from names, times and sizes alone.

A folder of 200,000 files is held in a few megabytes: of each generation only its stem, and the rest of its files'
names as one of the few shapes that they have.
"""

import os
import re
import time
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from heapq import nlargest
from pathlib import Path
from typing import Final, NamedTuple

from tui.library.index.ready import unsettled
from tui.library.index.sights import GONE, Times, times_of
from tui.library.index.signs import part_of
from tui.library.names import metadata_name, split_stem
from tui.library.scan import Row, is_foreign_name, place_of

Shape = tuple[str, ...]
"""What the files of a generation are called behind its stem: "" for the metadata, ``0.png`` for a picture."""

_USUAL: Final = re.compile(
    r"(?:image_(?P<of>\d{8}_\d{6}(?:-[1-9]\d{0,8})?)_(?P<rest>\d{1,9}\.(?:png|jpg))"
    r"|metadata_(?P<told>\d{8}_\d{6}(?:-[1-9]\d{0,8})?)\.json)",
    re.ASCII,
)
_COARSEST_CLOCK_NS: Final = 2_000_000_000
"""FAT writes times in steps of 2 s: a file changed more recently may change again unseen."""
OTHERS: Final = range(0x100)
"""The parts that hold what has no day in its name (``signs.part_of``)."""
_BITS: Final = (1 << 62) - 2
"""The lowest is ``sights.TOLD``."""
_PRIME: Final = 0x9E3779B97F4A7C15


class Listing:
    """The generations of a folder, by parts of the library (``signs.part_of``), by stem.

    A part that nobody asks for is no more than its names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._days: dict[int, list[str]] = {}
        self._others: dict[int, dict[str, Shape]] = {}
        self._shapes: dict[tuple[Shape, str], Shape] = {}
        by_day: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            by_day[name[9:17] if name.startswith("metadata_") else name[6:14]].append(name)
        unusual: list[str] = []
        for day, some in by_day.items():
            odd = [name for name in some if _USUAL.fullmatch(name) is None]
            if len(odd) < len(some):
                strange = set(odd)
                self._days[int(day)] = [name for name in some if name not in strange] if odd else some
            unusual += odd
        self._add_unusual(unusual)

    def _add_unusual(self, names: list[str]) -> None:
        strangers: dict[str, Shape] = {}
        copies: list[tuple[str, str]] = []
        told: set[str] = set()
        for name in names:
            place = place_of(name)
            if place is None:
                continue
            if place.kind == "stranger":
                strangers[name] = ()
            elif place.kind == "copy":
                copies.append((place.stem, name))
            elif split_stem(place.stem):
                self._days.setdefault(int(place.stem[:8]), []).append(name)
            else:
                told.add(place.stem)
        self._add_strangers(strangers, copies, told)

    def _add_strangers(self, strangers: dict[str, Shape], copies: list[tuple[str, str]], told: set[str]) -> None:
        """Pictures of other programs; ``image_NAME_N.EXT`` is a copy of the picture NAME if that is there."""
        alone = [name for stem, name in copies if stem not in strangers and is_foreign_name(name)]
        for stem, name in copies:
            if stem in strangers:
                strangers[stem] = self._longer(strangers[stem], _rest(stem, name))
        strangers.update(dict.fromkeys(alone, ()))
        for stem, shape in strangers.items():
            whole = self._longer(shape, "") if stem in told else shape
            self._others.setdefault(part_of(stem), {})[stem] = whole

    def _longer(self, shape: Shape, rest: str) -> Shape:
        """``shape`` with one more file, the same object for all that have it."""
        longer = self._shapes.get((shape, rest))
        if longer is None:
            longer = tuple(sorted((*shape, rest), key=_order))
            self._shapes[shape, rest] = longer
        return longer

    def __len__(self) -> int:
        """Generations; half of a second for a million."""
        return sum(map(self.count, self.parts))

    def count(self, part: int) -> int:
        """Generations of a part."""
        return len(set(map(_stem_in, self._days.get(part, ())))) + len(self._others.get(part, ()))

    @property
    def parts(self) -> Collection[int]:
        """All parts that have a generation."""
        return self._days.keys() | self._others.keys()

    def newest_first(self, *, others_first: bool = False) -> list[int]:
        """The parts: days from the last to the first, and what has no day in its name behind or before them."""
        parts = sorted(self.parts, reverse=True)
        return [*filter(OTHERS.__contains__, parts), *(p for p in parts if p not in OTHERS)] if others_first else parts

    def names(self, part: int) -> list[str]:
        """The files of a part."""
        others = self._others.get(part, {})
        return [*self._days.get(part, ()), *(name for stem in others for name in file_names(stem, others[stem]))]

    def stems(self, part: int) -> dict[str, Shape]:
        """The generations of a part."""
        stems = dict(self._others.get(part, {}))
        for name in self._days.get(part, ()):
            stem = _stem_in(name)
            stems[stem] = self._longer(stems.get(stem, ()), _rest(stem, name))
        return stems


def _stem_in(name: str) -> str:
    """The stem in the name of a file of ours."""
    return name[9:-5] if name.startswith("metadata_") else name[6 : name.rfind("_")]


def list_folder(folder: Path, parts: Collection[int] | None = None) -> Listing:
    """What is in ``folder`` now, nothing where there is no such folder; other OSErrors are raised.

    With ``parts`` it holds all of these, and nothing of other days.
    """
    days = None if parts is None else frozenset("" if part in OTHERS else f"{part:08}" for part in parts)
    try:
        with os.scandir(folder) as entries:
            return Listing(
                entry.name for entry in entries if (days is None or _is_in(entry.name, days)) and entry.is_file()
            )
    except FileNotFoundError:
        return Listing(())


def list_newest(folder: Path, count: int) -> tuple[Listing, set[int]]:
    """The last days of ``folder`` that have ``count`` generations or more, and which parts these are. OSError."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except FileNotFoundError:
        return Listing(()), set()
    newest = nlargest(count, (name for name in names if name.startswith("metadata_")))
    days = frozenset(day for name in newest if (day := day_in(name)))
    return Listing(name for name in names if _is_in(name, days)), {int(day) for day in days}


def _is_in(name: str, days: Collection[str]) -> bool:
    """Whether a file belongs to one of ``days``, "" for none; a slice tells of nearly all names."""
    return (name[9:17] in days or name[6:14] in days or "" in days) and day_in(name) in days


def day_in(name: str) -> str:
    """The day of the generation that a file belongs to, eight digits; empty for all other files."""
    usual = _USUAL.fullmatch(name)
    if usual is not None:
        return (usual["of"] or usual["told"])[:8]
    place = place_of(name)
    ours = place is not None and place.kind in ("picture", "metadata") and split_stem(place.stem)
    return place.stem[:8] if place is not None and ours else ""


def parts_of_file(name: str) -> set[int]:
    """The parts of the library that a file may belong to, whether it is there or not; none for what has no place."""
    place = place_of(name)
    if place is None:
        return set()
    # What looks like a copy of another program's picture is a picture by itself where that is not there.
    return {part_of(place.stem), *({part_of(name)} if place.kind == "copy" else ())}


def file_names(stem: str, shape: Shape) -> list[str]:
    """The names of a generation's files."""
    names = [f"image_{stem}_{rest}" if rest else metadata_name(stem) for rest in shape]
    return names if split_stem(stem) else [stem, *names]


def row_of(stem: str, shape: Shape) -> Row:
    """The generation as the library reads it."""
    parts = split_stem(stem)
    pictures = tuple(f"image_{stem}_{rest}" for rest in shape if rest)
    metadata = metadata_name(stem) if "" in shape else None
    if parts is None:
        return Row(stem, ("", 0, stem), (stem, *pictures), metadata, foreign=True)
    return Row(stem, (*parts, stem), pictures, metadata, foreign=False)


class Look(NamedTuple):
    """``state`` is another number when a file came, went, or changed its time or size; whether ``all`` are there."""

    state: int
    all: bool


def look_at(folder: int, names: Collection[str], times: dict[str, Times]) -> Look:
    """How the files ``names`` are now, which goes into ``times``, too; ``folder`` is a descriptor.

    Files that changed just now may change again within the clock's step, unseen: their state is one that no files have.
    """
    total, newest, seen = 0, 0, 0
    for name in names:
        facts = times_of(folder, name)
        times[name] = facts
        if facts == GONE:
            continue
        seen += 1
        changed, size = facts
        if changed > newest:
            newest = changed
        total += (zlib.crc32(os.fsencode(name)) + 1) * (_PRIME + changed ^ size << 20)
    settled = abs(time.time_ns() - newest) > _COARSEST_CLOCK_NS
    return Look(total & _BITS if settled else unsettled(), seen == len(names))


def _rest(stem: str, name: str) -> str:
    return "" if name.startswith("metadata_") else name[7 + len(stem) :]


def _order(rest: str) -> tuple[int, str]:
    number = rest.partition(".")[0]
    return (int(number) if number else -1, rest)
