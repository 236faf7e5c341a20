"""Copies in other places and other types."""

import hashlib
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from support.deliveries import png, received, reply_of

from tui.domain.errors import DiskError
from tui.domain.generation import Generation, ImageFile
from tui.domain.request import Request
from tui.library import Library

Keep = Callable[..., Generation]
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ENDINGS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}


def encoded(picture: Image.Image, format: str, **more: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **more)
    return buffer.getvalue()


def image_file(path: Path, data: bytes, mime: str) -> ImageFile:
    path.write_bytes(data)
    return ImageFile(path, mime, 1, 1, len(data))


def test_as_delivered_is_the_same_bytes(library: Library, keep: Keep, tmp_path: Path) -> None:
    image = keep().images[0]
    assert library.export(image, tmp_path / "out.dat") == tmp_path / "out.dat"
    assert (tmp_path / "out.dat").read_bytes() == image.path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["library", "out.dat"]


def test_a_file_that_is_there_is_replaced_in_one_step(library: Library, keep: Keep, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"old")
    os.link(target, tmp_path / "second name")
    image = keep().images[0]
    library.export(image, target)
    assert target.read_bytes() == image.path.read_bytes()
    assert (tmp_path / "second name").read_bytes() == b"old"


def test_a_folder_gets_the_picture_under_its_own_name(library: Library, keep: Keep, tmp_path: Path) -> None:
    image = keep().images[0]
    assert library.export(image, tmp_path) == tmp_path / image.path.name
    assert library.export(image, tmp_path, "webp") == tmp_path / f"{image.path.stem}.webp"


def test_a_symbolic_link_stays_one(library: Library, keep: Keep, tmp_path: Path) -> None:
    real, link = tmp_path / "real.png", tmp_path / "link.png"
    real.write_bytes(b"old")
    link.symlink_to(real)
    image = keep().images[0]
    assert library.export(image, link) == link
    assert link.is_symlink()
    assert real.read_bytes() == image.path.read_bytes()


def test_a_pipe_is_written_into_and_stays_a_pipe(library: Library, keep: Keep, tmp_path: Path) -> None:
    image = keep().images[0]
    os.mkfifo(tmp_path / "pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    library.export(image, tmp_path / "pipe")
    reader.join()
    assert got == [image.path.read_bytes()]
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP"])
def test_every_type_becomes_every_other(library: Library, tmp_path: Path, source: str, format: str) -> None:
    picture = Image.radial_gradient("L").convert("RGB").resize((40, 20))
    image = image_file(tmp_path / "in", encoded(picture, source, quality=95), f"image/{source.lower()}")
    target = library.export(image, tmp_path / "out", format)
    with Image.open(target) as opened:
        assert opened.format == format.upper()
        assert opened.size == (40, 20)
        difference = abs(opened.convert("RGB").getpixel((20, 10))[0] - picture.getpixel((20, 10))[0])
    assert difference <= 12
    assert (target.read_bytes() == image.path.read_bytes()) == (source == format.upper())


def test_what_shines_through_is_white_in_a_jpeg(library: Library, tmp_path: Path) -> None:
    for mode, clear in (("RGBA", (255, 0, 0, 0)), ("LA", (0, 0))):
        image = image_file(tmp_path / "in", encoded(Image.new(mode, (16, 16), clear), "PNG"), "image/png")
        with Image.open(library.export(image, tmp_path / "out.jpg", "jpeg")) as opened:
            assert opened.convert("RGB").getpixel((8, 8)) == (255, 255, 255)


def test_a_clear_colour_of_a_palette_is_white_in_a_jpeg(library: Library, tmp_path: Path) -> None:
    picture = Image.new("P", (16, 16), 0)
    picture.putpalette([200, 0, 0])
    image = image_file(tmp_path / "in", encoded(picture, "PNG", transparency=0), "image/png")
    with Image.open(library.export(image, tmp_path / "out.jpg", "jpeg")) as opened:
        assert opened.getpixel((8, 8)) == (255, 255, 255)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_the_colour_profile_is_kept(library: Library, tmp_path: Path, format: str) -> None:
    other = "PNG" if format != "png" else "JPEG"
    data = encoded(Image.new("RGB", (9, 9), "red"), other, icc_profile=PROFILE)
    image = image_file(tmp_path / "in", data, f"image/{other.lower()}")
    with Image.open(library.export(image, tmp_path / "out", format)) as opened:
        assert opened.info["icc_profile"] == PROFILE


def test_a_profile_that_no_longer_fits_is_left_out(library: Library, tmp_path: Path) -> None:
    data = encoded(Image.new("CMYK", (9, 9)), "JPEG", icc_profile=PROFILE)
    image = image_file(tmp_path / "in", data, "image/jpeg")
    with Image.open(library.export(image, tmp_path / "out", "png")) as opened:
        assert opened.mode == "RGB"
        assert "icc_profile" not in opened.info


def test_a_picture_that_lies_on_its_side_is_turned(library: Library, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (30, 10)), "JPEG", exif=exif)
    image = image_file(tmp_path / "in", data, "image/jpeg")
    with Image.open(library.export(image, tmp_path / "out", "png")) as opened:
        assert opened.size == (10, 30)
        assert opened.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("format", ["jpeg", "webp"])
def test_every_kind_of_png_can_be_converted(library: Library, tmp_path: Path, mode: str, format: str) -> None:
    image = image_file(tmp_path / "in", encoded(Image.new(mode, (12, 8)), "PNG"), "image/png")
    with Image.open(library.export(image, tmp_path / "out", format)) as opened:
        opened.load()
        assert opened.size == (12, 8)


@pytest.mark.parametrize("data", [b"", b"no picture", png()[:50], png(200_000, 2_000)[:60]])
def test_what_cannot_be_converted_is_an_error_and_leaves_nothing(library: Library, tmp_path: Path, data: bytes) -> None:
    image = image_file(tmp_path / "in", data, "image/png")
    with pytest.raises(DiskError):
        library.export(image, tmp_path / "out.jpg", "jpeg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "library"]


def test_a_target_that_cannot_be_is_an_error(library: Library, keep: Keep, tmp_path: Path) -> None:
    image = keep().images[0]
    for target in (tmp_path / "none" / "out.png", image.path / "out.png", tmp_path / ("x" * 300)):
        with pytest.raises(DiskError) as told:
            library.export(image, target)
        assert told.value.detail


def test_a_source_that_is_gone_is_an_error_and_the_target_stays(library: Library, keep: Keep, tmp_path: Path) -> None:
    image = keep().images[0]
    (tmp_path / "out.png").write_bytes(b"old")
    image.path.unlink()
    with pytest.raises(DiskError, match="No such file"):
        library.export(image, tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes() == b"old"


def test_a_copy_beside_the_picture(library: Library, keep: Keep) -> None:
    saved = keep(data=encoded(Image.new("RGB", (32, 16), "red"), "PNG"))
    delivered = saved.images[0].path.read_bytes()
    converted = library.convert(saved, "jpeg")
    assert converted == library.load(saved.stem)
    first, copy = converted.images
    assert first == saved.images[0]
    assert first.path.read_bytes() == delivered
    assert copy.path.name == saved.images[0].path.name.replace("_0.png", "_1.jpg")
    assert (copy.role, copy.mime, copy.width, copy.height) == ("copy", "image/jpeg", 32, 16)
    assert copy.bytes == copy.path.stat().st_size
    assert copy.sha256 == hashlib.sha256(copy.path.read_bytes()).hexdigest()
    assert converted.final_image == first
    assert converted.user == saved.user


def test_a_copy_of_that_type_is_made_once(library: Library, keep: Keep) -> None:
    saved = keep()
    assert library.convert(saved, "png") == saved
    assert library.convert(saved, "as-delivered") == saved
    converted = library.convert(saved, "webp")
    assert library.convert(saved, "webp") == converted
    assert library.convert(converted, "webp") == converted


def test_a_number_that_is_taken_is_passed_over(library: Library, keep: Keep) -> None:
    saved = keep()
    taken = library.folder / saved.images[0].path.name.replace("_0.png", "_1.jpg")
    taken.symlink_to("nowhere")
    converted = library.convert(saved, "jpeg")
    assert converted.images[-1].path.name.endswith("_2.jpg")
    assert taken.is_symlink()


def test_a_copy_of_a_foreign_picture_stays_with_it(library: Library) -> None:
    (library.folder / "cat.png").write_bytes(png())
    found = library.load("cat.png")
    assert found is not None
    converted = library.convert(found, "webp")
    assert [image.path.name for image in converted.images] == ["cat.png", "image_cat.png_1.webp"]
    assert converted.final_image == converted.images[0]
    assert library.page().generations == (converted,)


def test_a_picture_that_cannot_be_converted_leaves_the_library_as_it_was(library: Library) -> None:
    image = received(library.spool(), b"no picture", mime="image/webp")
    saved = library.save(Request("a fox"), reply_of([image]), proxy="http://h", elapsed=0)
    before = {path.name for path in library.folder.iterdir()}
    with pytest.raises(DiskError, match="cannot be converted"):
        library.convert(saved, "png")
    assert {path.name for path in library.folder.iterdir()} == before
    assert library.load(saved.stem) == saved


def test_an_unknown_format_is_a_mistake_of_the_caller(library: Library, keep: Keep, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="as-delivered png jpeg webp"):
        library.export(keep().images[0], tmp_path / "out", "bmp")
