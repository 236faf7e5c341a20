"""What a prompt can make the sandbox do: ``sandbox:NAME`` in it, one sentence each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scenario:
    """One directive. ``gives`` is the error code a client should report, None where pictures come."""

    name: str
    sentence: str
    gives: str | None = None


SCENARIOS: Final[tuple[Scenario, ...]] = (
    Scenario("unauthorized", "The proxy itself refuses the key: 401, the error is a string.", "unauthorized"),
    Scenario("forbidden", "The proxy is in safe mode and forbids everything: 403.", "forbidden"),
    Scenario("no_account", "Google refuses the proxy's own account: 403 PERMISSION_DENIED.", "no_account"),
    Scenario("model_unknown", "No account serves the model: 400 model_not_found.", "model_unknown"),
    Scenario("rate_limited", "Google's quota is used up: 429 with a RetryInfo of 32.581 s.", "rate_limited"),
    Scenario("bad_request", "Google does not accept an option: 400 INVALID_ARGUMENT.", "bad_request"),
    Scenario("refused", "Policy held the picture back: image_prohibited_content under 200.", "refused"),
    Scenario("no_image", "No picture was made: finish reason no_image under 200.", "no_image"),
    Scenario("bad_reply", "The picture ends early though the answer looks whole.", "bad_reply"),
    Scenario("server_error", "Google's front door fails: 502, its HTML wrapped in an error.", "server_error"),
    Scenario("cannot_connect", "The connection closes before a single byte.", "cannot_connect"),
    Scenario("timeout", "No answer ever comes.", "timeout"),
    Scenario("blocked", "The prompt was blocked: choices is an empty list under 200.", "refused"),
    Scenario("cooldown", "Every account is cooling down: 429 model_cooldown, reset in 60 s.", "rate_limited"),
    Scenario("auth_unavailable", "Every account is out of use: 503 auth_unavailable.", "no_account"),
    Scenario("image_safety", "The finished picture was filtered: image_safety under 200.", "refused"),
    Scenario("text_only", "The model answers in words and paints nothing.", "no_image"),
    Scenario("cut", "The connection breaks in the middle of the picture.", "bad_reply"),
    Scenario("not_base64", "The data URL of the picture holds no base64.", "bad_reply"),
    Scenario("not_picture", "What is announced as a PNG is a line of text.", "bad_reply"),
    Scenario("html", "A web page comes back where JSON should be.", "bad_reply"),
    Scenario("empty", "The provider gave the proxy no real answer: no choices and no id.", "bad_reply"),
    Scenario("keepalive", "Blank lines come first to keep the line open, then the picture."),
    Scenario("keepalive_error", "Blank lines come first, then an error under 200.", "server_error"),
    Scenario("string_error", "An error that is a bare string: 401 Missing API key.", "unauthorized"),
    Scenario("google_error", "Google is overloaded: its own 503 UNAVAILABLE.", "server_error"),
    Scenario("drafts", "Two drafts come before the final picture, unmarked."),
    Scenario("two", "Two pictures come in one answer."),
    Scenario("jpeg", "The picture is a JPEG whatever the model gives."),
    Scenario("png", "The picture is a PNG whatever the model gives."),
    Scenario("webp", "The picture is a WebP whatever the model gives."),
    Scenario("text", "Words come with the picture."),
    Scenario("wrong_size", "The picture has other pixels than were asked for."),
    Scenario("no_usage", "No usage, no id, and the model is called model."),
    Scenario("flaky", "The first try fails with Google's 503, a second one half a second later gets the picture."),
    Scenario("limited", "A limit of three seconds, limited=SECONDS says another: 429 until it ends, then the picture."),
    Scenario("slow", "The answer trickles in over ten seconds; slow=SECONDS says how many."),
    Scenario("big", "The picture is a PNG of about 26 MB."),
)

_BY_NAME: Final[Mapping[str, Scenario]] = {scenario.name: scenario for scenario in SCENARIOS}
_DIRECTIVE: Final = re.compile(r"\bsandbox:([a-z0-9_]+)(?:=(\d+(?:\.\d+)?))?", re.IGNORECASE)

DEFAULT_SLOW_SECONDS: Final = 10.0
DEFAULT_LIMIT_SECONDS: Final = 3.0
FLAKY_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Directives:
    """The directives of a prompt, and the prompt without them. ``unknown`` names what nobody knows.

    ``limit`` is for how many seconds from its first request on the prompt gets nothing.
    """

    prompt: str
    names: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    seconds: float = 0.0
    limit: float = 0.0

    def failure(self) -> Scenario | None:
        """The first scenario in the table's order that ends in an error, None where none does."""
        return next((each for each in SCENARIOS if each.gives and each.name in self.names), None)


def directives_in(prompt: str) -> Directives:
    """Take the ``sandbox:NAME`` words out of ``prompt``; any number, in any place, in any case."""
    found = [(name.lower(), seconds) for name, seconds in _DIRECTIVE.findall(prompt)]
    slow = [float(seconds) if seconds else DEFAULT_SLOW_SECONDS for name, seconds in found if name == "slow"]
    limits = [float(seconds) if seconds else DEFAULT_LIMIT_SECONDS for name, seconds in found if name == "limited"]
    limits += [FLAKY_SECONDS for name, _ in found if name == "flaky"]
    return Directives(
        prompt=" ".join(_DIRECTIVE.sub(" ", prompt).split()),
        names=frozenset(name for name, _ in found if name in _BY_NAME),
        unknown=tuple(dict.fromkeys(name for name, _ in found if name not in _BY_NAME)),
        seconds=slow[-1] if slow else 0.0,
        limit=max(limits, default=0.0),
    )


def scenario_table() -> tuple[tuple[str, str], ...]:
    """Every directive as ``(sandbox:NAME, sentence)``, for help and documentation."""
    return tuple((f"sandbox:{scenario.name}", scenario.sentence) for scenario in SCENARIOS)
