"""What a person adds to generations from the command line: stars, ratings, tags, notes; one after the other.

Whatever cannot be done is told on standard error, and the next one is gone on with.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tui import streams
from tui.domain.errors import ImageGenError, worst_exit_status
from tui.domain.generation import Generation
from tui.domain.words import one_line, rating_stars
from tui.library import Library
from tui.listings import generation_object
from tui.settings import Settings
from tui.shell.shelf import Shelf, described

Change = Callable[[Library, Generation], Generation]
Words = Callable[[Generation], str]


class Report:
    """What became of each: a line, or with ``as_json`` an object, on standard output; failures on standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._failures: list[ImageGenError] = []

    def done(self, words: str, told: dict[str, Any]) -> None:
        """One is as it was wanted."""
        if self._as_json:
            streams.print_json({"status": "done", **told})
        else:
            streams.print_line(words)

    def failed(self, name: str, problem: ImageGenError) -> None:
        """One could not be."""
        self._failures.append(problem)
        streams.tell(problem)
        if self._as_json:
            streams.print_json({"status": "failed", "id": name, "error": problem.as_dict()})

    @property
    def status(self) -> int:
        """The exit status."""
        return worst_exit_status(self._failures)


def named(shelf: Shelf, names: Iterable[str], report: Report) -> list[Generation]:
    """The generations of these names, each once; a name that is none is told."""
    found: dict[str, Generation] = {}
    for name in names:
        try:
            generation = shelf.named(name)
        except ImageGenError as problem:
            report.failed(name, problem)
        else:
            found[generation.stem] = generation
    return list(found.values())


def change(settings: Settings, names: Sequence[str], how: Change, words: Words, *, as_json: bool) -> int:
    """Change the generations of these names; the exit status."""
    report = Report(as_json=as_json)
    with Shelf(settings) as shelf:
        for generation in named(shelf, names, report):
            try:
                changed = how(shelf.library, generation)
            except ImageGenError as problem:
                report.failed(generation.stem, problem)
            else:
                report.done(f"{words(changed)}  {described(changed)}", generation_object(changed))
    return report.status


def star(settings: Settings, names: Sequence[str], *, on: bool, as_json: bool) -> int:
    """Star the generations of these names, or take their stars away."""

    def starred(library: Library, generation: Generation) -> Generation:
        return library.set_starred(generation, on)

    return change(settings, names, starred, star_words, as_json=as_json)


def rate(settings: Settings, names: Sequence[str], rating: int, *, as_json: bool) -> int:
    """Rate the generations of these names from 1 to 5, 0 for none."""
    return change(
        settings, names, lambda library, each: library.set_rating(each, rating), rating_words, as_json=as_json
    )


def star_words(generation: Generation) -> str:
    """Whether it is starred."""
    return "★ starred" if generation.user.starred else "☆ not starred"


def rating_words(generation: Generation) -> str:
    """How it is rated."""
    return rating_stars(generation.user.rating) or "☆☆☆☆☆"


def tag_words(generation: Generation) -> str:
    """Its tags."""
    return ", ".join(map(one_line, generation.user.tags)) or "no tags"


def note_words(generation: Generation) -> str:
    """The beginning of its notes."""
    return one_line(generation.user.notes, 60) or "no notes"
