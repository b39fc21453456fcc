"""Something excludes something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, needed, read_all
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, one_of, one_place


@dataclass(frozen=True, slots=True)
class Forbids(Hasty):
    """
    When every condition of `when` holds, none of `refuse` does.

    `effect` says what happens otherwise: `refused` or `ignored` (it has no effect). Each place that should
    not be so is a finding. With `each` the places are relative to every item of a list. `expected` is
    `{"name", "value", "effect"}`; `value` is absent where the place may not be given at all.
    """

    name: ClassVar[str] = "forbids"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "when": Parameter(read_all),
        "refuse": Parameter(read_all),
        "effect": Parameter(one_of("refused", "ignored"), "refused"),
        "each": Parameter(one_place, ()),
    }

    when: tuple[Condition, ...]
    refuse: tuple[Condition, ...]
    effect: str = "refused"
    each: Path = ()

    def touches(self) -> tuple[Path, ...]:
        """A place that the conditions need, else the places that may be refused."""
        if self.each:
            return (places.root(self.each),)
        first = needed(self.when)
        return (first,) if first is not None else tuple(places.root(each.place) for each in self.refuse)

    def clear(self) -> dict[str, Any] | None:
        """Some condition does not hold, or nothing that is refused is there."""
        none = clearance.every(
            None if found is None else {"not": found} for found in map(clearance.standing, self.refuse)
        )
        return clearance.at(self.each, clearance.unless(self.when, none))

    def schema(self) -> dict[str, Any] | None:
        """Where the conditions hold, nothing that is refused is there."""
        found = exactly.when(self.when, exactly.every(map(exactly.refused, self.refuse)))
        return None if found is None else clearance.at(self.each, found)

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every place that should not be so."""
        for prefix, item in places.found(instance, self.each) if self.each else (((), instance),):
            if not all_satisfied(self.when, item):
                continue
            for refused in self.refuse:
                for path in refused.places(item):
                    value = places.get(item, path)
                    yield Finding(
                        (*prefix, *path),
                        because=tuple(each.because(item, prefix) for each in self.when),
                        expected={
                            "name": places.name(path),
                            **({} if refused.test == "given" else {"value": value}),
                            "effect": self.effect,
                        },
                        actual=value,
                    )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "b cannot be given here", "c cannot be true here", "d has no effect here"."""
        if expected["effect"] == "ignored":
            return f"{expected['name']} has no effect here"
        if "value" in expected:
            return f"{expected['name']} cannot be {places.written(expected['value'])} here"
        return f"{expected['name']} cannot be given here"
