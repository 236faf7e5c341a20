"""Text from outside made safe to show: no control characters, bounded, on one line where that is asked."""

import re
from datetime import datetime, timedelta
from typing import Final

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # the categories Cc, without new line and tab,
    "\ud800-\udfff"  # and Cs
    "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"  # direction overrides, marks and isolates
)


def printable(text: str) -> str:
    """``text`` without control characters, lone surrogates and direction overrides; new lines and tabs stay.

    Carriage returns become new lines, so that nothing can write over what stands before it.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub("", unified)


def one_line(text: str, limit: int = 400) -> str:
    """``text`` as one line of at most ``limit`` characters, white space folded."""
    folded = " ".join(printable(text[: limit * 4]).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def file_size(count: int) -> str:
    """A number of bytes as a person reads it: ``6.1 MB``, ``312 KB``."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} KB"


def rating_stars(rating: int) -> str:
    """A rating of 1 to 5 as five stars, ``★★★☆☆``; nothing for 0."""
    return "★" * rating + "☆" * (5 - rating) if 0 < rating <= 5 else ""


def rating_sign(rating: int) -> str:
    """A rating of 1 to 5 in two cells, ``4★``, where five stars have no room; nothing for 0."""
    return f"{rating}★" if 0 < rating <= 5 else ""


def clock_words(seconds: float, now: datetime) -> str:
    """The time of day, to the second, that it will be in ``seconds``; with the day where that is another."""
    until = now + timedelta(seconds=seconds)
    return f"{until:%H:%M:%S}" if until.date() == now.date() else f"{until:%Y-%m-%d %H:%M:%S}"


def with_tilde(text: str, home: str) -> str:
    """``text`` with the folder ``home`` in its paths as ``~``: shorter, and as people write it."""
    folder = home.rstrip("/")
    return text.replace(f"{folder}/", "~/") if folder else text


def wait_words(seconds: float, now: datetime) -> str:
    """How long a wait is: in seconds up to two minutes, else with the time of day (and the day) it ends at.

    Quotas of pictures are closed for hours and days; a number of seconds says nothing then.
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    until = now + timedelta(seconds=seconds)
    clock = f"{until:%H:%M}" if until.date() == now.date() else f"{until:%Y-%m-%d %H:%M}"
    return f"{f'{hours} h {rest} min' if hours else f'{minutes} min'} (at {clock})"
