"""What the studio tells about its jobs."""

from collections.abc import Callable
from dataclasses import dataclass

from tui.domain.job import Job


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job entered another state; ``job`` is its newest value."""

    job: Job


Listener = Callable[[JobChanged], None]
