"""A real HTTP server on 127.0.0.1 that answers by path, wants a key for the list of models, and notes who asked."""

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from support.replay_server import KEY, Exchange, read_request, recorded

from tui.domain.proxy import ProxyAddress, Secret

MISSING = Exchange(status=404)
LIST = "/v1/models"
CHAT = "/v1/chat/completions"
REFUSED = recorded("probing")["models-wrong-key"]


def models_list(*ids: str, **more: Any) -> Exchange:
    """An OpenAI-style list of models."""
    return Exchange.of({"object": "list", "data": [{"id": each, "object": "model", **more} for each in ids]})


def cliproxyapi(models: Exchange, **more: Exchange) -> dict[str, Exchange]:
    """What CLIProxyAPI v7.2.140 answers at each path, with another list of models."""
    probing = recorded("probing")
    return {"/": probing["root"], "/healthz": probing["healthz"], LIST: models, **more}


@dataclass(slots=True)
class Asked:
    """One request: its path and its headers, the names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class PathServer:
    """``answers`` may change while it runs; a path whose exchange hangs gets no answer until the client leaves."""

    answers: dict[str, Exchange]
    key: str | None = KEY
    asked: list[Asked] = field(default_factory=list)
    open_now: int = 0
    _server: asyncio.Server | None = None
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def address(self) -> ProxyAddress:
        """Where it is, with the right key."""
        return ProxyAddress(f"http://127.0.0.1:{self.port}", Secret(self.key or KEY))

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for a path, in their order."""
        return [each for each in self.asked if each.path == path]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=2**20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self.open_now += 1
        try:
            while await self._take_turn(reader, writer):
                continue
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()
        finally:
            self.open_now -= 1
            self._talks.discard(task)
            writer.close()

    async def _take_turn(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await read_request(reader)
        path, headers = request.line.split()[1], request.headers
        self.asked.append(Asked(path, headers, request.body))
        answer = self.answers.get(path, MISSING)
        is_refused = self.key is not None and headers.get("authorization") != f"Bearer {self.key}"
        if path == LIST and is_refused and answer.status == 200:
            answer = REFUSED
        if answer.hang:
            await reader.read(1)
            return False
        data = b"".join(answer.parts)
        told = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        writer.write(f"HTTP/1.1 {answer.status} X\r\nContent-Length: {len(data)}\r\n{told}\r\n".encode() + data)
        await writer.drain()
        return True
