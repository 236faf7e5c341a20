"""A request is read as forgivingly as the real proxy reads it, whatever the bytes."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from tui.proxy.reading import read_chat

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = ("model", "messages", "modalities", "image_config", "stream", "n", "generationConfig")


@given(st.binary(max_size=400))
def test_no_bytes_are_too_damaged(body: bytes) -> None:
    assert isinstance(read_chat(body).model, str)


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_no_value_is_of_a_wrong_type(body: dict[str, object]) -> None:
    asked = read_chat(json.dumps(body).encode())
    assert asked.stream is (body.get("stream") is True)


@given(st.text(min_size=1), st.lists(st.binary(max_size=40), max_size=3))
def test_words_and_references_come_through(prompt: str, pictures: list[bytes]) -> None:
    parts: list[object] = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(data).decode()}"}}
        for data in pictures
    ]
    parts.append({"type": "text", "text": prompt})
    body = {"model": "m", "messages": [{"role": "user", "content": parts}]}
    asked = read_chat(json.dumps(body).encode())
    assert asked.prompt == prompt.encode("utf-8", "replace").decode() or asked.prompt == prompt
    assert asked.references == tuple(pictures)


@given(st.integers(min_value=1, max_value=200))
def test_a_body_cut_behind_the_model_still_names_it(length: int) -> None:
    whole = b'{"model":"gemini-3-pro-image","messages":[{"role":"user","content":"' + b"a fox " * 40
    head = len(b'{"model":"gemini-3-pro-image"')
    assert read_chat(whole[: head + length]).model == "gemini-3-pro-image"


def test_a_thinking_suffix_and_spaces_are_no_part_of_the_model() -> None:
    asked = read_chat(b'{"model":" gemini-3-pro-image(high) "}')
    assert (asked.model, asked.named) == ("gemini-3-pro-image", " gemini-3-pro-image(high) ")


def test_the_last_turn_of_the_user_is_what_is_painted() -> None:
    turns = [
        {"role": "user", "content": "a fox"},
        {"role": "assistant", "content": "here"},
        {"role": "user", "content": "a bear"},
    ]
    assert read_chat(json.dumps({"model": "m", "messages": turns}).encode()).prompt == "a bear"


def test_a_reference_with_a_charset_is_mangled_as_the_real_one_mangles_it() -> None:
    url = "data:image/png;charset=x;base64,AAAA"
    content = [{"type": "image_url", "image_url": {"url": url}}]
    body = {"model": "m", "messages": [{"role": "user", "content": content}]}
    assert read_chat(json.dumps(body).encode()).references == (None,)
