"""
Cases: schemas that say the same of a value with fewer questions.

What several sources say about one place (the vendor, a correction, each rule) asks the same things again: whether a
text is a URI, whether a value is a text at all. Here it is asked once, and each answer leads to what is left to ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from preroll import dialect
from preroll.sieve.remainder import ABOUT, Remainder

_EVERY: Final = frozenset(("string", "number", "boolean", "null", "object", "array"))

MAX_FORMATS: Final = 3
"""A schema is written twice for each format that it asks for more than once; of more than these as often as it does."""

_PLAIN: Final = frozenset(ABOUT) | {"type", "const", "enum", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"}
"""Keywords that can be taken apart; a schema with others stays as it is."""


def arranged(schema: Any) -> Any:
    """A schema that accepts the same values as another one, arranged so that each meets few of its keywords."""
    if not isinstance(schema, dict) or not _PLAIN.issuperset(schema):
        return schema
    types = _types(schema)
    if len(types) > 2 or "number" in types:
        return _inside(schema)
    ways = [way for way in (_of_type(schema, each) for each in sorted(types)) if way is not False]
    if not ways:
        return False
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _of_type(schema: dict[str, Any], type_: str) -> Any:
    """What is left of a schema for values of one type, and that they are of it."""
    left = _Typed(type_).of(schema)
    if left is False:
        return False
    if left is True:
        return {"type": type_}
    return {"type": type_, **(_by_format(left) if type_ == "string" else _inside(left))}


def _inside(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with what it says of the parts of a value arranged."""
    found = dict(schema)
    for keyword in ("items", "contains"):
        if keyword in found:
            found[keyword] = arranged(found[keyword])
    if "prefixItems" in found:
        found["prefixItems"] = [*map(arranged, found["prefixItems"])]
    if "properties" in found:
        found["properties"] = {name: arranged(each) for name, each in found["properties"].items()}
    if "allOf" in found:
        found["allOf"] = [_inside(each) if isinstance(each, dict) else each for each in found["allOf"]]
    return found


def _by_format(schema: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """A schema of texts that asks for a format once, instead of several times."""
    name, times = next(iter(Counter(_formats(schema)).most_common(1)), ("", 0))
    if times <= 1 or depth == MAX_FORMATS:
        return schema
    ways = [_Formatted(name, holds=holds).of(schema) for holds in (True, False)]
    then, otherwise = (_by_format(each, depth + 1) if isinstance(each, dict) else each for each in ways)
    return {"if": {"format": name}, "then": then, "else": otherwise}


def _formats(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for keyword, argument in schema.items():
            if keyword == "format":
                yield argument
            elif keyword in ("allOf", "anyOf", "oneOf"):
                for each in argument:
                    yield from _formats(each)
            elif keyword in ("not", "if", "then", "else"):
                yield from _formats(argument)


def _types(schema: Any) -> frozenset[str]:
    """The types of the values that a schema may accept; `number` is any number."""
    if isinstance(schema, bool):
        return _EVERY if schema else frozenset()
    found = _EVERY
    for keyword, argument in schema.items():
        match keyword:
            case "type":
                named = (argument,) if isinstance(argument, str) else argument
                found &= {"number" if each == "integer" else each for each in named}
            case "const":
                found &= {_type_of(argument)}
            case "enum":
                found &= {*map(_type_of, argument)}
            case "allOf":
                found = found.intersection(*map(_types, argument))
            case "anyOf" | "oneOf":
                found &= frozenset[str]().union(*map(_types, argument))
    return found


def _type_of(value: Any) -> str:
    name = dialect.type_name(value)
    return "number" if name == "integer" else name


class _Typed(Remainder):
    """What is left to check of a value of one type."""

    def __init__(self, type_: str) -> None:
        self._type = type_

    def keyword(self, keyword: str, argument: Any, schema: Mapping[str, Any]) -> Any:
        if ABOUT.get(keyword, self._type) != self._type:
            return True
        match keyword:
            case "type":
                return self._type in ((argument,) if isinstance(argument, str) else argument)
            case "const":
                return None if _type_of(argument) == self._type else False
            case "enum":
                kept = [each for each in argument if _type_of(each) == self._type]
                return [{"enum": kept}] if kept else False
        return super().keyword(keyword, argument, schema)


class _Formatted(Remainder):
    """What is left to check of a value of which it is known whether it has a format."""

    def __init__(self, name: str, *, holds: bool) -> None:
        self._name, self._holds = name, holds

    def keyword(self, keyword: str, argument: Any, schema: Mapping[str, Any]) -> Any:
        if keyword == "format":
            return self._holds if argument == self._name else None
        return super().keyword(keyword, argument, schema)
