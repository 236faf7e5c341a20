"""Two pictures looked at together: side by side, one over the other, or what differs between them."""

import asyncio
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.worker import Worker

from tui.commands import Place as Where
from tui.commands import bindings_of, fitting, labels_of
from tui.domain.generation import Generation
from tui.domain.word_diff import Word, only, word_diff
from tui.domain.words import one_line, rating_stars
from tui.imaging.picture import PictureError, Stale
from tui.imaging.viewport import Place, Viewport, is_better_stacked, together
from tui.screens.covering import CoveringScreen
from tui.screens.zoom import zoom_words
from tui.widgets.cells import clip
from tui.widgets.debug_line import DebugLine
from tui.widgets.keys_line import KeysLine
from tui.widgets.pictures import pictures_of
from tui.widgets.plain import Plain, content
from tui.widgets.zoom_view import ZoomView

BEAT_SECONDS: Final = 0.8
_LETTERS: Final = ("A", "B")
_SIDES: Final = ("left", "right")
_PROMPT_LIMIT: Final = 4000
_AROUND: Final = 6
"""Lines that names and words take, about."""


class Pair(Container):
    """Two sides of exactly the same size beside or above each other, or each as large as all of it."""

    _layout_name: Literal["beside", "stacked", "over"] = "beside"

    def lay_out(self, name: Literal["beside", "stacked", "over"]) -> None:
        """Arrange the sides."""
        self._layout_name = name
        self._measure()

    def on_resize(self) -> None:
        """The sides follow."""
        self._measure()

    def _measure(self) -> None:
        beside, stacked = self._layout_name == "beside", self._layout_name == "stacked"
        # A picture is best asked for at its final size. Before the first layout one knows that this is as wide as the
        # screen, and of its height nothing.
        room = self.size.width or self.app.size.width
        half = self.size.height // 2 or "1fr"
        # A cell between them, two where the rest is odd: two halves that differ would have two scales.
        width = max(1, (room - 1) // 2)
        self.set_class(stacked, "stacked")
        for side in self.query(".side"):
            side.styles.width = width if beside else "100%"
            side.styles.height = half if stacked else "100%"
            gap = room - 2 * width if beside and side.id == "right-side" else 0
            side.styles.margin = (0, 0, 0, max(0, gap))


class CompareScreen(CoveringScreen):
    """Both are looked at in the same place at the same scale; below are the words that differ."""

    PLACE: Where = "compare"
    BINDINGS = bindings_of("compare")

    def __init__(self, left: Generation, right: Generation) -> None:
        super().__init__(classes="whole compare")
        self._pair = (left, right)
        self._letters = _LETTERS
        self._mode: Literal["pair", "over", "pixels"] = "pair"
        self._front = 0
        self._beat: Timer | None = None
        self._place = Place()
        self._pixels_words = ""
        self._begun = False
        self._stale = threading.Event()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def compose(self) -> ComposeResult:
        """Two pictures and the one of their difference, above what is said of them."""
        with Pair(id="pair"):
            for side in _SIDES:
                with Vertical(classes="side", id=f"{side}-side"):
                    yield Plain(id=f"{side}-name", classes="name")
                    yield ZoomView(id=f"{side}-view", picture_id=side)
            with Vertical(classes="side", id="pixels-side"):
                yield Plain(id="pixels-name", classes="name")
                yield ZoomView(id="pixels-view")
        with Horizontal(id="both-words"):
            for side in _SIDES:
                yield Plain(id=f"{side}-words", classes="words")
        yield Plain(id="differences", classes="caption")
        yield KeysLine()
        yield DebugLine()

    def on_mount(self) -> None:
        """Show them, unless it was left before its inside came into being."""
        if self in self.app.screen_stack:
            self._begun = True
            self._show()

    def on_unmount(self) -> None:
        """Nothing of the difference stays."""
        self._stale.set()
        if self._folder is not None:
            self._folder.cleanup()

    def _view(self, side: str) -> ZoomView:
        return self.query_one(f"#{side}-view", ZoomView)

    def _views(self) -> Sequence[ZoomView]:
        """Those that can be seen, the one that leads first."""
        if self._mode == "pixels":
            return [self._view("pixels")]
        views = [self._view(side) for side in _SIDES]
        return views if self._mode == "pair" else views[self._front :] + views[: self._front]

    def _show(self) -> None:
        for side, generation in zip(_SIDES, self._pair, strict=True):
            image = generation.final_image
            if image is None:
                self._view(side).show(None)
            else:
                self._view(side).show(image.path, size=(image.width, image.height))
        self._arrange()
        self._write()

    def on_resize(self) -> None:
        """Beside or above each other, and the words as wide as there is room."""
        if self._begun:
            self._arrange()
            self._write()

    def on_zoom_view_looked(self, event: ZoomView.Looked) -> None:
        """Where one is looked at, the others are."""
        event.stop()
        if event.by_hand and event.view.viewport is not None:
            self._look_in(event.view.viewport.place, event.view)
        else:
            event.view.look_in(self._place)
            self._arrange()
        self._write()

    def _look_in(self, place: Place, there: ZoomView | None = None) -> None:
        """All of them, but for the one that looks there already."""
        self._place = place
        for view in self.query(ZoomView):
            if view is not there:
                view.look_in(place)

    def _arrange(self) -> None:
        """At one scale, side by side or one above the other: whichever shows more of them."""
        shapes = [picture for side in _SIDES if (picture := self._view(side).picture) is not None]
        for side in _SIDES:
            self._view(side).stand_among(shapes)
        width, height = pictures_of(self.app).cell
        stacked = is_better_stacked((self.size.width, self.size.height - _AROUND), height / width, shapes)
        self.query_one(Pair).lay_out("over" if self._mode != "pair" else "stacked" if stacked else "beside")
        self.set_class(self._mode != "pair", "over")
        seen = {"pair": _SIDES, "over": (_SIDES[self._front],), "pixels": ("pixels",)}[self._mode]
        for side in (*_SIDES, "pixels"):
            # Hidden and not gone: what it shows stays ready, so that a change costs no picture.
            self.query_one(f"#{side}-side").set_class(side not in seen, "hidden")

    def _write(self) -> None:
        width = max(0, self.size.width - 2)
        for side, letter, generation in zip(_SIDES, self._letters, self._pair, strict=True):
            self.query_one(f"#{side}-name", Plain).show(self._side_name(side, letter, generation))
        self.query_one("#pixels-name", Plain).show(one_line(self._pixels_words))
        for side, words in zip(_SIDES, self._words(), strict=True):
            self.query_one(f"#{side}-words", Plain).show(_marked(words))
        self.query_one("#differences", Plain).show(Content.assemble(" ", self._differences(width)))
        back = "Esc side by side" if self._mode != "pair" else "Esc back"
        *labels, _ = labels_of("compare")
        self.query_one(KeysLine).list_keys([back, "←↑↓→ move", *labels])

    def _side_name(self, side: str, letter: str, generation: Generation) -> Content:
        """How close one is, and what tells it from the other; the last of it left out where room is short."""
        image = generation.final_image
        picture = self._view(side).picture
        if picture is None and image is not None:
            picture = image.width, image.height
        days = {each.created_at.astimezone().date() for each in self._pair}
        told = [
            zoom_words(self._view(side).viewport),
            f"{picture[0]}×{picture[1]}" if picture is not None else "no picture",
            f"{generation.created_at.astimezone():{'%H:%M' if len(days) == 1 else '%Y-%m-%d %H:%M'}}",
            rating_stars(generation.user.rating),
            one_line(image.path.name) if image is not None else "",
        ]
        star = " ★" if generation.user.starred else ""
        room = max(0, self.query_one(f"#{side}-side").size.width - 5 - len(star))
        line = content(fitting((words for words in told if words), room)).stylize("$muted")
        return Content.assemble((f" {letter}{star} ", "bold $text-accent"), line)

    def _words(self) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
        left, right = (one_line(generation.prompt, _PROMPT_LIMIT) for generation in self._pair)
        return word_diff(left, right)

    def _differences(self, width: int) -> Content:
        """Which one is made from the other, and what only one of them has: options, then words, marked above."""
        (left, right), (ours, theirs) = self._pair, self._words()
        first, second = self._letters
        parts = [
            f"{second} is made from {first}" if right.parent == left.id else "",
            f"{first} is made from {second}" if left.parent == right.id else "",
        ]
        for name, this, other in (
            ("model", left.model, right.model),
            ("ratio", left.aspect_ratio, right.aspect_ratio),
            ("size", left.image_size, right.image_size),
        ):
            if this != other:
                parts.append(f"{name} {this or 'unknown'} → {other or 'unknown'}")
        parts += [
            f"− {', '.join(only(ours))}" if only(ours) else "",
            f"+ {', '.join(only(theirs))}" if only(theirs) else "",
        ]
        told = " · ".join(one_line(part, 600) for part in parts if part)
        words = told or "The same words and options."
        return content(clip(words, width)).stylize("$text-accent" if told else "$muted")

    def _zoom(self, changed: Callable[[Viewport], Viewport]) -> None:
        """The first that is seen leads, and all get as close, in the place where they are."""
        seen = [viewport for view in self._views() if (viewport := view.viewport) is not None]
        if seen:
            self._look_in(together(seen, replace(self._place, scale=changed(seen[0]).place.scale)))
            self._write()

    def action_step(self, by: int) -> None:
        """Both closer, or further away."""
        self._zoom(lambda lead: lead.stepped(by))

    def action_fit(self) -> None:
        """All of both."""
        self._zoom(lambda lead: lead.zoomed(lead.fit_zoom))

    def action_exact(self) -> None:
        """One to one, and fitting again."""
        self._zoom(Viewport.exact)

    def action_pan(self, across: int, down: int) -> None:
        """Over both, as far as the one goes that goes on furthest."""
        axis = 0 if across else 1
        seen = [(viewport.grid[axis], view) for view in self._views() if (viewport := view.viewport) is not None]
        if seen:
            max(seen, key=lambda each: each[0])[1].pan(across, down)

    def action_swap(self) -> None:
        """Left becomes right."""
        self._pair = (self._pair[1], self._pair[0])
        self._letters = (self._letters[1], self._letters[0])
        self._show()

    def action_blink(self) -> None:
        """One over the other; from then on, the other one."""
        self._front = 1 - self._front if self._mode == "over" else 0
        self._enter("over")

    def action_beat(self) -> None:
        """Let them change by themselves, or stop that."""
        if self._beat is not None:
            self._rest()
            return
        self.action_blink()
        self._beat = self.set_interval(BEAT_SECONDS, self.action_blink)

    def action_pixels(self) -> None:
        """What differs, in place of the two; again: the two."""
        self._rest()
        if self._mode == "pixels":
            self._enter("pair")
            return
        self._enter("pixels")
        if self._folder is None:
            self._pixels_words = "Comparing the pixels …"
            self._write()
            _: Worker[None] = self.run_worker(self._compare_pixels, group="pixels", exclusive=True, exit_on_error=False)

    def action_leave(self) -> None:
        """To both side by side, and from there back to the panes."""
        self._rest()
        if self._mode == "pair":
            self.dismiss(None)
        else:
            self._enter("pair")

    def _enter(self, mode: Literal["pair", "over", "pixels"]) -> None:
        self._mode = mode
        self._arrange()
        self._write()

    def _rest(self) -> None:
        if self._beat is not None:
            self._beat.stop()
            self._beat = None

    async def _compare_pixels(self) -> None:
        """The difference does not care which is left: it is made once."""
        images = [generation.final_image for generation in self._pair]
        paths = [image.path for image in images if image is not None]
        if len(paths) < 2:
            self._pixels_words = "One of them has no picture."
        else:
            self._folder = tempfile.TemporaryDirectory(prefix="image-gen-")
            target = Path(self._folder.name) / "difference.png"
            self._pixels_words = await asyncio.to_thread(_told_difference, paths[0], paths[1], target, self._stale)
            if not self.is_running:
                return
            if target.exists():
                self._view("pixels").show(target)
        self._write()


def _marked(words: Sequence[Word]) -> Content:
    """A prompt with the words that the other lacks in the accent."""
    spaced = ((" " if word.spaced else "") + word.text for word in words)
    return Content.assemble(
        *(
            content(text).stylize("bold $text-accent") if word.differs else content(text)
            for word, text in zip(words, spaced, strict=True)
        )
    )


def _told_difference(left: Path, right: Path, target: Path, stale: threading.Event) -> str:
    """Blocking: write the difference and say it in a sentence."""
    from tui.imaging.difference import write_difference

    try:
        found = write_difference(left, right, target, stale.is_set)
    except Stale:
        return ""
    except PictureError as error:
        return error.words
    except OSError as error:
        return f"The difference cannot be written: {error.strerror}."
    size = f" Both were scaled to {found.scaled[0]}×{found.scaled[1]}." if found.scaled is not None else ""
    if not found.any:
        return f"Not one pixel differs.{size}"
    shown = f", shown {found.gain} times as strong" if found.gain > 1 else ""
    return (
        f"{_percent(found.any)} of the pixels differ, {_percent(found.clear)} clearly, "
        f"by {found.mean:.1f} of 255 on average{shown}.{size}"
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if share >= 0.001 or share == 0 else "under 0.1 %"
