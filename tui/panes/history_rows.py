"""The history's model: generations newest first, filtered, with a heading for each day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tui.domain.delivered import MARK
from tui.domain.generation import Generation
from tui.domain.query import Haystack, Known, haystack, matcher, parse


@dataclass(frozen=True, slots=True)
class Heading:
    """A day above its generations."""

    words: str


Row = Heading | Generation


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


class HistoryModel:
    """All generations, those that match the filter, and the rows they make."""

    def __init__(self) -> None:
        self.all: list[Generation] = []
        self.rows: list[Row] = []
        self.generations: list[Generation] = []
        """Those that match the filter, newest first."""
        self.marked: set[str] = set()
        self.query = parse("")
        self._ordinals: dict[str, int] = {}
        self._haystacks: dict[str, Haystack] = {}
        self._in_use: Known | None = None

    def set_query(self, text: str) -> None:
        """Show only what the query ``text`` finds."""
        self.query = parse(text)
        self._arrange()

    def in_use(self) -> Known:
        """The models and tags of all generations, the most frequent first."""
        if self._in_use is None:
            models = Counter(each.model for each in self.all)
            tags = Counter(tag for each in self.all for tag in each.user.tags)
            self._in_use = Known(*(tuple(name for name, _ in each.most_common()) for each in (models, tags)))
        return self._in_use

    def reset(self) -> None:
        """Empty the model."""
        self.all.clear()
        self._haystacks.clear()
        self._changed()

    def add(self, generations: Iterable[Generation]) -> None:
        """Put generations in by age; one that is known takes its newest value."""
        known = {generation.id: place for place, generation in enumerate(self.all)}
        for generation in generations:
            if generation.id in known:
                self.all[known[generation.id]] = generation
            else:
                self.all.append(generation)
            # Page by page as they come in, so that the first letter of a search waits for none of it.
            self._haystack(generation)
        self.all.sort(key=lambda each: (each.created_at.timestamp(), each.id), reverse=True)
        self._changed()

    def replace(self, generation: Generation) -> None:
        """Another value of a known generation."""
        self.all = [generation if each.id == generation.id else each for each in self.all]
        self._changed()

    def remove(self, generations: Iterable[Generation]) -> None:
        """Take generations out."""
        gone = {generation.id for generation in generations}
        self.all = [each for each in self.all if each.id not in gone]
        self.marked -= gone
        for generation_id in gone:
            self._haystacks.pop(generation_id, None)
        self._changed()

    def toggle_mark(self, generation: Generation) -> None:
        """Mark or unmark."""
        self.marked ^= {generation.id}

    def marked_generations(self) -> tuple[Generation, ...]:
        """The marked ones, newest first."""
        return tuple(each for each in self.all if each.id in self.marked)

    @property
    def shown(self) -> int:
        """How many match the filter."""
        return len(self.generations)

    def known(self, generation_id: str | None) -> Generation | None:
        """The generation of that id, whether the filter shows it or not; None where there is none."""
        return next((each for each in self.all if each.id == generation_id), None)

    def row_of(self, generation_id: str) -> int | None:
        """The row a generation stands in, None if it is not shown."""
        for row, each in enumerate(self.rows):
            if isinstance(each, Generation) and each.id == generation_id:
                return row
        return None

    def position(self, generation: Generation) -> int:
        """Its place among the shown, from 1; 0 if it is not shown."""
        return self._ordinals.get(generation.id, 0)

    def around(self, generation: Generation, direction: int) -> tuple[Generation, ...]:
        """Where one goes from it, the likeliest first, having come in ``direction`` (1 is down)."""
        here = self.position(generation) - 1
        places = [here + direction * step for step in (1, -1, 2, -2)] if here >= 0 else []
        return tuple(self.generations[place] for place in places if 0 <= place < self.shown)

    def made_on(self, day: date) -> int:
        """How many were made on ``day``."""
        return sum(each.created_at.astimezone().date() == day for each in self.all)

    def _changed(self) -> None:
        self._in_use = None
        self._arrange()

    def _arrange(self) -> None:
        finds = None if self.query.finds_all else matcher(self.query, datetime.now())
        today = date.today()
        self.rows, self.generations, self._ordinals = [], [], {}
        last_day: date | None = None
        for generation in self.all:
            if finds is not None and not finds(self._haystack(generation)):
                continue
            day = generation.created_at.astimezone().date()
            if day != last_day:
                self.rows.append(Heading(day_words(day, today)))
                last_day = day
            self.rows.append(generation)
            self.generations.append(generation)
            self._ordinals[generation.id] = len(self.generations)

    def _haystack(self, generation: Generation) -> Haystack:
        kept = self._haystacks.get(generation.id)
        if kept is None or kept.generation is not generation:
            kept = self._haystacks[generation.id] = haystack(generation)
        return kept
