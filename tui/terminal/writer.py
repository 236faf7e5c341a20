"""The thread that writes to the terminal: nobody ever waits for it, and everybody can see how far it is."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, Final

# Textual's own writer, of which its driver has one; this room alone knows it.
from textual.drivers._writer_thread import WriterThread

PIECE: Final = 16 * 1024
"""Bytes written at once: the backlog is known about so exactly."""


class Writer(WriterThread):
    """Takes any amount at once, where Textual's blocks the event loop when 30 writes wait.

    ``drained`` is called in this thread whenever nothing waits any more.
    """

    def __init__(self, file: IO[str], drained: Callable[[], None]) -> None:
        super().__init__(file)
        self._descriptor = file.fileno()
        self._drained = drained
        self._news = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._ending = False
        self._gone = False
        self._backlog = 0

    @property
    def backlog(self) -> int:
        """Bytes that the terminal's device has not taken yet."""
        return self._backlog

    def write(self, text: str) -> None:
        """Write ``text`` soon, after everything before."""
        self.put(text.encode("utf-8", "replace"))

    def put(self, data: bytes) -> None:
        """Write ``data`` soon, after everything before."""
        if not data:
            return
        with self._news:
            if not self._gone:
                self._waiting.append(data)
                self._backlog += len(data)
                self._news.notify()

    def run(self) -> None:
        """Write until the end is asked for and everything is written, or the terminal is gone."""
        while True:
            with self._news:
                while not self._waiting and not self._ending:
                    self._news.wait()
                if not self._waiting:
                    return
                data = b"".join(self._waiting)
                self._waiting.clear()
            try:
                self._write_all(data)
            except OSError:
                # The terminal is gone; whoever reads from it hears of that and ends the app.
                with self._news:
                    self._gone = True
                    self._waiting.clear()
                    self._backlog = 0
                return
            if not self._backlog:
                self._drained()

    def stop(self) -> None:
        """Wait until everything is written."""
        with self._news:
            self._ending = True
            self._news.notify()
        self.join()

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                written = os.write(self._descriptor, rest[:PIECE])
            except BlockingIOError:
                # Another program made the terminal one that does not wait.
                select.select([], [self._descriptor], [])
                continue
            rest = rest[written:]
            with self._news:
                self._backlog -= written
