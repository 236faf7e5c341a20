"""What a person adds to generations from anywhere in the app: stars, ratings, tags, notes, kept by the library."""

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tui import messages
from tui.desk import Desk
from tui.domain import tags
from tui.domain.errors import ImageGenError
from tui.domain.generation import Generation
from tui.domain.marking import Marking
from tui.screens.adding import ConfirmMany, NoteEntry, TagsEntry, counted, when_agreed
from tui.screens.trash import TrashScreen

if TYPE_CHECKING:
    from tui.workers import Background


class Adding(Desk):
    """Passes on to the library what was marked; its answer is another value of the generation.

    More than one generation is asked about once, with the number; ``u`` takes any of it back.
    """

    @abstractmethod
    def _ask(self, ask: "Callable[[Background], None]") -> None:
        """Ask the background for something, now or once it is there."""

    def _sure(self, generations: tuple[Generation, ...], title: str, words: str, do: Callable[[], None]) -> None:
        """Do it to one; to more of them after a question."""
        if len(generations) == 1:
            do()
        else:
            self.push_screen(ConfirmMany(title, words.format(counted(len(generations)))), when_agreed(do))

    def _mark(self, generations: tuple[Generation, ...], marking: Marking) -> None:
        self._ask(lambda background: background.library.mark(generations, marking))

    def on_star_requested(self, message: messages.StarRequested) -> None:
        """Mark, or unmark where all are marked."""
        starred = not all(each.user.starred for each in message.generations)
        words = "Star {}?" if starred else "Take the star of {}?"
        self._sure(
            message.generations,
            "Star",
            words,
            lambda: self._mark(message.generations, Marking(starred=starred)),
        )

    def on_rate_requested(self, message: messages.RateRequested) -> None:
        """So many stars of five."""
        words = f"Give {{}} {message.rating} of 5?" if message.rating else "Take the rating of {}?"
        self._sure(
            message.generations,
            "Rate",
            words,
            lambda: self._mark(message.generations, Marking(rating=message.rating)),
        )

    def on_trash_requested(self, message: messages.TrashRequested) -> None:
        """To the trash."""
        self._sure(
            message.generations,
            "Trash",
            "Move {} to the trash? u brings them back.",
            lambda: self._ask(lambda background: background.library.trash(message.generations)),
        )

    def on_tags_requested(self, message: messages.TagsRequested) -> None:
        """Ask for tags; the dialog tells how many get them."""
        known = self.history.model.in_use.tags
        self.push_screen(TagsEntry(message.generations, known), partial(self._tag, message.generations))

    def _tag(self, generations: tuple[Generation, ...], typed: str | None) -> None:
        if not typed:
            return
        try:
            wanted = tags.typed(typed)
            marking = Marking(add=wanted.add, remove=wanted.remove)
        except ImageGenError as error:
            self.say(f"{error}  {error.hint}", error=True)
            return
        self._mark(generations, marking)

    def on_note_requested(self, message: messages.NoteRequested) -> None:
        """Ask for a note."""
        self.push_screen(NoteEntry(message.generation), partial(self._note, message.generation))

    def _note(self, generation: Generation, text: str | None) -> None:
        if text is None or text == generation.user.notes:
            return
        try:
            marking = Marking(notes=text)
        except ImageGenError as error:
            self.say(f"{error}  {error.hint}", error=True)
            return
        self._mark((generation,), marking)

    def on_trash_view_requested(self) -> None:
        """Read what is in the trash."""
        self._ask(lambda background: background.library.tell_trash())

    def on_trash_told(self, message: messages.TrashTold) -> None:
        """Show it."""
        self.push_screen(TrashScreen(message.rows), self._trash_answer)

    def _trash_answer(self, answer: TrashScreen.Answer | None) -> None:
        match answer:
            case TrashScreen.Restore(rows):
                self._ask(lambda background: background.library.bring_back(rows))
            case TrashScreen.Empty(rows):
                self._ask(lambda background: background.library.empty_trash(rows))

    def on_undo_requested(self) -> None:
        """Take back what was done to the library last."""
        self._ask(lambda background: background.library.undo())
