"""The palette's entries: the command table, each run in the place it belongs to."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, runtime_checkable

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from tui.commands import COMMANDS, COVERING, Command


@runtime_checkable
class RunsCommands(Protocol):
    """An app that can run a command of the table."""

    def run_command(self, command: Command) -> Awaitable[bool]:
        """Run it in its place."""
        ...

    def help_of(self, command: Command) -> str:
        """What it does, here and now."""
        ...


class Palette(CommandPalette):
    """Textual's palette; a second Enter, while it is leaving, takes no other screen away."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave, once."""
        return super().dismiss(result) if self.is_current else AwaitComplete()


class CommandProvider(Provider):
    """Finds commands by their names."""

    async def discover(self) -> Hits:
        """All of them, in the table's order."""
        for command in self._found():
            if command.in_palette:
                yield DiscoveryHit(_words(command), self._runner(command), help=self._runs.help_of(command))

    async def search(self, query: str) -> Hits:
        """Those whose names match."""
        matcher = self.matcher(query)
        for command in self._found():
            words = _words(command)
            score = matcher.match(words) if command.in_palette else 0
            if score > 0:
                yield Hit(score, matcher.highlight(words), self._runner(command), help=self._runs.help_of(command))

    def _found(self) -> list[Command]:
        """Those that work where the palette was opened; what covers the panes has its own ones first."""
        place = getattr(self.screen, "PLACE", None)
        found = [command for command in COMMANDS if command.place not in COVERING or command.place == place]
        return sorted(found, key=lambda command: command.place != place)

    @property
    def _runs(self) -> RunsCommands:
        app = self.app
        if not isinstance(app, RunsCommands):
            raise TypeError("the palette belongs to an app that runs commands")
        return app

    def _runner(self, command: Command) -> Callable[[], Awaitable[bool]]:
        return _once(partial(self._runs.run_command, command))


def _once(run: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
    """Run what was found once, however often Enter is pressed before the palette is gone."""
    left = [run]

    async def run_once() -> bool:
        return bool(left) and await left.pop()()

    return run_once


def _words(command: Command) -> str:
    return f"{command.name}  ({command.key_text})" if command.keys else command.name
