"""The rows of the pickers: models, ratios, sizes and counts, from the one table of options."""

from datetime import date
from typing import Final

from tui.domain.options import MODELS, find_model
from tui.domain.selection import Selection
from tui.screens.picker import Choice

COUNTS: Final = (1, 2, 3, 4, 6, 8, 12, 16)


def model_choices(served: tuple[str, ...] | None, current: str, today: date) -> tuple[Choice, ...]:
    """The table's models and what else the proxy serves; a note on what each can do and whether it is there."""
    known = [model.id for model in MODELS]
    others = [name for name in served or () if name not in known and "image" in name]
    names = dict.fromkeys([*known, *others, current])
    return tuple(Choice(name, name, _model_note(name, served, today)) for name in names)


def _model_note(name: str, served: tuple[str, ...] | None, today: date) -> str:
    model = find_model(name)
    notes = []
    if served is not None:
        notes.append("served" if name in served else "not served")
    if model.is_retired(today):
        notes.append("retired")
    if model.known:
        notes.append(f"{' '.join(model.sizes)}")
        price = model.list_price("1K")
        notes.append(f"list ${price:.3g}" if price is not None else "")
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
