"""Which of the places where a proxy may be has one that takes our key: asked only where there is a choice."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tui.connect.ccs_files import Place
from tui.domain.proxy import ProxyAddress

if TYPE_CHECKING:
    from tui.network import Start

PATIENCE: Final = 3.0
"""Seconds for all candidates together."""

_PATIENCE_OF_ONE: Final = 1.5
_LONGEST: Final = 256 * 1024
"""Bytes of a list of models that are read: its beginning tells what it is."""

_REFUSED: Final = 401


@dataclass(frozen=True, slots=True)
class Search:
    """Where a proxy may be: ``candidates``, the best first, at least one, none twice; ``places`` looked at."""

    candidates: tuple[ProxyAddress, ...]
    places: tuple[Place, ...] = ()


async def settle(search: Search, *, otherwise: ProxyAddress | None = None) -> ProxyAddress:
    """The first candidate that answers with its models, within 3 seconds.

    A key that is refused leads to the next key for the same address, no proxy to the next address; with one
    candidate nobody is asked. Where none takes our keys it is one whose proxy answers at all, else the first;
    ``otherwise``, if it is a candidate that is no worse, goes before both.
    """
    candidates = search.candidates
    if len(candidates) == 1:
        return candidates[0]
    answering: list[ProxyAddress] = []
    try:
        async with asyncio.timeout(PATIENCE):
            for keys in _by_address(candidates):
                found = await _first_taken(keys, answering)
                if found is not None:
                    return found
    except TimeoutError:
        return _fallback(candidates, answering, otherwise)
    return _fallback(candidates, answering, otherwise)


def _fallback(
    candidates: Sequence[ProxyAddress], answering: Sequence[ProxyAddress], otherwise: ProxyAddress | None
) -> ProxyAddress:
    places = {each.url for each in answering or candidates}
    for each in candidates:
        if otherwise is not None and (each.url, each.key) == (otherwise.url, otherwise.key) and each.url in places:
            return each
    return (*answering, *candidates)[0]


def _by_address(candidates: Sequence[ProxyAddress]) -> list[list[ProxyAddress]]:
    groups: dict[str, list[ProxyAddress]] = {}
    for each in candidates:
        groups.setdefault(each.url, []).append(each)
    return list(groups.values())


async def _first_taken(keys: Sequence[ProxyAddress], answering: list[ProxyAddress]) -> ProxyAddress | None:
    """The first of ``keys``, all for one address, that its proxy takes; one that answers only is noted."""
    from tui.network import httpx, open_client, read_start

    try:
        client = await asyncio.to_thread(open_client, keys[0], timeout=_PATIENCE_OF_ONE)
    except (ValueError, ImportError, OSError):
        # What the environment names cannot be used: whoever sends the request is told.
        return None
    try:
        async with client, asyncio.timeout(_PATIENCE_OF_ONE):
            for address in keys:
                headers = {"Authorization": f"Bearer {address.key.reveal()}"}
                start = await read_start(client, f"{address.url}/v1/models", headers, _LONGEST)
                status = start.status
                if status == 200:
                    return address if _is_model_list(start) else None
                if status in (403, 429) or status == _REFUSED or status >= 500:
                    answering.append(address)
                if status != _REFUSED:
                    return None
    except (TimeoutError, httpx.TransportError, httpx.DecodingError, httpx.InvalidURL):
        return None
    return None


def _is_model_list(start: "Start") -> bool:
    if not start.whole:
        return start.body.lstrip().startswith(b"{") and b'"data"' in start.body
    try:
        value = json.loads(start.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(value.get("data"), list)
