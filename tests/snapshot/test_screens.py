"""What a person sees: a handful of states at three sizes, with the clock and everything random held still."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.app import NOBODY, Home, Person
from textual.pilot import Pilot

from tui.app import ImageGenApp
from tui.domain.errors import Refused
from tui.domain.finding import Finding
from tui.domain.job import Job, JobState
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.request import Request
from tui.messages import JobUpdated, ProxyJudged, WayExamined
from tui.widgets.image_view import ImageView

SIZES = [(120, 40), (80, 24), (60, 20)]
LONG_AGO = datetime(2024, 3, 14, 12, 0, 0).astimezone()
NOW = 1000.0
MODELS = ("gemini-2.5-flash-image", "gemini-3-pro-image", "gemini-3.1-flash-image")
REFUSED = Refused(
    "Unable to show the generated image: it may contain a fox that is too beautiful.",
    finish_reason="image_prohibited_content",
    http_status=200,
)

Steps = Callable[[Person], Awaitable[None]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home whose clock stands."""
    clock = SimpleNamespace(monotonic=lambda: NOW)
    for module in ("tui.panes.jobs", "tui.app", "tui.screens.story"):
        monkeypatch.setattr(f"{module}.time", clock)
    return Home(tmp_path, NOBODY)


WAY = (
    Finding("CCS", "home ~/.ccs"),
    Finding("looked at", "~/.ccs/config.yaml: port 8317, a key"),
    Finding("proxy", "Nothing answers at 127.0.0.1:8317", "problem", "ccs cliproxy start", 3),
)


def jobs() -> list[Job]:
    """One in each state that stays for a while, oldest first."""
    return [
        Job("1", Request("a red fox, dusk"), JobState.DONE, NOW - 60, NOW - 60, NOW - 48),
        Job("2", Request("city at night"), JobState.FAILED, NOW - 50, NOW - 50, NOW - 47, REFUSED),
        Job("3", Request("harbour at night, rain"), JobState.RUNNING, NOW - 8, NOW - 8),
        Job("4", Request("harbour at night, fog"), JobState.QUEUED, NOW - 8),
    ]


def fill(home: Home) -> None:
    """A library of a few days, long ago; each picture of one colour, one of them smaller than asked."""
    prompts = (
        "harbour at night",
        "a red fox",
        "a red fox, dusk",
        "[red] 漢字 and 👍",
        "a red fox in deep snow, golden hour",
    )
    for number, prompt in enumerate(prompts):
        started = LONG_AGO + timedelta(days=number // 2, minutes=number)
        home.keep(
            prompt,
            started=started,
            pixels=(1376, 768) if "👍" in prompt else (2752, 1536),
            model="gemini-3-pro-image",
            aspect_ratio="16:9",
            image_size="2K",
        )


async def begun(person: Person, health: ProxyHealth) -> None:
    """The app after its start, with a proxy that answered so."""
    app = person.app
    await person.until(lambda: app.health is not None and not app.history.history_list.loading_library)
    app.prompt.editor.cursor_blink = False
    app.address = ProxyAddress("http://127.0.0.1:8317")
    app.post_message(WayExamined(app.address, WAY if health.trouble else ()))
    app.post_message(ProxyJudged(app.address, health))
    await person.until(lambda: app.health == health)
    view = app.preview.query_one(ImageView)
    await person.until(lambda: not view.display or not view.busy)


async def at_work(person: Person) -> None:
    await person.paste("a red fox in deep snow, golden hour, 35 mm film")
    for job in jobs():
        person.app.post_message(JobUpdated(job))
    await person.until(lambda: len(person.jobs) == 4)


async def story(person: Person) -> None:
    await at_work(person)
    await person.go_to("jobs")
    await person.press("j", "j", "enter")


async def ratios(person: Person) -> None:
    await at_work(person)
    await person.go_to("options")
    await person.press("right", "enter")


async def history(person: Person) -> None:
    await at_work(person)
    await person.go_to("history")
    await person.press("j", "f")
    await person.until(lambda: person.chosen and person.chosen.user.starred)


def look(app: ImageGenApp, steps: Steps, health: ProxyHealth) -> Callable[["Pilot[int]"], Awaitable[None]]:
    async def before(_pilot: "Pilot[int]") -> None:
        person = Person(app)
        await begun(person, health)
        await steps(person)
        await person.settle()

    return before


async def nothing(person: Person) -> None:
    await person.settle()


async def help_screen(person: Person) -> None:
    await person.press("f1")


SERVED = ProxyHealth(True, "CLIProxyAPI", MODELS)
NOT_THERE = ProxyHealth(False, trouble="Nothing answers at 127.0.0.1:8317. Start the proxy (ccs cliproxy start).")

STATES: dict[str, tuple[bool, Steps, ProxyHealth]] = {
    "empty": (False, nothing, SERVED),
    "no-proxy": (False, nothing, NOT_THERE),
    "at-work": (True, at_work, SERVED),
    "history": (True, history, SERVED),
    "story": (True, story, SERVED),
    "ratios": (True, ratios, SERVED),
    "help": (False, help_screen, SERVED),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("state", STATES)
def test_the_screen(home: Home, snap_compare: Callable[..., bool], state: str, size: tuple[int, int]) -> None:
    full, steps, health = STATES[state]
    if full:
        fill(home)
    app = home.app(images="half" if state == "at-work" else "none")
    assert snap_compare(app, terminal_size=size, run_before=look(app, steps, health))
