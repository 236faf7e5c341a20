"""Which CLIProxyAPI runs, as far as that can be told without its management calls.

The public port tells no version, and each wrong key at the management calls counts towards a ban. CCS writes the
version of the proxy it started into ``sessions.json`` (``sessions-<port>.json``), and that of the program it
fetched into ``bin/<backend>/.version``.
"""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tui.connect.small_files import Unreadable, json_object, read_small

TRIED_WITH: Final = "7.2.140"
"""The CLIProxyAPI whose answers were recorded."""

_BACKENDS: Final = ("original", "plus")
_VERSION: Final = re.compile(r"v?(\d{1,4}\.\d{1,4}\.\d{1,5})\b")
_USUAL_PORT: Final = 8317


def version_signs(home: Path, url: str) -> tuple[str, str]:
    """The version of the proxy at ``url`` by CCS's files, and which file says so; both empty where none does.

    Blocking; what lies in the files raises nothing.
    """
    port = _port(url)
    folder = home / "cliproxy"
    sessions = [f"sessions-{port}.json"] + (["sessions.json"] if port == _USUAL_PORT else [])
    for name in sessions:
        version = _session_version(folder / name, port)
        if version:
            return version, name
    for backend in _BACKENDS:
        version = _version(_content(folder / "bin" / backend / ".version").decode("utf-8", "replace"))
        if version:
            return version, f"bin/{backend}/.version"
    return "", ""


def is_older(version: str, than: str) -> bool:
    """Whether ``version`` comes before ``than``, both of three numbers."""
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _session_version(path: Path, port: int | None) -> str:
    try:
        session = json_object(_content(path))
    except Unreadable:
        return ""
    version = session.get("version")
    return _version(version) if isinstance(version, str) and session.get("port", port) == port else ""


def _version(text: str) -> str:
    found = _VERSION.match(text.strip())
    return found[1] if found else ""


def _content(path: Path) -> bytes:
    try:
        return read_small(path)
    except (FileNotFoundError, Unreadable):
        return b""


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None
