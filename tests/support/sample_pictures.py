"""Pictures to measure with, the same ones each time; none of them was taken by anyone.

``plain_picture`` is what benches of image viewers are often run on: gradients, shapes and a little noise.
``dense_picture`` stands for photographs: leaves of all sizes over each other, small ones the most, with light and
grain over them, as in the "dead leaves" model of natural images (A. Lee, D. Mumford, J. Huang, 2001). It is set so
that at 780² a PNG of it takes what photographs take: 1.8 bytes a pixel, where four real ones (a landscape, a flower,
a cup, a face) took 1.7; and 1.06 as a Sixel of textual-image, where these took 1.0.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def plain_picture(size: int) -> Image.Image:
    """RGB, ``size`` pixels a side; at 2048² a PNG of it has about 6 MB."""
    random = np.random.default_rng(1)
    down, across = np.mgrid[0:size, 0:size] / size
    light = np.stack((across * 255, down * 255, (1 - across) * 200 + 30 * np.sin(down * 9)), axis=-1)
    coarse = random.normal(0, 3.4, (size // 3 + 1, size // 3 + 1, 3)).repeat(3, axis=0).repeat(3, axis=1)
    light += random.normal(0, 3.4, light.shape) + coarse[:size, :size]
    picture = Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        left, top = (int(part) for part in random.integers(0, size, 2))
        side = int(random.integers(size // 40, size // 6))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((left, top, left + side, top + side), fill=tuple(int(part) for part in random.integers(0, 256, 3)))
    return picture


def dense_picture(size: int) -> Image.Image:
    """RGB, ``size`` pixels a side."""
    random = np.random.default_rng(2)
    picture = Image.new("RGB", (size, size), (90, 100, 80))
    draw = ImageDraw.Draw(picture)
    hues = random.integers(50, 210, (24, 1)) + random.normal(0, 24, (24, 3))
    for _ in range(size * size // 25):
        radius = 3 / (1 - random.random() * (1 - 24 / size))
        left, top = random.uniform(-radius, size, 2)
        wide, high = radius * random.uniform(0.6, 1.8, 2)
        hue = np.clip(hues[random.integers(24)] * random.uniform(0.5, 1.4) + random.normal(0, 6, 3), 0, 255)
        draw.ellipse((left, top, left + wide, top + high), fill=tuple(int(part) for part in hue))
    lens = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)), np.float64)
    light = sum(_clouds(random, size, grain) * strength for grain, strength in ((64, 24), (16, 7), (4, 3)))
    grain = random.normal(0, 2.4, (size, size, 1)) + random.normal(0, 0.9, (size, size, 3))
    return Image.fromarray(np.clip(lens + light + grain, 0, 255).astype(np.uint8))


def _clouds(random: np.random.Generator, size: int, grain: int) -> np.ndarray:
    """Smooth light of one grain, the same in all colours: (size, size, 1)."""
    few = Image.fromarray(random.normal(0, 1, (size // grain + 2, size // grain + 2)).astype(np.float32))
    return np.asarray(few.resize((size, size), Image.Resampling.BICUBIC), np.float64)[..., None]
