"""The jobs pane: what is on its way and how it ended, two lines a job."""

import time

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from tui.commands import bindings_of, footer
from tui.domain.job import Job, JobState
from tui.domain.words import one_line
from tui.messages import CancelRequested, ForgetRequested, RetryRequested, StoryRequested
from tui.widgets.cells import clip, fit
from tui.widgets.plain import content
from tui.widgets.row_list import Piece, RowList

GLYPHS: dict[JobState, tuple[str, str]] = {
    JobState.QUEUED: ("○", "row--muted"),
    JobState.RUNNING: ("◐", "row--accent"),
    JobState.SAVING: ("◑", "row--accent"),
    JobState.DONE: ("✓", "row--success"),
    JobState.FAILED: ("✗", "row--error"),
    JobState.CANCELLED: ("–", "row--muted"),
    JobState.INTERRUPTED: ("–", "row--muted"),
}


def state_words(job: Job) -> str:
    """The job's state as its row says it."""
    if job.state is JobState.FAILED and job.error is not None:
        return f"failed · {one_line(job.error.title)}"
    return str(job.state)


def seconds_words(job: Job, now: float) -> str:
    """How long it runs or ran, empty for one that never began."""
    return f"{int(job.seconds(now))} s" if job.started_at is not None else ""


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
        words = state_words(job)
        cut = cell_len(words) > width - 9
        if line == 1 and cut and job.error is not None:
            return [Piece("  " + fit(one_line(job.error.title), width - 3))]
        if line == 1:
            return [Piece("  " + fit(one_line(job.request.prompt), width - 3), "row--muted")]
        glyph, look = GLYPHS[job.state]
        seconds = seconds_words(job, time.monotonic()).rjust(6)
        return [
            Piece(f"{glyph} ", look),
            Piece(fit(str(job.state) if cut else words, width - 9)),
            Piece(f"{seconds} ", "row--muted"),
        ]

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
        """Ask to run the request again."""
        if self.current is not None and self.current.state.is_over:
            self.post_message(RetryRequested(self.current))

    def action_clear(self) -> None:
        """Ask to take the finished jobs off the list."""
        self.post_message(ForgetRequested(tuple(job for job in self.jobs if job.state.is_over)))


class JobsPane(Vertical):
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
            if job.state is JobState.RUNNING:
                rows.refresh_row(row)

    def _write_title(self) -> None:
        jobs = self.job_list.jobs
        active = sum(not job.state.is_over for job in jobs)
        title = f"Jobs  {active} on the way" if active else "Jobs"
        width = max(0, self.size.width - 4)
        self.border_title = content(clip(title, width)) if width > 3 else None
        keys = self._foot(width)
        self.border_subtitle = Content(keys) if keys else None

    def _foot(self, width: int) -> str:
        current = self.job_list.current
        if current is None:
            return ""
        idle = "cancel" if current.state.is_over else "retry"
        return footer("jobs", width, without=(idle,))
