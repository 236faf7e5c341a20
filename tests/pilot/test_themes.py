"""Every theme can be chosen, and its words can be read."""

import pytest
from rich.color import ColorType
from support.app import Home, Person
from textual.color import Color
from textual.geometry import Region
from textual.widget import Widget

from tui.domain.errors import Refused
from tui.domain.job import Job, JobState
from tui.domain.request import Request
from tui.messages import JobUpdated
from tui.state import AppState

READABLE = 3.0
"""The contrast of large text in WCAG 2.2, 1.4.3: muted words step back, but are read."""


def luminance(colour: Color) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio, WCAG 2.2: 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def contrasts(widget: Widget) -> dict[str, float]:
    """The lowest contrast of text to its ground, by the words that have it; colours of the terminal left out."""
    found: dict[str, float] = {}
    for strip in widget.render_lines(Region(0, 0, widget.outer_size.width, widget.outer_size.height)):
        for segment in strip:
            style = segment.style
            words = "".join(char for char in segment.text if char.isalnum())
            if style is None or not words or style.color is None or style.bgcolor is None:
                continue
            if ColorType.TRUECOLOR not in (style.color.type, style.bgcolor.type) or style.dim:
                continue
            text, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            found[segment.text.strip()] = contrast(text, ground)
    return found


def faint(person: Person) -> list[tuple[str, str, str, float]]:
    """Words on the screen that cannot be read: theme, widget, words, contrast."""
    return [
        (person.app.theme, str(widget), words, round(ratio, 2))
        for widget in person.app.screen.walk_children(with_self=True)
        if widget.region.area and widget.id != "picture"
        for words, ratio in contrasts(widget).items()
        if ratio < READABLE
    ]


async def test_every_theme_can_be_chosen_and_its_words_can_be_read(home: Home) -> None:
    home.keep("a red fox")
    home.keep("a starred one")
    job = Job("1", Request("sandbox:refused"), JobState.FAILED, 0.0, 1.0, 2.0, Refused("no"))
    unreadable = []
    async with home.open((104, 30)) as person:
        person.app.post_message(JobUpdated(job))
        for theme in sorted(person.app.available_themes):
            person.app.theme = theme
            await person.settle()
            assert person.app.current_theme.name == theme
            if not theme.startswith("ansi"):
                unreadable += faint(person)
                await person.go_to("history")
                unreadable += faint(person)
                await person.press("f1")
                unreadable += faint(person)
                await person.press("escape", "escape")
            await person.sees("a red fox", "failed", "sandbox:refused", "F2")
    assert unreadable == []


async def test_the_theme_palette_switches_and_is_kept(home: Home) -> None:
    async with home.open() as person:
        await person.press("ctrl+p")
        await person.write("theme")
        await person.press("down", "enter")
        await person.sees("nord")
        await person.write("nord")
        await person.press("down", "enter")
        await person.until(lambda: person.app.theme == "nord")
        await person.press("ctrl+q")
    async with home.open() as person:
        assert person.app.theme == "nord"


async def test_a_theme_set_in_the_settings_goes_before_the_one_that_was_left(home: Home) -> None:
    async with home.open(theme="gruvbox", state=AppState(theme="nord")) as person:
        assert person.app.theme == "gruvbox"


async def test_without_colours_every_state_is_still_a_word_and_a_glyph(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    home.keep("a fox")
    async with home.open() as person:
        await person.paste("sandbox:refused")
        await person.press("enter")
        await person.idle()
        await person.sees("✗ failed", "● sandbox", "1 failed")


async def test_a_theme_that_does_not_exist_is_said(home: Home) -> None:
    async with home.open(theme="no-such") as person:
        await person.sees("There is no theme no-such")
