"""A text is one of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, many_places, texts


@dataclass(frozen=True, slots=True)
class Listed(Hasty):
    """Texts at `places` are one of `values`; other types are passed over. `expected` is `{"values"}`."""

    name: ClassVar[str] = "listed"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "places": Parameter(many_places),
        "values": Parameter(texts),
    }

    places: tuple[Path, ...]
    values: tuple[str, ...]

    def touches(self) -> tuple[Path, ...]:
        """The places, or the lists that hold them."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """Listed texts, and what is no text."""
        look = {"anyOf": [{"enum": list(self.values)}, {"not": {"type": "string"}}]}
        return {"allOf": [clearance.at(each, look) for each in self.places]}

    def schema(self) -> dict[str, Any] | None:
        """Texts are listed; what is no text is not looked at."""
        look = {"if": {"type": "string"}, "then": {"enum": list(self.values)}}
        return exactly.texts(self.places, look)

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every text that is not listed."""
        for place in self.places:
            for path, value in places.found(instance, place):
                if isinstance(value, str) and value not in self.values:
                    yield Finding(
                        path,
                        expected={"values": list(self.values)},
                        actual=value,
                        allowed=_nearest(value, self.values),
                    )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "banana is not one of first, last"."""
        return f"{actual or 'the empty text'} is not one of {', '.join(expected['values'])}"


def _nearest(value: str, values: tuple[str, ...]) -> tuple[str, ...]:
    from difflib import SequenceMatcher  # only a broken rule pays for it

    def distance(each: str) -> float:
        return -SequenceMatcher(None, value.casefold(), each.casefold()).ratio()

    return tuple(sorted(values, key=distance))
