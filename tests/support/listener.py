"""A server of raw sockets in threads, on a free port of 127.0.0.1: what each connection is answered, its kind says."""

import socket
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Listener(ABC):
    """Accepts connections inside its ``with`` block, each in a thread of its own; at its end all are closed."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.connections = 0
        self._talks: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for talk in [self._listener, *self._talks]:
            close(talk)

    def _accept(self) -> None:
        while True:
            try:
                talk, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._talks.append(talk)
            threading.Thread(target=self._serve, args=(talk,), daemon=True).start()

    def _serve(self, talk: socket.socket) -> None:
        try:
            self._talk(talk)
        except OSError:
            # Closed by our own end of the test, or by a client that went or was killed.
            return

    @abstractmethod
    def _talk(self, talk: socket.socket) -> None:
        """Answer one connection until it ends; OSError ends it, too."""


def shut(end: socket.socket) -> None:
    """Let both ends of a connection know that it is over."""
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other end was faster.
        return


def close(end: socket.socket) -> None:
    """End a connection and let go of it."""
    shut(end)
    end.close()
