"""Boards of a library: searches kept by name, in ``boards.json`` beside the pictures, so that they go where it goes."""

import json
from pathlib import Path
from typing import Any, Final

from tui.domain.errors import DiskError
from tui.library import files
from tui.library.marks import alone_in

FILE_NAME: Final = "boards.json"
MAX_BYTES: Final = 1024 * 1024
MAX_BOARDS: Final = 200
_MOST_LETTERS: Final = 2000

Boards = tuple[tuple[str, str], ...]
"""Names and their queries, in the order they were kept."""


def read_boards(folder: Path) -> Boards:
    """The boards of a library; none where there is no file. DiskError where it cannot be read or is damaged."""
    with files.disk_errors("The boards cannot be read"):
        return _read(folder)


def keep_board(folder: Path, name: str, query: str) -> None:
    """Keep ``query`` by ``name``; one that has that name is replaced. DiskError."""
    with files.disk_errors("The board cannot be kept"), alone_in(folder):
        boards = [each for each in _read(folder) if each[0] != name]
        if len(boards) >= MAX_BOARDS or len(name) + len(query) > _MOST_LETTERS:
            raise DiskError(
                f"There are at most {MAX_BOARDS} boards, of at most {_MOST_LETTERS} letters.",
                title="The board cannot be kept",
                hint="Forget one first: b, then Del.",
            )
        _write(folder, (*boards, (name, query)))


def drop_board(folder: Path, name: str) -> None:
    """Forget the board ``name``, if there is one. DiskError."""
    with files.disk_errors("The board cannot be forgotten"), alone_in(folder):
        _write(folder, tuple(each for each in _read(folder) if each[0] != name))


def _read(folder: Path) -> Boards:
    try:
        with (folder / FILE_NAME).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        told = json.loads(data) if len(data) <= MAX_BYTES else None
    except FileNotFoundError:
        return ()
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("boards"), list):
        raise DiskError(
            f"{folder / FILE_NAME} is not what we wrote.",
            title="The boards are damaged",
            hint="Repair or remove that file; it is left as it is.",
        )
    return tuple(board for each in told["boards"] if (board := _board(each)) is not None)


def _board(told: Any) -> tuple[str, str] | None:
    if not isinstance(told, dict):
        return None
    name, query = told.get("name"), told.get("query")
    return (name, query) if isinstance(name, str) and isinstance(query, str) and name else None


def _write(folder: Path, boards: Boards) -> None:
    document = {"boards": [{"name": name, "query": query} for name, query in boards]}
    data = json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    path = folder / FILE_NAME
    if path.exists():
        files.rewrite(path, data)
    else:
        files.write_new(path, data)
        files.sync_folder(folder)
