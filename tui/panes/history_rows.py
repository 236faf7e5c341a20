"""The history's model: row ids in the order shown, a heading for each day, and generations read as they are seen."""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeVar, overload

from tui.domain.delivered import MARK
from tui.domain.generation import Generation
from tui.domain.holdings import Holdings, Nothing
from tui.domain.query import Known, parse
from tui.domain.sorting import Sort

PAGE: Final = 64
"""Rows that are read at once."""

KEPT: Final = 1024
"""Generations that are kept in memory, the last seen ones."""

_BY_TIME: Final = ("newest", "oldest")


@dataclass(frozen=True, slots=True)
class Heading:
    """A day above its generations."""

    words: str


Row = Heading | Generation
_Item = TypeVar("_Item", covariant=True)


def day_words(day: date, today: date) -> str:
    """A day as a heading says it: today, yesterday, a weekday, a date."""
    if day == today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    if today - timedelta(days=7) < day < today:
        return f"{day:%A}"
    return f"{day:%a} {day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b %Y}"


def badge(generation: Generation) -> str:
    """What stands at the end of a row: a mark where something came otherwise than asked, or not whole."""
    return MARK if generation.warnings else ""


class _Lazy(Sequence[_Item]):
    """A sequence whose items are made when they are asked for."""

    def __init__(self, length: Callable[[], int], item: Callable[[int], _Item]) -> None:
        self._length = length
        self._item = item

    def __len__(self) -> int:
        return self._length()

    @overload
    def __getitem__(self, place: int) -> _Item: ...
    @overload
    def __getitem__(self, place: slice) -> list[_Item]: ...
    def __getitem__(self, place: int | slice) -> _Item | list[_Item]:
        if isinstance(place, slice):
            return [self._item(each) for each in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._item(place)

    def __iter__(self) -> Iterator[_Item]:
        return (self._item(place) for place in range(len(self)))


class Shown:
    """Row ids in their order, and the headings between them."""

    def __init__(self, ids: "array[int]", sort: Sort, today: date) -> None:
        self.ids = ids
        self.sort = sort
        self._sign = -1 if sort == "newest" else 1
        self._words: list[str] = []
        self._headings: list[int] = []
        """The rows that are headings, and what they say; none where the order is not that of time."""
        if sort in _BY_TIME:
            self._head(today)

    def _head(self, today: date) -> None:
        place = 0
        while place < len(self.ids):
            day = _day_of(self.ids[place])
            self._headings.append(place + len(self._headings))
            self._words.append(day_words(day, today))
            edge = _midnight(day) - 1 if self.sort == "newest" else _midnight(day + timedelta(days=1))
            # A clock that was set back must not stop the walk.
            place = max(place + 1, self._first_from(edge))

    def _first_from(self, row_id: int) -> int:
        """The place of the first id that stands at ``row_id`` or behind it, in an order by time."""
        return bisect_left(self.ids, self._sign * row_id, key=lambda each: self._sign * each)

    def __len__(self) -> int:
        return len(self.ids) + len(self._headings)

    def heading(self, row: int) -> str | None:
        """What the heading in ``row`` says, None for a row of a generation."""
        place = bisect_left(self._headings, row)
        return self._words[place] if place < len(self._headings) and self._headings[place] == row else None

    @property
    def headings(self) -> Sequence[int]:
        """The rows that are headings."""
        return self._headings

    def place_in(self, row: int) -> int:
        """The place in ``ids`` of a row that is no heading."""
        return row - bisect_right(self._headings, row)

    def row_at(self, place: int) -> int:
        """The row of a place in ``ids``."""
        # Heading number n stands before the ids from _headings[n] - n on.
        return place + bisect_right(range(len(self._headings)), place, key=lambda n: self._headings[n] - n)

    def place_of(self, row_id: int) -> int | None:
        """Where an id stands, None where it is not among them."""
        if self.sort in _BY_TIME:
            place = self._first_from(row_id)
            return place if place < len(self.ids) and self.ids[place] == row_id else None
        try:
            return self.ids.index(row_id)
        except ValueError:
            return None

    def row_before(self, row_id: int) -> int:
        """The row of the newest id below ``row_id``, in an order by time; of the nearest where there is none."""
        place = self._first_from(row_id - 1) if self.sort == "newest" else self._first_from(row_id) - 1
        return self.row_at(max(0, min(place, len(self.ids) - 1)))

    def next_heading(self, row: int, direction: int) -> int | None:
        """The nearest heading behind ``row``, or with ``direction`` -1 before it; None where there is none."""
        if direction > 0:
            place = bisect_right(self._headings, row)
            return self._headings[place] if place < len(self._headings) else None
        place = bisect_left(self._headings, row) - 1
        return self._headings[place] if place >= 0 else None


class HistoryModel:
    """What a search shows of the library's generations, as rows."""

    def __init__(self) -> None:
        self.holdings: Holdings = Nothing()
        self.everything = array("q")
        """The row ids of the whole library, newest first."""
        self.total = 0
        """How many the library holds."""
        self.in_use = Known()
        """The models and tags of all generations, the most frequent first."""
        self.query = parse("")
        self.marks: dict[str, Generation] = {}
        self.rows: Sequence[Row] = _Lazy(lambda: len(self._shown), self._row)
        self.generations: Sequence[Generation] = _Lazy(lambda: len(self._shown.ids), self._at)
        """Those that the search shows, in its order."""
        self._shown = Shown(array("q"), "newest", date.today())
        self._kept: OrderedDict[int, Generation] = OrderedDict()
        self._row_ids: dict[str, int] = {}

    def use(self, holdings: Holdings, everything: "array[int]", total: int, in_use: Known) -> None:
        """The library as it is now; what is kept of its rows is read again.

        ``total`` is more than there are in ``everything`` as long as only the first of them are known.
        """
        self.holdings, self.everything, self.total, self.in_use = holdings, everything, total, in_use
        self._forget_rows()

    def show(self, ids: "array[int]", sort: Sort) -> None:
        """Show these, in their order."""
        self._shown = Shown(ids, sort, date.today())

    def begins(self, ids: "array[int]", sort: Sort) -> bool:
        """Whether these in that order begin with what is shown."""
        return sort == self.sort and ids[: self.shown] == self._shown.ids

    def replace(self, generation: Generation) -> None:
        """Another value of a generation, known before the library is read again."""
        row_id = self._row_id(generation)
        if row_id is not None:
            self._keep(row_id, generation)
        if generation.id in self.marks:
            self.marks[generation.id] = generation

    def remove(self, generations: Iterable[Generation]) -> None:
        """Take generations out, before the library is read again."""
        gone = {generation.id: self._row_id(generation) for generation in generations}
        row_ids = set(gone.values())
        for generation_id in gone:
            self.marks.pop(generation_id, None)
        self.everything = array("q", (each for each in self.everything if each not in row_ids))
        self.total -= len(row_ids)
        self.show(array("q", (each for each in self._shown.ids if each not in row_ids)), self.sort)

    def _forget_rows(self) -> None:
        self._kept.clear()
        self._row_ids.clear()

    @property
    def sort(self) -> Sort:
        """The order of the rows."""
        return self._shown.sort

    @property
    def has_days(self) -> bool:
        """Whether the rows stand under headings of their days."""
        return self.sort in _BY_TIME

    @property
    def marked(self) -> frozenset[str]:
        """Ids of the marked generations."""
        return frozenset(self.marks)

    def toggle_mark(self, generation: Generation) -> None:
        """Mark or unmark."""
        if self.marks.pop(generation.id, None) is None:
            self.marks[generation.id] = generation

    def mark_up_to(self, generation: Generation) -> None:
        """Mark all shown from the one marked last to this one; without a mark, this one."""
        last = next(reversed(self.marks.values()), generation)
        here, there = self.position(generation), self.position(last)
        for place in range(min(here, there or here), max(here, there) + 1):
            each = self.generations[place - 1]
            self.marks[each.id] = each

    def mark_all(self) -> None:
        """Mark all that is shown; where all of it is marked, unmark everything."""
        found = {each.id: each for page in range(0, self.shown, PAGE) for each in self.generations[page : page + PAGE]}
        if found.keys() <= self.marks.keys():
            self.marks.clear()
        else:
            self.marks.update(found)

    def row_before(self, moment: datetime) -> int:
        """The row of the newest shown generation that was made before ``moment``, in an order by time."""
        return self._shown.row_before(int(moment.timestamp() * 1000))

    def marked_generations(self) -> tuple[Generation, ...]:
        """The marked ones, newest first."""
        return tuple(sorted(self.marks.values(), key=lambda each: (each.created_at.timestamp(), each.id), reverse=True))

    @property
    def headings(self) -> Sequence[int]:
        """The rows that are headings."""
        return self._shown.headings

    @property
    def shown(self) -> int:
        """How many the search finds."""
        return len(self._shown.ids)

    def known(self, generation_id: str | None) -> Generation | None:
        """The generation of that id, whether the search shows it or not; None where there is none."""
        row_id = self.holdings.id_of(generation_id) if generation_id else None
        return self.holdings.rows((row_id,)).get(row_id) if row_id is not None else None

    def row_of(self, generation: Generation) -> int | None:
        """The row a generation stands in, None if it is not shown."""
        place = self._place(generation)
        return self._shown.row_at(place) if place is not None else None

    def position(self, generation: Generation) -> int:
        """Its place among the shown, from 1; 0 if it is not shown."""
        place = self._place(generation)
        return place + 1 if place is not None else 0

    def around(self, generation: Generation, direction: int) -> tuple[Generation, ...]:
        """Where one goes from it, the likeliest first, having come in ``direction`` (1 is down)."""
        here = self.position(generation) - 1
        places = [here + direction * step for step in (1, -1, 2, -2)] if here >= 0 else []
        return tuple(self.generations[place] for place in places if 0 <= place < self.shown)

    def day_from(self, row: int, direction: int) -> int | None:
        """The heading of the next day's rows, or with ``direction`` -1 of the rows before."""
        return self._shown.next_heading(row, direction)

    def made_on(self, day: date) -> int:
        """How many were made on ``day``."""
        return self.made_before(day + timedelta(days=1)) - self.made_before(day)

    def made_before(self, day: date) -> int:
        """How many are older than ``day``."""
        return len(self.everything) - bisect_left(self.everything, 1 - _midnight(day), key=lambda each: -each)

    def _place(self, generation: Generation) -> int | None:
        row_id = self._row_id(generation)
        return self._shown.place_of(row_id) if row_id is not None else None

    def _row_id(self, generation: Generation) -> int | None:
        kept = self._row_ids.get(generation.id)
        return kept if kept is not None else self.holdings.id_of(generation.id)

    def _row(self, row: int) -> Row:
        words = self._shown.heading(row)
        return Heading(words) if words is not None else self._at(self._shown.place_in(row))

    def _at(self, place: int) -> Generation:
        row_id = self._shown.ids[place]
        if row_id not in self._kept:
            first = place - place % PAGE
            wanted = [each for each in self._shown.ids[first : first + PAGE] if each not in self._kept]
            found = self.holdings.rows(wanted)
            for each in wanted:
                self._keep(each, found.get(each) or _gone(each))
        self._kept.move_to_end(row_id)
        return self._kept[row_id]

    def _keep(self, row_id: int, generation: Generation) -> None:
        self._kept[row_id] = generation
        self._row_ids[generation.id] = row_id
        while len(self._kept) > KEPT:
            _, least = self._kept.popitem(last=False)
            self._row_ids.pop(least.id, None)


def _gone(row_id: int) -> Generation:
    """What stands in a row whose generation went away since the library was read, until it is read again."""
    moment = datetime.fromtimestamp(row_id / 1000).astimezone()
    return Generation(f"gone {row_id}", "", moment, "", damage="It is gone.")


def _day_of(row_id: int) -> date:
    return datetime.fromtimestamp(row_id / 1000).date()


def _midnight(day: date) -> int:
    """The first row id of a local day."""
    return int(datetime.combine(day, time()).timestamp() * 1000)
