"""A proxy on 127.0.0.1 that takes one key, lists a model for it, and notes everything it was asked."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

MODELS = json.dumps({"object": "list", "data": [{"id": "a-model", "object": "model"}]}).encode()
REFUSAL = b'{"error":"Invalid API key"}'


class KeyedProxy:
    """Takes ``key`` only, and notes what it was asked with which key; ``status`` and ``body`` once it is taken."""

    def __init__(
        self, key: str | None, status: int = 200, body: bytes = MODELS, *, mute: bool = False, cut: bool = False
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        self.url = ""
        self.key, self.status, self.body, self.mute, self.cut = key, status, body, mute, cut

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
                key = head.partition("Authorization: Bearer ")[2].partition("\r")[0]
                self.asked.append((head.split("\r")[0].rpartition(" ")[0], key))
                assert fields["user-agent"].startswith("image-gen/")
                if self.cut:
                    break
                if self.mute:
                    await reader.read()
                    break
                taken = self.key in (None, key)
                status, body = (self.status, self.body) if taken else (401, REFUSAL)
                answer = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(answer.encode() + body)
                await writer.drain()
        writer.close()

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.asked]


@contextlib.asynccontextmanager
async def running(*proxies: KeyedProxy) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for proxy in proxies:
            server = await stack.enter_async_context(await asyncio.start_server(proxy.talk, "127.0.0.1", 0))
            proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield
