"""In which order generations are listed."""

from dataclasses import dataclass
from typing import Final, Literal

Sort = Literal["newest", "oldest", "rating", "model", "size", "elapsed"]
"""``size`` is that of the final picture in pixels, ``elapsed`` how long it took; both the largest first."""


@dataclass(frozen=True, slots=True)
class SortWay:
    """An order, and how it is offered to people."""

    name: Sort
    words: str


SORTS: Final = (
    SortWay("newest", "newest first"),
    SortWay("oldest", "oldest first"),
    SortWay("rating", "best rated first"),
    SortWay("model", "by model"),
    SortWay("size", "largest first"),
    SortWay("elapsed", "slowest first"),
)
