"""
Conditions: what must be given, or have which value, for a rule to bite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preroll.pointer import ABSENT, Path, text
from preroll.rules import place as places
from preroll.violation import Because

if TYPE_CHECKING:
    from preroll.formula import Literal

TESTS = ("given", "is", "in", "is-not", "not-in", "above")


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One test of one place.

    Attributes:
        place: where to look; with `*` the condition holds if it holds for some item.
        test: `given` (the place exists), `in` (its value is one of `values`) or `above` (it is a greater
        number). values: the values of `in`; the one bound of `above`; empty for `given`.
        holds: False for the negation (absent; none of the values).
        default: the documented value that stands in for an absent one, else `ABSENT`; without a default an
            absent place satisfies neither `in` nor its negation.
    """

    place: Path
    test: str
    values: tuple[Any, ...] = ()
    holds: bool = True
    default: Any = ABSENT

    def satisfied(self, instance: Any) -> bool:
        """Whether the condition holds in `instance`."""
        if self.test == "given":
            if "*" not in self.place:
                return (places.get(instance, self.place) is not ABSENT) is self.holds
            return any(True for _ in places.found(instance, self.place)) is self.holds
        return next(self._matches(instance), None) is not None

    def because(self, instance: Any, prefix: Path = ()) -> Because:
        """The condition as a fact about `instance`, which stands at `prefix`; it must be satisfied."""
        path, actual = next(self._matches(instance), (self.place, ABSENT))
        return Because(
            text((*prefix, *path)),
            self.literal(),
            actual,
            self.default if actual is ABSENT else ABSENT,
        )

    def literal(self) -> Literal:
        """The condition as an assertion."""
        from preroll.formula import Literal  # only findings speak in formulas; the start-up path has none

        if self.test == "given":
            return Literal("required", places.name(self.place), self.holds)
        if self.test == "above":
            return Literal("exclusiveMinimum", self.values[0], self.holds)
        return Literal("enum", self.values, self.holds)

    def places(self, instance: Any) -> Iterator[Path]:
        """The existing places that satisfy the condition."""
        for path, value in self._matches(instance):
            if value is not ABSENT:
                yield path

    def _matches(self, instance: Any) -> Iterator[tuple[Path, Any]]:
        present = False
        for path, value in places.found(instance, self.place):
            present = True
            if self.test == "given":
                if self.holds:
                    yield path, value
            elif self.fits(value):
                yield path, value
        if not present and self.default is not ABSENT and self.fits(self.default):
            yield self.place, ABSENT

    def fits(self, value: Any) -> bool:
        """Whether a value at the place would satisfy the condition; not for `given`."""
        if self.test == "above":
            number, bound = places.exact(value), places.exact(self.values[0])
            return number is not None and bound is not None and (number > bound) is self.holds
        return any(places.same(value, each) for each in self.values) is self.holds


def read(value: Any) -> Condition:
    """
    Read a condition: `{place: POINTER}` with one of `given`, `is`, `in`, `is-not`, `not-in`, `above`, and
    optionally `default`; `{place: POINTER}` alone says that the place is given.

    Raises:
        ValueError: a key is unknown, missing or of the wrong type.
    """
    if not isinstance(value, Mapping) or "place" not in value:
        raise ValueError(f"{value!r} is not a condition: it needs a `place`")
    tests = [each for each in TESTS if each in value]
    unknown = [each for each in value if each not in (*TESTS, "place", "default")]
    if unknown or len(tests) > 1:
        wrong = f"it does not know `{unknown[0]}`" if unknown else "it has several tests"
        raise ValueError(f"{dict(value)!r} is not a condition: {wrong}; tests are {', '.join(TESTS)}")
    path, default = places.read(value["place"]), value.get("default", ABSENT)
    test = tests[0] if tests else "given"
    argument = value.get(test, True)
    match test:
        case "given":
            if not isinstance(argument, bool):
                raise ValueError("`given` is true or false")
            return Condition(path, "given", holds=argument)
        case "is" | "is-not":
            return Condition(path, "in", (argument,), test == "is", default)
        case "above":
            if places.exact(argument) is None:
                raise ValueError("`above` is a number")
            return Condition(path, "above", (argument,), True, default)
        case _:
            if not isinstance(argument, list) or not argument:
                raise ValueError(f"`{test}` is a list of values")
            return Condition(path, "in", tuple(argument), test == "in", default)


def read_all(value: Any) -> tuple[Condition, ...]:
    """
    Read a list of conditions, all of which must hold.

    Raises:
        ValueError: it is no list, or one of them is no condition.
    """
    if not isinstance(value, list):
        raise ValueError("it is not a list of conditions")
    return tuple(map(read, value))


def all_satisfied(conditions: Iterable[Condition], instance: Any) -> bool:
    """Whether every condition holds; true of none."""
    for each in conditions:  # noqa: SIM110  # the hot path: a generator costs more than the test
        if not each.satisfied(instance):
            return False
    return True


def needed(conditions: Iterable[Condition]) -> Path | None:
    """A place that must exist for the conditions to hold, or None where they may hold without any."""
    for each in conditions:
        if (each.test == "given" and each.holds) or (each.test != "given" and each.default is ABSENT):
            return places.root(each.place)
        if each.test != "given" and not each.fits(each.default):
            return places.root(each.place)
    return None
