"""Who stands behind a proxy: what its accounts are called, who refuses them, and where one is put right.

The names are CLIProxyAPI's own (``model_cooldown.provider``, ``providers=gemini``, ``owned_by`` in its list of
models) or what an OpenRouter-like service calls its upstreams (``Google``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tui.domain.accounts import ANTIGRAVITY, GEMINI, LOGIN_COMMAND

VERTEX: Final = "vertex"
OPENROUTER: Final = "OpenRouter"


@dataclass(frozen=True, slots=True)
class Provider:
    """``account`` is what the proxy holds ("Antigravity login"), ``master`` who decides on it, ``step`` a
    sentence on what to do where the master refuses it."""

    account: str
    master: str
    step: str


_AGAIN: Final = f"Log in again: {LOGIN_COMMAND}"
_UNKNOWN: Final = Provider(
    "account",
    "the provider",
    f"Log in to the provider again ({LOGIN_COMMAND} for Antigravity), or put a key that works into the "
    "proxy's configuration.",
)
_KNOWN: Final[Mapping[str, Provider]] = {
    ANTIGRAVITY: Provider("Antigravity login", "Google", f"{_AGAIN}"),
    GEMINI: Provider(
        "Gemini API key",
        "Google",
        "Put a key that works under gemini-api-key in the proxy's configuration, and take the bad one out.",
    ),
    "gemini-cli": Provider(
        "Gemini CLI login", "Google", f"Google has ended this kind of login; use another: {LOGIN_COMMAND}"
    ),
    VERTEX: Provider(
        "Vertex account",
        "Google",
        "Look at its service account (vertex-….json in the proxy's folder of logins) or its key under "
        "vertex-api-key in the proxy's configuration.",
    ),
    "aistudio": Provider("AI Studio session", "Google", "Connect AI Studio to the proxy anew."),
    "google": Provider(
        "Google account",
        "Google",
        f"With an Antigravity login, log in again ({LOGIN_COMMAND}); with a Gemini API key or a Vertex account, "
        "look into the proxy's configuration.",
    ),
    "codex": Provider("OpenAI login", "OpenAI", "Log in again: ccs codex --auth"),
}
_SAME: Final[Mapping[str, str]] = {"agy": ANTIGRAVITY, "openai": "codex"}


def provider_named(name: str | None) -> Provider:
    """The words for ``name``; an unknown name is a service whose key stands in the proxy's configuration."""
    if not name or "," in name:
        return _UNKNOWN
    low = name.lower()
    known = _KNOWN.get(_SAME.get(low, low))
    if known is not None:
        return known
    step = f"Look at the key for {name} under openai-compatibility in the proxy's configuration."
    return Provider(f"key for {name}", name, step)
