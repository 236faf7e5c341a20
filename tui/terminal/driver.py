"""Our Textual driver: the one writer to the terminal, and the one reader of what it says.

It reads first what was typed during the probe, takes answers out of the input so that they are never typed
into the prompt, turns the image view's cells into pictures, and leaves no picture behind when it goes.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

# Textual's parser of keys has no public name; this room alone knows it.
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize

from tui.terminal.answers import AnswerFilter
from tui.terminal.blocks import Blocks
from tui.terminal.facts import Protocol
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.probe import TerminalFacts, cell_size
from tui.terminal.sixel_wire import SixelWire
from tui.terminal.wire import Wire, attach, tell_lost

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver
    from textual.message import Message

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
        self._sync_told = False
        self._started = False
        self._taken = False
        self._cell = cell_size(self.fileno)
        self._blocks = Blocks()
        self._wire = self._wire_for(self._facts.protocol)
        attach(app, self)

    @property
    def wire(self) -> Wire | None:
        """Where pictures go now; None while they are text or none at all."""
        return self._wire

    def cell_size(self) -> tuple[int, int] | None:
        """Width and height of a cell in pixels now; None where the terminal does not tell."""
        return cell_size(self.fileno)

    def change_wire(self, protocol: Protocol) -> None:
        """Free what the wire of now has in the terminal, and draw pictures the other way from here on."""
        if self._wire is not None and self._wire.open:
            self._write_as_is(self._wire.farewell())
            self._wire.open = False
        self._wire = self._wire_for(protocol)
        if self._wire is not None and self._taken:
            self._wire.open = True
            self._write_as_is(self._wire.hello())

    def _wire_for(self, protocol: Protocol) -> Wire | None:
        facts = self._facts
        if protocol == "kitty":
            repeats = facts.name.startswith("kitty")
            return KittyWire(self._write_as_is, self.cell_size, tmux=facts.tmux, repeats=repeats, blocks=self._blocks)
        return SixelWire(self._write_as_is, self.cell_size, blocks=self._blocks) if protocol == "sixel" else None

    def _write_as_is(self, data: str) -> None:
        super().write(data)

    def write(self, data: str) -> None:
        """Write to the terminal, with pictures in the place of the image view's cells."""
        if self._wire is not None and self._wire.open:
            data = self._wire.frame(data, self._get_terminal_size())
        super().write(data)

    def start_application_mode(self) -> None:
        """Take over the terminal; SIGTERM and SIGHUP end the app in order."""
        start = cast("Callable[[], None]", super().start_application_mode)
        start()
        self._taken = True
        if self._given_back is not None:
            self._given_back.clear()
        if not self._started and self._facts.modes is not None:
            # The terminal was set before Textual looked at it.
            self.attrs_before = list(self._facts.modes)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._leave, number)
        # On the loop, as the others: it writes and waits for a thread, and the next one must not come in between.
        loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)
        self._sync_told = False
        if self._wire is not None:
            self._wire.open = True
            self._write_as_is(self._wire.hello())
        if self._started:
            loop.call_soon_threadsafe(tell_lost, self._to_app)
        self._started = True

    def stop_application_mode(self) -> None:
        """Free our pictures while the alternate screen still has them, and give the terminal back."""
        self._taken = False
        if self._wire is not None and self._wire.open:
            self._write_as_is(self._wire.farewell())
            self._wire.open = False
        super().stop_application_mode()

    def close(self) -> None:
        """Wait until all is written; from here on the process may end at any moment."""
        super().close()
        if self._given_back is not None:
            self._given_back.set()

    @property
    def _given_back(self) -> threading.Event | None:
        """The app's flag that the terminal is as it was."""
        event = getattr(self._to_app, "terminal_given_back", None)
        return event if isinstance(event, threading.Event) else None

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a stop: take the terminal again, also after one that could not be caught (SIGSTOP).

        Whoever closes the window sends this signal too, with the one that ends us: what is gone, or was never
        let go of, is not taken a second time. A second thread would read keys for ever.
        """
        if self._must_signal_resume:
            super()._sigcont_application()
        elif self._taken and os.isatty(self.fileno):
            self.suspend_application_mode()
            super()._sigcont_application()

    def process_message(self, message: Message) -> None:
        """Pass a message on; after a change of the font, pictures have to fit other cells."""
        if isinstance(message, Resize):
            cell = self.cell_size()
            if cell != self._cell:
                self._cell = cell
                self._loop.call_soon_threadsafe(tell_lost, self._to_app)
        super().process_message(message)

    def _leave(self, number: int) -> None:
        self._to_app.exit(return_code=128 + number)

    def run_input_thread(self) -> None:
        """Read keys until the end; what was typed before the app began comes first."""
        parser = XTermParser(self._debug)
        answers = AnswerFilter(self._take, due=self._facts.late)
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
        """Whether an answer is ours. Textual reads the states of modes itself, but our pings only once."""
        if not answer.endswith("$y"):
            return True
        if not answer.startswith("\x1b[?2026;"):
            return False
        if isinstance(self._wire, KittyWire) and self._wire.waiting:
            self._loop.call_soon_threadsafe(self._wire.heard)
        told, self._sync_told = self._sync_told, True
        return told
