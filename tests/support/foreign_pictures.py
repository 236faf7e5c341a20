"""Pictures as other programs write them: the smallest files that are like theirs."""

import io
import json
import zlib
from dataclasses import dataclass

from PIL import Image
from support.deliveries import chunk, png

SETTINGS = "Steps: 28, Sampler: DPM++ 2M, CFG scale: 7, Seed: 965400086, Size: 512x768, Model hash: 45dee52b"
A1111 = f'a red fox,\ndeep snow\nNegative prompt: blurry, text\n{SETTINGS}, Model: foxes_v2, Lora hashes: "a: 1, b: 2"'

GRAPH = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": ["20", 0],
            "steps": 28,
            "sampler_name": "euler",
            "model": ["10", 0],
            "positive": ["12", 0],
            "negative": ["12", 1],
            "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "animals\\foxes_v2.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["21", 0], "clip": ["10", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry, text", "clip": ["10", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}},
    "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "ink.safetensors", "model": ["4", 0], "clip": ["4", 1]}},
    "12": {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["6", 0], "negative": ["7", 0]}},
    "20": {"class_type": "Seed (rgthree)", "inputs": {"seed": 965400086}},
    "21": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a red fox,\ndeep snow"}},
}
WORKFLOW = {
    "version": 0.4,
    "nodes": [
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["foxes_v2.safetensors"]},
        {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a red fox,\ndeep snow"]},
        {
            "id": 3,
            "type": "KSampler",
            "inputs": [
                {"name": "model", "link": 1},
                {"name": "positive", "link": 2},
                {"name": "latent_image", "link": 3},
            ],
            "widgets_values": [965400086, "randomize", 28, 8, "euler", "normal", 1],
        },
        {"id": 5, "type": "EmptyLatentImage", "widgets_values": [512, 768, 1]},
        {"id": 9, "type": "SaveImage", "inputs": [{"name": "images", "link": 4}]},
    ],
    "links": [
        [1, 4, 0, 3, 0, "MODEL"],
        [2, 6, 0, 3, 1, "CONDITIONING"],
        [3, 5, 0, 3, 3, "LATENT"],
        [4, 3, 0, 9, 0, "IMAGE"],
    ],
}
_MADE = {"seed": 965400086, "steps": 28, "width": 512, "height": 768}
INVOKE = _MADE | {
    "positive_prompt": "a red fox, deep snow",
    "negative_prompt": "blurry, text",
    "scheduler": "euler",
    "model": {"key": "1c", "hash": "blake3:ab", "name": "foxes_v2", "base": "sdxl", "type": "main"},
    "app_version": "5.4.2",
}
OLD_INVOKE = {
    "model": "stable diffusion",
    "model_weights": "foxes_v2",
    "app_version": "2.3.0",
    "image": _MADE | {"prompt": [{"prompt": "a red fox, deep snow [blurry, text]", "weight": 1.0}], "sampler": "k_lms"},
}
DREAM = '"a red fox, deep snow [blurry, text]" -s 28 -S 965400086 -W 512 -H 768 -C 5 -A k_lms -U 4 0.95'
SWARM = {
    "sui_image_params": _MADE
    | {
        "prompt": "a red fox, deep snow",
        "negativeprompt": "blurry, text",
        "model": "animals/foxes_v2",
        "swarm_version": "0.9.5",
    },
    "sui_extra_data": {"date": "2026-10-01"},
}
NOVEL = _MADE | {
    "prompt": "a red fox",
    "uc": "blurry, text",
    "v4_prompt": {"caption": {"base_caption": "a red fox", "char_captions": [{"char_caption": "deep snow"}]}},
}
FOOOCUS = {
    "prompt": "a red fox, deep snow",
    "negative_prompt": "blurry, text",
    "full_prompt": ["a red fox, deep snow", "cinematic"],
    "base_model": "foxes_v2",
    "steps": 28,
    "seed": "965400086",
    "resolution": "(512, 768)",
}
DRAW_THINGS = {
    "c": "a red fox, deep snow",
    "uc": "blurry, text",
    "model": "foxes_v2.ckpt",
    "seed": 965400086,
    "steps": 28,
    "size": "512x768",
}
_NOTHING_MORE = {"negative": "", "seed": "", "steps": "", "size": ""}
JOB = "a red fox, deep snow --ar 2:3 --v 6.1 Job ID: a7421d2f-b262-44f9-977c-ac23e9c7d3e3"


@dataclass(frozen=True)
class Foreign:
    """A file and what it tells; ``prompt`` with its white space folded."""

    name: str
    data: bytes
    program: str
    prompt: str = "a red fox, deep snow"
    model: str = "foxes_v2"
    negative: str = "blurry, text"
    seed: str = "965400086"
    steps: str = "28"
    size: str = "512×768"


def text(keyword: str, value: object, kind: str = "tEXt") -> bytes:
    """A text chunk; what is no text is written as JSON."""
    words = (value if isinstance(value, str) else json.dumps(value)).encode()
    packing = {"tEXt": b"", "comf": b"", "zTXt": b"\0", "iTXt": b"\0\0\0\0"}[kind]
    return chunk(
        kind.encode(), keyword.encode() + b"\0" + packing + (zlib.compress(words) if kind == "zTXt" else words)
    )


def with_texts(*chunks: bytes) -> bytes:
    """A PNG with chunks before its pixels."""
    return png(33, 21, extra=chunks)


def xmp(properties: str) -> bytes:
    """An XMP packet."""
    names = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    }
    declared = " ".join(f'xmlns:{name}="{where}"' for name, where in names.items())
    inside = f'<rdf:RDF {declared}><rdf:Description rdf:about="" {properties}</rdf:Description></rdf:RDF>'
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{inside}</x:xmpmeta>'
    return f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{packet}<?xpacket end="w"?>'.encode()


def described(words: str) -> bytes:
    """An XMP packet with a description in one language."""
    item = f'<rdf:li xml:lang="x-default">{words}</rdf:li>'
    return xmp(f"><dc:description><rdf:Alt>{item}</rdf:Alt></dc:description>")


def saved(
    kind: str, *, comment: bytes | str | None = None, tags: dict[int, str] | None = None, **more: object
) -> bytes:
    """A picture as Pillow writes it: ``comment`` in the EXIF directory, ``tags`` in the first."""
    exif = Image.Exif()
    if comment is not None:
        exif.get_ifd(0x8769)[0x9286] = comment
    for tag, value in (tags or {}).items():
        exif[tag] = value
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((33, 21)).convert("RGB").save(buffer, kind, exif=exif.tobytes(), **more)
    return buffer.getvalue()


def utf16(words: str, order: str) -> bytes:
    """A UserComment as most write it."""
    return b"UNICODE\0" + words.encode(f"utf-16-{order}")


def foreign_pictures() -> list[Foreign]:
    """One file a program, and one for each place where it puts its texts."""
    return [*_png_files(), *_other_files()]


def _png_files() -> list[Foreign]:
    novel = (text("Description", "a red fox"), text("Software", "NovelAI"), text("Comment", NOVEL))
    midjourney = _NOTHING_MORE | {"model": "Midjourney v6.1", "prompt": "a red fox, deep snow --ar 2:3 --v 6.1"}
    comfy = (text("prompt", GRAPH), text("workflow", WORKFLOW))
    return [
        Foreign("a1111.png", with_texts(text("parameters", A1111)), "A1111 or alike"),
        Foreign("a1111-packed.png", with_texts(text("parameters", A1111, "zTXt")), "A1111 or alike"),
        Foreign("a1111-utf8.png", with_texts(text("parameters", A1111, "iTXt")), "A1111 or alike"),
        Foreign("forge.png", with_texts(text("parameters", f"{A1111}, Version: f2.0.1v1.10.1")), "Forge"),
        Foreign("comfy.png", with_texts(*comfy), "ComfyUI"),
        Foreign("comfy-animated.png", with_texts(text("prompt", GRAPH, "comf")), "ComfyUI"),
        Foreign("comfy-a1111.png", with_texts(text("parameters", A1111), *comfy), "ComfyUI"),
        Foreign(
            "comfy-workflow.png",
            with_texts(text("workflow", WORKFLOW)),
            "ComfyUI",
            **_NOTHING_MORE,
        ),
        Foreign("invoke.png", with_texts(text("invokeai_metadata", INVOKE, "iTXt")), "InvokeAI"),
        Foreign("invoke-2.png", with_texts(text("Dream", DREAM), text("sd-metadata", OLD_INVOKE)), "InvokeAI"),
        Foreign("invoke-1.png", with_texts(text("Dream", DREAM)), "InvokeAI", model=""),
        Foreign("swarm.png", with_texts(text("parameters", SWARM)), "SwarmUI"),
        Foreign(
            "novel.png",
            with_texts(*novel, text("Source", "NovelAI Diffusion V4.5 4BDE2A90")),
            "NovelAI",
            prompt="a red fox | deep snow",
            model="NovelAI Diffusion V4.5",
        ),
        Foreign("fooocus.png", with_texts(text("fooocus_scheme", "fooocus"), text("parameters", FOOOCUS)), "Fooocus"),
        Foreign("midjourney.png", with_texts(text("Description", JOB)), "Midjourney", **midjourney),
        Foreign(
            "midjourney-xmp.png",
            with_texts(text("XML:com.adobe.xmp", described(JOB).decode(), "iTXt")),
            "Midjourney",
            **midjourney,
        ),
    ]


def _other_files() -> list[Foreign]:
    tags = {0x0110: f"prompt:{json.dumps(GRAPH)}", 0x010F: f"workflow:{json.dumps(WORKFLOW)}"}
    draw_things = f"<exif:UserComment><rdf:Alt><rdf:li>{json.dumps(DRAW_THINGS)}</rdf:li></rdf:Alt></exif:UserComment>"
    iptc = 'ext:AIPromptInformation="a red fox, deep snow" ext:AISystemUsed="Foxes" ext:AISystemVersionUsed="v2">'
    return [
        Foreign("a1111.jpg", saved("JPEG", comment=utf16(A1111, "be")), "A1111 or alike"),
        Foreign("a1111.webp", saved("WEBP", comment=utf16(A1111, "be")), "A1111 or alike"),
        Foreign("a1111.avif", saved("AVIF", comment=utf16(A1111, "be")), "A1111 or alike"),
        Foreign("comfy.webp", saved("WEBP", tags=tags), "ComfyUI"),
        Foreign("comfy.jpg", saved("JPEG", tags=tags), "ComfyUI"),
        Foreign(
            "comfy.avif",
            saved("AVIF", comment=b"\0" * 8 + json.dumps({"prompt": GRAPH, "workflow": WORKFLOW}).encode()),
            "ComfyUI",
        ),
        Foreign("swarm.jpg", saved("JPEG", comment=utf16(json.dumps(SWARM), "le")), "SwarmUI"),
        Foreign("swarm-old.jpg", saved("JPEG", tags={0x0110: json.dumps(SWARM)}), "SwarmUI"),
        Foreign("fooocus.jpg", saved("JPEG", tags={0x9286: json.dumps(FOOOCUS), 0x0131: "Fooocus v2.5"}), "Fooocus"),
        Foreign("draw-things.jpg", saved("JPEG", xmp=xmp(f">{draw_things}")), "Draw Things"),
        Foreign("iptc.webp", saved("WEBP", xmp=xmp(iptc)), "Foxes", model="Foxes v2", **_NOTHING_MORE),
        Foreign("iptc.avif", saved("AVIF", xmp=xmp(iptc)), "Foxes", model="Foxes v2", **_NOTHING_MORE),
    ]
