"""A real HTTP server on 127.0.0.1 that answers with recorded or made-up exchanges, and notes what it was sent."""

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tui.domain.proxy import ProxyAddress, Secret

RECORDED = Path(__file__).parent.parent / "recorded"
KEY = "test-key-that-stays-secret"
_READ = 256 * 1024
PACE = 0.1
"""Of the time that an answer took when it was recorded: long enough to keep its order and its silences."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the server answers. ``cut``: it closes in the middle; ``closed``: without a byte; ``hang``: it
    goes silent after what it has sent, until the client leaves. ``times`` are the seconds at which its parts
    come, counted from the request; the last holds for all that follow. ``request`` is the body it answered
    when it was recorded, ``upstream_calls`` how often the proxy asked its provider for it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    parts: tuple[bytes, ...] = ()
    chunked: bool = False
    cut: bool = False
    closed: bool = False
    hang: bool = False
    times: tuple[float, ...] = ()
    request: str | None = None
    upstream_calls: int = 0

    @classmethod
    def of(cls, body: object, *, status: int = 200, **more: Any) -> "Exchange":
        """A plain JSON answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return cls(status=status, parts=(data,), headers={"Content-Type": "application/json"}, **more)


def recorded(group: str) -> dict[str, Exchange]:
    """The exchanges of one file of ``tests/recorded``, by name."""
    requests = json.loads((RECORDED / "requests.json").read_text())
    named = json.loads((RECORDED / f"{group}.json").read_text())
    return {
        name: replace(
            _exchange(each),
            request=requests[each["request"]] if "request" in each else None,
            upstream_calls=each.get("upstream_calls", 0),
        )
        for name, each in named.items()
    }


def _exchange(recording: dict[str, Any]) -> Exchange:
    times = tuple(PACE * each / 1000 for each in recording.get("after_ms", [recording.get("elapsed_ms", 0)]))
    if recording.get("closed") or recording.get("silent"):
        return Exchange(closed=recording.get("closed", False), hang=recording.get("silent", False), times=times)
    parts = recording["chunks"] if "chunks" in recording else [recording.get("body", "")]
    return Exchange(
        status=recording["status"],
        headers=recording["headers"],
        parts=tuple(part.encode() for part in parts if part),
        chunked="chunks" in recording,
        cut=recording.get("cut", False),
        times=times,
    )


@dataclass(slots=True)
class Received:
    """A request as it came over the wire; ``client_left`` is set when the client closed the connection."""

    line: str
    headers: dict[str, str]
    body: bytes
    client_left: asyncio.Event = field(default_factory=asyncio.Event)

    def json(self) -> Any:
        return json.loads(self.body)


class ReplayServer:
    """Answers each POST with the next of ``answers``, the last one for ever."""

    def __init__(self, answers: Exchange | Iterable[Exchange] = ()) -> None:
        self.answers = [answers] if isinstance(answers, Exchange) else list(answers)
        self.requests: list[Received] = []
        self.connections = 0
        self.arrived = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def address(self) -> ProxyAddress:
        return ProxyAddress(f"http://127.0.0.1:{self.port}", Secret(KEY))

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
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            while await self._take_turn(reader, writer):
                continue
        except ConnectionError:
            self.requests[-1].client_left.set()
        except asyncio.IncompleteReadError:
            self.arrived.set()
        finally:
            self._talks.discard(task)
            writer.close()

    async def _take_turn(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read a request and answer it; whether the connection stays open for the next."""
        request = await read_request(reader)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.requests.append(request)
        self.arrived.set()
        await self._answer(answer, reader, writer)
        if answer.hang:
            await _until_left(reader)
            request.client_left.set()
        return not (answer.hang or answer.closed or answer.cut)

    async def _answer(self, answer: Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        moments = [begun + each for each in answer.times] or [begun]
        await _until_left(reader, moments[0] - clock())
        if answer.closed or (answer.hang and not answer.headers):
            return
        size = sum(map(len, answer.parts))
        skipped = ("transfer-encoding", "content-length", "connection")
        lines = [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in skipped]
        lines.append("Transfer-Encoding: chunked" if answer.chunked else f"Content-Length: {size + answer.cut}")
        writer.write("\r\n".join([f"HTTP/1.1 {answer.status} X", *lines, "", ""]).encode())
        for number, part in enumerate(answer.parts):
            await _until_left(reader, moments[min(number, len(moments) - 1)] - clock())
            writer.write(b"%x\r\n%b\r\n" % (len(part), part) if answer.chunked else part)
            await writer.drain()
        if answer.chunked and not (answer.cut or answer.hang):
            writer.write(b"0\r\n\r\n")
        await writer.drain()


async def read_request(reader: asyncio.StreamReader) -> Received:
    """The next request of a connection. Raises IncompleteReadError where none comes."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)}
    return Received(line, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _until_left(reader: asyncio.StreamReader, seconds: float | None = None) -> None:
    """Wait until the client closes the connection, at most ``seconds``."""
    if seconds is not None and seconds <= 0:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while await reader.read(_READ):
                continue
            if seconds is not None:
                raise ConnectionResetError("the client left")
