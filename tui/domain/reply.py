"""What came back over the wire, before the library takes it in."""

from dataclasses import dataclass, field
from pathlib import Path

from tui.domain.generation import GenerationWarning, ReplySummary


@dataclass(frozen=True, slots=True)
class ReceivedImage:
    """A picture as delivered, whole, in a temporary file that the library may take over by rename.

    ``mime``, ``width`` and ``height`` are what the bytes say, not what was announced.
    """

    path: Path
    mime: str
    width: int
    height: int
    bytes: int
    sha256: str
    role: str = "final"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with at least one picture, drafts first; ``final`` is the last.

    ``warnings`` is what went wrong without costing the picture: a damaged draft, a stream without its end.
    """

    images: tuple[ReceivedImage, ...]
    summary: ReplySummary = field(default_factory=ReplySummary)
    trace_id: str | None = None
    warnings: tuple[GenerationWarning, ...] = ()

    @property
    def final(self) -> ReceivedImage:
        """The picture that was asked for."""
        return self.images[-1]
