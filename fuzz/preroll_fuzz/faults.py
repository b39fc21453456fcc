"""
Faults: payloads that are wrong in exactly one way, and say which.

For each assertion a payload is looked for that breaks it alone: first by small changes to valid payloads, then by
the constraint model, which also proves where there is none. What was found is confirmed by the engine, the rules
and the schema without that assertion.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from preroll import dialect
from preroll import pointer as pointers
from preroll.constraints import Assertion, Impossible, Model, Unknown
from preroll.constraints import text as texts
from preroll.constraints.encoding import assertion, joining
from preroll.constraints.location import neg
from preroll.constraints.witness import replaced, smaller, without
from preroll.explanation import combination
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Single
from preroll.judgement import check
from preroll.pointer import ABSENT, Path
from preroll_fuzz.grammar import Steps
from preroll_fuzz.plan import Plan, copied, merged
from preroll_fuzz.release import Release

BASES = 12
"""How many ways through the conditionals are looked at for one assertion before the constraint model is asked."""

TRIES = 100
"""How many changed payloads are looked at for one assertion before the constraint model is asked."""

UNUSUAL = "only in a payload with members that the target does not describe, or with longer texts than are tried"
"""Why a rule of many targets is not broken here: the places that it names are not of this one."""

TOLD = "`preroll check` tells of something else, too"
"""Why what the solver found is not used."""

ODD: tuple[Any, ...] = (None, True, 0, -1, 1, 1.5, "", "text", [], {}, "\N{CLAPPER BOARD}")
"""Values that are wrong in most places."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One way to be wrong.

    Attributes:
        rule: what `preroll check` calls it.
        keyword, detail: the keyword that is broken, and what tells assertions of one keyword apart.
        document_pointer: the assertion's place in the published document.
        severity: `error`, or that of a prose rule; with less than an error the payload is still accepted.
    """

    rule: str
    keyword: str
    detail: str
    document_pointer: str
    severity: str = "error"

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.rule}: {self.keyword}{detail} at {self.document_pointer}"


@dataclass(frozen=True, slots=True)
class Broken:
    """
    A payload that breaks one assertion or rule and no other.

    Attributes:
        payload: the whole request body.
        fault: what it breaks.
        pointer: where, as a JSON Pointer in the payload.
        target: name of the target that refuses it.
        scenario: the way through the conditionals that the payload goes.
    """

    payload: Any
    fault: Fault
    pointer: str
    target: str
    scenario: str


@dataclass(frozen=True, slots=True)
class Base:
    """
    The simplest task that breaks an assertion alone.

    Attributes:
        broken: the assertion.
        fault: how it is told.
        task: the task; where a fault is about the request, the whole request.
        path: the place in the task.
        whole: whether `task` is the whole request.
    """

    broken: Assertion
    fault: Fault
    task: Any
    path: Path
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """An assertion that no payload was found to break alone: `proved` that there is none, or skipped; says why."""

    broken: Assertion
    proved: bool
    reason: str


class Faults:
    """
    The faults of one target.

    Args:
        plan: where valid payloads come from.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.model = plan.model
        severities = ("error",) if plan.options.published else ("error", "warning")
        counted = (each for each in plan.model.assertions if each.severity in severities)
        self.assertions = tuple(sorted(counted, key=_plainness))
        self._found: dict[Assertion, Base | Missing | None] = {}
        self._decided: dict[Assertion, Base | Missing] = {}
        self._releases: dict[Assertion, Release] = {}
        self._asked: Model | None = None
        self.beside: dict[Assertion, Steps | None] = {}

    def base(self, broken: Assertion) -> Base | Missing:
        """The simplest payload that breaks an assertion alone, or why there is none; asks the solver if need be."""
        found = self.direct(broken)
        if found is None:
            self.ask()
            return self._decided[broken]
        return found

    @property
    def bases(self) -> tuple[Base, ...]:
        """Everything that can be broken alone, those of the whole request last."""
        found = (self.base(each) for each in self.assertions)
        return (*(each for each in found if isinstance(each, Base)), *self.across)

    @functools.cached_property
    def missing(self) -> tuple[Missing, ...]:
        """What cannot be broken alone, or was not."""
        found = (self.base(each) for each in self.assertions)
        return tuple(self._explained(each) for each in found if isinstance(each, Missing))

    @functools.cached_property
    def across(self) -> tuple[Base, ...]:
        """The faults that take two tasks in one request."""
        plan = self.plan
        found = []
        for rule in plan.registry.rules(plan.target):
            if plan.options.published or not rule.across:
                continue
            body = [copied(plan.way(0).payload), copied(plan.way(0).payload)]
            report = check(body, plan.target, registry=plan.registry, today=plan.options.today)
            told = [each for each in report.violations if each.severity in ("error", "warning")]
            if [each.rule for each in told] == [rule.id]:
                broken = Assertion(rule.at[0], rule.kind_name, "", False, rule.id, rule.severity)
                fault = Fault(rule.id, rule.kind_name, "", told[0].document_pointer, rule.severity)
                found.append(Base(broken, fault, body, pointers.resolved(body, told[0].pointer), whole=True))
        return tuple(found)

    def breakable(self, index: int, *, severities: tuple[str, ...] = ("error",), thorough: bool = False) -> Base | None:
        """
        The fault of a number; numbers of assertions that nothing breaks alone go on to the next one.

        Those that only the solver finds count where `thorough`.
        """
        across = tuple(each for each in self.across if each.broken.severity in severities)
        count = len(self.assertions) + len(across)
        for step in range(count):
            number = (index + step) % count
            if number >= len(self.assertions):
                return across[number - len(self.assertions)]
            broken = self.assertions[number]
            if broken.severity in severities:
                found = self.base(broken) if thorough else self.direct(broken)
                if isinstance(found, Base):
                    return found
        return None

    def broken(self, base: Base, task: Any) -> Broken:
        """The request that a base, or what was made of it, stands for."""
        plan = self.plan
        body = task if base.whole else plan.body(task)
        lead: Path = () if base.whole or body is task else (0,)
        first = task[0] if base.whole else task
        way = plan.named(plan.active(first))
        return Broken(copied(body), base.fault, pointers.text((*lead, *base.path)), plan.target.name, way)

    def alone(self, broken: Assertion, task: Any) -> bool:
        """Whether a task breaks an assertion and nothing else."""
        model, engine_accepts = self.model, self.plan.engine.is_valid(task)
        if broken.rule:
            if not engine_accepts or model.follows(task, only=broken.rule, severities=(broken.severity,)):
                return False
            if broken.severity == "error":
                return model.follows(task, released=broken.rule)
            return model.follows(task, released=broken.rule, severities=("error", "warning"))
        return not engine_accepts and model.follows(task) and self._release(broken).holds(task)

    def _release(self, broken: Assertion) -> Release:
        found = self._releases.get(broken)
        if found is None:
            found = self._releases[broken] = Release(self.model.reading, self.model.formula, broken)
        return found

    def direct(self, broken: Assertion) -> Base | Missing | None:
        """What is found without the solver, the same in every process; None is for the solver to decide."""
        if broken not in self._found:
            self._found[broken] = self._searched(broken)
        return self._found[broken]

    def _searched(self, broken: Assertion) -> Base | Missing | None:
        reason = self._too_large(broken)
        if reason:
            return Missing(broken, proved=False, reason=reason)
        for task in itertools.islice(self._candidates(broken), TRIES):
            if self.alone(broken, task) and (broken.rule or self._release(broken).confirms(task)):
                found = self._based(broken, task)
                if found is not None:
                    return found
        return None

    def _too_large(self, broken: Assertion) -> str:
        """Why the payload that breaks an assertion would be larger than anybody wants; "" where it would not."""
        if broken.keyword not in ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"):
            return ""
        sizes = self.plan.options.sizes
        limit = pointers.look_up(self.model.reading.assertions.document, pointers.parse(broken.source))
        most = sizes.text if broken.keyword.endswith("Length") else max(sizes.items, 100)
        if isinstance(limit, (int, float)) and limit > most:
            return f"{broken.keyword} {limit} is beyond the largest size that is tried ({most})"
        return ""

    def _based(self, broken: Assertion, task: Any) -> Base | None:
        """The fault as `preroll check` tells it; None where it tells of something else besides."""
        task = smaller(task, functools.partial(self.alone, broken))
        plan = self.plan
        body = plan.body(task)
        report = check(
            body, plan.target, registry=plan.registry, as_published=plan.options.published, today=plan.options.today
        )
        told = [each for each in report.violations if each.severity in ("error", "warning")]
        if any(each.rule == "unknown-property" for each in told):
            return None  # the rule is about members that this target does not have
        told = [each for each in told if each.severity == broken.severity]
        told.sort(key=lambda each: each.rule != broken.rule)
        if not told or (broken.rule and told[0].rule != broken.rule):
            return None
        within = pointers.resolved(body, told[0].pointer)
        if body is not task and within:
            within = within[1:]
        document = plan.registry.document(plan.target)
        fault = Fault(
            told[0].rule,
            broken.keyword,
            broken.detail,
            told[0].document_pointer if broken.rule else document.published_pointer(broken.source),
            broken.severity,
        )
        return Base(broken, fault, task, within)

    def ask(self) -> None:
        """
        Let the solver decide all that small changes leave open, in the order of the document, in a model of its own.

        Why something cannot be broken alone takes longer than the decision, and is found out when it is asked.
        """
        if self._asked is not None:
            return
        options, registry, target = self.plan.options, self.plan.registry, self.plan.target
        model = self._asked = Model(registry, target, published=options.published, today=options.today)
        usual = list(self._usual(model))
        for broken in self.assertions:
            if self.direct(broken) is None:
                self._decided[broken] = self._decision(model, broken, usual)

    def _decision(self, model: Model, broken: Assertion, usual: list[Any]) -> Base | Missing:
        answer = model.breaking(broken, assuming=usual, explain=False)
        if isinstance(answer, Impossible):
            whole = model.breaking(broken, explain=False)
            return Missing(broken, proved=True, reason="" if isinstance(whole, Impossible) else UNUSUAL)
        if isinstance(answer, Unknown):
            return Missing(broken, proved=False, reason=answer.reason)
        return self._based(broken, answer.witness) or Missing(broken, proved=False, reason=TOLD)

    def _usual(self, model: Model) -> Iterator[Any]:
        """What payloads for people are like: only members that the target describes, and no texts of megabytes."""
        for each in model.state.space.locations:
            if each.path and not each.spare and not self.plan.grammar.describes(each.path):
                yield neg(each.exists)
            for limit in each.limits:
                if limit > self.plan.options.sizes.text:
                    yield neg(each.longer(limit))

    def _explained(self, missing: Missing) -> Missing:
        """The same with what implies the assertion."""
        if missing.reason:
            return missing
        assert self._asked is not None  # it said so
        answer = self._asked.breaking(missing.broken)
        if not isinstance(answer, Impossible):
            return Missing(missing.broken, proved=True, reason="there is none")
        implied = ", ".join(each.rule or f"{each.keyword} at {each.source}" for each in answer.core)
        bounds = f" (within: {'; '.join(answer.within)})" if answer.within else ""
        reason = f"it follows from {implied}{bounds}" if implied else f"it never fails{bounds}"
        return Missing(missing.broken, proved=True, reason=reason)

    # Candidates: valid payloads with one small change.

    def _bases(self, broken: Assertion) -> Iterator[tuple[tuple[str, int], Any]]:
        """Valid payloads in which an assertion may stand, with a key for each; the small ones first."""
        under = [each for each in self._conditionals if f"{broken.source}/".startswith(f"{each}/")]
        homes = self.homes.get(broken, [()])
        plain = not broken.rule and broken.keyword not in _JOINING
        ways, held = [], 0
        for way in self.plan.each_way():
            if all(each in way.active for each in under):
                ways.append(way)
                if held < BASES and any(_reached(way.payload, home) for home in homes):
                    held += 1
                    yield (way.name, 0), way.payload
                elif len(ways) > 4 * BASES:
                    break
            if held >= (3 if plain else BASES):
                break
        if plain and held >= 3:
            return
        for way in ways[:BASES]:
            for number, home in enumerate(homes):
                planted = itertools.islice(self.planted(way.payload, home, 1), 12)
                fitting = (task for task in planted if self.model.is_valid(task))
                for count, task in enumerate(itertools.islice(fitting, 3)):
                    yield (f"{way.name} with {home}", 100 * number + count), task
        yield from (((way.name, 1), way.full) for way in ways[:2])

    def planted(self, task: Any, home: Path, start: int = 1) -> Iterator[Any]:
        """A task with what is missing up to a place."""
        for end in range(start, len(home) + 1):
            if pointers.look_up(task, home[:end]) is ABSENT:
                holder, key = pointers.look_up(task, home[: end - 1]), home[end - 1]
                if not isinstance(holder, list if isinstance(key, int) else dict):
                    return
                first = len(holder) if isinstance(key, int) else key  # of a list the items before come first
                place = (*home[: end - 1], first)
                for sample in self.plan.grammar.samples(place)[:8]:
                    yield from self.planted(replaced(task, place, sample), home, end + (first == key))
                return
        yield task

    @functools.cached_property
    def homes(self) -> dict[Assertion, list[Path]]:
        """The places that each assertion speaks about, with 0 for every index."""
        homes: dict[Assertion, list[Path]] = {}
        for broken, path, formula in self._asserted(self.model.formula, _ANYTHING, (), 0):
            if isinstance(formula, Every):
                continue  # a branch as a whole, which stands for its parts
            known = homes.setdefault(broken, [])
            if path not in known:
                known.append(path)
        return homes

    @functools.cached_property
    def _conditionals(self) -> tuple[str, ...]:
        return tuple(self.model.state.encoding.conditionals)

    def _pool(self, path: Path) -> list[Any]:
        return self.plan.grammar.samples(path)

    def _candidates(self, broken: Assertion) -> Iterator[Any]:
        if broken.rule:
            yield from self._against_rule(broken)
            return
        for number, task in self._bases(broken):
            for path, found in self._standing(number, task).get(broken, ()):
                value = pointers.look_up(task, path)
                for change in itertools.islice(self._wrong(found, path, value), 60):
                    yield replaced(task, path, change) if path else change

    @functools.cached_property
    def _known(self) -> dict[tuple[str, int], dict[Assertion, list[tuple[Path, Formula]]]]:
        return {}

    def _standing(self, number: tuple[str, int], task: Any) -> dict[Assertion, list[tuple[Path, Formula]]]:
        """Where in a task each assertion stands."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = {}
            for broken, path, formula in self._asserted(self.model.formula, task, (), 0):
                known.setdefault(broken, []).append((path, formula))
        return known

    def _asserted(  # noqa: C901  # a case a form
        self, formula: Formula, value: Any, path: Path, depth: int
    ) -> Iterator[tuple[Assertion, Path, Formula]]:
        if depth > 60:
            return
        formula = self.model.reading.assertions.deref(formula)
        match formula:
            case Literal():
                yield assertion(formula), path, formula
            case Every(parts):
                for part in parts:
                    yield from self._asserted(part, value, path, depth + 1)
            case Either():
                joined = joining(formula)
                if joined.broken is not None:
                    yield joined.broken, path, formula
                if joined.inside:
                    for part in joined.parts:
                        yield from self._asserted(part, value, path, depth + 1)
            case Single(parts, _, holds):
                details = ("none", "several") if holds else ("",)
                for detail in details:
                    yield Assertion(formula.source, "oneOf", detail, negated=not holds), path, formula
                if holds:
                    for part in parts:
                        yield from self._of_branch(part, path)
                        yield from self._asserted(part, value, path, depth + 1)
            case At(key, body):
                inner = _ANYTHING if value is _ANYTHING else pointers.step(value, key)
                if inner is not ABSENT and depth < DEEPEST:
                    yield from self._asserted(body, inner, (*path, key), depth + 1)
            case In(key):
                yield Assertion(formula.source, "in", str(key), negated=True), path, formula
            case Items(body, start, None) if isinstance(value, list):
                for index, inner in enumerate(value[start:], start):
                    yield from self._asserted(body, inner, (*path, index), depth + 1)
            case Items(body, start, None) if value is _ANYTHING:
                yield from self._asserted(body, value, (*path, start), depth + 1)
            case Items() if formula.least is not None:
                for detail in ("few", "many"):
                    yield Assertion(formula.source, "contains", detail), path, formula
            case Members(body, of_names=True):
                yield Assertion(formula.source, "propertyNames"), path, formula
            case Members(body) if isinstance(value, dict):
                for name in self.plan.truth.members(formula, value):
                    yield from self._asserted(body, value[name], (*path, name), depth + 1)

    def _of_branch(self, part: Formula, path: Path) -> Iterator[tuple[Assertion, Path, Formula]]:
        """The constants of a branch that lists several together: what breaks one of them keeps the others."""
        part = self.model.reading.assertions.deref(part)
        told = combination(part, ())
        if told is not None and len(told.values) > 1:
            for literal in _literals(part):
                yield assertion(literal), path, part

    def _wrong(self, formula: Formula, path: Path, value: Any) -> Iterator[Any]:
        """Values for a place that probably break what is asserted there."""
        if isinstance(formula, Literal):
            yield from self._wrong_literal(formula, path, value)
            return
        if isinstance(value, list):
            yield from self._other_lists(path, value)
            return
        if isinstance(value, dict):
            yield from self._other_members(formula, path, value)
            return
        yield from self._other_scalars(formula, value)

    def _wrong_literal(  # noqa: C901  # a case a keyword
        self, literal: Literal, path: Path, value: Any
    ) -> Iterator[Any]:
        test, argument = literal.test, literal.argument
        if isinstance(argument, Decimal):
            argument = float(argument)
        if not literal.holds:
            if test == "required" and isinstance(value, dict):
                for other in self._pool((*path, argument)):
                    yield {**value, argument: other}
            elif test == "enum":
                yield from argument
            yield from self._pool(path)
            return
        match test:
            case "required" if isinstance(value, dict):
                yield without(value, (argument,))
            case "closed" if isinstance(value, dict):
                for name in ("extra", "Extra", "x_extra"):
                    if name not in value:
                        yield {**value, name: 1}
            case "minimum" | "exclusiveMinimum":
                yield from (argument - 1, argument, argument - 0.5, argument - 2, argument - 10)
            case "maximum" | "exclusiveMaximum":
                yield from (argument + 1, argument, argument + 0.5, argument + 2, argument + 10)
            case "multipleOf" if dialect.is_number(value):
                step = float(argument)
                yield from (float(value) + step / 2, step * 1.5, step / 2)
            case "minItems" if isinstance(value, list):
                yield value[: max(int(argument) - 1, 0)]
            case "maxItems" | "uniqueItems" if isinstance(value, list):
                yield from self._longer(path, value, argument if test == "maxItems" else len(value))
            case "minLength" | "maxLength" | "pattern" | "format" if isinstance(value, str):
                yield from self._other_texts(literal, path, value)
            case "type" | "enum" | "false":
                yield from ODD
                yield from self._other_scalars(literal, value)
        yield from ODD

    def _other_texts(self, literal: Literal, path: Path, value: str) -> Iterator[str]:
        """Texts that break one thing and keep the rest: resized, or found for exactly those truths."""
        argument = literal.argument
        if literal.test == "minLength":
            yield value[: max(int(argument) - 1, 0)]
        facts = next(iter(self.plan.grammar.cases(self.plan.grammar.places_of(path))), None)
        asked: dict[texts.Predicate, bool] = {}
        extent = texts.Extent()
        for case in self.plan.grammar.cases(self.plan.grammar.places_of(path)) if facts else ():
            asked = {texts.pattern(each): True for each in case.facts.patterns}
            asked |= {texts.format_(each): True for each in case.facts.formats}
            extent = texts.Extent(case.facts.shortest, case.facts.longest)
            if literal.test in ("pattern", "format"):
                mine = texts.pattern(argument) if literal.test == "pattern" else texts.format_(argument)
                if mine in asked:
                    asked[mine] = False
            elif literal.test == "minLength":
                extent = texts.Extent(0, int(argument) - 1)
            else:
                extent = texts.Extent(int(argument) + 1, None)
            found = texts.realise(asked, extent, hints=(value,))
            if found.text is not None:
                yield found.text
        if literal.test == "maxLength":
            yield (value or "a").ljust(int(argument) + 1, (value or "a")[-1])
        elif literal.test != "minLength":
            yield from (value + "\n", value + " ", " " + value, value[:-1], "not " + value, value.upper(), "x")

    def _longer(self, path: Path, value: list[Any], most: int) -> Iterator[list[Any]]:
        items = [*value, *self._pool((*path, 0))]
        if not items:
            items = ["item"]
        yield from ([*value, each] for each in items)
        if len(value) <= most:
            missing = most + 1 - len(value)
            yield [*value, *(items[-1] for _ in range(missing))]
            yield [*value, *itertools.islice(itertools.cycle(items), missing)]
            varied = [_varied(items[-1], number) for number in range(missing)]
            yield [*value, *varied]

    def _other_lists(self, path: Path, value: list[Any]) -> Iterator[list[Any]]:
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        yield from self._longer(path, value, len(value))
        for index, item in enumerate(value):
            if isinstance(item, dict):
                for name in item:
                    for other in self._pool((*path, index, name)):
                        yield replaced(value, (index, name), other)
            for other in self._pool((*path, index)):
                yield replaced(value, (index,), other)

    def _other_scalars(self, formula: Formula, value: Any) -> Iterator[Any]:
        if isinstance(value, str):
            yield from (value + "x", value.upper(), value.lower(), value[:-1], "", "text")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from (value + 1, value - 1, value + 0.5, -value, 0, 10**6, value * 1000)
        elif isinstance(value, bool):
            yield not value
        yield from _listed(formula)
        yield from ODD

    def _other_members(self, formula: Formula, path: Path, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Objects in which one or two of the members that a formula speaks about are other ones."""
        for part in (formula, *_parts(formula)):  # nearly this branch: all of its constants but one
            told = combination(self.plan.truth.assertions.deref(part), ())
            whole = dict(told.values) if told is not None else {}
            if len(whole) > 1 and all(len(place) == 1 for place in whole):
                for odd in whole:
                    kept = {str(place[0]): other for place, other in whole.items()}
                    for other in (*self._pool((*path, odd[0]))[:12], whole[odd]):
                        yield {**value, **kept, str(odd[0]): _varied(other, 1) if other == whole[odd] else other}
        named = dict.fromkeys(_named(formula))
        changes: list[tuple[str, Any]] = []
        for name in named:
            if name in value:
                changes.append((name, ABSENT))
            listed = [each for inner in _bodies(formula, name) for each in _listed(inner)]
            others = (*self._pool((*path, name))[:6], *listed[:8])
            changes += [(name, other) for other in others if name not in value or other != value[name]]
        yield from (_with(value, each) for each in changes)
        for one, other in itertools.combinations(changes, 2):
            if one[0] != other[0]:
                yield _with(_with(value, one), other)

    def _against_rule(self, broken: Assertion) -> Iterator[Any]:
        rule = next(each for each in self.model.rules if each.id == broken.rule)
        for _, task in self._bases(broken):
            if isinstance(rule.example.breaks, dict):
                yield merged(task, rule.example.breaks)
                for name in rule.example.breaks:
                    yield merged(task, {name: rule.example.breaks[name]})
        for _, task in self._bases(broken):
            for touched in rule.touches:
                for path, value in pointers.expand(task, touched):
                    for other in (*self._pool(path), *self._other_scalars(_NOTHING, value)):
                        yield replaced(task, path, other)


def _plainness(broken: Assertion) -> tuple[int, int]:
    """The order of faults, the one first that is understood at a glance: a missing member of the outermost object."""
    known = ("required", "closed", "enum", "type")
    rank = known.index(broken.keyword) if broken.keyword in known and not broken.negated else len(known)
    return rank + 2 * bool(broken.rule), broken.source.count("/")


_JOINING = ("not", "anyOf", "oneOf", "contains", "in")
"""The keywords whose parts may have to change together before they break."""

_NOTHING = Every(())
_ANYTHING: Any = object()

DEEPEST = 24
"""How deep a schema that refers to itself is followed."""


def _with(value: dict[str, Any], change: tuple[str, Any]) -> dict[str, Any]:
    name, other = change
    if other is ABSENT:
        return {each: inner for each, inner in value.items() if each != name}
    return {**value, name: other}


def _varied(item: Any, number: int) -> Any:
    if isinstance(item, str):
        return f"{item}{number}"
    if isinstance(item, dict):
        return {name: _varied(each, number) for name, each in item.items()}
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        return item + number
    return item


def _reached(task: Any, home: Path) -> bool:
    return pointers.look_up(task, home) is not ABSENT


def _literals(formula: Formula) -> Iterator[Literal]:
    if isinstance(formula, Literal):
        yield formula
    elif isinstance(formula, (At, In)):
        yield from _literals(formula.body)
    for part in _parts(formula):
        yield from _literals(part)


def _parts(formula: Formula) -> tuple[Formula, ...]:
    return formula.parts if isinstance(formula, (Every, Either, Single)) else ()


def _named(formula: Formula) -> Iterator[str]:
    """The members that a formula speaks about."""
    if isinstance(formula, Literal) and formula.test == "required":
        yield formula.argument
    elif isinstance(formula, (At, In)) and isinstance(formula.key, str):
        yield formula.key
    for part in _parts(formula):
        yield from _named(part)


def _bodies(formula: Formula, name: str) -> Iterator[Formula]:
    if isinstance(formula, (At, In)) and formula.key == name:
        yield formula.body
    for part in _parts(formula):
        yield from _bodies(part, name)


def _listed(formula: Formula) -> Iterator[Any]:
    if isinstance(formula, Literal) and formula.test == "enum":
        yield from formula.argument
    elif isinstance(formula, Literal) and formula.test in ("minimum", "maximum"):
        yield from (formula.argument, formula.argument + 1, formula.argument - 1)
    for part in _parts(formula):
        yield from _listed(part)


def faults(plan: Plan) -> Faults:
    """The faults of a plan's target; made once, and kept as long as the plan."""
    if plan.faults is None:
        plan.faults = Faults(plan)
    return plan.faults
