import asyncio
import re
from itertools import pairwise

import pytest
from support.waiting import wait_until

from tui.imaging.kitty_commands import Transmission
from tui.imaging.picture import KittyPayload
from tui.terminal import pacing
from tui.terminal.pacing import LARGEST, SMALLEST, Pacer

PING = "<ping>"


def payload_of(text: str) -> int:
    return sum(len(found) for found in re.findall(r";([A-Za-z0-9+/=]*)\x1b", text))


async def test_never_more_than_one_burst_is_under_way_and_bursts_grow_while_answers_are_quick() -> None:
    bursts: list[int] = []
    pacer: Pacer

    def write(text: str) -> None:
        assert text.endswith(PING)
        assert text.count(PING) == 1
        bursts.append(payload_of(text))
        asyncio.get_running_loop().call_soon(pacer.heard)

    pacer = Pacer(write, PING, str)
    await pacer.send(Transmission(5, KittyPayload(bytes(300_000), "png", 9, 9)))
    assert bursts[0] == SMALLEST
    assert all(one <= other for one, other in pairwise(bursts[:-1]))
    assert max(bursts) == LARGEST
    assert sum(bursts) == 400_000


async def test_the_next_burst_waits_for_the_answer() -> None:
    written: list[str] = []
    pacer = Pacer(written.append, PING, str)
    task = asyncio.create_task(pacer.send(Transmission(5, KittyPayload(bytes(10_000), "png", 9, 9))))
    await wait_until(lambda: written)
    assert pacer.waiting
    assert len(written) == 1
    pacer.heard()
    await wait_until(lambda: len(written) == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not pacer.waiting


async def test_a_terminal_that_never_answers_gets_the_picture_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LOST", 0.02)
    written: list[str] = []
    pacer = Pacer(written.append, PING, str)
    await pacer.send(Transmission(5, KittyPayload(bytes(30_000), "png", 9, 9)))
    assert payload_of("".join(written)) == 40_000
    assert "".join(written).count(PING) == 2


async def test_slow_answers_make_small_bursts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLOW", 0.002)
    monkeypatch.setattr(pacing, "QUICK", 0.001)
    bursts: list[int] = []
    delays = iter([0.0, 0.0, 0.0, 0.0, 0.02, 0.02, 0.02, *[0.0] * 100])
    pacer: Pacer

    def write(text: str) -> None:
        bursts.append(payload_of(text))
        asyncio.get_running_loop().call_later(next(delays), pacer.heard)

    pacer = Pacer(write, PING, str)
    await pacer.send(Transmission(5, KittyPayload(bytes(60_000), "png", 9, 9)))
    assert min(bursts[5:8]) < bursts[4]
