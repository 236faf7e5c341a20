"""A picture on the whole screen, as close as one likes, with its facts and the history an arrow key away."""

from collections.abc import Iterable

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content

from tui.commands import Place, bindings_of, fitting, labels_of
from tui.domain.generation import Generation
from tui.domain.words import file_size, one_line, rating_stars
from tui.imaging.viewport import Viewport
from tui.messages import (
    EditRequested,
    HistoryActionRequested,
    RateRequested,
    StarRequested,
    StepRequested,
    TrashRequested,
    UndoRequested,
    WordsRequested,
)
from tui.screens.covering import CoveringScreen
from tui.widgets.debug_line import DebugLine
from tui.widgets.keys_line import KeysLine
from tui.widgets.plain import Plain, content
from tui.widgets.zoom_view import ZoomView


def zoom_words(viewport: Viewport | None) -> str:
    """How close one is: ``fit 39 %``, ``1:1``, ``141 %``."""
    if viewport is None:
        return ""
    percent = f"{viewport.zoom * 100:.0f} %" if viewport.zoom >= 0.1 else f"{viewport.zoom * 100:.1f} %"
    if viewport.zoom == 1:
        percent = "1:1"
    return f"fit {percent}" if viewport.fits else percent


class ZoomScreen(CoveringScreen):
    """One picture as large as the terminal. Arrows move over it; at fit, where nothing moves, they change it."""

    PLACE: Place = "zoom"
    BINDINGS = bindings_of("zoom")

    def __init__(
        self, generation: Generation, position: int = 0, total: int = 0, ahead: Iterable[Generation] = ()
    ) -> None:
        super().__init__(classes="whole zoom")
        self.generation = generation
        self._position = (position, total)
        self._ahead = tuple(ahead)
        self._begun = False

    def compose(self) -> ComposeResult:
        """The picture above a line of what it is and a line of keys; its facts lie over it."""
        yield ZoomView()
        yield Plain(id="zoom-caption", classes="caption")
        yield KeysLine()
        yield Plain(id="zoom-facts")
        yield DebugLine()

    @property
    def view(self) -> ZoomView:
        """The picture."""
        return self.query_one(ZoomView)

    def on_mount(self) -> None:
        """Show it, unless it was left before its inside came into being."""
        if self in self.app.screen_stack:
            self._begun = True
            self.query_one("#zoom-facts").display = False
            self.show(self.generation, *self._position, self._ahead)

    def show(self, generation: Generation, position: int = 0, total: int = 0, ahead: Iterable[Generation] = ()) -> None:
        """Show another generation, ``position`` of ``total`` in the history (from 1, 0 where it is not there).

        ``ahead`` may come next, the likeliest first.
        """
        self.generation = generation
        self._position = (position, total)
        image = generation.final_image
        coming = [each.path for other in ahead if (each := other.picture) is not None]
        self.view.show(image.path if image is not None else None, coming)
        self._write()

    def on_resize(self) -> None:
        """The words follow the width."""
        if self._begun:
            self._write()

    def on_zoom_view_looked(self, event: ZoomView.Looked) -> None:
        """The words follow the zoom."""
        event.stop()
        self._write()

    def _write(self) -> None:
        width = max(0, self.size.width - 2)
        self.query_one("#zoom-caption", Plain).show(Content.assemble(" ", self._caption(width)))
        self.query_one(KeysLine).list_keys(self._keys())
        facts = self.query_one("#zoom-facts", Plain)
        if facts.display:
            facts.show(self._facts())

    def _caption(self, width: int) -> Content:
        """Star and prompt; at the right what the picture is, the last of it left out where room is short."""
        generation = self.generation
        image = generation.final_image
        position, total = self._position
        told = [
            zoom_words(self.view.viewport),
            f"{position:,} of {total:,}" if position else "",
            rating_stars(generation.user.rating),
            one_line(image.path.name) if image is not None else "no picture",
            f"{image.width}×{image.height}" if image is not None else "",
            "▶ a plays" if self.view.info is not None and self.view.info.animated else "",
        ]
        right = fitting((words for words in told if words), max(0, width * 2 // 3))
        star = ("★ ", "$text-accent") if generation.user.starred else ("", "")
        room = max(0, width - cell_len(right) - 3 - len(star[0]))
        prompt = content(generation.title).truncate(room, ellipsis=True, pad=True)
        return Content.assemble(star, prompt, "   ", content(right).stylize("$muted"))

    def _keys(self) -> list[str]:
        viewport = self.view.viewport
        arrows = "←↑↓→ move" if viewport is not None and viewport.overflows else "↑↓ others"
        *labels, back = labels_of("zoom")
        return [arrows, back, *labels]

    def _facts(self) -> Content:
        """All that is known of the picture, a line each."""
        generation, image, info = self.generation, self.generation.final_image, self.view.info
        user = generation.user
        told = [
            ("file", image.path.name if image is not None else "none"),
            ("pixels", f"{info.width}×{info.height}" if info is not None else ""),
            ("type", f"{image.mime.rpartition('/')[2].upper()} {file_size(image.bytes)}" if image is not None else ""),
            ("zoom", zoom_words(self.view.viewport)),
            ("made", f"{generation.created_at.astimezone():%Y-%m-%d %H:%M:%S}"),
            ("took", f"{generation.elapsed:.0f} s" if generation.elapsed is not None else ""),
            ("model", generation.model),
            ("answered", generation.reply.model if generation.reply.model != generation.model else ""),
            ("program", generation.made_with.words if generation.made_with is not None else ""),
            ("options", " · ".join(each for each in (generation.aspect_ratio, generation.image_size) if each)),
            ("from", ", ".join(reference.file.rpartition("/")[2] for reference in generation.references)),
            ("starred", "★" if user.starred else ""),
            ("rating", rating_stars(user.rating)),
            ("tags", ", ".join(user.tags)),
        ]
        lines = [Content.assemble((f"{name:<9}", "$muted"), content(one_line(words))) for name, words in told if words]
        warnings = [
            Content.assemble(("! ", "$text-warning"), content(one_line(warning.message)))
            for warning in generation.warnings
        ]
        prompt = content(one_line(generation.prompt, 1200) or "no prompt is known")
        return Content("\n").join([*lines, *warnings, Content(""), prompt])

    def action_leave(self) -> None:
        """Back to the panes."""
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        """Closer or further away."""
        self.view.step(by)

    def action_fit(self) -> None:
        """All of it."""
        self.view.fit()

    def action_exact(self) -> None:
        """One to one, and fitting again."""
        self.view.toggle_exact()

    def action_pan(self, across: int, down: int) -> None:
        """Move over the picture; where all of it is seen, to the next one or the one before."""
        viewport = self.view.viewport
        if viewport is not None and viewport.overflows:
            self.view.pan(across, down)
        else:
            self.action_go(across + down)

    def action_go(self, by: int) -> None:
        """Another row of the history."""
        self.app.post_message(StepRequested(by))

    def action_facts(self) -> None:
        """All about it, over it."""
        facts = self.query_one("#zoom-facts")
        facts.display = not facts.display
        self._write()

    def action_star(self) -> None:
        """Mark or unmark."""
        self.app.post_message(StarRequested((self.generation,)))

    def action_rate(self, rating: int) -> None:
        """So many stars of five; 0 takes them back."""
        self.app.post_message(RateRequested((self.generation,), rating))

    def action_trash(self) -> None:
        """This one, and no other that is marked; the history goes on to the next."""
        self.app.post_message(TrashRequested((self.generation,)))

    def action_restore(self) -> None:
        """Bring back what was trashed last."""
        self.app.post_message(UndoRequested())

    def action_play(self) -> None:
        """Play what is animated, or stop."""
        if not self.view.toggle_play():
            self.say("This picture does not move.")

    def action_edit(self) -> None:
        """Start from it, in the panes."""
        self.dismiss(None)
        self.app.post_message(EditRequested(self.generation))

    def action_compare(self) -> None:
        """Beside the one it was made from, or the one that is marked."""
        self.app.post_message(HistoryActionRequested("compare"))

    def action_words(self) -> None:
        """All that was said about it."""
        self.app.post_message(WordsRequested(self.generation))
