"""The numbers at some places add up to the number at another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, text
from preroll.rules import expression
from preroll.rules import place as places
from preroll.rules.expression import Operand
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, Test, many_places
from preroll.violation import Because


def _operand(value: Any) -> Operand:
    read = expression.read(value)
    if not isinstance(read, Operand):
        raise ValueError(f"{value!r} is not a place")
    return read


@dataclass(frozen=True, slots=True)
class SumEquals(Hasty):
    """
    The sum over all `places` is the number at `equals` (or its default).

    A list that is there but empty sums to 0. The finding stands at the list; its `expected` is
    `{"sum", "equals", "name", "default"}`.
    """

    name: ClassVar[str] = "sum-equals"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "places": Parameter(many_places),
        "equals": Parameter(_operand),
    }

    places: tuple[Path, ...]
    equals: Operand

    def touches(self) -> tuple[Path, ...]:
        """The lists that are summed."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """Nothing short: sums and days are not for schemas."""
        return None

    def schema(self) -> dict[str, Any] | None:
        """None: JSON Schema does not add."""
        return None

    def hasty(self) -> Test | None:
        """One list of objects whose members are whole numbers that add up."""
        place = self.places[0]
        if len(self.places) != 1 or len(place) < 2 or place[-2] != "*" or place.count("*") != 1:
            return None
        items_of, name, wanted = places.getter(place[:-2]), place[-1], self.equals.value

        def quiet(instance: Any) -> bool:
            items = items_of(instance)
            if type(items) is not list:
                return items is ABSENT
            total = 0
            for item in items:
                number = item.get(name) if type(item) is dict else None
                if type(number) is not int:
                    return False
                total += number
            return total == wanted(instance)

        return quiet

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The list whose sum is wrong; silent where an item has no number, which the schema reports."""
        main: Path | None = None
        total: places.Number = 0
        for path in self.places:
            holder = places.get(instance, places.root(path))
            if holder is ABSENT:
                continue
            if "*" in path:
                if not isinstance(holder, list):
                    return
                item = path[path.index("*") + 1 :]
                numbers = [value for each in holder for _, value in _all(each, item)]
            else:
                numbers = [holder]
            main = main if main is not None else places.root(path)
            for each in numbers:
                number = places.exact(each)
                if number is None:
                    return
                total += number
        wanted = self.equals.value(instance)
        if main is None or wanted is None or total == wanted:
            return
        given = places.get(instance, self.equals.place)
        plain, short = places.plain(wanted), places.name(self.equals.place)
        default = plain if given is ABSENT else ABSENT
        yield Finding(
            main,
            also=() if given is ABSENT else (self.equals.place,),
            because=(Because(text(self.equals.place), Literal("enum", (plain,)), given, default),),
            expected={"sum": places.plain(total), "equals": plain, "name": short, "default": given is ABSENT},
            actual=places.get(instance, main),
        )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "the parts add up to 6, but duration is 5 by default"."""
        name, wanted = expected["name"], expected["equals"]
        by_default = " by default" if expected["default"] else ""
        return f"the parts add up to {expected['sum']}, but {name} is {wanted}{by_default}"


def _all(item: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """What `found` gives, with ABSENT for an item that lacks the place: a sum over holes is no sum."""
    some = False
    for each in places.found(item, path):
        some = True
        yield each
    if not some and "*" not in path:
        yield path, ABSENT
