"""Small pictures side by side: only those that can be seen are prepared, whatever the number of all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.commands import bindings_of
from tui.domain.generation import Generation
from tui.domain.words import one_line, rating_sign
from tui.layout import USUAL_STEP, GridShape, grid_shape
from tui.widgets.cells import fit
from tui.widgets.drawing import Ask
from tui.widgets.picture_widget import PictureWidget
from tui.widgets.pictures import pictures_of
from tui.widgets.tiles import Tiles

_LARGEST_STEP: Final = 6


class Shelf(Protocol):
    """What a grid shows."""

    @property
    def generations(self) -> Sequence[Generation]:
        """In the history's order."""
        ...

    @property
    def marked(self) -> Collection[str]:
        """Ids of those that a person marked."""
        ...

    def position(self, generation: Generation) -> int:
        """Place of a generation from 1, 0 where it is not among them."""
        ...


class GridView(PictureWidget, can_focus=True):
    """Pictures of a shelf in tiles, with a cursor; ``follow`` puts it on a generation."""

    ALLOW_SELECT = False
    BINDINGS = bindings_of("grid")
    COMPONENT_CLASSES = {
        "tile--bar",
        "tile--here",
        "tile--muted",
        "tile--star",
        "tile--marked",
        "tile--error",
    }

    cursor: reactive[int] = reactive(0, repaint=False)
    step: reactive[int] = reactive(USUAL_STEP, repaint=False)

    class Moved(Message):
        """The cursor stands on another generation."""

        def __init__(self, generation: Generation) -> None:
            super().__init__()
            self.generation = generation

    class Opened(Message):
        """The person wants to see this one large."""

        def __init__(self, generation: Generation) -> None:
            super().__init__()
            self.generation = generation

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(id="grid")
        self.shelf = shelf
        self.top = 0
        """The first row of tiles that can be seen."""
        self.tiles = Tiles(self, self._draw_tile)

    @property
    def shape(self) -> GridShape:
        """How tiles lie at the present size."""
        return grid_shape(self.size.width, self.size.height, self.step)

    @property
    def _left(self) -> int:
        """Columns before the first tile, as many as behind the last."""
        return (self.size.width - self.shape.across * self.shape.width) // 2

    @property
    def current(self) -> Generation | None:
        """The generation under the cursor."""
        generations = self.shelf.generations
        return generations[self.cursor] if 0 <= self.cursor < len(generations) else None

    def link_changed(self) -> None:
        """What is seen may be better now."""
        self.rearrange()

    def pictures_lost(self) -> None:
        """Ask for all again."""
        self.tiles.drop_all()
        self.rearrange()

    def on_unmount(self) -> None:
        """Free what the terminal keeps."""
        self.tiles.drop_all()

    def on_resize(self) -> None:
        """Other tiles."""
        self.rearrange()

    def notify_style_update(self) -> None:
        """Another theme has another ground."""
        super().notify_style_update()
        if self.is_attached:
            self.rearrange()

    def follow(self, generation: Generation) -> None:
        """Take in what changed on the shelf, with the cursor on ``generation``."""
        place = self.shelf.position(generation)
        if place:
            self.set_reactive(GridView.cursor, place - 1)
        self.rearrange()

    def watch_cursor(self) -> None:
        """Bring it into sight and tell who listens."""
        self.rearrange()
        if self.current is not None:
            self.post_message(self.Moved(self.current))

    def watch_step(self) -> None:
        """Larger or smaller tiles."""
        self.rearrange()

    def rearrange(self) -> None:
        """Ask for the pictures that can be seen, let go of the others, and draw what there is."""
        shape = self.shape
        if self.size.width < 1 or self.size.height < 2:
            return
        rows = -(-len(self.shelf.generations) // shape.across)
        here = max(0, self.cursor) // shape.across
        self.top = max(0, min(self.top, here, rows - 1), here - shape.down + 1)
        self.top = max(0, min(self.top, rows - shape.down))
        self.tiles.show({each.id: ask for each in self._seen() if (ask := self._ask(each)) is not None})
        self.refresh()

    def _seen(self) -> Sequence[Generation]:
        shape = self.shape
        first = self.top * shape.across
        return self.shelf.generations[first : first + shape.tiles]

    def _ask(self, generation: Generation) -> Ask | None:
        image = generation.picture
        shape = self.shape
        if image is None or shape.width < 4 or shape.height < 2:
            return None
        return pictures_of(self.app).ask(self, image.path, shape.width - 2, shape.height - 1)

    def _draw_tile(self, key: str) -> None:
        """Draw one tile again: with a dozen that come one by one, the whole grid each time would hold keys up."""
        shape = self.shape
        for place, generation in enumerate(self._seen()):
            if generation.id == key:
                row, column = divmod(place, shape.across)
                corner = self._left + column * shape.width, row * shape.height
                self.refresh(Region(*corner, shape.width, shape.height))

    def render_line(self, y: int) -> Strip:
        """One line through a row of tiles."""
        shape, base, width = self.shape, self.visual_style.rich_style, self.size.width
        row, line = divmod(y, shape.height)
        if row >= shape.down:
            return Strip.blank(width, base)
        segments = [Segment(" " * self._left, base)]
        generations = self.shelf.generations
        first = (self.top + row) * shape.across
        for place in range(first, min(first + shape.across, len(generations))):
            segments += self._tile_line(generations[place], line, place == self.cursor, base)
        return Strip(segments).adjust_cell_length(width, base)

    def _tile_line(self, generation: Generation, line: int, here: bool, base: Style) -> list[Segment]:
        shape = self.shape
        bar = Segment("▌", base + self._look("tile--bar")) if here else Segment(" ", base)
        if line == shape.height - 1:
            return [bar, *self._caption(generation, here, base), Segment(" ", base)]
        tile = self.tiles.shown.get(generation.id)
        width, height = shape.width - 2, shape.height - 1
        drawing = tile.drawing if tile is not None else None
        if drawing is None or drawing.rows == 0:
            words = tile.words if tile is not None else "no picture"
            text = one_line(words) if words and line == height // 2 else ""
            return [bar, Segment(fit(text, width), base + self._look("tile--muted")), Segment(" ", base)]
        # Close to its words, with what is left of the tile above it.
        row = line - (height - drawing.rows)
        if not 0 <= row < drawing.rows:
            return [bar, Segment(" " * (width + 1), base)]
        left = (width - drawing.columns) // 2
        right = width - drawing.columns - left
        return [bar, Segment(" " * left, base), *drawing.row(row, base), Segment(" " * (right + 1), base)]

    def _caption(self, generation: Generation, here: bool, base: Style) -> list[Segment]:
        """Mark, star, what is wrong, the prompt and the rating, over the width of a tile but its edges."""
        signs = [
            ("✓", "tile--marked", generation.id in self.shelf.marked),
            ("★", "tile--star", generation.user.starred),
            ("!", "tile--error", generation.damage is not None or generation.picture is None),
        ]
        style = base + self._look("tile--here" if here else "tile--muted")
        shown = [Segment(sign, style + self._look(look)) for sign, look, there in signs if there]
        rating = rating_sign(generation.user.rating)
        rated = [Segment(f" {rating}", style + self._look("tile--star"))] if rating else []
        room = self.shape.width - 2 - len(shown) - sum(segment.cell_length for segment in rated)
        text = f" {generation.title}" if shown else generation.title
        return [*shown, Segment(fit(text, room), style), *rated]

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _place_at(self, x: int, y: int) -> int | None:
        shape = self.shape
        column, row = (x - self._left) // shape.width, y // shape.height
        place = (self.top + row) * shape.across + column
        there = 0 <= column < shape.across and row < shape.down and place < len(self.shelf.generations)
        return place if there else None

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        place = self._place_at(event.x, event.y)
        if place is not None:
            self.cursor = place
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self) -> None:
        """A row of tiles down."""
        self.action_move(self.shape.across)

    def on_mouse_scroll_up(self) -> None:
        """A row of tiles up."""
        self.action_move(-self.shape.across)

    def action_move(self, by: int) -> None:
        """Move the cursor by so many pictures."""
        last = len(self.shelf.generations) - 1
        if 0 <= self.cursor + by <= last:
            self.cursor += by
        elif abs(by) > 1:
            # A row up or down from the last rows ends in the first or last picture of them.
            self._row_beyond(by, last)

    def _row_beyond(self, by: int, last: int) -> None:
        across = self.shape.across
        if by > 0 and self.cursor // across < last // across:
            self.cursor = last

    def action_row(self, by: int) -> None:
        """Move the cursor by rows of tiles."""
        self.action_move(by * self.shape.across)

    def action_page(self, by: int) -> None:
        """Move the cursor by as many pictures as are seen at once."""
        last = len(self.shelf.generations) - 1
        self.cursor = max(0, min(last, self.cursor + by * self.shape.tiles))

    def action_first(self) -> None:
        """To the newest picture."""
        self.cursor = 0

    def action_last(self) -> None:
        """To the oldest picture."""
        self.cursor = max(0, len(self.shelf.generations) - 1)

    def action_larger(self, by: int) -> None:
        """Larger or smaller tiles."""
        self.step = max(0, min(_LARGEST_STEP, self.step + by))

    def action_open(self) -> None:
        """See it large."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))
