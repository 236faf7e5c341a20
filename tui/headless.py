"""One order from the command line to saved pictures: over the same studio as the app, with no screen.

Standard output gets a path a line, or with ``--json`` an object a line; all else goes to standard error.
"""

import asyncio
import gc
import math
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tui import streams
from tui.domain.delivered import loses
from tui.domain.errors import (
    AccessError,
    DiskError,
    ImageGenError,
    Interrupted,
    InvalidRequest,
    ModelUnknown,
    Refused,
    worst_exit_status,
)
from tui.domain.events import JobChanged
from tui.domain.generation import Generation, GenerationWarning, ImageFile
from tui.domain.job import Job, JobState
from tui.domain.options import find_model
from tui.domain.picture import EXTENSIONS
from tui.domain.proxy import ProxyAddress
from tui.domain.request import Request
from tui.domain.selection import with_model
from tui.domain.words import clock_words, one_line
from tui.orders import Order
from tui.progress import Progress
from tui.settings import Settings

if TYPE_CHECKING:
    from tui.connect.find import Search
    from tui.engine.studio import Studio
    from tui.library import Library
    from tui.proxy.child import Sandbox

AS_DELIVERED: Final = "as-delivered"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TYPE_OF_SUFFIX: Final = {f".{extension}": mime for mime, extension in EXTENSIONS.items()} | {
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
}


def run(order: Order) -> int:
    """Carry out ``order`` and return the exit status of the contract."""
    report = Report(order)
    lost = loses(order.request.model, has_references=bool(order.request.references))
    if lost and not order.settings.sandbox:
        streams.warn(lost)
    try:
        asyncio.run(_until_done_or_stopped(order, report))
    except KeyboardInterrupt:
        report.progress.close()
        report.fail_the_rest(Interrupted())
    line = find_model(order.request.model).life_cycle_line(date.today())
    if line and any(_may_be_the_model(error) for error in report.errors):
        # A proxy may serve the name still; that it is gone explains a failure, and is no news with a picture.
        streams.warn(f"{line}.")
    return worst_exit_status(report.errors)


def _may_be_the_model(error: ImageGenError) -> bool:
    """Whether a model that is gone can have caused this: not what the proxy says of itself, nor a refused prompt."""
    if error.origin == "proxy":
        return isinstance(error, ModelUnknown)
    return isinstance(error, AccessError) or (error.exit_status == 1 and not isinstance(error, Refused))


class Report:
    """What a person or a script gets to see of an order, and what went wrong with it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._open = order.settings.count
        self._told: set[tuple[str, str, str]] = set()
        self._said: set[str] = set()
        self.errors: list[ImageGenError] = []
        self.progress = Progress(order.settings.count)

    def done(self, generation: Generation, warnings: tuple[GenerationWarning, ...] = ()) -> None:
        """A generation is in the library. Raises DiskError where standard output cannot be written."""
        self._open -= 1
        self.progress.count_done()
        everything = (*generation.warnings, *warnings)
        self.progress.clear()
        for warning in everything:
            streams.warn(warning.message)
        if self._order.as_json:
            self._say(done_object(self._order, replace(generation, warnings=everything)))
            return
        for image in wanted_images(self._order, generation):
            if self._order.to_stdout:
                streams.write_error(f"{one_line(str(image.path), 4096)}\n")
            else:
                streams.print_line(str(image.path))

    def failed(self, error: ImageGenError) -> None:
        """A request gave nothing."""
        self._open -= 1
        self.progress.count_failed()
        self.trouble(error)
        if self._order.as_json:
            self._say(failed_object(self._order.request, error))

    def hear(self, event: JobChanged) -> None:
        """A job that waits says what for and until when; the same words are told once."""
        job = event.job
        if job.state is not JobState.WAITING or job.error is None or job.resumes_at is None:
            return
        left = max(0.0, job.resumes_at - time.monotonic())
        words = (job.error.code, job.error.title, clock_words(left, datetime.now()))
        if words not in self._told:
            self._told.add(words)
            self.progress.clear()
            streams.note(f"{job.error.title}; trying again in {math.ceil(left)} s, at {words[2]}.")

    def trouble(self, error: ImageGenError) -> None:
        """Something went wrong; the same words are told once."""
        self.errors.append(error)
        words = (error.code, error.title, error.detail)
        if words in self._told:
            return
        self._told.add(words)
        self.progress.clear()
        streams.tell(error)

    def stands_in(self, model: str) -> None:
        """A model nobody chose is not served, and ``model`` makes the picture; said once."""
        words = f"The proxy does not serve {self._order.request.model}; {model} makes it (--model chooses another)."
        if words not in self._said:
            self._said.add(words)
            self.progress.clear()
            streams.warn(words)

    def fail_the_rest(self, error: ImageGenError) -> None:
        """Every request that has no end yet ended with ``error``."""
        for _ in range(self._open):
            self.failed(error)

    def _say(self, value: dict[str, Any]) -> None:
        self.progress.clear()
        streams.print_json(value)


def done_object(order: Order, generation: Generation) -> dict[str, Any]:
    """The ``--json`` line of a generation."""
    return {
        "status": "done",
        "id": generation.id,
        "created_at": generation.created_at.isoformat(timespec="milliseconds"),
        "prompt": generation.prompt,
        "model": generation.model,
        "images": [image_object(image) for image in wanted_images(order, generation)],
        "metadata": str(generation.metadata) if generation.metadata else None,
        "text": generation.reply.text,
        "elapsed": None if generation.elapsed is None else round(generation.elapsed, 3),
        "warnings": [{"code": each.code, "message": each.message} for each in generation.warnings],
    }


def failed_object(request: Request, error: ImageGenError) -> dict[str, Any]:
    """The ``--json`` line of a request that gave nothing."""
    return {"status": "failed", "prompt": request.prompt, "model": request.model, "error": error.as_dict()}


def image_object(image: ImageFile) -> dict[str, Any]:
    """A picture as ``--json`` tells it."""
    return {
        "path": str(image.path),
        "mime": image.mime,
        "width": image.width,
        "height": image.height,
        "bytes": image.bytes,
        "sha256": image.sha256,
    }


def wanted_images(order: Order, generation: Generation) -> tuple[ImageFile, ...]:
    """The pictures to tell of: the converted copies where ``--format`` made some, else all that came."""
    if order.settings.format == AS_DELIVERED:
        return generation.images
    mime = f"image/{order.settings.format}"
    converted = tuple(image for image in generation.images if image.mime == mime)
    return converted or generation.images


def numbered(path: Path, index: int) -> Path:
    """Where the copy of picture ``index`` goes: FILE, then FILE-2, FILE-3 … before its extension."""
    return path if index == 0 else path.with_name(f"{path.stem}-{index + 1}{path.suffix}")


async def _until_done_or_stopped(order: Order, report: Report) -> None:
    """Work until all is done; a signal stops the work, a second one ends the program at once."""
    stop = asyncio.Event()
    async with _listening(stop, report):
        work = asyncio.create_task(_work(order, report))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
        stopped.cancel()
        outcome = (await asyncio.gather(work, return_exceptions=True))[0]
        report.progress.close()
        if isinstance(outcome, asyncio.CancelledError):
            report.fail_the_rest(Interrupted())
        elif isinstance(outcome, ImageGenError):
            report.fail_the_rest(outcome)
        elif outcome is not None:
            raise outcome


@asynccontextmanager
async def _listening(stop: asyncio.Event, report: Report) -> AsyncIterator[None]:
    def hear() -> None:
        if stop.is_set():
            report.progress.clear()
            os._exit(Interrupted.exit_status)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, hear)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _work(order: Order, report: Report) -> None:
    """The order from the proxy to the library. Raises ImageGenError where no request could be made."""
    report.progress.start()
    async with reach_proxy(order.settings) as address:
        from tui.engine.client import Client
        from tui.engine.retry import RetryPolicy
        from tui.engine.studio import Studio
        from tui.library import Library

        gc.enable()
        settings = order.settings
        library = Library(settings.output_dir)
        await asyncio.to_thread(_open_for_writing, library)
        client = Client(
            address,
            spool=library.spool,
            timeout=settings.timeout,
            reply_limit=settings.reply_limit,
            stream=settings.stream,
        )
        policy = RetryPolicy(settings.retries, settings.wait_limit)
        studio = Studio(client, library, limit=settings.count, policy=policy)
        studio.subscribe(report.progress.hear)
        studio.subscribe(report.hear)
        try:
            jobs = [studio.submit(order.request) for _ in range(settings.count)]
            makers = [_make(order, report, studio, library, job, index) for index, job in enumerate(jobs)]
            await asyncio.gather(*makers)
        finally:
            await studio.aclose()


def _open_for_writing(library: "Library") -> None:
    """Open the library, and find out that it cannot be written before a picture is paid for."""
    library.open()
    if not os.access(library.folder, os.W_OK | os.X_OK):
        raise DiskError(f"{library.folder} may not be written by you.")


@asynccontextmanager
async def reach_proxy(settings: Settings, search: "Search | None" = None) -> AsyncIterator[ProxyAddress]:
    """Where to send requests; a sandbox of our own lives as long as the block.

    ``search`` is what a look for the proxy found, None where nobody has looked yet.
    """
    if not settings.sandbox:
        from tui.connect.find import look, settle

        address = await settle(search or await look(settings, os.environ))
        if address.is_unchecked:
            streams.warn(f"The certificate of {address.label} is not checked.")
        yield address
        return
    from tui.proxy.child import start_sandbox

    sandbox: Sandbox = await start_sandbox(delay=settings.sandbox_delay)
    try:
        yield sandbox.address
    finally:
        await asyncio.to_thread(sandbox.stop)


async def _make(order: Order, report: Report, studio: "Studio", library: "Library", job: Job, index: int) -> None:
    """One request to its end, whatever that is."""
    try:
        job = await studio.run(job.id)
        stand_in = _stand_in(order, job.error)
        if stand_in is not None:
            report.stands_in(stand_in.model)
            job = studio.submit(stand_in)
            job = await studio.run(job.id)
    except asyncio.CancelledError:
        job = next(each for each in studio.jobs() if each.id == job.id)
    try:
        if job.generation is None:
            failed = job.error if job.state is JobState.FAILED else None
            report.failed(failed or Interrupted())
        else:
            await _deliver(order, report, library, job.generation, index)
    except DiskError as error:
        report.trouble(error)


def _stand_in(order: Order, error: ImageGenError | None) -> Request | None:
    """The request for the nearest model that is served, where nobody chose the one that is not.

    None where the other model would not take the same options.
    """
    if not isinstance(error, ModelUnknown) or error.nearest is None or order.settings.is_model_chosen:
        return None
    try:
        request = with_model(order.request, error.nearest)
    except InvalidRequest:
        return None
    asked = (order.request.aspect_ratio, order.request.image_size)
    return request if (request.aspect_ratio, request.image_size) == asked else None


async def _deliver(order: Order, report: Report, library: "Library", generation: Generation, index: int) -> None:
    """Convert and copy as asked, then tell; what went wrong with a copy leaves the generation done."""
    trouble: ImageGenError | None = None
    warnings: tuple[GenerationWarning, ...] = ()
    try:
        if order.settings.format != AS_DELIVERED:
            generation = await asyncio.to_thread(library.convert, generation, order.settings.format)
        image = wanted_images(order, generation)[-1]
        if order.to_stdout:
            await asyncio.to_thread(streams.copy_out, image.path)
        if order.output is not None:
            target = numbered(order.output, index)
            warnings = _suffix_warning(target, image)
            await asyncio.to_thread(_copy, library, image, target)
    except ImageGenError as error:
        trouble = error
    except OSError as error:
        trouble = DiskError(
            f"{error.filename or image.path}: {error.strerror}",
            title="The picture cannot be copied",
            hint="The picture is in the library all the same.",
        )
    report.done(generation, warnings)
    if trouble is not None:
        report.trouble(trouble)


def _copy(library: "Library", image: ImageFile, target: Path) -> None:
    """The copy that ``--output`` asks for. Raises DiskError that speaks of the file a person named."""
    try:
        library.export(image, target)
    except DiskError as error:
        cause = error.__cause__
        why = cause.strerror if isinstance(cause, OSError) else None
        hint = "The picture is in the library all the same; name another file with -o."
        raise DiskError(f"{target}: {why}" if why else error.detail, title=error.title, hint=hint) from error


def _suffix_warning(target: Path, image: ImageFile) -> tuple[GenerationWarning, ...]:
    """A warning where the extension that a person chose promises another type than the bytes have."""
    promised = _TYPE_OF_SUFFIX.get(target.suffix.lower())
    if promised is None or promised == image.mime:
        return ()
    kind = image.mime.removeprefix("image/").upper()
    convert = promised.removeprefix("image/")
    hint = f" --format {convert} converts it." if convert in ("png", "jpeg", "webp") else ""
    return (GenerationWarning("extension_mismatch", f"{target.name} holds a {kind} picture.{hint}"),)
