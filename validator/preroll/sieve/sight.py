"""
Sight: what a schema looks at in each place of a value.

Whether a schema accepts a value depends on the value's structure (which names an object has, how long an array is,
where a text stands and where a number) and, for each text and number, on the truth of the few assertions that the
schema makes at that place anywhere: in any branch, under any condition. Two values of one structure, of which all
these assertions say the same, are therefore both accepted or both refused.

Moreover an assertion that only ever helps (it stands under no `not`, in no condition and in no `oneOf`) may become
true, and one that only ever hinders (under one `not`) may become false, without making an accepted value a refused one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from preroll import dialect

Test = Callable[[Any], bool]
Look = Callable[[Any], Any]

MAX_SCHEMAS: Final = 50_000
"""Schemas that are read, those counted again that several references lead to; beyond, all of a value counts."""

_ABOUT_TEXT: Final = frozenset(("minLength", "maxLength", "pattern", "format"))
_ABOUT_NUMBERS: Final = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
_ABOUT_VALUES: Final = frozenset(("type", "enum", "const")) | _ABOUT_TEXT | _ABOUT_NUMBERS

# What these say of a value follows from its structure alone.
_STRUCTURE: Final = frozenset(
    (
        "required", "dependentRequired", "minProperties", "maxProperties", "propertyNames",
        "minItems", "maxItems", "minContains", "maxContains",
    )
)  # fmt: skip
_ANNOTATIONS: Final = frozenset(
    (
        "$comment", "$schema", "$defs", "definitions", "title", "description", "default", "examples", "example",
        "deprecated", "readOnly", "writeOnly",
    )
)  # fmt: skip
_HERE: Final = frozenset(("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies"))
_ITEMS: Final = frozenset(("items", "prefixItems", "contains"))
_OTHERS: Final = frozenset(("additionalProperties", "patternProperties"))
_OF_STRUCTURE: Final = _STRUCTURE | _ITEMS | _OTHERS | {"properties", "dependentSchemas", "dependencies"}
_MAPS: Final = frozenset(("dependentSchemas", "dependencies", "patternProperties"))


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
        assertions: about a text or number there, by their text.
        structure: it matters which names an object there has, or how long an array is.
        whole: the value may be compared as a whole, with all that is in it.
        inner: the places of named members, and `others` that of any further one.
        items: the place of every item.
    """

    __slots__ = ("assertions", "inner", "items", "others", "structure", "whole")

    def __init__(self) -> None:
        self.assertions: dict[str, Assertion] = {}
        self.structure = False
        self.whole = False
        self.inner: dict[str, Sight] = {}
        self.others: Sight | None = None
        self.items: Sight | None = None

    def member(self, name: str) -> Sight:
        """The place of a member; of an unknown one, where there is nothing else."""
        return self.inner.get(name) or self.others or _BLIND

    @property
    def item(self) -> Sight:
        """The place of every item."""
        return self.items or _BLIND

    @property
    def names_values(self) -> bool:
        """Whether certain texts or numbers are named there."""
        return any("const" in each.schema or "enum" in each.schema for each in self.assertions.values())

    @property
    def blind(self) -> bool:
        """Whether nothing there matters."""
        below = (*self.inner.values(), self.others or _BLIND, self.items or _BLIND)
        return not (self.whole or self.structure or self.assertions) and all(
            each is self or each.blind for each in below
        )

    def look(self, *, deep: bool = False) -> Look | None:
        """
        What is looked at in an object or an array, as a smaller value; None where nothing is.

        Two values of which it says the same are both accepted or both refused, but for texts and numbers that
        stand there themselves: these are known by their likeness. With `deep` they are in what is looked at, too.
        """
        if self.whole:
            return _itself
        if self.blind or not (deep or self.structure or self.inner or self.others or self.items):
            return None
        members = {name: each.look(deep=True) for name, each in self.inner.items()}
        other = self.others.look(deep=True) if self.others is not None else None
        item = self.items.look(deep=True) if self.items is not None else None

        known: dict[tuple[str, ...], list[tuple[str, Look]]] = {}

        def look(value: Any) -> Any:
            kind = type(value)
            if kind is dict:
                names = tuple(value)
                inner = known.get(names)
                if inner is None:
                    found = [(name, members.get(name, other)) for name in names]
                    inner = [(name, each) for name, each in found if each is not None]
                    if len(known) < _MAX_NAMES:
                        known[names] = inner
                return [names, *[each(value[name]) for name, each in inner]] if inner else (names,)
            if kind is list:
                return (0, len(value)) if item is None else [0, *[item(each) for each in value]]
            return value if deep else 0

        return look

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
        self.structure |= other.structure
        self.whole |= other.whole
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
_MAX_NAMES: Final = 500


def _itself(value: Any) -> Any:
    return value


def sight(schema: Any) -> Sight:
    """What a self-contained schema looks at; where it uses keywords that are not known here, at everything."""
    root = Sight()
    _Reader(schema).read(schema, root, helps=True, hinders=False)
    root.settle()
    return root


class _Reader:
    """Notes what schemas look at in places; `helps` and `hinders` say what it does to a value to satisfy one."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._open: set[int] = set()
        self._left = MAX_SCHEMAS

    def read(self, schema: Any, place: Sight, *, helps: bool, hinders: bool) -> None:
        self._left -= 1
        if not isinstance(schema, dict) or self._left < 0:
            place.whole |= self._left < 0
            return
        for keyword, argument in schema.items():
            either = keyword in ("if", "oneOf") or (keyword == "contains" and "maxContains" in schema)
            self._keyword(keyword, argument, place, helps=helps or either, hinders=hinders or either)

    def _keyword(self, keyword: str, argument: Any, place: Sight, *, helps: bool, hinders: bool) -> None:
        # Which members or items there are matters to whatever speaks of them.
        place.structure |= keyword in _OF_STRUCTURE
        if keyword in _ABOUT_VALUES:
            place.whole |= _holds_more(argument)
            place.asserted({keyword: argument}, helps=helps, hinders=hinders)
        elif keyword == "not":
            self.read(argument, place, helps=hinders, hinders=helps)
        elif keyword in _HERE:
            self._each(keyword, argument, place, helps=helps, hinders=hinders)
        elif keyword in _ITEMS:
            place.items = place.items or Sight()
            self._each(keyword, argument, place.items, helps=helps, hinders=hinders)
        elif keyword in _OTHERS:
            place.others = place.others or Sight()
            self._each(keyword, argument, place.others, helps=helps, hinders=hinders)
        elif keyword == "properties":
            for name, each in argument.items():
                self.read(each, place.inner.setdefault(name, Sight()), helps=helps, hinders=hinders)
        elif keyword == "$ref":
            self._ref(argument, place, helps=helps, hinders=hinders)
        elif keyword not in _STRUCTURE and keyword not in _ANNOTATIONS and not keyword.startswith("x-"):
            place.whole |= keyword != "uniqueItems" or argument is not False

    def _each(self, keyword: str, argument: Any, place: Sight, *, helps: bool, hinders: bool) -> None:
        listed = argument.values() if keyword in _MAPS else argument if isinstance(argument, list) else (argument,)
        for each in listed:
            self.read(each, place, helps=helps, hinders=hinders)

    def _ref(self, address: str, place: Sight, *, helps: bool, hinders: bool) -> None:
        schema: Any = self._root if address.startswith("#") else None
        for each in address[1:].split("/")[1:]:
            key = each.replace("~1", "/").replace("~0", "~")
            schema = schema.get(key) if isinstance(schema, dict) and "%" not in key else None
        if schema is None or id(schema) in self._open:
            place.whole = True  # it leads elsewhere, or back into itself
            return
        self._open.add(id(schema))
        self.read(schema, place, helps=helps, hinders=hinders)
        self._open.discard(id(schema))


def _holds_more(argument: Any) -> bool:
    """Whether the argument of a keyword about values names arrays or objects."""
    return isinstance(argument, dict) or (
        isinstance(argument, list) and any(isinstance(each, (dict, list)) for each in argument)
    )


class Likeness:
    """
    The values that are like others: of which the assertions of a place say the same, as far as that counts.

    Args:
        place: what is looked at.
    """

    __slots__ = ("_blind", "_numbers", "_texts")

    def __init__(self, place: Sight) -> None:
        self._blind = place.blind
        listed = [(each, dialect.engine(each.schema).is_valid) for each in place.assertions.values()]
        self._texts = [each for each in listed if each[0].tells(_ABOUT_TEXT, str)]
        self._numbers = [each for each in listed if each[0].tells(_ABOUT_NUMBERS | {"type"}, (int, float))]

    def schema(self, value: Any) -> dict[str, Any]:
        """The schema of the values that are like one; of arrays and objects it knows no more than that."""
        if self._blind:
            return {}
        if value is None or isinstance(value, bool):
            return {"const": value}
        if isinstance(value, (dict, list)):
            return {"type": "object" if isinstance(value, dict) else "array"}
        told = [(each, test(value)) for each, test in (self._texts if isinstance(value, str) else self._numbers)]
        parts = [each.schema for each, holds in told if holds and each.helps]
        parts += [{"not": each.schema} for each, holds in told if each.hinders and not holds]
        found: dict[str, Any] = {"type": "string" if isinstance(value, str) else "number"}
        return {**found, "allOf": parts} if parts else found
