"""What the library shows of a folder, whatever lies in it."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.deliveries import JPEG, png

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.library import Library
from tui.library.scan import scan

Keep = Callable[..., Generation]
STARTED = datetime(2026, 11, 22, 10, 30)
ON_FILES = settings(max_examples=120)


def only(library: Library) -> Generation:
    page = library.page()
    assert (len(page.generations), page.total, page.next) == (1, 1, None)
    return page.generations[0]


def test_the_first_script_s_files_are_a_generation(library: Library) -> None:
    (library.folder / "image_20260101_120000_0.png").write_bytes(png(40, 30))
    (library.folder / "image_20260101_120000_1.png").write_bytes(png(20, 10))
    (library.folder / "metadata_20260101_120000.json").write_text('{"prompt": "a castle"}')
    found = only(library)
    assert found.prompt == "a castle"
    assert found.stem == found.id == "20260101_120000"
    assert found.created_at == datetime(2026, 1, 1, 12).astimezone()
    assert [(image.mime, image.width, image.height) for image in found.images] == [
        ("image/png", 40, 30),
        ("image/png", 20, 10),
    ]
    assert [image.bytes for image in found.images] == [image.path.stat().st_size for image in found.images]
    assert not found.foreign
    assert found.damage is None


def test_any_json_beside_a_picture_of_its_stamp_is_a_generation(library: Library) -> None:
    (library.folder / "image_20260101_120000_0.png").write_bytes(png(40, 30))
    (library.folder / "metadata_20260101_120000.json").write_text('\ufeff{"seed": 3, "images": "none"}')
    found = only(library)
    assert found.prompt == ""
    assert found.foreign
    assert found.images[0].width == 40


def test_a_picture_without_metadata_is_shown_with_what_it_carries(library: Library, keep: Keep) -> None:
    saved = keep("a red fox", started=STARTED)
    assert saved.metadata is not None
    saved.metadata.unlink()
    found = only(library)
    assert found.metadata is None
    assert (found.id, found.prompt, found.created_at) == (saved.id, "a red fox", saved.created_at)
    assert found.images[0].path == saved.images[0].path
    assert found.images[0].bytes == saved.images[0].bytes
    assert not found.foreign


def test_a_picture_that_carries_nothing_is_shown_too(library: Library) -> None:
    (library.folder / "image_20260101_120000-3_0.jpg").write_bytes(JPEG)
    found = only(library)
    assert (found.prompt, found.stem) == ("", "20260101_120000-3")
    assert (found.images[0].mime, found.images[0].width) == ("image/jpeg", 8)


def test_damaged_metadata_is_said_and_the_picture_s_own_is_used(library: Library, keep: Keep) -> None:
    saved = keep("a red fox")
    assert saved.metadata is not None
    saved.metadata.write_bytes(saved.metadata.read_bytes()[:100])
    found = only(library)
    assert found.damage is not None
    assert "damaged" in found.damage
    assert found.prompt == "a red fox"
    assert found.metadata == saved.metadata


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[1]", "a list"),
        (b"null", "null"),
        (b'"text"', "a text"),
        (b"12", "a number"),
        (b"true", "true or false"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"", "Expecting value"),
        (b'{"prompt": ' + b"1" * 5000 + b"}", "digits"),
    ],
)
def test_damage_says_what_is_wrong(library: Library, data: bytes, reason: str) -> None:
    (library.folder / "metadata_20260101_120000.json").write_bytes(data)
    found = only(library)
    assert found.damage is not None
    assert reason in found.damage


def test_metadata_that_may_not_be_read_is_said(library: Library) -> None:
    """A file that cannot be opened: a symbolic link through a file that is no folder."""
    (library.folder / "image_20260101_120000_0.png").write_bytes(png())
    path = library.folder / "metadata_20260101_120000.json"
    path.write_text("{}")
    library.page()
    path.unlink()
    path.mkdir()
    assert only(library).metadata is None


def test_a_picture_that_is_gone_is_missing(library: Library, keep: Keep) -> None:
    saved = keep("a red fox")
    saved.images[0].path.unlink()
    found = only(library)
    assert found.prompt == "a red fox"
    assert [image.missing for image in found.images] == [True]
    assert found.images[0].width == 1024


def test_other_pictures_are_foreign(library: Library) -> None:
    (library.folder / "cat.JPEG").write_bytes(JPEG)
    os.utime(library.folder / "cat.JPEG", (1_700_000_000, 1_700_000_000))
    (library.folder / "notes.txt").write_text("no picture")
    (library.folder / "metadata_other.json").write_text("{}")
    (library.folder / "folder.png").mkdir()
    os.mkfifo(library.folder / "pipe.png")
    os.mkfifo(library.folder / "metadata_20260101_120000.json")
    found = only(library)
    assert found.foreign
    assert found.prompt == ""
    assert found.stem == "cat.JPEG"
    assert found.created_at == datetime.fromtimestamp(1_700_000_000).astimezone()
    assert (found.images[0].mime, found.images[0].width, found.images[0].height) == ("image/jpeg", 8, 8)
    assert library.load("cat.JPEG") == found


def test_a_foreign_name_with_our_text_inside_tells_its_prompt(library: Library, keep: Keep) -> None:
    saved = keep("a red fox")
    saved.images[0].path.rename(library.folder / "holiday.png")
    assert saved.metadata is not None
    saved.metadata.unlink()
    found = only(library)
    assert (found.prompt, found.foreign, found.stem) == ("a red fox", True, "holiday.png")


def test_what_pillow_writes_is_measured(library: Library) -> None:
    for ending in ("png", "jpg", "webp", "gif"):
        Image.new("RGB", (33, 21), "red").save(library.folder / f"cat.{ending}")
    found = library.page().generations
    assert {(image.width, image.height) for each in found for image in each.images} == {(33, 21)}
    assert {each.images[0].mime for each in found} == {"image/png", "image/jpeg", "image/webp", "image/gif"}


def test_newest_first_in_pages(library: Library, keep: Keep) -> None:
    for number in (3, 1, 2, 0, 4):
        keep(f"prompt {number}", started=STARTED + timedelta(seconds=number))
    for number in range(2, 13):
        keep(f"prompt 0-{number}", started=STARTED)
    expected = [f"prompt {number}" for number in (4, 3, 2, 1)]
    expected += [f"prompt 0-{number}" for number in range(12, 1, -1)] + ["prompt 0"]
    seen, cursor = [], None
    while True:
        page = library.page(before=cursor, count=3)
        assert page.total == 16
        assert len(page.generations) <= 3
        seen += [each.prompt for each in page.generations]
        cursor = page.next
        if cursor is None:
            break
    assert seen == expected


def test_a_page_goes_on_where_it_was_though_its_last_row_is_gone(library: Library, keep: Keep) -> None:
    saved = [keep(str(number), started=STARTED + timedelta(seconds=number)) for number in range(4)]
    page = library.page(count=2)
    assert [each.prompt for each in page.generations] == ["3", "2"]
    library.trash([saved[2]])
    assert [each.prompt for each in library.page(before=page.next).generations] == ["1", "0"]
    assert [each.prompt for each in library.page(before=saved[1].stem).generations] == ["0"]


def test_changes_from_outside_are_seen(library: Library, keep: Keep) -> None:
    saved = keep()
    assert library.page().total == 1
    shutil.copy(saved.images[0].path, library.folder / "copied.png")
    assert library.page().total == 2
    old = 1_000_000_000
    os.utime(library.folder, (old, old))
    assert library.page().total == 2
    (library.folder / "copied.png").unlink()
    assert library.page().total == 1


def test_a_change_within_the_clock_s_step_is_seen(library: Library, keep: Keep) -> None:
    """A second file in the same tick leaves the folder's time as it was when it was listed."""
    saved = keep()
    changed = library.folder.stat().st_mtime_ns
    assert library.page().total == 1
    shutil.copy(saved.images[0].path, library.folder / "copied.png")
    os.utime(library.folder, ns=(changed, changed))
    assert library.page().total == 2


def test_a_folder_that_did_not_change_is_not_listed_again(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    os.utime(library.folder, (1_000_000_000, 1_000_000_000))
    first = library.page()
    monkeypatch.setattr("tui.library.rows.scan", lambda *asked: pytest.fail("listed again"))
    assert library.page() == first


def test_a_name_that_leads_out_of_the_folder_leads_nowhere(library: Library, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png(9, 9))
    document = {"prompt": "x", "images": [{"file": "../secret.png"}, {"file": str(tmp_path / "secret.png")}]}
    (library.folder / "metadata_20260101_120000.json").write_text(json.dumps(document))
    found = only(library)
    assert [image.path for image in found.images] == [library.folder / "secret.png"]
    assert found.images[0].missing


def test_an_unknown_stem_is_none(library: Library) -> None:
    assert library.load("20260101_120000") is None
    assert library.load("../x") is None


def test_a_library_that_is_not_there_is_empty(tmp_path: Path) -> None:
    page = Library(tmp_path / "none").page()
    assert (page.generations, page.next, page.total) == ((), None, 0)


def test_a_library_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="cannot be read"):
        Library(tmp_path / "file").page()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FILE_NAMES = st.sampled_from(
    [
        "image_20260101_120000_0.png",
        "cat.png",
        "\ud800.png",
        "\udcff.png",
        "a" * 400,
        "..",
        ".",
        "",
        "a\0b",
        "/etc/passwd",
    ]
)
IMAGES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "file": FILE_NAMES | JSON,
            "mime": JSON,
            "width": JSON,
            "height": JSON,
            "bytes": JSON,
            "sha256": JSON,
            "role": JSON,
        },
    )
    | JSON,
    max_size=4,
)
TIMES = st.sampled_from(
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22", "2026-11-22T10:30:00Z", "20:00"]
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "created_at": TIMES | JSON,
        "prompt": JSON,
        "model": JSON,
        "options": JSON | st.fixed_dictionaries({"aspect_ratio": JSON, "image_size": JSON}),
        "references": JSON | st.lists(st.fixed_dictionaries({"file": JSON, "mime": JSON}), max_size=3),
        "parent": JSON,
        "proxy": JSON,
        "reply": JSON | st.fixed_dictionaries({"text": JSON, "usage": JSON, "id": JSON}),
        "images": JSON | IMAGES,
        "elapsed": JSON,
        "warnings": JSON | st.lists(st.fixed_dictionaries({"code": JSON, "message": JSON}), max_size=3),
        "user": JSON | st.fixed_dictionaries({"starred": JSON, "rating": JSON, "tags": JSON, "notes": JSON}),
    },
)


def assert_readable(library: Library) -> None:
    """Every value of a page can be shown: encoded, compared, and its times calculated with."""
    for each in library.page().generations:
        for text in (each.prompt, each.model, each.id, each.reply.text or "", each.user.notes, *each.user.tags):
            text.encode()
        assert 0 <= each.user.rating <= 5
        assert each.created_at.astimezone().tzinfo is not None
        assert all(image.path.parent == library.folder for image in each.images)
        assert library.load(each.stem) == each


@given(document=DOCUMENTS)
@ON_FILES
def test_any_json_can_be_metadata(library: Library, document: object) -> None:
    (library.folder / "image_20260101_120000_0.png").write_bytes(png())
    (library.folder / "metadata_20260101_120000.json").write_text(json.dumps(document))
    assert_readable(library)


@given(
    metadata=st.binary(max_size=80),
    picture=st.binary(max_size=80),
    signature=st.sampled_from([b"", png()[:33], JPEG[:24]]),
)
@ON_FILES
def test_any_bytes_can_lie_in_the_folder(library: Library, metadata: bytes, picture: bytes, signature: bytes) -> None:
    (library.folder / "image_20260101_120000_0.png").write_bytes(signature + picture)
    (library.folder / "metadata_20260101_120000.json").write_bytes(metadata)
    (library.folder / "image_20260101_120000-2_0.jpg").write_bytes(signature + picture)
    (library.folder / "cat.webp").write_bytes(picture)
    assert library.page().total == 3
    assert_readable(library)


@given(
    names=st.lists(
        st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20).map(
            lambda text: f"{text}.png"
        )
        | st.from_regex(r"\Aimage_[0-9]{8}_[0-9]{6}(-[0-9]{1,3})?_[0-9]{1,3}\.(png|jpg|gif)\Z")
        | st.from_regex(r"\Ametadata_[0-9]{8}_[0-9]{6}(-[0-9]{1,3})?\.json\Z"),
        max_size=6,
    )
)
@ON_FILES
def test_any_names_can_lie_in_the_folder(library: Library, names: list[str]) -> None:
    for old in library.folder.iterdir():
        old.unlink()
    for name in names:
        (library.folder / name).write_bytes(b"{}")
    assert_readable(library)
    pages, cursor = [], None
    while True:
        page = library.page(before=cursor, count=2)
        pages += page.generations
        cursor = page.next
        if cursor is None:
            break
    assert tuple(pages) == library.page().generations


FILE_NAMES = st.sampled_from(
    [
        *("image_20260101_120000_0.png", "image_20260101_120000_1.jpg", "metadata_20260101_120000.json"),
        *("image_20260101_120000-2_0.png", "metadata_20260101_120000-2.json", "metadata_20260102_120000.json"),
        *("cat.png", "image_cat.png_0.jpg", "image_cat.png_1.webp", "metadata_cat.png.json", "image_cat.png_0.jpg.png"),
        *("image_dog.png_0.jpg", "metadata_image_dog.png_0.jpg.json", "image_.png", "image_a_b.png", "metadata_.json"),
    ]
)


@given(there=st.sets(FILE_NAMES, max_size=8), asked=st.sets(FILE_NAMES | st.just("20260101_120000"), max_size=3))
@settings(max_examples=60)
def test_a_few_looked_for_by_themselves_are_what_the_whole_listing_has(
    library: Library, there: set[str], asked: set[str]
) -> None:
    for path in library.folder.iterdir():
        path.unlink()
    for name in there:
        (library.folder / name).write_bytes(png())
    whole = scan(library.folder).by_stem
    stems = asked | {stem for stem in whole if len(stem) % 2}
    assert scan(library.folder, stems).by_stem == {stem: row for stem, row in whole.items() if stem in stems}
