"""What ``doctor`` looks at and prints: this program, the terminal, the library, and the way to the proxy.

JSON lines for scripts; for people one screen, each line with a sign, and below it the one thing to type.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui import __version__, streams
from tui.domain.errors import DiskError, ImageGenError
from tui.domain.finding import Finding, Level, worst_status
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line, with_tilde
from tui.settings import Settings

if TYPE_CHECKING:
    from tui.connect.doctor import Look

_SIGNS: Final[dict[Level, str]] = {"ok": "✓", "note": "•", "problem": "✗"}
_LITTLE_ROOM: Final = 200_000_000
"""Bytes: fewer hold only a few pictures of 4K."""


def examine(settings: Settings, *, as_json: bool, probe: bool = False) -> int:
    """Print what is found; the exit status is 0 only if a picture could be made."""
    findings = asyncio.run(_findings(settings, probe=probe, may_ask=not as_json))
    width = max(len(each.name) for each in findings)
    before = ""
    for each in findings:
        if as_json:
            streams.print_json(finding_object(each))
            continue
        name = each.name if each.name != before else ""
        words = with_tilde(each.words, os.environ.get("HOME", ""))
        streams.print_beside(f"{_SIGNS[each.level]} {name:<{width}}  ", words)
        if each.hint:
            streams.print_beside(f"  {'':<{width}}  → ", each.hint)
        before = each.name
    return worst_status(findings)


def finding_object(finding: Finding) -> dict[str, object]:
    """A finding as ``doctor --json`` tells it."""
    return {
        "check": finding.name,
        "ok": finding.ok,
        "level": finding.level,
        "words": finding.words,
        "hint": finding.hint,
    }


async def _findings(settings: Settings, *, probe: bool, may_ask: bool) -> list[Finding]:
    from tui.connect.doctor import examine_proxy

    findings = [_program(), *_terminal(settings, may_ask=may_ask), _settings(settings), _library(settings.output_dir)]
    try:
        async with look_around(settings) as look:
            findings += examine_proxy(look, settings.model, chosen=settings.is_model_chosen)
            if probe:
                from tui.trial import try_once

                findings.append(await try_once(settings, look.address, look.health))
    except ImageGenError as error:
        findings.append(Finding("proxy", str(error), "problem", error.hint, error.exit_status))
    return findings


@asynccontextmanager
async def look_around(settings: Settings) -> "AsyncIterator[Look]":
    """Everything that is known before findings are made; a sandbox of our own lives as long as the block.

    Raises ImageGenError where a sandbox was wanted and does not start.
    """
    from tui.connect.accounts import read_accounts
    from tui.connect.ccs import ccs_home
    from tui.connect.doctor import Look
    from tui.connect.find import look as look_for
    from tui.connect.health import judge
    from tui.headless import reach_proxy

    now = datetime.now(UTC)
    accounts = await asyncio.to_thread(read_accounts, ccs_home(os.environ), now)
    search = None if settings.sandbox else await look_for(settings, os.environ)
    async with reach_proxy(settings, search) as address:
        yield Look(address, await judge(address), search.places if search else (), accounts, now)


async def look(settings: Settings) -> tuple[ProxyAddress, ProxyHealth]:
    """The proxy that would be used, and what a look at it finds."""
    from tui.connect.health import judge
    from tui.headless import reach_proxy

    try:
        async with reach_proxy(settings) as address:
            return address, await judge(address)
    except ImageGenError as error:
        return ProxyAddress(source="sandbox"), ProxyHealth(answers=False, trouble=f"{error} {error.hint}")


def _program() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("program", f"image-gen {__version__}, Python {version}")


def _terminal(settings: Settings, *, may_ask: bool) -> list[Finding]:
    """What will draw pictures and why. A terminal is asked only if it is one, and nothing but words is wanted."""
    term = os.environ.get("TERM") or "not set"
    if not (may_ask and all(map(streams.is_terminal, (sys.stdin, sys.stdout, sys.stderr)))):
        return [Finding("terminal", "not asked: input or output is no terminal here, which only the app needs")]
    from tui.terminal.facts import choose
    from tui.terminal.probe import TYPED_AHEAD, probe
    from tui.terminal.verdict import TURN_ON

    facts = choose(probe(settings.images, spare=True), settings.images, link=settings.link)
    colours = "24-bit colours" if facts.truecolor else "256 colours" if "256" in term else "16 colours"
    name = f"{facts.name}, " if facts.name else ""
    if term == "dumb":
        words = f"TERM is dumb: the app cannot be drawn. {facts.why}"
        return [Finding("terminal", words, "note", "TERM=xterm-256color")]
    told = " · ".join(f"{question}: {answer}" for question, answer in facts.answers)
    fits = facts.protocol in facts.can
    hints = {TURN_ON: TURN_ON, TYPED_AHEAD: "image-gen doctor, and nothing typed meanwhile"}
    hint = next((hint for reason, hint in hints.items() if reason in facts.why), "")
    return [
        Finding("terminal", f"{name}TERM={one_line(term, 40)}, {colours}"),
        Finding("pictures", facts.why, "ok" if fits and not hint else "note", hint),
        Finding("answers", told),
        *_swallowed(facts.leftover),
    ]


def _swallowed(keys: bytes) -> list[Finding]:
    """What was typed in the moment when the terminal was asked, and could not be given back."""
    if not keys:
        return []
    words = f"what was typed in between is lost: {one_line(repr(keys.decode(errors='replace')), 60)}"
    return [Finding("keys", words, "note")]


def _settings(settings: Settings) -> Finding:
    there = "read" if settings.config_file.exists() else "not there, which is fine"
    set_names = ", ".join(f"{name} by {place}" for name, place in settings.origins.items())
    words = f"{settings.config_file} ({there})" + (f"; {set_names}" if set_names else "")
    return Finding("settings", words, "note" if settings.warnings else "ok", " ".join(settings.warnings))


def _library(folder: Path) -> Finding:
    """Whether pictures can be kept in ``folder``, how many are and how much room there is; nothing is changed."""
    folder = folder.absolute()
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        if nearest == folder:
            with tempfile.TemporaryFile(dir=folder, prefix=".doctor-"):
                return _kept(folder, nearest, f"{folder} can be written, {_count(folder)}")
    except OSError as error:
        return _cannot_write(f"{folder}: {error.strerror}")
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return _kept(folder, nearest, f"{folder} will be made with the first picture")
    return _cannot_write(f"{folder} cannot be made: {nearest} is no folder that can be written")


def _kept(folder: Path, nearest: Path, words: str) -> Finding:
    free = shutil.disk_usage(nearest).free
    words = f"{words}, {_size(free)} free"
    if free < _LITTLE_ROOM:
        return Finding(
            "library", words, "note", f"Free some space, or choose another folder: -d DIR (now {folder.name})"
        )
    return Finding("library", words)


def _count(folder: Path) -> str:
    from tui.library import Library

    count = Library(folder).page(count=1).total
    return "1 generation" if count == 1 else f"{count:,} generations"


def _size(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def _cannot_write(words: str) -> Finding:
    return Finding("library", words, "problem", DiskError.default_hint, DiskError.exit_status)
