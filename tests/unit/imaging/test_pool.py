"""Threads that prepare pictures: what goes first, what waits, what is given up."""

import asyncio
import gc
import threading
import weakref

import pytest
from support.waiting import wait_until

from tui.imaging.picture import PictureError, Stale
from tui.imaging.pool import Job, Pool, Rank


class Bench:
    """Jobs by name that hang until they are let go; ``begun`` is the order in which they came into a thread."""

    def __init__(self, at_once: int = 2) -> None:
        self.pool = Pool(at_once)
        self.begun: list[str] = []
        self.stale: set[str] = set()
        self._go: dict[str, threading.Event] = {}

    def submit(self, name: str, rank: Rank, *, held: bool = True) -> Job[str]:
        go = self._go[name] = threading.Event()
        if not held:
            go.set()

        def work(stale: object) -> str:
            self.begun.append(name)
            go.wait(10)
            if callable(stale) and stale():
                raise Stale
            return name

        return self.pool.submit(work, rank, lambda: name in self.stale)

    def let_go(self, *names: str) -> None:
        for name in names or self._go:
            self._go[name].set()


async def begun(bench: Bench, *names: str) -> None:
    await wait_until(lambda: sorted(bench.begun) == sorted(names))


async def test_what_work_gives_or_raises_reaches_who_asked() -> None:
    pool = Pool()
    assert await pool.submit(lambda _: 3, Rank.SHOWN, lambda: False).future == 3

    def fail(_: object) -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        await pool.submit(fail, Rank.SHOWN, lambda: False).future
    assert await pool.submit(lambda _: 4, Rank.SHOWN, lambda: False).future == 4


@pytest.mark.parametrize("error", [Stale(), PictureError("damaged")])
async def test_work_that_ended_early_leaves_no_half_made_picture_behind(error: Exception) -> None:
    class Pixels:
        """What takes much memory."""

    seen: list[weakref.ref[Pixels]] = []

    def fail(_: object) -> None:
        pixels = Pixels()
        seen.append(weakref.ref(pixels))
        try:
            raise OSError("at its end")
        except OSError as reason:
            raise error from reason

    gc.disable()
    try:
        job = Pool().submit(fail, Rank.SHOWN, lambda: False)
        with pytest.raises(type(error)) as raised:
            await job.future
        assert str(raised.value) == str(error)
        error.__traceback__ = error.__cause__ = error.__context__ = None
        await wait_until(lambda: seen[0]() is None)
    finally:
        gc.enable()


async def test_two_at_once_then_the_most_urgent_first() -> None:
    bench = Bench()
    jobs = [bench.submit("a", Rank.SHOWN), bench.submit("b", Rank.SHOWN)]
    await begun(bench, "a", "b")
    for name, rank in (("thumbnail", Rank.STORED), ("far", Rank.FARTHER), ("next", Rank.NEXT), ("c", Rank.SHOWN)):
        jobs.append(bench.submit(name, rank))
    bench.let_go("a")
    await begun(bench, "a", "b", "c")
    bench.let_go()
    await asyncio.gather(*(job.future for job in jobs))
    assert bench.begun[2:] == ["c", "next", "far", "thumbnail"]


async def test_a_glance_need_not_wait_for_pictures() -> None:
    bench = Bench()
    for name in "ab":
        bench.submit(name, Rank.SHOWN)
    await begun(bench, "a", "b")
    assert await bench.submit("look", Rank.GLANCE, held=False).future == "look"
    bench.let_go()


async def test_what_is_not_shown_is_done_alone_and_only_when_nothing_shown_is_to_do() -> None:
    bench = Bench()
    jobs = [bench.submit("next", Rank.NEXT), bench.submit("far", Rank.FARTHER)]
    await begun(bench, "next")
    jobs.append(bench.submit("shown", Rank.SHOWN))
    await begun(bench, "next", "shown")
    bench.let_go("next")
    await jobs[0].future
    assert "far" not in bench.begun
    bench.let_go()
    await jobs[1].future
    assert bench.begun == ["next", "shown", "far"]


async def test_who_joins_makes_it_as_urgent_as_it_is_for_them() -> None:
    bench = Bench(1)
    jobs = [bench.submit("a", Rank.SHOWN), bench.submit("b", Rank.SHOWN), bench.submit("next", Rank.NEXT)]
    await begun(bench, "a")
    bench.stale = {"next"}
    bench.pool.join(jobs[2], Rank.GLANCE, lambda: False)
    bench.let_go("next")
    # It would have been given up; somebody waits for it now, and before the others.
    assert await jobs[2].future == "next"
    bench.let_go()
    await jobs[1].future
    assert bench.begun == ["a", "next", "b"]


async def test_what_nobody_waits_for_is_not_begun_and_what_hangs_is_in_nobodys_way() -> None:
    bench = Bench()
    hanging = [bench.submit("a", Rank.SHOWN), bench.submit("b", Rank.SHOWN)]
    await begun(bench, "a", "b")
    waiting = bench.submit("c", Rank.SHOWN)
    bench.stale = {"a", "b", "c"}
    # Both threads hang in a read of a disk that does not answer; others take their place.
    async with asyncio.timeout(5):
        assert await bench.submit("d", Rank.SHOWN, held=False).future == "d"
        assert await bench.submit("e", Rank.STORED, held=False).future == "e"
    with pytest.raises(Stale):
        await waiting.future
    assert "c" not in bench.begun
    bench.let_go()
    for job in hanging:
        with pytest.raises(Stale):
            await job.future


async def test_its_threads_never_hold_up_the_end_of_the_program() -> None:
    bench = Bench()
    bench.submit("a", Rank.SHOWN)
    await begun(bench, "a")
    threads = [thread for thread in threading.enumerate() if thread.name == "pictures"]
    assert threads
    assert all(thread.daemon for thread in threads)
    bench.let_go()


def test_work_that_ends_after_the_loop_is_for_nobody() -> None:
    bench = Bench()

    async def ask() -> None:
        bench.submit("a", Rank.SHOWN)
        await begun(bench, "a")

    asyncio.run(ask())
    bench.let_go()

    async def ask_again() -> str:
        return await bench.submit("b", Rank.SHOWN, held=False).future

    assert asyncio.run(ask_again()) == "b"
