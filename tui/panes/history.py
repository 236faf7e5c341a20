"""The history pane: everything the library holds, newest first, a picture an arrow key away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from tui.commands import fitting, footer
from tui.domain.generation import Generation
from tui.domain.listing import RowShape
from tui.domain.query import Query, parse
from tui.domain.sorting import Sort
from tui.messages import FindRequested, GenerationHighlighted, GenerationsFound, LibraryRead
from tui.panes.board_column import BoardColumn
from tui.panes.history_list import HistoryList, picture_files
from tui.panes.history_rows import HistoryModel
from tui.panes.history_search import HINT, SearchInput, hint_at
from tui.widgets.cells import clip
from tui.widgets.pane import Pane
from tui.widgets.pictures import pictures_of
from tui.widgets.plain import content
from tui.widgets.row_list import RowList


class HistoryPane(Pane):
    """The list in its frame, and the search below it."""

    def __init__(self, shape: RowShape = "one") -> None:
        super().__init__(id="history", classes="pane")
        self.model = HistoryModel()
        self._shape = shape
        self._asked = FindRequested()
        self._begun_serial = -1
        """The last search some finds of which are shown; ``_shown_serial``: all of them."""
        self._shown_serial = -1
        self._followed: Generation | None = None
        self._row = -1
        self._direction = 1
        self._sought: Generation | None = None
        """What was chosen when the search began to be typed: letters on the way may hide it for a moment."""

    def compose(self) -> ComposeResult:
        """Boards beside the list, the search below it."""
        search = SearchInput(lambda: self.model.in_use)
        yield BoardColumn()
        yield HistoryList(self.model, search, self._shape)
        yield search

    def on_mount(self) -> None:
        """Name the frame."""
        self._write_frame()

    @property
    def history_list(self) -> HistoryList:
        """The list."""
        return self.query_one(HistoryList)

    @property
    def searching(self) -> bool:
        """Whether what was asked for last is not shown yet."""
        return self._shown_serial != self._asked.serial

    def read(self, message: LibraryRead) -> None:
        """Take in the library as it is now."""
        with self._keeping(self._sought):
            self.model.use(message.holdings, message.everything, message.total, message.in_use)
            self.history_list.loading_library = not message.complete
            if message.found is not None:
                self._take(message.found)
        self._go_to_followed()

    def found(self, message: GenerationsFound) -> None:
        """Take in what a search finds."""
        if message.asked.serial != self._asked.serial:
            return
        begun = self._begun_serial == message.asked.serial
        came = begun and self.model.begins(message.ids, message.asked.sort)
        with self._keeping(self._sought, otherwise=0, came=came):
            self._take(message)
        self._go_to_followed()

    def _take(self, found: GenerationsFound) -> None:
        if found.asked.serial == self._asked.serial:
            self.model.show(found.ids, found.asked.sort)
            self._begun_serial = found.asked.serial
            if found.complete:
                self._shown_serial = found.asked.serial

    def _ask(self, query: Query, sort: Sort, *, after_refresh: bool = False) -> None:
        """Ask for what is to be shown; ``after_refresh`` once what was typed is seen, which a search would hold up."""
        self.model.query = query
        self._boards.mark(query.text)
        self._asked = FindRequested(query, sort, self._asked.serial + 1)
        if after_refresh:
            self.call_after_refresh(self._send, self._asked)
        else:
            self._send(self._asked)

    def _send(self, asked: FindRequested) -> None:
        if asked is self._asked:
            self.post_message(asked)

    @property
    def _boards(self) -> BoardColumn:
        return self.query_one(BoardColumn)

    def show_boards(self, boards: tuple[tuple[str, str], ...]) -> None:
        """Have the library's boards beside the list, where there is room: names and their queries."""
        self._boards.take(boards)
        self._boards.mark(self.search_text)
        self._boards.fit_in(self.size.width)

    def on_board_column_clicked(self, event: BoardColumn.Clicked) -> None:
        """Show what a board finds."""
        event.stop()
        self.search_for(event.query)

    @property
    def search_text(self) -> str:
        """The search that is shown, as it was typed."""
        return self.model.query.text

    def search_for(self, text: str) -> None:
        """Show what ``text`` finds; empty shows all."""
        search = self.query_one(SearchInput)
        search.display = bool(text)
        with search.prevent(Input.Changed):
            search.value = text
        self._sought = self.history_list.current
        self._ask(parse(text), self._asked.sort)
        self._write_frame()
        self.history_list.focus()

    def sort_by(self, sort: Sort) -> None:
        """Another order; the cursor stays on its generation."""
        self._sought = self.history_list.current
        self._ask(self._asked.query, sort)

    def go_before(self, moment: datetime) -> None:
        """The cursor on the newest shown generation from before ``moment``."""
        self.history_list.move_to(self.model.row_before(moment))

    def follow(self, generation: Generation) -> None:
        """Put the cursor on a generation once the library is seen to hold it; a search that hides it ends."""
        self._followed = generation

    def expect(self, generation: Generation) -> None:
        """Its small picture will be wanted; for nobody in particular: what comes next takes it not away."""
        pictures_of(self.app).keep_thumbnails(object(), picture_files((generation,)))

    def _go_to_followed(self) -> None:
        followed = self._followed
        if followed is None or self.searching or self.model.known(followed.id) is None:
            return
        row = self.model.row_of(followed)
        if row is None:
            self._end_search()
            return
        self._followed = self._sought = None
        self.history_list.cursor = row
        self.history_list.show_row(row)

    def _end_search(self) -> None:
        search = self.query_one(SearchInput)
        with search.prevent(Input.Changed):
            search.value = ""
        search.display = False
        self._ask(parse(""), "newest")

    def replace(self, generation: Generation) -> None:
        """Take in another value of a generation."""
        with self._keeping():
            self.model.replace(generation)

    def take_out(self, generations: tuple[Generation, ...]) -> None:
        """Take generations out; the cursor stays where it was."""
        with self._keeping():
            self.model.remove(generations)

    def choose(self, generation: Generation) -> None:
        """Put the cursor on a generation from elsewhere, if it is shown, and tell so in any case."""
        row = self.model.row_of(generation)
        if row is not None and row != self.history_list.cursor:
            self.history_list.cursor = row
            self.history_list.show_row(row)
        else:
            self._tell()

    def step(self, by: int) -> None:
        """Move the cursor from another pane."""
        self.history_list.action_move(by)

    def on_history_list_marked(self) -> None:
        """How many are marked stands in the frame."""
        self._write_frame()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as typed; the chosen one stays chosen if it still matches."""
        event.stop()
        self._sought = self._sought or self.history_list.current
        self._ask(parse(event.value), self._asked.sort, after_refresh=True)
        self._write_frame()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the rows; an empty search goes away."""
        event.stop()
        self.query_one(SearchInput).display = bool(event.value)
        self.history_list.focus()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Tell which generation the cursor is on."""
        event.stop()
        if event.row != self._row:
            self._direction = 1 if event.row > self._row else -1
            self._row = event.row
        self._tell()

    def on_resize(self, _event: events.Resize) -> None:
        """The frame's words follow the width, and boards come or go."""
        self._boards.fit_in(self.size.width)
        self._write_frame()

    def on_descendant_focus(self) -> None:
        """The foot has the keys of rows or search."""
        self._sought = None
        self._write_frame()

    def on_descendant_blur(self) -> None:
        """The foot has the keys of the rows again."""
        self._sought = None
        self._write_frame()

    @contextmanager
    def _keeping(
        self, wanted: Generation | None = None, otherwise: int | None = None, *, came: bool = False
    ) -> Iterator[None]:
        """Keep the cursor on its generation, or put it on the one ``wanted``, through a change of the model.

        Where that is not shown any more, the cursor goes to the row ``otherwise``, or stays in its own.
        ``came``: all that changes is that rows come behind those that are shown.
        """
        kept = wanted or self.history_list.current
        row = self.history_list.cursor if otherwise is None else otherwise
        yield
        if came:
            self.history_list.rows_came()
        else:
            self.history_list.rows_changed()
        self._settle(kept, row)

    def _settle(self, kept: Generation | None, row: int) -> None:
        rows = self.history_list
        found = self.model.row_of(kept) if kept is not None else None
        if found is not None:
            rows.cursor = found
            rows.show_row(found)
        else:
            rows.move_to(max(row, 0))
        self._tell()
        self._write_frame()

    def _tell(self) -> None:
        current = self.history_list.current
        position = self.model.position(current) if current is not None else 0
        ahead = self.model.around(current, self._direction) if current is not None else ()
        total = self.model.total if self.model.query.finds_all else self.model.shown
        self.post_message(GenerationHighlighted(current, position, total, ahead))

    def _write_frame(self) -> None:
        width = max(0, self.size.width - 4)
        if width < 4:
            return
        total = self.model.total
        count = f"{total:,}" if self.model.query.finds_all else f"{self.model.shown:,} of {total:,}"
        title = f"History  {count}" if total else "History"
        if self.model.marks:
            title += f"  {len(self.model.marks)} marked"
        self.write_edges(content(clip(title, width)), Content(self._foot(width)))

    def _foot(self, width: int) -> str:
        search = self.query_one(SearchInput)
        if search.has_focus:
            hint = hint_at(self.model.query, search.cursor_position)
            return clip(hint, width) if hint is not None else fitting(HINT, width)
        return "Enter take" if self.history_list.shows_examples else footer("history", width)
