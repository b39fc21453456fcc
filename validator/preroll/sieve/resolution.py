"""
Resolution: a schema for the objects of one shape, in which everything that follows from the shape is worked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_WHOLE: Final = frozenset(("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$dynamicAnchor"))
_SILENT: Final = frozenset(
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
# Keywords about other types than objects, which an object satisfies.
_ELSEWHERE: Final = frozenset(
    (
        "items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems",
        "pattern", "format", "minLength", "maxLength",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    )
)  # fmt: skip


def joined(schema: Any, more: list[Any]) -> Any:
    """A schema and others that a value must satisfy besides."""
    if not more or not isinstance(schema, dict):
        return schema
    return {**schema, "allOf": [*schema.get("allOf", ()), *more]}


def resolvable(schema: Any) -> bool:
    """Whether what is left of a schema can be worked out for a shape."""
    return isinstance(schema, dict) and not _mentions(schema, _WHOLE)


_TIED: Final = frozenset(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor"))
_DEFS: Final = "#/$defs/"


def movable(schema: Any) -> bool:
    """Whether the parts of a schema mean the same beside its `$defs`, wherever they stand."""
    if isinstance(schema, dict):
        if not _TIED.isdisjoint(schema) or not str(schema.get("$ref", _DEFS)).startswith(_DEFS):
            return False
        return all(map(movable, schema.values()))
    return not isinstance(schema, list) or all(map(movable, schema))


def bare(schema: Any) -> Any:
    """A schema without what asserts nothing: it is compiled many times."""
    if not isinstance(schema, dict):
        return schema
    copy: dict[str, Any] = {}
    for keyword, argument in schema.items():
        if keyword in _SILENT or keyword == "definitions" or keyword.startswith("x-"):
            continue
        if keyword in _MAPS and isinstance(argument, dict):
            copy[keyword] = {name: bare(each) for name, each in argument.items()}
        elif keyword in _LISTS and isinstance(argument, list):
            copy[keyword] = [bare(each) for each in argument]
        elif keyword in _SINGLE:
            copy[keyword] = bare(argument)
        else:
            copy[keyword] = argument
    return copy


_MAPS: Final = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs"))
_LISTS: Final = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SINGLE: Final = frozenset(
    (
        "not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames",
        "unevaluatedProperties", "unevaluatedItems",
    )
)  # fmt: skip


def _mentions(schema: Any, keywords: frozenset[str]) -> bool:
    if isinstance(schema, dict):
        return bool(keywords & schema.keys()) or any(_mentions(each, keywords) for each in schema.values())
    return isinstance(schema, list) and any(_mentions(each, keywords) for each in schema)


def apart(schema: Mapping[str, Any]) -> frozenset[str]:
    """The properties of a schema that have a schema of their own and that no condition and no other one speaks of."""
    own: set[str] = set()
    spoken: set[str] = set()
    counting: set[str] = set()
    known: list[Any] = []  # the names that a part leaves in which refuses all others

    def conditional(node: Any) -> None:
        if not isinstance(node, dict):
            return
        counting.update(_COUNTING & node.keys())
        if node.get("additionalProperties") is False:  # whether it holds depends on which names are there
            counting.add("additionalProperties")
        spoken.update(node.get("properties", ()), node.get("required", ()), node.get("dependentSchemas", ()))
        for name, needed in node.get("dependentRequired", {}).items():
            spoken.update((name, *needed))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for each in node.get(keyword, ()):
                conditional(each)
        for keyword in ("not", "if", "then", "else"):
            conditional(node.get(keyword))

    def plain(node: Any) -> None:
        if isinstance(node, dict):
            own.update(node.get("properties", ()))
            if node.get("additionalProperties") is False:
                known.append(node.get("properties", ()))
            inner = ("properties", "additionalProperties", "allOf")
            conditional({keyword: each for keyword, each in node.items() if keyword not in inner})
            for each in node.get("allOf", ()):
                plain(each)

    plain(schema)
    return frozenset() if counting else frozenset((own - spoken).intersection(*known))


# Keywords that look at all members of an object, or lead elsewhere.
_COUNTING: Final = frozenset(
    ("minProperties", "maxProperties", "patternProperties", "propertyNames", "dependentSchemas", "$ref")
)


class Resolution:
    """
    A schema for the objects of one shape: what follows from the names in them is worked out.

    Args:
        names: the names of the object's members, all of them.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def of(self, schema: Any) -> Any:
        """What is left to check of a schema of the object: `True`, `False` or a schema."""
        if isinstance(schema, bool):
            return schema
        left: dict[str, Any] = {}
        parts: list[Any] = []
        for keyword, argument in schema.items():
            found = self._keyword(keyword, argument, schema)
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
        return left if merged is True else {**left, "allOf": [*left.get("allOf", ()), *merged]}

    def _keyword(self, keyword: str, argument: Any, schema: Mapping[str, Any]) -> Any:
        """`True`, `False`, a list of schemas that are left, or None where the keyword stays as it is."""
        if keyword in _SILENT or keyword in _ELSEWHERE or keyword in ("then", "else", "$defs", "$id"):
            return True
        match keyword:
            case "type":
                return argument == "object" or (isinstance(argument, list) and "object" in argument)
            case "required":
                return self._names.issuperset(argument)
            case "dependentRequired":
                return all(self._names.issuperset(need) for name, need in argument.items() if name in self._names)
            case "properties":
                return self._properties(argument)
            case "additionalProperties":
                others = self._names - schema.get("properties", {}).keys()
                if "patternProperties" in schema:
                    return [{key: schema[key] for key in _MEMBERS if key in schema}]
                if argument is False or not others:
                    return not others
                return [{"properties": dict.fromkeys(sorted(others), argument)}]
            case "patternProperties":
                return True if "additionalProperties" in schema else None
            case "allOf":
                return [self.of(each) for each in argument]
            case "anyOf":
                ways = [each for each in map(self.of, argument) if each is not False]
                return True in ways or (ways if len(ways) == 1 else ways and [{"anyOf": ways}]) or False
            case "oneOf":
                return self._one_of(argument)
            case "not":
                inner = self.of(argument)
                return not inner if isinstance(inner, bool) else [{"not": inner}]
            case "if":
                return self._if(argument, schema)
        return None

    def _properties(self, properties: Mapping[str, Any]) -> Any:
        left = {name: schema for name, schema in properties.items() if name in self._names and schema is not True}
        return [{"properties": left}] if left else True

    def _one_of(self, branches: list[Any]) -> Any:
        ways = [each for each in map(self.of, branches) if each is not False]
        sure = sum(each is True for each in ways)
        others = [each for each in ways if each is not True]
        if sure > 1 or not ways:
            return False
        if sure:
            return [{"not": {"anyOf": others}}] if others else True
        return others if len(others) == 1 else [{"oneOf": others}]

    def _if(self, condition: Any, schema: Mapping[str, Any]) -> Any:
        holds = self.of(condition)
        then, otherwise = self.of(schema.get("then", True)), self.of(schema.get("else", True))
        if isinstance(holds, bool):
            chosen = then if holds else otherwise
            return chosen if isinstance(chosen, bool) else [chosen]
        if then is True and otherwise is True:
            return True
        return [{"if": holds, "then": then, "else": otherwise}]


_MEMBERS: Final = ("properties", "patternProperties", "additionalProperties")


def _merged(parts: list[Any]) -> Any:
    """Several schemas of one place as few; `True` or `False` where nothing, or no value, is left."""
    found: list[dict[str, Any]] = []
    for part in _flattened(parts):
        if part is False:
            return False
        if part is True:
            continue
        if not any(_absorbed(part, each) for each in found):
            found.append({key: each for key, each in part.items() if key not in _SILENT})
    return found or True


def _flattened(parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, dict) and "allOf" in part and not _NEIGHBOURLY & part.keys():
            yield {key: each for key, each in part.items() if key != "allOf"} or True
            yield from _flattened(part["allOf"])
        else:
            yield part


def _absorbed(part: dict[str, Any], into: dict[str, Any]) -> bool:
    """Whether a schema could be written into another one that speaks about the same place."""
    keys = part.keys() - _SILENT
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
