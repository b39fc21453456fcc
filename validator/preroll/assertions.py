"""
Reading a schema into formulas: what each keyword of JSON Schema 2020-12 asserts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from preroll import pointer as pointers
from preroll.formula import (
    TRUE,
    At,
    Formula,
    Items,
    Literal,
    Members,
    Opaque,
    Ref,
    Single,
    either,
    every,
    negation,
)

T = TypeVar("T")

MAX_KEPT: Final = 10_000
"""Formulas, each at some place, of which is kept what is known of one kind."""

SIMPLE = (
    "type",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
"""The keywords that assert something of the value itself, without a subschema."""


class Assertions:
    """
    The formulas of one document, made when asked for and kept.

    `$ref`s are JSON Pointers into the same document (see `preroll.document`).
    """

    def __init__(self, document: Any) -> None:
        self.document = document
        self._formulas: dict[str, Formula] = {}
        self._opposites: dict[str, Formula] = {}
        self.tests: dict[int, Any] = {}
        """What `preroll.evaluation` has made of these formulas."""
        self.read: dict[int, Any] = {}
        """What it knows of the members that their truth depends on."""
        self._once: dict[str, dict[tuple[int, tuple[str | int, ...]], tuple[Formula, Any]]] = {}

    def once(self, what: str, formula: Formula, make: Callable[[], T], at: tuple[str | int, ...] = ()) -> T:
        """What is to be known of a formula, perhaps for some place, and the same for every payload: made once."""
        kept = self._once.setdefault(what, {})
        known = kept.get((id(formula), at))
        if known is None:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            # With the formula, so that no other one gets its identity; and whole, for other threads.
            known = kept[id(formula), at] = (formula, make())
        found: T = known[1]
        return found

    def formula(self, pointer: str) -> Formula:
        """
        What the schema at `pointer` asserts.

        Raises:
            KeyError: there is nothing at the pointer.
        """
        found = self._formulas.get(pointer)
        if found is None:
            schema = pointers.look_up(self.document, pointers.parse(pointer))
            if schema is pointers.ABSENT:
                raise KeyError(pointer)
            # The first that some thread reads is everybody's: what is known of a formula is kept by its identity.
            found = self._formulas.setdefault(pointer, self._read(schema, pointer))
        return found

    def deref(self, formula: Formula) -> Formula:
        """The formula itself, references followed (a cycle of references alone holds of everything)."""
        seen: set[str] = set()
        while isinstance(formula, Ref):
            if formula.pointer in seen:
                return TRUE
            seen.add(formula.pointer)
            formula = self.formula(formula.pointer) if formula.holds else self._opposite(formula.pointer)
        return formula

    def _opposite(self, pointer: str) -> Formula:
        """The negation of a formula; one, so that what is known of it is kept once."""
        found = self._opposites.get(pointer)
        if found is None:
            found = self._opposites.setdefault(pointer, negation(self.formula(pointer)))
        return found

    def _read(self, schema: Any, at: str, *, titled: bool = False) -> Formula:
        if schema is True:
            return TRUE
        if schema is False:
            return Literal("false", None, True, at)
        if not isinstance(schema, dict):
            return TRUE
        keywords = sorted(KEYWORDS.keys() & schema, key=_TURNS.__getitem__)
        parts = [part for keyword in keywords for part in KEYWORDS[keyword](self, schema, at)]
        title = schema.get("title") or schema.get("description") if titled else ""
        return every(*parts, title=title if isinstance(title, str) else "", source=at)

    def _ref(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        yield Ref(schema["$ref"].removeprefix("#"), True, f"{at}/$ref")

    def _const(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        yield Literal("enum", (schema["const"],), True, f"{at}/const")

    def _enum(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        yield Literal("enum", tuple(schema["enum"]), True, f"{at}/enum")

    def _required(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        for index, name in enumerate(schema["required"]):
            yield Literal("required", name, True, f"{at}/required/{index}")

    def _properties(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        for name, subschema in schema["properties"].items():
            where = f"{at}/properties{pointers.text((name,))}"
            if subschema is False:  # the member must not be there
                yield either(Literal("type", ("object",), False, where), Literal("required", name, False, where))
            else:
                yield At(name, self._read(subschema, where), where)

    def _pattern_properties(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        for pattern, subschema in schema["patternProperties"].items():
            where = f"{at}/patternProperties{pointers.text((pattern,))}"
            yield Members(self._read(subschema, where), pattern=pattern, source=where)

    def _additional_properties(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        names = tuple(schema.get("properties", ()))
        patterns = tuple(schema.get("patternProperties", ()))
        yield from self._rest(schema["additionalProperties"], names, patterns, f"{at}/additionalProperties")

    def _rest(self, body: Any, names: tuple[str, ...], patterns: tuple[str, ...], where: str) -> Iterator[Formula]:
        if body is False:
            yield Literal("closed", (names, patterns), True, where)
        elif body is not True:
            yield Members(self._read(body, where), names, patterns, source=where)

    def _property_names(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        where = f"{at}/propertyNames"
        yield Members(self._read(schema["propertyNames"], where), of_names=True, source=where)

    def _prefix_items(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        for index, subschema in enumerate(schema["prefixItems"]):
            where = f"{at}/prefixItems/{index}"
            yield At(index, self._read(subschema, where), where)

    def _items(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        where = f"{at}/items"
        if schema["items"] is not True:
            yield Items(self._read(schema["items"], where), len(schema.get("prefixItems", ())), source=where)

    def _contains(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        where = f"{at}/contains"
        least, most = schema.get("minContains", 1), schema.get("maxContains")
        if least or most is not None:
            yield Items(self._read(schema["contains"], where), 0, int(least), most, source=where)

    def _branches(self, schemas: list[Any], at: str) -> tuple[Formula, ...]:
        return tuple(self._read(each, f"{at}/{index}", titled=True) for index, each in enumerate(schemas))

    def _all_of(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        for index, each in enumerate(schema["allOf"]):
            yield self._read(each, f"{at}/allOf/{index}")

    def _any_of(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        yield either(*self._branches(schema["anyOf"], f"{at}/anyOf"), source=f"{at}/anyOf")

    def _one_of(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        parts = self._branches(schema["oneOf"], f"{at}/oneOf")
        if len(parts) == 1:
            yield parts[0]
            return
        discriminator = schema.get("discriminator")
        selector = discriminator.get("propertyName", "") if isinstance(discriminator, dict) else ""
        yield Single(parts, tuple(map(negation, parts)), True, "", f"{at}/oneOf", selector)

    def _not(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        yield negation(self._read(schema["not"], f"{at}/not"))

    def _if(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        condition = self._read(schema["if"], f"{at}/if")
        if "then" in schema:
            yield either(negation(condition), self._read(schema["then"], f"{at}/then"), source=f"{at}/then")
        if "else" in schema:
            yield either(condition, self._read(schema["else"], f"{at}/else"), source=f"{at}/else")

    def _dependent_required(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        for name, needed in schema["dependentRequired"].items():
            where = f"{at}/dependentRequired{pointers.text((name,))}"
            needs = (Literal("required", each, True, f"{where}/{index}") for index, each in enumerate(needed))
            yield either(Literal("required", name, False, where), every(*needs), source=where)

    def _dependent_schemas(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        for name, subschema in schema["dependentSchemas"].items():
            where = f"{at}/dependentSchemas{pointers.text((name,))}"
            other = Literal("type", ("object",), False, where)
            absent = Literal("required", name, False, where)
            yield either(other, absent, self._read(subschema, where), source=where)

    def _unevaluated_properties(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        if schema["unevaluatedProperties"] is True:
            return
        rest = {keyword: each for keyword, each in schema.items() if keyword != "unevaluatedProperties"}
        known = self._always_evaluated(rest, frozenset())
        where = f"{at}/unevaluatedProperties"
        if known is None:
            yield Opaque("unevaluatedProperties", at, True, where)
        else:
            yield from self._rest(schema["unevaluatedProperties"], *known, where)

    def _always_evaluated(self, schema: Any, seen: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Names and patterns that every way through the schema evaluates; None where ways differ."""
        if not isinstance(schema, dict):
            return (), ()
        if schema.keys() & _CONDITIONAL:
            return None
        names, patterns = list(schema.get("properties", ())), list(schema.get("patternProperties", ()))
        inner = list(schema.get("allOf", ()))
        if "$ref" in schema:
            target = schema["$ref"].removeprefix("#")
            if target in seen:
                return None
            seen |= {target}
            inner.append(pointers.look_up(self.document, pointers.parse(target)))
        if any(isinstance(each, dict) and "additionalProperties" in each for each in (schema, *inner)):
            return None
        for each in inner:
            known = self._always_evaluated(each, seen)
            if known is None:
                return None
            names += known[0]
            patterns += known[1]
        return tuple(names), tuple(patterns)

    def _unevaluated_items(self, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        if schema["unevaluatedItems"] is not True:
            yield Opaque("unevaluatedItems", at, True, f"{at}/unevaluatedItems")


_CONDITIONAL = frozenset(("anyOf", "oneOf", "not", "if", "dependentSchemas", "unevaluatedProperties"))

Reader = Callable[[Assertions, dict[str, Any], str], Iterator[Formula]]


def _simple(keyword: str) -> Reader:
    def read(_: Assertions, schema: dict[str, Any], at: str) -> Iterator[Formula]:
        value = schema[keyword]
        if keyword == "type":
            value = (value,) if isinstance(value, str) else tuple(value)
        elif keyword == "uniqueItems" and value is False:
            return
        yield Literal(keyword, value, True, f"{at}/{keyword}")

    return read


# The order is the order in which several faults of one place are told.
KEYWORDS: dict[str, Reader] = {
    "$ref": Assertions._ref,  # noqa: SLF001  # the table and the class are one thing
    "type": _simple("type"),
    "const": Assertions._const,  # noqa: SLF001
    "enum": Assertions._enum,  # noqa: SLF001
    **{keyword: _simple(keyword) for keyword in SIMPLE if keyword != "type"},
    "required": Assertions._required,  # noqa: SLF001
    "properties": Assertions._properties,  # noqa: SLF001
    "patternProperties": Assertions._pattern_properties,  # noqa: SLF001
    "additionalProperties": Assertions._additional_properties,  # noqa: SLF001
    "propertyNames": Assertions._property_names,  # noqa: SLF001
    "prefixItems": Assertions._prefix_items,  # noqa: SLF001
    "items": Assertions._items,  # noqa: SLF001
    "contains": Assertions._contains,  # noqa: SLF001
    "dependentRequired": Assertions._dependent_required,  # noqa: SLF001
    "dependentSchemas": Assertions._dependent_schemas,  # noqa: SLF001
    "allOf": Assertions._all_of,  # noqa: SLF001
    "anyOf": Assertions._any_of,  # noqa: SLF001
    "oneOf": Assertions._one_of,  # noqa: SLF001
    "not": Assertions._not,  # noqa: SLF001
    "if": Assertions._if,  # noqa: SLF001
    "unevaluatedProperties": Assertions._unevaluated_properties,  # noqa: SLF001
    "unevaluatedItems": Assertions._unevaluated_items,  # noqa: SLF001
}
_TURNS = {keyword: turn for turn, keyword in enumerate(KEYWORDS)}
