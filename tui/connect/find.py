"""Finding the proxy: what a person named, else the usual place."""

from tui.domain.proxy import DEFAULT_KEY, DEFAULT_PROXY, ProxyAddress, Secret
from tui.settings import Settings


def find_proxy(settings: Settings) -> ProxyAddress:
    """The proxy to talk to; ``source`` says where its address came from.

    A flag, the environment and the settings file have been weighed by ``load_settings`` already; what is
    left is the default address, and the default key for it.
    """
    return ProxyAddress(
        url=settings.proxy or DEFAULT_PROXY,
        key=settings.api_key or Secret(DEFAULT_KEY),
        source=settings.origins.get("proxy", "default"),
    )
