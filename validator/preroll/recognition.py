"""
Which target a payload is meant for, and which tasks a request holds.

Read from the payload: the constants by which documents tell their payloads apart first, its shape otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from preroll.envelope import Envelope
from preroll.pointer import Path
from preroll.registry import Registry
from preroll.target import Target


class Unrecognised(ValueError):
    """Nothing in the payload says what it is meant for."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found, advice)
        self.found, self.advice = found, advice

    def __str__(self) -> str:
        return f"{self.found}; {self.advice}"


class Task(NamedTuple):
    """
    One task of a request.

    Attributes:
        base: where it stands in the payload as given; () for a body or a bare task.
        value: the task.
        target: what it is meant for; None where its model is not known.
        vendor: the vendor, known even where the target is not.
        unknown: the property that names the target that is not known, or "".
        among: other targets that it could be meant for.
    """

    base: Path
    value: Any
    target: Target | None
    vendor: str
    unknown: str = ""
    among: tuple[str, ...] = ()


class Request(NamedTuple):
    """
    A payload, taken apart.

    Attributes:
        tasks: in order.
        envelope: the vendor's.
        vendor: its name.
        wrapped: where the tasks were found inside something that the vendor does not take: "object" for an
            object around the array, "array" for an array around a body; "" otherwise.
        bare: whether a single task stood without its array.
    """

    tasks: tuple[Task, ...]
    envelope: Envelope
    vendor: str
    wrapped: str = ""
    bare: bool = False


def taken_apart(registry: Registry, payload: Any, target: Target | None) -> Request:
    """
    The tasks of a payload and their targets.

    Args:
        registry: what is known.
        payload: the request as given.
        target: what the caller says it is, or None to find out.

    Raises:
        Unrecognised: nothing in it is a payload of a known target or vendor.
    """
    if target is not None:
        envelope = registry.vendor(target.vendor).envelope
        if envelope.array:
            return _tasks(registry, payload, target.vendor, envelope, target)
        return Request((Task((), payload, target, target.vendor),), envelope, target.vendor)
    for vendor, envelope in _array_vendors(registry):
        tasks, _, _ = _listed(payload, envelope, registry, vendor)
        if any(_told(registry, vendor, envelope, each) for _, each in tasks):
            return _tasks(registry, payload, vendor, envelope, None)
    body, wrapped = payload, ""
    if isinstance(payload, list) and len(payload) == 1 and isinstance(payload[0], dict):
        body, wrapped = payload[0], "array"
    if isinstance(body, dict):
        base: Path = (0,) if wrapped else ()
        found = nearest(registry, body)
        if found is not None:
            envelope = registry.vendor(found[0].vendor).envelope
            task = Task(base, body, found[0], found[0].vendor, among=found[1])
            return Request((task,), envelope, found[0].vendor, wrapped)
    raise Unrecognised(described(payload), "say what it is meant for with --as TARGET (`preroll targets` lists them)")


def alone(registry: Registry, value: dict[str, Any], vendor: str) -> Request:
    """An object that is known to be a task of a vendor whose requests are arrays; `taken_apart` finds the same."""
    envelope = registry.vendor(vendor).envelope
    return Request((_task(registry, (), value, vendor, envelope, None),), envelope, vendor, bare=envelope.bare)


def described(payload: Any) -> str:
    """What a payload is that nothing recognises, in words."""
    if isinstance(payload, dict):
        names = ", ".join(list(map(str, payload))[:5])
        return (
            f"an object with the keys {names or '(none)'} is no payload of a known target"
            if names
            else ("an empty object is no payload of a known target")
        )
    if isinstance(payload, list):
        return "this array holds no task of a known target" if payload else "an empty array holds no task"
    return f"{type(payload).__name__} is no payload: a request is an object or an array of objects"


def _array_vendors(registry: Registry) -> Iterator[tuple[str, Envelope]]:
    for name, vendor in registry.vendors.items():
        if vendor.envelope.array:
            yield name, vendor.envelope


def _listed(
    payload: Any, envelope: Envelope, registry: Registry, vendor: str
) -> tuple[list[tuple[Path, Any]], str, bool]:
    """The items that stand where tasks do; how they were wrapped; whether one stood bare."""
    if isinstance(payload, list):
        return [((index,), each) for index, each in enumerate(payload)], "", False
    if not isinstance(payload, dict):
        return [((), payload)], "", False
    if not _told(registry, vendor, envelope, payload):
        for key, inner in payload.items():
            if isinstance(inner, list) and any(_told(registry, vendor, envelope, each) for each in inner):
                return [((key, index), each) for index, each in enumerate(inner)], "object", False
            if len(payload) == 1 and isinstance(inner, dict) and _told(registry, vendor, envelope, inner):
                return [((key,), inner)], "object", False
    return [((), payload)], "", envelope.bare


def _told(registry: Registry, vendor: str, envelope: Envelope, task: Any) -> bool:
    """Whether an item carries a constant by which the vendor's tasks are told."""
    if not isinstance(task, dict):
        return False
    return any(
        any(found.vendor == vendor for found in registry.told(name, task.get(name)))
        for name in envelope.tells
        if name in task
    )


def _tasks(registry: Registry, payload: Any, vendor: str, envelope: Envelope, target: Target | None) -> Request:
    items, wrapped, bare = _listed(payload, envelope, registry, vendor)
    tasks = tuple(_task(registry, base, value, vendor, envelope, target) for base, value in items)
    return Request(tasks, envelope, vendor, wrapped, bare)


def _task(registry: Registry, base: Path, value: Any, vendor: str, envelope: Envelope, target: Target | None) -> Task:
    if not isinstance(value, dict):
        return Task(base, value, target, vendor)
    for companion in envelope.companions:
        if companion.told_by.items() <= value.items():
            found = registry.targets.get(f"{vendor}/{companion.name}")
            if found is not None:
                return Task(base, value, found, vendor)
    named = value.get(envelope.name_by)
    known = [each for each in registry.told(envelope.name_by, named) if each.vendor == vendor]
    if known:
        return Task(base, value, known[0], vendor)
    if target is not None:
        return Task(base, value, target, vendor)
    if isinstance(named, str):
        return Task(base, value, None, vendor, unknown=envelope.name_by)
    return Task(base, value, _by_shape(registry, value, vendor), vendor)


def _by_shape(registry: Registry, value: dict[str, Any], vendor: str) -> Target | None:
    """For a task that does not name its target: the one that knows most of its keys, if one stands out."""
    scored = sorted(
        ((familiar(registry, each, value), each.name) for each in _candidates(registry) if each.vendor == vendor),
        reverse=True,
    )
    if scored and (len(scored) == 1 or scored[0][0] > scored[1][0]):
        return registry.targets[scored[0][1]]
    return None


def _candidates(registry: Registry) -> Iterator[Target]:
    """Targets that take a body and are judged by themselves: operations without branches, and branches."""
    for each in registry.targets.values():
        if each.described and not each.branches and not each.companion and each.method not in ("GET", "HEAD"):
            yield each


def nearest(registry: Registry, body: dict[str, Any]) -> tuple[Target, tuple[str, ...]] | None:
    """
    The target that a body is most likely meant for, and the others that it could be meant for.

    Targets whose constants the body carries come first; among several, those that accept it, then the one
    with the fewest faults. A body without such constants is known by its keys.
    """
    names = sorted({name for each in registry.targets.values() for name in each.told_by})
    told = {
        each.name: each
        for name in names
        if name in body
        for each in registry.told(name, body[name])
        if not each.companion and not each.branches and all(body.get(key) == told for key, told in each.told_by.items())
    }
    if told:
        found = list(told.values())
        return _chosen(registry, found, body)
    ranked: list[tuple[float, Target]] = []
    for each in _candidates(registry):
        if not registry.vendor(each.vendor).envelope.array:
            score = familiar(registry, each, body)
            if score > 0:
                ranked.append((score, each))
    if not ranked:
        return None
    best = max(score for score, _ in ranked)
    top = [each for score, each in ranked if score == best]
    owners = {each.branch_of for each in top}
    if len(owners) == 1 and top[0].branch_of:
        return registry.targets[top[0].branch_of], ()
    return _chosen(registry, top, body)


def familiar(registry: Registry, target: Target, body: dict[str, Any]) -> float:
    """How many of a body's keys a target knows, less those that it does not; 0 where most are strange."""
    known = registry.names(target, body)
    strange = [name for name in body if name not in known]
    if not body or len(strange) * 2 > len(body):
        return 0
    return len(body) - 2 * len(strange) + (0.5 if not strange else 0)


def _chosen(registry: Registry, found: list[Target], body: dict[str, Any]) -> tuple[Target, tuple[str, ...]]:
    if len(found) == 1:
        return found[0], ()
    from preroll.explanation import Explanation  # a payload that names its model needs no guess

    def faults(each: Target) -> tuple[int, int]:
        known = registry.names(each, body)
        strange = [name for name in body if name not in known]
        if registry.engine(each).is_valid(body):
            return 0, len(strange)
        facts = Explanation(registry.truth(each), body).facts(registry.assertions(each).formula(each.schema))
        return len(facts) + len(strange), len(strange)

    ranked = sorted(((faults(each), index) for index, each in enumerate(found)))
    best = found[ranked[0][1]]
    return best, tuple(found[index].name for _, index in ranked[1:])


def elsewhere(registry: Registry, target: Target, body: Any) -> Target | None:
    """
    Another operation of the same vendor that takes a body as it stands and knows all its keys, if exactly one does.
    """
    if not isinstance(body, dict):
        return None
    fitting = []
    for each in _candidates(registry):
        if each.vendor != target.vendor or each.path == target.path or not each.told_by.items():
            continue
        if all(body.get(name) == told for name, told in each.told_by.items()) and registry.engine(each).is_valid(body):
            known = registry.names(each, body)
            if all(name in known for name in body):
                fitting.append(each)
    return fitting[0] if len(fitting) == 1 else None
