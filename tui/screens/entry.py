"""Dialogs that take a path: another library folder, and the references to start from."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from tui.domain.delivered import loses
from tui.domain.selection import Selection
from tui.domain.words import file_size, one_line
from tui.screens.dialog import Dialog
from tui.widgets.cells import fit
from tui.widgets.completing import CompletingInput
from tui.widgets.plain import Plain
from tui.widgets.row_list import Piece, RowList


def completed(typed: str) -> str | None:
    """``typed`` with the rest of the first file or folder that begins so, None if there is none to be seen."""
    path = Path(typed).expanduser()
    folder, start = (path, "") if typed.endswith("/") else (path.parent, path.name)
    try:
        names = sorted(each.name + ("/" if each.is_dir() else "") for each in folder.iterdir())
    except OSError:
        return None
    shown = (name for name in names if name.startswith(start) and (start or not name.startswith(".")))
    name = next(shown, None)
    return typed + name[len(start) :] if name is not None else None


class PathSuggester(Suggester):
    """Suggests the file that a path begins, read off the loop."""

    async def get_suggestion(self, value: str) -> str | None:
        """The completed path."""
        return await asyncio.to_thread(completed, value) if value else None


class PathInput(CompletingInput):
    """A path, with the rest of it suggested; Tab and → take what is suggested."""

    def __init__(self, value: str = "", *, placeholder: str = "") -> None:
        suggester = PathSuggester(case_sensitive=True)
        super().__init__(value, placeholder=placeholder, suggester=suggester, compact=True)

    async def rest_of(self, typed: str) -> str | None:
        """The first file or folder that begins so, read off the loop."""
        return await asyncio.to_thread(completed, typed)


class FolderEntry(Dialog[str]):
    """Another folder for the library."""

    title_words = "Library folder"
    keys_words = "Enter use · Tab complete · Esc back"

    def __init__(self, folder: Path, why: str = "") -> None:
        super().__init__(classes="small")
        self._folder = folder
        self._why = why

    def inside(self) -> ComposeResult:
        """Why, and the path."""
        if self._why:
            yield Plain(self._why)
        yield PathInput(str(self._folder))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the path."""
        if event.value.strip():
            self.dismiss(event.value.strip())


_NAME_CELLS: Final = 16
"""What a reference's name keeps of its row beside the facts."""


class ReferenceList(RowList):
    """The references set now."""

    BINDINGS = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
    ]

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self.selection = selection

    def row_count(self) -> int:
        """One row a reference."""
        return len(self.selection.references)

    def pieces(self, row: int, line: int, width: int) -> list[Piece]:
        """Name, folder, type and size; where there is room, what was changed for the model."""
        reference = self.selection.references[row]
        kind, size = reference.mime.rpartition("/")[2].upper(), file_size(reference.bytes)
        facts = f" {reference.note or kind} {size}"
        if cell_len(facts) > width - _NAME_CELLS:
            facts = f" {kind} {size}"
        name, folder = one_line(reference.path.name), one_line(str(reference.path.parent))
        room = width - len(facts)
        head = min(room, cell_len(name) + 2)
        return [
            Piece(fit(name, head)),
            Piece(fit(folder, room - head), "row--muted"),
            Piece(facts, "row--muted"),
        ]


class ReferencesScreen(Dialog[None]):
    """Add a picture by its path, take one out with Del."""

    BINDINGS = [
        Binding("delete,x", "remove", "Remove", show=False),
        Binding("down", "down", show=False),
        Binding("ctrl+delete", "remove_all", show=False),
    ]
    title_words = "References"
    keys_words = "Enter add · Tab complete · ↓ list · x remove · Esc back"

    @dataclass
    class Offered(Message):
        """The person wants this file as a reference."""

        path: str

    @dataclass
    class Removed(Message):
        """The person takes a reference out."""

        row: int

    def __init__(self, selection: Selection) -> None:
        super().__init__(classes="small")
        self._selection = selection

    def inside(self) -> ComposeResult:
        """The path, what is wrong with it, the list."""
        yield PathInput(placeholder="path of a picture to start from")
        yield Plain(id="reference-words")
        yield ReferenceList(self._selection)

    def begin(self) -> None:
        """Begin with what is set now."""
        self.show(self._selection)

    def show(self, selection: Selection, trouble: str = "") -> None:
        """Show another selection, and what is wrong with the path that was offered."""
        self._selection = selection
        rows = self.query_one(ReferenceList)
        rows.selection = selection
        rows.styles.height = max(1, len(selection.references))
        rows.rows_changed()
        rows.move_to(max(0, rows.cursor))
        model = selection.image_model
        count = f"{len(selection.references)} of up to {model.max_references} for {selection.model}"
        lost = loses(selection.model, has_references=True)
        self.query_one("#reference-words", Plain).show(trouble or (f"{count}\n{lost}" if lost else count))
        if not trouble:
            self.query_one(Input).value = ""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Offer the path; a large picture takes a moment to read."""
        if event.value.strip():
            self.query_one("#reference-words", Plain).show(f"reading {one_line(event.value)} …")
            self.post_message(self.Offered(event.value.strip()))

    def action_down(self) -> None:
        """From the path to the list."""
        self.query_one(ReferenceList).focus()

    def action_remove(self) -> None:
        """Take the reference under the cursor out."""
        rows = self.query_one(ReferenceList)
        if rows.has_focus and rows.can_stand(rows.cursor):
            self.post_message(self.Removed(rows.cursor))
