"""The facade of the engine: requests become jobs, jobs become generations in the library."""

import asyncio
import secrets
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.domain.delivered import differences
from tui.domain.errors import DiskError, ImageGenError, Interrupted
from tui.domain.events import JobChanged, Listener
from tui.domain.generation import Generation
from tui.domain.job import Job, JobState
from tui.domain.reply import Reply
from tui.domain.request import Request
from tui.engine.client import Client

if TYPE_CHECKING:
    from tui.library import Library


@dataclass(frozen=True, slots=True)
class _Received:
    """A reply and what the library wants to know beside it."""

    reply: Reply
    proxy: str
    elapsed: float
    started: datetime


class Studio:
    """Runs jobs, at most ``limit`` at a time, and tells listeners of every change; all on one event loop.

    Listeners are called at once, on the loop, and must not raise.
    """

    def __init__(self, client: Client, library: "Library", *, limit: int = 4) -> None:
        self._client = client
        self._library = library
        self._places = asyncio.Semaphore(limit)
        self._listeners: list[Listener] = []
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[object]] = {}
        self._homeless: dict[str, _Received] = {}
        self._users: dict[Client, int] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._last_id = 0

    def subscribe(self, listener: Listener) -> None:
        """Call ``listener`` with a JobChanged at every change of state."""
        self._listeners.append(listener)

    def submit(self, request: Request) -> Job:
        """A new job, queued; ``run`` starts it."""
        self._last_id = max(self._last_id + 1, time.time_ns())
        job = Job(f"{self._last_id:020d}-{secrets.token_hex(3)}", request, queued_at=time.monotonic())
        self._put(job)
        return job

    def resubmit(self, job_id: str) -> Job:
        """A new job with the request of an old one."""
        return self.submit(self._jobs[job_id].request)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, oldest first."""
        return tuple(self._jobs.values())

    def forget(self, job_id: str) -> None:
        """Drop a job that is over; one that is not stays."""
        job = self._jobs.get(job_id)
        if job is not None and job.state.is_over:
            del self._jobs[job_id]
            self._homeless.pop(job_id, None)

    def use(self, client: Client) -> None:
        """Jobs that start from now on go through ``client``; the old one closes after its last job."""
        old, self._client = self._client, client
        if old is not client and not self._users.get(old):
            self._close_soon(old)

    def move_to(self, library: "Library") -> None:
        """Pictures that are saved from now on go to another library."""
        self._library = library

    def cancel(self, job_id: str) -> None:
        """Stop a job that is queued or running; a picture that is being saved is saved all the same."""
        job = self._jobs[job_id]
        if job.state not in (JobState.QUEUED, JobState.RUNNING):
            return
        task = self._tasks.get(job_id)
        if task is None:
            self._end(job_id, JobState.CANCELLED)
        else:
            task.cancel()

    async def run(self, job_id: str) -> Job:
        """Wait for a free place, generate, save; the job as it ended, done or failed.

        Never raises an ImageGenError. When cancelled before the picture is there the job is cancelled; when
        cancelled later the picture is saved first. Both times CancelledError goes on.
        """
        job = self._jobs[job_id]
        if job.state is not JobState.QUEUED or job_id in self._tasks:
            return job
        task = asyncio.current_task()
        if task is not None:
            self._tasks[job_id] = task
        try:
            async with self._places:
                await self._run(job_id)
        except asyncio.CancelledError:
            self._end(job_id, JobState.CANCELLED)
            raise
        finally:
            self._tasks.pop(job_id, None)
            self._end(job_id, JobState.FAILED, error=ImageGenError("The program made a mistake."))
        return self._jobs.get(job_id, job)

    async def keep_in(self, job_id: str, library: "Library") -> Job:
        """Save the pictures of a job that failed with DiskError in another library."""
        received = self._homeless.get(job_id)
        if received is None or self._jobs[job_id].state is not JobState.FAILED:
            return self._jobs[job_id]
        self._put(replace(self._jobs[job_id], state=JobState.SAVING, error=None, finished_at=None))
        await self._save(job_id, received, library)
        return self._jobs[job_id]

    async def aclose(self) -> None:
        """Cancel every job, wait until all have let go, and close the client."""
        me = asyncio.current_task()
        for job in self.jobs():
            self.cancel(job.id)
        running = [task for task in self._tasks.values() if task is not me]
        if running:
            await asyncio.wait(running)
        await self._client.aclose()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _run(self, job_id: str) -> None:
        client = self._client
        self._users[client] = self._users.get(client, 0) + 1
        try:
            received = await self._generate(job_id, client)
            if received is not None:
                await self._save(job_id, received, self._library)
        finally:
            self._users[client] -= 1
            if not self._users[client]:
                del self._users[client]
                if client is not self._client:
                    self._close_soon(client)

    async def _generate(self, job_id: str, client: Client) -> _Received | None:
        begun, started = time.monotonic(), datetime.now().astimezone()
        self._put(replace(self._jobs[job_id], state=JobState.RUNNING, started_at=begun))
        request = self._jobs[job_id].request
        try:
            reply = await client.generate(request)
        except ImageGenError as error:
            self._end(job_id, JobState.FAILED, error=error)
            return None
        reply = replace(reply, warnings=(*reply.warnings, *differences(request, reply)))
        self._put(replace(self._jobs[job_id], state=JobState.SAVING))
        return _Received(reply, client.address.url, time.monotonic() - begun, started)

    async def _save(self, job_id: str, received: _Received, library: "Library") -> None:
        """Save in a thread, to the end whatever comes; a cancellation meanwhile goes on afterwards."""
        request = self._jobs[job_id].request
        saving = asyncio.ensure_future(
            asyncio.to_thread(
                library.save,
                request,
                received.reply,
                proxy=received.proxy,
                elapsed=received.elapsed,
                started=received.started,
            )
        )
        cancelled = await _outlast(saving)
        self._take_saved(job_id, received, saving)
        if cancelled is not None:
            raise cancelled

    def _take_saved(self, job_id: str, received: _Received, saving: "asyncio.Future[Generation]") -> None:
        try:
            generation = saving.result()
        except DiskError as error:
            self._homeless[job_id] = _moved(received, error.kept)
            self._end(job_id, JobState.FAILED, error=error)
        except ImageGenError as error:
            self._end(job_id, JobState.FAILED, error=error)
        else:
            self._homeless.pop(job_id, None)
            self._end(job_id, JobState.DONE, generation=generation)

    def _end(
        self,
        job_id: str,
        state: JobState,
        *,
        error: ImageGenError | None = None,
        generation: Generation | None = None,
    ) -> None:
        """The job is over, unless it was before."""
        job = self._jobs.get(job_id)
        if job is None or job.state.is_over:
            return
        if state is JobState.CANCELLED:
            error = Interrupted(title="Cancelled")
        if error is not None:
            _let_go(error)
        now = time.monotonic()
        self._put(replace(job, state=state, error=error, generation=generation, finished_at=now))

    def _put(self, job: Job) -> None:
        self._jobs[job.id] = job
        self._tell(job)

    def _tell(self, job: Job) -> None:
        for listener in tuple(self._listeners):
            listener(JobChanged(job))

    def _close_soon(self, client: Client) -> None:
        task = asyncio.ensure_future(client.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _outlast(future: "asyncio.Future[Generation]") -> asyncio.CancelledError | None:
    """Wait until ``future`` is done, however often we are cancelled meanwhile; the first cancellation."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError as error:
            cancelled = cancelled or error
    return cancelled


def _moved(received: _Received, kept: tuple[Path, ...]) -> _Received:
    """The reply with its pictures where they were kept."""
    images = received.reply.images
    if len(kept) != len(images):
        return received
    moved = tuple(replace(image, path=path) for image, path in zip(images, kept, strict=True))
    return replace(received, reply=replace(received.reply, images=moved))


def _let_go(error: ImageGenError) -> None:
    """Drop what an error drags along: its traceback holds every local of the call, buffers included."""
    seen: BaseException | None = error
    while seen is not None:
        following = seen.__cause__ or seen.__context__
        seen.__traceback__ = seen.__cause__ = seen.__context__ = None
        seen = following
