"""Names that a person types for generations: what is called so, and what to say where nothing is."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from tui.domain.errors import InvalidRequest
from tui.domain.generation import Generation
from tui.domain.thrown import InTrash
from tui.domain.words import one_line
from tui.orders import wrong_usage

LEAST_BEGINNING: Final = 4
"""Characters of a beginning: fewer would find something in a small library that was never meant."""

NEAREST: Final = 4
"""How many are named where a name is none, or that of several."""


def in_trash(name: str, contents: Sequence[InTrash]) -> InTrash | None:
    """The last thrown away of that id or stem, or the only one that begins so. InvalidRequest where several do."""
    found = [each for each in contents if name in (each.generation.id, each.generation.stem)][:1]
    if not found and len(name) >= LEAST_BEGINNING:
        found = [each for each in contents if shared(name, each.generation) == len(name)]
    if len(found) > 1:
        raise several(name, [described(each.generation) for each in found[: NEAREST + 1]])
    return found[0] if found else None


def described(generation: Generation) -> str:
    """A generation in a sentence: its stem and the beginning of its prompt."""
    prompt = one_line(generation.prompt, 32)
    return f"{generation.stem} ({prompt})" if prompt else generation.stem


def several(name: str, described: Sequence[str]) -> InvalidRequest:
    """What to say where a beginning is that of several."""
    more = " and others" if len(described) > NEAREST else ""
    near = ", ".join(described[:NEAREST])
    return wrong_usage(f"{one_line(name, 80)} is the beginning of several", f"{near}{more}. Give more of it.")


def nothing(name: str, nearest: Sequence[str], place: str, lists: str) -> InvalidRequest:
    """What to say where nothing in ``place`` has a name; ``lists`` says what would tell the names."""
    short = f"At least {LEAST_BEGINNING} characters are needed. " if len(name) < LEAST_BEGINNING else ""
    near = f"Nearest: {', '.join(nearest)}." if nearest else lists
    return wrong_usage(f"Nothing in {place} is called {one_line(name, 80)}", f"{short}{near}")


def shared(name: str, generation: Generation) -> int:
    """How many characters at its beginning a name shares with those of a generation."""
    owns = (generation.id, generation.stem)
    return max(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(name, own, strict=False))) for own in owns)


def begins(generation: Generation, beginning: str) -> bool:
    """Whether its id or stem begins so."""
    return generation.id.startswith(beginning) or generation.stem.startswith(beginning)
