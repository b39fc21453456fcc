"""
The words of a schema: which properties and values it knows at which place.

Read from formulas, and so from every branch and condition; where a discriminating constant of the payload
selects a branch, only that one counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from preroll import dialect
from preroll.assertions import MAX_KEPT
from preroll.evaluation import Truth
from preroll.explanation import Combination, combination
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, Path, step

MAX_DEPTH = 60
MAX_KEPT_DEPTH = 5
"""Deeper in a formula it may lead back into itself, and end where the depth does."""
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


class Vocabulary:
    """What one formula knows, in the light of one value."""

    def __init__(self, truth: Truth, formula: Formula) -> None:
        self.truth = truth
        self.formula = formula
        self._looked = False
        self._kept: tuple[Any, dict[Path, Names], dict[str, tuple[Path, ...]]] = (None, {}, {})

    def names(self, path: Path, root: Any) -> Names:
        """The property names known at a place of a payload."""
        kept = self._of(root)[1]
        found = kept.get(path)
        if found is None:
            found = kept[path] = self._spoken(path, root)[1]
        return found

    def at(self, path: Path, root: Any) -> tuple[Formula, ...]:
        """The formulas that speak about a place of a payload, from everywhere in the formula."""
        return self._spoken(path, root)[0]

    def _spoken(self, path: Path, root: Any) -> tuple[tuple[Formula, ...], Names]:
        """The same, and the names that they know; kept where they are the same for every payload."""
        kept = self.truth.assertions.spoken
        key = (id(self.formula), path)
        known = kept.get(key)
        if known is not None and known[2] is not None:
            return known[1], known[2]
        self._looked = False
        formulas, names = tuple(self._at(self.formula, path, root, 0)), Names()
        for each in formulas:
            found = self._named(each)
            names.known.update(found.known)
            names.open = names.open or found.open
        if not self._looked:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            kept[key] = (self.formula, formulas, names)  # with the formula, so that no other one gets its identity
        return formulas, names

    def _named(self, formula: Formula) -> Names:
        """The names that one formula about an object knows; found once."""

        def made() -> Names:
            names = Names()
            self._names(formula, names, 0)
            return names

        return self.truth.assertions.once("names", formula, made)

    def is_steady(self) -> bool:
        """Whether the names known at the root are the same for every payload: no constant selects a branch there."""
        return self._steady(self.formula, 0)

    def _steady(self, formula: Formula, depth: int) -> bool:
        formula = self.truth.assertions.deref(formula)
        match formula:
            case Single(parts):
                return not any(True for part in parts for _ in constants(self.truth, part))
            case Every(parts) | Either(parts):
                return depth < MAX_DEPTH and all(self._steady(part, depth + 1) for part in parts)
        return True

    def _of_part(self, part: Formula, path: Path, value: Any, depth: int) -> Iterable[Formula]:
        """The same of a part of a conjunction; kept where it is the same for every payload."""
        if depth > MAX_KEPT_DEPTH:
            return self._at(part, path, value, depth)
        kept = self.truth.assertions.spoken
        key = (id(part), path)
        known = kept.get(key)
        if known is not None:
            kept_part: tuple[Formula, ...] = known[1]
            return kept_part
        before, self._looked = self._looked, False
        found = tuple(self._at(part, path, value, depth))
        if not self._looked:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            kept[key] = (part, found, None)
        self._looked = self._looked or before
        return found

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

    def _at(self, formula: Formula, path: Path, value: Any, depth: int) -> Iterator[Formula]:
        """The formulas that speak about a place, from everywhere in a formula; notes whether the value matters."""
        if depth > MAX_DEPTH:
            return
        formula = self.truth.assertions.deref(formula)
        match formula:
            case Every(parts):
                for part in parts:
                    read = self.truth.reads(part) if path else None
                    if read is None or path[0] in read:
                        yield from self._of_part(part, path, value, depth + 1)
            case Either(parts) | Single(parts):
                for part in self._meant(formula, parts, value):
                    yield from self._at(part, path, value, depth + 1)
            case At(key, body) | In(key, body):
                if path and path[0] == key:
                    yield from self._at(body, path[1:], self._inner(value, key), depth + 1)
                    return
            case Items(body, start):
                if path and isinstance(path[0], int) and path[0] >= start:
                    yield from self._at(body, path[1:], self._inner(value, path[0]), depth + 1)
                    return
            case Members(body, of_names=False):
                self._looked = True
                if path and isinstance(path[0], str) and isinstance(value, dict) and path[0] in value:
                    if path[0] in self.truth.members(formula, value):
                        yield from self._at(body, path[1:], value[path[0]], depth + 1)
                    return
        if not path and not isinstance(formula, (Every, Either, Single)):
            yield formula

    @staticmethod
    def _inner(value: Any, key: str | int) -> Any:
        return step(value, key) if isinstance(value, (dict, list)) else ABSENT

    def _meant(self, formula: Formula, parts: tuple[Formula, ...], value: Any) -> tuple[Formula, ...]:
        """The branches of a union that the value can mean: the selected one, or those of its type."""
        if not isinstance(formula, Single):
            return parts
        self._looked = True
        if not isinstance(value, dict):
            return parts
        chosen = []
        for part in parts:
            told = [
                dialect.equal(constant, value[key])
                for key, constant in constants(self.truth, part)
                if key in value and (not formula.selector or key == formula.selector)
            ]
            if all(told):
                chosen.append((any(told), part))
        if any(told for told, _ in chosen):
            return tuple(part for told, part in chosen if told)
        return tuple(part for _, part in chosen) or parts

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
                each = self._listed(part, owner)
                if each is not None and {place for place, _ in each.values} == wanted:
                    known = found.get(repr(sorted(map(repr, each.values))))
                    if known is None or (each.title and not known.title):
                        found[repr(sorted(map(repr, each.values)))] = each
        return tuple(found.values())

    def _listed(self, part: Formula, owner: Path) -> Combination | None:
        """The values that a branch lists together; found once."""
        assertions = self.truth.assertions
        return assertions.once("combination", part, lambda: combination(assertions.deref(part), owner), owner)

    def _unions(self, formula: Formula, path: Path, value: Any, depth: int) -> Iterator[Either | Single]:
        formula = self.truth.assertions.deref(formula)
        if depth > MAX_DEPTH:
            return
        match formula:
            case Either(parts) | Single(parts):
                if not path:
                    yield formula
                for part in self._meant(formula, parts, value):
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
        kept = self._of(root)[2]
        if not kept:
            found: dict[str, dict[Path, None]] = {}
            self._homes(self.formula, (), found, root, 0, itertools.count())
            kept.update({each: tuple(homes) for each, homes in found.items()})
        return kept.get(name, ())

    def _homes(
        self,
        formula: Formula,
        path: Path,
        found: dict[str, dict[Path, None]],
        value: Any,
        depth: int,
        read: Iterator[int],
    ) -> None:
        # Deeper homes are nobody's slip; definitions that lead into each other have more of them than can be read.
        if depth > MAX_DEPTH or len(path) > 8 or next(read) > MAX_READ:
            return
        formula = self.truth.assertions.deref(formula)
        match formula:
            case Every(parts):
                for part in parts:
                    self._homes(part, path, found, value, depth + 1, read)
            case Either(parts) | Single(parts):
                for part in self._meant(formula, parts, value):
                    self._homes(part, path, found, value, depth + 1, read)
            case At(key, body) | In(key, body) if isinstance(key, str):
                found.setdefault(key, {}).setdefault(path)
                if key not in path:  # a property inside itself is a cycle of the schema
                    self._homes(body, (*path, key), found, self._inner(value, key), depth + 1, read)


def constants(truth: Truth, part: Formula) -> tuple[tuple[str, Any], ...]:
    """The single values that a branch demands of its members."""
    return truth.assertions.once("constants", part, lambda: tuple(_constants(truth, part)))


def _constants(truth: Truth, part: Formula) -> Iterator[tuple[str, Any]]:
    part = truth.assertions.deref(part)
    for each in part.parts if isinstance(part, Every) else (part,):
        if isinstance(each, (At, In)) and isinstance(each.key, str):
            body = truth.assertions.deref(each.body)
            for inner in body.parts if isinstance(body, Every) else (body,):
                if isinstance(inner, Literal) and inner.test == "enum" and inner.holds and len(inner.argument) == 1:
                    yield each.key, inner.argument[0]
        elif isinstance(each, (Every, Ref)):
            yield from _constants(truth, each)
