"""A list holds a certain item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, text
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, read_all
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, one_place, values
from preroll.violation import Because


@dataclass(frozen=True, slots=True)
class Contains(Hasty):
    """
    The list at `array`, unless it is empty, holds an item whose `member` is one of `values`, under `when`.

    `expected` is `{"member", "values"}`.
    """

    name: ClassVar[str] = "contains"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "array": Parameter(one_place),
        "member": Parameter(one_place),
        "values": Parameter(values),
        "when": Parameter(read_all, ()),
    }

    array: Path
    member: Path
    values: tuple[Any, ...]
    when: tuple[Condition, ...] = ()

    def touches(self) -> tuple[Path, ...]:
        """The list."""
        return (self.array,)

    def clear(self) -> dict[str, Any] | None:
        """A list with the item, or an empty one; or other conditions."""
        item = clearance.given(self.member, {"enum": list(self.values)})
        there = item and {"anyOf": [{"not": {"type": "array"}}, {"maxItems": 0}, {"contains": item}]}
        return clearance.unless(self.when, clearance.at(self.array, there) if there else None)

    def schema(self) -> dict[str, Any] | None:
        """A list that is not empty holds the item, where the conditions hold."""
        item = exactly.exists(self.member, exactly.one_of(self.values))
        listed = {"if": {"type": "array", "minItems": 1}, "then": {"contains": item}}
        return None if "*" in self.array else exactly.when(self.when, clearance.at(self.array, listed))

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The list, where the item is missing."""
        items = places.get(instance, self.array)
        if not isinstance(items, list) or not items:
            return
        held = [places.get(each, self.member) for each in items]
        if any(places.same(each, value) for each in held for value in self.values):
            return
        if all_satisfied(self.when, instance):
            members = tuple((*self.array, index, *self.member) for index in range(len(items)))
            yield Finding(
                self.array,
                also=tuple(path for path in members if places.get(instance, path) is not ABSENT),
                because=(
                    *(each.because(instance) for each in self.when),
                    *(
                        Because(text(path), Literal("required", places.name(path), False))
                        for path in members
                        if places.get(instance, path) is ABSENT
                    ),
                ),
                expected={"member": places.name(self.member), "values": list(self.values)},
                actual=items,
            )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "no item has the position first"."""
        return f"no item has the {expected['member']} {' or '.join(map(places.written, expected['values']))}"
