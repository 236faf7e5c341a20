"""``history show``: one generation in words, as a path, as JSON, or in the system's viewer."""

import sys

from tui import streams
from tui.domain.errors import DiskError, NoImage
from tui.domain.generation import Generation, ImageFile
from tui.domain.thrown import generation_in
from tui.settings import Settings
from tui.shell.facts import facts_object, print_facts
from tui.shell.shelf import Shelf


def show(settings: Settings, name: str, *, opens: bool, only_path: bool, as_json: bool) -> int:
    """Print what is asked for of the generation called ``name``, which may lie in the trash."""
    with Shelf(settings) as shelf:
        found = shelf.named_anywhere(name)
    generation = generation_in(found)
    if opens:
        _open(_picture(generation))
    if only_path:
        streams.print_line(str(_picture(generation).path))
    elif as_json:
        streams.print_json(facts_object(found))
    elif not opens:
        print_facts(found)
    return 0


def _picture(generation: Generation) -> ImageFile:
    """The picture that is there. Raises NoImage, DiskError."""
    image = generation.final_image
    if image is None:
        raise NoImage(title=f"{generation.stem} has no picture", hint="")
    if image.missing:
        raise DiskError(str(image.path), title="The picture's file is gone", hint="image-gen verify looks for others.")
    return image


def _open(image: ImageFile) -> None:
    import shutil
    import subprocess

    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    quiet = subprocess.DEVNULL
    command = [str(opener), str(image.path)]
    if opener is None or subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False).returncode:
        raise DiskError(str(image.path), title="No viewer could open the picture", hint="--path prints where it is.")
