"""What an app has one of: the app keeps it itself, so that it goes with the app."""

from collections.abc import Callable
from typing import Any, TypeVar

from textual.app import App

Thing = TypeVar("Thing")


def one_of(app: App[Any], name: str, make: Callable[[App[Any]], Thing]) -> Thing:
    """The thing that ``app`` has by this name, made of the app when it is asked for first."""
    kept = f"_image_gen_{name}"
    if kept not in vars(app):
        setattr(app, kept, make(app))
    found: Thing = vars(app)[kept]
    return found
