"""What an answer holds, gathered from whatever form it came in: one document, or many events.

Forms that are read (recorded from CLIProxyAPI, documented by OpenRouter, or seen from other proxies):
``choices[].message`` or ``.delta`` with ``images`` as objects, strings, null or one object; pictures as parts
of a ``content`` list or as data URLs inside its words; ``error`` as text or object, on top or in a choice.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tui.engine.passage import MAX_TEXT, Blob, Passage
from tui.engine.said import clean_words
from tui.engine.spill import Document
from tui.engine.spool import Spool

_MARKED: Final = re.compile(r"!?\[[^\]]*\]\(\s*\ufffc\s*(?:\"[^\"]*\")?\)|\ufffc")
_DATA: Final = re.compile(r"\s*data:", re.I)
_LINK: Final = re.compile(r"\s*https?://", re.I)
_PART_KEYS: Final = ("image_url", "inline_data", "inlineData", "source", "url", "b64_json", "data", "result")


@dataclass(slots=True)
class Choice:
    """One choice: its pictures in order, and why it ended."""

    images: list[Blob] = field(default_factory=list)
    inline: list[Blob] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    finish: str | None = None
    native_finish: str | None = None
    error: Any = None

    @property
    def pictures(self) -> list[Blob]:
        """The pictures it names, else those found in its words: some servers send both, the same twice."""
        return self.images or self.inline


@dataclass(slots=True)
class Answer:
    """Everything an answer said.

    ``promised`` is whether it had a list of ``choices``, be it an empty one; ``complete`` is false for a
    stream that lacks its end.
    """

    id: str | None = None
    model: str | None = None
    usage: Mapping[str, Any] | None = None
    error: Any = None
    choices: dict[int, Choice] = field(default_factory=dict)
    promised: bool = False
    streamed: bool = False
    complete: bool = True
    words: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def text(self) -> str | None:
        """The model's words, None where it said nothing."""
        return _joined(self.words)

    @property
    def reasoning(self) -> str | None:
        """The model's thoughts, None where it showed none."""
        return _joined(self.thoughts)

    @property
    def refusal(self) -> str | None:
        """The words under ``refusal``, None where there are none."""
        return _joined(self.refusals)


def _joined(parts: list[str]) -> str | None:
    text = "".join(parts)
    return text if text.strip() else None


class Gatherer:
    """Fills an Answer from documents; pictures that stood in short strings get spool files too."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._room = 4 * MAX_TEXT
        self._passages: Mapping[str, Passage] = {}
        self.answer = Answer()

    def add(self, value: Any, document: Document, *, name: str = "") -> None:
        """Take one document or event. Raises DiskError, and BadReply for too many pictures."""
        self._passages = document.passages
        answer = self.answer
        if isinstance(value, list) and len(value) == 1:
            # Google wraps an error so where it was asked for a stream.
            value = value[0]
        if not isinstance(value, dict):
            return
        answer.id = self._text(value.get("id")) or answer.id
        answer.model = self._text(value.get("model")) or answer.model
        usage = value.get("usage")
        answer.usage = usage if isinstance(usage, dict) else answer.usage
        error = value.get("error") or (value if name == "error" else None)
        if error and answer.error is None:
            answer.error = self._plain(error)
        choices = value.get("choices")
        if isinstance(choices, list):
            answer.promised = not choices or any(isinstance(choice, dict) for choice in choices)
            for place, choice in enumerate(choices):
                self._add_choice(place, choice)
        self._passages = {}

    def _add_choice(self, place: int, value: Any) -> None:
        if not isinstance(value, dict):
            return
        index = value.get("index")
        choice = self.answer.choices.setdefault(index if isinstance(index, int) else place, Choice())
        choice.finish = self._text(value.get("finish_reason")) or choice.finish
        choice.native_finish = self._text(value.get("native_finish_reason")) or choice.native_finish
        if value.get("error") and choice.error is None:
            choice.error = self._plain(value["error"])
        for message in (value.get("message"), value.get("delta")):
            if isinstance(message, dict):
                self._add_message(choice, message)

    def _add_message(self, choice: Choice, message: Mapping[str, Any]) -> None:
        for part in _listed(message.get("images")):
            self._add_picture(choice, part, choice.images)
        for part in _listed(message.get("content")):
            self._add_content(choice, part)
        for key in ("reasoning_content", "reasoning"):
            if (thought := self._text(message.get(key))) is not None:
                self._say(self.answer.thoughts, thought)
                break
        if (refusal := self._text(message.get("refusal"))) is not None:
            self._say(self.answer.refusals, refusal)

    def _add_content(self, choice: Choice, part: Any) -> None:
        if isinstance(part, dict):
            text = part.get("text")
            if isinstance(text, str):
                target = self.answer.thoughts if part.get("thought") is True else self.answer.words
                self._say(target, self._read_words(choice, text))
            else:
                self._add_picture(choice, part, choice.images)
        elif isinstance(part, str):
            self._say(self.answer.words, self._read_words(choice, part))

    def _read_words(self, choice: Choice, text: str) -> str:
        passage = self._passages.get(text)
        if passage is None:
            if "base64," not in text.lower():
                return text
            passage = _read(Passage(self._spool), text)
        choice.inline += passage.blobs
        return _MARKED.sub("", passage.text)

    def _add_picture(self, choice: Choice, part: Any, found: list[Blob]) -> None:
        for text in _picture_texts(part):
            passage = self._passages.get(text)
            if passage is None and _LINK.match(text):
                choice.links.append(text.strip())
            elif passage is None and text.strip():
                bare = _DATA.match(text) is None
                found += _read(Passage(self._spool, bare=bare), text).blobs or [_nothing(self._spool, text)]
            elif passage is not None:
                found += passage.blobs or [_nothing(self._spool, passage.text)]

    def _text(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        passage = self._passages.get(value)
        return value if passage is None else passage.text

    def _plain(self, value: Any) -> Any:
        """An error as it was said, its long texts put back."""
        if isinstance(value, dict):
            return {key: self._plain(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._plain(each) for each in value]
        return self._text(value) if isinstance(value, str) else value

    def _say(self, target: list[str], text: str) -> None:
        target.append(text[: self._room])
        self._room -= len(target[-1])


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _picture_texts(part: Any) -> Iterator[str]:
    """The string that holds the picture, from whichever member it is in."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key in _PART_KEYS:
            if part.get(key):
                yield from _picture_texts(part[key])
                return


def _read(passage: Passage, text: str) -> Passage:
    passage.feed(text.encode("utf-8", "surrogatepass"))
    passage.close()
    return passage


def _nothing(spool: Spool, text: str) -> Blob:
    """Stands for a picture whose string is no base64 at all."""
    blob = Blob(spool.create(), "", anchored=True)
    blob.close()
    blob.broken = f"no base64: {clean_words(text[:60])}"
    return blob
