"""The pictures of one app in its terminal: who has which characters, and what goes out for them.

The image view draws its cells with characters of ours. The driver gives every frame to the wire, which puts
the real thing in their place.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol, TypeAlias

from tui.terminal.blocks import Block, Blocks
from tui.terminal.screen import Screen

Write: TypeAlias = Callable[[str], None]
Measure: TypeAlias = Callable[[], tuple[int, int] | None]
"""Width and height of a cell in pixels now, None where the terminal does not tell."""


class Listener(Protocol):
    """Somebody who shows pictures through a wire."""

    def pictures_lost(self) -> None:
        """The terminal has none of them any more, or its cells have another size: prepare and send again."""


class Wire(ABC):
    """What the image view asks of the driver. All on the event loop."""

    def __init__(self, write: Write, measure: Measure, *, keeps_text: bool) -> None:
        self._write = write
        self._measure = measure
        self._listeners: weakref.WeakSet[Listener] = weakref.WeakSet()
        self._blocks = Blocks()
        self._size = (0, 0)
        self.screen = Screen(keeps_text=keeps_text)
        self.open = False
        """True while the alternate screen is ours; nothing is written otherwise."""

    def watch(self, listener: Listener) -> None:
        """``listener`` is told, for as long as it lives, when pictures are lost."""
        self._listeners.add(listener)

    def cell_size(self) -> tuple[int, int] | None:
        """Width and height of a cell in pixels now; None where the terminal does not tell."""
        return self._measure()

    def tell_lost(self) -> None:
        """Tell everybody who shows a picture."""
        for listener in list(self._listeners):
            listener.pictures_lost()

    def frame(self, frame: str, size: tuple[int, int]) -> str:
        """``frame`` with the pictures in it, for a terminal of ``size`` (columns, lines)."""
        if size != self._size:
            self._size = size
            self.screen.forget()
        return self.rewrite(frame)

    @abstractmethod
    def rewrite(self, frame: str) -> str:
        """The frame with the pictures in it."""

    @abstractmethod
    def release(self, block: Block) -> None:
        """No cell on the screen shows this picture any more."""

    def hello(self) -> str:
        """What to write once the alternate screen is entered."""
        return ""

    @abstractmethod
    def farewell(self) -> str:
        """What to write before the alternate screen is left; no block is valid afterwards."""


_WIRES: weakref.WeakKeyDictionary[object, Wire] = weakref.WeakKeyDictionary()


def attach(app: object, wire: Wire) -> None:
    """Pictures of ``app`` go through ``wire``."""
    _WIRES[app] = wire


def wire_of(app: object) -> Wire | None:
    """The app's wire; None where it runs without our driver (headless, in a browser)."""
    return _WIRES.get(app)
