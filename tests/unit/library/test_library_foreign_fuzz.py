"""Whatever stands in a picture's texts, or is left of them, a row is shown and nothing breaks."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deliveries import chunk
from support.foreign_pictures import GRAPH, WORKFLOW, Foreign, foreign_pictures, saved, text, with_texts

from tui.library import Library
from tui.library.foreign import ForeignFacts, facts_of
from tui.library.picture_texts import WANTED, read_carried
from tui.library.texts import TEXT_LIMIT, TOTAL_LIMIT

PICTURES = foreign_pictures()
QUICK = settings(max_examples=60, deadline=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = sorted({*WANTED, "UserComment", "ImageDescription", "Make", "Model", "Credit", "AISystemUsed"})
MEMBERS = [
    *("sui_image_params", "prompt", "negativeprompt", "model", "seed", "steps", "width", "height", "base_model", "c"),
    *("uc", "size", "resolution", "positive_prompt", "image", "model_weights", "v4_prompt", "caption", "char_captions"),
    *("base_caption", "char_caption", "nodes", "links", "class_type", "inputs", "name", "link", "widgets_values"),
]
LINKS = st.tuples(st.sampled_from("01234567"), st.integers(0, 2)).map(list)
INPUTS = st.dictionaries(
    st.sampled_from(["positive", "negative", "model", "text", "seed", "guider", "latent_image", "noise", "any_01"]),
    LINKS | JSON,
    max_size=5,
)
GRAPHS = st.dictionaries(
    st.sampled_from("01234567"),
    st.fixed_dictionaries(
        {"class_type": st.sampled_from(["KSampler", "SaveImage", "CLIPTextEncode", "Reroute"]) | JSON, "inputs": INPUTS}
    )
    | JSON,
)
TOLD = st.recursive(
    JSON, lambda inner: st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4) | st.lists(inner, max_size=3)
)


def assert_sound(found: ForeignFacts | None) -> None:
    """All of it is text, of a bounded length."""
    if found is not None:
        told = found.made_with
        for words in (found.prompt, found.model, told.program, told.negative_prompt, told.words):
            assert isinstance(words, str)
            assert len(words) <= 100_000


def assert_shown(library: Library, name: str) -> None:
    shown = library.load(name)
    assert shown is not None
    for words in (shown.prompt, shown.model, *((shown.made_with.words,) if shown.made_with else ())):
        words.encode()


@given(data=st.data(), picture=st.sampled_from(PICTURES))
@QUICK
def test_any_damage_leaves_a_row(library: Library, data: st.DataObject, picture: Foreign) -> None:
    damaged = bytearray(picture.data)
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
        damaged[place] = data.draw(st.integers(0, 255))
    (library.folder / picture.name).write_bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    assert_shown(library, picture.name)


@given(texts=st.dictionaries(st.sampled_from(NAMES), TOLD.map(json.dumps) | GRAPHS.map(json.dumps) | st.text()))
@QUICK
def test_any_text_under_any_keyword_tells_something_or_nothing(texts: dict[str, str]) -> None:
    assert_sound(facts_of(texts))


@given(graph=GRAPHS, keyword=st.sampled_from(["prompt", "workflow"]))
@QUICK
def test_any_graph_ends(library: Library, graph: object, keyword: str) -> None:
    (library.folder / "graph.png").write_bytes(with_texts(text(keyword, json.dumps(graph))))
    assert_shown(library, "graph.png")


@given(data=st.data(), whole=st.sampled_from([GRAPH, WORKFLOW]))
@QUICK
def test_any_damage_to_a_graph_leaves_a_row(library: Library, data: st.DataObject, whole: dict[str, object]) -> None:
    words = json.dumps(whole)
    place = data.draw(st.integers(0, len(words)))
    words = words[:place] + data.draw(st.text(max_size=5)) + words[place + data.draw(st.integers(0, 9)) :]
    (library.folder / "graph.png").write_bytes(with_texts(text("prompt", words), text("workflow", words)))
    assert_shown(library, "graph.png")


@given(block=st.binary(max_size=120), order=st.sampled_from([b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0", b""]))
@QUICK
def test_any_bytes_can_be_exif_or_xmp(library: Library, block: bytes, order: bytes) -> None:
    packet = b"XML:com.adobe.xmp\0\0\0\0\0<x xmlns:exif='http://ns.adobe.com/exif/1.0/'><exif:UserComment>" + block
    (library.folder / "any.png").write_bytes(with_texts(chunk(b"eXIf", order + block), chunk(b"iTXt", packet)))
    assert_shown(library, "any.png")


HOSTILE = {
    "settings": f"x\nSteps: 1, {'a' * 900_000}",
    "spaces": f"x\nSteps: 1,{' ' * 900_000}",
    "quotes": "x\nSteps: 1, " + 'a:"' * 300_000,
    "brackets": "[" * 900_000,
    "dream": '"' * 900_000,
    "job": f"a --v 6 {' ' * 900_000}Job ID",
    "source": f"{' ' * 500_000}x{' 0123ABCD' * 40_000}",
    "sizes": f"x\nSteps: 1, Size: {'9' * 900_000}",
    "negative": "Negative prompt:\n" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_made_to_take_long_do_not(name: str) -> None:
    words, begun = HOSTILE[name], time.process_time()
    for keyword in ("parameters", "Dream", "Description", "prompt", "UserComment"):
        assert_sound(facts_of({keyword: words, "Source": words, "Software": "NovelAI"}))
        assert_sound(facts_of({"sd-metadata": json.dumps({"image": {"prompt": words}}), keyword: words}))
    assert time.process_time() - begun < 2


def test_what_is_kept_of_one_picture_is_bounded(tmp_path: Path) -> None:
    """Every keyword there is, each packed and as long as it may be, in PNG and then in EXIF."""
    words = "x" * (TEXT_LIMIT - 1)
    (tmp_path / "full.png").write_bytes(with_texts(*(text(name, words, "zTXt") for name in sorted(WANTED))))
    tags = {0x010E: words, 0x010F: words, 0x0110: words, 0x0131: words, 0x9286: words}
    (tmp_path / "full.webp").write_bytes(saved("WEBP", tags=tags))
    for name in ("full.png", "full.webp"):
        texts = read_carried(tmp_path / name).texts
        assert sum(len(each) for each in texts.values()) <= TOTAL_LIMIT
