"""All pictures of one app on their way to the screen: what is asked, prepared in threads, kept, and fetched ahead."""

from __future__ import annotations

import asyncio
import gc
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from rich.color import ColorSystem
from textual.app import App
from textual.timer import Timer
from textual.widget import Widget

from tui.imaging.cache import ByteCache
from tui.imaging.picture import Colour, IsStale, Look, Part, Stale
from tui.imaging.pool import Job, Pool, Rank
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.link import Link, link_of
from tui.terminal.probe import Protocol, TerminalFacts
from tui.terminal.sixel_wire import SixelWire
from tui.terminal.wire import Wire, cell_size_of, wire_of
from tui.widgets.drawing import Ask, Drawing, Made, MadeText, Spare, Stamp, stamp_of
from tui.widgets.errands import Errands
from tui.widgets.making import glance, let_go, make, shelf_in
from tui.widgets.of_app import one_of

Result = TypeVar("Result")

CACHE_BYTES: Final = 24 * 1024 * 1024
"""What is kept of prepared pictures. In a pane of 78×39 cells one takes some 35 KB for Kitty, 14 in half blocks.

Whoever looks at a thousand pictures should not see the program grow by more than 40 MB. This is the larger part of
it: the rest of the growth, holes in the heap and Textual's own caches, came to 8 to 14 MB.
"""
LOOKED_CLOSELY: Final = 20.0
"""Seconds that a decoded picture is held after somebody last looked closely at it."""

_STAMPS: Final = 20_000
_COLOURS: Final = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT}
_RANKS: Final = (Rank.NEXT, Rank.BEFORE)
_SPARES: Final = 8
"""Decoded pictures at most that wait to be kept as thumbnails."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """What will probably be asked, and how soon."""

    ask: Ask
    rank: Rank = field(compare=False)


class Pictures:
    """What every view of pictures needs: how they are drawn here, a cache, and threads to prepare them in.

    On the event loop, one an app: ``pictures_of(app)``.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self.cache: ByteCache[Made] = ByteCache(CACHE_BYTES)
        self.folder: Path | None = _folder_of(app)
        """Where thumbnails are kept, None for nowhere."""
        self._pool = Pool()
        self._jobs: dict[Ask, Job[Made]] = {}
        self._stamps: OrderedDict[Path, Stamp] = OrderedDict()
        self._ahead: Errands[_Guess] = Errands(app, "pictures ahead", self._prepare_ahead)
        self._thumbnails: Errands[Path] = Errands(app, "thumbnails", self._keep_thumbnail)
        self._closely: Timer | None = None
        self._spares = 0
        self._warm = False
        self._stored: set[Path] = set()

    @property
    def wire(self) -> Wire | None:
        """Where pictures go; None where the app runs without our driver."""
        return wire_of(self._app)

    @property
    def link(self) -> Link:
        """The way to the terminal, and how freely it may be used."""
        return link_of(self._app)

    @property
    def facts(self) -> TerminalFacts:
        """What the terminal can show."""
        facts = getattr(self._app, "terminal_facts", None)
        return facts if isinstance(facts, TerminalFacts) else TerminalFacts()

    @property
    def protocol(self) -> Protocol:
        """How pictures are drawn now."""
        protocol = "none" if self.link.mode == "off" else self.facts.protocol
        if protocol == "kitty" and not isinstance(self.wire, KittyWire):
            return "half"
        return "half" if protocol == "sixel" and not isinstance(self.wire, SixelWire) else protocol

    @property
    def idle(self) -> bool:
        """True when nothing is being prepared, and nothing waits to be."""
        return self._ahead.idle and self._thumbnails.idle and not self._pool.busy

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a cell in pixels now."""
        return cell_size_of(self._app) or (self.facts.cell_width, self.facts.cell_height)

    @property
    def colours(self) -> ColorSystem | None:
        """The colours of a picture of text. Of a console's 16 that are all made grey nothing is left but shades."""
        name = self._app.console.color_system or ""
        return None if self._app.no_color and name == "standard" else _COLOURS.get(name, ColorSystem.TRUECOLOR)

    def ask(
        self,
        widget: Widget,
        path: Path,
        columns: int,
        rows: int,
        *,
        look: Look = "first",
        part: Part | None = None,
        frame: int = 0,
    ) -> Ask:
        """What to ask for, to have ``path`` in a box of cells over the background of ``widget``.

        Who wants the link used in full gets the best look for the first.
        """
        facts = self.facts
        if look == "first" and self.link.mode == "full" and self.protocol in ("kitty", "sixel"):
            look = "best"
        return Ask(
            path,
            self.protocol,
            columns,
            rows,
            self.cell,
            background_of(widget),
            colours=self.colours,
            sixel_limit=(facts.sixel_width, facts.sixel_height),
            sixel_colours=facts.sixel_colours,
            whole_bands=facts.tmux,
            look=look,
            part=part,
            frame=frame,
            direct=bool(facts.direct),
            thrifty=self._is_thrifty(look),
            sextants=facts.sextants,
        )

    def _is_thrifty(self, look: Look) -> bool:
        """Whether a picture of text, or what is one for a moment, takes few bytes rather than looks its best."""
        is_text = self.protocol in ("half", "symbols") or (self.protocol == "sixel" and look == "coarse")
        return is_text and self.link.economical

    def kept(self, ask: Ask) -> Made | None:
        """What was prepared for ``ask`` before, at this look or a better one, of the file as it was last seen.

        At once, on the event loop; ``stamped`` tells whether the file is still the same.
        """
        return next(self._kept_looks(ask), None)

    def at_hand(self, ask: Ask) -> Made | None:
        """What of it can be shown at once: rather what the terminal has; on a slow link nothing else."""
        kept = [*self._kept_looks(ask)]
        there = next((made for made in kept if made.is_there(self.wire)), None)
        return there or (kept[0] if kept and not self.link.economical else None)

    def _kept_looks(self, ask: Ask) -> Iterator[Made]:
        """The best first, and last what stands in for it, if that is enough."""
        known = ask if ask.stamp is not None else replace(ask, stamp=self._stamps.get(ask.path))
        for each in (replace(known, look="best"), known) if ask.look == "first" else (known,):
            if (made := self.cache.get(each)) is not None:
                yield made
        if (stand_in := self.cache.get(self._stand_in(known))) is not None and stand_in.enough:
            yield stand_in

    def _stand_in(self, ask: Ask) -> Ask:
        return replace(ask, look="coarse", stand_in=True, thrifty=self._is_thrifty("coarse"))

    async def stamped(self, ask: Ask, stale: IsStale) -> Ask:
        """``ask`` for the file as it is now. It is looked at in a thread: its disk may not answer. Raises Stale."""
        if ask.stamp is not None:
            return ask
        stamp = await _awaited(self._pool.submit(lambda _: stamp_of(ask.path), Rank.GLANCE, stale))
        self._stamps[ask.path] = stamp
        self._stamps.move_to_end(ask.path)
        while len(self._stamps) > _STAMPS:
            self._stamps.popitem(last=False)
        return replace(ask, stamp=stamp)

    async def glanced(self, ask: Ask, stale: IsStale) -> Made | None:
        """What can stand for ``ask`` in a moment, from its thumbnail; None where there is none. Raises Stale."""
        asked = self._stand_in(await self.stamped(ask, stale))
        folder = self.folder
        if (made := self.cache.get(asked)) is not None or folder is None:
            return made
        made = await _awaited(self._pool.submit(lambda gone: glance(asked, gone, folder), Rank.GLANCE, stale))
        if made is not None:
            self.cache.put(asked, made, made.size)
        return made

    async def made(self, ask: Ask, stale: IsStale, rank: Rank = Rank.SHOWN) -> Made:
        """Prepare ``ask`` in a thread, or take what is kept. Raises PictureError, and Stale when it was given up.

        Who asks for what is on its way already waits for that.
        """
        waiter = _Waiter(stale)
        try:
            ask = await self.stamped(ask, waiter.is_gone)
            while (made := self.kept(ask)) is None:
                try:
                    return await _awaited(self._job(ask, rank, waiter.is_gone))
                except Stale:
                    if waiter.is_gone():
                        raise
            return made
        finally:
            waiter.gone = True
            if ask.part is not None:
                self._look_closely()

    async def placed(self, made: Made) -> Drawing:
        """Bring it to the terminal. Raises NoRoom.

        Who wants no colours wants none of a picture of text either: Textual draws it then, and takes them away.
        """
        plain = self._app.no_color and isinstance(made, MadeText)
        return await made.place(None if plain else self.wire)

    def ahead(self, owner: object, asks: Iterable[Ask]) -> None:
        """Prepare what ``owner`` will probably ask for next, the likeliest first, while nothing shown is to do.

        It replaces what the owner said before; nothing ends it. On a slow link nothing is prepared ahead.
        """
        listed = [*asks] if not self.link.economical and self.protocol != "none" else []
        ranks = (*_RANKS, *(Rank.FARTHER for _ in listed[len(_RANKS) :]))
        self._ahead.want(owner, map(_Guess, listed, ranks))

    def keep_ahead(self, owner: object, ask: Ask | None) -> None:
        """``owner`` asks for something now: go on with that, if it is being prepared, and leave the rest."""
        self._ahead.narrow(owner, None if ask is None else _Guess(ask, Rank.NEXT))
        if isinstance(self.wire, KittyWire):
            self.wire.store.leave_ahead()

    async def thumbnailed(self, path: Path, stale: IsStale, rank: Rank = Rank.SHOWN) -> None:
        """See to it that there are thumbnails of ``path``. Raises PictureError and Stale."""
        folder = self.folder

        def keep(gone: IsStale) -> None:
            shelf = shelf_in(folder)
            if shelf is not None:
                shelf.make(path, gone)

        if folder is not None:
            await _awaited(self._pool.submit(keep, rank, stale))
            self._stored.add(path)

    def keep_thumbnails(self, owner: object, paths: Iterable[Path]) -> None:
        """Have thumbnails of these on disk, made when nothing else is to do; replaces what ``owner`` said before."""
        if self.folder is not None and self.protocol != "none":
            self._thumbnails.want(owner, (path for path in paths if path not in self._stored))

    def _job(self, ask: Ask, rank: Rank, stale: IsStale) -> Job[Made]:
        """The work that makes ``ask``, begun unless it is on its way."""
        job = self._jobs.get(ask)
        if job is not None:
            self._pool.join(job, rank, stale)
            return job
        folder = self.folder
        job = self._jobs[ask] = self._pool.submit(lambda gone: make(ask, gone, folder), rank, stale)
        job.future.add_done_callback(lambda future: self._over(ask, future))
        return job

    def _over(self, ask: Ask, future: asyncio.Future[Made]) -> None:
        del self._jobs[ask]
        if future.cancelled() or future.exception() is not None:
            return
        made = future.result()
        if not self._warm:
            self._warm = True
            _leave_imports_alone()
        self.cache.put(made.ask, made, made.size)
        spare, made.spare = made.spare, None
        if spare is not None and self.folder is not None:
            self._store(ask.path, spare)

    def _store(self, path: Path, spare: Spare) -> None:
        """Keep thumbnails of what is decoded anyway."""
        folder = self.folder

        def put(_: IsStale) -> None:
            shelf = shelf_in(folder)
            if shelf is not None:
                shelf.put(path, spare.image, spare.info, spare.digest)

        self._spares += 1
        number = self._spares
        self._pool.submit(put, Rank.BEFORE, lambda: number + _SPARES <= self._spares)

    async def _prepare_ahead(self, guess: _Guess, stale: IsStale) -> None:
        made = await self.made(guess.ask, stale, guess.rank)
        if guess.rank is Rank.NEXT and guess.ask.direct:
            # It goes by file or memory, so that what may never be looked at costs the wire nothing.
            made.send_ahead(self.wire)

    async def _keep_thumbnail(self, path: Path, stale: IsStale) -> None:
        await self.thumbnailed(path, stale, Rank.STORED)

    def _look_closely(self) -> None:
        """Decoded pictures are held while somebody looks closely, and a while longer."""
        if self._closely is not None:
            self._closely.stop()
        self._closely = self._app.set_timer(LOOKED_CLOSELY, let_go)


class _Waiter:
    """Somebody who waits for a picture: until it is stale for them, or they were cancelled."""

    def __init__(self, stale: IsStale) -> None:
        self.gone = False
        self._stale = stale

    def is_gone(self) -> bool:
        """Asked from any thread."""
        return self.gone or self._stale()


async def _awaited(job: Job[Result]) -> Result:
    """What the job gives; whoever is cancelled while waiting leaves it to the others."""
    return await asyncio.shield(job.future)


def _leave_imports_alone() -> None:
    """Where the start was taken out of the search for garbage, so is what the first picture brought: numpy, Pillow.

    Looking through it again now and then would stop the event loop for 30 ms.
    """
    if gc.get_freeze_count():
        gc.freeze()


def _folder_of(app: App[Any]) -> Path | None:
    folder = getattr(getattr(app, "settings", None), "cache_dir", None)
    return folder / "thumbnails" if isinstance(folder, Path) else None


def background_of(widget: Widget) -> Colour:
    """The colour behind what ``widget`` draws."""
    colour = widget.background_colors[1]
    return (colour.r, colour.g, colour.b)


def pictures_of(app: App[Any]) -> Pictures:
    """The pictures of ``app``, which keeps them itself: an app that nobody needs any more goes with its pictures."""
    return one_of(app, "pictures", Pictures)
