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


def quiet_colours(theme: Theme) -> dict[str, str]:
    """Colours mixed from any theme's own: ``muted`` words, ``faint`` lines, the ``here`` ground of the cursor's row."""
    colours = theme.to_color_system().generate()
    ground, text = colours["background"], colours["foreground"]
    if ground.startswith("ansi") or text.startswith("ansi"):
        return {"muted": "ansi_bright_black", "faint": "ansi_bright_black", "here": "ansi_default"}
    below, above = Color.parse(ground), Color.parse(text)
    return {
        "muted": below.blend(above, 0.6).hex6,
        "faint": below.blend(above, 0.26).hex6,
        "here": below.blend(above, 0.14).hex6,
    }
