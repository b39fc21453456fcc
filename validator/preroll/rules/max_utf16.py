"""A text is at most so many UTF-16 code units long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, count, many_places


@dataclass(frozen=True, slots=True)
class MaxUtf16(Hasty):
    """
    The texts at `places` have at most `most` UTF-16 code units; a character beyond U+FFFF has two.

    `max_length` is the schema's own limit in code points, where it has one: texts beyond it are the schema's
    to report. `expected` is `{"most", "units"}`.
    """

    name: ClassVar[str] = "max-utf16"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "places": Parameter(many_places),
        "most": Parameter(count),
        "max-length": Parameter(count, None),
    }

    places: tuple[Path, ...]
    most: int
    max_length: int | None = None

    def touches(self) -> tuple[Path, ...]:
        """The texts."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """Texts of half the length: they cannot reach it even if every character takes two units."""
        return {"allOf": [clearance.at(each, {"maxLength": self.most // 2}) for each in self.places]}

    def schema(self) -> dict[str, Any] | None:
        """None: JSON Schema counts code points."""
        return None

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every text that is too long."""
        for place in self.places:
            for path, value in places.found(instance, place):
                # Half the limit cannot reach it even if every character takes two units.
                if not isinstance(value, str) or len(value) * 2 <= self.most:
                    continue
                if self.max_length is not None and len(value) > self.max_length:
                    continue
                units = len(value) + sum(each > "\uffff" for each in value)
                if units > self.most:
                    yield Finding(path, expected={"most": self.most, "units": units}, actual=value)

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "it is 1001 UTF-16 code units long, 1 more than the 1000 allowed"."""
        units, most = expected["units"], expected["most"]
        return f"it is {units} UTF-16 code units long, {units - most} more than the {most} allowed"
