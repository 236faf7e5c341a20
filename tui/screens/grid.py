"""The history as small pictures filling the screen."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen

from tui.commands import Place, bindings_of, footer
from tui.domain.generation import Generation
from tui.domain.words import one_line
from tui.messages import ChooseRequested, HistoryActionRequested, ZoomRequested
from tui.widgets.debug_line import DebugLine
from tui.widgets.grid_view import GridView, Shelf
from tui.widgets.plain import Plain, content


class GridScreen(ModalScreen[None]):
    """Small pictures of what the history shows; what is done with one is done by the history."""

    PLACE: Place = "grid"
    BINDINGS = bindings_of("grid")

    def __init__(self, shelf: Shelf, generation: Generation | None) -> None:
        super().__init__(classes="whole")
        self._shelf = shelf
        self._generation = generation
        self._chosen: str | None = None

    def compose(self) -> ComposeResult:
        """The tiles above a line of words."""
        yield GridView(self._shelf)
        yield Plain(classes="caption")
        yield DebugLine()

    def on_mount(self) -> None:
        """Begin, unless it was left before its inside came into being."""
        if self in self.app.screen_stack:
            self.grid.focus()
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
        width = self.size.width - 2
        current, total = self.grid.current, len(self._shelf.generations)
        if current is None:
            self.query_one(Plain).show(Content(" Nothing to show. Esc goes back."))
            return
        marked = f" · {len(self._shelf.marked)} marked" if self._shelf.marked else ""
        place = f"{self.grid.cursor + 1:,} of {total:,}{marked}"
        room = max(0, width - len(place) - 3)
        keys = footer("grid", room * 2 // 3 if width >= 70 else 0)
        words = content(one_line(current.prompt) or current.stem)
        words = words.truncate(max(0, room - cell_len(keys) - 2), ellipsis=True, pad=True)
        self.query_one(Plain).show(Content.assemble(" ", words, "  ", (keys, "$muted"), "   ", (place, "$text-accent")))

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
