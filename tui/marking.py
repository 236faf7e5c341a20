"""What a person adds to generations from anywhere in the app: stars, ratings, tags, notes, kept by the library."""

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tui import messages
from tui.desk import Desk
from tui.domain.generation import Generation
from tui.screens.adding import ConfirmMany, NoteEntry, TagsEntry, counted, when_agreed

if TYPE_CHECKING:
    from tui.workers import Background


class Marking(Desk):
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

    def on_star_requested(self, message: messages.StarRequested) -> None:
        """Mark, or unmark where all are marked."""
        starred = not all(each.user.starred for each in message.generations)
        words = "Star {}?" if starred else "Take the star of {}?"
        self._sure(
            message.generations,
            "Star",
            words,
            lambda: self._ask(lambda background: background.library.star(message.generations, starred)),
        )

    def on_rate_requested(self, message: messages.RateRequested) -> None:
        """So many stars of five."""
        words = f"Give {{}} {message.rating} of 5?" if message.rating else "Take the rating of {}?"
        self._sure(
            message.generations,
            "Rate",
            words,
            lambda: self._ask(lambda background: background.library.rate(message.generations, message.rating)),
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
        if typed:
            self._ask(lambda background: background.library.tag(generations, typed))

    def on_note_requested(self, message: messages.NoteRequested) -> None:
        """Ask for a note."""
        self.push_screen(NoteEntry(message.generation), partial(self._note, message.generation))

    def _note(self, generation: Generation, text: str | None) -> None:
        if text is not None and text != generation.user.notes:
            self._ask(lambda background: background.library.note(generation, text))

    def on_undo_requested(self) -> None:
        """Take back what was done to the library last."""
        self._ask(lambda background: background.library.undo())
