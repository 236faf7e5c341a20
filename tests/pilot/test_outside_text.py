"""Text from outside is never markup, never a control sequence, and stands on the screen as it is."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from support.app import NOON, Home, Person, text_of
from support.deliveries import png
from support.holdings import library_read
from textual.message import Message

from tui.domain.errors import Refused
from tui.domain.generation import Generation, ImageFile, ReplySummary
from tui.domain.job import Job, JobState
from tui.domain.proxy import ProxyHealth
from tui.domain.request import Request
from tui.domain.words import one_line
from tui.messages import (
    CompareRequested,
    JobUpdated,
    Notice,
    PickRequested,
    ProxyJudged,
    StoryRequested,
    WordsRequested,
)
from tui.widgets.plain import Plain

SAMPLES = (
    "[/foo] closes what was never opened",
    "[@click=app.quit]X[/] a trap",
    "[red]is a colour[/red] no more",
    "[$primary]variables[/]",
    "[a=b] [link=https://example.org]there[/link]",
    "an [open bracket",
    "a ] closed one [",
    "backslash at the end \\",
    "\\[b] escaped already",
    "[[double]] [] [ ] {x} %s %(y)d {{z}}",
    "\x1b[31mred\x1b[0m \x1b]52;c;QUFB\x07 \x1b_Gi=1;OK\x1b\\ \x9b2J",
    "nul \x00 bell \x07 back \x08\x08 return \r over",
    "tab\tand\nnew lines\n\nmore",
    "\u202eright to left override\u202c \u2066isolate\u2069",
    "العربية עברית mixed with Latin",
    "漢字とかな交じり文の長いプロンプト" * 6,
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u0301 a\u0300\u0301\u0302 z\u0351\u036b\u0343",
    "\ud800 lone surrogate",
    "long " * 300,
    "o" * 1500,
    ":smile: :warning: emoji codes",
)

OUTSIDE = st.one_of(
    st.text(min_size=1, max_size=60),
    st.text(alphabet="[]/\\@=$#.:x \n", min_size=1, max_size=40),
    st.builds("{}{}".format, st.sampled_from(SAMPLES), st.text(max_size=10)),
)

FORBIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """The characters of a text that take a place on a screen, white space left out."""
    return "".join(
        char
        for char in text
        if not char.isspace() and unicodedata.category(char) not in ("Cc", "Cs", "Cf") and cell_len(char)
    )


def generation_of(text: str, image: Path) -> Generation:
    picture = ImageFile(image, "image/png", 4, 3, 100)
    return Generation(
        "one",
        "20260314_120000",
        NOON,
        text,
        model=text,
        aspect_ratio=text,
        image_size=text,
        reply=ReplySummary(text=text, reasoning=text, finish_reason=text, usage={text: text}),
        images=(picture,),
        proxy=text,
        parent=text,
    )


def job_of(text: str) -> Job:
    error = Refused(text, hint=text, finish_reason=text)
    return Job("one", Request(text if text.strip() else "x"), JobState.FAILED, 0.0, 1.0, 2.0, error)


def check_screen(person: Person) -> None:
    """Nothing on the screen is a control character or an override of the direction."""
    shown = set(person.app.export_screenshot())
    assert not {char for char in shown if unicodedata.category(char) in ("Cc", "Cs")} - {"\n"}
    assert not shown & FORBIDDEN


async def told(person: Person, message: Message) -> None:
    person.app.post_message(message)
    await person.settle()
    check_screen(person)


async def show_all(person: Person, texts: Sequence[str], image: Path) -> None:
    """Show texts everywhere they can come to, and look at each place."""
    app = person.app
    generations = []
    for number, text in enumerate(texts):
        moment = NOON - timedelta(minutes=number)
        generations.append(replace(generation_of(text, image), id=str(number), created_at=moment))
    await told(person, library_read(generations))
    for text in texts:
        app.post_message(JobUpdated(replace(job_of(text), id=str(len(person.jobs)))))
        await person.settle()
    await person.go_to("history")
    for text, generation in zip(texts, generations, strict=True):
        begin = visible(one_line(text)[:6])
        assert begin in visible(text_of(app.history.history_list))
        assert begin in visible(text_of(app.preview))
        assert person.chosen == generation
        await told(person, Notice(text, error=True))
        assert begin in visible(text_of(app.prompt))
        await person.press("j")
    await person.press("g", "z")
    for text in texts:
        assert visible(one_line(text)[:3]) in visible(text_of(app.screen.query_one(".caption")))
        check_screen(person)
        await person.press("j")
    await person.press("escape")
    assert app.screen is app.panes


async def tell_in_dialogs(person: Person, text: str, image: Path) -> None:
    """Show a text in the dialogs that tell everything, and look for all of it."""
    for message in (WordsRequested(generation_of(text, image)), StoryRequested(job_of(text))):
        await told(person, message)
        assert visible(text) in visible(text_of(person.app.screen.query_one(".story Plain", Plain)))
        await person.press("escape")
    assert person.app.screen is person.app.panes


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A picture that is not there: words in its place are drawn faster."""
    return tmp_path / "picture.png"


async def test_the_worst_texts_stand_as_they_are_wherever_they_are_shown(home: Home, image: Path) -> None:
    async with home.open((104, 40)) as person:
        await show_all(person, SAMPLES, image)
        await tell_in_dialogs(person, "\n".join(SAMPLES), image)
        await person.go_to("jobs")
        await person.press("G")
        jobs = visible(text_of(person.app.jobs_pane.job_list))
        assert visible(one_line(SAMPLES[0])[:6]) in jobs


async def test_the_worst_texts_compared_stand_as_they_are(home: Home, image: Path) -> None:
    async with home.open((80, 24)) as person:
        for text in SAMPLES[:12:2]:
            pair = generation_of(text, image), generation_of("[/a] b", image)
            await told(person, CompareRequested(*pair))
            assert visible(one_line(text)[:3]) in visible(text_of(person.app.screen.query_one("#left-words")))
            await person.press("escape")


@settings(max_examples=5)
@given(texts=st.lists(OUTSIDE, min_size=1, max_size=3))
async def test_any_text_stands_as_it_is_wherever_it_is_shown(home: Home, image: Path, texts: list[str]) -> None:
    async with home.open((104, 30)) as person:
        await show_all(person, texts, image)
        await tell_in_dialogs(person, texts[0], image)


def pastable() -> Iterator[str]:
    """Samples that a terminal can bring as a paste and a request can carry."""
    return (text for text in SAMPLES if "\ud800" not in text and "\x00" not in text)


async def test_the_worst_prompts_go_the_whole_way_to_disk_and_back(home: Home) -> None:
    texts = list(pastable())
    async with home.open() as person:
        for text in texts:
            await person.press("ctrl+l")
            await person.paste(text)
            asked = person.prompt
            await person.paste(" sandbox:refused")
            await person.press("enter")
            assert visible(asked) == visible(text)
        await person.idle()
        sent = [job.request.prompt for job in reversed(person.jobs)]
        assert [visible(each) for each in sent] == [visible(text + " sandbox:refused") for text in texts]
    kept = [home.keep(text).prompt for text in texts]
    assert kept == texts
    async with home.open((120, 60)) as person:
        assert [each.prompt for each in person.listed] == texts[::-1]
        shown = visible(text_of(person.app.history.history_list))
        for text in texts:
            assert visible(one_line(text)[:6]) in shown
        await person.go_to("history")
        for text in texts[::-1]:
            assert visible(one_line(text)[:6]) in visible(text_of(person.app.preview))
            await person.press("j")


async def test_a_click_on_stored_text_runs_no_action(home: Home, image: Path) -> None:
    trap = "[@click=app.exit]X[/] [@click='app.exit']Y[/]"
    async with home.open() as person:
        await told(person, library_read([generation_of(trap, image)]))
        await told(person, JobUpdated(job_of(trap)))
        for selector in ("#history-list", "#job-list", "#preview", "#prompt"):
            widget = person.app.query_one(selector)
            for column in range(2, min(40, widget.size.width), 9):
                await person.click(selector, offset=(column, 1 if selector == "#history-list" else 0))
        await person.back()
        await told(person, StoryRequested(job_of(trap)))
        for row in range(0, 8, 2):
            for column in (2, 8):
                await person.click(".story Plain", offset=(column, row))
        assert person.app.is_running


async def test_what_a_proxy_says_of_itself_is_text(home: Home) -> None:
    async with home.open() as person:
        for text in SAMPLES[:13:2]:
            health = ProxyHealth(True, name=text, models=(f"image-{text}", "image-model"))
            await told(person, ProxyJudged(person.app.address, health))
            assert visible(one_line(text)[:3]) in visible(text_of(person.app.status_line))
            await told(person, PickRequested("model"))
            await person.press("end", "up", "escape")
            broken = ProxyHealth(False, trouble=text)
            await told(person, ProxyJudged(person.app.address, broken))
            assert visible(one_line(text)[:3]) in visible(text_of(person.app.status_line))


async def test_names_of_files_are_text(home: Home, tmp_path: Path) -> None:
    names = ["[red]x.png", "[foo].png", "[@click=app.quit]X.png", "a\x1b[31mb.png", "漢字 👩‍👩‍👧.png", "\\.png"]
    for name in names:
        (tmp_path / name).write_bytes(png())
    async with home.open() as person:
        await person.press("f6")
        for number, name in enumerate(names):
            person.app.screen.query_one("Input").value = str(tmp_path / name)
            await person.press("enter")
            await person.until(lambda number=number: len(person.app.options.selection.references) == number + 1)
            check_screen(person)
        rows = visible(text_of(person.app.screen.query_one("ReferenceList")))
        assert all(visible(name) in rows for name in names)
        await person.press("escape")
        check_screen(person)
