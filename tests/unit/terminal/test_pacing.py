import asyncio
import random
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from support.waiting import wait_until

from tui.imaging.kitty_commands import Transmission
from tui.imaging.picture import KittyPayload
from tui.terminal import pacing
from tui.terminal.link import Link
from tui.terminal.pacing import LARGEST, PIECE, SMALLEST, Pacer

PING = "<ping>"


def transmission(size: int) -> Transmission:
    return Transmission(5, KittyPayload(bytes(size), "png", 9, 9))


def payload_of(text: str) -> int:
    return sum(len(found) for found in re.findall(r";([A-Za-z0-9+/=]*)\x1b", text))


def always(_: int) -> bool:
    return True


class Wire:
    """A terminal that takes ``rate`` bytes a second of its own clock's, and answers in order."""

    def __init__(self, rate: float, delay: float = 0.002) -> None:
        self.now = 1000.0
        self.free_at = 0.0
        self.rate = rate
        self.delay = delay
        self.written: list[str] = []
        self.due: list[float] = []
        self.waits: list[float] = []
        self.link = Link(clock=lambda: self.now)
        self.pacer = Pacer(self.write, PING, str, self.link)

    def write(self, text: str) -> None:
        self.written.append(text)
        self.link.sent(len(text), pictures=len(text))
        self.free_at = max(self.free_at, self.now) + len(text) / self.rate
        if text.endswith(PING):
            self.due.append(self.free_at + self.delay)
            asyncio.get_running_loop().call_soon(self.answer)

    def answer(self) -> None:
        self.now = max(self.now, self.due.pop(0))
        # What a key's echo would wait for, written now.
        self.waits.append(self.free_at - self.now)
        self.pacer.heard()

    async def send(self, size: int) -> float:
        """The seconds that it takes."""
        begun = self.now
        assert await self.pacer.send(transmission(size), always) == "sent"
        assert await self.pacer.settled()
        return self.now - begun


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wire], None]:
    """The pacer's own clock stands still unless a test takes its wire's."""
    return lambda wire: monkeypatch.setattr(pacing.time, "monotonic", lambda: wire.now)


async def test_bursts_begin_small_and_grow_while_answers_are_quick() -> None:
    wire = Wire(20_000_000)
    await wire.send(3_000_000)
    sizes = [payload_of(text) for text in wire.written if "_G" in text]
    assert sizes[0] == SMALLEST
    assert all(one <= other for one, other in pairwise(sizes[:-1]))
    assert max(sizes) == PIECE
    assert sum(sizes) == 4_000_000
    assert wire.pacer.window == LARGEST


async def test_a_local_terminal_has_300_kib_in_a_few_round_trips() -> None:
    wire = Wire(20_000_000, delay=0.003)
    first = await wire.send(300 * 1024 * 3 // 4)
    second = await wire.send(300 * 1024 * 3 // 4)
    at_best = 300 * 1024 / 20_000_000 + 0.003
    assert first < at_best + 6 * 0.003
    assert second < at_best * 1.5


async def test_a_key_waits_for_a_few_milliseconds_of_a_fast_terminal_too(one_clock: Callable[[Wire], None]) -> None:
    wire = Wire(3_000_000)
    one_clock(wire)
    await wire.send(3_000_000)
    assert max(wire.waits) < 0.03
    assert wire.now - 1000 < 4_000_000 / 3_000_000 * 1.1


@pytest.mark.parametrize("delay", [0.002, 0.1])
async def test_on_a_slow_link_a_key_waits_for_one_small_burst_and_the_link_is_never_idle_for_long(
    delay: float, one_clock: Callable[[Wire], None]
) -> None:
    wire = Wire(32 * 1024, delay)
    one_clock(wire)
    took = await wire.send(300 * 1024 * 3 // 4)
    assert max(wire.waits) < 0.13
    assert sorted(wire.waits)[len(wire.waits) * 95 // 100] < 0.07
    assert took < 300 / 32 * (1.15 if delay < 0.01 else 2.6)
    assert wire.link.slow


async def test_a_link_that_becomes_slow_gets_small_bursts_again(one_clock: Callable[[Wire], None]) -> None:
    wire = Wire(20_000_000)
    one_clock(wire)
    await wire.send(3_000_000)
    wire.rate = 64 * 1024
    await wire.send(600_000)
    assert wire.pacer.window <= 8 * SMALLEST


async def test_the_next_burst_waits_for_the_answer_and_nothing_goes_out_once_it_is_given_up() -> None:
    written: list[str] = []
    pacer = Pacer(written.append, PING, str, Link())
    wanted = True
    task = asyncio.create_task(pacer.send(transmission(10_000), lambda _: wanted))
    await wait_until(lambda: len(written) == 2)
    assert written[0] == PING
    assert pacer.waiting
    pacer.heard()
    pacer.heard()
    await wait_until(lambda: len(written) > 2)
    count = len(written)
    wanted = False
    pacer.wake()
    assert await task == "given up"
    assert len(written) == count


@pytest.mark.parametrize("seed", range(12))
async def test_a_terminal_that_draws_between_its_answers_is_no_slow_link(
    seed: int, one_clock: Callable[[Wire], None]
) -> None:
    wire = Wire(20_000_000)
    one_clock(wire)
    chance = random.Random(seed)
    draws_from = wire.now
    draws_until = wire.now + 0.07
    answer = wire.answer

    def busy() -> None:
        nonlocal draws_from, draws_until
        while draws_until < wire.due[0]:
            draws_from = draws_until + chance.uniform(0.01, 0.1)
            draws_until = draws_from + chance.uniform(0.04, 0.09)
        wire.due = [draws_until if draws_from <= due < draws_until else due for due in wire.due]
        answer()

    wire.answer = busy
    took = await wire.send(750_000)
    assert not wire.link.slow
    assert took < 1.0


@pytest.mark.usefixtures("quick_silence")
async def test_a_terminal_that_never_answers_gets_the_picture_by_the_clock() -> None:
    written: list[str] = []
    pacer = Pacer(written.append, PING, str, Link())
    assert await pacer.send(transmission(30_000), always) == "sent"
    assert await pacer.settled()
    assert payload_of("".join(written)) == 40_000
    assert "".join(written).count(PING) <= 4


@pytest.mark.usefixtures("quick_silence")
async def test_a_lost_answer_opens_the_window_again_and_is_told_in_the_end() -> None:
    written: list[str] = []
    answers = iter([True, True, True, False, *[True] * 100])

    def write(text: str) -> None:
        written.append(text)
        if PING in text and next(answers):
            asyncio.get_running_loop().call_soon(pacer.heard)

    pacer = Pacer(write, PING, str, Link())
    assert await pacer.send(transmission(40_000), always) == "sent"
    assert payload_of("".join(written)) >= 53_000
    assert not await pacer.settled()
    assert await pacer.say("more")


@pytest.mark.usefixtures("quick_silence")
async def test_after_silence_it_begins_small_again() -> None:
    wire = Wire(20_000_000)
    await wire.send(1_000_000)
    assert wire.pacer.window > 16 * SMALLEST
    wire.write = lambda _: None
    wire.pacer._write = wire.write
    assert not await wire.pacer.say("anything")
    assert wire.pacer.window <= 128 * SMALLEST


@pytest.mark.usefixtures("quick_silence")
async def test_where_only_an_answer_proves_it_silence_means_that_it_has_not_arrived() -> None:
    pacer = Pacer(lambda _: None, PING, str, Link(), sure=True)
    pacer.heard()
    assert await pacer.send(transmission(40_000), always) == "lost"


@pytest.mark.usefixtures("quick_silence")
async def test_it_is_asked_again_and_again_whether_the_window_is_back() -> None:
    written: list[str] = []
    pacer = Pacer(written.append, PING, str, Link(), sure=True)
    pacer.heard()
    task = asyncio.create_task(pacer.until_heard())
    await wait_until(lambda: len(written) >= 4)
    assert not task.done()
    pacer.heard()
    await task
    assert {*written} == {PING}
