"""The app's frame: the panes, laid out for the size of the terminal, and ways to reach each of them."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, ClassVar, Final

from textual import events
from textual.app import App, ComposeResult, SystemCommand
from textual.containers import Horizontal, Vertical
from textual.driver import Driver
from textual.screen import Screen
from textual.widget import Widget

from tui.commands import COVERING, Command, Place, bindings_of
from tui.domain.listing import RowShape
from tui.domain.selection import Selection
from tui.layout import Layout, layout_for, side_width, tiny_words
from tui.panes.history import HistoryPane
from tui.panes.jobs import JobsPane
from tui.panes.options import OptionsPane
from tui.panes.preview import PreviewPane
from tui.panes.prompt import PromptPane
from tui.screens.palette import CommandProvider, Palette
from tui.terminal.probe import TerminalFacts
from tui.themes import DARK, LIGHT, quiet_colours
from tui.widgets.completing import CompletingInput
from tui.widgets.debug_line import DebugLine
from tui.widgets.pane_tabs import TABS, PaneTabs
from tui.widgets.plain import Plain
from tui.widgets.status_line import StatusLine

_STYLES: Final = ("base", "prompt", "options", "history", "preview", "jobs", "screens")
TAB_ORDER: Final[tuple[Place, ...]] = ("prompt", "history", "jobs", "preview", "options")
"""Where Tab goes: from the prompt to what one looks at most."""
_LAYOUT_CLASSES: Final = tuple(layout.value for layout in Layout)


class Frame(App[int]):
    """Panes and their layout; what they say to each other is wired in a subclass."""

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = [f"styles/{name}.tcss" for name in _STYLES]
    TITLE = "image-gen"
    BINDINGS = bindings_of("app", priority=True)
    COMMANDS = App.COMMANDS | {CommandProvider}
    SHOWN_PANES: ClassVar[tuple[str, ...]] = tuple(name for name, _words in TABS)

    def __init__(
        self,
        facts: TerminalFacts,
        *,
        draft: str = "",
        selection: Selection | None = None,
        theme: str = "",
        shape: RowShape = "one",
        driver_class: type[Driver] | None = None,
    ) -> None:
        self.terminal_facts = facts
        super().__init__(driver_class=driver_class)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = theme if theme in self.available_themes else DARK.name
        self._layout_now = Layout.THREE
        self._draft = draft
        self._shape = shape
        self._selection = selection or Selection()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Two quiet colours that no stock theme has."""
        return quiet_colours(self.current_theme)

    def compose(self) -> ComposeResult:
        """Status above, preview beside history and jobs, prompt and options below."""
        yield StatusLine(id="status")
        yield PaneTabs(id="tabs")
        with Horizontal(id="body"):
            yield PreviewPane()
            with Vertical(id="side"):
                yield HistoryPane(self._shape)
                yield JobsPane()
        yield PromptPane(self._draft)
        yield OptionsPane(self._selection)
        yield Plain(id="tiny")
        yield DebugLine()

    def on_mount(self) -> None:
        """The prompt is under the hands from the start."""
        # Not ``editor.focus()``: it waits its turn behind keys that were typed before the app was up.
        self.panes.set_focus(self.prompt.editor)

    @property
    def panes(self) -> Screen[Any]:
        """The screen with the panes, under whatever covers it."""
        return self.screen_stack[0]

    @property
    def prompt(self) -> PromptPane:
        """The prompt pane."""
        return self.panes.query_one(PromptPane)

    @property
    def options(self) -> OptionsPane:
        """The options pane."""
        return self.panes.query_one(OptionsPane)

    @property
    def history(self) -> HistoryPane:
        """The history pane."""
        return self.panes.query_one(HistoryPane)

    @property
    def preview(self) -> PreviewPane:
        """The preview pane."""
        return self.panes.query_one(PreviewPane)

    @property
    def jobs_pane(self) -> JobsPane:
        """The jobs pane."""
        return self.panes.query_one(JobsPane)

    @property
    def side(self) -> Widget:
        """What holds history and jobs."""
        return self.panes.query_one("#side")

    @property
    def status_line(self) -> StatusLine:
        """The top line."""
        return self.panes.query_one(StatusLine)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the new size."""
        columns, rows = event.size
        layout = layout_for(columns, rows)
        if not self.panes.has_class(layout.value):
            self.panes.set_class(False, *_LAYOUT_CLASSES)
            self.panes.add_class(layout.value)
        if layout is Layout.TINY:
            self.panes.query_one("#tiny", Plain).show(tiny_words(columns, rows))
        self._layout_now = layout
        self.side.styles.width = side_width(columns) if layout in (Layout.TWO, Layout.THREE) else "1fr"
        self.show_pane(self.panes.query_one(PaneTabs).shown)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Tell the keys of the pane with the focus; where one pane is shown at a time, show that one."""
        for name in TAB_ORDER:
            if self._is_in(event.widget, name):
                # The preview's frame carries the picture's facts, the options have none.
                frame = self.panes.query_one(f"#{name}").size.width if name in ("history", "jobs") else 0
                self.prompt.keys_of(name, max(0, frame - 4))
                if name in self.SHOWN_PANES:
                    self.show_pane(name)

    def show_pane(self, name: str) -> None:
        """Show a pane where only one fits; elsewhere all are shown.

        Set on the widgets and not by a class, so that a pane can take the focus at once.
        """
        self.panes.query_one(PaneTabs).shown = name
        alone = self._layout_now is Layout.ONE
        for pane in (self.preview, self.history, self.jobs_pane):
            pane.display = not alone or pane.id == name
        self.side.display = not alone or name != "preview"

    def on_pane_tabs_chosen(self, event: PaneTabs.Chosen) -> None:
        """A click on a pane's name."""
        self.show_pane(event.pane)
        self.panes.set_focus(self._place(event.pane))

    async def action_complete_or_next(self) -> None:
        """To the next pane; inside a dialog, the rest of what is typed, or to its next part."""
        focused = self.focused
        if isinstance(focused, CompletingInput) and await focused.complete():
            return
        self._step_focus(1)

    def action_focus_previous(self) -> None:
        """To the pane before."""
        self._step_focus(-1)

    def _step_focus(self, by: int) -> None:
        if self.screen is not self.panes:
            self.screen.focus_next() if by > 0 else self.screen.focus_previous()
            return
        focused = self.focused
        now = next((place for place in TAB_ORDER if focused is not None and self._is_in(focused, place)), "options")
        name = TAB_ORDER[(TAB_ORDER.index(now) + by) % len(TAB_ORDER)]
        if name in self.SHOWN_PANES:
            self.show_pane(name)
        self.panes.set_focus(self._place(name))

    def _is_in(self, widget: Widget, pane: str) -> bool:
        return any(ancestor.id == pane for ancestor in widget.ancestors_with_self)

    def _place(self, name: str) -> Widget:
        places: dict[str, Widget] = {
            "prompt": self.prompt.editor,
            "options": self.options,
            "history": self.history.history_list,
            "preview": self.preview,
            "jobs": self.jobs_pane.job_list,
        }
        return places[name]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Of Textual's own commands only the themes: the rest has no place here."""
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)

    async def run_command(self, command: Command) -> bool:
        """Run a command of the table in its place, wherever the focus is."""
        if command.place in COVERING:
            part = self.screen.focused or self.screen
            return await self.run_action(command.action, part) or await self.run_action(command.action, self.screen)
        return await self.run_action(command.action, self if command.place == "app" else self._place(command.place))

    def action_command_palette(self) -> None:
        """Find a command by its name."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def help_of(self, command: Command) -> str:
        """What a command does, here and now."""
        return command.help

    def action_debug(self) -> None:
        """Show what pictures cost, on a screen that has a line for it; or hide it."""
        for line in self.screen.query(DebugLine):
            line.toggle()

    def action_focus_prompt(self) -> None:
        """To the prompt."""
        self.panes.set_focus(self.prompt.editor)
