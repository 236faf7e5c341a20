"""A part of a picture, closer than it fits: moves over what the terminal has and asks for more in time."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.worker import Worker

from tui.imaging.marks import LIMIT
from tui.imaging.picture import Look, PictureError, Stale
from tui.imaging.viewport import Viewport, Window
from tui.terminal.blocks import NoRoom
from tui.widgets.drawing import Ask, Drawing
from tui.widgets.picture_widget import PictureWidget
from tui.widgets.pictures import background_of, pictures_of

REST: Final = 0.15
"""Seconds without a move before the sharp picture is prepared."""

IDLE: Final = 0.6
"""Seconds without a move before the best one is."""

MARGIN: Final = 0.5
"""Of the view, on each side: what the terminal gets beyond what is seen, where it can move over it by itself."""

AREA: Final = 24_000
"""Cells of a picture at most, margin included: of two of these, the old and the new, each finds its characters."""

_GROUP: Final = "part"


@dataclass(frozen=True, slots=True)
class _Want:
    """Some cells of the grid that a picture makes at one zoom; ``at`` is where they lay in the view when asked for."""

    ask: Ask
    zoom: float
    window: Window
    at: tuple[int, int]

    def is_like(self, other: _Want) -> bool:
        """Whether both are the same picture on the same grid, so that a cell of one is the same in the other."""
        here, there = self.ask, other.ask
        return (self.zoom, here.path, here.frame, here.protocol, here.cell, here.background, here.colours) == (
            (other.zoom, there.path, there.frame, there.protocol, there.cell, there.background, there.colours)
        )


class PartView(PictureWidget):
    """Shows what a viewport says. The old part stays until the new one can take its place."""

    ALLOW_SELECT = False

    class Shown(Message):
        """Something of what was asked for is on the screen."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class Failed(Message):
        """It cannot be shown, and why."""

        def __init__(self, path: Path, words: str) -> None:
            super().__init__()
            self.path = path
            self.words = words

    def __init__(self) -> None:
        super().__init__()
        self._target: tuple[Path, Viewport, int] | None = None
        self._seen: tuple[_Want, Drawing] | None = None
        self._under_way: _Want | None = None
        self._at = (0, 0)
        self._rested_for = 0.0
        self._margin = MARGIN
        self._stale = threading.Event()
        self._pauses: list[Timer] = []
        self._changed = asyncio.Event()

    @property
    def settled(self) -> bool:
        """True when what is on the screen is what was asked for, as good as it gets."""
        return self._target is not None and self._under_way is None and self._next() is None and self._is_idle(IDLE)

    @property
    def path(self) -> Path | None:
        """The file looked at."""
        return self._target[0] if self._target is not None else None

    def look_at(self, path: Path, viewport: Viewport, frame: int = 0) -> None:
        """Show this, at once what of it is there already."""
        self._target = path, viewport, frame
        self._rested_for = 0.0
        for timer in self._pauses:
            timer.stop()
        self._pauses = [self.set_timer(pause, partial(self._rested, pause)) for pause in (REST, IDLE)]
        if self._place():
            self.post_message(self.Shown(path))
        self.refresh()
        self._drop_outdated()
        self._seek()

    async def shown(self, frame: int) -> bool:
        """Wait until this frame is on the screen; False when it is not looked at, or cannot be shown."""
        while self._target is not None and self._target[2] == frame:
            if self._seen is not None and self._seen[0].ask.frame == frame:
                return True
            self._changed.clear()
            await self._changed.wait()
        return False

    def clear(self) -> None:
        """Look at nothing. What is on the screen stays until something else is there, as this view is hidden."""
        self._target = None
        self._stop()
        self._changed.set()
        if not self.is_on_screen:
            self._put(None)

    def on_hide(self) -> None:
        """Free what was shown, once the frame without it is out."""
        if self._target is None:
            self._put(None)

    def on_unmount(self) -> None:
        """Leave nothing behind in the terminal, and no thread at work."""
        self._target = None
        self._stop()
        self._put(None)

    def link_changed(self) -> None:
        """What is seen may be better now."""
        self._seek()

    def pictures_lost(self) -> None:
        """What the terminal had is gone."""
        # Whoever tells it is in no context of the app, which timers need.
        self.call_later(self._begin_again)

    def _begin_again(self) -> None:
        self._stop()
        self._put(None)
        self._seek()

    def notify_style_update(self) -> None:
        """Another theme: what is transparent takes its background."""
        super().notify_style_update()
        if self._seen is not None and self.is_attached and self._seen[0].ask.background != background_of(self):
            self._seek()

    def render_line(self, y: int) -> Strip:
        """One row of cells, blank beside the picture."""
        width = self.size.width
        base = self.visual_style.rich_style
        if self._seen is None:
            return Strip.blank(width, base)
        drawing = self._seen[1]
        left, row = self._at[0], y - self._at[1]
        if not 0 <= row < drawing.rows:
            return Strip.blank(width, base)
        strip = Strip(drawing.row(row, base), drawing.columns).crop(max(0, -left), max(0, width - left))
        if left > 0:
            strip = Strip([Segment(" " * left, base), *strip])
        return strip.adjust_cell_length(width, base)

    def _place(self) -> bool:
        """Move what is shown to where it belongs now; what is of another zoom stays where it is: False."""
        if self._seen is None or self._target is None:
            return False
        seen, visible = self._seen[0], self._target[1].visible
        if not self._want(visible, seen.ask.look).is_like(seen):
            return False
        # A Sixel is drawn whole: moved, it would stand on what is beside the view.
        if seen.ask.protocol != "sixel" or seen.window == visible:
            left, top = self._want(seen.window, seen.ask.look).at
            columns, rows = self._target[1].cells
            # Until what lies beyond is there, the picture stops at its edge: better than a hole.
            self._at = _covering(left, seen.window.columns, columns), _covering(top, seen.window.rows, rows)
        return True

    def _want(self, window: Window, look: Look) -> _Want:
        if self._target is None:
            raise ValueError("nothing is looked at")
        path, viewport, frame = self._target
        ask = pictures_of(self.app).ask(
            self, path, window.columns, window.rows, look=look, part=viewport.part(window), frame=frame
        )
        left, top = viewport.offset
        return _Want(ask, viewport.zoom, window, (window.left - left, window.top - top))

    def _next(self) -> _Want | None:
        """What to bring now: what is seen first, then sharp, then the best with its surroundings; None at the end."""
        if self._target is None or not self.is_attached:
            return None
        pictures, viewport = pictures_of(self.app), self._target[1]
        moves, economical = pictures.protocol == "kitty", pictures.link.economical
        rests = self._is_idle(IDLE if economical else REST)
        look: Look = "first" if rests else "coarse"
        seen = self._seen[0] if self._seen is not None else None
        visible = viewport.visible
        wide = viewport.window(self._margin if moves and not economical else 0.0, LIMIT, AREA)
        if seen is None or not seen.is_like(self._want(visible, look)):
            return self._want(visible, look)
        if not seen.window.holds(visible) or (seen.window != visible and not moves):
            return self._want(visible if rests else wide, look)
        if seen.ask.look == "coarse" and rests:
            return self._want(visible, "first")
        if seen.ask.thrifty and not economical:
            return self._want(visible, "first")
        if economical or pictures.protocol not in ("kitty", "sixel"):
            return None
        near_edge = wide != seen.window and not seen.window.holds(viewport.window(self._margin / 2, LIMIT, AREA // 2))
        if self._is_idle(IDLE) and (seen.ask.look != "best" or (moves and near_edge)):
            return self._want(wide, "best")
        # One who moves over what was sent with a margin goes on to do so.
        return self._want(wide, "first") if moves and near_edge and seen.window.area > visible.area else None

    def _rested(self, seconds: float) -> None:
        self._rested_for = seconds
        self._seek()

    def _is_idle(self, seconds: float) -> bool:
        return self._rested_for >= seconds

    def _drop_outdated(self) -> None:
        """Give up what is being prepared, if it is no step on the way; what is coarse is soon there."""
        under_way = self._under_way
        if under_way is None or self._target is None:
            return
        path, viewport, _ = self._target
        if under_way.ask.path == path and under_way.ask.look == "coarse":
            return
        visible = viewport.visible
        on_the_way = under_way.is_like(self._want(visible, "first")) and under_way.window.holds(visible)
        # Who has come to the end of what is there waits for something coarse, and not for all that lies beyond.
        waits = self._seen is None or not self._seen[0].window.holds(visible)
        if not on_the_way or (waits and not self._is_idle(REST)):
            self._stop()

    def _stop(self) -> None:
        self._stale.set()
        self._under_way = None
        self.workers.cancel_group(self, _GROUP)

    def _seek(self) -> None:
        """Begin to bring what is wanted, unless something is on its way."""
        if self._under_way is not None or (want := self._next()) is None:
            return
        self._under_way = want
        self._stale = threading.Event()
        stale = self._stale

        async def bring() -> None:
            await self._bring(want, stale)

        _: Worker[None] = self.run_worker(bring, name="part of a picture", group=_GROUP, exclusive=True)

    async def _bring(self, want: _Want, stale: threading.Event) -> None:
        pictures = pictures_of(self.app)
        try:
            made = await pictures.made(want.ask, stale.is_set)
            drawing = await pictures.placed(made)
        except Stale:
            return
        except PictureError as error:
            self._under_way = None
            self.post_message(self.Failed(want.ask.path, error.words))
            return
        except NoRoom:
            self._under_way = None
            self._without_margin(want)
            return
        self._under_way = None
        self._put((want, drawing))
        self.post_message(self.Shown(want.ask.path))
        self._seek()

    def _without_margin(self, want: _Want) -> None:
        """Too many cells are on the screen: do with what is seen, or say so where even that is too much."""
        if self._margin:
            self._margin = 0.0
            self._seek()
        else:
            self.post_message(self.Failed(want.ask.path, "There are too many pictures on the screen to show this one."))

    def _put(self, seen: tuple[_Want, Drawing] | None) -> None:
        """Show this, and free what was shown before once the new frame is out."""
        before, self._seen = self._seen, seen
        self._changed.set()
        if seen is not None:
            self._at = seen[0].at
        self._place()
        self.refresh()
        if before is not None and not self.call_after_refresh(before[1].release):
            before[1].release()


def _covering(start: int, length: int, view: int) -> int:
    """Where ``length`` cells that should begin at ``start`` do so, that no cell of a smaller view stays empty."""
    return min(0, max(view - length, start)) if length >= view else start
