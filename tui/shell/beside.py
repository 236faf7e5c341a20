"""Small pictures beside the rows of ``history --images``: Kitty pictures, else block symbols in colours."""

import io
import os
from base64 import standard_b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.color import ColorSystem

from tui import streams
from tui.domain.generation import Generation
from tui.domain.query import Query
from tui.imaging.picture import PictureError
from tui.imaging.prepare import refit
from tui.imaging.symbols import Glyphs
from tui.imaging.text import Depth, grid, pictured
from tui.imaging.thumbnails import GRID, Thumbnail, Thumbnails
from tui.settings import Settings
from tui.shell.table import Piece, words_beside
from tui.terminal.facts import TerminalFacts, choose
from tui.terminal.probe import probe
from tui.widgets.text_lines import TextLines

COLUMNS: Final = 12
LINES: Final = 4
"""Cells that a picture has, across and down."""

_GAP: Final = "  "
_BLACK: Final = (0, 0, 0)
_CHUNK: Final = 4096
"""Bytes of a picture that one command carries at most (Kitty graphics protocol, "Remote client")."""


def print_pictures(generations: Sequence[Generation], query: Query, settings: Settings, room: int) -> bool:
    """Print generations with their pictures, some lines each; False where the terminal can show none."""
    facts = choose(probe(settings.images, spare=True), settings.images, link=settings.link)
    if facts.protocol == "none" or room < 3 * COLUMNS:
        streams.note(facts.why if facts.protocol == "none" else "There is no room for pictures.")
        return False
    thumbnails = Thumbnails(settings.cache_dir / "thumbnails")
    now = datetime.now()
    for generation in generations:
        words = words_beside(generation, query, room - COLUMNS - len(_GAP), now)
        thumbnail = _thumbnail(generation, thumbnails)
        by_kitty = facts.protocol == "kitty" and not facts.tmux
        _print(_symbols(thumbnail, facts) if thumbnail is not None and not by_kitty else (), words)
        if thumbnail is not None and by_kitty:
            # The cursor goes up to where the picture begins and comes back; the picture does not move it.
            streams.write_out(b"\x1b[%dA%b\x1b[%dB" % (LINES, _kitty(thumbnail, facts), LINES))
    return True


def _thumbnail(generation: Generation, thumbnails: Thumbnails) -> Thumbnail | None:
    image = generation.final_image
    if image is None or image.missing:
        return None
    try:
        return thumbnails.make(image.path, side=GRID)
    except PictureError:
        return None


def _print(picture: Sequence[tuple[str, int]], words: Sequence[Sequence[Piece]]) -> None:
    """Lines of a picture, each with the cells that it takes, and of words beside them."""
    for number in range(LINES):
        line, cells = picture[number] if number < len(picture) else ("", 0)
        streams.write_out(f"{line}{' ' * (COLUMNS - cells)}{_GAP}".encode())
        streams.print_looks(words[number] if number < len(words) else ())


def _symbols(thumbnail: Thumbnail, facts: TerminalFacts) -> list[tuple[str, int]]:
    """The picture as lines of block symbols in as many colours as there are."""
    glyphs: Glyphs = "half"
    if facts.protocol == "symbols":
        glyphs = "sextant" if facts.sextants else "quadrant"
    depth, system = _colours(facts)
    across, down = grid(glyphs, depth)
    prepared = refit(
        thumbnail.image,
        thumbnail.info,
        (COLUMNS * across, LINES * down),
        background=_BLACK,
        pixel_aspect=(facts.cell_width / across) / (facts.cell_height / down),
        multiple=(across, down),
    )
    text = TextLines(pictured(prepared.image, glyphs=glyphs, depth=depth), system)
    return [(f"{line}\x1b[0m", text.columns) for line in text.lines]


def _colours(facts: TerminalFacts) -> tuple[Depth, ColorSystem | None]:
    if not streams.prints_colour():
        return "none", None
    if facts.truecolor:
        return "true", ColorSystem.TRUECOLOR
    if "256" in os.environ.get("TERM", ""):
        return "256", ColorSystem.EIGHT_BIT
    return "16", ColorSystem.STANDARD


def _kitty(thumbnail: Thumbnail, facts: TerminalFacts) -> bytes:
    """The commands that show the picture where the cursor stands, which stays (C=1); nobody answers (q=2)."""
    box = COLUMNS * facts.cell_width, LINES * facts.cell_height
    prepared = refit(thumbnail.image, thumbnail.info, box, background=_BLACK)
    stream = io.BytesIO()
    prepared.image.save(stream, "PNG")
    return b"".join(_commands(standard_b64encode(stream.getvalue())))


def _commands(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK):
        head = b"a=T,f=100,q=2,C=1," if start == 0 else b""
        more = start + _CHUNK < len(data)
        yield b"\x1b_G%bm=%d;%b\x1b\\" % (head, more, data[start : start + _CHUNK])
