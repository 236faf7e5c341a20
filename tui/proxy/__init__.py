"""Our own proxy, painting pictures itself."""
