"""What could keep a person from a picture, looked at one thing after the other."""

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tui import __version__
from tui.domain.errors import CannotConnect, DiskError, Unauthorized
from tui.domain.options import find_model
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, what to do, and the exit status it stands for (0 for all well)."""

    name: str
    words: str
    ok: bool = True
    hint: str = ""
    exit_status: int = 0


async def examine(settings: Settings, address: ProxyAddress, health: ProxyHealth) -> tuple[Finding, ...]:
    """Program, settings, library, proxy, key and model, in the order in which they matter."""
    return (
        _program(),
        _settings(settings),
        await asyncio.to_thread(_library, settings.output_dir),
        _proxy(address, health),
        _key(settings, address),
        _model(settings, health),
    )


def _program() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("program", f"image-gen {__version__}, Python {version}")


def _settings(settings: Settings) -> Finding:
    there = "read" if settings.config_file.exists() else "not there, which is fine"
    set_names = ", ".join(f"{name} by {place}" for name, place in settings.origins.items())
    words = f"{settings.config_file} ({there})" + (f"; {set_names}" if set_names else "")
    return Finding("settings", words, ok=not settings.warnings, hint=" ".join(settings.warnings))


def _library(folder: Path) -> Finding:
    """Whether pictures can be kept in ``folder``; it is not made, and nothing stays in it."""
    folder = folder.absolute()
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        if nearest == folder:
            with tempfile.TemporaryFile(dir=folder, prefix=".doctor-"):
                return Finding("library", f"{folder} can be written")
    except OSError as error:
        return _cannot_write(f"{folder}: {error.strerror}")
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Finding("library", f"{folder} will be made with the first picture")
    return _cannot_write(f"{folder} cannot be made: {nearest} is no folder that can be written")


def _cannot_write(words: str) -> Finding:
    return Finding("library", words, False, DiskError.default_hint, DiskError.exit_status)


def _proxy(address: ProxyAddress, health: ProxyHealth) -> Finding:
    where = f"{address.url} ({address.source})"
    if not health.answers:
        return Finding("proxy", where, False, health.trouble or "", CannotConnect.exit_status)
    count = len(health.models or ())
    served = "1 model" if count == 1 else f"{count} models"
    words = f"{where}: {health.name}" + (f", {served}" if health.models is not None else "")
    if health.trouble:
        return Finding("proxy", words, False, health.trouble, Unauthorized.exit_status)
    return Finding("proxy", words)


def _key(settings: Settings, address: ProxyAddress) -> Finding:
    origin = "the sandbox's own" if address.source == "sandbox" else settings.origins.get("api_key", "the default")
    return Finding("key", f"{origin} (never shown)")


def _model(settings: Settings, health: ProxyHealth) -> Finding:
    served = None
    if health.models is not None:
        names = {name.rsplit("/", 1)[-1] for name in health.models} | set(health.models)
        served = settings.model in names
    line = find_model(settings.model).life_cycle_line(date.today())
    served_words = {True: "served", False: "not in the proxy's list", None: ""}[served]
    words = "; ".join(part for part in (line or settings.model, served_words) if part)
    hint = "image-gen models lists what it serves." if served is False else ""
    return Finding("model", words, ok=served is not False, hint=hint)
