"""
What can be broken alone, and how long that takes?

For every bundled target, as published and as intended: the number of assertions, of payloads that break one alone,
of proofs that none exists, of what is unknown, and the seconds for the encoding, for all of them together, and the
milliseconds for the valid payload of one scenario.
Beside it the same job by rejection sampling: random mutations of valid payloads, kept when they break an assertion that
nothing broke before.

    python benchmarks/constraints.py [PART-OF-A-TARGET'S-NAME] [--sampling]
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from typing import Any

from preroll import pointer as pointers
from preroll.constraints import Model, Possible, Unknown
from preroll.constraints.witness import Confirmation, replaced, without
from preroll.registry import Registry

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    7,
    2.5,
    10**20,
    "",
    "x",
    "first",
    "x" * 3000,
    [],
    {},
    [1, 1],
    {"extra": 1},
)


def measured(name: str, *, published: bool) -> tuple[Model, Counter[str], list[str]]:
    registry = Registry.bundled()
    target = registry.targets[name]
    registry.engine(target, published=published)
    started = time.perf_counter()
    model = Model(registry, target, published=published)
    count = len(model.assertions)
    encoded = time.perf_counter() - started
    answers = {each: model.breaking(each) for each in model.assertions}
    broken = time.perf_counter() - started - encoded
    started = time.perf_counter()
    scenarios = model.scenarios(limit=60)
    reached = [each for each in scenarios if isinstance(each.answer, Possible)]
    each_valid = (time.perf_counter() - started) / max(len(reached), 1)
    counts = Counter(type(each).__name__ for each in answers.values())
    view = "published" if published else "intended"
    print(
        f"{name:58} {view:9} {count:4} {counts['Possible']:4} {counts['Impossible']:4}"
        f" {counts['Unknown']:3} {encoded:7.3f} {broken:7.3f} {len(reached):4} {each_valid * 1000:7.1f}"
    )
    unknown = [
        f"    unknown: {each.rule or each.source} {each.keyword} {each.detail}: {answer.reason}"
        for each, answer in answers.items()
        if isinstance(answer, Unknown)
    ]
    return model, counts, unknown


def sampled(model: Model, seconds: float) -> None:
    """How many assertions random mutations break alone in the given time."""
    chance = random.Random(0)
    pool = [each.answer.witness for each in model.scenarios(limit=60) if isinstance(each.answer, Possible)]
    broken = {each for each in model.assertions if not each.rule}
    confirmations = {each: Confirmation(model.reading, each) for each in broken}
    found: set[Any] = set()
    tried = 0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds and found != broken:
        payload = mutant(chance.choice(pool), chance)
        tried += 1
        if not model.is_valid(payload) and model.follows(payload):
            found |= {each for each in broken - found if confirmations[each].holds(model.formula, payload)}
    print(f"    rejection sampling: {len(found)} of {len(broken)} in {seconds:g} s, {tried} payloads tried")


def mutant(payload: Any, chance: random.Random) -> Any:
    places = [path for path in listed(payload, ()) if path]
    for _ in range(chance.randint(1, 2)):
        path = chance.choice(places)
        if pointers.look_up(payload, path) is pointers.ABSENT:
            continue
        match chance.randrange(3):
            case 0:
                payload = without(payload, path)
            case 1:
                payload = replaced(payload, path, chance.choice(ODD))
            case 2:
                value = pointers.look_up(payload, path)
                if isinstance(value, dict):
                    payload = replaced(payload, (*path, "extra"), 1)
                elif isinstance(value, list):
                    payload = replaced(payload, (*path, len(value)), chance.choice([*value, 1]))
    return payload


def listed(value: Any, path: pointers.Path) -> list[pointers.Path]:
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(each for key, item in inner for each in listed(item, (*path, key)))]


def main(arguments: list[str]) -> None:
    wanted = [each for each in arguments if not each.startswith("--")]
    totals: Counter[str] = Counter()
    columns = ("all", 4), ("one", 4), ("none", 4), ("?", 3), ("encode", 7), ("break", 7), ("ways", 4), ("ms/way", 7)
    print(f"{'target':58} {'view':9}", *(f"{title:>{width}}" for title, width in columns))
    for name, target in Registry.bundled().targets.items():
        if not target.schema or target.companion or target.branches or not all(each in name for each in wanted):
            continue
        for published in (True, False):
            model, counts, unknown = measured(name, published=published)
            totals += counts
            for line in unknown:
                print(line)
            if "--sampling" in arguments and published:
                sampled(model, 20.0)
    print(f"together: {dict(totals)}; unknown {100 * totals['Unknown'] / max(totals.total(), 1):.2f} %")


if __name__ == "__main__":
    main(sys.argv[1:])
