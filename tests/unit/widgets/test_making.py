"""Pictures made ready: what stands for one covers its cells, thumbnails are used where they are enough, parts too."""

import gc
from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.color import ColorSystem
from rich.console import Console
from support.conformance import Conformance
from support.terminal_kinds import XTERM
from textual.strip import Strip

from tui.imaging.picture import Part, PictureError, Stale
from tui.imaging.thumbnails import GRID, PANE, Side, Thumbnail, Thumbnails
from tui.terminal.facts import Protocol
from tui.widgets.drawing import NO_STAMP, Ask, Made, MadeKitty, MadeSixel, MadeText, stamp_of
from tui.widgets.making import glance, let_go, make

BACKGROUND = (10, 20, 30)


def never() -> bool:
    return False


def ask_for(path: Path, protocol: Protocol, box: tuple[int, int] = (30, 20), cell: tuple[int, int] = (9, 18)) -> Ask:
    return Ask(path, protocol, *box, cell, BACKGROUND, sixel_colours=64, stamp=stamp_of(path))


def cells_of(made: Made) -> tuple[int, int]:
    """Columns and rows that it takes on the screen."""
    if isinstance(made, MadeText):
        lines = made.text.weave()
        return sum(segment.cell_length for segment in lines[0]), len(lines)
    assert isinstance(made, MadeKitty | MadeSixel)
    return made.cells


def paint(path: Path, size: tuple[int, int], mode: str = "RGB") -> Path:
    Image.effect_noise(size, 60).convert(mode).save(path)
    return path


@pytest.mark.parametrize("protocol", ["kitty", "sixel", "half", "symbols"])
@given(
    size=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    box=st.tuples(st.integers(1, 40), st.integers(1, 30)),
    cell=st.tuples(st.integers(3, 12), st.integers(6, 25)),
    share=st.sampled_from([None, 0.37, 0.8]),
)
@settings(max_examples=15)
def test_what_stands_for_a_picture_covers_its_very_cells(
    protocol: Protocol,
    size: tuple[int, int],
    box: tuple[int, int],
    cell: tuple[int, int],
    share: float | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("pictures")
    path = paint(folder / "picture.png", size)
    within = None if share is None else (box[0] * share, box[1] * share)
    ask = replace(ask_for(path, protocol, box, cell), within=within)
    assert glance(replace(ask, stand_in=True), never, folder / "thumbnails") is None
    Thumbnails(folder / "thumbnails").make(path)
    stand_in = glance(replace(ask, look="coarse", stand_in=True), never, folder / "thumbnails")
    assert stand_in is not None
    sharp, best = make(ask, never, None), make(replace(ask, look="best"), never, None)
    assert cells_of(stand_in) == cells_of(sharp) == cells_of(best)
    assert all(drawn <= max(1, ceil(room)) for drawn, room in zip(cells_of(sharp), within or box, strict=True))
    assert stand_in.info == sharp.info
    assert stand_in.ask.stand_in


def test_a_thumbnail_is_decoded_in_the_place_of_a_picture_where_it_has_the_pixels(tmp_path: Path) -> None:
    path = paint(tmp_path / "picture.png", (1500, 1000))
    shelf = tmp_path / "thumbnails"
    small, large = ask_for(path, "kitty", (20, 10)), ask_for(path, "kitty", (200, 100))
    first = make(small, never, shelf)
    assert first.spare is not None
    assert Thumbnails(shelf).put(path, first.spare.image, first.spare.info, first.spare.digest)
    # From here on the file itself is not needed where few pixels are drawn.
    assert make(small, never, shelf).spare is None
    assert make(large, never, shelf).spare is not None
    assert make(replace(small, look="best"), never, shelf).spare is not None


def test_of_two_thumbnails_the_small_one_is_decoded_where_it_has_the_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, shelf = paint(tmp_path / "large.png", (1000, 1000)), tmp_path / "thumbnails"
    Thumbnails(shelf).make(path)
    read: list[int] = []
    find = Thumbnails.find

    def noted(thumbnails: Thumbnails, digest: str, side: Side = PANE) -> Thumbnail | None:
        read.append(side)
        return find(thumbnails, digest, side)

    monkeypatch.setattr(Thumbnails, "find", noted)
    # A square in a tile that is wider than a small thumbnail, but no higher.
    made = make(ask_for(path, "kitty", (40, 12)), never, shelf)
    assert made.spare is None
    assert read == [GRID]
    make(ask_for(path, "kitty", (40, 20)), never, shelf)
    assert read[1:] == [PANE]


def test_a_coarse_one_that_has_no_thumbnail_makes_it(tmp_path: Path) -> None:
    path = paint(tmp_path / "picture.png", (700, 500))
    make(replace(ask_for(path, "kitty"), look="coarse"), never, tmp_path / "thumbnails")
    assert Thumbnails(tmp_path / "thumbnails").get(path, 256) is not None
    assert cells_of(make(replace(ask_for(path, "sixel"), look="coarse"), never, None)) == cells_of(
        make(ask_for(path, "sixel"), never, None)
    )


def test_transparency_shows_the_background_of_the_pane_also_from_the_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (600, 600), (0, 0, 0, 0)).save(path)
    shelf = tmp_path / "thumbnails"
    spare = make(ask_for(path, "half"), never, shelf).spare
    assert spare is not None
    Thumbnails(shelf).put(path, spare.image, spare.info, spare.digest)
    for background in ((200, 0, 0), (0, 200, 0)):
        made = glance(replace(ask_for(path, "half"), background=background, stand_in=True), never, shelf)
        assert isinstance(made, MadeText)
        segments = [segment for line in made.text.weave() for segment in line]
        colours = {segment.style.bgcolor.triplet for segment in segments if segment.style.bgcolor}
        assert all(max(abs(a - b) for a, b in zip(colour, background, strict=True)) < 12 for colour in colours)


@pytest.mark.parametrize("protocol", ["kitty", "sixel", "half", "symbols"])
def test_a_part_fills_its_box_at_every_look_and_the_picture_is_decoded_once(
    protocol: Protocol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = paint(tmp_path / "picture.png", (640, 480))
    shelf = tmp_path / "thumbnails"
    Thumbnails(shelf).make(path)
    ask = replace(ask_for(path, protocol), part=Part(100, 100, 300, 250))
    assert glance(replace(ask, stand_in=True), never, shelf) is None
    sizes = {cells_of(make(replace(ask, look=look), never, shelf)) for look in ("coarse", "first", "best")}
    assert sizes == {(30, 20)}
    # Held: the file may go meanwhile.
    path.unlink()
    assert cells_of(make(replace(ask, part=Part(0, 0, 50, 50)), never, shelf)) == (30, 20)
    let_go()
    with pytest.raises(PictureError):
        make(replace(ask, part=Part(0, 0, 50, 50)), never, shelf)


def test_what_nobody_waits_for_is_not_encoded(tmp_path: Path) -> None:
    path = paint(tmp_path / "picture.png", (300, 200))
    asked: list[int] = []

    def at_the_end() -> bool:
        asked.append(len(asked))
        return len(asked) > count

    count = 10**9
    make(ask_for(path, "kitty"), at_the_end, None)
    # Whichever question is the last that is answered with no, those behind it are not reached.
    count = len(asked) - 1
    asked.clear()
    with pytest.raises(Stale):
        make(ask_for(path, "kitty"), at_the_end, None)


def test_a_file_that_cannot_be_looked_at_has_no_stamp_and_a_changed_one_another(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    assert stamp_of(path) == NO_STAMP
    assert stamp_of(Path("a\0b")) == NO_STAMP
    paint(path, (8, 8))
    before = stamp_of(path)
    paint(path, (9, 9))
    assert stamp_of(path) != before != NO_STAMP


def test_a_picture_of_text_is_kept_as_few_bytes_and_no_objects(tmp_path: Path) -> None:
    before = len(gc.get_objects())
    kept = []
    for number in range(12):
        made = make(ask_for(paint(tmp_path / f"{number}.png", (300, 300)), "half", (78, 39)), never, None)
        assert isinstance(made, MadeText)
        made.spare = None
        kept.append(made)
    gc.collect()
    assert len(gc.get_objects()) - before < 2000
    assert all(10_000 < made.size == len("\n".join(made.text.lines).encode()) < 150_000 for made in kept)


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD])
def test_the_terminal_draws_a_picture_of_text_as_textual_would(system: ColorSystem, tmp_path: Path) -> None:
    ask = replace(ask_for(paint(tmp_path / "picture.png", (90, 60)), "half"), colours=system)
    made = make(ask, never, None)
    assert isinstance(made, MadeText)
    terminals = Conformance(XTERM, 40, 24), Conformance(XTERM, 40, 24)
    console = Console(color_system=None)
    console._color_system = system
    for y, (line, segments) in enumerate(zip(made.text.lines, made.text.weave(), strict=True), start=1):
        terminals[0].feed(f"\x1b[{y}H{line}\x1b[m")
        terminals[1].feed(f"\x1b[{y}H{Strip(segments).render(console)}\x1b[m")
    rows = [[terminal.screen.row(y) for y in range(24)] for terminal in terminals]
    assert rows[0] == rows[1]
    assert rows[0][5][15].fg is not None


@pytest.mark.parametrize("colours", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT], ids=["true", "256"])
@pytest.mark.parametrize("protocol", ["half", "symbols"])
def test_on_a_slow_link_a_picture_of_text_takes_three_quarters_of_its_bytes(
    tmp_path: Path, protocol: Protocol, colours: ColorSystem
) -> None:
    path = tmp_path / "clouds.png"
    slope = Image.linear_gradient("L").rotate(90).resize((300, 300))
    clouds = Image.effect_noise((40, 40), 90).resize((300, 300), Image.Resampling.BILINEAR)
    Image.blend(slope, clouds, 0.2).convert("RGB").save(path)
    usual = replace(ask_for(path, protocol, (40, 20)), colours=colours)
    few, many = (make(each, never, None) for each in (replace(usual, thrifty=True), usual))
    assert isinstance(few, MadeText)
    assert isinstance(many, MadeText)
    assert sum(map(len, few.text.lines)) < 0.75 * sum(map(len, many.text.lines))
