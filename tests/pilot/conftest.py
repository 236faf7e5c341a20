from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app import Home
from support.kitchen import Kitchen, kitchen_of, painted

from tui.domain.proxy import ProxyAddress
from tui.widgets import bringing, image_view


@pytest.fixture
def home(tmp_path: Path, sandbox_proxy: ProxyAddress) -> Home:
    """Empty folders, and the sandbox of the session as the proxy."""
    return Home(tmp_path, sandbox_proxy)


@pytest.fixture
def kitchen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    """Counts the pictures that are made, and can hold them back."""
    with kitchen_of(monkeypatch) as kitchen:
        yield kitchen


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    """Red, green and blue, each of another shape."""
    return painted(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where thumbnails are kept."""
    return tmp_path / "thumbnails"


@pytest.fixture
def at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two pictures are asked for so quickly that a key seems to be held."""
    monkeypatch.setattr(image_view, "HELD", 0.0)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best look is not made within a test."""
    monkeypatch.setattr(bringing, "REST", 1000.0)
