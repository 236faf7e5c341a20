"""A picture comes coarse, sharp and at its best: which of them is seen when, over a quick link and a slow one."""

from pathlib import Path

import pytest
from support.kitchen import Gallery, Kitchen, KittyHost, blurred, extent
from support.waiting import wait_until

from tui.imaging.thumbnails import Thumbnails
from tui.terminal.facts import TerminalFacts
from tui.terminal.link import link_of
from tui.widgets import bringing, image_view

KITTY = TerminalFacts(protocol="kitty")
SIZE = (40, 21)


# Coarse, sharp, best


async def test_something_coarse_stands_in_the_very_cells_of_the_picture_until_it_is_there(
    kitchen: Kitchen, folder: Path, tmp_path: Path, unhurried: None
) -> None:
    path = blurred(tmp_path / "noise.png", 701, 433)
    Thumbnails(folder).make(path)
    held = kitchen.hold("noise.png")
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(path)
        await wait_until(terminal.on_screen)
        coarse = terminal.on_screen()
        assert coarse is not None
        assert coarse.stand_in
        assert pilot.app.view.busy
        assert pilot.app.said == []
        cells = {(y, x) for y, row in enumerate(pilot.app.rows()) for x, text in enumerate(row) if text != " "}
        held.set()
        await wait_until(lambda: pilot.app.shown() == ["noise.png"])
        sharp = terminal.on_screen()
        assert sharp is not None
        assert (sharp.look, sharp.stand_in) == ("first", False)
        after = {(y, x) for y, row in enumerate(pilot.app.rows()) for x, text in enumerate(row) if text != " "}
        assert after == cells


async def test_a_picture_that_is_soon_there_needs_nothing_coarse(
    kitchen: Kitchen, pictures: dict[str, Path], folder: Path, unhurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "GLANCE", 10.0)
    Thumbnails(folder).make(pictures["red"])
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
        assert [ask.look for ask in terminal.wire.asks.values()] == ["first"]


async def test_while_a_key_is_held_only_some_pictures_fly_past_and_where_it_rests_there_is_one(
    kitchen: Kitchen, pictures: dict[str, Path], folder: Path, unhurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_view, "HELD", float("inf"))
    monkeypatch.setattr(bringing, "RUSH", 0.3)
    # A glance so slow that the next one waits as long as any does.
    monkeypatch.setattr(bringing, "SHARE", float("inf"))
    for path in pictures.values():
        Thumbnails(folder).make(path)
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(pictures["red"])
        await wait_until(terminal.on_screen)
        pilot.app.view.show(pictures["green"])
        await pilot.pause()
        pilot.app.view.show(pictures["blue"])
        await wait_until(lambda: pilot.app.shown() == ["blue.png"])
        assert kitchen.glanced == ["red.png", "blue.png"]


async def test_what_was_shown_before_stays_until_something_can_take_its_place(
    kitchen: Kitchen, pictures: dict[str, Path], unhurried: None, at_leisure: None
) -> None:
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
        before = pilot.app.rows()
        (block,) = terminal.wire.asks
        held = kitchen.hold("green.png")
        pilot.app.view.show(pictures["green"])
        await wait_until(lambda: "green.png" in kitchen.made)
        await pilot.pause()
        assert pilot.app.rows() == before
        assert terminal.wire.store.number(block) is not None
        held.set()
        await wait_until(lambda: pilot.app.shown() == ["red.png", "green.png"])
        # Its number means something until no cell shows it any more.
        await wait_until(lambda: terminal.wire.store.number(block) is None)
        assert pilot.app.rows() != before


async def test_at_rest_the_best_look_takes_its_place_without_being_announced(
    kitchen: Kitchen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "REST", 0.01)
    path = blurred(tmp_path / "noise.png", 300, 300)
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(path)
        await wait_until(lambda: (seen := terminal.on_screen()) and seen.look == "best")
        assert pilot.app.shown() == ["noise.png"]
        assert kitchen.looks == [("noise.png", "first"), ("noise.png", "best")]
        assert not pilot.app.view.busy
        # Seen again, it is as good as it was.
        pilot.app.view.show(None)
        await pilot.pause()
        pilot.app.view.show(path)
        await wait_until(lambda: len(pilot.app.shown()) == 2)
        seen = terminal.on_screen()
        assert seen is not None
        assert seen.look == "best"
        assert len(kitchen.looks) == 2


async def test_a_best_look_that_cannot_be_had_takes_nothing_away(
    kitchen: Kitchen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "REST", 0.01)
    path = blurred(tmp_path / "noise.png", 300, 300)
    held = kitchen.hold("noise.png", "best")
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(path)
        await wait_until(lambda: ("noise.png", "best") in kitchen.looks)
        path.unlink()
        held.set()
        await wait_until(lambda: not [*pilot.app.view.workers])
        seen = terminal.on_screen()
        assert seen is not None
        assert seen.look == "first"
        assert pilot.app.shown() == ["noise.png"]


async def test_seen_again_a_picture_costs_only_its_cells(pictures: dict[str, Path], unhurried: None) -> None:
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        for name in ("red", "green"):
            pilot.app.view.show(pictures[name])
            await wait_until(lambda name=name: pilot.app.shown()[-1:] == [f"{name}.png"])
        before = terminal.sent
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: len(pilot.app.shown()) == 3)
        assert terminal.sent - before < 100


async def test_rather_the_look_that_the_terminal_has_than_a_better_one_that_must_be_sent(
    tmp_path: Path, pictures: dict[str, Path], unhurried: None, at_leisure: None
) -> None:
    path = blurred(tmp_path / "noise.png", 300, 300)
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(path)
        await wait_until(lambda: pilot.app.shown() == ["noise.png"])
        ask = pilot.app.pictures.ask(pilot.app.view, path, *pilot.app.view.size, look="best")
        await pilot.app.pictures.made(ask, lambda: False)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown()[-1:] == ["red.png"])
        before = terminal.sent
        pilot.app.view.show(path)
        await wait_until(lambda: len(pilot.app.shown()) == 3)
        assert terminal.sent - before < 100


async def test_of_a_picture_of_text_the_thumbnail_is_all_that_is_needed(
    kitchen: Kitchen, pictures: dict[str, Path], folder: Path
) -> None:
    Thumbnails(folder).make(pictures["green"])
    async with Gallery(folder=folder).run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["green"])
        await wait_until(lambda: pilot.app.shown() == ["green.png"])
        assert extent(pilot.app.rows()) == (10, 0, 20, 20)
        assert kitchen.made == []


async def test_what_is_decoded_is_kept_as_a_thumbnail(pictures: dict[str, Path], folder: Path) -> None:
    async with Gallery(folder=folder).run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: Thumbnails(folder).get(pictures["red"]) is not None)


# The link


async def test_on_a_slow_link_a_picture_is_coarse_first_and_sharp_at_rest_and_nothing_comes_ahead(
    kitchen: Kitchen, pictures: dict[str, Path], tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "REST", 0.05)
    path = blurred(tmp_path / "noise.png", 300, 300)
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "economy"
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(path, ahead=[pictures["red"]])
        # There was no thumbnail: it is made, to have something that is small.
        await wait_until(lambda: (seen := terminal.on_screen()) and seen.stand_in)
        await wait_until(lambda: pilot.app.shown() == ["noise.png"])
        await wait_until(lambda: not [*pilot.app.view.workers])
        assert [ask.stand_in for ask in terminal.wire.asks.values()] == [True, False]
        assert kitchen.looks == [("noise.png", "first")]


async def test_on_a_slow_link_the_coarse_one_is_sent_first_though_the_sharp_one_was_ready_before(
    kitchen: Kitchen, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "REST", 0.0)
    path = blurred(tmp_path / "noise.png", 300, 300)
    Thumbnails(folder).make(path)
    held = kitchen.hold("noise.png", "glance")
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "economy"
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(path)
        await wait_until(lambda: pilot.app.pictures.kept(pilot.app.pictures.ask(pilot.app.view, path, 40, 20)))
        held.set()
        await wait_until(lambda: pilot.app.shown() == ["noise.png"])
        assert [ask.stand_in for ask in terminal.wire.asks.values()] == [True, False]


async def test_on_a_slow_link_what_is_kept_but_not_in_the_terminal_is_coarse_first_too(
    pictures: dict[str, Path], folder: Path, monkeypatch: pytest.MonkeyPatch, at_leisure: None
) -> None:
    monkeypatch.setattr(bringing, "REST", 0.05)
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(pictures["red"], ahead=[pictures["green"]])
        ask = pilot.app.pictures.ask(pilot.app.view, pictures["green"], *pilot.app.view.size)
        await wait_until(lambda: pilot.app.pictures.at_hand(ask))
        link_of(pilot.app).mode = "economy"
        assert pilot.app.pictures.at_hand(ask) is None
        Thumbnails(folder).make(pictures["green"])
        pilot.app.view.show(pictures["green"])
        await wait_until(lambda: (seen := terminal.on_screen()) and seen.path == pictures["green"])
        seen = terminal.on_screen()
        assert seen is not None
        assert seen.stand_in
        await wait_until(lambda: pilot.app.shown()[-1:] == ["green.png"])
        pilot.app.view.show(pictures["red"])
        # This one the terminal has.
        await wait_until(lambda: (seen := terminal.on_screen()) and seen.path == pictures["red"])
        seen = terminal.on_screen()
        assert seen is not None
        assert not seen.stand_in


async def test_with_the_link_off_there_are_words(kitchen: Kitchen, pictures: dict[str, Path]) -> None:
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "off"
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(pictures["red"], ahead=[pictures["green"]])
        await wait_until(lambda: pilot.app.said)
        assert "80×40 PNG" in "\n".join(pilot.app.rows())
        assert terminal.written == []
        assert kitchen.made == ["red.png"]


async def test_with_the_link_in_full_the_best_look_comes_at_once(kitchen: Kitchen, tmp_path: Path) -> None:
    path = blurred(tmp_path / "noise.png", 300, 300)
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "full"
        KittyHost(pilot.app)
        pilot.app.view.show(path)
        await wait_until(lambda: pilot.app.shown() == ["noise.png"])
        assert kitchen.looks == [("noise.png", "best")]
