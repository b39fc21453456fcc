"""
Encoding: a formula at a location, as a term of the solver.

Every assertion carries a *release*, a variable that switches it off. With all releases false a term says what
the schema says; with one of them true it says what the schema would say without that assertion. One encoding
thus answers whether something is possible, what excludes it, and what breaks one assertion alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import z3

from preroll import dialect
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.constraints import text as texts
from preroll.constraints.location import (
    Location,
    Space,
    Term,
    alike,
    conj,
    disj,
    equals,
    exact,
    neg,
)
from preroll.constraints.unevaluated import Evaluation, NotStatic
from preroll.evaluation import Truth
from preroll.formula import (
    TRUE,
    At,
    Either,
    Every,
    Formula,
    In,
    Items,
    Literal,
    Members,
    Opaque,
    Ref,
    Single,
    negation,
)


@dataclass(frozen=True, slots=True, order=True)
class Assertion:
    """
    One thing that a schema or a rule asserts, and that a payload can break; see `docs/decisions/0003-assertions.md`.

    Attributes:
        source: JSON Pointer of the keyword in the document (of a rule: where its quote stands).
        keyword: the keyword; for a rule its kind.
        detail: what tells assertions of one keyword apart: `none` or `several` of a `oneOf`, `few` or `many` of
            a `contains`, the name of a `required`.
        negated: the schema asserts the opposite of the keyword, which stands inside a `not`.
        rule: the id of the prose rule, or "".
        severity: `error`; a rule's may be less, and then payloads that break it are still valid.
    """

    source: str
    keyword: str
    detail: str = ""
    negated: bool = False
    rule: str = ""
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Conditional:
    """
    A condition of the schema's root that activates assertions.

    Attributes:
        source: JSON Pointer of the `then`, the `else` or the dependent keyword.
        condition: what activates it, as a formula.
    """

    source: str
    condition: Formula


UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
CONDITIONAL = ("then", "else")
DEPENDENT = ("dependentRequired", "dependentSchemas")


def source_of(formula: Formula) -> str:
    """Where a formula was read from; of an unnamed joining, where its first part was."""
    if formula.source or not isinstance(formula, (Every, Either)) or not formula.parts:
        return formula.source
    return source_of(formula.parts[0])


def is_conditional(formula: Either) -> bool:
    """Whether a disjunction was read from a keyword that makes one assertion depend on another."""
    head, _, last = formula.source.rpartition("/")
    return last in CONDITIONAL or head.rpartition("/")[2] in DEPENDENT


def split(formula: Either) -> tuple[tuple[Formula, ...], tuple[Formula, ...]]:
    """The parts of a conditional: what deactivates it, and what it asserts."""
    head, _, last = formula.source.rpartition("/")
    guards: list[Formula] = []
    bodies: list[Formula] = []
    for part in formula.parts:
        source = source_of(part)
        if last in CONDITIONAL:
            relative = source.removeprefix(head)
            guard = "if" in relative.split("/")
        else:
            guard = source == formula.source and isinstance(part, Literal) and not part.holds
        (guards if guard else bodies).append(part)
    return tuple(guards), tuple(bodies)


@dataclass(frozen=True, slots=True)
class Joining:
    """
    How a disjunction came about.

    Attributes:
        guards: the parts that deactivate a conditional.
        parts: the parts that assert.
        broken: the assertion that the parts make together; None where one part stands alone.
        inside: whether the parts hold assertions of their own. Those of a negation do not: breaking it takes
            all of them at once.
    """

    guards: tuple[Formula, ...]
    parts: tuple[Formula, ...]
    broken: Assertion | None
    inside: bool


def joining(formula: Either) -> Joining:
    """Read a disjunction: a conditional, a choice (`anyOf`), or a negation of several things together."""
    source = source_of(formula)
    literals = [part for part in formula.parts if isinstance(part, Literal)]
    if len(literals) == len(formula.parts) > 1 == len({part.source for part in literals}):
        # Several literals of one place: what a false subschema means for the value that holds it.
        return Joining((), formula.parts, Assertion(source, "false"), False)
    if is_conditional(formula):
        guards, bodies = split(formula)
        if len(bodies) == 1:
            return Joining(guards, bodies, None, True)
        negated = all(source_of(each).startswith(f"{source}/not") for each in bodies)
        return Joining(guards, bodies, Assertion(source, "not" if negated else "anyOf"), not negated)
    choice = source.rpartition("/")[2] == "anyOf"
    return Joining((), formula.parts, Assertion(source, "anyOf" if choice else "not"), choice)


def assertion(literal: Literal) -> Assertion:
    """The assertion that a literal makes."""
    detail = literal.argument if literal.test == "required" else ""
    return Assertion(literal.source, literal.test, detail, negated=not literal.holds)


class Reading:
    """The formulas of one document's view, with what decides their opaque parts."""

    def __init__(self, assertions: Assertions, truth: Truth) -> None:
        self.assertions, self.truth = assertions, truth
        self._targets: dict[tuple[str, bool], Formula] = {}

    def target(self, reference: Ref) -> Formula:
        """What a reference leads to; one object each time."""
        key = (reference.pointer, reference.holds)
        found = self._targets.get(key)
        if found is None:
            formula = self.assertions.formula(reference.pointer)
            found = self._targets[key] = formula if reference.holds else negation(formula)
        return found


class Encoding:
    """
    Terms of formulas over one space of locations.

    Attributes:
        releases: for each assertion that was met, the variable that switches it off.
        conditionals: the conditions of the root.
        open: what the solver is free to choose because it is not encoded: for the name of each such variable
            the variable, the reason in words, and where it matters.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.releases: dict[Assertion, z3.BoolRef] = {}
        self.conditionals: dict[str, Conditional] = {}
        self.open: dict[str, tuple[Any, str, Term]] = {}
        self._terms: dict[tuple[int, int, int, bool], tuple[Formula, Term]] = {}
        self._opaque: dict[tuple[int, str, str], z3.BoolRef] = {}

    def release(self, broken: Assertion) -> z3.BoolRef:
        """The variable that switches an assertion off."""
        found = self.releases.get(broken)
        if found is None:
            found = self.releases[broken] = self.space.boolean(f"release{len(self.releases)}")
        return found

    def open_truth(self, reason: str, matters: Term) -> z3.BoolRef:
        """A truth that the solver is free to choose."""
        made = self.space.fresh("open")
        self.open[str(made)] = (made, reason, matters)
        return made

    def open_value(self, variable: Any, reason: str, matters: Term) -> None:
        """Mark a number that the solver is free to choose."""
        self.open[str(variable)] = (variable, reason, matters)

    def term(self, reading: Reading, formula: Formula, at: Location, *, tracked: bool = False) -> Term:
        """
        What a formula says of a location that exists.

        Args:
            reading: the document's view that the formula belongs to.
            formula: what is asserted.
            at: where.
            tracked: whether the assertions inside get releases.
        """
        if isinstance(formula, Ref):
            return self._ref(reading, formula, at, tracked=tracked)
        key = (id(reading), id(formula), at.number, tracked)
        found = self._terms.get(key)
        if found is None:
            # The formula is kept, so that its identity is not given to another one.
            found = self._terms[key] = (formula, self._term(reading, formula, at, tracked=tracked))
        return found[1]

    def _ref(self, reading: Reading, formula: Ref, at: Location, *, tracked: bool) -> Term:
        target = reading.target(formula)
        known = self._terms.get((id(reading), id(target), at.number, tracked))
        if known is not None:
            return known[1]
        mark = (id(reading), formula.pointer, formula.holds, tracked)
        if mark in at.opened:  # the reference leads back to the same place: it adds nothing
            return True
        above, times = at.parent, 0
        while above is not None:
            times += mark in above.opened
            above = above.parent
        if times > self.space.bounds.depth:
            self.space.axiom(z3.Or(z3.Not(self.space.cut), neg(at.exists)))  # within the bounds there is no such place
            return self.space.fresh("deeper")
        at.opened.add(mark)
        return self.term(reading, target, at, tracked=tracked)

    def _term(self, reading: Reading, formula: Formula, at: Location, *, tracked: bool) -> Term:
        match formula:
            case Literal():
                term = self._literal(formula, at)
                return self._releasing(assertion(formula), term) if tracked else term
            case Every(parts):
                return conj(self.term(reading, part, at, tracked=tracked) for part in parts)
            case Either():
                return self._either(reading, formula, at, tracked=tracked)
            case Single():
                return self._single(reading, formula, at, tracked=tracked)
            case At(key, body):
                child = self._child(at, key)
                return disj((neg(child.exists), self.term(reading, body, child, tracked=tracked)))
            case In(key, body):
                child = self._child(at, key)
                term = conj((child.exists, self.term(reading, body, child, tracked=False)))
                broken = Assertion(formula.source, "in", str(key), negated=True)
                return self._releasing(broken, term) if tracked else term
            case Items():
                return self._items(reading, formula, at, tracked=tracked)
            case Members():
                return self._members(reading, formula, at, tracked=tracked)
            case Opaque():
                term = self._opaque_term(reading, formula, at)
                term = term if formula.holds else neg(term)
                if tracked:
                    return self._releasing(Assertion(formula.source, formula.keyword, negated=not formula.holds), term)
                return term
        raise TypeError(f"{formula!r} is no formula")

    def _releasing(self, broken: Assertion, term: Term) -> Term:
        return True if term is True else disj((self.release(broken), term))

    def _child(self, at: Location, key: str | int) -> Location:
        return at.member(key) if isinstance(key, str) else at.item(key)

    def _free(self, at: Location, keyword: str, schema: str) -> z3.BoolRef:
        key = (at.number, keyword, schema)
        found = self._opaque.get(key)
        if found is None:
            found = self._opaque[key] = self.open_truth(f"{keyword} at {schema or '/'} is not encoded", at.exists)
        return found

    def _opaque_term(self, reading: Reading, formula: Opaque, at: Location) -> Term:
        """What was left to an engine, where it can be said after all."""
        body = (
            reading.assertions.formula(f"{formula.schema}/{formula.keyword}")
            if formula.keyword in UNEVALUATED
            else TRUE
        )

        def holds(pointer: str) -> Term:
            return self.term(reading, reading.assertions.formula(pointer), at)

        evaluation = Evaluation(reading.assertions, formula.schema, at, holds)
        try:
            if formula.keyword == "unevaluatedProperties":
                evaluation.member("")  # what cannot be said is known before anything is put off

                def members() -> Term:
                    at.sealed = True
                    parts = [
                        disj((neg(child.exists), evaluation.member(name), self.term(reading, body, child)))
                        for name, child in list(at.members.items())
                    ]
                    for slot in at.all_slots():
                        inner = self.term(reading, body, slot.value)
                        parts.append(disj((neg(slot.exists), evaluation.slot(slot), inner)))
                    return conj(parts)

                return disj((neg(at.kind("object")), self.space.later(at.depth, members)))
            if formula.keyword == "unevaluatedItems":
                evaluation.item(0, lambda _: True)
                at.some_items(len(at.items) + 1)

                def items() -> Term:
                    def satisfying(place: Location) -> Callable[[str], Term]:
                        return lambda pointer: self.term(reading, reading.assertions.formula(pointer), place)

                    return conj(
                        disj(
                            (
                                neg(item.exists),
                                evaluation.item(index, satisfying(item)),
                                self.term(reading, body, item),
                            )
                        )
                        for index, item in enumerate(at.all_items())
                    )

                return disj((neg(at.kind("array")), self.space.later(at.depth, items)))
        except NotStatic:
            pass
        return self._free(at, formula.keyword, formula.schema)

    def _either(self, reading: Reading, formula: Either, at: Location, *, tracked: bool) -> Term:
        if not formula.parts:
            return False
        joined = joining(formula)
        if joined.guards and at.parent is None and tracked:
            known = Conditional(formula.source, Every(tuple(map(negation, joined.guards)), "", formula.source))
            self.conditionals.setdefault(formula.source, known)
        inactive = [self.term(reading, part, at) for part in joined.guards]
        inside = tracked and joined.inside
        parts = [self.term(reading, part, at, tracked=inside) for part in joined.parts]
        if tracked and joined.broken is not None:
            return disj((*inactive, self._releasing(joined.broken, disj(parts))))
        return disj((*inactive, *parts))

    def _single(self, reading: Reading, formula: Single, at: Location, *, tracked: bool) -> Term:
        tracked_inside = tracked and formula.holds
        parts = [self.term(reading, part, at, tracked=tracked_inside) for part in formula.parts]
        some = disj(parts)
        most = conj(disj((neg(one), neg(other))) for index, one in enumerate(parts) for other in parts[index + 1 :])
        if len(parts) > 6:
            most = z3.AtMost(*map(self.space.term, parts), 1)
        if not tracked:
            both = conj((some, most))
            return both if formula.holds else neg(both)
        if not formula.holds:
            return self._releasing(Assertion(formula.source, "oneOf", negated=True), neg(conj((some, most))))
        return conj(
            (
                self._releasing(Assertion(formula.source, "oneOf", "none"), some),
                self._releasing(Assertion(formula.source, "oneOf", "several"), most),
            )
        )

    def _items(self, reading: Reading, formula: Items, at: Location, *, tracked: bool) -> Term:
        array = at.kind("array")
        start, least, most = formula.start, formula.least, formula.most
        at.some_items(start + 1)
        other = neg(array) if formula.vacuous else False

        def all_of_them() -> Term:
            items = at.all_items(start + 1)
            return conj(
                disj((neg(each.exists), self.term(reading, formula.body, each, tracked=tracked)))
                for each in items[start:]
            )

        if least is None:
            every = self.space.later(at.depth, all_of_them)
            return disj((other, every)) if formula.vacuous else conj((array, every))
        at.length  # noqa: B018  # makes the variable

        def enough() -> Term:
            items = at.all_items(start + 1)
            holding = [conj((each.exists, self.term(reading, formula.body, each))) for each in items[start:]]
            if least == 1:
                return disj(holding)
            return _counted(at, items, holding) >= least

        def few() -> Term:
            items = at.all_items(start + 1)
            holding = [conj((each.exists, self.term(reading, formula.body, each))) for each in items[start:]]
            if most == 0:
                return conj(map(neg, holding))
            return _counted(at, items, holding) <= most

        low = self.space.later(at.depth, enough) if least else True
        high = self.space.later(at.depth, few) if most is not None else True
        if tracked and formula.vacuous:
            low = self._releasing(Assertion(formula.source, "contains", "few"), low)
            high = self._releasing(Assertion(formula.source, "contains", "many"), high)
            return disj((other, conj((low, high))))
        term = disj((other, conj((array, low, high))))
        return self._releasing(Assertion(formula.source, "contains", negated=True), term) if tracked else term

    def _members(self, reading: Reading, formula: Members, at: Location, *, tracked: bool) -> Term:
        object_ = at.kind("object")
        for name in formula.names:
            at.member(name)

        def results() -> Iterator[tuple[Term, Term]]:
            """For each member that may be meant: whether it is there and meant, and what is asserted of it."""
            at.sealed = True
            inside = tracked and formula.every
            for name, child in list(at.members.items()):
                if name in formula.names or not _meant(formula, name):
                    continue
                if formula.of_names:
                    term = reading.truth.holds(formula.body, name)
                    if inside and not term:
                        yield child.exists, self._releasing(Assertion(formula.source, "propertyNames"), False)
                    else:
                        yield child.exists, term
                else:
                    yield child.exists, self.term(reading, formula.body, child, tracked=inside)
            for slot in at.all_slots():
                meant = [slot.exists]
                if formula.pattern is not None:
                    meant.append(slot.name.satisfies(texts.pattern(formula.pattern)))
                meant += [neg(slot.name.satisfies(texts.pattern(each))) for each in formula.unless]
                place = slot.name if formula.of_names else slot.value
                yield conj(meant), self.term(reading, formula.body, place, tracked=inside)

        if formula.every:
            every = self.space.later(at.depth, lambda: conj(disj((neg(meant), term)) for meant, term in results()))
            return disj((neg(object_), every))
        some = self.space.later(at.depth, lambda: disj(conj(each) for each in results()))
        term = conj((object_, some))
        return self._releasing(Assertion(formula.source, "members", negated=True), term) if tracked else term

    def _literal(self, literal: Literal, at: Location) -> Term:
        term = self._positive(literal, at)
        return term if literal.holds else neg(term)

    def _positive(self, literal: Literal, at: Location) -> Term:  # noqa: C901  # one case a keyword
        test, argument = literal.test, literal.argument
        match test:
            case "type":
                return disj(_kind(at, each) for each in argument)
            case "enum":
                return disj(equals(at, each) for each in argument)
            case "false":
                return False
            case "required":
                child = at.member(argument)
                return disj((neg(at.kind("object")), child.exists))
            case "closed":
                names, patterns = argument
                for name in names:
                    at.member(name)
                closed = self.space.later(at.depth, lambda: _closed(at, names, patterns))
                return disj((neg(at.kind("object")), closed))
            case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf":
                return disj((neg(at.kind("number")), _compared(at, test, exact(argument))))
            case "minLength":
                return disj((neg(at.kind("string")), at.longer(int(argument))))
            case "maxLength":
                return disj((neg(at.kind("string")), neg(at.longer(int(argument) + 1))))
            case "pattern":
                return disj((neg(at.kind("string")), at.satisfies(texts.pattern(argument))))
            case "format":
                if argument not in dialect.FORMATS:
                    return True
                return disj((neg(at.kind("string")), at.satisfies(texts.format_(argument))))
            case "minItems":
                return disj((neg(at.kind("array")), at.length >= int(argument)))
            case "maxItems":
                at.counts.add(int(argument))
                at.spread()
                return disj((neg(at.kind("array")), at.length <= int(argument)))
            case "uniqueItems":
                at.distinct = True
                at.some_items(2)
                at.spread()
                return disj((neg(at.kind("array")), self.space.later(at.depth, lambda: self._unique(at))))
            case "minProperties" | "maxProperties":
                at.extra  # noqa: B018  # makes the variable
                bound = int(argument)
                counted = self.space.later(at.depth, lambda: _many(at, test, bound))
                return disj((neg(at.kind("object")), counted))
        raise ValueError(f"{test!r} is no assertion")

    def _unique(self, at: Location) -> Term:
        items = at.all_items(2)
        last = items[-1]
        differ = []
        for index, one in enumerate(items):
            for other in items[index + 1 :]:
                # Equality needs all members of both to be known, so it waits until everything is.
                equal = self.space.later(1_000_000, functools.partial(alike, one, other))
                differ.append(disj((neg(other.exists), neg(equal))))
        return conj((*differ, disj((at.length <= len(items), last.varied, neg(self.space.few)))))


def _kind(at: Location, name: str) -> Term:
    if name == "integer":
        return conj((at.kind("number"), at.whole))
    return at.kind(name) if name in ("null", "boolean", "number", "string", "array", "object") else False


def _compared(at: Location, test: str, bound: Any) -> Term:
    if test in ("minimum", "maximum"):
        at.amounts.add(bound)
    match test:
        case "minimum":
            return at.amount >= at.space.number(bound)
        case "maximum":
            return at.amount <= at.space.number(bound)
        case "exclusiveMinimum":
            return at.amount > at.space.number(bound)
        case "exclusiveMaximum":
            return at.amount < at.space.number(bound)
    return at.multiple(bound)


def _counted(at: Location, items: list[Location], holding: list[Term]) -> Any:
    """How many items hold; the last place counts for all further items."""
    weights: list[Any] = [1] * len(holding)
    weights[-1] = at.length - (len(items) - 1)
    return z3.Sum([z3.If(at.space.term(term), weight, 0) for term, weight in zip(holding, weights, strict=True)])


def _meant(formula: Members, name: str) -> bool:
    if formula.pattern is not None and not dialect.matches(formula.pattern, name):
        return False
    return not any(dialect.matches(each, name) for each in formula.unless)


def _closed(at: Location, names: Iterable[str], patterns: Iterable[str]) -> Term:
    at.sealed = True
    allowed = frozenset(names)
    parts = [
        neg(child.exists)
        for name, child in at.members.items()
        if name not in allowed and not any(dialect.matches(each, name) for each in patterns)
    ]
    parts += [
        disj((neg(slot.exists), *(slot.name.satisfies(texts.pattern(each)) for each in patterns)))
        for slot in at.all_slots()
    ]
    return conj(parts)


def _many(at: Location, test: str, bound: int) -> Term:
    at.sealed = True
    given = [z3.If(child.exists, 1, 0) for child in at.members.values()]
    total = z3.Sum([*given, at.extra])
    return total >= bound if test == "minProperties" else total <= bound


def pointer_text(location: Location) -> str:
    """The place as a JSON Pointer."""
    return pointers.text(location.path)
