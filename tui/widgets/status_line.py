"""The top line: which proxy, whether it answers, and what is running."""

from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.proxy import ProxyHealth
from tui.domain.words import one_line
from tui.widgets.cells import clip


@dataclass(frozen=True, slots=True)
class Status:
    """What the line says; ``health`` is None while nobody has looked yet. ``seconds`` of the oldest running job."""

    proxy: str = ""
    health: ProxyHealth | None = None
    running: int = 0
    queued: int = 0
    seconds: int = 0
    today: int = 0
    failed: int = 0

    def proxy_words(self) -> tuple[str, str, str]:
        """Glyph, its colour, and the sentence about the proxy."""
        if self.health is None:
            return "○", "$muted", f"looking for {self.proxy}"
        if self.health.trouble:
            happened, _, advice = self.health.trouble.partition(". ")
            way_out = f" · {advice}" if advice else ""
            return "✗", "$text-error", f"{happened} · F8 sandbox{way_out}"
        name = f"{self.health.name} {self.proxy}".strip()
        if self.health.models is None:
            return "●", "$text-success", name
        count = len([model for model in self.health.models if is_image_model(model)])
        return "●", "$text-success", f"{name} · {count} image model{'s' if count != 1 else ''}"

    def work_words(self) -> list[tuple[str, str, str]]:
        """Glyph, colour and words about jobs, most urgent first."""
        words = []
        if self.running:
            words.append(("◐", "$text-accent", f"{self.running} running {self.seconds} s"))
        if self.queued:
            words.append(("○", "$muted", f"{self.queued} queued"))
        if self.failed:
            words.append(("✗", "$text-error", f"{self.failed} failed"))
        if self.today:
            words.append(("✓", "$text-success", f"{self.today} today"))
        return words


def is_image_model(name: str) -> bool:
    """Whether a model's id speaks of pictures: the lists carry no modalities."""
    return any(word in name for word in ("image", "imagen", "imagine", "banana"))


class StatusLine(Widget):
    """One line; only itself is redrawn when the seconds tick."""

    status: reactive[Status] = reactive(Status(), repaint=True)

    def render(self) -> Content:
        """The line, cut to the width: the proxy gives way to the jobs."""
        width = self.size.width
        glyph, colour, words = self.status.proxy_words()
        proxy = one_line(words)
        work = self.status.work_words()
        right = Content("  ").join(Content.assemble((g, c), f" {told}") for g, c, told in work)
        room = width - right.cell_length - len("  ") - 3
        name = "image-gen   " if room > 60 else ""
        left = Content.assemble(" ", (name, "bold"), (glyph, colour), " ", clip(proxy, max(8, room - len(name))))
        gap = max(1, width - left.cell_length - right.cell_length - 1)
        return Content.assemble(left, " " * gap, right)
