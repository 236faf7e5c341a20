"""``image-gen history show``: one generation by any of its names, all that is known of it, or its picture."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.app import Home
from support.command import Outcome
from support.deliveries import chunk, png
from support.foreign_pictures import A1111

from tui.library import Library

Run = Callable[..., Outcome]
Show = Callable[..., Any]


def facts(done: Outcome) -> dict[str, str]:
    assert done.status == 0, done.err
    return dict(line.split("\t", 1) for line in done.lines)


@pytest.mark.parametrize(
    "name",
    [
        lambda made: made.id,
        lambda made: made.id[:-4],
        lambda made: made.stem,
        lambda made: made.stem[:-2],
        lambda made: str(made.images[0].path),
        lambda made: f"generated_images/{made.images[0].path.name}",
        lambda made: made.images[0].path.name,
        lambda made: made.metadata.name,
    ],
    ids=["id", "beginning of id", "stem", "beginning of stem", "path", "relative path", "file name", "metadata"],
)
def test_a_generation_is_found_by_any_of_its_names(home: Home, here: Run, name: Callable[[Any], str]) -> None:
    made = home.generations[3]
    assert facts(here("history", "show", name(made)))["prompt"] == "Fox, Café"


def test_every_fact_is_told(home: Home, here: Run) -> None:
    made = home.keep(
        "a fox", model="gemini-3-pro-image", aspect_ratio="16:9", image_size="2K", pixels=(2752, 1536),
        summary={"id": "resp-1", "model": "gemini-3-pro", "text": "Here\nit is", "usage": {"total_tokens": 7}},
    )  # fmt: skip
    library = Library(home.library)
    library.set_rating(library.set_starred(made, True), 3)
    told = facts(here("history", "show", made.stem))
    assert told["model"] == "gemini-3-pro-image (3 Pro); gemini-3-pro answered"
    assert told["asked for"] == "16:9 · 2K"
    assert told["rating"] == "★★★☆☆ 3 of 5"
    assert told["starred"] == "★"
    assert told["text"] == "it is"
    assert told["usage"] == "total_tokens 7"
    assert told["made"].endswith("in 1.5 s")
    assert str(made.images[0].path) in told["picture"]
    assert "2752×1536 · PNG" in told["picture"]
    assert (told["id"], told["stem"]) == (made.id, made.stem)


def test_json_tells_all_that_the_list_tells_and_more(home: Home, here: Run) -> None:
    made = home.generations[0]
    listed = next(each for each in here("history", "--json").objects if each["id"] == made.id)
    (shown,) = here("history", "show", made.stem, "--json").objects
    assert listed.items() <= shown.items()
    assert {"rating": 0, "notes": "", "tags": [], "starred": False}.items() <= listed.items()
    assert shown["parent"] is None
    assert shown["proxy"] == home.proxy.url


def test_a_picture_of_another_program_is_shown_by_its_name(home: Home, here: Run) -> None:
    (home.library / "my fox.png").write_bytes(png(8, 8, extra=[chunk(b"tEXt", b"parameters\0" + A1111.encode())]))
    told = facts(here("history", "show", "my fox.png"))
    assert told["prompt"] == "deep snow"
    assert told["not wanted"] == "blurry, text"
    assert told["metadata"] == "no metadata file"
    assert facts(here("history", "show", "my f"))["id"] == "my fox.png"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("20260314_12", ["beginning of several", "20260314_120400 (a hare)", "and others"]),
        ("20260314_129", ["Nothing in", "Nearest: 20260314_120400"]),
        ("2026", ["beginning of several"]),
        ("202", ["beginning of several"]),
        ("fox.png", ["Nothing in", "image-gen history lists"]),
        ("", ["Nothing in", "At least 4"]),
        ("\x1b[2J", ["Nothing in"]),
        ("no/such/fox.png", ["Nothing in"]),
        ("x" * 5000, ["Nothing in"]),
        ("x/" * 5000, ["Nothing in"]),
        ("..", ["Nothing in"]),
        (".", ["Nothing in"]),
        ("/", ["Nothing in"]),
        ("~nobody-of-that-name/x", ["Nothing in"]),
        ("a\0bcd", ["Nothing in"]),
        ("a\udcffbcd", ["Nothing in"]),
        ("%%%%_*?", ["Nothing in"]),
    ],
)
def test_a_name_of_none_or_several_tells_the_nearest(home: Home, here: Run, name: str, words: list[str]) -> None:
    done = here("history", "show", name)
    assert (done.status, done.out) == (2, b"")
    assert all(each in done.err for each in words), done.err
    assert "\x1b" not in done.err


def test_too_short_a_beginning_finds_nothing_even_where_it_is_the_only_one(home: Home, here: Run) -> None:
    (home.library / "all.png").write_bytes(png())
    done = here("history", "show", "all")
    assert done.status == 2
    assert "At least 4 characters" in done.err


def test_a_whole_id_is_found_though_others_begin_so(home: Home, here: Run) -> None:
    for made, own in zip(home.generations, ("a1", "a10", "a11"), strict=False):
        assert made.metadata is not None
        made.metadata.write_text(json.dumps(json.loads(made.metadata.read_text()) | {"id": own}))
    assert facts(here("history", "show", "a1"))["prompt"] == "harbour at night"
    assert facts(here("history", "show", "a10"))["prompt"] == "a red fox in deep snow"


def test_a_picture_in_another_folder_says_how_to_name_it(home: Home, here: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "fox.png").write_bytes(png())
    done = here("history", "show", "elsewhere/fox.png")
    assert done.status == 2
    assert f"-d {tmp_path}/elsewhere" in done.err
    assert here("history", "show", "-d", "elsewhere", "elsewhere/fox.png").status == 0


def test_path_prints_the_path_and_nothing_else(home: Home, here: Run) -> None:
    made = home.generations[1]
    done = here("history", "show", "--path", made.stem)
    assert (done.status, done.lines, done.err) == (0, [str(made.images[0].path)], "")


def test_the_path_of_a_file_that_is_gone_is_not_printed(home: Home, here: Run) -> None:
    made = home.generations[1]
    made.images[0].path.unlink()
    done = here("history", "show", "--path", made.stem)
    assert (done.status, done.out) == (6, b"")
    assert "gone" in done.err
    assert "this file is gone" in facts(here("history", "show", made.stem))["picture"]


def test_open_starts_the_systems_viewer(home: Home, here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = tmp_path / "bin" / "xdg-open"
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n')
    viewer.chmod(0o755)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{viewer.parent}:/usr/bin:/bin")
    made = home.generations[1]
    assert here("history", "show", "--open", made.stem).status == 0
    assert (tmp_path / "opened").read_text() == str(made.images[0].path)
    monkeypatch.setenv("PATH", "")
    done = here("history", "show", "--open", made.stem)
    assert (done.status, done.out) == (6, b"")
    assert "--path" in done.err


def test_facts_fit_the_terminal(home: Home, on_terminal: Show) -> None:
    made = home.keep("雪の中の狐 " * 20, summary={"text": "many words " * 20})
    lines = on_terminal("history", "show", made.stem, columns=50).lines
    assert sum("雪の" in line for line in lines) > 3
    assert all(line.startswith(" " * 13) or line[:13].strip() for line in lines)


def test_damaged_metadata_is_shown_as_what_it_is(home: Home, here: Run) -> None:
    made = home.generations[0]
    assert made.metadata is not None
    made.metadata.write_text(json.dumps({"prompt": 3})[:-2])
    assert facts(here("history", "show", made.stem))["damaged"].startswith("! ")
