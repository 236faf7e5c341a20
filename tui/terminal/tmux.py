"""What tmux says of itself and of the terminal that it is shown in, asked by its own command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tui.terminal.facts import Passthrough

_FORMAT: Final = "|".join(
    f"#{{{name}}}" for name in ("version", "pane_tty", "client_termname", "client_termfeatures", "client_termtype")
)


@dataclass(frozen=True, slots=True)
class Tmux:
    """tmux around us. ``terminal`` is the TERM of the terminal it is shown in, ``terminal_name`` what that calls
    itself; both are empty while nobody is attached."""

    version: str = ""
    pane_tty: str = ""
    terminal: str = ""
    terminal_name: str = ""
    features: frozenset[str] = frozenset()
    passthrough: Passthrough = ""

    @property
    def is_nested(self) -> bool:
        """It is shown in another multiplexer, which would take what we wrap for itself."""
        return self.terminal.startswith(("tmux", "screen")) or self.terminal_name.startswith("tmux")

    @property
    def words(self) -> str:
        """All of it for a person."""
        shown_in = self.terminal_name or self.terminal or "no terminal"
        sixel = ", Sixel" if "sixel" in self.features else ""
        return (
            f"{self.version or 'of an unknown version'} in {shown_in}, passthrough {self.passthrough or 'off'}{sixel}"
        )


def ask_tmux(environ: Mapping[str, str], timeout: float) -> Tmux | None:
    """Ask the tmux that ``environ`` names, for at most ``timeout`` seconds; None where none answers."""
    # Only who is in tmux pays for this import.
    import subprocess

    target = ["-t", environ["TMUX_PANE"]] if environ.get("TMUX_PANE") else []
    # Without -A an inherited value is not told.
    show = ["show-options", "-pAv", *target, "allow-passthrough"]
    command = ["tmux", "display-message", "-p", *target, _FORMAT, ";", *show]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_tmux(done.stdout.decode("utf-8", "replace"))


def parse_tmux(told: str) -> Tmux | None:
    """The line of ``_FORMAT``, then the value of allow-passthrough; None where it is neither."""
    line, _, option = told.partition("\n")
    parts = line.split("|", 4)
    if len(parts) < 5:
        return None
    version, tty, terminal, features, name = parts
    return Tmux(version, tty, terminal, name, frozenset(filter(None, features.split(","))), _passes(version, option))


def _passes(version: str, option: str) -> Passthrough:
    word = option.strip()
    if word in ("on", "1"):
        return "on"
    if word == "all":
        return "all"
    # The option came with 3.3; before, everything was passed on.
    found = re.match(r"(\d+)\.(\d+)", version)
    return "on" if not word and found and (int(found[1]), int(found[2])) < (3, 3) else ""
