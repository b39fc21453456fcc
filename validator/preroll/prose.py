"""
The rules that stand only in prose, applied: findings of `preroll.rules` as violations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from preroll import pointer as pointers
from preroll.pointer import ABSENT, Path
from preroll.recognition import Request, Task
from preroll.registry import Registry
from preroll.rules import Rule
from preroll.rules.kind import Context, Finding
from preroll.target import Target
from preroll.violation import Because, Said, Violation

Given = Callable[[Path], Path]
"""From a place of what a rule has seen to the place in the payload as the user gave it."""


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
        told: the schema's violations; a place that they name is not told of twice.
    """
    assert task.target is not None
    slips = (
        "misspelt-property",
        "misplaced-property",
    )  # the value of a key in the wrong place is judged in the right one
    refused = [place for each in told if each.kind not in slips for place in (each.pointer, *each.also) if place]
    names = value if isinstance(value, dict) else {}
    for rule in registry.speaking(task.target, value):
        if (rule.heads is not None and rule.heads.isdisjoint(names)) or not _is_touched(rule, value):
            continue
        for finding in rule.kind.check(value, context):
            violation = _violation(registry, rule, finding, task.target, value, given)
            if not any(violation.pointer == each or violation.pointer.startswith(each + "/") for each in refused):
                yield violation


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


def across_request(registry: Registry, request: Request, context: Context) -> Iterator[Violation]:
    """What the tasks of a request break together; one task alone cannot disagree with another."""
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

    for rule, target in seen.values():
        for finding in rule.kind.check(values, context):
            owner = request.tasks[finding.path[0]].target if finding.path and isinstance(finding.path[0], int) else None
            yield _violation(registry, rule, finding, owner or target, values, given)


def _violation(registry: Registry, rule: Rule, finding: Finding, target: Target, seen: Any, given: Given) -> Violation:
    from preroll.diagnosis import excerpt  # only findings quote the vendor
    from preroll.rules import anchors

    document = registry.document(target)
    at = anchors(rule, document.raw)
    described = pointers.look_up(document.raw, pointers.parse(at[0])) if at else ""

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
        document=document.label,
        document_pointer=at[0] if at else "",
        sentence=rule.quote,
        link=excerpt(described)[1] if isinstance(described, str) else "",
    )
