"""
Likeness: which payloads no assertion of a schema can tell apart.

Two payloads are *alike* if they have the same shape, the same value wherever the schema names values, and elsewhere
values of which every assertion says the same. Then every formula of the schema has one truth in both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from preroll import dialect
from preroll.evaluation import Truth
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single

Likeness = Callable[[Any], Hashable]
"""Gives the same for all values of one place that are alike."""

_STRUCTURE: Final = frozenset(
    ("required", "closed", "minProperties", "maxProperties", "minItems", "maxItems", "type", "false")
)
"""What the shape of a payload decides alone."""

_OF_NUMBERS: Final = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
_TEXT: Final = ("text",)
MAX_SHAPES: Final = 1_000
"""Sets of names that are kept of the objects at one place."""

MAX_READ: Final = 20_000
"""Formulas that are read of one schema; where definitions lead into each other there is no end of places."""

_EXACT: Final = 1 << 53
"""Up to here every whole number is a float."""


@dataclass(slots=True)
class Place:
    """
    What a formula asserts at one place, whatever the conditions.

    Attributes:
        tests: assertions about the value.
        named: the values that the formula names there (by their JSON text), of which each is its own case.
        whole: whether nothing but the value itself will do.
        inner, items: the places below.
    """

    tests: dict[str, Literal] = field(default_factory=dict)
    named: bool = False
    whole: bool = False
    inner: dict[str, Place] = field(default_factory=dict)
    items: Place | None = None


class Reader:
    """
    Reads the places out of a formula, and tells what is alike at them.

    Args:
        truth: the interpreter of the document's formulas.
        formula: what is asserted.
        strangers: whether values of which the formula says nothing matter, too: they may have been meant for another
            place.
    """

    def __init__(self, truth: Truth, formula: Formula, *, strangers: bool = True) -> None:
        self._truth = truth
        self._open: set[tuple[str, bool]] = set()
        self._anywhere: dict[str, Literal] = {}
        self._named: set[str] = set()
        self._left = MAX_READ
        self._unread = False
        self.root = Place()
        self._read(formula, self.root)
        self._unplaced = _anything if not strangers else exactly if self._unread else self._stranger()
        self._members: dict[str, Likeness] = {}

    def _read(self, formula: Formula, place: Place) -> None:
        if not self._left:
            place.whole = self._unread = True
            return
        self._left -= 1
        match formula:
            case Literal(test, argument):
                self._literal(test, argument, place)
            case Every(parts) | Either(parts) | Single(parts):
                for part in parts:
                    self._read(part, place)
            case At(key, body) | In(key, body) if isinstance(key, str):
                self._read(body, place.inner.setdefault(key, Place()))
            case At(_, body) | In(_, body) | Items(body):
                place.items = place.items or Place()
                self._read(body, place.items)
            case Members(body):
                place.whole = True
                self._read(body, Place())  # for strangers, which may belong there
            case Opaque():
                place.whole = self._unread = True
            case Ref(pointer, holds):
                if (pointer, holds) in self._open:
                    place.whole = True  # it leads back into itself: as deep as any payload
                    return
                self._open.add((pointer, holds))
                self._read(self._truth.assertions.deref(formula), place)
                self._open.discard((pointer, holds))

    def _literal(self, test: str, argument: Any, place: Place) -> None:
        if test == "enum":
            place.named = True
            place.whole = place.whole or any(isinstance(each, (dict, list)) for each in argument)
            self._named.update(_texts(argument))
        elif test not in _STRUCTURE:
            name = f"{test} {argument!r}"
            place.tests[name] = self._anywhere.setdefault(name, Literal(test, argument))

    def of_member(self, name: str) -> Likeness:
        """What tells payloads apart by a member of that name."""
        place = self.root.inner.get(name)
        if place is None:
            return self._unplaced
        found = self._members.get(name)
        if found is None:
            found = self._members[name] = self._of(place)
        return found

    def is_known(self, path: Iterable[str | int]) -> bool:
        """Whether values are alike at a place by what the formula says of it, and not by all that it says anywhere."""
        place: Place | None = self.root
        for step in path:
            if place is None or place.whole:
                return False
            place = place.inner.get(step) if isinstance(step, str) else place.items
        return place is not None

    def is_named(self, name: str) -> bool:
        """Whether payloads that are alike have the same value of a member."""
        place = self.root.inner.get(name)
        return self.root.whole or (place is not None and (place.named or place.whole))

    def _of(self, place: Place | None) -> Likeness:
        if place is None:
            return self._unplaced
        if place.whole:
            return exactly
        of_text = None if place.named else self._of_text(place.tests.values())
        of_number = exactly if place.named else self._of_number(place.tests.values())
        if not place.inner and place.items is None:
            return _of_leaf(of_text, of_number, self._of_any(place, of_number))
        return self._of_any(place, of_number, of_text)

    def _of_any(self, place: Place, of_number: Likeness, of_text: Likeness | None = None) -> Likeness:
        """The same for all values that are alike at a place, texts by `of_text` or (where that is None) as they are."""
        known = {name: self._of(each) for name, each in place.inner.items()}
        unplaced, items = self._unplaced, self._of(place.items)
        lists = [self._truth.test(each) for each in place.tests.values() if each.test == "uniqueItems"]
        shapes: dict[tuple[str, ...], tuple[Likeness, ...]] = {}

        def alike(value: Any) -> Hashable:
            if isinstance(value, dict):
                names = tuple(value)
                inner = shapes.get(names)
                if inner is None:
                    inner = tuple([known.get(name, unplaced) for name in names])
                    if len(shapes) < MAX_SHAPES:
                        shapes[names] = inner
                return ("object", names, *[each(one) for each, one in zip(inner, value.values(), strict=True)])
            if isinstance(value, list):
                return ("array", *[each(value) for each in lists], *map(items, value))
            if isinstance(value, str):
                return value if of_text is None else of_text(value)
            if value is None or isinstance(value, bool):
                return value, "literal"
            return of_number(value)

        return alike

    def _of_text(self, tests: Iterable[Literal]) -> Likeness:
        """The same for all texts of which some assertions say the same."""
        ends: set[int] = set()
        likenesses: list[Likeness] = []
        for each in tests:
            if each.test in ("minLength", "maxLength") and type(each.argument) is int:
                ends.add(each.argument + (each.test == "maxLength"))
            elif each.test == "pattern":
                likenesses.append(dialect.pattern_engine(each.argument).is_valid)
            elif each.test == "format" and each.argument in dialect.FORMATS:
                likenesses.append(dialect.format_engine(each.argument).is_valid)
            elif each.test in ("minLength", "maxLength"):
                likenesses.append(self._truth.test(each))
        if ends:
            limits = sorted(ends)
            likenesses.append(lambda text: bisect_right(limits, len(text)))
        if len(likenesses) == 1:
            return likenesses[0]
        return lambda text: ("text", *[each(text) for each in likenesses]) if likenesses else _TEXT

    def _of_number(self, tests: Iterable[Literal]) -> Likeness:
        """The same for all numbers of which some assertions say the same."""
        listed = [each for each in tests if each.test in _OF_NUMBERS]
        likenesses = [self._truth.test(each) for each in listed]
        divided = any(each.test == "multipleOf" for each in listed)

        def alike(value: Any) -> Hashable:
            # Where the engine reckons with floats it may find what is not exactly so.
            if not -_EXACT <= value <= _EXACT or (divided and type(value) is not int):
                return exactly(value)
            name = "integer" if type(value) is int else dialect.type_name(value)
            return (name, *[each(value) for each in likenesses])

        return alike

    def _stranger(self) -> Likeness:
        """
        What tells values apart at places of which nothing is known.

        They may belong elsewhere, so all that is known anywhere counts.
        """
        of_text, named = self._of_text(self._anywhere.values()), self._named
        lists = [self._truth.test(each) for each in self._anywhere.values() if each.test == "uniqueItems"]

        def alike(value: Any) -> Hashable:
            if isinstance(value, str):
                return value if value in named else ("text", of_text(value))
            if isinstance(value, dict):
                return ("object", *value, *map(alike, value.values()))
            if isinstance(value, list):
                return ("array", *[each(value) for each in lists], *map(alike, value))
            return (value, "literal") if value is None or isinstance(value, bool) else exactly(value)

        return alike


def _of_leaf(of_text: Likeness | None, of_number: Likeness, of_any: Likeness) -> Likeness:
    """The same as `of_any`, for places where nearly all values are texts and numbers."""

    def alike(value: Any) -> Hashable:
        kind = type(value)
        if kind is str:
            return value if of_text is None else of_text(value)
        return of_number(value) if kind is int else of_any(value)

    return alike


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """The texts in some values, however deep."""
    for each in values:
        if isinstance(each, str):
            yield each
        elif isinstance(each, (dict, list)):
            yield from _texts(each.values() if isinstance(each, dict) else each)


def _anything(value: Any) -> Hashable:
    del value
    return None


def exactly(value: Any) -> Hashable:
    """The same for equal values alone."""
    if type(value) is int:
        return "int", value
    if isinstance(value, dict):
        return ("object", *value, *map(exactly, value.values()))
    if isinstance(value, list):
        return ("array", *map(exactly, value))
    # 1, 1.0 and true are equal as keys.
    return type(value).__name__, value if not isinstance(value, Decimal) else str(value)
