"""Taking our key out of what a server says: it may repeat the key that it did not like, in any spelling."""

import html
import json
import re
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from tui.domain.errors import ImageGenError
from tui.domain.proxy import Secret
from tui.domain.reply import Reply

_LONG: Final = 8
_HIDDEN: Final = "…"
_SAID: Final = ("id", "model", "finish_reason", "native_finish_reason", "text", "reasoning")


class Cover:
    """Hides one key. A key of fewer than eight characters may be a word of a language: it hides as a word only,
    and only where a server spoke of a failure."""

    def __init__(self, key: Secret) -> None:
        text = key.reveal()
        self._is_long = len(text) >= _LONG
        spelled = {text, json.dumps(text)[1:-1], html.escape(text), quote(text), quote(text, safe="")}
        pattern = "|".join(re.escape(each) for each in sorted(spelled, key=len, reverse=True))
        if not self._is_long:
            pattern = rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])"
        self._pattern = re.compile(pattern, re.I) if text else None
        self.long_key = text if self._is_long else ""
        """The key where it is long enough to be no word of a language, else nothing."""

    def hide(self, text: str) -> str:
        """``text`` without the key."""
        return text if self._pattern is None else self._pattern.sub(_HIDDEN, text)

    def clean_error(self, error: ImageGenError) -> None:
        """Take the key out of every text of ``error``. A short one may be a word of our own titles and hints."""
        error.detail = self.hide(error.detail)
        if self._is_long or (error.finish_reason and error.finish_reason in error.title):
            error.title = self.hide(error.title)
            error.args = (error.title,)
        if self._is_long:
            error.hint = self.hide(error.hint)
            error.provider = error.provider and self.hide(error.provider)
        error.finish_reason = error.finish_reason and self.hide(error.finish_reason)

    def clean_reply(self, reply: Reply) -> Reply:
        """``reply`` with the key taken out of its words, which are kept with the picture."""
        if not self._is_long:
            return reply
        said = reply.summary
        texts: dict[str, Any] = {name: self.hide(text) for name in _SAID if (text := getattr(said, name))}
        warnings = tuple(replace(each, message=self.hide(each.message)) for each in reply.warnings)
        trace_id = reply.trace_id and self.hide(reply.trace_id)
        return replace(reply, summary=replace(said, **texts), warnings=warnings, trace_id=trace_id)
