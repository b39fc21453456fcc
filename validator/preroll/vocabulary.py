"""
The words of a schema: which properties and values it knows at which place.

Read from formulas, and so from every branch and condition; where a discriminating constant of the payload
selects a branch, only that one counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from preroll import dialect
from preroll.evaluation import Truth
from preroll.explanation import Combination, listed_in
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, Path, look_up, step

MAX_DEPTH = 60
MAX_READ = 20_000
"""Formulas that are read to find the homes of names."""


@dataclass(slots=True)
class Names:
    """
    The property names known at one place.

    Attributes:
        known: in the order of the schema.
        open: whether other names are described too (a schema for additional properties, or patterns).
    """

    known: dict[str, None] = field(default_factory=dict)
    open: bool = False

    def is_like(self, other: Names) -> bool:
        """Whether the same names are known there, in the same order."""
        return list(self.known) == list(other.known) and self.open == other.open


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A part of a formula of which the payload tells what counts.

    Attributes:
        formula: a union whose branches constants tell apart, or what is said of members that may be given.
        owner: where the value stands that it is about.
        rest: the place in that value that is asked for.
    """

    formula: Single | Members
    owner: Path
    rest: Path


Spoken = tuple[Formula | Choice, ...]
"""What a formula says of a place, as far as it is the same for every payload."""

Homes = dict[str, dict[Path, None]]
"""The places of the objects in which each name is known, in the order of the schema."""


class Vocabulary:
    """What one formula knows, in the light of one value."""

    def __init__(self, truth: Truth, formula: Formula) -> None:
        self.truth = truth
        self.formula = formula
        self._kept: tuple[Any, dict[Path, Names], dict[str, tuple[Path, ...]]] = (None, {}, {})

    def names(self, path: Path, root: Any) -> Names:
        """The property names known at a place of a payload."""
        steady = self._steady(self.formula, path, 0)
        if steady is not None:
            return steady
        kept = self._of(root)[1]
        found = kept.get(path)
        if found is None:
            found = kept[path] = _together(map(self._named, self.at(path, root)))
        return found

    def at(self, path: Path, root: Any) -> Iterator[Formula]:
        """The formulas that speak about a place of a payload, from everywhere in the formula."""
        return self._at(self.formula, path, root, 0)

    def is_steady(self) -> bool:
        """Whether the names known at the root are the same for every payload."""
        return self._steady(self.formula, (), 0) is not None

    def _at(self, formula: Formula, path: Path, value: Any, depth: int) -> Iterator[Formula]:
        """The same of one formula; no more is read of the value than they depend on."""
        if depth > MAX_DEPTH:
            return
        for each in self._spoken(formula, path):
            if not isinstance(each, Choice):
                yield each
                continue
            inner = look_up(value, each.owner)
            if isinstance(each.formula, Single):
                for part in self._meant(each.formula, inner):
                    yield from self._at(part, each.rest, inner, depth + 1)
            elif isinstance(inner, dict) and each.rest[0] in inner:
                yield from self._at(each.formula.body, each.rest[1:], step(inner, each.rest[0]), depth + 1)

    def _spoken(self, formula: Formula, path: Path) -> Spoken:
        """What a formula says of a place; found once."""
        once = self.truth.assertions.once
        return once("spoken", formula, lambda: tuple(self._sayings(formula, path, (), 0)), path)

    def _steady(self, formula: Formula, path: Path, depth: int) -> Names | None:
        """The names that a formula knows at a place, where they are the same for every payload; found once."""

        def made() -> Names | None:
            found: list[Names] = []
            for each in self._spoken(formula, path):
                if not isinstance(each, Choice):
                    found.append(self._named(each))
                    continue
                if not isinstance(each.formula, Single) or depth > MAX_DEPTH:
                    return None
                first, *others = [self._steady(part, each.rest, depth + 1) for part in each.formula.parts]
                if first is None or not all(other is not None and other.is_like(first) for other in others):
                    return None
                found.append(first)
            return _together(found)

        return self.truth.assertions.once("steady", formula, made, path)

    def _named(self, formula: Formula) -> Names:
        """The names that one formula about an object knows; found once."""

        def made() -> Names:
            names = Names()
            self._names(formula, names, 0)
            return names

        return self.truth.assertions.once("names", formula, made)

    def _of(self, root: Any) -> tuple[Any, dict[Path, Names], dict[str, tuple[Path, ...]]]:
        """What was found for the payload that was asked for last."""
        if self._kept[0] is not root:
            self._kept = (root, {}, {})
        return self._kept

    def _names(self, formula: Formula, found: Names, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        match formula:
            case At(key) | In(key) if isinstance(key, str):
                found.known.setdefault(key)
            case Literal("closed", (names, patterns)):
                found.known.update(dict.fromkeys(names))
                found.open = found.open or bool(patterns)
            case Literal("required", name):
                found.known.setdefault(name)
            case Every(parts) | Either(parts) | Single(parts):
                for part in parts:
                    self._names(part, found, depth + 1)
            case Members(of_names=False) | Opaque(keyword="unevaluatedProperties"):
                found.open = True
            case Ref():
                self._names(self.truth.assertions.deref(formula), found, depth + 1)

    def _sayings(self, formula: Formula, path: Path, owner: Path, depth: int) -> Iterator[Formula | Choice]:
        """What a formula about the value at `owner` says of a place in that."""
        if depth > MAX_DEPTH:
            return
        formula = self.truth.assertions.deref(formula)
        match formula:
            case Single() if any(self._constants(formula)):
                yield Choice(formula, owner, path)
            case Every(parts) | Either(parts) | Single(parts):
                for part in parts:
                    read = self.truth.reads(part) if path else None
                    if read is None or path[0] in read:
                        yield from self._sayings(part, path, owner, depth + 1)
            case At(key, body) | In(key, body) if path:
                if path[0] == key:
                    yield from self._sayings(body, path[1:], (*owner, key), depth + 1)
            case Items(body, start) if path:
                if isinstance(path[0], int) and path[0] >= start:
                    yield from self._sayings(body, path[1:], (*owner, path[0]), depth + 1)
            case Members(of_names=False) if path:
                if isinstance(path[0], str) and self.truth.members(formula, {path[0]: None}):
                    yield Choice(formula, owner, path)
            case _ if not path:
                yield formula

    @staticmethod
    def _inner(value: Any, key: str | int) -> Any:
        return step(value, key) if isinstance(value, (dict, list)) else ABSENT

    def _meant(self, union: Either | Single, value: Any) -> tuple[Formula, ...]:
        """The branches of a union that the value can mean: the selected one, or those of its type."""
        if not isinstance(union, Single) or not isinstance(value, dict):
            return union.parts
        constants = self._constants(union)
        given = {key: value[key] for key in dict(itertools.chain(*constants)) if key in value}
        chosen = []
        for part, told in zip(union.parts, constants, strict=True):
            known = [(constant, given[key]) for key, constant in told if key in given]
            if all(dialect.equal(constant, one) for constant, one in known):
                chosen.append((bool(known), part))
        if any(told for told, _ in chosen):
            return tuple(part for told, part in chosen if told)
        return tuple(part for _, part in chosen) or union.parts

    def _constants(self, union: Single) -> tuple[tuple[tuple[str, Any], ...], ...]:
        """The single values that tell the branches of a union apart, as far as the document does not name one."""

        def made() -> tuple[tuple[tuple[str, Any], ...], ...]:
            return tuple(
                tuple(
                    (key, constant)
                    for key, constant in _constants(self.truth, part)
                    if not union.selector or key == union.selector
                )
                for part in union.parts
            )

        return self.truth.assertions.once("constants", union, made)

    def values(self, path: Path, root: Any) -> tuple[Any, ...]:
        """Every literal value that the schema names for a place, each once, in the order of the schema."""
        found: list[Any] = []
        for formula in self.at(path, root):
            if isinstance(formula, Literal) and formula.test == "enum":
                for value in formula.argument:
                    if not any(dialect.equal(value, each) for each in found):
                        found.append(value)
        return tuple(found)

    def combinations(self, places: tuple[Path, ...], root: Any) -> tuple[Combination, ...]:
        """The combinations of values that the schema lists for several places together."""
        owner = places[0][:-1]
        found: dict[str, Combination] = {}
        wanted = set(places)
        for union in self._unions(self.formula, owner, root, 0):
            for part in union.parts:
                each = listed_in(self.truth, part, owner)
                if each is not None and {place for place, _ in each.values} == wanted:
                    known = found.get(repr(sorted(map(repr, each.values))))
                    if known is None or (each.title and not known.title):
                        found[repr(sorted(map(repr, each.values)))] = each
        return tuple(found.values())

    def _unions(self, formula: Formula, path: Path, value: Any, depth: int) -> Iterator[Either | Single]:
        formula = self.truth.assertions.deref(formula)
        if depth > MAX_DEPTH:
            return
        match formula:
            case Either() | Single():
                if not path:
                    yield formula
                for part in self._meant(formula, value):
                    yield from self._unions(part, path, value, depth + 1)
            case Every(parts):
                for part in parts:
                    yield from self._unions(part, path, value, depth + 1)
            case At(key, body) | In(key, body):
                if path and path[0] == key:
                    yield from self._unions(body, path[1:], self._inner(value, key), depth + 1)
            case Items(body, start):
                if path and isinstance(path[0], int) and path[0] >= start:
                    yield from self._unions(body, path[1:], self._inner(value, path[0]), depth + 1)

    def homes(self, name: str, root: Any) -> tuple[Path, ...]:
        """The objects, reached by names alone, in which a property of that name is known."""
        steady = self.truth.assertions.once("homes", self.formula, self._steady_homes)
        if steady is not None:
            return steady.get(name, ())
        kept = self._of(root)[2]
        if not kept:
            found: Homes = {}
            self._homes(self.formula, (), found, lambda union, path, _: self._meant(union, look_up(root, path)), 0, [])
            kept.update({each: tuple(homes) for each, homes in found.items()})
        return kept.get(name, ())

    def _steady_homes(self) -> dict[str, tuple[Path, ...]] | None:
        """The homes of every name, where they are the same for every payload: in each branch that constants select."""
        steady, read = True, list[None]()

        def first(union: Either | Single, path: Path, depth: int) -> tuple[Formula, ...]:
            nonlocal steady
            if not isinstance(union, Single) or not any(self._constants(union)):
                return union.parts
            branches = []
            for part in union.parts:
                branch: Homes = {}
                self._homes(part, path, branch, first, depth + 1, read)
                branches.append([(name, *homes) for name, homes in branch.items()])
            steady = steady and all(each == branches[0] for each in branches)
            return union.parts[:1]

        found: Homes = {}
        self._homes(self.formula, (), found, first, 0, read)
        if not steady or len(read) > MAX_READ:
            return None
        return {name: tuple(homes) for name, homes in found.items()}

    def _homes(
        self,
        formula: Formula,
        path: Path,
        found: Homes,
        meant: Callable[[Either | Single, Path, int], tuple[Formula, ...]],
        depth: int,
        read: list[None],
    ) -> None:
        # Deeper homes are nobody's slip; definitions that lead into each other have more of them than can be read.
        if depth > MAX_DEPTH or len(path) > 8 or len(read) > MAX_READ:
            return
        read.append(None)
        formula = self.truth.assertions.deref(formula)
        match formula:
            case Every(parts):
                for part in parts:
                    self._homes(part, path, found, meant, depth + 1, read)
            case Either() | Single():
                for part in meant(formula, path, depth):
                    self._homes(part, path, found, meant, depth + 1, read)
            case At(key, body) | In(key, body) if isinstance(key, str):
                found.setdefault(key, {}).setdefault(path)
                if key not in path:  # a property inside itself is a cycle of the schema
                    self._homes(body, (*path, key), found, meant, depth + 1, read)


def _together(found: Iterable[Names]) -> Names:
    """The names of several formulas that speak about one place."""
    names = Names()
    for each in found:
        names.known.update(each.known)
        names.open = names.open or each.open
    return names


def _constants(truth: Truth, part: Formula) -> Iterator[tuple[str, Any]]:
    """The single values that a branch demands of its members."""
    part = truth.assertions.deref(part)
    for each in part.parts if isinstance(part, Every) else (part,):
        if isinstance(each, (At, In)) and isinstance(each.key, str):
            body = truth.assertions.deref(each.body)
            for inner in body.parts if isinstance(body, Every) else (body,):
                if isinstance(inner, Literal) and inner.test == "enum" and inner.holds and len(inner.argument) == 1:
                    yield each.key, inner.argument[0]
        elif isinstance(each, (Every, Ref)):
            yield from _constants(truth, each)
