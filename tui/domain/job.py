"""A job: one request on its way."""

from dataclasses import dataclass
from enum import StrEnum

from tui.domain.errors import ImageGenError
from tui.domain.generation import Generation
from tui.domain.request import Request


class JobState(StrEnum):
    """Where a job stands; the value is the word shown on the screen."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SAVING = "saving"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_over(self) -> bool:
        """Nothing will happen to the job any more."""
        return self not in (JobState.QUEUED, JobState.RUNNING, JobState.WAITING, JobState.SAVING)


@dataclass(frozen=True, slots=True)
class Job:
    """One request on its way; times are seconds of ``time.monotonic``.

    ``attempts`` counts the requests that were sent, ``resumes_at`` is when a waiting job goes on, ``error`` of
    a waiting one what it waits for. ``words`` is what a streamed answer has said so far.
    """

    id: str
    request: Request
    state: JobState = JobState.QUEUED
    queued_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None
    error: ImageGenError | None = None
    generation: Generation | None = None
    attempts: int = 0
    resumes_at: float | None = None
    words: str = ""

    def seconds(self, now: float) -> float:
        """How long it has been running, or ran; 0 while it is queued."""
        if self.started_at is None:
            return 0.0
        return (now if self.finished_at is None else self.finished_at) - self.started_at
