"""The accounts behind a proxy: who is logged in where, in which state, told without a token or a whole e-mail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line

AccountState = Literal["usable", "expiring", "expired", "paused", "disabled", "ended", "missing", "damaged"]

ANTIGRAVITY: Final = "antigravity"
GEMINI: Final = "gemini"
LOGIN_COMMAND: Final = "ccs agy --auth"
"""The login that gives pictures (Antigravity)."""

GEMINI_ENDED: Final = "gives no pictures: Google ended this login; CLIProxyAPI ignores it since v7.2.20"


MARKS: Final[dict[AccountState, str]] = {
    "usable": "●",
    "expiring": "◐",
    "expired": "✗",
    "paused": "○",
    "disabled": "○",
    "ended": "○",
    "missing": "✗",
    "damaged": "✗",
}
"""A sign for each state; the word always stands beside it."""

_MODELS_TOLD: Final = 4


@dataclass(frozen=True, slots=True)
class Account:
    """One login. ``provider`` is the ``type`` in its file, ``name`` a shortened e-mail or project.

    ``words`` say more about the state, ``hint`` is the one thing to type or do, empty where nothing is to do.
    ``expires`` is when its present token ends, ``refreshed`` when it got it; ``renews`` is whether the proxy can
    get another by itself. ``default`` is CCS's notion; the proxy uses every account of ``auth/`` in turn.
    ``ended``: a login that its provider no longer takes; ``missing``: CCS lists it, and its file is gone.
    """

    provider: str
    name: str
    state: AccountState
    file: Path = field(repr=False)
    words: str = ""
    hint: str = ""
    expires: datetime | None = None
    refreshed: datetime | None = None
    renews: bool = False
    default: bool = False

    @property
    def counts(self) -> bool:
        """Whether the proxy can use it as it is now."""
        return self.state in ("usable", "expiring")


@dataclass(frozen=True, slots=True)
class Accounts:
    """All that was found in a CCS home.

    ``there`` is whether that folder exists at all; ``notes`` are sentences on what could not be looked at.
    """

    home: Path
    there: bool
    accounts: tuple[Account, ...] = ()
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """``3 accounts: 2 usable, 1 paused``, in the order of ``MARKS``."""
        if not self.accounts:
            return "no account"
        count = len(self.accounts)
        states = Counter(account.state for account in self.accounts)
        parts = ", ".join(f"{states[state]} {state}" for state in MARKS if states[state])
        return f"{count} account{'s' if count != 1 else ''}: {parts}"


def refreshed_words(account: Account, now: datetime) -> str:
    """``renewed 12 min ago``, empty where nothing tells, or where the time lies ahead."""
    if account.refreshed is None or account.state in ("damaged", "missing", "ended"):
        return ""
    seconds = (now - account.refreshed).total_seconds()
    return f"renewed {span_words(seconds)} ago" if seconds >= 0 else ""


def picture_words(address: ProxyAddress, health: ProxyHealth) -> str:
    """Which models the proxy serves for pictures and whose they are; that is what decides, not a file's name."""
    where = f"The proxy at {one_line(address.label)}"
    if health.trouble is not None:
        return f"Which accounts make pictures only the proxy can say. {health.trouble}"
    models = health.image_models
    if models is None:
        return f"{where} does not say which models it serves."
    told = [f"{name} ({health.owners[name]})" if name in health.owners else name for name in models[:_MODELS_TOLD]]
    more = f" and {len(models) - _MODELS_TOLD} more" if len(models) > _MODELS_TOLD else ""
    return f"{where} makes pictures with {', '.join(told)}{more}."


def shortened(name: str, ends: int = 1) -> str:
    """An e-mail with the inside of its local part left out: ``a…n@example.com``; other names likewise.

    ``ends`` characters stay in front, as long as that is at most half of the part.
    """
    local, at, host = name.partition("@")
    front = local[: max(1, min(ends, len(local) // 2))] if len(local) > 1 else ""
    back = local[-1] if len(local) > 2 else ""
    return f"{front}…{back}{at}{host}"


def short_names(names: Sequence[str]) -> list[str]:
    """Each of ``names`` shortened; names that would look alike show more of themselves, or get a number."""
    shown = [shortened(name) for name in names]
    distinct = Counter(shortened(name) for name in set(names))
    shown = [
        shortened(name, len(name)) if distinct[short] > 1 else short for name, short in zip(names, shown, strict=True)
    ]
    alike, seen = Counter(shown), Counter[str]()
    told = []
    for short in shown:
        seen[short] += 1
        told.append(f"{short} ({seen[short]})" if alike[short] > 1 and seen[short] > 1 else short)
    return told


def span_words(seconds: float) -> str:
    """A length of time in its largest unit, with minutes where hours are few: ``42 s``, ``3 h 5 min``, ``5 days``."""
    seconds = abs(seconds)
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
