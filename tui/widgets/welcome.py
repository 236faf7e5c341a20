"""What the preview says while there is no picture: how to begin, or why nothing answers."""

from textual.content import Content

from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.widgets.plain import content


def welcome_words(address: ProxyAddress, health: ProxyHealth | None, active: int = 0) -> Content:
    """A few lines: the way to the first picture, that it is on its way, or the way out where no proxy answers."""
    if active:
        return Content.assemble(
            ("◐ ", "$text-accent"),
            ("The first picture is on its way", "bold"),
            "\n\n",
            ("It will stand here. Go on writing meanwhile.", "$muted"),
        )
    if health is not None and health.trouble:
        return Content.assemble(
            ("No proxy to make pictures yet", "bold"),
            "\n\n",
            content(health.trouble),
            "\n",
            (f"Tried {content(address.url).plain} ({content(address.source).plain})", "$muted"),
            "\n\n",
            ("F8", "bold $text-accent"),
            "  paint in the sandbox: no account needed\n",
            ("F1", "bold $text-accent"),
            "  every key",
        )
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
