"""``stats``: how much a library has, by day, model and size; charts for people, lines and JSON for scripts."""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from tui import streams
from tui.domain.generation import Generation
from tui.domain.options import find_model, normalise_size
from tui.domain.query import parse
from tui.domain.words import file_size, one_line, rating_stars
from tui.library.index import Stats, Tally
from tui.settings import Settings
from tui.shell.charts import Bar, Piece, bars, calendar
from tui.shell.shelf import Shelf, index_errors

_MOST: Final = 12
"""Rows of a chart; what is less is one row together."""

_HEADING: Final = "1"
_Name = TypeVar("_Name", str, date)


@dataclass(frozen=True, slots=True)
class Figures:
    """The tallies of a library, and what a person added: ``rated`` says how many have 1 to 5 stars."""

    stats: Stats
    starred: int
    rated: Mapping[int, int]


def print_stats(settings: Settings, *, as_json: bool) -> int:
    """Print how much the library has."""
    with Shelf(settings) as shelf:
        if not shelf.library.folder.is_dir():
            streams.warn(f"There is no library at {shelf.library.folder} yet.")
        figures = _figures(shelf)
    if as_json:
        streams.print_json(figures_object(figures))
    elif streams.is_terminal(sys.stdout):
        for line in charts(figures, shutil.get_terminal_size().columns, date.today()):
            streams.print_looks(line)
    else:
        for columns in _records(figures):
            streams.print_line("\t".join(map(str, columns)))
    return 0


def _figures(shelf: Shelf) -> Figures:
    index = shelf.index()
    with index_errors():
        stats = tallied(shelf.every()) if index is None else index.stats()
    rated = {stars: shelf.count(parse(f"rating:{stars}")) for stars in range(1, 6)}
    return Figures(stats, shelf.count(parse("star:")), rated)


def tallied(generations: Iterable[Generation]) -> Stats:
    """The same tallies as an index has, from the generations themselves."""
    rows = list(generations)
    return Stats(
        _sum(rows),
        dict(sorted(_groups(rows, lambda each: each.created_at.astimezone().date()).items())),
        _groups(rows, lambda each: each.model),
        _groups(rows, lambda each: normalise_size(each.image_size)),
    )


def _groups(rows: Iterable[Generation], name: Callable[[Generation], _Name]) -> dict[_Name, Tally]:
    groups: dict[_Name, list[Generation]] = {}
    for each in rows:
        groups.setdefault(name(each), []).append(each)
    return {key: _sum(groups[key]) for key in sorted(groups, key=lambda key: (-len(groups[key]), key))}


def _sum(rows: list[Generation]) -> Tally:
    images = [image for each in rows for image in each.images]
    return Tally(len(rows), len(images), sum(image.bytes for image in images))


def figures_object(figures: Figures) -> dict[str, Any]:
    """What ``stats --json`` tells."""
    stats = figures.stats
    return {
        "total": stats.total._asdict(),
        "starred": figures.starred,
        "rated": {str(stars): count for stars, count in figures.rated.items()},
        "by_day": [{"day": day.isoformat(), **tally._asdict()} for day, tally in stats.by_day.items()],
        "by_model": [{"model": name, **tally._asdict()} for name, tally in stats.by_model.items()],
        "by_size": [{"size": name, **tally._asdict()} for name, tally in stats.by_size.items()],
    }


def _records(figures: Figures) -> Iterator[tuple[object, ...]]:
    """Kind, name, generations, pictures, bytes."""
    stats = figures.stats
    yield ("total", "", *stats.total)
    yield ("starred", "", figures.starred)
    for stars, count in figures.rated.items():
        yield ("rating", stars, count)
    for kind, groups in (("day", stats.by_day), ("model", stats.by_model), ("size", stats.by_size)):
        for name, tally in groups.items():
            yield (kind, one_line(str(name)), *tally)


def charts(figures: Figures, room: int, today: date) -> list[list[Piece]]:
    """Lines for a terminal of ``room`` columns: totals, a year of days, bars by model, size and stars."""
    stats, unicode = figures.stats, streams.has_unicode()
    lines: list[list[Piece]] = [[(words, "")] for words in _totals(figures, " · " if unicode else ", ", room)]
    if not stats.total.generations:
        return lines
    counts = {day: tally.generations for day, tally in stats.by_day.items()}
    parts = [
        ("The last year", calendar(counts, today, room, unicode=unicode)),
        ("By model", bars(_rows(stats.by_model, _label), room, unicode=unicode)),
        ("By size", bars(_rows(stats.by_size, one_line), room, unicode=unicode)),
    ]
    if any(figures.rated.values()):
        rows = [
            Bar(rating_stars(stars) if unicode else f"{stars} of 5", count, f"{count:,}")
            for stars, count in sorted(figures.rated.items(), reverse=True)
        ]
        parts.append(("By rating", bars(rows, room, unicode=unicode)))
    for title, part in parts:
        lines += [[], [(title, _HEADING)], *part]
    return lines


def _totals(figures: Figures, between: str, room: int) -> Iterator[str]:
    """The sums, in as many lines as they take."""
    stats = figures.stats
    total, days = stats.total, list(stats.by_day)
    told = [
        _counted(total.generations, "generation"),
        _counted(total.images, "picture"),
        file_size(total.bytes) if total.bytes else "0 KB",
        f"{figures.starred:,} starred",
        f"{sum(figures.rated.values()):,} rated",
        *([f"since {days[0]}", f"made on {_counted(len(days), 'day')}"] if days else []),
    ]
    line = ""
    for words in told:
        longer = f"{line}{between}{words}" if line else words
        if line and len(longer) > room:
            yield line
            longer = words
        line = longer
    yield line


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def _label(model: str) -> str:
    found = find_model(model)
    return found.label if model and found.known else one_line(model)


def _rows(groups: Mapping[str, Tally], name: Callable[[str], str]) -> list[Bar]:
    """A row for each group, the most of them in their own."""
    many = list(groups.items())
    shown, rest = (many, []) if len(many) <= _MOST else (many[: _MOST - 1], many[_MOST - 1 :])
    rows = [(name(key) or "not known", tally) for key, tally in shown]
    if rest:
        rows.append((f"{len(rest)} others", Tally(*map(sum, zip(*(tally for _, tally in rest), strict=True)))))
    return [
        Bar(words, tally.generations, f"{tally.generations:,}  {file_size(tally.bytes) if tally.bytes else '0 KB'}")
        for words, tally in rows
    ]
