"""The files CCS and CLIProxyAPI write, read as plain values: bounded, never trusted, every fault as words."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tui.connect.small_files import Unreadable, read_small
from tui.domain.proxy import Secret
from tui.domain.words import one_line

NOT_THERE: Final = "not there"

_AGAIN_AFTER: Final = 0.02
"""Seconds: CLIProxyAPI rewrites its files in place, and a reader now and then sees none or half of one."""

_MAX_DEPTH: Final = 64
_MAX_EVENTS: Final = 200_000
_MAX_KEY: Final = 1024
_PORT_OF_SCHEME: Final = {"http": 8317, "https": 443}
_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_YES: Final = frozenset(("true", "yes", "on", "1"))


@dataclass(frozen=True, slots=True)
class Place:
    """One place looked at for a proxy: ``where`` (a path or a variable), what was found there in ``words``.

    ``ok`` is false where the place is there and cannot be used as it is. Neither text holds a key.
    """

    where: str
    words: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """A file as a value: mappings, lists, text, None; what YAML leaves unquoted stays text.

    ``trouble`` says why there is no value, empty where there is one.
    """

    path: Path
    value: Any = field(default=None, repr=False)
    trouble: str = ""

    @property
    def missing(self) -> bool:
        """Whether there is no such file, which mostly is fine."""
        return self.trouble == NOT_THERE

    def place(self, words: str) -> Place:
        """This file as a place, with ``words`` for what was found if it could be read."""
        return Place(shown(self.path), self.trouble or words, ok=not self.trouble or self.missing)


def shown(path: Path) -> str:
    """A path fit for a screen."""
    return one_line(str(path), 4096)


def read_yaml(path: Path) -> Read:
    """The first document of a YAML file; nothing in it makes this raise."""
    return _read(path, _parse_yaml)


def read_json(path: Path) -> Read:
    """A JSON file; nothing in it makes this raise."""
    return _read(path, _parse_json)


def member(value: Any, *names: str) -> Any:
    """``value[a][b]…``, None where a step is missing or no mapping."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def members(value: Any) -> list[tuple[str, Any]]:
    """The items of a mapping, none where it is no mapping."""
    return [(str(name), each) for name, each in value.items()] if isinstance(value, dict) else []


def port_of(value: Any) -> int | None:
    """A TCP port written as a number or as its digits, None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 6:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
        return value
    return None


def key_of(value: Any) -> Secret | None:
    """A key that can be sent in a header, None for anything else."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > _MAX_KEY or not text.isascii() or not text.isprintable() or " " in text:
        return None
    return Secret(text)


def server_url(host: str, scheme: str, port: int | None) -> str | None:
    """The base URL of a server; None where ``host`` or ``scheme`` is none. CCS's default port for a remote
    is 8317 for http and 443 for https."""
    if scheme not in _PORT_OF_SCHEME:
        return None
    inner = host.removeprefix("[").removesuffix("]")
    literal = f"[{inner}]" if ":" in inner else inner
    url = f"{scheme}://{literal}:{port or _PORT_OF_SCHEME[scheme]}"
    try:
        parts = urlsplit(url)
        usable = parts.hostname == inner.lower() and parts.port and inner.isprintable() and inner.isascii()
    except ValueError:
        return None
    return url if usable and inner and not set(inner) & set(" @/?#\\") else None


def keys_of(value: Any, limit: int) -> tuple[Secret, ...]:
    """The first usable keys of a list, without repetitions."""
    if not isinstance(value, list):
        return ()
    found = (key for each in value if (key := key_of(each)) is not None)
    return tuple(dict.fromkeys(found))[:limit]


def is_yes(value: Any) -> bool:
    """Whether a value says yes, as JSON, as YAML or as an environment variable does."""
    return value is True or (isinstance(value, str) and value.strip().lower() in _YES)


def text_of(value: Any) -> str:
    """Text without white space around it, empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def _read(path: Path, parse: Callable[[str], Any]) -> Read:
    """The file's value. What cannot be read as it should is read once more before it is called damaged."""
    try:
        return _read_once(path, parse)
    except _Damaged:
        time.sleep(_AGAIN_AFTER)
    try:
        return _read_once(path, parse)
    except _Damaged as damage:
        return Read(path, trouble=str(damage))


def _read_once(path: Path, parse: Callable[[str], Any]) -> Read:
    try:
        data = read_small(path)
    except FileNotFoundError:
        return Read(path, trouble="a link to nothing" if path.is_symlink() else NOT_THERE)
    except Unreadable as error:
        return Read(path, trouble=str(error))
    if not data.strip():
        raise _Damaged("empty")
    try:
        return Read(path, parse(data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise _Damaged("not text in UTF-8") from None


class _Damaged(Exception):
    """What is wrong with a file's content, in words that quote none of it: it may be a key."""


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _Damaged(f"not JSON: line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise _Damaged("not JSON that can be used") from None


def _parse_yaml(text: str) -> Any:
    """Built from the parser's events: nothing is expanded, so that no file is larger inside than on disk, keys
    keep every digit, and depth is bounded."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder().build(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f": line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        raise _Damaged(f"not YAML{where}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _Damaged("not YAML that can be used") from None


@dataclass(slots=True)
class _Open:
    """A list or a mapping that is not complete; ``key`` is that of the value to come."""

    value: list[Any] | dict[str, Any]
    key: str | None = None
    has_key: bool = False


class _Builder:
    """Puts a YAML parser's events together; https://yaml.org/spec/1.2.2/, section 3.1 calls it composing."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, Any] = {}
        self._root: Any = None

    def build(self, events: Iterable[Any]) -> Any:
        for number, event in enumerate(events):
            if number > _MAX_EVENTS or len(self._open) > _MAX_DEPTH:
                raise _Damaged("too long or too deep to be a configuration")
            kind = type(event).__name__
            if kind == "DocumentEndEvent":
                break
            self._take(kind, event)
        return self._root

    def _take(self, kind: str, event: Any) -> None:
        if kind == "ScalarEvent":
            plain = event.implicit[0] and event.value in _NULLS and not self._wants_key
            self._add(None if plain else event.value, event.anchor)
        elif kind == "AliasEvent":
            if event.anchor not in self._anchors:
                raise _Damaged(f"not YAML: line {event.start_mark.line + 1} refers to nothing")
            self._add(self._anchors[event.anchor], None)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            value: Any = {} if kind.startswith("Mapping") else []
            self._add(value, event.anchor)
            self._open.append(_Open(value))
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()

    @property
    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and not self._open[-1].has_key

    def _add(self, value: Any, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = value
        if not self._open:
            self._root = value
            return
        inside = self._open[-1]
        if isinstance(inside.value, list):
            inside.value.append(value)
        elif not inside.has_key:
            inside.key, inside.has_key = value if isinstance(value, str) else None, True
        else:
            if inside.key is not None:
                inside.value[inside.key] = value
            inside.has_key = False
