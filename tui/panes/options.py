"""The options pane: one line with model, ratio, size, count and references, each a key away."""

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.commands import bindings_of
from tui.domain.options import ratio_value
from tui.domain.selection import Selection, step
from tui.domain.words import one_line
from tui.messages import PickRequested, SelectionChanged
from tui.widgets.cells import clip

FIELDS: Final = ("model", "ratio", "size", "count", "references")
GAPS: Final = (3, 3, 2, 1)
"""Cells between two fields in each form, from the most talkative to the shortest."""
_HINT: Final = "F1 help "
_KEYS: Final = {"model": "F2", "ratio": "F3", "size": "F4", "count": "F5", "references": "F6"}


@dataclass(frozen=True, slots=True)
class Field:
    """An option as the line shows it: its name, its key and its value in words."""

    name: str
    key: str
    words: str

    @property
    def cells(self) -> int:
        """How wide it is, the space behind its key included."""
        return cell_len(self.words) + (len(self.key) + 1 if self.key else 0)


def ratio_shape(ratio: str) -> str:
    """A glyph with the shape of the ratio: lying, square, standing."""
    value = ratio_value(ratio) or 1.0
    if value > 2:
        return "▬"
    if value > 1.1:
        return "▭"
    if value < 0.5:
        return "❘"
    return "▯" if value < 0.9 else "□"


def fields_of(selection: Selection, width: int) -> tuple[list[Field], int]:
    """The fields in the most talkative form that fits a line of ``width`` cells, and the cells between them.

    The shortest form is without keys; where even that is too long, the model's name gives way.
    """
    for form, gap in enumerate(GAPS):
        fields = [Field(name, _KEYS[name] if form < 3 else "", _words(selection, name, form)) for name in FIELDS]
        room = width - 1 - (len(_HINT) if form < 2 else 0)
        over = sum(field.cells + gap for field in fields) - room
        if over <= 0:
            return fields, gap
    model = fields[0].words
    return [Field("model", "", clip(model, max(1, cell_len(model) - over))), *fields[1:]], gap


def _words(selection: Selection, name: str, form: int) -> str:
    if name == "model":
        model = selection.image_model
        return one_line(selection.model) if form == 0 or not model.known else model.label
    if name == "ratio":
        return f"{ratio_shape(selection.aspect_ratio)} {selection.aspect_ratio}"
    if name == "size":
        pixels = selection.pixels
        arrow = " → " if form < 2 else " "
        return f"{selection.image_size}{arrow}{pixels[0]}×{pixels[1]}" if pixels else selection.image_size
    if name == "count":
        return f"×{selection.count}"
    return _reference_words(selection, form)


def _reference_words(selection: Selection, form: int) -> str:
    references = selection.references
    if form == 0:
        names = ", ".join(clip(reference.path.name, 24) for reference in references[:2])
        more = f" +{len(references) - 2}" if len(references) > 2 else ""
        return f"refs: {names}{more}" if references else "refs: none"
    return f"refs {len(references)}" if form == 1 else f"+{len(references)}"


class OptionsPane(Widget, can_focus=True):
    """The line; left and right choose a field, up and down change it, Enter lists its values."""

    BINDINGS = bindings_of("options")
    COMPONENT_CLASSES = {"options--key", "options--value", "options--chosen", "options--hint"}

    selection: reactive[Selection] = reactive(Selection())
    chosen: reactive[int] = reactive(0)

    def __init__(self, selection: Selection) -> None:
        super().__init__(id="options")
        self.set_reactive(OptionsPane.selection, selection)
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """The fields, the chosen one marked while the pane has the focus."""
        width = self.size.width
        fields, between = fields_of(self.selection, width)
        line = Content(" ")
        self._spans = []
        for field in fields:
            start = line.cell_length
            chosen = self.has_focus and FIELDS[self.chosen] == field.name
            value_style = "reverse" if chosen else ""
            key = f"{field.key} " if field.key else ""
            line = Content.assemble(line, (key, "$muted"), (field.words, value_style))
            self._spans.append((start, line.cell_length + 1, field.name))
            line = Content.assemble(line, " " * between)
        gap = width - line.cell_length - len(_HINT)
        return Content.assemble(line, " " * gap, (_HINT, "$muted")) if gap >= 0 else line

    def change(self, selection: Selection) -> None:
        """Take another selection, by whatever way it was set, and tell about it."""
        if selection != self.selection:
            self.selection = selection
            self.post_message(SelectionChanged(selection))

    def step_field(self, name: str, by: int, models: tuple[str, ...]) -> None:
        """The next or previous value of a field; ``models`` are the names to go through."""
        now = self.selection
        if name == "model":
            self.change(now.with_model(step(models, now.model, by)))
        elif name == "ratio":
            self.change(now.with_ratio(step(now.image_model.ratios, now.aspect_ratio, by)))
        elif name == "size":
            self.change(now.with_size(step(now.image_model.sizes, now.image_size, by)))
        elif name == "count":
            self.change(now.with_count(now.count + by))

    def action_field(self, by: int) -> None:
        """Choose another field."""
        self.chosen = (self.chosen + by) % len(FIELDS)

    async def action_change(self, by: int) -> None:
        """Change the chosen field as its key would."""
        name = FIELDS[self.chosen]
        if name == "references":
            self.action_pick()
            return
        actions = {"model": "next_model", "ratio": "next_ratio", "size": "next_size", "count": "change_count"}
        await self.app.run_action(f"{actions[name]}({by})")

    def action_pick(self) -> None:
        """List the chosen field's values."""
        self.post_message(PickRequested(FIELDS[self.chosen]))

    async def on_click(self, event: events.Click) -> None:
        """A click on a field lists its values, one on the hint opens the help."""
        for start, end, name in self._spans:
            if start <= event.x < end:
                self.chosen = FIELDS.index(name)
                self.post_message(PickRequested(name))
                return
        if event.x >= self.size.width - len(_HINT):
            await self.app.run_action("help")

    def on_focus(self) -> None:
        """The chosen field is marked only with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The chosen field is marked only with the focus."""
        self.refresh()
