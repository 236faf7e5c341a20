"""A reply on its way from the proxy to the library, with what the library wants to know beside it."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tui.domain.generation import GenerationWarning
from tui.domain.reply import Reply


@dataclass(frozen=True, slots=True)
class Received:
    """A reply, the proxy's URL, the seconds its request took, and when that began."""

    reply: Reply
    proxy: str
    elapsed: float
    started: datetime


def requests_words(count: int) -> str:
    """``2 requests``."""
    return f"{count} request{'s' if count != 1 else ''}"


def counted(received: Received, attempts: int) -> Received:
    """With a word of it where more than one request was made: each may have been paid for."""
    if attempts < 2:
        return received
    warning = GenerationWarning("retried", f"{requests_words(attempts)} were made for this picture.")
    return replace(received, reply=replace(received.reply, warnings=(*received.reply.warnings, warning)))


def moved(received: Received, kept: tuple[Path, ...]) -> Received:
    """With its pictures where they were kept."""
    images = received.reply.images
    if len(kept) != len(images):
        return received
    there = tuple(replace(image, path=path) for image, path in zip(images, kept, strict=True))
    return replace(received, reply=replace(received.reply, images=there))
