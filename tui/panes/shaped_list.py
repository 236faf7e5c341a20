"""The history's rows in the shape a person wants: one line each, two, or with small pictures; headings are one line."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from rich.segment import Segment

from tui.domain.generation import Generation
from tui.domain.listing import RowShape
from tui.panes.history_rows import Heading, HistoryModel
from tui.panes.row_shapes import Box, box_for, pieces_of
from tui.widgets.cells import fit
from tui.widgets.picture_widget import PictureWidget
from tui.widgets.pictures import pictures_of
from tui.widgets.row_list import Piece, RowList
from tui.widgets.tiles import Tiles


class ShapedList(RowList, PictureWidget):
    """Headings and generations of a model. Of small pictures only those in sight are brought, and none is waited for.

    Where pictures are not drawn, or there is no room for them, their rows have two lines of words.
    """

    def __init__(self, model: HistoryModel, shape: RowShape, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = model
        self.shape = shape
        """What is wanted."""
        self.tiles = Tiles(self, self._draw_picture)
        self._box: Box | None = None
        self._pictured: dict[str, int] = {}
        """The rows whose small pictures are asked for, by generation."""

    @property
    def shape_now(self) -> RowShape:
        """What is drawn."""
        if self.shape != "pictures":
            return self.shape
        return "two" if self._box is None else "pictures"

    def take_shape(self, shape: RowShape) -> None:
        """Another shape; the cursor's row stays where it is on the screen, as far as the list's ends let it."""
        above = self.top_of(self.cursor) - self.scroll_offset.y
        self.shape = shape
        self.rows_changed()
        if self.cursor >= 0:
            self.scroll_to(y=max(0, self.top_of(self.cursor) - above), animate=False)
            self.show_row(self.cursor)

    def top_of(self, row: int) -> int:
        """The line in which ``row`` begins: headings have one line, whatever the others have."""
        if self.row_height == 1:
            return row
        return row * self.row_height - (self.row_height - 1) * bisect_left(self.model.headings, row)

    def line_at(self, y: int) -> tuple[int, int]:
        """The row that has line ``y``, and which of its lines that is; of a heading the last one."""
        if self.row_height == 1:
            return y, 0
        less, headings = self.row_height - 1, self.model.headings
        passed = bisect_right(range(len(headings)), y, key=lambda n: headings[n] * self.row_height - n * less)
        return divmod(y + passed * less, self.row_height)

    @property
    def in_sight(self) -> range:
        """The rows of which a line can be seen."""
        top = self.scroll_offset.y
        first, last = (self.line_at(y)[0] for y in (top, top + max(0, self.size.height - 1)))
        return range(max(0, first), min(last + 1, len(self.model.rows)))

    def pieces(self, row: int, line: int, width: int) -> Sequence[Piece | Segment]:
        """A heading, or a line of a generation."""
        entry = self.model.rows[row]
        if isinstance(entry, Heading):
            return [Piece(" " + fit(entry.words, width - 1), "row--heading")]
        box = self._box
        if box is None:
            return pieces_of(self.model, entry, line, self.row_height, width)
        words = pieces_of(self.model, entry, line, self.row_height, width - box.columns - 1)
        return [*self._picture_line(entry, line, box), Piece(" "), *words]

    def _picture_line(self, generation: Generation, line: int, box: Box) -> Iterator[Piece | Segment]:
        tile = self.tiles.shown.get(generation.id)
        drawing = tile.drawing if tile is not None else None
        top = (box.rows - drawing.rows) // 2 if drawing is not None else 0
        if drawing is not None and top <= line < top + drawing.rows:
            left = (box.columns - drawing.columns) // 2
            yield Piece(" " * left)
            yield from drawing.row(line - top, self.rich_style)
            yield Piece(" " * (box.columns - drawing.columns - left))
        else:
            failed = drawing is None and (tile is None or tile.words) and line == box.rows // 2
            yield Piece(fit("no picture" if failed else "", box.columns), "row--muted")

    def rows_came(self) -> None:
        """Rows behind those that are there may be in sight too."""
        self._fit()
        super().rows_came()
        self._bring()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Pictures that come into sight are brought, those that went are let go."""
        super().watch_scroll_y(old_value, new_value)
        self._bring()

    def _fit(self) -> None:
        """How many lines rows have now."""
        wanted = self.shape == "pictures" and self.is_attached and pictures_of(self.app).protocol != "none"
        there = bool(self.model.rows)
        self._box = box_for(self.size.width, self.size.height) if wanted and there else None
        lines = self._box.rows if self._box is not None else 1 if self.shape == "one" or not there else 2
        if lines != self.row_height:
            self.row_height = lines
            self.refresh()

    def _bring(self) -> None:
        """Ask for the pictures in sight; what is drawn with others is drawn anew."""
        before, self._pictured = self._pictured, {}
        held = dict(self.tiles.shown)
        box = self._box
        if box is not None:
            pictures = pictures_of(self.app)
            asks = {}
            for row in self.in_sight:
                entry = self.model.rows[row]
                if isinstance(entry, Generation) and (image := entry.picture) is not None:
                    self._pictured[entry.id] = row
                    asks[entry.id] = pictures.ask(self, image.path, box.columns, box.rows)
            self.tiles.show(asks)
        else:
            self.tiles.drop_all()
        for key, tile in held.items():
            if self.tiles.shown.get(key) is not tile:
                self.refresh_row(before[key])

    def _draw_picture(self, key: str) -> None:
        row = self._pictured.get(key)
        if row is not None:
            self.refresh_row(row)

    def link_changed(self) -> None:
        """What is seen may be better now."""
        self._bring()

    def pictures_lost(self) -> None:
        """Pictures are drawn in another way, or not at all, or have to be brought again."""
        self.tiles.drop_all()
        self.take_shape(self.shape)

    def notify_style_update(self) -> None:
        """Another theme has another ground."""
        super().notify_style_update()
        if self.is_attached:
            self._bring()

    def on_unmount(self) -> None:
        """Free what the terminal keeps."""
        self.tiles.drop_all()
