"""Text cut and padded to terminal cells, East Asian and emoji widths counted."""

from rich.cells import cell_len, chop_cells, set_cell_size

ELLIPSIS = "…"


def fit(text: str, width: int) -> str:
    """``text`` in exactly ``width`` cells: cut with an ellipsis, or padded with spaces."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + ELLIPSIS, width)


def fit_end(text: str, width: int) -> str:
    """The end of ``text`` in exactly ``width`` cells: what comes before it gives way to an ellipsis."""
    if cell_len(text) <= width or width <= 0:
        return fit(text, width)
    end = text
    while cell_len(end) > width - 1:
        end = end[1:]
    return fit(ELLIPSIS + end.lstrip(), width)


def clip(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, cut with an ellipsis."""
    return text if cell_len(text) <= width else fit(text, width).rstrip()


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells (at least one), broken between words, and inside too long ones."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        # Two cells at least: a wide character has to go somewhere.
        *whole, lines[-1] = chop_cells(word, max(2, width))
        lines[-1:-1] = whole
    return lines
