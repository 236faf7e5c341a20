"""Pictures to start from, as a person offers them: a generation, or a file."""

from dataclasses import replace
from pathlib import Path

from tui import messages
from tui.choosing import Choosing
from tui.screens.entry import ReferencesScreen


class Referring(Choosing):
    """Takes pictures into the options as references, or says why one cannot be taken."""

    def on_edit_requested(self, message: messages.EditRequested) -> None:
        """The picture becomes a reference, its prompt and options are recalled, the prompt has the focus."""
        image = message.generation.picture
        if image is None:
            self.prompt.say("This generation has no picture to start from.", error=True)
            return
        self.on_recall_requested(messages.RecallRequested(message.generation))
        self._ask(lambda background: background.add_reference(image.path, parent=message.generation.id, alone=True))

    def on_references_screen_offered(self, message: ReferencesScreen.Offered) -> None:
        """Read a file to start from."""
        self._ask(lambda background: background.add_reference(Path(message.path).expanduser()))

    def on_reference_read(self, message: messages.ReferenceRead) -> None:
        """Take it into the options, or say why it cannot be taken."""
        now = self.options.selection
        if message.reference is None:
            self._refuse_reference(message.trouble)
            return
        before = () if message.alone else now.references
        if len(before) >= now.image_model.max_references:
            self._refuse_reference(f"{now.model} takes up to {now.image_model.max_references} references.")
            return
        parent = message.parent if message.alone else now.parent
        self.options.change(replace(now, references=(*before, message.reference), parent=parent))
        if message.alone:
            self.prompt.say("Starts from this picture. Say what changes; F6 takes it out.")

    def _refuse_reference(self, trouble: str) -> None:
        if isinstance(self.screen, ReferencesScreen):
            self.screen.show(self.options.selection, trouble)
        else:
            self.prompt.say(trouble, error=True)
