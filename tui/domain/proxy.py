"""Where the proxy is and with which key to knock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tui.domain.served import makes_pictures

DEFAULT_PROXY: Final = "http://127.0.0.1:8317"
DEFAULT_KEY: Final = "ccs-internal-managed"


class Secret:
    """A key that never shows itself: ``reveal`` is the one way to its text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The key itself, for the request header only."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('…')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """A proxy's base URL without ``/v1`` and without a trailing slash, its key, and where both came from.

    ``insecure`` is true where a person allowed a certificate that nobody vouches for.
    """

    url: str = DEFAULT_PROXY
    key: Secret = field(default_factory=lambda: Secret(DEFAULT_KEY))
    source: str = "default"
    key_source: str = "default"
    insecure: bool = False

    @property
    def label(self) -> str:
        """``host:port`` for the status line, without a login that stands before it."""
        return (self.url.partition("://")[2] or self.url).rpartition("@")[2]

    @property
    def is_unchecked(self) -> bool:
        """Whether nobody vouches for who answers there: TLS with a certificate that is not looked at."""
        return self.insecure and self.url.lower().startswith("https://")


def base_url(url: str) -> str:
    """``url`` without ``/v1``, ``/v1/chat/completions`` or slashes at its end.

    ``http://`` is put before it where it has no scheme.
    """
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    text = text.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return text.removesuffix("/v1").rstrip("/")


@dataclass(frozen=True, slots=True)
class ProxyHealth:
    """What a look at the proxy found.

    ``answers`` is whether something that speaks like a proxy is there; ``name`` what it calls itself
    (``CLIProxyAPI``, ``sandbox``, ``another server`` …); ``models`` the ids it serves, sorted, None where it
    did not say; ``trouble`` one sentence on what is wrong, with what to do next. ``key_refused``: it does not
    take our key. ``owners`` maps an id to its provider, where the list tells it; ``painters`` are the ids of
    which the list itself says that pictures come out (OpenRouter's does). ``skew`` is how many seconds our
    clock is ahead of the proxy's, None where it tells no time; two looks that differ in it alone are equal.
    """

    answers: bool
    name: str = ""
    models: tuple[str, ...] | None = None
    trouble: str | None = None
    key_refused: bool = False
    owners: Mapping[str, str] = field(default_factory=dict, hash=False)
    painters: frozenset[str] = frozenset()
    skew: float | None = field(default=None, compare=False)

    @property
    def image_models(self) -> tuple[str, ...] | None:
        """The served ids that make pictures on the chat route, sorted; None where it did not say."""
        if self.models is None:
            return None
        return tuple(name for name in self.models if makes_pictures(name) or name in self.painters)


def is_loopback(url: str) -> bool:
    """Whether ``url`` is on this machine, by its look: the environment's HTTP proxies have no business there."""
    # Imported here because most commands look at no address, and these cost more than the rest of this module.
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False
