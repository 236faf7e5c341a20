"""The history as small pictures filling the screen."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content

from tui.commands import Place, bindings_of, labels_of
from tui.domain.generation import Generation
from tui.domain.words import one_line, rating_stars
from tui.messages import ChooseRequested, HistoryActionRequested, ZoomRequested
from tui.screens.covering import CoveringScreen
from tui.widgets.debug_line import DebugLine
from tui.widgets.grid_view import GridView, Shelf
from tui.widgets.keys_line import KeysLine
from tui.widgets.plain import Plain, content


class GridScreen(CoveringScreen):
    """Small pictures of what the history shows; what is done with one is done by the history."""

    PLACE: Place = "grid"
    BINDINGS = bindings_of("grid")

    def __init__(self, shelf: Shelf, generation: Generation | None) -> None:
        super().__init__(classes="whole")
        self._shelf = shelf
        self._generation = generation
        self._chosen: str | None = None

    def compose(self) -> ComposeResult:
        """The tiles above a line of what is under the cursor and a line of keys."""
        yield GridView(self._shelf)
        yield Plain(id="grid-caption", classes="caption")
        yield KeysLine()
        yield DebugLine()

    def on_mount(self) -> None:
        """Begin, unless it was left before its inside came into being."""
        if self in self.app.screen_stack:
            self.grid.focus()
            *labels, back = labels_of("grid")
            self.query_one(KeysLine).list_keys([*labels[:1], back, *labels[1:]])
            self.follow(self._generation)

    @property
    def grid(self) -> GridView:
        """The tiles."""
        return self.query_one(GridView)

    def follow(self, generation: Generation | None) -> None:
        """The history changed, or its cursor did."""
        if generation is not None and self._chosen in (None, generation.id):
            self._chosen = None
            self.grid.follow(generation)
        else:
            # The history is still on its way to where our cursor stands by now.
            self.grid.rearrange()
        self._write_caption()

    def marks_changed(self) -> None:
        """Others are marked now."""
        for grid in self.query(GridView):
            grid.refresh()
            self._write_caption()

    def on_resize(self) -> None:
        """The caption follows the width."""
        self._write_caption()

    def on_grid_view_moved(self, event: GridView.Moved) -> None:
        """The history's cursor goes along."""
        event.stop()
        self._chosen = event.generation.id
        self.app.post_message(ChooseRequested(event.generation))
        self._write_caption()

    def on_grid_view_opened(self, event: GridView.Opened) -> None:
        """See one large; Esc comes back here."""
        event.stop()
        self.app.post_message(ZoomRequested(event.generation))

    def _write_caption(self) -> None:
        """Star and prompt of the one under the cursor; at the right its rating and place, and how many are marked."""
        caption = self.query_one("#grid-caption", Plain)
        current, total = self.grid.current, len(self._shelf.generations)
        if current is None:
            caption.show(Content(" Nothing to show. Esc goes back."))
            return
        marked = f"{len(self._shelf.marked)} marked" if self._shelf.marked else ""
        told = (rating_stars(current.user.rating), f"{self.grid.cursor + 1:,} of {total:,}", marked)
        place = " · ".join(words for words in told if words)
        star = ("★ ", "$text-accent") if current.user.starred else ("", "")
        room = max(0, self.size.width - 2 - len(star[0]) - cell_len(place) - 3)
        words = content(one_line(current.prompt) or current.stem).truncate(room, ellipsis=True, pad=True)
        caption.show(Content.assemble(" ", star, words, "   ", (place, "$text-accent")))

    def action_leave(self) -> None:
        """Back to the panes."""
        self.dismiss(None)

    def action_history(self, action: str) -> None:
        """Let the history do it with the generation under the cursor."""
        self.app.post_message(HistoryActionRequested(action))

    def action_leave_for(self, action: str) -> None:
        """Back to the panes, and go on there with the generation under the cursor."""
        self.dismiss(None)
        self.app.post_message(HistoryActionRequested(action))

    def action_mark(self) -> None:
        """Mark it and go on to the next."""
        self.app.post_message(HistoryActionRequested("mark"))

    def action_rate(self, rating: int) -> None:
        """So many stars of five; 0 takes them back."""
        if self.grid.current is not None:
            self.app.post_message(HistoryActionRequested(f"rate({rating})"))
