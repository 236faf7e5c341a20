"""Judging a proxy: does something answer there, what is it, which models does it serve, what is wrong.

What CLIProxyAPI says at each address was recorded with v7.2.140: ``GET /healthz`` gives
``{"status":"ok"}``, ``GET /`` gives ``{"message":"CLI Proxy API Server",…}``, ``GET /v1/models`` wants the
key, and answers 403 with ``X-CPA-SAFE-MODE`` while the template keys stand in its configuration.
"""

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tui.domain.proxy import ProxyAddress, ProxyHealth, is_loopback
from tui.domain.words import one_line

if TYPE_CHECKING:
    import httpx

CLIPROXYAPI: Final = "CLIProxyAPI"
SANDBOX: Final = "sandbox"
OPENROUTER: Final = "OpenRouter"
ANOTHER_SERVER: Final = "another server"

_BODY_LIMIT: Final = 8 * 1024 * 1024
_SMALL_JSON: Final = 256 * 1024
_START_HINT: Final = "Start the proxy (ccs cliproxy start), name another with --proxy URL, or try --sandbox."
_KEY_HINT: Final = "Give its key with --api-key KEY or IMAGE_GEN_API_KEY."
_ADDRESS_HINT: Final = "Give the proxy's address with --proxy URL, or try --sandbox."


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer of the server; ``value`` is its JSON, None where it is none."""

    status: int
    value: Any = None
    safe_mode: bool = False


async def judge(address: ProxyAddress, *, timeout: float = 3.0) -> ProxyHealth:
    """What a look at the proxy finds, within ``timeout`` seconds; nothing a server does makes it raise."""
    import httpx

    if not _is_usable(address.url):
        return ProxyHealth(answers=False, trouble=f"{one_line(address.label)} is no usable address. {_ADDRESS_HINT}")
    headers = {"Authorization": f"Bearer {address.key.reveal()}"}
    try:
        async with (
            asyncio.timeout(timeout),
            httpx.AsyncClient(timeout=timeout, trust_env=not is_loopback(address.url)) as client,
        ):
            await _get(client, f"{address.url}/healthz", {})
            root, models = await asyncio.gather(
                _get(client, f"{address.url}/", {}), _get(client, f"{address.url}/v1/models", headers)
            )
    except (TimeoutError, httpx.TimeoutException):
        return ProxyHealth(
            answers=False,
            trouble=f"{address.label} does not answer within {timeout:g} s. {_START_HINT}",
        )
    except (httpx.TransportError, httpx.DecodingError) as error:
        return ProxyHealth(answers=False, trouble=_connect_trouble(address, error))
    return await _verdict(address, root, models)


async def _get(client: "httpx.AsyncClient", url: str, headers: dict[str, str]) -> _Answer:
    """The answer to one GET, of which at most 8 MiB are read."""
    body = bytearray()
    async with client.stream("GET", url, headers=headers) as response:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > _BODY_LIMIT:
                return _Answer(response.status_code)
        safe_mode = "x-cpa-safe-mode" in response.headers
        status = response.status_code
    value = _parse(bytes(body)) if len(body) <= _SMALL_JSON else await asyncio.to_thread(_parse, bytes(body))
    return _Answer(status, value, safe_mode)


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


async def _verdict(address: ProxyAddress, root: _Answer, models: _Answer) -> ProxyHealth:
    name = _name(address, root, models)
    if models.safe_mode:
        return ProxyHealth(
            answers=True,
            name=CLIPROXYAPI,
            trouble="CLIProxyAPI serves nothing while the example keys (your-api-key-1 …) stand in its "
            "api-keys. Put a key of your own there.",
        )
    served = _model_ids(models.value) if models.status == 200 else None
    if served is not None:
        health = ProxyHealth(answers=True, name=name or "proxy", models=served)
        if served:
            return health
        return replace(
            health,
            trouble=f"{health.name} serves no model: it has no usable account. "
            "Log in to a provider that makes pictures (ccs agy --auth).",
        )
    if models.status == 401 and (name or isinstance(models.value, dict)):
        return ProxyHealth(
            answers=True, name=name or "proxy", trouble=f"The proxy does not accept our key. {_KEY_HINT}"
        )
    if name or models.status == 403 or models.status >= 500:
        return ProxyHealth(
            answers=bool(name),
            name=name or ANOTHER_SERVER,
            trouble=f"{name or address.label} answers HTTP {models.status} to the question for its models. "
            f"{_ADDRESS_HINT}",
        )
    return ProxyHealth(
        answers=False,
        name=ANOTHER_SERVER,
        trouble=f"What answers at {address.label} is no proxy for pictures. {_ADDRESS_HINT}",
    )


def _name(address: ProxyAddress, root: _Answer, models: _Answer) -> str:
    """What the server calls itself, empty where it does not say."""
    message = root.value.get("message") if isinstance(root.value, dict) else None
    if isinstance(message, str):
        if "sandbox" in message.lower():
            return SANDBOX
        if message == "CLI Proxy API Server":
            return CLIPROXYAPI
    if models.safe_mode:
        return CLIPROXYAPI
    return OPENROUTER if address.label.partition("/")[0].endswith("openrouter.ai") else ""


def _model_ids(value: Any) -> tuple[str, ...] | None:
    """The sorted ids of an OpenAI-style model list, None if ``value`` is no such list."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        return None
    ids = (row.get("id") for row in data if isinstance(row, dict))
    return tuple(sorted({one_line(name, 200) for name in ids if isinstance(name, str) and name.strip()}))


def _connect_trouble(address: ProxyAddress, error: Exception) -> str:
    """One sentence on why there was no answer, with what to do."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return (
            f"No secure connection to {address.label}: {one_line(str(error), 120)}. "
            "Check whether the address begins with http:// or https://."
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"There is no host called {address.label}. {_ADDRESS_HINT}"
    import httpx

    if isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError)):
        return f"What listens at {address.label} does not answer as a proxy does. {_ADDRESS_HINT}"
    return f"Nothing answers at {address.label}. {_START_HINT}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _is_usable(url: str) -> bool:
    """Whether ``url`` has a scheme, a host and a port that can be connected to."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return False
    return parsed.scheme in ("http", "https") and bool(parsed.host) and (parsed.port or 80) in range(1, 65536)
