"""What CCS wrote down about its proxy: where it listens, which keys it takes, which remote one it is told to use.

CCS 7.79 keeps ``config.yaml``, ``cliproxy/config.yaml`` (generated for CLIProxyAPI, one more for every other
port), ``cliproxy/sessions.json`` while a proxy runs, and ``*.settings.json`` for the programs it starts. The
management secret stands in two of them; it is never looked at.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tui.connect.ccs_files import (
    NOT_THERE,
    Place,
    Read,
    is_yes,
    key_of,
    keys_of,
    member,
    members,
    port_of,
    read_json,
    read_yaml,
    server_url,
    shown,
    text_of,
)
from tui.domain.proxy import DEFAULT_KEY, Secret, is_loopback

_MAX_FILES: Final = 64
_MAX_KEYS: Final = 16
_NOWHERE: Final = "/nonexistent"
_EVERYWHERE: Final = frozenset(("", "0.0.0.0", "::", "[::]"))
_PROVIDER_PATH: Final = "/api/provider/"


@dataclass(frozen=True, slots=True)
class Named:
    """An address, a key or both, and the place they were read from in words."""

    source: str
    url: str = ""
    key: Secret | None = None
    other_key_source: str = ""

    @property
    def key_source(self) -> str:
        """Where the key came from, which mostly is where the address did."""
        return self.other_key_source or self.source


@dataclass(frozen=True, slots=True)
class Generated:
    """A configuration that CCS generated for CLIProxyAPI; ``host`` is empty where it listens on everything."""

    source: str
    host: str = ""
    port: int | None = None
    tls: bool = False
    keys: tuple[Secret, ...] = ()

    @property
    def url(self) -> str:
        """Where to reach it from this machine, empty where no port is named."""
        if self.port is None:
            return ""
        host = "127.0.0.1" if self.host in _EVERYWHERE else self.host
        return server_url(host, "https" if self.tls else "http", self.port) or ""


@dataclass(frozen=True, slots=True)
class CcsHome:
    """Everything in a CCS home that tells where a proxy is and what key it takes, in CCS's own order.

    ``remote`` is the server that CCS is told to use instead of one on this machine, with its token.
    """

    folder: Path
    places: tuple[Place, ...]
    remote: Named | None = None
    key: Named | None = None
    variant_keys: tuple[Named, ...] = ()
    local_port: int | None = None
    variant_ports: tuple[int, ...] = ()
    sessions: tuple[Named, ...] = ()
    generated: tuple[Generated, ...] = ()
    profiles: tuple[Named, ...] = ()


def ccs_home(environ: Mapping[str, str]) -> Path:
    """The folder CCS keeps everything in: ``CCS_DIR``, else ``.ccs`` in ``CCS_HOME``, else in the home."""
    if environ.get("CCS_DIR"):
        return _expanded(environ["CCS_DIR"])
    return _expanded(environ.get("CCS_HOME") or environ.get("HOME") or "~") / ".ccs"


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(_NOWHERE)


def read_home(folder: Path) -> CcsHome:
    """Look through a CCS home. Blocking; raises nothing for what lies there."""
    trouble = _folder_trouble(folder)
    if trouble:
        return CcsHome(folder, (Place(shown(folder), trouble, ok=trouble == NOT_THERE),))
    config = read_yaml(folder / "config.yaml")
    generated, generated_places = _generated(folder)
    sessions, session_places = _sessions(folder)
    profiles, profile_places = _profiles(folder)
    return CcsHome(
        folder,
        (
            Place(shown(folder), "CCS home"),
            *_config_places(config),
            *generated_places,
            *session_places,
            *profile_places,
        ),
        remote=_remote(config.value),
        key=_named_key("CCS config.yaml", member(config.value, "cliproxy", "auth", "api_key")),
        variant_keys=_variant_keys(config.value),
        local_port=port_of(member(config.value, "cliproxy_server", "local", "port")),
        variant_ports=_variant_ports(config.value),
        sessions=sessions,
        generated=generated,
        profiles=profiles,
    )


def listens_everywhere(folder: Path) -> bool:
    """Whether a proxy that CCS starts can be reached from other machines with the key that everybody knows.

    CCS 7.79 generates its configuration without ``host:``, and CLIProxyAPI then listens on every interface.
    Blocking.
    """
    return any(each.host in _EVERYWHERE and Secret(DEFAULT_KEY) in each.keys for each in _generated(folder)[0])


def _folder_trouble(folder: Path) -> str:
    try:
        status = folder.stat()
    except FileNotFoundError:
        return "a link to nothing" if folder.is_symlink() else NOT_THERE
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return "" if stat.S_ISDIR(status.st_mode) else "a file, not a folder"


def _config_places(config: Read) -> Iterable[Place]:
    place = config.place(_config_words(config.value))
    yield replace(place, ok=place.ok and not _unusable_remote(config.value))
    if config.missing:
        legacy = read_json(config.path.with_name("config.json"))
        if not legacy.missing:
            yield legacy.place("of an older CCS; it names no proxy")


def _config_words(value: Any) -> str:
    if not isinstance(value, dict):
        return "holds no settings"
    port = port_of(member(value, "cliproxy_server", "local", "port"))
    remote = _remote(value)
    key = key_of(member(value, "cliproxy", "auth", "api_key"))
    more = len(_variant_keys(value))
    parts = [
        f"remote {remote.url}" if remote else "",
        _unusable_remote(value),
        f"port {port}" if port else "",
        "a key" if key else "no key of its own",
        f"{more} of variants" if more else "",
    ]
    return ", ".join(part for part in parts if part)


def _unusable_remote(value: Any) -> str:
    remote = member(value, "cliproxy_server", "remote")
    wanted = is_yes(member(remote, "enabled")) and text_of(member(remote, "host"))
    return "a remote whose host or protocol is none" if wanted and _remote(value) is None else ""


def _remote(value: Any) -> Named | None:
    """The remote server, if CCS is told to use one."""
    remote = member(value, "cliproxy_server", "remote")
    host = text_of(member(remote, "host"))
    if not host or not is_yes(member(remote, "enabled")):
        return None
    scheme = text_of(member(remote, "protocol")).lower() or "http"
    url = server_url(host, scheme, port_of(member(remote, "port")))
    return Named("CCS config.yaml", url, key_of(member(remote, "auth_token"))) if url else None


def _variants(value: Any) -> list[tuple[str, Any]]:
    return members(member(value, "cliproxy", "variants"))[:_MAX_FILES]


def _variant_keys(value: Any) -> tuple[Named, ...]:
    found = (
        _named_key("a variant in CCS config.yaml", member(each, "auth", "api_key")) for _, each in _variants(value)
    )
    return tuple(named for named in found if named is not None)[:_MAX_KEYS]


def _variant_ports(value: Any) -> tuple[int, ...]:
    return tuple(port for _, each in _variants(value) if (port := port_of(member(each, "port"))))


def _named_key(source: str, value: Any) -> Named | None:
    key = key_of(value)
    return Named(source, key=key) if key is not None else None


def _generated(folder: Path) -> tuple[tuple[Generated, ...], list[Place]]:
    """What CCS generated for CLIProxyAPI: the usual one first, then those of other ports."""
    found, places = [], []
    for path in _numbered(folder / "cliproxy", "config", ".yaml"):
        read = read_yaml(path)
        value = read.value
        each = Generated(
            f"CCS cliproxy/{path.name}",
            host=text_of(member(value, "host")),
            port=port_of(member(value, "port")),
            tls=is_yes(member(value, "tls", "enable")),
            keys=keys_of(member(value, "api-keys"), _MAX_KEYS),
        )
        if not read.trouble:
            found.append(each)
        count = len(each.keys)
        keys = "no keys: any is taken" if not count else "1 key" if count == 1 else f"{count} keys"
        places.append(read.place(f"port {each.port}, {keys}" if each.port else f"no port, {keys}"))
    return tuple(found), places


def _sessions(folder: Path) -> tuple[tuple[Named, ...], list[Place]]:
    """Where a proxy runs or ran: CCS writes the file when it starts one, and removes it when it stops it."""
    found, places = [], []
    for path in _numbered(folder / "cliproxy", "sessions", ".json"):
        read = read_json(path)
        port = port_of(member(read.value, "port"))
        if port:
            found.append(Named(f"CCS {path.name}", f"http://127.0.0.1:{port}"))
        places.append(read.place(f"port {port}" if port else "no port"))
    return tuple(found), places


def _profiles(folder: Path) -> tuple[tuple[Named, ...], list[Place]]:
    """The addresses that CCS gave to the programs it starts: only those of a proxy on this machine. The keys
    in the others belong to other services, and go nowhere."""
    found, places = [], []
    for path in _listed(folder, lambda name: name.endswith(".settings.json")):
        read = read_json(path)
        url = text_of(member(read.value, "env", "ANTHROPIC_BASE_URL"))
        origin = _origin(url) if _PROVIDER_PATH in url else ""
        if origin and is_loopback(origin):
            key = key_of(member(read.value, "env", "ANTHROPIC_AUTH_TOKEN"))
            found.append(Named(f"CCS {path.name}", origin, key))
            places.append(read.place(f"{origin}, {'a key' if key else 'no key'}"))
        elif read.trouble:
            places.append(read.place(""))
    return tuple(found), places


def _origin(url: str) -> str:
    """Scheme, host and port of a URL; what follows is a path that CLIProxyAPI 7.2 has no longer."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
        host = "127.0.0.1" if host == "localhost" else host
    except ValueError:
        return ""
    return server_url(host, scheme, port or {"http": 80}.get(scheme)) or ""


def _numbered(folder: Path, stem: str, suffix: str) -> list[Path]:
    """``config.yaml``, whether there or not, and the ``config-<port>.yaml`` that are there."""

    def fits(name: str) -> bool:
        number = name.removeprefix(f"{stem}-").removesuffix(suffix)
        return name == f"{stem}-{number}{suffix}" and port_of(number) is not None

    return [folder / f"{stem}{suffix}", *_listed(folder, fits)]


def _listed(folder: Path, fits: Any) -> list[Path]:
    """The files of a folder whose names fit, by name, at most 64; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if fits(entry.name))
    except OSError:
        return []
    return [folder / name for name in names[:_MAX_FILES]]
