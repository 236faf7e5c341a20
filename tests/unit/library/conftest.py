from collections.abc import Callable
from pathlib import Path

import pytest
from support.deliveries import png, received, reply_of

from tui.domain.generation import Generation
from tui.domain.request import Request
from tui.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    kept = Library(tmp_path / "library")
    kept.open()
    return kept


@pytest.fixture
def temp_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system temp folder of the test's own."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def keep(library: Library) -> Callable[..., Generation]:
    """Save one generation with a small PNG, as after an answer of the proxy."""

    def save(prompt: str = "a red fox", *, data: bytes | None = None, **more: object) -> Generation:
        image = received(library.spool(), data or png())
        return library.save(Request(prompt), reply_of([image]), proxy="http://127.0.0.1:8317", elapsed=1.5, **more)

    return save


def visible_names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def hidden_names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.startswith(".")}
