"""Texts in an XMP packet: descriptions, comments and the prompt that IPTC has a place for.

Names: XMP part 1, C.2.7 (elements or attributes of rdf:Description; alternatives by language in rdf:li);
IPTC photo metadata 2025.1 (AIPromptInformation, AISystemUsed, AISystemVersionUsed). Midjourney writes
dc:description, Draw Things a JSON object into exif:UserComment, Google "Made with Google AI" into Credit.
"""

from typing import Final
from xml.parsers import expat

from tui.library.texts import Texts

_IPTC: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_WANTED: Final = {
    "http://purl.org/dc/elements/1.1/ description": "Description",
    "http://ns.adobe.com/exif/1.0/ UserComment": "UserComment",
    "http://ns.adobe.com/photoshop/1.0/ Credit": "Credit",
    f"{_IPTC} AIPromptInformation": "AIPromptInformation",
    f"{_IPTC} AISystemUsed": "AISystemUsed",
    f"{_IPTC} AISystemVersionUsed": "AISystemVersionUsed",
}
_ITEM: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns# li"


class _Refused(Exception):
    """The packet declares entities, which XMP has no use for and bombs are made of."""


class _Reader:
    """What expat calls; the first alternative of a wanted property is taken."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._keyword = ""
        self._words: list[str] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        for each, value in attributes.items():
            if each in _WANTED:
                self._texts.add(_WANTED[each], value)
        if name in _WANTED:
            self._keyword, self._words = _WANTED[name], []

    def say(self, words: str) -> None:
        if self._keyword:
            self._words.append(words)

    def end(self, name: str) -> None:
        if not self._keyword or (name != _ITEM and name not in _WANTED):
            return
        self._texts.add(self._keyword, "".join(self._words).strip())
        self._keyword = ""

    def refuse(self, *declaration: object) -> None:
        raise _Refused


def read_xmp(data: bytes, texts: Texts) -> None:
    """Take the texts of an XMP packet into ``texts``; a damaged packet gives those before the damage."""
    reader, parser = _Reader(texts), expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.CharacterDataHandler = reader.say
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, _Refused, LookupError, ValueError):
        return
