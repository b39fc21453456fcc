"""
Repair: the nearest valid payload to one that is refused.

What the user wrote is a set of wishes, each with a weight: that a place is given, that it has this value, that
nothing else is added. The wishes that must be given up are found exactly, by implicit hitting sets: the solver
names wishes that contradict each other, the cheapest choice that gives up one of each such set is tried next,
until the rest can be had together (Davies and Bacchus 2011). The new values are then chosen near the old ones
by trying, and whatever can be undone is undone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import z3

from preroll import dialect, spelling
from preroll import pointer as pointers
from preroll.constraints import text as texts
from preroll.constraints.location import Location, Term, conj, disj, equals, exact, neg
from preroll.constraints.witness import NoText, TooLong, Writer, replaced, without
from preroll.pointer import ABSENT, Path

if TYPE_CHECKING:
    from preroll.constraints.model import Impossible, Model, State, Unknown


@dataclass(frozen=True, slots=True)
class Repair:
    """
    A valid payload near the given one.

    Attributes:
        payload: it; confirmed by the engine and the rules.
        patch: the RFC 6902 JSON Patch that leads there; empty where the given payload is valid.
        given_up: JSON Pointers of the places whose value or presence had to change.
        cost: the weight of what was given up.
    """

    payload: Any
    patch: tuple[dict[str, Any], ...]
    given_up: tuple[str, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that the user asked for: it holds unless it is given up, which costs its weight."""

    path: Path
    weight: int
    term: Any


# What a change costs. The order is what counts: adding or correcting a number is cheap, and giving up a text or a
# file that the user brought is not; a value that the schema would assume anyway says little.
_ADDED = 6
_INVENTED = 30
_NUMBER = 10
_FALSE = 6
_TRUE = 16
_NULL = 6
_CHOICE = 12
_TEXT = 24
_LONG_TEXT = 40
_CONSTANT = 60
_GONE = 3
_KIND = 14
_LENGTH = 2
_ADVICE = 3
_OWN_WORD = 1


def nearest(
    model: Model, payload: Any, *, keep: Sequence[str] = (), seconds: float = 2.0
) -> Repair | Impossible | Unknown:
    """
    The nearest valid payload.

    Args:
        model: of the target.
        payload: the given one.
        keep: JSON Pointers of places that may not change.
        seconds: when to give up.
    """
    if model.is_valid(payload):
        return Repair(payload, (), (), 0)
    started = time.monotonic()
    kept = tuple(pointers.resolved(payload, each) for each in keep)
    best: Repair | Impossible | Unknown | None = None
    for start, cost in (*_respelt(model, payload), *_cut(model, payload), (payload, 0)):
        if not cost and isinstance(best, Repair) and _longest(payload) > _LONG:
            break  # a place for each item of so long a list takes too long, and cutting it is enough
        if cost and any(pointers.look_up(start, each) is ABSENT for each in kept):
            continue
        if cost and model.is_valid(start):
            found: Repair | Impossible | Unknown = _repair(payload, start, cost)
        else:
            left = seconds - (time.monotonic() - started)
            if left <= 0:
                break
            found = _nearest(model, payload, start, kept, cost, started + seconds)
        if isinstance(best, Repair):
            best = found if isinstance(found, Repair) and found.cost < best.cost else best
        elif best is None or isinstance(found, Repair) or start is payload:
            best = found
    if best is None:
        from preroll.constraints.model import Unknown

        return Unknown(f"no repair was found in {seconds:g} s")
    return best


def alternatives(
    model: Model, payload: Any, *, keep: Sequence[str] = (), limit: int = 3, seconds: float = 2.0
) -> list[Repair]:
    """Repairs that keep different wishes, the least change first."""
    started = time.monotonic()
    first = nearest(model, payload, keep=keep, seconds=seconds)
    if not isinstance(first, Repair):
        return []
    found = [first]
    for place in first.given_up:
        left = seconds - (time.monotonic() - started)
        if left <= 0 or pointers.look_up(payload, pointers.parse(place)) is ABSENT:
            continue
        other = nearest(model, payload, keep=(*keep, place), seconds=left)
        if isinstance(other, Repair) and all(other.payload != each.payload for each in found):
            found.append(other)
    return sorted(found, key=lambda each: each.cost)[:limit]


def _respelt(model: Model, payload: Any) -> Iterator[tuple[Any, int]]:
    """The payload with members whose names are evidently misspelt under their right names."""
    count = 0

    def mend(value: Any, path: Path) -> Any:
        nonlocal count
        if isinstance(value, list):
            return [mend(each, (*path, index)) for index, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        known = model.state.space.find(path)
        names = tuple(known.members) if known is not None else ()
        fresh: dict[str, Any] = {}
        for name, each in value.items():
            near = None if name in names else _misspelt(name, [one for one in names if one not in value])
            right = name if near is None or near in fresh else near
            count += right != name
            fresh[right] = mend(each, (*path, right))
        return fresh

    mended = mend(payload, ())
    if count:
        yield mended, 2 * count


_LONG = 24
"""Lists beyond this are cut first; only if that does not help, a place is made for every item."""


def _longest(value: Any) -> int:
    if isinstance(value, dict):
        return max(map(_longest, value.values()), default=0)
    return max((len(value), *map(_longest, value))) if isinstance(value, list) else 0


def _cut(model: Model, payload: Any) -> Iterator[tuple[Any, int]]:
    """The payload with lists that are too long cut to their limit."""
    cost = 0

    def cut(value: Any, path: Path) -> Any:
        nonlocal cost
        if isinstance(value, dict):
            return {name: cut(each, (*path, name)) for name, each in value.items()}
        if not isinstance(value, list):
            return value
        at = model.state.space.find(path)
        most = min(at.counts, default=len(value)) if at is not None else len(value)
        for index, each in enumerate(value[most:], most):
            cost += _GONE + (_weight(model, each, (*path, index)) if not isinstance(each, (dict, list)) else _KIND)
        return [cut(each, (*path, index)) for index, each in enumerate(value[:most])]

    shorter = cut(payload, ())
    if cost:
        yield shorter, cost


def _misspelt(name: str, names: Sequence[str]) -> str | None:
    def key(text: str) -> str:
        return text.replace("_", "").replace("-", "").casefold()

    scored = [
        (1.0 if key(each) == key(name) else SequenceMatcher(None, key(name), key(each)).ratio(), each) for each in names
    ]
    score, best = max(scored, default=(0.0, ""))
    return best if score >= 0.8 else None


def _nearest(
    model: Model, given: Any, start: Any, kept: Sequence[Path], cost: int, deadline: float
) -> Repair | Impossible | Unknown:
    from preroll.constraints.model import TIMEOUT, Unknown

    state = model.with_payload(start)
    wishes = list(_wishes(model, state, start))
    hard = [each.term for each in wishes if any(_covers(place, each.path) for place in kept)]
    soft = [each for each in wishes if not any(_covers(place, each.path) for place in kept)]
    state.refresh()
    state.solver.set("timeout", max(int(1000 * (deadline - time.monotonic())), 1))
    answer = _satisfied(model, state, hard, soft, deadline)
    state.solver.set("timeout", TIMEOUT)
    if not isinstance(answer, tuple):
        return answer
    payload, lost = answer
    payload = _as_given(start, payload)

    def accepts(value: Any) -> bool:
        return model.is_valid(value) and all(
            dialect.equal(pointers.look_up(value, each), pointers.look_up(start, each)) for each in kept
        )

    if not accepts(payload):
        if model.strict:
            from preroll.constraints.model import Mismatch

            raise Mismatch(payload)
        return Unknown("the engines and the model disagree about the repair that was found")
    payload = _nearer(model, state, start, payload, accepts, deadline)
    payload = _undone(start, payload, accepts)
    return _repair(given, payload, cost + sum(each.weight for each in lost))


def _covers(place: Path, path: Path) -> bool:
    return path[: len(place)] == place


def _repair(given: Any, payload: Any, cost: int) -> Repair:
    patch = tuple(changes(given, payload))
    return Repair(payload, patch, tuple(dict.fromkeys(each["path"] for each in patch)), cost)


def _wishes(model: Model, state: State, payload: Any) -> Iterator[Wish]:
    """What the payload asks for."""
    covered: set[int] = set()

    def wish(path: Path, weight: int, term: Term) -> Iterator[Wish]:
        if term is not True:
            name = state.space.fresh("wish")
            state.solver.add(z3.Implies(name, state.space.term(term)))
            yield Wish(path, weight, name)

    def walk(at: Location, value: Any, path: Path) -> Iterator[Wish]:
        covered.add(at.number)
        if path:
            yield from wish(path, _GONE, at.exists)
        if isinstance(value, dict):
            yield from wish(path, _KIND, conj((at.exists, at.kind("object"))))
            yield from wish(path, _ADDED, disj((neg(at.kind("object")), at.extra <= 0)))
            for name, each in value.items():
                yield from walk(at.member(name), each, (*path, name))
        elif isinstance(value, list):
            yield from wish(path, _KIND, conj((at.exists, at.kind("array"))))
            yield from wish(path, _LENGTH, disj((neg(at.exists), at.length >= len(value))))
            yield from wish(path, _ADDED, disj((neg(at.exists), at.length <= len(value))))
            for index, each in enumerate(value):
                yield from walk(at.item(index), each, (*path, index))
        else:
            yield from wish(path, _weight(model, value, path), conj((at.exists, equals(at, value))))
            if not isinstance(value, str) or next(_readings(value), None) is None:
                yield from wish(path, _KIND, disj((neg(at.exists), at.kind(_kind(value)))))
            for term in _own_words(state, value, path):
                yield from wish((), _OWN_WORD, term)

    yield from walk(state.space.root, payload, ())
    for broken, name in state.advice.items():
        if broken.severity != "error" and model.follows(payload, only=broken.rule, severities=(broken.severity,)):
            yield Wish((), _ADVICE, name)  # what the vendor advises and the payload heeds
    for at in tuple(state.space.locations):
        if at.number not in covered and at.parent is not None and not at.spare:
            invented = at.has("text") is not None and not at.named
            yield from wish(at.path, _INVENTED if invented else _ADDED, neg(at.exists))


def _own_words(state: State, value: Any, path: Path) -> Iterator[Term]:
    """That a text stands inside what must stand in its place: it may say what a member of a wanted object is."""
    for at in tuple(state.space.locations) if isinstance(value, str) else ():
        if len(at.path) > len(path) and _covers(path, at.path):
            yield from (equals(at, each) for each in sorted(at.named) if spelling.plain(each) == spelling.plain(value))


def _kind(value: Any) -> str:
    name = dialect.type_name(value)
    return "number" if name == "integer" else name


def _weight(model: Model, value: Any, path: Path) -> int:
    name = next((each for each in reversed(path) if isinstance(each, str)), "")
    if any(dialect.equal(value, each) for each in model.hints.get(name, ()) if type(each) is type(value)):
        return _FALSE
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if value is None:
        return _NULL
    if dialect.is_number(value):
        return _NUMBER
    known = model.state.space.find(path)
    named = known.named if known is not None else ()
    if value in model.target.told_by.values() or (value in named and len(named) == 1):
        return _CONSTANT
    if named:
        return _CHOICE
    if next(_readings(value), None) is not None:
        return _NUMBER
    return _LONG_TEXT if " " in value or len(value) > 24 else _TEXT


def _readings(text: str) -> Iterator[Any]:
    """What a text might have been meant as: a number, a truth, nothing."""
    if text in ("true", "false"):
        yield text == "true"
    elif text == "null":
        yield None
    else:
        try:
            number = float(text)
        except ValueError:
            return
        if math.isfinite(number):
            yield int(number) if number.is_integer() and "e" not in text.lower() else number


def _satisfied(
    model: Model, state: State, hard: Sequence[Any], soft: Sequence[Wish], deadline: float
) -> tuple[Any, list[Wish]] | Impossible | Unknown:
    """A payload that gives up wishes of the least weight together, with those that it gives up."""
    from preroll.constraints.model import ROUNDS, Core, Unknown

    base = [state.valid, state.space.cut, state.space.few, *state.tight, *hard]
    by_id = {each.term.get_id(): index for index, each in enumerate(soft)}
    weights = [each.weight for each in soft]
    cores: list[frozenset[int]] = []
    blocked = 0
    while True:
        lost = _hitting_set(cores, weights, deadline)
        if lost is None or time.monotonic() > deadline:
            return Unknown("no repair was found in time")
        left = set(range(len(soft))) - lost
        # Every further set that contradicts itself is worth finding before the next choice is made.
        while True:
            guesses = [each for each, _ in state.guesses.values()]
            chosen = [soft[index].term for index in sorted(left)]
            result = state.check((*base, *chosen, *guesses))
            if result == z3.sat or time.monotonic() > deadline:
                break
            if result != z3.unsat:
                return Unknown(f"the solver gave up: {state.solver.reason_unknown()}")
            core = frozenset(each.get_id() for each in state.solver.unsat_core())
            wishes = frozenset(by_id[each] for each in core if each in by_id)
            if not wishes:
                for guess, reason in state.guesses.values():
                    if guess.get_id() in core:
                        return Unknown(reason)
                return state.smallest(Core(core), [state.valid, *hard])
            wishes = _shorter(state, base, soft, wishes)
            cores.append(wishes)
            left -= wishes
        if time.monotonic() > deadline:
            return Unknown("no repair was found in time")
        lost_now = set(range(len(soft))) - left
        if lost_now != lost:
            continue
        writer = Writer(state.space, state.solver.model(), model.hints, model.tries)
        try:
            found = writer.payload()
        except NoText as problem:
            blocked += 1
            if blocked > ROUNDS:
                return Unknown(f"no text was found for {pointers.text(problem.location.path)}")
            state.block(problem)
            continue
        except TooLong as problem:
            return Unknown(f"an array at {pointers.text(problem.args[0])} would be too long")
        return found, [soft[index] for index in sorted(lost)]


def _shorter(state: State, base: Sequence[Any], soft: Sequence[Wish], core: frozenset[int]) -> frozenset[int]:
    """A contradiction without the wishes that it does not need, the cheapest kept."""
    kept = set(core)
    if len(kept) > 24:
        return core
    guesses = [each for each, _ in state.guesses.values()]
    for index in sorted(core, key=lambda each: (-soft[each].weight, each)):
        if len(kept) == 1:
            break
        trial = [soft[each].term for each in sorted(kept - {index})]
        if state.check((*base, *trial, *guesses)) == z3.unsat:
            kept.discard(index)
    return frozenset(kept)


def _hitting_set(cores: Sequence[frozenset[int]], weights: Sequence[int], deadline: float) -> set[int] | None:
    """The cheapest choice of at least one of each set; the first in order of several. None when time is up."""
    best: set[int] = set()
    for core in cores:  # a first bound: the cheapest of each set that is not hit yet
        if not core & best:
            best.add(min(core, key=lambda each: (weights[each], each)))
    best_cost = sum(weights[each] for each in best)
    ticks = 0

    def search(chosen: frozenset[int], barred: frozenset[int], cost: int) -> bool:
        nonlocal best, best_cost, ticks
        ticks += 1
        if ticks % 512 == 0 and time.monotonic() > deadline:
            return False
        open_cores = [core - barred for core in cores if not core & chosen]
        if not open_cores:
            if cost < best_cost:
                best, best_cost = set(chosen), cost
            return True
        bound = cost
        used: set[int] = set()
        for core in sorted(open_cores, key=len):
            if not core:
                return True
            if not core & used:
                bound += min(weights[each] for each in core)
                used |= core
        if bound >= best_cost:
            return True
        branch = min(open_cores, key=lambda core: (len(core), min(core)))
        for each in sorted(branch, key=lambda one: (weights[one], one)):
            if not search(chosen | {each}, barred, cost + weights[each]):
                return False
            barred |= {each}
        return True

    return best if search(frozenset(), frozenset(), 0) else None


def _as_given(given: Any, found: Any) -> Any:
    """The found payload with the user's own spelling and order wherever the values are the same."""
    if dialect.equal(given, found):
        return given
    if isinstance(given, dict) and isinstance(found, dict):
        kept = {name: _as_given(each, found[name]) for name, each in given.items() if name in found}
        return {**kept, **{name: each for name, each in found.items() if name not in given}}
    if isinstance(given, list) and isinstance(found, list):
        return [_as_given(given[index], each) if index < len(given) else each for index, each in enumerate(found)]
    return found


def _nearer(
    model: Model, state: State, given: Any, payload: Any, accepts: Callable[[Any], bool], deadline: float
) -> Any:
    """New values as near to the old ones as can be, by trying what is known for the places."""
    places = [
        (path, old, new)
        for path, old, new in _changed(given, payload, ())
        if not isinstance(new, (dict, list)) and new is not ABSENT
    ]
    numbers = sorted(set(_numbers(given)))
    bases, options = [], []
    for path, old, new in places:
        at = state.space.find(path)
        name = next((each for each in reversed(path) if isinstance(each, str)), "")
        documented = [each for each in model.hints.get(name, ()) if type(each) is type(new)]
        base = documented[0] if old is ABSENT and documented else old
        listed = [*documented, *(_known(at, base, new, numbers) if at is not None else ())]
        if isinstance(new, str):
            listed = [*_variants(base, at), *listed, *texts.likely(name)]
        # A value that somebody documented says more than the solver's own; where there is an old one, the nearest.
        options.append(list(islice(_distinct([*listed, new]), 60)))
        bases.append(base)
    if not options:
        return payload
    while math.prod(map(len, options)) > _TRIALS:
        longest = max(options, key=len)
        del longest[max(len(longest) * 2 // 3, 1) : -1]
        if max(map(len, options)) <= 2:
            return payload
    ranked = sorted(product(*options), key=lambda chosen: _distance(list(zip(bases, chosen, strict=True))))
    for chosen in ranked:
        if time.monotonic() > deadline:
            break
        trial = payload
        for (path, _, _), value in zip(places, chosen, strict=True):
            trial = replaced(trial, path, value)
        if accepts(trial):
            return trial
    return payload


_TRIALS = 4000
"""How many combinations of new values are tried."""


def _numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def _distinct(values: Sequence[Any]) -> Iterator[Any]:
    seen: list[Any] = []
    for each in values:
        if not any(type(each) is type(other) and dialect.equal(each, other) for other in seen):
            seen.append(each)
            yield each


def _known(at: Location, old: Any, new: Any, numbers: Sequence[int | float]) -> Iterator[Any]:
    """Values that the schema, the payload or the old value suggest for a place."""
    if isinstance(old, str):
        yield from _readings(old)
    if isinstance(old, str) or isinstance(new, str):
        yield from sorted(at.named)
    if dialect.is_number(new):
        found = {*at.amounts, *(exact(each) + shift for each in numbers for shift in (-1, 0, 1))}
        if dialect.is_number(old):
            for size in at.steps or (Fraction(1),):
                found |= {exact(old) // size * size, -(-exact(old) // size) * size}
        for each in sorted(found):
            yield int(each) if each.denominator == 1 else float(each)


def _variants(old: Any, at: Location | None) -> Iterator[str]:
    """Texts that say what the old one said: cut to the limit, in another case, a URL under a safe scheme."""
    if not isinstance(old, str):
        return
    scheme, there, rest = old.partition("://")
    if there and scheme.isalnum():
        yield f"https://{rest}"
    yield from (old.strip(), old.upper(), old.lower(), old.capitalize())
    for limit in sorted(at.limits if at is not None else (), reverse=True):
        if 0 < limit <= len(old):
            yield old[: limit - 1].rstrip()
    for limit in sorted(at.unit_limits if at is not None else (), reverse=True):
        cut = old.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", "ignore")
        if cut != old:
            yield cut.rstrip()


def _distance(pairs: Sequence[tuple[Any, Any]]) -> tuple[float, ...]:
    """How far new values are from old ones; several numbers that keep their proportions are nearer."""
    far = 0.0
    ratios = []
    for old, new in pairs:
        if dialect.is_number(old) and dialect.is_number(new):
            if old > 0 and new > 0:
                ratios.append(math.log(float(new) / float(old)))
            else:
                far += abs(float(new) - float(old))
        elif isinstance(old, str) and isinstance(new, str):
            far += 2 * (1 - SequenceMatcher(None, old.casefold(), new.casefold()).ratio())
        elif isinstance(old, str) and any(type(each) is type(new) and each == new for each in _readings(old)):
            far += 0.01
        elif old is not ABSENT:
            far += 3
    far += sum(map(abs, ratios))
    far += sum(2 * abs(one - other) for index, one in enumerate(ratios) for other in ratios[index + 1 :])
    return (far, *map(abs, ratios))


def _changed(given: Any, payload: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Every place where two payloads differ, as deep as they share their shape."""
    if isinstance(given, dict) and isinstance(payload, dict):
        for name in dict.fromkeys((*given, *payload)):
            yield from _changed(given.get(name, ABSENT), payload.get(name, ABSENT), (*path, name))
    elif isinstance(given, list) and isinstance(payload, list):
        for index in range(max(len(given), len(payload))):
            old = given[index] if index < len(given) else ABSENT
            new = payload[index] if index < len(payload) else ABSENT
            yield from _changed(old, new, (*path, index))
    elif given is ABSENT and isinstance(payload, dict) and payload:
        yield path, given, payload
        for name, each in payload.items():
            yield from _changed(ABSENT, each, (*path, name))
    elif given is ABSENT or payload is ABSENT or not dialect.equal(given, payload):
        yield path, given, payload


def _undone(given: Any, payload: Any, accepts: Callable[[Any], bool]) -> Any:
    """The payload without every single change that it can do without."""
    progress = True
    while progress:
        progress = False
        for path, old, new in list(_changed(given, payload, ())):
            if old is ABSENT:
                trial = without(payload, path)
            elif new is ABSENT and isinstance(path[-1], int):
                holder = pointers.look_up(payload, path[:-1])
                trial = replaced(payload, (*path[:-1], len(holder)), old)
            else:
                trial = replaced(payload, path, old)
            if accepts(trial):
                payload, progress = _as_given(given, trial), True
                break
    return payload


def changes(given: Any, payload: Any, path: Path = ()) -> Iterator[dict[str, Any]]:
    """The JSON Patch from one payload to another: replacements, then what is added, then what is removed."""
    if isinstance(given, dict) and isinstance(payload, dict):
        for name in given:
            if name in payload:
                yield from changes(given[name], payload[name], (*path, name))
        for name in payload:
            if name not in given:
                yield {"op": "add", "path": pointers.text((*path, name)), "value": payload[name]}
        for name in given:
            if name not in payload:
                yield {"op": "remove", "path": pointers.text((*path, name))}
    elif isinstance(given, list) and isinstance(payload, list):
        for index in range(min(len(given), len(payload))):
            yield from changes(given[index], payload[index], (*path, index))
        for index in range(len(given), len(payload)):
            yield {"op": "add", "path": pointers.text((*path, index)), "value": payload[index]}
        for index in range(len(given) - 1, len(payload) - 1, -1):
            yield {"op": "remove", "path": pointers.text((*path, index))}
    elif not dialect.equal(given, payload):
        yield {"op": "replace", "path": pointers.text(path), "value": payload}
