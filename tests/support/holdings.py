"""A library in memory, as the history's model sees one."""

from array import array
from collections.abc import Iterable, Mapping, Sequence

from tui.domain.generation import Generation
from tui.domain.query import Known
from tui.messages import FindRequested, GenerationsFound, LibraryRead


class MemoryHoldings:
    """Generations by row id; counts how often and how many of them are read."""

    def __init__(self, generations: Iterable[Generation]) -> None:
        self.by_id: dict[int, Generation] = {}
        self.reads: list[int] = []
        for generation in generations:
            row_id = int(generation.created_at.timestamp() * 1000)
            while row_id in self.by_id:
                row_id += 1
            self.by_id[row_id] = generation

    def rows(self, ids: Sequence[int]) -> Mapping[int, Generation]:
        self.reads.append(len(ids))
        return {each: self.by_id[each] for each in ids if each in self.by_id}

    def id_of(self, name: str) -> int | None:
        return next((row for row, each in self.by_id.items() if name in (each.id, each.stem)), None)

    def newest(self) -> "array[int]":
        return array("q", sorted(self.by_id, reverse=True))


def library_read(generations: Iterable[Generation]) -> LibraryRead:
    """What the app is told of a library that holds these, and nothing was searched in."""
    holdings = MemoryHoldings(generations)
    everything = holdings.newest()
    found = GenerationsFound(FindRequested(), everything, complete=True)
    return LibraryRead(holdings, everything, len(everything), Known(), complete=True, found=found)
