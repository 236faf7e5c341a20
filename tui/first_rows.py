"""The newest rows of the library, read while the terminal is asked and Textual is imported: for the first frame."""

import threading
from array import array
from datetime import datetime
from pathlib import Path
from typing import Final

from tui.domain.errors import ImageGenError
from tui.domain.query import Known, parse
from tui.library.index import Index

COUNT: Final = 200
"""More than a screen has rows."""


class FirstRows:
    """An index opened in a thread, its newest row ids and how many there are."""

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        self.folder = folder
        self.index: Index | None = None
        self.ids = array("q")
        self.total = 0
        self.in_use = Known()
        self._cache_dir = cache_dir
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def ready(self, within: float) -> bool:
        """Whether the rows are there, waiting for them so many seconds at most."""
        self._thread.join(within)
        return not self._thread.is_alive() and self.index is not None

    def take(self) -> Index | None:
        """The index, for who looks after it from now on; None where it could not be opened."""
        self._thread.join()
        return self.index

    def _read(self) -> None:
        try:
            index = Index.open(self.folder, self._cache_dir)
        except ImageGenError:
            # Whoever opens the library next says it where the person looks.
            return
        finder = index.finder()
        self.ids = finder.find(parse(""), "newest", datetime.now(), COUNT)
        finder.close()
        self.total = index.count()
        self.in_use = index.known()
        self.index = index
