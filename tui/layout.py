"""Which panes a terminal of a given size shows: a pure table, so that every size has an answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tui.domain.words import one_line

LEAST_COLUMNS: Final = 40
LEAST_ROWS: Final = 12


class Layout(StrEnum):
    """The layouts, by the class that the screen carries."""

    TINY = "tiny"
    ONE = "one"
    TWO = "two"
    THREE = "three"


def layout_for(columns: int, rows: int) -> Layout:
    """``THREE`` panes beside and above each other, ``TWO`` with jobs folded, ``ONE`` at a time, or too ``TINY``."""
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        return Layout.TINY
    if columns < 76 or rows < 20:
        return Layout.ONE
    if columns < 104 or rows < 30:
        return Layout.TWO
    return Layout.THREE


def side_width(columns: int) -> int:
    """Columns of the side with history and jobs; the preview has at least half of the screen."""
    if columns < 104:
        return 28
    return min(64, max(44, columns * 3 // 10))


def tiny_words(columns: int, rows: int) -> str:
    """What a terminal that is too small shows instead."""
    return one_line(f"image-gen needs {LEAST_COLUMNS}×{LEAST_ROWS} cells; this terminal has {columns}×{rows}.")


@dataclass(frozen=True, slots=True)
class GridShape:
    """``across`` × ``down`` tiles of ``width`` × ``height`` cells each: a picture above a line of words."""

    across: int
    down: int
    width: int
    height: int

    @property
    def tiles(self) -> int:
        """How many are seen at once."""
        return self.across * self.down


TILE_STEPS: Final = (14, 18, 22, 28, 38, 52, 72)
"""Columns that a tile wishes for, from the smallest tiles to the largest."""
USUAL_STEP: Final = 3


def grid_shape(columns: int, rows: int, step: int = USUAL_STEP) -> GridShape:
    """Tiles that fill ``columns`` × ``rows`` cells; a square picture fits each well, a cell being twice as high."""
    wish = TILE_STEPS[max(0, min(len(TILE_STEPS) - 1, step))]
    if step <= USUAL_STEP:
        # One or two pictures are no grid.
        wish = min(wish, max(12, columns // 3))
    across = max(1, round(columns / wish))
    width = max(1, columns // across)
    down = max(1, round(rows / (width / 2)))
    return GridShape(across, down, width, max(1, rows // down))
