"""What a program writes to a terminal, cut into text, controls and strings, wherever reads cut it (ECMA-48)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "control", "csi", "apc", "dcs", "osc", "escape"]

_TOKEN: Final = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f]+)"
    r"|\x1b\[(?P<parameters>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    # Inside a string tmux wants every ESC twice.
    r"|\x1b(?P<string>[P_X^])(?P<body>(?:[^\x1b]|\x1b\x1b)*)\x1b\\"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?P<escape>[ #%()*+][0-~]|[0-OQ-WYZ\\`-~])"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
)
_STRINGS: Final[dict[str, Kind]] = {"P": "dcs", "_": "apc", "X": "osc", "^": "osc"}


@dataclass(frozen=True, slots=True)
class Token:
    """One thing a terminal obeys. ``body``: the text, the string's inside, or a control's parameters.

    ``name``: the final byte of a control sequence with what stands between, or the control character.
    """

    kind: Kind
    body: str = ""
    name: str = ""


class Reader:
    """Cuts what comes in pieces; the unfinished end waits for its rest."""

    def __init__(self) -> None:
        self._held: list[str] = []

    @property
    def _in_string(self) -> bool:
        return self._held[0].startswith(("\x1bP", "\x1b_")) and not self._held[-1].endswith("\x1b")

    def read(self, data: str) -> Iterator[Token]:
        """The tokens that ``data`` finishes."""
        if self._held and "\x1b" not in data and self._in_string:
            # The middle of a long string: no use in looking at its beginning again.
            self._held.append(data)
            return
        data = "".join((*self._held, data))
        self._held = []
        position = 0
        while position < len(data):
            found = _TOKEN.match(data, position)
            if found is None:
                # Only an escape sequence can be unfinished; everything else is a token by itself.
                self._held = [data[position:]]
                return
            position = found.end()
            yield _token(found)


def _token(found: re.Match[str]) -> Token:
    if found["text"] is not None:
        return Token("text", found["text"])
    if found["final"] is not None:
        return Token("csi", found["parameters"], found["between"] + found["final"])
    if found["string"] is not None:
        return Token(_STRINGS[found["string"]], found["body"])
    if found["osc"] is not None:
        return Token("osc", found["osc"])
    if found["escape"] is not None:
        return Token("escape", name=found["escape"])
    return Token("control", name=found["control"])


def tokens(data: str) -> list[Token]:
    """The tokens of a whole text."""
    return [*Reader().read(data)]


def numbers(parameters: str, *, missing: int = 0) -> list[int]:
    """Parameters of a control sequence as numbers, without a private mark before them."""
    return [int(part) if part.isdecimal() else missing for part in parameters.lstrip("<=>?").split(";")]
