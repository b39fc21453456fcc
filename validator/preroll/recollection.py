"""
Recollection: an explanation that was given once serves every payload that is wrong in the same way.

Whoever has a thousand faulty payloads has one faulty program, and the thousand differ in identifiers, prompts and
links. Two payloads are *alike* if they have the same shape, the same value wherever the schema names values, and
elsewhere values of which every assertion of the schema says the same. Then every formula has one truth in both, and
so has the explanation: only the values that it quotes differ, and those are read from the payload again.

A violation that lists what is allowed looks at the values that it is about; it is remembered for those values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from preroll import dialect, mending
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.diagnosis import Diagnosis, Slip
from preroll.evaluation import Truth
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, Path
from preroll.violation import KEYED, Because, Violation

Test = Callable[[Any], bool]

FIRST: Final = 8
"""Explanations that are given before any is remembered: one payload alone gains nothing."""

MAX_KINDS: Final = 2_000
"""Kinds of faulty payloads that are remembered of one schema; then the oldest is forgotten."""

MAX_VARIANTS: Final = 4
"""Explanations of one kind that are remembered for different values."""

_STRUCTURE: Final = frozenset(("required", "closed", "minProperties", "maxProperties", "type", "false"))
"""What the shape of a payload decides alone."""


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

    tests: dict[str, Test] = field(default_factory=dict)
    named: bool = False
    whole: bool = False
    inner: dict[str, Place] = field(default_factory=dict)
    items: Place | None = None


class Reader:
    """Reads the places out of a formula, and tells what is alike at them."""

    def __init__(self, assertions: Assertions, truth: Truth, formula: Formula) -> None:
        self._assertions, self._truth = assertions, truth
        self._open: set[tuple[str, bool]] = set()
        self._anywhere: dict[str, Test] = {}
        self._named: set[Hashable] = set()
        self.root = Place()
        self._read(formula, self.root)
        self._every = tuple(self._anywhere.values())

    def _read(self, formula: Formula, place: Place) -> None:
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
            case Members() | Opaque():
                place.whole = True
            case Ref(pointer, holds):
                if (pointer, holds) in self._open:
                    place.whole = True  # it leads back into itself: as deep as any payload
                    return
                self._open.add((pointer, holds))
                self._read(self._assertions.deref(formula), place)
                self._open.discard((pointer, holds))

    def _literal(self, test: str, argument: Any, place: Place) -> None:
        if test == "enum":
            place.named = True
            self._named.update(each for each in argument if isinstance(each, (str, int, float)))
        elif test not in _STRUCTURE:
            name = f"{test} {argument!r}"
            made = self._anywhere.get(name)
            if made is None:
                made = self._anywhere[name] = self._truth.test(Literal(test, argument))
            place.tests[name] = made

    def alike(self, value: Any) -> Hashable:
        """The same for all payloads that are alike."""
        return self._alike(value, self.root)

    def _alike(self, value: Any, place: Place | None) -> Hashable:
        if isinstance(value, dict):
            if place is not None and place.whole:
                return _exactly(value)
            inner = {} if place is None else place.inner
            members = (self._alike(each, inner.get(name)) for name, each in value.items())
            return ("object", *value, *members)
        if isinstance(value, list):
            if place is not None and place.whole:
                return _exactly(value)
            items = None if place is None else place.items
            tests = () if place is None else place.tests.values()
            return ("array", *(each(value) for each in tests), *(self._alike(each, items) for each in value))
        if value is None or isinstance(value, bool):
            return value, "literal"
        if place is None:
            # Nothing is known of it here; it may belong elsewhere, so all that is known anywhere counts.
            if not isinstance(value, str) or value in self._named:
                return _exactly(value)
            return ("text", *(each(value) for each in self._every))
        if place.whole or place.named:
            return _exactly(value)
        return (dialect.type_name(value), *(each(value) for each in place.tests.values()))


def _exactly(value: Any) -> Hashable:
    if isinstance(value, dict):
        return ("object", *value, *map(_exactly, value.values()))
    if isinstance(value, list):
        return ("array", *map(_exactly, value))
    # 1, 1.0 and true are equal as keys.
    return type(value).__name__, value if not isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class Remembered:
    """
    An explanation: violations, the slips that were mended first, and the values that it holds for.

    Attributes:
        pinned: places with the values that they must have.
    """

    violations: tuple[Violation, ...]
    slips: tuple[Slip, ...]
    pinned: tuple[tuple[Path, Any], ...]


class Memory:
    """What has been explained of one schema; bounded."""

    def __init__(self, truth: Truth, formula: Formula) -> None:
        self._truth, self._formula = truth, formula
        self._reader: Reader | None = None
        self._seen = 0
        self._kinds: dict[Hashable, tuple[Remembered, ...]] = {}

    def violations(self, found: Diagnosis) -> tuple[Violation, ...]:
        """The violations of `found`, whose slips and mended copy are set as if it had explained them itself."""
        self._seen += 1
        if self._seen <= FIRST:
            return tuple(found.violations())
        if self._reader is None:
            self._reader = Reader(self._truth.assertions, self._truth, self._formula)
        key = (found.base, self._reader.alike(found.task))
        known = self._kinds.get(key, ())
        for each in known:
            if all(_same(pointers.look_up(found.task, path), value) for path, value in each.pinned):
                return _recalled(each, found)
        violations = tuple(found.violations())
        made = _remembered(found, violations)
        if made is not None and len(known) < MAX_VARIANTS:
            if len(self._kinds) >= MAX_KINDS:
                self._kinds.pop(next(iter(self._kinds)), None)
            self._kinds[key] = (*known, made)
        return violations


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _remembered(found: Diagnosis, violations: tuple[Violation, ...]) -> Remembered | None:
    """The explanation as it can be given again; None where something in it cannot be read from a payload."""
    if not violations or not all(_is_readable(each, found) for each in violations):
        return None
    pinned: dict[Path, Any] = {}
    for each in _all(violations):
        if each.allowed and each.kind not in KEYED:
            for pointer in (each.pointer, *each.also):
                path = _path(pointer, found)
                pinned[path] = pointers.look_up(found.task, path)
    return Remembered(violations, tuple(found.slips), tuple(pinned.items()))


def _all(violations: tuple[Violation, ...]) -> Iterator[Violation]:
    for each in violations:
        yield each
        yield from _all(each.causes)


def _recalled(each: Remembered, found: Diagnosis) -> tuple[Violation, ...]:
    for slip in each.slips:
        found.slips.append(slip)
        found.mended = mending.moved(found.mended, slip.wrong, slip.right)
    return tuple(_reread(violation, found) for violation in each.violations)


def _path(pointer: str, found: Diagnosis) -> Path:
    return pointers.parse(pointer)[len(found.base) :]


def _read(pointer: str, found: Diagnosis) -> Any:
    """What stands at a place of the payload, as it was explained: with plain slips mended."""
    path = _path(pointer, found)
    for slip in found.slips:
        wrong = tuple(map(str, slip.wrong))
        if path[: len(wrong)] == wrong:
            path = (*slip.right, *path[len(wrong) :])
    return pointers.look_up(found.mended, path)


def _quoted(violation: Violation, found: Diagnosis) -> Any:
    """The values that a violation quotes, from the payload."""
    if violation.kind in KEYED or violation.actual is ABSENT:
        return violation.actual
    if violation.also and violation.kind == "combination":
        return [_read(each, found) for each in (violation.pointer, *violation.also)]
    return _read(violation.pointer, found)


def _reasons(expected: Any) -> tuple[Because, ...]:
    """The conditions that stand at the beginning of what some violations expect."""
    first = expected[0] if isinstance(expected, tuple) and expected else ()
    return first if isinstance(first, tuple) and first and isinstance(first[0], Because) else ()


def _is_readable(violation: Violation, found: Diagnosis) -> bool:
    reasons = (*violation.because, *_reasons(violation.expected))
    return (
        _equal(_quoted(violation, found), violation.actual)
        and all(_equal(_read(each.pointer, found), each.actual) for each in reasons)
        and all(_is_readable(each, found) for each in violation.causes)
    )


def _equal(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and _exactly(one) == _exactly(other))


def _reread(violation: Violation, found: Diagnosis) -> Violation:
    expected = violation.expected
    if reasons := _reasons(expected):
        expected = (tuple(_reason(each, found) for each in reasons), *expected[1:])
    return replace(
        violation,
        actual=_quoted(violation, found),
        because=tuple(_reason(each, found) for each in violation.because),
        expected=expected,
        causes=tuple(_reread(each, found) for each in violation.causes),
    )


def _reason(reason: Because, found: Diagnosis) -> Because:
    return replace(reason, actual=_read(reason.pointer, found))
