"""Dialogs for what a person adds: tags and notes, and one question before many generations change at once."""

from collections import Counter
from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.suggester import Suggester
from textual.widgets import Input, TextArea

from tui.domain.generation import Generation
from tui.domain.query.folding import fold
from tui.domain.words import one_line, printable
from tui.screens.dialog import Dialog
from tui.widgets.completing import CompletingInput
from tui.widgets.plain import Plain


def counted(number: int) -> str:
    """``1 generation``, ``1,204 generations``."""
    return "1 generation" if number == 1 else f"{number:,} generations"


def tags_in_words(generations: Iterable[Generation]) -> str:
    """The tags of all, those that only some have with their number: ``fox, snow (2)``."""
    told = [generation.user.tags for generation in generations]
    counts = Counter(tag for tags in told for tag in tags)
    return ", ".join(
        one_line(tag) if count == len(told) else f"{one_line(tag)} ({count})" for tag, count in counts.items()
    )


def completed_tag(typed: str, known: Iterable[str]) -> str | None:
    """``typed`` with the first known tag in place of the last one, with or without its minus; None without one."""
    begun = typed.rpartition(",")[2].lstrip().removeprefix("-")
    found = next((tag for tag in known if fold(tag).startswith(fold(begun)) and tag != begun), None)
    return f"{typed[: len(typed) - len(begun)]}{found}" if begun and found is not None else None


class TagSuggester(Suggester):
    """How the last tag that is typed may go on."""

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._known = known

    async def get_suggestion(self, value: str) -> str | None:
        """The text with the whole tag."""
        return completed_tag(value, self._known)


class TagInput(CompletingInput):
    """Tags, separated by commas; Tab and → take what is suggested."""

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__(placeholder="fox, deep snow, -draft", suggester=TagSuggester(known), compact=True)
        self._known = known

    async def rest_of(self, typed: str) -> str | None:
        """The text with the whole tag."""
        return completed_tag(typed, self._known)


class TagsEntry(Dialog[str]):
    """Tags to add, and with a minus before them to take away."""

    title_words = "Tags"
    keys_words = "Enter keep · Tab complete · -tag takes away · Esc back"

    def __init__(self, generations: tuple[Generation, ...], known: Iterable[str]) -> None:
        super().__init__(classes="small")
        self._generations = generations
        self._known = tuple(known)

    def inside(self) -> ComposeResult:
        """What they have, and a line for what changes."""
        had = tags_in_words(self._generations)
        whose = "It has" if len(self._generations) == 1 else f"{counted(len(self._generations))} have"
        yield Plain(f"{whose} {had or 'no tags'}.")
        yield TagInput(self._known)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with what was typed."""
        event.stop()
        self.dismiss(event.value)


class NoteEditor(TextArea):
    """A note; Enter keeps it, Ctrl+J begins a new line."""

    BINDINGS = [
        Binding("enter", "keep", show=False, priority=True),
        Binding("ctrl+j,shift+enter,alt+enter", "new_line", show=False, priority=True),
    ]

    def action_keep(self) -> None:
        """Answer with the text."""
        self.screen.dismiss(printable(self.text))

    def action_new_line(self) -> None:
        """Begin a new line at the cursor."""
        self.replace("\n", *self.selection)


class NoteEntry(Dialog[str]):
    """A small editor for the note of a generation; an empty one takes the note away."""

    title_words = "Note"
    keys_words = "Enter keep · Ctrl+J new line · Esc back"

    def __init__(self, generation: Generation) -> None:
        super().__init__(classes="small note")
        self._generation = generation

    def inside(self) -> ComposeResult:
        """Of what, and the editor."""
        yield Plain(one_line(self._generation.prompt, 200) or self._generation.stem)
        yield NoteEditor(printable(self._generation.user.notes), soft_wrap=True, show_line_numbers=False)

    def begin(self) -> None:
        """Begin behind what is written."""
        editor = self.query_one(NoteEditor)
        editor.focus()
        editor.move_cursor(editor.document.end)


class ConfirmMany(Dialog[bool]):
    """One question with the number, before many generations change at once."""

    BINDINGS = [Binding("enter", "agree", show=False, priority=True)]
    keys_words = "Enter do it · Esc back"

    def __init__(self, title: str, words: str) -> None:
        super().__init__(classes="small")
        self.title_words = title
        self._words = words

    def inside(self) -> ComposeResult:
        """The question."""
        yield Plain(self._words)

    def action_agree(self) -> None:
        """Do it."""
        self.dismiss(True)


def when_agreed(do: Callable[[], object]) -> Callable[[bool | None], None]:
    """What to do with the answer of a question: only a yes does it."""

    def answered(answer: bool | None) -> None:
        if answer:
            do()

    return answered
