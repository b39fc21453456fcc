"""The law of the model: within its bounds it says valid where the engine and the rules do."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from preroll import pointer as pointers
from preroll.constraints import Possible
from preroll.constraints.witness import replaced, without

MUTANTS = int(os.environ.get("PREROLL_MUTANTS", "8"))  # of each target and view; thousands when looking for trouble


def places(value: Any, path: pointers.Path = ()) -> list[tuple[pointers.Path, Any]]:
    found = [(path, value)] if path else []
    if isinstance(value, dict):
        for name, each in value.items():
            found += places(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += places(each, (*path, index))
    return found


def mutant(payloads: list[Any], chance: random.Random) -> Any:
    """A payload with one to three places taken out, moved from elsewhere, or made something else."""
    payload = chance.choice(payloads)
    for _ in range(chance.randint(1, 3)):
        there = places(payload)
        if not there:
            break
        path, value = chance.choice(there)
        match chance.randrange(5):
            case 0:
                payload = without(payload, path)
            case 1:
                payload = replaced(payload, path, chance.choice(places(chance.choice(payloads)) or there)[1])
            case 2:
                other, moved = chance.choice(places(chance.choice(payloads)) or there)
                if all(isinstance(each, str) for each in other):
                    payload = replaced(payload, other, moved)
            case 3:
                odd: tuple[Any, ...] = (
                    None,
                    True,
                    False,
                    0,
                    1,
                    -1,
                    2.5,
                    10**20,
                    "",
                    "5",
                    "first",
                    [],
                    {},
                    [value],
                    {"extra": value},
                )
                payload = replaced(payload, path, chance.choice(odd))
            case 4:
                holder = pointers.look_up(payload, path[:-1])
                if isinstance(holder, list):
                    payload = replaced(payload, (*path[:-1], len(holder)), value)
                elif isinstance(value, str):
                    payload = replaced(payload, path, value + chance.choice(("\n", "x", " ")))
    return payload


@pytest.mark.parametrize("published", [True, False], ids=["published", "intended"])
def test_the_model_agrees_with_the_engine(bundled, target, published):
    model = bundled(target, published)
    chance = random.Random(f"{target} {published}")
    answers = [model.possible(), *(model.breaking(each) for each in chance.sample(model.assertions, 6))]
    payloads = [each.witness for each in answers if isinstance(each, Possible)]
    undecided = 0
    for payload in [*payloads, *(mutant(payloads, chance) for _ in range(MUTANTS))]:
        said = model.accepts(payload)
        undecided += said is None
        if said is not None:
            assert said is model.is_valid(payload), payload
    assert undecided <= 1 + MUTANTS // 100
