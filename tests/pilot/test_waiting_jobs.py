"""A job that waits says what for and until when, counts down in place, and can be cancelled or sent now."""

import re
import time
from collections.abc import Iterator

import pytest
from support.app import Home, Person, text_of
from support.raw_proxy import KEY, RawProxy

from tui.domain.job import JobState
from tui.domain.proxy import ProxyAddress, Secret
from tui.screens.confirm import ConfirmQuit
from tui.screens.story import JobStory

CLOCK = re.compile(r"until \d\d:\d\d:\d\d")


async def send(person: Person, prompt: str, state: str) -> None:
    await person.press("escape", "ctrl+l")
    await person.paste(prompt)
    await person.press("enter")
    await person.until(lambda: person.states and person.states[0] == state)


def row(person: Person) -> tuple[str, str]:
    """The two lines of the newest job's row."""
    lines = [line.strip("▌ ").rstrip() for line in text_of(person.app.jobs_pane.job_list).split("\n")]
    return lines[0], lines[1]


def seconds_of(line: str) -> int:
    return int(line.split()[-2])


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 50)])
async def test_the_row_says_why_and_until_when_at_every_size(size: tuple[int, int], home: Home) -> None:
    async with home.open(size, retries=1) as person:
        began = time.monotonic()
        await send(person, "a fox sandbox:limited=90", "waiting")
        await person.go_to("jobs")
        above, below = row(person)
        assert above.startswith("◌ waiting")
        assert 89 - (time.monotonic() - began) <= seconds_of(above) <= 91
        assert CLOCK.search(above + below)
        assert "Every account" in above + below or below.endswith("· limit")
        assert "1 waiting" in text_of(person.app.status_line)


async def test_the_seconds_count_down_in_place(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:limited=90", "waiting")
        before = row(person)[0]
        await person.until(lambda: seconds_of(row(person)[0]) < seconds_of(before))
        after = row(person)[0]
        assert (len(after), after.index("s", 30), after.split()[:3]) == (
            len(before), before.index("s", 30), before.split()[:3],
        )  # fmt: skip


async def test_it_is_sent_again_by_itself_and_the_row_counts_the_requests(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:limited=0.5", "waiting")
        await person.idle()
        assert (person.jobs[0].state, person.jobs[0].attempts) == (JobState.DONE, 2)
        assert "2 requests" in row(person)[0]


async def test_a_fault_by_chance_is_sent_again_without_a_key(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:flaky", "waiting")
        assert "overloaded" in "".join(row(person))
        await person.idle()
        assert (person.jobs[0].state, person.jobs[0].attempts) == (JobState.DONE, 2)


async def test_the_story_tells_the_wait_and_follows_it(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:limited=90", "waiting")
        await person.go_to("jobs")
        await person.press("enter")
        await person.sees("Waiting", "until", "1 request so far", "Every account", "r send now")
        shown = re.compile(r"Waiting (\d+) s")
        first = int(shown.search(person.screen())[1])
        await person.until(lambda: int(shown.search(person.screen())[1]) < first)
        await person.press("x")
        await person.until(lambda: person.states == ["cancelled"])


async def test_an_open_story_follows_its_job_to_the_end(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:limited=1", "waiting")
        await person.go_to("jobs")
        await person.press("enter")
        assert isinstance(person.app.screen, JobStory)
        await person.sees("Job · done", "2 requests were made", "r retry")


async def test_x_ends_the_wait_at_once(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:limited=90", "waiting")
        await person.go_to("jobs")
        await person.press("x")
        assert person.states == ["cancelled"]
        assert "waiting" not in text_of(person.app.status_line)
        assert "failed" not in text_of(person.app.status_line)


async def test_r_sends_a_waiting_job_now_and_makes_no_second_one(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:limited=90", "waiting")
        await person.go_to("jobs")
        assert "r retry" in str(person.app.jobs_pane.border_subtitle)
        await person.press("r")
        await person.idle()
        assert (person.states, person.jobs[0].attempts) == (["failed"], 2)
        await person.press("enter")
        story = " ".join(text_of(person.app.screen.query_one(".story Plain")).split())
        assert story.count("2 requests were made.") == 1


async def test_quitting_asks_while_a_job_waits(home: Home) -> None:
    async with home.open(retries=1) as person:
        await send(person, "a fox sandbox:limited=90", "waiting")
        await person.press("ctrl+q")
        assert isinstance(person.app.screen, ConfirmQuit)


async def test_a_long_wait_is_told_with_the_time_of_day_and_not_sat_out(home: Home) -> None:
    async with home.open((160, 50), retries=1) as person:
        await send(person, "a fox sandbox:limited=600000", "failed")
        assert re.search(r"in 166 h 40 min \(at \d{4}-\d\d-\d\d \d\d:\d\d\)", person.foot)


def event(words: str) -> bytes:
    return f'data: {{"choices":[{{"delta":{{"content":"{words}"}}}}]}}\n\n'.encode()


@pytest.fixture
def streaming() -> Iterator[RawProxy]:
    """Two events with words come, and then nothing."""
    with RawProxy(events=event("Thinking of ") + event("[b]foxes[/b] …")) as proxy:
        yield proxy


async def test_the_model_s_words_are_seen_while_it_works_where_a_stream_was_asked_for(
    home: Home, streaming: RawProxy
) -> None:
    address = ProxyAddress(streaming.url, Secret(KEY))
    async with home.open(proxy=address, stream=True) as person:
        await send(person, "a fox", "running")
        await person.until(lambda: person.jobs[0].words)
        await person.until(lambda: row(person)[1] == "Thinking of [b]foxes[/b] …")
        await person.go_to("jobs")
        await person.press("enter")
        await person.sees("The model says", "Thinking of [b]foxes[/b] …")
        assert streaming.asked[0].body["stream"] is True


async def test_the_app_asks_without_a_stream_unless_told(home: Home, streaming: RawProxy) -> None:
    address = ProxyAddress(streaming.url, Secret(KEY))
    async with home.open(proxy=address) as person:
        await send(person, "a fox", "running")
        await person.until(lambda: streaming.asked)
        assert "stream" not in streaming.asked[0].body
