"""The history's search: mistakes underlined as they are typed, keys and values completed, finds shown in the rows."""

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len
from rich.highlighter import Highlighter
from rich.text import Text
from textual.binding import Binding
from textual.suggester import Suggester
from textual.widgets import Input

from tui.domain.query import Known, Query, complete, parse, spans_in
from tui.widgets.cells import fit
from tui.widgets.row_list import Piece

HINT: Final = ("Enter keep", "Esc show all", "→ complete")


class SearchInput(Input):
    """What to search for; Enter keeps it, Esc drops it. ``known`` gives what the library has at any time."""

    COMPONENT_CLASSES = {"search--mistake"}
    BINDINGS = [
        Binding("escape", "drop", "Drop the search", show=False),
        Binding("down", "submit", show=False),
    ]

    def __init__(self, known: Callable[[], Known]) -> None:
        super().__init__(
            id="search",
            placeholder="fox 16:9 star: on:week -snow",
            compact=True,
            highlighter=_Mistakes(self),
            suggester=_Completions(known),
        )
        self.display = False

    def action_drop(self) -> None:
        """Empty it and hand the focus back."""
        self.value = ""
        self.post_message(Input.Submitted(self, ""))


class _Mistakes(Highlighter):
    """Underlines what cannot be searched."""

    def __init__(self, search: SearchInput) -> None:
        self._search = search

    def highlight(self, text: Text) -> None:
        """Underline in place."""
        look = self._search.get_component_rich_style("search--mistake", partial=True)
        for mistake in parse(text.plain).mistakes:
            text.stylize(look, *mistake.span)


class _Completions(Suggester):
    """How the term at the end may go on; the right arrow takes it."""

    def __init__(self, known: Callable[[], Known]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._known = known

    async def get_suggestion(self, value: str) -> str | None:
        """The first completion that goes on from ``value``, None where none does."""
        wholes = (each.applied(value)[0] for each in complete(value, len(value), self._known()))
        return next((whole for whole in wholes if whole.startswith(value)), None)


def hint_at(query: Query, cursor: int) -> str | None:
    """What to say of the mistake at the cursor, else of the first; None where there is none."""
    mistakes = query.mistakes
    here = (each for each in mistakes if each.span.start <= cursor <= each.span.end)
    mistake = next(here, mistakes[0] if mistakes else None)
    return mistake.hint if mistake is not None else None


def prompt_pieces(
    query: Query, prompt: str, width: int, look: str, *, start: int = 0, end: int | None = None
) -> list[Piece]:
    """``prompt`` in exactly ``width`` cells, with the parts that ``query`` found standing out.

    ``start`` and ``end``: only what stands there of it.
    """
    part = prompt[start:end]
    shown = fit(part, width)
    visible = len(part) if cell_len(part) <= width else max(0, len(shown.rstrip()) - 1)
    pieces: list[Piece] = []
    done = 0
    for first, behind in spans_in(query, prompt):
        first, behind = max(first - start, done), min(behind - start, visible)
        if first < behind:
            pieces += [Piece(shown[done:first], look), Piece(shown[first:behind], "row--match")]
            done = behind
    return [piece for piece in (*pieces, Piece(shown[done:], look)) if piece.text]
