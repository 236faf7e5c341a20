"""The index: finds any of a hundred thousand generations in milliseconds; the files stay the truth."""

from tui.library.index.filling import Told
from tui.library.index.finding import Finder, GivenUp
from tui.library.index.index import Index, day_of, never
from tui.library.index.stats import Stats, Tally

__all__ = ["Finder", "GivenUp", "Index", "Stats", "Tally", "Told", "day_of", "never"]
