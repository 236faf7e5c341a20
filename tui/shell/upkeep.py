"""``reindex``: the index of the library made anew from its files."""

import time
from contextlib import closing
from pathlib import Path

from tui import streams
from tui.domain.errors import DiskError
from tui.library.index import Index
from tui.library.index.place import NoRoom, Place
from tui.settings import Settings
from tui.shell.bar import ProgressBar
from tui.shell.shelf import index_errors


def reindex(settings: Settings, *, as_json: bool) -> int:
    """Forget the index and make it again; the files are only read. DiskError."""
    folder = settings.output_dir.expanduser().absolute()
    if not folder.is_dir():
        streams.warn(f"There is no library at {folder} yet.")
        return 0
    began = time.monotonic()
    place = _emptied(folder, settings.cache_dir)
    with index_errors(), closing(Index(folder, place)) as index:
        with ProgressBar("reading the library") as bar:
            index.refresh(told=bar.told)
        count = index.count()
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        streams.print_json({"folder": str(folder), "generations": count, "elapsed": seconds, "index": str(place.path)})
    else:
        number = "1 generation" if count == 1 else f"{count:,} generations"
        streams.print_line(f"{number} of {folder} in the index again, after {seconds} s")
    return 0


def _emptied(folder: Path, cache_dir: Path) -> Place:
    """Where the index is, with nothing in it. Raises DiskError."""
    try:
        with index_errors():
            place = Place(folder, cache_dir)
            place.rebuild("")
    except NoRoom as problem:
        raise DiskError(str(problem), title="There is no room for an index of the library") from problem
    return place
