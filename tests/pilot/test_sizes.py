"""Every size has an answer: all panes, some, one at a time, or a sentence; never a crash."""

from collections.abc import Awaitable, Callable

import pytest
from rich.cells import cell_len
from support.app import Home, Person
from textual.geometry import Region

from tui.domain.errors import Refused
from tui.domain.job import Job, JobState
from tui.domain.request import Request
from tui.layout import LEAST_COLUMNS, LEAST_ROWS
from tui.messages import JobUpdated
from tui.widgets.image_view import ImageView

SIZES = (
    *((1, 1), (2, 1), (1, 2), (3, 3), (5, 5), (8, 4), (20, 5), (10, 30), (39, 11), (40, 11), (39, 12)),
    *((40, 12), (41, 13), (50, 15), (60, 20), (64, 19), (75, 20), (76, 19), (76, 20), (80, 24), (80, 12)),
    *((100, 29), (103, 30), (104, 29), (104, 30), (110, 24), (120, 40), (120, 12), (40, 60), (132, 43)),
    *((160, 50), (200, 60), (300, 100), (300, 12), (40, 100), (299, 1), (1, 99), (5, 3)),
)

HARD = ((1, 1), (5, 5), (20, 5), (40, 12), (60, 20), (300, 100))
"""Where dialogs may fail."""

TINY = [size for size in SIZES if size[0] < LEAST_COLUMNS or size[1] < LEAST_ROWS]


def has_colours(view: ImageView) -> bool:
    """Whether a picture is seen: of one colour it is blanks of another background than the pane's."""
    pane = view.visual_style.rich_style.bgcolor
    strips = view.render_lines(Region(0, 0, view.size.width, view.size.height))
    return any(segment.style.bgcolor != pane for strip in strips for segment in strip)


async def nothing(person: Person) -> None:
    assert person.app.screen is person.app.panes


def keys(pane: str, *pressed: str) -> Callable[[Person], Awaitable[None]]:
    async def press(person: Person) -> None:
        await person.go_to(pane)
        await person.press(*pressed)

    return press


COVERS = {
    "panes": nothing,
    "help": keys("prompt", "f1"),
    "story": keys("jobs", "enter"),
    "words": keys("history", "t"),
    "zoom": keys("history", "z"),
    "grid": keys("history", "v"),
    "compare": keys("history", "c"),
    "search": keys("history", "slash", "f", "o"),
    "models": keys("options", "enter"),
    "ratios": keys("options", "right", "enter"),
    "references": keys("prompt", "f6"),
    "folder": keys("prompt", "f9"),
    "palette": keys("prompt", "ctrl+p"),
    "quit": keys("prompt", "ctrl+q"),
}


@pytest.mark.parametrize("cover", COVERS)
async def test_no_size_crashes_with_a_picture_a_failed_job_and_this_open(home: Home, cover: str) -> None:
    home.keep("a fox")
    home.keep("another fox")
    async with home.open() as person:
        failed = Job("1", Request("fox"), JobState.FAILED, 0.0, 1.0, 2.0, Refused("no"))
        person.app.post_message(JobUpdated(failed))
        person.app.post_message(JobUpdated(Job("2", Request("fox"), JobState.RUNNING, 0.0, 1.0)))
        await person.until(lambda: person.states == ["running", "failed"])
        await COVERS[cover](person)
        over = person.app.screen
        for size in HARD if cover != "panes" else SIZES:
            await person.pilot.resize_terminal(*size)
            await person.until(lambda size=size: person.app.screen.size == size)
            assert person.app.screen is over
        await person.pilot.resize_terminal(120, 40)
        await person.settle()
        await person.back()
        await person.press("escape")
        await person.press("ctrl+l")
        await person.write("still here")
        assert person.prompt == "still here"
        assert person.states == ["running", "failed"]


async def test_every_size_shows_the_prompt_or_says_how_much_is_needed(home: Home) -> None:
    home.keep("a fox")
    async with home.open() as person:
        await person.write("mine")
        for columns, rows in SIZES:
            await person.resize(columns, rows)
            screen = person.screen()
            lines = screen.split("\n")
            assert (len(lines), {cell_len(line) for line in lines}) == (rows, {columns})
            if (columns, rows) not in TINY:
                assert "mine" in screen, (columns, rows)
                assert lines[-1].strip(), "the options line"
            elif columns >= 20 and rows >= 5:
                words = " ".join(screen.split())
                assert f"{LEAST_COLUMNS}×{LEAST_ROWS}" in words
                assert f"{columns}×{rows}" in words
            assert person.prompt == "mine"


@pytest.mark.parametrize("size", [(1, 1), (5, 5), (39, 11), (40, 12), (60, 20), (300, 100)])
async def test_the_app_starts_at_any_size_and_works_after_it_grew(home: Home, size: tuple[int, int]) -> None:
    home.keep("a fox")
    async with home.open(size) as person:
        await person.write("fox")
        await person.resize(120, 40)
        await person.write("es")
        assert person.prompt == "foxes"
        view = person.app.preview.query_one(ImageView)
        await person.until(lambda: not view.busy)
        await person.until(lambda: has_colours(view))


async def test_at_120_by_40_the_preview_has_at_least_half_of_the_screen(home: Home) -> None:
    async with home.open((120, 40)) as person:
        place = person.app.preview.region
        assert place.width >= 60
        assert place.height >= 20
        assert all(pane.region.area for pane in (person.app.history, person.app.jobs_pane, person.app.prompt))


async def test_at_80_by_24_prompt_preview_and_history_are_usable_together(home: Home) -> None:
    home.keep("a red fox in snow")
    async with home.open((80, 24)) as person:
        app = person.app
        assert "a red fox" in person.seen_in(app.history)
        assert app.preview.region.width >= 40
        assert app.history.history_list.size.width >= 20
        assert app.prompt.editor.size.height >= 2
        await person.until(lambda: not app.preview.query_one(ImageView).busy)
        await person.until(lambda: has_colours(app.preview.query_one(ImageView)))
        await person.paste("sandbox:refused")
        await person.press("enter")
        await person.idle()
        assert "failed" in person.seen_in(app.jobs_pane)


async def test_at_60_by_20_tab_reaches_every_pane_and_the_prompt_is_always_there(home: Home) -> None:
    home.keep("a red fox")
    async with home.open((60, 20)) as person:
        app = person.app
        await person.write("mine")
        focused, shown = [], []
        for _ in range(5):
            await person.press("tab")
            assert app.focused is not None
            place = next(
                each.id for each in app.focused.ancestors_with_self if each.has_class("pane") or each.id == "options"
            )
            focused.append(place)
            assert app.focused.region.area
            assert "mine" in person.screen()
            assert app.prompt.region.height >= 4
            visible = [pane.id for pane in (app.preview, app.history, app.jobs_pane) if pane.region.area]
            assert len(visible) == 1
            shown += visible
        assert focused == ["history", "jobs", "preview", "options", "prompt"]
        assert shown[:3] == ["history", "jobs", "preview"]
        await person.press(*["shift+tab"] * 5)
        assert app.focused is app.prompt.editor


async def test_at_60_by_20_a_click_on_a_name_shows_its_pane(home: Home) -> None:
    home.keep("a red fox")
    async with home.open((60, 20)) as person:
        await person.click("#tabs", offset=(12, 0))
        assert person.app.history.region.area
        assert "a red fox" in person.seen_in(person.app.history)
        await person.click("#tabs", offset=(2, 0))
        assert not person.app.history.region.area
        assert person.app.preview.region.area


async def test_a_dialog_never_hides_the_prompt(home: Home) -> None:
    async with home.open((80, 24)) as person:
        await person.write("mine")
        for key in ("f6", "f9"):
            await person.press(key)
            assert "mine" in person.screen(), key
            await person.press("escape")
