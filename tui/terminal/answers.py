"""What a terminal answers to questions, told apart from what a person types.

Answers are control sequences of ECMA-48 (CSI, DCS, OSC, APC). Keys never begin with ``CSI ?``, ``CSI >``,
``APC G``, ``DCS`` plus a digit, ``>``, ``!`` or ``$``, nor with ``OSC`` plus a digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_STRING_END: Final = r"(?:\x1b\\|\x07|\x9c)"
_ANSWER: Final = re.compile(
    r"\x1b_G[^\x1b\x07\x9c]*" + _STRING_END  # Kitty graphics: how a transmission went
    + r"|\x1bP[0-9>!$+|][^\x1b\x07\x9c]*" + _STRING_END  # XTVERSION, DECRQSS, XTGETTCAP
    + r"|\x1b\][0-9][^\x1b\x07\x9c]*" + _STRING_END  # colours, clipboard
    + r"|\x1b\[[?>=][0-9;:]*c"  # primary, secondary, tertiary device attributes
    + r"|\x1b\[[468];[0-9]+;[0-9]+t"  # text area in pixels, cell in pixels, text area in cells
    + r"|\x1b\[\?[0-9;]*[Sun]"  # XTSMGRAPHICS, keyboard flags, colour scheme
    + r"|\x1b\[[03]n"  # status
    + r"|\x1b\[\?[0-9;]+\$y"  # DECRPM: the mode's state
)  # fmt: skip
_UNFINISHED: Final = re.compile(
    r"\x1b_G[^\x1b\x07\x9c]*\x1b?"
    r"|\x1bP[0-9>!$+|][^\x1b\x07\x9c]*\x1b?"
    r"|\x1b\][0-9][^\x1b\x07\x9c]*\x1b?"
    r"|\x1b\[[?>=][0-9;:]*\$?"
    r"|\x1b\[[03468]"
    r"|\x1b\[[468];[0-9]*(?:;[0-9]*)?"
)
_BARELY_BEGUN: Final = re.compile(r"\x1b[\[P_\]]?")
"""The beginning of an answer as much as of a key."""
_LONGEST: Final = 4096

TakeAnswer = Callable[[str], bool]
"""Gets one whole answer; False puts it back among the keys."""


class AnswerFilter:
    """Takes whole answers out of the input, wherever reads cut it; everything else passes unchanged.

    ``take`` sees each answer and may leave it to whoever reads the keys. The end of a read that can only be
    the beginning of an answer is held until more comes or ``release`` is called (nothing came for a while).
    While answers are ``due``, a bare ESC is held too, which else is more likely a key that should not wait.
    """

    def __init__(self, take: TakeAnswer, *, due: bool = False) -> None:
        self._take = take
        self._held = ""
        self.due = due

    @property
    def holding(self) -> bool:
        """True while the beginning of an answer waits for its rest."""
        return bool(self._held)

    @property
    def begun(self) -> bool:
        """True while what is held can be no key."""
        return bool(self._held) and _BARELY_BEGUN.fullmatch(self._held) is None

    def feed(self, text: str) -> str:
        """The part of ``text`` that is no answer."""
        text, self._held = self._held + text, ""
        passed: list[str] = []
        position = 0
        for found in _ANSWER.finditer(text):
            passed.append(text[position : found.start()])
            if not self._take(found.group()):
                passed.append(found.group())
            position = found.end()
        rest = text[position:]
        start = rest.rfind("\x1b")
        # The terminator of a string answer begins with ESC itself.
        for begin in (rest.rfind("\x1b", 0, start) if start > 0 else -1, start):
            if begin >= 0 and len(rest) - begin < _LONGEST and self._may_begin(rest, begin):
                self._held = rest[begin:]
                rest = rest[:begin]
                break
        passed.append(rest)
        return "".join(passed)

    def _may_begin(self, text: str, begin: int) -> bool:
        if _UNFINISHED.fullmatch(text, begin):
            return True
        return self.due and _BARELY_BEGUN.fullmatch(text, begin) is not None

    def release(self) -> str:
        """What was held, given up as an answer; late ones are not waited for any more."""
        self.due = False
        held, self._held = self._held, ""
        return held
