"""A terminal that takes pictures as the real ones do: text by pyte, Kitty pictures and Sixel down to the pixels.

Fed with what a program writes, it answers what the program asks, and shows what a person would see. Whatever no
well-behaved program would send is noted in ``problems``.
"""

import codecs
import re
from collections.abc import Callable
from typing import Final

import pyte
from PIL import Image
from support.cell_screen import CellScreen, style_words
from support.kitty_model import KittyStore
from support.screen_pixels import Box, Place, Shown, box_of, painted, render, shown_by
from support.sixel_model import BadSixel, decode
from support.terminal_kinds import TerminalKind, answer
from support.terminal_language import Reader, Token, numbers, tokens

from tui.imaging.marks import PLACEHOLDER

_OURS: Final = re.compile("[\U000f0000-\U0010eeed\U0010eeef-\U0010fffd]")
"""Private characters: inside the program they may mean a picture's cells, no terminal knows them."""

_CONTROLS: Final = {"\r": "carriage_return", "\b": "backspace", "\t": "tab"}
_ESCAPES: Final = {"7": "save_cursor", "8": "restore_cursor", "D": "index", "M": "reverse_index", "H": "set_tab_stop"}
_PYTE_MODES: Final = frozenset({6, 7, 25})
_SWITCHES: Final = frozenset({47, 1047, 1049})


class Conformance:
    """A terminal of ``columns`` × ``lines`` cells of ``cell`` pixels (width, height), without a device."""

    def __init__(self, kind: TerminalKind, columns: int, lines: int, *, cell: tuple[int, int] = (10, 20)) -> None:
        self.kind = kind
        self.cell = cell
        self.problems: list[str] = []
        self.modes: dict[int, bool] = {}
        self.on_frame: Callable[[], None] | None = None
        """Called whenever a synchronized update ends: then a person sees what was written."""
        self.hidden = False
        """In tmux: another window is before ours."""
        self.alternate = False
        self._screens = (CellScreen(columns, lines), CellScreen(columns, lines))
        keeper = kind.outer or kind
        self._stores = [
            KittyStore(
                self.problems, quota=keeper.quota, files=keeper.files, memory=keeper.memory, strict=keeper.strict
            )
            for _ in range(2)
        ]
        if kind.outer is not None:
            # tmux itself lives on the outer terminal's alternate screen, whatever we enter and leave.
            self._stores[0] = self._stores[1]
        self._reader = Reader()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._answers: list[str] = []

    # --- what it takes

    def feed(self, data: str) -> str:
        """Obey what a program writes; gives what the terminal answers to it."""
        for token in self._reader.read(data):
            self._obey(token)
        answers, self._answers = "".join(self._answers), []
        return answers

    def feed_bytes(self, data: bytes) -> bytes:
        """The same for bytes, wherever reads cut them."""
        return self.feed(self._decode(data)).encode()

    def resize(self, columns: int, lines: int, cell: tuple[int, int] | None = None) -> str:
        """Another size, or another font; gives the report of it, if the program wanted one."""
        if (columns, lines, cell or self.cell) == (*self.size, self.cell):
            return ""
        self.cell = cell or self.cell
        self._screens = tuple(screen.resized(columns, lines) for screen in self._screens)
        return self._size_report() if self.modes.get(2048) else ""

    # --- what is to be seen

    @property
    def screen(self) -> CellScreen:
        """The screen that shows."""
        return self._screens[self.alternate]

    @property
    def store(self) -> KittyStore:
        """The pictures of the screen that shows."""
        return self._stores[self.alternate]

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        return self.screen.columns, self.screen.lines

    @property
    def lines(self) -> list[str]:
        """The text that is seen, a line each; a picture's cell is one character, and a space under a Sixel."""
        return [
            "".join(cell.data[:1] if cell.pixels is None else " " for cell in self.screen.row(y))
            for y in range(self.screen.lines)
        ]

    @property
    def kept(self) -> set[int]:
        """Ids of all pictures that either screen keeps, with one that is still coming in."""
        coming = {store.loading for store in self._stores if store.loading is not None}
        return coming.union(*(store.pictures for store in self._stores))

    def shown(self) -> dict[Place, Shown]:
        """What cells show of pictures: Kitty's by placeholders, or a Sixel's pixels."""
        return shown_by(self.screen, self.store)

    def dangling(self) -> list[Place]:
        """Placeholders of pictures that are not there."""
        return [place for place, shown in self.shown().items() if shown.kind == "nothing"]

    def pictured(self, within: Box) -> set[Place]:
        """The cells of a box that show a picture, of whatever kind."""
        places = {place for place, shown in self.shown().items() if shown.kind != "nothing" and within.holds(place)}
        return places or painted(self.screen, within)

    def picture_box(self, within: Box) -> Box | None:
        """The smallest box around the cells of a box that show a picture; None where none does."""
        return box_of(self.pictured(within))

    def image(self, box: Box | None = None) -> Image.Image:
        """The screen, or a box of its cells, as pixels (RGB)."""
        return render(self.screen, self.store, self.cell, box)

    # --- inside

    def _obey(self, token: Token) -> None:
        if token.kind == "text":
            self._text(token.body)
        elif token.kind == "csi":
            self._csi(token)
        elif token.kind == "apc":
            self._apc(token.body)
        elif token.kind == "dcs":
            self._dcs(token.body)
        elif token.kind == "control":
            if token.name == "\n":
                self.screen.carriage_return()
                self.screen.linefeed()
            elif token.name in _CONTROLS:
                getattr(self.screen, _CONTROLS[token.name])()
        elif token.kind == "escape":
            self._escape(token.name)

    def _problem(self, words: str) -> None:
        if words not in self.problems:
            self.problems.append(words)

    def _text(self, text: str) -> None:
        if PLACEHOLDER in text and not (self.kind.placeholders or self.kind.outer):
            self._problem("a placeholder where it is no picture")
        if found := _OURS.search(text):
            self._problem(f"a private character reached the terminal: {found[0]!r}")
        style = self.screen.cursor.attrs
        for colour in (style.fg, style.bg):
            if not self.kind.knows(colour):
                self._problem(f"text in {colour}, where {self.kind.colours} colours are known")
        self.screen.draw(text)

    def _escape(self, name: str) -> None:
        if name in _ESCAPES:
            getattr(self.screen, _ESCAPES[name])()
        elif name == "c":
            # The pictures stay, as in kitty.
            self._screens = (CellScreen(*self.size), CellScreen(*self.size))
            self.modes.clear()
            self.alternate = False
        elif name[0] not in "()*+#%=> \\":
            self._problem(f"not understood: ESC {name}")

    def _csi(self, token: Token) -> None:
        name, body = token.name, token.body
        if name == "m" and body[:1] not in (">", "?", "<", "="):
            self.screen.style(body)
        elif name in ("h", "l") and body.startswith("?"):
            self._set_modes(numbers(body), name == "h")
        elif name == "b":
            self._repeat(numbers(body)[0] or 1)
        elif name == "n" and body == "6":
            self._answers.append(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
        elif name in ("s", "u") and not body:
            getattr(self.screen, "save_cursor" if name == "s" else "restore_cursor")()
        elif name == "!p":
            self.screen.reset()
        elif name in ("c", "q", "$p", "t", "S", "u", "n", " q") or body[:1] in ("<", "=", ">", "?"):
            self._answers.append(answer(self.kind, token, size=self.size, cell=self.cell, modes=self.modes))
        elif name == "J" and body == "22":
            self.screen.erase_in_display(2)
        elif name in pyte.Stream.csi:
            getattr(self.screen, pyte.Stream.csi[name])(*numbers(body))
        else:
            self._problem(f"not understood: CSI {body}{name}")

    def _repeat(self, count: int) -> None:
        if self.screen.last == PLACEHOLDER and count > self.kind.repeats:
            self._problem(f"REP over placeholders, of which {self.kind.repeats} are drawn")
            count = self.kind.repeats
        self.screen.repeat(count)

    def _set_modes(self, modes: list[int], on: bool) -> None:
        for mode in modes:
            before = self.modes.get(mode, False)
            self.modes[mode] = on
            if mode in _SWITCHES and before != on:
                self._switch(on)
            elif mode in _PYTE_MODES:
                for screen in self._screens:
                    (screen.set_mode if on else screen.reset_mode)(mode, private=True)
            elif mode == 2048 and on and 2048 in self.kind.modes:
                self._answers.append(self._size_report())
            elif mode == 2026 and before and not on and self.on_frame is not None:
                self.on_frame()

    def _switch(self, alternate: bool) -> None:
        if alternate:
            self.screen.save_cursor()
            self._screens[1].reset()
        self.alternate = alternate
        if not alternate:
            self.screen.restore_cursor()

    def _size_report(self) -> str:
        columns, lines = self.size
        return f"\x1b[48;{lines};{columns};{lines * self.cell[1]};{columns * self.cell[0]}t"

    def _apc(self, body: str) -> None:
        if self.kind.outer is not None:
            self._problem(f"tmux makes it the title: {body[:20]!r}")
        elif body.startswith("G"):
            self._graphics(body[1:], self.kind)

    def _graphics(self, body: str, kind: TerminalKind) -> None:
        if kind.graphics:
            self._answers.append(self.store.command(body))
        elif "a=q" not in body:
            self._problem("a Kitty picture where none is known")

    def _dcs(self, body: str) -> None:
        if body.startswith("tmux;"):
            self._pass_through(body[5:].replace("\x1b\x1b", "\x1b"))
        elif body == "$qm" and self.kind.tells_style:
            self._answers.append(f"\x1bP1$r{style_words(self.screen.cursor.attrs)}m\x1b\\")
        elif re.match("[0-9;]*q", body):
            self._sixel(body)

    def _pass_through(self, body: str) -> None:
        """What tmux hands to the terminal outside."""
        outer = self.kind.outer
        if outer is None:
            self._problem("wrapped for a tmux that is not there")
        elif self.kind.passthrough == "all" or (self.kind.passthrough == "on" and not self.hidden):
            for token in tokens(body):
                if token.kind == "apc":
                    self._graphics(token.body[1:], outer)
                elif token.kind == "csi":
                    # tmux reads the outer terminal's answers; those it does not know it hands to us.
                    self._answers.append(answer(outer, token, size=self.size, cell=self.cell, modes={}))

    def _sixel(self, body: str) -> None:
        if not self.kind.sixel:
            self._problem("a Sixel where none is known")
            return
        try:
            pixels = decode(body)
        except BadSixel as error:
            self._problem(f"Sixel: {error}")
            return
        height, width = pixels.shape[:2]
        most = self.kind.sixel_limit
        if most[0] and (width > most[0] or height > most[1]):
            self._problem(f"a Sixel of {width}×{height} is not drawn where {most[0]}×{most[1]} is the limit")
            return
        screen = self.screen
        if self.modes.get(80):
            screen.cursor_position()
            screen.lay(pixels[: screen.lines * self.cell[1]], self.cell)
            return
        if screen.place(pixels, self.cell, below=self.kind.below):
            self._problem("a Sixel scrolled the screen")
