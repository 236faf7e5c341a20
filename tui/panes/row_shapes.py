"""How a generation is told in a row of the history: in one line, in two, or beside its small picture."""

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, chop_cells

from tui.domain.generation import Generation
from tui.domain.options import find_model
from tui.domain.words import one_line, rating_sign
from tui.panes.history_rows import HistoryModel, badge
from tui.panes.history_search import prompt_pieces
from tui.widgets.cells import clip, fit
from tui.widgets.row_list import Piece

_RATED: Final = 30
"""Cells of a row from which on its rating is told."""

_LINEAGE: Final = 34
"""Cells from which on it is told that a picture was made from another one."""

_TAGGED: Final = 64
"""Cells from which on tags and ratio are told."""

_INDENTED: Final = 34
"""Cells from which on a second line begins below the prompt, and not below the time."""


@dataclass(frozen=True, slots=True)
class Box:
    """Cells that a small picture has at the left of its row, which is ``rows`` lines high."""

    columns: int
    rows: int


def box_for(columns: int, rows: int) -> Box | None:
    """How large small pictures are in a list of ``columns`` × ``rows`` cells; None where there is no room for them."""
    if columns < 22 or rows < 6:
        return None
    if columns < 38:
        return Box(6, 3)
    return Box(8, 3) if columns < 56 or rows < 30 else Box(10, 4)


def pieces_of(model: HistoryModel, generation: Generation, line: int, lines: int, width: int) -> list[Piece]:
    """Line ``line`` of ``lines`` in ``width`` cells; three lines and more stand beside a picture."""
    if lines == 1:
        return _alone(model, generation, width)
    if lines == 2:
        return _first_of_two(model, generation, width) if line == 0 else _second_of_two(model, generation, width)
    return _beside_picture(model, generation, line, lines, width)


def _alone(model: HistoryModel, generation: Generation, width: int) -> list[Piece]:
    """Mark, time, prompt, rating, model and size."""
    time_words = _time(model, generation)
    lineage = _lineage(generation, width)
    tag = f" {_asked(generation, width)}" if width >= 34 else ""
    prompt = generation.title
    rest = width - len(time_words) - 3 - len(lineage)
    if cell_len(prompt) > rest - cell_len(tag) - 2 and width < 40:
        # Versions of a prompt differ at its end: that goes before the model's name.
        tag = ""
    notice = badge(generation)
    rating = _rating(generation, width)
    tags = _tags(generation, width // 4) if width >= _TAGGED else ""
    end = 2 if tag or notice else 1
    room = rest - cell_len(tags) - cell_len(rating) - cell_len(tag) - end
    return [
        _mark(model, generation),
        Piece(f"{time_words} ", "row--muted"),
        *([Piece(lineage, "row--muted")] if lineage else ()),
        *prompt_pieces(model.query, prompt, room, _prompt_look(generation)),
        *([Piece(tags, "row--accent")] if tags else ()),
        *([Piece(rating, "row--accent")] if rating else ()),
        Piece(tag, "row--muted"),
        Piece(f" {notice}" if notice else " " * end, "row--warning"),
    ]


def _first_of_two(model: HistoryModel, generation: Generation, width: int) -> list[Piece]:
    """Mark, time, the beginning of the prompt, rating."""
    time_words = _time(model, generation)
    lineage = _lineage(generation, width)
    rating = _rating(generation, width)
    start, end = _prompt_in_two(model, generation, width)[0]
    notice = badge(generation)
    room = _first_room(model, generation, width)
    return [
        _mark(model, generation),
        Piece(f"{time_words} ", "row--muted"),
        *([Piece(lineage, "row--muted")] if lineage else ()),
        *prompt_pieces(model.query, generation.title, room, _prompt_look(generation), start=start, end=end),
        *([Piece(rating, "row--accent")] if rating else ()),
        Piece(f" {notice}" if notice else " ", "row--warning"),
    ]


def _second_of_two(model: HistoryModel, generation: Generation, width: int) -> list[Piece]:
    """The rest of the prompt, and behind it as much as there is room for of tags, model, ratio and size."""
    indent = _indent(model, generation, width)
    room = width - indent - 1
    prompt = generation.title
    start = _prompt_in_two(model, generation, width)[1][0]
    used = cell_len(prompt[start:])
    left = room if not used else room - used - 2
    tags, asked = _facts(generation, left)
    facts = cell_len(tags) + cell_len(asked)
    rest = prompt_pieces(model.query, prompt, room - facts, _prompt_look(generation), start=start) if used else []
    return [
        Piece(" " * indent),
        *rest,
        *([Piece(tags, "row--accent")] if tags else ()),
        *([Piece(asked, "row--muted")] if asked else ()),
        Piece(" " * (1 if used else width - indent - facts)),
    ]


def _beside_picture(model: HistoryModel, generation: Generation, line: int, lines: int, width: int) -> list[Piece]:
    """The prompt in all lines but one at most, and in the one below it time, tags, model, ratio, size and rating."""
    prompt = generation.title
    room = width - 3
    spans = [span for span in line_spans(prompt, [room] * (lines - 1)) if span[0] < span[1]]
    # Where a line is left, the tags have it to themselves.
    spare = len(spans) + 1 < lines
    if line == len(spans):
        return _below_prompt(model, generation, width, tagged=not spare)
    if line > len(spans):
        tags = _tags(generation, room).lstrip() if line == len(spans) + 1 else ""
        return [Piece("  "), Piece(fit(tags, width - 2), "row--accent")]
    start, end = spans[line]
    rest = None if line == lines - 2 else end
    words = prompt_pieces(model.query, prompt, room, _prompt_look(generation), start=start, end=rest)
    return [_mark(model, generation) if line == 0 else Piece("  "), *words, Piece(" ")]


def _below_prompt(model: HistoryModel, generation: Generation, width: int, *, tagged: bool) -> list[Piece]:
    lineage = "↳ " if generation.parent else ""
    head = f"  {_time(model, generation)} {lineage}"
    notice = badge(generation)
    rating = f" {sign}" if (sign := rating_sign(generation.user.rating)) else ""
    end = cell_len(rating) + (2 if notice else 1)
    room = max(0, width - cell_len(head) - end)
    tags, asked = _facts(generation, room, tagged=tagged)
    return [
        Piece(head, "row--muted"),
        *([Piece(tags, "row--accent")] if tags else ()),
        Piece(fit(asked, room - cell_len(tags)), "row--muted"),
        *([Piece(rating, "row--accent")] if rating else ()),
        Piece(f" {notice}" if notice else " ", "row--warning"),
    ]


def line_spans(text: str, widths: list[int]) -> list[tuple[int, int]]:
    """Where each line of ``text`` begins and ends, lines of so many cells, broken between words.

    Inside a word where that would leave half of the line empty. What has no room any more is left out.
    """
    spans = []
    at = 0
    for width in widths:
        # Two cells at least: a wide character has to go somewhere.
        end = at + len(chop_cells(text[at:], max(2, width))[0]) if at < len(text) else at
        if end < len(text) and text[end] != " ":
            space = text.rfind(" ", at, end)
            if space > at and cell_len(text[at:space]) * 2 > width:
                end = space
        spans.append((at, end))
        at = end + len(text[end:]) - len(text[end:].lstrip(" "))
    return spans


def _prompt_look(generation: Generation) -> str:
    return "row--muted" if generation.foreign and not generation.prompt else ""


def _prompt_in_two(model: HistoryModel, generation: Generation, width: int) -> list[tuple[int, int]]:
    rooms = [_first_room(model, generation, width), width - _indent(model, generation, width) - 1]
    return line_spans(generation.title, rooms)


def _first_room(model: HistoryModel, generation: Generation, width: int) -> int:
    """Cells that the first of two lines has for the prompt."""
    beside = len(_lineage(generation, width)) + cell_len(_rating(generation, width)) + (2 if badge(generation) else 1)
    return width - len(_time(model, generation)) - 3 - beside


def _indent(model: HistoryModel, generation: Generation, width: int) -> int:
    return len(_time(model, generation)) + 3 if width >= _INDENTED else 2


def _time(model: HistoryModel, generation: Generation) -> str:
    made = generation.created_at.astimezone()
    # Without headings a time of day would say nothing.
    return f"{made:%H:%M}" if model.has_days else f"{made.day:2} {made:%b}"


def _lineage(generation: Generation, width: int) -> str:
    return "↳ " if generation.parent and width >= _LINEAGE else ""


def _rating(generation: Generation, width: int) -> str:
    return f" {sign}" if width >= _RATED and (sign := rating_sign(generation.user.rating)) else ""


def _mark(model: HistoryModel, generation: Generation) -> Piece:
    if generation.id in model.marks:
        return Piece("✓ ", "row--success")
    if generation.damage is not None or generation.picture is None:
        return Piece("! ", "row--error")
    if generation.user.starred:
        return Piece("★ ", "row--accent")
    return Piece("  ")


def _label(generation: Generation) -> str:
    return find_model(generation.model).label if generation.model else ""


def _asked(generation: Generation, width: int) -> str:
    """Model and size, where there is room the ratio too."""
    ratio = f"{one_line(generation.aspect_ratio)} " if width >= _TAGGED and generation.aspect_ratio else ""
    return clip(f"{one_line(_label(generation))} {ratio}{one_line(generation.image_size)}".strip(), 23 if ratio else 17)


def _facts(generation: Generation, room: int, *, tagged: bool = True) -> tuple[str, str]:
    """Tags, and model, ratio and size, in at most ``room`` cells: the ratio gives way first, then the tags."""
    known = (one_line(each) for each in (_label(generation), generation.aspect_ratio, generation.image_size) if each)
    every, some = " ".join(known), _asked(generation, 0)
    wanted = len(generation.user.tags) if tagged else 0
    for asked in (every, some):
        tags = _tags(generation, room - cell_len(asked) - 2).lstrip() if wanted else ""
        if cell_len(asked) <= room and (tags or not wanted):
            return (f"{tags}  " if tags and asked else tags), asked
    return "", next((asked for asked in (every, some) if cell_len(asked) <= room), "")


def _tags(generation: Generation, room: int) -> str:
    """As many of its tags as there is room for, each behind its sign."""
    words = ""
    for tag in generation.user.tags:
        longer = f"{words} #{one_line(tag)}"
        if cell_len(longer) > room:
            break
        words = longer
    return words
