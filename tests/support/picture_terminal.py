"""Terminals that understand pictures, as far as frames of ours go: what stands in each cell afterwards."""

import re

from tui.imaging.marks import DIACRITICS, PLACEHOLDER

_TOKEN = re.compile(
    r"\x1b\[(?P<parameters>[0-9;:<=>?]*)(?P<final>[@-~])"
    r"|\x1bP(?P<sixel>[0-9;]*q[^\x1b]*)\x1b\\"
    r"|\x1b_G(?P<graphics>[^\x1b]*)\x1b\\"
    r"|\x1b(?P<short>[78])"
    r"|(?P<line>[\r\n])"
    r"|(?P<character>[^\x1b\r\n])",
    re.DOTALL,
)


class PictureTerminal:
    """Cursor, foreground, cells of text; the kinds of terminal add their pictures."""

    def __init__(self) -> None:
        self.x = self.y = 0
        self.foreground = ""
        self.saved = (0, 0)
        self.last = ""
        self.text: dict[tuple[int, int], str] = {}

    def feed(self, data: str) -> None:
        """Take what an app writes."""
        position = 0
        while position < len(data):
            token = _TOKEN.match(data, position)
            assert token is not None, f"not understood: {data[position : position + 40]!r}"
            position = token.end()
            self._take(token)

    def _take(self, token: re.Match[str]) -> None:
        if token["character"] is not None:
            self.put(token["character"])
        elif token["final"] is not None:
            self.control(token["final"], token["parameters"])
        elif token["short"] == "7":
            self.saved = (self.y, self.x)
        elif token["short"] == "8":
            self.y, self.x = self.saved
        elif token["sixel"] is not None:
            self.sixel(token["sixel"])
        elif token["graphics"] is not None:
            self.graphics(token["graphics"])
        elif token["line"] == "\n":
            self.y, self.x = self.y + 1, 0

    def control(self, final: str, parameters: str) -> None:
        """The control sequences that frames have."""
        if final == "H":
            row, _, column = parameters.partition(";")
            self.y, self.x = int(row) - 1, int(column) - 1
        elif final == "C":
            self.x += int(parameters)
        elif final == "m":
            self.style(parameters)
        elif final == "b":
            for _ in range(int(parameters)):
                self.put(self.last)

    def style(self, parameters: str) -> None:
        """Only the foreground matters: it carries a picture's number."""
        if parameters in ("", "0", "39"):
            self.foreground = ""
        elif found := re.search(r"38;2;(\d+;\d+;\d+)", parameters):
            self.foreground = found[1]

    def put(self, character: str) -> None:
        """One character at the cursor."""
        self.text[self.y, self.x] = character
        self.last = character
        self.x += 1

    def sixel(self, data: str) -> None:
        """A Sixel string at the cursor."""
        raise AssertionError("no Sixel here")

    def graphics(self, data: str) -> None:
        """A Kitty graphics command."""
        raise AssertionError("no Kitty graphics here")


class KittyTerminal(PictureTerminal):
    """Placeholders as the protocol says: bare ones lean on their left neighbour."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: dict[tuple[int, int], tuple[str, list[int]]] = {}
        self.payloads: dict[str, str] = {}
        self.placed: dict[str, tuple[int, int]] = {}
        self._sending = ""

    def put(self, character: str) -> None:
        if character in DIACRITICS:
            self.marks[self.y, self.x - 1][1].append(DIACRITICS.index(character))
            return
        self.marks.pop((self.y, self.x), None)
        if character == PLACEHOLDER:
            self.marks[self.y, self.x] = (self.foreground, [])
        super().put(character)

    def graphics(self, data: str) -> None:
        keys, _, payload = data.partition(";")
        options = dict(pair.split("=") for pair in keys.split(","))
        assert options["q"] == "2"
        number = options.get("i", self._sending)
        if options.get("a") == "p":
            assert number in self.payloads
            self.placed[number] = (int(options["c"]), int(options["r"]))
        elif options.get("a") == "d" and options["d"] == "I":
            self.payloads.pop(number, None)
            self.placed.pop(number, None)
        elif options.get("a", "t") == "t":
            self._sending = number
            self.payloads[number] = self.payloads.get(number, "") + payload

    def shown(self) -> dict[tuple[int, int], object]:
        """For each cell its character, or (image number, row, column)."""
        found: dict[tuple[int, int], object] = {}
        before: tuple[tuple[int, int], str, int, int] | None = None
        for (y, x), character in sorted(self.text.items()):
            found[y, x] = character
            if (y, x) not in self.marks:
                continue
            colour, numbers = self.marks[y, x]
            red, green, blue = map(int, colour.split(";"))
            number = str(red << 16 | green << 8 | blue)
            row, column = [*numbers, 0, 0][:2]
            if not numbers and before is not None and before[:2] == ((y, x - 1), colour):
                row, column = before[2], before[3] + 1
            before = ((y, x), colour, row, column)
            found[y, x] = (number, row, column) if number in self.placed else " "
        return found


class SixelTerminal(PictureTerminal):
    """Pixels over text: a Sixel covers whole cells, any character erases the pixels of its cell."""

    def __init__(self, cell: tuple[int, int]) -> None:
        super().__init__()
        self.cell = cell
        self.pixels: dict[tuple[int, int], tuple[str, int, int]] = {}
        self.drawn = 0

    def put(self, character: str) -> None:
        self.pixels.pop((self.y, self.x), None)
        super().put(character)

    def sixel(self, data: str) -> None:
        found = re.search(r'"1;1;(\d+);(\d+)', data)
        assert found is not None
        self.drawn += 1
        for row in range(int(found[2]) // self.cell[1]):
            for column in range(int(found[1]) // self.cell[0]):
                self.pixels[self.y + row, self.x + column] = (data, row, column)

    def shown(self) -> dict[tuple[int, int], object]:
        """For each cell its character, or (Sixel string, row, column)."""
        return {**self.text, **self.pixels}
