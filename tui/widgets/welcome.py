"""What the preview says while there is no picture: how to begin, or why nothing answers and what to type."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from tui.domain.finding import Finding
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line
from tui.widgets.plain import content

_PLACES_TOLD: Final = 2
_PLACE_CELLS: Final = 44
"""What a place looked at may take: it fits the preview of a terminal of 80 columns."""


def welcome_words(
    address: ProxyAddress, health: ProxyHealth | None, findings: Sequence[Finding] = (), active: int = 0
) -> Content:
    """A few lines: the way to the first picture, that it is on its way, or the way out where no proxy answers.

    ``findings`` are those of the doctor, with the places where the proxy was looked for.
    """
    if active:
        return Content.assemble(
            ("◐ ", "$text-accent"),
            ("The first picture is on its way", "bold"),
            "\n\n",
            ("It will stand here. Go on writing meanwhile.", "$muted"),
        )
    if health is not None and health.trouble:
        return _way_out(address, health.trouble, findings)
    return Content.assemble(
        ("Say what the picture shows", "bold"),
        "\n\n",
        ("Enter", "bold $text-accent"),
        "  makes it; go on writing meanwhile\n",
        ("Tab", "bold $text-accent"),
        "    to the history; Enter recalls\n",
        ("F2-F6", "bold $text-accent"),
        "  model, shape, size, count, references\n",
        ("F1", "bold $text-accent"),
        "     every key",
    )


def _way_out(address: ProxyAddress, trouble: str, findings: Sequence[Finding]) -> Content:
    """What is wrong, what to type, where was looked, and the key that needs no proxy."""
    problem = next((each for each in findings if not each.ok), None)
    happened, _, rest = trouble.partition(". ")
    todo = problem.hint if problem is not None else rest
    return Content.assemble(
        ("No proxy to make pictures yet", "bold"),
        "\n\n",
        content(happened.rstrip(".")),
        "\n",
        ("→ ", "$text-accent"),
        content(todo),
        "\n",
        *(content(f"  {line}\n").stylize("$muted") for line in _places(address, findings)),
        "\n",
        ("F8", "bold $text-accent"),
        "  paint in the sandbox: no account needed\n",
        ("F7", "bold $text-accent"),
        "  accounts   ",
        ("F1", "bold $text-accent"),
        "  every key",
    )


def _places(address: ProxyAddress, findings: Sequence[Finding]) -> list[str]:
    """Which proxy was asked, and where it was looked for: what cannot be used first, what is not there last."""
    ours = f"{address.source}: "
    looked = [each for each in findings if each.name in ("CCS", "looked at") and not each.words.startswith(ours)]
    told = sorted(looked, key=lambda each: (each.level != "note", each.words.endswith(": not there")))
    lines = [f"{each.name}: {each.words.partition(';')[0]}" for each in told[:_PLACES_TOLD]]
    return [one_line(line, _PLACE_CELLS) for line in (f"tried {address.label} ({address.source})", *lines)]
