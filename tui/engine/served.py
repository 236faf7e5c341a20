"""Whether a proxy serves any model at all: asked when it says that it does not know the one it was given.

CLIProxyAPI answers a wrong name and a missing login in the same words (400 ``model_not_found``, 502 up to
v7.2.120); only its list of models tells them apart: it is empty where no account is logged in.
"""

import asyncio
from typing import Final

import msgspec

from tui.domain.errors import ImageGenError, ModelUnknown, NoAccount
from tui.engine.http import httpx

_PATIENCE: Final = 3.0
"""Seconds the list may take; without it the first answer stands."""

_EMPTY_LIST: Final = 4096
"""A body of more bytes holds models."""

_HINT: Final = "It serves no model at all. Log in to a provider that makes pictures (ccs agy --auth)."


async def tell_login_from_name(fault: ModelUnknown, http: httpx.AsyncClient, url: str, key: str) -> ImageGenError:
    """``fault``, or NoAccount in its place where the proxy at ``url`` has an empty list of models."""
    if await _serves_nothing(http, url, key):
        return NoAccount(fault.detail, title="The proxy has no account", hint=_HINT, http_status=fault.http_status)
    return fault


async def _serves_nothing(http: httpx.AsyncClient, url: str, key: str) -> bool:
    address = httpx.URL(f"{url}/v1/models").copy_with(userinfo=b"")
    headers = {"Authorization": f"Bearer {key}"}
    body = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE), http.stream("GET", address, headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                return False
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _EMPTY_LIST:
                    return False
        value = msgspec.json.decode(body)
    except (TimeoutError, httpx.TransportError, httpx.DecodingError, msgspec.DecodeError):
        return False
    return isinstance(value, dict) and value.get("data") == []
