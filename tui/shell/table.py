"""Generations as a table that fits a terminal: the parts that a query found stand out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from tui.domain.generation import Generation
from tui.domain.options import find_model
from tui.domain.query import Query, spans_in
from tui.domain.words import one_line, rating_sign
from tui.shell.cells import ELLIPSIS, clip, fit, width

Piece = tuple[str, str]
"""Text, and its look as parameters of SGR."""

MUTED: Final = "2"
FOUND: Final = "1;35"
ACCENT: Final = "33"
WRONG: Final = "31"
_PROMPT: Final = 24
"""Cells that a prompt gets before another column goes."""
_LONGEST_MODEL: Final = 20
_LONGEST_NAME: Final = 24
_GAP: Final = "  "


class _Row(NamedTuple):
    mark: Piece
    time: str
    rating: str
    prompt: str
    model: str
    size: str
    name: str


class Table:
    """Columns for some generations in ``room`` cells: those that do not fit beside a prompt are left out."""

    def __init__(self, generations: Sequence[Generation], query: Query, room: int, now: datetime) -> None:
        self._query = query
        self._rows = [_row(each, now) for each in generations]
        fixed = 2 + _widest(row.time for row in self._rows)
        self._shown: dict[str, int] = {}
        # In the order in which they are worth their room.
        for column in ("name", "rating", "size", "model"):
            cells = _widest(getattr(row, column) for row in self._rows)
            if cells and fixed + cells + len(_GAP) + _PROMPT + len(_GAP) <= room:
                self._shown[column] = cells
                fixed += cells + len(_GAP)
        prompts = _widest(row.prompt for row in self._rows)
        self._prompt = max(1, min(prompts, room - fixed - len(_GAP)))

    def lines(self) -> list[list[Piece]]:
        """A line for each generation, in order."""
        return [self._line(row) for row in self._rows]

    def _line(self, row: _Row) -> list[Piece]:
        line = [row.mark, (" ", ""), (row.time, MUTED), (_GAP, ""), *found_in(row.prompt, self._query, self._prompt)]
        for column, look in (("rating", ACCENT), ("model", MUTED), ("size", MUTED), ("name", "")):
            if column in self._shown:
                line += [(_GAP, ""), (fit(getattr(row, column), self._shown[column]), look)]
        return line


def words_beside(generation: Generation, query: Query, room: int, now: datetime) -> list[list[Piece]]:
    """Lines of at most ``room`` cells for a generation beside its picture: prompt, facts, name, tags."""
    row = _row(generation, now)
    facts = " · ".join(part for part in (row.time, row.model, row.size, row.rating) if part)
    tags = ", ".join(map(one_line, generation.user.tags))
    return [
        [row.mark, (" ", ""), *found_in(row.prompt, query, room - 2)],
        [(clip(f"  {facts}", room), MUTED)],
        [(clip(f"  {row.name}", room), "")],
        [(clip(f"  {tags}", room), MUTED)],
    ]


def found_in(prompt: str, query: Query, room: int) -> list[Piece]:
    """The prompt in exactly ``room`` cells, with what the query found in it."""
    shown = fit(prompt, room)
    is_cut = width(prompt) > room
    visible = len(shown.rstrip().removesuffix(ELLIPSIS)) if is_cut else len(prompt)
    pieces: list[Piece] = []
    done = 0
    for start, end in spans_in(query, prompt):
        if start >= visible:
            break
        pieces += [(shown[done:start], ""), (shown[start : min(end, visible)], FOUND)]
        done = min(end, visible)
    return [*pieces, (shown[done:], "")]


def _row(generation: Generation, now: datetime) -> _Row:
    image = generation.final_image
    when = generation.created_at.astimezone()
    return _Row(
        mark=_mark(generation),
        time=f"{when:%m-%d %H:%M}" if when.year == now.year else f"{when:%Y-%m-%d}",
        rating=rating_sign(generation.user.rating),
        prompt=one_line(generation.prompt or generation.damage or generation.stem, 1000),
        model=clip(one_line(find_model(generation.model).label, 80), _LONGEST_MODEL) if generation.model else "",
        size=f"{image.width}×{image.height}" if image and image.width else "",
        name=clip(one_line(generation.stem), _LONGEST_NAME),
    )


def _mark(generation: Generation) -> Piece:
    image = generation.final_image
    if generation.damage is not None or image is None or image.missing:
        return "!", WRONG
    return ("★", ACCENT) if generation.user.starred else (" ", "")


def _widest(texts: Iterable[str]) -> int:
    return max(map(width, texts), default=0)
