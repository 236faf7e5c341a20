import os
import stat
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tui.imaging.picture import PictureError, PictureInfo, Stale
from tui.imaging.prepare import prepare
from tui.imaging.thumbnails import GRID, PANE, Thumbnail, Thumbnails, content_digest, decode, encode


def scene(size: tuple[int, int]) -> Image.Image:
    across, down = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    return Image.fromarray(np.stack([across, down, 255 - across], -1).astype(np.uint8))


def saved(folder: Path, image: Image.Image, name: str = "picture.png", **options: object) -> Path:
    path = folder / name
    image.save(path, **options)
    return path


def digest_of(path: Path) -> str:
    digest = content_digest(path)
    assert digest is not None
    return digest


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def aged(path: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def error_of(thumbnail: Thumbnail, image: Image.Image) -> float:
    shown = np.asarray(thumbnail.image.convert("RGB"), float)
    return float(np.abs(shown - np.asarray(image.convert("RGB").resize(thumbnail.image.size), float)).mean())


def test_what_was_seen_once_is_there_again_without_its_file_being_decoded(tmp_path: Path) -> None:
    path = saved(tmp_path, scene((1600, 800)))
    shelf = Thumbnails(tmp_path / "cache" / "thumbnails")
    assert shelf.get(path) is None
    made = shelf.make(path)
    assert made.image.size == (PANE, PANE // 2)
    # Its pixels are gone: all that is known comes from the thumbnail.
    digest = content_digest(path)
    moved = path.rename(tmp_path / "moved.png")
    assert content_digest(moved) == digest
    for side in (GRID, PANE):
        found = Thumbnails(tmp_path / "cache" / "thumbnails").get(moved, side)
        assert found is not None
        assert found.image.size == (side, side // 2)
        assert found.info == PictureInfo(1600, 800, "image/png")
        assert error_of(found, scene((1600, 800))) < 4


def test_another_content_under_the_same_name_has_another_thumbnail(tmp_path: Path) -> None:
    shelf = Thumbnails(tmp_path / "thumbnails")
    path = saved(tmp_path, scene((300, 300)))
    shelf.make(path)
    saved(tmp_path, Image.new("RGB", (300, 300), "red"))
    assert shelf.get(path) is None
    assert shelf.make(path).image.getpixel((9, 9))[0] > 200


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "bmp", "tiff"])
def test_one_pixel_that_differs_gives_a_picture_another_name(tmp_path: Path, kind: str) -> None:
    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 400, 3), np.uint8))
    one = saved(tmp_path, image, f"one.{kind}")
    image.putpixel((203, 187), (255, 255, 255))
    other = saved(tmp_path, image, f"other.{kind}")
    assert one.stat().st_size > 96 * 1024 or kind in ("jpg", "webp")
    assert content_digest(one) != content_digest(other)


def test_a_small_picture_is_kept_as_it_is(tmp_path: Path) -> None:
    shelf = Thumbnails(tmp_path / "thumbnails")
    path = saved(tmp_path, scene((60, 30)))
    shelf.make(path)
    assert {shelf.get(path, side).image.size for side in (GRID, PANE)} == {(60, 30)}
    assert shelf.make(saved(tmp_path, Image.new("RGB", (1, 1)), "dot.png")).image.size == (1, 1)
    assert shelf.make(saved(tmp_path, scene((3000, 2)), "line.png"), side=GRID).image.size == (GRID, 1)


def test_transparency_is_kept_and_never_lost_to_a_background(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (900, 700), (255, 0, 0, 255))
    clear.paste((0, 255, 0, 0), (0, 0, 450, 700))
    path = saved(tmp_path, clear)
    shelf = Thumbnails(tmp_path / "thumbnails")
    prepared = prepare(path, (900, 700), background=(9, 9, 9))
    assert not shelf.put(path, prepared.image, prepared.info, digest_of(path))
    assert kept(tmp_path / "thumbnails") == []
    shelf.make(path)
    found = shelf.get(path, GRID)
    assert found.info.transparent
    assert [found.image.getpixel((x, 50))[3] for x in (10, 240)] == [0, 255]


def test_what_a_pane_shows_is_enough_for_its_thumbnails(tmp_path: Path) -> None:
    path = saved(tmp_path, scene((2000, 2000)))
    shelf = Thumbnails(tmp_path / "thumbnails")
    sizes = []
    for box, pane in ((200, None), (400, None), (700, 700), (650, 700), (1000, PANE)):
        prepared = prepare(path, (box, box), background=(0, 0, 0))
        assert shelf.put(path, prepared.image, prepared.info, digest_of(path)) == (box >= GRID)
        found = shelf.get(path)
        sizes.append((box, None if found is None else found.image.width))
        assert sizes[-1] == (box, pane)


def test_of_a_file_written_anew_while_it_was_decoded_nothing_is_kept(tmp_path: Path) -> None:
    path = saved(tmp_path, scene((900, 700)))
    shelf = Thumbnails(tmp_path / "thumbnails")
    digest, image = digest_of(path), scene((900, 700))
    Image.new("RGB", (900, 700), "red").save(path)
    assert not shelf.put(path, image, PictureInfo(900, 700, "image/png"), digest)
    assert shelf.get(path) is None


def test_an_animation_says_its_frames(tmp_path: Path) -> None:
    path = saved(
        tmp_path, Image.new("RGB", (9, 9), "red"), "a.gif", save_all=True, append_images=[Image.new("RGB", (9, 9))] * 2
    )
    shelf = Thumbnails(tmp_path / "thumbnails")
    shelf.make(path)
    assert shelf.get(path).info == PictureInfo(9, 9, "image/gif", animated=True, frames=2)


facts = st.builds(
    PictureInfo,
    st.integers(1, 2**31),
    st.integers(1, 2**31),
    st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/gif", ""]),
    transparent=st.booleans(),
    frames=st.integers(1, 9999),
)


@given(facts, st.integers(1, 64), st.integers(1, 64), st.sampled_from(["RGB", "RGBA"]))
@settings(deadline=None)
def test_facts_and_size_come_back_from_the_bytes(info: PictureInfo, width: int, height: int, mode: str) -> None:
    image = Image.new(mode, (width, height), (200, 100, 50, 128)[: len(mode)])
    found = decode(encode(Thumbnail(image, info)))
    assert found is not None
    assert (found.image.size, found.image.mode) == ((width, height), mode)
    assert (found.info.width, found.info.height, found.info.mime) == (info.width, info.height, info.mime)
    assert (found.info.frames, found.info.animated) == (info.frames, info.frames > 1)
    assert found.info.transparent == info.transparent


WHOLE = encode(Thumbnail(scene((40, 30)), PictureInfo(400, 300, "image/png")))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_thumbnail_or_nothing(data: st.DataObject) -> None:
    changed = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(0, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    found = decode(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
    assert found is None or max(found.image.size) <= PANE


@pytest.mark.parametrize("content", [b"", b"no picture", WHOLE[:-100], "foreign"])
def test_damaged_and_foreign_files_are_ignored_and_replaced(tmp_path: Path, content: bytes | str) -> None:
    path = saved(tmp_path, scene((500, 400)))
    shelf = Thumbnails(tmp_path / "thumbnails")
    shelf.make(path)
    for file in kept(tmp_path / "thumbnails"):
        if content == "foreign":
            Image.new("RGB", (300, 300)).save(file, "WEBP")
        else:
            file.write_bytes(content)
    assert shelf.get(path) is None
    assert shelf.make(path).image.size == (500, 400)
    assert shelf.get(path).info.width == shelf.get(path, GRID).info.width == 500


def test_thumbnails_are_the_owners_only_and_nothing_half_written_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "thumbnails"
    Thumbnails(folder).make(saved(tmp_path, scene((500, 400))))
    files = kept(folder)
    assert {file.suffix for file in files} == {".webp"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {stat.S_IMODE(place.stat().st_mode) for place in (folder, files[0].parent)} == {0o700}


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    path = saved(tmp_path, scene((500, 400)))
    (tmp_path / "file").write_bytes(b"")
    shelf = Thumbnails(tmp_path / "file" / "thumbnails")
    assert shelf.make(path).image.size == (500, 400)
    assert not shelf.put(path, scene((500, 400)), PictureInfo(500, 400, "image/png"), digest_of(path))
    assert shelf.prune() == 0
    # Where each thumbnail would go lies a folder: the write breaks off, and nothing is left of it.
    shelf = Thumbnails(tmp_path / "thumbnails")
    digest = content_digest(path)
    for side in (GRID, PANE):
        (tmp_path / "thumbnails" / digest[:2] / f"{digest[2:]}-{side}.webp").mkdir(parents=True)
    assert shelf.make(path).image.size == (500, 400)
    assert kept(tmp_path / "thumbnails") == []


def test_a_file_that_is_gone_or_no_picture_has_no_thumbnail(tmp_path: Path) -> None:
    shelf = Thumbnails(tmp_path / "thumbnails")
    assert shelf.get(tmp_path / "gone.png") is None
    assert shelf.get(tmp_path) is None
    with pytest.raises(PictureError, match="gone"):
        shelf.make(tmp_path / "gone.png")
    (tmp_path / "words.png").write_bytes(b"words")
    with pytest.raises(PictureError, match="not a picture"):
        shelf.make(tmp_path / "words.png")
    with pytest.raises(Stale):
        shelf.make(saved(tmp_path, scene((50, 50))), lambda: True)


def test_those_used_longest_ago_go_first(tmp_path: Path) -> None:
    folder = tmp_path / "thumbnails"
    large = Thumbnails(folder)
    paths = [saved(tmp_path, scene((200 + number, 200)), f"{number}.png") for number in range(6)]
    sizes = {}
    for number, path in enumerate(paths):
        before = set(kept(folder))
        large.make(path)
        for file in set(kept(folder)) - before:
            aged(file, 100 - number)
            sizes[file] = file.stat().st_size
    # Looking at the oldest one makes it the newest.
    large.get(paths[0], PANE)
    large.get(paths[0], GRID)
    limit = sum(sizes.values()) * 6 // 10
    assert Thumbnails(folder, limit).prune() <= limit
    assert [large.get(path) is not None for path in paths] == [True, False, False, False, True, True]


def test_the_folder_stays_under_its_limit_while_it_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "thumbnails"
    shelf = Thumbnails(folder, 60_000)
    for number in range(40):
        shelf.make(saved(tmp_path, scene((300 + number, 300))))
        assert sum(file.stat().st_size for file in kept(folder)) <= 60_000 * 1.1
    assert len(kept(folder)) > 4


def test_what_broken_off_writes_left_goes_once_it_is_old(tmp_path: Path) -> None:
    folder = tmp_path / "thumbnails"
    shelf = Thumbnails(folder)
    shelf.make(saved(tmp_path, scene((50, 50))))
    shelves = kept(folder)[0].parent
    (shelves / "old.tmp").write_bytes(b"half")
    (shelves / "new.tmp").write_bytes(b"half")
    (shelves / "notes.txt").write_bytes(b"not ours")
    aged(shelves / "old.tmp", 2)
    shelf.prune()
    assert {file.name for file in kept(folder) if file.suffix != ".webp"} == {"new.tmp", "notes.txt"}


def test_many_threads_may_make_the_same_and_others(tmp_path: Path) -> None:
    paths = [saved(tmp_path, scene((300 + number, 200)), f"{number}.png") for number in range(4)]
    failed: list[object] = []

    def work() -> None:
        shelf = Thumbnails(tmp_path / "thumbnails", 40_000)
        for path in paths * 3:
            if shelf.make(path).image.height != 200:
                failed.append(path)
            shelf.prune()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {file.suffix for file in kept(tmp_path / "thumbnails")} <= {".webp"}


@pytest.mark.parametrize("part", ["head", "middle", "tail"])
def test_of_a_large_file_both_ends_and_blocks_between_are_read(tmp_path: Path, part: str) -> None:
    data = bytearray(4_000_000)
    path = tmp_path / "large.png"
    path.write_bytes(data)
    before = content_digest(path)
    data[{"head": 0, "middle": (4_000_000 - 16384) * 2 // 5, "tail": -1}[part]] = 1
    path.write_bytes(data)
    assert content_digest(path) != before
