"""Eight processes at work on one folder: nothing is lost, nobody waits long.

IMAGE_GEN_TOGETHER sets the seconds they work, two where it is not set.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tui.domain.generation import Generation
from tui.library import Library

Keep = Callable[..., Generation]
HERE = Path(__file__).parent
SECONDS = os.environ.get("IMAGE_GEN_TOGETHER", "2")
PROCESSES = 8


def test_eight_processes_lose_nothing_and_wait_for_no_second(library: Library, keep: Keep) -> None:
    for number in range(8):
        keep(f"shared {number}")
    shared = library.page().generations
    working = [
        subprocess.Popen(
            [sys.executable, HERE / "busy_child.py", library.folder, str(number), SECONDS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        )
        for number in range(PROCESSES)
    ]
    said = []
    for each in working:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    for each in working:
        out, _ = each.communicate(timeout=300)
        assert each.returncode == 0
        said.append(json.loads(out))
    for place, generation in enumerate(shared):
        now = library.load(generation.stem)
        assert now is not None
        assert now.damage is None
        assert set(now.user.tags) == {tag for each in said for tag in each["tags"][place]}
        assert now.user.notes
        assert 0 <= now.user.rating <= 5
    stems = [stem for each in said for stem in each["saved"]]
    assert len(set(stems)) == len(stems)
    everything = {each.stem: each for each in library.page(count=100_000).generations}
    assert everything.keys() == {*stems, *(each.stem for each in shared)}
    assert not any(image.missing for each in everything.values() for image in each.images)
    assert library.trash_contents() == ()
    assert not [path for path in library.folder.iterdir() if path.name.startswith(".") and path.name != ".trash"]
    assert min(each["rounds"] for each in said) >= len(shared)
    assert max(each["longest"] for each in said) < 1
