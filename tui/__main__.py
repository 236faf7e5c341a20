"""``python -m tui`` is the ``image-gen`` command."""

from tui.cli import main

if __name__ == "__main__":
    main()
