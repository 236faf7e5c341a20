"""The app: panes ask, workers answer; here the two are wired together."""

import asyncio
import contextlib
import gc
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual.driver import Driver

from tui import messages
from tui.domain.errors import ImageGenError
from tui.domain.finding import Finding
from tui.domain.generation import Generation
from tui.domain.job import JobState
from tui.domain.proxy import ProxyAddress
from tui.domain.selection import with_model
from tui.referring import Referring
from tui.screens.entry import FolderEntry
from tui.screens.story import JobStory
from tui.settings import Settings
from tui.state import AppState, save_state
from tui.terminal.probe import TerminalFacts
from tui.watch import ProxyWatch
from tui.widgets.welcome import welcome_words

if TYPE_CHECKING:
    from tui.connect.find import Search
    from tui.first_rows import FirstRows
    from tui.reader import LibraryReader
    from tui.workers import Background

FIRST_ROWS_WITHIN = 0.02
"""Seconds that the first frame waits for the newest rows."""


class ImageGenApp(Referring):
    """Prompt in, pictures out, on one screen."""

    KEEP_STATE_SECONDS = 2.0

    def __init__(
        self,
        settings: Settings,
        address: ProxyAddress,
        facts: TerminalFacts,
        *,
        state: AppState,
        driver_class: type[Driver] | None = None,
        leaving: Callable[[], None] | None = None,
        search: "Callable[[], Awaitable[Search]] | None" = None,
        first_rows: "FirstRows | None" = None,
    ) -> None:
        super().__init__(settings, address, facts, state=state, driver_class=driver_class)
        self.terminal_given_back = threading.Event()
        self._leaving = leaving
        self._search = search
        self._first_rows = first_rows
        self._kept_state = state
        self._way: messages.WayExamined | None = None
        self._reader: LibraryReader | None = None
        self._background: Background | None = None
        self._waiting: list[Callable[[Background], None]] = []
        self.proxy_watch = ProxyWatch(lambda: self._ask(lambda background: background.look_at_proxy()))

    def on_mount(self) -> None:
        """With the first frame: the newest rows, if they are there by now."""
        first = self._first_rows
        if first is not None and first.ready(FIRST_ROWS_WITHIN) and first.held is not None:
            found = messages.GenerationsFound(messages.FindRequested(), first.ids, complete=False)
            read = messages.LibraryRead(first.held, first.ids, first.total, first.in_use, False, found)
            self.history.read(read)

    def on_ready(self) -> None:
        """After the first frame: everything that takes time."""
        if not gc.isenabled():
            # What a start leaves stays to the end; not looking through it again makes each later search short.
            gc.freeze()
            gc.enable()
        self._write_status()
        self._write_welcome()
        self._say_theme()
        self.proxy_watch.began()
        self.run_worker(self._open(), group="opening", exit_on_error=True)
        self.set_interval(1.0, self._tick)
        self.set_interval(self.KEEP_STATE_SECONDS, self._keep_state)

    def _say_theme(self) -> None:
        wanted = self.settings.theme
        if wanted and wanted not in self.available_themes:
            self.prompt.say(f"There is no theme {wanted}; Ctrl+P, Theme lists them all.", error=True)

    async def _open(self) -> None:
        reader = self._reader = (await asyncio.to_thread(_reader_class))(self, self.settings)
        reader.open(self.settings.output_dir.absolute(), self._first_rows)
        make = await asyncio.to_thread(_background_class)
        background = make(self, self.settings, self.address, reader, self._search)
        if self.settings.sandbox:
            self.prompt.say("Starting the sandbox …")
            await background.sandbox_started()
        else:
            background.find_proxy()
        self._background = background
        background.take_references(self._kept_state.references)
        waiting, self._waiting = self._waiting, []
        for ask in waiting:
            ask(background)

    def _ask(self, ask: "Callable[[Background], None]") -> None:
        """Ask the background for something; what is asked before it is there waits for it."""
        if self._background is None:
            self._waiting.append(ask)
        else:
            ask(self._background)

    @property
    def library_at_rest(self) -> bool:
        """Whether the history shows all that is known of the library, and what was searched for last."""
        return self._reader is None or (self._reader.idle and not self.history.searching)

    def look_at_proxy(self) -> None:
        """Judge the proxy in the background."""
        self.proxy_watch.look()

    def on_generate_requested(self, message: messages.GenerateRequested) -> None:
        """Queue what was asked for; what is wrong with it is said at the prompt."""
        try:
            selection = self.options.selection
            requests = replace(selection, model=self.spelled(selection.model)).requests(message.prompt)
        except ImageGenError as error:
            self.prompt.say(f"{error.detail} {error.hint}".strip(), error=True)
            return
        self.prompt.unsay()
        self._ask(lambda background: background.jobs.submit(requests))

    def on_job_updated(self, message: messages.JobUpdated) -> None:
        """A job's row, and what its end brings."""
        job = message.job
        self.jobs_pane.update(job)
        self.proxy_watch.heard(job, self.health)
        if job.state is JobState.DONE and job.generation is not None:
            self._take_in(job.generation)
        elif job.state is JobState.FAILED and job.error is not None:
            self.prompt.say(self.failure_words(job.error, job.request.model), error=True)
        if isinstance(self.screen, JobStory):
            self.screen.show(job)
        self._write_welcome()
        self._write_status()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the doctor found on the way to the proxy in use."""
        return self._way.findings if self._way is not None and self._way.address == self.address else ()

    def _write_welcome(self) -> None:
        self.preview.welcome(welcome_words(self.address, self.health, self.findings, self.active_jobs()))

    def on_cancel_requested(self, message: messages.CancelRequested) -> None:
        """Stop a job."""
        self._ask(lambda background: background.jobs.cancel(message.job))

    def on_retry_requested(self, message: messages.RetryRequested) -> None:
        """Run a job's request again."""
        self.prompt.unsay()
        self._ask(lambda background: background.jobs.retry(message.job))

    def on_retry_with_requested(self, message: messages.RetryWithRequested) -> None:
        """Run a job's request with another model; its ratio and size move to the nearest that one has."""
        self.prompt.unsay()
        request = with_model(message.job.request, message.model)
        self._ask(lambda background: background.jobs.submit([request]))

    def on_forget_requested(self, message: messages.ForgetRequested) -> None:
        """Take finished jobs off the list."""
        self.prompt.unsay()
        self._ask(lambda background: background.jobs.forget(message.jobs))
        self.jobs_pane.forget(message.jobs)
        self._write_status()

    def _take_in(self, generation: Generation) -> None:
        """A new generation; the history goes to it unless the person is at something else there."""
        if not self.history.has_focus_within and not self.looks_closely:
            self.history.follow(generation)
        self.history.expect(generation)
        self._ask(lambda background: background.library.saved(generation))

    def on_find_requested(self, message: messages.FindRequested) -> None:
        """Search the library."""
        if self._reader is not None:
            self._reader.find(message)
        else:
            self._ask(lambda background: background.library.reader.find(message))

    def on_generations_found(self, message: messages.GenerationsFound) -> None:
        """What a search finds."""
        self.history.found(message)

    def on_library_read(self, message: messages.LibraryRead) -> None:
        """The library as it is now."""
        self.history.read(message)
        self._write_status()

    def on_generation_changed(self, message: messages.GenerationChanged) -> None:
        """Another value of a generation."""
        self.history.replace(message.generation)

    def on_generations_trashed(self, message: messages.GenerationsTrashed) -> None:
        """They are gone from the list, and one key away."""
        self.history.take_out(message.generations)
        count = len(message.generations)
        self.say(f"{count} in the trash; u in the history brings back." if count > 1 else "In the trash; u undoes.")
        self._write_status()

    def on_generations_restored(self, message: messages.GenerationsRestored) -> None:
        """They are back."""
        if message.generations:
            self.history.follow(message.generations[-1])
        count = len(message.generations)
        self.say(f"{count} back from the trash." if count > 1 else "Back from the trash.")
        self._write_status()

    def on_open_requested(self, message: messages.OpenRequested) -> None:
        """Open the picture in the system's viewer."""
        image = message.generation.final_image
        if image is not None:
            self._ask(lambda background: background.open_outside(image.path))

    def action_sandbox(self) -> None:
        """Paint in our own proxy from now on."""
        self.prompt.say("Starting the sandbox …")
        self._ask(lambda background: background.start_sandbox())

    def on_proxy_chosen(self, message: messages.ProxyChosen) -> None:
        """Another proxy is in use, or the same one for a better reason."""
        self.forget_health(message.address)
        if message.address.source == "sandbox":
            self.prompt.say("The sandbox paints now.")
            self._say_theme()
        self._write_status()
        self.proxy_watch.moved()

    def on_way_examined(self, message: messages.WayExamined) -> None:
        """What stands in the way, for who has no picture yet."""
        if message.address == self.address:
            self._way = message
            self._write_welcome()

    def on_proxy_judged(self, message: messages.ProxyJudged) -> None:
        """What was found at the proxy."""
        self.proxy_watch.ended()
        if message.address == self.address:
            self.take_health(message.health)
            self._write_welcome()
            self._write_status()

    def action_choose_folder(self) -> None:
        """Another library folder; pictures that could not be saved go there."""
        self._ask(self._ask_for_folder)

    def _ask_for_folder(self, background: "Background") -> None:
        unsaved = len(background.jobs.unsaved())
        why = f"{unsaved} received and not saved yet: they go to the folder you choose." if unsaved else ""
        self.push_screen(FolderEntry(background.library.library.folder, why), self._move_library)

    def _move_library(self, folder: str | None) -> None:
        if folder is not None:
            self._ask(lambda background: background.move_library(Path(folder).expanduser()))

    def on_library_moved(self, message: messages.LibraryMoved) -> None:
        """The library is another folder."""
        self.prompt.say(f"The library is {message.folder} now.")

    def action_reload(self) -> None:
        """Read the library again, and look for the proxy."""
        self._ask(lambda background: background.library.load())
        self.look_at_proxy()

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; the draft is kept, the sandbox ends, and nothing that still runs holds us back."""
        if self._leaving is not None:
            self._leaving()
        if self._reader is not None:
            self._reader.stop()
        if self._background is not None:
            self._background.stop()
        with contextlib.suppress(OSError):
            save_state(self.settings.state_dir, self.state)
        super().exit(result, return_code, message)

    def _tick(self) -> None:
        active = self.active_jobs()
        self.proxy_watch.tick(idle=not active, visible=self.app_focus)
        if active:
            self._write_status()

    def on_app_focus(self) -> None:
        """The terminal's window is looked at again: so is the proxy, if that is long ago."""
        self.proxy_watch.tick(idle=not self.active_jobs(), visible=True)

    def _write_status(self) -> None:
        now = time.monotonic()
        jobs = self.jobs_pane.job_list.jobs
        running = [job for job in jobs if job.state in (JobState.RUNNING, JobState.SAVING)]
        ends = [job.resumes_at or now for job in jobs if job.state is JobState.WAITING]
        self.status_line.status = replace(
            self.status_line.status,
            proxy=self.address.label,
            unchecked=self.address.is_unchecked,
            health=self.health,
            running=len(running),
            queued=sum(job.state is JobState.QUEUED for job in jobs),
            waiting=len(ends),
            resumes_in=max(0, ceil(min(ends, default=now) - now)),
            failed=len(self.failed_jobs()),
            seconds=int(max((job.seconds(now) for job in running), default=0)),
            today=self.history.model.made_on(date.today()),
        )

    async def _keep_state(self) -> None:
        state = self.state
        if state != self._kept_state:
            self._kept_state = state
            try:
                await asyncio.to_thread(save_state, self.settings.state_dir, state)
            except OSError as error:
                self.prompt.say(f"The draft cannot be kept: {error.strerror}.", error=True)


def _reader_class() -> "type[LibraryReader]":
    """Imported in a thread after the first frame, before what is needed to make pictures: people look first."""
    from tui.reader import LibraryReader

    return LibraryReader


def _background_class() -> "type[Background]":
    """Imported in a thread after the first frame: it brings the HTTP client."""
    from tui.workers import Background

    return Background
