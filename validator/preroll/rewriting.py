"""
Changes to the text of a file: what a JSON Patch means for JSON, JSONC, JSONL and YAML, as edits of spans.

Only the characters that must change do. Indentation, key order, comments, line endings and the spelling of
every other number and string stay as they are, and the result is read again before anyone sees it: a text
that does not say exactly what the patch asks for is never handed out.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from preroll import dialect, json_text, mending, source
from preroll import pointer as pointers
from preroll.judgement import Report
from preroll.pointer import Path
from preroll.positions import Positions, skipped
from preroll.violation import Fix, Violation

JSON, JSONC, JSONL, YAML = "json", "jsonc", "jsonl", "yaml"

MAX_FIXES: Final = 10_000
"""The most fixes that are applied to one payload."""

_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./ -]*(?<! )")
"""YAML text that is certainly a string without quotes, unless it is one of `_WORDS`."""

_WORDS: Final = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))


class Unsuitable(ValueError):
    """A text in which a change cannot be made without touching something else; `why` says what stands in the way."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Edit:
    """The characters from `start` up to `end` of a text become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """
    A fix that was applied.

    Attributes:
        violation: what it mends.
        fix: what was done.
        line, column: where, in the text as it was; None where it came without a text.
    """

    violation: Violation
    fix: Fix
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Mended:
    """A payload with fixes applied: what was changed, and the report on what it is now."""

    payload: Any
    changes: tuple[Change, ...]
    report: Report


def mend(report: Report, *, unsafe: bool = False, wanted: Callable[[Violation], bool] = lambda _: True) -> Mended:
    """
    A payload with its fixes applied, as long as each of them mends what it is for and nothing new goes wrong.

    Safe fixes are tried together and then checked; where they do not get on, and for others, one by one.

    Args:
        report: what was found; it must know how to check again (`Report.recheck`).
        unsafe: apply fixes that change what is meant, too: the first, which is the least change.
        wanted: says which violations are to be mended; the others are left.
    """
    current, payload = report, report.payload
    changes: list[Change] = []
    tried: set[tuple[str, str]] = set()
    alone = False
    while current.recheck is not None and len(changes) < MAX_FIXES:
        chosen = _chosen(current.advised(), tried, wanted, unsafe=unsafe)
        # Safe fixes go together, as long as each mends what it is for; what changes the meaning goes alone.
        chosen = (
            chosen[:1] if alone or not (chosen and chosen[0][1].safe) else [each for each in chosen if each[1].safe]
        )
        if not chosen:
            break
        done = _applied(payload, chosen)
        again = current.recheck(done[0]) if done is not None else None
        if again is None or len(_faults(again)) > len(_faults(current)) - len(chosen):
            if len(chosen) == 1:
                tried.update((violation.rule, violation.pointer) for violation, _ in chosen)
            alone = len(chosen) > 1
            continue
        alone = False
        for violation, fix in chosen:
            changes.append(Change(violation, fix, *(report.place(violation) or (None, None))))
        assert done is not None
        current, payload = replace(again, payload=done[0], recheck=current.recheck), done[0]
    return Mended(payload, tuple(changes), current)


def _applied(payload: Any, chosen: Sequence[tuple[Violation, Fix]]) -> tuple[Any] | None:
    """The payload with fixes applied in turn, boxed because it may be null; None where they do not fit together."""
    try:
        for _, fix in chosen:
            payload = mending.applied(payload, fix.patch)
    except (LookupError, TypeError, ValueError):
        return None
    return (payload,)


def _chosen(
    report: Report, tried: set[tuple[str, str]], wanted: Callable[[Violation], bool], *, unsafe: bool
) -> list[tuple[Violation, Fix]]:
    """A fix for each violation that has one: safe ones first, and errors before warnings."""
    possible = [
        (not fix.safe, violation.severity != "error", index, violation, fix)
        for index, violation in enumerate(report.violations)
        if (violation.rule, violation.pointer) not in tried and violation.severity != "info" and wanted(violation)
        for fix in ([each for each in violation.fixes if each.safe] or (violation.fixes if unsafe else ()))[:1]
    ]
    return [(violation, fix) for *_, violation, fix in sorted(possible, key=lambda each: each[:3])]


def _faults(report: Report) -> frozenset[tuple[str, str]]:
    return frozenset((each.rule, each.pointer) for each in report.violations if each.severity != "info")


def form_of(name: str) -> str:
    """The format that a file's name tells: `jsonl` (also `.ndjson`), `yaml` (also `.yml`), `jsonc`, else `json`."""
    ending = os.path.splitext(name.lower())[1]  # noqa: PTH122  # pathlib costs start-up
    return {".jsonl": JSONL, ".ndjson": JSONL, ".yaml": YAML, ".yml": YAML, ".jsonc": JSONC}.get(ending, JSON)


def value_of(raw: bytes, name: str) -> Any:
    """
    What `rewrite` and `rewritten` take for a file's value: the list of its records for JSONL and for YAML of
    several documents, else its one value.

    Raises:
        Unreadable: the file cannot be read.
    """
    form = form_of(name)
    if form == JSONL:
        return [source.read_json(line, name) for _, _, line in records(raw)]
    if form == YAML:
        every = [each.value for each in source.read_yaml_documents(raw, name)]
        return every[0] if len(every) == 1 else every
    return source.read_jsonc(raw, name) if form == JSONC else source.read_json(raw, name)


def rewritten(raw: bytes, name: str, tree: Any) -> bytes:
    """
    The bytes of a file whose value (see `value_of`) has become `tree`, with the fewest characters changed.

    Raises:
        Unreadable: the file cannot be read.
        Unsuitable: the text cannot be changed without touching something else.
    """
    form = form_of(name)
    if form == JSONL:
        result = _lines(raw, name, tree)
    else:
        text, every = _edits(raw, name, tree)
        result = applied(text, every).encode()
    try:
        right = _same(value_of(result, name), tree)
    except source.Unreadable:
        right = False
    if not right:
        raise Unsuitable("the changed text would not say what was asked for")
    return result


def _lines(raw: bytes, name: str, tree: Any) -> bytes:
    every = list(records(raw))
    if not isinstance(tree, list) or len(tree) != len(every):
        raise Unsuitable("records cannot be added or taken away")
    parts, at = [], 0
    for (start, _, line), after in zip(every, tree, strict=True):
        before = source.read_json(line, name)
        if _same(before, after):
            continue
        text = line.decode()
        changed = applied(text, _differences(_Json(Positions(line), text), before, after))
        parts += [raw[at:start], changed.encode()]
        at = start + len(line)
    return b"".join((*parts, raw[at:]))


def records(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The lines of JSONL that hold something, without their ends: the offset, the number from 1, the bytes."""
    at = 0
    for number, line in enumerate(raw.split(b"\n"), 1):
        bare = line.removesuffix(b"\r")
        if bare.strip():
            yield at, number, bare
        at += len(line) + 1


def edits(raw: bytes, name: str, patch: Sequence[dict[str, Any]]) -> tuple[str, tuple[Edit, ...]]:
    """
    The decoded text of a file and what a JSON Patch changes in it, in order and without overlaps.

    Not for JSONL. Raises as `rewrite`.
    """
    try:
        tree = mending.applied(value_of(raw, name), patch)
    except (LookupError, TypeError, ValueError) as error:
        raise Unsuitable(str(error)) from None
    return _edits(raw, name, tree)


def _edits(raw: bytes, name: str, tree: Any) -> tuple[str, tuple[Edit, ...]]:
    form = form_of(name)
    if form != YAML:
        positions = Positions(raw, jsonc=form == JSONC)
        before = source.read_jsonc(raw, name) if form == JSONC else source.read_json(raw, name)
        return positions.text, _differences(_Json(positions, positions.text, comments=form == JSONC), before, tree)
    documents = source.read_yaml_documents(raw, name)
    trees = [tree] if len(documents) == 1 else tree
    if not isinstance(trees, list) or len(trees) != len(documents):
        raise Unsuitable("documents cannot be added or taken away")
    found = [
        edit
        for each, after in zip(documents, trees, strict=True)
        for edit in _differences(_Yaml(each.positions, each.positions.text), each.value, after)
    ]
    return documents[0].positions.text, tuple(found)


def applied(text: str, changes: Iterable[Edit]) -> str:
    """The text with edits made; they must not overlap."""
    parts, at = [], 0
    for each in sorted(changes, key=lambda each: (each.start, each.end)):
        if each.start < at:
            raise Unsuitable("two changes meet at one place")
        parts += [text[at : each.start], each.text]
        at = each.end
    return "".join((*parts, text[at:]))


def _same(one: Any, other: Any) -> bool:
    """Equal, and written with the same members in the same order is not asked."""
    return dialect.equal(one, other)


def _differences(text: _Json, before: Any, after: Any, path: Path = ()) -> tuple[Edit, ...]:
    """The edits that turn one value's text into another's."""
    found: list[Edit] = []
    todo = [(before, after, path)]
    while todo:
        one, other, at = todo.pop()
        if one is other or _same(one, other):
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            todo += _members(text, one, other, at, found)
        elif isinstance(one, list) and isinstance(other, list):
            todo += _items(text, one, other, at, found)
        else:
            found.append(text.replaced(at, other))
    return tuple(sorted(found, key=lambda each: (each.start, each.end)))


Pending = list[tuple[Any, Any, Path]]


def _members(text: _Json, one: dict[str, Any], other: dict[str, Any], at: Path, found: list[Edit]) -> Pending:
    """Renamed members keep their place; the rest is kept, taken away, or put to the end."""
    names = list(one)
    turns = zip(one, other, strict=True) if len(one) == len(other) else ()
    renamed = {
        old: new
        for old, new in turns
        if old != new and old not in other and new not in one and _same(one[old], other[new])
    }
    gone = [index for index, name in enumerate(names) if name not in other and name not in renamed]
    fresh = [name for name in other if name not in one and name not in renamed.values()]
    for old, new in renamed.items():
        found.append(text.renamed((*at, old), new))
    found += text.changed(at, names, gone, [(name, other[name]) for name in fresh])
    return [(one[name], other[name], (*at, name)) for name in names if name in other]


def _items(text: _Json, one: list[Any], other: list[Any], at: Path, found: list[Edit]) -> Pending:
    """What both begin and end with is kept; the rest is changed one by one, then taken away or added."""
    first = 0
    while first < min(len(one), len(other)) and _same(one[first], other[first]):
        first += 1
    last = 0
    while last < min(len(one), len(other)) - first and _same(one[-1 - last], other[-1 - last]):
        last += 1
    old, new = len(one) - first - last, len(other) - first - last
    both = min(old, new)
    if new > old and last:  # items are only added at the end, so the end is written anew
        both, last = len(one) - first, 0
        new = len(other) - first
    gone = list(range(first + both, first + old)) if old > new else []
    fresh = other[first + both : first + new] if new > both else []
    found += text.changed(at, list(range(len(one))), gone, [(None, each) for each in fresh])
    return [(one[index], other[index], (*at, index)) for index in range(first, first + both)]


class _Json:
    """A JSON or JSONC text and the edits that change places in it."""

    def __init__(self, positions: Positions, text: str, *, comments: bool = False) -> None:
        self.positions = positions
        self.text = text
        self.comments = comments
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def span(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        return self.positions.span(pointers.text(path), key=key)

    def replaced(self, path: Path, value: Any) -> Edit:
        """Another value at a place."""
        start, end = self.span(path)
        return Edit(start, end, self.written(value, self.margin(start), self.text[start:end]))

    def renamed(self, path: Path, name: str) -> Edit:
        """Another name for a member."""
        start, end = self.span(path, key=True)
        return Edit(start, end, self.key(name, self.text[start:end]))

    def key(self, name: str, like: str = '"') -> str:
        """A member's name as it is written."""
        del like
        return json.dumps(name, ensure_ascii=False)

    def written(self, value: Any, margin: str, like: str = "") -> str:
        """A value as it is written at a place whose line is indented by `margin`."""
        del like
        if isinstance(value, (dict, list)) and value and "\n" in self.text.strip():
            unit = self.unit()
            lines = json_text.written(value, indent=unit).split("\n")
            return (self.newline + margin).join(lines)
        return json_text.written(value)

    def unit(self) -> str:
        """What one level of indentation is in this text."""
        matched = re.search(r"\n([ \t]+)\S", self.text)
        return matched[1] if matched else "  "

    def margin(self, at: int) -> str:
        """The blanks at the beginning of the line of a place."""
        start = self.text.rfind("\n", 0, at) + 1
        matched = re.compile(r"[ \t]*").match(self.text, start)
        return matched.group() if matched else ""

    def skipped(self, at: int) -> int:
        """The next token."""
        return skipped(self.text, at, comments=self.comments)

    def ends(self, path: Path, names: Sequence[str | int]) -> list[tuple[int, int]]:
        """Where each member (with its key) or item begins and ends."""
        return [(self.span((*path, name), key=True)[0], self.span((*path, name))[1]) for name in names]

    def changed(
        self, path: Path, names: Sequence[str | int], gone: list[int], fresh: list[tuple[Any, Any]]
    ) -> list[Edit]:
        """Members or items taken away and others put to the end."""
        if not gone and not fresh:
            return []
        start, end = self.span(path)
        places = self.ends(path, names)
        kept = [index for index in range(len(names)) if index not in set(gone)]
        if not kept:
            return self.filled(start, end, places, fresh)
        commas = [self.comma(place[1]) for place in places]
        trailing = commas[-1] is not None
        found = [self.removed(start, places, commas, index) for index in gone]
        last = kept[-1]
        if fresh:
            found += self.appended(start, places, last, commas[last], fresh, trailing=trailing)
        elif last < len(names) - 1 and not trailing and (comma := commas[last]) is not None:
            found.append(Edit(comma, comma + 1, ""))
        return _joined(found)

    def comma(self, at: int) -> int | None:
        """The comma after a member, or None where there is none."""
        at = self.skipped(at)
        return at if self.text[at : at + 1] == "," else None

    def line_end(self, at: int) -> int:
        """The end of the line, if nothing but blanks and a comment stands before it; else `at`."""
        comment = r"(?:[ \t]*(?://[^\n]*|/\*[^\n]*?\*/))?" if self.comments else ""
        matched = re.compile(comment + r"[ \t]*\r?(?=\n|$)").match(self.text, at)
        return matched.end() if matched else at

    def alone(self, at: int) -> int | None:
        """The beginning of the line, if nothing but blanks stands between it and a place."""
        start = self.text.rfind("\n", 0, at) + 1
        return start if start and not self.text[start:at].strip(" \t") else None

    def removed(self, opening: int, places: list[tuple[int, int]], commas: list[int | None], index: int) -> Edit:
        """A member taken away with its comma, and with its line where it has one to itself."""
        del opening
        start, end = places[index]
        comma = commas[index]
        after = end if comma is None else comma + 1
        line, rest = self.alone(start), self.line_end(after)
        if line is not None and (rest > after or self.text[rest : rest + 1] in ("\n", "")):
            if self.text[rest : rest + 1] == "\n":
                return Edit(line, rest + 1, "")
            return Edit(line, rest, "")
        if comma is None and index:
            before = commas[index - 1]
            blank = before is not None and not self.text[before + 1 : start].strip(" \t")
            return Edit(before + 1 if before is not None and blank else start, end, "")
        following = re.compile(r"[ \t]*").match(self.text, after)
        return Edit(start, following.end() if following and comma is not None else after, "")

    def appended(
        self,
        opening: int,
        places: list[tuple[int, int]],
        last: int,
        comma: int | None,
        fresh: list[tuple[Any, Any]],
        *,
        trailing: bool,
    ) -> list[Edit]:
        """Members put after the last one that is kept."""
        start, end = places[last]
        line = self.alone(places[0][0])
        found = [] if comma is not None else [Edit(end, end, ",")]
        after = end if comma is None else comma + 1
        if line is not None and "\n" in self.text[opening : places[0][0]]:
            margin = self.margin(places[0][0])
            lines = [f"{self.newline}{margin}{self.member(each, margin, places[0])}" for each in fresh]
            at = self.line_end(after)
            if self.text[at - 1 : at] == "\r":
                at -= 1
            return [*found, Edit(at, at, ",".join(lines) + ("," if trailing else ""))]
        del start
        gap = self.gap(places)
        margin = self.margin(end)
        text = "".join(
            f"{',' if index else ''}{gap}{self.member(each, margin, places[0])}" for index, each in enumerate(fresh)
        )
        return [*found, Edit(after, after, text + ("," if trailing else ""))]

    def gap(self, places: list[tuple[int, int]]) -> str:
        """What stands between a comma and the next member on one line."""
        if len(places) > 1:
            comma = self.comma(places[0][1])
            between = self.text[comma + 1 : places[1][0]] if comma is not None else " "
            return between if not between.strip(" \t") else " "
        return " " if ": " in self.text or ", " in self.text or ":" not in self.text else ""

    def member(self, each: tuple[Any, Any], margin: str, like: tuple[int, int] | None) -> str:
        """A new member or item as it is written."""
        name, value = each
        written = self.written(value, margin)
        if name is None:
            return written
        return f"{self.key(name)}{self.colon(like)}{written}"

    def colon(self, like: tuple[int, int] | None) -> str:
        """The colon as the first member writes it, blanks included."""
        if like is not None:
            matched = re.compile(r'"(?:[^"\\]|\\.)*"([ \t]*:[ \t]*)').match(self.text, like[0])
            if matched:
                return matched[1]
        return ": "

    def filled(self, start: int, end: int, places: list[tuple[int, int]], fresh: list[tuple[Any, Any]]) -> list[Edit]:
        """A container whose members all went, or that had none."""
        inside = self.text[start + 1 : end - 1]
        if not fresh:
            if self.comments and "/" in inside:
                return _joined([Edit(*place, "") for place in self.with_commas(places)])
            return [Edit(start + 1, end - 1, "")]
        if self.comments and self.skipped(start + 1) != start + 1 + len(inside) - len(inside.lstrip()):
            raise Unsuitable("there are comments where the first member would stand")
        margin = self.margin(start)
        multi = "\n" in (inside if places else self.text.strip())
        if not multi:
            text = ", ".join(self.member(each, margin, None) for each in fresh)
            return [Edit(start + 1, end - 1, text)]
        inner = self.margin(places[0][0]) if places else margin + self.unit()
        lines = ",".join(f"{self.newline}{inner}{self.member(each, inner, None)}" for each in fresh)
        return [Edit(start + 1, end - 1, f"{lines}{self.newline}{margin}")]

    def with_commas(self, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """The members with the commas that follow them."""
        found = []
        for start, end in places:
            comma = self.comma(end)
            found.append((start, end if comma is None else comma + 1))
        return found


class _Yaml(_Json):
    """A YAML text: flow collections are much like JSON, block collections go by lines."""

    def key(self, name: str, like: str = "") -> str:
        if like[:1] == "'" and "'" not in name and "\n" not in name:
            return f"'{name}'"
        if like[:1] != '"' and _plain(name):
            return name
        return json.dumps(name, ensure_ascii=False)

    def written(self, value: Any, margin: str, like: str = "") -> str:
        del margin
        if isinstance(value, str):
            if like[:1] == "'" and value.isprintable():
                return "'" + value.replace("'", "''") + "'"
            if like[:1] not in ('"', "'", "|", ">", "{", "[") and _plain(value):
                return value
        return json_text.written(value)

    def replaced(self, path: Path, value: Any) -> Edit:
        start, end = self.span(path)
        text = self.written(value, "", self.text[start:end])
        if start == end:  # nothing written stands for null: right behind the colon or the dash
            text = " " + text
            if self.text[start - 1 : start] not in (":", "-"):
                raise Unsuitable("the value is not written out")
        return Edit(start, end, text)

    def skipped(self, at: int) -> int:
        matched = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*").match(self.text, at)
        return matched.end() if matched else at

    def line_end(self, at: int) -> int:
        matched = re.compile(r"(?:[ \t]+#[^\r\n]*)?[ \t]*\r?(?=\n|$)").match(self.text, at)
        return matched.end() if matched else at

    def colon(self, like: tuple[int, int] | None) -> str:
        del like
        return ": "

    def filled(self, start: int, end: int, places: list[tuple[int, int]], fresh: list[tuple[Any, Any]]) -> list[Edit]:
        if "#" in self.text[start:end] and self.skipped(start + 1) != start + 1:
            raise Unsuitable("the collection holds comments")
        del places
        return [Edit(start + 1, end - 1, ", ".join(self.member(each, "", None) for each in fresh))]

    def changed(
        self, path: Path, names: Sequence[str | int], gone: list[int], fresh: list[tuple[Any, Any]]
    ) -> list[Edit]:
        if not gone and not fresh:
            return []
        start, end = self.span(path)
        if self.text[start : start + 1] in ("{", "["):
            return super().changed(path, names, gone, fresh)
        if self.text[start : start + 1] == "*":
            raise Unsuitable("the place is an alias of another")
        places = self.ends(path, names)
        if len(gone) == len(names):
            text = "{}" if isinstance(names[0], str) else "[]"
            if fresh:
                text = json_text.written(dict(fresh) if isinstance(names[0], str) else [v for _, v in fresh])
            return [Edit(start, end, text)]
        heads = [self.head(place[0], item=isinstance(names[0], int)) for place in places]
        found = [self.cut(heads, places, index, set(gone)) for index in gone]
        if fresh:
            found.append(self.grown(heads, places, fresh))
        return _joined(found)

    def head(self, at: int, *, item: bool) -> int:
        """Where a member of a block begins: its key, or the dash before an item."""
        if not item:
            return at
        dash = re.compile(r"-(?:[ \t]|\r?\n|[&!]\S*|#[^\n]*)*$").search(self.text[:at])
        if dash is None:
            raise Unsuitable("the item stands behind no dash")
        return dash.start()

    def cut(self, heads: list[int], places: list[tuple[int, int]], index: int, gone: set[int]) -> Edit:
        """A member taken out of a block, with its lines."""
        line, rest = self.alone_or_first(heads[index]), self.line_end(places[index][1])
        if line is not None:
            end = rest + 1 if self.text[rest : rest + 1] == "\n" else rest
            return Edit(line, end, "")
        following = next((each for each in range(index + 1, len(heads)) if each not in gone), None)
        if following is None or any(each in gone for each in range(index + 1, following)):
            raise Unsuitable("the first of several members in one line with their owner cannot be taken out")
        return Edit(heads[index], heads[following], "")

    def alone_or_first(self, at: int) -> int | None:
        start = self.text.rfind("\n", 0, at) + 1
        return start if not self.text[start:at].strip(" ") else None

    def grown(self, heads: list[int], places: list[tuple[int, int]], fresh: list[tuple[Any, Any]]) -> Edit:
        """Members put to the end of a block."""
        first = heads[0]
        margin = " " * (first - (self.text.rfind("\n", 0, first) + 1))
        at = self.line_end(places[-1][1])
        if at == places[-1][1] and self.text[at : at + 1] not in ("\n", ""):
            raise Unsuitable("something follows the last member on its line")
        if self.text[at - 1 : at] == "\r":
            at -= 1
        dash = "- " if fresh[0][0] is None else ""
        lines = [f"{self.newline}{margin}{dash}{self.member(each, margin, None)}" for each in fresh]
        return Edit(at, at, "".join(lines))


def _plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS


def _joined(found: list[Edit]) -> list[Edit]:
    """Deletions that touch or overlap as one."""
    joined: list[Edit] = []
    for each in sorted(found, key=lambda each: (each.start, each.end)):
        if joined and not each.text and not joined[-1].text and each.start <= joined[-1].end:
            joined[-1] = Edit(joined[-1].start, max(joined[-1].end, each.end), "")
        else:
            joined.append(each)
    return joined


def write_file(path: str, raw: bytes) -> None:
    """
    Put other bytes into a file, at once or not at all: a reader sees the old text or the new one.

    Links are followed, and the file keeps its permissions.

    Raises:
        OSError: the folder or the file cannot be written; the file is as it was.
    """
    import tempfile  # only where something is written

    real = os.path.realpath(path)
    handle, name = tempfile.mkstemp(prefix=".preroll-", dir=os.path.dirname(real))  # noqa: PTH120
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, os.stat(real).st_mode & 0o7777)  # noqa: PTH101, PTH116
        os.replace(name, real)  # noqa: PTH105
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise
