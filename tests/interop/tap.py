"""A wire between a client and a proxy that passes every byte on at once and keeps a copy."""

import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Tap:
    """Listens at ``url`` and talks on to ``target``; ``sent`` and ``heard`` are the bytes of all connections."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.sent = bytearray()
        self.heard = bytearray()
        self._news = threading.Condition()
        self._ends: list[socket.socket] = []

    def wait_heard(self, what: bytes, timeout: float = 10.0) -> None:
        """Wait until the proxy has said ``what``."""
        with self._news:
            assert self._news.wait_for(lambda: what in self.heard, timeout), bytes(self.heard[-2000:])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in [self._listener, *self._ends]:
            _end(end)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            proxy = socket.create_connection(self._target)
            self._ends += [client, proxy]
            for source, sink, copy in ((client, proxy, self.sent), (proxy, client, self.heard)):
                threading.Thread(target=self._pass_on, args=(source, sink, copy), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, copy: bytearray) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                with self._news:
                    copy += data
                    self._news.notify_all()
        except OSError:
            # One of the two ends went; the other hears of it below.
            return
        finally:
            _end(sink)


def _end(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is closed already.
        return
