"""
Plans: what the payloads of one target are made from, worked out once.

The constraint model finds a payload for each way through the target's conditionals; the grammar finds what may be
changed in it. Both happen when they are first needed and always in the same order, so that the same choices lead
to the same payload in every process.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import z3

from preroll import pointer as pointers
from preroll.constraints import Answer, Model, Possible, Unknown
from preroll.constraints.location import Location, Stale, conj, disj, neg
from preroll.constraints.model import Core
from preroll.constraints.witness import replaced, smaller, tidier, without
from preroll.formula import Formula
from preroll.pointer import ABSENT, Path
from preroll.vocabulary import Vocabulary
from preroll_fuzz.grammar import Grammar, Move, Spot, Steps, steps
from preroll_fuzz.leaves import Sizes

if TYPE_CHECKING:
    from preroll.registry import Registry
    from preroll.target import Target
    from preroll_fuzz.faults import Faults

WAYS = 256
"""The most ways through the conditionals that are looked for."""

JOINED = 32
"""With how many known payloads a new one is put together in search of further ways."""

STEPS = 6
"""The most changes that are made to the payload of a way."""


class Options(NamedTuple):
    """
    What kind of payloads are wanted.

    Attributes:
        published: by the document as published, without corrections, rules and envelope.
        today: the day that rules about dates count from.
        warnings: payloads that carry a warning are wanted, too.
        unknown: members that the schema does not describe are wanted, too, where it lets them pass.
        cheapest: the members that set the price stay at the cheapest value that each way allows.
        sizes: how large values may become.
    """

    published: bool
    today: date
    warnings: bool = False
    unknown: bool = False
    cheapest: bool = False
    sizes: Sizes = Sizes()


@dataclass(slots=True)
class Tally:
    """How many changes were drawn, and how many of them did not fit and were left out."""

    drawn: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class Way:
    """
    One way through the conditionals.

    Attributes:
        active: the conditionals that are active, as JSON Pointers in the document.
        payload: the simplest payload that goes this way.
        plan: the plan that it belongs to.
    """

    active: tuple[str, ...]
    payload: Any
    plan: Plan = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The way as JSON Lines name it."""
        return self.plan.named(self.active)

    @functools.cached_property
    def full(self) -> Any:
        """A payload of this way with as much in it as goes together."""
        payload = self.payload
        for move in self.moves:
            for value in reversed(move.samples):
                if len(move.places) == 1 and isinstance(value, (dict, list)) is _scalar_only(move):
                    continue
                other = move.applied(payload, value)
                if other is not ABSENT and self.keeps(other):
                    payload = other
                    break
        return payload

    @functools.cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Where the payload may be changed without leaving the way; how, is found out when it is asked."""
        return tuple(self.plan.spots(self.payload, self.keeps))

    @functools.cached_property
    def moves(self) -> tuple[Move, ...]:
        """The changes that the payload allows without leaving the way."""
        return tuple(each.move for each in self.spots if each.move is not None)

    @functools.cached_property
    def steps(self) -> Steps:
        """Some of those changes with their values; there must be one spot at least."""
        return steps(self.spots, STEPS)

    def keeps(self, payload: Any) -> bool:
        """Whether a payload is acceptable and goes this way."""
        return self.plan.accepts(payload) and self.plan.active(payload) == self.active


class Plan:
    """
    The plan of one target.

    Args:
        registry: where the target is known.
        target: a target that stands for itself (see `branches`).
        options: what kind of payloads are wanted.
    """

    def __init__(self, registry: Registry, target: Target, options: Options) -> None:
        self.registry, self.target, self.options = registry, target, options
        self.model = Model(registry, target, published=options.published, today=options.today)
        self.truth = self.model.reading.truth
        hints = {
            name: (*self.model.hints.get(name, ()), *self.model.tries.get(name, ()))
            for name in {**self.model.hints, **self.model.tries}
        }
        self.grammar = Grammar(self.truth, self.model.formula, options.today, options.sizes, hints)
        self.tally = Tally()
        self._open: list[str] = []
        self._absent: dict[int, Any] | None = None
        self._blocked: list[Any] = []
        self.engine = registry.engine(target, published=options.published)
        heeded = ("error",) if options.warnings else ("error", "warning")
        self._checks = [each.kind.check for each in self.model.rules if each.severity in heeded]
        self.faults: Faults | None = None  # see `preroll_fuzz.faults.faults`
        self._ways: list[Way] = []
        self._search: Iterator[Way] | None = None

    @functools.cached_property
    def _conditionals(self) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
        known = self.model.state.encoding.conditionals.values()
        return tuple((each.source, self.truth.test(each.condition)) for each in known)

    def accepts(self, task: Any) -> bool:
        """Whether a payload is valid and carries no warning (unless warnings are wanted)."""
        return self._follows(task) and (self._vocabulary is None or self._familiar(task))

    def _follows(self, task: Any) -> bool:
        if not self.engine.is_valid(task):
            return False
        context = self.model.context
        for check in self._checks:  # noqa: SIM110  # asked thousands of times: a generator costs more
            if next(iter(check(task, context)), None) is not None:
                return False
        return True

    @functools.cached_property
    def _vocabulary(self) -> Vocabulary | None:
        """Where open objects of several kinds may stand, what tells whose members an object has; else None."""
        if self.options.unknown or not self.grammar.mixes:
            return None
        return Vocabulary(self.truth, self.model.formula)

    def _familiar(self, task: Any) -> bool:
        """Whether no object has members of another kind than its own, which an open schema lets pass."""
        assert self._vocabulary is not None
        for path, value in places(task, ()):
            if isinstance(value, dict):
                names = self._vocabulary.names(path, task)
                if names.known and not names.open and any(name not in names.known for name in value):
                    return False
        return True

    def active(self, task: Any) -> tuple[str, ...]:
        """The conditionals that a payload activates."""
        return tuple(source for source, holds in self._conditionals if holds(task))

    def named(self, active: tuple[str, ...]) -> str:
        """A way in words that stay the same as long as the document does: `plain`, or its conditionals."""
        if not active:
            return "plain"
        document = self.registry.document(self.target)
        root = document.published_pointer(self.target.schema)
        shown = (document.published_pointer(each) for each in active)
        return " + ".join(dict.fromkeys(each.removeprefix(root).lstrip("/") or each for each in shown))

    def way(self, index: int) -> Way:
        """
        The way of a number; numbers beyond the last one begin again with the first.

        Raises:
            NoPayload: there is no valid payload at all.
        """
        if self._search is None:
            self._search = self._found()
        while len(self._ways) <= index:
            following = next(self._search, None)
            if following is None:
                break
            self._ways.append(following)
        if not self._ways:
            raise NoPayload(self.target.name, self._open)
        return self._ways[index % len(self._ways)]

    @functools.cached_property
    def inhabited(self) -> bool:
        """Whether there is a valid payload at all."""
        try:
            self.way(0)
        except NoPayload:
            return False
        return True

    def each_way(self) -> Iterator[Way]:
        """The ways one after the other, each found when it is asked for."""
        seen: dict[tuple[str, ...], None] = {}
        for number in range(WAYS):
            way = self.way(number)
            if way.active in seen:
                return
            seen[way.active] = None
            yield way

    @property
    def ways(self) -> list[Way]:
        """All ways; those that only a payload with a warning goes are left out, unless warnings are wanted."""
        self.way(WAYS - 1)
        return self._ways

    def _found(self) -> Iterator[Way]:
        """
        Each way with its simplest payload.

        The solver finds ways, and proves at last that there are no more; those that two known payloads put together
        go, or a known one without one of its members, are found in a fraction of the time.
        """
        heeded = [] if self.options.warnings else self._warnings
        known: dict[tuple[str, ...], Any] = {}
        for seed in self._gone(heeded, "another way"):
            pending = [seed]
            for witness, active in pending:
                way = self._simplified(active, witness)
                known[active] = way.payload
                yield way
                for further in self._beside(way.payload, known):
                    known[further[1]] = further[0]
                    self._block(further[1])
                    pending.append(further)

    def _simplified(self, active: tuple[str, ...], witness: Any) -> Way:
        keeps = Way(active, witness, self).keeps
        if self._vocabulary is not None:  # what does not belong in it is left out first
            witness = smaller(witness, lambda task: self._follows(task) and self.active(task) == active)
        payload = tidier(smaller(witness, keeps), keeps, self.model.hints)
        return Way(active, self.cheapest(payload, keeps) if self.options.cheapest else payload, self)

    def _beside(self, payload: Any, known: Mapping[tuple[str, ...], Any]) -> list[tuple[Any, tuple[str, ...]]]:
        """Payloads of ways that are not known: this one without a member, and put together with known ones."""
        found: dict[tuple[str, ...], Any] = {}
        fewer = (without(payload, path) for path, _ in places(payload, ()) if path)
        others = itertools.islice(known.values(), JOINED)
        joined = (merged(*pair) for other in others for pair in ((payload, other), (other, payload)))
        for each in (*fewer, *joined):
            if self.engine.is_valid(each):
                active = self.active(each)
                if active not in known and active not in found and self.accepts(each):
                    found[active] = each
        return [(each, active) for active, each in found.items()]

    @functools.cached_property
    def gaps(self) -> list[str]:
        """The ways that only payloads with a warning go, and what the solver left open."""
        _ = self.ways
        found = list(self._open)
        if len(self._ways) == WAYS:
            found.append(f"only {WAYS} scenarios were looked for; there may be more")
        if self._warnings and not self.options.warnings:
            for _, active in self._gone([], "another way with a warning"):
                found.append(f"{self.named(active)}: only payloads with a warning go this way")
        return found

    @property
    def _warnings(self) -> list[Any]:
        return [each for name, each in self.model.state.advice.items() if name.severity == "warning"]

    def _gone(self, heeded: list[Any], name: str) -> Iterator[tuple[Any, tuple[str, ...]]]:
        """A payload for each way that was not gone before."""
        state = self.model.state
        for number in range(WAYS):
            guard = state.space.boolean(f"{name} {number}")
            state.solver.add(z3.Implies(guard, state.space.term(conj(self._blocked))))
            answer = self._simplest([guard, state.valid, *heeded])
            if not isinstance(answer, Possible):
                if isinstance(answer, Unknown):
                    self._open.append(answer.reason)
                return
            active = self.active(answer.witness)
            self._block(active)
            yield answer.witness, active

    def _block(self, active: tuple[str, ...]) -> None:
        """Keep the solver from a way that is known."""
        state = self.model.state
        terms = [
            neg(state.condition(each.condition)) if each.source in active else state.condition(each.condition)
            for each in tuple(state.encoding.conditionals.values())
        ]
        state.refresh()
        self._blocked.append(disj(terms))

    def _simplest(self, wanted: list[Any]) -> Possible | Unknown | Core:
        """An answer of the solver with few members: those that a contradiction names are let in, step by step."""
        state = self.model.state
        if self._absent is None:
            self._absent = {each.get_id(): each for each in _absences(state.space.root)}
            self._simplest([state.valid])  # what the simplest payload of all needs is let in for every other one
        absent = dict(self._absent)
        while True:
            found = state.solve([*wanted, *state.tight, *absent.values()], self.accepts_task, shrink=False)
            if not isinstance(found, Core):
                if len(wanted) == 1:
                    self._absent = absent
                return found
            named = [each for each in absent if each in found.names]
            if not named:
                return found
            for each in named:
                del absent[each]

    def possible(self, wanted: Formula) -> Answer:
        """
        Whether an acceptable payload satisfies a condition; like `Model.possible`, with warnings heeded alone.

        Where only payloads with a warning do, that is an `Impossible`, too.
        """
        state = self.model.state
        try:
            state.know((wanted,), ())
        except Stale:
            return self.model.possible(wanted)
        heeded = [] if self.options.warnings else self._warnings
        fixed = [state.literal(wanted), state.valid, *heeded]
        found = self._simplest(fixed)
        return state.smallest(found, fixed) if isinstance(found, Core) else found

    def accepts_task(self, task: Any) -> bool:
        """Whether a payload is valid, whatever warning it carries."""
        return self.model.is_valid(task)

    def spots(self, payload: Any, keeps: Callable[[Any], bool]) -> Iterator[Spot]:
        """Where a payload may be changed, but for what costs money where the cheapest is wanted."""
        priced = self.priced if self.options.cheapest else frozenset()
        for each in self.grammar.spots(payload, keeps):
            if not any(path and path[-1] in priced for path in each.places):
                yield each
        if self.options.unknown:
            yield from self._strangers(payload, keeps)

    def _strangers(self, payload: Any, keeps: Callable[[Any], bool]) -> Iterator[Spot]:
        from hypothesis import strategies as st

        values = st.one_of(st.booleans(), st.integers(), st.text(max_size=8), st.none())
        objects = [path for path, value in places(payload, ()) if isinstance(value, dict)]
        for path in objects:
            for name in ("x_note", "extra"):
                if keeps(replaced(payload, (*path, name), "text")):
                    move = Move(((*path, name),), values, ("text",))
                    yield Spot(move.places, functools.partial(_itself, move))

    @functools.cached_property
    def priced(self) -> frozenset[str]:
        """The members that set the price."""
        return frozenset(name for names in self._meanings.values() for name in names)

    @property
    def _meanings(self) -> Mapping[str, tuple[str, ...]]:
        rules = self.registry.vendor(self.target.vendor).rules
        return rules.meanings if rules is not None else {}

    def cheapest(self, payload: Any, keeps: Callable[[Any], bool]) -> Any:
        """The payload with the cheapest values that keep it valid, given outright so that no default counts."""
        for places_, combinations in self.grammar.groups(payload).items():
            if all(path and path[-1] in self.priced for path in places_):
                for values in sorted(combinations, key=_amount):
                    changed = payload
                    for path, value in zip(places_, values, strict=True):
                        changed = replaced(changed, path, value)
                    given = all(pointers.look_up(payload, path) is not ABSENT for path in places_)
                    if given and keeps(changed):
                        payload = changed
                        break
        grouped = {path for places_ in self.grammar.groups(payload) for path in places_}
        for path, bodies in self.grammar.places(payload).items():
            if not path or path[-1] not in self.priced or path in grouped:
                continue

            def fits(value: Any, path: Path = path, payload: Any = payload) -> bool:
                return keeps(replaced(payload, path, value))

            found = self.grammar.families(bodies, str(path[-1]), fits)
            samples = [value for each in found for value in each.samples]
            if samples:
                payload = replaced(payload, path, min(samples, key=lambda each: _amount((each,))))
        return payload

    def body(self, task: Any) -> Any:
        """The whole request: an array of one task where the vendor's requests are arrays."""
        envelope = self.registry.vendor(self.target.vendor).envelope
        if envelope.array and self.target.body != self.target.schema:
            return [task]
        return task


class NoPayload(ValueError):
    """A target takes no payload at all; `reasons` says what excludes it."""

    def __init__(self, target: str, reasons: list[str]) -> None:
        super().__init__(target, reasons)
        self.target, self.reasons = target, reasons

    def __str__(self) -> str:
        why = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return f"no payload of {self.target} satisfies its schema and rules{why}"


def merged(one: Any, other: Any) -> Any:
    """Both put together; where both say something, the second one counts."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{name: merged(one.get(name), each) for name, each in other.items()}}
    return other


def _absences(at: Location) -> Iterator[Any]:
    """For each member that the solver may leave out, that it does."""
    for child in at.members.values():
        if not isinstance(child.exists, bool):
            yield z3.Not(child.exists)
        yield from _absences(child)
    for item in at.items:
        yield from _absences(item)


def _itself(move: Move) -> Move:
    return move


def _scalar_only(move: Move) -> bool:
    return not any(isinstance(each, (dict, list)) for each in move.samples)


def _amount(values: tuple[Any, ...]) -> float:
    """How much values ask for: the product of the numbers in them."""
    amount = 1.0
    for value in values:
        if isinstance(value, str):
            for number in re.findall(r"\d+(?:\.\d+)?", value) or ["0"]:
                amount *= float(number)
        elif value is not None:
            amount *= float(value)
    return amount


def places(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every place of a payload with its value, outer ones first."""
    yield path, value
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*path, index))


def copied(value: Any) -> Any:
    """A copy that shares nothing, so that nobody's change reaches the plan."""
    if isinstance(value, dict):
        return {name: copied(each) for name, each in value.items()}
    if isinstance(value, list):
        return [copied(each) for each in value]
    return value


def plan(registry: Registry, name: str, options: Options) -> Plan:
    """The plan of a target that stands for itself; made once, as long as its registry keeps it."""
    found: Plan = registry.kept(_made, name, options)
    return found


def _made(registry: Registry, name: str, options: Options) -> Plan:
    return Plan(registry, registry.targets[name], options)
