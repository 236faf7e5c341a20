"""A terminal of our own: a real PTY that runs the real command, with pyte as its screen and a clock beside it."""

import codecs
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import pyte

if TYPE_CHECKING:
    # They bring Pillow and numpy, for which a test of text need not wait.
    from support.conformance import Conformance
    from support.terminal_kinds import TerminalKind

COMMAND: Final = (sys.executable, "-m", "tui")
PATIENCE: Final = 20.0
"""Seconds until a wait gives up; long, because the suite runs on few cores."""
_TICKS: Final = 100
"""How many times a second a slow line carries something."""

_LAST: Final = b"\x00"
"""What we write to the terminal ourselves once the program is gone: no program writes it."""

KEYS: Final = {
    "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "escape": "\x1b", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
    "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~",
}  # fmt: skip
HALF_BLOCKS: Final = "▀▄"
SHADES: Final = "░▒▓█"

_KITTY_QUERY: Final = re.compile(rb"\x1b_Gi=(\d+),[^\x1b]*a=q[^\x1b]*\x1b\\")
_QUESTIONS: Final = (b"\x1b[c", b"\x1b[>q", b"\x1b[?2026$p")
_MODES: Final = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
# What pyte would print instead of passing over: APC, DCS, and CSI with a private mark.
_NOT_FOR_PYTE: Final = re.compile(r"\x1b[_P][^\x1b]*\x1b\\|\x1b\[[<=>][0-9;:]*[@-~]|\x1b\[[?0-9;]*\$p")
_UNFINISHED: Final = re.compile(r"\x1b(?:[_P][^\x1b]*\x1b?|\[[0-9;:?<=>$]*)?\Z")


@dataclass(frozen=True, slots=True)
class Persona:
    """What kind of terminal this is: the answers it gives, none where a field is empty."""

    attributes: bytes = b"\x1b[?62;22c"
    name: bytes = b""
    kitty: bool = False
    synchronized: bool = False

    def answers(self, question: bytes) -> bytes:
        """The answers to whatever is asked in ``question``, in the order of a terminal that reads it."""
        told = b""
        asked = _KITTY_QUERY.search(question)
        if self.kitty and asked is not None:
            told += b"\x1b_Gi=%b;OK\x1b\\" % asked[1]
        if self.name and b"\x1b[>q" in question:
            told += b"\x1bP>|%b\x1b\\" % self.name
        if self.synchronized:
            told += b"\x1b[?2026;2$y" * question.count(b"\x1b[?2026$p")
        if self.attributes and b"\x1b[c" in question:
            told += self.attributes
        return told


XTERM: Final = Persona()
MUTE: Final = Persona(attributes=b"")
KITTY: Final = Persona(attributes=b"\x1b[?62;c", name=b"kitty(0.42.1)", kitty=True, synchronized=True)


class Terminal:
    """A program in a terminal: what it shows, what it wrote, when, and how it ended.

    A thread takes every byte at once, so the program never waits for us; the screen is drawn when it is
    looked at. Leaving the ``with`` block kills a program that still runs.

    With ``kind`` it is a terminal that takes pictures (``pictures``), fed as bytes come; one that another program
    ran in before can be given as it is. ``rate`` then is how many
    bytes a second the line carries, 0 for any, and ``delay`` how many seconds an answer is on its way.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        persona: Persona = XTERM,
        typed: bytes = b"",
        kind: "TerminalKind | Conformance | None" = None,
        rate: int = 0,
        delay: float = 0.0,
    ) -> None:
        self._persona = persona
        self.pictures = None if kind is None else _conformance(kind, columns, rows)
        self._rate = rate
        self._delay = delay
        self._late: list[tuple[float, bytes]] = []
        self._master, self._slave = os.openpty()
        self._set_size(columns, rows)
        self.modes_before = termios.tcgetattr(self._slave)
        self.reads: list[tuple[float, bytes]] = []
        self.ended_at = self._died_at = 0.0
        self._news = threading.Condition()
        self._drawn = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._held = ""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._lines: list[str] = []
        self._closing_read, self._closing_write = os.pipe()
        self._asking = b""
        if typed:
            os.write(self._master, typed)
        # A session leader that opens a terminal gets it as its own; exec keeps the process id.
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" <>"$0" >&0 2>&0', os.ttyname(self._slave), *command],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._read, self._wait)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.hang_up()
        self._threads[1].join()
        for descriptor in (self._closing_read, self._closing_write):
            os.close(descriptor)

    # --- what a person does

    def type(self, text: str) -> float:
        """Write ``text`` as typed; when that was."""
        data = text.encode()
        when = time.monotonic()
        while data:
            data = data[os.write(self._master, data) :]
        return when

    def press(self, *keys: str) -> float:
        """Press keys by name, one after the other; when the first was pressed."""
        return self.type("".join(_bytes_of(key) for key in keys))

    def paste(self, text: str) -> float:
        """Paste as a terminal with bracketed paste does."""
        return self.type(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, rows: int, cell: tuple[int, int] | None = None) -> None:
        """Another size, or another font; the program hears of it by SIGWINCH."""
        self.wait_for(lambda: True)
        with self._news:
            report = b"" if self.pictures is None else self.pictures.resize(columns, rows, cell).encode()
            self._set_size(columns, rows)
            # Textual draws everything anew, so what pyte would keep of the old screen is never looked at.
            self._screen.reset()
            self._screen.resize(rows, columns)
            self._lines = []
            if report:
                self._late.append((time.monotonic(), report))
                os.write(self._closing_write, b"-")

    def hang_up(self) -> None:
        """Close the window: from now on there is no terminal."""
        if self._master < 0:
            return
        os.write(self._closing_write, b"x")
        self._threads[0].join()
        with self._news:
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1
            self.ended_at = self._died_at
            self._news.notify_all()

    # --- what is to be seen

    @property
    def raw(self) -> bytes:
        """Every byte that the program wrote."""
        with self._news:
            return b"".join(data for _, data in self.reads)

    @property
    def lines(self) -> list[str]:
        """The screen as it stands, a line each."""
        with self._news:
            self._draw()
            return self._lines

    @property
    def screen(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def line_with(self, text: str) -> str:
        """The first line that has ``text``; empty where none has."""
        return next((line for line in self.lines if text in line), "")

    def colours(self) -> set[tuple[str, str]]:
        """Foreground and background of the half blocks on the screen."""
        with self._news:
            self._draw()
            cells = [cell for row in self._screen.buffer.values() for cell in row.values()]
            return {(cell.fg, cell.bg) for cell in cells if cell.data in HALF_BLOCKS}

    def half_blocks(self) -> int:
        """How many half blocks are on the screen."""
        return sum(self.screen.count(block) for block in HALF_BLOCKS)

    def drawn_cells(self) -> int:
        """How many cells are half blocks or, where colours are few, shades."""
        return self.half_blocks() + sum(self.screen.count(shade) for shade in SHADES)

    @property
    def modes(self) -> dict[int, bool]:
        """The private modes that the program set or reset, as it left them."""
        modes = {}
        for numbers, letter in _MODES.findall(self.raw):
            modes.update({int(number): letter == b"h" for number in numbers.split(b";") if number})
        return modes

    @property
    def modes_now(self) -> list[object]:
        """The attributes of the terminal device (termios)."""
        return termios.tcgetattr(self._slave)

    # --- waiting

    def wait_for(self, what: str | Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Wait until a text is on the screen, or a condition holds; AssertionError with the screen if not."""
        end = time.monotonic() + timeout
        with self._news:
            while True:
                self._draw()
                if what in "\n".join(self._lines) if isinstance(what, str) else what():
                    return
                over = self.ended_at or time.monotonic() > end
                assert not over, f"{what!r} did not come; status {self.process.poll()}\n{self.screen}"
                # Conditions may look at files, of which nobody tells us.
                self._news.wait(0.02)

    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Wait until the program ends; its exit status, negative for a signal."""
        end = time.monotonic() + timeout
        with self._news:
            while not self.ended_at:
                assert time.monotonic() < end, f"it did not end\n{self.screen}"
                self._news.wait(0.1)
        return self.process.wait()

    def echo(self, when: float, text: str, timeout: float = PATIENCE) -> float:
        """Seconds from ``when`` until the program wrote bytes with ``text`` in them."""
        wanted = text.encode()
        looked_at = 0
        end = time.monotonic() + timeout
        with self._news:
            while True:
                for moment, data in self.reads[looked_at:]:
                    if moment >= when and wanted in data:
                        return moment - when
                looked_at = len(self.reads)
                assert time.monotonic() < end, f"{text!r} was not written\n{self.screen}"
                self._news.wait(0.1)

    def children(self) -> set[int]:
        """The processes that the program started and that live."""
        return {pid for pid, (parent, state) in _processes().items() if parent == self.process.pid and state != "Z"}

    # --- inside

    def _set_size(self, columns: int, rows: int) -> None:
        width, height = (10, 20) if self.pictures is None else self.pictures.cell
        if self.pictures is not None and not self.pictures.kind.pixels:
            width = height = 0
        size = struct.pack("HHHH", rows, columns, columns * width, rows * height)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, size)

    def _read(self) -> None:
        while True:
            due = self._late[0][0] - time.monotonic() if self._late else None
            wanted = [self._master, self._closing_read]
            ready, _, _ = select.select(wanted, [], [], None if due is None else max(0.0, due))
            if self._closing_read in ready and os.read(self._closing_read, 1) == b"x":
                return
            self._answer_late()
            if self._master not in ready:
                continue
            data, over, _ = os.read(self._master, self._rate // _TICKS if self._rate else 65536).partition(_LAST)
            moment = time.monotonic()
            self._answer(data, moment)
            with self._news:
                self.reads.append((moment, data))
                if over:
                    self.ended_at = self._died_at
                self._news.notify_all()

            if self._rate and not over:
                # A slow line: the next bytes are on their way while nobody else waits.
                select.select([], [], [], len(data) / self._rate)

    def _answer(self, data: bytes, moment: float) -> None:
        if self.pictures is not None:
            with self._news:
                answers = self.pictures.feed_bytes(data)
            if answers:
                self._late.append((moment + self._delay, answers))
                self._answer_late()
            return
        questions = self._asking + data
        answers = self._persona.answers(questions)
        if answers:
            os.write(self._master, answers)
        self._asking = _begun_question(questions)

    def _answer_late(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            os.write(self._master, self._late.pop(0)[1])

    def _wait(self) -> None:
        """The program has ended when it is gone and all that it wrote has been read."""
        self.process.wait()
        with self._news:
            self._died_at = time.monotonic()
            if self._slave < 0:
                self.ended_at = self._died_at
                self._news.notify_all()
            else:
                os.write(self._slave, _LAST)

    def _draw(self) -> None:
        if self._lines and self._drawn == len(self.reads):
            return
        if self.pictures is not None:
            self._drawn = len(self.reads)
            self._lines = self.pictures.lines
            return
        new = b"".join(data for _, data in self.reads[self._drawn :])
        self._drawn = len(self.reads)
        text = _NOT_FOR_PYTE.sub("", self._held + self._decode(new))
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        self._stream.feed(text[:cut])
        # Taken once for each change: pyte measures every character.
        self._lines = list(self._screen.display)


def _conformance(kind: "TerminalKind | Conformance", columns: int, rows: int) -> "Conformance":
    from support.conformance import Conformance

    return kind if isinstance(kind, Conformance) else Conformance(kind, columns, rows)


def _begun_question(data: bytes) -> bytes:
    """The end of ``data`` if it may be the beginning of a question; a read can end anywhere."""
    end = data[data.rfind(b"\x1b") :] if b"\x1b" in data[-16:] else b""
    return end if end and any(each.startswith(end) and each != end for each in _QUESTIONS) else b""


def _bytes_of(key: str) -> str:
    if key in KEYS:
        return KEYS[key]
    if key.startswith("ctrl+"):
        return chr(ord(key[-1].upper()) - 64)
    assert len(key) == 1, key
    return key


def _processes() -> dict[int, tuple[int, str]]:
    """Parent and state of every process, from proc(5): the name in brackets may hold anything."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, parent = (folder / "stat").read_text("latin-1").rpartition(")")[2].split()[:2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            found[int(folder.name)] = (int(parent), state)
    return found


def alive(pids: set[int]) -> set[int]:
    """Those of ``pids`` that still run; a zombie does not."""
    running = {pid for pid, (_, state) in _processes().items() if state != "Z"}
    return pids & running


def app(
    folder: Path,
    *arguments: str,
    columns: int = 120,
    rows: int = 40,
    persona: Persona = XTERM,
    typed: bytes = b"",
    command: Sequence[str] = COMMAND,
    kind: "TerminalKind | Conformance | None" = None,
    rate: int = 0,
    delay: float = 0.0,
    **environment: str,
) -> Terminal:
    """The app in a terminal, with ``folder`` for all that it keeps: settings, state, library.

    ``environment`` is added to the test's; an empty value removes a variable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {
        **os.environ,
        "COLORTERM": "truecolor",
        "IMAGE_GEN_HOME": str(folder / "home"),
        "IMAGE_GEN_SANDBOX_DELAY": "0",
        # Compiled modules are kept as they are for a person; without them each start takes a second more.
        "PYTHONDONTWRITEBYTECODE": "",
        **({} if kind is None else {"COLORTERM": "", **getattr(kind, "kind", kind).environment}),
        **environment,
    }
    return Terminal(
        [*command, *arguments],
        cwd=folder,
        environment={name: text for name, text in wanted.items() if text},
        columns=columns,
        rows=rows,
        persona=persona,
        typed=typed,
        kind=kind,
        rate=rate,
        delay=delay,
    )


def library(folder: Path) -> Path:
    """Where the app keeps pictures when it is started in ``folder``."""
    return folder / "generated_images"


def pictures(folder: Path) -> list[Path]:
    """The pictures that have their lasting names."""
    return sorted(library(folder).glob("image_*"))


def metadata(folder: Path) -> list[Path]:
    """The metadata files."""
    return sorted(library(folder).glob("metadata_*.json"))


def hidden(folder: Path) -> list[Path]:
    """Files on their way, or left behind; the trash and locks are none of them."""
    return sorted(library(folder).glob(".incoming-*"))
