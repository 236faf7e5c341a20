"""What stands in each cell of the terminal, followed from the frames that Textual writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from rich.cells import cell_len, get_character_cell_size

from tui.terminal.blocks import ARENAS, RUN, Block

Place: TypeAlias = tuple[int, int]
"""Row and column, from 0."""

WriteRun: TypeAlias = Callable[[str], str]
"""Gets a run of picture cells, records it as text or pieces, and gives what to write for it."""


_FIRST: Final = chr(min(first for first, _ in ARENAS))


class Cell(NamedTuple):
    """Colours and attributes as escape sequences, and the text; empty for the right half of a wide character."""

    style: str
    text: str

    @property
    def pictured(self) -> bool:
        """True for a cell of a picture."""
        return self.text >= _FIRST


_TOKEN: Final = re.compile(
    r"\x1b\[(?P<parameters>[0-9;:<=>?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[P\]X^_][^\x1b\x07]*(?:\x1b\\|\x07)"
    r"|\x1b[^\[\x1b]"
    r"|(?P<control>[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|\x1b"
)


class Screen:
    """The cells written so far. ``x``, ``y`` and ``style`` are the cursor's while a frame is played.

    Without ``keeps_text`` only the cells of pictures are known, at a fraction of the cost.
    """

    def __init__(self, *, keeps_text: bool) -> None:
        self._keeps_text = keeps_text
        self._rows: dict[int, dict[int, Cell]] = {}
        self.x = 0
        self.y = 0
        self.style = ""
        self.bereft: set[Place] = set()
        """Right neighbours of picture cells that text took the place of, in this frame (without text kept)."""

    @property
    def empty(self) -> bool:
        """True when no cell is known."""
        return not self._rows

    def at(self, place: Place) -> Cell | None:
        """The cell at ``place``, as far as it is known."""
        return self._rows.get(place[0], {}).get(place[1])

    def forget(self) -> None:
        """Nothing is known any more."""
        self._rows.clear()

    def forget_block(self, block: Block) -> None:
        """Cells of this picture are not known any more: its characters may come to mean another."""
        for row in self._rows.values():
            gone = [x for x, cell in row.items() if cell.pictured and block.first <= ord(cell.text) < block.end]
            for x in gone:
                del row[x]

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
            elif text.isascii():
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

    def put_text(self, text: str) -> None:
        """Text was written at the cursor."""
        row = self._rows.get(self.y)
        if self._keeps_text:
            self._keep(self._rows.setdefault(self.y, {}) if row is None else row, text)
            return
        start = self.x
        self.x += len(text) if text.isascii() else cell_len(text)
        if row:
            for x in range(start, self.x):
                if row.pop(x, None) is not None:
                    self.bereft.add((self.y, x + 1))

    def put_run(self, run: str) -> bool:
        """Cells of pictures were written at the cursor; True if any of them was not there before."""
        row = self._rows.setdefault(self.y, {})
        changed = False
        _halve(row, self.x - 1, self.x)
        for character in run:
            before = row.get(self.x)
            changed = changed or before is None or before.text != character
            row[self.x] = Cell(self.style, character)
            self.x += 1
        _halve(row, self.x, self.x)
        return changed

    def _keep(self, row: dict[int, Cell], text: str) -> None:
        style, x = self.style, self.x
        plain = text.isascii()
        # Most text is a few different characters, spaces above all.
        made = {character: Cell(style, character) for character in set(text)}
        _halve(row, x - 1, x)
        for character in text:
            width = 1 if plain else get_character_cell_size(character)
            if width == 0:
                before = row.get(x - 1)
                if before is not None and not before.pictured:
                    row[x - 1] = Cell(before.style, before.text + character)
                continue
            row[x] = made[character]
            if width == 2:
                row[x + 1] = Cell(style, "")
            x += width
        self.x = x
        _halve(row, x, x)

    def _obey(self, token: re.Match[str]) -> None:
        """Cursor moves, styles, and erasing, as far as Textual's frames have them."""
        final, parameters = token["final"], token["parameters"]
        if final == "m":
            self.style = "" if parameters in ("", "0") else self.style + token.group()
        elif final in ("H", "f"):
            row, _, column = parameters.partition(";")
            self.y, self.x = _number(row) - 1, _number(column) - 1
        elif final == "C":
            self.x += _number(parameters)
        elif final == "J":
            self.forget()
        elif token["control"] == "\n":
            self.y, self.x = self.y + 1, 0
        elif token["control"] == "\r":
            self.x = 0


def _number(parameter: str) -> int:
    """A parameter of a control sequence; 1 where it is left out."""
    return int(parameter) if parameter.isdecimal() else 1


def _halve(row: dict[int, Cell], x: int, right: int) -> None:
    """If a wide character's right half is at ``right``, what is left of it at ``x`` is blank."""
    half = row.get(right)
    if half is not None and not half.text and x in row:
        row[x] = Cell(half.style, " ")


def move(place: Place) -> str:
    """The escape sequence that puts the cursor there."""
    return f"\x1b[{place[0] + 1};{place[1] + 1}H"
