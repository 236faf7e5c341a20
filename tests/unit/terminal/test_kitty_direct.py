import asyncio
import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from support.store_rig import Rig, leftovers
from support.terminal_kinds import KITTY, KITTY_HERE
from support.waiting import wait_until

from tui.imaging.picture import KittyPayload
from tui.terminal import kitty_delivery, shared_files

RAW = KittyPayload(random.Random(5).randbytes(80 * 60 * 3), "rgb", 80, 60)


@pytest.mark.parametrize("direct", ["file", "memory"])
async def test_a_terminal_on_this_machine_fetches_the_pixels_itself(direct: str, shared: Path) -> None:
    rig = Rig(KITTY_HERE, direct=direct)
    block = await rig.store.show("fox", RAW, 4, 4)
    assert rig.terminal.store.pictures[rig.number(block)].pixels[..., :3].tobytes() == RAW.data
    assert rig.bytes < 400
    assert rig.link.near
    assert leftovers(shared) == []
    assert rig.terminal.problems == []


@pytest.mark.parametrize("direct", ["file", "memory"])
async def test_pixels_that_are_not_fetched_are_sent_and_nothing_of_them_is_left_behind(
    direct: str, shared: Path
) -> None:
    rig = Rig(KITTY, direct=direct)
    for key in ("fox", "owl"):
        block = await rig.store.show(key, RAW, 4, 4)
        assert rig.terminal.store.pictures[rig.number(block)].pixels[..., :3].tobytes() == RAW.data
    assert leftovers(shared) == []
    assert not rig.link.near
    # It is not tried a second time.
    assert sum("t=t" in text or "t=s" in text for text in rig.written) == 1


async def test_where_nothing_can_be_put_down_pixels_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kitty_delivery, "share", full)
    rig = Rig(KITTY_HERE, direct="memory")
    assert rig.number(await rig.store.show("fox", RAW, 4, 4)) in rig.kept


async def test_leaving_while_the_terminal_has_not_fetched_leaves_nothing_behind(shared: Path) -> None:
    rig = Rig(replace(KITTY, graphics=False), direct="memory")
    rig.held = []
    task = asyncio.create_task(rig.store.show("fox", RAW, 4, 4))
    await wait_until(lambda: leftovers(shared))
    await wait_until(lambda: any("t=s" in text for text in rig.written))
    rig.store.farewell()
    assert leftovers(shared) == []
    task.cancel()


async def test_leaving_while_pixels_are_put_down_leaves_nothing_behind(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(KITTY_HERE, direct="memory")
    begun, left = threading.Event(), threading.Event()
    put = shared_files.share

    def slowly(*what: object) -> shared_files.Shared:
        begun.set()
        assert left.wait(10)
        return put(*what)

    monkeypatch.setattr(kitty_delivery, "share", slowly)
    task = asyncio.create_task(rig.store.show("fox", RAW, 4, 4))
    await wait_until(begun.is_set)
    rig.store.farewell()
    # As at the end of the program: nobody takes what the thread brings.
    delivery = rig.store._delivery._task
    assert delivery is not None
    delivery.cancel()
    await asyncio.sleep(0)
    left.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert leftovers(shared) == []
    task.cancel()
