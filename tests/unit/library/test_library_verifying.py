"""Every file checked against what the metadata promises, each trouble with what to do, and nothing changed."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.deliveries import JPEG, png, received, reply_of

from tui.domain.generation import Generation
from tui.domain.request import Request
from tui.library import Library
from tui.library.verifying import Trouble, Verified


@pytest.fixture
def fox(library: Library) -> Generation:
    """A generation whose metadata tells its true size, as the engine's replies do."""
    return keep_true(library, "a red fox")


def keep_true(library: Library, prompt: str, data: bytes = b"", mime: str = "image/png") -> Generation:
    image = received(library.spool(), data or png(40, 30), mime=mime, width=40, height=30)
    return library.save(Request(prompt), reply_of([image]), proxy="", elapsed=0)


def picture_of(generation: Generation) -> Path:
    return generation.images[0].path


def told_of(generation: Generation) -> Path:
    assert generation.metadata is not None
    return generation.metadata


def only(found: Verified) -> Trouble:
    (trouble,) = found.troubles
    assert trouble.words.endswith(".")
    assert trouble.hint
    return trouble


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def pixels(format: str, **more: Any) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((40, 30), 60).convert("RGB").save(stream, format, **more)
    return stream.getvalue()


def test_a_sound_library_has_no_trouble_and_progress_is_told(library: Library, fox: Generation) -> None:
    other = keep_true(library, "an owl", pixels("JPEG"), "image/jpeg")
    library.trash([keep_true(library, "gone")])
    size = sum(picture_of(each).stat().st_size for each in (fox, other))
    heard: list[tuple[int, int, int]] = []
    before = state(library.folder)
    found = library.verify(lambda *counts: heard.append(counts))
    assert found == Verified(2, 2, size, (), stopped=False)
    assert found.is_sound
    assert [each[:2] for each in heard] == [(1, 2), (2, 2)]
    assert heard[-1][2] == size
    assert state(library.folder) == before


def test_it_stops_when_it_is_told(library: Library, fox: Generation) -> None:
    keep_true(library, "an owl")
    heard: list[int] = []
    found = library.verify(lambda done, of, size: heard.append(done), lambda: bool(heard))
    assert (found.generations, found.stopped, heard) == (1, True, [1])


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def change_a_pixel(path: Path) -> None:
    path.write_bytes(png(40, 30, shade=8))


def edit(path: Path, **members: object) -> None:
    document = json.loads(path.read_text())
    document["images"][0] |= members
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("harm", "kind", "words"),
    [
        (lambda each: picture_of(each).unlink(), "no picture", "None of its pictures"),
        (lambda each: change_a_pixel(picture_of(each)), "changed picture", "not those that were saved"),
        (lambda each: picture_of(each).write_bytes(picture_of(each).read_bytes()[:-20]), "broken picture", "cut off"),
        (lambda each: flip(picture_of(each), 50), "broken picture", "cannot be decoded"),
        (lambda each: picture_of(each).write_text("<html>"), "broken picture", "no picture"),
        (lambda each: picture_of(each).write_bytes(b""), "broken picture", "no picture"),
        (lambda each: told_of(each).write_text('{"prompt": "a'), "damaged metadata", "It is"),
        (lambda each: edit(told_of(each), bytes=7), "wrong size", "the metadata says 7"),
        (lambda each: edit(told_of(each), width=41), "wrong size", "It is 40×30, the metadata says 41×30"),
        (lambda each: edit(told_of(each), sha256="0" * 64), "changed picture", "SHA-256"),
    ],
)
def test_each_damage_is_one_trouble(
    library: Library, fox: Generation, harm: Callable[[Generation], object], kind: str, words: str
) -> None:
    keep_true(library, "another, which is sound")
    harm(fox)
    found = library.verify()
    trouble = only(found)
    assert (trouble.kind, trouble.stem) == (kind, fox.stem)
    assert words in trouble.words
    assert not found.is_sound
    assert (found.generations, found.stopped) == (2, False)


def test_one_missing_picture_of_two_is_named(library: Library, fox: Generation) -> None:
    copied = library.convert(fox, "jpeg")
    copied.images[1].path.unlink()
    trouble = only(library.verify())
    assert (trouble.kind, trouble.name) == ("missing picture", copied.images[1].path.name)


def test_damaged_metadata_that_the_picture_carries_can_be_written_anew_as_the_hint_says(
    library: Library, fox: Generation
) -> None:
    told_of(fox).write_text("[]")
    assert "a star or a tag writes it anew" in only(library.verify()).hint
    told_of(fox).unlink()
    assert library.set_starred(fox, False).prompt == "a red fox"
    library.set_starred(fox, True)
    assert library.verify().troubles == ()


def test_a_picture_without_metadata_is_a_note(library: Library) -> None:
    (library.folder / "cat.jpg").write_bytes(JPEG)
    found = library.verify()
    assert (only(found).kind, found.is_sound) == ("no metadata", True)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "GIF"])
def test_a_foreign_picture_is_decoded_since_nothing_tells_its_bytes(library: Library, format: str) -> None:
    name = f"cat.{format.lower().replace('jpeg', 'jpg')}"
    data = pixels(format)
    (library.folder / name).write_bytes(data)
    assert [each.kind for each in library.verify().troubles] == ["no metadata"]
    (library.folder / name).write_bytes(data[: len(data) // 2])
    assert {each.kind for each in library.verify().troubles} == {"no metadata", "broken picture"}


def test_a_foreign_picture_that_only_a_decoder_finds_damaged_is_found(library: Library) -> None:
    data = bytearray(pixels("JPEG"))
    tables = data.index(b"\xff\xc4") + 5
    data[tables : tables + 16] = b"\xff" * 16
    (library.folder / "cat.jpg").write_bytes(data)
    assert "decoded" in "".join(each.words for each in library.verify().troubles)


def test_another_extension_than_the_bytes_is_a_note(library: Library, fox: Generation) -> None:
    (library.folder / "cat.png").write_bytes(pixels("WEBP"))
    library.set_starred(next(each for each in library.page().generations if each.foreign), True)
    found = library.verify()
    assert (only(found).kind, found.is_sound) == ("wrong extension", True)
    assert "WEBP" in only(found).words


def test_what_killed_processes_left_and_strays_in_the_trash_are_notes(library: Library, fox: Generation) -> None:
    library.trash([keep_true(library, "thrown away")])
    code = "import sys; from tui.library import Library; Library(sys.argv[1]).spool().write_bytes(b'x')"
    program = f"from pathlib import Path; {code.replace('sys.argv[1]', 'Path(sys.argv[1])')}"
    subprocess.run([sys.executable, "-c", program, library.folder], check=True, env=os.environ)
    (library.folder / ".trash" / "precious.png").write_bytes(png())
    found = library.verify()
    assert {each.kind for each in found.troubles} == {"leftover"}
    assert {each.name[:10] for each in found.troubles} == {".incoming-", ".trash/pre"}
    assert found.is_sound
    library.spool().write_bytes(b"on its way")
    assert library.verify().troubles == found.troubles
    library.open()
    assert only(library.verify()).name == ".trash/precious.png"


def test_a_picture_that_cannot_be_read_is_told_and_the_others_are_checked(
    library: Library, fox: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_true(library, "another")
    real, name = io.open, picture_of(fox).name

    def refusing(path: Path, *args: Any, **more: Any) -> Any:
        if str(path).endswith(name):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **more)

    monkeypatch.setattr(io, "open", refusing)
    found = library.verify()
    assert (only(found).kind, found.pictures) == ("unreadable", 1)
    assert "chmod" in only(found).hint
