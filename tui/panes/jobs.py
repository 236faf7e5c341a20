"""The jobs pane: what is on its way and how it ended, two lines a job."""

import time
from datetime import datetime
from math import ceil

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content

from tui.commands import bindings_of, footer
from tui.domain.job import Job, JobState
from tui.domain.words import clock_words, one_line
from tui.messages import CancelRequested, ForgetRequested, RetryRequested, StoryRequested
from tui.widgets.cells import clip, fit, fit_end
from tui.widgets.pane import Pane
from tui.widgets.plain import content
from tui.widgets.row_list import Piece, RowList

GLYPHS: dict[JobState, tuple[str, str]] = {
    JobState.QUEUED: ("○", "row--muted"),
    JobState.RUNNING: ("◐", "row--accent"),
    JobState.WAITING: ("◌", "row--warning"),
    JobState.SAVING: ("◑", "row--accent"),
    JobState.DONE: ("✓", "row--success"),
    JobState.FAILED: ("✗", "row--error"),
    JobState.CANCELLED: ("–", "row--muted"),
    JobState.INTERRUPTED: ("–", "row--muted"),
}


_SHORT = {"rate_limited": "limit", "server_error": "failed", "cannot_connect": "lost"}
"""What a job waits for, where a row has no room for the title."""


def state_words(job: Job) -> list[str]:
    """The job's state as its row says it: the fullest form and shorter ones, for rows with less room.

    A request that was sent again says so, since each may be paid for.
    """
    title = one_line(job.error.title) if job.error is not None else ""
    forms = []
    if job.state is JobState.WAITING:
        until = f"waiting {until_words(job)}"
        forms = [f"{until} · {title}", until] if title else [until]
    elif job.state is JobState.FAILED and title:
        forms = [f"failed · {title}"]
    elif job.attempts > 1 and job.state is JobState.RUNNING:
        forms = [f"running · request {job.attempts}"]
    elif job.attempts > 1 and job.state is JobState.DONE:
        forms = [f"done · {job.attempts} requests"]
    return [*forms, str(job.state)]


def until_words(job: Job) -> str:
    """The time of day at which a waiting job goes on."""
    return f"until {clock_words(seconds_left(job, time.monotonic()), datetime.now())}"


def seconds_left(job: Job, now: float) -> float:
    """How long a waiting job still waits."""
    return 0.0 if job.resumes_at is None else max(0.0, job.resumes_at - now)


def seconds_words(job: Job, now: float) -> str:
    """How long it runs or ran, or still waits; empty for one that never began."""
    if job.state is JobState.WAITING:
        return f"{ceil(seconds_left(job, now))} s"
    return f"{int(job.seconds(now))} s" if job.started_at is not None else ""


def _wait_words(job: Job, title: str, width: int) -> str:
    """Until when a job waits, and for what: the title where it fits, else a word for it."""
    until = until_words(job)
    whole = f"{until} · {title}"
    word = _SHORT.get(job.error.code, "") if job.error is not None else ""
    return whole if cell_len(whole) <= width else f"{until} · {word}"


def can_retry(job: Job) -> bool:
    """Whether asking for another try means something: it is over, or waits for one."""
    return job.state.is_over or job.state is JobState.WAITING


class JobList(RowList):
    """Newest job first."""

    BINDINGS = bindings_of("jobs")
    row_height = 2

    def __init__(self) -> None:
        super().__init__(id="job-list")
        self.jobs: list[Job] = []

    def row_count(self) -> int:
        """One row a job, or one that says there is none."""
        return max(1, len(self.jobs))

    def can_stand(self, row: int) -> bool:
        """On jobs."""
        return 0 <= row < len(self.jobs)

    def pieces(self, row: int, line: int, width: int) -> list[Piece]:
        """State and seconds above, the prompt below; a title that does not fit above takes the prompt's place."""
        if not self.jobs:
            return [Piece(" " + fit("nothing on its way" if line == 0 else "", width - 1), "row--muted")]
        job = self.jobs[row]
        forms = state_words(job)
        words = next((each for each in forms if cell_len(each) <= width - 9), forms[-1])
        if line == 1:
            return [self._second_line(job, words, width - 3)]
        glyph, look = GLYPHS[job.state]
        seconds = seconds_words(job, time.monotonic()).rjust(6)
        return [Piece(f"{glyph} ", look), Piece(fit(words, width - 9)), Piece(f"{seconds} ", "row--muted")]

    def _second_line(self, job: Job, above: str, width: int) -> Piece:
        """What the line above has no room for, else what the model says, else the prompt."""
        title = one_line(job.error.title) if job.error is not None else ""
        if job.state in (JobState.WAITING, JobState.FAILED) and title not in above:
            told = title if job.state is JobState.FAILED or "until" in above else _wait_words(job, title, width)
            return Piece("  " + fit(told, width))
        if said := one_line(job.words[-4 * width :]):
            return Piece("  " + fit_end(said, width))
        return Piece("  " + fit(one_line(job.request.prompt), width), "row--muted")

    @property
    def current(self) -> Job | None:
        """The job under the cursor."""
        return self.jobs[self.cursor] if 0 <= self.cursor < len(self.jobs) else None

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Two clicks open the story; here and not in the pane, since what a parent sends does not go up past it."""
        event.stop()
        self.action_story()

    def action_story(self) -> None:
        """Ask for the whole story of the job."""
        if self.current is not None:
            self.post_message(StoryRequested(self.current))

    def action_cancel(self) -> None:
        """Ask to stop the job."""
        if self.current is not None and not self.current.state.is_over:
            self.post_message(CancelRequested(self.current))

    def action_retry(self) -> None:
        """Ask to run the request again, or at once where it waits for that."""
        if self.current is not None and can_retry(self.current):
            self.post_message(RetryRequested(self.current))

    def action_clear(self) -> None:
        """Ask to take the finished jobs off the list."""
        self.post_message(ForgetRequested(tuple(job for job in self.jobs if job.state.is_over)))


class JobsPane(Pane):
    """The list of jobs in its frame."""

    def __init__(self) -> None:
        super().__init__(id="jobs", classes="pane")

    def compose(self) -> ComposeResult:
        """The list alone."""
        yield JobList()

    def on_mount(self) -> None:
        """Seconds tick in place; nothing else is redrawn for them."""
        self.job_list.rows_changed()
        self._write_title()
        self.set_interval(1.0, self._tick)

    @property
    def job_list(self) -> JobList:
        """The list."""
        return self.query_one(JobList)

    def update(self, job: Job) -> None:
        """Take in a job's newest value."""
        rows = self.job_list
        for row, known in enumerate(rows.jobs):
            if known.id == job.id:
                rows.jobs[row] = job
                rows.refresh_row(row)
                self._write_title()
                return
        rows.jobs.insert(0, job)
        rows.rows_changed()
        rows.move_to(rows.cursor + 1 if rows.cursor > 0 else 0)
        self._write_title()

    def forget(self, jobs: tuple[Job, ...]) -> None:
        """Take jobs off the list."""
        gone = {job.id for job in jobs}
        rows = self.job_list
        rows.jobs = [job for job in rows.jobs if job.id not in gone]
        rows.rows_changed()
        rows.move_to(rows.cursor)
        self._write_title()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """The foot has the keys of the job under the cursor."""
        event.stop()
        self._write_title()

    def on_resize(self) -> None:
        """The foot follows the width."""
        self._write_title()

    def _tick(self) -> None:
        rows = self.job_list
        for row, job in enumerate(rows.jobs):
            if job.state in (JobState.RUNNING, JobState.WAITING):
                rows.refresh_row(row)

    def _write_title(self) -> None:
        jobs = self.job_list.jobs
        active = sum(not job.state.is_over for job in jobs)
        title = f"Jobs  {active} on the way" if active else "Jobs"
        width = max(0, self.size.width - 4)
        keys = self._foot(width)
        self.write_edges(content(clip(title, width)) if width > 3 else None, Content(keys) if keys else None)

    def _foot(self, width: int) -> str:
        current = self.job_list.current
        if current is None:
            return ""
        idle = [name for name, can in (("cancel", not current.state.is_over), ("retry", can_retry(current))) if not can]
        return footer("jobs", width, without=tuple(idle))
