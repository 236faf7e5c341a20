"""Make and iterate on AI images from the terminal."""

__version__ = "0.1.0"
