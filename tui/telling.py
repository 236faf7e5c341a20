"""Work whose failures are said where the person looks."""

from collections.abc import Awaitable, Coroutine
from typing import Any

from textual.app import App

from tui.domain.errors import ImageGenError
from tui.messages import Notice


def run_told(app: App[Any], work: Coroutine[Any, Any, object], group: str, *, exclusive: bool = False) -> None:
    """Run some work as a worker of the app, in a named group; see ``told``."""
    app.run_worker(told(app, work), group=group, name=group, exclusive=exclusive, exit_on_error=False)


async def told(app: App[Any], work: Awaitable[object]) -> bool:
    """Do some work and tell whether it was done; a failure is said where the person looks."""
    try:
        await work
    except ImageGenError as error:
        app.post_message(failure_notice(error))
        return False
    return True


def failure_notice(error: ImageGenError) -> Notice:
    """A failure in words, and what to do."""
    return Notice(f"{error}  {error.hint}".strip(), error=True)
