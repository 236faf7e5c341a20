"""``image-gen history QUERY``: the same search as in the app, its mistakes on standard error."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.app import NOBODY, Home
from support.command import Outcome, image_gen
from support.deliveries import png

from tui.domain.query.keys import KEYS
from tui.shell.shelf import PAGE

Run = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A library of four, of which three are old."""
    kept = Home(tmp_path, NOBODY)
    kept.keep("harbour at night", model="gemini-2.5-flash-image", aspect_ratio="4:3")
    kept.keep("a red fox in deep snow", model="gemini-3-pro-image", aspect_ratio="16:9", image_size="2K")
    kept.keep("雪の中の狐", model="gemini-3-pro-image", aspect_ratio="1:1")
    kept.keep("Fox, Café", started=datetime.now().astimezone(), aspect_ratio="16:9")
    return kept


def found(home: Home, *arguments: str) -> Outcome:
    done = image_gen("history", *arguments, cwd=home.folder)
    assert done.status == 0
    return done


def prompts(done: Outcome) -> list[str]:
    return [line.split("\t")[3] for line in done.lines]


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        (["fox"], ["Fox, Café", "a red fox in deep snow"]),
        (["fox", "cafe"], ["Fox, Café"]),
        (["-n", "1", "fox"], ["Fox, Café"]),
        (["model:pro 16:9 snow or harbour"], ["a red fox in deep snow"]),
        (["on:today"], ["Fox, Café"]),
        (["狐"], ["雪の中の狐"]),
        (["--", "fox", "-snow"], ["Fox, Café"]),
        (["rating:>=3"], []),
    ],
)
def test_a_query_lists_what_it_finds(home: Home, arguments: list[str], listed: list[str]) -> None:
    done = found(home, *arguments)
    assert prompts(done) == listed
    assert ("Nothing here matches" in done.err) == (not listed)


def test_a_query_filters_json_too(home: Home) -> None:
    assert [each["prompt"] for each in found(home, "--json", "snow").objects] == ["a red fox in deep snow"]


def test_a_mistake_is_told_and_the_rest_is_searched(home: Home) -> None:
    done = found(home, "harb moddel:flash rating:9")
    assert prompts(done) == ["harbour at night"]
    assert done.err.splitlines() == [
        "warning: In the query, moddel:flash: Did you mean model:?",
        "warning: In the query, 9: rating: 0 to 5, as 4 or >=3.",
    ]


def test_words_that_were_meant_as_a_prompt_are_told_how_to_be_one(home: Home) -> None:
    done = found(home, "of", "rome")
    assert (done.out, done.err) == (
        b"",
        'image-gen: Nothing here matches of rome. For a picture of these words: image-gen "history of rome"\n',
    )


def test_a_misspelled_command_below_history_is_told_which_is_near(home: Home) -> None:
    assert "Did you mean image-gen history show?" in found(home, "shwo", "20260314").err


def test_what_is_older_than_many_is_found(tmp_path: Path) -> None:
    library = tmp_path / "generated_images"
    library.mkdir()
    for number in range(PAGE + 1):
        stem = f"{datetime(2026, 1, 1) + timedelta(minutes=number):%Y%m%d_%H%M%S}"
        (library / f"image_{stem}_0.png").write_bytes(png(1, 1))
        prompt = "hare" if number else "the oldest fox"
        (library / f"metadata_{stem}.json").write_text(json.dumps({"prompt": prompt}))
    assert prompts(image_gen("history", "fox", cwd=tmp_path)) == ["the oldest fox"]


def test_the_help_and_the_readme_name_every_key(tmp_path: Path) -> None:
    text = image_gen("history", "--help", cwd=tmp_path).out.decode()
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    for key in KEYS:
        assert f"\n  {key.name}: " in text
        assert f"{key.name}:" in readme


@pytest.mark.parametrize("words", ["zz " * 3000, "(" * 9000, "nosuch:" + "x" * 9000, "tag: " * 2000], ids=len)
def test_a_query_without_end_is_answered_in_a_few_lines(home: Home, words: str) -> None:
    done = found(home, "--", words)
    assert len(done.err) < 1500
    assert done.err.count("In the query") <= 6


def index_of(home: Home) -> Path:
    (path,) = (home.folder / "home" / "cache" / "libraries").glob("*/index.db")
    return path


@pytest.mark.parametrize("lost", ["DELETE FROM generation WHERE rating = 0", "DROP TABLE fact", "DROP TABLE sight"])
def test_an_index_that_lost_something_is_made_whole(home: Home, here: Run, lost: str) -> None:
    settle(home)
    assert len(here("history", "fox").lines) == 2
    with closing(sqlite3.connect(index_of(home))) as connection, connection:
        connection.execute(lost)
    assert len(here("history", "fox").lines) == 2


def test_an_index_whose_rows_are_gone_never_says_that_nothing_matches(home: Home, here: Run) -> None:
    settle(home)
    here("history", "fox")
    with closing(sqlite3.connect(index_of(home))) as connection, connection:
        connection.execute("DELETE FROM kept")
    done = here("history", "fox")
    assert (done.status, "image-gen reindex" in done.err) == (6, True)
    assert here("reindex").status == 0
    assert len(here("history", "fox").lines) == 2


def settle(home: Home) -> None:
    """Let no file be so new that it is read again in any case."""
    for path in home.library.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
