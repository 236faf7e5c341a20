"""tmux counts a begun band of six pixels as whole, and takes away what two pictures share."""

import re

import pytest
from PIL import Image

from tui.imaging.sixel import SixelPicture, encode


def tiles(picture: SixelPicture) -> list[tuple[int, int, int]]:
    """For each tile its first row of cells, and its width and height in pixels."""
    sizes = [re.search(r'"1;1;(\d+);(\d+)', tile.data) for tile in picture.tiles]
    return [(tile.row, int(size[1]), int(size[2])) for tile, size in zip(picture.tiles, sizes, strict=True) if size]


@pytest.mark.parametrize("height", [6, 7, 16, 17, 18, 20, 30])
@pytest.mark.parametrize("rows", [1, 2, 7, 31])
@pytest.mark.parametrize("limit", [(0, 0), (1000, 100), (40, 200)])
def test_no_tile_reaches_into_cells_that_are_not_its_own(height: int, rows: int, limit: tuple[int, int]) -> None:
    image = Image.linear_gradient("L").resize((8 * 10, rows * height)).convert("RGB")
    picture = encode(image, (10, rows), (8, height), background=(0, 0, 0), limit=limit, whole_bands=True)
    found = tiles(picture)
    assert len(found) == len(picture.tiles)
    ends = [row for row, _, _ in found if row] + [rows]
    for row, _, pixels in found:
        bands = -(-pixels // 6)
        below = min(end for end in ends if end > row)
        assert bands * 6 <= (below - row) * height
        # Between two tiles nothing is missing, below the last at most a band.
        assert (below - row) * height - pixels < (1 if below < rows else 6)


def test_elsewhere_the_last_pixel_is_drawn() -> None:
    image = Image.linear_gradient("L").resize((80, 31 * 17)).convert("RGB")
    picture = encode(image, (10, 31), (8, 17), background=(0, 0, 0))
    assert {(row, pixels) for row, _, pixels in tiles(picture)} == {
        *((row, 6 * 17) for row in range(0, 30, 6)),
        (30, 17),
    }
