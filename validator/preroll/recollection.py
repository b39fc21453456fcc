"""
Recollection: an explanation that was given once serves every payload that is wrong in the same way.

Whoever has a thousand faulty payloads has one faulty program, and the thousand differ in identifiers, prompts and
links. Two payloads are *alike* if they have the same shape, the same value wherever the schema names values, and
elsewhere values of which every assertion of the schema says the same. Then every formula has one truth in both, and
so has the explanation: only the values that it quotes differ, and those are read from the payload again.

A violation that lists what is allowed looks at the values that it is about; it is remembered for those values alone.

Most of a payload has nothing to do with what is wrong in it. Explaining therefore runs on a payload that notes which of
its members are read. Another one with the same names, in which the same parts of the formula are false, and whose
members are alike where these were read, is explained in the same way, whatever stands in the others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from preroll import dialect, mending
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.diagnosis import Diagnosis, Slip
from preroll.evaluation import MAX_DEPTH, Truth
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, Path
from preroll.violation import KEYED, Because, Violation, changed
from preroll.watched import Watched, plain

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

    def alike(self, value: dict[str, Any], names: Iterable[str]) -> Hashable:
        """The same for all payloads that are alike in some of their members."""
        if self.root.whole:
            return _exactly(value)
        inner = self.root.inner
        return tuple([self._alike(value[name], inner.get(name)) for name in names])

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
        sound: whether nothing was wrong any more when the slips were mended.
    """

    violations: tuple[Violation, ...]
    slips: tuple[Slip, ...]
    pinned: tuple[tuple[Path, Any], ...]
    sound: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What was read of a payload while it was explained: some names, or (with `listed`) all.
    """

    names: frozenset[str]
    listed: bool

    def of(self, task: dict[str, Any]) -> tuple[str, ...]:
        """The names that are there, in their order."""
        return tuple(name for name in task if name in self.names)


class Memory:
    """
    What has been explained of one schema; bounded.

    Args:
        truth: the interpreter of the document's formulas.
        formula: what the schema asserts.
        link: the documentation of the target, for violations whose sentence has no address of its own.
    """

    def __init__(self, truth: Truth, formula: Formula, link: str = "") -> None:
        self._truth, self._formula, self._link = truth, formula, link
        self._reader: Reader | None = None
        self._parts: tuple[tuple[Formula, Test], ...] = ()
        self._left: dict[frozenset[str], tuple[tuple[int, ...], tuple[tuple[int, Test], ...]]] = {}
        self._opaque = False
        self._seen = self._made = 0
        # By the parts of the formula that are false, and by what was read: the explanations, by what that was like.
        self._kinds: dict[Hashable, dict[Reading, dict[Hashable, tuple[Remembered, ...]]]] = {}

    def violations(self, found: Diagnosis) -> tuple[Violation, ...]:
        """The violations of `found`, whose slips and mended copy are set as if it had explained them itself."""
        self._seen += 1
        task = found.task
        if self._seen <= FIRST or not isinstance(task, dict):
            return self._linked(found.violations())
        if self._reader is None:
            self._reader = Reader(self._truth.assertions, self._truth, self._formula)
            listed = parts(self._truth, self._formula)
            self._parts = tuple((self._truth.assertions.deref(each), self._truth.test(each)) for each in listed)
            self._opaque = _is_opaque(self._truth, self._formula, 0)
        false, undecided = self._undecided(task)
        key = (found.base, false, *[index for index, part in undecided if not part(task)])
        for reading, known in self._kinds.get(key, {}).items():
            for each in known.get(self._alike(task, reading), ()):
                if all(_same(pointers.look_up(task, path), value) for path, value in each.pinned):
                    recalled = self._recalled(each, found)
                    if recalled is not None:
                        return recalled
        violations, reading = self._explained(found)
        made = _remembered(found, violations, sound=self._holds(found.mended))
        if made is not None:
            self._remember(key, reading, self._alike(task, reading), made)
        return violations

    def _undecided(self, task: dict[str, Any]) -> tuple[tuple[int, ...], tuple[tuple[int, Test], ...]]:
        """The parts that the names in a task make false, and those that its values decide."""
        names = frozenset(task)
        found = self._left.get(names)
        if found is None:
            if len(self._left) >= MAX_KINDS:
                self._left.clear()
            open_ = [self._reads(part, names) for part, _ in self._parts]
            found = self._left[names] = (
                tuple(index for index, (_, test) in enumerate(self._parts) if not open_[index] and not test(task)),
                tuple((index, test) for index, (_, test) in enumerate(self._parts) if open_[index]),
            )
        return found

    def _reads(self, part: Formula, names: frozenset[str]) -> bool:
        """Whether the truth of a part can depend on the values of some members, and not on their names alone."""
        if isinstance(part, Literal) and part.test in ("required", "closed"):
            return False
        read = self._truth.reads(part)
        return read is None or not names.isdisjoint(map(str, read))

    def _linked(self, violations: Iterable[Violation]) -> tuple[Violation, ...]:
        """The violations with the documentation of the target, where the vendor's sentence has no address."""
        if not self._link:
            return tuple(violations)
        return tuple(each if each.link else changed(each, link=self._link) for each in violations)

    def _alike(self, task: dict[str, Any], reading: Reading) -> Hashable:
        assert self._reader is not None
        names = reading.of(task)
        return tuple(task) if reading.listed else names, self._reader.alike(task, names)

    def _explained(self, found: Diagnosis) -> tuple[tuple[Violation, ...], Reading]:
        """The violations, and what was read of the task to find them."""
        task = found.task
        if self._opaque:
            return self._linked(found.violations()), Reading(frozenset(task), listed=True)
        watched = Watched(task)
        found.task = found.mended = watched
        violations = self._linked(_unwatched(each, watched) for each in found.violations())
        found.task, found.mended = task, plain(found.mended)
        # What was tried to mend slips was tried on all of the task; one that left nothing wrong can be tried again.
        if found.guesses and not (found.guesses == len(found.slips) == 1 and self._holds(found.mended)):
            return violations, Reading(frozenset(task), listed=True)
        return violations, Reading(frozenset(watched.read), bool(watched.listed))

    def _holds(self, task: Any) -> bool:
        return self._truth.holds(self._formula, task)

    def _recalled(self, each: Remembered, found: Diagnosis) -> tuple[Violation, ...] | None:
        """A remembered explanation with the values of another payload; None if it does not hold for that."""
        if each.slips:
            given = found.mended
            for slip in each.slips:
                found.slips.append(slip)
                found.mended = mending.moved(found.mended, slip.wrong, slip.right)
            if each.sound and not self._holds(found.mended):
                found.slips.clear()
                found.mended = given
                return None
        return tuple(_reread(violation, found) for violation in each.violations)

    def _remember(self, key: Hashable, reading: Reading, alike: Hashable, made: Remembered) -> None:
        if self._made >= MAX_KINDS:
            self._kinds.clear()
            self._made = 0
        known = self._kinds.setdefault(key, {}).setdefault(reading, {})
        variants = known.get(alike, ())
        if len(variants) < MAX_VARIANTS:
            known[alike] = (*variants, made)
            self._made += 1


def parts(truth: Truth, formula: Formula) -> Iterator[Formula]:
    """What must all be true for a formula to be true."""
    formula = truth.assertions.deref(formula)
    for each in formula.parts if isinstance(formula, Every) else ():
        yield from parts(truth, each)
    if not isinstance(formula, Every):
        yield formula


def _is_opaque(truth: Truth, formula: Formula, depth: int) -> bool:
    """Whether an engine looks at a value as a whole, unnoticed by who watches it."""
    formula = truth.assertions.deref(formula)
    if isinstance(formula, (Every, Either, Single)) and depth < MAX_DEPTH:
        return any(_is_opaque(truth, part, depth + 1) for part in formula.parts)
    return isinstance(formula, (Opaque, Every, Either, Single))


def _unwatched(violation: Violation, watched: Watched) -> Violation:
    """A violation in which the task itself stands where the watched one does."""

    def itself(value: Any) -> Any:
        return watched.plain if value is watched else value

    return replace(
        violation,
        actual=itself(violation.actual),
        because=tuple(replace(each, actual=itself(each.actual)) for each in violation.because),
        causes=tuple(_unwatched(each, watched) for each in violation.causes),
    )


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _remembered(found: Diagnosis, violations: tuple[Violation, ...], *, sound: bool) -> Remembered | None:
    """The explanation as it can be given again; None where something in it cannot be read from a payload."""
    if not violations or not all(_is_readable(each, found) for each in violations):
        return None
    pinned: dict[Path, Any] = {}
    for each in _all(violations):
        # Nothing is near to what is missing: there, the values that are allowed come in the order of the schema.
        if each.allowed and each.kind not in KEYED and each.kind != "required":
            for pointer in (each.pointer, *each.also):
                path = _path(pointer, found)
                pinned[path] = pointers.look_up(found.task, path)
    return Remembered(violations, tuple(found.slips), tuple(pinned.items()), sound)


def _all(violations: tuple[Violation, ...]) -> Iterator[Violation]:
    for each in violations:
        yield each
        yield from _all(each.causes)


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
    if violation.kind == "combination":
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
    return changed(
        violation,
        actual=_quoted(violation, found),
        because=tuple([_reason(each, found) for each in violation.because]),
        expected=expected,
        causes=tuple([_reread(each, found) for each in violation.causes]),
    )


def _reason(reason: Because, found: Diagnosis) -> Because:
    return Because(
        reason.pointer, reason.condition, _read(reason.pointer, found), default=reason.default, others=reason.others
    )
