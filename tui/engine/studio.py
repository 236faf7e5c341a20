"""The facade of the engine: requests become jobs, jobs become generations in the library."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from tui.domain.delivered import differences
from tui.domain.errors import DiskError, ImageGenError, Interrupted, RateLimited
from tui.domain.events import JobChanged, Listener
from tui.domain.generation import Generation
from tui.domain.job import Job, JobState
from tui.domain.request import Request
from tui.engine.client import Client
from tui.engine.hearing import Sending
from tui.engine.received import Received, counted, moved, requests_words
from tui.engine.retry import Pause, Rests, RetryPolicy

if TYPE_CHECKING:
    from tui.library import Library


@dataclass(slots=True)
class _Course:
    """How far a job has come: through which client, and how often its request was, or will be, sent again."""

    client: Client
    resent: int = 0


class Studio:
    """Runs jobs, at most ``limit`` at a time, and tells listeners of every change; all on one event loop.

    Listeners are called at once, on the loop, and must not raise. What fails by chance or meets a limit is sent
    again as ``policy`` says. A job that waits gives its place to others; those for the model whose limit it met
    wait with it, at most once each, so that the places go to jobs of other models and nothing runs against a
    limit that is known. ``sleep`` is how a wait is sat out.
    """

    def __init__(
        self,
        client: Client,
        library: "Library",
        *,
        limit: int = 4,
        policy: RetryPolicy | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._library = library
        self._places = asyncio.Semaphore(limit)
        self._policy = policy or RetryPolicy()
        self._sleep = sleep
        self._rests = Rests()
        self._sleeping: dict[str, asyncio.Future[None]] = {}
        self._listeners: list[Listener] = []
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[object]] = {}
        self._homeless: dict[str, Received] = {}
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
        """Jobs that start from now on go through ``client``; the old one closes after its last job, a waiting
        one included."""
        old, self._client = self._client, client
        if old is not client and not self._users.get(old):
            self._close_soon(old)

    def move_to(self, library: "Library") -> None:
        """Pictures that are saved from now on go to another library."""
        self._library = library

    def cancel(self, job_id: str) -> None:
        """Stop a job that is queued, running or waiting; a picture that is being saved is saved all the same."""
        job = self._jobs[job_id]
        if job.state not in (JobState.QUEUED, JobState.RUNNING, JobState.WAITING):
            return
        task = self._tasks.get(job_id)
        if task is None:
            self._end(job_id, JobState.CANCELLED)
        else:
            task.cancel()

    def hurry(self, job_id: str) -> None:
        """End the wait of a job that waits: it is sent as soon as there is a place."""
        sleeping = self._sleeping.get(job_id)
        if sleeping is not None:
            sleeping.cancel()

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
        """Send the request until it has an end, each time in a place of its own."""
        course: _Course | None = None
        try:
            while True:
                async with self._places:
                    if course is None:
                        course = self._begin()
                    pause = self._rest_ahead(job_id, course) or await self._try(job_id, course)
                if pause is None:
                    return
                course.resent += 1
                await self._wait(job_id, pause)
        finally:
            if course is not None:
                self._let_go_of(course.client)

    def _begin(self) -> _Course:
        self._users[self._client] = self._users.get(self._client, 0) + 1
        return _Course(self._client)

    def _let_go_of(self, client: Client) -> None:
        self._users[client] -= 1
        if not self._users[client]:
            del self._users[client]
            if client is not self._client:
                self._close_soon(client)

    def _rest_ahead(self, job_id: str, course: _Course) -> Pause | None:
        """The limit that another job met and this one would meet; who has waited once is let through."""
        if course.resent or not self._policy.retries:
            return None
        return self._rests.ahead((course.client.address, self._jobs[job_id].request.model), time.monotonic())

    async def _try(self, job_id: str, course: _Course) -> Pause | None:
        """Send the request once; the pause to make before it is sent again, None when the job is over."""
        what = course.client.address, self._jobs[job_id].request.model
        sending = Sending()
        try:
            received = await self._generate(job_id, course.client, sending)
        except ImageGenError as error:
            if not sending.sent:
                self._jobs[job_id] = replace(self._jobs[job_id], attempts=self._jobs[job_id].attempts - 1)
            seconds = self._policy.pause(error, resent=course.resent, unanswered=sending.unanswered)
            if seconds is None:
                self._end(job_id, JobState.FAILED, error=error)
                return None
            _let_go(error)
            pause = Pause(time.monotonic() + seconds, error)
            if isinstance(error, RateLimited):
                self._rests.begin(what, pause)
            return pause
        self._rests.end(what)
        await self._save(job_id, received, self._library)
        return None

    async def _wait(self, job_id: str, pause: Pause) -> None:
        """Sit a pause out, without a place; ``hurry`` ends it."""
        waiting = replace(
            self._jobs[job_id], state=JobState.WAITING, error=pause.error, resumes_at=pause.until, words=""
        )
        self._put(waiting)
        left = max(0.0, pause.until - time.monotonic())
        sleeping = self._sleeping[job_id] = asyncio.ensure_future(self._sleep(left))
        try:
            await asyncio.wait({sleeping})
        finally:
            del self._sleeping[job_id]
            sleeping.cancel()
        if self._places.locked():
            self._put(replace(waiting, state=JobState.QUEUED, error=None, resumes_at=None))

    async def _generate(self, job_id: str, client: Client, sending: Sending) -> Received:
        begun, started = time.monotonic(), datetime.now().astimezone()
        job = self._jobs[job_id]
        running = replace(
            job, state=JobState.RUNNING, started_at=begun, attempts=job.attempts + 1, error=None, resumes_at=None
        )
        self._put(running)
        reply = await client.generate(
            job.request, lambda words: self._put(replace(running, words=words)), sending=sending
        )
        reply = replace(reply, warnings=(*reply.warnings, *differences(job.request, reply)))
        self._put(replace(running, state=JobState.SAVING))
        return counted(Received(reply, client.address.url, time.monotonic() - begun, started), running.attempts)

    async def _save(self, job_id: str, received: Received, library: "Library") -> None:
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

    def _take_saved(self, job_id: str, received: Received, saving: "asyncio.Future[Generation]") -> None:
        try:
            generation = saving.result()
        except DiskError as error:
            self._homeless[job_id] = moved(received, error.kept)
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
        if error is not None and job.attempts > 1:
            error.hint = f"{error.hint} {requests_words(job.attempts)} were made.".strip()
        now = time.monotonic()
        self._put(
            replace(job, state=state, error=error, generation=generation, finished_at=now, resumes_at=None, words="")
        )

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


def _let_go(error: ImageGenError) -> None:
    """Drop what an error drags along: its traceback holds every local of the call, buffers included."""
    seen: BaseException | None = error
    while seen is not None:
        following = seen.__cause__ or seen.__context__
        seen.__traceback__ = seen.__cause__ = seen.__context__ = None
        seen = following
