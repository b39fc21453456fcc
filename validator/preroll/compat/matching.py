"""
Matching: which target of the old document is which target of the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from preroll import spelling
from preroll.compat.reading import Described
from preroll.registry import Registry
from preroll.target import Target

ENOUGH = 0.6
"""Targets that are less alike than this are not taken for one that was renamed."""


class Pair(NamedTuple):
    """One target in both documents; None in one of them where it came or went."""

    old: Target | None
    new: Target | None

    @property
    def name(self) -> str:
        """The name in the new document, or in the old one where the new has none."""
        either = self.new or self.old
        assert either is not None
        return either.name

    @property
    def renamed(self) -> bool:
        """Whether both have it, under different names."""
        return self.old is not None and self.new is not None and self.old.id != self.new.id


def pairs(old: Registry, new: Registry) -> list[Pair]:
    """Every target of both registries once, in the order of the new one; what is gone comes last."""
    olds = {each.name: each for each in old.targets.values()}
    news = {each.name: each for each in new.targets.values()}
    found: dict[str, Target] = {name: olds[name] for name in news if name in olds}
    one_vendor = len({each.vendor for each in news.values()}) == 1 == len({each.vendor for each in olds.values()})
    if one_vendor:  # the title of a document may change, and then so does the first part of every name
        by_id = {each.id: each for each in olds.values() if each.name not in news}
        found |= {name: by_id[each.id] for name, each in news.items() if name not in found and each.id in by_id}
    for branches in (False, True):  # first the operations, then their branches
        left = [each for each in olds.values() if each not in found.values() and bool(each.branch_of) is branches]
        come = [each for each in news.values() if each.name not in found and bool(each.branch_of) is branches]
        if branches:  # the branches of an operation that has another name keep their own
            owners = {name: each.name for name, each in found.items()}
            moved = {f"{owners[each.branch_of]}#{_own(each)}": each for each in come if each.branch_of in owners}
            found |= {moved[each.name].name: each for each in left if each.name in moved}
            left = [each for each in left if each.name not in moved]
            come = [each for each in come if each.name not in found]
        for one, other in _renamed(old, new, left, come):
            found[other.name] = one
    matched = {each.name for each in found.values()}
    return [Pair(found.get(name), each) for name, each in news.items()] + [
        Pair(each, None) for name, each in olds.items() if name not in matched
    ]


def _own(branch: Target) -> str:
    return branch.name.rpartition("#")[2]


def _renamed(old: Registry, new: Registry, left: list[Target], come: list[Target]) -> Iterator[tuple[Target, Target]]:
    scored = sorted(
        (
            (-_likeness(old, new, one, other), index, place)
            for index, one in enumerate(left)
            for place, other in enumerate(come)
            if bool(one.branch_of) == bool(other.branch_of) and one.companion == other.companion
        )
    )
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for score, index, place in scored:
        if -score >= ENOUGH and index not in taken_old and place not in taken_new:
            taken_old.add(index)
            taken_new.add(place)
            yield left[index], come[place]


def _likeness(old: Registry, new: Registry, one: Target, other: Target) -> float:
    """1.0 for the same operation; else by what both describe and are called."""
    if one.branch_of or other.branch_of:
        # A model of an operation is another model where its name is another one, however alike they are:
        # only a new spelling of one name is a rename.
        plain = spelling.plain(one.id) == spelling.plain(other.id)
        return 1.0 if plain else 0.0
    if one.operation_id and one.operation_id == other.operation_id and one.told_by == other.told_by:
        return 1.0
    if _unversioned(one.path) == _unversioned(other.path) and one.path and one.method == other.method:
        alone = bool(one.told_by or other.told_by)
        return _alike(old, new, one, other) if alone else 1.0
    if one.method != other.method and one.path == other.path:
        return 0.0
    return (_alike(old, new, one, other) + spelling.likeness(one.id, other.id)) / 2


def _unversioned(path: str) -> str:
    return re.sub(r"^/v\d+[a-z0-9.]*(?=/|$)", "", path)


def _alike(old: Registry, new: Registry, one: Target, other: Target) -> float:
    """How much of what they describe is shared."""
    if not one.described or not other.described:
        return 0.0
    mine = {path for path, _ in Described(old.document(one).intended, one.schema).root.places()}
    theirs = {path for path, _ in Described(new.document(other).intended, other.schema).root.places()}
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
