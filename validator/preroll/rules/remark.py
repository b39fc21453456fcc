"""Something worth knowing about a valid payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, needed, read_all
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, one_place, text


@dataclass(frozen=True, slots=True)
class Remark(Hasty):
    """When every condition of `when` holds, `text` is said at `place`; `expected` is `{"text"}`."""

    name: ClassVar[str] = "remark"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "when": Parameter(read_all),
        "place": Parameter(one_place),
        "text": Parameter(text),
    }

    when: tuple[Condition, ...]
    place: Path
    text: str

    def touches(self) -> tuple[Path, ...]:
        """A place that the conditions need."""
        return (needed(self.when) or (),)

    def clear(self) -> dict[str, Any] | None:
        """Some condition does not hold."""
        return clearance.unless(self.when)

    def schema(self) -> dict[str, Any] | None:
        """There is nothing to remark: some condition does not hold."""
        return exactly.when(self.when, {"not": {}})

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The remark, where its conditions hold."""
        if all_satisfied(self.when, instance):
            yield Finding(
                self.place,
                because=tuple(each.because(instance) for each in self.when if each.place != self.place),
                expected={"text": self.text},
                actual=places.get(instance, self.place),
            )

    def say(self, expected: Any, actual: Any) -> str:
        """The text."""
        return str(expected["text"])
