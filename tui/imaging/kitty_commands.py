"""Commands of the Kitty graphics protocol: a picture in pieces, placed, freed.

Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/. Every command asks for no answer (``q=2``), so that
nothing of it can reach the keyboard's side.
"""

from __future__ import annotations

import base64
from typing import Final

from tui.imaging.picture import KittyPayload, PayloadKind

CHUNK: Final = 4096
"""Characters of base64 in one command, at most, by the protocol."""

_FORMATS: Final[dict[PayloadKind, str]] = {"png": "f=100", "zlib": "f=24,o=z", "rgb": "f=24", "rgba": "f=32"}


class Transmission:
    """A payload on its way to the terminal under one id, taken piece by piece at whatever pace the wire has."""

    def __init__(self, image_id: int, payload: KittyPayload) -> None:
        self._data = base64.standard_b64encode(payload.data).decode("ascii")
        size = "" if payload.kind == "png" else f"s={payload.width},v={payload.height},"
        self._head = f"a=t,{_FORMATS[payload.kind]},t=d,i={image_id},{size}"
        self._sent = 0

    @property
    def finished(self) -> bool:
        """True when the last piece was taken."""
        return self._sent >= len(self._data)

    def take(self, size: int) -> list[str]:
        """The next commands, with about ``size`` characters of payload in all."""
        commands: list[str] = []
        end = min(len(self._data), self._sent + max(4, size // 4 * 4))
        while self._sent < end:
            piece = self._data[self._sent : min(end, self._sent + CHUNK)]
            self._sent += len(piece)
            more = 0 if self.finished else 1
            commands.append(f"\x1b_G{self._head}q=2,m={more};{piece}\x1b\\")
            self._head = ""
        return commands


def place(image_id: int, columns: int, rows: int) -> str:
    """Stretch a transmitted picture over ``columns`` × ``rows`` placeholder cells, its shape kept."""
    return f"\x1b_Ga=p,U=1,i={image_id},c={columns},r={rows},q=2\x1b\\"


def free(image_id: int) -> str:
    """Take the picture away with its data. Lower-case ``d=i`` would keep the data, ``I=`` is another number."""
    return f"\x1b_Ga=d,d=I,i={image_id},q=2\x1b\\"


def free_range(first: int, last: int) -> str:
    """Free every picture with an id from ``first`` to ``last`` (kitty 0.33)."""
    return f"\x1b_Ga=d,d=R,x={first},y={last},q=2\x1b\\"


def in_tmux(command: str) -> str:
    """The same command through tmux to the terminal outside (``allow-passthrough``)."""
    return "\x1bPtmux;" + command.replace("\x1b", "\x1b\x1b") + "\x1b\\"
