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
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, cast

# Textual's parser of keys has no public name; this room alone knows it.
from textual._xterm_parser import XTermParser
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.events import AppFocus, Resize
from textual.geometry import Size

from tui.terminal.answers import AnswerFilter
from tui.terminal.blocks import Blocks
from tui.terminal.facts import Protocol, TerminalFacts
from tui.terminal.frames import Frames
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.link import link_of
from tui.terminal.painter import Easel
from tui.terminal.probe import cell_size
from tui.terminal.sixel_wire import SixelWire
from tui.terminal.text_wire import TextWire
from tui.terminal.wire import Wire, attach, tell_lost
from tui.terminal.writer import Writer

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
        self._writer: Writer | None = None
        self._thread = threading.get_ident()
        self._told_size: tuple[int, int] | None = None
        self._told_cell: tuple[int, int] | None = None
        self._blocks = Blocks()
        self._frames = Frames(super().write, self._backlog, self._later, link_of(app))
        self._measured = self._measure()
        self._wire = self._wire_for(self._facts.protocol)
        attach(app, self)

    @property
    def wire(self) -> Wire | None:
        """Where pictures go now; None while there are none at all."""
        return self._wire

    def cell_size(self) -> tuple[int, int] | None:
        """Width and height of a cell in pixels now; None where the terminal does not tell."""
        return cell_size(self.fileno) or self._told_cell

    def change_wire(self, protocol: Protocol) -> None:
        """Free what the wire of now has in the terminal, and draw pictures the other way from here on."""
        self._close_wire()
        facts = getattr(self._to_app, "terminal_facts", None)
        self._facts = facts if isinstance(facts, TerminalFacts) else self._facts
        self._wire = self._wire_for(protocol)
        if self._taken:
            self._open_wire()

    def _wire_for(self, protocol: Protocol) -> Wire | None:
        frames, facts = self._frames, self._facts
        wire: Wire | None = None
        if protocol == "kitty":
            repeats = facts.name.startswith("kitty")
            wire = KittyWire(
                frames.send_pictures,
                frames.screen,
                self._blocks,
                tmux=facts.tmux,
                repeats=repeats,
                direct=facts.direct,
                link=link_of(self._to_app),
                lost=partial(tell_lost, self._to_app),
            )
        elif protocol == "sixel":
            forgets = facts.name.startswith("XTerm")
            wire = SixelWire(frames.send_pictures, frames.screen, self._blocks, self.cell_size, forgets=forgets)
        elif protocol != "none":
            wire = TextWire(frames.send_pictures, frames.screen, self._blocks)
        frames.easel = Easel() if wire is None else wire
        return wire

    def _open_wire(self) -> None:
        if self._wire is not None:
            self._wire.open = True
            self._frames.send_pictures(self._wire.hello())

    def _close_wire(self) -> None:
        if self._wire is not None and self._wire.open:
            self._frames.send_pictures(self._wire.farewell())
            self._frames.screen.forget_pictures()
            self._wire.open = False

    @property
    def _writer_thread(self) -> WriterThread | None:
        """What Textual writes through."""
        return self._writer

    @_writer_thread.setter
    def _writer_thread(self, _: WriterThread | None) -> None:
        # Textual makes one that blocks the event loop when the terminal is slow; ours takes its place.
        self._writer = None if self._file is None else Writer(self._file, self._on_drained)

    def _backlog(self) -> int:
        return 0 if self._writer is None else self._writer.backlog

    def _on_drained(self) -> None:
        """In the writer's thread: what waited for the terminal may go on."""
        if self._frames.behind:
            self._loop.call_soon_threadsafe(self._frames.catch_up)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._loop.call_later(seconds, lambda: call() if self._taken else None)

    def write(self, data: str) -> None:
        """Write to the terminal what differs from what it shows, with pictures for the image view's cells."""
        if threading.get_ident() != self._thread or not self._taken:
            # The thread of the keys only sets modes.
            super().write(data)
            return
        self._frames.fit(*(self._told_size or self._get_terminal_size()))
        self._frames.write(data)

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
        self._hear_of_sizes()
        self._sync_told = False
        self._frames.restart()
        self._open_wire()
        if self._started:
            loop.call_soon_threadsafe(tell_lost, self._to_app)
        self._started = True

    def stop_application_mode(self) -> None:
        """Free our pictures while the alternate screen still has them, and give the terminal back."""
        self._close_wire()
        self._taken = False
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
        """In the thread of the keys: pass a message on, and look at those that tell of the terminal itself."""
        if isinstance(message, Resize):
            self._loop.call_soon_threadsafe(self._on_told_size, message.size, message.pixel_size)
        elif isinstance(message, AppFocus):
            self._loop.call_soon_threadsafe(self._frames.doubt)
        super().process_message(message)

    def _hear_of_sizes(self) -> None:
        """SIGWINCH, by which Textual learns of sizes too, where the terminal does not tell them in its answers."""
        before = signal.getsignal(signal.SIGWINCH)

        def changed(number: int, frame: FrameType | None) -> None:
            if callable(before):
                before(number, frame)
            if self._told_size is None:
                self._loop.call_soon_threadsafe(self._on_size)

        signal.signal(signal.SIGWINCH, changed)

    def _on_told_size(self, size: Size, pixels: Size | None) -> None:
        """The terminal told its size in cells, and perhaps in pixels."""
        self._told_size = size.width, size.height
        if pixels is not None and size.width and size.height:
            self._told_cell = pixels.width // size.width, pixels.height // size.height
        if self._measure() != self._measured:
            self._on_size()

    def _on_size(self) -> None:
        """The terminal has another size, had one meanwhile, or has another font: then pictures fit other cells."""
        before, self._measured = self._measured, self._measure()
        if self._taken:
            self._frames.changed(*self._measured[0])
        if before[1] != self._measured[1]:
            tell_lost(self._to_app)

    def _measure(self) -> tuple[tuple[int, int], tuple[int, int] | None]:
        """Columns and lines, and a cell in pixels."""
        return self._told_size or self._get_terminal_size(), self.cell_size()

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
            if answer.startswith("\x1b_G"):
                self._loop.call_soon_threadsafe(self._told_of_picture, answer)
            return True
        if not answer.startswith("\x1b[?2026;"):
            return False
        self._loop.call_soon_threadsafe(self._heard, time.monotonic())
        told, self._sync_told = self._sync_told, True
        return told

    def _heard(self, at: float) -> None:
        """A question of ours was answered."""
        if self._frames.heard(at) == "store" and isinstance(self._wire, KittyWire):
            self._wire.heard(at)

    def _told_of_picture(self, answer: str) -> None:
        if isinstance(self._wire, KittyWire):
            self._wire.store.answered(answer)
