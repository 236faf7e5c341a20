"""What a person adds to generations, asked for and done: stars, ratings, tags, notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tui.domain import tags
from tui.domain.errors import ImageGenError, InvalidRequest
from tui.domain.generation import Generation

LONGEST_NOTES: Final = 100_000
"""Characters of notes."""


@dataclass(frozen=True, slots=True)
class Marking:
    """A change of what a person added; None, or no tags, leaves a field as the file has it.

    ``tags`` takes the place of all tags; ``add`` and ``remove`` are relative to what the file says when it is
    changed. Tags are kept as ``tags.unique`` tells. Raises InvalidRequest for tags and notes that are too long
    or too many, ValueError for a rating that there is not.
    """

    starred: bool | None = None
    rating: int | None = None
    tags: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    notes: str | None = None

    def __post_init__(self) -> None:
        if self.rating is not None and not 0 <= self.rating <= 5:
            raise ValueError(f"a rating is 0 to 5, not {self.rating}")
        if self.notes is not None and len(self.notes) > LONGEST_NOTES:
            raise InvalidRequest(
                f"They have {len(self.notes):,} characters.",
                title="The notes are too long",
                hint=f"Notes have at most {LONGEST_NOTES:,} characters; keep longer text in a file of its own.",
            )
        if self.tags is not None:
            object.__setattr__(self, "tags", tags.unique(self.tags))
            tags.refuse_too_many(len(self.tags))
        object.__setattr__(self, "add", tags.unique(self.add))
        object.__setattr__(self, "remove", tags.unique(self.remove))


@dataclass(frozen=True, slots=True)
class Marked:
    """One generation that was changed.

    ``now`` is how it is, ``was`` how it was. ``before`` and ``after`` are the changed members of ``user`` in its
    metadata file; one that was not there is missing in ``before``, one that was taken out in ``after``.
    """

    was: Generation
    now: Generation
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """One generation that could not be changed, and why."""

    generation: Generation
    error: ImageGenError


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a change to many.

    ``left`` are those that were to be put back but have been changed by somebody else meanwhile: they stay.
    """

    done: tuple[Marked, ...] = ()
    failures: tuple[Failure, ...] = ()
    left: tuple[Generation, ...] = ()

    @property
    def generations(self) -> tuple[Generation, ...]:
        """The changed ones as they are now."""
        return tuple(each.now for each in self.done)
