"""A widget for text from outside: never markup, never a control character."""

from textual.content import Content
from textual.widgets import Static

from tui.domain.words import printable


def content(text: str) -> Content:
    """``text`` as it stands, markup signs included, without control characters."""
    return Content(printable(text))


class Plain(Static):
    """Shows text exactly as it stands; ``Content`` for text with styles of ours."""

    def __init__(self, text: str | Content = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(_as_content(text), id=id, classes=classes, markup=False)

    def show(self, text: str | Content) -> None:
        """Show another text."""
        self.update(_as_content(text))


def _as_content(text: str | Content) -> Content:
    return text if isinstance(text, Content) else content(text)
