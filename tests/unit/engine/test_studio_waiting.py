"""Jobs that wait and are sent again: how many requests the server really saw, and what is told meanwhile."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from support.deliveries import png
from support.full_library import FullLibrary
from support.replay_server import KEY, Exchange, ReplayServer
from support.waiting import wait_until

from tui.domain.job import Job, JobState
from tui.domain.proxy import ProxyAddress, Secret
from tui.domain.request import Request
from tui.engine.client import Client
from tui.engine.retry import RetryPolicy
from tui.engine.studio import Studio
from tui.library import Library

FOX = Request("a red fox")
URL = f"data:image/png;base64,{base64.b64encode(png(1024, 1024)).decode()}"
PICTURE = {"id": "r", "choices": [{"message": {"images": [{"image_url": {"url": URL}}]}}]}
SUCCESS = Exchange.of(PICTURE)
SILENCE = Exchange(hang=True)
LOST = Exchange(closed=True)
FAILED = Exchange.of({"error": {"message": "overloaded"}}, status=503)


def limited(seconds: float, *, status: int = 429) -> Exchange:
    error = {"code": "model_cooldown", "message": "cooling down", "reset_seconds": seconds}
    return Exchange.of({"error": error}, status=status)


class Clock:
    """Sits waits out only when a test lets it: ``waits`` are those that were asked for."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.over.wait()


class Bench:
    """A studio over a replaying server, whose waits end when the test says so."""

    def __init__(self, server: ReplayServer, folder: Path, *, limit: int, policy: RetryPolicy, timeout: float) -> None:
        self.server = server
        self.library = Library(folder)
        self.library.open()
        self.clock = Clock()
        self.client = Client(server.address, spool=self.library.spool, timeout=timeout)
        self.studio = Studio(self.client, self.library, limit=limit, policy=policy, sleep=self.clock.sleep)
        self.told: list[Job] = []
        self.studio.subscribe(lambda event: self.told.append(event.job))

    def states(self, job_id: str) -> list[str]:
        return [str(job.state) for job in self.told if job.id == job_id]

    def start(self, request: Request = FOX) -> tuple[str, "asyncio.Task[Job]"]:
        job = self.studio.submit(request)
        return job.id, asyncio.ensure_future(self.studio.run(job.id))

    def state(self, job_id: str) -> str:
        return str(next(job.state for job in self.studio.jobs() if job.id == job_id))

    def job(self, job_id: str) -> Job:
        return next(job for job in self.studio.jobs() if job.id == job_id)

    async def is_waiting(self, job_id: str) -> Job:
        await wait_until(lambda: self.state(job_id) == "waiting")
        return self.job(job_id)


Open = Callable[..., Any]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Open]:
    opened: list[tuple[Bench, ReplayServer]] = []

    async def make(*answers: Exchange, limit: int = 4, timeout: float = 20, wait: bool = False, **policy: Any) -> Bench:
        server = await ReplayServer(answers).__aenter__()
        made = Bench(server, tmp_path / "library", limit=limit, policy=RetryPolicy(**policy), timeout=timeout)
        if not wait:
            made.clock.over.set()
        opened.append((made, server))
        return made

    yield make
    for made, server in opened:
        await made.studio.aclose()
        await server.__aexit__(None, None, None)


async def test_a_short_limit_is_waited_for_in_words_and_the_request_sent_again(bench: Open) -> None:
    made = await bench(limited(42), SUCCESS, wait=True)
    job_id, running = made.start()
    waiting = await made.is_waiting(job_id)
    assert waiting.error.code == "rate_limited"
    assert 41 < waiting.resumes_at - time.monotonic() <= 43
    await wait_until(lambda: made.clock.waits)
    assert 41 < made.clock.waits[0] <= 43
    assert len(made.server.requests) == waiting.attempts == 1
    made.clock.over.set()
    job = await running
    assert (job.state, job.attempts, job.error, job.resumes_at) == (JobState.DONE, 2, None, None)
    assert made.states(job_id) == ["queued", "running", "waiting", "running", "saving", "done"]
    assert len(made.server.requests) == 2
    assert made.server.requests[0].body == made.server.requests[1].body


async def test_a_picture_that_took_several_requests_says_so(bench: Open) -> None:
    made = await bench(FAILED, SUCCESS)
    job = await made.start()[1]
    assert [(each.code, each.message) for each in job.generation.warnings] == [
        ("retried", "2 requests were made for this picture.")
    ]


async def test_a_picture_that_is_saved_in_a_second_place_says_so_once(bench: Open, tmp_path: Path) -> None:
    made = await bench(FAILED, SUCCESS)
    made.studio.move_to(FullLibrary(tmp_path / "full"))
    job_id, running = made.start()
    assert (await running).error.code == "disk"
    job = await made.studio.keep_in(job_id, made.library)
    assert [each.code for each in job.generation.warnings] == ["retried"]


async def test_one_request_leaves_no_word_about_requests(bench: Open) -> None:
    made = await bench(SUCCESS)
    job = await made.start()[1]
    assert (job.attempts, job.generation.warnings) == (1, ())


@pytest.mark.parametrize("first", [FAILED, LOST, limited(0)], ids=["503", "lost", "limit"])
@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (1, 2), (3, 4)])
async def test_no_more_requests_are_made_than_the_setting_says(
    first: Exchange, retries: int, requests: int, bench: Open
) -> None:
    made = await bench(first, retries=retries)
    job = await made.start()[1]
    assert job.state is JobState.FAILED
    assert len(made.server.requests) == job.attempts == requests
    assert (f"{requests} requests were made." in job.error.hint) == (requests > 1)


async def test_limits_and_faults_share_one_count(bench: Open) -> None:
    made = await bench(limited(1), FAILED, SUCCESS)
    job = await made.start()[1]
    assert (job.state, job.error.code, job.attempts) == (JobState.FAILED, "server_error", 2)


@pytest.mark.parametrize(
    "answer",
    [
        limited(121),
        limited(600_000),
        Exchange.of({"error": {"message": "slow down"}}, status=429),
        Exchange.of({"error": {"message": "gateway timeout"}}, status=504),
        Exchange.of({"error": {"message": "auth_unavailable: no auth available"}}, status=503),
        Exchange.of({"error": {"message": "empty_stream: upstream stream closed before first payload"}}, status=500),
        Exchange.of({"error": {"message": "late", "code": 503}}),
        Exchange.of({"id": "r", "choices": []}),
        Exchange.of({"id": "r", "choices": [{"message": {"content": "no"}, "finish_reason": "safety"}]}),
        Exchange.of({"error": {"message": "bad key"}}, status=401),
        Exchange.of(b"\n\n\n" + b'{"error":{"message":"overloaded","code":503}}'),
        Exchange(headers={"Content-Type": "application/json"}, parts=(b"\n\n",), cut=True),
        Exchange(headers={"Content-Type": "application/json"}, parts=(b'{"id":',), chunked=True, cut=True),
        Exchange(headers={"Content-Type": "text/event-stream"}, chunked=True, cut=True, parts=(b": ka\n\n",)),
    ],
    ids=lambda each: f"{each.status}-{b''.join(each.parts)[:50].decode()!r}",
)
async def test_what_was_answered_is_never_asked_twice(answer: Exchange, bench: Open) -> None:
    made = await bench(answer, retries=5)
    job = await made.start()[1]
    assert job.state is JobState.FAILED
    assert len(made.server.requests) == job.attempts == 1
    assert made.clock.waits == []


@pytest.mark.parametrize("start", [b"H", b"HTTP/1.1 200 OK\r\nConte", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_half_a_head_is_an_answer_too(start: bytes, tmp_path: Path) -> None:
    """httpx tells it in the same words as a connection that closed in silence."""
    asked = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start)
        await writer.drain()
        writer.close()

    library = Library(tmp_path / "library")
    library.open()
    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        address = ProxyAddress(f"http://127.0.0.1:{port}", Secret(KEY))
        studio = Studio(Client(address, spool=library.spool), library)
        job = await studio.run(studio.submit(FOX).id)
        await studio.aclose()
    assert (job.state, asked, job.attempts) == (JobState.FAILED, 1, 1)


async def test_a_timeout_is_not_sent_again_and_the_wait_is_not_counted_in_it(bench: Open) -> None:
    made = await bench(limited(1), SILENCE, timeout=0.2, retries=5, wait=True)
    job_id, running = made.start()
    await made.is_waiting(job_id)
    await asyncio.wait({running}, timeout=0.3)
    assert made.state(job_id) == "waiting"
    made.clock.over.set()
    job = await running
    assert (job.error.code, job.attempts) == ("timeout", 2)


async def test_nothing_listening_is_no_request(bench: Open) -> None:
    made = await bench(FAILED, wait=True)
    job_id, running = made.start()
    await made.is_waiting(job_id)
    await made.server.__aexit__(None, None, None)
    made.clock.over.set()
    job = await running
    assert (job.error.code, job.attempts) == ("cannot_connect", 1)
    assert "requests" not in job.error.hint


async def test_cancel_in_a_wait_is_at_once(bench: Open) -> None:
    made = await bench(limited(42), wait=True)
    job_id, running = made.start()
    await made.is_waiting(job_id)
    made.studio.cancel(job_id)
    await asyncio.wait({running}, timeout=1)
    assert running.cancelled()
    assert made.states(job_id)[-1] == "cancelled"
    assert made.job(job_id).resumes_at is None
    assert len(made.server.requests) == 1


async def test_closing_ends_waits_at_once(bench: Open) -> None:
    made = await bench(limited(42), wait=True)
    job_id, _ = made.start()
    await made.is_waiting(job_id)
    await asyncio.wait_for(made.studio.aclose(), 0.5)
    assert made.state(job_id) == "cancelled"


async def test_a_wait_can_be_ended_by_hand(bench: Open) -> None:
    made = await bench(limited(42), SUCCESS, wait=True)
    job_id, running = made.start()
    made.studio.hurry(job_id)
    await made.is_waiting(job_id)
    made.studio.hurry(job_id)
    assert (await running).state is JobState.DONE
    assert made.states(job_id) == ["queued", "running", "waiting", "running", "saving", "done"]


async def test_a_waiting_job_gives_its_place_to_another_model(bench: Open) -> None:
    made = await bench(limited(42), SUCCESS, limit=1, wait=True)
    first, _ = made.start()
    await made.is_waiting(first)
    other = await made.start(Request("a hare", model="gemini-3.1-flash-image"))[1]
    assert other.state is JobState.DONE
    assert made.state(first) == "waiting"


async def test_nobody_runs_against_a_limit_that_is_known(bench: Open) -> None:
    made = await bench(limited(42), SUCCESS, limit=2, wait=True)
    first, running = made.start()
    until = (await made.is_waiting(first)).resumes_at
    later = [made.start() for _ in range(5)]
    for job_id, _ in later:
        waiting = await made.is_waiting(job_id)
        assert (waiting.attempts, waiting.resumes_at, waiting.error.code) == (0, until, "rate_limited")
    assert len(made.server.requests) == 1
    made.clock.over.set()
    ended = await asyncio.gather(running, *(each for _, each in later))
    assert {str(job.state) for job in ended} == {"done"}
    assert [job.attempts for job in ended] == [2, 1, 1, 1, 1, 1]
    assert len(made.server.requests) == 7


async def test_a_limit_that_stays_costs_each_job_one_wait_and_no_more(bench: Open) -> None:
    made = await bench(limited(42), limit=1, wait=True)
    first, running = made.start()
    await made.is_waiting(first)
    later = [made.start() for _ in range(4)]
    for job_id, _ in later:
        await made.is_waiting(job_id)
    made.clock.over.set()
    ended = await asyncio.gather(running, *(each for _, each in later))
    assert {job.error.code for job in ended} == {"rate_limited"}
    assert [job.attempts for job in ended] == [2, 1, 1, 1, 1]


async def test_without_retries_a_known_limit_holds_nobody_back(bench: Open) -> None:
    made = await bench(limited(42), SUCCESS, retries=0)
    assert (await made.start()[1]).error.code == "rate_limited"
    assert (await made.start()[1]).state is JobState.DONE


async def test_who_waited_and_finds_no_place_is_queued(bench: Open) -> None:
    made = await bench(limited(42), SILENCE, limit=1, wait=True)
    first, _ = made.start()
    await made.is_waiting(first)
    other, _ = made.start(Request("a hare", model="gemini-3.1-flash-image"))
    await wait_until(lambda: made.state(other) == "running")
    made.clock.over.set()
    await wait_until(lambda: made.state(first) == "queued")
    assert made.job(first).error is None
    made.studio.cancel(other)
    await wait_until(lambda: made.state(first) == "running")


async def test_a_waiting_job_stays_with_its_proxy(bench: Open) -> None:
    made = await bench(limited(42), SUCCESS, wait=True)
    job_id, running = made.start()
    await made.is_waiting(job_id)
    async with ReplayServer(SUCCESS) as other:
        made.studio.use(Client(other.address, spool=made.library.spool))
        made.clock.over.set()
        job = await running
        assert (job.state, job.generation.proxy) == (JobState.DONE, made.server.address.url)
        assert not other.requests
        await made.studio.aclose()


async def test_the_words_of_a_stream_reach_the_job_while_it_runs(tmp_path: Path) -> None:
    def event(**delta: object) -> bytes:
        return b"data: " + Exchange.of({"choices": [{"delta": delta}]}).parts[0] + b"\n\n"

    parts = (event(content="Painting "), event(content="a fox …"))
    stream = Exchange(headers={"Content-Type": "text/event-stream"}, parts=parts, chunked=True, hang=True)
    library = Library(tmp_path / "library")
    library.open()
    async with ReplayServer(stream) as server:
        studio = Studio(Client(server.address, spool=library.spool, stream=True), library)
        job_id = studio.submit(FOX).id
        running = asyncio.ensure_future(studio.run(job_id))
        await wait_until(lambda: studio.jobs()[0].words == "Painting a fox …")
        assert studio.jobs()[0].state is JobState.RUNNING
        studio.cancel(job_id)
        await asyncio.gather(running, return_exceptions=True)
        assert studio.jobs()[0].words == ""
        await studio.aclose()
