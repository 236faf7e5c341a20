"""What lies in the trash, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from tui.domain.errors import ImageGenError
from tui.domain.generation import Generation


@dataclass(frozen=True, slots=True)
class InTrash:
    """A generation in the trash: as it was, with its files where they are now.

    ``bytes`` counts all its files. ``record`` is the name of the file that tells of the throw; with the
    generation's stem it says which one is meant.
    """

    generation: Generation
    trashed_at: datetime
    bytes: int
    record: str


Found = Generation | InTrash
"""What a search of a library and its trash finds."""


def generation_in(found: Found) -> Generation:
    """The generation itself, wherever it lies."""
    return found.generation if isinstance(found, InTrash) else found


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """What came back from the trash, as it is in the library now, and why others did not."""

    generations: tuple[Generation, ...] = ()
    failures: tuple[ImageGenError, ...] = ()


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many generations were deleted for good, and how many bytes of files."""

    count: int = 0
    bytes: int = 0
