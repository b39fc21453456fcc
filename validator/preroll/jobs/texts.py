"""
Texts: the values of a file's text, and on which line of the file each of their places is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from preroll import outcome, redaction, source
from preroll import pointer as pointers
from preroll.pointer import ABSENT, Path
from preroll.positions import Positions
from preroll.unreadable import Unreadable
from preroll.violation import KEYED, Fix, Violation

JSON, JSONC, YAML, LINES = "json", "jsonc", "yaml", "lines"
"""The formats of job files; `LINES` is one JSON text a line."""

_ENDING: Final = {JSON: "json", JSONC: "jsonc", YAML: "yaml", LINES: "json"}

_SUPPRESSION: Final = re.compile(r"(?:#|//|/\*)\s*preroll:\s*(ignore-file|ignore)\b\s*(?:\[([^\]]*)\])?")
# A string of JSONC, or a comment: what looks like one inside the other is none.
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|(//[^\n]*+|/\*.*?\*/)', re.DOTALL)

EVERYTHING: Final = frozenset(("*",))
"""What a suppression without rules suppresses."""


def told_at(violation: Violation, at: str) -> str:
    """The JSON Pointer in the file of a violation of the payload at another; it may stand beside the payload."""
    return at + violation.pointer if violation.parameter is None else violation.parameter


class Text:
    """
    One value of a file, with its places.

    Args:
        raw: the bytes that the value was read from; of one line, for files of lines.
        form: the format.
        line: the line of the file on which `raw` begins.
        positions: where they are known already; else they are found when somebody asks.
        start: the line on which the value begins.
        index: which of several documents of the file it is; None for the only one.
        lines: the lines of `raw` that it has; None for all of them.
        comments: where the comments of a YAML text begin and end.
    """

    __slots__ = ("_heard", "_lines", "_positions", "_suppressed", "form", "index", "line", "lines", "raw", "start")

    def __init__(
        self,
        raw: bytes,
        form: str,
        *,
        line: int = 1,
        positions: Positions | None = None,
        start: int = 1,
        index: int | None = None,
        lines: range | None = None,
        comments: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.raw, self.form, self.line, self.start, self.index, self.lines = raw, form, line, start, index, lines
        self._positions = positions
        self._heard = comments
        self._lines: list[str] | None = None
        self._suppressed: dict[int, frozenset[str]] | None = None

    @property
    def positions(self) -> Positions:
        """The places in the text."""
        if self._positions is None:
            self._positions = Positions(self.raw, jsonc=self.form == JSONC)
        return self._positions

    def place(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """Line in the file and column of the value (or key) at a JSON Pointer."""
        line, column = self.positions.of(pointer, key=key)
        return line + self.line - 1, column

    def span(self, pointer: str, *, key: bool = False) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where what `place` points to begins, and where it has ended."""
        start, end = self.positions.span(pointer, key=key)
        line, column = self.positions.line_and_column(start)
        last, behind = self.positions.line_and_column(end)
        return (line + self.line - 1, column), (last + self.line - 1, behind)

    def frames(self, numbers: Collection[int]) -> dict[int, str]:
        """The lines of the file that are shown around some of them, as far as this text has them."""
        wanted = [each - self.line + 1 for each in numbers]
        if not wanted:
            return {}
        if self._lines is None:
            self._lines = self.positions.text.split("\n")
        framed = outcome.frames(self._lines, wanted)
        if self.lines is not None:
            # What stands in another document of the file may be a secret there.
            framed = {number: line for number, line in framed.items() if number in self.lines}
        return {number + self.line - 1: line for number, line in framed.items()}

    def cover(self, value: Any, paths: Iterable[Path], hidden: Collection[str]) -> None:
        """Show nothing of what stands at some paths of the text's value, nor of some secrets wherever they stand."""
        places = redaction.spans(value, hidden, self.positions)
        places |= {self.positions.span(pointers.text(each)) for each in paths}
        self._lines = redaction.covered(self.positions.text, hidden, places).split("\n")

    def without(self, lines: Mapping[int, str], at: str, payload: Any, hidden: Collection[str]) -> dict[int, str]:
        """Lines of the file without some secrets of the payload at a JSON Pointer."""
        places = redaction.spans(payload, hidden, self.positions, at)
        found = {}
        for number, line in lines.items():
            start = self.positions.line_start(number - self.line + 1)
            here = {(max(0, first - start), last - start) for first, last in places if last > start}
            found[number] = redaction.covered(line, hidden, here)
        return found

    def edits(self, at: str, fix: Fix) -> tuple[outcome.Replacement, ...]:
        """What a fix of the payload at a JSON Pointer does to the file; nothing where that cannot be said."""
        from preroll import rewriting  # only for formats that carry fixes

        before = at if self.index is None else f"/{self.index}{at}"
        patch = [
            {key: before + value if key in ("path", "from") else value for key, value in each.items()}
            for each in fix.patch
        ]
        try:
            _, found = rewriting.edits(self.raw, f"text.{_ENDING[self.form]}", patch)
        except ValueError:  # the change cannot be said as a change of text
            return ()
        down = self.line - 1

        def place(offset: int) -> tuple[int, int]:
            line, column = self.positions.line_and_column(offset)
            return line + down, column

        return tuple(outcome.Replacement(place(each.start), place(each.end), each.text) for each in found)

    @property
    def suppresses(self) -> bool:
        """Whether comments may ask not to tell something."""
        return self.form in (YAML, JSONC) and b"preroll:" in self.raw

    def suppressed(self, line: int | None) -> frozenset[str]:
        """The rules that a comment on a line, alone on the line above, or for the file, asks not to tell."""
        if not self.suppresses:
            return frozenset()
        if self._suppressed is None:
            self._suppressed = dict(self._comments())
        found = self._suppressed.get(0, frozenset())
        return found | self._suppressed.get(line, frozenset()) if line is not None else found

    def silences(self, violation: Violation, at: str) -> bool:
        """Whether a comment beside one of its places asks not to tell a violation of the payload at a JSON Pointer."""
        if not self.suppresses:
            return False
        lines = {
            self.place(told_at(violation, at), key=violation.kind in KEYED)[0],
            *(self.place(at + also)[0] for also in violation.also),
        }
        suppressed = frozenset().union(*map(self.suppressed, lines))
        return violation.rule in suppressed or suppressed >= EVERYTHING

    def named(self) -> Iterator[tuple[int, str]]:
        """The rules that comments name, each with its line."""
        for start, end in self._spans() if self.suppresses else ():
            for matched in _SUPPRESSION.finditer(self.positions.text, start, end):
                number = self.positions.line_and_column(matched.start())[0] + self.line - 1
                yield from ((number, rule) for rule in _rules(matched))

    def _spans(self) -> Iterable[tuple[int, int]]:
        """Where the comments stand in the text."""
        if self.form == YAML:
            return self._heard
        return [each.span(1) for each in _TOKEN.finditer(self.positions.text) if each[1]]

    def _comments(self) -> Iterator[tuple[int, frozenset[str]]]:
        """Suppressed rules by line of the file, 0 for all of it."""
        text = self.positions.text
        found: dict[int, frozenset[str]] = {}
        beside: dict[int, frozenset[str]] = {}
        alone: set[int] = set()
        for start, end in self._spans():
            number = self.positions.line_and_column(start)[0]
            if not text[text.rfind("\n", 0, start) + 1 : start].strip():
                alone.add(number)
            for matched in _SUPPRESSION.finditer(text, start, end):
                of = found if matched[1] == "ignore-file" else beside
                at = 0 if matched[1] == "ignore-file" else number
                of[at] = of.get(at, frozenset()) | (frozenset(_rules(matched)) or EVERYTHING)
        pending: frozenset[str] = frozenset()
        for number, line in enumerate(text.split("\n"), 1):
            rules = pending | beside.get(number, frozenset())
            if number in alone or not line.strip():
                pending = rules
                continue
            if rules:
                found[number + self.line - 1] = rules
            pending = frozenset()
        yield from found.items()


def _rules(suppression: re.Match[str]) -> Iterator[str]:
    """The rules that a comment names."""
    return filter(None, map(str.strip, (suppression[2] or "").split(",")))


class Line(Text):
    """
    A line whose value is known; where the line is written without blanks, places in it are found by counting.

    Args:
        raw: the line.
        line: its number in the file.
        value: what it says.
    """

    __slots__ = ("_value",)

    def __init__(self, raw: bytes, line: int, value: Any) -> None:
        super().__init__(raw, LINES, line=line)
        # Written out again it is the same text: then every part of it stands where it is written.
        self._value = value if orjson.dumps(value) == raw else ABSENT

    def place(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """Line in the file and column of the value (or key) at a JSON Pointer."""
        if self._value is ABSENT:
            return super().place(pointer, key=key)
        return self.line, self._column(self._counted(pointers.parse(pointer), key=key)[0])

    def span(self, pointer: str, *, key: bool = False) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where what `place` points to begins, and where it has ended."""
        if self._value is ABSENT:
            return super().span(pointer, key=key)
        start, value = self._counted(pointers.parse(pointer), key=key)
        end = start + len(orjson.dumps(value)) if start else len(self.raw)
        if self.raw.isascii():
            return (self.line, start + 1), (self.line, end + 1)
        return (self.line, self._column(start)), (self.line, self._column(end))

    def _column(self, offset: int) -> int:
        return 1 + (offset if self.raw.isascii() else len(self.raw[:offset].decode()))

    def _counted(self, path: tuple[str, ...], *, key: bool) -> tuple[int, Any]:
        """At which byte of the line the value (or key) at a path begins, and what it is."""
        dumps = orjson.dumps
        value: Any = self._value
        if path:
            owner = pointers.look_up(value, path[:-1]) if len(path) > 1 else value
            if isinstance(owner, dict) and path[-1] in owner:
                written = dumps(path[-1]) + b":"
                at = self.raw.find(written)
                # No text holds this, for its quotation marks would be escaped: there once, it is the member.
                if self.raw.find(written, at + 1) < 0:
                    return (at, path[-1]) if key else (at + len(written), owner[path[-1]])
        at = named = 0
        for index, token in enumerate(path):
            inner = pointers.step(value, token)
            if inner is ABSENT:
                named = 0
                break
            if isinstance(value, dict):
                before = {name: value[name] for name in itertools.takewhile(token.__ne__, value)}
                # The closing brace of those before stands for the comma after them.
                at += len(dumps(before)) if before else 1
                named = at if index == len(path) - 1 else 0
                at += len(dumps(token)) + 1
            else:
                items = value[: int(token)]
                at += len(dumps(items)) if items else 1
            value = inner
        return (named, path[-1]) if key and named else (at, value)

    def frames(self, numbers: Collection[int]) -> dict[int, str]:
        """The line itself, where anything is wanted."""
        if self._lines is not None:
            return super().frames(numbers)
        return {self.line: self.raw.decode().removesuffix("\r")} if numbers else {}


def read(raw: bytes, form: str, name: str) -> Iterator[tuple[Any, Text]]:
    """
    The values of a whole text that is not one of lines: one, or for YAML one a document.

    Raises:
        Unreadable: it is not what its name says; see `preroll.source`.
    """
    for each in parts(raw, form, name):
        if isinstance(each, Unreadable):
            raise each
        yield each


def parts(raw: bytes, form: str, name: str) -> Iterator[tuple[Any, Text] | Unreadable]:
    """
    The same as `read`, as far as the text can be read.

    In the place of a document that cannot be read stands what is wrong with it.

    Raises:
        Unreadable: the text is not what its name says; see `preroll.source`.
    """
    if form == YAML:
        yield from _documents(raw, name)
    elif form == JSONC:
        yield source.read_jsonc(raw, name), Text(raw, JSONC)
    else:
        yield source.read_json(raw, name), Text(raw, JSON)


def _documents(raw: bytes, name: str) -> Iterator[tuple[Any, Text] | Unreadable]:
    parts = list(source.read_yaml_parts(raw, name))  # comments anywhere in it may be meant for all of it
    several = len(parts) > 1
    for index, each in enumerate(parts):
        if isinstance(each, Unreadable):
            yield each
            continue
        start = each.positions.line_and_column(each.start)[0]
        last = each.positions.line_and_column(each.end)[0]
        text = Text(
            raw,
            YAML,
            positions=each.positions,
            start=start,
            index=index if several else None,
            lines=range(start, last + 1) if several else None,
            comments=each.comments,
        )
        yield each.value, text
