from dataclasses import replace
from pathlib import Path

import pytest
from support.kitchen import Gallery, Kitchen, extent
from support.waiting import wait_until
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui.terminal.facts import TerminalFacts
from tui.widgets.image_view import ImageView


class Dialog(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Label("a dialog")


async def test_a_picture_is_shown_centred_with_its_facts(pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        assert pilot.app.view.busy
        await wait_until(lambda: pilot.app.said)
        (event,) = pilot.app.said
        assert (event.width, event.height, event.mime, event.animated) == (80, 40, "image/png", False)
        assert event.control is pilot.app.view
        assert not pilot.app.view.busy
        assert extent(pilot.app.rows()) == (0, 5, 40, 10)


async def test_the_newest_wins_and_what_nobody_waits_for_is_given_up(
    kitchen: Kitchen, pictures: dict[str, Path]
) -> None:
    kitchen.hold("red.png")
    kitchen.hold("green.png")
    async with Gallery().run_test(size=(40, 21)) as pilot:
        for name in ("red", "green", "blue"):
            pilot.app.view.show(pictures[name])
            await wait_until(lambda name=name: f"{name}.png" in kitchen.made)
        await wait_until(lambda: pilot.app.shown() == ["blue.png"])
        kitchen.let_all_go()
        await wait_until(lambda: sorted(kitchen.given_up) == ["green.png", "red.png"])
        await pilot.pause()
        assert pilot.app.shown() == ["blue.png"]
        assert pilot.app.view.path == pictures["blue"]


async def test_the_last_picture_stays_and_typing_goes_on_until_the_new_one_is_ready(
    kitchen: Kitchen, pictures: dict[str, Path]
) -> None:
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        before = pilot.app.rows()
        held = kitchen.hold("green.png")
        pilot.app.view.show(pictures["green"])
        pilot.app.query_one(Input).focus()
        await pilot.press(*"fox")
        assert pilot.app.query_one(Input).value == "fox"
        assert pilot.app.rows() == before
        assert pilot.app.view.busy
        held.set()
        await wait_until(lambda: len(pilot.app.said) == 2)
        assert extent(pilot.app.rows()) == (10, 0, 20, 20)


async def test_the_same_picture_at_the_same_size_is_prepared_once(kitchen: Kitchen, pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=(39, 23)) as pilot:
        for _ in range(5):
            pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        pilot.app.view.show(pictures["red"])
        pilot.app.view.show(pictures["blue"])
        await wait_until(lambda: len(pilot.app.said) == 2)
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: len(pilot.app.said) == 3)
        # The second time it comes out of the cache.
        assert kitchen.made == ["red.png", "blue.png"]


async def test_another_size_of_the_pane_brings_another_picture_after_a_rest(
    kitchen: Kitchen, pictures: dict[str, Path]
) -> None:
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        for width in (42, 44, 46, 60):
            await pilot.resize_terminal(width, 31)
        # What stands there is of the old size: whoever waits for the pane has to wait on.
        await wait_until(lambda: pilot.app.view.size.width == 60 and not pilot.app.view.busy)
        assert extent(pilot.app.rows()) == (0, 7, 60, 15)
        await wait_until(lambda: len(pilot.app.said) == 2)
        assert len(kitchen.made) == 2


async def test_a_size_at_which_the_picture_is_the_same_is_no_reason_to_wait(pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        await pilot.resize_terminal(60, 31)
        await pilot.resize_terminal(40, 21)
        assert not pilot.app.view.busy


async def test_before_the_new_size_is_ready_the_old_picture_is_cut_not_broken(
    kitchen: Kitchen, pictures: dict[str, Path]
) -> None:
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        kitchen.hold("red.png")
        await pilot.resize_terminal(20, 7)
        await wait_until(lambda: {len(row) for row in pilot.app.rows()} == {20})
        assert set("".join(pilot.app.rows())) == {"▀"}


async def test_what_cannot_be_shown_is_said_in_the_pane(tmp_path: Path, pictures: dict[str, Path]) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(pictures["red"].read_bytes()[:60])
    async with Gallery().run_test(size=(60, 9)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        pilot.app.view.show(broken)
        await wait_until(lambda: len(pilot.app.said) == 2)
        event = pilot.app.said[1]
        assert isinstance(event, ImageView.Failed)
        assert event.words == "The picture is damaged or ends too early."
        assert event.words in "\n".join(pilot.app.rows())
        broken.write_bytes(pictures["blue"].read_bytes())
        pilot.app.view.show(broken)
        await wait_until(lambda: pilot.app.shown() == ["red.png", "broken.png"])
        pilot.app.view.show(tmp_path / "[/foo] [red]\x1b[2J.png")
        await wait_until(lambda: len(pilot.app.said) == 4)
        assert "The file is gone." in "\n".join(pilot.app.rows())


async def test_nothing_to_show_is_blank(pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        pilot.app.view.show(None)
        await pilot.pause()
        assert set("".join(pilot.app.rows())) == {" "}
        assert not pilot.app.view.busy
        assert pilot.app.view.info is None


async def test_without_pictures_the_facts_are_shown_as_words(pictures: dict[str, Path]) -> None:
    async with Gallery(TerminalFacts(protocol="none")).run_test(size=(40, 9)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        assert "80×40 PNG" in "\n".join(pilot.app.rows())


@pytest.mark.parametrize("protocol", ["kitty", "sixel", "half"])
async def test_without_our_driver_pictures_are_half_blocks(protocol: str, pictures: dict[str, Path]) -> None:
    async with Gallery(TerminalFacts(protocol=protocol)).run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        assert pilot.app.view.protocol == "half"
        assert extent(pilot.app.rows()) == (0, 5, 40, 10)


async def test_the_cells_shape_decides_how_wide_a_picture_is(pictures: dict[str, Path]) -> None:
    square_cells = replace(TerminalFacts(), cell_width=20, cell_height=20)
    async with Gallery(square_cells).run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["blue"])
        await wait_until(lambda: pilot.app.said)
        assert extent(pilot.app.rows()) == (10, 0, 20, 20)


@pytest.mark.parametrize("protocol", ["half", "symbols", "none"])
@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 3), (5, 5), (80, 24), (300, 100)])
async def test_no_size_of_the_terminal_breaks_it(
    size: tuple[int, int], protocol: str, pictures: dict[str, Path], tmp_path: Path
) -> None:
    async with Gallery(TerminalFacts(protocol=protocol)).run_test(size=size) as pilot:
        for path in (*pictures.values(), tmp_path / "none.png"):
            pilot.app.view.show(path)
            await pilot.pause()
        if pilot.app.view.size:
            await wait_until(lambda: pilot.app.said)
        await pilot.resize_terminal(30, 10)
        await wait_until(lambda: any(isinstance(event, ImageView.Failed) for event in pilot.app.said))
        await wait_until(lambda: {len(row) for row in pilot.app.rows()} == {30})


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}])
async def test_themes_dialogs_and_no_colour_leave_the_picture(
    environment: dict[str, str], pictures: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: pilot.app.said)
        before = pilot.app.rows()
        for theme in ("textual-light", "nord", "ansi-dark", "textual-dark"):
            pilot.app.theme = theme
            await pilot.pause()
        await wait_until(lambda: not pilot.app.view.busy)
        await pilot.app.push_screen(Dialog())
        pilot.app.view.styles.opacity = 0.5
        pilot.app.view.disabled = True
        await pilot.pause()
        assert pilot.app.rows() == before
        await pilot.app.pop_screen()
        assert pilot.app.rows() == before


async def test_a_pane_that_goes_ends_what_it_was_doing(kitchen: Kitchen, pictures: dict[str, Path]) -> None:
    held = kitchen.hold("red.png")
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.show(pictures["red"])
        await wait_until(lambda: kitchen.made)
        await pilot.app.view.remove()
        held.set()
        await wait_until(lambda: kitchen.given_up == ["red.png"])
        assert pilot.app.said == []


async def test_shown_before_it_has_a_size_it_appears_with_its_first_size(pictures: dict[str, Path]) -> None:
    async with Gallery().run_test(size=(40, 21)) as pilot:
        pilot.app.view.display = False
        await pilot.pause()
        late = ImageView()
        late.show(pictures["red"])
        await pilot.app.mount(late)
        await wait_until(lambda: pilot.app.shown() == ["red.png"])
