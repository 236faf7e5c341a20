import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.store_rig import TMUX_ON, Rig, leftovers, picture
from support.terminal_kinds import KITTY, KITTY_HERE, TerminalKind
from support.waiting import wait_until

from tui.terminal import kitty_delivery
from tui.terminal.blocks import Block

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["show", "release", "cancel", "bring", "turn", "turns", "leave", "ahead", "hold", "let go"]),
        st.integers(0, 7),
    ),
    max_size=40,
)


class Walk:
    """Random views that come, go and change their minds; ``room`` is for so many pictures that nobody shows."""

    def __init__(self, kind: TerminalKind, room: int) -> None:
        self.rig = Rig(kind, budget=room * 24 * 24 * 4, direct="memory" if kind.memory else "")
        self.tasks: list[asyncio.Task[Block]] = []
        self.steps: dict[str, Callable[[int], object]] = {
            "show": self.show,
            "release": self.release,
            "cancel": lambda which: self.tasks and self.tasks[which % len(self.tasks)].cancel(),
            "bring": lambda which: self.rig.store.bring(which, picture((24, 24), which), 4, 4),
            "leave": lambda _: (self.rig.write(self.rig.store.farewell()), self.rig.write(self.rig.store.hello())),
            "ahead": lambda _: self.rig.store.leave_ahead(),
            "hold": lambda _: self.rig.hold(),
            "let go": lambda _: self.rig.let_go(),
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
        self.rig.let_go()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        while self.tasks:
            self.release(0)


@pytest.fixture
def small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kitty_delivery, "_WORTH_SHARING", 0)


@pytest.mark.usefixtures("small_ones_too")
@given(STEPS, st.sampled_from([KITTY, KITTY_HERE, TMUX_ON]), st.sampled_from([4, 1, 0]))
@settings(max_examples=120, deadline=None)
def test_whatever_views_do_the_terminal_has_what_we_know_of_and_nothing_in_the_end(
    shared: Path, steps: list[tuple[str, int]], kind: TerminalKind, room: int
) -> None:
    async def play() -> None:
        walk = Walk(kind, room)
        await walk.play(steps)
        rig = walk.rig
        await wait_until(lambda: rig.store._delivery._task is None)
        assert rig.store.empty
        assert rig.store.size <= room * 24 * 24 * 4
        assert rig.kept == {picture.number for picture in rig.store._pictures.values() if picture.there}
        assert rig.terminal.store.loading is None
        rig.terminal.feed(rig.store.farewell())
        assert rig.terminal.kept == set()
        assert rig.terminal.problems == []
        assert leftovers(shared) == []

    asyncio.run(play())
