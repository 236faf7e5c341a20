"""The list of generations: rows, and what a person does with the one under the cursor."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from tui.commands import bindings_of, commands_of
from tui.domain.generation import Generation
from tui.domain.options import find_model
from tui.domain.words import one_line, rating_sign
from tui.messages import (
    CompareRequested,
    CopyRequested,
    EditRequested,
    ExampleTaken,
    GridRequested,
    ListPickRequested,
    NoteRequested,
    Notice,
    OpenRequested,
    RateRequested,
    RecallRequested,
    StarRequested,
    TagsRequested,
    TrashRequested,
    TrashViewRequested,
    UndoRequested,
    WordsRequested,
    ZoomRequested,
)
from tui.panes.history_rows import Heading, HistoryModel, Row, badge
from tui.panes.history_search import prompt_pieces
from tui.widgets.cells import clip, fit
from tui.widgets.one_frame import one_frame_of
from tui.widgets.pictures import pictures_of
from tui.widgets.row_list import Piece, RowList

EXAMPLES: Final = (
    "a red fox in deep snow, golden hour",
    "harbour at night, rain, neon reflections",
    "mountain lake at dawn, mist, watercolor",
)

LOOKED: Final = 0.3
"""Seconds that rows have been in sight when their small pictures are made."""

_RATED: Final = 30
"""Cells of a row from which on its rating is told."""

_LINEAGE: Final = 34
"""Cells from which on it is told that a picture was made from another one."""

_TAGGED: Final = 64
"""Cells from which on tags and ratio are told."""

_SEARCH_KEYS: Final = tuple(key for command in commands_of("history") if command.id == "search" for key in command.keys)


class HistoryList(RowList):
    """The rows; without any generation, example prompts to take with Enter."""

    BINDINGS = bindings_of("history")

    class Marked(Message):
        """The person marked a row, or unmarked it."""

    def __init__(self, model: HistoryModel, search: Input) -> None:
        super().__init__(id="history-list")
        self.model = model
        self.search = search
        self.loading_library = True
        self._looked: Timer | None = None

    def on_key(self, event: events.Key) -> None:
        """The search opens in its turn, so that letters typed right behind its key are searched and no commands."""
        focused = self.screen.focused
        if focused is self.search:
            # It was sent here before the focus went on.
            focused.post_message(events.Key(event.key, event.character))
        elif event.key in _SEARCH_KEYS:
            self.action_search()
        else:
            return
        event.stop()
        event.prevent_default()

    def watch_cursor(self, old: int, new: int) -> None:
        """Where the cursor goes its picture goes, in the same frame if it is at hand."""
        if self.is_attached:
            one_frame_of(self.app).hold()
        super().watch_cursor(old, new)

    def rows_changed(self) -> None:
        """Other rows have other pictures."""
        super().rows_changed()
        self._came_to_see()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Rows that come into sight have their small pictures made, those that went have not."""
        super().watch_scroll_y(old_value, new_value)
        self._came_to_see()

    def _came_to_see(self) -> None:
        if self._looked is not None:
            self._looked.stop()
        self._looked = self.set_timer(LOOKED, self._keep_thumbnails)

    def _keep_thumbnails(self) -> None:
        top = self.scroll_offset.y
        pictures_of(self.app).keep_thumbnails(self, picture_files(self.model.rows[top : top + self.size.height]))

    @property
    def shows_examples(self) -> bool:
        """Whether the library is empty."""
        return not self.model.total and not self.loading_library

    def row_count(self) -> int:
        """Generations and headings, or the examples and the line above them."""
        return 1 + len(EXAMPLES) if self.shows_examples else max(len(self.model.rows), 1)

    def can_stand(self, row: int) -> bool:
        """On generations and examples, not on headings."""
        if self.shows_examples:
            return 0 < row <= len(EXAMPLES)
        return 0 <= row < len(self.model.rows) and isinstance(self.model.rows[row], Generation)

    def pieces(self, row: int, line: int, width: int) -> list[Piece]:
        """Mark, time, prompt, rating, model and size."""
        if self.shows_examples:
            heading = "Nothing yet. Enter takes one:" if width > 30 else "Enter takes one:"
            words = heading if row == 0 else EXAMPLES[row - 1]
            return [Piece(" " + fit(words, width - 1), "row--muted" if row == 0 else "")]
        if not self.model.rows:
            reads = self.loading_library and not self.model.total
            words = "reading the library …" if reads else f"nothing matches {self.model.query.text}"
            return [Piece(" " + fit(one_line(words), width - 1), "row--muted")]
        entry = self.model.rows[row]
        if isinstance(entry, Heading):
            return [Piece(" " + fit(entry.words, width - 1), "row--heading")]
        return self._generation_pieces(entry, width)

    def _generation_pieces(self, generation: Generation, width: int) -> list[Piece]:
        mark, look = self._mark(generation)
        made = generation.created_at.astimezone()
        # Without headings a time of day would say nothing.
        time_words = f"{made:%H:%M}" if self.model.has_days else f"{made.day:2} {made:%b}"
        lineage = "↳ " if generation.parent and width >= _LINEAGE else ""
        tag = f" {_asked(generation, width)}" if width >= 34 else ""
        prompt = one_line(generation.prompt) or generation.stem
        rest = width - len(time_words) - 3 - len(lineage)
        if cell_len(prompt) > rest - cell_len(tag) - 2 and width < 40:
            # Versions of a prompt differ at its end: that goes before the model's name.
            tag = ""
        notice = badge(generation)
        rating = f" {sign}" if width >= _RATED and (sign := rating_sign(generation.user.rating)) else ""
        tags = _tags(generation, width // 4) if width >= _TAGGED else ""
        end = 2 if tag or notice else 1
        return [
            Piece(f"{mark} ", look),
            Piece(f"{time_words} ", "row--muted"),
            *([Piece(lineage, "row--muted")] if lineage else ()),
            *prompt_pieces(
                self.model.query,
                prompt,
                rest - cell_len(tags) - cell_len(rating) - cell_len(tag) - end,
                "row--muted" if generation.foreign and not generation.prompt else "",
            ),
            *([Piece(tags, "row--accent")] if tags else ()),
            *([Piece(rating, "row--accent")] if rating else ()),
            Piece(tag, "row--muted"),
            Piece(f" {notice}" if notice else " " * end, "row--warning"),
        ]

    def _mark(self, generation: Generation) -> tuple[str, str]:
        if generation.id in self.model.marks:
            return "✓", "row--success"
        image = generation.final_image
        if generation.damage is not None or image is None or image.missing:
            return "!", "row--error"
        if generation.user.starred:
            return "★", "row--accent"
        return " ", ""

    @property
    def current(self) -> Generation | None:
        """The generation under the cursor."""
        if not self.can_stand(self.cursor) or self.shows_examples:
            return None
        entry = self.model.rows[self.cursor]
        return entry if isinstance(entry, Generation) else None

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Two clicks recall; here and not in the pane, since what a parent sends does not go up past it."""
        event.stop()
        self.action_recall()

    def action_recall(self) -> None:
        """Take back prompt and options, or an example."""
        if self.shows_examples and self.can_stand(self.cursor):
            self.post_message(ExampleTaken(EXAMPLES[self.cursor - 1]))
        elif self.current is not None:
            self.post_message(RecallRequested(self.current))

    def action_star(self) -> None:
        """Mark a favourite, or unmark it."""
        if chosen := self.chosen:
            self.post_message(StarRequested(chosen))

    def action_rate(self, rating: int) -> None:
        """So many stars of five; 0 takes them back."""
        if chosen := self.chosen:
            self.post_message(RateRequested(chosen, rating))

    def action_tags(self) -> None:
        """Tags for the marked ones, else for the one under the cursor."""
        if chosen := self.chosen:
            self.post_message(TagsRequested(chosen))

    def action_note(self) -> None:
        """A note about the one under the cursor."""
        if self.current is not None:
            self.post_message(NoteRequested(self.current))

    def action_pick(self, what: str) -> None:
        """Another order, a board, a date."""
        self.post_message(ListPickRequested(what))

    def action_trash(self) -> None:
        """Trash the marked ones, else the one under the cursor."""
        if chosen := self.chosen:
            self.post_message(TrashRequested(chosen))

    @property
    def chosen(self) -> tuple[Generation, ...]:
        """What a command is done to: the marked ones, else the one under the cursor."""
        return self.model.marked_generations() or ((self.current,) if self.current is not None else ())

    def action_restore(self) -> None:
        """Take back what was done last."""
        self.post_message(UndoRequested())

    def action_trash_view(self) -> None:
        """See the trash."""
        self.post_message(TrashViewRequested())

    def action_edit(self) -> None:
        """Start from this picture."""
        if self.current is not None:
            self.post_message(EditRequested(self.current))

    def action_zoom(self) -> None:
        """Fill the screen."""
        if self.current is not None:
            self.post_message(ZoomRequested(self.current))

    def action_grid(self) -> None:
        """Small pictures filling the screen."""
        self.post_message(GridRequested())

    def action_compare(self) -> None:
        """The two marked, or the marked one and this one, or this and what it was made from, or the one below."""
        marked = self.model.marked_generations()
        current = self.current
        if len(marked) >= 2:
            # Marks left standing would go to the trash with the next d.
            self.model.marks.clear()
            self.refresh()
            self.post_message(self.Marked())
            self.post_message(CompareRequested(marked[1], marked[0]))
        elif current is not None and marked and marked[0].id != current.id:
            self.post_message(CompareRequested(marked[0], current))
        elif current is not None and (parent := self.model.known(current.parent)) is not None:
            self.post_message(CompareRequested(parent, current))
        elif current is not None and (older := self._older_than(current)) is not None:
            self.post_message(CompareRequested(older, current))
        else:
            self.post_message(Notice("Mark two pictures with Space, then press c."))

    def _older_than(self, generation: Generation) -> Generation | None:
        place = self.model.position(generation)
        return self.model.generations[place] if 0 < place < self.model.shown else None

    def action_mark(self) -> None:
        """Mark and go on to the next row."""
        if self.current is not None:
            self.model.toggle_mark(self.current)
            self.refresh_row(self.cursor)
            self.action_move(1)
            self.post_message(self.Marked())

    def action_mark_range(self) -> None:
        """Mark all from the row marked last to this one."""
        if self.current is not None:
            self.model.mark_up_to(self.current)
            self.refresh()
            self.post_message(self.Marked())

    def action_mark_all(self) -> None:
        """Mark all that is shown; where all of it is marked, unmark everything."""
        if not self.shows_examples:
            self.model.mark_all()
            self.refresh()
            self.post_message(self.Marked())

    def action_copy(self) -> None:
        """Copy the prompt."""
        if self.current is not None:
            self.post_message(CopyRequested(self.current))

    def action_open(self) -> None:
        """Open the picture outside."""
        if self.current is not None:
            self.post_message(OpenRequested(self.current))

    def action_words(self) -> None:
        """Read what was said about it."""
        if self.current is not None:
            self.post_message(WordsRequested(self.current))

    def action_day(self, direction: int) -> None:
        """To the first row of the next day's, or of the day before."""
        start = self.cursor if direction > 0 else self.cursor - 1
        heading = self.model.day_from(start, direction)
        if heading is not None:
            self.move_to(heading + 1)

    def action_search(self) -> None:
        """Open the search below the list."""
        self.search.display = True
        self.screen.set_focus(self.search)


def picture_files(rows: Iterable[Row]) -> list[Path]:
    """The picture files of rows."""
    images = (row.final_image for row in rows if isinstance(row, Generation))
    return [image.path for image in images if image is not None and not image.missing]


def _asked(generation: Generation, width: int) -> str:
    """Model and size, where there is room the ratio too."""
    label = find_model(generation.model).label if generation.model else ""
    ratio = f"{one_line(generation.aspect_ratio)} " if width >= _TAGGED and generation.aspect_ratio else ""
    return clip(f"{one_line(label)} {ratio}{one_line(generation.image_size)}".strip(), 23 if ratio else 17)


def _tags(generation: Generation, room: int) -> str:
    """As many of its tags as there is room for, each behind its sign."""
    words = ""
    for tag in generation.user.tags:
        longer = f"{words} #{one_line(tag)}"
        if cell_len(longer) > room:
            break
        words = longer
    return words
