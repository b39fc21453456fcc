"""
Witnesses: a concrete payload from what the solver chose, and its confirmation by other means.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import z3

from preroll import dialect
from preroll.constraints import text as texts
from preroll.constraints.encoding import Assertion, Reading, assertion, joining
from preroll.constraints.location import KINDS, Location, Slot, Space, Term, exact
from preroll.constraints.text import Extent, Predicate, Realisation
from preroll.evaluation import Truth, literal_holds
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, step
from preroll.rules.date_span import FIRST, LAST, written

LONGEST = 20_000
"""The longest array that is written out."""


class NoText(Exception):
    """No text was found for a place; `proved` tells whether there is none, `clause` keeps the solver from it."""

    def __init__(self, location: Location, found: Realisation, clause: Term, wanted: Mapping[Predicate, bool]) -> None:
        super().__init__(location.path)
        self.location, self.found, self.clause = location, found, clause
        self.wanted = {each.name: truth for each, truth in wanted.items()}


class TooLong(Exception):
    """An array would be longer than anybody wants to see."""


class Writer:
    """
    Makes one payload of one answer of the solver.

    Args:
        space: the locations.
        model: the solver's answer.
        hints: documented values by the name of a member.
        tries: texts that are worth a try where those and the likely ones will not do.
    """

    def __init__(
        self,
        space: Space,
        model: z3.ModelRef,
        hints: Mapping[str, tuple[Any, ...]],
        tries: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.space, self.model, self.hints, self.tries = space, model, hints, tries
        self._texts: dict[tuple[int, int], str] = {}
        self._used: set[str] = set()
        self._alive: list[z3.ExprRef] = []

    def payload(self) -> Any:
        """
        The payload.

        Raises:
            NoText: a place needs a text that was not found.
            TooLong: an array is longer than `LONGEST`.
        """
        return self._value(self.space.root, fresh=False)

    def is_true(self, term: Any) -> bool:
        """What the solver chose for a truth."""
        if isinstance(term, bool):
            return term
        context, found = term.ctx.ref(), (z3.Ast * 1)()  # as `eval`, without an object for each answer
        z3.Z3_model_eval(context, self.model.model, term.ast, True, found)  # positions are the C interface's
        return bool(z3.Z3_get_bool_value(context, found[0]) == z3.Z3_L_TRUE)

    def _chosen(self, text: z3.ExprRef) -> int:
        """Which text the solver chose: texts are the same where the numbers are."""
        value = self.model.eval(text, model_completion=True)
        self._alive.append(value)  # a number is given again when its value is gone
        return int(value.get_id())

    def _kind(self, at: Location) -> str:
        for name, term in at.kinds.items():
            if self.is_true(term):
                return name
        return next(each for each in KINDS if each not in at.kinds)

    def _value(self, at: Location, *, fresh: bool) -> Any:
        match self._kind(at):
            case "string":
                return self._text(at, fresh=fresh)
            case "number":
                amount = at.has("amount")
                return 1 if amount is None else self._number(amount)
            case "boolean":
                truth = at.has("truth")
                return True if truth is None else self.is_true(truth)
            case "null":
                return None
            case "array":
                return self._array(at, fresh=fresh)
        return self._object(at, fresh=fresh)

    def _number(self, amount: z3.ArithRef) -> int | float | Decimal:
        chosen = self.model.eval(amount, model_completion=True)
        if not isinstance(chosen, z3.RatNumRef):
            chosen = chosen.approx(12)
        value = Fraction(chosen.numerator_as_long(), chosen.denominator_as_long())
        if value.denominator == 1:
            return int(value)
        near = float(value)
        if exact(near) == value:
            return near
        digits = Decimal(value.numerator) / Decimal(value.denominator)
        return digits if Fraction(digits) == value else near

    def _integer(self, term: Any) -> int:
        return int(self.model.eval(term, model_completion=True).as_long())

    def _array(self, at: Location, *, fresh: bool) -> list[Any]:
        length = at.has("length")
        count = self._integer(length) if length is not None else 0
        if count > LONGEST:
            raise TooLong(at.path)
        items = []
        for index in range(count):
            if index < len(at.items):
                items.append(self._value(at.items[index], fresh=fresh))
            elif not at.items:
                items.append(f"item {index + 1}")
            else:
                last = at.items[-1]
                varied = last.has("varied")
                different = fresh or (varied is not None and self.is_true(varied))
                items.append(self._value(last, fresh=True) if different else items[-1])
        return items

    def _object(self, at: Location, *, fresh: bool) -> dict[str, Any]:
        members = {
            name: self._value(child, fresh=fresh) for name, child in at.members.items() if self.is_true(child.exists)
        }
        extra = at.has("extra")
        count = self._integer(extra) if extra is not None else 0
        if count > LONGEST:
            raise TooLong(at.path)
        for index in range(count):
            if index < len(at.slots):
                slot: Slot | None = at.slots[index]
            else:
                slot = at.slots[-1] if at.slots else None
            if slot is None:
                members[_spare(members, at.members)] = "value"
                continue
            name = self._text(slot.name, fresh=index >= len(at.slots), avoid=(*members, *at.members))
            members[name] = self._value(slot.value, fresh=fresh)
        return members

    def _text(self, at: Location, *, fresh: bool, avoid: Collection[str] = ()) -> str:
        hints, tries = self._hints(at)
        term = at.has("text")
        if term is None:
            if at.is_name:
                return _spare(avoid, ())
            return next((each for each in (*hints, *tries) if not fresh or each not in self._used), texts.PROSE[0])
        chosen = self._chosen(term)
        for value, literal in at.literals.items():
            if self._chosen(literal) == chosen:
                return value
        group = list(self._sharing(at, chosen))
        key = (chosen, min(each.number for each in group))
        if not fresh and key in self._texts and self._texts[key] not in avoid:
            return self._texts[key]
        wanted: dict[Predicate, bool] = {}
        for each in group:
            for predicate in each.predicates:
                wanted[predicate] = self.is_true(each.satisfies(predicate))
        extent = self._extent(group)
        day = self._day(group, wanted)
        named = {value for each in group for value in each.named}
        refused = named | set(avoid)
        if fresh or at.peers:
            refused |= self._used
        found = texts.realise(wanted, extent, hints=(*day, *hints), tries=tries, avoid=refused)
        if found.text is None:
            if refused != named:  # that several texts have to differ is no reason why there should be none
                found = texts.realise(wanted, extent, avoid=named)
                found = Realisation(None) if found.text is not None else found
            raise NoText(at, found, self._clause(group, wanted, found), wanted)
        if not fresh:
            self._texts[key] = found.text
        self._used.add(found.text)
        return found.text

    def _hints(self, at: Location) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if at.is_name:
            return ("extra", "extra_2", "extra_3", "x_extra", "Extra"), ()
        name = next((each for each in reversed(at.path) if isinstance(each, str)), "")
        documented = (each for each in self.hints.get(name, ()) if isinstance(each, str))
        return (*documented, *texts.likely(name)), self.tries.get(name, ())

    def _sharing(self, at: Location, chosen: int) -> Iterator[Location]:
        """The places whose texts the solver took to be the same."""
        if not at.peers:
            yield at
            return
        pending, seen = [at], {at.number}
        while pending:
            here = pending.pop()
            yield here
            for peer in here.peers:
                if peer.number not in seen and self._chosen(peer.text) == chosen:
                    seen.add(peer.number)
                    pending.append(peer)

    def _extent(self, group: list[Location]) -> Extent:
        def limits(
            of: Callable[[Location], set[int]], reached: Callable[[Location, int], Any]
        ) -> tuple[int, int | None]:
            least, most = 0, None
            for each in group:
                for limit in of(each):
                    if self.is_true(reached(each, limit)):
                        least = max(least, limit)
                    else:
                        most = limit - 1 if most is None else min(most, limit - 1)
            return least, most

        least, most = limits(lambda each: each.limits, Location.longer)
        least_units, most_units = limits(lambda each: each.unit_limits, Location.wider)
        return Extent(least, most, least_units, most_units)

    def _day(self, group: list[Location], wanted: Mapping[Predicate, bool]) -> tuple[str, ...]:
        """Where the text is a date, the date that the solver chose."""
        if all(each.dated is None for each in group) or not any(
            truth and each.name == "a date" for each, truth in wanted.items()
        ):
            return ()
        number = self._integer(self.space.day(group[0].text))
        return (written(number),) if FIRST <= number <= LAST else ()

    def _clause(self, group: list[Location], wanted: Mapping[Predicate, bool], found: Realisation) -> Term:
        one = group[0]
        parts: list[Any] = []
        for predicate in found.culprits if found.proved else tuple(wanted):
            holds = one.satisfies(predicate)
            parts.append(z3.Not(holds) if wanted[predicate] else holds)
        if not found.proved or found.besides:
            parts += [one.text == one.space.literal(value) for value in sorted(one.named)]
        for each in group:
            for limit in sorted(each.limits):
                reached = one.longer(limit)
                parts.append(z3.Not(reached) if self.is_true(each.longer(limit)) else reached)
            if not found.proved:
                for limit in sorted(each.unit_limits):
                    reached = one.wider(limit)
                    chosen = self.is_true(each.wider(limit))
                    parts.append(z3.Not(reached) if chosen else reached)
        return z3.Or([each for each in parts if not isinstance(each, bool)])


def _spare(taken: Collection[str], others: Collection[str]) -> str:
    number = 1
    while True:
        name = "extra" if number == 1 else f"extra_{number}"
        if name not in taken and name not in others:
            return name
        number += 1


class Confirmation:
    """
    The truth of a formula with one assertion switched off, by the interpreter instead of the solver.

    Args:
        reading: the document's view.
        released: the assertion that counts as true wherever it stands; None for none.
    """

    def __init__(self, reading: Reading, released: Assertion | None = None) -> None:
        self.reading, self.released = reading, released

    def holds(self, formula: Formula, value: Any, *, tracked: bool = True) -> bool:  # noqa: C901  # a case a form
        """Whether a value satisfies the formula; `tracked` as in `Encoding.term`."""
        if not tracked or self.released is None:
            return self.reading.truth.holds(formula, value)
        match formula:
            case Literal(test, argument, holds):
                return literal_holds(test, argument, value) is holds or assertion(formula) == self.released
            case Every(parts):
                return all(self.holds(part, value) for part in parts)
            case Either():
                return self._either(formula, value)
            case Single(parts, _, True):
                count = sum(self.holds(part, value) for part in parts)
                none = count == 0 and self.released != Assertion(formula.source, "oneOf", "none")
                several = count > 1 and self.released != Assertion(formula.source, "oneOf", "several")
                return not none and not several
            case Single():
                return self._plain(formula, value, Assertion(formula.source, "oneOf", negated=True))
            case At(key, body):
                found = _member(value, key)
                return found is ABSENT or self.holds(body, found)
            case In(key):
                return self._plain(formula, value, Assertion(formula.source, "in", str(key), negated=True))
            case Items(body, start, None):
                if not isinstance(value, list):
                    return formula.vacuous
                return all(self.holds(body, item) for item in value[start:])
            case Items(vacuous=True):
                return self._contains(formula, value)
            case Items():
                return self._plain(formula, value, Assertion(formula.source, "contains", negated=True))
            case Members():
                return self._members(formula, value)
            case Opaque(keyword):
                return self._plain(formula, value, Assertion(formula.source, keyword, negated=not formula.holds))
            case Ref():
                return self.holds(self.reading.target(formula), value)
        raise TypeError(f"{formula!r} is no formula")

    def _plain(self, formula: Formula, value: Any, broken: Assertion) -> bool:
        return broken == self.released or self.reading.truth.holds(formula, value)

    def _either(self, formula: Either, value: Any) -> bool:
        plain = self.reading.truth
        if not formula.parts:
            return False
        joined = joining(formula)
        if any(plain.holds(part, value) for part in joined.guards):
            return True
        if any(self.holds(part, value, tracked=joined.inside) for part in joined.parts):
            return True
        return joined.broken is not None and joined.broken == self.released

    def _contains(self, formula: Items, value: Any) -> bool:
        if not isinstance(value, list):
            return True
        count = sum(self.reading.truth.holds(formula.body, item) for item in value[formula.start :])
        few = count < (formula.least or 0) and self.released != Assertion(formula.source, "contains", "few")
        limit = formula.most
        many = limit is not None and count > limit and self.released != Assertion(formula.source, "contains", "many")
        return not few and not many

    def _members(self, formula: Members, value: Any) -> bool:
        if not formula.every:
            return self._plain(formula, value, Assertion(formula.source, "members", negated=True))
        if not isinstance(value, dict):
            return True
        for name in Truth.members(formula, value):
            if not self.holds(formula.body, name if formula.of_names else value[name]) and not (
                formula.of_names and self.released == Assertion(formula.source, "propertyNames")
            ):
                return False
        return True


def _member(value: Any, key: str | int) -> Any:
    return step(value, key) if isinstance(key, str) is isinstance(value, dict) else ABSENT


def smaller(payload: Any, accepts: Callable[[Any], bool]) -> Any:
    """The payload without every member and item that it can do without."""
    changed = True
    while changed:
        changed = False
        for path in reversed(list(_removable(payload, ()))):
            fewer = without(payload, path)
            if accepts(fewer):
                payload, changed = fewer, True
    return payload


def _removable(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield (*path, name)
            yield from _removable(each, (*path, name))
    elif isinstance(value, list) and len(value) <= 8:  # a long list is long because it has to be
        for index, each in enumerate(value):
            yield (*path, index)
            yield from _removable(each, (*path, index))


def without(value: Any, path: tuple[str | int, ...]) -> Any:
    """A copy without one place; the value itself where there is no such place."""
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        if head not in value:
            return value
        if rest:
            return {name: without(each, rest) if name == head else each for name, each in value.items()}
        return {name: each for name, each in value.items() if name != head}
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        if rest:
            return [without(each, rest) if index == head else each for index, each in enumerate(value)]
        return [each for index, each in enumerate(value) if index != head]
    return value


def tidier(payload: Any, accepts: Callable[[Any], bool], hints: Mapping[str, Any]) -> Any:
    """The payload with documented values where the solver's own choice does not matter."""
    for path, value in list(_scalars(payload, ())):
        name = next((each for each in reversed(path) if isinstance(each, str)), "")
        for better in hints.get(name, ()):
            if type(better) is type(value) and not dialect.equal(better, value):
                other = replaced(payload, path, better)
                if accepts(other):
                    payload = other
                    break
            elif type(better) is type(value):
                break
    return payload


def _scalars(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _scalars(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value[:8]):
            yield from _scalars(each, (*path, index))
    elif path:
        yield path, value


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """A copy with another value at one place, which may be new in an object or at the end of an array."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, head: replaced(value.get(head), rest, new)}
    if isinstance(value, list) and isinstance(head, int):
        copy = list(value)
        if head == len(copy):
            copy.append(None)
        copy[head] = replaced(copy[head], rest, new)
        return copy
    return {head: replaced(None, rest, new)} if isinstance(head, str) else [replaced(None, rest, new)]
