"""A Textual app in this process, with our driver on a real PTY whose other end is the model terminal."""

import fcntl
import os
import selectors
import signal
import struct
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

import pytest
from support.conformance import Conformance
from support.terminal_kinds import TerminalKind

_SIGNALS = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGTERM, signal.SIGHUP)


class Line:
    """The two ends of a PTY: an app writes at one, a thread feeds the terminal and answers at the other."""

    def __init__(self, kind: TerminalKind, columns: int, rows: int) -> None:
        self.terminal = Conformance(kind, columns, rows)
        self.lock = threading.RLock()
        self._ours, self.theirs = os.openpty()
        self._stop, self._stopping = os.pipe()
        self._set_size()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def type(self, text: str) -> None:
        """Keys, or answers."""
        if text:
            os.write(self._ours, text.encode())

    def resize(self, columns: int, rows: int, cell: tuple[int, int] | None = None) -> None:
        """Another size or font, told by whatever the program listens to."""
        with self.lock:
            report = self.terminal.resize(columns, rows, cell)
            self._set_size()
        self.type(report)
        os.kill(os.getpid(), signal.SIGWINCH)

    def close(self) -> None:
        """No terminal any more."""
        os.write(self._stopping, b"x")
        self._thread.join()
        for descriptor in (self._ours, self.theirs, self._stop, self._stopping):
            os.close(descriptor)

    def _set_size(self) -> None:
        (columns, rows), (width, height) = self.terminal.size, self.terminal.cell
        size = struct.pack("HHHH", rows, columns, columns * width, rows * height)
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, size)

    def _carry(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._ours, selectors.EVENT_READ)
            selector.register(self._stop, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._ours in ready:
                    with self.lock:
                        answers = self.terminal.feed_bytes(os.read(self._ours, 65536))
                    self.type(answers.decode())
                elif self._stop in ready:
                    return


@contextmanager
def line(kind: TerminalKind, columns: int, rows: int) -> Iterator[Line]:
    """Everything that Textual's driver takes for the terminal is this PTY; signals are ours again afterwards."""
    made = Line(kind, columns, rows)
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    with pytest.MonkeyPatch.context() as patch:
        files = [_file(made.theirs, mode) for mode in ("r", "w", "w")]
        for name, file in zip(("__stdin__", "__stdout__", "__stderr__"), files, strict=True):
            patch.setattr(sys, name, file)
        for name in ("COLUMNS", "LINES"):
            patch.delenv(name, raising=False)
        try:
            yield made
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            made.close()
            for file in files:
                file.close()


def _file(descriptor: int, mode: str) -> TextIOWrapper:
    return os.fdopen(os.dup(descriptor), mode, encoding="utf-8")
