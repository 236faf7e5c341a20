"""The options are always something the model can do, and each is a key away."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from support.app import Home, Person, frame_words, text_of
from support.deliveries import png

from tui.domain.options import DEFAULT_MODEL, MODELS, find_model
from tui.domain.request import Request
from tui.domain.selection import Selection
from tui.screens.help import HelpScreen
from tui.screens.picker import Picker
from tui.state import AppState

ANY_MODEL = AppState(model=DEFAULT_MODEL)


def selection(person: Person) -> Selection:
    return person.app.options.selection


async def line(person: Person) -> str:
    await person.settle()
    return text_of(person.app.options)


async def test_a_function_key_changes_its_option_from_inside_the_prompt_and_back(home: Home) -> None:
    async with home.open(state=ANY_MODEL) as person:
        await person.write("fox")
        for number in (2, 3, 4, 5):
            before = selection(person)
            await person.press(f"f{number}")
            once = selection(person)
            assert once != before
            await person.press(f"f{number}", f"shift+f{number}")
            assert selection(person) == once
            await person.press(f"f{number + 12}")
            assert selection(person) == before
        assert person.prompt == "fox"
        assert person.app.focused is person.app.prompt.editor


async def test_each_key_goes_through_all_the_model_has_and_round(home: Home) -> None:
    async with home.open(state=ANY_MODEL) as person:
        model = selection(person).image_model
        ratios, sizes, models = [], [], []
        for _ in model.ratios:
            await person.press("f3")
            ratios.append(selection(person).aspect_ratio)
        for _ in model.sizes:
            await person.press("f4")
            sizes.append(selection(person).image_size)
        for _ in person.app.model_names():
            await person.press("f2")
            models.append(selection(person).model)
        assert (sorted(ratios), ratios[-1]) == (sorted(model.ratios), "1:1")
        assert (sorted(sizes), sizes[-1]) == (sorted(model.sizes), "1K")
        assert sorted(models) == sorted(person.app.model_names())
        await person.press("shift+f5")
        assert selection(person).count == 1


KEYS = st.lists(
    st.sampled_from([f"{shift}f{number}" for number in (2, 3, 4, 5) for shift in ("", "shift+")] + ["f14", "f17"]),
    max_size=30,
)


@settings(max_examples=8)
@given(keys=KEYS)
async def test_after_any_option_keys_the_request_can_be_sent_and_the_line_says_what_it_is(
    home: Home, keys: list[str]
) -> None:
    async with home.open(state=ANY_MODEL) as person:
        await person.burst(*keys)
        now = selection(person)
        request = Request("x", model=now.model, aspect_ratio=now.aspect_ratio, image_size=now.image_size)
        assert now.requests("x") == (request,) * now.count
        pixels = find_model(now.model).size_in_pixels(now.aspect_ratio, now.image_size)
        assert pixels is not None
        shown = await line(person)
        for words in (now.model, now.aspect_ratio, f"{now.image_size} → {pixels[0]}×{pixels[1]}", f"×{now.count}"):
            assert words in shown
        assert cell_len(shown) == person.app.size.width


async def test_the_line_fits_every_width_and_shows_the_pixels_where_they_are_known(home: Home) -> None:
    async with home.open(state=AppState(aspect_ratio="21:9", image_size="4K")) as person:
        for width in (40, 44, 60, 80, 120):
            await person.resize(width, 30)
            for model in (*(model.id for model in MODELS), "somebody/else-image"):
                person.app.options.change(selection(person).with_model(model).with_size("4K"))
                now = selection(person)
                shown = await line(person)
                assert cell_len(shown) <= width
                assert now.aspect_ratio in shown
                if now.pixels is not None:
                    assert f"{now.pixels[0]}×{now.pixels[1]}" in shown, width


@pytest.mark.parametrize(("position", "field"), enumerate(["model", "ratio", "size", "count"]))
async def test_a_picker_lists_what_the_model_has_and_takes_with_enter(home: Home, position: int, field: str) -> None:
    async with home.open(state=ANY_MODEL) as person:
        model = selection(person).image_model
        await person.go_to("options")
        await person.press(*["right"] * position, "enter")
        picker = person.app.screen
        assert isinstance(picker, Picker)
        listed = {
            "model": [each.id for each in MODELS],
            "ratio": model.ratios,
            "size": model.sizes,
            "count": ["×1", "×2", "×4"],
        }[field]
        screen = person.screen()
        assert [words for words in listed if words not in screen] == []
        before = selection(person)
        await person.press("down", "enter")
        assert person.app.screen is not picker
        after = selection(person)
        assert (
            after
            == {
                "model": before.with_model(MODELS[1].id),
                "ratio": before.with_ratio(model.ratios[model.ratios.index("1:1") + 1]),
                "size": before.with_size(model.sizes[model.sizes.index("1K") + 1]),
                "count": before.with_count(2),
            }[field]
        )
        assert person.app.focused is person.app.options


async def test_escape_leaves_a_picker_and_nothing_is_taken(home: Home) -> None:
    async with home.open(state=ANY_MODEL) as person:
        before = selection(person)
        await person.go_to("options")
        await person.press("right", "enter", "down", "down", "escape")
        assert not isinstance(person.app.screen, Picker)
        assert selection(person) == before
        assert person.app.focused is person.app.options


async def test_the_model_picker_finds_by_letters_and_takes_any_other_name(home: Home) -> None:
    async with home.open(state=ANY_MODEL) as person:
        await person.go_to("options")
        await person.press("enter")
        await person.write("lite")
        await person.press("enter")
        assert selection(person).model == "gemini-3.1-flash-lite-image"
        await person.press("enter")
        await person.write("acme/painter-9")
        await person.press("enter")
        assert selection(person).model == "acme/painter-9"
        assert "acme/painter-9" in await line(person)


async def test_a_key_in_the_options_line_changes_the_chosen_field_alone(home: Home) -> None:
    async with home.open(state=ANY_MODEL) as person:
        before = selection(person)
        await person.go_to("options")
        await person.press("right", "up")
        after = selection(person)
        assert after == before.with_ratio(after.aspect_ratio)
        assert after.aspect_ratio != before.aspect_ratio
        await person.press("down", "right", "right", "up")
        assert selection(person) == before.with_count(2)


async def test_a_model_that_was_switched_off_is_said_so_where_the_proxy_tells_nothing(home: Home) -> None:
    from support.app import NOBODY

    async with home.open(state=AppState(model="gemini-3.1-flash-image"), proxy=NOBODY) as person:
        await person.press("f2")
        assert selection(person).model == "gemini-3.1-flash-image-preview"
        assert "switched off" in person.foot
        assert "gemini-3.1-flash-image" in person.foot


async def test_references_in_the_line_are_named_or_counted(home: Home, tmp_path: Path) -> None:
    picture = tmp_path / "fox.png"
    picture.write_bytes(png())
    async with home.open() as person:
        assert "refs: none" in await line(person)
        await person.press("f6")
        await person.paste(str(picture))
        await person.press("enter")
        await person.until(lambda: selection(person).references)
        await person.press("escape")
        assert "fox.png" in await line(person)
        await person.resize(60, 20)
        assert "fox.png" not in (shown := await line(person))
        assert "1" in shown.partition("F6")[2]


async def test_a_click_on_the_hint_opens_the_help(home: Home) -> None:
    async with home.open() as person:
        await person.click("#options", offset=(person.app.options.size.width - 4, 0))
        await person.until(lambda: isinstance(person.app.screen, HelpScreen))


async def test_the_foot_of_the_prompt_names_the_keys_that_a_narrow_pane_has_no_room_for(home: Home) -> None:
    home.keep("a fox")
    async with home.open((80, 24)) as person:
        await person.go_to("history")
        _, own = frame_words(person.app.history)
        _, foot = frame_words(person.app.prompt)
        shown = {*own.split(" · "), *foot.split(" · ")}
        assert "Esc prompt" in foot
        assert {"f star", "d trash", "u undo", "e edit", "z zoom"} <= shown
        assert not set(own.split(" · ")) & set(foot.split(" · "))
        await person.go_to("prompt")
        assert frame_words(person.app.prompt)[1].startswith("Enter generate")
