"""What the program is about: frozen values, no I/O, no third-party code."""
