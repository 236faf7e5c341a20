"""What other programs wrote into their pictures is read from them: prompt, model, settings."""

import json
import struct
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from support.deliveries import chunk, png
from support.foreign_pictures import (
    A1111,
    GRAPH,
    Foreign,
    foreign_pictures,
    saved,
    text,
    utf16,
    with_texts,
    xmp,
)

from tui.domain.generation import Generation, MadeWith
from tui.domain.words import one_line
from tui.library import Library

Keep = Callable[..., Generation]
PICTURES = foreign_pictures()
ENTITY = '<d:description xmlns:d="http://purl.org/dc/elements/1.1/">a &a; --ar 2:3</d:description>'


def dropped(library: Library, data: bytes, name: str = "dropped.png") -> Generation:
    """What the library shows of a file that somebody put there."""
    (library.folder / name).write_bytes(data)
    found = library.load(name)
    assert found is not None
    return found


@pytest.mark.parametrize("picture", PICTURES, ids=[each.name for each in PICTURES])
def test_a_picture_tells_what_its_program_wrote(library: Library, picture: Foreign) -> None:
    found = dropped(library, picture.data, picture.name)
    assert (" ".join(found.prompt.split()), found.model) == (picture.prompt, picture.model)
    assert found.made_with == MadeWith(picture.program, picture.negative, picture.seed, picture.steps, picture.size)
    assert (found.foreign, found.metadata, found.damage) == (True, None, None)
    assert [(image.width, image.height) for image in found.images] == [(33, 21)]


def test_lines_of_a_prompt_stay_lines(library: Library) -> None:
    assert dropped(library, with_texts(text("parameters", A1111))).prompt == "a red fox,\ndeep snow"


def test_a_text_behind_the_pixels_is_found(library: Library) -> None:
    data = png(8, 8)
    found = dropped(library, data[:-12] + text("parameters", A1111) + data[-12:])
    assert found.model == "foxes_v2"


def test_the_prompt_of_a_cut_picture_is_shown(library: Library) -> None:
    assert dropped(library, with_texts(text("parameters", A1111))[:-30]).model == "foxes_v2"


def test_a_prompt_in_any_language_is_read_from_exif(library: Library) -> None:
    words = "雪の中の狐、夕暮れ\nSteps: 20, Seed: 7, Model: 狐モデル"
    for name, order in (("big.jpg", "be"), ("little.webp", "le")):
        found = dropped(library, saved(name[-4:].strip(".").replace("jpg", "jpeg"), comment=utf16(words, order)), name)
        assert (found.prompt, found.model) == ("雪の中の狐、夕暮れ", "狐モデル")


def test_a_photo_and_a_painting_tell_no_prompt(library: Library) -> None:
    photo = saved("JPEG", tags={0x010E: "OLYMPUS DIGITAL CAMERA", 0x0110: "E-M5: III", 0x0131: "darktable 5"})
    assert (dropped(library, photo, "photo.jpg").prompt, dropped(library, photo, "photo.jpg").made_with) == ("", None)
    painting = with_texts(text("Comment", "Created with GIMP"), text("Software", "GIMP"), text("Title", "fox"))
    assert dropped(library, painting).made_with is None


def test_who_is_credited_for_a_picture_without_a_prompt_is_told(library: Library) -> None:
    found = dropped(library, saved("JPEG", xmp=xmp('photoshop:Credit="Made with Google AI">')), "gemini.jpg")
    assert (found.prompt, found.made_with) == ("", MadeWith("Made with Google AI"))


def test_the_words_of_the_last_sampler_are_taken_from_a_graph_of_several(library: Library) -> None:
    """Two passes with other words; of a second picture in the same graph nothing is told."""
    graph = json.loads(json.dumps(GRAPH))
    graph["30"] = {"class_type": "CLIPTextEncode", "inputs": {"text": "a blue whale"}}
    graph["2"] = {"class_type": "KSampler", "inputs": {"positive": ["30", 0], "latent_image": ["5", 0], "steps": 4}}
    graph["31"] = {"class_type": "KSampler", "inputs": {**graph["3"]["inputs"], "latent_image": ["2", 0], "steps": 9}}
    graph["8"]["inputs"]["samples"] = ["31", 0]
    found = dropped(library, with_texts(text("prompt", graph)))
    assert found.prompt == "a red fox,\ndeep snow"
    assert found.made_with is not None
    assert found.made_with.steps == "9"


def test_of_several_passes_with_the_same_words_the_first_is_told(library: Library) -> None:
    """What refines or enlarges has another model, no seed of its own and no size."""
    graph = json.loads(json.dumps(GRAPH))
    graph["30"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "refiner.safetensors"}}
    refined = {"model": ["30", 0], "seed": 0, "steps": 9, "latent_image": ["3", 0]}
    graph["31"] = {"class_type": "KSampler", "inputs": {**graph["3"]["inputs"], **refined}}
    graph["8"]["inputs"]["samples"] = ["31", 0]
    found = dropped(library, with_texts(text("prompt", graph)))
    assert (found.model, found.made_with) == (
        "foxes_v2",
        MadeWith("ComfyUI", "blurry, text", "965400086", "28", "512×768"),
    )


def test_words_for_a_part_of_the_picture_stand_behind_those_for_all_of_it(library: Library) -> None:
    graph = json.loads(json.dumps(GRAPH))
    part = {"text": "an owl", "conditioning_to": ["6", 0], "clip": ["4", 1]}
    graph["40"] = {"class_type": "GLIGENTextBoxApply", "inputs": part}
    graph["3"]["inputs"] |= {"positive": ["40", 0]}
    assert dropped(library, with_texts(text("prompt", graph))).prompt == "a red fox,\ndeep snow\nan owl"


def test_a_graph_with_a_guider_and_one_of_a_service_are_read(library: Library) -> None:
    guided = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {
            "class_type": "SamplerCustomAdvanced",
            "inputs": {"guider": ["3", 0], "sampler": ["8", 0], "noise": ["4", 0], "sigmas": ["5", 0]},
        },
        "3": {"class_type": "BasicGuider", "inputs": {"model": ["6", 0], "conditioning": ["7", 0]}},
        "4": {"class_type": "RandomNoise", "inputs": {"noise_seed": 11}},
        "5": {"class_type": "BasicScheduler", "inputs": {"steps": 20}},
        "6": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1-dev.safetensors"}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox"}},
    }
    found = dropped(library, with_texts(text("prompt", guided)))
    assert (found.prompt, found.model, found.made_with) == (
        "a red fox",
        "flux1-dev",
        MadeWith("ComfyUI", seed="11", steps="20"),
    )
    served = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {
            "class_type": "GeminiImageNode",
            "inputs": {"prompt": "a red fox", "model": "gemini-3-pro-image", "seed": 5},
        },
    }
    found = dropped(library, with_texts(text("prompt", served)), "served.png")
    assert (found.prompt, found.model) == ("a red fox", "gemini-3-pro-image")


def test_a_graph_that_runs_in_circles_ends(library: Library) -> None:
    graph = {
        str(number): {
            "class_type": "ConditioningCombine",
            "inputs": {f"conditioning_{way}": [str((number * way + 1) % 40), 0] for way in range(1, 9)},
        }
        for number in range(40)
    }
    graph["s"] = {"class_type": "KSampler", "inputs": {"positive": ["0", 0], "model": ["0", 0], "seed": 1}}
    assert dropped(library, with_texts(text("prompt", graph))).prompt == ""


def test_what_a_picture_told_is_kept_when_it_is_starred(library: Library) -> None:
    found = dropped(library, with_texts(text("parameters", A1111)))
    starred = library.set_starred(found, True)
    assert starred.user.starred
    assert starred.metadata is not None
    assert (starred.prompt, starred.model, starred.made_with) == (found.prompt, found.model, found.made_with)
    (library.folder / "dropped.png").write_bytes(png())
    again = library.load("dropped.png")
    assert again is not None
    assert (again.prompt, again.model, again.made_with) == (found.prompt, found.model, found.made_with)


def test_a_star_given_before_the_texts_were_read_does_not_hide_them(library: Library) -> None:
    document = {"schema": 1, "id": "dropped.png", "prompt": "", "images": [], "user": {"starred": True}}
    (library.folder / "metadata_dropped.png.json").write_text(json.dumps(document))
    found = dropped(library, with_texts(text("parameters", A1111)))
    assert (found.model, found.user.starred, found.foreign) == ("foxes_v2", True, True)


def test_metadata_with_a_prompt_go_before_what_the_picture_says(library: Library) -> None:
    (library.folder / "metadata_20260101_120000.json").write_text('{"prompt": "a castle"}')
    (library.folder / "image_20260101_120000_0.png").write_bytes(with_texts(text("parameters", A1111)))
    found = library.load("20260101_120000")
    assert found is not None
    assert (found.prompt, found.model, found.made_with) == ("a castle", "", None)


@pytest.mark.parametrize("name", [None, "holiday.png"])
def test_our_own_picture_tells_all_of_itself_when_its_metadata_file_is_gone(
    library: Library, keep: Keep, name: str | None
) -> None:
    kept = keep("a red fox", data=with_texts(text("parameters", "what was there before")))
    assert kept.metadata is not None
    kept.metadata.unlink()
    if name is not None:
        kept.images[0].path.rename(library.folder / name)
    found = library.load(name or kept.stem)
    assert found is not None
    assert (found.id, found.prompt, found.model, found.reply) == (kept.id, kept.prompt, kept.model, kept.reply)
    assert (found.made_with, found.foreign, found.created_at) == (None, name is not None, kept.created_at)


@pytest.mark.parametrize(
    "chunks",
    [
        [text("parameters", "x" * 30_000_000, "zTXt")],
        [text("parameters", "x" * 1_100_000)],
        [text("parameters", A1111)[:-1] + b"\0"],
        [text("prompt", "[" * 200_000)],
        [text("prompt", '{"a":' * 100_000)],
        [text("parameters", '{"sui_image_params": {"prompt": 7, "seed": ' + "9" * 5000 + "}}")],
        [chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + b"\x01\x0e\0\x02\0\0\xff\xff\xff\xff\xff\xff" * 99)],
        [chunk(b"iTXt", b"parameters\0\0")],
        [text("XML:com.adobe.xmp", f'<!DOCTYPE x [<!ENTITY a "fox">]>{ENTITY}', "iTXt")],
    ],
    ids=["bomb", "long", "checksum", "deep", "open", "number", "exif", "short", "entity"],
)
def test_what_is_damaged_or_without_measure_is_no_text(library: Library, chunks: list[bytes]) -> None:
    found = dropped(library, with_texts(*chunks))
    assert (found.prompt, found.model, found.damage) == ("", "", None)
    assert found.images[0].width == 33


@pytest.mark.parametrize(
    "useless",
    [[text("parameters", "x" * 2_000_000, "zTXt")] * 200, [text("prompt", "x" * 1_000_000)[:-1] + b"\0"] * 5],
    ids=["packed", "damaged"],
)
def test_texts_without_end_are_not_all_read(library: Library, useless: list[bytes]) -> None:
    """Each is refused only once it is unpacked; what stands behind so many of them is not looked for."""
    late = text("parameters", f"{'x' * 300_000} {A1111}")
    assert dropped(library, with_texts(*useless, late)).prompt == ""
    assert dropped(library, with_texts(*useless[:2], late)).model == "foxes_v2"


def test_a_text_that_grows_beyond_measure_is_not_unpacked(library: Library) -> None:
    bomb = with_texts(text("parameters", "x" * 20_000_000, "zTXt"))
    tracemalloc.start()
    try:
        dropped(library, bomb)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_exif_of_webp_stands_behind_a_chunk_of_odd_length(library: Library) -> None:
    webp = saved("WEBP", comment=utf16(A1111, "be"))
    odd = webp[:12] + b"junk\x03\0\0\0abc\0" + webp[12:]
    assert dropped(library, odd, "odd.webp").model == "foxes_v2"


def test_control_characters_stay_out_of_what_is_shown(library: Library) -> None:
    found = dropped(library, with_texts(text("parameters", f"\x1b]0;owned\x07{A1111}")))
    assert "\x1b" in found.prompt
    assert one_line(found.prompt) == "]0;owneda red fox, deep snow"


def test_a_png_of_a_thousand_parts_is_read_up_to_its_texts(library: Library) -> None:
    rows = zlib.compress(b"\0" * 34 * 21, 0)
    header = struct.pack(">IIBBBBB", 33, 21, 8, 0, 0, 0, 0)
    parts = b"".join(chunk(b"IDAT", rows[at : at + 1]) for at in range(len(rows)))
    data = png()[:8] + chunk(b"IHDR", header) + parts + text("parameters", A1111) + chunk(b"IEND", b"")
    assert dropped(library, data).model == "foxes_v2"


def test_a_folder_of_all_of_them_is_one_page(library: Library) -> None:
    for each in PICTURES:
        (library.folder / each.name).write_bytes(each.data)
    page = library.page()
    assert page.total == len(PICTURES)
    assert all(each.prompt and each.foreign for each in page.generations)
