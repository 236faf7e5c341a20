"""The two themes of our own: one warm accent on quiet ground, dark and light."""

from typing import Final

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
