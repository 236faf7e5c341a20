import asyncio

import pytest
from support.store_rig import SMALL_BYTES, Rig, picture
from support.waiting import wait_until

from tui.terminal.blocks import Blocks, NoRoom
from tui.terminal.kitty_store import KittyStore


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


async def test_what_a_killed_run_left_behind_is_freed_and_nobody_elses() -> None:
    rig = Rig()
    await rig.show("of a killed run")
    rig.terminal.feed("\x1b_Ga=t,f=24,s=1,v=1,i=77,q=2;AAAA\x1b\\")
    fresh = Rig()
    rig.terminal.feed(fresh.store.hello())
    assert rig.kept == {77}


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
