"""Our Textual driver: the one writer to the terminal, and the one reader of what it says.

It reads first what was typed during the probe, takes answers out of the input so that they are never typed
into the prompt, turns the image view's cells into pictures, and leaves no picture behind when it goes.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

# Textual's parser of keys has no public name; this room alone knows it.
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.answers import AnswerFilter
from tui.terminal.probe import TerminalFacts

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver

HOLD: Final = 0.5
"""Seconds that the beginning of an answer waits for its rest, before it counts as keys."""


def driver_class() -> type[Driver]:
    """The driver to run the app with: ``App(driver_class=driver_class())``."""
    return TerminalDriver


class TerminalDriver(LinuxDriver):
    """Textual's driver for Unix terminals, with the wire for pictures and a filter for answers."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        facts = getattr(app, "terminal_facts", None)
        self._facts = facts if isinstance(facts, TerminalFacts) else TerminalFacts()
        self._leftover = self._facts.leftover
        self._to_app = app

    def start_application_mode(self) -> None:
        """Take over the terminal; SIGTERM and SIGHUP end the app in order."""
        start = cast("Callable[[], None]", super().start_application_mode)
        start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._leave, number)

    def _leave(self, number: int) -> None:
        self._to_app.exit(return_code=128 + number)

    def run_input_thread(self) -> None:
        """Read keys until the end; what was typed before the app began comes first."""
        parser = XTermParser(self._debug)
        answers = AnswerFilter(self._take)
        decode = getincrementaldecoder("utf-8")("replace").decode
        leftover, self._leftover = self._leftover, b""
        waited = 0.0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            text = answers.feed(decode(leftover))
            while not self.exit_event.is_set():
                for message in [*parser.feed(text)] if text else []:
                    self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
                text = ""
                if selector.select(0.1):
                    read = os.read(self.fileno, 4096)
                    if not read:
                        # The other end is gone; without this the loop would spin.
                        self.exit_event.wait(0.1)
                    text, waited = answers.feed(decode(read)), 0.0
                elif answers.holding:
                    waited += 0.1
                    text = answers.release() if waited >= HOLD else ""

    def _take(self, answer: str) -> bool:
        """Whether an answer is ours; Textual reads the states of modes itself."""
        return not answer.endswith("$y")
