"""``image-gen history`` tells what other programs wrote into the pictures of a folder."""

from support.command import image_gen
from support.foreign_pictures import A1111, saved, utf16


def test_history_tells_prompt_and_model_of_a_picture_that_was_dropped_in(tmp_path):
    folder = tmp_path / "generated_images"
    folder.mkdir()
    (folder / "fox.avif").write_bytes(saved("AVIF", comment=utf16(f"\x1b[31m{A1111}", "be")))
    row = image_gen("history", cwd=tmp_path).lines[0].split("\t")
    assert row[1:] == ["fox.avif", "foxes_v2", "[31ma red fox, deep snow", str(folder / "fox.avif")]
    told = image_gen("history", "--json", cwd=tmp_path).objects[0]
    assert (told["prompt"], told["model"]) == ("\x1b[31ma red fox,\ndeep snow", "foxes_v2")
    assert told["made_with"] == {
        "program": "A1111 or alike",
        "negative_prompt": "blurry, text",
        "seed": "965400086",
        "steps": "28",
        "size": "512×768",
    }
