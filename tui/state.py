"""What outlives a run of the app: the draft in the prompt, the options, the theme, the shape of rows."""

import contextlib
import os
from pathlib import Path
from typing import Final

import msgspec

from tui.domain.options import DEFAULT_ASPECT_RATIO, DEFAULT_IMAGE_SIZE, DEFAULT_MODEL
from tui.domain.selection import Selection
from tui.settings import Settings

FILE_NAME: Final = "app.json"
MAX_BYTES: Final = 4 * 1024 * 1024


class AppState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The app as it was left. ``references`` are paths; they are read again at the next start."""

    draft: str = ""
    model: str = DEFAULT_MODEL
    aspect_ratio: str = DEFAULT_ASPECT_RATIO
    image_size: str = DEFAULT_IMAGE_SIZE
    count: int = 1
    references: tuple[str, ...] = ()
    theme: str = ""
    history_rows: str = "one"

    def with_settings(self, settings: Settings) -> "AppState":
        """What was set by flag, environment or file goes before what the last run had."""
        names = ("model", "aspect_ratio", "image_size", "count", "history_rows")
        return msgspec.structs.replace(
            self, **{name: getattr(settings, name) for name in names if name in settings.origins}
        )

    @property
    def selection(self) -> Selection:
        """The options, brought to what their model has."""
        wanted = Selection().with_model(self.model or DEFAULT_MODEL)
        return wanted.with_ratio(self.aspect_ratio).with_size(self.image_size).with_count(self.count)


def state_of(draft: str, selection: Selection, theme: str, history_rows: str) -> AppState:
    """The state to keep."""
    return AppState(
        draft=draft,
        model=selection.model,
        aspect_ratio=selection.aspect_ratio,
        image_size=selection.image_size,
        count=selection.count,
        references=tuple(str(reference.path) for reference in selection.references),
        theme=theme,
        history_rows=history_rows,
    )


def load_state(folder: Path) -> AppState | None:
    """The state kept in ``folder``; None where there is none or it cannot be understood."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            return msgspec.json.decode(file.read(MAX_BYTES), type=AppState)
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return None


def save_state(folder: Path, state: AppState) -> None:
    """Keep ``state``, readable by its owner alone, whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f".{FILE_NAME}.{os.getpid()}"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(state))
        partial.replace(folder / FILE_NAME)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
