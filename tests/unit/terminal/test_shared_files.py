import stat
import tempfile
from pathlib import Path

import pytest

from tui.terminal.shared_files import MEMORY, Kind, share


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_what_is_shared_is_for_its_owner_alone_under_a_name_the_protocol_deletes(kind: Kind) -> None:
    shared = share(kind, b"pixels")
    try:
        assert shared.path.read_bytes() == b"pixels"
        assert stat.S_IMODE(shared.path.stat().st_mode) == 0o600
        assert "tty-graphics-protocol" in shared.path.name
        assert shared.path.parent == (MEMORY if kind == "memory" else Path(tempfile.gettempdir()))
        assert shared.name == (f"/{shared.path.name}" if kind == "memory" else str(shared.path))
        assert not shared.fetched
    finally:
        shared.withdraw()
    assert shared.fetched
    shared.withdraw()


def test_two_never_have_one_name() -> None:
    two = [share("file", b""), share("file", b"")]
    assert two[0].path != two[1].path
    for shared in two:
        shared.withdraw()


def test_a_disk_that_takes_nothing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    with pytest.raises(OSError, match="not there"):
        share("file", b"pixels")
