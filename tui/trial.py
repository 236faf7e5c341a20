"""One small picture, made to see whether it can be made, and thrown away again: ``doctor --probe``."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from tui.domain.errors import DiskError, ImageGenError, ServerError
from tui.domain.finding import Finding
from tui.domain.generation import Generation
from tui.domain.job import Job
from tui.domain.options import DEFAULT_ASPECT_RATIO, DEFAULT_IMAGE_SIZE, find_model
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.request import Request
from tui.domain.served import nearest_served, served_as
from tui.domain.words import one_line
from tui.settings import Settings

PROMPT: Final = "A red circle on a white background"
_NAME: Final = "probe"


async def try_once(settings: Settings, address: ProxyAddress, health: ProxyHealth) -> Finding:
    """Send one request for the smallest picture of the chosen model; what came of it.

    The picture is kept in a temporary folder for as long as it is looked at.
    """
    if not health.answers:
        return Finding(_NAME, "not sent: no proxy answers")
    model = served_as(settings.model, health.models or ()) or settings.model
    if model not in (health.models or (model,)) and not settings.is_model_chosen:
        model = nearest_served(model, health.models or ()) or model
    sizes = find_model(model).sizes
    size = sizes[0] if sizes else DEFAULT_IMAGE_SIZE
    try:
        request = Request(PROMPT, model=model, aspect_ratio=DEFAULT_ASPECT_RATIO, image_size=size)
        with tempfile.TemporaryDirectory(prefix="image-gen-probe-") as folder:
            job = await _run(settings, address, request, Path(folder))
            if job.generation is not None:
                return Finding(_NAME, await asyncio.to_thread(_told, job, job.generation))
    except OSError as error:
        return _failed(DiskError(error.strerror or str(error)), 0)
    return _failed(job.error or ServerError("It ended without a word."), job.attempts)


async def _run(settings: Settings, address: ProxyAddress, request: Request, folder: Path) -> Job:
    """One job that is sent once, whatever comes of it."""
    from tui.engine.client import Client
    from tui.engine.retry import RetryPolicy
    from tui.engine.studio import Studio
    from tui.library import Library

    library = Library(folder)
    client = Client(address, spool=library.spool, timeout=settings.timeout, reply_limit=settings.reply_limit)
    studio = Studio(client, library, policy=RetryPolicy(retries=0))
    try:
        return await studio.run(studio.submit(request).id)
    finally:
        await studio.aclose()


def _told(job: Job, generation: Generation) -> str:
    """Type, pixels, drafts, content credentials, time and attempts."""
    image = generation.final_image
    if image is None:
        return f"{job.request.model}: an answer without a picture"
    drafts = sum(each.role == "draft" for each in generation.images)
    credentials = "with" if b"c2pa" in image.path.read_bytes() else "without"
    parts = [
        f"{job.request.model} gave {image.mime} of {image.width}×{image.height}",
        f"{drafts} draft{'s' if drafts != 1 else ''}",
        f"{credentials} C2PA credentials",
        f"{generation.elapsed or 0:.1f} s",
        f"{job.attempts or 1} request{'s' if job.attempts > 1 else ''} sent",
        *(warning.message for warning in generation.warnings),
    ]
    return ", ".join(parts)


def _failed(error: ImageGenError, attempts: int) -> Finding:
    told = f" ({one_line(error.detail, 200)})" if error.detail else ""
    count = f", {attempts} requests sent" if attempts > 1 else ""
    return Finding(_NAME, f"{error.title}{told}{count}", "problem", error.hint, error.exit_status)
