"""The accounts of CCS and CLIProxyAPI, read from their files; nothing is written, locked or sent.

``cliproxy/auth/*.json`` are the logins the proxy uses, ``cliproxy/auth-paused/*.json`` those that CCS took away
from it, ``cliproxy/accounts.json`` is CCS's own list (CCS 7.79.1, CLIProxyAPI v7.2.140). The files are the truth;
the list only adds which account is the default, and what CCS calls paused. Tokens are looked at for being there,
and never leave this room.
"""

import errno
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tui.connect.registry import PROVIDER_OF, Record, read_registry
from tui.connect.small_files import Unreadable
from tui.connect.token_files import contents, token_files
from tui.connect.token_times import expiry, holders, last_refresh
from tui.domain.accounts import (
    ANTIGRAVITY,
    GEMINI,
    GEMINI_ENDED,
    LOGIN_COMMAND,
    Account,
    Accounts,
    AccountState,
    short_names,
    span_words,
)
from tui.domain.words import one_line

AUTH: Final = "cliproxy/auth"
PAUSED: Final = "cliproxy/auth-paused"
REGISTRY: Final = "cliproxy/accounts.json"

_SOON: Final = timedelta(hours=1)
_SKEW: Final = timedelta(minutes=1)
_LOGIN_AGAIN: Final = f"Log in again: {LOGIN_COMMAND}"
_OTHER_LOGIN_AGAIN: Final = "Log in to it again."


@dataclass(frozen=True, slots=True)
class _Found:
    """An account with its whole name, which is shortened once all names are known."""

    whole_name: str
    account: Account


def read_accounts(home: Path, now: datetime) -> Accounts:
    """All accounts below the CCS home ``home``; ``now`` (with a time zone) decides what has expired.

    Blocks for as long as the disk takes; whatever lies in the files ends as words, never as an exception.
    """
    notes: list[str] = []
    if not _is_there(home, notes):
        return Accounts(home, bool(notes), notes=tuple(notes))
    listed = read_registry(home / REGISTRY, notes)
    paths = [path for folder in (AUTH, PAUSED) for path in token_files(home / folder, notes)]
    found = [_found(path, token, now, listed.get(path.name), home) for path, token in contents(paths)]
    names = {path.name for path in paths}
    found += [_missing(home / AUTH / file, each) for file, each in listed.items() if file not in names]
    return Accounts(home, True, _named(found), tuple(notes))


def _is_there(home: Path, notes: list[str]) -> bool:
    """Whether the folder can be looked into; why not is noted, unless it is simply not there."""
    try:
        if home.stat() and home.is_dir():
            return True
        notes.append(f"{one_line(str(home))} is no folder.")
    except (OSError, ValueError) as error:
        if not (isinstance(error, OSError) and error.errno == errno.ENOENT):
            words = error.strerror if isinstance(error, OSError) else "no usable path"
            notes.append(f"{one_line(str(home))} cannot be looked into: {words}.")
    return False


def _named(found: list[_Found]) -> tuple[Account, ...]:
    """The accounts by provider and name, each name shortened so that it differs from the others."""
    groups: dict[str, list[_Found]] = {}
    for each in sorted(found, key=lambda each: (each.whole_name, str(each.account.file))):
        groups.setdefault(each.account.provider, []).append(each)
    named: list[Account] = []
    for provider in sorted(groups, key=lambda name: (name == "", name)):
        group = groups[provider]
        short = short_names([each.whole_name for each in group])
        named += [replace(each.account, name=name) for name, each in zip(short, group, strict=True)]
    return tuple(named)


def _found(
    path: Path, token: Mapping[str, Any] | Unreadable, now: datetime, record: Record | None, home: Path
) -> _Found:
    """What is to be told of the account in ``path``."""
    default = record is not None and record.default
    if isinstance(token, Unreadable):
        provider = record.provider if record else ""
        hint = _LOGIN_AGAIN if provider == ANTIGRAVITY else "Log in again, or take the file away."
        name = record.name if record else path.stem
        return _Found(name, Account(provider, "", "damaged", path, f"its file: {token}", hint, default=default))
    provider = _text(token.get("type")).lower()
    if not provider:
        words = "its file names no provider (“type”), so the proxy ignores it"
        return _Found(path.stem, Account("", "", "damaged", path, words, "Log in again, or take the file away."))
    account = Account(
        provider=PROVIDER_OF.get(provider, provider),
        name="",
        state="usable",
        file=path,
        expires=expiry(token),
        refreshed=last_refresh(token, path),
        renews=any(_text(each.get("refresh_token")) for each in holders(token)),
        default=default,
    )
    name = _text(token.get("email")) or _text(token.get("project_id")) or (record.name if record else path.stem)
    moved = path.parent == home / PAUSED
    return _Found(name, _judged(account, token, now, listed_paused=bool(record and record.paused), moved=moved))


def _judged(account: Account, token: Mapping[str, Any], now: datetime, *, listed_paused: bool, moved: bool) -> Account:
    """``account`` with its state: the first of these that holds."""
    if account.provider == GEMINI:
        return _told(account, "ended", GEMINI_ENDED, f"Log in to Antigravity instead: {LOGIN_COMMAND}")
    if moved:
        return _told(account, "paused", "CCS keeps it from the proxy", "ccs cliproxy resume ACCOUNT")
    if token.get("disabled") is True:
        return _told(account, "disabled", "switched off at the proxy", "Switch it on in the dashboard: ccs config")
    if listed_paused:
        words = "so says CCS's list, but the file is in auth/: the proxy still uses it"
        return _told(account, "paused", words, "ccs cliproxy resume ACCOUNT")
    if account.provider == "vertex" and not isinstance(token.get("service_account"), dict):
        return _told(account, "damaged", "its file holds no service account", "Import the key again: -vertex-import")
    if account.provider == ANTIGRAVITY and not (account.renews or _text(token.get("access_token"))):
        return _told(account, "damaged", "its file holds no token", _LOGIN_AGAIN)
    timed = _by_time(account, now)
    if timed.state == "usable" and account.provider == ANTIGRAVITY and not _text(token.get("project_id")):
        return _told(account, "usable", "its file names no project: it may be refused", _LOGIN_AGAIN)
    return timed


def _by_time(account: Account, now: datetime) -> Account:
    """The state by the token's end. A token that the proxy can renew is no trouble: it does so when it is used."""
    if account.refreshed is not None and account.refreshed - now > _SKEW:
        ahead = span_words((account.refreshed - now).total_seconds())
        return _told(account, "usable", f"its token comes from {ahead} in the future", "Look at this machine's clock.")
    if account.expires is None:
        return account
    left = (account.expires - now).total_seconds()
    if account.renews:
        return _told(account, "usable", f"token for {span_words(left)}" if left > 0 else "token renewed when used")
    again = _LOGIN_AGAIN if account.provider == ANTIGRAVITY else _OTHER_LOGIN_AGAIN
    if left <= 0:
        return _told(account, "expired", f"{span_words(left)} ago, and it cannot be renewed", again)
    state: AccountState = "expiring" if left <= _SOON.total_seconds() else "usable"
    return _told(account, state, f"token for {span_words(left)}, and it cannot be renewed", again)


def _told(account: Account, state: AccountState, words: str, hint: str = "") -> Account:
    return replace(account, state=state, words=words, hint=hint)


def _missing(path: Path, record: Record) -> _Found:
    hint = _LOGIN_AGAIN if record.provider == ANTIGRAVITY else _OTHER_LOGIN_AGAIN
    words = "CCS lists it, and its file is gone"
    return _Found(record.name, Account(record.provider, "", "missing", path, words, hint, default=record.default))


def _text(value: object) -> str:
    return one_line(value, 120) if isinstance(value, str) else ""
