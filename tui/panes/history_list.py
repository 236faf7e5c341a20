"""The list of generations: rows, and what a person does with the one under the cursor."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from tui.commands import bindings_of, commands_of
from tui.domain.generation import Generation
from tui.domain.listing import RowShape, shape_after, shape_called
from tui.domain.words import one_line
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
from tui.panes.history_rows import HistoryModel, Row
from tui.panes.shaped_list import ShapedList
from tui.widgets.cells import fit
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

_SEARCH_KEYS: Final = tuple(key for command in commands_of("history") if command.id == "search" for key in command.keys)


class HistoryList(ShapedList):
    """The rows; without any generation, example prompts to take with Enter."""

    BINDINGS = bindings_of("history")

    class Marked(Message):
        """The person marked a row, or unmarked it."""

    def __init__(self, model: HistoryModel, search: Input, shape: RowShape) -> None:
        super().__init__(model, shape, id="history-list")
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
        pictures_of(self.app).keep_thumbnails(self, picture_files(self.model.rows[row] for row in self.in_sight))

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

    def pieces(self, row: int, line: int, width: int) -> Sequence[Piece | Segment]:
        """A row; where there is none, why."""
        if self.shows_examples:
            heading = "Nothing yet. Enter takes one:" if width > 30 else "Enter takes one:"
            words = heading if row == 0 else EXAMPLES[row - 1]
            return [Piece(" " + fit(words, width - 1), "row--muted" if row == 0 else "")]
        if not self.model.rows:
            reads = self.loading_library and not self.model.total
            words = "reading the library …" if reads else f"nothing matches {self.model.query.text}"
            return [Piece(" " + fit(one_line(words), width - 1), "row--muted")]
        return super().pieces(row, line, width)

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

    def action_rows(self, name: str) -> None:
        """Rows of another shape, or of the ``next`` one."""
        shape = shape_after(self.shape) if name == "next" else shape_called(name)
        self.take_shape(shape.name)
        less = shape.name != self.shape_now and self.model.shown
        self.post_message(Notice("Small pictures cannot be drawn here: two lines each." if less else shape.words))

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
    images = (row.picture for row in rows if isinstance(row, Generation))
    return [image.path for image in images if image is not None]
