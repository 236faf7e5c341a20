"""Small pictures side by side get their best look when nothing moves any more."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.kitchen import Kitchen, KittyHost, blurred
from support.waiting import wait_until
from textual.app import App, ComposeResult
from textual.strip import Strip

from tui.domain.generation import Generation, ImageFile
from tui.terminal.facts import TerminalFacts
from tui.terminal.link import link_of
from tui.widgets import tiles
from tui.widgets.drawing import Ask
from tui.widgets.grid_view import GridView
from tui.widgets.tiles import Tiles


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment of rest is enough."""
    monkeypatch.setattr(tiles, "REST", 0.02)


class Shelf:
    """Pictures of very many colours, each of its own file."""

    marked: Collection[str] = ()

    def __init__(self, folder: Path, count: int) -> None:
        now = datetime.now(UTC)
        self.generations: Sequence[Generation] = [
            Generation(
                id=str(number),
                stem=str(number),
                created_at=now - timedelta(seconds=number),
                prompt=f"picture {number}",
                images=(ImageFile(blurred(folder / f"{number}.png", 300, 300), "image/png", 300, 300, 1),),
            )
            for number in range(count)
        ]

    def position(self, generation: Generation) -> int:
        return self.generations.index(generation) + 1


class GridApp(App[None]):
    terminal_facts = TerminalFacts(protocol="kitty")

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf

    def compose(self) -> ComposeResult:
        yield GridView(self.shelf)

    @property
    def grid(self) -> GridView:
        return self.query_one(GridView)


def looks(app: GridApp, terminal: KittyHost) -> Counter[str]:
    """How good the pictures are that stand on the screen; "left over" is what the terminal keeps beside them."""
    lines = [app.grid.render_line(y).text for y in range(app.grid.size.height)]
    shown = {block for line in lines for each in line if (block := terminal.blocks.find(ord(each))) is not None}
    asks = [terminal.wire.asks[block] for block in shown]
    found = Counter(ask.look for ask in asks if isinstance(ask, Ask))
    left_over = len(terminal.blocks._used) - len(shown)
    return found + Counter({"left over": left_over})


async def test_at_rest_every_tile_that_can_be_seen_gets_its_best_look_and_nothing_is_left_over(tmp_path: Path) -> None:
    app = GridApp(Shelf(tmp_path, 30))
    async with app.run_test(size=(80, 24)) as pilot:
        terminal = KittyHost(app)
        app.grid.rearrange()
        seen = app.grid.shape.tiles
        await wait_until(lambda: looks(app, terminal) == {"best": seen})
        await pilot.press("pagedown")
        await wait_until(lambda: looks(app, terminal) == {"best": seen} and app.grid.top > 0)


async def test_a_picture_that_comes_draws_its_own_tile_only(
    tmp_path: Path, kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = kitchen.hold("0.png")
    monkeypatch.setattr(tiles, "REST", 1000.0)
    app = GridApp(Shelf(tmp_path, 12))
    drawn: list[int] = []
    render_line = GridView.render_line

    def noted(grid: GridView, y: int) -> Strip:
        drawn.append(y)
        return render_line(grid, y)

    async with app.run_test(size=(80, 24)) as pilot:
        terminal = KittyHost(app)
        app.grid.rearrange()
        await wait_until(lambda: looks(app, terminal) == {"first": app.grid.shape.tiles - 1})
        await pilot.pause()
        monkeypatch.setattr(GridView, "render_line", noted)
        held.set()
        await wait_until(lambda: app.grid.tiles.shown["0"].drawing is not None and drawn)
        await pilot.pause()
        assert sorted({*drawn}) == [*range(app.grid.shape.height)]


async def test_on_a_slow_link_tiles_stay_as_they_came_until_it_may_be_used_freely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = GridApp(Shelf(tmp_path, 4))
    rests: list[int] = []
    refine = Tiles.refine

    def rest(grid: Tiles) -> None:
        refine(grid)
        rests.append(len(grid.shown))

    monkeypatch.setattr(Tiles, "refine", rest)
    async with app.run_test(size=(80, 24)) as pilot:
        link_of(app).mode = "economy"
        terminal = KittyHost(app)
        app.grid.rearrange()
        await wait_until(lambda: looks(app, terminal) == {"first": 4})
        rests.clear()
        await pilot.press("right")
        await wait_until(lambda: rests)
        await wait_until(lambda: not [*app.workers])
        assert looks(app, terminal) == {"first": 4}
        link_of(app).mode = "auto"
        await wait_until(lambda: looks(app, terminal) == {"best": 4})
