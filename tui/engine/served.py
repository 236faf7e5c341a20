"""A look at a proxy's list of models, to tell apart two failures that look alike.

CLIProxyAPI answers a wrong name and a missing login in the same words (400 ``model_not_found``, 502 up to
v7.2.120); only its list of models tells them apart: it is empty where no account is logged in. And a server
that refuses our key before it has read a large body closes the connection on it, and its answer is lost.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from tui.domain.errors import CannotConnect, ImageGenError, ModelUnknown, NoAccount
from tui.engine.faults import fault_from_response
from tui.engine.http import httpx

_PATIENCE: Final = 3.0
"""Seconds the list may take; without it the first answer stands."""

_SHORT: Final = 4096
"""Bytes that are read; a list that is longer holds models."""

_REFUSALS: Final = (401, 403)
_HINT: Final = "It serves no model at all. Log in to a provider that makes pictures (ccs agy --auth)."


@dataclass(frozen=True, slots=True)
class _Look:
    status: int
    headers: Mapping[str, str]
    body: bytes


async def tell_login_from_name(fault: ModelUnknown, http: httpx.AsyncClient, url: str, key: str) -> ImageGenError:
    """``fault``, or NoAccount in its place where the proxy at ``url`` has an empty list of models."""
    look = await _look(http, url, key)
    if look is not None and look.status == httpx.codes.OK and _is_empty(look.body):
        return NoAccount(fault.detail, title="The proxy has no account", hint=_HINT, http_status=fault.http_status)
    return fault


async def tell_refusal_from_loss(fault: CannotConnect, http: httpx.AsyncClient, url: str, key: str) -> ImageGenError:
    """``fault``, or the refusal in its place where the proxy at ``url`` does not take our key."""
    look = await _look(http, url, key)
    if look is not None and look.status in _REFUSALS:
        return fault_from_response(look.status, look.headers, look.body)
    return fault


async def _look(http: httpx.AsyncClient, url: str, key: str) -> _Look | None:
    """The answer to the question for the models, its body up to 4 KiB; None where none comes."""
    address = httpx.URL(f"{url}/v1/models").copy_with(userinfo=b"")
    headers = {"Authorization": f"Bearer {key}"}
    body = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE), http.stream("GET", address, headers=headers) as response:
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _SHORT:
                    break
    except (TimeoutError, httpx.TransportError, httpx.DecodingError):
        return None
    return _Look(response.status_code, response.headers, bytes(body[:_SHORT]))


def _is_empty(body: bytes) -> bool:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("data") == []
