"""Files named as pictures to start from."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deliveries import JPEG, png

from tui.domain.errors import InvalidRequest
from tui.domain.request import Reference
from tui.library import reference_from


def test_a_reference_is_what_its_bytes_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fox.png").write_bytes(JPEG)
    monkeypatch.chdir(tmp_path)
    digest = hashlib.sha256(JPEG).hexdigest()
    expected = Reference(tmp_path / "fox.png", "image/jpeg", len(JPEG), digest)
    assert reference_from(Path("fox.png"), tmp_path) == expected
    assert reference_from(tmp_path / "fox.png", tmp_path) == expected


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "fox.png").write_bytes(png())
    assert reference_from(Path("~/fox.png"), tmp_path).path == tmp_path / "fox.png"


def test_what_cannot_be_a_reference_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.png").touch()
    (tmp_path / "words.png").write_text("no picture")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop").symlink_to("loop")
    for name, reason in (
        ("none.png", "no file"),
        ("folder", "not a file"),
        ("pipe.png", "not a file"),
        ("empty.png", "not a picture"),
        ("words.png", "not a picture"),
        ("loop", None),
        ("words.png/x", None),
        ("n" * 300, None),
    ):
        with pytest.raises(InvalidRequest, match=reason) as told:
            reference_from(tmp_path / name, tmp_path)
        assert name in told.value.detail
        assert told.value.hint


@given(data=st.binary(max_size=60), head=st.sampled_from([b"", b"RIFF", b"\xff\xd8\xff", b"GIF89a", b"BM", b"II*\0"]))
@settings(max_examples=80)
def test_any_bytes_are_a_reference_or_are_refused(tmp_path: Path, data: bytes, head: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(head + data)
    try:
        reference = reference_from(path, tmp_path)
    except InvalidRequest as refused:
        assert "any" in refused.detail
        assert refused.hint
    else:
        assert reference.sha256 == hashlib.sha256(head + data).hexdigest()
