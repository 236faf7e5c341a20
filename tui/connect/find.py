"""Finding the proxy: what a person named, else what CCS wrote down, else the usual place with the usual key."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from tui.connect.ccs import CcsHome, Named, ccs_home, read_home
from tui.connect.ccs_files import Place, server_url, shown
from tui.connect.overrides import Overrides, overrides
from tui.connect.settling import Search, settle
from tui.domain.proxy import DEFAULT_KEY, DEFAULT_PROXY, ProxyAddress, Secret, is_loopback
from tui.domain.words import one_line
from tui.settings import Settings

__all__ = ["Place", "Search", "look", "search", "settle"]

FILES_PATIENCE: Final = 2.0
"""Seconds that the files of CCS may take: its home may be on a network that is gone."""

_MAX_CANDIDATES: Final = 64
_USUAL_KEY: Final = Named("default", key=Secret(DEFAULT_KEY))


def search(settings: Settings, environ: Mapping[str, str]) -> Search:
    """Every place where the proxy may be, with every key it may take, in CCS's order of preference.

    A flag, ``IMAGE_GEN_…`` and our settings file come before all; then ``CCS_PROXY_…``, the remote server in
    CCS's ``config.yaml``, the ports CCS wrote down, and the usual one. A key that a person gave is the only one.
    Keys that were found go to this machine alone; a remote server gets its own token, and the usual key that
    everybody knows. Reads files and asks nobody; blocking, some milliseconds.
    """
    if settings.proxy is not None and settings.api_key is not None:
        return _search(settings, environ, None)
    return _search(settings, environ, read_home(ccs_home(environ)))


async def look(settings: Settings, environ: Mapping[str, str], *, patience: float = FILES_PATIENCE) -> Search:
    """``search`` in a thread; where the files do not answer in time, what is known without them.

    The thread ends with the program, however long the files take.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Search] = loop.create_future()

    def tell(result: Search) -> None:
        if not found.done():
            found.set_result(result)

    def work() -> None:
        result = search(settings, environ)
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result)

    threading.Thread(target=work, name="find proxy", daemon=True).start()
    try:
        async with asyncio.timeout(patience):
            return await found
    except TimeoutError:
        known = _search(settings, environ, None)
        late = Place(shown(ccs_home(environ)), f"does not answer within {patience:g} s", ok=False)
        return Search(known.candidates, (*known.places, late))


def _search(settings: Settings, environ: Mapping[str, str], home: CcsHome | None) -> Search:
    home = home or CcsHome(ccs_home(environ), ())
    override = overrides(environ, home.remote)
    found: dict[tuple[str, Secret], ProxyAddress] = {}
    for server in _servers(settings, home, override):
        self_signed = override.self_signed and _is_remote(server, override)
        for named in _keys(settings, server, home, override):
            key = named.key or Secret(DEFAULT_KEY)
            insecure = (settings.insecure or self_signed) and server.url.lower().startswith("https:")
            address = ProxyAddress(server.url, key, server.source, named.key_source, insecure)
            found.setdefault((address.url, address.key), address)
    places = (*_own_places(settings), *override.places, *home.places)
    return Search(tuple(found.values())[:_MAX_CANDIDATES], places)


def _servers(settings: Settings, home: CcsHome, override: Overrides) -> Iterator[Named]:
    """Where a proxy may be, the best first; what a person named is the only place."""
    if settings.proxy is not None:
        yield Named(settings.origins.get("proxy", "default"), settings.proxy)
        return
    if override.remote is not None:
        yield override.remote
    yield from _local_servers(home, override)


def _local_servers(home: CcsHome, override: Overrides) -> Iterator[Named]:
    """The places on this machine that CCS wrote down; the usual one where it wrote down none.

    Whatever listens at the usual port while CCS's proxy has another is somebody else's.
    """
    generated = {each.port: each for each in home.generated}

    def local(port: int, source: str) -> Named:
        return Named(source, (port in generated and generated[port].url) or f"http://127.0.0.1:{port}")

    if override.local_port is not None:
        yield local(override.local_port, "CCS_PROXY_PORT")
    if home.local_port is not None:
        yield local(home.local_port, "CCS config.yaml")
    for each in home.sessions:
        yield local(urlsplit(each.url).port or 0, each.source)
    for config in home.generated:
        if config.url:
            yield Named(config.source, config.url)
    for port in home.variant_ports:
        yield local(port, "a variant in CCS config.yaml")
    yield from (Named(each.source, each.url) for each in home.profiles)
    written = any(config.url for config in home.generated)
    if not (written or home.sessions or override.local_port is not None or home.local_port is not None):
        yield Named("default", DEFAULT_PROXY)


def _keys(settings: Settings, server: Named, home: CcsHome, override: Overrides) -> Iterator[Named]:
    """The keys that may go to ``server``, the likeliest first."""
    if settings.api_key is not None:
        yield Named(settings.origins.get("api_key", "default"), key=settings.api_key)
        return
    if _is_remote(server, override) and override.remote is not None and override.remote.key is not None:
        yield override.remote
    if is_loopback(server.url):
        yield from _local_keys(server, home, override)
        return
    # A proxy of this machine that listens at one of its other addresses takes the keys in its own configuration.
    for config in home.generated:
        if settings.proxy is None and server.source == config.source:
            yield from (Named(config.source, key=key) for key in config.keys)
    yield _USUAL_KEY


def _local_keys(server: Named, home: CcsHome, override: Overrides) -> Iterator[Named]:
    """A variant's own key comes late: CCS 7.79 starts its proxy with the common keys only."""
    if override.local_key is not None:
        yield override.local_key
    if home.key is not None:
        yield home.key
    for config in sorted(home.generated, key=lambda each: each.url != server.url):
        yield from (Named(config.source, key=key) for key in config.keys)
    yield from home.variant_keys
    yield _USUAL_KEY
    for profile in sorted(home.profiles, key=lambda each: each.url != server.url):
        if profile.key is not None:
            yield profile


def _is_remote(server: Named, override: Overrides) -> bool:
    """Whether ``server`` is the one that CCS is told to use: same scheme, host and port."""
    return override.remote is not None and _origin(server.url) == _origin(override.remote.url)


def _origin(url: str) -> str | None:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return server_url(parts.hostname or "", parts.scheme, port)


def _own_places(settings: Settings) -> Iterator[Place]:
    """What was named to us, before anything of CCS."""
    if settings.proxy is not None:
        yield Place(one_line(settings.origins.get("proxy", "default"), 4096), one_line(settings.proxy))
    if settings.api_key is not None:
        yield Place(one_line(settings.origins.get("api_key", "default"), 4096), "a key")
