"""What the screens have in common that cover the panes with pictures."""

from textual.screen import ModalScreen

from tui.widgets.keys_line import KeysLine


class CoveringScreen(ModalScreen[None]):
    """Its last line has its keys, and for a while what is to be said: what the panes say is not seen."""

    def say(self, words: str, *, error: bool = False) -> None:
        """Say something for a while in the place of the keys."""
        for line in self.query(KeysLine):
            line.say(words, error=error)
