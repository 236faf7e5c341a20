"""The pictures of one app in its terminal: who has which characters, and what goes out for them.

The image view draws its cells with characters of ours. Where one of them is to be written, the driver asks the
wire for the real thing.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol, TypeAlias

from tui.terminal import facts
from tui.terminal.blocks import Block, Blocks
from tui.terminal.painter import Easel
from tui.terminal.screen import Screen

Write: TypeAlias = Callable[[str], None]


class Listener(Protocol):
    """Somebody who shows pictures through a wire."""

    def pictures_lost(self) -> None:
        """The terminal has none of them any more, or its cells have another size: prepare and send again."""


class Wire(Easel, ABC):
    """What the image view asks of the driver, and how the driver draws cells of pictures. All on the event loop."""

    def __init__(self, write: Write, screen: Screen, blocks: Blocks) -> None:
        self._write = write
        self._screen = screen
        self._blocks = blocks
        self.open = False
        """True while the alternate screen is ours; nothing is written otherwise."""

    @abstractmethod
    def release(self, block: Block) -> None:
        """No cell on the screen shows this picture any more."""

    def hello(self) -> str:
        """What to write once the alternate screen is entered."""
        return ""

    @abstractmethod
    def farewell(self) -> str:
        """What to write before the alternate screen is left; no block is valid afterwards."""


class Host(Protocol):
    """The app's driver, as far as pictures need it."""

    @property
    def wire(self) -> Wire | None:
        """Where pictures go now; None while there are none at all."""

    def cell_size(self) -> tuple[int, int] | None:
        """Width and height of a cell in pixels now; None where the terminal does not tell."""

    def change_wire(self, protocol: facts.Protocol) -> None:
        """Free what the wire of now has in the terminal, and draw pictures the other way from here on."""


_HOSTS: weakref.WeakKeyDictionary[object, Host] = weakref.WeakKeyDictionary()
_LISTENERS: weakref.WeakKeyDictionary[object, weakref.WeakSet[Listener]] = weakref.WeakKeyDictionary()


def attach(app: object, host: Host) -> None:
    """``host`` is the driver of ``app``."""
    _HOSTS[app] = host


def wire_of(app: object) -> Wire | None:
    """The app's wire; None where there are no pictures, or the app runs without our driver (headless, in a browser)."""
    host = _HOSTS.get(app)
    return None if host is None else host.wire


def cell_size_of(app: object) -> tuple[int, int] | None:
    """Width and height of a cell in pixels now, whatever the wire; None where nobody tells."""
    host = _HOSTS.get(app)
    return None if host is None else host.cell_size()


def watch(app: object, listener: Listener) -> None:
    """``listener`` is told, for as long as it lives, when pictures of ``app`` have to be brought again."""
    _LISTENERS.setdefault(app, weakref.WeakSet()).add(listener)


def tell_lost(app: object) -> None:
    """Tell everybody who shows a picture of ``app``."""
    for listener in [*_LISTENERS.get(app, ())]:
        listener.pictures_lost()


def switch(app: object, protocol: facts.Protocol) -> None:
    """Draw pictures another way from now on. The app's ``terminal_facts`` say it already when the listeners hear."""
    host = _HOSTS.get(app)
    if host is not None:
        host.change_wire(protocol)
    tell_lost(app)
