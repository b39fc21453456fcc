"""No value stands at two of the places: within a payload, or across the tasks of a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, parse, spoken, text
from preroll.rules import clearance
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, Test, many_places, one_of
from preroll.violation import Because

_PARAMETERS: Mapping[str, Parameter] = {
    "places": Parameter(many_places),
    "fold": Parameter(one_of("case"), ""),
}


def _repeats(found: Iterator[tuple[Path, Any]], fold: str) -> Iterator[Finding]:
    seen: dict[Any, Path] = {}
    for path, value in found:
        if isinstance(value, (dict, list)):
            continue
        key = value.casefold() if fold and isinstance(value, str) else value
        marked = (isinstance(key, bool), key)  # true is not 1
        first = seen.setdefault(marked, path)
        if first != path:
            yield Finding(
                path,
                also=(first,),
                because=(Because(text(first), Literal("enum", (value,)), value),),
                expected={"first": text(first), "fold": fold},
                actual=value,
            )


@dataclass(frozen=True, slots=True)
class Unique(Hasty):
    """
    The values at `places` all differ within one payload; `fold: case` compares text without case.

    Every repeat is a finding, and `expected["first"]` is where the value stood first.
    """

    name: ClassVar[str] = "unique"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = _PARAMETERS

    places: tuple[Path, ...]
    fold: str = ""

    def touches(self) -> tuple[Path, ...]:
        """The lists (or places) whose values are compared."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """A list of at most one item, where one list is all there is."""
        if len(self.places) != 1 or self.places[0].count("*") != 1:
            return None
        return clearance.at(places.root(self.places[0]), {"maxItems": 1})

    def schema(self) -> dict[str, Any] | None:
        """None: JSON Schema compares whole items only."""
        return None

    def hasty(self) -> Test | None:
        """One list of objects whose members are texts that all differ."""
        place = self.places[0]
        if len(self.places) != 1 or len(place) < 2 or place[-2] != "*" or place.count("*") != 1:
            return None
        items_of, name, fold = places.getter(place[:-2]), place[-1], bool(self.fold)

        def quiet(instance: Any) -> bool:
            items = items_of(instance)
            if type(items) is not list:
                return items is ABSENT
            seen = set()
            for item in items:
                value = item.get(name) if type(item) is dict else None
                if type(value) is not str:
                    return False
                seen.add(value.casefold() if fold else value)
            return len(seen) == len(items)

        return quiet

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every later occurrence of a value."""
        found = (each for path in self.places for each in places.found(instance, path))
        yield from _repeats(found, self.fold)

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "a is already used by parts[0].name"."""
        return f"{places.written(actual)} is already used by {spoken(parse(expected['first']))}"


@dataclass(frozen=True, slots=True)
class UniqueAcross(Hasty):
    """
    The values at `places` of all tasks of a request differ; `fold: case` compares text without case.

    The instance is the list of tasks and paths begin with the index of a task.
    """

    name: ClassVar[str] = "unique-across-request"
    scope: ClassVar[str] = "request"
    parameters: ClassVar[Mapping[str, Parameter]] = _PARAMETERS

    places: tuple[Path, ...]
    fold: str = ""

    def touches(self) -> tuple[Path, ...]:
        """The places in one task."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """No task alone can repeat another's value; a request of several is asked."""
        return {}

    def schema(self) -> dict[str, Any] | None:
        """None: JSON Schema compares whole items only."""
        return None

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every later occurrence of a value."""
        if not isinstance(instance, list) or len(instance) < 2:  # one task cannot repeat
            return
        yield from _repeats(self._found(instance), self.fold)

    def _found(self, tasks: list[Any]) -> Iterator[tuple[Path, Any]]:
        for index, task in enumerate(tasks):
            for place in self.places:
                for path, value in places.found(task, place):
                    yield (index, *path), value

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "aac4... is already used by task 0"."""
        return f"{places.written(actual)} is already used by task {parse(expected['first'])[0]}"
