"""What a person adds to generations from the command line: stars, ratings, tags, notes; one after the other.

Whatever cannot be done is told on standard error, and the next one is gone on with.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tui import streams
from tui.domain.errors import ImageGenError, worst_exit_status
from tui.domain.generation import Generation
from tui.domain.marking import Marking
from tui.domain.words import one_line, rating_stars
from tui.listings import generation_object
from tui.settings import Settings
from tui.shell.naming import described
from tui.shell.shelf import Shelf

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

    def failed(self, name: str | None, problem: ImageGenError) -> None:
        """One could not be; ``name`` is what it is called, as far as that is known."""
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


def mark(settings: Settings, names: Sequence[str], marking: Marking, words: Words, *, as_json: bool) -> int:
    """Mark the generations of these names; ``words`` says how one is marked then. The exit status."""
    report = Report(as_json=as_json)
    with Shelf(settings) as shelf:
        for generation in named(shelf, names, report):
            try:
                marked = shelf.library.mark(generation, marking).now
            except ImageGenError as problem:
                report.failed(generation.stem, problem)
            else:
                report.done(f"{words(marked)}  {described(marked)}", generation_object(marked))
    return report.status


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
