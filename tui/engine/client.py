"""One HTTP request for one picture: sent, read as it arrives, and told apart from every failure."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tui.domain.errors import BadReply, CannotConnect, ImageGenError, TimedOut, Unauthorized
from tui.domain.proxy import ProxyAddress
from tui.domain.reply import Reply
from tui.domain.request import Request
from tui.engine.answer import Answer
from tui.engine.faults import TRACE_HEADER, tell_page
from tui.engine.hearing import EarlyWords, Sending
from tui.engine.network import CONNECT_SECONDS, connection_fault, may_pass
from tui.engine.said import clean_words
from tui.engine.secrecy import Cover
from tui.engine.served import Answered, Asking, fault_told, tell_refusal_from_loss
from tui.engine.spool import Spool
from tui.engine.verdict import reply_from_answer
from tui.engine.wire import Payload, ReplyReader
from tui.network import httpx, open_client

_PAUSES: Final = (0.1, 0.3)
"""Seconds before the second and third try to connect. What may have been received is never sent again."""

_SLICE: Final = 64 * 1024
_FIRST_STEP: Final = 16 * 1024
_STEP: Final = 0.004
"""Seconds of reading after which the event loop gets a turn."""

_READ_ANYWAY: Final = 256 * 1024
"""Bytes of a body that a server in Go reads to its end before it closes, whatever it answered."""

_MAX_ERROR_BODY: Final = 256 * 1024


class Client:
    """Asks one proxy for pictures; as many at once as wanted.

    ``spool`` gives fresh file names, ``timeout`` is seconds for one whole request, ``reply_limit`` bytes. With
    ``stream`` it asks for answers in pieces: words come early, and reasons get lost.
    """

    def __init__(
        self,
        address: ProxyAddress,
        *,
        spool: Callable[[], Path],
        timeout: float = 600.0,
        reply_limit: int = 512 * 1024 * 1024,
        stream: bool = False,
    ) -> None:
        self.address = address
        self._spool = spool
        self._timeout = timeout
        self._reply_limit = reply_limit
        self._stream = stream
        self._cover = Cover(address.key)
        self._http: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def generate(
        self, request: Request, hear: Callable[[str], None] | None = None, *, sending: Sending | None = None
    ) -> Reply:
        """Send ``request`` once and wait for its pictures, each in a spool file of its own.

        ``hear`` gets what a streamed answer has said so far (its end, where it is long), at most ten times a
        second; ``sending`` notes how far the request came. Raises one of the errors of ``domain.errors``. On
        failure and on cancellation the connection is closed and no file stays behind.
        """
        spool = Spool(self._spool)
        early = EarlyWords(hear, self._cover.long_key) if hear is not None else None
        kept: tuple[Path, ...] = ()
        try:
            reply = self._cover.clean_reply(await self._generate(request, spool, early, sending or Sending()))
            kept = tuple(image.path for image in reply.images)
            return reply
        except ImageGenError as error:
            self._cover.clean_error(error)
            raise
        finally:
            if early is not None:
                early.close()
            spool.clear(keep=kept)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _generate(self, request: Request, spool: Spool, early: EarlyWords | None, sending: Sending) -> Reply:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(request, spool, early, sending)
        except TimeoutError as error:
            raise TimedOut(f"No whole answer within {self._timeout:g} seconds.") from error

    async def _exchange(self, request: Request, spool: Spool, early: EarlyWords | None, sending: Sending) -> Reply:
        payload = Payload(request, stream=self._stream)
        try:
            response = await self._send(payload, sending)
        except CannotConnect as error:
            raise await self._loss(error, payload, request.model) from error
        try:
            if not response.is_success:
                raise await self._fault(response, request.model)
            answer = await self._read(response, spool, early)
        except BadReply as error:
            error.http_status = response.status_code
            if response.is_success:
                tell_page(error, response.headers)
            raise
        finally:
            await response.aclose()
        trace_id = response.headers.get(TRACE_HEADER)
        status = response.status_code
        return await _finish_in_thread(lambda: reply_from_answer(answer, http_status=status, trace_id=trace_id))

    async def _fault(self, response: httpx.Response, model: str) -> ImageGenError:
        """What an answer other than 2xx stands for; a refusal by the proxy itself is looked into."""
        answered = Answered(response.status_code, response.headers, await _read_error(response))
        return await fault_told(answered, await self._asking(model))

    async def _asking(self, model: str) -> Asking:
        return Asking(await self._open(), self.address.url, self._sendable_key(), model)

    async def _loss(self, fault: CannotConnect, payload: Payload, model: str) -> ImageGenError:
        """What a lost connection stands for: with a large body in hand it may be a refusal that went unheard."""
        if payload.length > _READ_ANYWAY and isinstance(fault.__cause__, httpx.NetworkError):
            return await tell_refusal_from_loss(fault, await self._asking(model))
        return fault

    async def _send(self, payload: Payload, sending: Sending) -> httpx.Response:
        """The head of the answer. Only a connection that never stood is tried again."""
        for pause in (*_PAUSES, None):
            try:
                return await self._post(payload, sending)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if pause is None or not may_pass(error):
                    raise connection_fault(error, self.address.label) from error
                await asyncio.sleep(pause)
        raise AssertionError("the last try either answers or raises")

    async def _post(self, payload: Payload, sending: Sending) -> httpx.Response:
        http = await self._open()
        url = httpx.URL(f"{self.address.url}/v1/chat/completions").copy_with(userinfo=b"")
        headers = {
            "Authorization": f"Bearer {self._sendable_key()}",
            "Content-Type": "application/json",
            "Content-Length": str(payload.length),
        }
        seen = {"trace": sending.trace}
        request = http.build_request("POST", url, headers=headers, content=payload, extensions=seen)
        return await http.send(request, stream=True)

    async def _open(self) -> httpx.AsyncClient:
        """The HTTP client, made at first use and in a thread: modules are imported and certificates read."""
        async with self._opening:
            if self._http is None:
                try:
                    self._http = await asyncio.to_thread(_new_http, self.address)
                except (ValueError, ImportError, OSError) as error:
                    raise CannotConnect(
                        clean_words(str(error)), hint="Look at HTTP_PROXY, ALL_PROXY and SSL_CERT_FILE."
                    ) from error
            return self._http

    async def _read(self, response: httpx.Response, spool: Spool, early: EarlyWords | None) -> Answer:
        reader = ReplyReader(spool, response.headers.get("content-type", ""))
        pace = _Pace()
        self._check_size(int(response.headers.get("content-length", "0")))
        size = 0
        try:
            async for piece in response.aiter_bytes():
                size += len(piece)
                self._check_size(size)
                await pace.feed(reader, piece)
                if early is not None:
                    early.note(reader.answer)
        except httpx.DecodingError as error:
            raise BadReply(clean_words(str(error))) from error
        except httpx.TransportError as error:
            answer = reader.broken_off()
            if answer is None:
                words = clean_words(str(error)) or "the connection was lost"
                raise BadReply(f"After {size:,} bytes: {words}", title="The answer was cut off") from error
            return answer
        return reader.finish()

    def _check_size(self, size: int) -> None:
        if size > self._reply_limit:
            raise BadReply(
                f"It is larger than {self._reply_limit / 2**20:,.0f} MB.",
                title="The answer is too large",
                hint="If you do expect so much, raise reply_limit_mb in the settings.",
                retryable=False,
            )

    def _sendable_key(self) -> str:
        key = self.address.key.reveal()
        if not (key.isascii() and key.isprintable()):
            raise Unauthorized("The key holds characters that cannot be sent in a header.")
        return key


def _new_http(address: ProxyAddress) -> httpx.AsyncClient:
    """Connections are not kept for the next request: one that the server closed meanwhile would lose a POST,
    and against the seconds a picture takes a new one costs nothing.
    """
    return open_client(
        address,
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
    )


class _Pace:
    """Feeds a reader in steps that leave the event loop its turns.

    A picture's 64 KiB take a fraction of a millisecond, as much of tiny events takes fifty: the size of a
    step follows what the last one took.
    """

    def __init__(self) -> None:
        self._clock = asyncio.get_running_loop().time
        self._size = _FIRST_STEP
        self._turn = self._clock()

    async def feed(self, reader: ReplyReader, piece: bytes) -> None:
        at = 0
        while at < len(piece):
            before = self._clock()
            reader.feed(piece[at : at + self._size])
            at += self._size
            now = self._clock()
            self._size = max(_FIRST_STEP // 4, self._size // 4) if now - before > _STEP else self._size * 2
            self._size = min(self._size, _SLICE)
            if now - self._turn > _STEP:
                await asyncio.sleep(0)
                self._turn = self._clock()


async def _read_error(response: httpx.Response) -> bytes:
    """The body of an error, as far as it goes: what came before a cut is kept."""
    body = bytearray()
    try:
        async for piece in response.aiter_bytes():
            body += piece[: _MAX_ERROR_BODY - len(body)]
            if len(body) >= _MAX_ERROR_BODY:
                break
    except (httpx.TransportError, httpx.DecodingError):
        return bytes(body)
    return bytes(body)


async def _finish_in_thread(work: Callable[[], Reply]) -> Reply:
    """Run ``work`` in a thread and wait for its end also when cancelled: its files are removed afterwards."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise
