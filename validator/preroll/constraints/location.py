"""
Locations: the bounded tree of places where a payload may have values, as variables of the solver.

Everything that JSON lets a place be is a few variables: whether it exists, which kind of value it has, its
number, its truth, its text, how many items or unknown members it has. Variables are made when something speaks
about them, and what must always hold between them is collected as axioms.
"""

from __future__ import annotations

import gc
import heapq
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import z3

from preroll import dialect
from preroll.constraints.text import Predicate
from preroll.document import DocumentError
from preroll.pointer import Path, text

Term = Any
"""A truth: Python's own where it is known, else a term of the solver."""

KINDS = ("string", "number", "boolean", "object", "array", "null")


def conj(terms: Iterable[Term]) -> Term:
    """All of them."""
    open_terms = []
    for each in terms:
        if each is False:
            return False
        if each is not True:
            open_terms.append(each)
    if not open_terms:
        return True
    return open_terms[0] if len(open_terms) == 1 else _joined(z3.Z3_mk_and, open_terms)


def disj(terms: Iterable[Term]) -> Term:
    """At least one of them."""
    open_terms = []
    for each in terms:
        if each is True:
            return True
        if each is not False:
            open_terms.append(each)
    if not open_terms:
        return False
    return open_terms[0] if len(open_terms) == 1 else _joined(z3.Z3_mk_or, open_terms)


def _joined(make: Callable[..., Any], terms: list[z3.BoolRef]) -> z3.BoolRef:
    """What `z3.And` and `z3.Or` make, without asking each of thousands of terms again whether it is a truth."""
    context = terms[0].ctx
    return z3.BoolRef(make(context.ref(), len(terms), (z3.Ast * len(terms))(*(each.ast for each in terms))), context)


def neg(term: Term) -> Term:
    """Not it."""
    return not term if isinstance(term, bool) else z3.BoolRef(z3.Z3_mk_not(term.ctx.ref(), term.ast), term.ctx)


def same_truth(one: Term, other: Term) -> Term:
    """Both or neither."""
    if isinstance(one, bool):
        return other if one else neg(other)
    if isinstance(other, bool):
        return one if other else neg(one)
    return one == other


def exact(value: Any) -> Fraction:
    """A JSON number, exactly in decimal (0.1 is a tenth)."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value) if isinstance(value, float) else value)


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    Within which payloads are looked for; a proof that none exists holds within them.

    Attributes:
        items: items of an array that may all differ; further ones are like the last of them.
        depth: how often a reference may be followed inside itself.
        extra: members of unknown names that may all differ; further ones are like the last of them.
    """

    items: int = 3
    depth: int = 2
    extra: int = 1


_DISTINCT = 12
"""How many items that have to differ get places of their own."""


class Stale(Exception):
    """Something new is said of a place about which everything was settled; encode again from the start."""


MAX_LOCATIONS = 8_000
"""Schemas that refer to each other widely unfold without end; the largest bundled target has some hundred places."""


class Location:
    """One place; see the module's docstring."""

    def __init__(self, space: Space, path: Path, parent: Location | None, exists: Term) -> None:
        self.space, self.path, self.parent, self.exists = space, path, parent, exists
        self.number = len(space.locations)
        if self.number >= MAX_LOCATIONS:
            problem = f"this schema unfolds into more than {MAX_LOCATIONS} places, too many to reason about"
            raise DocumentError("the constraint model", text(path), problem)
        self.depth: int = parent.depth + 1 if parent is not None else 0
        space.locations.append(self)
        self.kinds: dict[str, z3.BoolRef] = {}
        self.members: dict[str, Location] = {}
        self.items: list[Location] = []
        self.slots: list[Slot] = []
        self.sealed = False  # whether something was said of all members
        self.filled = False  # whether something was said of all items
        self.compared = False  # whether something was said of the whole value
        self.is_name = False
        self.spare: bool = parent is not None and parent.spare  # whether it is below a member with an unknown name
        self.dated: Callable[[str], int | None] | None = None  # which day a text names, where something asks
        self.literals: dict[str, z3.ExprRef] = {}
        self.named: set[str] = set()  # literals that something here compares with
        self.steps: set[Fraction] = set()  # of which something here asks for a multiple
        self.distinct = False  # whether something here asks for items that all differ
        self.counts: set[int] = set()  # the most items that something here allows
        self.amounts: set[Fraction] = set()  # numbers that something here compares with
        self.predicates: list[Predicate] = []
        self.limits: set[int] = set()
        self.unit_limits: set[int] = set()
        self.peers: list[Location] = []
        self.opened: set[tuple[Any, ...]] = set()  # the references that were followed here
        self._parts: dict[str, z3.ExprRef] = {}
        self._terms: dict[tuple[str, Any], Any] = {}

    def _part(self, name: str, make: Callable[[str], z3.ExprRef], axioms: Callable[[Any], Iterable[Term]]) -> Any:
        found = self._parts.get(name)
        if found is None:
            found = self._parts[name] = make(f"{name}{self.number}")
            for each in axioms(found):
                self.space.axiom(each)
        return found

    def has(self, part: str) -> Any:
        """A variable if something speaks about it, else None."""
        return self._parts.get(part)

    def kind(self, name: str) -> z3.BoolRef:
        """Whether the value is of a kind; of at most one."""
        found = self.kinds.get(name)
        if found is None:
            if self.compared:
                raise Stale(self.path, name)
            found = self.space.boolean(f"{name}{self.number}")
            for other in self.kinds.values():
                self.space.axiom(disj((neg(found), neg(other))))
            self.kinds[name] = found
            if len(self.kinds) == len(KINDS):
                self.space.axiom(disj(self.kinds.values()))
        return found

    @property
    def amount(self) -> z3.ArithRef:
        """The number."""
        return self._part("amount", self.space.real, lambda _: ())

    @property
    def whole(self) -> Term:
        """Whether the number is whole."""
        return self.multiple(Fraction(1))

    def multiple(self, step: Fraction) -> Term:
        """Whether the number is a multiple of a step."""
        name = f"times[{step}]"
        self.steps.add(step)
        size = self.space.number(step)
        factor = self._part(
            name,
            self.space.integer,
            lambda made: (
                z3.ToReal(made) * size <= self.amount,
                self.amount < (z3.ToReal(made) + 1) * size,
            ),
        )
        return self.amount == z3.ToReal(factor) * size

    @property
    def truth(self) -> z3.BoolRef:
        """The truth value."""
        return self._part("truth", self.space.boolean, lambda _: ())

    @property
    def length(self) -> z3.ArithRef:
        """How many items."""
        return self._part("length", self.space.integer, lambda made: (made >= 0,))

    @property
    def extra(self) -> z3.ArithRef:
        """How many members with names that nothing speaks about."""
        return self._part("extra", self.space.integer, lambda made: (made >= 0,))

    @property
    def varied(self) -> z3.BoolRef:
        """Whether the further items that are like this one all differ in a text (see `Space.settle`)."""
        return self._part(
            "varied",
            self.space.boolean,
            lambda made: (z3.Or(self.space.later(self.depth, self._can_vary), z3.Not(made)),),
        )

    def _can_vary(self) -> Term:
        ways: list[Term] = [conj((self.kind("string"), *(self.text != each for each in self.literals.values())))]
        ways += [conj((child.exists, child.varied)) for child in self.members.values()]
        return disj(ways)

    @property
    def text(self) -> z3.ExprRef:
        """The text."""
        return self._part("text", lambda name: z3.Const(name, self.space.texts), lambda _: ())

    def is_text(self, value: str) -> Term:
        """Whether the text is this one."""
        self.named.add(value)
        return self.text == self.knows(value)

    def knows(self, value: str) -> z3.ExprRef:
        """A literal that the text may be; the truths of what is said of the text are told of it."""
        known = self.literals.get(value)
        if known is None:
            known = self.literals[value] = self.space.literal(value)
            for predicate in self.predicates:
                self.space.fact(value, predicate)
            for limit in self.limits:
                self.space.length_fact(value, limit)
            for limit in self.unit_limits:
                self.space.unit_fact(value, limit)
            self.tell_day(value)
            for peer in self.peers:
                peer.knows(value)
        return known

    def tell_day(self, value: str) -> None:
        """Tell which day a known text names, if something asks for the day of this text."""
        number = self.dated(value) if self.dated is not None else None
        if number is not None:
            self.space.day_fact(value, number)

    def satisfies(self, predicate: Predicate) -> Term:
        """The truth of a predicate of the text."""
        if predicate not in self.predicates:
            self.predicates.append(predicate)
            for value in self.literals:
                self.space.fact(value, predicate)
            for peer in self.peers:
                peer.satisfies(predicate)
        return self._said("is", predicate, self.space.predicate)

    def _said(self, what: str, argument: Any, function: Callable[[Any], Any]) -> Any:
        """The term for what a function of the solver says of the text; made once, because making it is slow."""
        found = self._terms.get((what, argument))
        if found is None:
            found = self._terms[what, argument] = function(argument)(self.text)
        return found

    def longer(self, limit: int) -> Term:
        """Whether the text has at least so many characters."""
        if limit <= 0:
            return True
        reached = self._said("long", limit, self.space.length_at_least)
        if limit not in self.limits:
            for other in self.limits:
                low, high = min(limit, other), max(limit, other)
                at_least = self.space.length_at_least
                self.space.axiom(z3.Implies(at_least(high)(self.text), at_least(low)(self.text)))
            self.limits.add(limit)
            for units in self.unit_limits:
                self._relate(limit, units)
            for value in self.literals:
                self.space.length_fact(value, limit)
            for peer in self.peers:
                peer.longer(limit)
        return reached

    def wider(self, limit: int) -> Term:
        """Whether the text has at least so many UTF-16 code units."""
        if limit <= 0:
            return True
        at_least = self.space.units_at_least
        reached = self._said("wide", limit, at_least)
        if limit not in self.unit_limits:
            for other in self.unit_limits:
                low, high = min(limit, other), max(limit, other)
                self.space.axiom(z3.Implies(at_least(high)(self.text), at_least(low)(self.text)))
            self.unit_limits.add(limit)
            for length in self.limits:
                self._relate(length, limit)
            for value in self.literals:
                self.space.unit_fact(value, limit)
            for peer in self.peers:
                peer.wider(limit)
        return reached

    def _relate(self, length: int, units: int) -> None:
        long = self.space.length_at_least(length)(self.text)
        wide = self.space.units_at_least(units)(self.text)
        if units <= length:
            self.space.axiom(z3.Implies(long, wide))
        if length <= (units + 1) // 2:
            self.space.axiom(z3.Implies(wide, long))

    def same_text(self, other: Location) -> Term:
        """Whether two places have the same text."""
        if other not in self.peers and other is not self:
            self.peers.append(other)
            other.peers.append(self)
            for one, two in ((self, other), (other, self)):
                for value in tuple(one.literals):
                    two.knows(value)
                for predicate in tuple(one.predicates):
                    two.satisfies(predicate)
                for limit in tuple(one.limits):
                    two.longer(limit)
                for limit in tuple(one.unit_limits):
                    two.wider(limit)
        return self.text == other.text

    @property
    def day(self) -> z3.ArithRef:
        """The day that the text names, counted from 0001-01-01 as 1."""
        return self.space.day(self.text)

    def member(self, name: str) -> Location:
        """The place of a member."""
        found = self.members.get(name)
        if found is None:
            if self.sealed:
                raise Stale(self.path, name)
            exists = self.space.boolean(f"given{len(self.space.locations)}")
            found = self.members[name] = Location(self.space, (*self.path, name), self, exists)
            self.space.axiom(z3.Implies(exists, self.space.term(conj((self.exists, self.kind("object"))))))
            for slot in self.slots:
                self.space.axiom(neg(slot.name.is_text(name)))
        return found

    def item(self, index: int) -> Location:
        """The place of an item."""
        while index >= len(self.items):
            if self.filled:
                raise Stale(self.path, index)
            here = len(self.items)
            exists = self.space.boolean(f"given{len(self.space.locations)}")
            made = Location(self.space, (*self.path, here), self, exists)
            self.items.append(made)
            meaning = conj((self.exists, self.kind("array"), self.length > here))
            self.space.axiom(exists == meaning)
        return self.items[index]

    def all_items(self, at_least: int = 0) -> list[Location]:
        """The places of the items that may differ; the last also stands for all further ones."""
        self.some_items(at_least)
        self.filled = True
        return self.items

    def some_items(self, at_least: int = 0) -> None:
        """Make the places of the items that may differ; call it before anything is said of all of them."""
        self.item(max(self.space.bounds.items, at_least) - 1)

    def spread(self) -> None:
        """Where items have to differ, make places for one more than are allowed, so that the limit can be exceeded."""
        if self.distinct and self.counts and not self.filled:
            self.some_items(min(max(self.counts) + 1, _DISTINCT))

    def all_slots(self) -> list[Slot]:
        """The places of the members with unknown names; the last also stands for all further ones."""
        if not self.slots:
            for index in range(self.space.bounds.extra):
                exists = self.space.boolean(f"given{len(self.space.locations)}")
                name = Location(self.space, (*self.path, f"<name {index}>"), self, exists)
                value = Location(self.space, (*self.path, f"<member {index}>"), self, exists)
                name.is_name = name.spare = value.spare = True
                self.slots.append(Slot(name, value, exists))
                self.space.axiom(exists == conj((self.exists, self.kind("object"), self.extra > index)))
                self.space.axiom(z3.Implies(exists, name.kind("string")))
                for known in self.members:
                    self.space.axiom(neg(name.is_text(known)))
        return self.slots


@dataclass(frozen=True, slots=True)
class Slot:
    """A member with a name that nothing speaks about: its name and its value are both places."""

    name: Location
    value: Location
    exists: z3.BoolRef


@dataclass(order=True)
class _Deferred:
    depth: int
    order: int
    variable: z3.BoolRef = field(compare=False)
    define: Callable[[], Term] = field(compare=False)


SPARE = 32
"""How many spaces that nobody uses any more may lie about before they are cleared away."""


class _Spaces:
    """
    The spaces that are there.

    A model is a ring of objects, which only the garbage collector frees, and the collector does not see the 16 MB that
    the solver takes for each: left to itself it lets gigabytes of them lie about.
    """

    def __init__(self) -> None:
        self.alive: weakref.WeakSet[Space] = weakref.WeakSet()
        self.fewest = 0  # since they were cleared away

    def add(self, space: Space) -> None:
        """One more; those that are no longer used may go for it."""
        self.fewest = min(self.fewest, len(self.alive))
        if len(self.alive) - self.fewest >= SPARE:
            gc.collect()
            self.fewest = len(self.alive)
        self.alive.add(space)


SPACES = _Spaces()


class Space:
    """
    The tree of one payload, with the axioms that hold of every payload.

    Attributes:
        root: the payload.
        cut: assumed by every question: no payload is deeper than the bounds.
        few: assumed by every question: items that have to differ have places of their own, or differ in a text.
    """

    def __init__(self, bounds: Bounds) -> None:
        SPACES.add(self)
        self.bounds = bounds
        self.axioms: list[z3.BoolRef] = []
        self.locations: list[Location] = []
        self.context = z3.Context()
        self.texts = z3.DeclareSort("Text", self.context)
        self.cut, self.few = self.boolean("cut"), self.boolean("few")
        self.fold = z3.Function("fold", self.texts, self.texts)
        self.day = z3.Function("day", self.texts, z3.IntSort(self.context))
        self._literals: dict[str, z3.ExprRef] = {}
        self._told = 0
        self._predicates: dict[Predicate, tuple[Any, int]] = {}
        self._facts: set[tuple[Any, ...]] = set()
        self._deferred: list[_Deferred] = []
        self._meanings: list[tuple[z3.BoolRef, z3.BoolRef]] = []
        self._made = 0
        self._lengths: dict[int, Any] = {}
        self._units: dict[int, Any] = {}
        self.root = Location(self, (), None, True)

    # Every space has a context of its own: what the solver answers then depends on nothing that was asked of
    # others before, and several threads may each ask theirs.

    def boolean(self, name: str) -> z3.BoolRef:
        """A truth by name."""
        return z3.Bool(name, self.context)

    def integer(self, name: str) -> z3.ArithRef:
        """A whole number by name."""
        return z3.Int(name, self.context)

    def real(self, name: str) -> z3.ArithRef:
        """A number by name."""
        return z3.Real(name, self.context)

    def number(self, value: Fraction) -> z3.RatNumRef:
        """A number of the solver."""
        return z3.RealVal(f"{value.numerator}/{value.denominator}", self.context)

    def count(self, value: int) -> z3.IntNumRef:
        """A whole number of the solver."""
        return z3.IntVal(value, self.context)

    def term(self, term: Term) -> z3.BoolRef:
        """A truth as a term of the solver, also where it is known."""
        return z3.BoolVal(term, self.context) if isinstance(term, bool) else term

    def find(self, path: Path) -> Location | None:
        """The place at a path; items beyond those that may differ are at the place of the last."""
        at: Location | None = self.root
        for key in path:
            if at is None:
                return None
            if isinstance(key, int):
                at = at.items[min(key, len(at.items) - 1)] if at.items else None
            else:
                at = at.members.get(key)
        return at

    def axiom(self, term: Term) -> None:
        """Something that always holds."""
        if term is not True:
            self.axioms.append(self.term(term))

    def fresh(self, name: str) -> z3.BoolRef:
        """A truth that nothing else speaks about."""
        self._made += 1
        return self.boolean(f"{name}!{self._made}")

    def literal(self, value: str) -> z3.ExprRef:
        """The solver's name of a known text."""
        found = self._literals.get(value)
        if found is None:
            found = self._literals[value] = z3.Const(f"literal{len(self._literals)}", self.texts)
        return found

    def fact(self, value: str, predicate: Predicate) -> None:
        """Tell the truth of a predicate of a known text."""
        key = (value, predicate)
        if key not in self._facts:
            self._facts.add(key)
            term = self.predicate(predicate)(self.literal(value))
            self.axiom(term if predicate.holds(value) else z3.Not(term))

    def length_fact(self, value: str, limit: int) -> None:
        """Tell whether a known text has so many characters."""
        key = (value, "length", limit)
        if key not in self._facts:
            self._facts.add(key)
            term = self.length_at_least(limit)(self.literal(value))
            self.axiom(term if len(value) >= limit else z3.Not(term))

    def unit_fact(self, value: str, limit: int) -> None:
        """Tell whether a known text has so many UTF-16 code units."""
        key = (value, "units", limit)
        if key not in self._facts:
            self._facts.add(key)
            term = self.units_at_least(limit)(self.literal(value))
            units = len(value) + sum(each > "\uffff" for each in value)
            self.axiom(term if units >= limit else z3.Not(term))

    def day_fact(self, value: str, number: int) -> None:
        """Tell which day a known text names."""
        key = (value, "day")
        if key not in self._facts:
            self._facts.add(key)
            self.axiom(self.day(self.literal(value)) == number)

    def predicate(self, predicate: Predicate) -> Any:
        """The solver's function for a predicate of texts."""
        found = self._predicates.get(predicate)
        if found is None:
            made = z3.Function(f"is{len(self._predicates)}", self.texts, z3.BoolSort(self.context))
            found = self._predicates[predicate] = (made, len(self._predicates))
        return found[0]

    def folded(self, location: Location) -> z3.ExprRef:
        """The text of a place without regard to case."""
        for value in tuple(location.literals):
            key = (value, "fold")
            if key not in self._facts:
                self._facts.add(key)
                self.axiom(self.fold(self.literal(value)) == self.literal(value.casefold()))
        return self.fold(location.text)

    def length_at_least(self, limit: int) -> Any:
        """The solver's function for texts of so many characters."""
        if limit not in self._lengths:
            self._lengths[limit] = z3.Function(f"long{limit}", self.texts, z3.BoolSort(self.context))
        return self._lengths[limit]

    def units_at_least(self, limit: int) -> Any:
        """The solver's function for texts of so many UTF-16 code units."""
        if limit not in self._units:
            self._units[limit] = z3.Function(f"wide{limit}", self.texts, z3.BoolSort(self.context))
        return self._units[limit]

    def later(self, depth: int, define: Callable[[], Term]) -> z3.BoolRef:
        """A truth that can be defined only when everything at its depth is known."""
        variable = self.fresh("later")
        heapq.heappush(self._deferred, _Deferred(depth, self._made, variable, define))
        return variable

    def spelt_out(self, term: z3.BoolRef) -> z3.BoolRef:
        """A term with the definitions that were put off in the place of their names."""
        while True:
            further = z3.substitute(term, *self._meanings)
            if further.eq(term):
                return term
            term = further

    def settle(self) -> list[z3.BoolRef]:
        """Define what was put off; returns the axioms that are new since the last time."""
        while self._deferred:
            each = heapq.heappop(self._deferred)
            meaning = each.define()
            self.axiom(same_truth(each.variable, meaning))
            self._meanings.append((each.variable, self.term(meaning)))
        if self._told < len(self._literals) > 1:
            self.axiom(z3.Distinct(*self._literals.values()))
        self._told = len(self._literals)
        fresh, self.axioms = self.axioms, []
        return fresh


def equals(location: Location, value: Any) -> Term:
    """Whether the value at a place is a given one (2020-12 core, section 4.2.2)."""
    if value is None:
        return location.kind("null")
    if isinstance(value, bool):
        return conj((location.kind("boolean"), location.truth if value else neg(location.truth)))
    if dialect.is_number(value):
        amount = exact(value)
        location.amounts.add(amount)
        return conj((location.kind("number"), location.amount == location.space.number(amount)))
    if isinstance(value, str):
        return conj((location.kind("string"), location.is_text(value)))
    if isinstance(value, list):
        parts = [location.kind("array"), location.length == len(value)]
        return conj((*parts, *(equals(location.item(index), each) for index, each in enumerate(value))))
    names = frozenset(value)
    parts = [location.kind("object")]
    for name, each in value.items():
        child = location.member(name)
        parts += [child.exists, equals(child, each)]
    parts.append(location.space.later(location.depth, lambda: _only(location, names)))
    return conj(parts)


def _only(location: Location, names: frozenset[str]) -> Term:
    location.sealed = True
    others = [z3.Not(child.exists) for name, child in location.members.items() if name not in names]
    return conj((*others, location.extra == 0))


def alike(one: Location, other: Location) -> Term:
    """Whether two places that exist have equal values; both must be settled."""
    ways: list[Term] = []
    for kind in KINDS:
        same = [one.kind(kind), other.kind(kind)]
        if kind == "boolean":
            same.append(one.truth == other.truth)
        elif kind == "number":
            same.append(one.amount == other.amount)
        elif kind == "string":
            same.append(one.same_text(other))
        elif kind == "array":
            same.append(one.length == other.length)
            for left, right in zip(one.items, other.items, strict=False):
                same.append(disj((neg(left.exists), alike(left, right))))
        elif kind == "object":
            for name in sorted(one.members.keys() | other.members.keys()):
                mine, theirs = one.members.get(name), other.members.get(name)
                if mine is not None and theirs is not None:
                    both = conj((mine.exists, theirs.exists, alike(mine, theirs)))
                    same.append(disj((both, conj((neg(mine.exists), neg(theirs.exists))))))
                else:
                    same += [neg(each.exists) for each in (mine, theirs) if each is not None]
            same += [one.extra == 0, other.extra == 0]
        ways.append(conj(same))
    for each in (one, other):
        each.sealed = each.filled = each.compared = True
    return disj(ways)
