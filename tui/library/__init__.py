"""Pictures kept: a folder of generations, its files whole or absent, with ``Library`` as the only door."""

from tui.library.library import Library, Page
from tui.library.references import reference_from, sent_file
from tui.library.trash import Trashed

__all__ = ["Library", "Page", "Trashed", "reference_from", "sent_file"]
