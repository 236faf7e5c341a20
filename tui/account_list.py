"""What ``accounts`` prints: a table for people, JSON lines for scripts; files are read, the proxy is asked once."""

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from tui import streams
from tui.domain.accounts import (
    LOGIN_COMMAND,
    MARKS,
    Account,
    Accounts,
    picture_words,
    refreshed_words,
)
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line, with_tilde
from tui.settings import Settings

_NAME_WIDTH: Final = 40


def list_accounts(settings: Settings, *, as_json: bool) -> int:
    """Print every account of the CCS home, and what the proxy serves for pictures; 0 whatever it finds."""
    from tui.checkup import look
    from tui.connect.accounts import read_accounts
    from tui.connect.ccs import ccs_home

    now = datetime.now(UTC)
    accounts = read_accounts(ccs_home(os.environ), now)
    address, health = asyncio.run(look(settings))
    for note in accounts.notes:
        streams.warn(note)
    if as_json:
        for each in accounts.accounts:
            streams.print_json(account_object(each))
        streams.print_json(served_object(address, health))
        return 0
    for head, words in _lines(accounts, now, serves=bool(health.image_models)):
        streams.print_beside(head, words)
    streams.print_line("")
    streams.print_beside("", picture_words(address, health))
    return 0


def account_object(account: Account) -> dict[str, Any]:
    """An account as ``accounts --json`` tells it; times in UTC, null where the file does not tell."""
    return {
        "provider": account.provider or None,
        "name": account.name,
        "state": account.state,
        "default": account.default,
        "expires": _iso(account.expires),
        "refreshed": _iso(account.refreshed),
        "renews": account.renews,
        "folder": account.file.parent.name,
        "words": account.words,
        "hint": account.hint,
    }


def served_object(address: ProxyAddress, health: ProxyHealth) -> dict[str, Any]:
    """The last line of ``accounts --json``: what the proxy serves for pictures, null where it did not say."""
    models = health.image_models
    return {
        "proxy": address.url,
        "answers": health.answers,
        "picture_models": models and [{"id": each, "owned_by": health.owners.get(each)} for each in models],
        "trouble": health.trouble,
    }


def _iso(when: datetime | None) -> str | None:
    if when is None:
        return None
    try:
        return when.astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:
        return None


def _lines(accounts: Accounts, now: datetime, *, serves: bool) -> Iterable[tuple[str, str]]:
    """The table, each line as its fixed columns and the words behind them; one more line where something is to do."""
    home = with_tilde(one_line(str(accounts.home), 200), os.environ.get("HOME", ""))
    if not accounts.there:
        yield "", f"There is no CCS home at {home}."
        if not serves:
            yield "", f"Log in with {LOGIN_COMMAND}, then start the proxy: ccs cliproxy start"
        return
    yield "", f"{home}: {accounts.summary()}"
    if not accounts.accounts:
        if not serves:
            yield "", f"Log in with {LOGIN_COMMAND}"
        return
    yield "", ""
    providers = max(len(each.provider or "?") for each in accounts.accounts)
    names = min(_NAME_WIDTH, max(len(each.name) for each in accounts.accounts))
    for each in accounts.accounts:
        told = ("default" if each.default else "", each.words, refreshed_words(each, now))
        name = one_line(each.name, _NAME_WIDTH)
        head = f"{MARKS[each.state]} {each.provider or '?':<{providers}}  {name:<{names}}  {each.state:<8}  "
        yield head, "; ".join(part for part in told if part)
        if each.hint:
            yield f"  {'':<{providers}}  → ", each.hint
