"""A wire between a client and a proxy that passes every byte on at once and keeps a copy."""

import socket
import threading
from urllib.parse import urlsplit

from support.listener import Listener, shut


class Tap(Listener):
    """Listens at ``url`` and talks on to ``target``; ``sent`` and ``heard`` are the bytes of all connections."""

    def __init__(self, target: str) -> None:
        super().__init__()
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self.sent = bytearray()
        self.heard = bytearray()
        self._news = threading.Condition()

    def wait_heard(self, what: bytes, timeout: float = 10.0) -> None:
        """Wait until the proxy has said ``what``."""
        with self._news:
            assert self._news.wait_for(lambda: what in self.heard, timeout), bytes(self.heard[-2000:])

    def _talk(self, talk: socket.socket) -> None:
        proxy = socket.create_connection(self._target)
        self._talks.append(proxy)
        for source, sink, copy in ((talk, proxy, self.sent), (proxy, talk, self.heard)):
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
            shut(sink)
