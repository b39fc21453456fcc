"""
The exact reader of YAML 1.2 under its core schema, built on the events of a YAML parser.

Constructing from events, rather than letting the library do it, makes depth a limit, keeps tags and aliases
in hand and numbers exact, and gives the places of keys and values at no further cost.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scanner import Scanner

from preroll.json_text import number, quoted
from preroll.positions import Place, Positions
from preroll.unreadable import (
    MAX_ALIASED,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_YAML_FAULTS,
    MAX_YAML_NODES,
    Unreadable,
    place,
    unreadable,
)

_NULL: Final = re.compile(r"null|Null|NULL|~|")
_BOOL: Final = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SIZELESS: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*\s+)+")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TEMPLATE: Final = re.compile(r"\{\s*\{")

_COMMENT: Final = re.compile(r"#[^\r\n\x85\u2028\u2029]*")
# With the directives before it.
_DOCUMENT: Final = re.compile(r"^(?:%.*\n)*---(?=\s|\Z)", re.MULTILINE)

_MAX_TAG: Final = 1_000
_CORE = "tag:yaml.org,2002:"
_CORE_SCALARS: Final = {_CORE + each for each in ("str", "int", "float", "bool", "null")}


@dataclass(frozen=True, slots=True)
class Document:
    """
    One document of a YAML text.

    Attributes:
        value: what it says.
        positions: the places of its keys and values.
        start: offset in the text at which it begins, in characters.
        end: offset of its last character.
        comments: where the comments of the whole text begin and end, as far as it was read.
    """

    value: Any
    positions: Positions
    start: int
    end: int
    comments: Sequence[tuple[int, int]]


class _Node:
    """A finished value: its place, how many values it holds, and how many levels."""

    __slots__ = ("height", "inside", "span", "value", "weight")

    def __init__(
        self,
        value: Any,
        span: tuple[int, int],
        inside: dict[str, Place] | None,
        weight: int = 1,
        height: int = 0,
    ) -> None:
        self.value = value
        self.span = span
        self.inside = {} if inside is None else inside
        self.weight = weight
        self.height = height


class _Open:
    """A collection that is being read; `key` is the key whose value is awaited, None where a key is."""

    __slots__ = (
        "anchor",
        "container",
        "end",
        "flow",
        "height",
        "inside",
        "key",
        "key_span",
        "start",
        "weight",
    )

    def __init__(self, container: dict[str, Any] | list[Any], start: int, anchor: str | None, *, flow: bool) -> None:
        self.container = container
        self.start = start
        self.end = start
        self.flow = flow
        self.anchor = anchor
        self.key: str | None = None
        self.key_span = (-1, -1)
        self.inside: dict[str, Place] = {}
        self.weight = 1
        self.height = 1


_TOO_DEEP: Final = (f"arrays and objects are nested deeper than {MAX_DEPTH} levels", "flatten the data")


class _RefusedError(Exception):
    """The scanner met something at `at` that it would take too long over."""

    def __init__(self, at: int, problem: str, advice: str) -> None:
        super().__init__(at, problem, advice)
        self.at = at
        self.problem = problem
        self.advice = advice


class _StoppedError(Exception):
    """The parser cannot go on, from `at`; `at_once` if it has not even begun."""

    def __init__(self, at: int, fault: Unreadable, *, at_once: bool = False) -> None:
        super().__init__(at, fault)
        self.at = at
        self.fault = fault
        self.at_once = at_once


class _Scanner(Scanner):
    """
    The parser's scanner, with limits where its own work grows faster than the text, and an ear for comments.

    Args:
        loader: the parser.
        text: the whole text, of which the scanner reads a part.
        base: where that part begins.
        comments: takes the beginning and end of each comment.
    """

    def __init__(self, loader: Any = None, *, text: str, base: int, comments: list[tuple[int, int]]) -> None:
        super().__init__(loader)
        self.text, self.base, self.heard = text, base, comments

    def scan_to_next_token(self) -> None:
        start = self.reader.index
        super().scan_to_next_token()
        if self.reader.index - start > 1:  # most tokens are a blank apart
            self.hear(start)

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> Any:
        start = self.reader.index
        comment = super().scan_block_scalar_ignored_line(start_mark)
        self.hear(start)
        return comment

    def hear(self, start: int) -> None:
        """Take the comments between `start` and here, where nothing stands but blanks and comments."""
        between = _COMMENT.finditer(self.text, self.base + start, self.base + self.reader.index)
        self.heard.extend(each.span() for each in between)

    def fetch_flow_collection_start(self, *arguments: Any, **named: Any) -> None:
        if len(self.flow_context) >= MAX_DEPTH:
            raise _RefusedError(int(self.reader.index), *_TOO_DEEP)
        super().fetch_flow_collection_start(*arguments, **named)

    def scan_tag(self) -> Any:
        token = super().scan_tag()
        at = int(token.start_mark.index)
        if token.end_mark.index - at > _MAX_TAG:
            raise _RefusedError(
                at, f"a tag has more than {_MAX_TAG} characters", "put text that begins with ! in quotes"
            )
        return token


def documents(text: str, name: str, *, keys_as_text: bool = False) -> list[Document]:
    """
    Every document of a YAML text.

    Raises:
        Unreadable: with the place and what to do.
    """
    found = []
    for each in parts(text, name, keys_as_text=keys_as_text):
        if isinstance(each, Unreadable):
            raise each
        found.append(each)
    return found


def parts(text: str, name: str, *, keys_as_text: bool = False) -> Iterator[Document | Unreadable]:
    """
    Every document of a YAML text, or why one cannot be read.

    After a fault that leaves the syntax whole the next document is read as ever; after another, reading goes on at the
    next line that begins with `---`, which can be nothing but the beginning of a document. A text with too many
    keys and values, or too many faults, is not read to its end.
    """
    builder = _Builder(text, name, keys_as_text=keys_as_text)
    begin, end, faults = 0, len(text), 0
    while begin < len(text):
        after = end
        try:
            for each in builder.read(begin, end):
                yield each
                faults += isinstance(each, Unreadable)
                if builder.spent or faults == MAX_YAML_FAULTS:
                    break
        except _StoppedError as stopped:
            first = _DOCUMENT.match(text, begin)
            behind = first.end() if first else begin + 1
            if stopped.at_once and _next_document(text, behind) < end:
                end = _next_document(text, behind)  # nothing of it was read: document by document then
                continue
            after = max(stopped.at, behind)
            # What was given up already is told once.
            if not builder.failed or _next_document(text, builder.failed_at) <= stopped.at:
                faults += 1
                yield stopped.fault
        if builder.spent:
            return
        if faults == MAX_YAML_FAULTS:
            problem = f"{faults} documents before this place cannot be read"
            yield builder.fault(max(after, builder.reached), problem, "mend them; the rest was not looked at")
            return
        begin = _next_document(text, after)
        following = _DOCUMENT.match(text, begin)
        end = _next_document(text, following.end()) if following else len(text)


def _next_document(text: str, at: int) -> int:
    matched = _DOCUMENT.search(text, at)
    return matched.start() if matched else len(text)


def _syntax_fault(error: MarkedYAMLError, text: str, name: str, base: int) -> tuple[int, Unreadable]:
    mark = error.problem_mark or error.context_mark
    at = min(base + int(mark.index), len(text)) if mark is not None else base
    problem = " ".join((error.problem or "this is no YAML").split())
    if text[at : at + 1] == "\t":
        return at, unreadable(name, text, at, "a tab stands where YAML wants spaces", "indent with spaces")
    if text[at : at + 1] in ("%", "@", "`") and "cannot start any token" in problem:
        return at, unreadable(name, text, at, f"a plain text may not begin with '{text[at]}'", "put it in quotes")
    if error.context and error.context_mark is not None:
        line, column = place(text, min(base + int(error.context_mark.index), len(text)))
        problem = f"{' '.join(error.context.split())} (from {line}:{column}), {problem}"
    problem = problem.replace("'<stream end>'", "the end of the text").replace(r"'\x00'", "the end of the text")
    advice = "check the indentation and the quotes"
    if "mapping values are not allowed" in problem:
        advice = "put text that holds ': ' in quotes, or check the indentation"
    elif at >= len(text):
        advice = "it may have been cut off"
    return at, unreadable(name, text, at, problem if len(problem) <= 200 else problem[:197] + "...", advice)


class _Builder:
    """Values and places from one text's events."""

    def __init__(self, text: str, name: str, *, keys_as_text: bool) -> None:
        self.text = text
        self.name = name
        self.keys_as_text = keys_as_text
        self.base = 0
        self.comments: list[tuple[int, int]] = []
        self.spent = False
        self.failed = False
        self.failed_at = 0
        self.root: _Node | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Node | None] = {}  # None: not finished yet
        self.nodes = 0
        self.aliased = 0
        self.start = 0
        self.reached = 0

    def read(self, begin: int, end: int) -> Iterator[Document | Unreadable]:
        """
        What stands between two offsets, document by document.

        Raises:
            _StoppedError: the parser cannot go on.
        """
        text, self.base, self.reached = self.text, begin, begin
        self.failed, self.stack = False, []
        parser = YAML(typ="safe", pure=True)
        parser.Scanner = partial(_Scanner, text=text, base=begin, comments=self.comments)
        try:
            for event in parser.parse(text[begin:end]):
                done: Document | Unreadable | None
                try:
                    done = self.take(event)
                except Unreadable as fault:
                    # What is left of the document is passed over.
                    self.failed, self.failed_at, self.stack, done = True, self.reached, [], fault
                if done is not None:
                    yield done
        except _RefusedError as error:
            raise self.stopped(begin + error.at, error.problem, error.advice) from None
        except ReaderError as error:
            at = begin + int(error.position)
            problem = f"the character U+{ord(text[at]):04X} may not stand in YAML"
            raise self.stopped(at, problem, "write it as an escape in double quotes", at_once=True) from None
        except MarkedYAMLError as error:
            raise _StoppedError(*_syntax_fault(error, text, self.name, begin)) from None
        except Exception as error:  # noqa: BLE001 - malformed texts can make the parser itself stumble
            problem = f"this is no YAML, in or after this place ({type(error).__name__})"
            raise self.stopped(self.reached, problem, "check the syntax") from None

    def stopped(self, at: int, problem: str, advice: str, *, at_once: bool = False) -> _StoppedError:
        return _StoppedError(at, self.fault(at, problem, advice), at_once=at_once)

    def offset(self, mark: Any) -> int:
        """Where one of the parser's marks is in the text."""
        return min(self.base + int(mark.index), len(self.text))

    def take(self, event: Any) -> Document | None:
        """Take the parser's next event; what ends a document gives it."""
        at = self.offset(event.start_mark)
        self.reached = at
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self.failed, self.root = False, None
            self.begin(event, at)
        elif self.failed:
            return None
        match kind:
            case "ScalarEvent":
                self.scalar(event, at)
            case "MappingStartEvent":
                self.open({}, event, at, "map")
            case "SequenceStartEvent":
                self.open([], event, at, "seq")
            case "MappingEndEvent" | "SequenceEndEvent":
                self.close(event)
            case "AliasEvent":
                self.alias(event, at)
            case "DocumentEndEvent":
                return self.ended(at)
        return None

    def ended(self, at: int) -> Document:
        """End a document."""
        assert self.root is not None  # the parser gives every document a value
        root = Place(-1, -1, *self.root.span, self.root.inside)
        last = max(self.start, len(self.text[self.start : at].rstrip()) + self.start - 1)
        positions = Positions.of_tree(self.text, root)
        return Document(self.root.value, positions, self.start, last, self.comments)

    def begin(self, event: Any, at: int) -> None:
        """Begin a document."""
        self.start = at
        self.anchors = {}
        if event.version is not None and tuple(event.version) != (1, 2):
            version = ".".join(map(str, event.version))[:20]
            raise self.fault(
                at,
                f"the document declares YAML {version}",
                "only YAML 1.2 is read: take the %YAML line out",
            )
        if event.tags:
            raise self.fault(at, "the document declares tags of its own", "take the %TAG line out")

    def fault(self, at: int, problem: str, advice: str = "") -> Unreadable:
        return unreadable(self.name, self.text, at, problem, advice)

    def awaits_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].key is None and isinstance(self.stack[-1].container, dict)

    def count(self, at: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_YAML_NODES:
            self.spent = True
            raise self.fault(
                at,
                f"the text holds more than {MAX_YAML_NODES:,} keys and values",
                "split it, or write it as JSON",
            )

    def scalar(self, event: Any, at: int) -> None:
        self.count(at)
        span = self.span(event, at)
        if event.tag and event.tag != "!" and event.tag not in _CORE_SCALARS:
            raise self.foreign_tag(event.tag, at)
        value = self.meaning(event, span[0])
        if not self.awaits_key():
            node = _Node(value, span, None)
            self.remember(event.anchor, node)
            self.put(node, span)
            return
        if not isinstance(value, str) and self.keys_as_text and not event.tag:
            value = str(event.value)
        self.remember(event.anchor, _Node(value, span, None))
        self.key(value, span)

    def key(self, value: Any, span: tuple[int, int]) -> None:
        """Take a member's key."""
        top = self.stack[-1]
        at = span[0]
        if not isinstance(value, str):
            shown = self.text[at : span[1]]
            what = f"the key {shown[:40]}" if shown else "an empty key"
            raise self.fault(at, f"{what} is not a string", f'quote it: "{shown[:40]}"')
        if value == "<<" and self.text[at : at + 1] == "<":
            raise self.fault(at, "YAML 1.2 has no merge keys (<<)", "write the members out, or quote the key")
        if value in top.inside:
            line, column = place(self.text, top.inside[value].key_start)
            raise self.fault(
                at, f"the key {quoted(value)} is given twice, first at {line}:{column}", "keep one of the two"
            )
        top.key = value
        top.key_span = span

    def open(self, container: dict[str, Any] | list[Any], event: Any, at: int, kind: str) -> None:
        self.count(at)
        start = self.after_properties(at) if event.anchor or event.tag else at
        if event.tag and event.tag not in ("!", _CORE + kind):
            raise self.foreign_tag(event.tag, at)
        if self.awaits_key():
            advice = "write a string, in quotes if need be"
            if _TEMPLATE.match(self.text, max(0, start - 1)) or _TEMPLATE.match(self.text, start):
                advice = "put the template {{ ... }} in quotes"
            raise self.fault(at, "a key is an array or an object", advice)
        if len(self.stack) == MAX_DEPTH:
            raise self.fault(at, *_TOO_DEEP)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(container, start, event.anchor, flow=bool(event.flow_style)))

    def close(self, event: Any) -> None:
        top = self.stack.pop()
        # A block collection's own end mark lies behind the blanks and comments that follow it.
        end = self.offset(event.end_mark) if top.flow else top.end
        node = _Node(top.container, (top.start, end), top.inside, top.weight, top.height)
        self.remember(top.anchor, node)
        self.put(node, node.span)

    def alias(self, event: Any, at: int) -> None:
        self.count(at)
        span = (at, self.offset(event.end_mark))
        if event.anchor not in self.anchors:
            raise self.fault(
                at,
                f"the alias *{event.anchor[:40]} has no anchor &{event.anchor[:40]} before it",
                "define it first",
            )
        node = self.anchors[event.anchor]
        if node is None:
            raise self.fault(at, f"the alias *{event.anchor[:40]} stands inside what it repeats", "write the value out")
        if self.awaits_key():
            self.key(node.value, span)
            return
        self.aliased += node.weight
        if self.aliased > MAX_ALIASED:
            raise self.fault(at, f"the aliases repeat more than {MAX_ALIASED:,} values", "write the values out")
        if len(self.stack) + node.height > MAX_DEPTH:
            raise self.fault(at, *_TOO_DEEP)
        # A copy, so that who changes one place of the tree does not change another.
        self.put(_Node(_copied(node.value), span, node.inside, node.weight, node.height), span)

    def put(self, node: _Node, span: tuple[int, int]) -> None:
        """Put a finished value where it belongs."""
        if not self.stack:
            self.root = _Node(node.value, span, node.inside)
            return
        top = self.stack[-1]
        container = top.container
        if isinstance(container, list):
            top.inside[str(len(container))] = Place(-1, -1, *span, node.inside)
            container.append(node.value)
        else:
            assert top.key is not None  # the parser gives keys and values in turn
            top.inside[top.key] = Place(*top.key_span, *span, node.inside)
            container[top.key] = node.value
            top.key = None
        top.end = max(top.end, span[1])
        top.weight += node.weight
        top.height = max(top.height, node.height + 1)

    def remember(self, anchor: str | None, node: _Node) -> None:
        if anchor:
            self.anchors[anchor] = node

    def span(self, event: Any, at: int) -> tuple[int, int]:
        """A scalar's place, without its anchor and tag and without the blanks behind it."""
        end = self.offset(event.end_mark)
        if end == at and not event.value:
            at = end = self.behind(at)
        if event.anchor or event.tag:
            at = min(self.after_properties(at), end)
        return at, at + len(self.text[at:end].rstrip())

    def behind(self, at: int) -> int:
        """Where what stands before an empty value ends: the parser places it at what stands after it."""
        while True:
            while self.text[at - 1 : at].isspace():
                at -= 1
            index = bisect_left(self.comments, (at,)) - 1
            if index < 0 or self.comments[index][1] != at:
                return at
            at = self.comments[index][0]

    def after_properties(self, at: int) -> int:
        matched = _PROPERTIES.match(self.text, at)
        return matched.end() if matched else at

    def meaning(self, event: Any, at: int) -> Any:
        """What a scalar says under the core schema."""
        word, tag = event.value, event.tag
        if event.style == '"' and _SURROGATE.search(word):
            try:  # two escapes may make up one character, as in JSON
                word = word.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            except UnicodeDecodeError:
                raise self.fault(
                    at,
                    "a string holds one half of a surrogate pair without the other",
                    "write the character itself",
                ) from None
        kind = tag.removeprefix(_CORE) if tag else "" if event.style in (None, "") else "str"
        if kind in ("str", "!"):
            return word
        if kind in ("", "null") and _NULL.fullmatch(word):
            return None
        if kind in ("", "bool") and _BOOL.fullmatch(word):
            return word[0] in "tT"
        if kind in ("", "int", "float"):
            if _SIZELESS.fullmatch(word):
                raise self.fault(
                    at,
                    "YAML's .nan and .inf have no place in JSON",
                    "write a number, or null, or quote it if it is text",
                )
            if _INT.fullmatch(word) or (kind != "int" and _FLOAT.fullmatch(word)):
                return self.number(word, at, kind)
            if kind != "float" and _BASED.fullmatch(word):
                if len(word) > MAX_DIGITS:
                    raise self.fault(at, f"a number has more than {MAX_DIGITS:,} digits", "quote it if it is text")
                return int(word, 0)
        if kind:
            raise self.fault(at, f"the tag !!{kind} stands before a value that is none", "take the tag out")
        return word

    def number(self, word: str, at: int, kind: str) -> Any:
        try:
            value = number(word)
        except ValueError as error:
            raise self.fault(at, str(error), "quote it if it is text") from None
        if kind == "float" and isinstance(value, int):
            return number(word + ".0")
        return value

    def foreign_tag(self, tag: str, at: int) -> Unreadable:
        shown = tag.replace(_CORE, "!!")
        return self.fault(
            at,
            f"the tag {shown[:60]} is not one of YAML's core schema",
            "take the tag out; text can be put in quotes",
        )


def _copied(value: Any) -> Any:
    """A deep copy of a tree of dictionaries and lists, at any depth."""
    if not isinstance(value, dict | list):
        return value
    root = type(value)()
    todo = [(value, root)]
    while todo:
        source, copy = todo.pop()
        for key, each in source.items() if isinstance(source, dict) else enumerate(source):
            child = type(each)() if isinstance(each, dict | list) else each
            if child is not each:
                todo.append((each, child))
            if isinstance(copy, dict):
                copy[key] = child
            else:
                copy.append(child)
    return root
