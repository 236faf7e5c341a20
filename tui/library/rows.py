"""The rows of a folder, listed again only if it changed; of a few stems without listing a large folder for them."""

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from tui.library.scan import Listing, Row, scan

_COARSEST_CLOCK_NS: Final = 2_000_000_000
"""FAT writes times in steps of 2 s: a folder changed more recently may change again unseen."""


class Rows:
    """The rows of one folder; one that is not there has none. Any OSError is raised."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: tuple[int, Listing] | None = None

    def forget(self) -> None:
        """The folder is about to change."""
        self._listed = None

    def all(self) -> Listing:
        """Every row, newest first."""
        try:
            changed = self._folder.stat().st_mtime_ns
            known = self._known(changed)
            if known is not None:
                return known
            settled = time.time_ns() - changed > _COARSEST_CLOCK_NS
            listing = scan(self._folder)
        except FileNotFoundError:
            return Listing((), {})
        self._listed = (changed, listing) if settled else None
        return listing

    def of(self, stems: Collection[str]) -> Mapping[str, Row]:
        """The rows of these stems, as far as they are there."""
        try:
            known = self._known(self._folder.stat().st_mtime_ns)
            return (known or scan(self._folder, stems)).by_stem
        except FileNotFoundError:
            return {}

    def _known(self, changed: int) -> Listing | None:
        listed = self._listed
        return listed[1] if listed is not None and listed[0] == changed else None
