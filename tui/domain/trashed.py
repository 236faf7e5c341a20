"""What lies in the trash, as it is listed."""

from dataclasses import dataclass
from datetime import datetime

from tui.domain.generation import Generation


@dataclass(frozen=True, slots=True)
class TrashedRow:
    """A generation in the trash: as it was, when it was thrown away, and the bytes of its files."""

    generation: Generation
    thrown_at: datetime
    bytes: int
