import asyncio

from support.store_rig import Rig, picture
from support.waiting import wait_until

from tui.terminal.blocks import Block


async def test_a_cancelled_picture_is_abandoned_at_once_and_nothing_of_it_stays() -> None:
    rig = Rig()
    rig.held = []
    first = asyncio.create_task(rig.show("first", (200, 200)))
    await wait_until(lambda: rig.terminal.kept)
    half = {*rig.terminal.kept}
    first.cancel()
    await wait_until(lambda: not rig.terminal.kept)
    second = asyncio.create_task(rig.show("second", (20, 20)))
    rig.let_go()
    number = rig.number(await second)
    assert rig.terminal.kept == {number} != half
    # What was sent of it by then is a small part.
    assert rig.bytes < 200 * 200 * 3 / 4
    assert rig.terminal.problems == []


async def half_sent_while_another_is_let_go() -> tuple[Rig, asyncio.Task[Block]]:
    """Some chunks of a picture are there, and of another nobody shows anything any more."""
    rig = Rig(budget=0)
    old = await rig.show("old")
    rig.held = []
    task = asyncio.create_task(rig.show("new", (150, 150)))
    await wait_until(lambda: rig.terminal.store.loading is not None)
    rig.store.release(old)
    return rig, task


async def test_nothing_is_freed_between_the_chunks_of_another_picture() -> None:
    rig, task = await half_sent_while_another_is_let_go()
    assert len(rig.terminal.kept) == 2
    rig.let_go()
    number = rig.number(await task)
    await wait_until(lambda: rig.terminal.kept == {number})
    assert rig.terminal.problems == []


async def test_a_picture_that_is_given_up_half_way_is_freed_before_what_waited_for_its_end() -> None:
    rig, task = await half_sent_while_another_is_let_go()
    task.cancel()
    await wait_until(lambda: not rig.terminal.kept)
    assert rig.terminal.problems == []


async def test_what_is_shown_goes_before_what_is_ahead_and_the_newest_first() -> None:
    rig = Rig()
    rig.held = []
    order: list[str] = []

    async def show(key: str) -> None:
        await rig.show(key)
        order.append(key)

    rig.store.bring("ahead", picture((120, 120), "ahead"), 4, 4)
    await wait_until(lambda: rig.terminal.kept)
    tasks = [asyncio.create_task(show(key)) for key in ("one", "two", "three")]
    await asyncio.sleep(0)
    rig.let_go()
    await asyncio.gather(*tasks)
    assert order == ["three", "two", "one"]
    await wait_until(lambda: rig.store.holds("ahead"))
    assert rig.terminal.store.received == 4
    assert rig.terminal.problems == []


async def test_what_is_shown_goes_before_what_came_later_but_is_only_ahead() -> None:
    rig = Rig()
    rig.held = []
    first = asyncio.create_task(rig.show("first", (99, 99)))
    await wait_until(lambda: rig.terminal.kept)
    shown = asyncio.create_task(rig.show("shown"))
    await asyncio.sleep(0)
    rig.store.bring("ahead", picture((99, 99), "ahead"), 4, 4)
    rig.let_go()
    numbers = [rig.number(await task) for task in (first, shown)]
    await wait_until(lambda: rig.store.holds("ahead"))
    # In the order of their arrival.
    assert [*rig.terminal.store.pictures][:2] == numbers


async def test_what_came_ahead_is_there_when_it_is_shown() -> None:
    rig = Rig()
    rig.store.bring("next", picture(seed="next"), 4, 4)
    await wait_until(lambda: rig.store.holds("next"))
    await rig.show("next")
    assert rig.terminal.store.received == 1
    rig.held = []
    rig.store.bring("far", picture((99, 99)), 4, 4)
    await wait_until(lambda: len(rig.terminal.kept) == 2)
    rig.store.leave_ahead()
    rig.let_go()
    await wait_until(lambda: len(rig.terminal.kept) == 1)
