"""Jobs and library work in the background: studio events in, messages out."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App

from tui.connect.find import Search
from tui.domain.errors import DiskError, ImageGenError
from tui.domain.events import JobChanged
from tui.domain.generation import Generation
from tui.domain.job import Job
from tui.domain.marking import Changed, Marking
from tui.domain.proxy import ProxyAddress
from tui.domain.request import Request
from tui.domain.thrown import InTrash
from tui.domain.words import file_size
from tui.engine.client import Client
from tui.engine.retry import RetryPolicy
from tui.engine.studio import Studio
from tui.library import Library, Trashed, reference_from
from tui.library.boards import drop_board, keep_board, read_boards
from tui.messages import (
    BoardsTold,
    GenerationChanged,
    GenerationsRestored,
    GenerationsTrashed,
    JobUpdated,
    LibraryMoved,
    Notice,
    ReferenceRead,
    TrashTold,
)
from tui.proxies import ProxyWork
from tui.reader import LibraryReader
from tui.settings import Settings
from tui.telling import failure_notice, run_told, told


class JobWorkers:
    """Runs each job as an async worker of the app, in the group ``jobs``, and passes on what the studio tells.

    Jobs wait until ``ready`` is set: until it is known where to send them.
    """

    def __init__(self, app: App[Any], studio: Studio, ready: asyncio.Event) -> None:
        self._app = app
        self._ready = ready
        self.studio = studio
        studio.subscribe(self._tell)

    def submit(self, requests: Iterable[Request]) -> None:
        """Queue requests and let them run."""
        for request in requests:
            self._start(self.studio.submit(request))

    def retry(self, job: Job) -> None:
        """Run a job's request again, or at once where it waits for that by itself."""
        if job.state.is_over:
            self._start(self.studio.resubmit(job.id))
        else:
            self.studio.hurry(job.id)

    def cancel(self, job: Job) -> None:
        """Stop a job; its socket closes."""
        self.studio.cancel(job.id)

    def forget(self, jobs: Iterable[Job]) -> None:
        """Drop finished jobs."""
        for job in jobs:
            self.studio.forget(job.id)

    def active(self) -> list[Job]:
        """The jobs that are not over, oldest first."""
        return [job for job in self.studio.jobs() if not job.state.is_over]

    def unsaved(self) -> list[Job]:
        """The jobs whose picture was received but could not be saved."""
        return [job for job in self.studio.jobs() if isinstance(job.error, DiskError) and job.error.kept]

    def save_in(self, library: Library) -> None:
        """Save received pictures in another library."""
        for job in self.unsaved():
            self._app.run_worker(
                self.studio.keep_in(job.id, library), group="jobs", name=f"keep {job.id}", exit_on_error=False
            )

    def _start(self, job: Job) -> None:
        self._app.run_worker(self._go(job.id), group="jobs", name=f"job {job.id}", exit_on_error=False)

    async def _go(self, job_id: str) -> None:
        await self._ready.wait()
        if any(job.id == job_id for job in self.studio.jobs()):
            await self.studio.run(job_id)

    def _tell(self, change: JobChanged) -> None:
        self._app.post_message(JobUpdated(change.job))


class LibraryWorkers:
    """Reads and changes the library in threads; its answers are messages."""

    def __init__(self, app: App[Any], library: Library, reader: LibraryReader) -> None:
        self._app = app
        self.library = library
        self.reader = reader
        self._turn = asyncio.Lock()
        self._done: list[Callable[[], Coroutine[Any, Any, None]]] = []
        """How to take back what was done, the last thing at the end."""

    def load(self) -> None:
        """Read the library."""
        self.reader.open(self.library.folder)

    def saved(self, generation: Generation) -> None:
        """Show what was saved in the library."""
        self._run(partial(self.reader.put, (generation,)), "saved")

    def mark(self, generations: tuple[Generation, ...], marking: Marking) -> None:
        """Star, rate, tag, write a note: what ``marking`` names, in all of them."""
        self._run(partial(self._mark, generations, marking), "change")

    def trash(self, generations: tuple[Generation, ...]) -> None:
        """Move generations to the trash."""
        self._run(partial(self._trash, generations), "change")

    def undo(self) -> None:
        """Take back what was done last."""
        self._run(self._undo, "change")

    def tell_trash(self) -> None:
        """Say what is in the trash."""
        self._run(self._tell_trash, "trash")

    def bring_back(self, rows: tuple[InTrash, ...]) -> None:
        """Back from the trash, however long ago it was thrown away."""
        self._run(partial(self._bring_back, rows), "change")

    def empty_trash(self, rows: tuple[InTrash, ...]) -> None:
        """Delete these for good."""
        self._run(partial(self._empty_trash, rows), "change")

    def tell_boards(self) -> None:
        """Say which boards there are."""
        self._run(partial(self._tell_boards, asked=True), "boards")

    def keep_board(self, name: str, query: str) -> None:
        """Keep a search by a name."""
        self._run(partial(self._keep_board, name, query), "boards")

    def drop_board(self, name: str) -> None:
        """Forget a board."""
        self._run(partial(self._drop_board, name), "boards")

    async def _mark(self, generations: tuple[Generation, ...], marking: Marking) -> None:
        changed = await asyncio.to_thread(self.library.change_all, generations, marking)
        await self._tell_changed(changed)

    async def _put_back(self, changed: Changed) -> None:
        back = await asyncio.to_thread(self.library.put_back, changed)
        count = len(back.generations)
        self._app.post_message(Notice(f"Taken back in {count:,}." if count > 1 else "Taken back."))
        await self._tell_changed(back, undoable=False)

    async def _tell_changed(self, changed: Changed, *, undoable: bool = True) -> None:
        if undoable and changed.done:
            self._done.append(lambda: self._put_back(changed))
        for generation in changed.generations:
            self._app.post_message(GenerationChanged(generation))
        if changed.failures:
            first, more = changed.failures[0].error, len(changed.failures) - 1
            words = f"{first}  {first.hint}".strip() + (f"  And {more:,} more could not be changed." if more else "")
            self._app.post_message(Notice(words, error=True))
        await self.reader.put(changed.generations)

    async def _tell_trash(self) -> None:
        self._app.post_message(TrashTold(await asyncio.to_thread(self.library.trash_contents)))

    async def _bring_back(self, rows: tuple[InTrash, ...]) -> None:
        back = await asyncio.to_thread(self.library.restore_from_trash, rows)
        if back.failures:
            self._app.post_message(failure_notice(back.failures[0]))
        self._app.post_message(GenerationsRestored(back.generations))
        await self.reader.put(back.generations)

    async def _empty_trash(self, rows: tuple[InTrash, ...]) -> None:
        emptied = await asyncio.to_thread(self.library.empty_trash, rows)
        self._app.post_message(Notice(f"Deleted {emptied.count:,} for good, {file_size(emptied.bytes)}."))

    async def _undo(self) -> None:
        if self._done:
            await self._done.pop()()
        else:
            self._app.post_message(Notice("There is nothing to take back in this session."))

    async def _trash(self, generations: tuple[Generation, ...]) -> None:
        trashed = await asyncio.to_thread(self.library.trash, generations)
        self._done.append(lambda: self._restore(trashed))
        self._app.post_message(GenerationsTrashed(generations))
        await self.reader.drop(generations)

    async def _restore(self, trashed: Trashed) -> None:
        restored = await asyncio.to_thread(self.library.restore, trashed)
        self._app.post_message(GenerationsRestored(restored))
        await self.reader.put(restored)

    async def _tell_boards(self, *, asked: bool = False) -> None:
        self._app.post_message(BoardsTold(await asyncio.to_thread(read_boards, self.library.folder), asked))

    async def _keep_board(self, name: str, query: str) -> None:
        await asyncio.to_thread(keep_board, self.library.folder, name, query)
        await self._tell_boards()
        self._app.post_message(Notice(f"Kept as {name}; b shows it again."))

    async def _drop_board(self, name: str) -> None:
        await asyncio.to_thread(drop_board, self.library.folder, name)
        await self._tell_boards()
        self._app.post_message(Notice(f"{name} is forgotten; its pictures stay."))

    def _run(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        async def in_turn() -> None:
            # A star and the trash right behind it come in the order of their keys.
            with self.reader.at_work():
                async with self._turn:
                    await work()

        run_told(self._app, in_turn(), f"library {name}")


class Background:
    """All work behind the screen: the studio's jobs, the library, the proxy, the sandbox.

    ``search`` looks for the proxy where ``address`` is no more than a guess.
    """

    def __init__(
        self,
        app: App[Any],
        settings: Settings,
        address: ProxyAddress,
        reader: LibraryReader,
        search: Callable[[], Awaitable[Search]] | None = None,
    ) -> None:
        self._app = app
        self._settings = settings
        library = Library(settings.output_dir.absolute())
        self.library = LibraryWorkers(app, library, reader)
        policy = RetryPolicy(settings.retries, settings.wait_limit)
        self.studio = Studio(self._client(address), self.library.library, limit=settings.jobs_limit, policy=policy)
        self._proxy = ProxyWork(app, address, lambda chosen: self.studio.use(self._client(chosen)), search)
        self.jobs = JobWorkers(app, self.studio, self._proxy.settled)

    def find_proxy(self) -> None:
        """Look for the proxy before any job is sent; where it is and how it is come as messages."""
        self._run(self._proxy.find(), "judge", exclusive=True)

    def look_at_proxy(self) -> None:
        """Judge the proxy in use, and look for another where it takes nothing from us."""
        if self._proxy.settled.is_set():
            self._run(self._proxy.look(), "judge", exclusive=True)

    def start_sandbox(self) -> None:
        """Start our own proxy and send later jobs to it."""
        self._run(self._proxy.start_sandbox(self._settings.sandbox_delay), "sandbox", exclusive=True)

    def move_library(self, folder: Path) -> None:
        """Keep pictures in another folder, those that could not be saved first of all."""
        self._run(self._move_library(folder.absolute()), "move", exclusive=True)

    def open_outside(self, path: Path) -> None:
        """Open a picture in the viewer the system has for it."""
        self._run(self._open_outside(path), "open")

    def stop(self) -> None:
        """End the sandbox, if there is one."""
        self._proxy.stop()

    def add_reference(self, path: Path, *, parent: str | None = None, alone: bool = False) -> None:
        """Read a file to start from; what it is comes as a message."""
        self._run(self._read_reference(path, parent, alone), "reference")

    def take_references(self, paths: Iterable[str]) -> None:
        """Read the references of the last run again, in the order they had."""
        self._run(self._read_references(tuple(paths)), "reference")

    async def sandbox_started(self) -> None:
        """Start our own proxy and wait until later jobs go to it; what is in the way is said."""
        await told(self._app, self._proxy.start_sandbox(self._settings.sandbox_delay))

    async def _read_reference(self, path: Path, parent: str | None, alone: bool) -> None:
        try:
            reference = await asyncio.to_thread(reference_from, path, self._settings.cache_dir)
        except ImageGenError as error:
            self._app.post_message(ReferenceRead(None, f"{error.detail} {error.hint}".strip()))
            return
        self._app.post_message(ReferenceRead(reference, parent=parent, alone=alone))

    async def _read_references(self, paths: tuple[str, ...]) -> None:
        for path in paths:
            await self._read_reference(Path(path), None, False)

    def _client(self, address: ProxyAddress) -> Client:
        return Client(
            address,
            spool=self._spool,
            timeout=self._settings.timeout,
            reply_limit=self._settings.reply_limit,
            stream=self._settings.stream,
        )

    def _spool(self) -> Path:
        return self.library.library.spool()

    async def _move_library(self, folder: Path) -> None:
        library = Library(folder)
        await asyncio.to_thread(library.open)
        self.library.library = library
        self.studio.move_to(library)
        self.jobs.save_in(library)
        self._app.post_message(LibraryMoved(folder))
        self.library.load()

    async def _open_outside(self, path: Path) -> None:
        if not await open_outside(path):
            self._app.post_message(Notice(f"No viewer could open it. The picture is {path}", error=True))

    def _run(self, work: Coroutine[Any, Any, None], name: str, *, exclusive: bool = False) -> None:
        run_told(self._app, work, f"background {name}", exclusive=exclusive)


async def open_outside(path: Path) -> bool:
    """Open a file in the viewer the system has for it; false where no opener is installed."""
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    program = shutil.which(opener)
    if program is None:
        return False
    process = await asyncio.create_subprocess_exec(
        program,
        str(path),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    return await process.wait() == 0
