"""What a headless start pays for: the engine loads nothing of the screen, and httpx without its command."""

import json
import subprocess
import sys

PROGRAM = """
import json, sys
import tui.engine.client, tui.engine.studio
from tui.network import httpx
{then}
print(json.dumps({{"modules": sorted(sys.modules), "main": callable(httpx.main)}}))
"""


def loaded(then: str = "") -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(then=then)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def test_the_engine_loads_no_screen_and_no_picture_library() -> None:
    modules = set(loaded()["modules"])
    assert not modules & {"textual", "rich", "PIL", "pygments", "click", "numpy", "starlette", "uvicorn"}


def test_httpx_stays_whole_for_everybody_else() -> None:
    """Its command is missing only while it is loaded; asked for later it comes."""
    got = loaded("import httpx._main; assert callable(httpx._main.main)")
    assert got["main"]
    assert "httpx._main" in got["modules"]


def test_httpx_loaded_before_us_is_taken_as_it_is() -> None:
    program = "import httpx\nmain = httpx.main\nfrom tui.network import httpx as ours\nassert ours.main is main"
    subprocess.run([sys.executable, "-c", program], check=True)
