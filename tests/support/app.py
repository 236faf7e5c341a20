"""A person at the real app: a library folder, a proxy, a screen of any size, and hands that type fast."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from support.deliveries import png, received, reply_of
from support.waiting import wait_until
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from tui.app import ImageGenApp
from tui.domain.delivered import differences
from tui.domain.generation import Generation
from tui.domain.job import Job
from tui.domain.proxy import ProxyAddress, Secret
from tui.domain.request import Request
from tui.library import Library
from tui.settings import Settings
from tui.state import AppState, load_state
from tui.terminal.probe import Protocol, TerminalFacts

NOBODY = ProxyAddress("http://127.0.0.1:1", Secret("nobody-listens"))
"""A proxy that is not there."""

QUICK_MODEL = "gemini-3.1-flash-image"
QUICK_SIZE = "512"
"""What the sandbox paints fastest."""

NOON = datetime(2026, 3, 14, 12, 0, 0).astimezone()
"""When the first generation of a test's library was made; the next one a minute later."""

_CHARACTERS = {
    "space": " ",
    "slash": "/",
    "question_mark": "?",
    "number_sign": "#",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
_SVG_TEXT = re.compile(r'<text [^>]*?x="([\d.]+)"[^>]*?clip-path="url\(#[^")]*-line-(\d+)\)">(.*?)</text>', re.DOTALL)
_SVG_CELL = 12.2
"""Pixels a cell is wide in the pictures that Textual makes of a screen."""


def key_event(key: str) -> events.Key:
    """A key as the driver sends it: its Textual name, or a single character."""
    if key in _CHARACTERS:
        return events.Key(key, _CHARACTERS[key])
    if len(key) > 1:
        return events.Key(key, None)
    names = {char: name for name, char in _CHARACTERS.items()}
    return events.Key(names.get(key, key), key)


def text_of(widget: Widget) -> str:
    """What a widget shows, its frame included, line by line."""
    size = widget.outer_size
    strips = widget.render_lines(Region(0, 0, size.width, size.height))
    return "\n".join(strip.text for strip in strips)


def frame_words(widget: Widget) -> tuple[str, str]:
    """Title and subtitle of a pane's frame, as text: Textual gives back markup."""
    title, subtitle = (
        Content.from_markup(str(words or "")).plain for words in (widget.border_title, widget.border_subtitle)
    )
    return title, subtitle


def screen_cells(app: ImageGenApp) -> list[list[str]]:
    """What stands on the screen, dialogs over panes, a list of cells for each line.

    The second cell of a wide character is empty text.
    """
    columns, rows = app.size
    cells = [[" "] * columns for _ in range(rows)]
    for x, line, words in _SVG_TEXT.findall(app.export_screenshot()):
        column = round(float(x) / _SVG_CELL)
        for char in html.unescape(words).replace("\xa0", " "):
            width = cell_len(char)
            if width and int(line) < rows and column < columns:
                cells[int(line)][column] = char
                for covered in range(column + 1, min(column + width, columns)):
                    cells[int(line)][covered] = ""
            column += width
    return cells


class QuickPilot(Pilot[int]):
    """A pilot that goes on when everything is handled, whatever else the machine is busy with."""

    async def pause(self, delay: float | None = None) -> None:
        await super().pause(delay or 0)


class Person:
    """Sits before a running app: presses keys, looks at the screen, waits for what should happen."""

    def __init__(self, app: ImageGenApp) -> None:
        self.app = app
        self.pilot = QuickPilot(app)

    async def burst(self, *keys: str) -> None:
        """Keys all at once, as a fast typist's arrive, or those typed while the app was busy."""
        for key in keys:
            self.app.post_message(key_event(key))
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Keys one after the other, each answered before the next."""
        for key in keys:
            await self.burst(key)

    async def write(self, text: str) -> None:
        """Text, letter by letter, fast."""
        await self.burst(*text)

    async def paste(self, text: str) -> None:
        """A bracketed paste."""
        self.app.post_message(events.Paste(text))
        await self.settle()

    async def resize(self, columns: int, rows: int) -> None:
        """Another size of the terminal."""
        await self.pilot.resize_terminal(columns, rows)
        line, sentence = self.app.status_line, self.app.panes.query_one("#tiny")
        await self.until(lambda: self.app.screen.size == (columns, rows))
        await self.until(lambda: columns in (line.size.width, sentence.size.width))

    async def click(self, selector: str | type[Widget], times: int = 1, **where: Any) -> None:
        """A click on a widget."""
        await self.pilot.click(selector, times=times, **where)
        await self.settle()

    async def settle(self) -> None:
        """Until nothing waits to be handled and the history shows what was asked for, or the app has ended."""
        quiet = 0
        while quiet < 2 and self.app.is_running:
            await self.pilot.pause(0)
            pumps = [self.app, *self.app.screen.walk_children(with_self=True)]
            if not self.app.library_at_rest:
                # Threads at work get the interpreter.
                await asyncio.sleep(0.003)
                quiet = 0
            else:
                quiet = 0 if any(pump.message_queue_size for pump in pumps) else quiet + 1

    async def until(self, predicate: Callable[[], object], timeout: float = 10) -> None:
        """Wait for what should happen; what does not is told with the screen."""
        try:
            await wait_until(lambda: predicate() or not self.app.is_running, timeout)
        except AssertionError as error:
            error.add_note(self.screen())
            raise
        assert self.app.is_running, "the app has ended"
        await self.settle()

    async def leave(self) -> None:
        """Leave whatever runs, as quitting does."""
        if self.app.is_running:
            self.app.exit(0)
        await wait_until(lambda: not self.app.is_running)

    def screen(self) -> str:
        """The whole screen as text."""
        return "\n".join("".join(line) for line in screen_cells(self.app))

    def seen_in(self, widget: Widget) -> str:
        """What stands on the screen where a widget is, frame and inside."""
        place = widget.region
        lines = screen_cells(self.app)[max(0, place.y) : place.bottom]
        return "\n".join("".join(line[max(0, place.x) : place.right]) for line in lines)

    async def sees(self, *words: str, timeout: float = 10) -> None:
        """Wait until all of ``words`` stand on the screen."""
        await self.until(lambda: (now := self.screen()) and all(each in now for each in words), timeout)

    async def back(self) -> None:
        """Esc until nothing covers the panes."""
        for _ in range(5):
            if self.app.screen is self.app.panes:
                return
            await self.press("escape")
        raise AssertionError(f"{self.app.screen} does not leave")

    async def go_to(self, pane: str) -> None:
        """Tab until the focus is in a pane."""
        order = ("prompt", "history", "jobs", "preview", "options")
        await self.press("escape")
        await self.press(*["tab"] * order.index(pane))
        assert any(each.id == pane for each in self.app.focused.ancestors_with_self), pane

    @property
    def prompt(self) -> str:
        """The text in the editor."""
        return self.app.prompt.editor.text

    @property
    def foot(self) -> str:
        """What is said at the prompt: below it, and where that is long also above."""
        return " ".join(words for words in frame_words(self.app.prompt) if words != "Prompt")

    @property
    def jobs(self) -> list[Job]:
        """The listed jobs, newest first."""
        return self.app.jobs_pane.job_list.jobs

    @property
    def states(self) -> list[str]:
        """Their states in words, newest first."""
        return [str(job.state) for job in self.jobs]

    @property
    def chosen(self) -> Generation | None:
        """The generation under the history's cursor."""
        return self.app.history.history_list.current

    @property
    def listed(self) -> list[Generation]:
        """The generations that the history shows, newest first."""
        return [each for each in self.app.history.model.rows if isinstance(each, Generation)]

    async def idle(self, timeout: float = 20) -> None:
        """Wait until every job is over."""
        await self.until(lambda: self.jobs and all(job.state.is_over for job in self.jobs), timeout)


@dataclass
class Home:
    """What belongs to one person: folders that outlive a run of the app, and a proxy."""

    folder: Path
    proxy: ProxyAddress
    generations: list[Generation] = field(default_factory=list)

    @property
    def library(self) -> Path:
        """The folder of generations."""
        return self.folder / "generated_images"

    @property
    def state(self) -> AppState | None:
        """What the last run left."""
        return load_state(self.folder / "state")

    def keep(
        self,
        prompt: str,
        *,
        started: datetime | None = None,
        images: int = 1,
        pixels: tuple[int, int] = (16, 9),
        summary: Any = None,
        **options: Any,
    ) -> Generation:
        """A generation made before the app starts, with pictures of a few pixels that are told to be ``pixels``."""
        self.library.mkdir(parents=True, exist_ok=True)
        library = Library(self.library)
        number = len(self.generations)
        data = png(16, 9, shade=20 * number)
        pictures = [received(library.spool(), data, width=pixels[0], height=pixels[1]) for _ in range(images)]
        request, reply = Request(prompt, **options), reply_of(pictures, **(summary or {}))
        generation = library.save(
            request,
            replace(reply, warnings=differences(request, reply)),
            proxy=self.proxy.url,
            elapsed=1.5,
            started=started or NOON + timedelta(minutes=number),
        )
        self.generations.append(generation)
        return generation

    def hidden(self) -> list[str]:
        """Names of hidden files in the library: what is on its way, or was left behind."""
        return sorted(path.name for path in self.library.glob(".*") if path.is_file())

    def app(
        self,
        *,
        state: AppState | None = None,
        proxy: ProxyAddress | None = None,
        images: Protocol = "half",
        **changes: Any,
    ) -> ImageGenApp:
        """The real app, as a start makes it; ``images`` is what the terminal can, ``changes`` are settings.

        Nothing is sent again by itself unless ``retries`` says so.
        """
        values = {
            "output_dir": self.library,
            "sandbox_delay": 0.0,
            "retries": 0,
            "config_file": self.folder / "settings.toml",
            "state_dir": self.folder / "state",
            "cache_dir": self.folder / "cache",
            **changes,
        }
        quick = AppState(model=QUICK_MODEL, image_size=QUICK_SIZE)
        settings = Settings(**values)
        kept = (state or self.state or quick).with_settings(settings)
        return ImageGenApp(settings, proxy or self.proxy, TerminalFacts(images), state=kept)

    @asynccontextmanager
    async def open(self, size: tuple[int, int] = (120, 40), **more: Any) -> AsyncIterator[Person]:
        """The app on a screen, with its library read and its proxy judged."""
        app = self.app(**more)
        async with app.run_test(size=size, notifications=True):
            person = Person(app)
            await person.until(lambda: app.health is not None and not app.history.history_list.loading_library)
            try:
                yield person
            finally:
                await person.leave()
