"""The two themes of our own: one warm accent on quiet ground, dark and light."""

from typing import Final

from textual.color import Color
from textual.theme import Theme

DARK: Final = Theme(
    name="image-gen-dark",
    primary="#e8a45c",
    secondary="#9aa7b8",
    accent="#e8a45c",
    success="#8fb878",
    warning="#d9bd66",
    error="#e07a70",
    foreground="#dcdde2",
    background="#131419",
    surface="#1a1c22",
    panel="#22252d",
    dark=True,
)

LIGHT: Final = Theme(
    name="image-gen-light",
    primary="#a8540c",
    secondary="#56616f",
    accent="#a8540c",
    success="#3d7a2a",
    warning="#8a6a00",
    error="#b3372c",
    foreground="#24262b",
    background="#fbfaf7",
    surface="#f2f0ea",
    panel="#e8e5dd",
    dark=False,
)


READABLE: Final = 3.2
"""The least contrast of words to their ground; WCAG 2.2, 1.4.3 asks 3 for large text."""


def quiet_colours(theme: Theme) -> dict[str, str]:
    """Colours mixed from any theme's own, so that words in them can be read.

    ``muted`` words, ``faint`` lines, the ``here`` ground of the cursor's row, the ``headline`` of what has the
    focus: the accent, nearer to the text where the theme's own cannot be read.
    """
    colours = theme.to_color_system().generate()
    ground, text = colours["background"], colours["foreground"]
    if ground.startswith("ansi") or text.startswith("ansi"):
        quiet = "ansi_bright_black"
        return {"muted": quiet, "faint": quiet, "here": "ansi_default", "headline": "ansi_yellow"}
    below, above = Color.parse(ground), Color.parse(text)
    here = below.blend(above, 0.14)
    return {
        "muted": _readable(below.blend(above, 0.6), above, here).hex6,
        "faint": below.blend(above, 0.26).hex6,
        "here": here.hex6,
        "headline": _readable(Color.parse(colours["accent"]), above, here).hex6,
    }


def _readable(colour: Color, text: Color, ground: Color) -> Color:
    """``colour``, moved towards ``text`` until it can be read on ``ground``."""
    steps = (colour.blend(text, step / 10) for step in range(10))
    return next((each for each in steps if contrast(each, ground) >= READABLE), text)


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
