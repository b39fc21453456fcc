"""
Literals in code samples: the requests that curl, Python and JavaScript samples send, where they stand there plainly.

Nothing is run. Python is read with `ast`, JavaScript by a reader of object literals; what is computed cannot be read.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any


class Unread(ValueError):
    """A sample, or a part of one, that holds more than literals."""


def python(source: str) -> Iterator[dict[str, Any]]:
    """
    The keyword arguments of the calls in Python source, and dictionaries given as `json=`.

    Raises:
        Unread: it is no Python, or every call with keywords computes one of them.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as problem:
        raise Unread(str(problem)) from None
    known: dict[str, Any] = {}
    for statement in ast.walk(tree):
        if (
            isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name)
        ):
            value = _python(statement.value, known)
            if value is not Unread:
                known[statement.targets[0].id] = value
    skipped = False
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not call.keywords:
            continue
        body = next((each.value for each in call.keywords if each.arg == "json"), None)
        if body is not None:
            value = _python(body, known)
        elif any(each.arg is None for each in call.keywords):
            value = Unread
        else:
            values = {str(each.arg): _python(each.value, known) for each in call.keywords}
            value = Unread if any(each is Unread for each in values.values()) else values
        if isinstance(value, dict):
            yield value
        else:
            skipped = True
    if skipped:
        raise Unread("some arguments are computed")


def _python(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """A literal's value, `Unread` where it is computed."""
    if isinstance(node, ast.Name):
        return known.get(node.id, Unread)
    if isinstance(node, ast.Dict):
        found: dict[str, Any] = {}
        for key, inner in zip(node.keys, node.values, strict=True):
            value = _python(inner, known)
            if not isinstance(key, ast.Constant) or value is Unread:
                return Unread
            found[str(key.value)] = value
        return found
    if isinstance(node, (ast.List, ast.Tuple)):
        items = [_python(each, known) for each in node.elts]
        return Unread if any(each is Unread for each in items) else items
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return Unread
    return value if value is None or isinstance(value, (str, int, float, bool)) else Unread


def javascript(source: str) -> Iterator[dict[str, Any]]:
    """
    The object literals that calls in JavaScript or TypeScript take as their first argument.

    Raises:
        Unread: an argument holds more than literals.
    """
    skipped = False
    for found in re.finditer(r"[\w$)\]]\s*\(\s*(?=\{)", source):
        try:
            value, _ = _Script(source).value(found.end())
        except (Unread, IndexError):
            skipped = True
            continue
        if isinstance(value, dict) and value:
            yield value
    if skipped:
        raise Unread("some arguments are computed")


class _Script:
    """Reads literals of JavaScript: objects with plain keys, arrays, texts, numbers, true, false, null."""

    def __init__(self, source: str) -> None:
        self.source = source

    def _skip(self, at: int) -> int:
        found = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL).match(self.source, at)
        return found.end() if found else at

    def value(self, at: int) -> tuple[Any, int]:
        at = self._skip(at)
        first = self.source[at]
        if first == "{":
            return self._object(at)
        if first == "[":
            return self._array(at)
        if first in "'\"`":
            return self._text(at)
        for word, value in (("true", True), ("false", False), ("null", None)):
            if re.compile(rf"{word}\b").match(self.source, at):
                return value, at + len(word)
        number = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])").match(self.source, at)
        if number is None:
            raise Unread(self.source[at : at + 20])
        return json.loads(number.group()), number.end()

    def _object(self, at: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self._skip(at + 1)
        while self.source[at] != "}":
            key: Any
            if self.source[at] in "'\"":
                key, at = self._text(at)
            else:
                name = re.compile(r"[\w$]+").match(self.source, at)
                if name is None:
                    raise Unread(self.source[at : at + 20])
                key, at = name.group(), name.end()
            at = self._skip(at)
            if self.source[at] != ":":
                raise Unread(key)
            found[key], at = self.value(at + 1)
            at = self._skip(at)
            if self.source[at] == ",":
                at = self._skip(at + 1)
            elif self.source[at] != "}":
                raise Unread(key)
        return found, at + 1

    def _array(self, at: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self._skip(at + 1)
        while self.source[at] != "]":
            value, at = self.value(at)
            found.append(value)
            at = self._skip(at)
            if self.source[at] == ",":
                at = self._skip(at + 1)
            elif self.source[at] != "]":
                raise Unread(self.source[at : at + 20])
        return found, at + 1

    def _text(self, at: int) -> tuple[str, int]:
        quote = self.source[at]
        found = re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL).match(self.source, at)
        if found is None or (quote == "`" and "${" in found.group(1)):
            raise Unread(self.source[at : at + 20])
        inner = found.group(1).replace(f"\\{quote}", quote)
        return re.sub(r"\\n", "\n", inner), found.end()


def shell(source: str) -> Iterator[Any]:
    """
    The JSON bodies of curl commands (`-d`, `--data`, `--data-raw`, `--json`).

    Raises:
        Unread: a body is a file, a variable or no JSON.
    """
    try:
        words = shlex.split(source.replace("\\\n", " "), comments=True)
    except ValueError as problem:
        raise Unread(str(problem)) from None
    flags = ("-d", "--data", "--data-raw", "--data-binary", "--json")
    for index, word in enumerate(words[:-1]):
        if word in flags:
            try:
                yield json.loads(words[index + 1])
            except ValueError:
                raise Unread(words[index + 1][:40]) from None


READERS: Mapping[str, Callable[[str], Iterator[Any]]] = MappingProxyType(
    {
        "python": python,
        "py": python,
        "typescript": javascript,
        "ts": javascript,
        "javascript": javascript,
        "js": javascript,
        "node": javascript,
        "node.js": javascript,
        "shell": shell,
        "bash": shell,
        "curl": shell,
        "sh": shell,
    }
)
"""The reader of each language, by its name in lower case."""
