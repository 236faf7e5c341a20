"""Jobs from the request to the library: states told, places limited, cancel at every moment, nothing lost."""

import asyncio
import base64
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from support.deliveries import png
from support.full_library import FullLibrary
from support.replay_server import Exchange, ReplayServer
from support.waiting import wait_until

from tui.domain.errors import DiskError, ImageGenError
from tui.domain.generation import Generation
from tui.domain.job import Job, JobState
from tui.domain.request import Request
from tui.engine.client import Client
from tui.engine.studio import Studio
from tui.library import Library

FOX = Request("a red fox")
URL = f"data:image/png;base64,{base64.b64encode(png(1024, 1024)).decode()}"
SUCCESS = Exchange.of({"id": "r", "choices": [{"message": {"images": [{"image_url": {"url": URL}}]}}]})
REFUSAL = Exchange.of({"id": "r", "choices": []})
SILENCE = Exchange(hang=True)


class GatedLibrary(Library):
    """A library whose ``save`` waits until it may go on, as a slow disk would make it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.may_save = threading.Event()
        self.saving = threading.Event()

    def save(self, *arguments: Any, **named: Any) -> Generation:
        self.saving.set()
        assert self.may_save.wait(20)
        return super().save(*arguments, **named)


class Bench:
    """A studio over a replaying server, with the states it told."""

    def __init__(self, server: ReplayServer, library: Library, *, limit: int = 4) -> None:
        self.server = server
        self.library = library
        library.open()
        self.client = Client(server.address, spool=library.spool, timeout=20)
        self.studio = Studio(self.client, library, limit=limit)
        self.told: list[Job] = []
        self.studio.subscribe(lambda event: self.told.append(event.job))

    def states(self, job_id: str) -> list[str]:
        return [str(job.state) for job in self.told if job.id == job_id]

    def files(self) -> list[str]:
        return sorted(path.name for path in self.library.folder.iterdir())

    def start(self, request: Request = FOX) -> tuple[str, asyncio.Task[Job]]:
        job = self.studio.submit(request)
        return job.id, asyncio.ensure_future(self.studio.run(job.id))


Open = Callable[..., Bench]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Open]:
    """Makes a Bench; closes its studio and its server afterwards."""
    opened: list[tuple[Bench, ReplayServer]] = []

    async def make(*answers: Exchange, library: Library | None = None, limit: int = 4) -> Bench:
        server = await ReplayServer(answers).__aenter__()
        made = Bench(server, library or Library(tmp_path / "library"), limit=limit)
        opened.append((made, server))
        return made

    yield make
    for made, server in opened:
        await made.studio.aclose()
        await server.__aexit__(None, None, None)


async def test_a_job_goes_from_queued_to_done(bench: Any) -> None:
    made = await bench(SUCCESS)
    job_id, running = made.start()
    job = await running
    assert made.states(job_id) == ["queued", "running", "saving", "done"]
    assert (job.state, job.error) == (JobState.DONE, None)
    assert job.generation.final_image.path.is_file()
    assert job.generation.prompt == "a red fox"
    assert job.generation.elapsed > 0
    assert job.queued_at <= job.started_at <= job.finished_at
    assert [name.split("_")[0] for name in made.files()] == ["image", "metadata"]


async def test_a_failure_is_kept_with_the_job_and_nothing_else(bench: Any) -> None:
    made = await bench(REFUSAL)
    job_id, running = made.start()
    job = await running
    assert made.states(job_id) == ["queued", "running", "failed"]
    assert job.error.code == "refused"
    assert made.files() == []


async def test_a_finished_job_lets_go_of_the_call(bench: Any) -> None:
    """An exception's traceback would hold every local of the request that failed."""
    made = await bench(REFUSAL)
    _, running = made.start()
    error = (await running).error
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)


async def test_no_more_run_than_there_are_places(bench: Any) -> None:
    made = await bench(SILENCE, limit=2)
    started = [made.start() for _ in range(5)]
    await wait_until(lambda: len(made.server.requests) == 2)
    assert [made.studio.jobs()[place].state.value for place in range(5)] == ["running"] * 2 + ["queued"] * 3
    made.studio.cancel(started[0][0])
    await wait_until(lambda: len(made.server.requests) == 3)
    assert [job.state.value for job in made.studio.jobs()] == ["cancelled", *["running"] * 2, *["queued"] * 2]


async def test_jobs_are_told_apart_and_in_order(bench: Any) -> None:
    made = await bench(SUCCESS)
    ids = [made.studio.submit(FOX).id for _ in range(200)]
    assert len(set(ids)) == 200
    assert ids == sorted(ids) == [job.id for job in made.studio.jobs()]


async def test_cancel_while_running_closes_the_socket(bench: Any) -> None:
    made = await bench(SILENCE)
    job_id, running = made.start()
    await wait_until(lambda: made.server.requests)
    made.studio.cancel(job_id)
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.wait_for(made.server.requests[0].client_left.wait(), 10)
    assert made.states(job_id) == ["queued", "running", "cancelled"]
    assert made.files() == []


async def test_cancel_while_queued_never_sends(bench: Any) -> None:
    made = await bench(SILENCE, limit=1)
    made.start()
    await wait_until(lambda: made.server.requests)
    job_id, waiting = made.start()
    await asyncio.sleep(0)
    made.studio.cancel(job_id)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert made.states(job_id) == ["queued", "cancelled"]
    assert len(made.server.requests) == 1


async def test_cancel_before_run_ends_the_job_at_once(bench: Any) -> None:
    made = await bench(SUCCESS)
    job = made.studio.submit(FOX)
    made.studio.cancel(job.id)
    assert (await made.studio.run(job.id)).state is JobState.CANCELLED
    assert not made.server.requests


async def test_cancelling_the_task_from_outside_is_a_cancel(bench: Any) -> None:
    """As Ctrl+C does it, and a worker that is taken down."""
    made = await bench(SILENCE)
    job_id, running = made.start()
    await wait_until(lambda: made.server.requests)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert made.states(job_id)[-1] == "cancelled"
    assert made.files() == []


async def test_what_is_being_saved_is_saved(bench: Any, tmp_path: Path) -> None:
    library = GatedLibrary(tmp_path / "library")
    made = await bench(SUCCESS, library=library)
    job_id, running = made.start()
    await wait_until(library.saving.is_set)
    made.studio.cancel(job_id)
    library.may_save.set()
    assert (await running).state is JobState.DONE
    assert [name.split("_")[0] for name in made.files()] == ["image", "metadata"]


async def test_a_task_cancelled_while_saving_saves_first(bench: Any, tmp_path: Path) -> None:
    library = GatedLibrary(tmp_path / "library")
    made = await bench(SUCCESS, library=library)
    job_id, running = made.start()
    await wait_until(library.saving.is_set)
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    library.may_save.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert made.states(job_id) == ["queued", "running", "saving", "done"]
    assert made.studio.jobs()[0].generation.final_image.path.is_file()


async def test_a_cancelled_job_frees_its_place(bench: Any) -> None:
    made = await bench(SILENCE, SUCCESS, limit=1)
    first, _ = made.start()
    await wait_until(lambda: made.server.requests)
    _, second = made.start()
    made.studio.cancel(first)
    assert (await second).state is JobState.DONE


async def test_a_retry_is_a_new_job_with_the_same_request(bench: Any) -> None:
    made = await bench(REFUSAL, SUCCESS)
    job_id, running = made.start()
    await running
    again = made.studio.resubmit(job_id)
    assert again.id != job_id
    assert again.request is made.studio.jobs()[0].request
    assert (await made.studio.run(again.id)).state is JobState.DONE
    assert [str(job.state) for job in made.studio.jobs()] == ["failed", "done"]


async def test_only_what_is_over_can_be_forgotten(bench: Any) -> None:
    made = await bench(REFUSAL, SILENCE)
    over, running = made.start()
    await running
    alive, _ = made.start()
    made.studio.forget(over)
    made.studio.forget(alive)
    made.studio.forget("unknown")
    assert [job.id for job in made.studio.jobs()] == [alive]


async def test_running_twice_sends_once(bench: Any) -> None:
    made = await bench(SUCCESS)
    job_id, running = made.start()
    await asyncio.gather(running, made.studio.run(job_id))
    await made.studio.run(job_id)
    assert len(made.server.requests) == 1


async def test_later_jobs_use_the_new_proxy(bench: Any) -> None:
    made = await bench(SILENCE)
    job_id, old = made.start()
    await wait_until(lambda: made.server.requests)
    async with ReplayServer(SUCCESS) as other:
        made.studio.use(Client(other.address, spool=made.library.spool))
        _, new = made.start()
        job = await new
        assert (job.state, job.generation.proxy) == (JobState.DONE, other.address.url)
        assert made.studio.jobs()[0].state is JobState.RUNNING
        made.studio.cancel(job_id)
        await asyncio.gather(old, return_exceptions=True)
        await made.studio.aclose()


async def test_the_old_client_goes_after_its_last_job(bench: Any) -> None:
    made = await bench(SILENCE)
    job_id, old = made.start()
    await wait_until(lambda: made.server.requests)
    held = weakref.ref(made.client)
    made.client = None
    made.studio.use(Client(made.server.address, spool=made.library.spool))
    assert held() is not None
    made.studio.cancel(job_id)
    await asyncio.gather(old, return_exceptions=True)
    del old
    await wait_until(lambda: gc.collect() >= 0 and held() is None)


async def test_pictures_that_found_no_room_can_be_saved_elsewhere(bench: Any, tmp_path: Path) -> None:
    made = await bench(SUCCESS, library=FullLibrary(tmp_path / "library"))
    job_id, running = made.start()
    job = await running
    assert job.state is JobState.FAILED
    assert isinstance(job.error, DiskError)
    other = Library(tmp_path / "other")
    saved = await made.studio.keep_in(job_id, other)
    assert made.states(job_id)[-3:] == ["failed", "saving", "done"]
    assert saved.error is None
    assert saved.generation.final_image.path.parent == other.folder
    assert not job.error.kept[0].exists()
    assert (await made.studio.keep_in(job_id, other)).generation is saved.generation


async def test_a_second_full_library_still_loses_nothing(bench: Any, tmp_path: Path) -> None:
    made = await bench(SUCCESS, library=FullLibrary(tmp_path / "library"))
    job_id, running = made.start()
    await running
    again = await made.studio.keep_in(job_id, FullLibrary(tmp_path / "second"))
    assert again.error.kept[0].is_file()
    assert (await made.studio.keep_in(job_id, Library(tmp_path / "third"))).state is JobState.DONE


async def test_keep_in_does_nothing_for_other_jobs(bench: Any, tmp_path: Path) -> None:
    made = await bench(REFUSAL)
    job_id, running = made.start()
    await running
    assert (await made.studio.keep_in(job_id, Library(tmp_path / "other"))).error.code == "refused"


async def test_closing_cancels_everything_at_once(bench: Any) -> None:
    made = await bench(SILENCE, limit=2)
    tasks = [made.start()[1] for _ in range(4)]
    await wait_until(lambda: len(made.server.requests) == 2)
    await asyncio.wait_for(made.studio.aclose(), 0.5)
    assert {str(job.state) for job in made.studio.jobs()} == {"cancelled"}
    assert all(task.cancelled() for task in tasks)
    assert made.files() == []


async def test_a_mistake_of_ours_does_not_leave_a_job_running(bench: Any) -> None:
    made = await bench(SUCCESS)
    made.library.save = lambda *_, **__: 1 / 0
    job_id, running = made.start()
    with pytest.raises(ZeroDivisionError):
        await running
    assert made.states(job_id)[-1] == "failed"
    assert type(made.studio.jobs()[0].error) is ImageGenError
