"""Terminals by the answers they give: each question that is written to one is answered in its turn."""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_TOKEN: Final = re.compile(
    rb"\x1b_G(?P<graphics>[^\x1b]*)\x1b\\"
    rb"|\x1bP(?P<string>[^\x1b]*)\x1b\\"
    rb"|\x1b\[(?P<control>[0-9;:<=>?]*[ -/]*[@-~])"
)
_UNFINISHED: Final = re.compile(rb"\x1b(?:[_P][^\x1b]*\x1b?|\[[0-9;:<=>?]*[ -/]*)?\Z")
_HELD_BY_TERMINAL: Final = (b"\x1b[c", b"\x1b[>q", b"\x1b[?2026$p")
"""Questions whose beginning ``support.terminal`` hands over again with the rest."""


@dataclass
class Answering:
    """A terminal that answers what it knows; nothing where a field is empty.

    ``files``, ``memory``: it reads (and then deletes) what is shared with it. ``keys`` are typed in the middle
    of the answers. ``asked`` is all that was written to it.
    """

    attributes: bytes = b"?62;22"
    name: bytes = b""
    kitty: bool = False
    files: bool = False
    memory: bool = False
    keeps_files: bool = False
    cell: bytes = b""
    text_area: bytes = b""
    sixel_colours: bytes = b""
    sixel_size: bytes = b""
    colour: bytes = b""
    synchronized: bool = False
    keys: bytes = b""
    asked: bytes = b""
    _pending: bytes = field(default=b"", repr=False)

    def answers(self, question: bytes) -> bytes:
        """What it sends back for everything that is whole in what was written."""
        tail = self._pending[self._pending.rfind(b"\x1b") :] if self._pending else b""
        if tail and any(each.startswith(tail) and each != tail for each in _HELD_BY_TERMINAL):
            question = question[len(tail) :]
        self.asked += question
        text = self._pending + question
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._pending = text[cut:]
        return b"".join(self._answer(token) for token in _TOKEN.finditer(text[:cut]))

    def _answer(self, token: re.Match[bytes]) -> bytes:
        if token["graphics"] is not None:
            return self._graphics(token["graphics"])
        if token["string"] is not None:
            return b"\x1bP1$r0;%bm\x1b\\" % self.colour if token["string"] == b"$qm" and self.colour else b""
        control = token["control"]
        known = {
            b"16t": self.cell and b"\x1b[6;%bt" % self.cell,
            b"14t": self.text_area and b"\x1b[4;%bt" % self.text_area,
            b"?1;1;0S": self.sixel_colours and b"\x1b[?1;0;%bS" % self.sixel_colours,
            b"?2;1;0S": self.sixel_size and b"\x1b[?2;0;%bS" % self.sixel_size,
            b">q": self.name and b"\x1bP>|%b\x1b\\%b" % (self.name, self.keys),
            b"?2026$p": b"\x1b[?2026;2$y" if self.synchronized else b"",
            b">c": self.attributes and b"\x1b[>1;4000;29c",
            b"c": self.attributes and b"%b\x1b[%bc" % (self.keys, self.attributes),
        }
        return known.get(control, b"")

    def _graphics(self, command: bytes) -> bytes:
        keys, _, payload = command.partition(b";")
        options = dict(key.split(b"=") for key in keys.split(b","))
        if not self.kitty or options.get(b"a") != b"q":
            return b""
        said = b"OK" if options[b"t"] == b"d" or self._fetch(options, payload) else b"EBADF:Failed to open file"
        return b"\x1b_Gi=%b;%b\x1b\\" % (options[b"i"], said)

    def _fetch(self, options: dict[bytes, bytes], payload: bytes) -> bool:
        """Read what is shared, as the protocol says; True if all of it was there."""
        name = Path(b64decode(payload).decode())
        path = Path("/dev/shm") / name.name if options[b"t"] == b"s" else name
        if not (self.memory if options[b"t"] == b"s" else self.files) or not path.is_file():
            return False
        whole = len(path.read_bytes()) == int(options[b"s"]) * int(options[b"v"]) * 3
        if not self.keeps_files:
            path.unlink()
        return whole
