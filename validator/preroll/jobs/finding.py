"""
Finding payloads in a value: the value itself, what a JSONPath picks, or what is wrapped in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from preroll import recognition
from preroll.envelope import Envelope
from preroll.pointer import Path
from preroll.registry import Registry, UnknownTarget
from preroll.target import Target

MAX_DEPTH = 40
"""Payloads are not looked for deeper than this."""


@dataclass(frozen=True, slots=True)
class Found:
    """A payload: where it stands in the value, and what it is said to be meant for, if anything is."""

    path: Path
    payload: Any
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A value that was expected to be a payload and is none, with the reason."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Wrappers:
    """
    What payloads are wrapped in.

    Attributes:
        lists: members that hold lists of jobs; whatever in them is no payload is told.
        addresses: members that name the operation: a path, a URL, an operation's name.
        methods: members that hold the HTTP method beside an address.
        bodies: members that hold the body beside an address.
    """

    lists: frozenset[str] = frozenset(("requests", "jobs", "tasks", "shots", "items", "payloads"))
    addresses: tuple[str, ...] = ("path", "url", "endpoint", "operation", "mode", "action")
    methods: tuple[str, ...] = ("method", "verb")
    bodies: tuple[str, ...] = ("body", "json", "payload", "request", "data", "input")

    def extended(self, more: Mapping[str, Iterable[str]]) -> Wrappers:
        """With further names, as settings give them."""
        return Wrappers(
            self.lists | frozenset(more.get("lists", ())),
            (*more.get("addresses", ()), *self.addresses),
            self.methods,
            (*more.get("bodies", ()), *self.bodies),
        )


class SelectError(ValueError):
    """A JSONPath that cannot be used: says which and why."""


class Selection:
    """
    JSONPaths (RFC 9535) that pick payloads.

    Raises:
        SelectError: one of them is no JSONPath.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        import jsonpath  # off every other road

        self.paths = tuple(paths)
        self._compiled = []
        environment = jsonpath.JSONPathEnvironment(strict=True)
        for each in self.paths:
            try:
                self._compiled.append(environment.compile(each))
            except jsonpath.JSONPathError as problem:
                reason = str(problem).partition("\n")[0]
                raise SelectError(f"{each!r} is not a JSONPath (RFC 9535): {reason}") from None

    def of(self, value: Any) -> Iterator[tuple[Path, Any]]:
        """What the paths pick, in their order, each place once."""
        seen: set[Path] = set()
        for each in self._compiled:
            for match in each.finditer(value):
                path: Path = tuple(match.parts)
                if path not in seen:
                    seen.add(path)
                    yield path, match.obj


class Finder:
    """
    Finds payloads in the value of a file, a document or a line.

    Args:
        registry: what is known.
        wrappers: what payloads are wrapped in.
        selection: what picks the payloads, or None to look for them.
        target: what every payload is meant for, or None.
    """

    def __init__(
        self,
        registry: Registry,
        wrappers: Wrappers,
        *,
        selection: Selection | None = None,
        target: Target | None = None,
    ) -> None:
        self.registry, self.wrappers, self.selection, self.target = registry, wrappers, selection, target
        self._operations: dict[str, list[Target]] | None = None
        self._arrays = [(name, each.envelope) for name, each in registry.vendors.items() if each.envelope.array]

    def find(self, value: Any) -> Iterator[Found | Passed]:
        """The payloads in a value, and what looked like a place for one and holds none."""
        if self.selection is not None:
            for path, picked in self.selection.of(value):
                if self.target is None and not isinstance(picked, (dict, list)):
                    yield Passed(path, f"it is no payload: a {_kind(picked)}")
                else:
                    yield Found(path, picked, self.target)
            return
        if self.target is not None:
            yield from self._meant(value, self.target)
            return
        found = list(self._visit(value, (), root=True))
        yield from found

    def _meant(self, value: Any, target: Target) -> Iterator[Found | Passed]:
        """What is said to be meant for one target: the value, its body, or every item of a list of bodies."""
        wrapped = self._envelope(value, ())
        if wrapped is not None and not self._familiar(value, target) > self._familiar(wrapped[1], target):
            yield Found(wrapped[0], wrapped[1], target)
        elif isinstance(value, list) and not self.registry.vendor(target.vendor).envelope.array:
            for index, each in enumerate(value):
                yield Found((index,), each, target)
        else:
            yield Found((), value, target)

    def _visit(self, value: Any, path: Path, *, root: bool = False) -> Iterator[Found | Passed]:
        if len(path) > MAX_DEPTH:
            if value and isinstance(value, (dict, list)):
                yield Passed(path, f"payloads are looked for {MAX_DEPTH} levels deep, and this is deeper")
            return
        if self._is_request(value, root=root):
            yield Found(path, value)
            return
        if isinstance(value, list):
            for index, each in enumerate(value):
                yield from (self._expected(each, (*path, index)) if root else self._visit(each, (*path, index)))
            return
        if not isinstance(value, dict):
            return
        itself = self._itself(value, path, root=root)
        wrapped = self._envelope(value, path)
        if wrapped is not None and itself is not None:
            more = self._familiar(itself.payload, itself.target) > self._familiar(wrapped[1], wrapped[2])
            wrapped = None if more else wrapped
        if wrapped is not None:
            yield from self._unwrapped(value, path, wrapped)
        elif itself is not None:
            yield itself
        else:
            for name, each in value.items():
                yield from self._member(name, each, path)

    def _member(self, name: str, value: Any, path: Path) -> Iterator[Found | Passed]:
        if name in self.wrappers.lists and isinstance(value, list) and not self._is_request(value):
            for index, item in enumerate(value):
                yield from self._expected(item, (*path, name, index))
        elif isinstance(value, (dict, list)):
            yield from self._visit(value, (*path, name))

    def _itself(self, value: dict[str, Any], path: Path, *, root: bool) -> Found | None:
        """An object as a payload of its own, if it can be one."""
        flat = self._flat(value)
        if flat is not None:
            return Found(path, *flat)
        return Found(path, value) if self._is_body(value, root=root) else None

    def _expected(self, value: Any, path: Path) -> Iterator[Found | Passed]:
        """A value where a payload should be."""
        if isinstance(value, dict) and self._by_shape(value):
            yield Found(path, value)
            return
        some = False
        for each in self._visit(value, path):
            some = True
            yield each
        if not some:
            yield Passed(path, recognition.described(value))

    # -- requests of vendors whose requests are arrays --

    def _is_request(self, value: Any, *, root: bool = False) -> bool:
        if isinstance(value, dict):
            return any(self._is_task(value, vendor, envelope, root=root) for vendor, envelope in self._arrays)
        if isinstance(value, list):
            items = [each for each in value if isinstance(each, dict)]
            some = any(self._is_task(each, *known, root=root) for known in self._arrays for each in items)
            # A list of jobs for several vendors is no request of any of them.
            return some and not any(self._is_other(each) for each in items)
        return False

    def _is_other(self, value: dict[str, Any]) -> bool:
        """Whether an object is a payload by itself, and no task."""
        if any(self._is_task(value, *known, root=True) for known in self._arrays):
            return False
        return (
            self._flat(value) is not None or self._envelope(value, ()) is not None or self._is_body(value, root=False)
        )

    def _is_task(self, value: dict[str, Any], vendor: str, envelope: Envelope, *, root: bool) -> bool:
        """
        Whether an object is a task: one of its constants is known.

        Deep inside a file it must carry all the properties that tell tasks apart: a model's name alone is in
        many a configuration.
        """
        for companion in envelope.companions:
            if all(value.get(name) == constant for name, constant in companion.told_by.items()):
                return True
        known = [name for name in envelope.told_by if self._knows(name, value.get(name), vendor)]
        if root:
            return bool(known)
        return bool(known) and all(isinstance(value.get(name), str) for name in envelope.told_by)

    def _knows(self, name: str, value: Any, vendor: str) -> bool:
        return any(each.vendor == vendor for each in self.registry.told(name, value))

    # -- bodies of operations --

    def _is_body(self, value: dict[str, Any], *, root: bool) -> bool:
        """Whether an object carries an operation's constant and mostly names that the operation knows."""
        told = [
            each
            for name, constant in value.items()
            for each in self.registry.told(name, constant)
            if not each.branches and not each.companion and not self._array(each)
        ]
        if told:
            return any(recognition.familiar(self.registry, each, value) > 0 for each in told) or root
        return root and self._by_shape(value)

    def _array(self, target: Target) -> bool:
        return self.registry.vendor(target.vendor).envelope.array

    def _by_shape(self, value: dict[str, Any]) -> bool:
        """Whether an object without any constant can only be a body: several names, all of one operation."""
        if len(value) < 2 or any(not isinstance(name, str) for name in value):
            return False
        found = recognition.nearest(self.registry, value)
        return found is not None and recognition.familiar(self.registry, found[0], value) > len(value)

    # -- envelopes --

    def _envelope(self, value: Any, path: Path) -> tuple[Path, Any, Target | None] | None:
        """The body beside an address or a method, and the operation that they name."""
        if not isinstance(value, dict):
            return None
        body = next((each for each in self.wrappers.bodies if isinstance(value.get(each), (dict, list))), None)
        address = next((each for each in self.wrappers.addresses if isinstance(value.get(each), str)), None)
        method = next((each for each in self.wrappers.methods if isinstance(value.get(each), str)), None)
        if body is None or (address is None and method is None):
            return None
        named = self.operation(value[address], value[method] if method else "") if address else None
        return (*path, body), value[body], named

    def _unwrapped(
        self, value: dict[str, Any], path: Path, wrapped: tuple[Path, Any, Target | None]
    ) -> Iterator[Found | Passed]:
        """What an envelope holds, and what stands beside its body: many an object only looks like one."""
        found: list[Found | Passed] = []
        for name, each in value.items():
            here = (*path, name) == wrapped[0]
            found += self._inside(*wrapped) if here else self._member(name, each, path)
        some = any(isinstance(each, Found) for each in found)
        yield from (each for each in found if not (some and isinstance(each, Passed) and each.path == wrapped[0]))

    def _familiar(self, payload: Any, target: Target | None) -> float:
        """How well a payload looks like one of a target, or of the one that its constants or names tell."""
        if not isinstance(payload, dict):
            return float("inf") if self._is_request(payload) else 0
        if any(not isinstance(name, str) for name in payload):
            return 0
        if target is None:
            found = recognition.nearest(self.registry, payload)
            target = found[0] if found is not None else None
        return recognition.familiar(self.registry, target, payload) if target is not None else 0

    def _inside(self, path: Path, body: Any, target: Target | None) -> Iterator[Found | Passed]:
        if target is not None and not self._array(target):
            yield Found(path, body, target)
            return
        if isinstance(body, dict) and self._by_shape(body):
            yield Found(path, body)
            return
        yield from self._expected(body, path)

    def _flat(self, value: dict[str, Any]) -> tuple[dict[str, Any], Target] | None:
        """A body that names its operation among its own members: the body without that member."""
        for name in self.wrappers.addresses:
            if isinstance(value.get(name), str):
                target = self.operation(value[name], "")
                if target is not None and not self._array(target):
                    body = {key: each for key, each in value.items() if key != name}
                    if recognition.familiar(self.registry, target, body) > 0:
                        return body, target
        return None

    def operation(self, text: str, method: str) -> Target | None:
        """The operation that a path, a URL, a `POST /path` or a name means; None where none or several do."""
        if self._operations is None:
            known: dict[str, list[Target]] = {}
            for each in self.registry.targets.values():
                if each.schema and not each.branch_of and not each.companion:
                    for name in {each.name, each.id, each.operation_id, each.path, _plain(each.path)} - {""}:
                        known.setdefault(name, []).append(each)
            self._operations = known
        verb, _, rest = text.strip().partition(" ")
        if rest and verb.isalpha() and verb.isupper():
            text, method = rest.strip(), verb
        matched = re.match(r"(?i)https?://[^/?#]*([^?#]*)", text)
        path = (matched[1] if matched else text.partition("?")[0]).rstrip("/")
        fitting = next((self._operations[each] for each in (path, _plain(path)) if each in self._operations), [])
        if method:
            fitting = [each for each in fitting if each.method in ("", method.upper())]
        if len(fitting) == 1:
            return fitting[0]
        if not matched and not fitting:
            try:
                return self.registry.resolve(path)
            except UnknownTarget:
                return None
        return None


def _plain(path: str) -> str:
    """A path without its version prefix and without slashes around it."""
    return re.sub(r"^/?v\d+[a-z0-9.]*(?=/|$)", "", path).strip("/")


def _kind(value: Any) -> str:
    return {str: "text", bool: "truth value", type(None): "null"}.get(type(value), "number")
