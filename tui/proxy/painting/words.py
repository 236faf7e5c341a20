"""What the words of a prompt mean to a painter: setting, light, weather, figures, colours, style."""

import hashlib
import itertools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tui.proxy.painting.colour import Colour

_SETTINGS: Final[Mapping[str, str]] = {
    "space": "space galaxy nebula planet planets cosmos cosmic universe astronaut rocket spaceship star-field "
    "saturn mars jupiter orbit comet asteroid",
    "underwater": "underwater reef coral jellyfish submarine seabed shark octopus turtle whale fish dolphin",
    "portrait": "portrait face woman man girl boy person queen king wizard samurai profile",
    "still": "tea cup coffee teacup mug espresso table candle bowl book books kitchen still-life breakfast "
    "teapot latte matcha desk",
    "flower": "flower rose tulip daisy lotus peony orchid sunflower blossom bouquet petal petals dahlia "
    "chrysanthemum poppy lily",
    "geometric": "geometric geometry bauhaus cube cubes triangle triangles circles shapes pattern logo icon "
    "minimalist mondrian kandinsky",
    "abstract": "abstract fluid swirl swirls texture flowing gradient dream dreams music emotion chaos marble "
    "waves-of-colour fractal",
    "city": "city skyline street tokyo manhattan paris london skyscraper skyscrapers building buildings urban "
    "downtown alley cyberpunk metropolis traffic hong-kong town rooftop rooftops",
    "harbour": "harbour harbor port marina pier dock fjord venice canal fishing village quay",
    "sea": "sea ocean beach coast wave waves shore island lighthouse sailboat boat ship cliff cliffs surf "
    "seascape tropical lagoon bay pirate yacht sail",
    "desert": "desert dune dunes sahara camel oasis cactus canyon mesa sand pyramid pyramids",
    "forest": "forest woods woodland trees jungle pine pines bamboo grove birch redwood mushroom mushrooms "
    "autumn fairy",
    "meadow": "meadow field fields farm grass hill hills countryside lavender prairie windmill valley garden "
    "cottage spring wheat savanna savannah vineyard village-green picnic balloon barn",
    "mountains": "mountain mountains alps peak peaks summit himalaya volcano glacier snow cabin lake "
    "patagonia fuji ridge castle tundra arctic iceberg",
}
_LIGHTS: Final[Mapping[str, str]] = {
    "night": "night midnight moonlit moonlight moon stars starry nocturnal dark aurora lantern lanterns "
    "fireflies cyberpunk",
    "golden": "golden sunlit warm amber honey evening autumn late-afternoon",
    "sunset": "sunset sundown dusk-red fiery ember",
    "dawn": "dawn sunrise morning daybreak early pastel spring",
    "dusk": "dusk twilight blue-hour gloaming neon",
    "grey": "overcast mist misty fog foggy grey gray gloomy rain rainy drizzle haze hazy moody",
    "storm": "storm stormy thunder thunderstorm lightning tempest dramatic",
    "day": "day noon sunny bright summer midday clear tropical daylight",
}
_WEATHER: Final[Mapping[str, str]] = {
    "rain": "rain rainy drizzle downpour wet storm stormy thunderstorm",
    "snow": "snow snowy snowfall blizzard winter frost frosty icy ice arctic christmas",
    "mist": "mist misty fog foggy haze hazy smoke ethereal mysterious dreamy",
    "aurora": "aurora northern-lights borealis",
    "fireflies": "fireflies firefly sparks magical magic fairy enchanted embers",
    "lightning": "lightning thunder thunderstorm",
}
_FIGURES: Final[Mapping[str, str]] = {
    "fox": "fox foxes vixen",
    "cat": "cat cats kitten kitty",
    "wolf": "wolf wolves dog dogs husky coyote puppy shiba corgi",
    "deer": "deer stag elk moose antlers doe reindeer",
    "bear": "bear bears panda grizzly",
    "rabbit": "rabbit rabbits bunny hare",
    "owl": "owl owls raven crow",
    "horse": "horse horses unicorn pony",
    "elephant": "elephant elephants mammoth",
    "whale": "whale whales orca dolphin",
    "fish": "fish koi goldfish shark",
    "bird": "bird birds seagull seagulls swallow swallows geese crane cranes eagle heron",
    "wanderer": "person man woman girl boy hiker traveller traveler wanderer astronaut samurai wizard knight "
    "monk child couple figure",
    "umbrella": "umbrella",
    "boat": "boat boats sailboat ship yacht sail sailing fishing regatta",
    "lighthouse": "lighthouse",
    "cabin": "cabin cottage house hut barn home farmhouse",
    "castle": "castle fortress palace tower",
    "balloon": "balloon balloons airship",
    "rocket": "rocket spaceship spacecraft shuttle",
    "tree": "tree oak willow cherry sakura maple bonsai",
    "windmill": "windmill",
    "cactus": "cactus cacti",
    "robot": "robot android mech",
    "dragon": "dragon dragons wyvern",
    "lanterns": "lantern lanterns",
    "train": "train locomotive",
    "cup": "tea cup coffee teacup mug espresso latte matcha cocoa",
    "candle": "candle candles",
    "books": "book books library",
    "vase": "vase bouquet pottery",
    "teapot": "teapot kettle",
    "planet": "planet planets saturn mars jupiter moon",
    "sunflower": "sunflower sunflowers",
    "mushroom": "mushroom mushrooms toadstool",
    "jellyfish": "jellyfish medusa",
}
_STYLES: Final[Mapping[str, str]] = {
    "watercolour": "watercolor watercolour aquarelle gouache wash",
    "pixels": "pixel pixelart 8-bit 16-bit 8bit 16bit voxel retro-game",
    "oil": "oil impasto impressionist impressionism monet gogh painterly expressionist brushstrokes",
    "neon": "neon synthwave vaporwave cyberpunk retrowave tron outrun",
    "ink": "ink sketch pencil drawing etching engraving linocut woodcut lineart charcoal sumi",
    "noir": "noir monochrome black-and-white grayscale greyscale bw",
    "vintage": "vintage retro sepia polaroid film nostalgic 1970s daguerreotype faded",
    "poster": "poster flat vector minimal minimalist screenprint travel-poster ukiyo-e illustration cartoon",
    "pastel": "pastel soft kawaii ghibli anime storybook",
}
_COLOURS: Final[Mapping[str, Colour]] = {
    "red": (206, 44, 40),
    "crimson": (176, 24, 48),
    "scarlet": (220, 48, 30),
    "orange": (236, 126, 36),
    "amber": (240, 168, 50),
    "gold": (226, 178, 70),
    "golden": (226, 178, 70),
    "yellow": (244, 206, 62),
    "green": (70, 150, 76),
    "emerald": (28, 148, 104),
    "mint": (140, 214, 180),
    "teal": (30, 136, 138),
    "turquoise": (52, 186, 190),
    "cyan": (54, 196, 222),
    "blue": (46, 98, 196),
    "navy": (28, 46, 104),
    "azure": (68, 146, 226),
    "indigo": (70, 60, 168),
    "purple": (124, 62, 170),
    "violet": (142, 88, 204),
    "lavender": (170, 148, 220),
    "magenta": (206, 52, 152),
    "pink": (240, 140, 172),
    "rose": (226, 108, 128),
    "coral": (244, 122, 98),
    "peach": (250, 186, 150),
    "brown": (130, 84, 52),
    "copper": (184, 112, 70),
    "white": (240, 238, 232),
    "silver": (186, 192, 200),
    "grey": (130, 134, 140),
    "gray": (130, 134, 140),
    "black": (26, 26, 30),
}
_DEFAULT_SETTINGS: Final = ("mountains", "sea", "meadow", "forest", "abstract", "desert", "city", "geometric")
_DEFAULT_LIGHTS: Final = ("golden", "dawn", "day", "sunset", "dusk", "golden", "day")
_WORD: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def _index(table: Mapping[str, str]) -> dict[str, str]:
    return {word: name for name, words in reversed(list(table.items())) for word in words.split()}


_SETTING_OF: Final = _index(_SETTINGS)
_LIGHT_OF: Final = _index(_LIGHTS)
_STYLE_OF: Final = _index(_STYLES)
_FIGURES_OF: Final = _index(_FIGURES)
_WEATHER_OF: Final[Mapping[str, tuple[str, ...]]] = {
    word: tuple(name for name, words in _WEATHER.items() if word in words.split())
    for words in _WEATHER.values()
    for word in words.split()
}
_HOMES: Final[Mapping[str, str]] = {
    "fox": "forest",
    "wolf": "forest",
    "deer": "forest",
    "bear": "forest",
    "owl": "forest",
    "rabbit": "meadow",
    "horse": "meadow",
    "elephant": "meadow",
    "tree": "meadow",
    "bird": "sea",
    "cat": "still",
    "dragon": "mountains",
    "wanderer": "mountains",
    "umbrella": "city",
    "robot": "city",
    "train": "meadow",
    "lanterns": "mountains",
}
"""Where a figure is found when the prompt names no place."""

_CLOSE_UPS: Final = frozenset({"still", "flower", "portrait", "space", "underwater"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What to paint. ``frame`` seeds the composition and depends on the things named, not on how they look;
    ``detail`` seeds everything else and changes with every word."""

    setting: str
    light: str
    weather: frozenset[str]
    figures: tuple[str, ...]
    figure_colour: Colour | None
    tint: Colour | None
    second_tint: Colour | None
    style: str
    words: frozenset[str]
    lit_by_words: bool
    frame: int
    detail: int

    def rng(self, layer: str) -> random.Random:
        """Composition: the same for all prompts about the same things."""
        return random.Random(f"{self.frame} {layer}")

    def detail_rng(self, layer: str) -> random.Random:
        """Details: other with every other prompt."""
        return random.Random(f"{self.detail} {layer}")

    def has(self, *words: str) -> bool:
        """Whether the prompt says any of ``words``."""
        return not self.words.isdisjoint(words)


def plan(prompt: str, *, attempt: int = 0) -> Plan:
    """Read ``prompt``; what it leaves open is chosen by its words, the same every time."""
    words = [word.lower() for word in _WORD.findall(prompt)]
    known = _known(words)
    figures = tuple(dict.fromkeys(_FIGURES_OF[word] for word in known if word in _FIGURES_OF))
    setting = _setting(known, figures)
    named = [setting or "", *figures] if figures or setting else words[:2]
    frame = _number(" ".join(named), attempt)
    chance = random.Random(frame)
    if setting is None:
        setting = chance.choice(_DEFAULT_SETTINGS)
    weather = frozenset(name for word in known for name in _WEATHER_OF.get(word, ()))
    figure_colour, tints = _colours(words)
    return Plan(
        setting=setting,
        light=_light(known, weather, random.Random(_number(" ".join(words), 0))),
        weather=weather,
        figures=figures,
        figure_colour=figure_colour,
        tint=tints[0] if tints else None,
        second_tint=tints[1] if len(tints) > 1 else None,
        style=next((_STYLE_OF[word] for word in known if word in _STYLE_OF), ""),
        words=frozenset(known),
        lit_by_words=any(word in _LIGHT_OF for word in known),
        frame=frame,
        detail=_number(" ".join(words) or prompt, attempt),
    )


def _known(words: Sequence[str]) -> list[str]:
    """The words, the pairs of neighbours (``blue-hour``), and plurals as singulars too."""
    pairs = [f"{first}-{second}" for first, second in itertools.pairwise(words)]
    return [*pairs, *words, *(word[:-1] for word in words if word.endswith("s") and len(word) > 3)]


def _setting(known: Sequence[str], figures: Sequence[str]) -> str | None:
    """The setting with most words; the one named first where several have as many."""
    votes: dict[str, float] = {}
    for place, word in enumerate(known):
        if (name := _SETTING_OF.get(word)) is not None:
            weight = 1.0
            if word in _FIGURES_OF and (name == "portrait" or name not in _CLOSE_UPS):
                weight = 0.3 if name == "portrait" else 0.6
            votes[name] = votes.get(name, 0.0) + weight - place / 1000
    if {"whale", "fish"} & set(figures) and {"sea", "harbour"} & votes.keys():
        votes.pop("underwater", None)
    if votes:
        return max(votes, key=lambda name: votes[name])
    return next((_HOMES[name] for name in figures if name in _HOMES), None)


def _light(known: Sequence[str], weather: frozenset[str], chance: random.Random) -> str:
    for word in known:
        if word in _LIGHT_OF:
            return _LIGHT_OF[word]
    if "aurora" in weather or "fireflies" in weather:
        return "night"
    if "snow" in weather:
        return chance.choice(("dawn", "day", "dusk"))
    return chance.choice(_DEFAULT_LIGHTS)


def _colours(words: Sequence[str]) -> tuple[Colour | None, tuple[Colour, ...]]:
    """The colour said right before a figure, and those said of anything else."""
    figure: Colour | None = None
    tints: list[Colour] = []
    for place, word in enumerate(words):
        colour = _COLOURS.get(word)
        if colour is None:
            continue
        near = words[place + 1 : place + 3]
        if any(each in _FIGURES_OF or each.rstrip("s") in _FIGURES_OF for each in near):
            figure = figure or colour
        elif not (word == "golden" and "hour" in near):
            tints.append(colour)
    return figure, tuple(tints)


def _number(text: str, attempt: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{attempt} {text}".encode("utf-8", "replace")).digest()[:8], "big")
