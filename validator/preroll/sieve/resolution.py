"""
Resolution: a schema for the objects of one shape, in which everything that follows from the shape is worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from preroll.sieve.remainder import ABOUT, SILENT, Remainder, constants, differ, mentions

Shape: TypeAlias = "frozenset[tuple[str, Shape | None]]"
"""The names of an object's members, those that are objects with a shape of their own."""

_WHOLE: Final = frozenset(("unevaluatedProperties", "unevaluatedItems"))


def joined(schema: Any, more: list[Any]) -> Any:
    """A schema and others that a value must satisfy besides."""
    if not more or not isinstance(schema, dict):
        return schema
    return {**schema, "allOf": [*schema.get("allOf", ()), *more]}


def resolvable(schema: Any) -> bool:
    """Whether what is left of a schema can be worked out for a shape: its parts may go, or stand elsewhere."""
    return isinstance(schema, dict) and not mentions(schema, _WHOLE) and _movable(schema)


_TIED: Final = frozenset(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor"))
_DEFS: Final = "#/$defs/"


def _movable(schema: Any) -> bool:
    """Whether the parts of a schema mean the same beside its `$defs`, wherever they stand."""
    if isinstance(schema, dict):
        if not _TIED.isdisjoint(schema) or not str(schema.get("$ref", _DEFS)).startswith(_DEFS):
            return False
        return all(map(_movable, schema.values()))
    return not isinstance(schema, list) or all(map(_movable, schema))


def bare(schema: Any) -> Any:
    """A schema without what asserts nothing: it is compiled many times."""
    if not isinstance(schema, dict):
        return schema
    copy: dict[str, Any] = {}
    for keyword, argument in schema.items():
        if keyword in SILENT or keyword == "definitions" or keyword.startswith("x-"):
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
        spoken.update(node.get("properties", ()), node.get("required", ()))
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


class Resolution(Remainder):
    """
    A schema for the objects of one shape: what follows from the names in them is worked out.

    Args:
        names: the names of the object's members, all of them but `others`.
        others: names that members may have besides.
        shape: what members that are objects hold, where that is known.
    """

    def __init__(self, names: frozenset[str], others: frozenset[str] = frozenset(), shape: Shape = frozenset()) -> None:
        self._sure, self._names = names, names | others
        self._inner = {
            name: Resolution(frozenset(each for each, _ in inner), shape=inner)
            for name, inner in shape
            if inner is not None
        }

    def keyword(self, keyword: str, argument: Any, schema: Mapping[str, Any]) -> Any:
        if ABOUT.get(keyword, "object") != "object" or keyword == "$defs":
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
        return super().keyword(keyword, argument, schema)

    def excluding(self, branches: list[Any]) -> bool:
        """Also where each branch asks for other values of the same members, all of which are there."""
        members = [branch["properties"] if [*branch] == ["properties"] else {} for branch in branches]
        names = sorted(members[0])
        if not names or not self._sure.issuperset(names) or any(each.keys() != members[0].keys() for each in members):
            return super().excluding(branches)
        return differ([constants([each[name] for name in names]) for each in members])

    def _properties(self, properties: Mapping[str, Any]) -> Any:
        left = {}
        for name, schema in properties.items():
            if name in self._names and schema is not True:
                found = self._inner[name].of(schema) if name in self._inner else schema
                if found is False and name in self._sure:
                    return False
                if found is not True:
                    left[name] = found
        return [{"properties": left}] if left else True


_MEMBERS: Final = ("properties", "patternProperties", "additionalProperties")


def shape_of(value: Mapping[str, Any]) -> Shape:
    """The shape of an object."""
    return frozenset((name, shape_of(each) if isinstance(each, dict) else None) for name, each in value.items())


def shaped(shape: Shape) -> Any:
    """The schema of the objects whose members that are objects have such a shape; it says nothing of the others."""
    inner = {name: _closed(each) for name, each in shape if each is not None}
    return {"properties": inner} if inner else True


def _closed(shape: Shape) -> dict[str, Any]:
    members = {
        name: True if each is None else _closed(each) for name, each in sorted(shape, key=lambda member: member[0])
    }
    return {"type": "object", "properties": members, "required": [*members], "additionalProperties": False}
