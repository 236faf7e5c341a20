"""Pictures to start from: added by path, taken out, and never more than the model takes."""

import json
from pathlib import Path

import pytest
from PIL import Image
from support.app import NOBODY, Home, Person
from support.deliveries import png

from tui.domain.request import Reference
from tui.screens.entry import PathInput, ReferencesScreen
from tui.state import AppState


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "my fox [1].png"
    path.write_bytes(png(20, 10))
    return path


def references(person: Person) -> tuple[Reference, ...]:
    return person.app.options.selection.references


def take_away(path: Path) -> None:
    path.unlink()


async def offer(person: Person, path: Path | str) -> None:
    await person.press("ctrl+a", "ctrl+k", "ctrl+u")
    await person.paste(str(path))
    await person.press("enter")


async def test_f6_adds_a_picture_by_its_path_and_it_is_sent_along(home: Home, picture: Path) -> None:
    async with home.open() as person:
        await person.write("a fox like this")
        await person.press("f6")
        assert isinstance(person.app.screen, ReferencesScreen)
        await offer(person, picture)
        await person.until(lambda: [each.path for each in references(person)] == [picture])
        await person.sees("1 of up to", "my fox [1].png", "PNG")
        await person.press("escape")
        assert person.prompt == "a fox like this"
        await person.press("enter")
        await person.idle()
        assert person.states == ["done"]
        generation = person.jobs[0].generation
        assert generation is not None
        assert generation.metadata is not None
        told = json.loads(generation.metadata.read_text())
        assert [each["sha256"] for each in told["references"]] == [references(person)[0].sha256]


async def test_what_is_no_picture_or_not_there_is_said_in_the_dialog(home: Home, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a picture")
    async with home.open() as person:
        await person.press("f6")
        for name in ("missing.png", "note.txt", "."):
            await offer(person, tmp_path / name)
            words = person.app.screen.query_one("#reference-words")
            await person.until(
                lambda words=words: not any(part in str(words.content) for part in ("of up to", "reading"))
            )
            assert str(words.content).strip()
            assert references(person) == ()
            assert isinstance(person.app.screen, ReferencesScreen)


async def test_the_models_limit_holds(home: Home, tmp_path: Path) -> None:
    async with home.open(state=AppState(model="gemini-2.5-flash-image")) as person:
        await person.press("f6")
        for number in range(3):
            path = tmp_path / f"{number}.png"
            path.write_bytes(png(shade=number * 9))
            await offer(person, path)
            await person.until(lambda number=number: len(references(person)) == number + 1)
        (tmp_path / "more.png").write_bytes(png())
        await offer(person, tmp_path / "more.png")
        await person.sees("takes up to 3 references")
        assert len(references(person)) == 3


async def test_a_reference_is_taken_out_with_its_key_and_typing_an_x_is_only_text(home: Home, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.png").write_bytes(png())
    async with home.open() as person:
        await person.press("f6")
        for number, name in enumerate(("one", "two")):
            await offer(person, tmp_path / f"{name}.png")
            await person.until(lambda number=number: len(references(person)) == number + 1)
        await person.write("x")
        assert len(references(person)) == 2
        await person.press("down", "x")
        await person.until(lambda: [each.path.name for each in references(person)] == ["two.png"])
        await person.press("delete")
        await person.until(lambda: references(person) == ())


async def test_another_model_that_takes_fewer_never_leaves_a_request_that_cannot_be_sent_unsaid(
    home: Home, tmp_path: Path
) -> None:
    async with home.open(state=AppState(model="gemini-3-pro-image", draft="a fox")) as person:
        await person.press("f6")
        for number in range(5):
            path = tmp_path / f"{number}.png"
            path.write_bytes(png(shade=number * 9))
            await offer(person, path)
            await person.until(lambda number=number: len(references(person)) == number + 1)
        await person.press("escape")
        while person.app.options.selection.model != "gemini-2.5-flash-image":
            await person.press("f2")
        await person.press("enter")
        await person.sees("takes up to 3 references, not 5")
        assert person.jobs == []


async def test_references_are_there_again_at_the_next_start_and_one_that_went_is_said(
    home: Home, picture: Path
) -> None:
    async with home.open() as person:
        await person.press("f6")
        await offer(person, picture)
        await person.until(lambda: references(person))
        await person.press("escape", "ctrl+q")
    async with home.open() as person:
        await person.until(lambda: [each.path for each in references(person)] == [picture])
        await person.press("ctrl+q")
    take_away(picture)
    async with home.open() as person:
        await person.until(lambda: picture.name in person.foot)
        assert references(person) == ()


async def test_what_is_sent_in_place_of_a_file_is_said_and_the_order_stays(home: Home, tmp_path: Path) -> None:
    paths = [tmp_path / "large.tiff", tmp_path / "small.gif", tmp_path / "plain.png"]
    Image.effect_noise((1800, 1200), 60).save(paths[0])
    Image.new("L", (20, 10)).save(paths[1])
    paths[2].write_bytes(png())
    async with home.open((120, 40), state=AppState(references=tuple(map(str, paths)))) as person:
        await person.until(lambda: [each.path for each in references(person)] == paths)
        await person.press("f6")
        await person.sees("sent as JPEG", "sent as PNG", "3 of up to", "KB")


async def test_an_id_that_loses_options_is_said_where_one_chooses(home: Home, picture: Path) -> None:
    state = AppState(model="gemini-2.5-flash-image-preview", references=(str(picture),))
    async with home.open((120, 40), state=state, proxy=NOBODY) as person:
        await person.until(lambda: references(person))
        assert "CLIProxyAPI drops size and ratio" in person.foot
        await person.press("f6")
        await person.sees("CLIProxyAPI drops size and ratio beside a reference", "gemini-2.5-flash-image goes")


async def test_tab_completes_a_path_and_goes_on_to_the_list_where_nothing_is_left_to_complete(
    home: Home, picture: Path
) -> None:
    async with home.open() as person:
        await person.press("f6")
        entry = person.app.screen.query_one(PathInput)
        await person.paste(str(picture)[:-6])
        await person.press("tab")
        await person.until(lambda: entry.value == str(picture))
        assert entry.has_focus
        await person.press("tab")
        assert not entry.has_focus
