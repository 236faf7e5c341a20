"""A picture that another program made shows what it was made with, wherever generations are shown."""

from support.app import Home, frame_words, text_of
from support.foreign_pictures import A1111, saved, text, utf16, with_texts


def drop(home: Home, name: str, data: bytes) -> None:
    """Somebody copies a picture into the library."""
    home.library.mkdir(exist_ok=True)
    (home.library / name).write_bytes(data)


async def test_a_dropped_picture_shows_prompt_and_model_in_row_preview_words_and_facts(home: Home) -> None:
    drop(home, "00012-965400086.png", with_texts(text("parameters", A1111)))
    async with home.open() as person:
        assert person.chosen is not None
        assert person.chosen.foreign
        row = next(line for line in text_of(person.app.history.history_list).splitlines() if ":" in line)
        assert "a red fox, deep snow" in row
        assert "foxes_v2" in row
        title, facts = frame_words(person.app.preview)
        assert title == "a red fox, deep snow"
        assert facts.startswith("33×21 · PNG 1 KB · t words · foxes_v2")
        await person.go_to("history")
        await person.press("t")
        await person.sees("Not wanted", "blurry, text", "A1111 or alike · seed 965400086 · 28 steps · at 512×768")
        await person.press("escape", "z", "i")
        await person.sees("foxes_v2", "A1111 or alike · seed 965400086", "a red fox, deep snow")


async def test_its_prompt_is_recalled_and_the_model_stays_one_that_can_be_asked(home: Home) -> None:
    drop(home, "fox.jpg", saved("JPEG", comment=utf16(A1111, "be")))
    async with home.open() as person:
        before = person.app.options.selection
        await person.go_to("history")
        await person.press("enter")
        assert person.prompt == "a red fox,\ndeep snow"
        assert person.app.options.selection == before


async def test_it_is_found_by_its_words_and_starred_with_all_it_told(home: Home) -> None:
    home.keep("a blue whale")
    drop(home, "fox.webp", saved("WEBP", comment=utf16(A1111, "be")))
    async with home.open() as person:
        await person.go_to("history")
        await person.press("slash")
        await person.write("foxes_v2")
        await person.until(lambda: [each.stem for each in person.listed] == ["fox.webp"])
        await person.press("enter", "f")
        await person.until(lambda: person.listed[0].user.starred)
        assert person.listed[0].model == "foxes_v2"
        assert person.listed[0].made_with is not None


async def test_an_avif_that_another_program_made_is_drawn(home: Home) -> None:
    drop(home, "fox.avif", saved("AVIF", comment=utf16(A1111, "be")))
    async with home.open() as person:
        await person.until(
            lambda: "▄" in person.seen_in(person.app.preview) or "█" in person.seen_in(person.app.preview)
        )
