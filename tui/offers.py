"""The models that can be chosen in the app, and the one that is offered where the chosen one is not served."""

import asyncio
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from tui.commands import COMMANDS
from tui.domain.catalogue import Listed, catalogue
from tui.domain.errors import DiskError, ImageGenError
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.served import nearest_served, served_as
from tui.domain.words import wait_words
from tui.screens.choices import model_choices
from tui.screens.picker import Picker
from tui.settings import Settings
from tui.showing import Showing

if TYPE_CHECKING:
    from tui.connect.models import ModelList

NEEDS_ANOTHER_MODEL: Final = frozenset({"model_unknown", "no_account"})
"""The failures that another model may not have: no such name here, or no account for it."""

_KEY: Final = next(command.key_text for command in COMMANDS if command.id == "nearest_model")


class Offers(Showing):
    """What the proxy said of its models, now or when it last answered, and what follows from that for a choice."""

    settings: Settings
    address: ProxyAddress
    health: ProxyHealth | None = None
    kept: "ModelList | None" = None
    _offering = False

    @property
    def listed(self) -> ProxyHealth | None:
        """What is known of the proxy's models: its answer, else its last one, None where there never was one."""
        if self.health is not None and self.health.models is not None:
            return self.health
        return self.kept.health if self.kept is not None else None

    @property
    def served(self) -> tuple[str, ...] | None:
        """The models that the proxy serves, or served when it last answered; None while it never has."""
        return self.listed.models if self.listed is not None else None

    def take_health(self, health: ProxyHealth) -> None:
        """A look at the proxy found this."""
        before = self.served
        self.health = health
        if self.served != before:
            self.say_offer()
        self.run_worker(self._remember(self.address, health), group="models", exclusive=True, exit_on_error=False)

    def forget_health(self, address: ProxyAddress) -> None:
        """Another proxy is in use; of the same one with another key nothing is forgotten."""
        if address.url != self.address.url:
            self.health = self.kept = None
        self.address = address

    async def _remember(self, address: ProxyAddress, health: ProxyHealth) -> None:
        """Keep what the proxy serves on disk; where it did not say, take what is kept from there."""
        kept = await asyncio.to_thread(_keep_or_recall, self.settings, address, health)
        if kept is not None and address == self.address:
            before, self.kept = self.served, kept
            if self.served != before:
                self.say_offer()

    def catalogue(self) -> tuple[Listed, ...]:
        """Every model that can be chosen, the served ones first."""
        known = self.listed
        current = self.options.selection.model
        if known is None:
            return catalogue(None, current=current)
        return catalogue(known.models, painters=known.painters, current=current)

    def model_names(self) -> tuple[str, ...]:
        """The models that F2 goes through: the served ones, all of the table where none is known to be."""
        listed = self.catalogue()
        served = tuple(each.name for each in listed if each.served and each.on_chat)
        return served or tuple(each.name for each in listed if each.on_chat)

    def spelled(self, name: str) -> str:
        """The id to send for a model: another spelling of it where only that is served."""
        return (served_as(name, self.served) or name) if self.served else name

    def nearest_to(self, name: str) -> str | None:
        """The served model to offer in place of ``name``, None where there is none."""
        known = self.listed
        if known is None or not known.image_models:
            return None
        others = [each for each in known.image_models if each != name]
        return nearest_served(name, others) or next(iter(others), None)

    def say_offer(self) -> bool:
        """Say it where the chosen model is not served, or under another name; whether there was something to say."""
        words = self.offer_words(self.options.selection.model)
        if words:
            self.prompt.say(words, error=words.startswith(_KEY))
        elif self._offering:
            self.prompt.unsay()
        self._offering = bool(words)
        return self._offering

    def offer_words(self, name: str) -> str:
        """What to take instead of a model that is not served, and by which key; empty where there is no need."""
        if not self.served or name in self.served:
            return ""
        if (spelled := self.spelled(name)) != name:
            return f"Served as {spelled}, and sent so."
        near = self.nearest_to(name)
        if near is None:
            return ""
        return f"{_KEY} takes {near}; not served: {name}"

    def failure_words(self, error: ImageGenError, model: str) -> str:
        """A job with ``model`` failed: what happened and what to do, with our own keys where they do it."""
        if isinstance(error, DiskError) and error.kept:
            return f"{error.title}. The picture is kept; F9 chooses another folder for it."
        is_chosen = model == self.options.selection.model
        if is_chosen and error.code in NEEDS_ANOTHER_MODEL and (offer := self.offer_words(model)):
            return offer
        wait = wait_words(error.retry_after, datetime.now()) if error.retry_after else ""
        return f"{error.title}. {f'Another try makes sense in {wait}. ' if wait else ''}{error.hint}"

    def action_nearest_model(self) -> None:
        """Take the served model that is nearest to the chosen one."""
        now = self.options.selection
        spelled = self.spelled(now.model)
        near = spelled if spelled != now.model else self.nearest_to(now.model)
        if self.served is None:
            self.prompt.say("The proxy has not said which models it serves.")
        elif now.model in self.served:
            self.prompt.say(f"The proxy serves {now.model}.")
        elif near is None:
            self.prompt.say("The proxy serves no model that makes pictures.", error=True)
        else:
            self.prompt.unsay()
            self.options.change(now.with_model(near))

    def model_picker(self) -> Picker:
        """A list of the models, with when it was true where that is not now."""
        as_of = ""
        if self.kept is not None and (self.health is None or self.health.models is None):
            as_of = f" · served {self.kept.as_of(date.today())}"
        current = self.options.selection.model
        choices = model_choices(self.catalogue(), date.today())
        return Picker(f"Model{as_of}", choices, current, free="type to find, or any other name")


def _keep_or_recall(settings: Settings, address: ProxyAddress, health: ProxyHealth) -> "ModelList | None":
    """Blocking: a small file is read or written."""
    from tui.connect.models import keep, recall

    if health.models is None:
        return recall(settings.cache_dir, address)
    return keep(settings.cache_dir, address, health, datetime.now(UTC))
