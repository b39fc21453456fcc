"""
Coverage: what a set of payloads reaches of a target, and why the rest cannot be reached.

Goals of valid payloads are the values of enumerations and both sides of every limit; scenarios and faults are
counted by the plan and the faults themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from preroll import dialect
from preroll import pointer as pointers
from preroll.constraints import Impossible, Possible
from preroll.constraints import text as texts
from preroll.constraints.witness import replaced
from preroll.formula import Formula, In, Items, Literal, every
from preroll.pointer import ABSENT, Path
from preroll_fuzz.faults import Base, Faults, Missing
from preroll_fuzz.plan import Plan

LIMITS = {
    "minimum": "value",
    "maximum": "value",
    "exclusiveMinimum": "value",
    "exclusiveMaximum": "value",
    "minLength": "length",
    "maxLength": "length",
    "minItems": "items",
    "maxItems": "items",
}
"""The keywords that set a limit, and what of a value they limit."""


@dataclass(frozen=True)
class Goal:
    """
    Something that a valid payload can show.

    Attributes:
        place: where, with `*` for any index.
        what: `equals` for a value, `length` or `items` for a size.
        value: the value or the size.
        source: the keyword in the document.
        keyword: what it is.
    """

    place: Path
    what: str
    value: Any
    source: str
    keyword: str

    def hit(self, task: Any) -> bool:
        """Whether a payload shows it."""
        return any(self._shows(value) for _, value in pointers.expand(task, self.place))

    def _shows(self, value: Any) -> bool:
        if self.what == "length":
            return isinstance(value, str) and len(value) == self.value
        if self.what == "items":
            return isinstance(value, list) and len(value) == self.value
        return dialect.equal(value, self.value)


@dataclass
class Coverage:
    """
    What was reached.

    Attributes:
        target: name of the target.
        scenarios, reached: how many ways there are, and how many were gone.
        unreachable: the ways that only payloads with a warning go, and what the solver left open.
        broken, faults: how many assertions and rules can be broken alone, and how many were.
        proved: the assertions that cannot be broken alone, with what implies them.
        listed: those that were not decided or are too large to write down, with the reason.
        limits, limits_inside, limits_outside: limits, those hit exactly, and those overstepped.
        limits_proved, limits_left: limits that no valid payload hits, proved or not.
        values, values_used, values_proved, values_left: the same for the values of enumerations.
    """

    target: str
    scenarios: int = 0
    reached: int = 0
    unreachable: list[str] = field(default_factory=list)
    faults: int = 0
    broken: int = 0
    proved: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    limits: int = 0
    limits_inside: int = 0
    limits_outside: int = 0
    limits_proved: list[str] = field(default_factory=list)
    limits_left: list[str] = field(default_factory=list)
    values: int = 0
    values_used: int = 0
    values_proved: list[str] = field(default_factory=list)
    values_left: list[str] = field(default_factory=list)


class Goals:
    """
    The goals of one target, and payloads that reach them.

    Args:
        faults: the faults of the target.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.plan: Plan = faults.plan

    @functools.cached_property
    def all(self) -> tuple[Goal, ...]:
        """Every goal, in the order of the document."""
        found: dict[tuple[Any, ...], Goal] = {}
        for goal in self._goals():
            known = [each for each in found.values() if each.place == goal.place and each.what == goal.what]
            if not any(dialect.equal(each.value, goal.value) and _limits(each) == _limits(goal) for each in known):
                found[goal.place, goal.what, repr(goal.value), _limits(goal)] = goal
        return tuple(found.values())

    def _goals(self) -> Iterator[Goal]:
        sizes = self.plan.options.sizes
        for broken, places in self.faults.homes.items():
            if broken.negated or broken.rule:
                continue
            for home in places:
                place = tuple("*" if isinstance(each, int) else each for each in home)
                argument = self._argument(broken.source, broken.keyword)
                if broken.keyword == "enum" and isinstance(argument, tuple):
                    for value in argument:
                        yield Goal(place, "equals", value, broken.source, "enum")
                elif broken.keyword in LIMITS and dialect.is_number(argument):
                    what = LIMITS[broken.keyword]
                    if (what == "length" and argument > sizes.text) or (what == "items" and argument > 100):
                        continue
                    if broken.keyword.startswith("exclusive"):
                        continue  # no value lies exactly there: the nearest one depends on the rest
                    yield Goal(place, "equals" if what == "value" else what, argument, broken.source, broken.keyword)

    def _argument(self, source: str, keyword: str) -> Any:
        value = pointers.look_up(self.plan.model.reading.assertions.document, pointers.parse(source))
        if keyword == "enum":
            return tuple(value) if source.endswith("/enum") and isinstance(value, list) else (value,)
        return value

    def filled(self, task: Any, goals: list[Goal], keeps: Callable[[Any], bool]) -> Any:
        """A payload that reaches as many more of the goals as go together; those reached leave the list."""
        reached = [each for each in goals if each.hit(task)]
        for goal in goals:
            if goal in reached or any(each.place == goal.place and each.what == goal.what for each in reached):
                continue  # one value a place

            def fits(changed: Any, held: tuple[Goal, ...] = tuple(reached)) -> bool:
                return keeps(changed) and all(each.hit(changed) for each in held)

            other = self.reaching(task, goal, fits)
            if other is not ABSENT:
                task = other
                reached += [each for each in goals if each not in reached and each.hit(task)]
        goals[:] = [each for each in goals if each not in reached]
        return task

    def reaching(self, task: Any, goal: Goal, keeps: Callable[[Any], bool]) -> Any:
        """A payload changed so that it reaches a goal, or `ABSENT`."""
        for other in self._tried(task, goal):
            if goal.hit(other) and keeps(other):
                return other
        return ABSENT

    def _tried(self, task: Any, goal: Goal) -> Iterator[Any]:
        home = tuple(0 if each == "*" else each for each in goal.place)
        grammar = self.plan.grammar
        count = 0
        for planted in self.faults.planted(task, home):
            for value in self._values(goal, home, pointers.look_up(planted, home)):
                yield replaced(planted, home, value)
                count += 1
            if count > 40:
                return
        if goal.what == "equals":  # values that the document lists together with others
            for places, combinations in grammar.groups(task).items():
                if home in places:
                    for values in combinations:
                        if dialect.equal(values[places.index(home)], goal.value):
                            changed = task
                            for path, value in zip(places, values, strict=True):
                                changed = replaced(changed, path, value)
                            yield changed

    def _values(self, goal: Goal, home: Path, value: Any) -> Iterator[Any]:
        samples = self.plan.grammar.samples(home)
        if goal.what == "equals":
            yield goal.value
        elif goal.what == "length":
            yield from (each for each in samples if isinstance(each, str) and len(each) == goal.value)
            for text in (value, *samples):
                if isinstance(text, str) and len(text) < goal.value:
                    yield from _stretched(text, goal.value)
            for case in self.plan.grammar.cases(self.plan.grammar.places_of(home)):
                asked = {texts.pattern(each): True for each in case.facts.patterns}
                asked |= {texts.format_(each): True for each in case.facts.formats}
                hints = [each for each in (value, *samples) if isinstance(each, str)]
                found = texts.realise(asked, texts.Extent(goal.value, goal.value), hints=hints)
                if found.text is not None:
                    yield found.text
        else:
            yield from (each for each in samples if isinstance(each, list) and len(each) == goal.value)
            items = [*(value if isinstance(value, list) else ()), *self.plan.grammar.samples((*home, 0))]
            if items:
                yield [items[index % len(items)] for index in range(goal.value)]

    def asked(self, goal: Goal) -> Possible | Impossible | str:
        """What the constraint model says of a goal; a reason where it does not know."""
        answer = self.plan.possible(self.wanted(goal))
        return answer if isinstance(answer, (Possible, Impossible)) else answer.reason

    def wanted(self, goal: Goal) -> Formula:
        """What a payload satisfies that shows a goal."""
        literals: list[Literal] = []
        if goal.what == "equals":
            literals.append(Literal("enum", (goal.value,)))
        else:
            low, high = ("minLength", "maxLength") if goal.what == "length" else ("minItems", "maxItems")
            kind = "string" if goal.what == "length" else "array"
            literals += [Literal("type", (kind,)), Literal(low, goal.value), Literal(high, goal.value)]
        wanted = every(*literals)
        for key in reversed(goal.place):
            wanted = Items(wanted, least=1, vacuous=False) if key == "*" else In(key, wanted)
        return wanted


def _stretched(text: str, length: int) -> Iterator[str]:
    """Longer texts of the same kind: at the end, or before the ending of a file's name."""
    missing = length - len(text)
    stem, dot, ending = text.rpartition(".")
    if dot:
        yield f"{stem}{'a' * missing}.{ending}"
    body = text.rstrip("=")
    yield body + "A" * (missing + len(text) - len(body))
    yield f"{text}{'a' * missing}"


def _limits(goal: Goal) -> str:
    return goal.keyword if goal.keyword in LIMITS else ""


def measured(faults: Faults, tasks: Iterable[Any], broken: Iterable[str]) -> Coverage:
    """
    What payloads reach of a target.

    Args:
        faults: the faults of the target.
        tasks: the valid payloads (single tasks).
        broken: the document pointers of what the invalid payloads break; of rules their ids.
    """
    plan = faults.plan
    known = list(tasks)
    outside = set(broken)
    goals = Goals(faults)
    found = Coverage(plan.target.name)
    ways = {each.active for each in plan.ways}
    found.scenarios = len(ways)
    found.reached = len(ways & {plan.active(each) for each in known})
    found.unreachable = list(plan.gaps)
    document = plan.registry.document(plan.target)
    for base in faults.bases:
        found.faults += 1
        found.broken += label(base) in outside
    for each in faults.missing:
        (found.proved if each.proved else found.listed).append(_said(each))
    for goal in goals.all:
        hit = any(goal.hit(task) for task in known)
        shown = f"{pointers.text(goal.place)} {goal.keyword} {goal.value!r}"
        if goal.keyword in LIMITS:
            found.limits += 1
            found.limits_inside += hit
            found.limits_outside += document.published_pointer(goal.source) in outside
        else:
            found.values += 1
            found.values_used += hit
        if not hit:
            answer = goals.asked(goal)
            lists = (
                (found.limits_proved, found.limits_left)
                if goal.keyword in LIMITS
                else (found.values_proved, found.values_left)
            )
            lists[0 if isinstance(answer, Impossible) else 1].append(f"{shown}: {_why(plan, goals, goal, answer)}")
    return found


def _why(plan: Plan, goals: Goals, goal: Goal, answer: Possible | Impossible | str) -> str:
    """Why no payload shows a goal."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, Possible):
        return "takes a payload of its own (--every-value adds it)"
    if isinstance(plan.model.possible(goals.wanted(goal)), Possible):
        return "only payloads with a warning do"
    implied = ", ".join(each.rule or f"{each.keyword} at {each.source}" for each in answer.core)
    return f"it is excluded by {implied}" if implied else "there is none"


def label(base: Base) -> str:
    """What a fault is counted by."""
    return base.broken.rule or base.fault.document_pointer


def _said(missing: Missing) -> str:
    broken = missing.broken
    name = broken.rule or f"{broken.source} {broken.keyword}{f' ({broken.detail})' if broken.detail else ''}"
    return f"{name}: {missing.reason}"
