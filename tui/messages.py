"""What panes, screens and workers say to each other."""

from array import array
from dataclasses import dataclass, field
from pathlib import Path

from textual.message import Message

from tui.domain.finding import Finding
from tui.domain.generation import Generation
from tui.domain.holdings import Holdings
from tui.domain.job import Job
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.query import Known, Query, parse
from tui.domain.request import Reference
from tui.domain.selection import Selection
from tui.domain.sorting import Sort
from tui.domain.thrown import InTrash


@dataclass
class GenerateRequested(Message):
    """The person pressed Enter in the prompt."""

    prompt: str


@dataclass
class ActionRequested(Message):
    """A key pressed in the prompt wants this done by the app, once it is its turn."""

    action: str


@dataclass
class DraftChanged(Message):
    """The prompt's text changed."""

    prompt: str


@dataclass
class SelectionChanged(Message):
    """The person set other options."""

    selection: Selection


@dataclass
class PickRequested(Message):
    """The person wants to see all values of an option: model, ratio, size, count or references."""

    field: str


@dataclass
class GenerationHighlighted(Message):
    """The history's cursor stands on another generation, or on none; ``ahead``: where it will probably go."""

    generation: Generation | None
    position: int
    total: int
    ahead: tuple[Generation, ...] = ()

    def can_replace(self, message: Message) -> bool:
        """Where many were passed at once, only the last one is shown."""
        return isinstance(message, GenerationHighlighted)


@dataclass
class RecallRequested(Message):
    """Take this generation's prompt and options back."""

    generation: Generation


@dataclass
class ExampleTaken(Message):
    """An example prompt of the empty history."""

    prompt: str


@dataclass
class StarRequested(Message):
    """Mark favourites, or unmark them if all of them are."""

    generations: tuple[Generation, ...]


@dataclass
class RateRequested(Message):
    """Give them so many stars of five; 0 takes their rating back."""

    generations: tuple[Generation, ...]
    rating: int


@dataclass
class TagsRequested(Message):
    """The person wants to give these tags, or take some away."""

    generations: tuple[Generation, ...]


@dataclass
class NoteRequested(Message):
    """The person wants to write a note about it."""

    generation: Generation


@dataclass
class ListPickRequested(Message):
    """The person wants to choose how the history is listed: its ``sort``, a ``board``, or a ``date`` to go to."""

    what: str


@dataclass
class TrashRequested(Message):
    """Move these to the trash."""

    generations: tuple[Generation, ...]


@dataclass
class UndoRequested(Message):
    """Take back what was done to the library last."""


@dataclass
class TrashViewRequested(Message):
    """The person wants to see what is in the trash."""


@dataclass
class TrashTold(Message):
    """What lies in the trash, the last thrown away first."""

    rows: tuple[InTrash, ...]


@dataclass
class EditRequested(Message):
    """Start from this picture."""

    generation: Generation


@dataclass
class ZoomRequested(Message):
    """Fill the screen with this picture."""

    generation: Generation


@dataclass
class GridRequested(Message):
    """Fill the screen with small pictures of the history."""


@dataclass
class ChooseRequested(Message):
    """Put the history's cursor on this generation, from wherever it is seen."""

    generation: Generation


@dataclass
class HistoryActionRequested(Message):
    """Do what the history does with the generation under its cursor: star, trash, mark …"""

    action: str


@dataclass
class CompareRequested(Message):
    """Show two generations side by side."""

    left: Generation
    right: Generation


@dataclass
class CopyRequested(Message):
    """Put this generation's prompt on the clipboard."""

    generation: Generation


@dataclass
class OpenRequested(Message):
    """Open the picture in the viewer the system has for it."""

    generation: Generation


@dataclass
class WordsRequested(Message):
    """Show all that is known of a generation in words."""

    generation: Generation


@dataclass
class StepRequested(Message):
    """Move the history's cursor from another pane."""

    by: int


@dataclass
class StoryRequested(Message):
    """Show all that is known of a job."""

    job: Job


@dataclass
class CancelRequested(Message):
    """Stop a job."""

    job: Job


@dataclass
class RetryRequested(Message):
    """Run a job's request again."""

    job: Job


@dataclass
class RetryWithRequested(Message):
    """Run a job's request again with another model."""

    job: Job
    model: str


@dataclass
class ForgetRequested(Message):
    """Take finished jobs off the list."""

    jobs: tuple[Job, ...]


@dataclass
class Notice(Message):
    """Something the person should know, said where they look; ``error`` colours it."""

    text: str
    error: bool = False


@dataclass
class JobUpdated(Message):
    """A job entered another state."""

    job: Job


@dataclass
class FindRequested(Message):
    """The history wants to show what a query finds, in an order; ``serial`` rises, and only the last one counts."""

    query: Query = field(default_factory=lambda: parse(""))
    sort: Sort = "newest"
    serial: int = 0


@dataclass
class GenerationsFound(Message):
    """Row ids of what was asked for, in its order; the first of them where ``complete`` is false."""

    asked: FindRequested
    ids: "array[int]"
    complete: bool


@dataclass
class LibraryRead(Message):
    """The library as it is now: its rows, newest first, how many there are, and what is in use in them.

    ``complete``: its whole folder has been looked at. ``found`` is what the last search finds in it now, None where
    that search is still on its way.
    """

    holdings: Holdings
    everything: "array[int]"
    total: int
    in_use: Known
    complete: bool
    found: GenerationsFound | None


@dataclass
class BoardsTold(Message):
    """The library's boards: names and their queries; ``asked`` if a person wants to choose among them."""

    boards: tuple[tuple[str, str], ...]
    asked: bool = False


@dataclass
class GenerationChanged(Message):
    """A generation has another value (a star, a note)."""

    generation: Generation


@dataclass
class GenerationsTrashed(Message):
    """These left the library for the trash."""

    generations: tuple[Generation, ...]


@dataclass
class GenerationsRestored(Message):
    """These came back from the trash."""

    generations: tuple[Generation, ...]


@dataclass
class ProxyJudged(Message):
    """A look at the proxy ended."""

    address: ProxyAddress
    health: ProxyHealth


@dataclass
class WayExamined(Message):
    """What stands between us and a picture from this proxy, and where it was looked for."""

    address: ProxyAddress
    findings: tuple[Finding, ...]


@dataclass
class ProxyChosen(Message):
    """Another proxy is in use from now on."""

    address: ProxyAddress


@dataclass
class ReferenceRead(Message):
    """A file offered as a reference was read; ``reference`` is None where ``trouble`` says why it cannot be one.

    ``alone`` drops the references before it, ``parent`` is the generation it is the picture of.
    """

    reference: Reference | None
    trouble: str = ""
    parent: str | None = None
    alone: bool = False


@dataclass
class LibraryMoved(Message):
    """The library is another folder from now on."""

    folder: Path
