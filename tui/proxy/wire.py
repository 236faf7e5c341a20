"""How an answer goes out: whole, chunked, bit by bit, or not at all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final

from starlette.types import Receive, Scope, Send

from tui.proxy.answers import CROSS_ORIGIN, Answer, trace_id

HANG_UP: Final = "image_gen.hang_up"
"""The scope's extension that closes the connection under an application's feet."""

_LENGTH_LIMIT: Final = 2048
"""Above this many bytes the real server gives no Content-Length but chunks."""

_PIECE: Final = 64 * 1024


class Wire:
    """One request's way back to its client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send

    async def send(self, answer: Answer, *, seconds: float = 0.0) -> None:
        """Send ``answer``, spread evenly over ``seconds``."""
        length = len(answer.body) if len(answer.body) <= _LENGTH_LIMIT else None
        await self.start(answer, length=length)
        pieces = list(_pieces(answer.body, count=40 if seconds else 0))
        for piece in pieces:
            if seconds:
                await asyncio.sleep(seconds / len(pieces))
            await self.write(piece)
        await self.end()

    async def start(self, answer: Answer, *, length: int | None = None) -> None:
        """Send the head of ``answer``; ``length`` None for a chunked body."""
        headers = [(b"content-type", answer.content_type.encode())] if answer.content_type else []
        if length is not None and answer.status != 204:
            headers.append((b"content-length", str(length).encode()))
        told = {**answer.headers, **CROSS_ORIGIN}
        if answer.traced:
            told["X-Cpa-Trace-Id"] = trace_id()
        headers += [(name.lower().encode(), value.encode()) for name, value in told.items()]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})

    async def write(self, data: bytes) -> None:
        """Send a piece of the body."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        """Close the body."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def break_off(self, answer: Answer, *, share: float) -> None:
        """Send the first ``share`` of the body, then close the connection."""
        await self.start(answer)
        for piece in _pieces(answer.body[: int(len(answer.body) * share)], count=0):
            await self.write(piece)
        await self.hang_up()

    async def hang_up(self) -> None:
        """Close the connection; what was written before still goes out."""
        close: Callable[[], None] = self._scope["extensions"][HANG_UP]["close"]
        close()
        await self.until_gone()

    async def until_gone(self) -> None:
        """Wait until the client has left."""
        while (await self._receive())["type"] != "http.disconnect":
            continue

    async def while_there(self, work: Awaitable[None]) -> None:
        """Run ``work`` to its end, or cancel it as soon as the client leaves."""
        job = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(self.until_gone())
        try:
            await asyncio.wait({job, gone}, return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                await job
        finally:
            job.cancel()
            gone.cancel()
            await asyncio.gather(job, gone, return_exceptions=True)


def _pieces(body: bytes, *, count: int) -> Iterator[bytes]:
    """``body`` in pieces of one size: ``count`` of them, or as many as fit the usual piece."""
    size = max(1, -(-len(body) // count)) if count else _PIECE
    view: Iterable[int] = range(0, len(body), size)
    return (body[start : start + size] for start in view)
