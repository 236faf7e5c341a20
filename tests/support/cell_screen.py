"""One screen of cells: pyte's, whose cells also know what pictures need (underline colour, Sixel pixels)."""

import copy
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pyte
from pyte import modes
from wcwidth import wcwidth

Colour: TypeAlias = int | tuple[int, int, int] | None
"""One of 256; red, green and blue; None for the default."""

_ATTRIBUTES: Final = {1: "bold", 2: "dim", 3: "italics", 4: "underscore", 5: "blink", 7: "reverse", 9: "strikethrough"}
_OFF: Final = {
    22: ("bold", "dim"),
    23: ("italics",),
    24: ("underscore",),
    25: ("blink",),
    27: ("reverse",),
    29: ("strikethrough",),
}
_COLOURS: Final = {38: "fg", 48: "bg", 58: "underline", 39: "fg", 49: "bg", 59: "underline"}


class Cell(NamedTuple):
    """A character with its style. ``pixels`` (height, width, RGBA) is what a Sixel left over it."""

    data: str = " "
    fg: Colour = None
    bg: Colour = None
    bold: bool = False
    italics: bool = False
    underscore: bool = False
    strikethrough: bool = False
    reverse: bool = False
    blink: bool = False
    dim: bool = False
    underline: Colour = None
    pixels: np.ndarray | None = None


@lru_cache(maxsize=4096)
def _width(character: str) -> int:
    return max(0, int(wcwidth(character)))


class CellScreen(pyte.Screen):
    """A screen of ``columns`` × ``lines``. Any text or erasing takes the Sixel pixels of its cells away."""

    def __init__(self, columns: int, lines: int) -> None:
        self._saved: tuple[pyte.screens.Cursor, bool] | None = None
        self.last = ""
        super().__init__(columns, lines)

    @property
    def default_char(self) -> Cell:
        """An empty cell."""
        return Cell()

    def reset(self) -> None:
        """As new."""
        super().reset()
        self.cursor.attrs = Cell()
        self._saved = None

    def row(self, y: int) -> list[Cell]:
        """The cells of a line from left to right."""
        line = self.buffer[y]
        return [line[x] for x in range(self.columns)]

    def draw(self, data: str) -> None:
        """Text at the cursor; a wide character that loses a half loses the other too."""
        for character in data:
            width = _width(character)
            if width == 0:
                self._combine(character)
                continue
            if self.cursor.x + width > self.columns:
                if modes.DECAWM in self.mode:
                    self.carriage_return()
                    self.linefeed()
                else:
                    self.cursor.x = self.columns - width
            line, x = self.buffer[self.cursor.y], self.cursor.x
            if line[x].data == "" and x > 0:
                line[x - 1] = line[x - 1]._replace(data=" ")
            line[x] = self.cursor.attrs._replace(data=character)
            if width == 2:
                line[x + 1] = self.cursor.attrs._replace(data="")
            if x + width < self.columns and line[x + width].data == "":
                line[x + width] = line[x + width]._replace(data=" ")
            self.cursor.x = x + width
            self.last = character

    def _combine(self, character: str) -> None:
        if self.cursor.x:
            line = self.buffer[self.cursor.y]
            cell = line[self.cursor.x - 1]
            line[self.cursor.x - 1] = cell._replace(data=cell.data + character)

    def repeat(self, count: int) -> None:
        """REP: the last character again, bare of its marks."""
        self.draw(self.last * count)

    def save_cursor(self) -> None:
        """DECSC: place and style, until the next one."""
        self._saved = (copy.copy(self.cursor), modes.DECOM in self.mode)

    def restore_cursor(self) -> None:
        """DECRC, as often as one likes; without a DECSC the upper left corner."""
        if self._saved is None:
            self.cursor_position()
            return
        hidden = self.cursor.hidden
        self.cursor = copy.copy(self._saved[0])
        self.cursor.hidden = hidden
        self.ensure_hbounds()
        self.ensure_vbounds()

    def style(self, parameters: str) -> None:
        """SGR, with colours in the forms of ISO 8613-6 (colons) and of everybody (semicolons)."""
        parts = [[int(number or 0) for number in part.split(":")] for part in parameters.split(";")]
        change: dict[str, object] = {}
        while parts:
            first, *rest = parts.pop(0)
            if first == 0:
                change = Cell()._asdict()
            elif first in (38, 48, 58):
                change[_COLOURS[first]] = _colour(rest, parts)
            elif first in (39, 49, 59):
                change[_COLOURS[first]] = None
            elif first in _ATTRIBUTES:
                change[_ATTRIBUTES[first]] = rest != [0]
            elif first in _OFF:
                change.update(dict.fromkeys(_OFF[first], False))
            elif 30 <= first <= 37 or 90 <= first <= 97:
                change["fg"] = first - 30 if first < 40 else first - 82
            elif 40 <= first <= 47 or 100 <= first <= 107:
                change["bg"] = first - 40 if first < 50 else first - 92
        self.cursor.attrs = self.cursor.attrs._replace(**change)

    def lay(self, pixels: np.ndarray, cell: tuple[int, int]) -> None:
        """Put ``pixels`` (height, width, RGBA) over the cells from the cursor on; what is clear covers nothing."""
        width, height = cell
        for row in range(-(-pixels.shape[0] // height)):
            line = self.buffer[self.cursor.y + row]
            for column in range(min(-(-pixels.shape[1] // width), self.columns - self.cursor.x)):
                part = pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]
                x = self.cursor.x + column
                line[x] = line[x]._replace(pixels=_over(part, line[x].pixels, cell))

    def place(self, pixels: np.ndarray, cell: tuple[int, int], *, below: bool) -> bool:
        """A Sixel at the cursor, which ends on its last line, or ``below``; True if the screen scrolled for it."""
        rows = -(-pixels.shape[0] // cell[1])
        column, top = self.cursor.x, self.cursor.y
        over = max(0, top + rows + below - self.lines)
        if over:
            self.cursor.y = self.lines - 1
            for _ in range(over):
                self.index()
            top -= over
            # What was scrolled out at the top is gone.
            pixels = pixels[max(0, -top) * cell[1] :]
            rows -= max(0, -top)
            self.cursor_position(max(0, top) + 1, column + 1)
        self.lay(pixels, cell)
        self.cursor_down(rows - 1 + below)
        return over > 0

    def resized(self, columns: int, lines: int) -> "CellScreen":
        """The same cells as far as they fit, cut at the right and below; Sixels are gone."""
        screen = CellScreen(columns, lines)
        for y in range(min(lines, self.lines)):
            for x, cell in self.buffer[y].items():
                if x < columns:
                    screen.buffer[y][x] = cell._replace(pixels=None)
        screen.mode = self.mode
        screen.cursor = self.cursor
        screen.ensure_hbounds()
        screen.ensure_vbounds()
        return screen


def _over(part: np.ndarray, before: np.ndarray | None, cell: tuple[int, int]) -> np.ndarray | None:
    if not part[..., 3].any():
        return before
    tile = np.zeros((cell[1], cell[0], 4), np.uint8) if before is None else before.copy()
    target = tile[: part.shape[0], : part.shape[1]]
    target[part[..., 3] > 0] = part[part[..., 3] > 0]
    return tile


def _colour(rest: list[int], parts: list[list[int]]) -> Colour:
    """The colour behind 38, 48 or 58: in the same part (colons) or in the next ones (semicolons)."""
    if rest:
        return rest[1] if rest[0] == 5 else (rest[-3], rest[-2], rest[-1])
    kind = parts.pop(0)[0] if parts else 5
    wanted = [parts.pop(0)[0] if parts else 0 for _ in range(1 if kind == 5 else 3)]
    return wanted[0] if kind == 5 else (wanted[0], wanted[1], wanted[2])


def style_words(cell: Cell) -> str:
    """A style as SGR parameters, as terminals tell it (DECRQSS)."""
    words = ["0", *(str(number) for number, name in _ATTRIBUTES.items() if getattr(cell, name))]
    for number, colour in ((38, cell.fg), (48, cell.bg)):
        if isinstance(colour, int):
            words.append(f"{number}:5:{colour}")
        elif colour is not None:
            words.append(f"{number}:2:{colour[0]}:{colour[1]}:{colour[2]}")
    return ";".join(words)
