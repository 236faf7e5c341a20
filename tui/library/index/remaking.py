"""The index forgotten, so that it is made again from the files."""

import sqlite3
from pathlib import Path

from tui.domain.errors import DiskError
from tui.library.index.place import NoRoom, Place

_TITLE = "There is no room for an index of the library"


def emptied(folder: Path, cache_dir: Path) -> Place:
    """Where the index of ``folder`` is, with nothing in it. DiskError where no place can be written."""
    try:
        place = Place(folder, cache_dir)
        place.rebuild("")
    except (NoRoom, sqlite3.Error) as problem:
        raise DiskError(str(problem), title=_TITLE) from problem
    return place
