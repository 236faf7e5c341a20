"""A library that cannot keep what it is given."""

from typing import Any

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.domain.reply import Reply
from tui.domain.request import Request
from tui.library import Library


class FullLibrary(Library):
    """A library without room: ``save`` brings the pictures to safety and says where."""

    def save(self, request: Request, reply: Reply, **named: Any) -> Generation:
        self.folder.mkdir(exist_ok=True)
        kept = [image.path.rename(self.folder / f"kept-{place}") for place, image in enumerate(reply.images)]
        raise DiskError("No space left on device", kept=kept)
