"""
Why a value does not satisfy a formula: facts, the conditions that activate them, what would be allowed.

The walk goes down the false parts of a formula. A false `Either` is the heart of it: each of its parts is
either a condition that holds in the payload (`not A` is false because A holds) or a demand that is not met.
Demands become facts, conditions become their reasons, and where there are conditions only, what they name
does not go together. Since formulas do not know how a schema was spelt, neither does the explanation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from preroll import dialect
from preroll.evaluation import MAX_DEPTH, Truth, unexpected
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, Path, look_up, step
from preroll.watched import Watched, plain, strangers

MAX_FACTS = 1000
"""More faults than this in one payload are not told one by one."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds at a place of the payload: `literal`, with `holds` False for its contrary."""

    place: Path
    literal: Literal


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One fault.

    Attributes:
        kind: a keyword (`maximum`, `required`, ...), or `unexpected`, `forbidden`, `together`, `combination`,
            `alternatives`, `union`, `several`, `contains`, `name`, `opaque`.
        path: the place; for `required` the object that lacks something.
        expected: `Literal` for a keyword; see each kind in `Explanation`.
        because: the conditions that activate it, nearest first.
        also: further places of the same fault.
        source: JSON Pointer of the assertion in the document.
        scope, scope_path: the innermost formula that must hold as a whole around the fact, and where it stands.
        causes: facts of each alternative, where none was plainly meant.
    """

    kind: str
    path: Path
    expected: Any = None
    because: tuple[Condition, ...] = ()
    also: tuple[Path, ...] = ()
    source: str = ""
    scope: Formula | None = field(default=None, repr=False, compare=False)
    scope_path: Path = ()
    causes: tuple[Fact, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Combination:
    """Values of several places that a document lists together, under the vendor's title for them."""

    values: tuple[tuple[Path, Any], ...]
    title: str = ""


class Explanation:
    """Explains one value; made anew for each."""

    def __init__(self, truth: Truth, root: Any) -> None:
        self.truth = truth
        self.root = root
        self._spine: frozenset[int] = frozenset()

    def _spine_of(self, formula: Formula) -> frozenset[int]:
        """The identities of these; found once."""
        return self.truth.assertions.once("spine", formula, lambda: frozenset(map(id, self._demands(formula))))

    def _demands(self, formula: Formula) -> Iterator[Formula]:
        """The formula, and those of its parts that demand several things of the root value themselves."""
        formula = self.truth.assertions.deref(formula)
        if isinstance(formula, Every):
            yield formula
            for part in formula.parts:
                yield from self._demands(part)

    def facts(self, formula: Formula, *, false: bool = False) -> list[Fact]:
        """Every fault of the root value, each once, in reading order of the payload; `false` if there are some."""
        # Of a conjunction each part is asked anyway.
        asked = false or isinstance(self.truth.assertions.deref(formula), Every)
        if not asked and self._holds(formula, plain(self.root)):
            return []
        if isinstance(self.root, Watched):
            self._spine = self._spine_of(formula)
        found = merged(self._facts(formula, (), self.root, formula, ()))
        missing = _certainly_missing(found)
        return sorted((fact for fact in found if not self._undecided(fact, missing)), key=self._reading_order)

    def _undecided(self, fact: Fact, missing: set[Path]) -> bool:
        """Whether several alternatives fit only as long as something is missing of which each of them speaks."""
        return fact.kind == "several" and any(
            all(self._speaks_of(part, place[len(fact.path) :]) for part in fact.expected)
            for place in missing
            if place[: len(fact.path)] == fact.path
        )

    def _speaks_of(self, formula: Formula, path: Path, depth: int = 0) -> bool:
        """Whether a formula says something of the value at a place."""
        match self.truth.assertions.deref(formula):
            case At(key, body) | In(key, body):
                return path[:1] == (key,) and (len(path) == 1 or self._speaks_of(body, path[1:], depth + 1))
            case Every(parts) | Either(parts) | Single(parts) if depth < MAX_DEPTH:
                return any(self._speaks_of(part, path, depth + 1) for part in parts)
        return False

    def _reading_order(self, fact: Fact) -> tuple[Any, ...]:
        """By place; what is missing comes before what is wrong, and the rest does not depend on the schema's order."""
        named = options_of(fact) if fact.kind == "required" else ()
        return (
            self.position(fact.path),
            fact.kind != "required",
            [len(option) for option in named],
            fact.kind,
            len(fact.because),
            [self.position(each.place) for each in fact.because],
        )

    def position(self, path: Path) -> tuple[int, ...]:
        """Where a place stands in reading order: the index of each step among its siblings."""
        order: list[int] = []
        value = self.root
        for key in path:
            if isinstance(value, dict):
                names = list(plain(value))
                order.append(names.index(str(key)) if key in value else len(names))
            else:
                order.append(int(key) if isinstance(key, int) else 0)
            value = step(value, key) if value is not ABSENT else ABSENT
        return tuple(order)

    def _holds(self, formula: Formula, value: Any) -> bool:
        return self.truth.holds(formula, value)

    def _facts(  # noqa: C901  # one case a form
        self, formula: Formula, path: Path, value: Any, scope: Formula, scope_path: Path
    ) -> list[Fact]:
        """The faults that make a false formula false."""
        match formula:
            case Literal(test, argument, True, source):
                common: dict[str, Any] = {"source": source, "scope": scope, "scope_path": scope_path}
                if test == "closed":
                    return [
                        Fact("unexpected", (*path, name), argument, **common)
                        for name in itertools.islice(unexpected(argument, strangers(value, argument[0])), MAX_FACTS)
                    ]
                return [Fact(test, path, formula, **common)]
            case Literal(test, argument, _, source):
                spoken = _SPEAKS_OF.get(test)
                if spoken is not None and not dialect.has_type(value, spoken):
                    wanted = Literal("type", (spoken,), True, source)
                    return [Fact("type", path, wanted, source=source, scope=scope, scope_path=scope_path)]
                condition = _condition(path, Literal(test, argument, True, source))
                return [
                    Fact(
                        "forbidden",
                        condition.place,
                        (condition,),
                        source=source,
                        scope=scope,
                        scope_path=scope_path,
                    )
                ]
            case Every(parts):
                found: list[Fact] = []
                failing = self._failing(formula, value)
                for part in failing:
                    inner = self._facts(part, path, value, scope, scope_path)
                    if isinstance(part, Literal):
                        inner = [_with_value(fact, parts) for fact in inner]
                    elif isinstance(part, Opaque) and part is not failing[0]:
                        inner = self._unexplained(inner, part, parts, failing, path, value)
                    found += inner
                    if len(found) > MAX_FACTS:
                        break
                return found
            case At(key, body):
                return self._facts(body, (*path, key), step(value, key), scope, scope_path)
            case In(key, body, source):
                inner_value = step(value, key) if isinstance(value, (dict, list)) else ABSENT
                if inner_value is ABSENT:
                    options = tuple(needed(body, (*path, key)))
                    return [Fact("required", path, options, source=source, scope=scope, scope_path=scope_path)]
                return self._facts(body, (*path, key), inner_value, scope, scope_path)
            case Either():
                return self._either(formula, path, value, scope, scope_path)
            case Single(parts, opposites, holds, _, source):
                true = [index for index, part in enumerate(parts) if self._holds(part, value)]
                if not holds:
                    return self._facts(opposites[true[0]], path, value, scope, scope_path)
                if true:
                    return self._several([parts[index] for index in true], path, value, source, scope, scope_path)
                return self._union(list(parts), path, value, scope, scope_path, formula)
            case Items(body, start, None, _, _, _) if isinstance(value, list):
                found = []
                for index, item in enumerate(value[start:], start):
                    if not self._holds(body, item):
                        found += self._facts(body, (*path, index), item, scope, scope_path)
                        if len(found) > MAX_FACTS:
                            break
                return found
            case Items(_, _, _, _, _, source):
                return [Fact("contains", path, formula, source=source, scope=scope, scope_path=scope_path)]
            case Members(body, _, _, _, of_names, True, source) if isinstance(value, dict):
                found = []
                for name in self.truth.members(formula, value):
                    if of_names and not self._holds(body, name):
                        inner = self._facts(body, (), name, scope, scope_path)
                        expected = inner[0].expected if inner else None
                        place = (*path, name)
                        found.append(Fact("name", place, expected, source=source, scope=scope, scope_path=scope_path))
                    elif not of_names and not self._holds(body, value[name]):
                        found += self._facts(body, (*path, name), value[name], scope, scope_path)
                return found
            case Opaque(keyword, _, True, source) if strays := self._strays(formula, keyword, value):
                kind = "unexpected" if isinstance(value, dict) else "false"
                known = (tuple(each for each in value if each not in strays), ()) if kind == "unexpected" else None
                return [
                    Fact(kind, (*path, each), known, source=source, scope=scope, scope_path=scope_path)
                    for each in strays
                ]
            case Members(source=source) | Opaque(source=source):
                return [Fact("opaque", path, formula, source=source, scope=scope, scope_path=scope_path)]
            case Ref():
                target = self.truth.assertions.deref(formula)
                return self._facts(target, path, value, scope, scope_path)
        return []

    def _failing(self, formula: Every, value: Any) -> list[Formula]:
        """The parts of a conjunction that are false."""
        if value is self.root and isinstance(value, Watched) and id(formula) in self._spine:
            # Who watches a payload knows which parts of the whole are false: that is no reading.
            if value.false is not None:
                return [part for part in formula.parts if self._is_among(part, value.false)]
            value = value.plain
        return [part for part in formula.parts if not self._holds(part, value)]

    def _is_among(self, formula: Formula, known: frozenset[int]) -> bool:
        """Whether a formula, or a part of it, is one of those known."""
        if isinstance(formula, (Every, Ref)):
            formula = self.truth.assertions.deref(formula)
            if isinstance(formula, Every):
                return any(self._is_among(part, known) for part in formula.parts)
        return id(formula) in known

    def _strays(self, formula: Opaque, keyword: str, value: Any) -> list[str | int]:
        """The members or items that no part of a schema evaluates, as the engine says; empty where it says none."""
        if keyword == "unevaluatedItems" and isinstance(value, list):
            kept = next((k for k in range(len(value) - 1, -1, -1) if self._holds(formula, value[:k])), None)
            return [] if kept is None else list(range(kept, len(value)))
        if keyword != "unevaluatedProperties" or not isinstance(value, dict):
            return []
        return [each for each in self.truth.unevaluated(formula, value) if each in value]

    def _unexplained(  # a part of a conjunction, and its company
        self,
        facts: list[Fact],
        part: Opaque,
        parts: tuple[Formula, ...],
        failing: list[Formula],
        path: Path,
        value: Any,
    ) -> list[Fact]:
        """
        The facts of an opaque part beside others that fail, without those that only follow from the others.

        What is decided as a whole fails with any part of the whole, and a part that fails evaluates nothing: what
        it speaks of is no stranger yet.
        """
        # An engine counts the items that a prefix leaves over, and a prefix fails with its first bad item.
        company = list(parts) if isinstance(value, list) else failing
        spoken: set[str | int] = set()
        for other in company[: company.index(part)]:
            spoken.update(self._spoken_of(other, value))
        return [fact for fact in facts if fact.kind != "opaque" and fact.path[len(path)] not in spoken]

    def _spoken_of(self, formula: Formula, value: Any, depth: int = 0) -> Iterator[str | int]:
        """The members or items of a value that a formula speaks of."""
        match self.truth.assertions.deref(formula):
            case At(key) | In(key) | Literal("required", key):
                yield key
            case Every(parts) | Either(parts) | Single(parts) if depth < MAX_DEPTH:
                for part in parts:
                    yield from self._spoken_of(part, value, depth + 1)
            case Items(start=start) if isinstance(value, list):
                yield from range(start, len(value))
            case Members() as members if isinstance(value, dict):
                yield from self.truth.members(members, value)
            case Opaque() if isinstance(value, dict):
                yield from value
            case Opaque() if isinstance(value, list):
                yield from range(len(value))

    def _either(self, formula: Either, path: Path, value: Any, scope: Formula, scope_path: Path) -> list[Fact]:
        groups: list[list[Condition]] = []
        demands: list[Formula] = []
        for part in formula.parts:
            held = self.conditions(part, path, value)
            if held is None:
                demands.append(part)
            else:
                groups.append(held)
        if len(demands) > 1:
            demands, stated = self._stated(demands, path, value)
            groups += stated
        if not demands:
            return self._forbidden(groups, path, formula.source or _source(formula), scope, scope_path)
        if len(demands) == 1:
            found = self._facts(demands[0], path, value, scope, scope_path)
        else:
            found = self._union(demands, path, value, scope, scope_path, formula)
        conditions = cleaned([each for group in groups for each in group])
        return [_because(fact, conditions) for fact in found]

    def _stated(self, demands: list[Formula], path: Path, value: Any) -> tuple[list[Formula], list[list[Condition]]]:
        """
        Among several demands, those that only say that a given value is another one are conditions.

        "mode is image, or width is given" reads "width is required because mode is not image". Not so where nothing
        is left but another type of the value around: "it is text, or its mode is image" is about the mode.
        """
        stated: list[list[Condition]] = []
        rest: list[Formula] = []
        typed = True
        for demand in demands:
            found = self._facts(demand, path, value, demand, path)
            plain = [fact for fact in found if fact.kind == "enum" and isinstance(fact.expected, Literal)]
            if plain and len(plain) == len(found) and all(fact.path != path for fact in plain):
                stated.append([Condition(fact.path, replace(fact.expected, holds=False)) for fact in plain])
            else:
                rest.append(demand)
                typed = typed and _is_of_another_type(found, path)
        return (demands, []) if typed else (rest, stated)

    def conditions(self, formula: Formula, path: Path, value: Any) -> list[Condition] | None:  # noqa: C901
        """What holds in the payload and makes a false formula false; None where something is lacking instead."""
        match formula:
            case Literal(test, argument, False, source):
                spoken = _SPEAKS_OF.get(test)
                if spoken is not None and not dialect.has_type(value, spoken):
                    return [Condition(path, Literal("type", (spoken,), False, source))]
                return [_condition(path, Literal(test, argument, True, source))]
            case Every(parts):
                groups = [self.conditions(part, path, value) for part in parts if not self._holds(part, value)]
                return None if None in groups else [each for group in groups for each in group or ()]
            case Either(parts):
                groups = [self.conditions(part, path, value) for part in parts]
                return None if None in groups else [each for group in groups for each in group or ()]
            case At(key, body):
                return self.conditions(body, (*path, key), step(value, key))
            case In(key, body):
                inner = step(value, key) if isinstance(value, (dict, list)) else ABSENT
                return None if inner is ABSENT else self.conditions(body, (*path, key), inner)
            case Single(parts, opposites, False):
                for part, opposite in zip(parts, opposites, strict=True):
                    if self._holds(part, value):
                        return self.conditions(opposite, path, value)
                return None
            case Items(body, start, None) if isinstance(value, list):
                for index, item in enumerate(value[start:], start):
                    if not self._holds(body, item):
                        return self.conditions(body, (*path, index), item)
                return None
            case Items(vacuous=False, source=source):
                return [Condition(path, Literal("items", formula, True, source))]
            case Opaque(keyword, _, False, source):
                return [Condition(path, Literal("opaque", keyword, True, source))]
            case Members(every=False, source=source):
                return [Condition(path, Literal("members", formula, True, source))]
            case Ref():
                return self.conditions(self.truth.assertions.deref(formula), path, value)
        return None

    def _forbidden(
        self, groups: list[list[Condition]], path: Path, source: str, scope: Formula, scope_path: Path
    ) -> list[Fact]:
        everything = cleaned([each for group in groups for each in group])
        kept = [[each for each in group if each in everything] for group in groups]
        seen: set[tuple[Path, str]] = set()
        groups = []
        for group in kept:
            fresh = [each for each in group if (each.place, each.literal.test) not in seen]
            seen |= {(each.place, each.literal.test) for each in fresh}
            if fresh:
                groups.append(fresh)
        if not groups:
            return [Fact("opaque", path, None, source=source, scope=scope, scope_path=scope_path)]
        weights = [max(map(_weight, group)) for group in groups]
        top = max(weights)
        common: dict[str, Any] = {"source": source, "scope": scope, "scope_path": scope_path}
        if len(groups) == 1 or min(weights) < top:
            main = self._ordered(
                [each for group, weight in zip(groups, weights, strict=True) if weight == top for each in group]
            )
            rest = tuple(each for group, weight in zip(groups, weights, strict=True) if weight < top for each in group)
            also = tuple(each.place for each in main[1:])
            return [Fact("forbidden", main[0].place, main, rest, also, **common)]
        if top == _weight_of_number and self._one_owner(groups):
            main = self._ordered([each for group in groups for each in group])
            return [Fact("forbidden", main[0].place, main, (), tuple(each.place for each in main[1:]), **common)]
        # All of one weight: the larger group is told of first, and among equals what was written last.
        groups.sort(key=lambda group: (len(group), self.position(group[0].place)))
        main = self._ordered(groups.pop())
        others = tuple(each for group in groups for each in self._ordered(group))
        return [Fact("together", main[0].place, main, others, tuple(each.place for each in main[1:]), **common)]

    @staticmethod
    def _one_owner(groups: list[list[Condition]]) -> bool:
        return len({each.place[:-1] for group in groups for each in group}) == 1

    def _ordered(self, conditions: list[Condition]) -> tuple[Condition, ...]:
        return tuple(sorted(conditions, key=lambda each: self.position(each.place)))

    def _union(  # the shapes of alternatives, one after another
        self, parts: list[Formula], path: Path, value: Any, scope: Formula, scope_path: Path, union: Formula
    ) -> list[Fact]:
        """What is wrong where none of several alternatives holds."""
        parts = [self.truth.assertions.deref(part) for part in parts]
        source = getattr(union, "source", "") or _source(union)
        common: dict[str, Any] = {"source": source, "scope": scope, "scope_path": scope_path}
        listed = self._listed(parts, path, value, common)
        if listed is not None:
            return listed
        chosen = self._selected(parts, path, value, union, common)
        if chosen is not None:
            return chosen
        failing = [self._facts(part, path, value, part, path) for part in parts]
        if lacking := _lacking(failing, common):
            return [lacking]
        fitting = [
            (part, facts) for part, facts in zip(parts, failing, strict=True) if not _is_of_another_type(facts, path)
        ]
        if not fitting:
            types = tuple(dict.fromkeys(each for facts in failing for each in _types(facts, path)))
            return [Fact("type", path, Literal("type", types, True, source), **common)]
        if len(fitting) == 1:
            return fitting[0][1]
        meant = [
            (part, facts)
            for part, facts in fitting
            if not any(fact.path == path and fact.kind in _IDENTITY for fact in facts)
        ]
        if not meant:
            literals = tuple(
                fact.expected if isinstance(fact.expected, tuple) else (fact.expected,)
                for _, facts in fitting
                for fact in facts
                if fact.path == path and fact.kind in _IDENTITY
            )
            named = (each for group in literals for each in group if isinstance(each, Literal))
            # By what they say: the values that a schema names may be lists and objects, which are no keys.
            flat = tuple({repr(each): each for each in named}.values())
            if flat and all(each.test == "enum" for each in flat):
                values = tuple(value for each in flat for value in each.argument)
                return [Fact("enum", path, Literal("enum", values, True, source), **common)]
            return [Fact("alternatives", path, flat, **common)]
        meant.sort(key=lambda each: (len(each[1]), -min(len(fact.path) for fact in each[1])))
        best = meant[0]
        if len(meant) == 1 or len(best[1]) < len(meant[1][1]):
            return best[1]
        return self._tied(meant, path, scope, scope_path, common)

    def _listed(self, parts: list[Formula], path: Path, value: Any, common: dict[str, Any]) -> list[Fact] | None:
        """What is wrong with the values of several places, where every alternative only lists such values."""
        combinations = [listed_in(self.truth, part, path) for part in parts]
        listed = tuple(each for each in combinations if each is not None)
        names = tuple(place for place, _ in listed[0].values) if listed else ()
        if len(listed) < len(parts) or any({place for place, _ in each.values} != set(names) for each in listed):
            return None
        present = {place: look_up(value, place[len(path) :]) for place in names}
        given = [place for place in names if present[place] is not ABSENT]
        if not given:
            return None
        if len(names) == 1:
            values = tuple(value for each in listed for _, value in each.values)
            return [Fact("enum", names[0], Literal("enum", values, True, common["source"]), **common)]
        halves = [
            tuple(place for place, _ in each.values if place not in given)
            for each in listed
            if all(dialect.equal(one, present[place]) for place, one in each.values if place in given)
        ]
        if not halves:
            return [Fact("combination", given[0], listed, also=tuple(given[1:]), **common)]
        return [Fact("required", path, tuple(dict.fromkeys(halves)), **common)] if all(halves) else None

    def _tied(
        self,
        meant: list[tuple[Formula, list[Fact]]],
        path: Path,
        scope: Formula,
        scope_path: Path,
        common: dict[str, Any],
    ) -> list[Fact]:
        """What is wrong where several alternatives are equally near: what they agree on, and what the rest is."""
        told, rests = _factored([facts for _, facts in meant])
        if not all(rests):
            return told
        if lacking := _lacking(rests, common):
            return [*told, lacking]
        if all(fact.kind == "unexpected" for facts in rests for fact in facts):
            groups = [[Condition(fact.path, Literal("required", fact.path[-1])) for fact in facts] for facts in rests]
            return [*told, *self._forbidden(groups, path, common["source"], scope, scope_path)]
        causes = tuple(fact for facts in rests for fact in facts)
        return [*told, Fact("union", path, tuple(part for part, _ in meant), causes=causes, **common)]

    def _several(
        self, parts: list[Formula], path: Path, value: Any, source: str, scope: Formula, scope_path: Path
    ) -> list[Fact]:
        """What does not go together where several of exclusive alternatives hold, if each rests on something given."""
        grounds = [list(self._grounds(part, path, value)) for part in parts]
        places = [{each.place for each in group} for group in grounds]
        shared = set.intersection(*places)
        groups = [[each for each in group if each.place not in shared] for group in grounds]
        if all(groups):
            return self._forbidden(groups, path, source, scope, scope_path)
        return [Fact("several", path, tuple(parts), source=source, scope=scope, scope_path=scope_path)]

    def _grounds(self, formula: Formula, path: Path, value: Any) -> Iterator[Condition]:
        """The members that a formula demands, and the constants: what of a value makes it hold."""
        match self.truth.assertions.deref(formula):
            case Literal("required", name, True) if isinstance(value, dict):
                yield Condition((*path, name), Literal("required", name))
            case Literal("enum", values, True) if path:
                yield Condition(path, Literal("enum", values))
            case At(key, body) | In(key, body):
                inner = step(value, key) if isinstance(value, (dict, list)) else ABSENT
                if inner is not ABSENT:
                    yield from self._grounds(body, (*path, key), inner)
            case Every(parts):
                for part in parts:
                    yield from self._grounds(part, path, value)

    def _selected(
        self, parts: list[Formula], path: Path, value: Any, union: Formula, common: dict[str, Any]
    ) -> list[Fact] | None:
        """The faults of the branch that a discriminating constant selects, or that it selects none."""
        if not isinstance(value, dict):
            return None
        constants = [dict(self._constants(part)) for part in parts]
        shared = [key for key in constants[0] if all(key in each for each in constants)]
        selector = getattr(union, "selector", "")
        for key in [selector] if selector in shared else shared:
            values = [each for one in constants for each in one[key]]
            if len(set(map(repr, values))) != len(values):
                continue
            if key not in value:
                if selector != key:
                    continue
                literal = Literal("required", key, True, common["source"])
                return [Fact("required", path, literal, also=(), **common)]
            for part, one in zip(parts, constants, strict=True):
                if any(dialect.equal(each, value[key]) for each in one[key]):
                    return self._facts(part, path, value, part, path)
            literal = Literal("enum", tuple(values), True, common["source"])
            return [Fact("selector", (*path, key), literal, **common)]
        return None

    def _constants(self, part: Formula) -> Iterator[tuple[str, tuple[Any, ...]]]:
        part = self.truth.assertions.deref(part)
        for each in part.parts if isinstance(part, Every) else (part,):
            if isinstance(each, (At, In)) and isinstance(each.key, str):
                body = self.truth.assertions.deref(each.body)
                for inner in body.parts if isinstance(body, Every) else (body,):
                    if isinstance(inner, Literal) and inner.test == "enum" and inner.holds:
                        yield each.key, inner.argument
            elif isinstance(each, (Every, Ref)):
                yield from self._constants(each)


_SPEAKS_OF = {
    **dict.fromkeys(("required", "closed", "minProperties", "maxProperties"), "object"),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), "string"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
}
"""The type that a keyword speaks of; it holds of every other."""

_IDENTITY = frozenset(("type", "enum", "pattern", "format", "alternatives"))

_weight_of_number = 4


def _weight(condition: Condition) -> int:
    """Numbers are what a person varies, switches what they set: the heavier is the fault, the lighter its reason."""
    literal = condition.literal
    if literal.test == "enum":
        values = literal.argument
        if all(isinstance(each, bool) or each is None for each in values):
            return 1
        return _weight_of_number if all(dialect.is_number(each) for each in values) else 2
    return 3 if literal.test in ("required", "type", "items", "members", "opaque") else _weight_of_number


def _condition(path: Path, literal: Literal) -> Condition:
    if literal.test == "required":
        return Condition((*path, literal.argument), literal)
    return Condition(path, literal)


_AT_LEAST_ONE = ("minItems", "minLength", "minProperties")


def cleaned(conditions: list[Condition]) -> list[Condition]:
    """Conditions without those that others imply: an object is given where a member of it is."""
    kept = list({(each.place, each.literal.test, repr(each.literal.argument)): each for each in conditions}.values())
    given = {each.place for each in kept if each.literal.test == "required" and each.literal.holds}
    kept = [
        each
        for each in kept
        if not (each.place in given and each.literal.test in _AT_LEAST_ONE and each.literal.argument <= 1)
        and not (each.literal.test == "type" and len(kept) > 1)
    ]
    return [
        each
        for each in kept
        if each.literal.test != "required"
        or not any(
            other is not each
            and other.place[: len(each.place)] == each.place
            and (other.place != each.place or other.literal.test != "required")
            for other in kept
        )
    ]


def _because(fact: Fact, conditions: list[Condition]) -> Fact:
    places = {fact.path, *fact.also}
    if fact.kind == "required":
        places = {place for option in options_of(fact) for place in option}
    fresh = [
        each
        for each in conditions
        if each not in fact.because
        and not (each.place in places or any(place[: len(each.place)] == each.place for place in places))
    ]
    return replace(fact, because=(*fact.because, *fresh)) if fresh else fact


def _with_value(fact: Fact, siblings: tuple[Formula, ...]) -> Fact:
    """A missing name, with what the same schema demands of its value."""
    if fact.kind != "required" or not isinstance(fact.expected, Literal):
        return fact
    name = fact.expected.argument
    for each in siblings:
        if isinstance(each, (At, In)) and each.key == name:
            options = tuple(needed(each.body, (*fact.path, name)))
            return replace(fact, expected=options)
    return fact


def needed(formula: Formula, path: Path) -> Iterator[tuple[Any, ...]]:
    """
    The ways to satisfy a formula at a place where nothing is: each a tuple of places to fill.

    A place that must have one certain value is written as `(place, Literal)`. Where several places are to be filled,
    and not each with a certain value, it is the whole that is missing.
    """
    options = _needed(formula, path)
    if not options or any(len(each) > 1 and not _is_certain(each) for each in options):
        yield (path,)
        return
    ways: dict[tuple[Path, ...], list[tuple[Any, ...]]] = {}
    for each in options:
        ways.setdefault(tuple(map(place_of, each)), []).append(each)
    # Ways that differ in values alone are one way.
    yield from (alike[0] if len(alike) == 1 else places for places, alike in ways.items())


def _is_certain(option: tuple[Any, ...]) -> bool:
    return all(place_of(need) is not need for need in option)


def _needed(formula: Formula, path: Path) -> list[tuple[Any, ...]]:
    match formula:
        case Literal("required", name, True):
            return [((*path, name),)]
        case Literal("enum", _, True):
            return [((path, formula),)]
        case In(key, body):
            return _needed(body, (*path, key)) or [((*path, key),)]
        case Every(parts):
            ways: list[tuple[Any, ...]] = [()]
            values: dict[Path, Any] = {}
            for part in parts:
                if isinstance(part, At):
                    for option in _needed(part.body, (*path, part.key)):
                        if len(option) == 1 and isinstance(option[0][0], tuple):
                            values[option[0][0]] = option[0]
                    continue
                more = _needed(part, path)
                if more:
                    ways = [(*way, *each) for way in ways for each in more][:20]
            ways = [tuple(values.get(each, each) for each in way) for way in ways]
            return [way for way in ways if way]
        case Either(parts) | Single(parts):
            branches = [_needed(part, path) for part in parts]
            # A branch that needs nothing inside takes a value that has no inside.
            return [way for ways in branches for way in ways][:20] if all(branches) else []
    return []


def options_of(fact: Fact) -> tuple[tuple[Path, ...], ...]:
    """For a `required` fact: the alternatives, each a tuple of places to fill."""
    if isinstance(fact.expected, Literal):
        return (((*fact.path, fact.expected.argument),),)
    return tuple(tuple(place_of(each) for each in option) for option in fact.expected)


def place_of(need: Any) -> Path:
    """The place of one entry of a `required` option."""
    place: Path = need[0] if len(need) == 2 and isinstance(need[1], Literal) else need
    return place


def combination(formula: Formula, path: Path) -> Combination | None:
    """The values that a branch lists together, where it lists nothing but constants of places."""
    values: dict[Path, Any] = {}
    if not _collect(formula, path, values) or not values:
        return None
    return Combination(tuple(values.items()), getattr(formula, "title", ""))


def listed_in(truth: Truth, branch: Formula, path: Path) -> Combination | None:
    """The same of a branch, found once."""
    assertions = truth.assertions
    return assertions.once("combination", branch, lambda: combination(assertions.deref(branch), path), path)


def _collect(formula: Formula, path: Path, values: dict[Path, Any]) -> bool:
    match formula:
        case Literal("enum", (only,), True):
            values[path] = only
            return bool(path)
        case Literal("required" | "type", _, True):
            return True
        case At(key, body) | In(key, body):
            return _collect(body, (*path, key), values)
        case Every(parts):
            return all(_collect(part, path, values) for part in parts)
    return False


def _lacking(alternatives: list[list[Fact]], common: dict[str, Any]) -> Fact | None:
    """What is required, where none of several alternatives needs anything but what is missing."""
    if any(fact.kind != "required" for facts in alternatives for fact in facts):
        return None
    if all(len(facts) == 1 for facts in alternatives):
        options = tuple(option for facts in alternatives for option in options_of(facts[0]))
    else:
        options = tuple(tuple(place for fact in facts for place in options_of(fact)[0]) for facts in alternatives)
    owner = _shared([fact.path for facts in alternatives for fact in facts])
    return Fact("required", owner, tuple(dict.fromkeys(options)), **common)


def _factored(alternatives: list[list[Fact]]) -> tuple[list[Fact], list[list[Fact]]]:
    """The faults that several alternatives have in common, and those of each alone."""
    keys = [[_key(fact) for fact in facts] for facts in alternatives]
    shared = set.intersection(*map(set, keys))
    told = [fact for fact, key in zip(alternatives[0], keys[0], strict=True) if key in shared]
    rests = [
        [fact for fact, key in zip(facts, one, strict=True) if key not in shared]
        for facts, one in zip(alternatives, keys, strict=True)
    ]
    return told, rests


def _key(fact: Fact) -> tuple[Any, ...]:
    return (fact.kind, fact.path, fact.also, _identity(fact))


def _is_of_another_type(facts: list[Fact], path: Path) -> bool:
    return any(fact.kind == "type" and fact.path == path for fact in facts)


def _types(facts: list[Fact], path: Path) -> Iterator[str]:
    for fact in facts:
        if fact.kind == "type" and fact.path == path and isinstance(fact.expected, Literal):
            yield from fact.expected.argument


def _shared(paths: list[Path]) -> Path:
    shared = paths[0]
    for each in paths[1:]:
        length = next((i for i, (a, b) in enumerate(zip(shared, each, strict=False)) if a != b), None)
        shared = shared[: min(len(shared), len(each)) if length is None else length]
    return shared


def _source(formula: Formula) -> str:
    """The address of a formula, or of the first of its parts that has one."""
    found = getattr(formula, "source", "")
    if found:
        return str(found)
    for part in getattr(formula, "parts", ()):
        found = _source(part)
        if found:
            return found
    body = getattr(formula, "body", None)
    return _source(body) if body is not None else ""


_BOUNDS = {
    "maximum": min, "exclusiveMaximum": min, "maxLength": min, "maxItems": min, "maxProperties": min,
    "minimum": max, "exclusiveMinimum": max, "minLength": max, "minItems": max, "minProperties": max,
}  # fmt: skip


def merged(facts: list[Fact]) -> list[Fact]:
    """
    Each fault once.

    The same fact for two reasons is told for the shorter one, a limit inside a tighter limit not at all, and
    names that one object lacks for one reason are one fault.
    """
    single: dict[Any, Fact] = {}
    for fact in facts:
        if fact.kind in _BOUNDS and isinstance(fact.expected, Literal):
            key: Any = (fact.kind, fact.path)
            known = single.get(key)
            if known is not None and _BOUNDS[fact.kind](known.expected.argument, fact.expected.argument) == (
                known.expected.argument
            ):
                continue
        else:
            key = _key(fact)
            known = single.get(key)
            if known is not None and len(known.because) <= len(fact.because):
                continue
        single[key] = fact
    empty = {fact.path for fact in single.values() if fact.kind == "minItems"}
    for key in [key for key, fact in single.items() if fact.kind == "contains" and fact.path in empty]:
        del single[key]  # an array without items has no item of any kind
    return list(_joined(_without_echoes(_without_less_said(_without_shadows(list(single.values()))))))


def _without_shadows(facts: list[Fact]) -> list[Fact]:
    """Without what only follows from a value being of the wrong type: its members and the conditions about them."""
    wrong = [fact.path for fact in facts if fact.kind == "type"]
    if not wrong:
        return facts

    def shadowed(place: Path) -> bool:
        return any(place[: len(each)] == each for each in wrong)

    return [
        fact
        for fact in facts
        if fact.kind == "type"
        or not (
            any(map(shadowed, (fact.path, *fact.also)))
            or any(shadowed(each.place) for each in fact.because)
            or (fact.kind == "required" and any(all(map(shadowed, option)) for option in options_of(fact)))
        )
    ]


_SAYS_OF_TEXT = {"enum": 0, "format": 1, "alternatives": 1, "minLength": 2, "maxLength": 2, "pattern": 3}
"""How much a fact says of the text that is wanted, the most first."""


def _without_less_said(facts: list[Fact]) -> list[Fact]:
    """One fault for one text: what says the most of the text that is wanted, and without conditions if it can."""
    most: dict[Path, Fact] = {}
    for fact in facts:
        if fact.kind in _SAYS_OF_TEXT:
            known = most.setdefault(fact.path, fact)
            if _says(fact) < _says(known):
                most[fact.path] = fact
    return [fact for fact in facts if fact.kind not in _SAYS_OF_TEXT or _says(fact) == _says(most[fact.path])]


def _says(fact: Fact) -> tuple[bool, int]:
    return bool(fact.because), _SAYS_OF_TEXT[fact.kind]


def _without_echoes(facts: list[Fact]) -> list[Fact]:
    """
    Without demands of one of several things where another fact demands one of these outright, or where a combination
    must be chosen anew, of which what is missing is a part.
    """
    certain = _certainly_missing(facts)
    chosen = [{place for place, _ in fact.expected[0].values} for fact in facts if fact.kind == "combination"]

    def echoes(options: tuple[tuple[Path, ...], ...]) -> bool:
        demanded = [certain, *chosen] if len(options) > 1 else chosen
        return any(places.issuperset(option) for places in demanded for option in options)

    return [fact for fact in facts if fact.kind != "required" or not echoes(options_of(fact))]


def _certainly_missing(facts: list[Fact]) -> set[Path]:
    """The places that must be filled whatever else is done."""
    return {
        place
        for fact in facts
        if fact.kind == "required" and len(options_of(fact)) == 1
        for place in options_of(fact)[0]
    }


def _identity(fact: Fact) -> str:
    if fact.kind == "required":
        return repr(options_of(fact))
    if fact.kind in ("forbidden", "together"):
        return repr(sorted(str(each.place) for each in (*fact.expected, *fact.because)))
    if isinstance(fact.expected, Literal):
        return repr((fact.expected.test, fact.expected.argument))
    return "" if fact.kind in ("combination", "unexpected") else fact.source


def _joined(facts: list[Fact]) -> Iterator[Fact]:
    groups: dict[Any, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "required" and len(options_of(fact)) == 1:
            key = (fact.path, tuple((each.place, repr(each.literal)) for each in fact.because))
            groups.setdefault(key, []).append(fact)
    done: set[int] = set()
    for group in groups.values():
        seen: set[Path] = set()
        whole: list[Any] = []
        for fact in group:
            for need in fact.expected[0] if isinstance(fact.expected, tuple) else options_of(fact)[0]:
                if place_of(need) not in seen:
                    seen.add(place_of(need))
                    whole.append(need)
        yield replace(group[0], expected=(tuple(whole),))
        done |= {id(fact) for fact in group}
    for fact in facts:
        if id(fact) not in done:
            yield fact
