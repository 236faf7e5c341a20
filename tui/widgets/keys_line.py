"""The last line of a screen that covers the panes: its keys, and for a while in their place what is to be said."""

from collections.abc import Iterable
from typing import Final

from textual.content import Content
from textual.timer import Timer

from tui.commands import fitting_or_help
from tui.domain.words import one_line
from tui.widgets.cells import clip
from tui.widgets.plain import Plain, content

SAID_SECONDS: Final = 6.0


class KeysLine(Plain):
    """Shows ``list_keys``, as many as fit, or what ``say`` was given last."""

    def __init__(self) -> None:
        super().__init__(classes="caption keys")
        self._keys: tuple[str, ...] = ()
        self._said: tuple[str, bool] = ("", False)
        self._unsay: Timer | None = None

    def list_keys(self, keys: Iterable[str]) -> None:
        """Other keys work now, those first that matter most."""
        self._keys = tuple(keys)
        self._write()

    def say(self, words: str, *, error: bool = False) -> None:
        """Say something for a while."""
        self._said = (words, error)
        if self._unsay is not None:
            self._unsay.stop()
        self._unsay = self.set_timer(SAID_SECONDS, self._say_nothing)
        self._write()

    def _say_nothing(self) -> None:
        self._said = ("", False)
        self._write()

    def on_resize(self) -> None:
        """As many as fit now."""
        self._write()

    def _write(self) -> None:
        width = max(0, self.size.width - 2)
        words, error = self._said
        if words:
            line = content(clip(one_line(words), width)).stylize("$text-error" if error else "$text-accent")
        else:
            line = Content.assemble((fitting_or_help(self._keys, width), "$muted"))
        self.show(Content.assemble(" ", line))
