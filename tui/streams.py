"""Standard output and standard error as the command uses them; no control character reaches a terminal.

A reader that goes away (``image-gen … | head -1``) stops the printing, not the work.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final, TextIO

from tui.domain.errors import DiskError, ImageGenError
from tui.domain.words import one_line, printable, wait_words

_BOLD_RED: Final = "\x1b[1;31m"
_YELLOW: Final = "\x1b[33m"
_RESET: Final = "\x1b[0m"
_LINES_TOLD: Final = 20
_PIECE: Final = 256 * 1024
_LINE: Final = 100_000
_LEAST_BESIDE: Final = 24
"""Cells that words get in a line beside something, and any line at all."""


def abandon_stdout() -> None:
    """Send what is still to be printed nowhere, so that Python's own flush at exit finds no broken pipe."""
    _abandon(1)


def _abandon(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def write_out(data: bytes) -> None:
    """Write to standard output at once.

    Raises DiskError where it cannot take it (a full disk behind a redirection).
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        abandon_stdout()
    except OSError as error:
        abandon_stdout()
        raise DiskError(
            error.strerror or str(error),
            title="Standard output cannot be written",
            hint="The pictures are in the library all the same.",
        ) from error


def copy_out(path: Path) -> None:
    """Write a file to standard output in pieces, so that a big one costs no memory. Raises OSError, DiskError."""
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            write_out(piece)


def print_line(text: str) -> None:
    """One line on standard output, as it is; on a terminal without what could steer it.

    A path that is no UTF-8 comes out as the bytes it has.
    """
    # Spaces are not folded: they are the columns of a table, or stand in a path.
    shown = printable(text[:_LINE]).replace("\n", " ") if is_terminal(sys.stdout) else text
    write_out(shown.encode("utf-8", "surrogateescape") + b"\n")


def print_looks(pieces: Iterable[tuple[str, str]]) -> None:
    """One line of pieces on standard output, each with its look (parameters of SGR, ECMA-48) where it may have one."""
    coloured = prints_colour()
    line = ""
    for look, alike in groupby(pieces, key=lambda piece: piece[1]):
        shown = printable("".join(text for text, _ in alike)).replace("\n", " ")
        line += f"\x1b[{look}m{shown}{_RESET}" if coloured and look and shown else shown
    write_out(line.rstrip(" ").encode("utf-8", "surrogateescape") + b"\n")


def print_beside(head: str, words: str) -> None:
    """``words`` behind ``head``; on a terminal, what does not fit goes on below, under where they began."""
    if not is_terminal(sys.stdout):
        print_line(f"{head}{words}".rstrip())
        return
    import shutil
    import textwrap

    width = shutil.get_terminal_size().columns
    indent = len(head) if width - len(head) >= _LEAST_BESIDE else 4
    for line in textwrap.wrap(
        one_line(words, _LINE),
        max(_LEAST_BESIDE, width),
        initial_indent=head,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [head.rstrip()]:
        print_line(line)


def print_json(value: Mapping[str, object]) -> None:
    """One object as one line of ASCII on standard output: no control character stays, not even DEL or C1."""
    import json

    text = json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")
    write_out(text.encode("ascii") + b"\n")


def write_error(text: str) -> None:
    """Write to standard error; nobody is told where that fails, as there is nowhere left to tell it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.buffer.write(text.encode("utf-8", "replace"))
        sys.stderr.buffer.flush()
    except OSError:
        _abandon(2)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether ``stream`` is an open terminal."""
    if stream is None:
        return False
    try:
        return stream.isatty()
    except ValueError:
        return False


def has_colour() -> bool:
    """Whether standard error may be coloured (https://no-color.org)."""
    return _takes_colour(sys.stderr)


def prints_colour() -> bool:
    """Whether standard output may be coloured."""
    return _takes_colour(sys.stdout)


def _takes_colour(stream: TextIO | None) -> bool:
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def has_unicode() -> bool:
    """Whether the locale says that text is UTF-8 (setlocale(3)); where it says nothing, it is."""
    said = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "")
    return not said or said.lower().replace("-", "").endswith("utf8")


def error_columns() -> int:
    """How many cells wide the terminal behind standard error is."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def tell(error: ImageGenError) -> None:
    """A failure on standard error: title, the server's words, what to do next."""
    title = f"image-gen: {one_line(error.title)}"
    write_error(f"{_BOLD_RED}{title}{_RESET}\n" if has_colour() else f"{title}\n")
    for part in (error.detail, error.hint):
        for line in printable(part).strip().splitlines()[:_LINES_TOLD]:
            write_error(f"  {line.rstrip()}\n")
    if error.retry_after is not None:
        write_error(f"  Another try makes sense in {wait_words(error.retry_after, datetime.now())}.\n")
    if isinstance(error, DiskError):
        for path in error.kept:
            write_error(f"  Kept: {one_line(str(path), 4096)}\n")


def note(message: str) -> None:
    """What goes on, one line on standard error."""
    write_error(f"image-gen: {one_line(message, 1000)}\n")


def warn(message: str) -> None:
    """A warning, one line on standard error."""
    word = f"{_YELLOW}warning:{_RESET}" if has_colour() else "warning:"
    write_error(f"{word} {one_line(message, 1000)}\n")
