"""What each proxy served when it last answered, kept in the cache folder for when it does not.

The file is a cache: deleting it loses nothing but what a proxy that is away would be shown with. Only an
answer replaces an answer; a refused key or a proxy that is gone leaves what was known.
"""

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec

from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line

FILE_NAME: Final = "models.json"
MAX_PROXIES: Final = 16
"""The proxies kept, the last ones asked; each has a few kilobytes."""

_MAX_BYTES: Final = 16 * 1024 * 1024
_MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class ModelList:
    """The ids a proxy served at a time, sorted; ``owners`` and ``painters`` as in ``ProxyHealth``."""

    proxy: str
    at: datetime
    models: tuple[str, ...]
    owners: Mapping[str, str]
    painters: frozenset[str]

    @property
    def health(self) -> ProxyHealth:
        """The list as a look at the proxy would have given it; ``answers`` is false, for nobody looked."""
        return ProxyHealth(False, models=self.models, owners=self.owners, painters=self.painters)

    def as_of(self, today: date) -> str:
        """When it was true: ``as of 10:42``, with the day where that is not today."""
        when = self.at.astimezone()
        return f"as of {when:%H:%M}" if when.date() == today else f"as of {when:%Y-%m-%d %H:%M}"


class _Row(msgspec.Struct, frozen=True, omit_defaults=True):
    at: datetime
    models: tuple[str, ...] = ()
    owners: dict[str, str] = {}
    painters: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True):
    schema: int
    proxies: dict[str, _Row]


def recall(folder: Path, address: ProxyAddress) -> ModelList | None:
    """What the proxy served when it last answered; None where that is not known. Blocks for a small file."""
    url = _place(address)
    row = _read(folder).get(url)
    if row is None:
        return None
    names = sorted({one_line(name, _MAX_NAME) for name in row.models if name.strip()})
    owners = {one_line(name, _MAX_NAME): one_line(owner, 60) for name, owner in row.owners.items()}
    return ModelList(url, row.at.astimezone(), tuple(names), owners, frozenset(row.painters))


def keep(folder: Path, address: ProxyAddress, health: ProxyHealth, now: datetime) -> ModelList | None:
    """Keep the list that a look found; None, and nothing changes, where it found none.

    A sandbox is not kept: its address is another one each time. A folder that cannot be written keeps
    nothing, and the list is used all the same. Blocks for a small file.
    """
    if health.models is None:
        return None
    url = _place(address)
    listed = ModelList(url, now, health.models, health.owners, health.painters)
    if address.source == "sandbox":
        return listed
    row = _Row(now, health.models, dict(health.owners), tuple(sorted(health.painters)))
    rows = {**_read(folder), url: row}
    newest = sorted(rows, key=lambda each: rows[each].at, reverse=True)[:MAX_PROXIES]
    with contextlib.suppress(OSError):
        _write(folder, {each: rows[each] for each in newest})
    return listed


def _place(address: ProxyAddress) -> str:
    """The proxy's address without the login that may stand before its host."""
    scheme, _, rest = address.url.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme or 'http'}://{host.rpartition('@')[2].lower()}{slash}{path}"


def _read(folder: Path) -> dict[str, _Row]:
    """The rows of the file; none where there is no file or it cannot be understood: it is made anew then."""
    try:
        descriptor = os.open(folder / FILE_NAME, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            rows = msgspec.json.decode(file.read(_MAX_BYTES), type=_File).proxies
    except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    return {url: row for url, row in rows.items() if row.at.tzinfo is not None}


def _write(folder: Path, rows: dict[str, _Row]) -> None:
    """Replace the file in one step, readable by its owner alone. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f".{FILE_NAME}.{os.getpid()}-{secrets.token_hex(4)}"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(_File(schema=1, proxies=rows)))
        partial.replace(folder / FILE_NAME)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
