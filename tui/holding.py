"""An index as the screens hold it: reading a row never fails there; what is broken is told to who can mend it."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from tui.domain.generation import Generation
from tui.library.index import Index

_Answer = TypeVar("_Answer")


class Held:
    """Holdings out of an index. ``broken`` is called when it cannot be read; what was asked for is empty then."""

    def __init__(self, index: Index, broken: Callable[[], None]) -> None:
        self._index = index
        self._broken = broken

    def rows(self, ids: Sequence[int]) -> Mapping[int, Generation]:
        """The generations of ``ids``, as far as they can be read."""
        return self._answer(lambda: self._index.rows(ids), {})

    def id_of(self, name: str) -> int | None:
        """The row id of a generation by its id or stem; None where there is none."""
        return self._answer(lambda: self._index.id_of(name), None)

    def _answer(self, ask: Callable[[], _Answer], otherwise: _Answer) -> _Answer:
        try:
            return ask()
        except sqlite3.Error:
            self._broken()
            return otherwise
