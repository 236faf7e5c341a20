"""What stands in each cell of the terminal, followed from the frames that Textual writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from rich.cells import get_character_cell_size

from tui.terminal.blocks import RUN, Block

Place: TypeAlias = tuple[int, int]
"""Row and column, from 0."""

WriteRun: TypeAlias = Callable[[str], str]
"""Gets a run of picture cells, records it as text or pieces, and gives what to write for it."""


class Cell(NamedTuple):
    """Colours and attributes as escape sequences, and the text; empty for the right half of a wide character."""

    style: str
    text: str

    @property
    def pictured(self) -> bool:
        """True for a cell of a picture."""
        return RUN.match(self.text) is not None


_TOKEN: Final = re.compile(
    r"\x1b\[(?P<parameters>[0-9;:<=>?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[P\]X^_][^\x1b\x07]*(?:\x1b\\|\x07)"
    r"|\x1b[^\[]"
    r"|(?P<control>[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)


class Screen:
    """The cells written so far. ``x``, ``y`` and ``style`` are the cursor's while a frame is played."""

    def __init__(self) -> None:
        self.cells: dict[Place, Cell] = {}
        self.x = 0
        self.y = 0
        self.style = ""
        self.bereft: set[Place] = set()
        """Right neighbours of picture cells that text took the place of, in this frame."""

    def forget(self) -> None:
        """Nothing is known any more."""
        self.cells.clear()

    def play(self, frame: str, write_run: WriteRun) -> str:
        """Follow one frame; gives it with every run of picture cells replaced by what ``write_run`` says."""
        self.bereft.clear()
        self.style = ""
        written: list[str] = []
        for token in _TOKEN.finditer(frame):
            text = token["text"]
            if text is None:
                written.append(token.group())
                self._obey(token)
            else:
                for number, piece in enumerate(RUN.split(text)):
                    if number % 2:
                        written.append(write_run(piece))
                    elif piece:
                        written.append(piece)
                        self.put_text(piece)
        return "".join(written)

    def _obey(self, token: re.Match[str]) -> None:
        """Cursor moves, styles, and erasing, as far as Textual's frames have them."""
        final, parameters = token["final"], token["parameters"]
        if final == "m":
            self.style = "" if parameters in ("", "0") else self.style + token.group()
        elif final in ("H", "f"):
            row, _, column = parameters.partition(";")
            self.y, self.x = int(row or 1) - 1, int(column or 1) - 1
        elif final == "C":
            self.x += int(parameters or 1)
        elif final == "J":
            self.forget()
        elif token["control"] == "\n":
            self.y, self.x = self.y + 1, 0
        elif token["control"] == "\r":
            self.x = 0

    def put_text(self, text: str) -> None:
        """Text was written at the cursor."""
        cells, style, y, x = self.cells, self.style, self.y, self.x
        plain = text.isascii()
        self._halve(x - 1, x)
        for character in text:
            width = 1 if plain else get_character_cell_size(character)
            if width == 0:
                before = cells.get((y, x - 1))
                if before is not None and not before.pictured:
                    cells[y, x - 1] = Cell(before.style, before.text + character)
                continue
            for part in range(width):
                before = cells.get((y, x))
                if before is not None and before.pictured:
                    self.bereft.add((y, x + 1))
                cells[y, x] = Cell(style, "" if part else character)
                x += 1
        self.x = x
        self._halve(x, x)

    def put_run(self, run: str) -> bool:
        """Cells of pictures were written at the cursor; True if any of them was not there before."""
        changed = False
        self._halve(self.x - 1, self.x)
        for character in run:
            before = self.cells.get((self.y, self.x))
            changed = changed or before is None or before.text != character
            self.cells[self.y, self.x] = Cell(self.style, character)
            self.x += 1
        self._halve(self.x, self.x)
        return changed

    def _halve(self, x: int, right: int) -> None:
        """If a wide character's right half is at ``right``, what is left of it at ``x`` is blank."""
        half = self.cells.get((self.y, right))
        if half is not None and not half.text and (self.y, x) in self.cells:
            self.cells[self.y, x] = Cell(half.style, " ")

    def forget_block(self, block: Block) -> None:
        """Cells of this picture are not known any more: its characters may come to mean another."""
        gone = [at for at, cell in self.cells.items() if cell.pictured and block.first <= ord(cell.text) < block.end]
        for at in gone:
            del self.cells[at]


def move(place: Place) -> str:
    """The escape sequence that puts the cursor there."""
    return f"\x1b[{place[0] + 1};{place[1] + 1}H"
