"""Pictures of text: by the symbols that the terminal has."""

from pathlib import Path

import pytest
from PIL import Image

from tui.terminal.facts import Protocol
from tui.widgets.drawing import Ask, MadeText, stamp_of
from tui.widgets.making import make

SEXTANTS = {chr(code) for code in range(0x1FB00, 0x1FB3C)}
QUADRANTS = set("▘▝▖▗▚▞▛▜▙▟")


@pytest.mark.parametrize(
    ("protocol", "sextants", "has", "has_not"),
    [
        ("symbols", True, SEXTANTS, set()),
        ("symbols", False, QUADRANTS, SEXTANTS),
        ("half", True, {"▀", "▄"}, SEXTANTS | QUADRANTS),
    ],
)
def test_only_symbols_that_the_terminal_has_are_used(
    protocol: Protocol, sextants: bool, has: set[str], has_not: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "noise.png"
    Image.effect_noise((300, 300), 90).convert("RGB").save(path)
    made = make(Ask(path, protocol, 30, 15, (10, 20), (0, 0, 0), sextants=sextants, stamp=stamp_of(path)), bool, None)
    assert isinstance(made, MadeText)
    used = {letter for line in made.text.weave() for segment in line for letter in segment.text}
    assert used & has
    assert not used & has_not
