"""
The exact reader of YAML 1.2 under its core schema, built on the events of a YAML parser.

Constructing from events, rather than letting the library do it, makes depth a limit, keeps tags and aliases
in hand and numbers exact, and gives the places of keys and values at no further cost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    """

    value: Any
    positions: Positions
    start: int


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


class _Scanner(Scanner):
    """The parser's scanner, with limits where its own work grows faster than the text."""

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
    builder = _Builder(text, name, keys_as_text=keys_as_text)
    parser = YAML(typ="safe", pure=True)
    parser.Scanner = _Scanner
    try:
        for event in parser.parse(text):
            builder.take(event)
    except Unreadable:
        raise
    except _RefusedError as error:
        raise unreadable(name, text, error.at, error.problem, error.advice) from None
    except ReaderError as error:
        raise unreadable(
            name,
            text,
            int(error.position),
            f"the character U+{ord(text[int(error.position)]):04X} may not stand in YAML",
            "write it as an escape in double quotes",
        ) from None
    except MarkedYAMLError as error:
        raise _syntax_fault(error, text, name) from None
    except Exception as error:  # noqa: BLE001 - malformed texts can make the parser itself stumble
        at = builder.reached
        raise unreadable(
            name,
            text,
            at,
            f"this is no YAML, in or after this place ({type(error).__name__})",
            "check the syntax",
        ) from None
    return builder.found


def _syntax_fault(error: MarkedYAMLError, text: str, name: str) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    at = min(int(mark.index), len(text)) if mark is not None else 0
    problem = " ".join((error.problem or "this is no YAML").split())
    if text[at : at + 1] == "\t":
        return unreadable(name, text, at, "a tab stands where YAML wants spaces", "indent with spaces")
    if text[at : at + 1] in ("%", "@", "`") and "cannot start any token" in problem:
        return unreadable(name, text, at, f"a plain text may not begin with '{text[at]}'", "put it in quotes")
    if error.context and error.context_mark is not None:
        line, column = place(text, min(int(error.context_mark.index), len(text)))
        problem = f"{' '.join(error.context.split())} (from {line}:{column}), {problem}"
    problem = problem.replace("'<stream end>'", "the end of the text").replace(r"'\x00'", "the end of the text")
    advice = "check the indentation and the quotes"
    if "mapping values are not allowed" in problem:
        advice = "put text that holds ': ' in quotes, or check the indentation"
    elif at >= len(text):
        advice = "it may have been cut off"
    return unreadable(name, text, at, problem if len(problem) <= 200 else problem[:197] + "...", advice)


class _Builder:
    """Values and places from one text's events."""

    def __init__(self, text: str, name: str, *, keys_as_text: bool) -> None:
        self.text = text
        self.name = name
        self.keys_as_text = keys_as_text
        self.found: list[Document] = []
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Node | None] = {}  # None: not finished yet
        self.nodes = 0
        self.aliased = 0
        self.start = 0
        self.reached = 0

    def take(self, event: Any) -> None:
        """Take the parser's next event."""
        at = min(int(event.start_mark.index), len(self.text))
        self.reached = at
        match type(event).__name__:
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
            case "DocumentStartEvent":
                self.begin(event, at)

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
        end = int(event.end_mark.index) if top.flow else top.end
        node = _Node(top.container, (top.start, end), top.inside, top.weight, top.height)
        self.remember(top.anchor, node)
        self.put(node, node.span)

    def alias(self, event: Any, at: int) -> None:
        self.count(at)
        span = (at, int(event.end_mark.index))
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
            root = Place(-1, -1, *span, node.inside)
            self.found.append(Document(node.value, Positions.of_tree(self.text, root), self.start))
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
        end = min(int(event.end_mark.index), len(self.text))
        if event.anchor or event.tag:
            at = min(self.after_properties(at), end)
        return at, at + len(self.text[at:end].rstrip())

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
