"""The pane's picture: shown as large as it fits, by whatever the terminal can, never in anyone's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.segment import Segment
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.worker import Worker

from tui.domain.words import one_line
from tui.imaging.picture import PictureError, PictureInfo, Stale
from tui.imaging.pool import Rank
from tui.terminal.blocks import NoRoom
from tui.terminal.probe import Protocol
from tui.widgets.bringing import Bringing, Pace
from tui.widgets.drawing import Ask, Drawing, Made
from tui.widgets.one_frame import one_frame_of
from tui.widgets.picture_widget import PictureWidget
from tui.widgets.pictures import Pictures, background_of, pictures_of

RESIZE_PAUSE: Final = 0.15
"""Seconds of rest after a resize before the picture is prepared again."""

HELD: Final = 0.12
"""Seconds between two pictures under which a key is being held."""

_GROUP: Final = "image-view"


class ImageView(PictureWidget):
    """Shows one picture file, centred, at the pane's exact pixels.

    ``show`` may be called at any rate: the newest wins, the last picture stays until something of the new one is
    ready. Decoding and encoding happen in threads. How pictures are drawn is in ``app.terminal_facts``.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ImageView {
        width: 1fr;
        height: 1fr;
    }
    """

    class Shown(Message):
        """The picture is on the screen, sharp."""

        def __init__(self, view: ImageView, path: Path, info: PictureInfo) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.info = info
            self.width = info.width
            self.height = info.height
            self.mime = info.mime
            self.animated = info.animated

        @property
        def control(self) -> ImageView:
            """The view that shows it."""
            return self.view

    class Failed(Message):
        """The file cannot be shown; ``words`` is the sentence that stands in the pane."""

        def __init__(self, view: ImageView, path: Path, words: str) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.words = words

        @property
        def control(self) -> ImageView:
            """The view that shows the sentence."""
            return self.view

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        within: Callable[[int, int], tuple[float, float] | None] | None = None,
    ) -> None:
        """``within`` tells for columns and rows of the view how many of them the picture may take, None for all."""
        super().__init__(name=name, id=id, classes=classes)
        self._within = within
        self._path: Path | None = None
        self._wanted: Ask | None = None
        self._shown: Ask | None = None
        self._drawing: Drawing | None = None
        self._info: PictureInfo | None = None
        self._words = ""
        self._ahead: tuple[Path, ...] = ()
        self._asked_at = 0.0
        self._stale = threading.Event()
        self._rest: Timer | None = None
        self._bringing: Bringing | None = None
        self._pace = Pace()

    @property
    def path(self) -> Path | None:
        """The file asked for last."""
        return self._path

    @property
    def info(self) -> PictureInfo | None:
        """Facts of the picture that is on the screen now."""
        return self._info

    @property
    def busy(self) -> bool:
        """True while the picture asked for is not on the screen yet, or only coarsely, or for another size."""
        ask = self._ask()
        return self._is_on_its_way or (ask is not None and not self._is_answered(ask))

    @property
    def _is_on_its_way(self) -> bool:
        return self._path is not None and (self._wanted is None or self._wanted != self._shown)

    @property
    def protocol(self) -> Protocol:
        """How pictures are drawn here."""
        return self._pictures.protocol

    @property
    def _pictures(self) -> Pictures:
        return pictures_of(self.app)

    def show(self, path: Path | None, ahead: Iterable[Path] = ()) -> None:
        """Show ``path``, or nothing. What is shown already at this size is not prepared again.

        ``ahead`` is what will probably be shown next, the likeliest first: it is prepared when there is time.
        """
        rushed = False
        if path == self._path:
            self.expect(ahead)
        else:
            now = time.monotonic()
            rushed, self._asked_at = now - self._asked_at < HELD, now
            self._path, self._ahead = path, tuple(ahead)
        if path is None:
            self._give_up()
            self._wanted = None
            self._put(None, None, None, "")
        else:
            if self._words:
                # What failed may have been repaired meanwhile.
                self._wanted = None
            self._request(rushed=rushed)

    def expect(self, ahead: Iterable[Path]) -> None:
        """What will probably be shown next has changed."""
        self._ahead = tuple(ahead)
        if not self._is_on_its_way:
            self._look_ahead()

    def fit_again(self) -> None:
        """What the picture may take of the view has changed."""
        self._request()

    def on_resize(self, event: Resize) -> None:
        """Prepare for the new size, once it rests; the first size at once."""
        event.stop()
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if self._wanted is None:
            self._request()
        else:
            self._rest = self.set_timer(RESIZE_PAUSE, self._request)

    def notify_style_update(self) -> None:
        """Another theme: transparency, and what a cell has more than the picture, take its background."""
        super().notify_style_update()
        if self._wanted is not None and self.is_attached and self._wanted.background != background_of(self):
            self._request()

    def pictures_lost(self) -> None:
        """Bring the picture to the terminal again."""
        self._wanted = None
        self._request()

    def on_unmount(self) -> None:
        """Leave nothing behind in the terminal, and no thread at work."""
        self._give_up()
        self._pictures.ahead(self, ())
        self._put(None, None, None, "")

    def render_line(self, y: int) -> Strip:
        """One row: the picture's cells between blanks, or the sentence that says why there is none."""
        width, height = self.size
        base = self.visual_style.rich_style
        drawing = self._drawing
        if drawing is None or drawing.rows == 0:
            return self._text_line(y)
        row = y - (height - drawing.rows) // 2
        if not 0 <= row < drawing.rows:
            return Strip.blank(width, base)
        strip = Strip(drawing.row(row, base), drawing.columns)
        left = (width - drawing.columns) // 2
        if left < 0:
            return strip.crop(-left, -left + width)
        right = width - drawing.columns - left
        return Strip([Segment(" " * left, base), *strip, Segment(" " * right, base)], width)

    def _text_line(self, y: int) -> Strip:
        width, height = self.size
        base = self.visual_style.rich_style
        words = self._words or self._facts_in_words()
        lines = Content(words).wrap(max(2, width - 2)) if words and width > 2 else []
        row = y - max(0, (height - len(lines)) // 2)
        if not 0 <= row < len(lines):
            return Strip.blank(width, base)
        text = lines[row].plain.strip()
        strip = Strip([Segment(text, base)])
        left = max(0, (width - strip.cell_length) // 2)
        return Strip([Segment(" " * left, base), *strip]).adjust_cell_length(width, base)

    def _facts_in_words(self) -> str:
        if self._info is None or self._drawing is None or self._shown is None:
            return ""
        kind = self._info.mime.removeprefix("image/").upper()
        return f"{one_line(self._shown.path.name)}\n{self._info.width}×{self._info.height} {kind}"

    def _request(self, *, rushed: bool = False) -> None:
        """Start preparing what is wanted, unless it is on its way or on the screen."""
        ask = self._ask()
        if ask is None or self._is_answered(ask):
            return
        self._give_up()
        self._pictures.keep_ahead(self, None if rushed else ask)
        self._wanted = ask
        self._stale = threading.Event()
        stale = self._stale
        if self._pictures.at_hand(ask) is None:
            one_frame_of(self.app).let_go()

        async def bring() -> None:
            # A function and no coroutine: one given up before it begins would be a coroutine nobody awaited.
            await self._bring(ask, stale, rushed)

        _: Worker[None] = self.run_worker(bring, name="picture", group=_GROUP, exclusive=True)

    def _is_answered(self, ask: Ask) -> bool:
        """By what is on its way or on the screen; what is there already was worth its bytes."""
        return ask == self._wanted or (ask.thrifty and replace(ask, thrifty=False) == self._wanted)

    def _ask(self) -> Ask | None:
        width, height = self.size
        if self._path is None or not self.is_attached or width < 1 or height < 1:
            return None
        pictures = self._pictures
        if pictures.protocol == "sixel" and self.region.bottom >= self.app.size.height:
            # A Sixel on the last line scrolls the whole screen.
            height = max(1, height - 1)
        ask = pictures.ask(self, self._path, width, height)
        return ask if self._within is None else replace(ask, within=self._within(width, height))

    def _look_ahead(self) -> None:
        """What comes next is prepared for the same box."""
        asked = self._wanted
        if asked is not None and self.screen is self.app.screen:
            self._pictures.ahead(self, (replace(asked, path=path) for path in self._ahead))

    async def _bring(self, ask: Ask, stale: threading.Event, rushed: bool) -> None:
        """Everything of it, from coarse to its best look; each stage takes the place of the last in one frame."""

        def put(made: Made, drawing: Drawing, sharp: bool) -> None:
            self._put(ask if sharp else None, drawing, made.info, "")

        # Under another screen nobody waits for it.
        rank = Rank.SHOWN if self.screen is self.app.screen else Rank.FARTHER
        bringing = self._bringing = Bringing(
            self._pictures, ask, stale.is_set, put, pace=self._pace if rushed else None, rank=rank
        )
        try:
            info = await bringing.bring()
        except Stale:
            return
        except PictureError as error:
            self._fail(ask, error.words)
        except NoRoom:
            self._fail(ask, "There are too many pictures on the screen to show this one.")
        else:
            self.post_message(self.Shown(self, ask.path, info))
        self._look_ahead()
        await bringing.refine()

    def link_changed(self) -> None:
        """No byte need be saved any more: what stands on the screen gets sharp, without waiting for the next one."""
        shown, bringing = self._shown, self._bringing
        if (
            self._is_on_its_way
            or shown is None
            or bringing is None
            or self._pictures.link.economical
            or shown.look == "best"
        ):
            # What is on its way looks at the link by itself.
            return
        if self._ask() != shown:
            self._request()
            return
        _: Worker[None] = self.run_worker(bringing.refine, name="best look", group=_GROUP, exclusive=True)
        self._look_ahead()

    def _fail(self, ask: Ask, words: str) -> None:
        self._put(ask, None, None, words)
        self.post_message(self.Failed(self, ask.path, words))

    def _give_up(self) -> None:
        """Whatever is being prepared ends at its next read."""
        self._stale.set()
        self.workers.cancel_group(self, _GROUP)

    def _put(self, ask: Ask | None, drawing: Drawing | None, info: PictureInfo | None, words: str) -> None:
        """Show this and free what was shown before, once the new frame is out."""
        before, self._drawing = self._drawing, drawing
        self._shown, self._info, self._words = ask, info, words
        self.refresh()
        if self.is_attached:
            # Behind the news that this view is to be drawn again.
            self.call_later(self.screen.call_later, one_frame_of(self.app).let_go)
        # After the refresh no cell on the screen shows it any more.
        if before is not None and not self.call_after_refresh(before.release):
            before.release()
