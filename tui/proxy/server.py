"""The sandbox as a server on 127.0.0.1: bind, announce, serve until told to stop."""

import asyncio
import errno
import socket
import sys
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui.domain.errors import ImageGenError, InvalidRequest
from tui.proxy.keys import random_key
from tui.proxy.scenarios import scenario_table
from tui.proxy.surface import Surface
from tui.proxy.wire import HANG_UP

HOST: Final = "127.0.0.1"
"""The only address the sandbox listens on."""

_BACKLOG: Final = 128


class HangUpProtocol(H11Protocol):
    """HTTP/1.1 whose applications may close the connection, as a broken proxy would."""

    def connection_made(self, transport: Any) -> None:
        """Give the application a way to close ``transport``."""
        super().connection_made(transport)
        self.app = _with_hang_up(self.app, transport)


def _with_hang_up(app: Any, transport: asyncio.Transport) -> ASGIApp:
    async def with_hang_up(scope: Scope, receive: Receive, send: Send) -> None:
        extensions = {**scope.get("extensions", {}), HANG_UP: {"close": transport.close}}
        await app({**scope, "extensions": extensions}, receive, send)

    return with_hang_up


class SandboxServer:
    """A bound sandbox: ``url`` and ``key`` are known before it serves; ``surface`` is what answers."""

    def __init__(self, *, port: int = 0, delay: float | None = None, key: str | None = None) -> None:
        self.key = key or random_key()
        self._socket = _listen(port)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self.surface = Surface(self.key, delay=delay)
        self._server = uvicorn.Server(
            uvicorn.Config(
                self.surface,
                http=HangUpProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=1,
            )
        )

    async def run(self) -> None:
        """Serve until ``stop`` or a signal."""
        await self._server.serve(sockets=[self._socket])

    def close(self) -> None:
        """Give the port back without having served."""
        self._socket.close()

    def stop(self) -> None:
        """End ``run`` soon; safe from any thread."""
        self._server.should_exit = True


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError as problem:
        listener.close()
        raise _cannot_listen(port, problem) from problem
    return listener


def _cannot_listen(port: int, problem: OSError) -> ImageGenError:
    if problem.errno == errno.EADDRINUSE:
        detail = f"Something else already listens on port {port}."
    elif problem.errno == errno.EACCES:
        detail = f"Port {port} may only be used by the administrator."
    else:
        detail = f"Port {port} cannot be used: {problem.strerror}."
    return InvalidRequest(detail, title="The sandbox cannot listen", hint="Choose another port, or 0 for a free one.")


def serve(*, port: int, delay: float | None, announce: bool, key: str | None) -> None:
    """Run the sandbox until it is interrupted.

    ``port`` 0 is a free one; ``delay`` None is believable, else seconds an answer takes; ``key`` None is a
    random one. With ``announce`` it says on standard output where it is and how to reach it. Raises
    InvalidRequest where the port cannot be had.
    """
    sandbox = SandboxServer(port=port, delay=delay, key=key)
    if announce:
        sys.stdout.write(_greeting(sandbox))
        sys.stdout.flush()
    try:
        asyncio.run(sandbox.run())
    except KeyboardInterrupt:
        sandbox.stop()


def _greeting(sandbox: SandboxServer) -> str:
    return (
        f"image-gen sandbox listens on {sandbox.url}\n"
        f"  key    {sandbox.key}\n"
        f"  use    IMAGE_GEN_API_KEY={sandbox.key} image-gen --proxy {sandbox.url}\n"
        f"  odd    {len(scenario_table())} scenarios by words in the prompt: GET {sandbox.url}/sandbox\n"
        "Ctrl+C ends it.\n"
    )
