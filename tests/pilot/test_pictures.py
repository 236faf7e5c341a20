"""Pictures on their way to the screen: in which order, what is given up, and what is kept of them."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from support.kitchen import Gallery, Kitchen, KittyHost, blurred, extent, painted
from support.waiting import wait_until
from textual.widgets import Input

from tui.imaging.thumbnails import Thumbnails
from tui.terminal.facts import TerminalFacts
from tui.widgets import bringing, image_view
from tui.widgets import pictures as every_picture
from tui.widgets.drawing import Stamp, stamp_of
from tui.widgets.image_view import ImageView

KITTY = TerminalFacts(protocol="kitty")
SIZE = (40, 21)


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
