"""A frame with words in its edges."""

from typing import Self

from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region


class Pane(Vertical):
    """A pane's frame. Only an edge whose words are others is drawn anew.

    Textual draws a whole widget, and whatever lies on it, for a word in its edge; here that is each move of a cursor.
    """

    _edge: Region | None = None
    _above: Content | None = None
    _below: Content | None = None

    def write_edges(self, above: Content | None, below: Content | None = None) -> None:
        """Put words into the upper and the lower edge; None leaves it plain."""
        if not _same(self._above, above):
            self._above = above
            self._write_edge("border_title", above, 0)
        if not _same(self._below, below):
            self._below = below
            self._write_edge("border_subtitle", below, max(0, self.outer_size.height - 1))

    def _write_edge(self, name: str, words: Content | None, line: int) -> None:
        self._edge = Region(0, line, self.outer_size.width, 1).translate(-self.content_offset)
        try:
            setattr(self, name, words)
        finally:
            self._edge = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw anew; of words in an edge only their line."""
        if self._edge is not None:
            regions = (self._edge,)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


def _same(shown: Content | None, words: Content | None) -> bool:
    if shown is None or words is None:
        return shown is words
    return shown.is_same(words)
