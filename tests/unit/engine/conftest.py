"""Spool files in a folder of the test, and a client that uses them."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tui.domain.proxy import ProxyAddress
from tui.engine.client import Client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where spool files go; empty when nothing was left behind."""
    path = tmp_path / "spool"
    path.mkdir()
    return path


@pytest.fixture
def fresh(folder: Path) -> Callable[[], Path]:
    numbers = count()
    return lambda: folder / f".incoming-{next(numbers)}"


@pytest.fixture
def client_for(fresh: Callable[[], Path]) -> Callable[..., Client]:
    def make(address: ProxyAddress, **options: object) -> Client:
        return Client(address, spool=fresh, **{"timeout": 20, **options})

    return make
