"""One typed settings object: defaults < settings file < environment < flags.

``FIELDS`` is the one table: the flags of the command, the names in the environment and the keys of the
settings file all come from it.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from tui.domain.errors import InvalidRequest
from tui.domain.listing import SHAPES
from tui.domain.options import (
    ASPECT_RATIOS,
    DEFAULT_ASPECT_RATIO,
    DEFAULT_IMAGE_SIZE,
    DEFAULT_MODEL,
    IMAGE_SIZES,
    MAX_COUNT,
    find_model,
    nearest_ratio,
    normalise_size,
)
from tui.domain.proxy import DEFAULT_KEY, DEFAULT_PROXY, Secret, base_url

FORMATS: Final = ("as-delivered", "png", "jpeg", "webp")
IMAGE_KINDS: Final = ("auto", "kitty", "sixel", "half", "symbols", "none")
ROW_SHAPES: Final = tuple(shape.name for shape in SHAPES)
LINKS: Final = ("auto", "full", "economy", "off")
ENVIRONMENT_PREFIX: Final = "IMAGE_GEN_"
FILE_NAME: Final = "settings.toml"
DEFAULT_FOLDER: Final = "generated_images"

_YES: Final = frozenset(("1", "true", "yes", "on"))
_NO: Final = frozenset(("0", "false", "no", "off"))
_NO_HOME: Final = "/nonexistent"
"""The home of a user that the system does not know, as in a container with a bare user id."""
_TOML_WORDS: Final = {
    str: 'text in quotes ("…")',
    int: "a number without quotes",
    bool: "true or false, without quotes",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person can set, as it holds for one run of the program.

    ``origins`` maps a field to the place its value came from (``--proxy``, ``IMAGE_GEN_PROXY``, the path of
    the settings file); a field that is not in it has its default. ``warnings`` are sentences for the person.
    """

    model: str = DEFAULT_MODEL
    """Any name; those of the table in ``domain.options`` are known, others are tried."""
    aspect_ratio: str = DEFAULT_ASPECT_RATIO
    """``W:H``, one that some model has; whether this model has it, the request decides."""
    image_size: str = DEFAULT_IMAGE_SIZE
    """``512``, ``1K``, ``2K`` or ``4K``."""
    count: int = 1
    """Requests in parallel, 1 to 99."""
    output_dir: Path = field(default_factory=lambda: Path(DEFAULT_FOLDER))
    """The library; ``~`` is expanded, a relative path starts at the working folder."""
    proxy: str | None = None
    """The proxy's base URL, without ``/v1``; None when nobody named one."""
    api_key: Secret | None = None
    """The proxy's key; None when nobody gave one."""
    sandbox: bool = False
    """Start our own proxy inside."""
    insecure: bool = False
    """Talk to a proxy whose certificate nobody vouches for."""
    timeout: float = 600.0
    """Seconds for one whole request."""
    stream: bool = False
    """Ask for the answer in pieces: words come early, but a stream cannot say why there is no picture."""
    retries: int = 1
    """How often a failed request is sent again by itself: after a wait the server named, a 5xx, a lost connection."""
    wait_limit: float = 120.0
    """Seconds that a job waits by itself for a limit to pass; a longer wait is told, and left to the person."""
    format: str = "as-delivered"
    """What a copy is converted to; ``as-delivered`` converts nothing."""
    images: str = "auto"
    """How the app draws pictures: ``auto``, ``kitty``, ``sixel``, ``half``, ``symbols`` or ``none``."""
    link: str = "auto"
    """How freely pictures use the way to the terminal: ``auto`` by measure, ``full``, ``economy`` or ``off``."""
    theme: str | None = None
    """The app's theme by name; None for its own."""
    history_rows: str = ROW_SHAPES[0]
    """Rows of the app's history: ``one`` line each, ``two``, or with small ``pictures``."""
    jobs_limit: int = 4
    """Requests the app has on their way at once; the rest is queued."""
    reply_limit_mb: int = 512
    """A reply of more mebibytes is refused."""
    sandbox_delay: float | None = None
    """Seconds the sandbox takes for a picture; None for a believable while."""
    config_file: Path = field(default_factory=lambda: Path(FILE_NAME))
    """The settings file that was read, or would have been."""
    state_dir: Path = field(default_factory=lambda: Path("state"))
    """Where we keep what must outlive a run (window state, logs)."""
    cache_dir: Path = field(default_factory=lambda: Path("cache"))
    """Where we keep what can be made again."""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_model_chosen(self) -> bool:
        """Whether a person named the model; the usual one may give way to another."""
        return "model" in self.origins

    @property
    def reply_limit(self) -> int:
        """The largest reply that is taken, in bytes."""
        return self.reply_limit_mb * 1024 * 1024


class _Wrong(Exception):
    """A value that a kind does not take; the text says what it takes."""


Kind = Callable[[object], object]
"""Turns a value (text, or what TOML gives) into the field's type; raises ``_Wrong``."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table: a setting and every way to set it."""

    name: str
    kind: Kind
    help: str
    default: object = None
    flags: tuple[str, ...] = ()
    metavar: str = ""
    toml_types: tuple[type, ...] = (str,)

    @property
    def environment_name(self) -> str:
        """``IMAGE_GEN_ASPECT_RATIO`` for ``aspect_ratio``."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """The long flag, empty where there is none."""
        return self.flags[-1] if self.flags else ""


def _text(value: object) -> str:
    text = str(value).strip()
    if not text:
        raise _Wrong("a name, not nothing")
    if not text.isprintable():
        raise _Wrong("printable text in UTF-8")
    return text


def _ratio(value: object) -> str:
    return str(value).strip()


def _size(value: object) -> str:
    size = normalise_size(str(value))
    if size not in IMAGE_SIZES:
        raise _Wrong(f"one of {' '.join(IMAGE_SIZES)}")
    return size


def _whole(value: object, *, low: int, high: int) -> int:
    expected = f"a whole number from {low} to {high}"
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise _Wrong(expected)
    if not low <= int(text) <= high:
        raise _Wrong(expected)
    return int(text)


def _seconds(value: object, *, allow_zero: bool = False) -> float:
    expected = "a number of seconds, 0 or more" if allow_zero else "a number of seconds above 0"
    try:
        seconds = float(str(value)) if not isinstance(value, bool) else -1.0
    except ValueError:
        raise _Wrong(expected) from None
    if not (0 <= seconds < 1e7) or (seconds == 0 and not allow_zero):
        raise _Wrong(expected)
    return seconds


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise _Wrong("yes or no (1, true, on; 0, false, off)")


def _choice(value: object, *, allowed: tuple[str, ...]) -> str:
    word = str(value).strip().lower()
    if word not in allowed:
        raise _Wrong(f"one of {' '.join(allowed)}")
    return word


def _folder(value: object) -> Path:
    text = str(value)
    if not text.strip() or "\0" in text:
        raise _Wrong("a path")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise _Wrong("a path whose ~ stands for a known home") from None


def _url(value: object) -> str:
    from urllib.parse import urlsplit

    expected = f"an address like {DEFAULT_PROXY}"
    text = str(value).strip()
    try:
        parts = urlsplit(base_url(text))
        usable = bool(parts.hostname) and parts.port != 0 and parts.scheme.lower() in ("http", "https")
    except ValueError:
        raise _Wrong(expected) from None
    if not usable or not text.isprintable() or " " in text:
        raise _Wrong(expected)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _Wrong(f"{expected}, without a key in it (that is --api-key)")
    return base_url(text)


def _secret(value: object) -> Secret:
    if isinstance(value, Secret):
        return value
    text = str(value).strip()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise _Wrong("a key of printable ASCII characters without spaces")
    return Secret(text)


FIELDS: Final = (
    Field(
        "model",
        _text,
        "Any name; unknown ones are tried, not refused.",
        DEFAULT_MODEL,
        ("-m", "--model"),
        "NAME",
    ),
    Field(
        "aspect_ratio",
        _ratio,
        "One of the model's ratios.",
        DEFAULT_ASPECT_RATIO,
        ("-r", "--aspect-ratio"),
        "W:H",
    ),
    Field(
        "image_size",
        _size,
        "512, 1K, 2K or 4K.",
        DEFAULT_IMAGE_SIZE,
        ("-s", "--image-size"),
        "SIZE",
        (str, int),
    ),
    Field(
        "count",
        partial(_whole, low=1, high=MAX_COUNT),
        "Pictures to make: as many requests in parallel.",
        1,
        ("-n", "--count"),
        "N",
        (int,),
    ),
    Field(
        "output_dir",
        _folder,
        "The library: the folder where pictures are kept.",
        f"./{DEFAULT_FOLDER}",
        ("-d", "--output-dir"),
        "DIR",
    ),
    Field(
        "format",
        partial(_choice, allowed=FORMATS),
        "as-delivered keeps the bytes; png, jpeg and webp make a converted copy beside them.",
        FORMATS[0],
        ("--format",),
        "|".join(FORMATS),
    ),
    Field(
        "proxy",
        _url,
        "The proxy's address, with or without /v1.",
        f"found, else {DEFAULT_PROXY}",
        ("--proxy",),
        "URL",
    ),
    Field("api_key", _secret, "The proxy's key.", f"found, else {DEFAULT_KEY}", ("--api-key",), "KEY"),
    Field(
        "sandbox",
        _switch,
        "Use our own proxy inside, painting pictures: no account, no network.",
        flags=("--sandbox/--no-sandbox",),
        toml_types=(bool,),
    ),
    Field(
        "timeout",
        _seconds,
        "Whole wait for one request.",
        600,
        ("--timeout",),
        "SECONDS",
        toml_types=(int, float),
    ),
    Field(
        "insecure",
        _switch,
        "Accept a certificate that nobody vouches for.",
        flags=("--insecure/--no-insecure",),
        toml_types=(bool,),
    ),
    Field(
        "stream",
        _switch,
        "Ask for the answer in pieces: the model's words come early, but why there is no picture gets lost.",
        flags=("--stream/--no-stream",),
        toml_types=(bool,),
    ),
    Field(
        "retries",
        partial(_whole, low=0, high=5),
        "Further requests made by themselves after a failure by chance or a short limit; 0 for none.",
        1,
        ("--retries",),
        "N",
        (int,),
    ),
    Field(
        "wait_limit",
        partial(_seconds, allow_zero=True),
        "Longest wait for a limit to pass; a longer one is told, not sat out.",
        120,
        ("--wait-limit",),
        "SECONDS",
        (int, float),
    ),
    Field("images", partial(_choice, allowed=IMAGE_KINDS), "How the app draws pictures.", "auto"),
    Field(
        "link",
        partial(_choice, allowed=LINKS),
        "How freely pictures use the way to the terminal: auto measures it; full sends the best look at once; "
        "economy a small one first, sharpened when nothing else is going on; off sends no pictures.",
        "auto",
    ),
    Field("theme", _text, "The app's theme."),
    Field(
        "history_rows",
        partial(_choice, allowed=ROW_SHAPES),
        "Rows of the app's history: one line each, two, or with small pictures.",
        ROW_SHAPES[0],
    ),
    Field(
        "jobs_limit",
        partial(_whole, low=1, high=MAX_COUNT),
        "Requests the app has on their way at once.",
        4,
        toml_types=(int,),
    ),
    Field(
        "reply_limit_mb",
        partial(_whole, low=1, high=100_000),
        "Largest reply in MiB.",
        512,
        toml_types=(int,),
    ),
    Field(
        "sandbox_delay",
        partial(_seconds, allow_zero=True),
        "Seconds the sandbox takes for a picture.",
        toml_types=(int, float),
    ),
)

BY_NAME: Final[Mapping[str, Field]] = {row.name: row for row in FIELDS}


def load_settings(flags: Mapping[str, object], *, environ: Mapping[str, str], config: Path | None = None) -> Settings:
    """The settings that hold: defaults < settings file < environment < flags.

    ``flags`` maps field names to values; None means that the flag was not given. An empty environment
    variable counts as unset. ``config`` is a settings file named by a person: it must exist, while the
    usual one need not. Raises InvalidRequest naming the place of a wrong value and what would be right.
    """
    config_file, state_dir, cache_dir = _places(environ)
    named = config or _named_config(environ)
    from_file, warnings = _read_file(named or config_file, must_exist=named is not None)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for row in FIELDS:
        found = _look_up(row, flags, environ, from_file, str(named or config_file))
        if found is not None:
            values[row.name], origins[row.name] = found
    _settle_sandbox(values, origins)
    _check_ratio(values, origins)
    return Settings(
        **values,
        config_file=named or config_file,
        state_dir=state_dir,
        cache_dir=cache_dir,
        origins=origins,
        warnings=warnings,
    )


def path_of(text: str, place: str) -> Path:
    """A path as a person writes it, ``~`` expanded. Raises InvalidRequest naming ``place``."""
    try:
        return _folder(text)
    except _Wrong as wrong:
        raise _refusal(place, repr(text), wrong) from None


def parse_switch(text: str, place: str) -> bool:
    """Yes or no as the environment says it. Raises InvalidRequest naming ``place``."""
    try:
        return _switch(text)
    except _Wrong as wrong:
        raise _refusal(place, repr(text), wrong) from None


def closest(word: str, words: tuple[str, ...]) -> str | None:
    """The one of ``words`` that ``word`` was probably meant to be, None if none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, words, n=1, cutoff=0.6)
    return near[0] if near else None


def _look_up(
    row: Field,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    from_file: Mapping[str, object],
    file_name: str,
) -> tuple[object, str] | None:
    """The field's value and its place, from the strongest place that has one."""
    given = flags.get(row.name)
    if given is not None:
        place = row.flag.partition("/")[0] or row.name
        return _parse(row, given, place), place
    text = environ.get(row.environment_name, "")
    if text:
        return _parse(row, text, row.environment_name), row.environment_name
    if row.name not in from_file:
        return None
    value = from_file[row.name]
    if not isinstance(value, row.toml_types) or (isinstance(value, bool) and bool not in row.toml_types):
        raise InvalidRequest(
            title=f"{file_name}: {row.name} is of the wrong type",
            hint=f"{row.name} takes {_TOML_WORDS[row.toml_types[0]]}.",
        )
    return _parse(row, value, f"{file_name}: {row.name}"), file_name


def _parse(row: Field, value: object, place: str) -> object:
    try:
        return row.kind(value)
    except _Wrong as wrong:
        # A login or a question in an address may be a key in the wrong place.
        is_secret = row.kind is _secret or (row.kind is _url and any(mark in str(value) for mark in "@?#"))
        shown = "this value" if is_secret else repr(str(value))
        raise _refusal(place, shown, wrong) from None


def _refusal(place: str, shown: str, wrong: _Wrong) -> InvalidRequest:
    return InvalidRequest(title=f"{place} does not take {shown}", hint=f"It takes {wrong}.")


def _settle_sandbox(values: dict[str, Any], origins: Mapping[str, str]) -> None:
    """A proxy named in a stronger place switches the sandbox off; named by two flags, nobody can know."""
    if not values.get("sandbox") or "proxy" not in values:
        return
    ranks = {name: _rank(origins[name]) for name in ("sandbox", "proxy")}
    if ranks["sandbox"] == ranks["proxy"] == 2:
        raise InvalidRequest(title="--sandbox and --proxy exclude each other", hint="Leave one of them out.")
    if ranks["proxy"] > ranks["sandbox"]:
        values["sandbox"] = False


def _rank(origin: str) -> int:
    return 2 if origin.startswith("--") else 1 if origin.startswith(ENVIRONMENT_PREFIX) else 0


def _check_ratio(values: Mapping[str, Any], origins: Mapping[str, str]) -> None:
    ratio = values.get("aspect_ratio")
    if ratio is None or ratio in ASPECT_RATIOS:
        return
    model = find_model(values.get("model", DEFAULT_MODEL))
    near = nearest_ratio(ratio, model.ratios)
    raise InvalidRequest(
        title=f"{origins['aspect_ratio']}: {model.id} has no aspect ratio {ratio!r}",
        hint=f"It has {' '.join(model.ratios)}." + (f" Closest to yours: {near}." if near else ""),
    )


def _named_config(environ: Mapping[str, str]) -> Path | None:
    variable = f"{ENVIRONMENT_PREFIX}CONFIG"
    text = environ.get(variable, "")
    return path_of(text, variable) if text else None


def _places(environ: Mapping[str, str]) -> tuple[Path, Path, Path]:
    """The settings file, the state folder and the cache folder.

    On Linux and the BSDs they follow the XDG Base Directory Specification, written out here because
    importing platformdirs costs more than the rest of this module.
    """
    variable = f"{ENVIRONMENT_PREFIX}HOME"
    home = environ.get(variable, "")
    if home:
        folder = path_of(home, variable).absolute()
        return folder / FILE_NAME, folder / "state", folder / "cache"
    if sys.platform in ("darwin", "win32"):
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("image-gen", appauthor=False)
        return dirs.user_config_path / FILE_NAME, dirs.user_state_path, dirs.user_cache_path
    return (
        _xdg(environ, "XDG_CONFIG_HOME", ".config") / FILE_NAME,
        _xdg(environ, "XDG_STATE_HOME", ".local/state"),
        _xdg(environ, "XDG_CACHE_HOME", ".cache"),
    )


def _xdg(environ: Mapping[str, str], variable: str, fallback: str) -> Path:
    """The specification: a relative path in the variable is to be ignored."""
    folder = Path(environ.get(variable, ""))
    if not folder.is_absolute():
        try:
            home = Path(environ.get("HOME") or "~").expanduser()
        except RuntimeError:
            home = Path(_NO_HOME)
        folder = home / fallback
    return folder / "image-gen"


def _read_file(path: Path, *, must_exist: bool) -> tuple[dict[str, object], tuple[str, ...]]:
    """What the settings file says, and a sentence for each key that is no setting."""
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if not must_exist:
            return {}, ()
        raise _bad_file(path, "there is no such file") from None
    except PermissionError:
        # The home may be another user's (sudo, a container): whoever named no file is not kept from working.
        if not must_exist:
            return {}, (f"{path} may not be read by you; the settings in it do not hold.",)
        raise _bad_file(path, "it may not be read by you") from None
    except OSError as error:
        raise _bad_file(path, error.strerror or type(error).__name__) from None
    import tomllib

    try:
        values = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad_file(path, str(error)) from None
    known = tuple(BY_NAME)
    warnings = []
    for key in values.keys() - BY_NAME.keys():
        near = closest(key, known)
        warnings.append(f"{path}: no setting is called {key!r}" + (f"; is it {near}?" if near else "."))
    return {key: value for key, value in values.items() if key in BY_NAME}, tuple(sorted(warnings))


def _bad_file(path: Path, why: str) -> InvalidRequest:
    return InvalidRequest(
        f"{path}: {why}",
        title="The settings file cannot be read",
        hint='It is TOML, one setting a line: model = "gemini-3-pro-image".',
    )
