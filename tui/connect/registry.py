"""CCS's own list of accounts (``cliproxy/accounts.json``): who is the default, who is paused.

``{"version":1,"providers":{"agy":{"default":KEY,"accounts":{KEY:{"email","tokenFile","paused",…}}}}}`` in
CCS 7.79.1. A token file that the list does not know yet is an account all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

from tui.connect.small_files import Unreadable, json_object, read_small
from tui.domain.accounts import ANTIGRAVITY, GEMINI
from tui.domain.words import one_line

PROVIDER_OF: Final = {"agy": ANTIGRAVITY, "gemini-cli": GEMINI}
"""What CCS and plugins call a provider, and what stands in its token files."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the list says of one account; ``name`` is its whole e-mail."""

    provider: str
    name: str
    paused: bool
    default: bool


def read_registry(path: Path, notes: list[str]) -> dict[str, Record]:
    """The list by the name of the token file; one that cannot be read is noted, and taken as empty."""
    try:
        listed = json_object(read_small(path))
    except FileNotFoundError:
        return {}
    except Unreadable as why:
        notes.append(f"{one_line(str(path))}: {why}. Which account is the default or paused by CCS is not known.")
        return {}
    return dict(_records(listed.get("providers")))


def _records(providers: object) -> Iterator[tuple[str, Record]]:
    for provider, listed in _pairs(providers):
        if not isinstance(listed, dict):
            continue
        for key, each in _pairs(listed.get("accounts")):
            file = each.get("tokenFile") if isinstance(each, dict) else None
            if not _is_name(file):
                continue
            email = each.get("email")
            yield (
                file,
                Record(
                    provider=PROVIDER_OF.get(provider, one_line(provider, 40)),
                    name=one_line(email if isinstance(email, str) and email else key, 120),
                    paused=each.get("paused") is True,
                    default=key == listed.get("default"),
                ),
            )


def _is_name(file: object) -> TypeGuard[str]:
    """Whether ``file`` can be the name of a file in the folder of the tokens, and no way out of it."""
    return isinstance(file, str) and bool(file) and "\0" not in file and Path(file).name == file


def _pairs(value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
