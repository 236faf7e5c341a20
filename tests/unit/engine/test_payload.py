"""What is sent is what the contract says, byte for byte, whatever the prompt and the references."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.errors import InvalidRequest
from tui.domain.request import Reference, Request
from tui.engine.wire import Payload


def reference(folder: Path, name: str, data: bytes, mime: str = "image/png") -> Reference:
    path = folder / name
    path.write_bytes(data)
    return Reference(path, mime, len(data), hashlib.sha256(data).hexdigest())


async def sent(request: Request) -> bytes:
    payload = Payload(request)
    body = b"".join([piece async for piece in payload])
    assert len(body) == payload.length
    return body


async def test_a_plain_request_has_these_members_and_no_others() -> None:
    body = await sent(Request("a red fox"))
    assert body == (
        b'{"model":"gemini-3-pro-image-preview","messages":[{"role":"user","content":"a red fox"}],'
        b'"modalities":["image","text"],"image_config":{"aspect_ratio":"1:1","image_size":"1K"}}'
    )


async def test_options_go_out_in_the_models_spelling() -> None:
    request = Request("x", model="gemini-3.1-flash-image", aspect_ratio="8:1", image_size="0.5k")
    body = json.loads(await sent(request))
    assert body["model"] == "gemini-3.1-flash-image"
    assert body["image_config"] == {"aspect_ratio": "8:1", "image_size": "512"}


async def test_references_stand_before_the_words(tmp_path: Path) -> None:
    first, second = bytes(range(256)) * 4000, b"\xff\xd8\xff"
    references = (reference(tmp_path, "a.png", first), reference(tmp_path, "b.jpg", second, "image/jpeg"))
    body = json.loads(await sent(Request('more snow;base64,"', references=references)))
    assert set(body) == {"model", "messages", "modalities", "image_config"}
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {
                    "type": "image_url",
                    "image_url": {"url": f"data:image/png;base64,{base64.b64encode(first).decode()}"},
                },
                {
                    "type": "image_url",
                    "image_url": {"url": f"data:image/jpeg;base64,{base64.b64encode(second).decode()}"},
                },
                {"type": "text", "text": 'more snow;base64,"'},
            ],
        }
    ]


async def test_a_large_reference_goes_out_in_pieces(tmp_path: Path) -> None:
    large = reference(tmp_path, "a.png", b"x" * 7_000_000)
    pieces = [len(piece) async for piece in Payload(Request("x", references=(large,)))]
    assert max(pieces) <= 1024 * 1024
    assert sum(pieces) > 9_000_000


@given(st.text(min_size=1).filter(lambda text: text.strip()))
async def test_any_prompt_arrives_as_it_is(prompt: str) -> None:
    assert json.loads(await sent(Request(prompt)))["messages"][0]["content"] == prompt


async def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert json.loads(await sent(Request("a\ud800b")))["messages"][0]["content"] == "a\ufffdb"


@pytest.mark.parametrize("change", ["longer", "shorter", "gone"])
async def test_a_reference_that_changed_is_not_sent(change: str, tmp_path: Path) -> None:
    chosen = reference(tmp_path, "a.png", b"x" * 1000)
    if change == "gone":
        chosen.path.unlink()
    else:
        chosen.path.write_bytes(b"x" * (1001 if change == "longer" else 999))
    with pytest.raises(InvalidRequest) as caught:
        await sent(Request("x", references=(chosen,)))
    assert "a.png" in caught.value.detail
    assert caught.value.hint
