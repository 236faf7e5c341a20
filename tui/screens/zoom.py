"""A picture on the whole screen, and two beside each other."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui.domain.generation import Generation
from tui.domain.words import one_line
from tui.messages import StarRequested, StepRequested
from tui.widgets.image_view import ImageView
from tui.widgets.plain import Plain, content


def caption(generation: Generation) -> Content:
    """Star, prompt and options of a generation in one line."""
    star = ("★ ", "$text-accent") if generation.user.starred else ("", "")
    options = " · ".join(part for part in (generation.model, generation.aspect_ratio, generation.image_size) if part)
    words = one_line(generation.prompt) or generation.stem
    return Content.assemble(star, content(words), (f"   {one_line(options)}", "$muted"))


def differing(prompt: str, other: str) -> Content:
    """``prompt`` with the words that ``other`` lacks in the accent."""
    theirs = {_bare(word) for word in other.split()}
    words = [(word, "" if _bare(word) in theirs else "bold $text-accent") for word in one_line(prompt).split()]
    return Content(" ").join(Content.assemble(word) for word in words)


def _bare(word: str) -> str:
    """A word as it is compared: a comma behind it makes no other word."""
    return word.casefold().strip(",.;:!?") or word


class ZoomScreen(ModalScreen[None]):
    """One picture as large as the terminal; the arrow keys go through the history."""

    KEYS = "↑↓ others · f star · Esc back"
    BINDINGS = [
        Binding("escape,z,q,enter", "leave", "Leave", show=False),
        Binding("j,down,right", "step(1)", "Older", show=False),
        Binding("k,up,left", "step(-1)", "Newer", show=False),
        Binding("f", "star", "Star", show=False),
    ]

    def __init__(self, generation: Generation) -> None:
        super().__init__(classes="whole")
        self.generation = generation

    def compose(self) -> ComposeResult:
        """The picture above its caption."""
        yield ImageView(id="zoomed")
        yield Plain(classes="caption")

    def on_mount(self) -> None:
        """Show it, unless it was left before its inside came into being."""
        if self in self.app.screen_stack:
            self.show(self.generation)

    def show(self, generation: Generation) -> None:
        """Show another generation."""
        self.generation = generation
        image = generation.final_image
        self.query_one(ImageView).show(image.path if image is not None else None)
        self._write_caption()

    def on_resize(self) -> None:
        """The caption follows the width."""
        self._write_caption()

    def _write_caption(self) -> None:
        words = caption(self.generation)
        room = self.size.width - len(self.KEYS) - 4
        if room > 20:
            words = words.truncate(room, ellipsis=True, pad=True)
            words = Content.assemble(words, "  ", (self.KEYS, "$muted"))
        self.query_one(Plain).show(Content.assemble(" ", words))

    def action_leave(self) -> None:
        """Back to the panes."""
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        """Another row of the history."""
        self.app.post_message(StepRequested(by))

    def action_star(self) -> None:
        """Mark or unmark."""
        self.app.post_message(StarRequested(self.generation))


class CompareScreen(ModalScreen[None]):
    """Two pictures side by side, with the words that differ marked."""

    BINDINGS = [
        Binding("escape,c,q", "leave", "Leave", show=False),
        Binding("x,space", "swap", "Swap", show=False),
    ]

    def __init__(self, left: Generation, right: Generation) -> None:
        super().__init__(classes="whole")
        self._pair = (left, right)

    def compose(self) -> ComposeResult:
        """Two pictures above their words."""
        with Horizontal():
            for side in ("left", "right"):
                with Vertical(classes="side"):
                    yield ImageView(id=side)
                    yield Plain(id=f"{side}-words", classes="words")
        yield Plain(Content.assemble((" x swap · Esc back", "$muted")), classes="caption")

    def on_mount(self) -> None:
        """Show them, unless it was left before its inside came into being."""
        if self in self.app.screen_stack:
            self._show()

    def _show(self) -> None:
        left, right = self._pair
        for side, this, other in (("left", left, right), ("right", right, left)):
            image = this.final_image
            self.query_one(f"#{side}", ImageView).show(image.path if image is not None else None)
            options = Content(" · ").join(
                Content.assemble((one_line(value), "" if value == theirs else "bold $text-accent"))
                for value, theirs in (
                    (this.model, other.model),
                    (this.aspect_ratio, other.aspect_ratio),
                    (this.image_size, other.image_size),
                )
                if value
            )
            words = Content.assemble(differing(this.prompt, other.prompt), "\n", options)
            self.query_one(f"#{side}-words", Plain).show(words)

    def action_swap(self) -> None:
        """Left becomes right."""
        self._pair = (self._pair[1], self._pair[0])
        self._show()

    def action_leave(self) -> None:
        """Back to the panes."""
        self.dismiss(None)
