"""
Where the values and keys of a text stand: a JSON Pointer in, a line and column or a span out.

JSON is scanned only along the way to the places asked for, and a container that was scanned once is
remembered: many questions about one large file cost one pass over it, and none costs nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Final, NamedTuple

from preroll import pointer as pointers
from preroll.unreadable import decoded

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_COMMENT = r"//[^\n]*+|/\*.*?\*/"
_BLANK: Final = re.compile(r"[ \t\n\r]*+")
_SCALAR: Final = re.compile(r'[^ \t\n\r,:\[\]{}"/]++')
_KEY: Final = re.compile(_STRING, re.DOTALL)
_BRACKET: Final = re.compile(_STRING + r"|[\[\]{}]", re.DOTALL)
# A member whose value is no container, with what follows it: one step instead of six for most members there are.
_PLAIN = rf'{_STRING}|[^ \t\n\r,:\[\]{{}}"/]++'
_GAP = r"[ \t\n\r]*+"
_MEMBER: Final = re.compile(rf"({_STRING}){_GAP}:{_GAP}({_PLAIN}){_GAP}(?:(,){_GAP}|(?=\}}))", re.DOTALL)
# Two slashes are common in JSON strings (URLs) but stand between tokens only in JSONC.
_JSONC_BRACKET = f"{_STRING}|{_COMMENT}|" + r"[\[\]{}]"


def skipped(text: str, at: int, *, comments: bool) -> int:
    """
    The offset of the first token from `at` on, or of the text's end.

    With `comments` those of JSONC are passed over too; one without an end is not, and counts as a token.
    """
    while True:
        matched = _BLANK.match(text, at)
        at = matched.end() if matched else at
        if not comments or text[at : at + 1] != "/":
            return at
        if text.startswith("//", at):
            end = text.find("\n", at)
            at = end if end >= 0 else len(text)
        elif text.startswith("/*", at) and (end := text.find("*/", at + 2)) >= 0:
            at = end + 2
        else:
            return at


class Place(NamedTuple):
    """
    One value and, where it is a member of an object, its key; offsets in characters, ends exclusive.

    `inside` holds the places of a container's values by their reference tokens; None where they are found
    by scanning the text.
    """

    key_start: int
    key_end: int
    start: int
    end: int
    inside: Mapping[str, Place] | None = None


class Positions:
    """
    The places of one JSON text.

    Built once from the bytes that `preroll.source` has read; nothing is scanned before the first question.
    A text that is no JSON is followed as far as it can be.

    Args:
        raw: the text as UTF-8.
        jsonc: comments and trailing commas are allowed.

    Raises:
        Unreadable: the bytes are no UTF-8 text, or too many.
    """

    __slots__ = ("_jsonc", "_lines", "_root", "_scanned", "_text")

    def __init__(self, raw: bytes, *, jsonc: bool = False) -> None:
        self._text = decoded(raw, "<payload>")
        self._jsonc = jsonc
        self._lines: list[int] | None = None
        self._root: Place | None = None
        self._scanned: dict[int, Mapping[str, Place]] = {}

    @classmethod
    def of_tree(cls, text: str, root: Place) -> Positions:
        """The places that another reader has already found."""
        self = cls(b"")
        self._text = text
        self._root = root
        return self

    @property
    def text(self) -> str:
        """The decoded text that spans count in."""
        return self._text

    def of(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """
        Line and column, from 1 and in code points, of the value at a JSON Pointer.

        With `key`, of the member's key; an item of an array and the root have none and give the value. Where
        nothing is at the pointer: of the nearest ancestor that exists.

        Raises:
            ValueError: `pointer` is not a JSON Pointer.
        """
        return self.line_and_column(self.span(pointer, key=key)[0])

    def span(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """
        Start and end, in characters of `text`, of what `of` would point to, quotes and brackets included.

        Raises:
            ValueError: `pointer` is not a JSON Pointer.
        """
        found = self._root or self._outermost()
        whole = True
        for token in pointers.parse(pointer):
            inside = found.inside if found.inside is not None else self._members(found.start)
            if token not in inside:
                whole = False
                break
            found = inside[token]
        if key and whole and found.key_start >= 0:
            return found.key_start, found.key_end
        return found.start, found.end

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at `offset` of `text`."""
        if self._lines is None:
            self._lines = [0, *(each.end() for each in re.finditer("\n", self._text))]
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def line_start(self, line: int) -> int:
        """The offset at which a line begins, counted from 1."""
        self.line_and_column(0)
        assert self._lines is not None  # counted now
        return self._lines[line - 1]

    def _outermost(self) -> Place:
        start = self._skipped(0)
        self._root = Place(-1, -1, start, self._value_end(start))
        return self._root

    def _members(self, start: int) -> Mapping[str, Place]:
        """The places of the members or items of the container that begins at `start`; none for a scalar."""
        found = self._scanned.get(start)
        if found is None:
            opening = self._text[start : start + 1]
            found = self._scanned[start] = self._scan(start, opening) if opening in ("{", "[") else {}
        return found

    def _scan(self, start: int, opening: str) -> dict[str, Place]:
        from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed lists it elsewhere

        text = self._text
        found: dict[str, Place] = {}
        at = self._skipped(start + 1)
        while at < len(text) and text[at] not in "}]":
            token, key_start, key_end = str(len(found)), -1, -1
            if opening == "{":
                plain = None if self._jsonc else _MEMBER.match(text, at)
                if plain is not None and "\\" not in plain[1]:
                    found[plain[1][1:-1]] = Place(*plain.span(1), *plain.span(2))
                    at = plain.end()
                    if plain[3] is None:
                        break
                    continue
                matched = _KEY.match(text, at)
                if matched is None:
                    break
                key_start, key_end = matched.span()
                token = text[key_start + 1 : key_end - 1]
                if "\\" in token:
                    try:
                        token, _ = scanstring(text, key_start + 1, False)
                    except ValueError:
                        break
                at = self._skipped(key_end)
                if text[at : at + 1] != ":":
                    break
                at = self._skipped(at + 1)
            end = self._value_end(at)
            if end == at:
                break
            found[token] = Place(key_start, key_end, at, end)
            at = self._skipped(end)
            if text[at : at + 1] != ",":
                break
            at = self._skipped(at + 1)
        return found

    def _skipped(self, at: int) -> int:
        return skipped(self._text, at, comments=self._jsonc)

    def _value_end(self, start: int) -> int:
        """The end of the value that begins at `start`; `start` itself where none does."""
        text = self._text
        opening = text[start : start + 1]
        if opening == '"':
            matched = _KEY.match(text, start)
            return matched.end() if matched else len(text)
        if opening not in ("{", "["):
            matched = _SCALAR.match(text, start)
            return matched.end() if matched else start
        open_ = 0
        brackets = re.compile(_JSONC_BRACKET, re.DOTALL) if self._jsonc else _BRACKET
        for each in brackets.finditer(text, start):
            character = text[each.start()]
            if character in "{[":
                open_ += 1
            elif character in "}]":
                open_ -= 1
                if open_ == 0:
                    return each.end()
        return len(text)
