"""Commands of the Kitty graphics protocol: a picture in pieces, placed, freed.

Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/. Commands ask for no answer (``q=2``), so that nothing
of them can reach the keyboard's side; one asks to be told of a failure.
"""

from __future__ import annotations

import base64
from typing import Final, Literal

from tui.imaging.picture import KittyPayload, PayloadKind

CHUNK: Final = 4096
"""Characters of base64 in one command, at most, by the protocol."""

_FORMATS: Final[dict[PayloadKind, str]] = {"png": "f=100", "zlib": "f=24,o=z", "rgb": "f=24", "rgba": "f=32"}


class Transmission:
    """A payload on its way to the terminal under one id, taken piece by piece at whatever pace the wire has."""

    def __init__(self, image_id: int, payload: KittyPayload) -> None:
        self._data = payload.data
        self._head = f"a=t,{_FORMATS[payload.kind]},t=d,i={image_id},{_size(payload)}"
        self._sent = 0

    @property
    def finished(self) -> bool:
        """True when the last piece was taken."""
        return self._sent >= len(self._data)

    @property
    def left(self) -> int:
        """Characters of base64 that are not taken yet."""
        return (len(self._data) - self._sent + 2) // 3 * 4

    def take(self, size: int) -> list[str]:
        """The next commands, with about ``size`` characters of payload in all."""
        commands: list[str] = []
        end = min(len(self._data), self._sent + max(1, size // 4) * 3)
        while self._sent < end:
            piece = self._data[self._sent : min(end, self._sent + CHUNK // 4 * 3)]
            self._sent += len(piece)
            more = 0 if self.finished else 1
            commands.append(f"\x1b_G{self._head}q=2,m={more};{base64.standard_b64encode(piece).decode('ascii')}\x1b\\")
            self._head = ""
        return commands


def fetch(image_id: int, payload: KittyPayload, medium: Literal["t", "s"], name: str) -> str:
    """Have the terminal read the payload itself and take it away: a temporary file (t) or shared memory (s)."""
    told = base64.standard_b64encode(name.encode()).decode("ascii")
    return f"\x1b_Ga=t,{_FORMATS[payload.kind]},t={medium},i={image_id},{_size(payload)}q=2;{told}\x1b\\"


def _size(payload: KittyPayload) -> str:
    """A PNG tells it itself."""
    return "" if payload.kind == "png" else f"s={payload.width},v={payload.height},"


def place(image_id: int, columns: int, rows: int, *, tell_if_gone: bool = False) -> str:
    """Stretch a transmitted picture over ``columns`` × ``rows`` placeholder cells, its shape kept.

    The placement has a number, so that placing again moves it: of two without one, either may show.
    ``tell_if_gone``: the terminal answers if it does not have the picture any more, and only then.
    """
    quiet = 1 if tell_if_gone else 2
    return f"\x1b_Ga=p,U=1,i={image_id},p=1,c={columns},r={rows},q={quiet}\x1b\\"


def free(image_id: int) -> str:
    """Take the picture away with its data. Lower-case ``d=i`` would keep the data, ``I=`` is another number."""
    return f"\x1b_Ga=d,d=I,i={image_id},q=2\x1b\\"


def free_range(first: int, last: int) -> str:
    """Free every picture with an id from ``first`` to ``last`` (kitty 0.33)."""
    return f"\x1b_Ga=d,d=R,x={first},y={last},q=2\x1b\\"


def in_tmux(command: str) -> str:
    """The same command through tmux to the terminal outside (``allow-passthrough``)."""
    return "\x1bPtmux;" + command.replace("\x1b", "\x1b\x1b") + "\x1b\\"
