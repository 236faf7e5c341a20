"""Pictures on their way to the screen: in which order, what stands for them meanwhile, what is given up and kept."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.kitchen import Gallery, Kitchen, KittyHost, extent, kitchen_of, painted
from support.waiting import wait_until
from textual.widgets import Input

from tui.imaging.thumbnails import Thumbnails
from tui.terminal.facts import TerminalFacts
from tui.terminal.link import link_of
from tui.widgets import bringing, image_view
from tui.widgets import pictures as every_picture
from tui.widgets.drawing import Stamp, stamp_of
from tui.widgets.image_view import ImageView

KITTY = TerminalFacts(protocol="kitty")
SIZE = (40, 21)


@pytest.fixture
def kitchen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    with kitchen_of(monkeypatch) as kitchen:
        yield kitchen


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    return painted(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "thumbnails"


@pytest.fixture
def at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two pictures are asked for so quickly that a key seems to be held."""
    monkeypatch.setattr(image_view, "HELD", 0.0)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best look is not made within a test."""
    monkeypatch.setattr(bringing, "REST", 1000.0)


def blurred(path: Path, width: int, height: int) -> Path:
    """A picture of very many colours."""
    Image.effect_noise((width, height), 90).convert("RGB").save(path)
    return path


# What comes next


async def test_what_comes_next_is_prepared_in_its_order_when_the_shown_one_is_there(
    kitchen: Kitchen, pictures: dict[str, Path]
) -> None:
    held = kitchen.hold("red.png")
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"], ahead=[pictures["green"], pictures["blue"]])
        await wait_until(lambda: kitchen.made)
        await pilot.pause()
        assert kitchen.made == ["red.png"]
        held.set()
        await wait_until(lambda: len(kitchen.made) == 3)
        assert kitchen.made == ["red.png", "green.png", "blue.png"]


async def test_what_was_prepared_ahead_is_there_at_once(kitchen: Kitchen, pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=SIZE) as pilot:
        view = pilot.app.view
        view.show(pictures["red"], ahead=[pictures["green"]])
        await wait_until(
            lambda: pilot.app.pictures.at_hand(pilot.app.pictures.ask(view, pictures["green"], *view.size))
        )
        view.show(pictures["green"])
        await wait_until(lambda: pilot.app.shown() == ["red.png", "green.png"])
        assert kitchen.made == ["red.png", "green.png"]


async def test_the_one_that_is_being_prepared_ahead_is_waited_for_and_not_begun_again(
    kitchen: Kitchen, pictures: dict[str, Path], at_leisure: None
) -> None:
    held = kitchen.hold("green.png")
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"], ahead=[pictures["green"], pictures["blue"]])
        await wait_until(lambda: kitchen.made == ["red.png", "green.png"])
        pilot.app.view.show(pictures["green"])
        await pilot.pause()
        held.set()
        await wait_until(lambda: pilot.app.shown() == ["red.png", "green.png"])
        assert kitchen.made == ["red.png", "green.png"]
        assert kitchen.given_up == []


async def test_what_was_thought_to_come_next_is_left_when_another_is_asked_for(
    kitchen: Kitchen, pictures: dict[str, Path], at_leisure: None
) -> None:
    held = kitchen.hold("green.png")
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"], ahead=[pictures["green"]])
        await wait_until(lambda: kitchen.made == ["red.png", "green.png"])
        pilot.app.view.show(pictures["blue"])
        await wait_until(lambda: pilot.app.shown() == ["red.png", "blue.png"])
        held.set()
        await wait_until(lambda: kitchen.given_up == ["green.png"])


async def test_a_view_that_goes_leaves_what_it_thought_to_come(kitchen: Kitchen, pictures: dict[str, Path]) -> None:
    held = kitchen.hold("green.png")
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"], ahead=[pictures["green"], pictures["blue"]])
        await wait_until(lambda: kitchen.made == ["red.png", "green.png"])
        await pilot.app.view.remove()
        held.set()
        await wait_until(lambda: kitchen.given_up == ["green.png"])
        assert "blue.png" not in kitchen.made


async def test_one_that_cannot_be_shown_is_in_nobodys_way(
    kitchen: Kitchen, pictures: dict[str, Path], tmp_path: Path
) -> None:
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"], ahead=[tmp_path / "gone.png", pictures["green"]])
        await wait_until(lambda: "green.png" in kitchen.made)
        assert pilot.app.shown() == ["red.png"]
        assert len(pilot.app.said) == 1


# Held keys


async def test_of_pictures_that_fly_past_only_the_last_is_prepared(
    kitchen: Kitchen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [blurred(tmp_path / f"{number}.png", 50, 50) for number in range(30)]
    monkeypatch.setattr(image_view, "HELD", 10.0)
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(paths[0])
        await wait_until(lambda: pilot.app.shown() == ["0.png"])
        for path in paths[1:]:
            pilot.app.view.show(path, ahead=paths)
            await pilot.pause()
        await wait_until(lambda: "29.png" in pilot.app.shown())
        assert kitchen.made[:2] == ["0.png", "29.png"]


async def test_thumbnails_of_pictures_that_fly_past_are_seen(
    kitchen: Kitchen, pictures: dict[str, Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_view, "HELD", 10.0)
    monkeypatch.setattr(bringing, "RUSH", 1000.0)
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
        for name in ("green", "blue"):
            path = pictures[name]
            Thumbnails(folder).make(path)
            pilot.app.view.show(path)
            await wait_until(lambda path=path: (seen := terminal.on_screen()) and seen.path == path and seen.stand_in)
        assert kitchen.made == ["red.png"]


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


# Files


async def test_a_file_that_changed_is_prepared_anew(kitchen: Kitchen, pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
        pictures["red"].write_bytes(pictures["green"].read_bytes())
        os.utime(pictures["red"], ns=(1, 1))
        pilot.app.view.show(None)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: extent(pilot.app.rows()) == (10, 0, 20, 20))
        assert kitchen.made == ["red.png", "red.png"]


async def test_a_file_that_went_says_so_though_its_picture_is_kept(pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
        pictures["red"].unlink()
        pilot.app.view.show(None)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: "The file is gone." in "\n".join(pilot.app.rows()))


async def test_a_disk_that_does_not_answer_stops_nothing(
    pictures: dict[str, Path], monkeypatch: pytest.MonkeyPatch, at_leisure: None
) -> None:
    dead = threading.Event()
    hangs: set[Path] = set()

    def look(path: Path) -> Stamp:
        if path in hangs:
            dead.wait(10)
        return stamp_of(path)

    monkeypatch.setattr(every_picture, "stamp_of", look)
    async with Gallery().run_test(size=SIZE) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
        hangs.update((pictures["red"], pictures["green"]))
        pilot.app.view.show(pictures["green"])
        await pilot.pause()
        pilot.app.query_one(Input).focus()
        await pilot.press(*"fox")
        assert pilot.app.query_one(Input).value == "fox"
        # One that is kept is shown all the same, and one on another disk too.
        pilot.app.view.show(None)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: extent(pilot.app.rows()) == (0, 5, 40, 10))
        pilot.app.view.show(pictures["blue"])
        await wait_until(lambda: pilot.app.shown()[-1:] == ["blue.png"])
        dead.set()


# Keeping


async def test_what_is_kept_is_counted_to_the_byte(pictures: dict[str, Path], unhurried: None) -> None:
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        KittyHost(pilot.app)
        view, all_of_them = pilot.app.view, pilot.app.pictures
        made = [
            await all_of_them.made(all_of_them.ask(view, path, width, 10), lambda: False)
            for path in pictures.values()
            for width in (20, 30)
        ]
        assert all_of_them.cache.size == sum(each.size for each in made)
        assert all(all_of_them.kept(each.ask) is each for each in made)


async def test_many_who_ask_for_one_picture_wait_for_one_decode(kitchen: Kitchen, pictures: dict[str, Path]) -> None:
    held = kitchen.hold("red.png")
    async with Gallery().run_test(size=SIZE) as pilot:
        views = [ImageView() for _ in range(3)]
        await pilot.app.mount(*views)
        for view in views:
            view.show(pictures["red"])
        await wait_until(lambda: kitchen.made)
        await views[0].remove()
        held.set()
        await wait_until(lambda: len(pilot.app.shown()) == 2)
        sizes = {view.size for view in views[1:]}
        assert len(kitchen.made) <= len(sizes) + 1
        assert kitchen.given_up == []


async def test_thumbnails_are_made_at_leisure_and_those_out_of_sight_are_left(
    kitchen: Kitchen, tmp_path: Path, folder: Path
) -> None:
    paths = [blurred(tmp_path / f"{number}.png", 40, 40) for number in range(4)]
    red = painted(tmp_path)["red"]
    held = kitchen.hold("red.png")
    async with Gallery(folder=folder).run_test(size=SIZE) as pilot:
        pilot.app.view.show(red)
        await wait_until(lambda: kitchen.made)
        pilot.app.pictures.keep_thumbnails(pilot, paths)
        await pilot.pause()
        assert all(Thumbnails(folder).get(path, 256) is None for path in paths)
        pilot.app.pictures.keep_thumbnails(pilot, paths[2:])
        held.set()
        await wait_until(lambda: all(Thumbnails(folder).get(path, 256) for path in paths[2:]))
        assert all(Thumbnails(folder).get(path, 256) is None for path in paths[:2])


async def test_another_font_size_and_another_way_to_draw_bring_the_picture_again(
    pictures: dict[str, Path], unhurried: None
) -> None:
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
        terminal.cell = (20, 20)
        pilot.app.view.pictures_lost()
        await wait_until(lambda: len(pilot.app.shown()) == 2)
        seen = terminal.on_screen()
        assert seen is not None
        assert seen.cell == (20, 20)
        pilot.app.terminal_facts = replace(KITTY, protocol="half")
        pilot.app.view.pictures_lost()
        await wait_until(lambda: len(pilot.app.shown()) == 3)
        assert terminal.on_screen() is None
