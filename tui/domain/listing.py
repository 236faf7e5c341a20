"""What the rows of a list of generations are like."""

from dataclasses import dataclass
from typing import Final, Literal

RowShape = Literal["one", "two", "pictures"]
"""Rows of one line, of two lines, or with a small picture at their left."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of rows, and how it is told."""

    name: RowShape
    words: str


SHAPES: Final = (
    Shape("one", "Rows of one line."),
    Shape("two", "Rows of two lines."),
    Shape("pictures", "Rows with small pictures."),
)


def shape_called(name: str) -> Shape:
    """The shape of that name; the usual one where there is none."""
    return next((shape for shape in SHAPES if shape.name == name), SHAPES[0])


def shape_after(name: RowShape) -> Shape:
    """The next one, round and round."""
    names = [shape.name for shape in SHAPES]
    return SHAPES[(names.index(name) + 1) % len(SHAPES)]
