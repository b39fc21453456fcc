"""
Evaluated members and items: which of them a schema has looked at, as far as it holds (2020-12 core, section 11).

`unevaluatedProperties` and `unevaluatedItems` speak of what no successful part of their schema has evaluated, so
whether a member counts depends on which branches hold. Branches that hold are terms of the solver already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from preroll import dialect
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.constraints import text as texts
from preroll.constraints.location import Location, Slot, Term, conj, disj, neg

Holds = Callable[[str], Term]
"""Whether the schema at a pointer holds where the question is asked."""


class NotStatic(ValueError):
    """A reference is decided only while validating."""


class Evaluation:
    """
    What the schema at a pointer evaluates of one place.

    Args:
        assertions: of the document.
        pointer: of the schema that has the `unevaluated` keyword.
        at: the place.
        holds: the truth of a part of the schema there.
    """

    def __init__(self, assertions: Assertions, pointer: str, at: Location, holds: Holds) -> None:
        self.assertions, self.pointer, self.at, self.holds = assertions, pointer, at, holds

    def member(self, name: str) -> Term:
        """Whether a known member is evaluated."""

        def own(schema: dict[str, Any]) -> Term:
            patterns = schema.get("patternProperties", ())
            return name in schema.get("properties", ()) or any(dialect.matches(each, name) for each in patterns)

        return self._any(self.pointer, own, ("additionalProperties", "unevaluatedProperties"), frozenset())

    def slot(self, slot: Slot) -> Term:
        """Whether a member of unknown name is evaluated."""

        def own(schema: dict[str, Any]) -> Term:
            return disj(slot.name.satisfies(texts.pattern(each)) for each in schema.get("patternProperties", ()))

        return self._any(self.pointer, own, ("additionalProperties", "unevaluatedProperties"), frozenset())

    def item(self, index: int, satisfies: Callable[[str], Term]) -> Term:
        """Whether an item is evaluated; `satisfies` is the truth of a schema for the item."""
        contains: dict[int, str] = {}

        def own(schema: dict[str, Any]) -> Term:
            if index < len(schema.get("prefixItems", ())):
                return True
            where = contains.get(id(schema))
            return satisfies(where) if where is not None else False

        for pointer, schema in self._reached(self.pointer, frozenset()):
            if "contains" in schema:
                contains[id(schema)] = f"{pointer}/contains"
        return self._any(self.pointer, own, ("items", "unevaluatedItems"), frozenset())

    def _schema(self, pointer: str) -> dict[str, Any]:
        found = pointers.look_up(self.assertions.document, pointers.parse(pointer))
        if isinstance(found, dict) and "$dynamicRef" in found:
            raise NotStatic(pointer)
        return found if isinstance(found, dict) else {}

    def _parts(self, pointer: str, schema: dict[str, Any]) -> Iterator[tuple[Term, str]]:
        """The schemas that apply to the same place, with when they count."""
        if isinstance(schema.get("$ref"), str):
            yield True, schema["$ref"].removeprefix("#")
        for index in range(len(schema.get("allOf", ()))):
            yield True, f"{pointer}/allOf/{index}"
        for keyword in ("anyOf", "oneOf"):
            for index in range(len(schema.get(keyword, ()))):
                yield self.holds(f"{pointer}/{keyword}/{index}"), f"{pointer}/{keyword}/{index}"
        if "if" in schema:
            condition = self.holds(f"{pointer}/if")
            yield condition, f"{pointer}/if"
            for keyword, active in (("then", condition), ("else", neg(condition))):
                if keyword in schema:
                    yield active, f"{pointer}/{keyword}"
        for name in schema.get("dependentSchemas", ()):
            child = self.at.members.get(name)
            if child is not None:
                yield child.exists, f"{pointer}/dependentSchemas{pointers.text((name,))}"

    def _any(
        self, pointer: str, own: Callable[[dict[str, Any]], Term], rest: tuple[str, str], seen: frozenset[str]
    ) -> Term:
        if pointer in seen:
            return False
        schema = self._schema(pointer)
        ways: list[Term] = [own(schema)]
        if any(each in schema for each in (rest if seen else rest[:1])):
            ways.append(True)
        for counts, part in self._parts(pointer, schema):
            ways.append(conj((counts, self._any(part, own, rest, seen | {pointer}))))
        return disj(ways)

    def _reached(self, pointer: str, seen: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        if pointer in seen:
            return
        schema = self._schema(pointer)
        yield pointer, schema
        for _, part in self._parts(pointer, schema):
            yield from self._reached(part, seen | {pointer})
