"""A look at a proxy's list of models, to tell apart failures that look alike.

CLIProxyAPI answers a wrong name and a missing login in the same words (400 ``model_not_found``, 502 up to
v7.2.120); only its list of models tells them apart: it is empty where no account can be used, a disabled one
counts as none. The list's ``owned_by`` also tells whose account a provider refused. And a server that refuses
our key before it has read a large body closes the connection on it, and its answer is lost.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from tui.domain.accounts import LOGIN_COMMAND
from tui.domain.errors import CannotConnect, ImageGenError, ModelUnknown, NoAccount
from tui.domain.served import nearest_served
from tui.engine.faults import PROVIDER, PROXY, fault_from_response
from tui.network import httpx, read_start

_PATIENCE: Final = 3.0
"""Seconds the list may take; without it the first answer stands."""

_SHORT: Final = 256 * 1024
"""Bytes that are read; CLIProxyAPI needs 100 a model."""

_REFUSALS: Final = (401, 403)
_LOG_IN: Final = f"Log in to a provider that makes pictures ({LOGIN_COMMAND}), or put a Gemini API key into its config."


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server answered: status, headers that are found in any case, the body's beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom we asked, with what: the proxy's base URL, our key, the model's name."""

    http: httpx.AsyncClient
    url: str
    key: str
    model: str

    @property
    def path(self) -> str:
        """What the proxy's address has behind host and port."""
        return httpx.URL(self.url).path


async def fault_told(answered: Answered, asking: Asking) -> ImageGenError:
    """What an answer other than 2xx stands for; where the proxy's list of models tells more, it is asked."""
    fault = _fault(answered, asking)
    if isinstance(fault, ModelUnknown) and fault.origin == PROXY:
        return _told_by_list(fault, asking.model, await _served(asking))
    if isinstance(fault, NoAccount) and fault.origin == PROVIDER and fault.provider is None:
        owner = (await _served(asking) or {}).get(asking.model)
        return _fault(answered, asking, provider=owner) if owner else fault
    return fault


async def tell_refusal_from_loss(fault: CannotConnect, asking: Asking) -> ImageGenError:
    """``fault``, or the refusal in its place where the proxy does not take our key."""
    look = await _look(asking)
    return _fault(look, asking) if look is not None and look.status in _REFUSALS else fault


def _fault(answered: Answered, asking: Asking, *, provider: str | None = None) -> ImageGenError:
    return fault_from_response(answered.status, answered.headers, answered.body, path=asking.path, provider=provider)


def _told_by_list(fault: ModelUnknown, model: str, served: Mapping[str, str] | None) -> ImageGenError:
    """``fault`` with the name to take instead; NoAccount in its place where nothing is served at all."""
    if served is None:
        return fault
    if not served:
        return NoAccount(
            fault.detail,
            title="The proxy has no account that it can use",
            hint=f"It serves no model at all. {_LOG_IN}",
            http_status=fault.http_status,
            origin=fault.origin,
        )
    near = nearest_served(model, served)
    if near is None and model in served:
        fault.hint = "It stands in the proxy's list all the same: try again in a moment."
    elif near is None:
        fault.hint = f"None of the {len(served)} models it serves makes pictures. {_LOG_IN}"
    else:
        fault.nearest = near
        fault.hint = f"The nearest it serves is {near}: take it with --model {near}. image-gen models lists all."
    return fault


async def _served(asking: Asking) -> Mapping[str, str] | None:
    """Each id that is served and who owns it ("" where nobody says); None where the list did not come whole."""
    look = await _look(asking)
    if look is None or look.status != httpx.codes.OK:
        return None
    try:
        value = msgspec.json.decode(look.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        return None
    rows = [row for row in data if isinstance(row, dict) and isinstance(row.get("id"), str)]
    return {row["id"]: owner if isinstance(owner := row.get("owned_by"), str) else "" for row in rows}


async def _look(asking: Asking) -> Answered | None:
    """The answer to the question for the models, its body up to 256 KiB; None where none comes."""
    address = httpx.URL(f"{asking.url}/v1/models").copy_with(userinfo=b"")
    headers = {"Authorization": f"Bearer {asking.key}"}
    try:
        async with asyncio.timeout(_PATIENCE):
            start = await read_start(asking.http, address, headers, _SHORT)
    except (TimeoutError, httpx.TransportError, httpx.DecodingError):
        return None
    return Answered(start.status, start.headers, start.body)
