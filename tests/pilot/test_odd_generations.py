"""What is damaged, missing or foreign in the library is shown as what it is."""

import io
import json

import pytest
from rich.cells import cell_len
from support.app import Home, Person, frame_words, text_of
from support.sample_pictures import dense_picture

from tui.widgets.image_view import ImageView

STAMP = "20260314_1300{:02d}"


def encoded(kind: str) -> bytes:
    """A small picture of many colours."""
    buffer = io.BytesIO()
    dense_picture(64).save(buffer, kind)
    return buffer.getvalue()


PICTURE = encoded("png")


def put(home: Home, number: int, document: object, data: bytes | None = None, extension: str = "png") -> str:
    """A generation that somebody else wrote; its stem."""
    stem = STAMP.format(number)
    home.library.mkdir(exist_ok=True)
    if document is not None:
        text = document if isinstance(document, str) else json.dumps(document)
        (home.library / f"metadata_{stem}.json").write_text(text)
    if data is not None:
        (home.library / f"image_{stem}_0.{extension}").write_bytes(data)
    return stem


async def shown(person: Person) -> str:
    """What stands in the preview, once it is settled what that is."""
    view = person.app.preview.query_one(ImageView)
    await person.until(lambda: not view.display or not view.busy)
    return person.seen_in(person.app.preview)


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_each_is_listed_and_says_what_it_is(home: Home, size: tuple[int, int]) -> None:
    put(home, 1, {"prompt": "seed fox"}, PICTURE)
    put(home, 2, "{broken", PICTURE)
    put(home, 3, None, PICTURE)
    put(home, 4, {"schema": 1, "prompt": "lost fox", "images": [{"file": f"image_{STAMP.format(4)}_0.png"}]})
    put(home, 5, {"prompt": "not really a picture"}, b"words that are no pixels")
    put(home, 6, {"prompt": "cut fox"}, PICTURE[:200])
    put(home, 7, {"prompt": "wrong name"}, encoded("jpeg"))
    put(home, 8, {"schema": 1, "prompt": 7, "images": "no list", "user": [], "options": None}, PICTURE)
    put(home, 9, {"schema": 1, "prompt": "only words", "images": []})
    expected = {
        1: ("seed fox", ""),
        2: ("", "damaged"),
        3: ("", ""),
        4: ("lost fox", "is gone"),
        5: ("not really a picture", "not a picture"),
        6: ("cut fox", "damaged or ends too early"),
        7: ("wrong name", ""),
        8: ("", ""),
        9: ("only words", "has no picture"),
    }
    async with home.open(size) as person:
        by_stem = {each.stem: each for each in person.listed}
        assert sorted(by_stem) == [STAMP.format(number) for number in expected]
        await person.go_to("history")
        for number, (prompt, words) in sorted(expected.items(), reverse=True):
            stem = STAMP.format(number)
            assert person.chosen == by_stem[stem]
            assert (prompt or stem)[:12] in text_of(person.app.history.history_list)
            if size == (120, 40):
                seen = " ".join((await shown(person)).replace("│", " ").split())
                assert words in seen
                assert ("▀" in seen or "▄" in seen) == ((words in ("", "damaged") and number != 2) or False)
            for key in ("t", "z", "c"):
                await person.press(key, "escape")
            await person.press("j")
        assert person.app.is_running


async def test_a_mark_in_the_row_says_that_something_is_wrong(home: Home) -> None:
    put(home, 1, {"prompt": "whole"}, PICTURE)
    put(home, 2, "{broken", PICTURE)
    put(home, 4, {"schema": 1, "prompt": "lost", "images": [{"file": f"image_{STAMP.format(4)}_0.png"}]})
    async with home.open() as person:
        lines = text_of(person.app.history.history_list).split("\n")
        assert [line[1] for line in lines[1:4]] == ["!", "!", " "]


async def test_a_picture_that_goes_while_the_app_runs_is_said_to_be_gone(home: Home) -> None:
    home.keep("one")
    home.keep("two")
    async with home.open() as person:
        await shown(person)
        home.generations[0].images[0].path.unlink()
        await person.go_to("history")
        await person.press("j")
        await person.until(lambda: "no longer there" in person.seen_in(person.app.preview) or "gone" in person.screen())
        await person.press("e")
        await person.until(lambda: "✗" in person.foot)
        assert person.app.options.selection.references == ()


async def test_two_pictures_of_one_generation_show_the_last_and_say_how_many(home: Home) -> None:
    generation = home.keep("pair", images=2)
    async with home.open((200, 60)) as person:
        view = person.app.preview.query_one(ImageView)
        await person.until(lambda: view.path == generation.images[1].path)
        assert "2 pictures" in person.seen_in(person.app.preview)


async def test_what_was_asked_and_what_came_are_both_said_where_they_differ(home: Home) -> None:
    home.keep("small", model="gemini-3-pro-image", aspect_ratio="16:9", image_size="2K")
    async with home.open((200, 60)) as person:
        assert person.chosen is not None
        assert [warning.code for warning in person.chosen.warnings] == ["size_mismatch"]
        assert "△ asked 2K, got 16×9" in person.seen_in(person.app.preview)
        assert "△" in text_of(person.app.history.history_list)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_a_mark_at_the_rows_end_moves_no_column_and_the_words_say_why(home: Home, size: tuple[int, int]) -> None:
    asked = {"model": "gemini-3-pro-image", "aspect_ratio": "16:9", "image_size": "4K"}
    home.keep("as it was asked for", pixels=(5504, 3072), **asked)
    home.keep("smaller and square, and", pixels=(1024, 1024), **asked)
    home.keep("from another, and more", pixels=(5504, 3072), summary={"model": "gemini-2.5-flash-image"}, **asked)
    async with home.open(size) as person:
        assert frame_words(person.app.preview)[1].startswith("△ 5504×3072 · 2.5 Flash answered")
        await person.go_to("history")
        await person.press("j", "f")
        await person.until(lambda: person.chosen is not None and person.chosen.user.starred)
        rows = [row for row in text_of(person.app.history.history_list).splitlines() if ":" in row]
        assert [row.endswith(" △") for row in rows] == [True, True, False]
        assert len({cell_len(row) for row in rows}) == 1
        assert len({row.index(":") for row in rows}) == 1
        assert "★" in rows[1]
        await person.go_to("preview")
        assert frame_words(person.app.preview)[1].startswith("△ asked 4K 16:9, got 1024×1024")
        await person.press("t")
        await person.sees("Asked for 16:9, got 1:1 (1024×1024).", "Asked for 4K (5504×3072), got")


async def test_a_trash_key_on_a_damaged_one_moves_it_and_undo_brings_it_back(home: Home) -> None:
    put(home, 2, "{broken", PICTURE)
    before = sorted(path.name for path in home.library.iterdir())
    async with home.open() as person:
        await person.go_to("history")
        await person.press("d")
        await person.until(lambda: not person.listed)
        await person.press("u")
        await person.until(lambda: person.listed)
    assert sorted(path.name for path in home.library.iterdir() if path.name != ".trash") == before
