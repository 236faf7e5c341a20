"""What a save leaves on disk."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deliveries import JPEG, chunks_of, png, received, reply_of

from tui.domain.generation import Generation, GenerationWarning, ReplySummary
from tui.domain.reply import Reply
from tui.domain.request import Reference, Request
from tui.library import Library
from tui.library.saving import without_login

Keep = Callable[..., Generation]
STARTED = datetime(2026, 11, 22, 10, 30, 0, 123_456)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_save_leaves_the_picture_and_its_metadata_and_nothing_else(library: Library, keep: Keep) -> None:
    keep(started=STARTED)
    assert names(library.folder) == {"image_20261122_103000_0.png", "metadata_20261122_103000.json"}


def test_a_taken_second_gets_a_suffix(library: Library, keep: Keep) -> None:
    stems = [keep(started=STARTED).stem for _ in range(3)]
    assert stems == ["20261122_103000", "20261122_103000-2", "20261122_103000-3"]
    assert (library.folder / "image_20261122_103000-2_0.png").is_file()
    assert (library.folder / "metadata_20261122_103000-2.json").is_file()


SAID = {
    "id": "gen-1",
    "model": "gemini-3-pro-image",
    "finish_reason": "stop",
    "native_finish_reason": "STOP",
    "text": "Here it is.",
    "reasoning": "A fox…",
    "usage": {"prompt_tokens": 3, "details": {"image_tokens": 1120}},
}
"""What the server says beside a picture, member by member."""


def test_metadata_is_the_contract_s(library: Library) -> None:
    reference = Reference(Path("/pictures/fox.png"), "image/png", 12, "ab" * 32)
    request = Request("ein röter\nFuchs 🦊", aspect_ratio="16:9", references=(reference,), parent="p-1")
    data = png(1376, 768)
    image = received(library.spool(), data, width=1376, height=768)
    reply = reply_of([image], **SAID)
    saved = library.save(request, reply, proxy="http://me:pw@127.0.0.1:8317", elapsed=12.34567, started=STARTED)
    assert saved.metadata is not None
    document = json.loads(saved.metadata.read_text())
    created = document.pop("created_at")
    assert re.fullmatch(r"2026-11-22T10:30:00\.123[+-]\d\d:\d\d", created)
    assert datetime.fromisoformat(created) == STARTED.astimezone().replace(microsecond=123_000)
    assert document.pop("id") == saved.id
    on_disk = (library.folder / "image_20261122_103000_0.png").read_bytes()
    assert document == {
        "schema": 1,
        "prompt": "ein röter\nFuchs 🦊",
        "model": "gemini-3-pro-image-preview",
        "options": {"aspect_ratio": "16:9", "image_size": "1K"},
        "references": [{"file": "/pictures/fox.png", "sha256": "ab" * 32, "mime": "image/png"}],
        "parent": "p-1",
        "proxy": "http://127.0.0.1:8317",
        "reply": SAID,
        "images": [
            {
                "file": "image_20261122_103000_0.png",
                "mime": "image/png",
                "width": 1376,
                "height": 768,
                "bytes": len(on_disk),
                "sha256": hashlib.sha256(on_disk).hexdigest(),
                "role": "final",
            }
        ],
        "elapsed": 12.346,
        "warnings": [],
        "user": {"starred": False, "rating": 0, "tags": [], "notes": ""},
    }


def test_what_a_save_returns_is_what_is_read_back(library: Library, keep: Keep) -> None:
    saved = keep("two\nlines \ud800 and a lone surrogate")
    assert library.load(saved.stem) == saved
    assert library.page().generations == (saved,)
    assert saved.prompt == "two\nlines � and a lone surrogate"


def test_a_png_carries_its_metadata_beside_the_delivered_chunks(library: Library, keep: Keep) -> None:
    data = png(64, 64)
    saved = keep("fox 🦊", data=data)
    on_disk = saved.images[0].path.read_bytes()
    before, after = chunks_of(data), chunks_of(on_disk)
    assert after[:-2] + after[-1:] == before
    name, added = after[-2]
    assert name == b"iTXt"
    assert added[8:].startswith(b"image-gen\0\0\0\0\0")
    carried = json.loads(added[8 + 14 : -4])
    assert saved.metadata is not None
    document = json.loads(saved.metadata.read_text())
    for entry in document["images"]:
        del entry["bytes"], entry["sha256"]
    assert carried == document


def test_the_picture_does_not_tell_where_references_lie(library: Library) -> None:
    reference = Reference(Path("/pictures/anna/private/fox.png"), "image/png", 12, "")
    image = received(library.spool(), png())
    saved = library.save(Request("a fox", references=(reference,)), reply_of([image]), proxy="http://h", elapsed=0)
    assert b"anna" not in saved.images[0].path.read_bytes()
    assert saved.references[0].file == "/pictures/anna/private/fox.png"


@pytest.mark.parametrize(("mime", "data", "ending"), [("image/jpeg", JPEG, "jpg"), ("image/webp", b"RIFF", "webp")])
def test_other_types_stay_untouched(library: Library, mime: str, data: bytes, ending: str) -> None:
    image = received(library.spool(), data, mime=mime)
    saved = library.save(Request("a fox"), reply_of([image]), proxy="http://h", elapsed=0, started=STARTED)
    path = library.folder / f"image_20261122_103000_0.{ending}"
    assert path.read_bytes() == data
    assert saved.images[0].path == path
    assert saved.images[0].sha256 == hashlib.sha256(data).hexdigest()


def test_drafts_and_final_are_all_kept_in_order(library: Library) -> None:
    images = [
        received(library.spool(), png(shade=number), role=role)
        for number, role in enumerate(("draft", "draft", "final"))
    ]
    saved = library.save(Request("a fox"), reply_of(images), proxy="http://h", elapsed=0, started=STARTED)
    assert [image.path.name for image in saved.images] == [f"image_20261122_103000_{n}.png" for n in range(3)]
    assert [image.role for image in saved.images] == ["draft", "draft", "final"]
    assert saved.final_image == saved.images[2]


def test_a_picture_spooled_on_another_file_system_is_taken_in(library: Library) -> None:
    with other_file_system(library.folder) as elsewhere:
        data = png(32, 32)
        image = received(elsewhere / "spooled", data)
        saved = library.save(Request("a fox"), reply_of([image]), proxy="http://h", elapsed=0)
        assert not image.path.exists()
    assert chunks_of(saved.images[0].path.read_bytes())[:-2] == chunks_of(data)[:-1]


@contextmanager
def other_file_system(folder: Path) -> Iterator[Path]:
    """A folder on another file system than ``folder``, or else just another folder."""
    places = [
        place
        for place in map(Path, ("/dev/shm", "/run", "/var/tmp", tempfile.gettempdir()))
        if os.access(place, os.W_OK)
    ]
    places.sort(key=lambda place: place.stat().st_dev == folder.stat().st_dev)
    with tempfile.TemporaryDirectory(dir=places[0]) as elsewhere:
        yield Path(elsewhere)


def test_the_second_is_that_of_the_start_in_local_time(library: Library, keep: Keep) -> None:
    far_east = datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=14)))
    saved = keep(started=far_east)
    assert saved.stem == f"{far_east.astimezone():%Y%m%d_%H%M%S}"
    assert saved.created_at == far_east


def test_without_a_start_the_time_is_now(library: Library, keep: Keep) -> None:
    before = datetime.now().astimezone().replace(microsecond=0)
    saved = keep()
    assert before <= saved.created_at <= datetime.now().astimezone()


def test_ids_sort_by_time_and_are_unique(keep: Keep) -> None:
    ids = [keep(started=STARTED + timedelta(milliseconds=n // 3)).id for n in range(9)]
    assert ids == sorted(set(ids))


def test_what_the_reply_warned_of_is_kept(library: Library) -> None:
    image = received(library.spool(), png())
    warning = GenerationWarning("draft_damaged", "One draft was no picture.")
    saved = library.save(
        Request("a fox"), Reply((image,), ReplySummary(), None, (warning,)), proxy="http://h", elapsed=0
    )
    assert saved.warnings == (warning,)


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="/?#@:"), max_size=12)


@given(
    user=PLAIN,
    password=PLAIN.map(lambda text: f"S3cret{text}"),
    host=st.sampled_from(["h", "h:8317", "[::1]:1"]),
)
@settings(max_examples=60)
def test_no_login_of_the_proxy_s_address_is_kept(user: str, password: str, host: str) -> None:
    for url in (
        f"http://{user}:{password}@{host}/api",
        f"{user}:{password}@{host}/api",
        f"http://{host}/api?key={password}",
        f"http://{host}/api#{password}",
        f"http://{password}@{user}@{host}/api",
    ):
        assert without_login(url) in (f"http://{host}/api", f"{host}/api")


def test_a_stranger_s_file_is_never_overwritten(library: Library, keep: Keep) -> None:
    strange = library.folder / "image_20261122_103000_0.jpg"
    strange.write_bytes(b"mine")
    assert keep(started=STARTED).stem == "20261122_103000-2"
    assert strange.read_bytes() == b"mine"


def test_a_name_taken_between_claim_and_publishing_costs_nothing(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program writes the metadata's name while our picture is being published."""
    link, stranger = os.link, library.folder / "metadata_20261122_103000.json"

    def link_and_be_overtaken(*args: object, **more: object) -> None:
        link(*args, **more)
        if not stranger.exists():
            stranger.write_text("mine")

    monkeypatch.setattr(os, "link", link_and_be_overtaken)
    saved = keep(started=STARTED)
    assert stranger.read_text() == "mine"
    assert saved.stem == "20261122_103000-2"
    assert names(library.folder) == {
        "metadata_20261122_103000.json",
        "metadata_20261122_103000-2.json",
        "image_20261122_103000-2_0.png",
    }
    carried = [block for name, block in chunks_of(saved.images[0].path.read_bytes()) if name == b"iTXt"]
    assert len(carried) == 1
    assert b"image_20261122_103000-2_0.png" in carried[0]
    on_disk = saved.images[0].path.read_bytes()
    assert (saved.images[0].bytes, saved.images[0].sha256) == (
        len(on_disk),
        hashlib.sha256(on_disk).hexdigest(),
    )


def test_where_there_are_no_hard_links_names_are_kept_all_the_same(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert [keep(started=STARTED).stem for _ in range(2)] == ["20261122_103000", "20261122_103000-2"]
    assert len(names(library.folder)) == 4
