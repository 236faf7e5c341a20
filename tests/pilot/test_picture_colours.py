"""Pictures of text in terminals of few colours."""

from pathlib import Path

import pytest
from PIL import Image
from support.waiting import wait_until
from textual.app import App, ComposeResult
from textual.geometry import Region

from tui.widgets.image_view import ImageView
from tui.widgets.pictures import pictures_of


class Gallery(App[None]):
    def compose(self) -> ComposeResult:
        yield ImageView()

    def cells(self) -> list[list[tuple[str, object, object]]]:
        view = self.query_one(ImageView)
        strips = view.render_lines(Region(0, 0, *view.size))
        return [[(segment.text, segment.style.color, segment.style.bgcolor) for segment in strip] for strip in strips]


async def shown(gallery: Gallery, path: Path) -> list[list[tuple[str, object, object]]]:
    async with gallery.run_test(size=(32, 16)) as pilot:
        view = gallery.query_one(ImageView)
        view.show(path)
        await wait_until(lambda: not view.busy)
        await pilot.pause()
        return gallery.cells()


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    path = tmp_path / "ramp.png"
    Image.merge("RGB", [Image.linear_gradient("L")] * 3).save(path)
    return path


async def test_a_console_without_colours_gets_shades_of_the_panes_own(
    ramp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    gallery = Gallery()
    monkeypatch.setattr(type(gallery.console), "color_system", "standard")
    assert pictures_of(gallery).colours is None
    rows = await shown(gallery, ramp)
    assert {"░", "▒", "▓"} <= {letter for row in rows for text, *_ in row for letter in text}
    assert len({(colour, behind) for row in rows for _, colour, behind in row}) == 1


async def test_a_console_of_16_colours_gets_no_other_than_its_own(ramp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    gallery = Gallery()
    monkeypatch.setattr(type(gallery.console), "color_system", "standard")
    rows = await shown(gallery, ramp)
    assert {"░", "▒", "▓"} & {letter for row in rows for text, *_ in row for letter in text}
    greys = {colour.triplet.rgb for row in rows for text, colour, _ in row if text.strip()}
    assert greys <= {f"rgb({level},{level},{level})" for level in (0, 85, 170, 255)}
