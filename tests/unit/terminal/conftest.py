import shutil
from pathlib import Path

import pytest
from support import kitty_payload

from tui.terminal import pacing, shared_files

# The real thing, where it is installed.
collect_ignore = [] if shutil.which("tmux") else ["test_in_tmux.py"]


@pytest.fixture
def quick_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer counts as lost after a moment."""
    monkeypatch.setattr(pacing, "LOST", 0.02)
    monkeypatch.setattr(pacing, "AGAIN", 0.01)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where files and memory are shared with the terminal."""
    monkeypatch.setattr(shared_files.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(shared_files, "MEMORY", tmp_path)
    monkeypatch.setattr(kitty_payload, "MEMORY", tmp_path)
    return tmp_path
