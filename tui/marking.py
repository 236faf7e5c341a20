"""What a person adds to generations from anywhere in the app: stars and ratings, kept by the library."""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui import messages
from tui.desk import Desk

if TYPE_CHECKING:
    from tui.workers import Background


class Marking(Desk):
    """Passes on to the library what was marked; its answer is another value of the generation."""

    @abstractmethod
    def _ask(self, ask: "Callable[[Background], None]") -> None:
        """Ask the background for something, now or once it is there."""

    def on_star_requested(self, message: messages.StarRequested) -> None:
        """Mark or unmark."""
        self._ask(lambda background: background.library.star(message.generation))

    def on_rate_requested(self, message: messages.RateRequested) -> None:
        """So many stars of five."""
        self._ask(lambda background: background.library.rate(message.generation, message.rating))
