"""The app finds the proxy behind its first frame, and finds it again when it comes, moves or takes another key."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import pytest
from support.app import QUICK_MODEL, QUICK_SIZE, Home, Person, text_of
from support.ccs_homes import CcsHome, usual_home
from textual.message import Message

from tui.app import ImageGenApp
from tui.connect.find import Search, look
from tui.domain.proxy import ProxyAddress, Secret
from tui.messages import ProxyChosen
from tui.settings import Settings
from tui.start import first_guess
from tui.state import AppState
from tui.terminal.probe import TerminalFacts


@pytest.fixture
def ccs(tmp_path: Path) -> CcsHome:
    return CcsHome(tmp_path / "ccs")


@contextmanager
def started(port: int = 0) -> "Iterator[tuple[int, str]]":
    """A proxy of its own: its port, and a key that nobody else has."""
    with subprocess.Popen(
        [sys.executable, "-m", "tui.proxy", "--port", str(port), "--delay", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield int(told["url"].rpartition(":")[2]), told["key"]
        finally:
            process.kill()


class Finder(Person):
    """A person who sees which proxies were chosen, one after the other."""

    def __init__(self, app: ImageGenApp, proxies: list[ProxyAddress]) -> None:
        super().__init__(app)
        self.proxies = proxies


@asynccontextmanager
async def opened(
    home: Home, ccs: CcsHome, search: Callable[[], Awaitable[Search]] | None = None
) -> AsyncIterator[Finder]:
    """The app as a start makes it, for a person with this CCS home."""
    environ = {"CCS_DIR": str(ccs.folder)}
    settings = Settings(
        output_dir=home.library, state_dir=home.folder / "state", cache_dir=home.folder / "cache", sandbox_delay=0.0
    )
    app = ImageGenApp(
        settings,
        first_guess(settings),
        TerminalFacts("half"),
        state=AppState(model=QUICK_MODEL, image_size=QUICK_SIZE).with_settings(settings),
        search=search or partial(look, settings, environ),
    )
    chosen: list[ProxyAddress] = []

    def hear(message: Message) -> None:
        if isinstance(message, ProxyChosen):
            chosen.append(message.address)

    async with app.run_test(size=(120, 40), notifications=True, message_hook=hear):
        person = Finder(app, chosen)
        await person.until(lambda: not app.history.history_list.loading_library)
        try:
            yield person
        finally:
            await person.leave()


async def paint(person: Person) -> None:
    await person.paste("a fox")
    await person.press("enter")


async def test_port_and_key_of_ccs_are_found_and_a_picture_comes(home: Home, ccs: CcsHome) -> None:
    with started() as (port, key):
        usual_home(ccs.folder, port, key)
        async with opened(home, ccs) as person:
            await paint(person)
            await person.until(lambda: person.states == ["done"])
            assert (person.app.address.source, person.app.address.key) == ("CCS config.yaml", Secret(key))
            await person.sees(f"127.0.0.1:{port}", "image models")
            assert set(person.proxies) == {person.app.address}


async def test_a_prompt_sent_before_the_proxy_is_found_waits_for_it(home: Home, ccs: CcsHome) -> None:
    with started() as (port, key):
        usual_home(ccs.folder, port, key)
        found = asyncio.Event()
        settings = Settings()

        async def late() -> Search:
            await found.wait()
            return await look(settings, {"CCS_DIR": str(ccs.folder)})

        async with opened(home, ccs, late) as person:
            await paint(person)
            await person.until(lambda: person.states == ["queued"])
            found.set()
            await person.until(lambda: person.states == ["done"])


async def test_a_queued_job_can_be_cancelled_and_forgotten_while_the_proxy_is_looked_for(
    home: Home, ccs: CcsHome
) -> None:
    found = asyncio.Event()

    async def late() -> Search:
        await found.wait()
        return await look(Settings(), {"CCS_DIR": str(ccs.folder)})

    async with opened(home, ccs, late) as person:
        await paint(person)
        await person.until(lambda: person.states == ["queued"])
        await person.go_to("jobs")
        await person.press("x")
        await person.until(lambda: person.states == ["cancelled"])
        await person.press("x")
        found.set()
        await person.until(lambda: person.app.health is not None)


async def test_a_proxy_started_in_another_window_is_found_without_a_new_start(home: Home, ccs: CcsHome) -> None:
    usual_home(ccs.folder, 1, "some-key")
    async with opened(home, ccs) as person:
        await person.until(lambda: person.app.health is not None)
        assert "✗" in text_of(person.app.status_line)
        with started() as (port, key):
            usual_home(ccs.folder, port, key)
            await person.press("ctrl+r")
            await person.sees(f"127.0.0.1:{port}", "image models")
            await paint(person)
            await person.until(lambda: person.states == ["done"])


async def test_a_refused_key_is_looked_up_again_by_itself(home: Home, ccs: CcsHome) -> None:
    with started() as (port, key):
        usual_home(ccs.folder, port, "the-key-before-last")
        async with opened(home, ccs) as person:
            await person.until(lambda: person.app.health is not None)
            assert "key" in text_of(person.app.status_line)
            usual_home(ccs.folder, port, key)
            await paint(person)
            await person.until(lambda: person.states == ["failed"])
            await person.sees("image models")
            await person.go_to("jobs")
            await person.press("r")
            await person.until(lambda: person.states == ["done", "failed"])


async def test_looks_that_find_nothing_new_change_nothing(home: Home, ccs: CcsHome) -> None:
    """With the proxy gone, each look goes through the files and asks around; the screen stays as it is."""
    usual_home(ccs.folder, 1, "some-key")
    async with opened(home, ccs) as person:
        await person.until(lambda: person.app.health is not None)
        before = list(person.proxies)
        for _ in range(3):
            person.app.health = None
            person.app.look_at_proxy()
            await person.until(lambda: person.app.health is not None)
        assert person.proxies == before


async def test_the_sandbox_stays_when_a_proxy_comes(home: Home, ccs: CcsHome) -> None:
    async with opened(home, ccs) as person:
        await person.until(lambda: person.app.health is not None)
        await person.press("f8")
        await person.until(lambda: person.app.address.source == "sandbox" and person.app.health)
        with started() as (port, key):
            usual_home(ccs.folder, port, key)
            await person.press("ctrl+r")
            await person.settle()
            assert person.app.address.source == "sandbox"
