"""What a program writes for Kitty pictures, spelt out for tests of terminals."""

import base64
import io

from PIL import Image
from support.conformance import Conformance
from support.screen_pixels import Box
from support.terminal_kinds import KITTY, TerminalKind

from tui.imaging.marks import DIACRITICS, PLACEHOLDER

RED, GREEN = (255, 0, 0), (0, 255, 0)
CELL = (10, 20)


def payload(colour: tuple[int, int, int] = RED, size: tuple[int, int] = (40, 40)) -> str:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def graphics(keys: str, data: str = "") -> str:
    return f"\x1b_G{keys};{data}\x1b\\" if data else f"\x1b_G{keys}\x1b\\"


def sent(number: int, colour: tuple[int, int, int] = RED, size: tuple[int, int] = (40, 40)) -> str:
    return graphics(f"a=t,f=100,i={number},q=2", payload(colour, size))


def placed(number: int, more: str = "c=4,r=2") -> str:
    return graphics(f"a=p,U=1,i={number},{more},q=2")


def cells(style: str, row: int = 0, columns: int = 4, third: int | None = None) -> str:
    """One row of placeholders, each spelt out, at the line of that row."""
    high = "" if third is None else DIACRITICS[third]
    spelt = "".join(PLACEHOLDER + DIACRITICS[row] + DIACRITICS[column] + high for column in range(columns))
    return f"\x1b[{row + 1};1H\x1b[{style}m{spelt}\x1b[m"


def rgb(number: int) -> str:
    return f"38;2;{number >> 16 & 255};{number >> 8 & 255};{number & 255}"


def terminal(kind: TerminalKind = KITTY, *writes: str) -> Conformance:
    made = Conformance(kind, 20, 6, cell=CELL)
    for write in writes:
        made.feed(write)
    return made


def colour_at(shown: Conformance, y: int, x: int) -> tuple[int, int, int]:
    return shown.image(Box(x, y, 1, 1)).getpixel((5, 10))


def wrapped(command: str) -> str:
    return "\x1bPtmux;" + command.replace("\x1b", "\x1b\x1b") + "\x1b\\"
