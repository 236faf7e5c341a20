"""Text from outside made safe to show: no control characters, bounded, on one line where that is asked."""

import unicodedata

_HARMLESS_CONTROLS = "\n\t"
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def printable(text: str) -> str:
    """``text`` without control characters, lone surrogates and direction overrides; new lines and tabs stay.

    Carriage returns become new lines, so that nothing can write over what stands before it.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    if unified.isprintable():
        return unified
    return "".join(char for char in unified if _is_harmless(char))


def one_line(text: str, limit: int = 400) -> str:
    """``text`` as one line of at most ``limit`` characters, white space folded."""
    folded = " ".join(printable(text[: limit * 4]).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def _is_harmless(char: str) -> bool:
    if char in _HARMLESS_CONTROLS:
        return True
    return char not in _BIDI_CONTROLS and unicodedata.category(char) not in ("Cc", "Cs")
