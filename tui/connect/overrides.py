"""CCS's own environment variables: another proxy for this shell, over what its files say.

``CCS_PROXY_HOST``, ``_PORT``, ``_PROTOCOL`` and ``_AUTH_TOKEN`` each replace one part of the remote server in
``config.yaml``; without a host the port is that of the proxy on this machine. ``CCS_ALLOW_SELF_SIGNED`` lets the
remote server's certificate go unchecked. As in CCS 7.79, ``cliproxy/proxy/proxy-config-resolver.js``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tui.connect.ccs import Named
from tui.connect.ccs_files import Place, is_yes, key_of, port_of, server_url
from tui.domain.words import one_line

HOST: Final = "CCS_PROXY_HOST"
PORT: Final = "CCS_PROXY_PORT"
PROTOCOL: Final = "CCS_PROXY_PROTOCOL"
TOKEN: Final = "CCS_PROXY_AUTH_TOKEN"
SELF_SIGNED: Final = "CCS_ALLOW_SELF_SIGNED"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the environment makes of the remote server in ``config.yaml``, and of the proxy on this machine."""

    remote: Named | None = None
    local_port: int | None = None
    local_key: Named | None = None
    self_signed: bool = False
    places: tuple[Place, ...] = ()


def overrides(environ: Mapping[str, str], remote: Named | None) -> Overrides:
    """The environment over ``remote``, the server that ``config.yaml`` names, if it names one."""
    host = environ.get(HOST, "").strip()
    port = port_of(environ.get(PORT, "").strip())
    key = key_of(environ.get(TOKEN))
    token = Named(TOKEN, key=key) if key else None
    places = tuple(_places(environ))
    self_signed = is_yes(environ.get(SELF_SIGNED))
    if not host and remote is None:
        return Overrides(None, port, token, self_signed, places)
    server = _server(environ, host, port, remote)
    if server is None:
        return Overrides(remote, None, None, self_signed, (*places, Place(HOST, "no host, or no protocol", ok=False)))
    # The token in the file belongs to the server in the file, and goes to no other.
    own = remote.key if remote is not None and _host_of(remote.url) == _host_of(server) else None
    source = HOST if host else remote.source if remote is not None else HOST
    key_source = TOKEN if key else source if own is None or remote is None else remote.key_source
    return Overrides(Named(source, server, key or own, key_source), None, None, self_signed, places)


def _server(environ: Mapping[str, str], host: str, port: int | None, remote: Named | None) -> str | None:
    known = urlsplit(remote.url) if remote is not None else None
    if known is not None and host.lower() not in ("", known.hostname):
        known = None
    wanted = environ.get(PROTOCOL, "").strip().lower()
    scheme = wanted or (known.scheme if known is not None else "http")
    if port is None and known is not None and scheme == known.scheme:
        port = known.port
    return server_url(host or (known.hostname if known is not None else None) or "", scheme, port)


def _host_of(url: str) -> str | None:
    return urlsplit(url).hostname


def _places(environ: Mapping[str, str]) -> Iterator[Place]:
    for name in (HOST, PORT, PROTOCOL):
        text = environ.get(name, "").strip()
        if text:
            wrong = name == PORT and port_of(text) is None
            yield Place(name, f"{one_line(text, 80)} is no port" if wrong else one_line(text, 80), ok=not wrong)
    if environ.get(TOKEN, "").strip():
        usable = key_of(environ[TOKEN]) is not None
        yield Place(TOKEN, "a key" if usable else "a key that cannot be sent", ok=usable)
    if is_yes(environ.get(SELF_SIGNED)):
        yield Place(SELF_SIGNED, "the remote server's certificate is not checked")
