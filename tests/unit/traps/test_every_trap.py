"""Every trap, correction and novelty of the facts has a test that bears its number."""

import re
from pathlib import Path

import pytest

NAMES = re.compile(r"def test_(trap|corrected|new)_(\d+)(?:_and_(\d+))?_")


@pytest.mark.parametrize(("kind", "count"), [("trap", 41), ("corrected", 12), ("new", 8)])
def test_every_number_has_a_test(kind: str, count: int) -> None:
    sources = [path.read_text() for path in Path(__file__).parent.glob("test_*.py")]
    found = [match.groups() for source in sources for match in NAMES.finditer(source)]
    numbers = {int(number) for name, *both in found for number in both if name == kind and number}
    assert numbers == set(range(1, count + 1))
