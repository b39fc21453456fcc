"""No two items of a list share a member's value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, parse, spoken, text
from preroll.rules import clearance
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, read_all
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, Test, anything, mapping, one_place
from preroll.violation import Because


@dataclass(frozen=True, slots=True)
class UniqueBy(Hasty):
    """
    The items of `array` differ in their member `by`.

    `alike` maps spellings to one meaning (`first: 0`, `last: -1`); `absent` is the value of an item without
    the member, where the vendor says one. Items that are no objects, or have none, are passed over. The
    finding stands at the later member; `expected` is `{"first", "meaning"}`.
    """

    name: ClassVar[str] = "unique-by"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "array": Parameter(one_place),
        "by": Parameter(one_place),
        "alike": Parameter(mapping, None),
        "absent": Parameter(anything, ABSENT),
        "when": Parameter(read_all, ()),
    }

    array: Path
    by: Path
    alike: Mapping[str, Any] | None = None
    absent: Any = ABSENT
    when: tuple[Condition, ...] = ()

    def touches(self) -> tuple[Path, ...]:
        """The list."""
        return (self.array,)

    def clear(self) -> dict[str, Any] | None:
        """At most one item; or two, of which only one has a meaning that is spelt in several ways."""
        ways: list[dict[str, Any]] = [{"maxItems": 1}]
        for meaning in {str(each): each for each in (self.alike or {}).values()}.values():
            spelt = [meaning, *(name for name, each in (self.alike or {}).items() if each == meaning)]
            one = clearance.given(self.by, {"enum": spelt})
            other = clearance.given(self.by, {"type": ["string", "number"], "not": {"enum": spelt}})
            if one is not None and other is not None:
                ways += [{"maxItems": 2, "prefixItems": pair} for pair in ([one, other], [other, one])]
        return clearance.unless(self.when, clearance.at(self.array, {"anyOf": ways}))

    def schema(self) -> dict[str, Any] | None:
        """None: JSON Schema compares whole items only."""
        return None

    def hasty(self) -> Test | None:
        """Members that are texts or whole numbers, and all differ."""
        if len(self.by) != 1:
            return None
        items_of, name, alike = places.getter(self.array), self.by[0], dict(self.alike or {})

        def quiet(instance: Any) -> bool:
            items = items_of(instance)
            if type(items) is not list:
                return items is ABSENT
            seen = set()
            for item in items:
                value: Any = item.get(name) if type(item) is dict else None
                kind = type(value)
                if kind is str:
                    value = alike.get(value, value)
                elif kind is not int:
                    return False
                seen.add(value)
            return len(seen) == len(items)

        return quiet

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every later item that repeats an earlier one."""
        items = places.get(instance, self.array)
        if (
            not isinstance(items, list) or len(items) < 2 or not all_satisfied(self.when, instance)
        ):  # one item cannot repeat
            return
        seen: dict[Any, tuple[Path, Any]] = {}
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                continue
            value = places.get(item, self.by)
            path: Path = (*self.array, index, *self.by)
            if value is ABSENT:
                value, path = self.absent, (*self.array, index)
            if value is ABSENT or isinstance(value, (dict, list)):
                continue
            meaning = value
            if self.alike and isinstance(value, str):
                meaning = self.alike.get(value, value)
            first, stood = seen.setdefault((isinstance(meaning, bool), meaning), (path, value))
            if first != path:
                yield Finding(
                    path,
                    also=(first,),
                    because=(
                        Because(text(first), Literal("enum", (stood,)), stood),
                        *(each.because(instance) for each in self.when),
                    ),
                    expected={"first": text(first), "stood": stood},
                    actual=value,
                )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "0 means the same as first, which keys[0].place has"."""
        value, stood = places.written(actual), places.written(expected["stood"])
        if value == stood:
            return f"{value} is already used by {spoken(parse(expected['first']))}"
        return f"{value} means the same as {stood}, which {spoken(parse(expected['first']))} has"
