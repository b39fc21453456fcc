"""
Strangers: what no document describes, and what belongs elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from preroll import pointer as pointers
from preroll.pointer import Path
from preroll.recognition import Task
from preroll.registry import Registry
from preroll.target import Target
from preroll.violation import Violation


def wrong_operation(registry: Registry, target: Target, other: Target, found: tuple[Violation, ...]) -> Violation:
    """A body that another operation takes as it stands; `found` is what this one finds wrong with it."""
    return Violation(
        "wrong-operation",
        "",
        kind="wrong-operation",
        expected=(other.name, f"{other.method} {other.path}".strip()),
        actual=f"{target.method} {target.path}".strip(),
        target=target.name,
        document=registry.document(target).label,
        document_pointer=registry.document(target).published_pointer(target.schema),
        causes=found,
    )


def unexpected_body(registry: Registry, target: Target, other: Target | None) -> Violation:
    """A body for an operation of which the document describes none; `other` is one that takes it as it stands."""
    return Violation(
        "unexpected-body",
        "",
        kind="unexpected-body",
        severity="warning",
        expected=(other.name, f"{other.method} {other.path}".strip()) if other is not None else None,
        actual=f"{target.method} {target.path}".strip() or target.name,
        target=target.name,
        document=registry.source(target).label,
    )


def at_home(registry: Registry, violation: Violation) -> Violation:
    """For a model that an operation does not have: the same violation with the targets of the vendor that do."""
    if violation.rule != "unknown-model" or not isinstance(violation.actual, str):
        return violation
    name = pointers.parse(violation.pointer)[-1]
    vendor = violation.target.partition("/")[0]
    homes = tuple(each.name for each in registry.told(name, violation.actual) if each.vendor == vendor)
    return replace(violation, expected=homes)


def is_foreign(registry: Registry, target: Target, value: Any) -> bool:
    """Whether a task names something else than its target, of which nothing can then be asked of it."""
    from preroll import spelling  # only for what is not known

    name = registry.vendor(target.vendor).envelope.name_by
    meant = target.told_by.get(name)
    named = value.get(name) if isinstance(value, dict) else None
    if not isinstance(meant, str) or named == meant:
        return False
    return not isinstance(named, str) or not spelling.nearest(named, (meant,))


def unknown_target(registry: Registry, task: Task, unknown: str) -> Violation:
    """A task for a target that no document describes, with the nearest known ones; `unknown` is `warn` or `error`."""
    from preroll import spelling  # only for what is not known

    named = task.value[task.unknown] if task.unknown else ""
    known = [
        (value, registry.source(each))
        for each in registry.targets.values()
        if each.vendor == task.vendor and isinstance(value := each.told_by.get(task.unknown), str)
    ]
    near = spelling.nearest(str(named), [value for value, _ in known], spelling.LOOSE) if named else ()
    order = sorted(known, key=lambda each: near.index(each[0]) if each[0] in near else len(near))
    return Violation(
        "unknown-target",
        pointers.text((*task.base, task.unknown) if task.unknown else task.base),
        kind="unknown-target",
        severity="warning" if unknown == "warn" else "error",
        expected=tuple((value, source.version, source.date) for value, source in order),
        actual=named,
        allowed=tuple(near),
        target=task.vendor,
    )


def unknown_properties(  # what a judgement needs
    registry: Registry,
    target: Target,
    schema: str,
    value: Any,
    given: Callable[[Path], Path],
    severity: str,
    found: tuple[Violation, ...] = (),
) -> Iterator[Violation]:
    """
    Members that no part of an open schema describes; silently ignored by the vendor, or worse.

    `given` leads from a place of `value` to its place in the payload; what `found` names is not told of again.
    """
    from preroll import spelling  # closed schemas do without
    from preroll.vocabulary import Vocabulary

    vocabulary = Vocabulary(registry.truth(target), registry.assertions(target).formula(schema))
    told = {each.pointer for one in found for each in (one, *one.causes)}
    document = registry.document(target)

    def walk(node: Any, path: Path) -> Iterator[Violation]:
        if isinstance(node, list):
            for index, item in enumerate(node):
                if isinstance(item, (dict, list)):
                    yield from walk(item, (*path, index))
        if not isinstance(node, dict):
            return
        names = vocabulary.names(path, value)
        for name, inner in node.items():
            here = (*path, name)
            pointer = pointers.text(given(here))
            if names.known and not names.open and name not in names.known:
                if pointer in told:
                    continue
                absent = [each for each in names.known if each not in node]
                yield Violation(
                    "unknown-property",
                    pointer,
                    kind="unknown-property",
                    severity=severity,
                    expected=tuple(absent),
                    actual=str(name),
                    allowed=spelling.nearest(str(name), absent)[:1],
                    target=target.name,
                    document=document.label,
                    document_pointer=document.published_pointer(schema),
                )
            elif isinstance(inner, (dict, list)):
                yield from walk(inner, here)

    yield from walk(value, ())
