"""
Sight: what a schema looks at in each place of a value.

Of values of one layout (the same names in every object, as many items in every array) a schema accepts one and
refuses another only for the texts and numbers in them: for the truth of the few assertions that it makes about each
of these, in any branch, under any condition. Two values of one layout, of which all these assertions say the same, are
therefore both accepted or both refused.

Moreover an assertion that only ever helps (it stands under no `not`, in no condition and in no `oneOf`) may become
true, and one that only ever hinders (under one `not`) may become false, without making an accepted value a refused one.

A schema that every value must satisfy at a place, whatever stands elsewhere, is kept as it is: it can be asked about a
text or number at that place alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from preroll.pointer import Path

Test = Callable[[Any], bool]

MAX_SCHEMAS: Final = 50_000
"""Schemas that are read, those counted again that several references lead to; beyond, all of a value counts."""

_ABOUT_TEXT: Final = frozenset(("minLength", "maxLength", "pattern", "format"))
_ABOUT_NUMBERS: Final = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
_ABOUT_VALUES: Final = frozenset(("type", "enum", "const")) | _ABOUT_TEXT | _ABOUT_NUMBERS

_ANNOTATIONS: Final = frozenset(
    (
        "$comment", "$schema", "$defs", "definitions", "title", "description", "default", "examples", "example",
        "deprecated", "readOnly", "writeOnly",
    )
)  # fmt: skip
# What these say of a value follows from its layout alone.
_LAYOUT: Final = frozenset(
    (
        "required", "dependentRequired", "minProperties", "maxProperties", "propertyNames",
        "minItems", "maxItems", "minContains", "maxContains",
    )
)  # fmt: skip
_HERE: Final = frozenset(("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies"))
_ITEMS: Final = frozenset(("items", "prefixItems", "contains"))
_OTHERS: Final = frozenset(("additionalProperties", "patternProperties"))
_MAPS: Final = frozenset(("dependentSchemas", "dependencies", "patternProperties"))
# Texts and numbers satisfy these, whatever they say; or what they say is read by itself.
_NOT_OF_LEAVES: Final = (
    _ANNOTATIONS
    | _LAYOUT
    | _ITEMS
    | _OTHERS
    | {"properties", "dependentSchemas", "dependencies", "uniqueItems", "allOf", "$ref"}
)

_TIED: Final = frozenset(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor"))
_DEFS: Final = "#/$defs/"


class Assertion:
    """
    A schema of one keyword; whether its being true may `help` a value to be accepted, and whether it may `hinder`.
    """

    __slots__ = ("helps", "hinders", "schema")

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema, self.helps, self.hinders = schema, False, False

    def tells(self, about: frozenset[str], kinds: Any) -> bool:
        """Whether it can be true of one value of some kinds and false of another."""
        [(keyword, argument)] = self.schema.items()
        listed = argument if keyword == "enum" else [argument] if keyword == "const" else []
        return keyword in about or any(isinstance(each, kinds) for each in listed)


class Sight:
    """
    What a schema looks at in one place.

    Attributes:
        must: schemas that a text or number there must satisfy, whatever stands elsewhere.
        assertions: about a text or number there in all other schemas, by their text.
        whole: the value may be compared as a whole; `tied`: so may an object or array there, with all in it.
        inner: the places of named members, and `others` that of any further one.
        items: the place of every item.
    """

    __slots__ = ("assertions", "inner", "items", "must", "others", "tied", "whole")

    def __init__(self) -> None:
        self.must: list[Any] = []
        self.assertions: dict[str, Assertion] = {}
        self.whole = self.tied = False
        self.inner: dict[str, Sight] = {}
        self.others: Sight | None = None
        self.items: Sight | None = None

    def at(self, path: Path) -> Sight | None:
        """The place of a text or number; None where it may be compared as a part of something larger."""
        place = self
        for key in path:
            if place.whole or place.tied:
                return None
            place = (place.items if isinstance(key, int) else place.inner.get(key) or place.others) or _BLIND
        return None if place.whole else place

    @property
    def names_values(self) -> bool:
        """Whether certain texts or numbers are named there."""
        return any("const" in each.schema or "enum" in each.schema for each in self.assertions.values())

    def asserted(self, schema: dict[str, Any], *, helps: bool, hinders: bool) -> None:
        """Note an assertion about a text or number."""
        key = repr(schema)
        found = self.assertions.get(key)
        if found is None:
            found = self.assertions[key] = Assertion(schema)
        found.helps |= helps
        found.hinders |= hinders

    def join(self, other: Sight) -> None:
        """Look at what another place is looked at for, too."""
        for each in other.assertions.values():
            self.asserted(each.schema, helps=each.helps, hinders=each.hinders)
        self.whole |= other.whole
        self.tied |= other.tied
        for name, place in other.inner.items():
            self.inner.setdefault(name, Sight()).join(place)
        if other.others is not None:
            self.others = self.others or Sight()
            self.others.join(other.others)
        if other.items is not None:
            self.items = self.items or Sight()
            self.items.join(other.items)

    def settle(self) -> None:
        """What is looked at in any member is looked at in each of them."""
        if self.others is not None:
            for each in self.inner.values():
                each.join(self.others)
            self.others.settle()
        for each in self.inner.values():
            each.settle()
        if self.items is not None:
            self.items.settle()


_BLIND: Final = Sight()


def sight(schema: Any) -> Sight:
    """What a self-contained schema looks at; where it uses keywords that are not known here, at everything."""
    root = Sight()
    _Reader(schema).read(schema, root, helps=True, hinders=False, sure=is_movable(schema))
    root.settle()
    return root


def is_movable(schema: Any) -> bool:
    """Whether the parts of a schema mean the same beside its `$defs`, wherever they stand."""
    if isinstance(schema, dict):
        if not _TIED.isdisjoint(schema) or not str(schema.get("$ref", _DEFS)).startswith(_DEFS):
            return False
        return all(map(is_movable, schema.values()))
    return not isinstance(schema, list) or all(map(is_movable, schema))


class _Reader:
    """
    Notes what schemas look at in places.

    `helps` and `hinders` say what it does to a value to satisfy a schema; a `sure` one must be satisfied. What is said
    of the place `told` of a text or number is left out: the schema that says it is known to be sure.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._open: set[int] = set()
        self._left = MAX_SCHEMAS

    def read(
        self, schema: Any, place: Sight, *, helps: bool, hinders: bool, sure: bool = False, told: Sight | None = None
    ) -> None:
        self._left -= 1
        if self._left < 0:
            place.whole = place.tied = True
            return
        if not isinstance(schema, dict):
            return
        if sure:
            told = place
            own = {keyword: each for keyword, each in schema.items() if keyword not in _NOT_OF_LEAVES}
            if own:
                place.must.append(own)
        for keyword, argument in schema.items():
            either = keyword in ("if", "oneOf") or (keyword == "contains" and "maxContains" in schema)
            self._keyword(
                keyword, argument, place, helps=helps or either, hinders=hinders or either, sure=sure, told=told
            )

    def _keyword(
        self, keyword: str, argument: Any, place: Sight, *, helps: bool, hinders: bool, sure: bool, told: Sight | None
    ) -> None:
        if keyword in _ABOUT_VALUES:
            place.tied |= _holds_more(argument)
            if place is not told:
                place.asserted({keyword: argument}, helps=helps, hinders=hinders)
        elif keyword == "not":
            self.read(argument, place, helps=hinders, hinders=helps, told=told)
        elif keyword in _HERE:
            for each in _listed(keyword, argument):
                self.read(each, place, helps=helps, hinders=hinders, sure=sure and keyword == "allOf", told=told)
        elif keyword in _ITEMS:
            place.items = place.items or Sight()
            for each in _listed(keyword, argument):
                self.read(each, place.items, helps=helps, hinders=hinders, sure=sure and keyword == "items")
        elif keyword in _OTHERS:
            place.others = place.others or Sight()
            for each in _listed(keyword, argument):
                self.read(each, place.others, helps=helps, hinders=hinders)
        elif keyword == "properties":
            for name, each in argument.items():
                inner = place.inner.setdefault(name, Sight())
                self.read(each, inner, helps=helps, hinders=hinders, sure=sure)
        elif keyword == "$ref":
            self._ref(argument, place, helps=helps, hinders=hinders, sure=sure, told=told)
        elif keyword not in _LAYOUT and keyword not in _ANNOTATIONS and not keyword.startswith("x-"):
            place.tied |= keyword != "uniqueItems" or argument is not False
            place.whole |= keyword != "uniqueItems" and place is not told

    def _ref(self, address: str, place: Sight, *, helps: bool, hinders: bool, sure: bool, told: Sight | None) -> None:
        schema: Any = self._root if address.startswith("#") else None
        for each in address[1:].split("/")[1:]:
            key = each.replace("~1", "/").replace("~0", "~")
            schema = schema.get(key) if isinstance(schema, dict) and "%" not in key else None
        if schema is None or id(schema) in self._open:
            place.whole = place.tied = True  # it leads elsewhere, or back into itself
            return
        self._open.add(id(schema))
        self.read(schema, place, helps=helps, hinders=hinders, sure=sure, told=told)
        self._open.discard(id(schema))


def _listed(keyword: str, argument: Any) -> Any:
    """The schemas in the argument of a keyword."""
    return argument.values() if keyword in _MAPS else argument if isinstance(argument, list) else (argument,)


def _holds_more(argument: Any) -> bool:
    """Whether the argument of a keyword about values names arrays or objects."""
    return isinstance(argument, dict) or (
        isinstance(argument, list) and any(isinstance(each, (dict, list)) for each in argument)
    )


class Likeness:
    """
    The texts and numbers that are like others: of which the assertions of a place say the same, as far as that counts.

    Args:
        place: what is looked at.
        tests: the test by a schema.
    """

    __slots__ = ("_known", "_literals", "_must", "_numbers", "_texts")

    def __init__(self, place: Sight, tests: Callable[[dict[str, Any]], Test]) -> None:
        self._must = place.must
        self._literals = bool(place.assertions)
        listed = [(each, tests(each.schema)) for each in place.assertions.values()]
        self._texts = [each for each in listed if each[0].tells(_ABOUT_TEXT, str)]
        self._numbers = [each for each in listed if each[0].tells(_ABOUT_NUMBERS | {"type"}, (int, float))]
        self._known: dict[tuple[Any, ...], dict[str, Any]] = {}

    def schema(self, value: Any) -> dict[str, Any]:
        """The schema of the values that are like one; for like values the very same one."""
        if value is None or isinstance(value, bool):
            told: tuple[Any, ...] = (value if self._literals else None, "literal")
        else:
            tests = self._texts if isinstance(value, str) else self._numbers
            told = (isinstance(value, str), *[test(value) for _, test in tests])
        found = self._known.get(told)
        if found is None:
            found = self._known[told] = self._made(value, told)
        return found

    def _made(self, value: Any, told: tuple[Any, ...]) -> dict[str, Any]:
        if value is None or isinstance(value, bool):
            literal = {"const": value} if self._literals else {"type": ["boolean", "null"]}
            return {**literal, "allOf": self._must} if self._must else literal
        text = isinstance(value, str)
        parts = list(self._must)
        for (each, _), holds in zip(self._texts if text else self._numbers, told[1:], strict=True):
            if holds and each.helps:
                parts.append(each.schema)
            if each.hinders and not holds:
                parts.append({"not": each.schema})
        found: dict[str, Any] = {"type": "string" if text else "number"}
        parts = [each for each in parts if each != found]
        return {**found, "allOf": parts} if parts else found
