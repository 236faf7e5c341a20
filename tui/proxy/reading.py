"""What a chat request asks for, read as forgivingly as CLIProxyAPI reads it."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_MODEL: Final = re.compile(r'"model"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)')
_CONTENT: Final = re.compile(r'"(?:content|text)"\s*:\s*("(?:[^"\\]|\\.)*")')
_SUFFIX: Final = re.compile(r"\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A chat request as far as a painter cares.

    ``named`` is the model as written, ``model`` without spaces and thinking suffix. ``references`` are the
    bytes of the inline pictures, None for one whose base64 is damaged. ``aspect_ratio`` and ``image_size``
    are None where not said; their values are not judged here.
    """

    named: str
    prompt: str = ""
    aspect_ratio: str | None = None
    image_size: str | None = None
    references: tuple[bytes | None, ...] = ()
    stream: bool = False
    wants_images: bool = True
    candidates: int = 1
    seed: int | None = None

    @property
    def model(self) -> str:
        """The id to look up."""
        return _SUFFIX.sub("", self.named.strip()).strip()


def read_chat(body: bytes) -> Asked:
    """What ``body`` asks for; never raises. Damaged JSON is read as far as it goes."""
    text = body.decode("utf-8", "replace")
    tree = _parsed(text)
    if tree is None:
        return _salvaged(text)
    if not isinstance(tree, dict):
        return Asked("")
    config = tree.get("image_config")
    options = config if isinstance(config, dict) else {}
    generation = tree.get("generationConfig")
    seed = generation.get("seed") if isinstance(generation, dict) else None
    prompt, references = _conversation(tree.get("messages"))
    count = tree.get("n")
    return Asked(
        named=_name(tree.get("model")),
        prompt=prompt,
        aspect_ratio=_text(options.get("aspect_ratio")),
        image_size=_text(options.get("image_size")),
        references=references,
        stream=tree.get("stream") is True,
        wants_images=_wants_images(tree.get("modalities")),
        candidates=count if isinstance(count, int) and not isinstance(count, bool) else 1,
        seed=seed if isinstance(seed, int) else None,
    )


def is_json(body: bytes) -> bool:
    """Whether ``body`` is one whole JSON value."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def read_images_request(body: bytes) -> tuple[str, str]:
    """Model and prompt of a request to ``/v1/images``; ``gpt-image-2`` where no model is named."""
    tree = json.loads(body)
    fields = tree if isinstance(tree, dict) else {}
    return _text(fields.get("model")) or "gpt-image-2", _text(fields.get("prompt")) or ""


def _parsed(text: str) -> Any:
    """The first JSON value in ``text``, rubbish behind it ignored; None where there is none."""
    try:
        return json.JSONDecoder().raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None


def _salvaged(text: str) -> Asked:
    """What stands before the damage."""
    model = _MODEL.search(text)
    if model is None or not text.lstrip().startswith("{"):
        return Asked("")
    words = _CONTENT.findall(text)
    return Asked(_name(json.loads(model.group(1))), prompt=json.loads(words[-1], strict=False) if words else "")


def _name(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _wants_images(modalities: object) -> bool:
    if not isinstance(modalities, list) or not modalities:
        return True
    return any(isinstance(each, str) and each.lower() == "image" for each in modalities)


def _conversation(messages: object) -> tuple[str, tuple[bytes | None, ...]]:
    """The words and pictures of the last turn of a user, of the system where nobody else spoke."""
    turns = [turn for turn in messages if isinstance(turn, dict)] if isinstance(messages, list) else []
    spoken = [turn for turn in turns if turn.get("role") == "user"] or turns
    if not spoken:
        return "", ()
    content = spoken[-1].get("content")
    if isinstance(content, str):
        return content, ()
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    words = [part["text"] for part in parts if isinstance(part.get("text"), str) and part["text"]]
    return " ".join(words), tuple(_pictures(parts))


def _pictures(parts: list[dict[str, Any]]) -> Iterator[bytes | None]:
    """Inline pictures only: an ``http`` address or a bare string is dropped without a word."""
    for part in parts:
        address = _address(part)
        if address is None or address[:5].lower() != "data:" or ";" not in address:
            continue
        data = address.partition(";")[2][len("base64,") :]
        try:
            yield base64.b64decode(data, validate=True)
        except binascii.Error:
            yield None


def _address(part: Mapping[str, Any]) -> str | None:
    if part.get("type") == "image_url" and isinstance(part.get("image_url"), dict):
        return _text(part["image_url"].get("url"))
    if part.get("type") == "file" and isinstance(part.get("file"), dict):
        return _text(part["file"].get("file_data"))
    return None
