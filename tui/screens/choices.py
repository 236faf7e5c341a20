"""The rows of the pickers: models, ratios, sizes and counts, from the one table of options."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from tui.domain.catalogue import Listed
from tui.domain.selection import Selection
from tui.screens.picker import Choice

COUNTS: Final = (1, 2, 3, 4, 6, 8, 12, 16)


def model_choices(listed: Iterable[Listed], today: date) -> tuple[Choice, ...]:
    """The models that can be chosen; a note on whether each is there, what is odd about it, what it can do."""
    return tuple(Choice(each.name, f"{_mark(each)}{each.name}", _model_note(each, today)) for each in listed)


def _mark(listed: Listed) -> str:
    if listed.served is None:
        return ""
    return "○ " if not listed.served else "● " if listed.on_chat else "◌ "


def _model_note(listed: Listed, today: date) -> str:
    model = listed.model
    price = model.list_price("1K")
    notes = [
        listed.served_words,
        listed.note or "",
        listed.retired_words(today),
        " ".join(model.sizes) if model.known else "not in our table",
        f"list ${price:.3g}" if price is not None else "",
    ]
    return " · ".join(note for note in notes if note)


def ratio_choices(selection: Selection) -> tuple[Choice, ...]:
    """The model's ratios with the pixels each gives at the chosen size."""
    model = selection.image_model
    return tuple(
        Choice(ratio, ratio, _pixel_words(model.size_in_pixels(ratio, selection.image_size))) for ratio in model.ratios
    )


def size_choices(selection: Selection) -> tuple[Choice, ...]:
    """The model's sizes with the pixels each gives in the chosen ratio, and its list price."""
    model = selection.image_model
    choices = []
    for size in model.sizes:
        price = model.list_price(size)
        notes = [_pixel_words(model.size_in_pixels(selection.aspect_ratio, size))]
        notes.append(f"list ${price:.3g}" if price is not None else "")
        choices.append(Choice(size, size, " · ".join(note for note in notes if note)))
    return tuple(choices)


def count_choices(selection: Selection) -> tuple[Choice, ...]:
    """Usual counts and the present one."""
    counts = sorted({*COUNTS, selection.count})
    return tuple(Choice(str(count), f"×{count}", "requests in parallel" if count > 1 else "") for count in counts)


def _pixel_words(pixels: tuple[int, int] | None) -> str:
    return f"{pixels[0]}×{pixels[1]}" if pixels is not None else ""
