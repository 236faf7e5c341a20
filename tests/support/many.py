"""Libraries of any size, as people who iterate have them: prompts in many scripts, bursts, stars, tags, tiny pictures.

Everything follows from the seed and the number alone: the same call makes the same library.
"""

import json
import os
import random
from bisect import bisect
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from support.deliveries import png

from tui.domain.generation import Generation, ImageFile, KeptReference, ReplySummary, UserMarks
from tui.library.metadata import document_again
from tui.library.names import metadata_name, stamp_of

LAST = datetime(2026, 11, 30, 14, 0).astimezone()
_LINKS = 30_000
"""Names of one file: ext4 allows 65,000."""

_ENGLISH = (
    (
        "a red fox|an old lighthouse|two dancers|a paper boat|the harbour|a glass city|a barn owl|an astronaut|"
        "a tea house|a steam engine|a violin|a sleeping cat|three children|a bicycle|a jellyfish|a robot gardener|"
        "the market hall|a snow leopard|an orchard|a bookshop|a ruined abbey|a lemon tree|a whale|a chess player"
    ),
    (
        "in deep snow|at dusk|by the river|under a violet sky|in a birch forest|on a cliff|in the rain|"
        "among wild flowers|beneath the northern lights|in an empty station|on a table|"
        "in fog|on the moon|at the edge of the desert|behind frosted glass|in a narrow street|near a fireplace"
    ),
    (
        "watercolour|oil on canvas|35mm photograph|isometric render|ink and wash|low poly|pencil sketch|"
        "studio portrait|linocut|pixel art|long exposure|double exposure|stained glass|claymation|blueprint|gouache"
    ),
    (
        "soft light|volumetric light|golden hour|high contrast|muted colours|shallow depth of field|film grain|"
        "rim light|pastel palette|dramatic shadows|ultra detailed|minimal composition|wide angle|symmetrical|no text"
    ),
)
_OTHERS = (
    "ein Fuchs über dem zugefrorenen See, Straßenlaternen, Abendlicht|die Brücke im Nebel, Öl auf Leinwand",
    "un café vacío al amanecer, luz cálida, niños jugando|señora con paraguas, acuarela, otoño en Málaga",
    "une forêt enneigée, lumière dorée, été à la plage|le château au crépuscule, gravure très détaillée",
    "夕暮れの雪の中の狐、水彩、柔らかい光|東京の路地、雨、ネオン、映画のような構図|桜の木の下で眠る猫、浮世絵風",
    "雪地里的红狐狸,水彩画,柔和的光线|江南水乡的清晨,薄雾,小船,国画风格|赛博朋克城市夜景,霓虹灯,雨天",
    "лиса в берёзовом лесу на рассвете, акварель, мягкий свет|старый маяк в шторм, масло, ёлки на берегу",
    "ثعلب أحمر في غابة ثلجية عند الفجر، ألوان مائية|سوق قديم في الليل، فوانيس، تفاصيل دقيقة",
    "눈 덮인 숲의 붉은 여우, 수채화, 부드러운 빛|สุนัขจิ้งจอกในหิมะ แสงยามเย็น สีน้ำ|एक लाल लोमड़ी बर्फ में, जलरंग",
)
_CHOICES = tuple(tuple(each.split("|")) for each in _ENGLISH)
_FOREIGN_CHOICES = tuple(tuple(each.split("|")) for each in _OTHERS)
_SYLLABLES = ("ka", "lo", "mi", "ren", "sa", "tor", "vel", "nu", "ash", "gri", "dun", "el", "ba", "quo", "zy")
_MODELS = (
    ("gemini-3-pro-image-preview", 50),
    ("google/gemini-2.5-flash-image", 30),
    ("gemini-3.1-flash-image", 12),
    ("openai/gpt-5-image", 5),
    ("black-forest-labs/flux.2-pro", 2),
    ("", 1),
)
_SIZES = {"1K": 1024, "2K": 2048, "4K": 4096}
_RATIOS = ((1, 1), (16, 9), (9, 16), (4, 3), (3, 4), (3, 2), (2, 3), (21, 9))
_TAGS = ("print", "best of", "wallpaper", "client/acme", "fox", "study", "冬", "redo", "portfolio", "née")
_BOUNDS = tuple(accumulate(weight for _, weight in _MODELS))


def prompt(chance: random.Random) -> str:
    """A prompt, of about 120 characters where it is English."""
    kind = chance.random()
    if kind < 0.18:
        others = _FOREIGN_CHOICES[int(kind / 0.18 * len(_FOREIGN_CHOICES))]
        return f"{chance.choice(others)} {chance.randrange(9999)}"
    parts = [chance.choice(each) for each in _CHOICES]
    name = "".join(chance.choices(_SYLLABLES, k=3))
    more = ", ".join(chance.sample(_CHOICES[3], 2))
    return f"{parts[0]} {parts[1]}, {name}, {parts[2]}, {parts[3]}, {more}, take {chance.randrange(400)}"


def generations(count: int, folder: Path, *, seed: int = 1, last: datetime = LAST) -> Iterator[Generation]:
    """``count`` generations of a library in ``folder``, newest first, with no two in a second; no file is touched."""
    chance = random.Random(seed)
    moment = last
    text = prompt(chance)
    parent: str | None = None
    for number in range(count):
        if chance.random() < 0.3:
            # Another idea, after a while; the others iterate on the last one.
            text, parent = prompt(chance), None
            moment -= timedelta(seconds=chance.randrange(40, 900))
        moment -= timedelta(seconds=chance.randrange(2, 30), milliseconds=chance.randrange(1000))
        made = _generation(chance, number, moment, text, parent, folder)
        parent = made.id if chance.random() < 0.2 else None
        yield made


def _generation(
    chance: random.Random, number: int, moment: datetime, text: str, parent: str | None, folder: Path
) -> Generation:
    stem = stamp_of(moment)
    wide, high = _RATIOS[min(int(chance.expovariate(0.5)), len(_RATIOS) - 1)]
    size = chance.choice(("1K", "1K", "2K", "4K"))
    pixels = _SIZES[size]
    width, height = (pixels, pixels * high // wide) if wide >= high else (pixels * wide // high, pixels)
    failed = chance.random() < 0.01
    image = ImageFile(
        folder / f"image_{stem}_0.png", "image/png", width, height, 80, sha256=f"{chance.getrandbits(256):064x}"
    )
    milliseconds = int(moment.timestamp() * 1000)
    return Generation(
        id=f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7{number & 0xFFF:03x}-8000-{number:012x}",
        stem=stem,
        created_at=moment.replace(microsecond=moment.microsecond // 1000 * 1000),
        prompt=text,
        model=_MODELS[bisect(_BOUNDS, chance.randrange(100))][0],
        aspect_ratio=f"{wide}:{high}",
        image_size=size,
        references=(KeptReference("/home/me/fox.jpg", "", "image/jpeg"),) if chance.random() < 0.1 else (),
        parent=parent,
        proxy="http://127.0.0.1:8317",
        reply=ReplySummary(
            id=f"gen-{number}",
            finish_reason="stop",
            text="Here is your picture." if chance.random() < 0.3 else None,
            usage={"prompt_tokens": 31, "completion_tokens": 1290},
        ),
        images=() if failed else (image,),
        elapsed=round(chance.lognormvariate(2.2, 0.5), 3),
        user=_marks(chance),
        metadata=folder / metadata_name(stem),
    )


def _marks(chance: random.Random) -> UserMarks:
    kind = chance.random()
    if kind > 0.12:
        return UserMarks()
    tags = tuple(chance.sample(_TAGS, chance.randrange(3)))
    return UserMarks(kind < 0.06, chance.randrange(6), tags, "print this" if kind < 0.01 else "")


def document_of(generation: Generation) -> dict[str, Any]:
    """The metadata file of a generation, as the library writes it."""
    reply, user = generation.reply, generation.user
    return document_again(generation) | {
        "model": generation.model,
        "options": {"aspect_ratio": generation.aspect_ratio, "image_size": generation.image_size},
        "references": [{"file": each.file, "sha256": each.sha256, "mime": each.mime} for each in generation.references],
        "parent": generation.parent,
        "proxy": generation.proxy,
        "reply": {"id": reply.id, "finish_reason": reply.finish_reason, "text": reply.text, "usage": reply.usage},
        "elapsed": generation.elapsed,
        "user": {
            "starred": user.starred,
            "rating": user.rating,
            "tags": list(user.tags),
            "notes": user.notes,
        },
    }


def make_library(folder: Path, count: int, *, seed: int = 1, last: datetime = LAST) -> None:
    """Write ``count`` generations into ``folder``: a metadata file each, and a picture that shares its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for number, generation in enumerate(generations(count, folder, seed=seed, last=last)):
            if number % _LINKS == 0:
                source = f".picture-{number}.png"
                (folder / source).write_bytes(png())
            if generation.images:
                os.link(source, generation.images[0].path.name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
            _write(descriptor, metadata_name(generation.stem), document_of(generation))
    finally:
        os.close(descriptor)
    for path in folder.glob(".picture-*.png"):
        path.unlink()


def _write(folder: int, name: str, document: dict[str, Any]) -> None:
    descriptor = os.open(name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644, dir_fd=folder)
    try:
        os.write(descriptor, json.dumps(document, ensure_ascii=False).encode())
    finally:
        os.close(descriptor)
