"""What every tier shares: an environment without the person's settings, and a sandbox proxy to talk to."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tui.domain.proxy import ProxyAddress, Secret

# Some five hundred processes are started: each compiles the program anew where none may keep what it compiled.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# An app's start makes so many objects that what lives would be gone through again and again, in vain: a sixth of the
# time. More of it may lie about here than where a person waits.
gc.set_threshold(20_000, 50, 20)

settings.register_profile("image-gen", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("image-gen")

_QUICK_SANDBOX = Path(__file__).parent / "support" / "quick_sandbox.py"

_SCRUBBED_PREFIXES = (
    "IMAGE_GEN_",
    "XDG_",
    "CCS_",
    "KITTY_",
    "WEZTERM_",
    "ITERM_",
    "TMUX",
    "VTE_",
    "KONSOLE_",
)
_SCRUBBED_NAMES = {
    "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "COLUMNS", "LINES",
    "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "STY", "LC_ALL", "LC_CTYPE", "LANGUAGE",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
}  # fmt: skip


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: many tests wait for a process or a clock."""
    return (os.cpu_count() or 1) + 1


def _is_scrubbed(name: str) -> bool:
    lowered = name.lower()
    return name.startswith(_SCRUBBED_PREFIXES) or name in _SCRUBBED_NAMES or lowered in _SCRUBBED_NAMES


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests see nothing of the person who runs them; HOME is an empty folder, which is returned."""
    for name in [name for name in os.environ if _is_scrubbed(name)]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    return home


@contextmanager
def sandbox_process(folder: Path, *command: str) -> Iterator[ProxyAddress]:
    """A sandbox that runs as a process of its own and answers without delay, below an empty home."""
    environment = {name: text for name, text in os.environ.items() if not _is_scrubbed(name)}
    environment["HOME"] = str(folder)
    with subprocess.Popen(
        [sys.executable, *command, "--port", "0", "--delay", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield ProxyAddress(told["url"], Secret(told["key"]), source="sandbox")
        process.kill()


@pytest.fixture(scope="session")
def sandbox_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyAddress]:
    """A sandbox that lays mosaics instead of painting; it ends with the session."""
    with sandbox_process(tmp_path_factory.mktemp("sandbox"), str(_QUICK_SANDBOX)) as address:
        yield address


@pytest.fixture(scope="session")
def painting_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyAddress]:
    """The sandbox as a person has it, for those who look at what it paints; it ends with the session."""
    with sandbox_process(tmp_path_factory.mktemp("painting"), "-m", "tui.proxy") as address:
        yield address
