"""A list has at most so many items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, read_all
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, count, one_place


@dataclass(frozen=True, slots=True)
class MaxItems(Hasty):
    """The list at `place` has at most `most` items, under `when`; `expected` is `{"most", "items"}`."""

    name: ClassVar[str] = "max-items"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "place": Parameter(one_place),
        "most": Parameter(count),
        "when": Parameter(read_all, ()),
    }

    place: Path
    most: int
    when: tuple[Condition, ...] = ()

    def touches(self) -> tuple[Path, ...]:
        """The list."""
        return (places.root(self.place),)

    def clear(self) -> dict[str, Any] | None:
        """A list that is short enough."""
        return clearance.at(self.place, {"maxItems": self.most})

    def schema(self) -> dict[str, Any] | None:
        """The list is short enough where the conditions hold."""
        return exactly.when(self.when, clearance.at(self.place, {"maxItems": self.most}))

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The list, where it is too long."""
        for path, value in places.found(instance, self.place):
            if isinstance(value, list) and len(value) > self.most and all_satisfied(self.when, instance):
                yield Finding(
                    path,
                    also=tuple((*path, index) for index in range(self.most, len(value))),
                    because=tuple(each.because(instance) for each in self.when),
                    expected={"most": self.most, "items": len(value)},
                    actual=value,
                )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "it has 2 items; at most 1 is supported"."""
        return f"it has {expected['items']} items; at most {expected['most']} is supported"
