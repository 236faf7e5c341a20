"""Names that nobody else has."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.library import Library, names
from tui.library.files import hidden_name, machine_tag
from tui.library.names import Claims

TESTS = Path(__file__).parents[2]
STARTED = datetime(2026, 11, 22, 10, 30)


def run_together(folder: Path, processes: int, jobs: int) -> list[str]:
    """Start ``processes``, let all begin at once, and give back every stem they were told."""
    children = [
        subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("saving_child.py"),
                folder,
                f"child-{number}",
                str(jobs),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        for number in range(processes)
    ]
    stems = []
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        stems += child.communicate(timeout=100)[0].split()
        assert child.returncode == 0
    return stems


def test_eight_processes_with_200_jobs_in_one_second_overwrite_nothing(tmp_path: Path) -> None:
    stems = run_together(tmp_path, 8, 200)
    assert len(set(stems)) == 1600
    metadata = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("metadata_*.json")}
    assert set(metadata) == {f"metadata_{stem}.json" for stem in stems}
    prompts = {document["prompt"] for document in metadata.values()}
    assert prompts == {f"child-{child} {number}" for child in range(8) for number in range(200)}
    pictures = {image["file"] for document in metadata.values() for image in document["images"]}
    assert len(pictures) == 1600
    assert {path.name for path in tmp_path.iterdir()} == set(metadata) | pictures


def test_threads_of_one_process_never_share_a_name(tmp_path: Path) -> None:
    claims, found, lock = Claims(tmp_path), [], threading.Lock()

    def claim_some() -> None:
        for _ in range(100):
            claim = claims.claim(STARTED)
            with lock:
                found.append(claim.stem)

    threads = [threading.Thread(target=claim_some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 800


def test_a_busy_second_is_not_searched_from_its_start(tmp_path: Path) -> None:
    """Each further claim costs the same: the folder is asked for as many names as there are claims."""
    asked: list[str] = []
    real = Claims.claim_stem

    class Counting(Claims):
        def claim_stem(self, stem: str) -> names.Claim | None:
            asked.append(stem)
            return real(self, stem)

    claims = Counting(tmp_path)
    for _ in range(300):
        (tmp_path / names.metadata_name(claims.claim(STARTED).stem)).touch()
    assert len(asked) == 300


def test_a_released_claim_without_files_is_free_for_others(tmp_path: Path) -> None:
    Claims(tmp_path).claim(STARTED).release()
    assert Claims(tmp_path).claim(STARTED).stem == "20261122_103000"


def test_where_there_are_no_symbolic_links_a_claim_holds_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "symlink", refuse)
    first = Claims(tmp_path).claim(STARTED)
    assert first.path.read_text() == f"{os.getpid()}-{machine_tag()}"
    assert Claims(tmp_path).claim(STARTED).stem == "20261122_103000-2"
    first.release()
    assert Claims(tmp_path).claim(STARTED).stem == "20261122_103000"


def test_a_stem_that_is_published_between_the_look_and_the_claim_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    symlink, published = os.symlink, tmp_path / "metadata_20261122_103000.json"

    def be_overtaken(*args: object, **more: object) -> None:
        published.touch()
        symlink(*args, **more)

    monkeypatch.setattr(os, "symlink", be_overtaken)
    claim = Claims(tmp_path).claim(STARTED)
    assert claim.stem == "20261122_103000-2"
    claim.release()
    assert list(tmp_path.iterdir()) == [published]


def test_a_claim_of_another_is_respected(tmp_path: Path) -> None:
    Claims(tmp_path).claim(STARTED)
    assert Claims(tmp_path).claim(STARTED).stem == "20261122_103000-2"


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.integers(2, 999_999_999))
def test_stems_come_apart_as_they_were_put_together(moment: datetime, suffix: int) -> None:
    stamp = names.stamp_of(moment)
    assert names.split_stem(stamp) == (stamp, 1)
    assert names.split_stem(f"{stamp}-{suffix}") == (stamp, suffix)


@given(st.text(max_size=30))
def test_any_text_is_a_stem_or_none(text: str) -> None:
    parts = names.split_stem(text)
    if parts is not None:
        names.moment_of(parts[0])
        assert text in (parts[0], f"{parts[0]}-{parts[1]}")


@given(st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2500, 1, 1), timezones=st.just(UTC)), max_size=20))
def test_ids_sort_as_their_times(moments: list[datetime]) -> None:
    ids = [names.new_id(moment) for moment in moments]
    assert len(set(ids)) == len(ids)
    milliseconds = [int(moment.timestamp() * 1000) for moment in moments]
    by_id = [millisecond for _, millisecond in sorted(zip(ids, milliseconds, strict=True))]
    assert by_id == sorted(milliseconds)


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_leftovers_of_dead_processes_are_swept_and_all_else_stays(tmp_path: Path) -> None:
    gone, tag = dead_pid(), machine_tag()
    swept = [f".incoming-{gone}-{tag}{'0' * 16}", ".claim-20261122_103000"]
    swept += [".claim-20261122_103000-7", ".claim-20261122_103000-8"]
    (tmp_path / swept[0]).write_bytes(b"half a picture")
    (tmp_path / swept[1]).symlink_to(f"{gone}-{tag}")
    (tmp_path / swept[2]).write_text(f"{gone}-{tag}")
    (tmp_path / swept[3]).write_text("")
    os.utime(tmp_path / swept[3], (0, 0))
    stays = [
        hidden_name(),
        f".incoming-{gone}-{'f' * 8 if tag != 'f' * 8 else '0' * 8}{'0' * 16}",
        ".claim-20261122_103000-3",
        ".claim-20261122_103000-4",
        ".incoming-letters",
        ".claim-of-another-program",
        ".hidden",
        "image_20261122_103000_0.png",
    ]
    for name in stays:
        (tmp_path / name).touch()
    (tmp_path / stays[2]).write_text(f"{os.getpid()}-{tag}")
    (tmp_path / ".claim-20261122_103000-5").symlink_to(f"{os.getpid()}-{tag}")
    for name in stays[4:]:
        os.utime(tmp_path / name, (0, 0))
    names.sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*stays, ".claim-20261122_103000-5"}


def test_an_open_sweeps_the_folder_and_the_temp_folder(library: Library, temp_folder: Path) -> None:
    left = [folder / f".incoming-{dead_pid()}-{machine_tag()}{'a' * 16}" for folder in (library.folder, temp_folder)]
    for path in left:
        path.touch()
    Library(library.folder).open()
    assert not any(path.exists() for path in left)
