"""
Valid payloads as a Hypothesis strategy.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from preroll.judgement import day
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.target import Target
from preroll_fuzz import documents
from preroll_fuzz.grammar import Steps
from preroll_fuzz.leaves import Sizes
from preroll_fuzz.plan import Options, Plan, Way, copied, plan

Draw = st.DrawFn


def valid_payloads(
    target: str | Target,
    *,
    registry: Registry | None = None,
    as_published: bool = False,
    scenario: str | None = None,
    warnings: bool = False,
    unknown: bool = False,
    cheapest: bool = False,
    today: date | str | None = None,
    max_text: int = Sizes().text,
    max_items: int = Sizes().items,
) -> st.SearchStrategy[Any]:
    """
    Whole request bodies that a target takes: schema and rules hold, and nothing earns a warning.

    Every way through the target's conditionals is drawn; examples shrink to the simplest payload.

    Args:
        target: what the payloads are meant for (see `Registry.resolve`); of an operation with several models all
            of them are drawn, `#model` names one.
        registry: the documents; the bundled ones by default.
        as_published: follow the document as it was published, without corrections and rules.
        scenario: only this way through the conditionals, as `preroll fuzz` names it.
        warnings: let payloads carry warnings.
        unknown: let payloads carry members that the schema does not describe, where it lets them pass.
        cheapest: pin what sets the price (length, size, count) to the cheapest value.
        today: the date that counts as today for rules about dates (default: today in UTC).
        max_text: the longest text at a documented limit; longer limits are left out.
        max_items: the longest array at a documented limit.

    Raises:
        UnknownTarget: no target has that name.
        ValueError: the target describes no payload, or has no such scenario.
    """
    registry = registry or documents.usual()
    found = registry.resolve(target) if isinstance(target, str) else target
    sizes = Sizes(max_text, max_items)
    options = Options(as_published, day(today), warnings, unknown, cheapest, sizes)
    plans = plans_of(registry, found, options)
    if scenario is not None:
        plans = inhabited(plans)
        numbered = [(index, number) for index, each in enumerate(plans) for number in _numbers(each, scenario)]
        if not numbered:
            raise _nowhere(found, plans, scenario)
        return planned(plans, lambda known: _named(found.name, scenario, known, tuple(numbered)))
    return planned(plans, lambda known: _drawn(found.name, known))


def simplest(
    target: str | Target,
    *,
    scenario: str | None = None,
    registry: Registry | None = None,
    as_published: bool = False,
    cheapest: bool = False,
    today: date | str | None = None,
) -> Any:
    """
    The simplest valid request body of a target, or of one of its scenarios; the same every time, and a new object.

    Raises:
        UnknownTarget: no target has that name.
        ValueError: the target describes no payload, or has no such scenario.
    """
    registry = registry or documents.usual()
    found = registry.resolve(target) if isinstance(target, str) else target
    plans = inhabited(plans_of(registry, found, Options(as_published, day(today), cheapest=cheapest)))
    if scenario is None:
        return copied(plans[0].body(plans[0].way(0).payload))
    for each in plans:
        for number in _numbers(each, scenario):
            return copied(each.body(each.way(number).payload))
    raise _nowhere(found, plans, scenario)


def _nowhere(target: Target, plans: tuple[Plan, ...], scenario: str) -> ValueError:
    known = [way.name for each in plans for way in each.ways]
    shown = ", ".join(map(repr, known[:3])) + (f" and {len(known) - 3} more" if len(known) > 3 else "")
    return ValueError(f"{target.name} has no scenario {scenario!r}; it has {shown}")


def planned(
    plans: tuple[Plan, ...], made: Callable[[tuple[Plan, ...]], st.SearchStrategy[Any]]
) -> st.SearchStrategy[Any]:
    """
    A strategy whose plans are worked out when it is first used, but before anything is drawn.

    So no single example is slow, and a test module that only names strategies pays nothing. `made` gets the plans
    that have payloads.
    """

    def strategy() -> st.SearchStrategy[Any]:
        st.text().validate()  # in a fresh checkout Hypothesis first works out its Unicode tables, for a second or two
        known = inhabited(plans)
        for each in known:
            _ = each.ways
        return made(known)

    return st.deferred(strategy)


def inhabited(plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """
    The plans that have payloads.

    Raises:
        NoPayload: none has.
    """
    found = tuple(each for each in plans if each.inhabited)
    if not found:
        plans[0].way(0)  # says why
    return found


def plans_of(registry: Registry, target: Target, options: Options) -> tuple[Plan, ...]:
    """
    The plans of a target: one, or one for each of its branches.

    Raises:
        ValueError: the target describes no payload.
    """
    if not target.described:
        raise ValueError(f"{target.name} describes no payload: a request to it has no JSON body")
    return tuple(plan(registry, name, options) for name in target.branches or (target.name,))


def _numbers(found: Plan, scenario: str) -> list[int]:
    return [number for number, way in enumerate(found.ways) if way.name == scenario]


def _drawn(name: str, plans: tuple[Plan, ...]) -> st.SearchStrategy[Any]:
    @st.composite
    def valid_payloads(draw: Draw, target: str) -> Any:
        del target
        chosen = plans[draw(st.integers(0, len(plans) - 1))] if len(plans) > 1 else plans[0]
        way = chosen.way(draw(st.integers(0, len(chosen.ways) - 1)))
        return chosen.body(embellished(draw, way))

    return valid_payloads(name)


def _named(
    name: str, scenario: str, plans: tuple[Plan, ...], numbered: tuple[tuple[int, int], ...]
) -> st.SearchStrategy[Any]:
    @st.composite
    def valid_payloads(draw: Draw, target: str, *, scenario: str) -> Any:
        del target, scenario
        index, number = draw(st.sampled_from(numbered))
        return plans[index].body(embellished(draw, plans[index].way(number)))

    return valid_payloads(name, scenario=scenario)


def embellished(draw: Draw, way: Way) -> Any:
    """The payload of a way with some of the changes that it allows."""
    return copied(changed(draw, way.payload, way.steps, way.keeps, way.plan)) if way.spots else copied(way.payload)


def changed(draw: Draw, payload: Any, steps: Steps, keeps: Callable[[Any], bool], found: Plan) -> Any:
    """
    A payload with some of its moves applied.

    A move was tried alone; where several do not go together the later one is left out, so nothing is rejected.
    """
    tally = found.tally
    for move, value in draw(steps):
        if value is ABSENT:
            continue  # nothing can be changed at all
        tally.drawn += 1
        other = move.applied(payload, value)
        if other is not ABSENT and keeps(other):
            payload = other
        else:
            tally.left_out += 1
    return payload
