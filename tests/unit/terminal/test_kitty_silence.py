import asyncio
from dataclasses import replace

import pytest
from support.store_rig import TMUX_ON, Rig
from support.terminal_kinds import KITTY
from support.waiting import wait_until


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
