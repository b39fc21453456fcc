"""
The sieve: what is certainly clean, told without explaining anything.

For every target there is a *mesh*: its schema, the conditions under which its prose rules have nothing to say
(`clear()` of each kind), and the condition that no object holds a name that nobody describes. What passes a
mesh is valid without warnings, and holds no secret; `preroll.judgement` would say the same, only later. What
does not pass may still be clean: it takes the slow road.

Files hold the same few shapes over and over. A mesh therefore looks at the names in an object, and keeps for each
shape that returns a schema in which everything that follows from the shape has been worked out beforehand
(`resolution`). The values of a shape in many lines are told together, by one call of the engine (`crowd`), and so is
whether they are all that their lines say (`exactness`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from threading import Lock
from typing import Any, Final

import orjson

from preroll import redaction
from preroll.registry import Registry
from preroll.rules.kind import Context
from preroll.sieve.crowd import Crowds
from preroll.sieve.exactness import inexact, is_exact
from preroll.sieve.ground import Described
from preroll.sieve.mesh import Mesh, Weave
from preroll.sieve.resolution import bare, joined
from preroll.target import Target

__all__ = ["UNREAD", "Mesh", "Sieve"]

ABREAST: Final = 128
"""Lines that are read, compared and handed on side by side: they have to fit into the processor's nearest memory."""

TOGETHER: Final = 512
"""Lines that are told together: the more, the more values of a shape share a call; they have to fit into its memory."""

UNREAD: Final = object()
"""Instead of the value of a line that is not known to say no more."""


class Sieve:
    """
    The meshes of a registry, made when they are first needed and kept.

    Args:
        registry: the documents.
        context: what rules may look at (today).
        silent: rules that need not be heard: those that the user ignores, and information nobody wants to see.
        target: what every payload is said to be meant for, or None.
    """

    def __init__(
        self,
        registry: Registry,
        context: Context,
        *,
        silent: frozenset[str] = frozenset(),
        target: Target | None = None,
    ) -> None:
        self.registry, self.context, self.silent, self.target = registry, context, silent, target
        self.crowds, self._telling = Crowds(), Lock()
        self._meshes: dict[str, Mesh] = {}
        self._known: dict[Any, dict[tuple[str, ...], Callable[[Any], None]]] = {}
        self.table = self._routes()
        self.names = tuple(self.table)
        self._alone = tuple(filter(self._bare, self.names)) if target is None else ()
        self._told_by = sorted({name for each in registry.targets.values() for name in each.told_by})

    @cached_property
    def road(self) -> tuple[str, Mapping[Any, Mesh | Body]]:
        """
        The property by whose constant most payloads that stand alone are told, and their tests by the constant.

        What it does not lead to is not unclean for that: `passes` tells.
        """
        roads: dict[str, dict[Any, list[Target]]] = {}
        for name in filter(self._bare, self.names):
            roads[name] = {constant: [target] for constant, target in self.table[name].targets.items()}
        for each in self.registry.targets.values() if self.target is None else ():
            if not (each.branches or each.companion or self.registry.vendor(each.vendor).envelope.array):
                for name, constant in each.told_by.items():
                    if isinstance(constant, str) and constant not in getattr(self.table.get(name), "targets", ()):
                        roads.setdefault(name, {}).setdefault(constant, []).append(each)
        if not roads:
            return "", {}
        name = max(roads, key=lambda each: len(roads[each]))
        return name, Road(self, name, roads[name])

    def direct(self, target: Target, name: str) -> bool:
        """Whether a payload can be meant for one target only, where it carries the constant and nothing strange."""
        if self.registry.vendor(target.vendor).envelope.array:
            return True
        known = Described(self.registry, target).of(self.registry.assertions(target).formula(target.schema))
        others = {*self._told_by, *(each for one in self.registry.vendors.values() for each in one.envelope.tells)}
        return [*target.told_by] == [name] and not known.open and (others - {name}).isdisjoint(known.perhaps)

    def _routes(self) -> dict[str, Routes]:
        """For each property whose constant names a target: the mesh by constant."""
        table: dict[str, Routes] = {}
        vendors = [(name, each.envelope) for name, each in self.registry.vendors.items() if each.envelope.array]
        for vendor, envelope in vendors[:1]:  # a second vendor of arrays must be told apart from the first
            if envelope.name_by and (self.target is None or self.target.vendor == vendor):
                known: dict[str, Target] = {}
                for each in self.registry.targets.values():
                    constant = each.told_by.get(envelope.name_by)
                    if each.vendor == vendor and isinstance(constant, str) and not each.companion:
                        known.setdefault(constant, each)
                table[envelope.name_by] = Routes(self, known)
        return table

    def mesh(self, target: Target) -> Mesh:
        """The test of one task (or body) of a target."""
        found = self._meshes.get(target.name)
        if found is None:
            found = self._meshes.setdefault(target.name, _mesh(self, target))
        return found

    def alone(self, value: Any) -> Target | None:
        """The target of an object that by its constant is a task, and may stand where a whole request does."""
        if isinstance(value, dict):
            for name in self._alone:
                constant = value.get(name)
                found = self.table[name].targets.get(constant) if isinstance(constant, str) else None
                if found is not None:
                    return found
        return None

    def sift(self, lines: list[bytes]) -> Iterator[tuple[int, Any]]:
        """
        Which of some lines of JSON are not certainly clean.

        This is the road that millions of payloads take. Lines go along it side by side: parsing, looking and asking
        the engine by turns, each would drive the others out of the processor's memory.

        Yields:
            The index of such a line and its value, `UNREAD` where that is not known to be all that the line says.
        """
        name, routes = self.road
        for start in range(0, len(lines), TOGETHER):
            several = lines[start : start + TOGETHER]
            values: list[Any] = []
            wrong: set[int] = set()  # what may not be all that its line says, or is refused
            others: set[int] = set()  # of a target, or a shape, that is not known
            with self._telling:  # the crowds are one for all threads
                for begin in range(0, len(several), ABREAST):
                    few = several[begin : begin + ABREAST]
                    read = _read(few)
                    wrong.update(len(values) + index for index in inexact(read, few))
                    others.update(len(values) + index for index in self._handed_over(name, read))
                    values += read
                refused = {*map(id, self.crowds.refused())}
            if refused:
                wrong.update(index for index, value in enumerate(values) if id(value) in refused)
            for index in sorted(wrong | others):
                value, line = values[index], several[index]
                if value is UNREAD or not is_exact(value, line):
                    yield start + index, UNREAD
                elif not self._longer(routes, name, value, seen=index not in others):
                    yield start + index, value

    def _handed_over(self, name: str, values: list[Any]) -> Iterator[int]:
        """Give each value to the crowd that it belongs to, and say which belong to none."""
        known = self._known
        for index, value in enumerate(values):
            try:
                known[value[name]][tuple(value)](value)
            except (TypeError, LookupError):
                yield index

    def _longer(self, routes: Mapping[Any, Mesh | Body], name: str, value: Any, *, seen: bool) -> bool:
        """Whether a value is clean that was not told with others."""
        try:
            mesh = routes[value[name]]
        except (TypeError, LookupError):  # no task or body that its constant tells
            return self.passes(value)
        self._known.setdefault(value[name], mesh.known)
        return mesh.longer(value) if seen else mesh(value)

    def passes(self, payload: Any) -> bool:
        """Whether a whole payload is certainly clean."""
        try:
            if isinstance(payload, dict):
                return self._one(payload)
            return isinstance(payload, list) and self._several(payload)
        except (TypeError, ValueError):  # an unhashable or exotic value where a constant should be
            return False

    def _one(self, payload: dict[str, Any]) -> bool:
        for name in self.names:
            if payload.get(name) in self.table[name].targets:
                return self._bare(name) and self.table[name][payload[name]](payload)
        if self.target is not None:
            vendor = self.registry.vendor(self.target.vendor).envelope
            return not vendor.array and self.mesh(self.target)(payload)
        return self.body(payload)

    def _bare(self, name: str) -> bool:
        envelopes = (each.envelope for each in self.registry.vendors.values())
        return any(each.array and each.bare and each.name_by == name for each in envelopes)

    def _several(self, payload: list[Any]) -> bool:
        """A request of several tasks: each is clean, and so are the rules across them."""
        targets: dict[str, Target] = {}
        vendor = ""
        for task in payload:
            if not isinstance(task, dict):
                return False
            name = next((each for each in self.names if task.get(each) in self.table[each].targets), None)
            if name is None or not self.table[name][task[name]](task):
                return False
            target = self.table[name].targets[task[name]]
            vendor = vendor or target.vendor
            targets[target.name] = target
        if not payload or len(payload) < self.registry.vendor(vendor).envelope.at_least:
            return False
        if len(payload) == 1:
            return True
        rules = {rule.id: rule for each in targets.values() for rule in self.registry.rules(each) if rule.across}
        return not any(
            next(iter(rule.kind.check(payload, self.context)), None)
            for rule in rules.values()
            if rule.id not in self.silent
        )

    def body(self, payload: dict[str, Any]) -> bool:
        """A body that carries the constant of an operation's branch; the first operation that takes it is meant."""
        for name, vendor in self.registry.vendors.items():
            told = (each for key in vendor.envelope.tells for each in self.registry.told(key, payload.get(key)))
            if vendor.envelope.array and any(each.vendor == name for each in told):
                return False
        for each in self._told(payload):
            if self.mesh(each)(payload):
                return True
            if self.registry.engine(each).is_valid(payload):
                return False
        return False

    def _told(self, payload: dict[str, Any]) -> Iterator[Target]:
        seen: set[str] = set()
        for name in self._told_by:
            for each in self.registry.told(name, payload[name]) if name in payload else ():
                fits = all(payload.get(key) == constant for key, constant in each.told_by.items())
                if fits and not each.companion and not each.branches and each.name not in seen:
                    seen.add(each.name)
                    yield each


class Routes(dict[Any, "Mesh"]):
    """
    The mesh by the constant that names a target; made when it is first looked up.

    Raises:
        KeyError: no target has that constant.
    """

    def __init__(self, sieve: Sieve, targets: Mapping[str, Target]) -> None:
        super().__init__()
        self._sieve, self.targets = sieve, targets

    def __missing__(self, constant: Any) -> Mesh:
        self[constant] = self._sieve.mesh(self.targets[constant])
        return self[constant]


class Road(dict[Any, "Mesh | Body"]):
    """
    The test of a payload by the constant that names its target; made when it is first looked up.

    Raises:
        KeyError: no target has that constant.
    """

    def __init__(self, sieve: Sieve, name: str, targets: Mapping[Any, list[Target]]) -> None:
        super().__init__()
        self._sieve, self._name, self._targets = sieve, name, targets

    def __missing__(self, constant: Any) -> Mesh | Body:
        sieve, (target, *others) = self._sieve, self._targets[constant]
        alone = not others and sieve.direct(target, self._name)
        self[constant] = sieve.mesh(target) if alone else Body(sieve)
        return self[constant]


class Body:
    """The test of a payload that may be meant for several operations; it learns nothing, its meshes do."""

    def __init__(self, sieve: Sieve) -> None:
        self.known: dict[tuple[str, ...], Callable[[Any], None]] = {}
        self._sieve = sieve

    def __call__(self, value: Any) -> bool:
        """Whether the first operation that takes a body finds it clean."""
        return isinstance(value, dict) and self._sieve.body(value)

    longer = __call__


def _read(lines: list[bytes]) -> list[Any]:
    """The values of lines, `UNREAD` where they are none."""
    try:
        return list(map(orjson.loads, lines))
    except ValueError:
        return [_read([line])[0] for line in lines] if len(lines) > 1 else [UNREAD]


def _mesh(sieve: Sieve, target: Target) -> Mesh:
    return Mesh(sieve.registry.kept(_weave, target.name, sieve.silent), sieve.context, sieve.crowds)


def _weave(registry: Registry, name: str, silent: frozenset[str]) -> Weave:
    target = registry.targets[name]
    envelope = registry.vendor(target.vendor).envelope
    if not target.schema or target.branches:
        return Weave(False, ())
    secrets = frozenset((*redaction.SECRETS, *(each.lower() for each in envelope.secrets)))
    formula = registry.assertions(target).formula(target.schema)
    shape = Described(registry, target).of(formula)
    ground: list[Any] = [each for each in (shape.sealed(secrets, 0),) if each is not None]
    for companion in envelope.companions:
        told = [key for key, constant in companion.told_by.items() if target.told_by.get(key, constant) == constant]
        if len(told) == len(companion.told_by):  # else the target's own constants tell it apart
            ground.append({"not": {"properties": {k: {"const": companion.told_by[k]} for k in told}, "required": told}})
    rules = [rule for rule in registry.rules(target) if not rule.across and rule.id not in silent]
    return Weave(joined(bare(registry.schema(target)), ground), rules)
