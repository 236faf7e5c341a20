"""The preview pane: the picture is the screen."""

from collections.abc import Iterable
from pathlib import Path

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content

from tui.commands import bindings_of, footer
from tui.domain.delivered import MARK, MODEL, asked_words, is_other
from tui.domain.generation import Generation, ImageFile
from tui.domain.options import find_model
from tui.domain.words import file_size, one_line, rating_stars
from tui.messages import (
    EditRequested,
    GridRequested,
    OpenRequested,
    StarRequested,
    StepRequested,
    WordsRequested,
    ZoomRequested,
)
from tui.widgets.cells import clip
from tui.widgets.image_view import ImageView
from tui.widgets.pane import Pane
from tui.widgets.plain import Plain, content


def kind(image: ImageFile) -> str:
    """The picture's type in a word: ``PNG``."""
    return image.mime.rpartition("/")[2].upper()


def facts_of(generation: Generation) -> list[str]:
    """Pixels, type and size, words and further pictures, seconds, model; the last go first where room is short.

    What was asked stands before the pixels where it differs from what came, and behind them who answered
    in the place of the model.
    """
    image = generation.picture
    facts = []
    if image is not None:
        asked = asked_words(generation)
        pixels = f"{image.width}×{image.height}"
        mark = f"{MARK} " if is_other(generation) else ""
        facts.append(f"{mark}asked {one_line(asked)}, got {pixels}" if asked else f"{mark}{pixels}")
        if any(warning.code == MODEL for warning in generation.warnings):
            facts.append(f"{one_line(find_model(generation.reply.model or '').label)} answered")
        facts.append(f"{kind(image)} {file_size(image.bytes)}")
    if generation.user.rating:
        facts.append(rating_stars(generation.user.rating))
    if generation.user.tags:
        facts.append(one_line(" ".join(f"#{tag}" for tag in generation.user.tags), 60))
    if len(generation.images) > 1:
        facts.append(f"{len(generation.images)} pictures")
    if generation.user.notes:
        facts.append("n note")
    if generation.reply.text or generation.made_with is not None:
        facts.append("t words")
    if generation.elapsed is not None:
        facts.append(f"{int(generation.elapsed)} s")
    if generation.model:
        facts.append(one_line(generation.model))
    return facts


def trouble_of(generation: Generation) -> str | None:
    """One sentence on why there is no picture to show, None where there is one."""
    if generation.damage is not None:
        return f"The metadata file is damaged: {generation.damage}"
    image = generation.final_image
    if image is None:
        return "This generation has no picture."
    if image.missing:
        return f"{image.path.name} is gone: something else moved or deleted it."
    return None


class PreviewPane(Pane, can_focus=True):
    """The newest picture, or the chosen one, with its facts in the frame."""

    BINDINGS = bindings_of("preview")

    def __init__(self) -> None:
        super().__init__(id="preview", classes="pane")
        self.generation: Generation | None = None
        self._position = (0, 0)
        self._ahead: list[Path] = []
        self._frames = 1
        self._welcome: Content = Content("")

    def compose(self) -> ComposeResult:
        """The picture, and words in its place while there is none."""
        yield ImageView(id="picture")
        yield Plain(id="welcome")

    def on_mount(self) -> None:
        """Begin with the words."""
        self._write()

    def show(self, generation: Generation | None, position: int, total: int, ahead: Iterable[Generation] = ()) -> None:
        """Show a generation; the picture before it stays until its own is ready. ``ahead`` may come next."""
        same = generation == self.generation
        self.generation = generation
        self._position = (position, total)
        self._ahead = [image.path for each in ahead if (image := each.picture) is not None]
        if same:
            self.query_one(ImageView).expect(self._ahead)
            self._write_frame()
            return
        self._frames = 1
        self._write()

    def welcome(self, words: Content) -> None:
        """What to say while there is nothing to show."""
        self._welcome = words
        if self.generation is None:
            self._write()

    def on_resize(self) -> None:
        """The frame's words follow the width."""
        self._write_frame()

    def _write(self) -> None:
        generation = self.generation
        trouble = trouble_of(generation) if generation is not None else None
        image = generation.final_image if generation is not None else None
        has_picture = image is not None and trouble is None
        self.query_one(ImageView).display = has_picture
        words = self.query_one("#welcome", Plain)
        words.display = not has_picture
        if not has_picture:
            # Even out of sight, other words would have everything arranged anew.
            words.show(content(trouble) if trouble else self._welcome)
        self.query_one(ImageView).show(image.path if image is not None and has_picture else None, self._ahead)
        self._write_frame()

    def on_image_view_shown(self, event: ImageView.Shown) -> None:
        """Whether it plays is known when it was opened."""
        frames = event.info.frames
        if event.path == self.query_one(ImageView).path and frames != self._frames:
            self._frames = frames
            self._write_frame()

    def _write_frame(self) -> None:
        width = max(0, self.size.width - 4)
        generation = self.generation
        if width < 6:
            return
        if generation is None:
            self.write_edges(Content("Preview"))
            return
        star = "★ " if generation.user.starred else ""
        above = content(star + clip(generation.title, width - len(star)))
        position = f"{self._position[0]} of {self._position[1]:,}" if self._position[1] else ""
        facts = facts_of(generation)
        if self._frames > 1:
            facts.insert(1, f"▶ {self._frames} frames")
        between = "  ──  "
        while facts and cell_len(" · ".join(facts) + between + position) > width:
            facts.pop()
        line = between.join(part for part in (" · ".join(facts), position) if part)
        self.write_edges(above, content(line or footer("preview", width)))

    def action_step(self, by: int) -> None:
        """Move through the history."""
        self.post_message(StepRequested(by))

    def action_zoom(self) -> None:
        """Fill the screen."""
        if self.generation is not None:
            self.post_message(ZoomRequested(self.generation))

    def action_grid(self) -> None:
        """Small pictures filling the screen."""
        self.post_message(GridRequested())

    def action_star(self) -> None:
        """Mark or unmark."""
        if self.generation is not None:
            self.post_message(StarRequested((self.generation,)))

    def action_edit(self) -> None:
        """Start from it."""
        if self.generation is not None:
            self.post_message(EditRequested(self.generation))

    def action_open(self) -> None:
        """Open it outside."""
        if self.generation is not None:
            self.post_message(OpenRequested(self.generation))

    def action_words(self) -> None:
        """Read what was said about it."""
        if self.generation is not None:
            self.post_message(WordsRequested(self.generation))
