"""Everything that the table of models offers goes out in the model's spelling; what it does not is refused before."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tui.domain.errors import InvalidRequest
from tui.domain.options import ASPECT_RATIOS, IMAGE_SIZES, MODELS, ImageModel
from tui.domain.request import Reference, Request
from tui.engine.wire import Payload
from tui.library import reference_from

VERTEX_REQUEST_LIMIT = 500_000_000
"""Bytes of a whole request (Vertex AI, November 2026); no other provider tells one."""


async def sent(request: Request) -> bytes:
    payload = Payload(request)
    body = b"".join([piece async for piece in payload])
    assert len(body) == payload.length
    return body


def gif(folder: Path) -> Path:
    path = folder / "fox.gif"
    Image.new("RGB", (40, 20), "red").save(path)
    return path


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_each_ratio_and_size_of_a_model_goes_out_as_it_spells_them(model: ImageModel) -> None:
    for ratio in model.ratios:
        for size in model.sizes:
            body = json.loads(await sent(Request("x", model.id, f" {ratio}", size.lower())))
            assert body["image_config"] == {"aspect_ratio": ratio, "image_size": size}
            assert body["model"] == model.id


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_a_ratio_or_size_that_a_model_lacks_is_refused_with_those_it_has(model: ImageModel) -> None:
    for ratio in set(ASPECT_RATIOS) - set(model.ratios):
        with pytest.raises(InvalidRequest) as told:
            Request("x", model.id, ratio)
        assert all(each in told.value.hint for each in model.ratios)
    for size in set(IMAGE_SIZES) - set(model.sizes):
        with pytest.raises(InvalidRequest) as told:
            Request("x", model.id, image_size=size)
        assert all(each in told.value.hint for each in model.sizes)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_number_and_bytes_of_references_are_checked_with_what_is_allowed(model: ImageModel) -> None:
    fox = Reference(Path("/fox.png"), "image/png", model.max_reference_bytes, "")
    Request("x", model.id, references=(fox,) * model.max_references)
    with pytest.raises(InvalidRequest, match=f"up to {model.max_references} references"):
        Request("x", model.id, references=(fox,) * (model.max_references + 1))
    with pytest.raises(InvalidRequest, match=r"fox\.png has 7\.0 MB") as told:
        Request("x", model.id, references=(replace(fox, bytes=fox.bytes + 1),))
    assert "7 MB a picture" in told.value.hint


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_as_many_references_as_allowed_stay_within_a_whole_requests_limit(model: ImageModel) -> None:
    fox = Reference(Path("/fox.png"), "image/png", model.max_reference_bytes, "")
    request = Request("x", model.id, references=(fox,) * model.max_references)
    assert Payload(request).length < VERTEX_REQUEST_LIMIT


async def test_of_a_prepared_reference_the_copy_goes_out_under_its_own_type(tmp_path: Path) -> None:
    reference = reference_from(gif(tmp_path), tmp_path / "cache")
    body = json.loads(await sent(Request("x", references=(reference,))))
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    assert url == f"data:image/png;base64,{base64.b64encode(reference.sent.read_bytes()).decode()}"


async def test_a_copy_that_was_cleaned_away_goes_out_all_the_same(tmp_path: Path) -> None:
    reference = reference_from(gif(tmp_path), tmp_path / "cache")
    first = await sent(Request("x", references=(reference,)))
    reference.sent.unlink()
    assert await sent(Request("x", references=(reference,))) == first


async def test_where_copy_and_file_are_gone_nothing_is_sent_and_the_way_out_is_said(tmp_path: Path) -> None:
    reference = reference_from(gif(tmp_path), tmp_path / "cache")
    reference.sent.unlink()
    reference.path.unlink()
    with pytest.raises(InvalidRequest) as told:
        await sent(Request("x", references=(reference,)))
    assert "fox.gif" in told.value.detail
    assert "again" in told.value.hint
