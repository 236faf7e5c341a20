"""Pictures of text: their cells travel through Textual as one character each, and are written with their colours here.

A row of half blocks in 80 pairs of colours would be 80 segments with a style each, which Textual looks through half
a dozen times a frame, and keeps for later. So it is one segment, as long as the driver knows what it means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.terminal.blocks import Block, Blocks
from tui.terminal.inks import Ink, coloured
from tui.terminal.screen import Screen
from tui.terminal.wire import Wire, Write


class TextWire(Wire):
    """The terminal keeps nothing of these pictures: what is not seen any more need not be freed."""

    def __init__(self, write: Write, screen: Screen, blocks: Blocks) -> None:
        super().__init__(write, screen, blocks)
        self._texts: dict[Block, Sequence[str]] = {}

    def show_text(self, lines: Sequence[str], columns: int) -> Block:
        """Keep a picture to be written where its cells are; gives the characters for them. Raises NoRoom.

        ``lines`` are ``columns`` characters wide. Each begins with the SGR of both its colours, and where one of
        them changes there is another one with that.
        """
        block = self._blocks.take(columns, len(lines))
        self._texts[block] = lines
        return block

    def release(self, block: Block) -> None:
        """Forget the picture; other text is over its cells already."""
        if self._texts.pop(block, None) is not None:
            self._screen.forget_block(block)
            self._blocks.give_back(block)

    def farewell(self) -> str:
        """Leaving the alternate screen leaves nothing of it."""
        for block in [*self._texts]:
            self.release(block)
        return ""

    def spell(self, run: str, ink: Ink) -> Iterator[tuple[Ink, str]]:
        """Text in its own colours, after which there are none; cells of pictures that are gone are blank."""
        for piece in self._blocks.pieces(run):
            lines = None if piece.block is None else self._texts.get(piece.block)
            if piece.block is None or lines is None:
                yield ink, " " * piece.length
                continue
            line = lines[piece.row]
            if piece.length < piece.block.columns:
                line = part_of(line, piece.column, piece.length)
            yield self._screen.inks.plain, f"{line}\x1b[m"


def part_of(line: str, first: int, length: int) -> str:
    """``length`` characters of a line from the one ``first`` on, with the colours that they have in it."""
    written: list[str] = []
    x, end = 0, first + length
    for sgr, fore, back, text in coloured(line):
        seen = text[max(0, first - x) : max(0, end - x)]
        x += len(text)
        if seen:
            written.append(f"\x1b[{sgr if written else f'{fore};{back}'}m{seen}")
    return "".join(written)
