"""The whole story of a job or a generation: what happened, whose words, what to do next."""

import time
from datetime import datetime
from math import ceil
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from tui.domain.errors import ImageGenError
from tui.domain.generation import Generation, MadeWith
from tui.domain.job import Job, JobState
from tui.domain.request import Request
from tui.domain.words import clock_words, one_line, wait_words
from tui.messages import CancelRequested, RetryRequested, RetryWithRequested
from tui.screens.dialog import Dialog
from tui.widgets.plain import Plain, content


def _part(title: str, words: str | Content) -> Content:
    body = words if isinstance(words, Content) else content(words)
    return Content.assemble((title, "bold $text-accent"), "\n", body, "\n")


def request_part(request: Request) -> Content:
    """Prompt and options as they were sent."""
    references = "".join(f"\n  from {reference.path}" for reference in request.references)
    options = f"{request.model} · {request.aspect_ratio} · {request.image_size}{references}"
    return Content.assemble(_part("Prompt", request.prompt), "\n", _part("Options", options))


_WHOSE: Final = {"proxy": "The proxy's words", "provider": "The provider's words", "model": "The model's words"}


def error_part(error: ImageGenError, more: str = "") -> Content:
    """Title, whose words and what they were, what to do next; ``more`` is said behind that."""
    told = [
        ("HTTP", str(error.http_status) if error.http_status else ""),
        ("reason", one_line(error.finish_reason or "")),
        ("from", one_line(error.provider or "", 60)),
    ]
    numbers = " · ".join(f"{name} {value}" for name, value in told if value)
    return Content.assemble(
        ("✗ ", "$text-error"),
        (content(error.title).plain, "bold"),
        (f"   {error.code}" + (f" · {numbers}" if numbers else ""), "$muted"),
        "\n\n",
        _part(_WHOSE.get(error.origin, "What happened"), error.detail or "Nothing more was said."),
        "\n",
        _part("What to do", error.hint + more),
    )


def tries_part(job: Job, now: float) -> str:
    """How many requests were made, and when another makes sense (``now`` as time.monotonic).

    The hint of a failure mostly has the number already.
    """
    made = f"{job.attempts} requests were made."
    lines = [made] if job.attempts > 1 and not (job.error is not None and made in job.error.hint) else []
    asked = job.error.retry_after if job.error is not None else None
    if asked and job.state.is_over:
        left = asked - (0.0 if job.finished_at is None else now - job.finished_at)
        spoken = f"Another try makes sense in {wait_words(left, datetime.now())}."
        lines.append(spoken if left > 0 else "The wait that was asked for is over: try again.")
    return "".join(f"\n{line}" for line in lines)


def waiting_part(job: Job, now: float) -> Content:
    """How long a waiting job waits, in seconds and by the clock, and what comes then."""
    left = max(0.0, (job.resumes_at or now) - now)
    made = f"{job.attempts} request{'s' if job.attempts > 1 else ''} so far"
    words = f"Waiting {ceil(left)} s, until {clock_words(left, datetime.now())}; then it is sent "
    words += f"again ({made})." if job.attempts else "for the first time: the limit is known."
    return Content.assemble(("◌ ", "$text-warning"), (words, "bold"), "\n\n")


class JobStory(Dialog[None]):
    """A job: its state, or why it failed, with the request it carried."""

    BINDINGS = [
        Binding("r", "retry", "Retry", show=False),
        Binding("m", "retry_with", "Run with another model", show=False),
        Binding("x", "cancel", "Cancel", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("enter,q", "leave", "Leave", show=False),
    ]

    def __init__(self, job: Job, instead: str | None = None) -> None:
        """``instead`` is a model to run it with in place of its own, None where none is offered."""
        super().__init__(classes="tall")
        self._job = job
        self._instead = instead
        self.title_words, self.keys_words = self._frame_words()

    def _frame_words(self) -> tuple[str, str]:
        job = self._job
        keys = "r retry" if job.state.is_over else "x cancel"
        keys = f"r send now · {keys}" if job.state is JobState.WAITING else keys
        offer = f"m run with {one_line(self._instead)} · " if self._instead is not None else ""
        return f"Job · {job.state}", f"{offer}{keys} · y copy · Esc back"

    def inside(self) -> ComposeResult:
        """The story."""
        with VerticalScroll(classes="story"):
            yield Plain(self._words())

    def on_mount(self) -> None:
        """Seconds tick while it is not over."""
        self.set_interval(1.0, self._tick)

    def show(self, job: Job) -> None:
        """The job's newest value, where it is the one that is told of."""
        if job.id != self._job.id:
            return
        self._job = job
        frame = self.query_one(".dialog")
        title, keys = self._frame_words()
        frame.border_title, frame.border_subtitle = content(title), Content(keys)
        self.query_one(Plain).show(self._words())

    def _tick(self) -> None:
        if not self._job.state.is_over:
            self.query_one(Plain).show(self._words())

    def _words(self) -> Content:
        job, now = self._job, time.monotonic()
        parts = [waiting_part(job, now)] if job.state is JobState.WAITING else []
        tries = tries_part(job, now)
        if job.error is not None:
            parts.append(error_part(job.error, tries))
        else:
            seconds = f"{job.seconds(now):.0f} s" if job.started_at is not None else "not begun"
            parts.append(content(f"{job.state}, {seconds}{tries}\n"))
        if job.words:
            parts += [Content("\n"), _part("The model says", job.words)]
        return Content.assemble(*parts, "\n", request_part(job.request))

    def action_retry(self) -> None:
        """Run it again, or now where it waits for that."""
        if self._job.state.is_over or self._job.state is JobState.WAITING:
            self.app.post_message(RetryRequested(self._job))
            self.dismiss(None)

    def action_retry_with(self) -> None:
        """Run it again with the model that is offered."""
        if self._instead is not None:
            self.app.post_message(RetryWithRequested(self._job, self._instead))
            self.dismiss(None)

    def action_cancel(self) -> None:
        """Stop it."""
        if not self._job.state.is_over:
            self.app.post_message(CancelRequested(self._job))
            self.dismiss(None)

    def action_copy(self) -> None:
        """Put the story on the clipboard."""
        self.app.copy_to_clipboard(self._words().plain)
        self.app.notify("Copied.", markup=False)


class GenerationWords(Dialog[None]):
    """All that is known of a generation in words."""

    BINDINGS = [Binding("t,enter,q", "leave", "Leave", show=False)]
    title_words = "Words"

    def __init__(self, generation: Generation) -> None:
        super().__init__(classes="tall")
        self._generation = generation

    def inside(self) -> ComposeResult:
        """The words."""
        with VerticalScroll(classes="story"):
            yield Plain(generation_words(self._generation))


def generation_words(generation: Generation) -> Content:
    """Prompt, the model's text and reasoning, warnings, files and figures."""
    reply = generation.reply
    parts = [_part("Prompt", generation.prompt or "none is known")]
    if generation.user.notes:
        parts.append(_part("Note", generation.user.notes))
    made_with = generation.made_with or MadeWith()
    if made_with.negative_prompt:
        parts.append(_part("Not wanted", made_with.negative_prompt))
    if reply.text:
        parts.append(_part("The model says", reply.text))
    if reply.reasoning:
        parts.append(_part("It thought", reply.reasoning))
    if generation.warnings:
        parts.append(_part("Notice", "\n".join(warning.message for warning in generation.warnings)))
    files = [f"{image.path}  {image.width}×{image.height} {image.role}" for image in generation.images]
    parts.append(_part("Files", "\n".join([*files, str(generation.metadata or "no metadata file")])))
    options = [generation.model, generation.aspect_ratio, generation.image_size]
    facts = [
        ("made", f"{generation.created_at.astimezone():%Y-%m-%d %H:%M:%S}"),
        ("asked", " · ".join(option for option in options if option)),
        ("tags", one_line(", ".join(generation.user.tags), 400)),
        ("program", one_line(made_with.words)),
        ("from", ", ".join(reference.file for reference in generation.references)),
        ("parent", generation.parent or ""),
        ("proxy", generation.proxy),
        ("finish reason", reply.native_finish_reason or reply.finish_reason or ""),
        ("usage", " · ".join(f"{name} {value}" for name, value in (reply.usage or {}).items())),
    ]
    parts.append(_part("Facts", "\n".join(f"{name:<14}{words}" for name, words in facts if words)))
    return Content("\n").join(parts)
