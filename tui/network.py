"""The one way to open a connection to a proxy: whom it trusts, what it sends of itself, where it never goes.

httpx is imported here without the command line that comes with it. ``import httpx`` also loads ``httpx._main``,
its optional command, and with it click, rich and pygments: 60 of 117 ms. httpx itself goes on without it when
that import fails (that is how it behaves where its ``cli`` extra is not installed), so it is made to fail while
httpx is loaded, and only then.
"""

import os
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Final, cast

from tui import __version__
from tui.domain.proxy import ProxyAddress, is_loopback

__all__ = ["Start", "causes", "httpx", "load_network", "open_client", "read_start"]

_COMMAND: Final = "httpx._main"
_ASYNC_HALF: Final = "anyio._backends._asyncio"


@contextmanager
def _missing(module: str) -> Iterator[None]:
    """Make ``import module`` fail inside the block, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = cast("ModuleType", None)
    try:
        yield
    finally:
        del sys.modules[module]


with _missing(_COMMAND):
    import httpx


def open_client(
    address: ProxyAddress, *, timeout: httpx.Timeout | float, limits: httpx.Limits | None = None
) -> httpx.AsyncClient:
    """An HTTP client for one proxy. Call it in a thread: modules are imported and certificates read.

    It follows no redirect, so that the key goes to nobody else. What is on this machine is asked directly,
    whatever proxies the environment names, and no certificates are read (20 ms) where none will be looked at.
    A User-Agent of our own keeps CLIProxyAPI from answering in the form it has for other programs.
    Raises ValueError, ImportError or OSError for what the environment says that cannot be used.
    """
    here = is_loopback(address.url)
    load_network()
    return httpx.AsyncClient(
        headers={"User-Agent": f"image-gen/{__version__}", "Accept-Encoding": "gzip, deflate"},
        timeout=timeout,
        limits=limits or httpx.Limits(),
        trust_env=not here,
        follow_redirects=False,
        verify=_trust(address, here=here),
    )


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of an answer: status, headers that are found in any case, the bytes that were read.

    ``whole`` is false where there were more.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


async def read_start(client: httpx.AsyncClient, url: httpx.URL | str, headers: Mapping[str, str], limit: int) -> Start:
    """The answer to one GET, at most ``limit`` bytes of its body. Raises what httpx does where none comes."""
    body = bytearray()
    async with client.stream("GET", url, headers=headers) as response:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > limit:
                break
    return Start(response.status_code, response.headers, bytes(body[:limit]), whole=len(body) <= limit)


def causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what led to it, the members of groups included: several addresses may have been tried."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        waiting += [cause for cause in (each.__cause__, each.__context__) if cause is not None]


def load_network() -> None:
    """Import what httpx leaves for its first connection: call it in a thread, it takes some 60 ms.

    anyio loads its asyncio half when it first runs something. A release of httpx that does without anyio has
    nothing to load here.
    """
    if _ASYNC_HALF in sys.modules:
        return
    with suppress(ImportError):
        import anyio

        anyio.run(anyio.sleep, 0)


def _trust(address: ProxyAddress, *, here: bool) -> ssl.SSLContext:
    """Who may vouch for the server: the authorities this system trusts, or those that SSL_CERT_FILE or
    SSL_CERT_DIR names; nobody need where a person said so."""
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if here and address.url.lower().startswith("http:"):
        return bare
    if address.insecure:
        bare.check_hostname = False
        bare.verify_mode = ssl.CERT_NONE
        return bare
    if file := os.environ.get("SSL_CERT_FILE"):
        return ssl.create_default_context(cafile=file)
    if folder := os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context(capath=folder)
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
