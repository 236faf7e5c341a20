"""``reindex``: the index of the library made anew from its files."""

import time
from contextlib import closing

from tui import streams
from tui.library.index import Index
from tui.library.index.remaking import emptied
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
    place = emptied(folder, settings.cache_dir)
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
