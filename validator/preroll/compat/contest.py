"""
Contest: two schemas in the constraint model, asked for payloads that tell them apart.

Needs the group `solver`; everything else of the comparison does without this module.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import z3

from preroll.compat.least import least
from preroll.compat.reading import foreign
from preroll.compat.relation import RESPONSE, Answer, Side
from preroll.constraints import Bounds, Impossible, Model, Possible, Unknown
from preroll.constraints.difference import Comparison
from preroll.constraints.encoding import Reading
from preroll.constraints.location import Stale
from preroll.constraints.model import Core, State
from preroll.constraints.text import pattern
from preroll.document import DocumentError
from preroll.evaluation import Truth
from preroll.formula import Formula
from preroll.pointer import Path


class Lenient(Model):
    """A response for a reader that ignores unknown properties."""

    def __init__(self, side: Side, today: date | None) -> None:
        super().__init__(side.registry, side.target, published=side.published, today=today)
        self.side = side
        registry, target, published = side.registry, side.target, side.published
        truth = Truth(side.ignoring, lambda pointer: registry.engine(target, pointer, published=published))
        self.reading = Reading(side.ignoring, truth)
        self.formula = side.ignoring.formula(target.schema)
        self.rules = ()

    def is_valid(self, payload: Any, *, released: str = "") -> bool:
        """Whether the engine accepts what the reader does not ignore."""
        return super().is_valid(self.side.described.stripped(payload), released=released)


class Contest(Comparison):
    """
    The models of both sides over one tree of locations.

    Args:
        side: `request` or `response`.
        old, new: the schemas.
        today: the day that rules about dates count from.
        until: when (`time.monotonic`) to give up.

    Raises:
        DocumentError: a schema cannot be used.
    """

    def __init__(self, side: str, old: Side, new: Side, today: date | None, until: float) -> None:
        self.side, self.until = side, until
        self.sides = {True: (old, new), False: (new, old)}  # by whether it is asked what is newly refused
        first, second = _model(old, today), _model(new, today)
        self.models: dict[tuple[bool, bool], tuple[Model, Model]] = {
            (True, True): (first, second),
            (False, True): (second, first),
        }
        lenient: list[Model] = []
        if side == RESPONSE and (old.described.closed or new.described.closed):
            lenient = [Lenient(old, today), Lenient(new, today)]
            self.models |= {(True, False): (first, lenient[1]), (False, False): (second, lenient[0])}
        else:
            self.models |= {(True, False): (first, second), (False, False): (second, first)}
        self._lenient = lenient
        super().__init__(first, second)
        if lenient:
            self._renew(())

    def _renew(self, conditions: tuple[tuple[Model, Formula], ...]) -> None:
        """Encode again, so that what conditions speak about has its place."""
        hints = self._state.hints
        others: list[Any] = [self.new, *self._lenient, *(_Asked(model, formula) for model, formula in conditions)]
        self._state = State(self.old, (), others=others)
        self._state.hints = hints

    def ask(self, *, refused: bool, condition: Formula | None = None, literal: bool = False) -> Answer:
        """
        A payload that one side accepts and the other refuses, or a proof that there is none.

        Args:
            refused: whether the new side is the one that refuses.
            condition: what must hold besides, in terms of the refusing side.
            literal: without the caller's reading.
        """
        accepting, refusing = self.models[refused, literal]
        own, other = self.sides[refused]
        reading = None if literal or self.side == RESPONSE else (own, other)

        def known(path: Path) -> bool:
            return reading is None or not foreign(own.described, other.described, path)

        def accepts(payload: Any) -> bool:
            return (
                accepting.is_valid(payload)
                and not refusing.is_valid(payload)
                and (condition is None or refusing.reading.truth.holds(condition, payload))
                and all(map(known, _members(payload, ())))
            )

        try:
            found = self._solved(accepting, refusing, condition, reading, accepts)
        except Stale:
            return Answer(None, reason="the constraint model could not take the question in")
        except DocumentError as problem:
            return Answer(None, reason=str(problem))
        if isinstance(found, Core):
            bounds = {"items": self._bounds.items, "depth": self._bounds.depth, "extra": self._bounds.extra}
            return Answer(False, bounds={**bounds, "within": list(found.within)})
        if isinstance(found, Unknown):
            return Answer(None, reason=found.reason)
        payload = least(found.witness, accepts, own.described.listed)
        broken_by_rule = own.accepts(payload) and other.accepts(payload)
        if not own.accepts(payload) or not (other.refuses(payload) or broken_by_rule):
            return Answer(None, reason="the two engines disagree about the payload that was found")
        return Answer(True, witness=payload)

    def _solved(
        self,
        accepting: Model,
        refusing: Model,
        condition: Formula | None,
        sides: tuple[Side, Side] | None,
        accepts: Callable[[Any], bool],
    ) -> Possible | Core | Unknown:
        if condition is not None:
            try:
                wanted = self._condition(refusing, condition)
            except Stale:
                self._renew(((refusing, condition),))
                wanted = self._condition(refusing, condition)
            assumptions = [wanted]
        else:
            assumptions = []
        state = self._state
        assumptions += [state.verdicts[accepting][0], state.verdicts[refusing][1], *state.tight]
        if sides is not None:
            assumptions += self._familiar(*sides)
        state.refresh()
        left = self.until - time.monotonic()
        if left <= 0:
            return Unknown("its time was used up")
        watch = threading.Timer(left, state.space.context.interrupt)
        watch.daemon = True
        watch.start()
        try:
            return state.solve(assumptions, accepts, deadline=self.until)
        except z3.Z3Exception as problem:
            return Unknown(f"the solver gave up: {problem}")
        finally:
            watch.cancel()

    def _familiar(self, own: Side, other: Side) -> Iterator[Any]:
        """That a payload has no member that only the other document describes, by its name or by a pattern."""
        unnamed = {slot.value.number for at in self._state.space.locations for slot in at.slots}
        for at in tuple(self._state.space.locations):
            path = _generic(at.path)
            named = at.parent is not None and isinstance(at.path[-1], str) and not at.is_name
            if named and at.number not in unnamed and foreign(own.described, other.described, path):
                yield z3.Not(at.exists)
            described = other.described.place(path) if at.slots else None
            if described is not None and described.patterns:
                mine = own.described.place(path)
                if mine is not None and mine.rest is not None:  # it describes every name
                    continue
                here = [pattern for pattern, _ in mine.patterns] if mine is not None else []
                for slot in at.slots:
                    known = [slot.name.satisfies(pattern(each)) for each in here]
                    strange = [slot.name.satisfies(pattern(each)) for each, _ in described.patterns]
                    yield z3.Or(z3.Not(slot.exists), *known, z3.Not(z3.Or(*strange)))

    def _condition(self, model: Model, condition: Formula) -> Any:
        state = self._state
        made = state.space.boolean(f"asked:{len(state.literals)}")
        term = state.encoding.term(model.reading, condition, state.space.root)
        state.literals[id(condition)] = (condition, made)
        state.refresh()
        state.solver.add(z3.Implies(made, state.space.term(term)))
        return made


class _Asked:
    """A condition that is encoded along with the models, so that its places are known."""

    def __init__(self, model: Model, formula: Formula) -> None:
        self.model, self.formula = model, formula

    def plain(self, encoding: Any, root: Any) -> Any:
        """As `Model.plain`."""
        return encoding.term(self.model.reading, self.formula, root)


def _model(side: Side, today: date | None) -> Model:
    model = Model(side.registry, side.target, published=side.published, today=today, bounds=Bounds())
    model.rules = tuple(each for each in model.rules if each.id in side.rules)
    return model


def _generic(path: Path) -> Path:
    return tuple("*" if isinstance(each, int) else each for each in path)


def _members(value: Any, path: Path) -> list[Path]:
    found: list[Path] = []
    if isinstance(value, dict):
        for name, each in value.items():
            found += [(*path, name), *_members(each, (*path, name))]
    elif isinstance(value, list):
        for each in value:
            found += _members(each, (*path, "*"))
    return found


__all__ = ["Contest", "Impossible", "Lenient"]
