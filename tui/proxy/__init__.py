"""Our own proxy: the surface of CLIProxyAPI, answered by a painter that needs no account and no network."""
