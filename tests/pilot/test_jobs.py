"""Jobs run beside the person, say in words where they stand, and keep what failed."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from support.app import Home, Person, frame_words, text_of
from textual.widget import Widget

from tui.domain.errors import RateLimited, Refused
from tui.domain.job import Job, JobState
from tui.domain.proxy import ProxyAddress
from tui.domain.request import Request
from tui.messages import CancelRequested, JobUpdated
from tui.proxy.scenarios import SCENARIOS
from tui.screens.story import JobStory
from tui.state import AppState
from tui.widgets.image_view import ImageView

LONG = "sandbox:slow=60"
"""A job that does not end by itself while a test looks."""


async def send(person: Person, prompt: str) -> Job:
    """Generate from ``prompt`` once; the new job."""
    before = len(person.jobs)
    await person.press("escape", "ctrl+l")
    await person.paste(prompt)
    await person.press("enter")
    await person.until(lambda: len(person.jobs) == before + 1)
    return person.jobs[0]


def rows(person: Person) -> list[tuple[str, str]]:
    """The two lines of each job's row, newest first."""
    return seen(person)[: len(person.jobs)]


async def state_of(person: Person, job_id: str, state: str) -> None:
    await person.until(lambda: {job.id: str(job.state) for job in person.jobs}[job_id] == state)


async def test_more_jobs_than_the_limit_wait_in_words_and_run_when_there_is_room(home: Home) -> None:
    async with home.open((120, 60), jobs_limit=2) as person:
        for number in range(4):
            await send(person, f"{LONG} fox {number}")
        await person.until(lambda: person.states == ["queued", "queued", "running", "running"])
        assert [state.split()[:2] for state, _ in rows(person)] == [
            ["○", "queued"],
            ["○", "queued"],
            ["◐", "running"],
            ["◐", "running"],
        ]
        assert [prompt for _, prompt in rows(person)] == [f"{LONG} fox {number}" for number in (3, 2, 1, 0)]
        await person.sees("2 running", "2 queued")
        person.app.post_message(CancelRequested(person.jobs[3]))
        await person.until(lambda: person.states == ["queued", "running", "running", "cancelled"])


async def test_the_count_makes_that_many_jobs_and_they_run_at_once(home: Home) -> None:
    async with home.open() as person:
        await person.press("f5", "f5")
        await person.paste(f"{LONG} fox")
        await person.press("enter")
        await person.until(lambda: person.states == ["running"] * 3)


async def test_a_finished_job_is_a_generation_on_disk_in_the_history_and_in_the_preview(home: Home) -> None:
    home.keep("an older one")
    async with home.open() as person:
        await send(person, "a red fox")
        await person.idle()
        assert rows(person)[0][0].split()[:2] == ["✓", "done"]
        generation = person.jobs[0].generation
        assert generation is not None
        assert [each.prompt for each in person.listed] == ["a red fox", "an older one"]
        assert person.chosen == generation
        image = generation.final_image
        assert image is not None
        view = person.app.preview.query_one(ImageView)
        await person.until(lambda: view.path == image.path and not view.busy)
        assert image.path.parent == home.library
        assert "▀" in text_of(view) or "▄" in text_of(view)
        assert "a red fox" in str(person.app.preview.border_title)
        assert f"{image.width}×{image.height}" in str(person.app.preview.border_subtitle)
        assert home.hidden() == []


def told_in_row(person: Person, job: Job) -> bool:
    """Whether a row says that the job failed, and the title of its error."""
    assert job.error is not None
    return any(
        state.startswith("✗ failed") and job.error.title[:30] in state + prompt for state, prompt in seen(person)
    )


def seen(person: Person) -> list[tuple[str, str]]:
    """The rows on the screen now."""
    lines = [line.strip("▌ ").rstrip() for line in text_of(person.app.jobs_pane.job_list).split("\n")]
    return list(zip(lines[::2], lines[1::2], strict=False))


async def test_every_failure_says_its_title_in_the_row_and_keeps_its_request(home: Home) -> None:
    failures = {each.name: each.gives for each in SCENARIOS if each.gives and each.name != "timeout"}
    async with home.open((120, 40), jobs_limit=8) as person:
        for name in failures:
            await send(person, f"a fox sandbox:{name}")
        await person.idle()
        for job, name in zip(reversed(person.jobs), failures, strict=True):
            assert (job.state, job.request.prompt) == (JobState.FAILED, f"a fox sandbox:{name}")
            assert job.error is not None
            assert job.error.code == failures[name]
        await person.go_to("jobs")
        for job in person.jobs:
            assert person.app.jobs_pane.job_list.current == job
            assert told_in_row(person, job)
            await person.press("j")
        await person.sees(f"{len(failures)} failed")
        assert home.hidden() == []


async def test_a_timeout_fails_in_words(home: Home) -> None:
    async with home.open(timeout=0.3) as person:
        await send(person, "a fox sandbox:timeout")
        await person.idle()
        assert told_in_row(person, person.jobs[0])
        assert person.jobs[0].error is not None
        assert person.jobs[0].error.title == "The answer took too long"


async def test_enter_on_a_failed_job_opens_the_whole_story_and_r_runs_it_again(home: Home) -> None:
    async with home.open() as person:
        await send(person, "a fox in snow sandbox:rate_limited")
        await person.idle()
        error = person.jobs[0].error
        assert error is not None
        await person.go_to("jobs")
        await person.press("enter")
        assert isinstance(person.app.screen, JobStory)
        words = " ".join(person.screen().split())
        for part in (error.title, error.code, "429", "a fox in snow", person.jobs[0].request.model):
            assert part in words
        story = text_of(person.app.screen.query_one(".story Plain"))
        flat = "".join(story.split())
        assert "".join(error.detail.split()) in flat
        assert "".join(error.hint.split()) in flat
        await person.press("y")
        assert error.detail in person.app.clipboard
        await person.press("r")
        assert not isinstance(person.app.screen, JobStory)
        await person.until(lambda: person.states == ["failed", "failed"])
        assert person.jobs[0].request == person.jobs[1].request


async def test_r_on_a_job_that_is_over_runs_the_same_request_again(home: Home) -> None:
    async with home.open() as person:
        await send(person, "a fox sandbox:refused")
        await person.idle()
        await person.go_to("jobs")
        await person.press("r")
        await person.until(lambda: person.states == ["failed", "failed"])
        assert person.jobs[0].id != person.jobs[1].id
        assert person.jobs[0].request == person.jobs[1].request


async def test_x_cancels_a_running_job_and_nothing_of_it_remains(home: Home, painting_proxy: ProxyAddress) -> None:
    async with home.open(state=AppState(model="gemini-2.5-flash-image"), proxy=painting_proxy) as person:
        await send(person, "sandbox:slow=8 a fox")
        await person.until(home.hidden)
        await person.go_to("jobs")
        assert rows(person)[0][0].startswith("◐ running")
        await person.press("x")
        await person.until(lambda: person.states == ["cancelled"])
        assert rows(person)[0][0].startswith("– cancelled")
        await person.until(lambda: home.hidden() == [])
        assert list(home.library.glob("[!.]*")) == []
        assert person.app.active_jobs() == 0


async def test_x_cancels_a_job_that_still_waits(home: Home) -> None:
    async with home.open(jobs_limit=1) as person:
        await send(person, f"{LONG} fox")
        await send(person, f"{LONG} hare")
        await person.until(lambda: person.states == ["queued", "running"])
        await person.go_to("jobs")
        await person.press("g", "x")
        await person.until(lambda: person.states == ["cancelled", "running"])


async def test_x_in_the_story_of_a_running_job_cancels_it(home: Home) -> None:
    async with home.open() as person:
        await send(person, f"{LONG} fox")
        await person.until(lambda: person.states == ["running"])
        await person.go_to("jobs")
        await person.press("enter", "x")
        await person.until(lambda: person.states == ["cancelled"])
        assert not isinstance(person.app.screen, JobStory)


async def test_finished_jobs_are_taken_off_and_running_ones_stay(home: Home) -> None:
    async with home.open() as person:
        await send(person, "sandbox:refused")
        await person.idle()
        await send(person, f"{LONG} fox")
        await person.until(lambda: person.states == ["running", "failed"])
        await person.go_to("jobs")
        await person.press("C")
        await person.until(lambda: person.states == ["running"])
        assert "failed" not in text_of(person.app.status_line)


def counted(widget: Widget, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many lines a widget has drawn from now on."""
    drawn = []
    draw = widget.render_line

    def render_line(y: int) -> Any:
        drawn.append(y)
        return draw(y)

    monkeypatch.setattr(widget, "render_line", render_line)
    return lambda: len(drawn)


async def test_running_seconds_tick_and_nothing_else_is_drawn(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.keep("a hare")
    async with home.open() as person:
        view = person.app.preview.query_one(ImageView)
        await person.until(lambda: view.path is not None and not view.busy)
        await send(person, f"{LONG} fox")
        await person.until(lambda: person.states == ["running"])
        seconds = int(rows(person)[0][0].split()[-2])
        drawn = {
            name: counted(widget, monkeypatch)
            for name, widget in {
                "history": person.app.history.history_list,
                "picture": view,
                "editor": person.app.prompt.editor,
            }.items()
        }
        person.app.prompt.editor.cursor_blink = False
        await person.settle()
        before = {name: count() for name, count in drawn.items()}
        await person.until(lambda: int(seen(person)[0][0].split()[-2]) > seconds)
        assert {name: count() for name, count in drawn.items()} == before


async def test_every_state_is_a_word_in_the_row_and_no_column_jumps(home: Home) -> None:
    now = time.monotonic()
    queued = Job("1", Request("a fox"), queued_at=now)
    async with home.open() as person:
        width = person.app.jobs_pane.job_list.size.width
        for state in JobState:
            error = Refused("no") if state is JobState.FAILED else None
            begun = None if state is JobState.QUEUED else now - 5.5
            ends = now + 5.5 if state is JobState.WAITING else None
            error = RateLimited("no") if state is JobState.WAITING else error
            job = replace(queued, state=state, error=error, started_at=begun, finished_at=now, resumes_at=ends)
            person.app.post_message(JobUpdated(job))
            await person.until(lambda job=job: person.jobs == [job])
            line, prompt = text_of(person.app.jobs_pane.job_list).split("\n")[:2]
            below = "Too many requests" if state is JobState.WAITING else "a fox"
            assert line.index(state) == prompt.index(below) == 3
            assert len(line) == width
            seconds = r" \d s" if state is JobState.WAITING else " 5 s"
            assert begun is None or re.fullmatch(f".{{{width - 5}}}{seconds} ", line)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_what_is_wrong_and_what_to_do_both_have_room(home: Home, size: tuple[int, int]) -> None:
    async with home.open(size) as person:
        await send(person, "a fox sandbox:unauthorized")
        await person.idle()
        error = person.jobs[0].error
        assert error is not None
        above, below = frame_words(person.app.prompt)
        said = above if above != "Prompt" else below
        assert error.title in said
        assert "Give the proxy's key" in below
        await person.write(" more")
        assert frame_words(person.app.prompt)[0] == "Prompt"
