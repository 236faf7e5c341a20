"""Files named as pictures to start from, and what is sent of them."""

import hashlib
import io
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw
from support.deliveries import JPEG, chunk, png, reply_of

from tui.domain.errors import DiskError, InvalidRequest
from tui.domain.options import MODELS
from tui.domain.request import Reference, Request
from tui.library import Library, reference_cache, reference_files, reference_from, sent_file

ORIENTATION = 0x0112
RED, BLUE = (220, 30, 30), (30, 30, 220)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def halves(width: int = 64, height: int = 48) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def grain(width: int, height: int) -> Image.Image:
    """What no encoder makes small."""
    return Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))


def saved(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


def sent(reference: Reference) -> Image.Image:
    with Image.open(sent_file(reference)) as image:
        image.load()
    return image


def is_near(got: object, wanted: tuple[int, int, int], slack: int = 24) -> bool:
    assert isinstance(got, tuple)
    return all(abs(one - other) <= slack for one, other in zip(got[:3], wanted, strict=True))


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
    (tmp_path / "cut.png").write_bytes(png(400, 400)[:300])
    (tmp_path / "cut.jpg").write_bytes(JPEG[:-20])
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop").symlink_to("loop")
    for name, reason in (
        ("none.png", "no file"),
        ("folder", "not a file"),
        ("pipe.png", "not a file"),
        ("empty.png", "not a picture"),
        ("words.png", "not a picture"),
        ("cut.png", "damaged or cut off"),
        ("cut.jpg", "damaged or cut off"),
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
def test_any_bytes_are_a_reference_or_are_refused_in_words(tmp_path: Path, data: bytes, head: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(head + data)
    told, digest = "", ""
    try:
        digest = reference_from(path, tmp_path).sha256
    except InvalidRequest as refused:
        told = refused.detail
    assert "any" in told or digest == hashlib.sha256(head + data).hexdigest()


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "palette.png", "alpha.png", "grey.png"])
def test_what_every_model_takes_goes_out_byte_for_byte(tmp_path: Path, cache: Path, name: str) -> None:
    made = {
        "palette.png": halves().convert("P"),
        "alpha.png": halves().convert("RGBA"),
        "grey.png": halves().convert("L"),
    }
    path = saved(made.get(name, halves()), tmp_path / name)
    reference = reference_from(path, cache)
    assert sent_file(reference) == path
    assert reference.note == ""
    assert not cache.exists()


@pytest.mark.parametrize("name", ["a.gif", "a.bmp", "a.tiff", "a.avif", "a.jp2", "a.ppm", "a.ico", "a.qoi"])
def test_any_other_type_goes_out_as_one_that_models_take(tmp_path: Path, cache: Path, name: str) -> None:
    path = saved(halves(), tmp_path / name)
    reference = reference_from(path, cache)
    picture = sent(reference)
    assert reference.mime in ("image/png", "image/jpeg")
    assert Image.MIME[picture.format or ""] == reference.mime
    assert reference.bytes == sent_file(reference).stat().st_size
    assert reference.own_mime not in ("", reference.mime)
    assert "sent as" in reference.note
    left, right = picture.convert("RGB").getpixel((3, 10)), picture.convert("RGB").getpixel((picture.width - 4, 10))
    assert is_near(left, RED)
    assert is_near(right, BLUE)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tiff"])
@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (2, (64, 48), (60, 24)),
        (3, (64, 48), (60, 24)),
        (4, (64, 48), (4, 24)),
        (5, (48, 64), (24, 4)),
        (6, (48, 64), (24, 4)),
        (7, (48, 64), (24, 60)),
        (8, (48, 64), (24, 60)),
    ],
)
def test_a_turned_photo_goes_out_upright(
    tmp_path: Path, cache: Path, name: str, orientation: int, size: tuple[int, int], red_at: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    reference = reference_from(saved(halves(), tmp_path / name, exif=exif), cache)
    picture = sent(reference).convert("RGB")
    assert picture.size == size
    assert is_near(picture.getpixel(red_at), RED)
    assert sent(reference).getexif().get(ORIENTATION, 1) == 1


def test_where_a_photo_was_taken_stays_here_once_it_is_prepared(tmp_path: Path, cache: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(0x8825)[1] = "N"
    reference = reference_from(saved(halves(), tmp_path / "a.jpg", exif=exif), cache)
    assert not sent(reference).getexif()


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_of_an_animation_the_first_frame_goes_out(tmp_path: Path, cache: Path, name: str) -> None:
    other = Image.new("RGB", (64, 48), (0, 200, 0))
    path = saved(halves(), tmp_path / name, save_all=True, append_images=[other, halves()], lossless=True)
    picture = sent(reference_from(path, cache))
    assert getattr(picture, "n_frames", 1) == 1
    assert is_near(picture.convert("RGB").getpixel((4, 10)), RED)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("cmyk.jpg", lambda: halves().convert("CMYK")),
        ("cmyk.tiff", lambda: halves().convert("CMYK")),
        ("lab.tiff", lambda: Image.new("LAB", (64, 48), (128, 128, 128))),
        ("deep.png", lambda: Image.new("I;16", (64, 48), 0x8000)),
        ("float.tiff", lambda: Image.linear_gradient("L").convert("F")),
        ("deep.tiff", lambda: Image.new("I;16", (64, 48), 0x8000)),
    ],
)
def test_colours_that_not_every_model_takes_become_plain_ones(
    tmp_path: Path, cache: Path, name: str, make: Callable[[], Image.Image]
) -> None:
    picture = sent(reference_from(saved(make(), tmp_path / name), cache))
    assert picture.mode in ("L", "RGB")
    if name.startswith("deep"):
        assert is_near((picture.convert("RGB")).getpixel((9, 9)), (128, 128, 128), 2)
    if name.startswith("cmyk"):
        assert is_near(picture.getpixel((4, 10)), RED, 40)


def test_a_png_of_16_bits_in_colour_goes_out_with_8(tmp_path: Path, cache: Path) -> None:
    import zlib

    rows = (b"\0" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 8) * 8
    data = png()[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0))
    (tmp_path / "deep.png").write_bytes(data + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    reference = reference_from(tmp_path / "deep.png", cache)
    assert sent_file(reference).read_bytes()[24] == 8
    assert is_near(sent(reference).convert("RGB").getpixel((4, 4)), (255, 128, 0), 6)


def test_another_colour_space_comes_out_in_srgb(tmp_path: Path, cache: Path) -> None:
    """A profile in which red and blue are swapped shows whether it was gone by."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    swapped = bytes(profile).replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))
    picture = sent(reference_from(saved(halves(), tmp_path / "a.tiff", icc_profile=swapped), cache)).convert("RGB")
    assert is_near(picture.getpixel((4, 10)), BLUE)
    assert "icc_profile" not in picture.info


def test_a_useless_colour_profile_costs_nothing(tmp_path: Path, cache: Path) -> None:
    picture = sent(reference_from(saved(halves(), tmp_path / "a.tiff", icc_profile=b"none" * 40), cache))
    assert is_near(picture.convert("RGB").getpixel((4, 10)), RED)


def test_transparency_is_kept_where_there_is_any(tmp_path: Path, cache: Path) -> None:
    clear = halves().convert("RGBA")
    clear.putpixel((0, 0), (0, 0, 0, 0))
    assert sent(reference_from(saved(clear, tmp_path / "clear.tiff"), cache)).mode == "RGBA"
    opaque = grain(300, 300).convert("RGBA")
    assert reference_from(saved(opaque, tmp_path / "opaque.tiff"), cache).mime == "image/jpeg"


def test_a_drawing_stays_sharp_and_a_photo_becomes_a_jpeg(tmp_path: Path, cache: Path) -> None:
    drawing = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(drawing).text((20, 20), "sharp", fill="black")
    assert reference_from(saved(drawing, tmp_path / "drawing.bmp"), cache).mime == "image/png"
    assert reference_from(saved(grain(400, 300), tmp_path / "photo.bmp"), cache).mime == "image/jpeg"
    grey = Image.effect_noise((400, 300), 60)
    assert reference_from(saved(grey, tmp_path / "grey.bmp"), cache).mime == "image/jpeg"


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "clear.png"])
def test_what_is_too_large_is_brought_within_the_limit_of_every_model(tmp_path: Path, cache: Path, name: str) -> None:
    picture = grain(2000, 1600)
    if name.startswith("clear"):
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    path = saved(picture, tmp_path / name, compress_level=0, quality=100, subsampling=0)
    assert path.stat().st_size > 7_000_000
    reference = reference_from(path, cache)
    assert reference.bytes <= min(model.max_reference_bytes for model in MODELS)
    got = sent(reference)
    assert abs(got.width / got.height - 1.25) < 0.01
    for model in MODELS:
        Request("a fox", model.id, references=(reference,))


def test_more_pixels_than_any_model_looks_at_are_scaled(tmp_path: Path, cache: Path) -> None:
    for name in ("huge.png", "huge.jpg"):
        path = saved(Image.new("L", (9000, 6000), 90), tmp_path / name)
        reference = reference_from(path, cache)
        picture = sent(reference)
        assert picture.width * picture.height <= reference_files.MOST_PIXELS
        assert f"{picture.width}×{picture.height}" in reference.note


def test_a_strip_longer_than_a_jpeg_can_be_is_scaled(tmp_path: Path, cache: Path) -> None:
    path = saved(Image.effect_noise((70_000, 40), 60), tmp_path / "strip.tiff")
    reference = reference_from(path, cache)
    assert (reference.mime, sent(reference).width) == ("image/jpeg", 65_500)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, cache: Path) -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    bomb = png()[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(bomb)
    with pytest.raises(InvalidRequest, match="60000×60000") as told:
        reference_from(tmp_path / "bomb.png", cache)
    assert "200 megapixels" in told.value.detail


def test_a_photo_with_a_film_behind_it_goes_out_without_the_film(tmp_path: Path, cache: Path) -> None:
    stream = io.BytesIO()
    halves().save(stream, "JPEG")
    (tmp_path / "motion.jpg").write_bytes(stream.getvalue() + b"\0" * 100_000)
    assert reference_from(tmp_path / "motion.jpg", cache).bytes < 10_000


def test_heic_goes_out_as_it_is_where_nothing_here_can_open_it(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_files, "_opens_heic", lambda: False)
    head = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    (tmp_path / "small.heic").write_bytes(head + b"\0" * 999)
    (tmp_path / "large.heic").write_bytes(head + b"\0" * 7_000_000)
    reference = reference_from(tmp_path / "small.heic", cache)
    assert (reference.mime, reference.sent) == ("image/heic", tmp_path / "small.heic")
    with pytest.raises(InvalidRequest, match=r"large\.heic is a HEIC picture of 7\.0 MB") as told:
        reference_from(tmp_path / "large.heic", cache)
    assert "JPEG" in told.value.hint


def test_a_prepared_copy_is_made_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(halves(), tmp_path / "a.gif")
    first = reference_from(path, cache)
    monkeypatch.setattr(reference_files, "encoded", None)
    assert reference_from(path, cache) == first
    assert first.sent.parent == cache / "references"
    assert first.sent.name.startswith(first.sha256)
    assert first.sent.parent.stat().st_mode & 0o077 == 0


def test_a_copy_that_was_cleaned_away_is_made_again(tmp_path: Path, cache: Path) -> None:
    reference = reference_from(saved(halves(), tmp_path / "a.gif"), cache)
    before = reference.sent.read_bytes()
    reference.sent.unlink()
    reference.sent.parent.rmdir()
    assert sent_file(reference).read_bytes() == before
    reference.sent.unlink()
    saved(halves(10, 10), tmp_path / "a.gif")
    with pytest.raises(InvalidRequest, match="has changed since it was chosen"):
        sent_file(reference)
    (tmp_path / "a.gif").unlink()
    with pytest.raises(InvalidRequest, match=r"a\.gif: No such file") as told:
        sent_file(reference)
    assert "Choose" in told.value.hint


def test_copies_used_longest_ago_go_first(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_cache, "MOST_BYTES", 2000)
    paths = [reference_cache.keep(cache, f"{number}.png", bytes(900)) for number in range(2)]
    for age, path in enumerate(paths):
        os.utime(path, (age, age))
    assert reference_cache.find(cache, "0") == paths[0]
    third = reference_cache.keep(cache, "2.png", bytes(900))
    assert sorted(cache.iterdir()) == [paths[0], third]
    alone = reference_cache.keep(cache, "3.png", bytes(5000))
    assert list(cache.iterdir()) == [alone]


def test_a_cache_that_cannot_be_written_does_not_stop_anybody(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_text("a file stands in the way")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(reference_cache, "_temporary_folder", lambda: temporary)
    monkeypatch.setattr(reference_cache, "_temporary_folders", lambda: (temporary,))
    path = saved(halves(), tmp_path / "a.gif")
    reference = reference_from(path, cache)
    assert reference.sent.parent == temporary
    assert reference_from(path, cache) == reference
    reference.sent.unlink()
    temporary.rmdir()
    with pytest.raises(DiskError, match="prepared reference"):
        reference_from(path, cache)


def test_metadata_name_the_persons_own_file(tmp_path: Path, cache: Path) -> None:
    path = saved(halves(), tmp_path / "a.gif")
    reference = reference_from(path, cache)
    library = Library(tmp_path / "library")
    kept = library.save(replace(Request("a fox"), references=(reference,)), reply_of([]), proxy="http://h", elapsed=0)
    (told,) = kept.references
    assert (told.file, told.mime) == (str(path), "image/gif")
    assert told.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
