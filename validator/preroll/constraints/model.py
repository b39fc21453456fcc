"""
The model of one target: what its payloads can be, answered with a confirmed payload or a proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import z3

from preroll import pointer as pointers
from preroll.constraints import prose, repair, witness
from preroll.constraints.encoding import Assertion, Conditional, Encoding, Reading
from preroll.constraints.location import Bounds, Location, Space, Stale, Term, conj, disj, equals, neg
from preroll.constraints.repair import Repair
from preroll.constraints.witness import Confirmation, NoText, TooLong, Writer
from preroll.formula import TRUE, Formula
from preroll.rules.kind import Context
from preroll.target import Target

if TYPE_CHECKING:
    from preroll.registry import Registry
    from preroll.rules import Rule


@dataclass(frozen=True, slots=True)
class Possible:
    """There is such a payload; both engines of the check have confirmed `witness`."""

    witness: Any


@dataclass(frozen=True, slots=True)
class Impossible:
    """
    There is no such payload.

    Attributes:
        core: the assertions that exclude it together; none of them can be left out.
        bounds: within which payloads that is proved.
        within: what of the bounds the proof needed, in words; empty where it holds without any.
    """

    core: tuple[Assertion, ...]
    bounds: Bounds
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither was found; `reason` says why."""

    reason: str


Answer = Possible | Impossible | Unknown


class Mismatch(AssertionError):
    """The model and an engine disagree about a payload: a mistake in the model."""

    def __init__(self, payload: Any) -> None:
        super().__init__(payload)
        self.payload = payload


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    A way through the conditionals of a target.

    Attributes:
        active: the conditionals (JSON Pointers of `then`, `else` or a dependent keyword) whose condition holds.
        inactive: the others.
        answer: a payload that goes this way, or the proof that none does.
    """

    active: tuple[str, ...]
    inactive: tuple[str, ...]
    answer: Answer


ROUNDS = 60
"""How often a text that cannot be made may be sent back to the solver in one question."""

_MANY = 16
"""How many unforeseen questions are put into one encoding."""

TIMEOUT = 10_000
"""Milliseconds for one question to the solver."""


class Model:
    """
    What payloads of a target can be, as published or as intended (then with the prose rules).

    Args:
        registry: where the target is known.
        target: the target.
        published: the document as published, without corrections and rules.
        bounds: within which payloads are looked for.
        today: the day that rules about dates count from; the current one (UTC) if None.
        strict: raise `Mismatch` instead of answering `Unknown` where the model contradicts an engine.

    The same questions in the same order have the same answers, in every process. A model remembers what it learnt,
    so that the witness of one question may be another one after other questions. It may not be shared by threads.

    Raises:
        DocumentError: the target's schema cannot be used.
    """

    def __init__(
        self,
        registry: Registry,
        target: Target,
        *,
        published: bool = False,
        bounds: Bounds | None = None,
        today: date | None = None,
        strict: bool = False,
    ) -> None:
        self.registry, self.target, self.published = registry, target, published
        self.bounds = bounds or Bounds()
        self.context = Context(today or datetime.now(UTC).date())
        self.strict = strict
        self.reading = Reading(
            registry.assertions(target, published=published), registry.truth(target, published=published)
        )
        self.formula = self.reading.assertions.formula(target.schema)
        self.rules = () if published else tuple(each for each in registry.rules(target) if each.kind.scope == "task")
        self._engine = registry.engine(target, published=published)
        self.hints = _hints(registry.schema(target, published=published))
        self.tries = _tries(self.rules)
        self._state: State | None = None
        self._wider: State | None = None
        self._around: tuple[Any, State] | None = None

    @property
    def state(self) -> State:
        """The encoding, made when it is first needed."""
        if self._state is None:
            self._state = State(self, ())
        return self._state

    def plain(self, encoding: Encoding, root: Location) -> Term:
        """What schema and rules say together, without releases: this model as the other side of a comparison."""
        rules = [prose.holds(each, encoding, root, self.context) for each in self.rules if each.severity == "error"]
        return conj((encoding.term(self.reading, self.formula, root), *rules))

    def _with(self, conditions: Sequence[Formula], payloads: Sequence[Any] = ()) -> State:
        """An encoding in which everything that the conditions speak about has a place."""
        for state in (self.state, self._wider):
            if state is not None:
                try:
                    state.know(conditions, payloads)
                except Stale:
                    continue
                return state
        known = self._wider
        if known is None or len(known.conditions) + len(known.payloads) >= _MANY:
            self._wider = State(self, conditions, payloads)
        else:
            self._wider = State(self, (*known.conditions, *conditions), (*known.payloads, *payloads))
        return self._wider

    def with_payload(self, payload: Any) -> State:
        """An encoding in which every place of a payload, every item of its arrays too, is a place of its own."""
        if self._around is None or self._around[0] is not payload:
            self._around = (payload, State(self, (), (payload,)))
        return self._around[1]

    @property
    def assertions(self) -> tuple[Assertion, ...]:
        """Everything that the schema and the rules assert, in the order of the document."""
        return self.state.assertions

    def is_valid(self, payload: Any, *, released: str = "") -> bool:
        """Whether the engine and, in the intended view, every rule of severity error accept a payload."""
        return bool(self._engine.is_valid(payload)) and self.follows(payload, released=released)

    def follows(
        self, payload: Any, *, released: str = "", only: str = "", severities: tuple[str, ...] = ("error",)
    ) -> bool:
        """Whether no rule of those severities, but for the released one (or only one), finds anything."""
        return not any(
            next(iter(rule.kind.check(payload, self.context)), None) is not None
            for rule in self.rules
            if rule.severity in severities and rule.id != released and only in ("", rule.id)
        )

    def possible(self, condition: Formula | None = None) -> Answer:
        """
        Whether a valid payload satisfies a condition.

        Args:
            condition: a formula of this model's document; None for any valid payload.
        """
        wanted = TRUE if condition is None else condition
        state = self._with((wanted,))
        truth = self.reading.truth

        def accepts(payload: Any) -> bool:
            return truth.holds(wanted, payload) and self.is_valid(payload)

        return state.possible(state.literal(wanted), accepts)

    def accepts(self, payload: Any) -> bool | None:
        """The model's own verdict on one payload (the law that it shares with the engines); None is unknown."""
        state = self._with((), (payload,))
        return state.verdict(payload)

    def breaking(self, broken: Assertion, *, assuming: Sequence[Any] = (), explain: bool = True) -> Answer:
        """
        A payload that breaks one assertion alone: it is refused, and would be valid without that assertion.

        For a rule whose severity is less than error the payload is valid, and the rule alone finds something.

        Args:
            broken: the assertion.
            assuming: only payloads of which these terms about `state.space` are true.
            explain: find the assertions that imply it where there is none; takes longer than the answer itself.
        """
        state = self.state
        if broken.rule and broken.severity != "error":
            return self._breaking_advice(state, broken, assuming)
        confirmation = Confirmation(self.reading, None if broken.rule else broken)

        def accepts(payload: Any) -> bool:
            if self.is_valid(payload) or not self.follows(payload, released=broken.rule):
                return False
            if broken.rule:
                return bool(self._engine.is_valid(payload))
            return confirmation.holds(self.formula, payload)

        return state.breaking(broken, accepts, assuming, explain=explain)

    def _breaking_advice(self, state: State, broken: Assertion, assuming: Sequence[Any]) -> Answer:
        rule = next(each for each in self.rules if each.id == broken.rule)

        def accepts(payload: Any) -> bool:
            found = next(iter(rule.kind.check(payload, self.context)), None) is not None
            return found and self.is_valid(payload)

        return state.advising(broken, accepts, assuming)

    def scenarios(self, limit: int = 200) -> list[Scenario]:
        """
        The ways through the conditionals of the schema's root, each with a payload.

        A conditional that no payload activates, or none leaves inactive, is listed with the proof. The number of
        ways can grow with the power of the conditionals, so at most `limit` are listed; where there may be more,
        the last scenario is unknown and says so.
        """
        return list(self._scenarios(self.state, limit))

    def nearest(self, payload: Any, *, keep: Sequence[str] = (), seconds: float = 2.0) -> Repair | Impossible | Unknown:
        """
        The nearest valid payload, with the JSON Patch that leads to it.

        Args:
            payload: the given one.
            keep: JSON Pointers of places that may not change.
            seconds: when to give up.
        """
        return repair.nearest(self, payload, keep=keep, seconds=seconds)

    def alternatives(
        self, payload: Any, *, keep: Sequence[str] = (), limit: int = 3, seconds: float = 2.0
    ) -> list[Repair]:
        """Repairs that keep different wishes of the user, the least change first; empty where none was found."""
        return repair.alternatives(self, payload, keep=keep, limit=limit, seconds=seconds)

    def _scenarios(self, state: State, limit: int) -> Iterator[Scenario]:
        truth = self.reading.truth
        conditionals = tuple(state.encoding.conditionals.values())
        for each in conditionals:
            for holds in (True, False):
                wanted = each.condition if holds else _opposite(each)
                answer = self.possible(wanted)
                if not isinstance(answer, Possible):
                    mine = (each.source,)
                    yield Scenario(mine if holds else (), () if holds else mine, answer)
        seen = 0
        blocked: list[Any] = []
        while seen < limit:
            guard = state.space.boolean(f"way{seen}")
            state.solver.add(z3.Implies(guard, state.space.term(conj(blocked))))
            answer = state.possible(guard, self.is_valid, shrink=False)
            if not isinstance(answer, Possible):
                if isinstance(answer, Unknown):
                    yield Scenario((), (), answer)
                return
            active = tuple(each.source for each in conditionals if truth.holds(each.condition, answer.witness))

            def accepts(payload: Any, active: tuple[str, ...] = active) -> bool:
                way = tuple(each.source for each in conditionals if truth.holds(each.condition, payload))
                return way == active and self.is_valid(payload)

            inactive = tuple(each.source for each in conditionals if each.source not in active)
            yield Scenario(active, inactive, Possible(state.polished(answer.witness, accepts)))
            terms = [
                neg(state.condition(each.condition)) if each.source in active else state.condition(each.condition)
                for each in conditionals
            ]
            state.refresh()
            blocked.append(disj(terms))
            seen += 1
        yield Scenario((), (), Unknown(f"only the first {limit} ways were looked for"))


def _opposite(conditional: Conditional) -> Formula:
    from preroll.formula import negation

    return negation(conditional.condition)


class State:
    """
    One encoding and its solver.

    Attributes:
        conditions, payloads: what the encoding was made to speak about besides the target.
    """

    def __init__(
        self,
        model: Model,
        conditions: Sequence[Formula],
        payloads: Sequence[Any] = (),
        others: Sequence[Model] = (),
    ) -> None:
        self.model, self.conditions, self.payloads = model, tuple(conditions), tuple(payloads)
        self.hints, self.tries = model.hints, model.tries
        self.space = Space(model.bounds)
        self.encoding = Encoding(self.space)
        self.solver = z3.SimpleSolver(ctx=self.space.context)
        self.solver.set("random_seed", 0)
        self.solver.set("timeout", TIMEOUT)
        self.guesses: dict[str, tuple[z3.BoolRef, str]] = {}
        self.literals: dict[int, tuple[Formula, z3.BoolRef]] = {}
        self._pins: list[Any] = []
        root = self.space.root
        for each in conditions:
            self.encoding.term(model.reading, each, root)
        for payload in payloads:
            equals(root, payload)
        self.schema = self.encoding.term(model.reading, model.formula, root, tracked=True)
        self.rule_terms: dict[Assertion, Any] = {}
        for rule in model.rules:
            broken = Assertion(rule.at[0] if rule.at else "", rule.kind_name, "", False, rule.id, rule.severity)
            self.rule_terms[broken] = prose.holds(rule, self.encoding, root, model.context)
            self.encoding.release(broken)
        beside = [(each, each.plain(self.encoding, root)) for each in others]
        self.refresh()
        errors = [
            z3.Or(self.encoding.releases[each], self.space.term(term))
            for each, term in self.rule_terms.items()
            if each.severity == "error" and term is not True
        ]
        self.root = self.space.spelt_out(self.space.term(conj((self.schema, *errors))))
        self.assertions = tuple(self.encoding.releases)
        self.released = [self.encoding.releases[each] for each in self.assertions]
        self.kept = {each: neg(self.encoding.releases[each]) for each in self.assertions}
        self.tight = list(self.kept.values())
        self.valid, self.refused = self.space.boolean("valid"), self.space.boolean("refused")
        false = self.space.term(False)
        unreleased = z3.simplify(z3.substitute(self.root, *((each, false) for each in self.released)))
        self.unreleased = unreleased
        self.solver.add(z3.Implies(self.valid, self.root), z3.Implies(self.refused, z3.Not(unreleased)))
        self.verdicts = {model: (self.valid, self.refused)}
        for index, (other, term) in enumerate(beside):
            yes, no = self.space.boolean(f"valid{index}"), self.space.boolean(f"refused{index}")
            self.solver.add(z3.Implies(yes, self.space.term(term)), z3.Implies(no, neg(self.space.term(term))))
            self.verdicts[other] = (yes, no)
        self.advice = {each: self.space.boolean(f"advice{index}") for index, each in enumerate(self.rule_terms)}
        for rule_broken, name in self.advice.items():
            self.solver.add(name == self.space.term(self.rule_terms[rule_broken]))
        self._shadow: tuple[z3.BoolRef, dict[Assertion, tuple[tuple[Any, Any], tuple[Any, Any]]]] | None = None

    def refresh(self) -> None:
        """Bring the solver up to date with the axioms; as `Solver.add`, which asks each of thousands what it is."""
        context = self.solver.ctx.ref()
        for each in self.space.settle():
            z3.Z3_solver_assert(context, self.solver.solver, each.ast)

    def check(self, assumptions: Sequence[Any]) -> z3.CheckSatResult:
        """
        `Solver.check`, without its conversion of every single assumption: there are hundreds in each question,
        and the conversion took ten times as long as the answer.
        """
        count = len(assumptions)
        listed = (z3.Ast * count)(*(each.ast for each in assumptions))
        solver = self.solver
        return z3.CheckSatResult(z3.Z3_solver_check_assumptions(solver.ctx.ref(), solver.solver, count, listed))

    def know(self, conditions: Iterable[Formula], payloads: Iterable[Any]) -> None:
        """Encode conditions and payloads into what is there; raises `Stale` where that cannot be."""
        for each in conditions:
            self.condition(each)
        for payload in payloads:
            equals(self.space.root, payload)
        self.refresh()

    def condition(self, formula: Formula) -> Any:
        """The term of a condition at the root."""
        return self.encoding.term(self.model.reading, formula, self.space.root)

    def literal(self, formula: Formula) -> z3.BoolRef:
        """A variable that stands for a condition."""
        known = self.literals.get(id(formula))
        if known is None:
            made = self.space.boolean(f"condition{len(self.literals)}")
            self.solver.add(z3.Implies(made, self.space.term(self.condition(formula))))
            self.refresh()
            known = self.literals[id(formula)] = (formula, made)
        return known[1]

    def verdict(self, payload: Any) -> bool | None:
        """Whether the model accepts a payload."""
        pin = self.space.boolean(f"pin{len(self._pins)}")
        self._pins.append(pin)
        self.solver.add(z3.Implies(pin, self.space.term(equals(self.space.root, payload))))
        self.refresh()
        accepted = self.check((pin, self.valid, self.space.cut, self.space.few, *self.tight))
        refused = self.check((pin, self.refused, self.space.cut, self.space.few, *self.tight))
        if (accepted == z3.sat) == (refused == z3.sat):
            return None
        return bool(accepted == z3.sat)

    def possible(self, wanted: z3.BoolRef, accepts: Callable[[Any], bool], *, shrink: bool = True) -> Answer:
        """A valid payload under an assumption."""
        advice = [each for name, each in self.advice.items() if name.severity != "error"]
        fixed = [wanted, self.valid]
        for extra in ([advice] if advice else []) + [[]]:  # with the vendor's advice followed, if that can be
            found = self.solve([*fixed, *extra, *self.tight], accepts, shrink=shrink)
            if isinstance(found, Possible) or not extra:
                break
        if isinstance(found, Core):
            return self.smallest(found, fixed)
        return found

    def breaking(
        self, broken: Assertion, accepts: Callable[[Any], bool], assuming: Sequence[Any] = (), *, explain: bool = True
    ) -> Answer:
        """A payload that breaks one assertion alone, under further assumptions."""
        mine = self.encoding.releases[broken]
        others = [each for assertion, each in self.kept.items() if assertion != broken]
        fixed = [self.valid, self.refused, mine, *assuming]
        advice = [each for name, each in self.advice.items() if name.severity != "error"]
        for extra in ([advice] if advice else []) + [[]]:
            found = self.solve([*fixed, *extra, *others], accepts)
            if isinstance(found, Possible) or not extra:
                break
        if isinstance(found, Core):
            return Impossible(self._implying(broken) if explain else (), self.space.bounds, found.within)
        return found

    def advising(self, broken: Assertion, accepts: Callable[[Any], bool], assuming: Sequence[Any] = ()) -> Answer:
        """A valid payload that breaks one rule of less than error severity, under further assumptions."""
        mine = self.advice[broken]
        others = [each for name, each in self.advice.items() if name.severity != "error" and each is not mine]
        fixed = [self.valid, z3.Not(mine), *assuming]
        for extra in ([others] if others else []) + [[]]:
            found = self.solve([*fixed, *extra, *self.tight], accepts)
            if isinstance(found, Possible) or not extra:
                break
        if isinstance(found, Core):
            return self.smallest(found, fixed)
        return found

    def solve(
        self,
        assumptions: Sequence[Any],
        accepts: Callable[[Any], bool],
        *,
        shrink: bool = True,
        deadline: float | None = None,
    ) -> Possible | Core | Unknown:
        """Ask the solver until its answer is a payload that is accepted, or a proof."""
        space = self.space
        doubts: dict[str, tuple[z3.BoolRef, str]] = {}
        for _ in range(ROUNDS):
            guesses = [each for each, _ in self.guesses.values()]
            result = self.check((*assumptions, space.cut, space.few, *guesses, *(each for each, _ in doubts.values())))
            if result == z3.unsat:
                return self._core([*assumptions, space.cut, space.few], doubts)
            if result != z3.sat or (deadline is not None and time.monotonic() > deadline):
                return Unknown(f"the solver gave up: {self.solver.reason_unknown()}")
            model = self.solver.model()
            writer = Writer(space, model, self.hints, self.tries)
            try:
                payload = writer.payload()
            except NoText as problem:
                self.block(problem)
                continue
            except TooLong as problem:
                return Unknown(f"an array at {pointers.text(problem.args[0])} would be longer than {witness.LONGEST}")
            if accepts(payload):
                return Possible(self.polished(payload, accepts) if shrink else payload)
            if not self._doubt(writer, doubts):
                if self.model.strict:
                    raise Mismatch(payload)
                return Unknown("the engines and the model disagree about the payload that was found")
        return Unknown(f"no payload could be written in {ROUNDS} attempts")

    def polished(self, payload: Any, accepts: Callable[[Any], bool]) -> Any:
        """The same with as little in it as possible, and documented values where any will do."""
        return witness.tidier(witness.smaller(payload, accepts), accepts, self.hints)

    def block(self, problem: NoText) -> None:
        """Keep the solver from a text that does not exist, or was not found (and then answers may be unknown)."""
        if problem.found.proved:
            self.solver.add(problem.clause)
        else:
            name = f"guess{len(self.guesses)}"
            guess = self.space.boolean(name)
            said = ", ".join(f"{'' if truth else 'not '}{each}" for each, truth in problem.wanted.items())
            place = pointers.text(problem.location.path) or "/"
            self.guesses[name] = (guess, f"no text was found for {place}: {said}")
            self.solver.add(z3.Implies(guess, problem.clause))
        self.refresh()

    def _doubt(self, writer: Writer, doubts: dict[str, tuple[z3.BoolRef, str]]) -> bool:
        """Whether the answer rests on what the solver was free to choose; then that choice is forbidden."""
        fresh = False
        for name, (variable, reason, matters) in self.encoding.open.items():
            if not writer.is_true(matters):
                continue
            chosen = writer.model.eval(variable, model_completion=True)
            doubt = f"doubt:{name}={chosen}"
            if doubt not in doubts:
                guess = self.space.boolean(doubt)
                doubts[doubt] = (guess, reason)
                other = variable != chosen if isinstance(variable, z3.BoolRef) else self.space.term(False)
                self.solver.add(z3.Implies(guess, z3.Or(neg(self.space.term(matters)), other)))
                fresh = True
        return fresh

    def _core(self, assumptions: Sequence[Any], doubts: Mapping[str, tuple[z3.BoolRef, str]]) -> Core | Unknown:
        core = self._named()
        doubted = [reason for guess, reason in (*self.guesses.values(), *doubts.values()) if guess.get_id() in core]
        if doubted:  # a core need not be minimal: what it names may not be needed
            if self.check(assumptions) != z3.unsat:
                return Unknown(doubted[0])
            core = self._named()
        return Core(core, self._within(core))

    def _named(self) -> frozenset[int]:
        """The solver's numbers for what contradicts; as `unsat_core`, without an object for each of hundreds."""
        core, context = self.solver.unsat_core(), self.solver.ctx.ref()
        listed = (z3.Z3_ast_vector_get(context, core.vector, index) for index in range(len(core)))
        return frozenset(z3.Z3_get_ast_id(context, each) for each in listed)

    def _within(self, core: frozenset[int]) -> tuple[str, ...]:
        within = []
        if self.space.cut.get_id() in core:
            within.append(f"a reference inside itself is followed {self.space.bounds.depth} times")
        if self.space.few.get_id() in core:
            within.append("only so many items that must differ are told apart")
        return tuple(within)

    def smallest(self, core: Core, fixed: Sequence[Any]) -> Impossible:
        """The proof without the assertions that it does not need."""
        needed = [each for each, kept in self.kept.items() if kept.get_id() in core.names]
        guesses = [each for each, _ in self.guesses.values()]
        advice = [each for each in self.advice.values() if each.get_id() in core.names]
        for each in tuple(needed):
            fewer = [one for one in needed if one is not each]
            trial = [self.kept[one] for one in fewer]
            if self.check((*fixed, *advice, *trial, self.space.cut, self.space.few, *guesses)) == z3.unsat:
                needed = fewer
        return Impossible(tuple(needed), self.space.bounds, core.within)

    def _implying(self, broken: Assertion) -> tuple[Assertion, ...]:
        """Assertions that together make one impossible to break alone; found by leaving out ever more of them."""
        if self._shadow is None:
            shadows = [self.space.boolean(f"shadow{index}") for index in range(len(self.assertions))]
            pairs = list(zip(self.released, shadows, strict=True))
            name = self.space.boolean("refused without")
            self.solver.add(z3.Implies(name, z3.Not(z3.substitute(self.root, *pairs))))
            both = {
                each: ((self.encoding.releases[each], shadow), (self.kept[each], z3.Not(shadow)))
                for each, shadow in zip(self.assertions, shadows, strict=True)
            }
            self._shadow = (name, both)
        name, both = self._shadow
        guesses = [each for each, _ in self.guesses.values()]
        base = [self.valid, name, self.space.cut, self.space.few, *guesses]

        def excluded(kept: set[Assertion]) -> bool:
            chosen: list[Any] = []
            for each, (without, held) in both.items():
                chosen += [without[0], held[1]] if each == broken else held if each in kept else without
            return bool(self.check((*base, *chosen)) == z3.unsat)

        kept = {each for each in self.assertions if each != broken}
        size = max(len(kept) // 2, 1)
        while True:
            ordered = [each for each in self.assertions if each in kept]
            for start in range(0, len(ordered), size):
                fewer = kept - set(ordered[start : start + size])
                if len(fewer) < len(kept) and excluded(fewer):
                    kept = fewer
            if size == 1:
                break
            size = max(min(size // 2, len(kept) // 2), 1)
        return tuple(each for each in self.assertions if each in kept)


@dataclass(frozen=True, slots=True)
class Core:
    """The assumptions that contradict each other, by the solver's numbers for them."""

    names: frozenset[int]
    within: tuple[str, ...] = field(default=())


def _hints(schema: Any) -> Mapping[str, tuple[Any, ...]]:
    """Documented examples and defaults, by the name of the member that they belong to."""
    found: dict[str, list[Any]] = {}

    def look(node: Any, name: str) -> None:
        if isinstance(node, dict):
            if name:
                listed = node.get("examples")
                examples = [node.get("example"), *(listed if isinstance(listed, list) else ()), node.get("default")]
                found.setdefault(name, []).extend(
                    each for each in examples if isinstance(each, (str, int, float)) and not isinstance(each, bool)
                )
            for key, value in node.items():
                if key == "properties" and isinstance(value, dict):
                    for inner, each in value.items():
                        look(each, inner)
                elif key not in ("example", "examples", "default", "enum", "const"):
                    look(value, name)
        elif isinstance(node, list):
            for each in node:
                look(each, name)

    look(schema, "")
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items() if values}


def _tries(rules: Sequence[Rule]) -> Mapping[str, tuple[str, ...]]:
    """The texts in the examples of rules, by the name of their member; those that keep a rule come first."""
    found: dict[str, dict[str, None]] = {}

    def look(node: Any, name: str) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                look(value, key)
        elif isinstance(node, list):
            for each in node:
                look(each, name)
        elif isinstance(node, str) and name:
            found.setdefault(name, {})[node] = None

    for rule in rules:
        look(rule.example.keeps, "")
    for rule in rules:
        look(rule.example.breaks, "")
    return {name: tuple(values) for name, values in found.items()}
