"""The newest rows of the library, read while the terminal is asked and Textual is imported: for the first frame."""

import sqlite3
import threading
from array import array
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from tui.domain.errors import ImageGenError
from tui.domain.query import Known, parse
from tui.holding import Held
from tui.library.index import Index

COUNT: Final = 200
"""More than a screen has rows."""


class FirstRows:
    """An index opened in a thread, its newest row ids and how many there are."""

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        self.folder = folder
        self.held: Held | None = None
        """The rows for the screens, once they are there."""
        self.ids = array("q")
        self.total = 0
        self.in_use = Known()
        self._cache_dir = cache_dir
        self._index: Index | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def ready(self, within: float) -> bool:
        """Whether the rows are there, waiting for them so many seconds at most."""
        self._thread.join(within)
        return not self._thread.is_alive() and self.held is not None

    def take(self) -> Index | None:
        """The index, for who looks after it from now on; None where it could not be opened."""
        self._thread.join()
        return self._index

    def _read(self) -> None:
        try:
            index = Index.open(self.folder, self._cache_dir)
            if not index.count():
                index.refresh_newest(COUNT)
            with closing(index.finder()) as finder:
                self.ids = finder.find(parse(""), "newest", datetime.now(), COUNT)
            self.total = index.count()
            self.in_use = index.known()
        except (ImageGenError, sqlite3.Error):
            # Whoever opens the library next says it where the person looks.
            return
        self._index = index
        self.held = Held(index, lambda: None)
