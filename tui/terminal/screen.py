"""What stands in each cell of the terminal, followed from the frames that Textual writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from rich.cells import get_character_cell_size

from tui.imaging.marks import DIACRITICS, PLACEHOLDER

Place: TypeAlias = tuple[int, int]
"""Row and column, from 0."""

WriteRun: TypeAlias = Callable[[str], str]
"""Gets a run of picture cells, records it as text or pieces, and gives what to write for it."""


_NUMBER: Final = {mark: number for number, mark in enumerate(DIACRITICS)}


class Piece(NamedTuple):
    """Cells of one picture side by side: where they are in it, and the text of the first."""

    slot: int
    row: int
    column: int
    length: int
    first: str


def pieces(run: str) -> list[Piece]:
    """A run of picture cells, cut where one is not the next of the same picture's row."""
    found: list[Piece] = []
    for at in range(0, len(run), 4):
        row, column, slot = _NUMBER[run[at + 1]], _NUMBER[run[at + 2]], _NUMBER[run[at + 3]]
        last = found[-1] if found else None
        if last is not None and (slot, row, column) == (last.slot, last.row, last.column + last.length):
            found[-1] = last._replace(length=last.length + 1)
        else:
            found.append(Piece(slot, row, column, 1, run[at : at + 4]))
    return found


def piece_of(cell: str) -> Piece:
    """The piece that one picture cell's text is."""
    return pieces(cell)[0]


class Cell(NamedTuple):
    """Colours and attributes as escape sequences, and the text; empty for the right half of a wide character."""

    style: str
    text: str

    @property
    def pictured(self) -> bool:
        """True for a cell of a picture."""
        return self.text.startswith(PLACEHOLDER)


RUN: Final = re.compile(f"((?:{PLACEHOLDER}[{DIACRITICS}]{{3}})+)")
"""Cells of pictures side by side: placeholder, row, column, slot."""

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
            elif PLACEHOLDER not in text:
                written.append(text)
                self.put_text(text)
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

    def put_pieces(self, piece: Piece) -> bool:
        """Cells of a picture were written at the cursor; True if any of them was not there before."""
        changed = False
        for column in range(piece.column, piece.column + piece.length):
            text = PLACEHOLDER + DIACRITICS[piece.row] + DIACRITICS[column] + DIACRITICS[piece.slot]
            before = self.cells.get((self.y, self.x))
            changed = changed or before is None or before.text != text
            self.cells[self.y, self.x] = Cell(self.style, text)
            self.x += 1
        return changed

    def forget_slot(self, slot: int) -> None:
        """Cells of this picture are not known any more: its number may come to mean another."""
        mark = DIACRITICS[slot]
        gone = [at for at, cell in self.cells.items() if cell.pictured and cell.text[3] == mark]
        for at in gone:
            del self.cells[at]


def move(place: Place) -> str:
    """The escape sequence that puts the cursor there."""
    return f"\x1b[{place[0] + 1};{place[1] + 1}H"
