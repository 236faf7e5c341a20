"""One thing that was looked at, on the way to a picture: what was found and the one thing to type."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at ``name`` in ``words``, and what to do in ``hint``, empty where nothing is to do.

    A ``problem`` stands in the way of a picture, and for an exit status of the contract; a ``note`` does not.
    """

    name: str
    words: str
    level: Level = "ok"
    hint: str = ""
    exit_status: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing here stands in the way of a picture."""
        return self.level != "problem"


def worst_status(findings: Iterable[Finding]) -> int:
    """The exit status for several findings: the contract's table read from the bottom, 0 where all is well."""
    return max((each.exit_status for each in findings), default=0)
