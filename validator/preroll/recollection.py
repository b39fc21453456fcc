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

Which parts are false takes longest to find out. What was recalled for a payload is therefore kept for all that are
alike in everything: of those, nothing more need be asked.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from preroll import mending
from preroll import pointer as pointers
from preroll.diagnosis import Diagnosis, Slip
from preroll.dialect import Engine
from preroll.evaluation import MAX_DEPTH, Truth
from preroll.formula import Either, Every, Formula, Literal, Opaque, Single
from preroll.likeness import Likeness, Reader, exactly
from preroll.pointer import ABSENT, Path
from preroll.violation import KEYED, Because, Violation, changed
from preroll.watched import Watched, plain

Test = Callable[[Any], bool]

FIRST: Final = 2
"""Explanations that are given before any is remembered: one payload alone gains nothing."""

MAX_KINDS: Final = 2_000
"""Kinds of faulty payloads that are remembered of one schema; then the oldest is forgotten."""

MAX_VARIANTS: Final = 4
"""Explanations of one kind that are remembered for different values."""

MAX_CASES: Final = 10_000
"""Payloads, each with all that are alike in everything, for which an explanation is kept of one schema."""


@dataclass(frozen=True, slots=True)
class Quoting:
    """
    A violation, and where the values that it quotes stand in a payload whose slips are mended.

    Attributes:
        violation: as it was said first.
        quoted: the places of what it says is there; None where that is no value of the payload.
        together: whether the values of several places are quoted as a list.
        because, reasons: the places of its conditions, and of those that stand in what it expects.
        causes: the same of its causes.
    """

    violation: Violation
    quoted: tuple[Path, ...] | None
    together: bool
    because: tuple[Path, ...]
    reasons: tuple[Path, ...]
    causes: tuple[Quoting, ...]

    def of(self, mended: Any) -> Violation:
        """The violation of another payload."""
        changes: dict[str, Any] = {}
        said = self.violation
        if self.quoted is not None:
            found = [pointers.look_up(mended, path) for path in self.quoted]
            changes["actual"] = found if self.together else found[0]
        if self.because:
            changes["because"] = tuple(map(_reason, said.because, self.because, itertools.repeat(mended)))
        if self.reasons:
            first, *rest = said.expected
            changes["expected"] = (tuple(map(_reason, first, self.reasons, itertools.repeat(mended))), *rest)
        if self.causes:
            changes["causes"] = tuple([each.of(mended) for each in self.causes])
        return changed(said, **changes) if changes else said


@dataclass(frozen=True, slots=True)
class Remembered:
    """
    An explanation: violations, the slips that were mended first, and the values that it holds for.

    Attributes:
        pinned: places with the values that they must have.
        sound: whether nothing was wrong any more when the slips were mended.
        strange: whether the slips stood where the formula knows of nothing.
    """

    violations: tuple[Quoting, ...]
    slips: tuple[Slip, ...]
    pinned: tuple[tuple[Path, Any], ...]
    sound: bool
    strange: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What was read of a payload while it was explained.

    Attributes:
        values: the names of the members whose values were read.
        names: these, and those of which it was asked whether they are there.
        listed: whether all names were read, but for `known` ones.
    """

    values: frozenset[str]
    names: frozenset[str]
    listed: bool
    known: frozenset[str] = frozenset()

    @classmethod
    def of(cls, watched: Watched) -> Reading:
        """What was read of a payload that was watched."""
        known = frozenset.intersection(*watched.listed) if watched.listed else frozenset()
        return cls(frozenset(watched.read), frozenset(watched.read | watched.sought), bool(watched.listed), known)

    def is_of(self, name: str) -> bool:
        """Whether a name in a payload was read."""
        return name in self.names or (self.listed and name not in self.known)

    @classmethod
    def of_all(cls, task: Iterable[str]) -> Reading:
        """The whole payload."""
        names = frozenset(task)
        return cls(names, names, listed=True)


class Frame:
    """
    What is known of payloads by their names alone.

    Attributes:
        false: the parts of the formula that the names make false.
        undecided: those that the values decide.
        cases: explanations of payloads that are alike in everything.
    """

    __slots__ = ("_likenesses", "_names", "_turns", "cases", "false", "undecided")

    def __init__(
        self,
        names: tuple[str, ...],
        likenesses: tuple[Likeness, ...] | None,
        false: tuple[int, ...],
        undecided: tuple[tuple[int, Test], ...],
    ) -> None:
        self._names, self._likenesses, self.false, self.undecided = names, likenesses, false, undecided
        self._turns: dict[Reading, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        self.cases: dict[Hashable, tuple[Kept, ...]] = {}

    def alike(self, task: dict[str, Any]) -> tuple[Hashable, ...]:
        """The same for all payloads that are alike in everything."""
        if self._likenesses is None:
            return (exactly(task),)
        return tuple([alike(value) for alike, value in zip(self._likenesses, task.values(), strict=True)])

    def partly(self, reading: Reading, alike: tuple[Hashable, ...]) -> Hashable:
        """The same for all payloads that are alike in what was read; `alike` is what `alike` says of this one."""
        found = self._turns.get(reading)
        if found is None:
            found = self._turns[reading] = (
                tuple(filter(reading.is_of, self._names)),
                tuple([turn for turn, name in enumerate(self._names) if name in reading.values]),
            )
        names, turns = found
        return names, alike if self._likenesses is None else tuple([alike[turn] for turn in turns])


class Kept:
    """
    An explanation that holds for all payloads that are alike in everything.

    Attributes:
        remembered: the explanation.
        verdict: the verdict on them, if nothing else is to be said of them than that, and nothing is to be hidden: as
            long as no rule speaks; else "".
    """

    __slots__ = ("remembered", "verdict")

    def __init__(self, remembered: Remembered) -> None:
        self.remembered, self.verdict = remembered, ""


class Case:
    """
    A payload in the light of those that were explained before.

    Attributes:
        task: the payload.
        frame: what its names say.
        key: the same for all payloads that are alike in everything.
        kept: the explanation that holds for it.
        said: what it says.
    """

    __slots__ = ("frame", "kept", "key", "said", "task")

    def __init__(self, task: dict[str, Any], frame: Frame, key: tuple[Path, tuple[Hashable, ...]]) -> None:
        self.task, self.frame, self.key = task, frame, key
        self.kept: Kept | None = None
        self.said: tuple[Violation, ...] = ()


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
        self._formulas: tuple[Formula, ...] = ()
        self._parts: tuple[tuple[Test, bool], ...] = ()
        self._without: set[int] = set()
        self._readers: dict[str | None, set[int]] = {}
        self._left: dict[frozenset[str], tuple[tuple[int, ...], tuple[tuple[int, Test], ...]]] = {}
        self._opaque = False
        self._seen = self._made = self._settled = 0
        self._frames: dict[tuple[str, ...], Frame] = {}
        # By the parts of the formula that are false, and by what was read: the explanations, by what that was like.
        self._kinds: dict[Hashable, dict[Reading, dict[Hashable, tuple[Remembered, ...]]]] = {}

    def case(self, task: Any, base: Path) -> Case | None:
        """What is looked at of a payload to recall what was said of others; None where nothing is remembered."""
        self._seen += 1
        if self._seen <= FIRST or not isinstance(task, dict):
            return None
        names = tuple(task)
        frame = self._frames.get(names)
        if frame is None:
            frame = self._framed(names, task)
        return Case(task, frame, (base, frame.alike(task)))

    def judged(self, case: Case) -> tuple[str, tuple[Violation, ...], Any] | None:
        """
        The verdict on a payload, its violations and its mended copy, where these are known to be all that is said.

        That is so unless a rule finds something in the mended copy.
        """
        for each in case.frame.cases.get(case.key, ()):
            if each.verdict and (recalled := self._recalled(each.remembered, case.task, whole=True)) is not None:
                return each.verdict, *recalled
        return None

    def judge(self, case: Case, verdict: str, violations: tuple[Violation, ...], told_by: Iterable[str]) -> None:
        """
        Note the verdict on a payload, of which nothing was hidden, if all that was said of it is its explanation.

        It counts for others that are alike, if these are as sure to be meant for the same target: that `told_by` tells.
        """
        said = case.said
        if case.kept is not None and len(violations) == len(said) and all(map(operator.is_, violations, said)):
            assert self._reader is not None
            if all(name not in case.task or self._reader.is_named(name) for name in told_by):
                case.kept.verdict = verdict

    def violations(
        self, found: Diagnosis, engine: Engine | None = None, case: Case | None = None
    ) -> tuple[Violation, ...]:
        """
        The violations of `found`, whose slips and mended copy are set as if it had explained them itself.

        An engine is asked first whether there are any, where no precedent says so.
        """
        case = case or self.case(found.task, found.base)
        if case is None:
            return self._linked(found.violations()) if engine is None or not engine.is_valid(found.task) else ()
        case.said = self._recollected(case, found) or self._unprecedented(case, found, engine)
        return case.said

    def _recollected(self, case: Case, found: Diagnosis) -> tuple[Violation, ...] | None:
        """The violations, where those of a payload are known that is alike in everything."""
        for each in case.frame.cases.get(case.key, ()):
            recalled = self._recalled(each.remembered, case.task, whole=True)
            if recalled is not None:
                case.kept = each
                return _adopted(found, each.remembered, recalled)
        return None

    def _unprecedented(self, case: Case, found: Diagnosis, engine: Engine | None) -> tuple[Violation, ...]:
        """The violations, where none are known of a payload that is alike in everything."""
        task, frame = case.task, case.frame
        if engine is not None and engine.is_valid(task):
            return ()
        base, alike = case.key
        false = sorted((*frame.false, *[index for index, part in frame.undecided if not part(task)]))
        key = (base, *false)
        for reading, known in tuple(self._kinds.get(key, {}).items()):  # other threads may add to them meanwhile
            for each in known.get(frame.partly(reading, alike), ()):
                recalled = self._recalled(each, task, whole=False)
                if recalled is not None:
                    self._settle(case, each)
                    return _adopted(found, each, recalled)
        violations, reading = self._explained(found, frozenset(id(self._formulas[index]) for index in false))
        made = self._remembered(found, violations)
        if made is not None:
            self._remember(key, reading, frame.partly(reading, alike), made)
            self._settle(case, made)
        return violations

    def _framed(self, names: tuple[str, ...], task: dict[str, Any]) -> Frame:
        """What is known of payloads with some names, of which `task` is one."""
        reader = self._reader
        if reader is None:
            self._formulas = tuple(parts(self._truth, self._formula))
            self._parts = tuple(map(self._part, itertools.count(), self._formulas))
            self._opaque = _is_opaque(self._truth, self._formula, 0)
            # Last: where it is there, other threads take all of this to be.
            reader = self._reader = Reader(self._truth, self._formula)
        if len(self._frames) >= MAX_KINDS:
            self._frames.clear()
            self._settled = 0
        likenesses = None if reader.root.whole else tuple(map(reader.of_member, names))
        found = self._frames[names] = Frame(names, likenesses, *self._undecided(task))
        return found

    def _part(self, index: int, part: Formula) -> tuple[Test, bool]:
        """The truth of a part, and whether names alone decide it; notes what it reads, and if it is false without."""
        test = self._truth.test(part)
        read = self._truth.reads(part)
        for name in (None,) if read is None else map(str, read):
            self._readers.setdefault(name, set()).add(index)
        if read is not None and not test({}):
            self._without.add(index)
        return test, isinstance(part, Literal) and part.test in ("required", "closed")

    def _undecided(self, task: dict[str, Any]) -> tuple[tuple[int, ...], tuple[tuple[int, Test], ...]]:
        """The parts that the names in a task make false, and those that its values decide."""
        names = frozenset(task)
        found = self._left.get(names)
        if found is None:
            if len(self._left) >= MAX_KINDS:
                self._left.clear()
            reading = self._readers.get(None, frozenset()).union(*(self._readers.get(name, ()) for name in names))
            false, undecided = list(self._without - reading), []
            for index in sorted(reading):
                test, named = self._parts[index]
                if not named:
                    undecided.append((index, test))
                elif not test(task):
                    false.append(index)
            found = self._left[names] = tuple(sorted(false)), tuple(undecided)
        return found

    def _linked(self, violations: Iterable[Violation]) -> tuple[Violation, ...]:
        """The violations with the documentation of the target, where the vendor's sentence has no address."""
        if not self._link:
            return tuple(violations)
        return tuple(each if each.link else changed(each, link=self._link) for each in violations)

    def _explained(self, found: Diagnosis, false: frozenset[int]) -> tuple[tuple[Violation, ...], Reading]:
        """The violations, and what was read of the task to find them."""
        task = found.task
        if self._opaque:
            return self._linked(found.violations()), Reading.of_all(task)
        watched = Watched(task, false=false if found.formula is self._formula else None)
        found.task = found.mended = watched
        violations = self._linked(_unwatched(each, watched) for each in found.violations())
        found.task, found.mended = task, plain(found.mended)
        # What was tried to mend slips was tried on all of the task; one that left nothing wrong can be tried again.
        if found.tried and not (len(found.tried) == len(found.slips) == 1 and found.sound):
            return violations, Reading.of_all(task)
        return violations, Reading.of(watched)

    def _holds(self, task: Any) -> bool:
        return self._truth.holds(self._formula, task)

    def _remembered(self, found: Diagnosis, violations: tuple[Violation, ...]) -> Remembered | None:
        """The explanation as it can be given again; None where something in it cannot be read from a payload."""
        quotings = tuple(_quoting(each, found) for each in violations)
        if not violations or not all(_is_readable(each, found.mended) for each in quotings):
            return None
        assert self._reader is not None
        strange = not any(self._reader.is_known(slip.wrong) for slip in found.slips)
        pinned = dict(_pinned(found, violations))
        # What is alike where it stands may not be so where it was tried.
        pinned.update((path, pointers.look_up(found.task, path)) for path in found.tried if self._reader.is_known(path))
        return Remembered(quotings, tuple(found.slips), tuple(pinned.items()), found.sound, strange)

    def _recalled(self, each: Remembered, task: Any, *, whole: bool) -> tuple[tuple[Violation, ...], Any] | None:
        """
        A remembered explanation with the values of another payload, and that with the slips mended; None if it does not
        hold for that.

        With `whole` the other payload is alike in everything.
        """
        for path, value in each.pinned:
            if not _same(pointers.look_up(task, path), value):
                return None
        mended = task
        if each.slips:
            for slip in each.slips:
                mended = mending.moved(mended, slip.wrong, slip.right)
            # All that is asserted anywhere is alike of what stands at a strange place, and so wherever it is moved to.
            if each.sound and not (whole and each.strange) and not self._holds(mended):
                return None
        return tuple([violation.of(mended) for violation in each.violations]), mended

    def _remember(self, key: Hashable, reading: Reading, alike: Hashable, made: Remembered) -> None:
        if self._made >= MAX_KINDS:
            self._kinds.clear()
            self._made = 0
        known = self._kinds.setdefault(key, {}).setdefault(reading, {})
        variants = known.get(alike, ())
        if len(variants) < MAX_VARIANTS:
            known[alike] = (*variants, made)
            self._made += 1

    def _settle(self, case: Case, each: Remembered) -> None:
        """Keep an explanation for all payloads that are alike in everything."""
        if self._settled >= MAX_CASES:
            self._frames.clear()
            self._settled = 0
        variants = case.frame.cases.get(case.key, ())
        if len(variants) < MAX_VARIANTS and not any(each is known.remembered for known in variants):
            case.kept = Kept(each)
            case.frame.cases[case.key] = (*variants, case.kept)
            self._settled += 1


def _adopted(found: Diagnosis, each: Remembered, recalled: tuple[tuple[Violation, ...], Any]) -> tuple[Violation, ...]:
    """The violations that were recalled, with what `found` would have mended to find them."""
    found.slips.extend(each.slips)
    violations, found.mended = recalled
    return violations


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
    changes: dict[str, Any] = {}
    if violation.actual is watched:
        changes["actual"] = watched.plain
    if any(each.actual is watched for each in violation.because):
        changes["because"] = tuple(
            replace(each, actual=watched.plain) if each.actual is watched else each for each in violation.because
        )
    if violation.causes:
        changes["causes"] = tuple(_unwatched(each, watched) for each in violation.causes)
    return changed(violation, **changes) if changes else violation


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _pinned(found: Diagnosis, violations: tuple[Violation, ...]) -> Iterator[tuple[Path, Any]]:
    """The places of which an explanation holds for their own values alone."""
    for each in _all(violations):
        # Nothing is near to what is missing: there, the values that are allowed come in the order of the schema.
        if each.allowed and each.kind not in KEYED and each.kind != "required":
            for pointer in (each.pointer, *each.also):
                path = _path(pointer, found)
                yield path, pointers.look_up(found.task, path)
        # Elsewhere each value that the schema names is a case of its own, but not what stands under a wrong name.
        for reason in (*each.because, *_reasons(each.expected)) if found.slips else ():
            if reason.others:
                path = _path(reason.pointer, found)
                yield path, pointers.look_up(found.task, path)


def _all(violations: tuple[Violation, ...]) -> Iterator[Violation]:
    for each in violations:
        yield each
        yield from _all(each.causes)


def _path(pointer: str, found: Diagnosis) -> Path:
    return pointers.parse(pointer)[len(found.base) :]


def _mended(pointer: str, found: Diagnosis) -> Path:
    """A place of the payload, as it was explained: with plain slips mended."""
    path = _path(pointer, found)
    for slip in found.slips:
        wrong = tuple(map(str, slip.wrong))
        if path[: len(wrong)] == wrong:
            path = (*slip.right, *path[len(wrong) :])
    return path


def _quoting(violation: Violation, found: Diagnosis) -> Quoting:
    """Where the values stand that a violation quotes."""
    together = violation.kind == "combination"
    quoted: tuple[Path, ...] | None = None
    if violation.kind not in KEYED and violation.actual is not ABSENT:
        places = (violation.pointer, *violation.also) if together else (violation.pointer,)
        quoted = tuple(_mended(each, found) for each in places)
    return Quoting(
        violation,
        quoted,
        together,
        tuple(_mended(each.pointer, found) for each in violation.because),
        tuple(_mended(each.pointer, found) for each in _reasons(violation.expected)),
        tuple(_quoting(each, found) for each in violation.causes),
    )


def _reasons(expected: Any) -> tuple[Because, ...]:
    """The conditions that stand at the beginning of what some violations expect."""
    first = expected[0] if isinstance(expected, tuple) and expected else ()
    return first if isinstance(first, tuple) and first and isinstance(first[0], Because) else ()


def _is_readable(quoting: Quoting, mended: Any) -> bool:
    """Whether what was quoted does stand where it would be read."""
    said, again = quoting.violation, quoting.of(mended)
    before, after = (*said.because, *_reasons(said.expected)), (*again.because, *_reasons(again.expected))
    return (
        _equal(again.actual, said.actual)
        and all(_equal(one.actual, other.actual) for one, other in zip(before, after, strict=True))
        and all(_is_readable(each, mended) for each in quoting.causes)
    )


def _equal(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and exactly(one) == exactly(other))


def _reason(reason: Because, path: Path, mended: Any) -> Because:
    """A condition with its value in another payload."""
    actual = pointers.look_up(mended, path)
    if actual is reason.actual:
        return reason
    return Because(reason.pointer, reason.condition, actual, default=reason.default, others=reason.others)
