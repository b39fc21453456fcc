"""
The rules that stand only in prose, applied: findings of `preroll.rules` as violations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from preroll import pointer as pointers
from preroll.pointer import ABSENT, Path
from preroll.recognition import Request, Task
from preroll.registry import Registry
from preroll.rules import Rule
from preroll.rules.kind import Context, Finding
from preroll.target import Target
from preroll.violation import KEYED, SEVERITIES, Because, Said, Violation

Given = Callable[[Path], Path]
"""From a place of what a rule has seen to the place in the payload as the user gave it."""

SLIPS = frozenset(("misspelt-property", "misplaced-property"))
"""Kinds that refuse no value: that of a key in the wrong place is judged in the right one."""

OF_AN_AMOUNT = frozenset(("minItems", "maxItems", "uniqueItems", "contains", "minProperties", "maxProperties"))
"""Kinds that count what is inside and say nothing of it."""

OF_ONE_VALUE = frozenset(("filename-type", "listed", "matches", "media-input"))
"""Kinds of rule that refuse a value for its own sake, whatever stands beside it."""


def within_task(
    registry: Registry, task: Task, value: Any, given: Given, context: Context, told: tuple[Violation, ...]
) -> Iterator[Violation]:
    """
    What one task breaks.

    Args:
        registry: what is known.
        task: the task; its target is known.
        value: the task with plain slips mended.
        given: from a place of `value` to its place in the payload.
        context: what rules may look at besides.
        told: the schema's violations; what rests on a value that they refuse is not told of again.
    """
    assert task.target is not None
    found = [
        _violation(registry, rule, each, task.target, value, given)
        for rule, each in findings(registry, task.target, value, context)
    ]
    if found:
        yield from _independent(found, told)


def findings(registry: Registry, target: Target, value: Any, context: Context) -> Iterator[tuple[Rule, Finding]]:
    """What the rules of a target find in one task, whatever else is wrong with it."""
    names = value if isinstance(value, dict) else {}
    for rule in registry.speaking(target, value):
        if (rule.heads is None or not rule.heads.isdisjoint(names)) and _is_touched(rule, value):
            for each in rule.kind.check(value, context):
                yield rule, each


def permitted(registry: Registry, task: Task, context: Context, violation: Violation) -> Violation:
    """A violation of the schema's without those of the values allowed there that a rule refuses in this task."""
    assert task.target is not None
    if not violation.allowed or violation.kind in KEYED:
        return violation
    tried = [_places(violation, each) for each in violation.allowed]
    names: set[str] = set()
    heads = set(task.value) if isinstance(task.value, dict) else set()
    for place in {place for places in tried for place in places if place}:
        path = pointers.parse(place)
        names.add(path[-1])
        heads.update(path[len(task.base) : len(task.base) + 1])
    rules = [
        rule
        for rule in registry.rules(task.target)
        if rule.severity == "error"
        and not rule.across
        and (rule.heads is None or not rule.heads.isdisjoint(heads))
        and not rule.names.isdisjoint(names)
    ]
    if not rules:
        return violation
    kept = tuple(
        each
        for each, places in zip(violation.allowed, tried, strict=True)
        if not any(_refuses(rule, task, places, context) for rule in rules)
    )
    # Another one even where all is kept: beside other values it may not be, and so it is not known once for all.
    return replace(violation, allowed=kept)


def _places(violation: Violation, allowed: Any) -> dict[str, Any]:
    """What one of the values allowed would be, by place."""
    if isinstance(allowed, dict) and (violation.also or violation.kind == "required"):
        return {place: value for place, value in allowed.items() if place != "title"}
    return {violation.pointer: allowed}


def _refuses(rule: Rule, task: Task, places: dict[str, Any], context: Context) -> bool:
    """Whether a rule finds fault with a task because of the values put in these places."""
    from preroll import mending  # only a task that is refused is tried otherwise

    value, depth = task.value, len(task.base)
    put = {
        pointers.resolved(value, pointers.text(pointers.parse(place)[depth:])): each for place, each in places.items()
    }
    for path, each in put.items():
        value = mending.put(value, path, each)
    return any(
        path in put
        for finding in rule.kind.check(value, context)
        for path in (finding.path, *finding.also, *(pointers.resolved(value, each.pointer) for each in finding.because))
    )


def _independent(found: list[Violation], told: tuple[Violation, ...]) -> Iterator[Violation]:
    """Those findings that rest on no value that something else refuses already."""
    every = (*told, *found)
    refused = [tuple(_refused(each)) for each in every]
    for turn, finding in enumerate(found, len(told)):
        rests = _rests_on(finding)
        if not any(
            _settles(other, finding, earlier=index < turn) and any(_is_in(each, refused[index]) for each in rests)
            for index, other in enumerate(every)
            if refused[index]
        ):
            yield finding


def _refused(violation: Violation) -> Iterator[tuple[str, bool]]:
    """The places whose value a violation refuses, each with whether all that is inside is refused with it."""
    if isinstance(violation.expected, Said):
        if violation.kind in OF_ONE_VALUE:
            yield violation.pointer, True
    elif violation.kind == "required":
        for option in violation.expected:
            for place, _ in option:
                yield place, True
    elif violation.kind not in SLIPS:
        for place in (violation.pointer, *violation.also):
            if place:
                yield place, violation.kind not in OF_AN_AMOUNT


def _rests_on(finding: Violation) -> list[str]:
    """The places on whose values a finding rests; that something is given stays true whatever its value."""
    reasons = (each for each in finding.because if each.condition.test != "required" or not each.condition.holds)
    return [finding.pointer, *finding.also, *(each.pointer for each in reasons)]


def _settles(other: Violation, finding: Violation, *, earlier: bool) -> bool:
    """
    Whether a finding has nothing to add where another violation refuses the value that it rests on.

    What is graver than the doubt about the value stands beside it; of two doubts about one value the first counts.
    """
    rank, own = SEVERITIES.index(other.severity), SEVERITIES.index(finding.severity)
    if other.rule == finding.rule or rank > own:
        return False
    return rank < own or earlier or finding.kind not in OF_ONE_VALUE


def _is_in(place: str, refused: tuple[tuple[str, bool], ...]) -> bool:
    return any(place == owner or (inside and place.startswith(owner + "/")) for owner, inside in refused)


def _is_touched(rule: Rule, value: Any) -> bool:
    """Whether something stands where the rule looks."""
    if not rule.touches:
        return True
    if isinstance(value, dict) and rule.heads is not None:
        if rule.heads.isdisjoint(value):
            return False
        if rule.shallow:
            return True
    return any(pointers.look_up(value, path) is not ABSENT for path in rule.touches)


def across_request(
    registry: Registry, request: Request, context: Context, told: tuple[Violation, ...]
) -> Iterator[Violation]:
    """
    What the tasks of a request break together; one task alone cannot disagree with another.

    `told` is what each breaks by itself: what rests on a value that it refuses is not told of again.
    """
    if len(request.tasks) < 2:
        return
    seen: dict[str, tuple[Rule, Target]] = {}
    for task in request.tasks:
        if task.target is not None:
            for rule in registry.rules(task.target):
                if rule.across:
                    seen.setdefault(rule.id, (rule, task.target))
    values = [task.value for task in request.tasks]

    def given(path: Path) -> Path:
        if path and isinstance(path[0], int):
            return (*request.tasks[path[0]].base, *path[1:])
        return path

    found: list[Violation] = []
    for rule, target in seen.values():
        for finding in rule.kind.check(values, context):
            owner = request.tasks[finding.path[0]].target if finding.path and isinstance(finding.path[0], int) else None
            found.append(_violation(registry, rule, finding, owner or target, values, given))
    yield from _independent(found, told)


def _violation(registry: Registry, rule: Rule, finding: Finding, target: Target, seen: Any, given: Given) -> Violation:
    at, link = registry.quoted(rule, target)

    def text(path: Path) -> str:
        return pointers.text(given(path))

    return Violation(
        rule=rule.id,
        kind=rule.kind.name,
        severity=rule.severity,
        pointer=text(finding.path),
        also=tuple(map(text, finding.also)),
        because=tuple(
            Because(text(pointers.resolved(seen, each.pointer)), each.condition, each.actual, each.default)
            for each in finding.because
        ),
        expected=Said(rule.kind, finding.expected),
        actual=finding.actual,
        allowed=finding.allowed,
        target=target.name,
        document=registry.document(target).label,
        document_pointer=at,
        sentence=rule.quote,
        link=link,
    )
