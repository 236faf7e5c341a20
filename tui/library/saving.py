"""A reply becomes files: pictures first, metadata last, all of them whole or none of them visible."""

import errno
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tui.domain.generation import Generation, ImageFile
from tui.domain.reply import ReceivedImage, Reply
from tui.domain.request import Request
from tui.library import files, png
from tui.library.metadata import Saved, Setting, document_of, embedded, generation_of, to_bytes
from tui.library.names import Claims, metadata_name, new_id, picture_name, stamp_of


@dataclass(slots=True)
class _Incoming:
    """A received picture and where its bytes lie now."""

    received: ReceivedImage
    path: Path
    digest: str

    def hide(self, folder: Path) -> None:
        """Take the file into ``folder`` under a hidden name, by rename where that can be."""
        if self.path.parent == folder and self.path.name.startswith("."):
            return
        hidden = folder / files.hidden_name()
        try:
            self.path.rename(hidden)
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise
            hidden = files.copy_hidden(self.path, folder)
            files.remove(self.path)
        self.path = hidden


def save(
    folder: Path,
    claims: Claims,
    request: Request,
    reply: Reply,
    *,
    proxy: str,
    elapsed: float,
    started: datetime | None,
) -> Generation:
    """Keep ``reply`` in ``folder``. DiskError names the pictures that were brought to safety elsewhere."""
    created = (started or datetime.now()).astimezone()
    saved = Saved(new_id(created), created, without_login(proxy), elapsed, reply.warnings)
    pictures = [_Incoming(each, each.path, each.sha256) for each in reply.images]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in pictures:
            each.hide(folder)
        while True:
            generation = _save_under_claim(folder, claims, request, reply, saved, pictures)
            if generation is not None:
                return generation
    except OSError as problem:
        kept = _keep(pictures, stamp_of(created))
        raise files.disk_error(problem, kept=kept) from problem


def _save_under_claim(
    folder: Path,
    claims: Claims,
    request: Request,
    reply: Reply,
    saved: Saved,
    pictures: Sequence[_Incoming],
) -> Generation | None:
    """One attempt; None if a stranger took one of the names meanwhile, with everything hidden again."""
    claim = claims.claim(saved.created)
    try:
        images = [
            ImageFile(
                path=folder / picture_name(claim.stem, number, each.received.mime),
                mime=each.received.mime,
                width=each.received.width,
                height=each.received.height,
                bytes=each.received.bytes,
                sha256=each.received.sha256,
                role=each.received.role,
            )
            for number, each in enumerate(pictures)
        ]
        text = embedded(document_of(request, reply, saved, images))
        images = [_finish(each, image, text) for each, image in zip(pictures, images, strict=True)]
        document = document_of(request, reply, saved, images)
        path = folder / metadata_name(claim.stem)
        told = files.write_hidden(folder, to_bytes(document))
        try:
            for each, image in zip(pictures, images, strict=True):
                files.publish(each.path, image.path)
                each.path = image.path
            files.publish(told, path)
        except FileExistsError:
            for each in pictures:
                each.hide(folder)
            return None
        finally:
            files.remove(told)
        _sync_names(folder, path)
    finally:
        claim.release()
    setting = Setting(claim.stem, saved.created, {image.path.name: image for image in images}, path)
    return generation_of(document, setting)


def _sync_names(folder: Path, path: Path) -> None:
    """Put the new names on the disk; if it refuses, the metadata at ``path`` promises nothing any more."""
    try:
        files.sync_folder(folder)
    except OSError:
        files.remove(path)
        raise


def _finish(each: _Incoming, image: ImageFile, text: bytes) -> ImageFile:
    """Add our text where the picture can carry it, sync the file, and tell its true size and digest."""
    if (image.mime == "image/png" and png.insert_text(each.path, text)) or not each.digest:
        each.digest = files.digest(each.path)
    files.sync_file(each.path)
    return replace(image, bytes=each.path.stat().st_size, sha256=each.digest)


def _keep(pictures: Sequence[_Incoming], stamp: str) -> tuple[Path, ...]:
    """Bring whole pictures out of a library that cannot take them; where they are then, in order."""
    try:
        refuge = Path(tempfile.mkdtemp(prefix="image-gen-kept-"))
    except OSError:
        refuge = None
    kept = []
    for number, each in enumerate(pictures):
        if os.path.lexists(each.path):
            name = picture_name(stamp, number, each.received.mime)
            kept.append(_keep_one(each.path, refuge, name))
    return tuple(kept)


def _keep_one(path: Path, refuge: Path | None, name: str) -> Path:
    """Move ``path`` to the refuge, else out of hiding in its own folder, else leave it."""
    visible = path.with_name(f"kept-{path.name.rpartition('-')[2]}-{name}") if path.name.startswith(".") else path
    for target in ([refuge / name] if refuge else []) + [visible]:
        if target == path:
            break
        try:
            files.move_new(path, target)
        except OSError:
            continue
        return target
    return path


def without_login(url: str) -> str:
    """``url`` without user, password, query and fragment: nothing secret goes into metadata."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    rest = rest.partition("#")[0].partition("?")[0]
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path}"
