"""Pictures looked at one after the other: what is kept is what the cache may hold, and nothing else of them stays."""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from support.kitchen import Gallery, KittyHost, blurred
from support.waiting import wait_until

from tui.imaging.pool import Job
from tui.terminal.facts import TerminalFacts
from tui.widgets import pictures as every_picture
from tui.widgets.drawing import Drawing, Made

LIMIT = 150_000
OURS = (Made, Drawing, Job, Image.Image)


def living() -> Counter[str]:
    """How many objects there are of what pictures are made of, and of all together."""
    gc.collect()
    counted: Counter[str] = Counter()
    for each in gc.get_objects():
        counted["all"] += 1
        # Asking an abstract class would leave a note behind for every type that there is.
        counted.update(kind.__name__ for kind in OURS if kind in type(each).__mro__)
    return counted


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """What other tests left is not counted, and not gone through again at each look."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def many(tmp_path: Path) -> list[Path]:
    first = blurred(tmp_path / "first.png", 200, 150)
    paths = [tmp_path / f"{number}.png" for number in range(60)]
    for path in paths:
        os.link(first, path)
    return paths


@pytest.mark.parametrize("protocol", ["kitty", "half"])
async def test_forty_pictures_more_leave_nothing_more_behind(
    protocol: str, many: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(every_picture, "CACHE_BYTES", LIMIT)
    gallery = Gallery(TerminalFacts(protocol=protocol), tmp_path / "thumbnails")
    async with gallery.run_test(size=(40, 21)) as pilot:
        KittyHost(gallery)
        cache = gallery.pictures.cache

        async def look_at(paths: list[Path]) -> Counter[str]:
            for number, path in enumerate(paths):
                gallery.view.show(path, ahead=paths[number + 1 : number + 3])
                # Every other one is left before it is there, as when a key is held.
                await (wait_until(lambda: not gallery.view.busy) if number % 2 else asyncio.sleep(0))
            gallery.view.show(None)
            await pilot.pause()
            await wait_until(lambda: gallery.pictures.idle and not gallery.workers)
            gallery.said.clear()
            return living()

        others = living()
        before = await look_at(many[:20])
        after = await look_at(many[20:])
        assert LIMIT / 2 < cache.size <= LIMIT
        assert after["Made"] - others["Made"] <= len(cache._held) + 1
        assert after["Drawing"] - others["Drawing"] <= 1
        assert after["Job"] - others["Job"] <= 2
        assert after["Image"] - others["Image"] <= 1
        assert after["all"] <= before["all"] + 10 * len(many)


def test_the_cache_leaves_room_within_what_the_program_may_grow() -> None:
    assert every_picture.CACHE_BYTES <= 24 * 1024 * 1024
