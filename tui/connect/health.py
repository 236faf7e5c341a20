"""Judging a proxy: does something answer there, what is it, which models does it serve, what is wrong.

What CLIProxyAPI says at each address was recorded with v7.2.140: ``GET /healthz`` gives
``{"status":"ok"}``, ``GET /`` gives ``{"message":"CLI Proxy API Server",…}``, ``GET /v1/models`` wants the
key, and answers 403 with ``X-CPA-SAFE-MODE`` while the template keys stand in its configuration; then ``/``
is a web page, still 200. A plain 200 for ``/`` proves nothing: every web server gives one.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tui.connect import trouble
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line

if TYPE_CHECKING:
    import httpx

CLIPROXYAPI: Final = "CLIProxyAPI"
SANDBOX: Final = "sandbox"
OPENROUTER: Final = "OpenRouter"
ANOTHER_SERVER: Final = "another server"

_GREETING: Final = "CLI Proxy API Server"
_BODY_LIMIT: Final = 8 * 1024 * 1024
_SMALL_JSON: Final = 256 * 1024
_TITLE: Final = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_PAGE: Final = re.compile(rb"\s*(<!doctype html|<html|<head|<body)", re.IGNORECASE)
_TITLE_WITHIN: Final = 4096


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer of the server; ``value`` is its JSON, None where it is none. ``status`` 0: there was none."""

    status: int = 0
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_page: bool = False
    title: str = ""
    fault: Exception | None = None

    @property
    def is_safe_mode(self) -> bool:
        """Whether CLIProxyAPI says that it serves nothing because of the template keys."""
        return "x-cpa-safe-mode" in self.headers

    @property
    def object(self) -> dict[str, Any]:
        """The JSON object it is, an empty one where it is none."""
        return self.value if isinstance(self.value, dict) else {}


async def judge(address: ProxyAddress, *, timeout: float = 3.0) -> ProxyHealth:
    """What a look at the proxy finds, within ``timeout`` seconds; nothing a server does makes it raise.

    The key is sent with the question for the models alone, and no redirect is followed.
    """
    try:
        client = await asyncio.to_thread(_open, address, timeout)
    except (ValueError, ImportError, OSError) as error:
        return ProxyHealth(answers=False, trouble=trouble.no_client(error))
    if client is None:
        return ProxyHealth(answers=False, trouble=trouble.no_address(address.label))
    return await _look_around(client, address, timeout)


def _open(address: ProxyAddress, timeout: float) -> "httpx.AsyncClient | None":
    """A client for ``address``, None where that is none; blocking: HTTP is imported, certificates are read."""
    from tui.network import open_client

    return open_client(address, timeout=timeout) if _is_usable(address.url) else None


async def _look_around(client: "httpx.AsyncClient", address: ProxyAddress, timeout: float) -> ProxyHealth:
    from tui.network import httpx

    key = {"Authorization": f"Bearer {address.key.reveal()}"}
    async with client:
        alive = await _ask(client, f"{address.url}/healthz", {}, timeout / 2)
        if isinstance(alive.fault, httpx.ConnectError):
            return ProxyHealth(answers=False, trouble=trouble.connect_trouble(address, alive.fault))
        left = timeout / 2 if alive.fault is not None else timeout
        root, models = await asyncio.gather(
            _ask(client, f"{address.url}/", {}, left), _ask(client, f"{address.url}/v1/models", key, left)
        )
        origin = _origin(address.url)
        if models.status == httpx.codes.NOT_FOUND and origin != address.url:
            above = await _ask(client, f"{origin}/", {}, left)
            if above.object.get("message") == _GREETING:
                words = trouble.lives_at_the_root(address, origin)
                return ProxyHealth(answers=True, name=CLIPROXYAPI, trouble=words)
    return _verdict(address, alive, root, models, timeout)


async def _ask(client: "httpx.AsyncClient", url: str, headers: dict[str, str], seconds: float) -> _Answer:
    """The answer to one GET, of which at most 8 MiB are read; ``fault`` where none came within ``seconds``."""
    from tui.network import httpx, read_start

    try:
        async with asyncio.timeout(seconds):
            start = await read_start(client, url, headers, _BODY_LIMIT)
    except (TimeoutError, httpx.TransportError, httpx.DecodingError) as error:
        return _Answer(fault=error)
    if not start.whole:
        return _Answer(start.status, headers=start.headers)
    data = start.body
    value = _parse(data) if len(data) <= _SMALL_JSON else await asyncio.to_thread(_parse, data)
    title = _TITLE.search(data[:_TITLE_WITHIN])
    words = title[1].decode("utf-8", "replace") if title else start.headers.get("server", "")
    return _Answer(start.status, value, start.headers, _PAGE.match(data) is not None, title=one_line(words, 40))


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _verdict(address: ProxyAddress, alive: _Answer, root: _Answer, models: _Answer, timeout: float) -> ProxyHealth:
    from tui.network import httpx

    name = _name(address, root, models)
    is_proxy = bool(name) or alive.object.get("status") == "ok"
    if models.is_safe_mode:
        return ProxyHealth(answers=True, name=CLIPROXYAPI, trouble=trouble.SAFE_MODE)
    if models.status == httpx.codes.OK and isinstance(rows := models.object.get("data"), list):
        return _serving(name or "proxy", rows, _skew(models.headers))
    if models.status == httpx.codes.UNAUTHORIZED and (is_proxy or models.object):
        words = trouble.key_refused(name, address)
        return ProxyHealth(True, name or "proxy", trouble=words, key_refused=True, skew=_skew(models.headers))
    if models.fault is not None:
        return _no_list(address, name if name or not is_proxy else "The proxy", models.fault, timeout)
    if httpx.codes.is_redirect(models.status):
        words = trouble.sends_elsewhere(address, _target(address.url, models.headers.get("location", "")))
        return ProxyHealth(answers=False, name=ANOTHER_SERVER, trouble=words)
    if name or models.status == httpx.codes.FORBIDDEN or models.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        words = trouble.refused_list(name, address, models.status)
        return ProxyHealth(answers=bool(name), name=name or ANOTHER_SERVER, trouble=words)
    page = next((each for each in (root, models) if each.is_page), None)
    title = (page or root).title or models.title
    words = trouble.another_server(address, title, is_page=page is not None)
    return ProxyHealth(answers=False, name=ANOTHER_SERVER, trouble=words)


def _no_list(address: ProxyAddress, name: str, fault: Exception, timeout: float) -> ProxyHealth:
    """For a question for the models that was not answered: is there a proxy at all?"""
    from tui.network import httpx

    is_slow = isinstance(fault, TimeoutError | httpx.TimeoutException)
    if name:
        return ProxyHealth(answers=True, name=name, trouble=trouble.no_list(name, address, timeout))
    words = trouble.too_slow(address, timeout) if is_slow else trouble.connect_trouble(address, fault)
    return ProxyHealth(answers=False, trouble=words)


def _serving(name: str, rows: list[Any], skew: float | None) -> ProxyHealth:
    """For a list of models: what it holds, and which login is missing where nothing in it makes pictures."""
    known = {}
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("id"), str) and (each := one_line(row["id"], 200)):
            known[each] = row
    models = tuple(sorted(known))
    owners = {each: one_line(row["owned_by"], 60) for each, row in known.items() if _is_text(row.get("owned_by"))}
    health = ProxyHealth(
        True, name, models, owners=owners, painters=frozenset(filter(None, map(_painter, known.items()))), skew=skew
    )
    if health.image_models:
        return health
    is_cliproxyapi = name in (CLIPROXYAPI, "proxy")
    words = (
        trouble.no_picture_model(name, models, owners, is_cliproxyapi=is_cliproxyapi)
        if models
        else trouble.no_login(name, is_cliproxyapi=is_cliproxyapi)
    )
    return ProxyHealth(True, name, models, words, owners=owners, skew=skew)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _painter(entry: tuple[str, dict[str, Any]]) -> str | None:
    """The id of a model of whose row OpenRouter says that pictures come out (``architecture``)."""
    name, row = entry
    architecture = row.get("architecture")
    out = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    return name if isinstance(out, list) and "image" in out else None


def _name(address: ProxyAddress, root: _Answer, models: _Answer) -> str:
    """What the server calls itself, empty where it does not say."""
    message = root.object.get("message")
    if message == _GREETING or models.is_safe_mode:
        return CLIPROXYAPI
    if isinstance(message, str) and "sandbox" in message.lower():
        return SANDBOX
    return OPENROUTER if address.label.partition("/")[0].endswith("openrouter.ai") else ""


def _skew(headers: Mapping[str, str]) -> float | None:
    """Seconds that our clock is ahead of the server's ``Date``, which is cut to whole seconds."""
    from email.utils import parsedate_to_datetime

    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, OverflowError):
        return None
    told = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
    return round((datetime.now(UTC) - told).total_seconds() - 0.5, 1)


def _target(url: str, location: str) -> str:
    """The base address that a redirect of ``/v1/models`` leads to, without a login; empty where it names none."""
    from tui.network import httpx

    try:
        target = httpx.URL(url).join(location).copy_with(userinfo=b"", query=None, fragment=None)
    except (httpx.InvalidURL, UnicodeError):
        return ""
    return one_line(str(target).removesuffix("/").removesuffix("/v1/models"), 120) if location else ""


def _origin(url: str) -> str:
    """Scheme, host and port of ``url``, without a login."""
    from tui.network import httpx

    return str(httpx.URL(url).copy_with(userinfo=b"", raw_path=b"/")).rstrip("/")


def _is_usable(url: str) -> bool:
    """Whether ``url`` has a scheme, a host and a port that can be connected to."""
    from tui.network import httpx

    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return False
    return parsed.scheme in ("http", "https") and bool(parsed.host) and (parsed.port or 80) in range(1, 65536)
