"""A line of text whose rest can be taken from what is known."""

from textual.widgets import Input


class CompletingInput(Input):
    """An input in which Tab takes the rest; where there is none it goes on to the next part."""

    async def rest_of(self, typed: str) -> str | None:
        """The whole that ``typed`` begins, None where nothing is known."""
        raise NotImplementedError

    async def complete(self) -> bool:
        """Put the rest in; false where there is none. What is typed meanwhile stays."""
        typed = self.value
        found = await self.rest_of(typed) if typed else None
        if found in (None, typed):
            return False
        if self.value == typed:
            self.value = found or typed
            self.action_end()
        return True
