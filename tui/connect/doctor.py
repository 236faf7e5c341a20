"""What could keep a proxy from giving a picture, looked at one thing after the other: words, and what to type."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from tui.connect.ccs import listens_everywhere
from tui.connect.ccs_files import Place
from tui.connect.health import ANOTHER_SERVER, CLIPROXYAPI
from tui.connect.trouble import SAFE_MODE, START_HINT
from tui.connect.version import TRIED_WITH, is_older, version_signs
from tui.domain.accounts import LOGIN_COMMAND, Accounts, span_words
from tui.domain.errors import BadReply, CannotConnect, ModelUnknown, NoAccount, Unauthorized
from tui.domain.finding import Finding
from tui.domain.options import find_model
from tui.domain.proxy import ProxyAddress, ProxyHealth, is_loopback
from tui.domain.served import nearest_served, served_as
from tui.domain.words import one_line

_SKEW: Final = timedelta(minutes=1)
_MODELS_TOLD: Final = 3
_START: Final = "ccs cliproxy start"
_OF_CCS: Final = ("default", "CCS", "a variant in CCS")
"""How the source of an address begins at which CCS starts its proxy; one that a person named is theirs to start."""
_SET_CLOCK: Final = "sudo timedatectl set-ntp true"


@dataclass(frozen=True, slots=True)
class Look:
    """What is known before the findings are made: the proxy in use, what it answered, what the files say.

    ``places`` were searched for an address and a key, in that order.
    """

    address: ProxyAddress
    health: ProxyHealth
    places: Sequence[Place]
    accounts: Accounts
    now: datetime


def examine_way(look: Look) -> list[Finding]:
    """Whether the proxy answers, takes our key and serves pictures at all, after the places where it was looked for."""
    return [_home(look.accounts), *_places(look), _proxy(look), _key(look.address, look.health), *_models(look.health)]


def examine_proxy(look: Look, model: str, *, chosen: bool = True) -> list[Finding]:
    """The findings about the proxy, best read from top to bottom. Blocks while CCS's files are read.

    ``chosen`` is whether a person named ``model``: a usual one that is not served gives way to the nearest.
    """
    home, address, health = look.accounts.home, look.address, look.health
    findings = [_home(look.accounts), *_places(look)]
    findings += [_proxy(look), _key(address, health)]
    if health.name == CLIPROXYAPI:
        findings.append(_version(home, address))
    findings += [*_models(health), _model(health, model, look.now.date(), chosen=chosen)]
    if look.accounts.there:
        findings.append(_accounts(look))
    findings += _clock(health)
    if health.name == CLIPROXYAPI:
        findings += [*_exposure(home, address), _logs(home, address)]
    return findings


def _home(accounts: Accounts) -> Finding:
    home = one_line(str(accounts.home), 200)
    if accounts.there:
        return Finding("CCS", f"home {home}")
    return Finding("CCS", f"no home at {home}; a proxy of your own needs none")


def _places(look: Look) -> list[Finding]:
    """Each place looked at for an address and a key; one that cannot be used is a note, as others may do."""
    home = one_line(str(look.accounts.home), 4096)
    return [
        Finding("looked at", f"{each.where}: {each.words}", "ok" if each.ok else "note")
        for each in look.places
        if each.where != home or not each.ok
    ]


def _proxy(look: Look) -> Finding:
    address, health = look.address, look.health
    where = f"{address.url} ({address.source})"
    trouble, hint = split_trouble(health.trouble or "")
    if not health.answers:
        if hint == START_HINT and is_loopback(address.url) and address.source.startswith(_OF_CCS):
            hint = _START if look.accounts.there else f"{LOGIN_COMMAND}, then {_START}"
        status = BadReply.exit_status if health.name == ANOTHER_SERVER else CannotConnect.exit_status
        return Finding("proxy", f"{where}: {trouble}", "problem", hint, status)
    if health.models is None and not health.key_refused:
        status = Unauthorized.exit_status if health.trouble == SAFE_MODE else CannotConnect.exit_status
        return Finding("proxy", f"{where}: {trouble}", "problem", hint, status)
    if address.is_unchecked:
        words = f"{where}: {health.name} answers, and nobody vouches for its certificate"
        return Finding("proxy", words, "note", "Without --insecure its certificate is checked.")
    return Finding("proxy", f"{where}: {health.name} answers")


def _key(address: ProxyAddress, health: ProxyHealth) -> Finding:
    origin = "the sandbox's own" if address.source == "sandbox" else f"from {address.key_source}"
    origin = "the usual one of CCS" if address.key_source == "default" and address.source != "sandbox" else origin
    if health.key_refused:
        trouble, hint = split_trouble(health.trouble or "")
        return Finding("key", f"{origin}: {trouble}", "problem", hint, Unauthorized.exit_status)
    taken = "taken" if health.models is not None else "not tried"
    return Finding("key", f"{origin}, {taken} (never shown)")


def _version(home: Path, address: ProxyAddress) -> Finding:
    version, place = version_signs(home, address.url)
    if not version:
        return Finding("version", f"its port does not tell; this program was tried with {TRIED_WITH}")
    words = f"{version} by CCS's {place}"
    if is_older(version, "7.2.0"):
        hint = "ccs cliproxy --latest"
        return Finding("version", f"{words}, older than the {TRIED_WITH} this program was tried with", "note", hint)
    return Finding("version", words)


def _models(health: ProxyHealth) -> list[Finding]:
    """What is served; nothing to say where the proxy gave no list, which has been said by then."""
    if health.models is None:
        return []
    painters = health.image_models or ()
    if not painters:
        trouble, hint = split_trouble(health.trouble or "")
        return [Finding("models", trouble, "problem", hint, NoAccount.exit_status)]
    count = f"{len(health.models)} model{'s' if len(health.models) != 1 else ''}"
    owners = sorted({one_line(owner, 24) for owner in health.owners.values()})
    whose = f" of {', '.join(owners[:_MODELS_TOLD])}" if owners else ""
    told = ", ".join(painters[:_MODELS_TOLD]) + (" …" if len(painters) > _MODELS_TOLD else "")
    return [Finding("models", f"{count}{whose}, {len(painters)} for pictures: {told}")]


def _model(health: ProxyHealth, model: str, today: date, *, chosen: bool) -> Finding:
    """Whether the chosen model is served, and under which name; its end, where it has one."""
    end = find_model(model).life_cycle_line(today) or ""
    tail = f"; {end.removeprefix(f'{model} ')}" if end else ""
    painters = health.image_models
    if not painters:
        return Finding("model", f"{model}{tail}")
    served = served_as(model, health.models or ())
    if served is None:
        nearest = nearest_served(model, painters)
        if nearest and not chosen:
            return Finding("model", f"{model} is not served: {nearest} takes its place", "note", f"--model {nearest}")
        hint = f"--model {nearest}" if nearest else ModelUnknown.default_hint
        return Finding("model", f"{model} is not served{tail}", "problem", hint, ModelUnknown.exit_status)
    return Finding("model", f"{model} is served" + (f" as {served}" if served != model else "") + tail)


def _accounts(look: Look) -> Finding:
    accounts = look.accounts
    ahead = [each for each in accounts.accounts if each.refreshed and each.refreshed - look.now > _SKEW]
    if ahead:
        words = f"{accounts.summary()}; {len(ahead)} with a token from the future"
        return Finding("accounts", words, "note", _SET_CLOCK)
    if accounts.notes:
        return Finding("accounts", f"{accounts.summary()}; {accounts.notes[0]}", "note", "ccs doctor")
    troubled = [each for each in accounts.accounts if each.state in ("expired", "damaged", "missing")]
    usable = any(each.counts for each in accounts.accounts)
    if not accounts.accounts and look.health.image_models:
        return Finding("accounts", "no login; a key in the proxy's own configuration serves")
    if troubled or not usable:
        return Finding("accounts", accounts.summary(), "note", "image-gen accounts" if troubled else LOGIN_COMMAND)
    return Finding("accounts", accounts.summary())


def _clock(health: ProxyHealth) -> list[Finding]:
    """Our clock against the proxy's; nothing to say where the proxy tells no time."""
    skew = health.skew
    if skew is None:
        return []
    if abs(skew) <= _SKEW.total_seconds():
        return [Finding("clock", "agrees with the proxy's")]
    words = f"ours is {span_words(skew)} {'ahead of' if skew > 0 else 'behind'} the proxy's: tokens may look expired"
    return [Finding("clock", words, "note", _SET_CLOCK)]


def _exposure(home: Path, address: ProxyAddress) -> list[Finding]:
    if not (is_loopback(address.url) and listens_everywhere(home)):
        return []
    words = "CCS lets the proxy listen on every network of this machine, with the key that everybody knows"
    return [Finding("network", words, "note", "ccs tokens --api-key KEY, then ccs cliproxy restart")]


def _logs(home: Path, address: ProxyAddress) -> Finding:
    folder = one_line(str(home / "cliproxy" / "logs"), 200) if is_loopback(address.url) else "its logs"
    words = f"CLIProxyAPI keeps the last ten failed requests, prompt and pictures included: {folder}/error-*.log"
    return Finding("privacy", words, "note")


def split_trouble(trouble: str) -> tuple[str, str]:
    """The sentence on what happened, without its full stop, and those on what to do."""
    happened, _, todo = trouble.partition(". ")
    return happened.removesuffix("."), todo
