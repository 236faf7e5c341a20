"""A picture to look at closely: fitting, one to one, step by step, moved by keys and by the mouse."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker

from tui.imaging.picture import PictureInfo
from tui.imaging.viewport import Pair, Place, Viewport
from tui.terminal.wire import watch
from tui.widgets.image_view import ImageView
from tui.widgets.part_view import PartView
from tui.widgets.pictures import pictures_of


class ZoomView(Widget):
    """The whole picture, drawn as in the preview, and over it the part that one has gone closer to.

    ``show`` starts at fitting; a picture of the same size as the one before is looked at in the same place. With
    others beside it, all fit at one scale (``stand_among``).
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ZoomView { width: 1fr; height: 1fr; layers: whole part; }
    ZoomView > ImageView { layer: whole; width: 100%; height: 100%; }
    ZoomView > PartView { layer: part; width: 100%; height: 100%; display: none; }
    """

    class Looked(Message):
        """One looks at it otherwise now, or at another picture. ``by_hand``: a person moved it here."""

        def __init__(self, view: ZoomView, *, by_hand: bool) -> None:
            super().__init__()
            self.view = view
            self.by_hand = by_hand

    def __init__(self, *, id: str | None = None, picture_id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture_id = picture_id
        self._path: Path | None = None
        self._known: Path | None = None
        self._info: PictureInfo | None = None
        self._picture: tuple[int, int] | None = None
        self._among: tuple[tuple[int, int], ...] = ()
        self._frame = 0
        self._plays = False
        self._drag: tuple[int, int] | None = None
        self.viewport: Viewport | None = None
        """None until the picture's size is known."""

    def compose(self) -> ComposeResult:
        """The part lies over the whole."""
        yield ImageView(id=self._picture_id, within=self._within)
        yield PartView()

    @property
    def path(self) -> Path | None:
        """The file asked for last."""
        return self._path

    @property
    def info(self) -> PictureInfo | None:
        """Facts of the picture, None until they are known."""
        return self._info

    @property
    def picture(self) -> tuple[int, int] | None:
        """Width and height of the picture asked for, in pixels: as told, until it is read; None where none can be."""
        return self._picture

    @property
    def whole(self) -> ImageView:
        """What shows the whole picture."""
        return self.query_one(ImageView)

    @property
    def closer(self) -> PartView:
        """What shows a part of it."""
        return self.query_one(PartView)

    @property
    def settled(self) -> bool:
        """True when nothing more is on its way to the screen."""
        part = self.closer
        return not self.whole.busy and (self.viewport is None or self.viewport.fits or part.settled)

    def show(self, path: Path | None, ahead: Iterable[Path] = (), *, size: tuple[int, int] | None = None) -> None:
        """Show another picture, or none; ``ahead`` is what will probably come next, the likeliest first.

        ``size`` is its width and height in pixels, as far as they are known before it is read.
        """
        if path != self._path:
            self._end_play()
            self._picture = size
        self._path = path
        self.whole.show(path, ahead)
        if path is None:
            self._forget()

    def stand_among(self, pictures: Iterable[tuple[int, int]]) -> None:
        """Fit as large as these, which are looked at together in views of this size; its own may be one of them."""
        among = tuple(sorted({*pictures}))
        if among == self._among:
            return
        self._among = among
        self.whole.fit_again()
        if self.viewport is not None:
            self._look(self._fitting(self.viewport.picture).at(self.viewport.place), by_hand=False)

    def _within(self, columns: int, rows: int) -> Pair | None:
        if self._picture is None:
            return None
        fitting = Viewport.fitting(self._picture, (columns, rows), self._cell, self._among)
        return fitting.extent if fitting.gives_way else None

    def _fitting(self, picture: tuple[int, int]) -> Viewport:
        return Viewport.fitting(picture, self._cells, self._cell, self._among)

    def on_image_view_shown(self, event: ImageView.Shown) -> None:
        """Its size is known now."""
        event.stop()
        known = self._info is not None and (self._info.width, self._info.height) == (event.width, event.height)
        if event.path == self._path and not (known and self._known == event.path and self.viewport is not None):
            self._known = event.path
            self._learn(event.info)

    def on_image_view_failed(self, event: ImageView.Failed) -> None:
        """There is nothing to go closer to."""
        event.stop()
        if event.path == self._path:
            self._picture = None
            self._forget()

    def on_part_view_shown(self, event: PartView.Shown) -> None:
        """The part takes the place of the whole once there is something of it to see."""
        event.stop()
        if self.viewport is not None and event.path == self._known and (self._plays or not self.viewport.fits):
            self.closer.display = True

    def on_part_view_failed(self, event: PartView.Failed) -> None:
        """Back to the whole, which is still there."""
        event.stop()
        if event.path == self._known:
            self.fit()

    def on_mount(self) -> None:
        """Hear when cells have another size, or pictures are drawn another way."""
        watch(self.app, self)

    def on_resize(self) -> None:
        """The same place in a view of another size."""
        if self.viewport is not None:
            self._look(self.viewport.resized(self._cells, self._cell), by_hand=False)

    def pictures_lost(self) -> None:
        """A cell may be something else now."""
        # Whoever tells it is in no context of the app, which timers need.
        self.call_later(self._measure_again)

    def _measure_again(self) -> None:
        """As close as before in pixels, or at least in the same place."""
        before = self.viewport
        if before is None or before.cell == self._cell:
            return
        if (before.cell[0] > 1) == self._has_pixels:
            self._look(before.resized(self._cells, self._cell), by_hand=False)
        else:
            self._look(self._fitting(before.picture).at(before.place), by_hand=False)

    @property
    def _cells(self) -> tuple[int, int]:
        return self.size.width, self.size.height

    @property
    def _cell(self) -> Pair:
        """A cell in pixels of the screen, or in half blocks where there are no pixels."""
        width, height = pictures_of(self.app).cell
        return (float(width), float(height)) if self._has_pixels else (1.0, height / width)

    @property
    def _has_pixels(self) -> bool:
        return pictures_of(self.app).protocol in ("kitty", "sixel")

    def _learn(self, info: PictureInfo) -> None:
        before, self._info = self._info, info
        told, self._picture = self._picture, (info.width, info.height)
        if told != self._picture:
            self.whole.fit_again()
        same = before is not None and (before.width, before.height) == self._picture
        kept = self.viewport if same else None
        self._look(self._fitting(self._picture).at(kept.place if kept is not None else Place()), by_hand=False)

    def _forget(self) -> None:
        self._known = self._info = self.viewport = None
        self.closer.display = False
        self.closer.clear()
        self.post_message(self.Looked(self, by_hand=False))

    def _look(self, viewport: Viewport, *, by_hand: bool) -> None:
        """Look there in the picture that is seen, while another one may be on its way."""
        if pictures_of(self.app).protocol == "none" or self._known is None:
            return
        self.viewport = viewport
        if viewport.fits and not self._plays:
            self.closer.display = False
            self.closer.clear()
        else:
            self.closer.look_at(self._known, viewport, self._frame)
        self.post_message(self.Looked(self, by_hand=by_hand))

    def _change(self, viewport: Viewport | None) -> None:
        if viewport is not None and viewport != self.viewport:
            self._look(viewport, by_hand=True)

    def step(self, by: int, anchor: Pair | None = None) -> None:
        """Closer by one step (1) or further away (-1); ``anchor`` is a point of the view in cells that stays."""
        self._change(self.viewport and self.viewport.stepped(by, anchor))

    def fit(self) -> None:
        """All of it, as large as it can be."""
        self._change(self.viewport and self.viewport.zoomed(self.viewport.fit_zoom))

    def toggle_exact(self, anchor: Pair | None = None) -> None:
        """One pixel of the picture on one of the screen; fitting again from there."""
        self._change(self.viewport and self.viewport.exact(anchor))

    def pan(self, columns: int, rows: int) -> None:
        """Move by so many tenths of the view to the right and down."""
        tenth = max(1, self.size.height // 10)
        # As far across as down: a cell is about twice as high as wide.
        self._change(self.viewport and self.viewport.panned(columns * tenth * 2, rows * tenth))

    @property
    def plays(self) -> bool:
        """Whether an animated picture plays."""
        return self._plays

    def toggle_play(self) -> bool:
        """Play what is animated, or stop and show its first frame; False where nothing moves."""
        if self._plays:
            self._end_play()
        elif self._info is None or not self._info.animated:
            return False
        else:
            self._plays = True
            _: Worker[None] = self.run_worker(self._play, group="play", exclusive=True, exit_on_error=False)
        return True

    async def _play(self) -> None:
        """Frame by frame, each for its time and at least until it is on the screen."""
        path = self._known
        if path is None:
            return
        seconds = await asyncio.to_thread(_frame_seconds, path)
        for number in cycle(range(len(seconds))):
            if self.viewport is None:
                return
            self._frame = number
            self._look(self.viewport, by_hand=False)
            _, shown = await asyncio.gather(asyncio.sleep(seconds[number]), self.closer.shown(number))
            if not shown:
                return

    def _end_play(self) -> None:
        if self._plays:
            self._plays = False
            self.workers.cancel_group(self, "play")
            self._frame = 0
            if self.viewport is not None:
                self._look(self.viewport, by_hand=False)

    def look_in(self, place: Place) -> None:
        """Look there, as in another picture beside it."""
        if self.viewport is not None and (there := self.viewport.at(place)) != self.viewport:
            self._look(there, by_hand=False)

    def _point(self, event: events.MouseEvent) -> Pair:
        """Where the mouse is, in cells of the view."""
        return event.screen_x - self.region.x + 0.5, event.screen_y - self.region.y + 0.5

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Closer to what is under the mouse."""
        event.stop()
        self.step(1, self._point(event))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Away from it."""
        event.stop()
        self.step(-1, self._point(event))

    def on_click(self, event: events.Click) -> None:
        """Two clicks: one to one there, and fitting again."""
        if event.chain == 2:
            self.toggle_exact(self._point(event))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the picture."""
        if event.button == 1:
            self._drag = event.screen_x, event.screen_y
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag it along."""
        if self._drag is None or self.viewport is None:
            return
        was, self._drag = self._drag, (event.screen_x, event.screen_y)
        self._change(self.viewport.panned(was[0] - event.screen_x, was[1] - event.screen_y))

    def on_mouse_up(self) -> None:
        """Let it go."""
        if self._drag is not None:
            self._drag = None
            self.release_mouse()


def _frame_seconds(path: Path) -> list[float]:
    """Blocking: how long each frame stays; nothing where not even the first can be read."""
    from tui.imaging.picture import PictureError
    from tui.imaging.source import frames

    try:
        return [frame.seconds for frame in frames(path, (1, 1), background=(0, 0, 0))]
    except PictureError:
        return []
