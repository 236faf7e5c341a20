"""How the app draws pictures and how freely they use the link: switched while it runs, and told in words."""

from typing import Final, cast

from tui.commands import Command
from tui.frame import Frame
from tui.settings import Settings
from tui.terminal.facts import LABELS, Protocol, TerminalFacts, choose
from tui.terminal.link import LinkMode, link_of
from tui.terminal.wire import switch

_LINK_WORDS: Final[dict[LinkMode, str]] = {
    "auto": "Pictures use the link as freely as it is fast.",
    "full": "Pictures come in their best look at once, however slow the link is.",
    "economy": "Pictures come small first, and get sharp when nothing else is going on.",
    "off": "No pictures over this link; what is known of them stands there in words.",
}


class Showing(Frame):
    """What was found out about the terminal, and a person's wishes on top of it. Nothing is asked again."""

    settings: Settings

    def on_mount(self) -> None:
        """The setting holds from the start."""
        link_of(self).mode = cast("LinkMode", self.settings.link)

    def action_pictures(self, wish: str) -> None:
        """Draw pictures another way from now on; who wishes for one of them wants the link back too."""
        link = link_of(self)
        if link.mode == "off":
            link.mode = "auto"
        self._take(choose(self.terminal_facts, wish))
        facts = self.terminal_facts
        self.prompt.say(facts.why, error=facts.protocol not in facts.can)

    def action_link(self, mode: LinkMode) -> None:
        """Use the link otherwise from now on; off draws no pictures at all."""
        link_of(self).mode = mode
        self._take(choose(self.terminal_facts, self.terminal_facts.wish, link=mode))
        self.prompt.say(_LINK_WORDS[mode])

    def _take(self, facts: TerminalFacts) -> None:
        before, self.terminal_facts = self.terminal_facts, facts
        if facts.protocol != before.protocol:
            switch(self, facts.protocol)

    def help_of(self, command: Command) -> str:
        """What a command does; for a way to draw pictures, whether it works here."""
        kind, _, value = command.id.partition("_")
        facts = self.terminal_facts
        if kind == "link" and value == link_of(self).mode:
            return f"{command.help} (now)"
        if kind == "rows" and value == self.history.history_list.shape:
            return f"{command.help} (now)"
        if kind != "pictures":
            return super().help_of(command)
        now = " (now)" if value == facts.wish else ""
        if value == "auto":
            return f"{LABELS[facts.best]} here{now}"
        if value in facts.can:
            return f"{command.help}{now}"
        reason = dict(facts.lacks).get(cast("Protocol", value), "")
        return f"Hardly to be seen here{f': {reason}' if reason else ''}{now}"

    def picture_facts(self) -> list[tuple[str, str]]:
        """What was chosen for this terminal and why, and all that it answered."""
        facts = self.terminal_facts
        link = link_of(self)
        told = [("pictures", f"{facts.protocol}: {facts.why}")]
        told += [(LABELS[protocol], f"not here: {reason}") for protocol, reason in facts.lacks]
        told.append(("link", f"{link.mode}: {link.words()}"))
        if facts.answers:
            told.append(("asked at the start", facts.name or "the terminal"))
        return told + [(f"  {question}", answer) for question, answer in facts.answers]
