"""
The ground of a mesh: what is certain of each place of a payload that a schema accepts, and the schema of values
that hold no name which nobody describes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Ref, Single
from preroll.redaction import LIKE_SECRETS, sounds_secret
from preroll.registry import Registry
from preroll.target import Target

_FLAT: Final = ("null", "boolean", "number", "string")
_MAX_DEPTH: Final = 40


@dataclass(slots=True)
class Place:
    """
    What is certain of one place of a payload that its schema accepts.

    Attributes:
        names: properties that are known there, whichever branch is meant; `perhaps` those known in some branch.
        open: other names are described too; `closed`: other names are refused.
        solid: the value is no object; `single`: it is no array.
        inner, items: what is certain of the members and the items.
    """

    names: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)
    open: bool = False
    closed: bool = False
    solid: bool = False
    single: bool = False
    inner: dict[str, Place] = field(default_factory=dict)
    items: Place | None = None

    def sealed(self, secrets: frozenset[str], depth: int) -> dict[str, Any] | None:
        """
        The schema of values without names that nobody describes, or None where that is certain already.

        Secrets count as undescribed: where one stands, somebody should look.
        """
        found: dict[str, Any] = {}
        if depth > _MAX_DEPTH:
            return {"type": list(_FLAT)}
        if not self.single:
            inner = self.items.sealed(secrets, depth + 1) if self.items is not None else {"type": list(_FLAT)}
            if inner is not None:
                found["items"] = inner
        if self.solid:
            return found or None
        if not (self.perhaps or self.open or self.closed):
            return {**found, "not": {"type": "object", "minProperties": 1}}
        members = {name: each.sealed(secrets, depth + 1) for name, each in self.inner.items() if name in self.names}
        strict: dict[str, Any] = {name: each for name, each in members.items() if each is not None}
        strict |= {name: False for name in self.names if name.lower() in secrets or sounds_secret(name)}
        if self.open or "value" in self.perhaps:  # {"name": "Authorization", "value": ...}: see `preroll.jobs.secrets`
            beside = [{"required": ["name"]}, {"required": ["key"]}]
            found["not"] = {"type": "object", "required": ["value"], "anyOf": beside}
        if self.closed and self.names == self.perhaps:
            if strict:
                found["properties"] = strict
        else:
            found["properties"] = dict.fromkeys(sorted(self.names), True) | strict
            found["additionalProperties"] = {"type": list(_FLAT)} if self.open or self.closed else False
            if self.open:  # a name that is not described by itself may be a secret
                found["propertyNames"] = {
                    "not": {"anyOf": [{"enum": sorted(secrets)}, {"pattern": LIKE_SECRETS}]},
                    "pattern": "^[^A-Z]*$",
                }
        return found or None


class Described:
    """Reads places out of a target's formula, under the same reading as `preroll.vocabulary`."""

    def __init__(self, registry: Registry, target: Target) -> None:
        self._assertions = registry.assertions(target)
        self._open: set[tuple[str, bool]] = set()

    def of(self, formula: Formula) -> Place:
        """What is certain of the place that a formula speaks about."""
        match formula:
            case Literal(test, argument, holds):
                return _literal(test, argument, holds=holds)
            case Every(parts):
                return _joined(map(self.of, parts))
            case Either(parts):
                return _one_of(list(map(self.of, parts)), all_known=True)
            case Single(parts, _, holds):
                found = _one_of(list(map(self.of, parts)), all_known=False)
                if not holds:
                    found.closed = found.solid = found.single = False
                return found
            case At(key, body) | In(key, body):
                inner = self.of(body)
                if isinstance(key, int):
                    return Place(items=Place())  # the items differ: nothing is certain of all of them
                return Place({key}, {key}, inner={key: inner})
            case Items(body, start, least):
                # What only some items satisfy is certain of none of them, but its names are known.
                inner = self.of(body)
                if least is not None:
                    _loosen(inner)
                return Place(items=inner if start == 0 else Place())
            case Members(of_names=of_names):
                return Place(open=not of_names)
            case Ref(pointer, holds):
                if (pointer, holds) in self._open:
                    return Place()
                self._open.add((pointer, holds))
                found = self.of(self._assertions.deref(formula))
                self._open.discard((pointer, holds))
                return found
        return Place()


def _literal(test: str, argument: Any, *, holds: bool) -> Place:
    if test == "required":
        return Place({argument}, {argument})
    if test == "closed":
        names, patterns = argument
        return Place(set(names), set(names), open=bool(patterns), closed=holds and not patterns)
    if holds and test == "type":
        return Place(solid="object" not in argument, single="array" not in argument)
    if holds and test == "enum":
        kinds = {type(each) for each in argument}
        return Place(solid=dict not in kinds, single=list not in kinds)
    never = holds and test == "false"
    return Place(solid=never, single=never)


def _joined(parts: Iterable[Place]) -> Place:
    found = Place()
    for each in parts:
        found.names |= each.names
        found.perhaps |= each.perhaps
        found.open |= each.open
        found.closed |= each.closed
        found.solid |= each.solid
        found.single |= each.single
        for name, inner in each.inner.items():
            found.inner[name] = _joined((found.inner[name], inner)) if name in found.inner else inner
        if each.items is not None:
            found.items = each.items if found.items is None else _joined((found.items, each.items))
    return found


def _one_of(parts: list[Place], *, all_known: bool) -> Place:
    """Of several places one is certain; `all_known`: the names of all of them count as known nevertheless."""
    if not parts:
        return Place()
    joined = _joined(map(_copied, parts))
    if not all_known:
        joined.names = set.intersection(*(each.names for each in parts))
        joined.open = all(each.open for each in parts)
    joined.closed = all(each.closed or each.solid for each in parts)
    joined.solid = all(each.solid for each in parts)
    joined.single = all(each.single for each in parts)
    for name in joined.inner:
        options = [each.inner.get(name, Place()) for each in parts if not each.solid]
        joined.inner[name] = _one_of(options, all_known=all_known)
    if joined.items is not None:
        joined.items = _one_of([each.items or Place() for each in parts if not each.single], all_known=all_known)
    return joined


def _copied(place: Place) -> Place:
    inner = {name: _copied(each) for name, each in place.inner.items()}
    items = None if place.items is None else _copied(place.items)
    return Place(
        set(place.names), set(place.perhaps), place.open, place.closed, place.solid, place.single, inner, items
    )


def _loosen(place: Place) -> None:
    place.closed = place.solid = place.single = False
    for each in place.inner.values():
        _loosen(each)
    if place.items is not None:
        _loosen(place.items)
