"""How a whole part of the library looked when it was last read: one number, so that it need not be looked through.

A part is as it was where its files have the same names and those that tell of generations the same times and sizes.
Where every generation is told by its metadata alone the pictures' times say nothing, and are not asked for: half of
the time that a look at a folder takes.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, NamedTuple

from tui.library.index.ready import Known

TOLD: Final = 1
"""The bit of a state that is set where the metadata file tells all that the index knows of a generation."""

Times = tuple[int, int]
"""When a file changed, in nanoseconds, and its bytes."""
GONE: Final[Times] = (-1, -1)


class Sight(NamedTuple):
    """``digest`` is another number where a name came or went, or a file changed; with ``told`` a metadata file."""

    told: bool
    digest: int


def times_of(folder: int, name: str) -> Times:
    """Those of a file of the open ``folder``."""
    try:
        facts = os.stat(name, dir_fd=folder)
    except OSError:
        return GONE
    return facts.st_mtime_ns, facts.st_size


def sight_now(folder: int, names: Iterable[str], *, told: bool) -> Sight:
    """How the files ``names`` of the open ``folder`` look."""
    return _sight(names, partial(times_of, folder), told=told)


def sight_of(times: Mapping[str, Times], *, told: bool) -> Sight:
    """How files looked that had these times."""
    return _sight(times, times.__getitem__, told=told)


def _sight(names: Iterable[str], times_of_file: Callable[[str], Times], *, told: bool) -> Sight:
    ordered = sorted(names)
    looked_at = [name for name in ordered if name.startswith("metadata_")] if told else ordered
    digest = hashlib.blake2b(os.fsencode("\0".join(ordered)), digest_size=8)
    digest.update(repr([times_of_file(name) for name in looked_at]).encode())
    return Sight(told, int.from_bytes(digest.digest(), signed=True))


def is_settled(known: Mapping[bytes, Known]) -> bool:
    """Whether none of these was put in, or changed, so recently that it is read again."""
    return all(each.state >= 0 for each in known.values())


def is_told(known: Mapping[bytes, Known]) -> bool:
    """Whether the metadata tells all of each."""
    return all(each.state & TOLD for each in known.values())
