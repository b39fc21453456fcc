"""
Grammar: what may stand at each place of a valid payload, read from the formulas and tried in that payload.

A family of values is offered for a place only when its samples were accepted there, with everything else as it
is. So what is drawn later fits nearly always, whatever rules join the place to others.
"""

from __future__ import annotations

import functools
import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from hypothesis import strategies as st

from preroll import dialect
from preroll import pointer as pointers
from preroll.constraints.encoding import joining
from preroll.constraints.witness import replaced
from preroll.evaluation import Truth
from preroll.explanation import combination
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, Path
from preroll_fuzz.leaves import Facts, Family, Sizes, Values, families, one, picked

Fits = Callable[[Any], bool]

CASES = 24
"""How many ways through the choices of one place are looked at."""

DEPTH = 5
"""How deep new objects and arrays are built into each other."""


class Move(NamedTuple):
    """
    A change that a payload allows.

    Attributes:
        places: where values are set; in a move of several places they belong together.
        values: draws the value (of several places: a tuple of values).
        samples: some of them, the simplest first.
    """

    places: tuple[Path, ...]
    values: Values
    samples: tuple[Any, ...]

    def __repr__(self) -> str:
        """Short: Hypothesis writes down strategies, and samples can be long."""
        return f"Move({', '.join(map(pointers.text, self.places))})"

    def applied(self, payload: Any, drawn: Any) -> Any:
        """The changed payload; `ABSENT` where the object or array that would hold the value is not there."""
        given = drawn if len(self.places) > 1 else (drawn,)
        for path, value in zip(self.places, given, strict=True):
            if not path:
                return value
            holder = pointers.look_up(payload, path[:-1])
            if holder is ABSENT or not isinstance(holder, list if isinstance(path[-1], int) else dict):
                return ABSENT
            if isinstance(holder, list) and int(path[-1]) > len(holder):
                return ABSENT
            payload = replaced(payload, path, value)
        return payload


@dataclass(slots=True)
class Spot:
    """
    A place, or several that belong together, where a payload may be changed; how is found out when it is asked.

    Attributes:
        places: the places.
        find: finds the change; None where nothing else fits there.
    """

    places: tuple[Path, ...]
    find: Callable[[], Move | None]
    _found: Move | None = None
    _sought: bool = False

    @property
    def move(self) -> Move | None:
        """The change that the payload allows here."""
        if not self._sought:
            self._found, self._sought = self.find(), True
        return self._found


Steps = st.SearchStrategy[list[tuple[Move, Any]]]

_STAY = Move((), st.nothing(), ())
"""The change of a payload that allows none."""


def steps(spots: Sequence[Spot], most: int) -> Steps:
    """
    Some of the changes, each with its value.

    A change and its value are drawn together, so that Hypothesis can leave out the one with the other. What a spot
    allows is found out only when it is drawn: that takes longer than everything else.
    """
    return st.lists(_step(tuple(spots)), unique_by=_places, max_size=min(most, len(spots)))


@st.composite
def _step(draw: st.DrawFn, spots: tuple[Spot, ...]) -> tuple[Move, Any]:
    number = draw(st.integers(0, len(spots) - 1))
    for spot in (*spots[number:], *spots[:number]):
        if spot.move is not None:
            return spot.move, draw(spot.move.values)
    return _STAY, ABSENT


def _places(step: tuple[Move, Any]) -> tuple[Path, ...]:
    return step[0].places


@dataclass(slots=True)
class Case:
    """One way through the choices of a place: its facts, its members and its items."""

    facts: Facts = field(default_factory=Facts)
    required: list[str] = field(default_factory=list)
    members: dict[str, list[Formula]] = field(default_factory=dict)
    items: list[Formula] = field(default_factory=list)
    least: int = 0
    most: int | None = None
    unique: bool = False
    named: bool = False
    closed: bool = False

    def copy(self) -> Case:
        """A case that can learn more without this one."""
        known = self.facts
        facts = Facts(
            known.types, known.listed, known.least, known.most, known.over, known.under, [*known.steps],
            known.shortest, known.longest, [*known.patterns], [*known.formats],
        )  # fmt: skip
        members = {name: [*bodies] for name, bodies in self.members.items()}
        return replace(self, facts=facts, required=[*self.required], members=members, items=[*self.items])


class Grammar:
    """
    The grammar of one target.

    Args:
        truth: the interpreter of the document's formulas.
        formula: what the target asserts.
        today: the day that dates lie around.
        sizes: how large values may become.
        hints: values that documents and rules give as examples, by the name of their member.
    """

    def __init__(
        self, truth: Truth, formula: Formula, today: date, sizes: Sizes, hints: Mapping[str, tuple[Any, ...]]
    ) -> None:
        self.truth, self.formula, self.today, self.sizes, self.hints = truth, formula, today, sizes, hints
        self._families: dict[tuple[str, str], list[Family]] = {}
        self._samples: dict[tuple[str, ...], list[Any]] = {}

    def spots(self, payload: Any, accepts: Fits) -> Iterator[Spot]:
        """Where a payload may be changed, in the order of the schema."""
        places = self.places(payload)
        grouped: set[Path] = set()
        for paths, combinations in self.groups(payload).items():
            fitting = []
            for values in combinations:
                changed = payload
                for path, value in zip(paths, values, strict=True):
                    changed = replaced(changed, path, value)
                if accepts(changed):
                    fitting.append(values)
            if fitting:
                grouped.update(paths)
                move = Move(paths, picked(fitting), tuple(fitting))
                yield Spot(paths, lambda: None, move, _sought=True)
        for path, bodies in places.items():
            if path in grouped:
                continue
            present = pointers.look_up(payload, path)
            chosen = any(isinstance(self._plain(each), (Either, Single)) for each in bodies)
            if isinstance(present, dict) and not chosen:
                continue  # its members are places of their own
            if self._settled(bodies, present):
                continue
            yield Spot((path,), functools.partial(self._found, payload, path, bodies, accepts))

    def _settled(self, bodies: Sequence[Formula], present: Any) -> bool:
        """Whether a place can hold nothing but what is there, told without trying anything."""
        listed = [self._plain(each) for each in bodies]
        constants = [
            each.argument for each in listed if isinstance(each, Literal) and each.test == "enum" and each.holds
        ]
        return any(len(each) == 1 and dialect.equal(each[0], present) for each in constants)

    def _found(self, payload: Any, path: Path, bodies: Sequence[Formula], accepts: Fits) -> Move | None:
        """The change that a payload allows at one place."""
        present = pointers.look_up(payload, path)
        found = list(self.families(bodies, _name(path), lambda value: accepts(replaced(payload, path, value))))
        if not found or (present is not ABSENT and all(each.samples == (present,) for each in found)):
            return None
        samples = tuple(distinct(value for each in found for value in each.samples))
        return Move((path,), drawn_from(found), samples)

    def places(self, payload: Any) -> dict[Path, list[Formula]]:
        """The places of a payload and the members that it could have besides, with what is said of each."""
        found: dict[Path, list[Formula]] = {(): [self.formula]}
        for path, formula in self._spoken(self.formula, payload, (), 0):
            found.setdefault(path, []).append(formula)
        return found

    def places_of(self, path: Path) -> list[Formula]:
        """Everything that is said of a place, through whatever choices it is reached."""
        found = [self.formula]
        for key in path:
            found = [inner for each in found for inner in self._inner(each, key, 0)]
        return found

    def _inner(self, formula: Formula, key: str | int, depth: int) -> Iterator[Formula]:
        formula = self._plain(formula)
        if depth > 60:
            return
        match formula:
            case Every(parts) | Either(parts) | Single(parts, holds=True):
                for part in parts:
                    yield from self._inner(part, key, depth + 1)
            case At(name, body) | In(name, body) if name == key:
                yield body
            case Items(body, start, None) if isinstance(key, int) and key >= start:
                yield body

    def describes(self, path: Path) -> bool:
        """Whether the schema speaks about a place; rules of many targets speak about others, too."""
        found = [self.formula]
        for key in path:
            if isinstance(key, str) and not any(self._speaks(each, key, 0) for each in found):
                return False
            found = [inner for each in found for inner in self._inner(each, key, 0)]
        return True

    def _speaks(self, formula: Formula, name: str, depth: int) -> bool:
        formula = self._plain(formula)
        match formula:
            case Every(parts) | Either(parts) | Single(parts):
                return depth < 60 and any(self._speaks(part, name, depth + 1) for part in parts)
            case At(key, _) | In(key, _):
                return key == name
            case Literal("required", argument):
                return bool(argument == name)
            case Literal("closed", (names, patterns)):
                return name in names or any(dialect.matches(each, name) for each in patterns)
        return isinstance(formula, (Members, Opaque))

    @functools.cached_property
    def mixes(self) -> bool:
        """Whether there is a choice between objects that have different members, and may have others besides."""
        seen: set[int] = set()

        def looks(formula: Formula) -> bool:
            formula = self._plain(formula)
            if id(formula) in seen:
                return False
            seen.add(id(formula))
            match formula:
                case Either(parts) | Single(parts, holds=True):
                    guarded = isinstance(formula, Either) and bool(joining(formula).guards)
                    return (not guarded and self._differ(parts)) or any(map(looks, parts))
                case Every(parts):
                    return any(map(looks, parts))
                case At(_, body) | In(_, body) | Items(body) | Members(body):
                    return looks(body)
            return False

        return looks(self.formula)

    def _differ(self, parts: Sequence[Formula]) -> bool:
        cases = [self.cases((part,)) for part in parts]
        objects = [each for case in cases for each in case if each.members and each.facts.types is not None]
        return len({frozenset(each.members) for each in objects}) > 1 and not all(each.closed for each in objects)

    def samples(self, path: Path) -> list[Any]:
        """A few values that a place takes by itself, whatever stands elsewhere."""
        key = tuple("*" if isinstance(each, int) else each for each in path)
        known = self._samples.get(key)
        if known is None:
            bodies = self.places_of(path)
            found = self.families(bodies, _name(path), lambda value: self._one_holds(bodies, value))
            known = self._samples[key] = distinct(value for each in found for value in each.samples)[:24]
        return known

    def _one_holds(self, bodies: list[Formula], value: Any) -> bool:
        return any(self.truth.holds(each, value) for each in bodies)

    def _plain(self, formula: Formula) -> Formula:
        return self.truth.assertions.deref(formula) if isinstance(formula, Ref) else formula

    def _spoken(  # noqa: C901  # a case a form
        self, formula: Formula, value: Any, path: Path, depth: int
    ) -> Iterator[tuple[Path, Formula]]:
        if depth > 60:
            return
        formula = self._plain(formula)
        match formula:
            case Every(parts):
                for part in parts:
                    yield from self._spoken(part, value, path, depth + 1)
            case Either():
                joined = joining(formula)
                if any(self.truth.holds(each, value) for each in joined.guards):
                    return
                for part in joined.parts:
                    if self.truth.holds(part, value):
                        yield from self._spoken(part, value, path, depth + 1)
            case Single(parts, holds=True):
                for part in parts:
                    if self.truth.holds(part, value):
                        yield from self._spoken(part, value, path, depth + 1)
            case At(key, body) | In(key, body):
                if isinstance(value, dict if isinstance(key, str) else list):
                    inner = pointers.step(value, key)
                    if inner is not ABSENT or isinstance(key, str):
                        yield (*path, key), body
                    if inner is not ABSENT:
                        yield from self._spoken(body, inner, (*path, key), depth + 1)
            case Items(body, start, None) if isinstance(value, list):
                for index, inner in enumerate(value[start:], start):
                    yield (*path, index), body
                    yield from self._spoken(body, inner, (*path, index), depth + 1)

    def groups(self, payload: Any) -> dict[tuple[Path, ...], list[tuple[Any, ...]]]:
        """Values that the schema lists for several places together."""
        found: dict[tuple[Path, ...], list[tuple[Any, ...]]] = {}
        for path, union in self._unions(self.formula, payload, (), 0):
            for part in union.parts:
                each = combination(self._plain(part), path)
                if each is None or len(each.values) < 2:
                    continue
                ordered = sorted(each.values, key=lambda one: pointers.text(one[0]))
                places = tuple(place for place, _ in ordered)
                values = tuple(value for _, value in ordered)
                known = found.setdefault(places, [])
                if values not in known:
                    known.append(values)
        return found

    def _unions(self, formula: Formula, value: Any, path: Path, depth: int) -> Iterator[tuple[Path, Either | Single]]:
        if depth > 60:
            return
        formula = self._plain(formula)
        match formula:
            case Every(parts):
                for part in parts:
                    yield from self._unions(part, value, path, depth + 1)
            case Either(parts) | Single(parts):
                yield path, formula
                for part in parts:
                    yield from self._unions(part, value, path, depth + 1)
            case At(key, body) | In(key, body):
                inner = pointers.step(value, key)
                if inner is not ABSENT:
                    yield from self._unions(body, inner, (*path, key), depth + 1)
            case Items(body, start) if isinstance(value, list):
                for index, inner in enumerate(value[start:], start):
                    yield from self._unions(body, inner, (*path, index), depth + 1)

    def families(self, bodies: Sequence[Formula], name: str, fits: Fits, depth: int = 0) -> Iterator[Family]:
        """The families of values that what is said of a place allows, as far as they fit there."""
        if depth > DEPTH:
            return
        for case in self.cases(bodies):
            facts = case.facts
            if case.named or case.members:
                if facts.has("object"):
                    yield from self._objects(case, fits, depth)
            elif facts.has("array") and (case.items or case.most is not None or facts.types is not None):
                yield from self._arrays(case, name, fits, depth)
            if facts.types is not None and facts.types <= {"object", "array"}:
                if facts.types == {"object"} and not (case.named or case.members) and fits({}):
                    yield Family(({},), st.builds(dict), more=False)
                continue
            taken = False
            for family in self._leaves(facts, name):
                if family.instead and taken:
                    continue
                passing = tuple(each for each in family.samples if fits(each))
                taken = taken or (len(passing) == len(family.samples) if family.instead else bool(passing))
                if len(passing) == len(family.samples):
                    yield family
                elif passing:
                    yield Family(passing, picked(passing), more=False)

    def _leaves(self, facts: Facts, name: str) -> list[Family]:
        """The families of a leaf, made once: the same facts come up in every way, and making families is slow."""
        key = (name, repr(facts))
        found = self._families.get(key)
        if found is None:
            found = list(families(facts, name, self.today, self.sizes))
            if facts.listed is None and found:
                documented = (each for each in self.hints.get(name, ()) if facts.allows(each))
                found += [one(each) for each in documented if not any(each in family.samples for family in found)]
            self._families[key] = found
        return found

    def _objects(self, case: Case, fits: Fits, depth: int) -> Iterator[Family]:
        base: dict[str, Any] = {}
        required = tuple(dict.fromkeys(case.required))
        for name in required:
            bodies = case.members.get(name, [])

            def locally(value: Any, bodies: list[Formula] = bodies) -> bool:
                return all(self.truth.holds(each, value) for each in bodies)

            simplest = next(iter(self.families(bodies, name, locally, depth + 1)), None)
            if simplest is None:
                return
            base[name] = simplest.samples[0]
        if not fits(base):
            return

        def among(name: str, bodies: list[Formula], sure: Any = ABSENT) -> Values:
            """What a member may be beside the simplest others, found out when it is drawn."""

            def found() -> list[Family]:
                return list(self.families(bodies, name, _within(fits, base, name), depth + 1))

            return later(lambda: drawn_from(found() or [one(sure)]))

        optional, rich = {}, dict(base)
        for name, bodies in case.members.items():
            if name not in required:
                first = next(iter(self.families(bodies, name, _within(fits, base, name), depth + 1)), None)
                if first is not None:
                    optional[name] = among(name, bodies, first.samples[0])
        for name in (*case.members, *case.members):  # twice: some members need others that come later
            if name not in rich:
                more = next(iter(self.families(case.members[name], name, _within(fits, rich, name), depth + 1)), None)
                if more is not None:
                    rich = {**rich, name: more.samples[-1]}
                    if name not in optional:
                        optional[name] = more.values
        always = {name: among(name, case.members.get(name, []), base[name]) for name in required}
        samples = (base,) if rich == base else (base, rich)
        yield Family(samples, st.fixed_dictionaries(always, optional=optional))

    def _arrays(self, case: Case, name: str, fits: Fits, depth: int) -> Iterator[Family]:
        def locally(value: Any) -> bool:
            return all(self.truth.holds(each, value) for each in case.items)

        found = list(self.families(case.items, name, locally, depth + 1))
        pool = distinct(sample for family in found for sample in family.samples)
        if not pool:
            if not case.least and fits([]):
                yield Family(([],), st.builds(list), more=False)
            return
        most = case.most if case.most is not None else max(case.least, 3)
        highest = min(most, self.sizes.items)
        longer = list(itertools.islice(_endless(pool, highest), highest))
        least = next((size for size in range(case.least, highest + 1) if fits(longer[:size])), None)
        if least is None:
            return
        usual = [
            least,
            *(size for size in range(least + 1, min(max(least, 1) + 3, highest) + 1) if fits(longer[:size])),
        ]
        # Where many do not go together (they have to differ, say), no more do.
        largest = max(
            usual[-1],
            bisect_left(range(usual[-1], highest + 1), 1, key=lambda size: not fits(longer[:size])) + usual[-1] - 1,
        )
        for size in dict.fromkeys((least, largest)):
            made = longer[:size]
            yield one(made)
        if usual[-1] == 0:
            return

        def beside(value: Any) -> bool:
            return fits([value, *(each for each in longer if each != value)][: max(usual[0], 1)])

        def kept() -> Values:
            return drawn_from(list(self.families(case.items, name, beside, depth + 1)) or list(map(one, pool)))

        unique = _key if case.unique else None
        lists = st.lists(later(kept), min_size=usual[0], max_size=usual[-1], unique_by=unique)
        yield Family((longer[: usual[0]],), lists)

    def cases(self, bodies: Iterable[Formula]) -> list[Case]:
        """The ways through the choices of a place."""
        known = [Case()]
        for body in bodies:
            known = self._cases(body, known, 0)
        return known

    def _cases(self, formula: Formula, known: list[Case], depth: int) -> list[Case]:
        formula = self._plain(formula)
        if depth > 40:
            return known
        match formula:
            case Every(parts):
                for part in parts:
                    known = self._cases(part, known, depth + 1)
            case Either(parts) | Single(parts, holds=True):
                if isinstance(formula, Either) and (joining(formula).guards or not joining(formula).inside):
                    return known
                split = [
                    case for part in parts for case in self._cases(part, [each.copy() for each in known], depth + 1)
                ]
                return split[:CASES]
            case Literal():
                for case in known:
                    self._learn(case, formula)
            case At(key, body) if isinstance(key, str):
                for case in known:
                    case.members.setdefault(key, []).append(body)
                    case.named = True
            case In(key, body) if isinstance(key, str):
                for case in known:
                    case.members.setdefault(key, []).append(body)
                    case.required.append(key)
            case Items(body, _, None):
                for case in known:
                    case.items.append(body)
        return known

    @staticmethod
    def _learn(case: Case, literal: Literal) -> None:
        if not literal.holds:
            return
        match literal.test:
            case "required":
                case.required.append(literal.argument)
                case.named = True
            case "minItems":
                case.least = max(case.least, int(literal.argument))
            case "maxItems":
                case.most = int(literal.argument) if case.most is None else min(case.most, int(literal.argument))
            case "uniqueItems":
                case.unique = True
            case "closed":
                case.closed = True
            case _:
                case.facts.learn(literal.test, literal.argument)


def _name(path: Path) -> str:
    return next((each for each in reversed(path) if isinstance(each, str)), "")


def _within(fits: Fits, base: dict[str, Any], name: str) -> Fits:
    return lambda value: fits({**base, name: value})


def _key(value: Any) -> str:
    import orjson  # every payload has been through it anyway

    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def distinct(values: Iterable[Any]) -> list[Any]:
    """Each value once, in order."""
    return list({_key(each): each for each in values}.values())


def _endless(pool: list[Any], count: int) -> Iterator[Any]:
    """Different items as long as there are any, then the last ones again."""
    yield from pool
    yield from itertools.islice(itertools.cycle(pool), count)


def later(find: Callable[[], Values]) -> Values:
    """A strategy that is found out when it is first drawn from: many never are."""
    return _found_later(functools.cache(find))


@st.composite
def _found_later(draw: st.DrawFn, find: Callable[[], Values]) -> Any:
    return draw(find())


def drawn_from(found: Sequence[Family]) -> Values:
    """
    One strategy of several families, the simplest first.

    Ranges of numbers come before their limits, so that a failure shrinks to the number where it begins; of other
    values the single ones, which have been seen before, come first.
    """
    single = distinct(value for each in found if not each.more for value in each.samples)
    ranges = [each.values for each in found if each.more and isinstance(each.samples[0], (int, float))]
    others = [each.values for each in found if each.more and not isinstance(each.samples[0], (int, float))]
    parts = [*ranges, *([picked(single)] if single else []), *others]
    return st.one_of(parts) if len(parts) > 1 else parts[0]
