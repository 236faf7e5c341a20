"""The top line: which proxy, whether it answers, and what is running."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.domain.proxy import ProxyHealth
from tui.domain.words import one_line
from tui.widgets.cells import clip

_SANDBOX_KEY: Final = " · F8 sandbox"
_LEAST_ADVICE: Final = 16
"""Cells below which the beginning of an advice says nothing."""

_UNCHECKED: Final = ("! certificate unchecked", "! unchecked")


@dataclass(frozen=True, slots=True)
class Status:
    """What the line says; ``health`` is None while nobody has looked yet. ``seconds`` of the oldest running job.

    ``resumes_in`` is the seconds until the first waiting job goes on. ``unchecked``: the proxy's certificate is
    not looked at.
    """

    proxy: str = ""
    health: ProxyHealth | None = None
    running: int = 0
    queued: int = 0
    seconds: int = 0
    today: int = 0
    failed: int = 0
    waiting: int = 0
    resumes_in: int = 0
    unchecked: bool = False

    def proxy_words(self, width: int) -> tuple[str, str, str]:
        """Glyph, its colour, and the sentence about the proxy, the fullest that ``width`` cells have room for."""
        if self.health is None:
            return "○", "$muted", clip(one_line(f"looking for {self.proxy}"), width)
        if self.health.trouble:
            return "✗", "$text-error", _trouble_words(one_line(self.health.trouble), width)
        forms = [one_line(form) for form in self._well_words(self.health)]
        return "●", "$text-success", next((form for form in forms if cell_len(form) <= width), clip(forms[-1], width))

    def _well_words(self, health: ProxyHealth) -> Iterator[str]:
        """Name, place, models and what is not checked; from the fullest form to the shortest."""
        painters = health.image_models
        counted = ""
        if painters is not None:
            counted = f"{len(painters)} image model{'s' if len(painters) != 1 else ''}"
        long, short = _UNCHECKED if self.unchecked else ("", "")
        named = f"{health.name} {self.proxy}".strip()
        short_count = counted.replace(" image", "")
        for parts in (
            (named, counted, long),
            (named, counted, short),
            (self.proxy, counted, short),
            (self.proxy, short_count, short),
            (health.name, short_count, short),
            (short_count or health.name, short),
        ):
            yield " · ".join(part for part in parts if part)

    def work_words(self) -> list[tuple[str, str, str]]:
        """Glyph, colour and words about jobs, most urgent first."""
        words = []
        if self.running:
            words.append(("◐", "$text-accent", f"{self.running} running {self.seconds} s"))
        if self.waiting:
            words.append(("◌", "$text-warning", f"{self.waiting} waiting {self.resumes_in} s"))
        if self.queued:
            words.append(("○", "$muted", f"{self.queued} queued"))
        if self.failed:
            words.append(("✗", "$text-error", f"{self.failed} failed"))
        if self.today:
            words.append(("✓", "$text-success", f"{self.today} today"))
        return words


def _trouble_words(trouble: str, width: int) -> str:
    """What happened, the key that helps, what to do; the advice gives way first, then the end of what happened."""
    happened, _, advice = trouble.partition(". ")
    with_key = f"{happened.removesuffix('.')}{_SANDBOX_KEY}"
    if advice and cell_len(with_key) + _LEAST_ADVICE <= width:
        return clip(f"{with_key} · {advice}", width)
    if cell_len(with_key) <= width:
        return with_key
    room = width - cell_len(_SANDBOX_KEY)
    return clip(happened, room) + _SANDBOX_KEY if room > len(_SANDBOX_KEY) else clip(happened, width)


class StatusLine(Widget):
    """One line; only itself is redrawn when the seconds tick."""

    status: reactive[Status] = reactive(Status(), repaint=True)

    def render(self) -> Content:
        """The line, cut to the width: the proxy gives way to the jobs."""
        width = self.size.width
        work = self.status.work_words()
        right = Content("  ").join(Content.assemble((g, c), f" {told}") for g, c, told in work)
        room = width - right.cell_length - len("  ") - 3
        name = "image-gen   " if room > 60 else ""
        glyph, colour, words = self.status.proxy_words(max(8, room - len(name)))
        left = Content.assemble(" ", (name, "bold"), (glyph, colour), " ", words)
        gap = max(1, width - left.cell_length - right.cell_length - 1)
        return Content.assemble(left, " " * gap, right)
