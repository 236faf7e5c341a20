"""Work for later, done one after another while nothing more urgent is to do: what nobody wants any more is left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.worker import Worker

from tui.imaging.picture import IsStale, PictureError, Stale
from tui.terminal.blocks import NoRoom

Wish = TypeVar("Wish", bound=Hashable)


class Errands(Generic[Wish]):
    """For each owner a list of wishes; the newest list counts. On the event loop.

    ``do`` does one. It is given the question whether the wish is wanted no more, to be asked from any thread.
    """

    def __init__(self, app: App[Any], name: str, do: Callable[[Wish, IsStale], Awaitable[None]]) -> None:
        self._app = app
        self._name = name
        self._do = do
        self._lists: dict[object, tuple[Wish, ...]] = {}
        self._wanted: frozenset[Wish] = frozenset()
        self._busy = False

    @property
    def idle(self) -> bool:
        """True when nothing is left to do."""
        return not self._busy

    def want(self, owner: object, wishes: Iterable[Wish]) -> None:
        """What ``owner`` wants from now on, in this order; what it wanted before and does not want now is left."""
        self._lists.pop(owner, None)
        if listed := tuple(dict.fromkeys(wishes)):
            self._lists[owner] = listed
        self._take_stock()
        if self._wanted and not self._busy:
            self._busy = True
            # A function and no coroutine: one given up before it begins would be a coroutine nobody awaited.
            _: Worker[None] = self._app.run_worker(self._go, name=self._name, group=self._name)

    def narrow(self, owner: object, wish: Wish | None) -> None:
        """Of what ``owner`` wants, leave all but ``wish``."""
        self.want(owner, [wish] if wish is not None and wish in self._lists.get(owner, ()) else ())

    def _take_stock(self) -> None:
        self._wanted = frozenset(wish for wishes in self._lists.values() for wish in wishes)

    async def _go(self) -> None:
        try:
            while (wish := self._next()) is not None:
                if await self._did(wish):
                    self._strike(wish)
        finally:
            self._busy = False

    def _next(self) -> Wish | None:
        return next((wish for wishes in self._lists.values() for wish in wishes), None)

    async def _did(self, wish: Wish) -> bool:
        """Do one; False when it was given up, in which case it may be wanted again by now."""
        try:
            await self._do(wish, lambda: wish not in self._wanted)
        except Stale:
            return wish not in self._wanted
        except (PictureError, NoRoom):
            # Who asks for it in earnest is told.
            return True
        return True

    def _strike(self, wish: Wish) -> None:
        for owner, wishes in [*self._lists.items()]:
            left = tuple(other for other in wishes if other != wish)
            if left:
                self._lists[owner] = left
            else:
                del self._lists[owner]
        self._take_stock()
