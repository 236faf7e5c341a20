"""A picture of a generation once more, in another type: beside the others, and named by the metadata."""

import os
from dataclasses import replace
from pathlib import Path

from tui.domain.errors import DiskError
from tui.domain.generation import Generation, ImageFile
from tui.library import export, files, marks, metadata, names
from tui.library.reading import look_at


def add_copy(folder: Path, generation: Generation, format: str) -> bool:
    """Add a copy of the picture in ``format``; False where there is one of that type already. DiskError."""
    image = generation.final_image
    if image is None or image.missing:
        raise DiskError("Its picture is gone.", title="The picture cannot be converted", hint="")
    mime = export.wanted_mime(image.mime, format)
    if any(each.mime == mime and not each.missing for each in generation.images):
        return False
    with files.disk_errors("The picture cannot be converted"):
        copy = _written(folder, generation, image, mime)
    marks.edit(folder, generation, lambda document: _append(document, copy))
    return True


def _written(folder: Path, generation: Generation, image: ImageFile, mime: str) -> ImageFile:
    """Write the converted picture beside the others, under the next free number."""
    hidden = folder / files.hidden_name()
    try:
        with hidden.open("xb") as stream:
            export.write_as(image, mime, stream)
            stream.flush()
            os.fsync(stream.fileno())
        number = len(generation.images)
        while True:
            path = folder / names.picture_name(generation.stem, number, mime)
            try:
                files.publish(hidden, path)
                break
            except FileExistsError:
                number += 1
    except (OSError, DiskError):
        files.remove(hidden)
        raise
    files.sync_folder(folder)
    return replace(look_at(path), sha256=files.digest(path), role="copy")


def _append(document: metadata.Document, image: ImageFile) -> None:
    entries = document.get("images")
    if not isinstance(entries, list):
        entries = []
        document["images"] = entries
    entries.append(metadata.image_entry(image))
