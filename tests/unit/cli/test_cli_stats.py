"""``image-gen stats`` and ``reindex``: how much there is, and the index made anew."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.app import Home
from support.command import Outcome

from tui import streams
from tui.library import Library
from tui.shell.cells import width
from tui.shell.charts import Bar, bars, calendar
from tui.shell.stats import charts, tallied

Run = Callable[..., Outcome]
Show = Callable[..., Any]


def text(lines: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(piece for piece, _ in line).rstrip() for line in lines]


@pytest.fixture
def marked(home: Home) -> Home:
    library = Library(home.library)
    library.set_starred(home.generations[0], True)
    library.set_rating(home.generations[1], 4)
    return home


def test_json_counts_by_day_model_size_and_stars(marked: Home, here: Run) -> None:
    (told,) = here("stats", "--json").objects
    sizes = sum(path.stat().st_size for path in marked.library.glob("image_*"))
    assert told["total"] == {"generations": 5, "images": 5, "bytes": sizes}
    assert told["starred"] == 1
    assert told["rated"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}
    assert told["by_day"] == [{"day": "2026-03-14", **told["total"]}]
    assert [(each["model"], each["generations"]) for each in told["by_model"]] == [
        ("gemini-3-pro-image", 3),
        ("gemini-2.5-flash-image", 2),
    ]
    assert [(each["size"], each["generations"]) for each in told["by_size"]] == [("1K", 4), ("2K", 1)]


def test_the_figures_are_the_same_without_an_index(marked: Home, here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with_index = here("stats", "--json").objects
    monkeypatch.setattr("tui.shell.shelf._opened", lambda *_: None)
    assert here("stats", "--json").objects == with_index


def test_pipes_get_a_record_a_line(marked: Home, here: Run) -> None:
    lines = [line.split("\t") for line in here("stats").lines]
    assert ["starred", "", "1"] in lines
    assert ["rating", "4", "1"] in lines
    assert [line[:3] for line in lines if line[0] == "model"] == [
        ["model", "gemini-3-pro-image", "3"],
        ["model", "gemini-2.5-flash-image", "2"],
    ]


def test_no_library_is_told_and_counts_nothing(here: Run) -> None:
    done = here("stats", "--json")
    assert done.status == 0
    assert done.objects[0]["total"] == {"generations": 0, "images": 0, "bytes": 0}
    assert "no library" in done.err


@pytest.mark.parametrize("columns", [120, 80, 40, 24])
def test_the_charts_fit_the_terminal(marked: Home, on_terminal: Show, columns: int) -> None:
    shown = on_terminal("stats", columns=columns)
    assert all(width(line) <= columns for line in shown.lines)
    assert shown.lines[0].startswith("5 generations")
    assert any(line.startswith("3 Pro") and "█" in line for line in shown.lines)
    assert any(line.startswith("★★★★☆") for line in shown.lines)


def test_without_colours_or_unicode_the_charts_say_the_same(marked: Home, on_terminal: Show) -> None:
    assert "\x1b" not in on_terminal("stats", NO_COLOR="1").raw
    plain = on_terminal("stats", LC_ALL="C").lines
    assert all(line.isascii() for line in plain)
    assert any(line.startswith("3 Pro") and "#" in line for line in plain)


def test_a_years_days_stand_under_their_months_and_weeks() -> None:
    today = date(2026, 11, 30)
    counts = {today: 9, date(2026, 11, 22): 1, date(2025, 12, 1): 4, date(2025, 11, 30): 100}
    lines = text(calendar(counts, today, 80, unicode=True))
    assert lines[0].split() == ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    monday, sunday = lines[1], lines[7]
    assert len(monday) == 5 + 53
    assert (monday[5], monday[-1]) == ("▓", "█")
    assert (sunday[-2], sunday[-1]) == ("▒", "·")
    assert set(lines[2][5:]) == {"·"}
    # What is older than the year does not take the others their shade.
    assert text(calendar(counts, today, 200, unicode=False))[1].endswith("##")
    assert len(text(calendar(counts, today, 20, unicode=True))[1]) == 20


def test_the_longest_bar_is_that_of_most_and_little_is_not_nothing() -> None:
    rows = [Bar("雪の狐", 1000, "1,000"), Bar("b", 1, "1"), Bar("c", 0, "0")]
    lines = text(bars(rows, 40, unicode=True))
    assert [line.count("█") for line in lines] == [25, 0, 0]
    assert "▏" in lines[1]
    assert [line.count("#") for line in text(bars(rows, 40, unicode=False))] == [25, 1, 0]
    assert {width(line) for line in text(bars(rows, 40, unicode=True))[1:]} == {6 + 2 + 25 + 2 + 1}


@pytest.mark.parametrize(
    ("said", "is_so"),
    [
        ({}, True),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),
    ],
)
def test_the_locale_says_whether_text_is_utf_8(
    said: dict[str, str], is_so: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert streams.has_unicode() == is_so


def test_many_models_are_a_dozen_rows(home: Home) -> None:
    from tui.shell.stats import Figures

    for number in range(20):
        home.keep("fox", model=f"model-{number}")
    figures = Figures(tallied(Library(home.library).page().generations), 0, {})
    lines = text(charts(figures, 80, date(2026, 3, 14)))
    first = lines.index("By model") + 1
    assert lines[first + 11].startswith("11 others")
    assert lines[first + 12] == ""


def test_reindex_makes_the_index_anew_from_the_files(home: Home, here: Run, tmp_path: Path) -> None:
    for path in home.library.iterdir():
        # Files that changed just now would be read again by themselves.
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert here("history", "fox").status == 0
    (index,) = (tmp_path / "home").rglob("index.db")
    with closing(sqlite3.connect(index)) as connection:
        connection.execute("DELETE FROM kept")
        connection.commit()
    assert here("history", "fox").out == b""
    (told,) = here("reindex", "--json").objects
    assert told["generations"] == 5
    assert Path(told["index"]) == index
    assert "5 generations" in here("reindex").out.decode()
    assert len(here("history", "fox").lines) == 2


def test_a_damaged_index_is_told_and_made_anew_by_itself(home: Home, here: Run, tmp_path: Path) -> None:
    here("history", "fox")
    (index,) = (tmp_path / "home").rglob("index.db")
    index.write_bytes(b"no database")
    done = here("history", "fox")
    assert len(done.lines) == 2
    assert "made anew" in done.err


def test_an_index_that_goes_meanwhile_is_told_with_what_to_do(
    home: Home, here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_arguments: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("tui.library.index.Index.rows", gone)
    done = here("history", "fox")
    assert (done.status, done.out) == (6, b"")
    assert "image-gen reindex" in done.err


def test_reindexing_no_library_is_told(here: Run) -> None:
    done = here("reindex")
    assert (done.status, done.out) == (0, b"")
    assert "no library" in done.err
