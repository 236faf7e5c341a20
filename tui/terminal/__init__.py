"""The wire to the terminal."""
