from pathlib import Path

import pytest
from support.app import Home

from tui.domain.proxy import ProxyAddress


@pytest.fixture
def home(tmp_path: Path, sandbox_proxy: ProxyAddress) -> Home:
    """Empty folders, and the sandbox of the session as the proxy."""
    return Home(tmp_path, sandbox_proxy)
