"""A link that may be used more freely, or not any more: what that does to the picture that stands on the screen."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from support.kitchen import Gallery, Kitchen, KittyHost, kitchen_of, painted
from support.waiting import wait_until
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widgets import Input

from tui.imaging.thumbnails import Thumbnails
from tui.imaging.viewport import Viewport
from tui.terminal.facts import TerminalFacts
from tui.terminal.link import Link, link_of
from tui.widgets import bringing, part_view
from tui.widgets.part_view import PartView

KITTY = TerminalFacts(protocol="kitty")
SIZE = (40, 21)


@pytest.fixture
def kitchen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    with kitchen_of(monkeypatch) as kitchen:
        yield kitchen


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment of rest is enough."""
    monkeypatch.setattr(bringing, "REST", 0.02)


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    return noisy(tmp_path / "noise.png", 300)


def noisy(path: Path, side: int) -> Path:
    """A picture of very many colours."""
    Image.effect_noise((side, side), 90).convert("RGB").save(path)
    return path


def look(terminal: KittyHost) -> str:
    """How good it is, what stands on the screen."""
    seen = terminal.on_screen()
    return "" if seen is None else "coarse" if seen.stand_in else seen.look


async def rest(gallery: Gallery) -> None:
    """Until nothing is going on."""
    await wait_until(lambda: not gallery.view.busy and not [*gallery.view.workers])


def much_at_once(link: Link) -> None:
    """As a fast terminal takes it: 5 MB a second."""
    now = time.monotonic()
    for number in range(30):
        link.sent(20_000)
        link.ping_sent(20_000, streamed=True)
        link.heard(now + 0.004 * number)


@pytest.mark.usefixtures("kitchen")
@pytest.mark.parametrize("mode", ["auto", "full"])
async def test_who_leaves_economy_gets_the_picture_on_the_screen_at_its_best(noise: Path, mode: str) -> None:
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "economy"
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(noise)
        await wait_until(lambda: look(terminal) == "first")
        await rest(pilot.app)
        assert look(terminal) == "first"
        link_of(pilot.app).mode = mode
        await wait_until(lambda: look(terminal) == "best")
        await rest(pilot.app)
        assert len(terminal.wire.asks) == 2


async def test_a_link_that_turns_out_to_be_fast_brings_the_best_look_and_what_comes_next(
    kitchen: Kitchen, noise: Path, tmp_path: Path
) -> None:
    after = painted(tmp_path)["red"]
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        link_of(pilot.app).slow = True
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(noise, ahead=[after])
        await wait_until(lambda: look(terminal) == "first")
        await rest(pilot.app)
        assert kitchen.made == ["noise.png"]
        much_at_once(link_of(pilot.app))
        assert not link_of(pilot.app).slow
        await wait_until(lambda: look(terminal) == "best")
        await wait_until(lambda: after.name in kitchen.made)


async def test_a_picture_on_its_way_when_economy_is_left_becomes_its_best_as_well(
    kitchen: Kitchen, noise: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "thumbnails"
    Thumbnails(folder).make(noise)
    held = kitchen.hold("noise.png", "first")
    async with Gallery(KITTY, folder).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "economy"
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(noise)
        await wait_until(lambda: look(terminal) == "coarse" and kitchen.made)
        link_of(pilot.app).mode = "auto"
        held.set()
        await wait_until(lambda: look(terminal) == "best")


class Closer(Gallery):
    """The middle of the picture, pixel by pixel."""

    def compose(self) -> ComposeResult:
        yield PartView()
        yield Input()

    @property
    def view(self) -> PartView:
        return self.query_one(PartView)


@pytest.mark.usefixtures("kitchen")
async def test_what_is_looked_at_closely_is_at_its_best_too_once_economy_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_view, "REST", 0.02)
    monkeypatch.setattr(part_view, "IDLE", 0.02)
    large = noisy(tmp_path / "large.png", 900)
    async with Closer(KITTY).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "economy"
        terminal = KittyHost(pilot.app)
        pilot.app.view.look_at(large, Viewport((900, 900), (40, 20), (10, 20), 1.0, (450, 450)))
        await wait_until(lambda: look(terminal) == "first" and pilot.app.view.settled)
        link_of(pilot.app).mode = "auto"
        await wait_until(lambda: look(terminal) == "best")


async def test_who_begins_to_save_bytes_keeps_what_is_there(kitchen: Kitchen, noise: Path) -> None:
    async with Gallery(KITTY).run_test(size=SIZE) as pilot:
        terminal = KittyHost(pilot.app)
        pilot.app.view.show(noise)
        await wait_until(lambda: look(terminal) == "best")
        await rest(pilot.app)
        before = terminal.sent
        link_of(pilot.app).mode = "economy"
        await pilot.pause()
        await rest(pilot.app)
        assert look(terminal) == "best"
        assert terminal.sent == before
        assert kitchen.looks == [("noise.png", "first"), ("noise.png", "best")]


HALF, SYMBOLS = (TerminalFacts(protocol=protocol) for protocol in ("half", "symbols"))


def colours(gallery: Gallery) -> int:
    """How often the colours change along the rows of the picture: what it costs on the wire."""
    size = gallery.view.size
    return sum(len([*strip]) for strip in gallery.view.render_lines(Region(0, 0, size.width, size.height)))


@pytest.mark.usefixtures("kitchen")
@pytest.mark.parametrize("facts", [HALF, SYMBOLS], ids=["half", "symbols"])
async def test_pictures_of_text_cost_less_on_a_slow_link_until_no_byte_need_be_saved(
    noise: Path, tmp_path: Path, facts: TerminalFacts
) -> None:
    soft = tmp_path / "soft.png"
    slope = Image.linear_gradient("L").rotate(90).resize((300, 300)).convert("RGB")
    with Image.open(noise) as grain:
        clouds = grain.crop((0, 0, 40, 40)).resize((300, 300), Image.Resampling.BILINEAR)
    Image.blend(slope, clouds, 0.2).save(soft)
    async with Gallery(facts).run_test(size=SIZE) as pilot:
        link_of(pilot.app).mode = "economy"
        pilot.app.view.show(soft)
        await wait_until(lambda: pilot.app.view.info)
        await rest(pilot.app)
        thrifty = colours(pilot.app)
        link_of(pilot.app).mode = "auto"
        await wait_until(lambda: colours(pilot.app) > thrifty * 1.15)
        await rest(pilot.app)
        usual = colours(pilot.app)
        link_of(pilot.app).mode = "economy"
        pilot.app.view.show(soft)
        await pilot.pause()
        await rest(pilot.app)
        # What is there was paid for.
        assert colours(pilot.app) == usual
