"""A library of pictures that cannot be taken for each other, and whether the terminal shows one of them."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from support.conformance import Conformance
from support.screen_pixels import Box, box_of

COLOURS: Final = (
    ((205, 0, 0), (0, 0, 238)),
    ((0, 205, 0), (205, 0, 205)),
    ((0, 0, 238), (205, 205, 0)),
    ((0, 205, 205), (205, 0, 0)),
    ((205, 205, 0), (0, 205, 0)),
    ((205, 0, 205), (0, 205, 205)),
)
"""Ground and corner of each; of the 16 that every terminal has."""

SIZES: Final = ((480, 320), (300, 400), (360, 360))
_GRID: Final = 7
"""Places looked at along each side."""


def paint(path: Path, number: int) -> Path:
    """A picture whose upper left corner has another colour, so that no turning or moving goes unseen."""
    ground, corner = COLOURS[number % len(COLOURS)]
    picture = Image.new("RGB", SIZES[number % len(SIZES)], ground)
    picture.paste(corner, (0, 0, picture.width * 3 // 7, picture.height * 3 // 7))
    picture.save(path)
    return path


def fill(folder: Path, count: int) -> list[Path]:
    """Generations as the first script left them, the oldest first: "picture 0", "picture 1" …"""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        stamp = f"20260314_1200{number:02}"
        paths.append(paint(folder / f"image_{stamp}_0.png", number))
        (folder / f"metadata_{stamp}.json").write_text(json.dumps({"prompt": f"picture {number}"}))
    return paths


@lru_cache(maxsize=64)
def _wanted(path: Path) -> tuple[np.ndarray, float]:
    """Colours at the places looked at, and the picture's shape."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"), np.int32)
    rows, columns = (
        ((np.arange(_GRID) + 0.5) * side / _GRID).astype(int) for side in (pixels.shape[0], pixels.shape[1])
    )
    return pixels[np.ix_(rows, columns)], pixels.shape[1] / pixels.shape[0]


def difference(terminal: Conformance, box: Box, path: Path, *, pictured: bool = False) -> float:
    """How far the box of cells is from the picture, fitted into it: the mean of 0 to 255 a colour.

    Small neighbourhoods are compared, so that dithering is what it looks like. ``pictured``: only in cells that
    show a picture; 255 where none does.
    """
    wanted, shape = _wanted(path)
    pixels = np.asarray(terminal.image(box), np.int32)
    height, width = pixels.shape[:2]
    fitted = min(width, height * shape), min(height, width / shape)
    shown = terminal.pictured(box) if pictured else set()
    apart = []
    for row in range(_GRID):
        for column in range(_GRID):
            y = int((height - fitted[1]) / 2 + (row + 0.5) * fitted[1] / _GRID)
            x = int((width - fitted[0]) / 2 + (column + 0.5) * fitted[0] / _GRID)
            if pictured and (box.top + y // terminal.cell[1], box.left + x // terminal.cell[0]) not in shown:
                continue
            seen = pixels[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].mean(axis=(0, 1))
            apart.append(np.abs(seen - wanted[row, column]).mean())
    return float(np.mean(apart)) if apart else 255.0


def pane_of(terminal: Conformance) -> Box | None:
    """The inside of the frame at the upper left, which is the preview's."""
    lines = terminal.lines
    top = next((y for y, line in enumerate(lines) if line.startswith("╭")), None)
    if top is None or "╮" not in lines[top]:
        return None
    bottom = next((y for y in range(top, len(lines)) if lines[y].startswith("╰")), len(lines) - 1)
    return Box(1, top + 1, lines[top].index("╮") - 1, bottom - top - 1)


def shows(terminal: Conformance, path: Path, within: Box, *, limit: float = 12) -> bool:
    """Whether the picture, whole and alone, is in a box of the screen."""
    places = terminal.pictured(within)
    box = box_of(places)
    if box is None or terminal.dangling():
        return False
    # Cells of the box that show nothing belong to a picture that is not whole.
    return len(places) == box.columns * box.rows and difference(terminal, box, path) <= limit
