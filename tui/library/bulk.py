"""Many generations changed one after the other: what cannot be done for one keeps no other from it."""

from collections.abc import Callable, Sequence

from tui.domain.errors import ImageGenError
from tui.domain.generation import Generation
from tui.domain.marking import Changed, Failure, Marked

Told = Callable[[int, int], None]
"""Hears how many are done, and of how many."""
Stopped = Callable[[], bool]
"""Whether to leave it at what is done."""


def never() -> bool:
    """Go on to the end."""
    return False


def told_nobody(done: int, of: int) -> None:
    """For whom progress is of no interest."""


def change_all(
    items: Sequence[tuple[Generation, Callable[[], Marked | None]]], told: Told = told_nobody, stopped: Stopped = never
) -> Changed:
    """Do each; None says that one was left as it is."""
    done: list[Marked] = []
    failures: list[Failure] = []
    left: list[Generation] = []
    for number, (generation, act) in enumerate(items, 1):
        if stopped():
            break
        try:
            marked = act()
        except ImageGenError as error:
            failures.append(Failure(generation, error))
        else:
            if marked is None:
                left.append(generation)
            else:
                done.append(marked)
        told(number, len(items))
    return Changed(tuple(done), tuple(failures), tuple(left))
