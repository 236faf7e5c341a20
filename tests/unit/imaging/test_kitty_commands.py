import base64
import re

import pytest

from tui.imaging.kitty_commands import Transmission, fetch, place
from tui.imaging.picture import KittyPayload, PayloadKind

HEADS: dict[PayloadKind, str] = {
    "png": "a=t,f=100,t=d,i=7,q=2,",
    "zlib": "a=t,f=24,o=z,t=d,i=7,s=3,v=2,q=2,",
    "rgb": "a=t,f=24,t=d,i=7,s=3,v=2,q=2,",
    "rgba": "a=t,f=32,t=d,i=7,s=3,v=2,q=2,",
}


@pytest.mark.parametrize("kind", HEADS)
def test_a_payload_says_what_it_is(kind: PayloadKind) -> None:
    transmission = Transmission(7, KittyPayload(b"bytes", kind, 3, 2))
    assert transmission.left == 8
    assert transmission.take(4096) == [f"\x1b_G{HEADS[kind]}m=0;Ynl0ZXM=\x1b\\"]
    assert transmission.finished
    assert transmission.left == 0


@pytest.mark.parametrize("kind", HEADS)
@pytest.mark.parametrize("medium", ["t", "s"])
def test_a_terminal_on_this_machine_is_told_only_the_name(kind: PayloadKind, medium: str) -> None:
    command = fetch(7, KittyPayload(bytes(100_000), kind, 3, 2), medium, "/a name")
    found = re.fullmatch(r"\x1b_G([^;]*);([^;]*)\x1b\\", command)
    assert found is not None
    assert found[1] == HEADS[kind].replace("t=d", f"t={medium}").rstrip(",")
    assert base64.b64decode(found[2]) == b"/a name"


def test_only_a_failure_to_place_is_answered_and_only_when_it_is_asked_for() -> None:
    assert place(7, 4, 3).endswith(",q=2\x1b\\")
    assert place(7, 4, 3, tell_if_gone=True).endswith(",q=1\x1b\\")
