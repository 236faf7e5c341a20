"""What a person sees: cells, Kitty pictures by placeholders and Sixels as pixels."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from PIL import Image
from support.cell_screen import Cell, CellScreen, Colour
from support.kitty_model import KittyStore

from tui.imaging.marks import DIACRITICS, PLACEHOLDER

Place: TypeAlias = tuple[int, int]
"""Row and column, from 0."""

FOREGROUND: Final = (229, 229, 229)
BACKGROUND: Final = (0, 0, 0)
_MARKS: Final = {mark: number for number, mark in enumerate(DIACRITICS)}
_QUADRANTS: Final = {
    "▘": 1, "▝": 2, "▀": 3, "▖": 4, "▌": 5, "▞": 6, "▛": 7, "▗": 8, "▚": 9, "▐": 10, "▜": 11, "▄": 12, "▙": 13,
    "▟": 14, "█": 15,
}  # fmt: skip
"""Characters that are quarters: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""

_SEXTANTS: Final = range(0x1FB00, 0x1FB3C)
_STANDARD: Final = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
    (255, 255, 255),
)  # fmt: skip


class Box(NamedTuple):
    """A rectangle of cells."""

    left: int
    top: int
    columns: int
    rows: int

    def holds(self, place: Place) -> bool:
        """Whether a cell is in it."""
        return 0 <= place[0] - self.top < self.rows and 0 <= place[1] - self.left < self.columns


class Shown(NamedTuple):
    """What one cell shows of a picture: which (id, placement, 0 for none) and which of its cells."""

    kind: Literal["kitty", "sixel", "nothing"]
    picture: int = 0
    placement: int = 0
    row: int = 0
    column: int = 0


class Mark(NamedTuple):
    """What one placeholder says, after leaning on its left neighbour."""

    picture: int
    placement: int
    row: int
    column: int


def placeholders(cells: list[Cell]) -> list[Mark | None]:
    """What the placeholders of a line say, by the protocol's rules of inheritance."""
    found: list[Mark | None] = []
    left: tuple[Colour, Colour, list[int]] | None = None
    for cell in cells:
        if not cell.data.startswith(PLACEHOLDER):
            found.append(None)
            left = None
            continue
        said = [_MARKS[mark] for mark in cell.data[1:4] if mark in _MARKS]
        whole = _leaning(said, left if left is not None and left[:2] == (cell.fg, cell.underline) else None)
        left = cell.fg, cell.underline, whole
        number = _number(cell.fg) | whole[2] << 24
        found.append(Mark(number, _number(cell.underline), whole[0], whole[1]))
    return found


def _leaning(said: list[int], left: tuple[Colour, Colour, list[int]] | None) -> list[int]:
    """Row, column and high byte, where missing ones come from a left neighbour of the same colours."""
    if left is None or len(said) >= 3:
        return [*said, 0, 0, 0][:3]
    row, column, high = left[2]
    if not said or said == [row]:
        return [row, column + 1, high]
    return [*said, high] if said == [row, column + 1] else [*said, 0, 0, 0][:3]


def _number(colour: Colour) -> int:
    """An id in a colour: one of 256, or 24 bits."""
    if colour is None:
        return 0
    return colour if isinstance(colour, int) else colour[0] << 16 | colour[1] << 8 | colour[2]


def shown_by(screen: CellScreen, store: KittyStore) -> dict[Place, Shown]:
    """What each cell of a screen shows of pictures; cells of text alone are left out."""
    shown: dict[Place, Shown] = {}
    for y in range(screen.lines):
        cells = screen.row(y)
        marks = placeholders(cells) if any(cell.data.startswith(PLACEHOLDER) for cell in cells) else []
        for x, cell in enumerate(cells):
            if cell.pixels is not None:
                shown[y, x] = Shown("sixel")
            elif marks and (mark := marks[x]) is not None:
                found = store.find(mark.picture, mark.placement)
                there = found is not None and mark.row < found[1].rows and mark.column < found[1].columns
                shown[y, x] = Shown("kitty" if there else "nothing", *mark)
    return shown


def painted(screen: CellScreen, box: Box) -> set[Place]:
    """The cells of a box that text paints: blocks, or another background than the cell to the left of the box."""
    ground = _ground(screen.buffer[box.top][box.left - 1])
    found = set()
    for y in range(box.top, box.top + box.rows):
        for x in range(box.left, box.left + box.columns):
            cell = screen.buffer[y][x]
            block = cell.data in _QUADRANTS or (cell.data and ord(cell.data[0]) in _SEXTANTS)
            if block or _ground(cell) != ground:
                found.add((y, x))
    return found


def _ground(cell: Cell) -> Colour:
    return cell.fg if cell.reverse else cell.bg


def box_of(places: Iterable[Place]) -> Box | None:
    """The smallest box around ``places``."""
    rows, columns = zip(*found, strict=True) if (found := list(places)) else ((), ())
    if not rows:
        return None
    return Box(min(columns), min(rows), max(columns) - min(columns) + 1, max(rows) - min(rows) + 1)


def render(screen: CellScreen, store: KittyStore, cell: tuple[int, int], box: Box | None = None) -> Image.Image:
    """The screen, or a box of it, as RGB pixels."""
    box = box or Box(0, 0, screen.columns, screen.lines)
    width, height = cell
    canvas = np.zeros((box.rows * height, box.columns * width, 3), np.uint8)
    for y in range(box.top, box.top + box.rows):
        cells = screen.row(y)
        marks = placeholders(cells)
        for x in range(box.left, box.left + box.columns):
            top, left = (y - box.top) * height, (x - box.left) * width
            target = canvas[top : top + height, left : left + width]
            _paint(target, cells[x], marks[x] is None)
            mark = marks[x]
            over = cells[x].pixels if mark is None else _picture(store, mark, cell)
            if over is not None:
                _lay(target, over)
    return Image.fromarray(canvas)


def _picture(store: KittyStore, mark: Mark, cell: tuple[int, int]) -> np.ndarray | None:
    """The pixels of a picture that a placeholder shows (RGBA)."""
    found = store.find(mark.picture, mark.placement)
    if found is None or mark.row >= found[1].rows or mark.column >= found[1].columns:
        return None
    picture, placement = found
    fitted = picture.fit(placement.columns * cell[0], placement.rows * cell[1])
    return fitted[mark.row * cell[1] : (mark.row + 1) * cell[1], mark.column * cell[0] : (mark.column + 1) * cell[0]]


def _lay(target: np.ndarray, over: np.ndarray) -> None:
    alpha = over[..., 3:].astype(np.uint16)
    mixed = (over[..., :3] * alpha + target[: over.shape[0], : over.shape[1]] * (255 - alpha)) // 255
    target[: over.shape[0], : over.shape[1]] = mixed


def _paint(target: np.ndarray, cell: Cell, text: bool) -> None:
    """Background, and the character where it is drawn: blocks as they are, a letter as a bar in the middle."""
    front, back = _rgb(cell.fg, FOREGROUND), _rgb(cell.bg, BACKGROUND)
    if cell.reverse:
        front, back = back, front
    if cell.dim:
        front = tuple((one + other) // 2 for one, other in zip(front, back, strict=True))
    target[:] = back
    height, width = target.shape[:2]
    character = cell.data[:1]
    if not text or not character.strip():
        return
    if character in _QUADRANTS or ord(character) in _SEXTANTS:
        bits, rows = (_QUADRANTS[character], 2) if character in _QUADRANTS else (_sextant(ord(character)), 3)
        for number in range(2 * rows):
            if bits >> number & 1:
                row, column = divmod(number, 2)
                target[
                    row * height // rows : (row + 1) * height // rows,
                    column * width // 2 : (column + 1) * width // 2,
                ] = front
    elif 0x2581 <= ord(character) <= 0x2587:
        target[height - (ord(character) - 0x2580) * height // 8 :] = front
    else:
        target[height // 4 : -height // 4 or None, width // 4 : -width // 4 or None] = front


def _sextant(code: int) -> int:
    """The six parts of a sextant: those that are half blocks have no code of their own."""
    bits = code - _SEXTANTS.start + 1
    return bits + (bits >= 21) + (bits + (bits >= 21) >= 42)


def _rgb(colour: Colour, default: tuple[int, int, int]) -> tuple[int, int, int]:
    if colour is None:
        return default
    if not isinstance(colour, int):
        return colour
    if colour < 16:
        return _STANDARD[colour]
    if colour < 232:
        levels = (0, 95, 135, 175, 215, 255)
        number = colour - 16
        return levels[number // 36], levels[number // 6 % 6], levels[number % 6]
    return (8 + (colour - 232) * 10,) * 3
