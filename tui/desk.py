"""The app's options, dialogs and drafts: everything that needs no worker."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from textual.driver import Driver

from tui import messages
from tui.domain.accounts import Accounts, picture_words
from tui.domain.delivered import loses
from tui.domain.job import Job, JobState
from tui.domain.listing import shape_called
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.selection import Selection
from tui.domain.words import one_line, with_tilde
from tui.offers import NEEDS_ANOTHER_MODEL, Offers
from tui.screens.accounts import AccountsScreen
from tui.screens.choices import count_choices, ratio_choices, size_choices
from tui.screens.compare import CompareScreen
from tui.screens.confirm import ConfirmQuit
from tui.screens.covering import CoveringScreen
from tui.screens.entry import ReferencesScreen
from tui.screens.grid import GridScreen
from tui.screens.help import HelpScreen
from tui.screens.picker import Picker
from tui.screens.story import GenerationWords, JobStory
from tui.screens.zoom import ZoomScreen
from tui.settings import Settings
from tui.state import AppState, state_of
from tui.terminal.probe import TerminalFacts


class Desk(Offers):
    """Options and dialogs; the drafts of a person are kept here until they are saved."""

    def __init__(
        self,
        settings: Settings,
        address: ProxyAddress,
        facts: TerminalFacts,
        *,
        state: AppState,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(
            facts,
            draft=state.draft,
            selection=state.selection,
            theme=settings.theme or state.theme,
            shape=shape_called(state.history_rows).name,
            driver_class=driver_class,
        )
        self.settings = settings
        self.address = address

    @property
    def state(self) -> AppState:
        """What to keep for the next start."""
        return state_of(self.prompt.editor.text, self.options.selection, self.theme, self.history.history_list.shape)

    def active_jobs(self) -> int:
        """How many jobs are not over."""
        return sum(not job.state.is_over for job in self.jobs_pane.job_list.jobs)

    def set_selection(self, change: Callable[[Selection], Selection]) -> None:
        """Change the options."""
        self.options.change(change(self.options.selection))

    async def on_action_requested(self, message: messages.ActionRequested) -> None:
        """Do what a key in the prompt asked for."""
        await self.run_action(message.action)

    def action_next_model(self, by: int) -> None:
        """The next model, or the one before."""
        self.options.step_field("model", by, self.model_names())

    def action_next_ratio(self, by: int) -> None:
        """The next aspect ratio of the model."""
        self.options.step_field("ratio", by, ())

    def action_next_size(self, by: int) -> None:
        """The next image size of the model."""
        self.options.step_field("size", by, ())

    def action_change_count(self, by: int) -> None:
        """More or fewer pictures."""
        self.options.step_field("count", by, ())

    def on_selection_changed(self, message: messages.SelectionChanged) -> None:
        """Say it when the model has been switched off, is not served, or loses options on its way."""
        selection = message.selection
        lost = loses(selection.model, has_references=bool(selection.references))
        ended = selection.image_model.life_cycle_line(date.today())
        if not self.say_offer() and (words := lost or ("" if self.served else ended)):
            self.prompt.say(words)
        if isinstance(self.screen, ReferencesScreen):
            self.screen.show(selection)

    def on_pick_requested(self, message: messages.PickRequested) -> None:
        """List an option's values."""
        self.action_pick(message.field)

    def action_pick(self, field: str) -> None:
        """List a field's values and take one."""
        now = self.options.selection
        if field == "references":
            self.action_references()
        elif field == "model":
            self._pick(self.model_picker(), now.with_model)
        elif field == "ratio":
            picker = Picker("Aspect ratio", ratio_choices(now), now.aspect_ratio, drawn=True)
            self._pick(picker, now.with_ratio)
        elif field == "size":
            self._pick(Picker("Image size", size_choices(now), now.image_size), now.with_size)
        else:
            picker = Picker("Count", count_choices(now), str(now.count))
            self._pick(picker, lambda value: now.with_count(int(value)))

    def _pick(self, picker: Picker, taken: Callable[[str], Selection]) -> None:
        def take(value: str | None) -> None:
            if value is not None:
                self.options.change(taken(value))

        self.push_screen(picker, take)

    def action_references(self) -> None:
        """Add and remove pictures to start from."""
        if not isinstance(self.screen, ReferencesScreen):
            self.push_screen(ReferencesScreen(self.options.selection))

    def on_references_screen_removed(self, message: ReferencesScreen.Removed) -> None:
        """Take one reference out."""

        def without(selection: Selection) -> Selection:
            kept = [each for row, each in enumerate(selection.references) if row != message.row]
            return replace(selection, references=tuple(kept), parent=selection.parent if kept else None)

        self.set_selection(without)

    def action_help(self) -> None:
        """Every key; the same key leaves."""
        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss(None)
            return
        facts = [
            *self.picture_facts(),
            ("proxy", f"{self.address.url} ({self.address.source})"),
            ("library", str(self.settings.output_dir.absolute())),
            ("settings", str(self.settings.config_file)),
            ("sandbox", "a prompt with sandbox:refused shows that failure; image-gen serve --help lists all"),
        ]
        self.push_screen(HelpScreen(facts, getattr(self.screen, "PLACE", None)))

    def action_accounts(self) -> None:
        """Who is logged in behind the proxy; the same key leaves."""
        if isinstance(self.screen, AccountsScreen):
            self.screen.dismiss(None)
            return
        health = self.health or ProxyHealth(answers=False, trouble="It has not been asked yet.")
        screen = AccountsScreen(picture_words(self.address, health))
        self.run_worker(self._show_accounts(screen), group="accounts", exclusive=True, exit_on_error=False)

    async def _show_accounts(self, screen: AccountsScreen) -> None:
        await self.push_screen(screen)
        accounts = await asyncio.to_thread(_read_accounts)
        if screen.is_running:
            screen.show(
                accounts, with_tilde(one_line(str(accounts.home)), os.environ.get("HOME", "")), datetime.now(UTC)
            )

    def on_words_requested(self, message: messages.WordsRequested) -> None:
        """All that is known of a generation in words."""
        self.push_screen(GenerationWords(message.generation))

    def on_story_requested(self, message: messages.StoryRequested) -> None:
        """The whole story of a job."""
        failed = message.job.error is not None and message.job.error.code in NEEDS_ANOTHER_MODEL
        self.push_screen(JobStory(message.job, self.nearest_to(message.job.request.model) if failed else None))

    def on_zoom_requested(self, message: messages.ZoomRequested) -> None:
        """Fill the screen."""
        model = self.history.model
        chosen = message.generation
        self.push_screen(ZoomScreen(chosen, model.position(chosen), model.shown, model.around(chosen, 1)))

    def on_grid_requested(self) -> None:
        """The history as small pictures."""
        self.push_screen(GridScreen(self.history.model, self.history.history_list.current))

    def on_choose_requested(self, message: messages.ChooseRequested) -> None:
        """The history's cursor on a generation that was chosen elsewhere."""
        self.history.choose(message.generation)

    async def on_history_action_requested(self, message: messages.HistoryActionRequested) -> None:
        """The history does it with what is under its cursor."""
        await self.run_action(message.action, self.history.history_list)

    def on_history_list_marked(self) -> None:
        """The marks are seen in the grid too."""
        for screen in self.screen_stack:
            if isinstance(screen, GridScreen):
                screen.marks_changed()

    def on_compare_requested(self, message: messages.CompareRequested) -> None:
        """Two side by side."""
        self.push_screen(CompareScreen(message.left, message.right))

    def on_step_requested(self, message: messages.StepRequested) -> None:
        """Move the history's cursor from elsewhere."""
        self.history.step(message.by)

    def on_generation_highlighted(self, message: messages.GenerationHighlighted) -> None:
        """Show the generation under the history's cursor, wherever pictures are shown."""
        self.preview.show(message.generation, message.position, message.total, message.ahead)
        for screen in self.screen_stack:
            if isinstance(screen, ZoomScreen):
                self._follow(screen, message)
            elif isinstance(screen, GridScreen):
                screen.follow(message.generation)

    def _follow(self, screen: ZoomScreen, message: messages.GenerationHighlighted) -> None:
        if message.generation is not None:
            screen.show(message.generation, message.position, message.total, message.ahead)
        elif screen.is_current:
            # The last one was trashed.
            screen.dismiss(None)

    def on_copy_requested(self, message: messages.CopyRequested) -> None:
        """The prompt on the clipboard, by OSC 52, so that it works over SSH too."""
        self.copy_to_clipboard(message.generation.prompt)
        self.say("Copied the prompt.")

    def on_example_taken(self, message: messages.ExampleTaken) -> None:
        """An example in the prompt, ready to be sent."""
        self.prompt.editor.put(message.prompt)
        self.prompt.editor.focus()

    def on_recall_requested(self, message: messages.RecallRequested) -> None:
        """Prompt and options of a generation; what was typed comes back by undo.

        The model of another program stays with its picture: no proxy serves it.
        """
        generation = message.generation
        if generation.prompt:
            self.prompt.editor.put(generation.prompt)
        if generation.model and generation.made_with is None:
            recalled = self.options.selection.with_model(generation.model)
            if generation.aspect_ratio:
                recalled = recalled.with_ratio(generation.aspect_ratio)
            if generation.image_size:
                recalled = recalled.with_size(generation.image_size)
            self.options.change(recalled)
        self.prompt.editor.focus()

    def on_notice(self, message: messages.Notice) -> None:
        """Something that a person should know."""
        self.say(message.text, error=message.error)

    def say(self, words: str, *, error: bool = False) -> None:
        """Say it where the person looks: at the prompt's foot, and below the pictures that cover it."""
        self.prompt.say(words, error=error)
        if isinstance(self.screen, CoveringScreen):
            self.screen.say(words, error=error)

    @property
    def looks_closely(self) -> bool:
        """Whether a picture fills the screen, so that no other one should take its place by itself."""
        return isinstance(self.screen, ZoomScreen | CompareScreen)

    async def action_quit(self) -> None:
        """Textual's own quit asks like ours."""
        self.action_request_quit()

    def action_request_quit(self) -> None:
        """Leave; ask once while jobs are on their way."""
        active = self.active_jobs()
        if not active or isinstance(self.screen, ConfirmQuit):
            self.exit(0)
            return
        self.push_screen(ConfirmQuit(active), self._quit_if)

    def _quit_if(self, answer: bool | None) -> None:
        if answer:
            self.exit(0)

    def failed_jobs(self) -> list[Job]:
        """The jobs that failed and are still listed."""
        return [job for job in self.jobs_pane.job_list.jobs if job.state is JobState.FAILED]


def _read_accounts() -> Accounts:
    """Blocking; the files of CCS are on a disk."""
    from tui.connect.accounts import read_accounts
    from tui.connect.ccs import ccs_home

    return read_accounts(ccs_home(os.environ), datetime.now(UTC))
