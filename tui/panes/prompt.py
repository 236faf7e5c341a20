"""The prompt pane: a multi-line editor that is always under the hands."""

from typing import Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from tui.commands import Place, bindings_of, commands_of, footer, footer_behind
from tui.domain.words import printable
from tui.messages import ActionRequested, DraftChanged, GenerateRequested
from tui.widgets.cells import clip
from tui.widgets.pane import Pane
from tui.widgets.plain import content

SAID_FOR: Final = 5.0
"""Seconds that something which is no error stays in the foot."""

_CROSS: Final = ("✗ ", "$text-error")

_ACTIONS: Final = {
    **{binding.key: binding.action for binding in Binding.make_bindings(TextArea.BINDINGS)},
    **{key: command.action for command in commands_of("prompt") for key in command.keys},
}
"""What each key does in the editor: Textual's own keys, ours before them."""

_IN_TURN: Final = {key: command.action for command in commands_of("app") if command.in_turn for key in command.keys}
"""What the app does at a key; asked by message, so that it stays behind an Enter pressed before."""

_JOINERS: Final = ("\u200c", "\u200d")
"""Zero width non-joiner and joiner, as keyboards send them."""


class PromptEditor(TextArea):
    """The editor; Enter generates, Ctrl+J begins a new line, pasted new lines are text."""

    BINDINGS = bindings_of("prompt")

    def __init__(self, text: str = "") -> None:
        super().__init__(
            printable(text),
            id="editor",
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="Say what the picture shows, then press Enter",
        )

    def render_line(self, y: int) -> Strip:
        """One line; none while there is no room at all, in which Textual fails to break an empty prompt's words."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(self.size.width)

    async def on_key(self, event: events.Key) -> None:
        """Keys that do something, in the order they were typed.

        A binding would run before or after its turn: a priority one before the letters typed just before it
        are in the text, any other after the letters typed just behind it.
        """
        if event.key in _IN_TURN:
            event.stop()
            event.prevent_default()
            self.post_message(ActionRequested(_IN_TURN[event.key]))
            return
        if event.character in _JOINERS:
            # The editor takes only what Python calls printable, and Persian and joined emoji need these.
            event.stop()
            event.prevent_default()
            self.replace(event.character, *self.selection)
            return
        action = _ACTIONS.get(event.key)
        if action is not None and await self.app.run_action(action, self):
            event.stop()
            event.prevent_default()

    def action_generate(self) -> None:
        """Ask for a picture; text, cursor and selection stay as they are."""
        self.post_message(GenerateRequested(self.text))

    def action_new_line(self) -> None:
        """Begin a new line at the cursor."""
        self.replace("\n", *self.selection)

    def action_clear(self) -> None:
        """Empty the editor; undo brings the text back."""
        self.clear()

    def edit(self, edit: Edit) -> EditResult:
        """Take in text, typed, pasted or recalled; what would do something to a terminal stays outside."""
        edit.text = printable(edit.text)
        return super().edit(edit)

    def put(self, text: str) -> None:
        """Replace the whole text, undoable, with the cursor at its end."""
        self.replace(text, self.document.start, self.document.end)
        self.move_cursor(self.document.end)


class PromptPane(Pane):
    """The editor in its frame; the frame's foot carries the keys, or what is wrong with the prompt."""

    def __init__(self, draft: str = "") -> None:
        super().__init__(id="prompt", classes="pane")
        self._draft = draft
        self._notice: tuple[str, bool] | None = None
        self._fading: Timer | None = None
        self._keys_of: Place = "prompt"
        self._shown_there = 0

    def compose(self) -> ComposeResult:
        """The editor alone."""
        yield PromptEditor(self._draft)

    def on_mount(self) -> None:
        """Name the frame."""
        self.editor.move_cursor(self.editor.document.end)
        self._write_foot()

    @property
    def editor(self) -> PromptEditor:
        """The editor."""
        return self.query_one(PromptEditor)

    def say(self, text: str, *, error: bool = False) -> None:
        """Say something in the frame's foot: an error until the text changes, other things for a while."""
        self._notice = (text, error)
        if self._fading is not None:
            self._fading.stop()
        self._fading = None if error else self.set_timer(SAID_FOR, self.unsay)
        self._write_foot()

    def unsay(self) -> None:
        """What was said is over; the foot shows the keys again."""
        self._notice = None
        self._write_foot()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """The text changed: what was said of it is over."""
        event.stop()
        if self._notice is not None:
            self.unsay()
        self.post_message(DraftChanged(event.text_area.text))

    def on_resize(self) -> None:
        """The foot follows the width."""
        self._write_foot()

    def keys_of(self, place: Place, shown: int) -> None:
        """Show the keys of the pane that has the focus, but those that its own frame shows in ``shown`` cells."""
        if (place, shown) != (self._keys_of, self._shown_there):
            self._keys_of, self._shown_there = place, shown
            self._write_foot()

    def _write_foot(self) -> None:
        width = max(0, self.size.width - 4)
        named = Content("Prompt")
        if self._notice is None:
            self.write_edges(named, content(self._keys(width)) if width > 8 else None)
            return
        text, error = self._notice
        words = content(text).plain.replace("\n", " ")
        if not error:
            self.write_edges(named, content(clip(words, width - 2)))
            return
        happened, _, advice = words.partition(". ")
        if advice and cell_len(words) > width - 2:
            # What happened above the text, what to do below it: one line has no room for both.
            above = Content.assemble(_CROSS, clip(f"{happened}.", width - 2))
            self.write_edges(above, content(clip(advice, width)))
        else:
            self.write_edges(named, Content.assemble(_CROSS, clip(words, width - 2)))

    def _keys(self, width: int) -> str:
        if self._keys_of == "prompt":
            return footer("prompt", width)
        return footer_behind(self._keys_of, self._shown_there, width)
