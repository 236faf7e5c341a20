"""What differs between the pixels of two pictures: shown, counted, and honest about sizes."""

from pathlib import Path

import pytest
from PIL import Image

from tui.imaging.difference import write_difference
from tui.imaging.picture import PictureError, Stale


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    Image.new("RGB", (100, 50), (100, 100, 100)).save(path)
    return path


def changed(grey: Path, name: str, box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> Path:
    path = grey.with_name(name)
    with Image.open(grey) as image:
        image.paste(colour, box)
        image.save(path)
    return path


def test_equal_pictures_have_no_difference(grey: Path, tmp_path: Path) -> None:
    found = write_difference(grey, grey, tmp_path / "d.png")
    assert (found.any, found.clear, found.mean, found.scaled) == (0, 0, 0, None)
    with Image.open(tmp_path / "d.png") as image:
        assert image.getextrema() == ((0, 0),) * 3


def test_shares_and_mean_are_those_of_the_pixels(grey: Path, tmp_path: Path) -> None:
    other = changed(grey, "other.png", (0, 0, 50, 50), (103, 100, 100))
    other = changed(other, "more.png", (0, 0, 10, 50), (100, 160, 100))
    found = write_difference(grey, other, tmp_path / "d.png")
    assert found.any == pytest.approx(0.5)
    assert found.clear == pytest.approx(0.1)
    assert found.mean == pytest.approx((0.4 * 3 + 0.1 * 60) / 3)


def test_faint_differences_are_made_strong_enough_to_be_seen(grey: Path, tmp_path: Path) -> None:
    other = changed(grey, "other.png", (20, 10, 60, 40), (104, 100, 98))
    found = write_difference(grey, other, tmp_path / "d.png")
    assert found.gain == 32
    with Image.open(tmp_path / "d.png") as image:
        assert image.getpixel((30, 20)) == (4 * 32, 0, 2 * 32)
        assert image.getpixel((0, 0)) == (0, 0, 0)


def test_what_is_strong_already_is_left_as_it_is(grey: Path, tmp_path: Path) -> None:
    other = changed(grey, "other.png", (0, 0, 100, 50), (255, 0, 100))
    found = write_difference(grey, other, tmp_path / "d.png")
    assert found.gain == 1
    with Image.open(tmp_path / "d.png") as image:
        assert image.getpixel((3, 3)) == (155, 100, 0)


@pytest.mark.parametrize("size", [(200, 100), (80, 200), (3, 3), (1, 1)])
def test_other_sizes_are_brought_to_the_smaller_one_and_it_is_said(
    grey: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", size, (100, 100, 100)).save(other)
    found = write_difference(grey, other, tmp_path / "d.png")
    assert found.any == 0
    assert found.scaled == min(size, (100, 50), key=lambda each: each[0] * each[1])
    with Image.open(tmp_path / "d.png") as image:
        assert image.size == found.scaled


def test_a_damaged_picture_and_one_that_nobody_waits_for(grey: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(grey.read_bytes()[:60])
    with pytest.raises(PictureError):
        write_difference(grey, damaged, tmp_path / "d.png")
    with pytest.raises(Stale):
        write_difference(grey, grey, tmp_path / "d.png", lambda: True)
    assert not (tmp_path / "d.png").exists()
