import asyncio

from support.store_rig import TMUX_ON, Rig
from support.waiting import wait_until


async def test_leaving_the_screen_frees_everything_and_coming_back_goes_on() -> None:
    rig = Rig()
    rig.store.release(await rig.show("kept"))
    await rig.show("shown")
    rig.held = []
    task = asyncio.create_task(rig.show("on its way", (150, 150)))
    await wait_until(lambda: rig.terminal.store.loading is not None)
    rig.write(rig.store.farewell())
    assert rig.terminal.kept == set()
    assert rig.store.empty
    count = len(rig.written)
    rig.let_go()
    await asyncio.sleep(0)
    assert len(rig.written) == count
    rig.write(rig.store.hello())
    number = rig.number(await task)
    assert rig.kept == {number}
    assert rig.terminal.problems == []


async def test_a_picture_that_arrives_in_the_moment_the_screen_is_left_comes_again() -> None:
    rig = Rig()
    rig.held = []
    tasks = [asyncio.create_task(rig.show("fox", (50, 50))) for _ in range(2)]
    await wait_until(lambda: rig.terminal.kept)
    (arriving,) = rig.store._pictures.values()

    def leave(_: object) -> None:
        rig.write(rig.store.farewell())
        rig.write(rig.store.hello())

    arriving.arrival.add_done_callback(leave)
    rig.let_go()
    one, other = await asyncio.gather(*tasks)
    assert {rig.number(one)} == rig.kept
    rig.store.release(one)
    rig.store.release(other)
    assert rig.store.empty


async def test_what_arrives_in_tmux_while_the_screen_is_left_is_sent_again() -> None:
    rig = Rig(TMUX_ON)
    rig.held = []
    task = asyncio.create_task(rig.show("fox"))
    await wait_until(lambda: rig.terminal.store.received)
    rig.write(rig.store.farewell())
    rig.write(rig.store.hello())
    rig.let_go()
    assert rig.number(await task) in rig.kept
    assert rig.terminal.store.received == 2
