"""What every widget that shows pictures has to hear."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from tui.terminal.wire import watch
from tui.widgets.pictures import pictures_of


class PictureWidget(Widget):
    """Hears when the terminal loses pictures (suspend, another font size), and when the link is another."""

    _end_listening: Callable[[], None] | None = None

    def on_mount(self) -> None:
        """Begin to listen."""
        watch(self.app, self)
        # Whoever tells it is in no context of the app, which workers and timers need.
        self._end_listening = pictures_of(self.app).link.subscribe(lambda: self.call_later(self.link_changed))

    def on_unmount(self) -> None:
        """Listen no more."""
        if self._end_listening is not None:
            self._end_listening()

    def pictures_lost(self) -> None:
        """What the terminal had is gone, or pictures are drawn in another way."""
        raise NotImplementedError

    def link_changed(self) -> None:
        """The link may be used more freely, or less."""
        raise NotImplementedError
