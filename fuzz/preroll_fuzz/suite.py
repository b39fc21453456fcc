"""
Suites: payloads as records, the same for the same seed in every run and process.

A record is `{"target", "expect", "scenario", "fault", "payload"}`; the payload is the whole request body.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from preroll import pointer as pointers
from preroll.constraints import Possible
from preroll.registry import Registry
from preroll.target import Target
from preroll_fuzz.coverage import Coverage, Goal, Goals, label, measured
from preroll_fuzz.faults import Base, Broken, Faults, faults
from preroll_fuzz.negatives import altered
from preroll_fuzz.payloads import embellished, inhabited, plans_of
from preroll_fuzz.plan import Options, Plan, Way, copied

Record = dict[str, Any]


class Suite:
    """
    Suites of one target.

    Args:
        registry: where the target is known.
        target: the target; of an operation with several models, all of them.
        options: what kind of payloads are wanted.

    Attributes:
        plans, known: of each branch that has payloads its plan and its faults.
        empty: the plans of those that have none.

    Raises:
        ValueError: the target describes no payload, or has none.
    """

    def __init__(self, registry: Registry, target: Target, options: Options) -> None:
        every = plans_of(registry, target, options)
        self.plans = inhabited(every)
        self.empty = tuple(each for each in every if not each.inhabited)
        self.known = tuple(map(faults, self.plans))
        self._ways = [way for each in self.plans for way in each.ways]

    def valid(self, count: int, number: int) -> Iterator[Record]:
        """
        Valid payloads, each way in turn: the simplest payload of every way first, then drawn ones.

        Args:
            count: how many.
            number: the seed.
        """
        ways = self._ways
        for way in ways[:count]:
            yield record(way)
        left = count - len(ways)
        if left > 0:
            share, more = divmod(left, len(ways))
            # One more than wanted, because the first one drawn is the simplest payload again.
            counts = [share + (index < more) for index in range(len(ways))]
            drawn = [
                _filled(_drawn(way, count + 1, number + index)[1:] if count else [], way.payload, count)
                for index, (way, count) in enumerate(zip(ways, counts, strict=True))
            ]
            for turn in range(share + 1):
                for way, tasks in zip(ways, drawn, strict=True):
                    if turn < len(tasks):
                        yield record(way, tasks[turn])

    def invalid(self, count: int | None, number: int) -> Iterator[Record]:
        """
        Invalid payloads: the simplest one for each fault in the order of faults, or so many of them.

        Args:
            count: how many; None for one of each. More than there are faults are drawn with changes beside the fault.
            number: the seed.
        """
        bases = [(each, base) for each in self.known for base in each.bases]
        chance = random.Random(number)  # noqa: S311  # a choice that can be repeated, no secret
        if count is not None and count < len(bases):
            chosen = sorted(chance.sample(range(len(bases)), count))
            bases = [bases[index] for index in chosen]
        for known, base in bases:
            yield of_broken(known.broken(base, base.task))
        left = (count or 0) - len(bases)
        if left > 0 and bases:
            share, more = divmod(left, len(bases))
            for index, (known, base) in enumerate(bases):
                wanted = share + (index < more)
                if wanted:
                    drawn = _altered(known, base, wanted + 1, number + index)[1:]
                    yield from map(of_broken, _filled(drawn, known.broken(base, base.task), wanted))

    def only(self, scenario: str) -> None:
        """
        Leave out all other ways.

        Raises:
            ValueError: there is no such way.
        """
        names = [way.name for way in self._ways]
        self._ways = [way for way in self._ways if way.name == scenario]
        if not self._ways:
            shown = ", ".join(map(repr, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            raise ValueError(f"there is no scenario {scenario!r}; there are {shown}")

    def coverage(self, records: Iterable[Record]) -> Iterator[Coverage]:
        """What records of this target reach, for each of its branches."""
        listed = list(records)
        for plan, known in zip(self.plans, self.known, strict=True):
            mine = [each for each in listed if each["target"] == plan.target.name]
            tasks = [task_of(plan, each["payload"]) for each in mine if each["fault"] is None]
            broken: set[str] = set()
            for each in mine:
                if each["fault"] is not None:
                    broken |= {each["fault"]["rule"], each["fault"]["document_pointer"]}
                    task = task_of(plan, each["payload"])
                    broken |= {label(base) for base in known.bases if known.alone(base.broken, task)}
            yield measured(known, tasks, broken)
        for plan in self.empty:
            yield Coverage(plan.target.name, unreachable=["no payload satisfies its schema and rules"])

    def minimal(self, *, every_value: bool = False) -> Iterator[Record]:
        """
        A small suite that reaches every way, both sides of every limit and every fault.

        It has no more payloads than there are faults and ways together; values of enumerations are used as far as
        those payloads can hold them.

        Args:
            every_value: add payloads until every value of every enumeration is used, however many that takes.
        """
        for plan, known in zip(self.plans, self.known, strict=True):
            broken = list(fewest(known))
            spare = len(known.bases) - len(broken)
            for way, task in covering(plan, known, None if every_value else spare):
                yield record(way, task)
            yield from map(of_broken, broken)


def covering(plan: Plan, known: Faults, spare: int | None) -> Iterator[tuple[Way, Any]]:
    """
    For each way a payload that shows as many limits and values as go together, and further ones for those left over.

    `spare` is the most further ones; None is no limit.
    """
    goals = Goals(known)
    left = sorted(goals.all, key=lambda goal: goal.keyword == "enum")
    for way in plan.ways:
        yield way, goals.filled(way.payload, left, way.keeps)
    for goal in list(left):
        if goal not in left or spare == 0:
            continue
        found = _held(plan, goals, goal)
        if found is None:
            continue
        way, task = found
        left.remove(goal)

        def keeps(other: Any, way: Way = way, goal: Goal = goal) -> bool:
            return goal.hit(other) and way.keeps(other)

        yield way, goals.filled(task, left, keeps)
        spare = None if spare is None else spare - 1


def _held(plan: Plan, goals: Goals, goal: Goal) -> tuple[Way, Any] | None:
    """A way and a payload of it that reaches a goal."""
    for way in plan.ways:
        task = goals.reaching(way.payload, goal, way.keeps)
        if task is not pointers.ABSENT:
            return way, task
    answer = goals.asked(goal)
    if isinstance(answer, Possible) and plan.accepts(answer.witness):
        active = plan.active(answer.witness)
        way = next(each for each in plan.ways if each.active == active)
        return way, answer.witness
    return None


def fewest(known: Faults) -> Iterator[Broken]:
    """One payload for each fault, but one for all those that the same payload breaks alone, each by itself."""
    done: set[int] = set()
    bases = known.bases
    for number, base in enumerate(bases):
        if number in done:
            continue
        for other in range(number, len(bases)):
            same = bases[other].broken
            if other == number or (not base.whole and not bases[other].whole and known.alone(same, base.task)):
                done.add(other)
        yield known.broken(base, base.task)


def record(way: Way, task: Any = None) -> Record:
    """A valid payload as a record."""
    plan = way.plan
    body = plan.body(way.payload if task is None else task)
    expect = "valid"
    if plan.options.warnings and not plan.model.follows(
        way.payload if task is None else task, severities=("error", "warning")
    ):
        expect = "warning"
    return {"target": plan.target.name, "expect": expect, "scenario": way.name, "fault": None, "payload": copied(body)}


def of_broken(broken: Broken) -> Record:
    """An invalid payload as a record."""
    return {
        "target": broken.target,
        "expect": "invalid" if broken.fault.severity == "error" else "warning",
        "scenario": broken.scenario,
        "fault": {
            "rule": broken.fault.rule,
            "pointer": broken.pointer,
            "document_pointer": broken.fault.document_pointer,
        },
        "payload": broken.payload,
    }


def task_of(plan: Plan, body: Any) -> Any:
    """The first task of a request."""
    return pointers.step(body, 0) if plan.body(None) == [None] else body


def _drawn(way: Way, count: int, number: int) -> list[Any]:
    """So many payloads of a way; fewer where there are no more."""

    @st.composite
    def payloads(draw: st.DrawFn) -> Any:
        return embellished(draw, way)

    return _collected(payloads(), count, number)


def _altered(known: Faults, base: Base, count: int, number: int) -> list[Broken]:
    @st.composite
    def payloads(draw: st.DrawFn) -> Broken:
        return altered(draw, known, base)

    return _collected(payloads(), count, number)


def _filled(drawn: list[Any], simplest: Any, count: int) -> list[Any]:
    """So many: where there are no more different ones, the same again."""
    again = itertools.cycle(drawn or [simplest])
    return [*drawn, *itertools.islice(again, count - len(drawn))]


def _collected(strategy: st.SearchStrategy[Any], count: int, number: int) -> list[Any]:
    found: list[Any] = []
    if count <= 0:
        return found

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=tuple(HealthCheck),
        derandomize=False,
    )
    @given(strategy)
    def collect(drawn: Any) -> None:
        found.append(drawn)

    collect()
    return found[:count]
