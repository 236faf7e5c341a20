"""A job's story: whose words they are, what to do, how often was asked, and when another try makes sense."""

import re
from dataclasses import replace

import pytest

from tui.domain.errors import CannotConnect, NoImage, RateLimited, Unauthorized
from tui.domain.job import Job, JobState
from tui.domain.request import Request
from tui.screens.story import error_part, tries_part, waiting_part

NOW = 1000.0
COOLING = RateLimited("All credentials are cooling down", retry_after=90, http_status=429, provider="gemini")
FAILED = Job("1", Request("a red fox"), JobState.FAILED, finished_at=NOW, error=COOLING, attempts=1)


@pytest.mark.parametrize(
    ("error", "whose"),
    [
        (Unauthorized("Invalid API key", origin="proxy"), "The proxy's words\nInvalid API key"),
        (RateLimited("Quota exceeded", origin="provider"), "The provider's words\nQuota exceeded"),
        (NoImage("I would rather not.", origin="model"), "The model's words\nI would rather not."),
        (CannotConnect("nothing listens there."), "What happened\nnothing listens there."),
        (NoImage(origin="model"), "The model's words\nNothing more was said."),
    ],
)
def test_the_story_says_whose_words_it_shows(error: NoImage, whose: str) -> None:
    told = error_part(error).plain
    assert whose in told
    assert f"What to do\n{error.hint}" in told


def test_the_story_names_status_reason_and_provider() -> None:
    error = NoImage("No.", http_status=200, finish_reason="image_other", provider="antigravity")
    assert "no_image · HTTP 200 · reason image_other · from antigravity" in error_part(error).plain


def test_a_title_is_no_markup() -> None:
    assert "[bold]new[/]" in error_part(NoImage(title="The model ended with [bold]new[/]")).plain


def test_the_wait_is_counted_from_when_it_was_asked_for() -> None:
    assert "in 90 s" in tries_part(FAILED, NOW)
    assert "in 30 s" in tries_part(FAILED, NOW + 60)
    assert "is over: try again" in tries_part(FAILED, NOW + 91)


def test_a_waiting_job_says_when_it_goes_on_by_itself() -> None:
    waiting = replace(FAILED, state=JobState.WAITING, finished_at=None, resumes_at=NOW + 42)
    clock = re.compile(r"Waiting 42 s, until \d\d:\d\d:\d\d; then it is sent again \(1 request so far\)\.")
    assert clock.search(waiting_part(waiting, NOW).plain)
    assert "Waiting 0 s" in waiting_part(waiting, NOW + 50).plain
    assert "for the first time" in waiting_part(replace(waiting, attempts=0), NOW).plain
    assert tries_part(waiting, NOW) == ""


def test_more_than_one_request_is_told() -> None:
    assert "requests" not in tries_part(FAILED, NOW)
    assert "3 requests were made." in tries_part(replace(FAILED, attempts=3), NOW)
    told = replace(FAILED, attempts=3, error=RateLimited("x", hint="Wait. 3 requests were made."))
    assert tries_part(told, NOW) == ""
    assert tries_part(Job("1", Request("x")), NOW) == ""
