"""What a library holds, as the screens see it: rows by number, read as they are looked at."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tui.domain.generation import Generation


class Holdings(Protocol):
    """Generations by their row ids. A row id is the millisecond of its creation, or the next free one after it.

    So ids follow time: days and jumps to a date are told from them, without reading a row.
    """

    def rows(self, ids: Sequence[int]) -> Mapping[int, Generation]:
        """The generations of ``ids``, read in about a millisecond a page; what is gone meanwhile is left out."""
        ...

    def id_of(self, name: str) -> int | None:
        """The row id of a generation by its id or stem; None where there is none."""
        ...


class Nothing:
    """Holdings of a library that is not open yet."""

    def rows(self, _ids: Sequence[int]) -> Mapping[int, Generation]:
        """No rows."""
        return {}

    def id_of(self, _name: str) -> int | None:
        """No id."""
        return None
