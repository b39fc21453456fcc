"""
Remainders: schemas of which a part is decided already, and the rest is written as shortly as can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from preroll import dialect

SILENT: Final = frozenset(
    (
        "$comment",
        "$schema",
        "title",
        "description",
        "default",
        "examples",
        "example",
        "deprecated",
        "readOnly",
        "writeOnly",
    )
)

ABOUT: Final = {
    **dict.fromkeys(("pattern", "format", "minLength", "maxLength"), "string"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("items", "prefixItems", "contains", "minContains", "maxContains"), "array"),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("properties", "patternProperties", "additionalProperties"), "object"),
    **dict.fromkeys(("required", "propertyNames"), "object"),
}
"""The one type that a keyword says something about; values of others satisfy it."""


class Remainder:
    """What is left to check of a schema when something is known of the value."""

    def of(self, schema: Any) -> Any:
        """What is left of a schema: `True`, `False` or a schema."""
        if isinstance(schema, bool):
            return schema
        left: dict[str, Any] = {}
        parts: list[Any] = []
        for keyword, argument in schema.items():
            found = self.keyword(keyword, argument, schema)
            if found is False:
                return False
            if found is True:
                continue
            if isinstance(found, list):
                parts += found
            else:
                left[keyword] = argument
        merged = _merged(parts)
        if merged is False:
            return False
        if not left:
            return merged if merged is True else merged[0] if len(merged) == 1 else {"allOf": merged}
        return left if merged is True else {**left, "allOf": merged}

    def keyword(self, keyword: str, argument: Any, schema: Mapping[str, Any]) -> Any:
        """`True`, `False`, a list of schemas that are left, or None where the keyword stays as it is."""
        if keyword in SILENT:
            return True
        match keyword:
            case "then" | "else":
                return True
            case "allOf":
                return [self.of(each) for each in argument]
            case "anyOf":
                return self._any(argument)
            case "oneOf":
                return self._one_of(argument)
            case "not":
                inner = self.of(argument)
                return not inner if isinstance(inner, bool) else [{"not": inner}]
            case "if":
                return self._if(argument, schema)
        return None

    def _any(self, branches: list[Any]) -> Any:
        ways = [each for each in map(self.of, branches) if each is not False]
        if not ways or True in ways:
            return bool(ways)
        return ways if len(ways) == 1 else [_any_of(ways)]

    def _one_of(self, branches: list[Any]) -> Any:
        ways = [each for each in map(self.of, branches) if each is not False]
        sure = sum(each is True for each in ways)
        others = [each for each in ways if each is not True]
        if sure > 1 or not ways:
            return False
        if sure:
            return [{"not": {"anyOf": others}}] if others else True
        if len(others) > 1:
            others = [_any_of(others) if self.excluding(others) else {"oneOf": others}]
        return others

    def excluding(self, branches: list[Any]) -> bool:
        """Whether it is certain that no two branches accept the value."""
        return differ([constants([each]) for each in branches])

    def _if(self, condition: Any, schema: Mapping[str, Any]) -> Any:
        holds = self.of(condition)
        then, otherwise = self.of(schema.get("then", True)), self.of(schema.get("else", True))
        if isinstance(holds, bool):
            chosen = then if holds else otherwise
            return chosen if isinstance(chosen, bool) else [chosen]
        if then is True and otherwise is True:
            return True
        return [{"if": holds, "then": then, "else": otherwise}]


def _any_of(ways: list[Any]) -> dict[str, Any]:
    found = constants(ways)
    return {"anyOf": ways} if found is None else {"enum": found}


def constants(schemas: list[Any]) -> list[Any] | None:
    """The only value that each of some schemas accepts; None where one may accept others."""
    alone = all(isinstance(each, dict) and [*each] == ["const"] for each in schemas)
    return [each["const"] for each in schemas] if alone else None


def differ(values: list[list[Any] | None]) -> bool:
    """Whether all of some lists of scalars are known, and no two of them are equal (`true` is not 1, 1 is 1.0)."""
    known = set()
    for value in values:
        if value is None or any(isinstance(each, (dict, list)) for each in value):
            return False
        known.add(tuple(map(dialect.key, value)))
    return len(known) == len(values)


def mentions(schema: Any, keywords: frozenset[str]) -> bool:
    """Whether a schema holds one of some keywords anywhere."""
    if isinstance(schema, dict):
        return bool(keywords & schema.keys()) or any(mentions(each, keywords) for each in schema.values())
    return isinstance(schema, list) and any(mentions(each, keywords) for each in schema)


def _merged(parts: list[Any]) -> Any:
    """Several schemas of one place as few; `True` or `False` where nothing, or no value, is left."""
    found: list[dict[str, Any]] = []
    for part in _flattened(parts):
        if part is False:
            return False
        if part is True:
            continue
        if not any(_absorbed(part, each) for each in found):
            found.append({key: each for key, each in part.items() if key not in SILENT})
    return found or True


def _flattened(parts: list[Any]) -> Iterator[Any]:
    """The parts, those of their `allOf`s one by one: there are the parts of each source, which others repeat."""
    for part in parts:
        if isinstance(part, dict) and "allOf" in part and not _NEIGHBOURLY & part.keys():
            yield {key: each for key, each in part.items() if key != "allOf"} or True
            yield from _flattened(part["allOf"])
        else:
            yield part


def _absorbed(part: dict[str, Any], into: dict[str, Any]) -> bool:
    """Whether a schema could be written into another one that speaks about the same place."""
    keys = part.keys() - SILENT
    if not keys <= {"properties", "items"}:
        if keys & into.keys() or _NEIGHBOURLY & (keys | into.keys()):
            return False
        into |= {key: part[key] for key in keys}
        return True
    if "items" in part and "prefixItems" in into:
        return False
    if "properties" in part:
        ours = dict(into.get("properties", {}))
        closed = into.get("additionalProperties") is False and "patternProperties" not in into
        for name, schema in part["properties"].items():
            if name in ours:
                ours[name] = together([ours[name], schema])
            elif "additionalProperties" not in into:
                ours[name] = schema
            elif not closed:
                return False
        into["properties"] = ours
    if "items" in part:
        into["items"] = together([into["items"], part["items"]]) if "items" in into else part["items"]
    return True


def together(schemas: list[Any]) -> Any:
    """One schema for what several say about one place."""
    merged = _merged(schemas)
    return merged if isinstance(merged, bool) else merged[0] if len(merged) == 1 else {"allOf": merged}


# Keywords whose meaning depends on their neighbours.
_NEIGHBOURLY: Final = frozenset(
    (
        "additionalProperties", "patternProperties", "properties", "items", "prefixItems", "if", "then", "else",
        "contains", "minContains", "maxContains", "$ref", "$id", "$defs",
    )
)  # fmt: skip
