import asyncio
import random
import re
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import kitty_payload
from support.conformance import Conformance
from support.terminal_kinds import KITTY, KITTY_HERE, TMUX, TerminalKind
from support.waiting import wait_until

from tui.imaging.picture import KittyPayload
from tui.terminal import kitty_delivery, pacing, shared_files
from tui.terminal.blocks import Block, Blocks, NoRoom
from tui.terminal.kitty_store import KittyStore
from tui.terminal.link import Link

TMUX_ON = replace(TMUX, passthrough="on")
SMALL = (8, 8)
SMALL_BYTES = 8 * 8 * 4


def picture(size: tuple[int, int] = SMALL, seed: object = 0) -> KittyPayload:
    """Pixels that do not pack."""
    pixels = random.Random(repr(seed)).randbytes(size[0] * size[1] * 3)
    return KittyPayload(zlib.compress(pixels), "zlib", *size)


class Rig:
    """A store and a terminal that takes what it writes. Answers come at once, unless they are held."""

    def __init__(self, kind: TerminalKind = KITTY, **options: object) -> None:
        self.terminal = Conformance(kind, 80, 24)
        self.terminal.feed("\x1b[?1049h")
        self.written: list[str] = []
        self.held: list[str] | None = None
        self.link = Link()
        self.lost = 0
        self.store = KittyStore(
            self.write, Blocks(), link=self.link, lost=self._lost, tmux=kind.outer is not None, **options
        )

    def _lost(self) -> None:
        self.lost += 1

    def write(self, text: str) -> None:
        self.written.append(text)
        self.link.sent(len(text), pictures=len(text))
        for answer in re.findall(r"\x1b\[\?2026;\d\$y|\x1b_G[^\x1b]*\x1b\\", self.terminal.feed(text)):
            if self.held is None:
                asyncio.get_running_loop().call_soon(self.hear, answer)
            else:
                self.held.append(answer)

    def hear(self, answer: str) -> None:
        if answer.startswith("\x1b_G"):
            self.store.answered(answer)
        else:
            self.store.heard()

    def let_go(self) -> None:
        """What was held is heard, and nothing is held from now on."""
        held, self.held = self.held or [], None
        for answer in held:
            self.hear(answer)

    async def show(self, key: object, size: tuple[int, int] = SMALL, cells: tuple[int, int] = (4, 4)) -> Block:
        return await self.store.show(key, picture(size, key), *cells)

    @property
    def kept(self) -> set[int]:
        """Numbers of the pictures that the terminal has whole."""
        return {*self.terminal.store.pictures}

    @property
    def bytes(self) -> int:
        return sum(map(len, self.written))

    def number(self, block: Block) -> int:
        number = self.store.number(block)
        assert number is not None
        return number


async def test_a_picture_seen_again_costs_only_its_cells() -> None:
    rig = Rig()
    first = await rig.show("fox", (200, 200))
    number = rig.number(first)
    rig.store.release(first)
    assert rig.store.number(first) is None
    before = rig.bytes
    again = await rig.show("fox", (200, 200))
    assert rig.number(again) == number
    assert rig.bytes - before < 100
    assert rig.terminal.store.received == 1
    assert rig.terminal.problems == []


async def test_two_views_show_one_picture_and_the_last_one_gives_it_back() -> None:
    rig = Rig()
    one, other = await asyncio.gather(rig.show("fox"), rig.show("fox"))
    assert one == other
    assert rig.terminal.store.received == 1
    assert rig.store.release(one) is False
    assert rig.store.number(other) is not None
    assert rig.store.release(other) is True
    assert rig.store.empty


async def test_over_other_cells_it_is_placed_anew_and_not_sent_again() -> None:
    rig = Rig()
    block = await rig.show("fox", cells=(4, 4))
    number = rig.number(block)
    rig.store.release(block)
    wide = await rig.show("fox", cells=(8, 8))
    assert (wide.columns, wide.rows) == (8, 8)
    assert rig.number(wide) == number
    placements = rig.terminal.store.pictures[number].placements
    assert [(one.columns, one.rows) for one in placements] == [(8, 8)]
    # While a view shows it, other cells need a picture of their own.
    assert rig.number(await rig.show("fox", cells=(4, 4))) != number


async def test_what_was_seen_longest_ago_goes_when_the_budget_is_used_up_and_what_is_shown_stays() -> None:
    rig = Rig(budget=4 * SMALL_BYTES)
    shown = await rig.show("shown")
    for key in range(3):
        rig.store.release(await rig.show(key))
    rig.store.release(await rig.show(0))
    rig.store.release(await rig.show("new"))
    assert [rig.store.holds(key) for key in ("shown", 0, 1, 2, "new")] == [True, True, False, True, True]
    assert rig.store.size == 4 * SMALL_BYTES
    assert len(rig.kept) == 4
    assert rig.number(shown) in rig.kept


async def test_more_than_the_budget_may_be_shown_and_goes_as_soon_as_it_is_not() -> None:
    rig = Rig(budget=2 * SMALL_BYTES)
    blocks = [await rig.show(key) for key in range(4)]
    assert len(rig.kept) == 4
    for block in blocks:
        rig.store.release(block)
    assert len(rig.kept) == 2


async def test_an_older_look_is_freed_once_a_newer_one_is_shown_in_its_place() -> None:
    rig = Rig()
    coarse = await rig.store.show(("fox", "coarse"), picture(seed=1), 4, 4, family="fox")
    best = await rig.store.show(("fox", "best"), picture(seed=2), 4, 4, family="fox")
    assert len(rig.kept) == 2
    rig.store.release(coarse)
    assert rig.kept == {rig.number(best)}
    rig.store.release(best)
    assert rig.store.holds(("fox", "best"))
    await rig.store.show(("fox", "other"), picture(seed=3), 4, 4, family="fox")
    assert len(rig.kept) == 1


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


async def test_nothing_is_freed_between_the_chunks_of_another_picture() -> None:
    rig = Rig(budget=0)
    old = await rig.show("old")
    rig.held = []
    task = asyncio.create_task(rig.show("new", (150, 150)))
    await wait_until(lambda: rig.terminal.store.loading is not None)
    rig.store.release(old)
    assert len(rig.terminal.kept) == 2
    rig.let_go()
    number = rig.number(await task)
    await wait_until(lambda: rig.terminal.kept == {number})
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


async def test_a_picture_that_the_terminal_threw_away_is_noticed_when_it_is_seen_again() -> None:
    rig = Rig()
    rig.store.release(await rig.show("fox"))
    rig.terminal.store.pictures.clear()
    await rig.show("fox")
    await wait_until(lambda: rig.lost)
    assert not rig.store.holds("fox")
    await rig.show("fox")
    assert len(rig.kept) == 1
    assert rig.terminal.store.received == 2


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


async def test_what_a_killed_run_left_behind_is_freed_and_nobody_elses() -> None:
    rig = Rig()
    await rig.show("of a killed run")
    rig.terminal.feed("\x1b_Ga=t,f=24,s=1,v=1,i=77,q=2;AAAA\x1b\\")
    fresh = Rig()
    rig.terminal.feed(fresh.store.hello())
    assert rig.kept == {77}


async def test_a_picture_that_nobody_waits_for_any_more_when_it_arrives_in_tmux_is_freed() -> None:
    rig = Rig(TMUX_ON)
    rig.held = []
    task = asyncio.create_task(rig.show("fox"))
    await wait_until(lambda: rig.terminal.store.received)
    task.cancel()
    await asyncio.sleep(0)
    rig.let_go()
    await wait_until(lambda: not rig.kept)
    assert not rig.store.holds("fox")


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


@pytest.fixture
def quick_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LOST", 0.02)
    monkeypatch.setattr(pacing, "AGAIN", 0.01)


@pytest.mark.usefixtures("quick_silence")
async def test_in_tmux_what_is_sent_while_the_window_is_hidden_is_sent_when_it_is_back() -> None:
    rig = Rig(TMUX_ON)
    first = await rig.show("first")
    rig.terminal.hidden = True
    second = asyncio.create_task(rig.show("second", (60, 60)))
    third = asyncio.create_task(rig.show("third"))
    rig.store.release(first)
    before = len(rig.written)
    await wait_until(lambda: rig.written.count(rig.written[-1]) > 12)
    assert not second.done()
    # Only the question goes on, not the picture.
    assert "".join(rig.written[before:]).count("a=t") <= 1
    rig.terminal.hidden = False
    blocks = await asyncio.gather(second, third)
    assert {rig.number(block) for block in blocks} < rig.kept
    assert rig.terminal.problems == []
    assert all("\x1b_G" not in text.replace("\x1b\x1b_G", "") for text in rig.written)


@pytest.mark.usefixtures("quick_silence")
async def test_in_tmux_what_was_freed_while_the_window_was_hidden_is_freed_when_it_is_back() -> None:
    rig = Rig(TMUX_ON, budget=0)
    block = await rig.show("fox")
    rig.terminal.hidden = True
    rig.store.release(block)
    await wait_until(lambda: rig.written.count(rig.written[-1]) > 2)
    assert len(rig.kept) == 1
    rig.terminal.hidden = False
    await wait_until(lambda: not rig.kept)


@pytest.mark.usefixtures("quick_silence")
async def test_a_terminal_that_never_answers_gets_the_picture_all_the_same() -> None:
    rig = Rig(replace(KITTY, modes=frozenset()))
    assert rig.number(await rig.show("fox", (60, 60))) in rig.kept


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where files and memory are shared with the terminal."""
    monkeypatch.setattr(shared_files.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(shared_files, "MEMORY", tmp_path)
    monkeypatch.setattr(kitty_payload, "MEMORY", tmp_path)
    return tmp_path


def leftovers(shared: Path) -> list[Path]:
    return [*shared.iterdir()]


RAW = KittyPayload(random.Random(5).randbytes(80 * 60 * 3), "rgb", 80, 60)


@pytest.mark.parametrize("direct", ["file", "memory"])
async def test_a_terminal_on_this_machine_fetches_the_pixels_itself(direct: str, shared: Path) -> None:
    rig = Rig(KITTY_HERE, direct=direct)
    block = await rig.store.show("fox", RAW, 4, 4)
    assert rig.terminal.store.pictures[rig.number(block)].pixels[..., :3].tobytes() == RAW.data
    assert rig.bytes < 400
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


async def test_a_fault_on_the_way_is_told_to_whoever_waits() -> None:
    rig = Rig()

    def broken(_: str) -> None:
        raise ConnectionError("gone")

    store = KittyStore(broken, Blocks())
    with pytest.raises(ConnectionError):
        await store.show("fox", picture(), 4, 4)
    assert rig.store.empty


async def test_a_picture_that_has_no_room_among_the_characters_leaves_the_store_as_it_was() -> None:
    rig = Rig()
    with pytest.raises(NoRoom):
        await rig.show("huge", cells=(300, 300))
    assert rig.store.empty
    assert rig.store.holds("huge")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["show", "release", "cancel", "bring", "turn", "turns", "leave", "ahead"]), st.integers(0, 7)
    ),
    max_size=40,
)


class Walk:
    """Random views that come, go and change their minds."""

    def __init__(self, kind: TerminalKind) -> None:
        self.rig = Rig(kind, budget=4 * 24 * 24 * 4, direct="memory" if kind.memory else "")
        self.tasks: list[asyncio.Task[Block]] = []
        self.steps: dict[str, Callable[[int], object]] = {
            "show": self.show,
            "release": self.release,
            "cancel": lambda which: self.tasks and self.tasks[which % len(self.tasks)].cancel(),
            "bring": lambda which: self.rig.store.bring(which, picture((24, 24), which), 4, 4),
            "leave": lambda _: (self.rig.write(self.rig.store.farewell()), self.rig.write(self.rig.store.hello())),
            "ahead": lambda _: self.rig.store.leave_ahead(),
        }

    def show(self, which: int) -> None:
        key = which % 6
        payload = picture((24, 24), key)
        self.tasks.append(asyncio.create_task(self.rig.store.show(key, payload, 4, 4 + which % 2, family=key // 3)))

    def release(self, which: int) -> None:
        done = [task for task in self.tasks if task.done()]
        if done:
            task = done[which % len(done)]
            self.tasks.remove(task)
            if not task.cancelled():
                self.rig.store.release(task.result())

    async def play(self, steps: list[tuple[str, int]]) -> None:
        for step, which in steps:
            if step in self.steps:
                self.steps[step](which)
            else:
                for _ in range(1 if step == "turn" else 5):
                    await asyncio.sleep(0)
        await asyncio.gather(*self.tasks, return_exceptions=True)
        while self.tasks:
            self.release(0)


@pytest.fixture
def small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kitty_delivery, "_WORTH_SHARING", 0)


@pytest.mark.usefixtures("small_ones_too")
@given(STEPS, st.sampled_from([KITTY, KITTY_HERE, TMUX_ON]))
@settings(max_examples=120, deadline=None)
def test_whatever_views_do_the_terminal_has_what_we_know_of_and_nothing_in_the_end(
    shared: Path, steps: list[tuple[str, int]], kind: TerminalKind
) -> None:
    async def play() -> None:
        walk = Walk(kind)
        await walk.play(steps)
        rig = walk.rig
        await wait_until(lambda: rig.store._delivery._task is None)
        assert rig.store.empty
        assert rig.store.size <= 4 * 24 * 24 * 4
        assert rig.kept == {picture.number for picture in rig.store._pictures.values() if picture.there}
        assert rig.terminal.store.loading is None
        rig.terminal.feed(rig.store.farewell())
        assert rig.terminal.kept == set()
        assert rig.terminal.problems == []
        assert leftovers(shared) == []

    asyncio.run(play())
