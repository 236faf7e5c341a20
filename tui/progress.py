"""The one line that a person sees while an order is on its way, rewritten in place on standard error."""

import asyncio
import math
import os
import sys
import time
from datetime import datetime
from typing import Final

from tui import streams
from tui.domain.events import JobChanged
from tui.domain.job import Job, JobState
from tui.domain.words import clock_words, one_line
from tui.shell.cells import clip

_REDRAW_EVERY: Final = 0.1
_SAID: Final = 120
"""Characters of the model's words that are looked at: the newest."""

_CLEAR: Final = "\r\x1b[K"
_ACCENT: Final = "\x1b[36m"
_RESET: Final = "\x1b[0m"
_FRAMES: Final = "◐◓◑◒"


class Progress:
    """Seconds and how many of ``total`` are done; draws nothing where standard error is no terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._failed = 0
        self._jobs: dict[str, Job] = {}
        self._began = time.monotonic()
        self._is_drawn = False
        self._is_shown = streams.is_terminal(sys.stderr) and os.environ.get("TERM", "dumb") != "dumb"
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Draw from now on, until ``close``; wants a running event loop."""
        self._began = time.monotonic()
        if self._is_shown:
            self._tick(asyncio.get_running_loop())

    def hear(self, event: JobChanged) -> None:
        """Note where a job stands."""
        self._jobs[event.job.id] = event.job

    def count_done(self) -> None:
        """One more has its picture."""
        self._done += 1

    def count_failed(self) -> None:
        """One more has none."""
        self._failed += 1

    def clear(self) -> None:
        """Make room for another line; the next tick draws again."""
        if self._is_drawn:
            streams.write_error(_CLEAR)
            self._is_drawn = False

    def close(self) -> None:
        """Draw no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.clear()

    def line(self, seconds: float) -> str:
        """The words of the line after ``seconds``."""
        words = [f"{seconds:.0f} s", self._activity()]
        if self._total > 1:
            words.append(f"{self._done} of {self._total} done")
        if self._failed:
            words.append(f"{self._failed} failed")
        return " · ".join([*words, *self._said()])

    def _activity(self) -> str:
        jobs = self._jobs.values()
        running = [job for job in jobs if job.state is JobState.RUNNING]
        if running:
            again = max(job.attempts for job in running)
            return f"the model is at work, request {again}" if again > 1 else "the model is at work"
        if any(job.state is JobState.SAVING for job in jobs):
            return "saving"
        ends = [job.resumes_at for job in jobs if job.state is JobState.WAITING and job.resumes_at is not None]
        if ends:
            left = max(0.0, min(ends) - time.monotonic())
            return f"waiting {math.ceil(left)} s, until {clock_words(left, datetime.now())}"
        return "queued" if any(job.state is JobState.QUEUED for job in jobs) else "starting"

    def _said(self) -> list[str]:
        """The newest words of a model that works, where a stream tells them."""
        running = (job for job in self._jobs.values() if job.state is JobState.RUNNING)
        return [words for job in running if (words := one_line(job.words[-_SAID:]))][-1:]

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        seconds = time.monotonic() - self._began
        frame = _FRAMES[int(seconds * 4) % len(_FRAMES)]
        glyph = f"{_ACCENT}{frame}{_RESET}" if streams.has_colour() else frame
        streams.write_error(f"{_CLEAR}{glyph} {clip(self.line(seconds), max(1, streams.error_columns() - 3))}")
        self._is_drawn = True
        self._timer = loop.call_later(_REDRAW_EVERY, self._tick, loop)
