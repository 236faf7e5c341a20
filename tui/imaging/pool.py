"""Threads that prepare pictures: the most urgent first, and nothing that nobody waits for.

The threads are daemons: a decode, or a file on a disk that does not answer, never holds up the end of the
program.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final, Generic, TypeVar

from tui.imaging.picture import IsStale, PictureError, Stale

Result = TypeVar("Result")

_IDLE: Final = 5.0
"""Seconds after which a thread without work ends."""

_MOST: Final = 16
"""Threads at most, those included whose work nobody waits for and which hang in a read."""


class Rank(IntEnum):
    """How urgent some work is. What is below SHOWN waits until nothing shown is on its way."""

    GLANCE = 0
    """A look at a file or a thumbnail, in a thread of its own beside those that decode."""
    SHOWN = 1
    NEXT = 2
    BEFORE = 3
    BEST = 4
    FARTHER = 5
    STORED = 6
    """Thumbnails to be kept for later."""


class Job(Generic[Result]):
    """Some work with everybody who waits for it. Its ``future`` belongs to the loop that asked."""

    def __init__(self, work: Callable[[IsStale], Result], rank: Rank) -> None:
        self.rank = rank
        self.future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        # Whoever gave up does not ask how it ended.
        self.future.add_done_callback(_look_at)
        self._work = work
        self._waiting: tuple[IsStale, ...] = ()

    def join(self, rank: Rank, stale: IsStale) -> None:
        """One more who waits, until ``stale`` is true."""
        self.rank = min(rank, self.rank)
        self._waiting = (*self._waiting, stale)

    def stale(self) -> bool:
        """Whether nobody waits any more. Asked from any thread."""
        return all(stale() for stale in self._waiting)

    def run(self) -> None:
        """Do the work in this thread and hand over what it gave."""
        with self:
            if self.stale():
                raise Stale
            self._hand_over(self._give, self._work(self.stale))

    def __enter__(self) -> None:
        """Work that fails ends with this block, not with its thread."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Whoever waits for it raises what it raised."""
        if error is not None:
            self._hand_over(self._fail, _without_frames(error))
        return True

    def _hand_over(self, take: Callable[[Any], None], value: object) -> None:
        # A loop that has ended meanwhile has nobody who waits.
        with contextlib.suppress(RuntimeError):
            self.future.get_loop().call_soon_threadsafe(take, value)

    def _give(self, result: Result) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def _fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Pool:
    """Runs jobs in ``at_once`` threads, glances in one more, and what is not shown in one alone.

    Work that nobody waits for any more does not count: it ends at its next read, and if that read hangs, others
    go on. All methods are for the event loop.
    """

    def __init__(self, at_once: int = 2) -> None:
        self._at_once = at_once
        self._changed = threading.Condition()
        self._queue: list[Job[Any]] = []
        self._running: list[Job[Any]] = []
        self._threads = 0

    def submit(self, work: Callable[[IsStale], Result], rank: Rank, stale: IsStale) -> Job[Result]:
        """Have ``work`` done; it is given the question whether anybody still waits."""
        job = Job(work, rank)
        job.join(rank, stale)
        with self._changed:
            self._queue.append(job)
            hanging = sum(job.stale() for job in self._running)
            if self._threads < min(_MOST, self._at_once + 1 + hanging):
                self._threads += 1
                threading.Thread(target=self._serve, name="pictures", daemon=True).start()
            self._changed.notify()
        return job

    def join(self, job: Job[Any], rank: Rank, stale: IsStale) -> None:
        """Wait for a job that is on its way already; it becomes as urgent as this."""
        with self._changed:
            job.join(rank, stale)
            self._changed.notify()

    @property
    def busy(self) -> bool:
        """Whether any thread works, or any work waits."""
        with self._changed:
            return bool(self._queue or self._running)

    def _serve(self) -> None:
        working = True
        while working:
            working = self._serve_one()

    def _serve_one(self) -> bool:
        """Of its own, so that a thread that waits for the next job holds nothing of the last."""
        job = self._take()
        if job is None:
            return False
        job.run()
        with self._changed:
            self._running.remove(job)
            self._changed.notify_all()
        return True

    def _take(self) -> Job[Any] | None:
        """The next job, None when there was none for a while."""
        with self._changed:
            while (job := self._next()) is None:
                if not self._changed.wait(_IDLE) and not self._queue:
                    self._threads -= 1
                    return None
            self._queue.remove(job)
            self._running.append(job)
            return job

    def _next(self) -> Job[Any] | None:
        """The most urgent job that may run beside those that run."""
        running = [job.rank for job in self._running if not job.stale()]
        decoding = sum(rank > Rank.GLANCE for rank in running)
        for job in sorted(self._queue, key=lambda job: job.rank):
            if job.stale() or (job.rank is Rank.GLANCE and len(running) - decoding < 1):
                return job
            if Rank.GLANCE < job.rank <= Rank.SHOWN and decoding < self._at_once:
                return job
            if job.rank > Rank.SHOWN and not running and self._calm():
                return job
        return None

    def _calm(self) -> bool:
        return all(job.rank > Rank.SHOWN for job in self._queue)


def _without_frames(error: BaseException) -> BaseException:
    """The same news without the way it took: half decoded pictures hang on it, and the job on them in a circle."""
    if isinstance(error, Stale):
        return Stale()
    return PictureError(error.words) if isinstance(error, PictureError) else error


def _look_at(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
