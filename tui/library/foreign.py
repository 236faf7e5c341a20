"""What other programs tell in their pictures: prompt, model and settings from the texts they leave there.

Sources, each program's own code or a file of it: A1111 ``modules/infotext_utils.py``; Fooocus
``modules/meta_parser.py``; InvokeAI ``image_files_disk.py`` (``invokeai_metadata``; before 3.0
``sd-metadata`` and ``Dream``); SwarmUI ``Utils/Image.cs`` (``sui_image_params``, in EXIF as UserComment,
once as Model); ComfyUI ``comfy_api/latest/_ui.py``; NovelAI and Midjourney by files of theirs, Draw Things by
the reader of stable-diffusion-prompt-reader; IPTC photo metadata 2025.1.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tui.domain.generation import MadeWith
from tui.library.comfy import graph_facts

_MAX_PROMPT: Final = 100_000
_MAX_NAME: Final = 200
_MAX_SETTINGS: Final = 10_000
_SETTINGS: Final = re.compile(r"^Steps: *\d", re.MULTILINE)
_SETTING: Final = re.compile(r'(\w[\w \-/]{0,60}): ?("(?:\\.|[^\\"]){0,4000}"|[^,]*)(?:,|$)')
_SIZE: Final = re.compile(r"(\d{1,6}) ?[x×] ?(\d{1,6})")
_NEGATIVE: Final = re.compile(r"^Negative prompt:", re.MULTILINE)
_MODEL_ENDING: Final = re.compile(r"\.(?:safetensors|ckpt|gguf|sft|pth?|bin|onnx)$", re.IGNORECASE)
_TRAILING_HASH: Final = re.compile(r"\s+[0-9A-F]{8}$")
_JOB: Final = "Job ID:"
_MIDJOURNEY: Final = re.compile(r"\s--(?:ar|aspect|v|version|niji|stylize|chaos|raw|style|weird|seed)\b")
_MIDJOURNEY_VERSION: Final = re.compile(r"\s--(?:v|version|(niji)) +([\d.]+)")
_JSON: Final = re.compile(r"[{\[]\s{0,40}[{\[\"]")
_DREAM: Final = re.compile(r'"(.*)"(.*)', re.DOTALL)
_DREAM_SETTING: Final = re.compile(r"\s-([sSWH]) +(\d{1,20})")
_DREAM_NAMES: Final = {"s": "steps", "S": "seed", "W": "width", "H": "height"}
_IN_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]")

Texts = Mapping[str, Any]
"""Texts by keyword; those that came inside a JSON object may be of any JSON type."""


@dataclass(frozen=True, slots=True)
class ForeignFacts:
    """What a picture tells of how it was made; ``prompt`` may be empty."""

    prompt: str
    model: str
    made_with: MadeWith


def facts_of(texts: Mapping[str, str]) -> ForeignFacts | None:
    """What the texts of a picture tell, None where none of them is of a program we know."""
    if not texts:
        return None
    told = _widened(texts)
    silent: ForeignFacts | None = None
    for read in _READERS:
        found = read(told)
        if found is not None and found.prompt:
            return found
        silent = silent or found
    return silent


def _widened(texts: Mapping[str, str]) -> dict[str, Any]:
    """The texts, JSON objects read; what EXIF and comments have, under the keyword that it has in PNG."""
    told: dict[str, Any] = {name: text if name == "workflow" else _object(text) or text for name, text in texts.items()}
    for name in ("Model", "Make", "ImageDescription"):
        keyword, colon, rest = texts.get(name, "").partition(":")
        if colon and keyword in ("prompt", "workflow") and rest.startswith("{"):
            told.setdefault(keyword, rest)
    for name in ("UserComment", "Comment", "Model"):
        inside = _object(told.get(name))
        if "sui_image_params" in inside or "base_model" in inside or _SETTINGS.search(texts.get(name, "")):
            told.setdefault("parameters", told[name])
        elif name == "UserComment":
            # ComfyUI nodes, NovelAI and Draw Things keep there what others have under keywords of their own.
            told = inside | told
    told.setdefault("Description", texts.get("ImageDescription", ""))
    return told


def _swarm(texts: Texts) -> ForeignFacts | None:
    told = _object(_object(texts.get("parameters")).get("sui_image_params"))
    if not told:
        return None
    return _facts(told, "SwarmUI", negative=told.get("negativeprompt"), model=told.get("model"))


def _fooocus(texts: Texts) -> ForeignFacts | None:
    told = _object(texts.get("parameters"))
    if "base_model" not in told:
        return None
    size = _size_in(_text(told.get("resolution")).replace(", ", "x").strip("()"))
    return _facts(told, "Fooocus", negative=told.get("negative_prompt"), model=told["base_model"], size=size)


def _invoke(texts: Texts) -> ForeignFacts | None:
    told = _object(texts.get("invokeai_metadata"))
    if not told:
        return None
    model = told.get("model")
    if isinstance(model, dict):
        model = model.get("name") or model.get("model_name")
    told = {**told, "prompt": told.get("positive_prompt")}
    return _facts(told, "InvokeAI", negative=told.get("negative_prompt"), model=model)


def _old_invoke(texts: Texts) -> ForeignFacts | None:
    document = _object(texts.get("sd-metadata"))
    told = _object(document.get("image"))
    if not told:
        return None
    prompt = told.get("prompt")
    if isinstance(prompt, list):
        prompt = ", ".join(_text(_object(each).get("prompt")) for each in prompt[:16])
    wanted, unwanted = _without_brackets(_text(prompt))
    return _facts({**told, "prompt": wanted}, "InvokeAI", negative=unwanted, model=document.get("model_weights"))


def _dream(texts: Texts) -> ForeignFacts | None:
    found = _DREAM.match(_text(texts.get("Dream")))
    if found is None:
        return None
    wanted, unwanted = _without_brackets(found[1])
    told = {_DREAM_NAMES[letter]: value for letter, value in _DREAM_SETTING.findall(found[2])}
    return _facts({**told, "prompt": wanted}, "InvokeAI", negative=unwanted)


def _without_brackets(prompt: str) -> tuple[str, str]:
    """What is wanted, and what is not: that stood in brackets."""
    unwanted = ", ".join(part.strip() for part in _IN_BRACKETS.findall(prompt))
    return " ".join(_IN_BRACKETS.sub(" ", prompt).split()), unwanted


def _novelai(texts: Texts) -> ForeignFacts | None:
    told = _object(texts.get("Comment"))
    if texts.get("Software") != "NovelAI" and not ("uc" in told and "prompt" in told):
        return None
    caption = _object(_object(told.get("v4_prompt")).get("caption"))
    parts = [caption.get("base_caption") or texts.get("Description") or told.get("prompt")]
    people = caption.get("char_captions")
    parts += [_object(each).get("char_caption") for each in (people if isinstance(people, list) else [])[:16]]
    prompt = " | ".join(part for each in parts if (part := _text(each)))
    model = _TRAILING_HASH.sub("", _text(texts.get("Source"))[:_MAX_NAME])
    return _facts({**told, "prompt": prompt}, "NovelAI", negative=told.get("uc"), model=model)


def _a1111(texts: Texts) -> ForeignFacts | None:
    """Prompt, then ``Negative prompt:`` to the line that begins with ``Steps:``, which has the settings."""
    text = _prose(texts.get("parameters"))
    if not text:
        return None
    starts = list(_SETTINGS.finditer(text))
    words, settings = (text[: starts[-1].start()], text[starts[-1].start() :]) if starts else (text, "")
    split = _NEGATIVE.search(words)
    wanted, unwanted = (words[: split.start()], words[split.end() :]) if split else (words, "")
    told = {name: _unquoted(value) for name, value in reversed(_SETTING.findall(settings[:_MAX_SETTINGS]))}
    program = "ComfyUI" if _object(texts.get("prompt")) else _web_ui(told.get("Version", ""))
    lower = {"prompt": told.get("Raw prompt", wanted), "seed": told.get("Seed"), "steps": told.get("Steps")}
    return _facts(lower, program, negative=unwanted, model=told.get("Model"), size=_size_in(told.get("Size")))


def _web_ui(version: str) -> str:
    """Which of the programs that write like A1111, as far as their version tells."""
    if version.startswith(("Fooocus", "ComfyUI")):
        return version.split()[0]
    return "Forge" if re.match(r"f\d", version) else "A1111 or alike"


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    try:
        return _text(json.loads(value))
    except ValueError:
        return value.strip('"')


def _comfy(texts: Texts) -> ForeignFacts | None:
    for keyword in ("prompt", "workflow"):
        facts = graph_facts(_object(texts.get(keyword)))
        if facts is not None and (facts.prompt or facts.model):
            told = {"prompt": facts.prompt, "seed": facts.seed, "steps": facts.steps}
            told |= {"width": facts.width, "height": facts.height}
            return _facts(told, "ComfyUI", negative=facts.negative, model=facts.model)
    return None


def _draw_things(texts: Texts) -> ForeignFacts | None:
    if not isinstance(texts.get("c"), str) or "uc" not in texts:
        return None
    told, size = {**texts, "prompt": texts["c"]}, _size_in(texts.get("size"))
    return _facts(told, "Draw Things", negative=texts["uc"], model=texts.get("model"), size=size)


def _midjourney(texts: Texts) -> ForeignFacts | None:
    """The words with their ``--ar`` and others, as they were typed, before ``Job ID``."""
    text = _text(texts.get("Description"))[:_MAX_PROMPT]
    if _JOB not in text and not _MIDJOURNEY.search(text):
        return None
    words = (text.rpartition(_JOB)[0] or text).strip()
    version = _MIDJOURNEY_VERSION.search(words)
    model = " ".join(("Midjourney", version[1] or "v", version[2])).replace("v ", "v") if version else "Midjourney"
    return _facts({"prompt": words}, "Midjourney", model=model)


def _iptc(texts: Texts) -> ForeignFacts | None:
    system = _text(texts.get("AISystemUsed"))
    if not system and not texts.get("AIPromptInformation"):
        return None
    version = _text(texts.get("AISystemVersionUsed"))
    told = {"prompt": texts.get("AIPromptInformation")}
    return _facts(told, system[:_MAX_NAME], model=f"{system} {version}" if version else "")


def _plain(texts: Texts) -> ForeignFacts | None:
    """A text that calls itself a prompt and is no graph, of whichever program."""
    prompt = _prose(texts.get("prompt")) or _prose(texts.get("Prompt"))
    if not prompt:
        return None
    negative = texts.get("negative_prompt", texts.get("Negative Prompt"))
    return _facts({"prompt": prompt}, _text(texts.get("Software"))[:_MAX_NAME], negative=negative)


def _credited(texts: Texts) -> ForeignFacts | None:
    """No prompt, but a credit that names a maker: Google writes one."""
    credit = _text(texts.get("Credit"))
    return _facts({}, credit[:_MAX_NAME]) if credit.endswith(" AI") else None


_READERS: Final[tuple[Callable[[Texts], ForeignFacts | None], ...]] = (
    *(_swarm, _fooocus, _invoke, _old_invoke, _dream, _novelai, _a1111, _comfy),
    *(_draw_things, _midjourney, _iptc, _plain, _credited),
)


def _facts(told: Texts, program: str, *, negative: object = "", model: object = "", size: str = "") -> ForeignFacts:
    """From the members most programs have: prompt, seed, steps, width and height."""
    width, height = _number(told.get("width")), _number(told.get("height"))
    size = f"{width}×{height}" if width and height else size
    made_with = MadeWith(
        program, _text(negative)[:_MAX_PROMPT], _number(told.get("seed")), _number(told.get("steps")), size
    )
    return ForeignFacts(_text(told.get("prompt"))[:_MAX_PROMPT], _model_name(model), made_with)


def _model_name(value: object) -> str:
    """A model's name without the folders and the ending of its file."""
    bare = _text(value).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return _MODEL_ENDING.sub("", bare)[:_MAX_NAME]


def _size_in(value: object) -> str:
    found = _SIZE.search(_text(value))
    return f"{found[1]}×{found[2]}" if found else ""


def _number(value: object) -> str:
    """A whole number as text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    try:
        number = int(value)
    except ValueError:
        return ""
    return str(number) if abs(number) < 1 << 80 else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _prose(value: object) -> str:
    """A text that is no JSON, not even a damaged one."""
    text = _text(value)
    return "" if _JSON.match(text) else text


def _object(value: object) -> dict[str, Any]:
    """A JSON object, given as such or as a text; an empty one for anything else."""
    if isinstance(value, dict):
        return value
    text = _text(value)
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
