"""
The sieve lets nothing through that a check would have said something about.
"""

from __future__ import annotations

import copy
import random
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.jobs.dress import BAD_BODY, BODY, TASK
from tests.payloads import BAD, GOOD

from preroll import check
from preroll.pointer import ABSENT, look_up
from preroll.registry import Registry
from preroll.rules.kind import Context
from preroll.sieve import Sieve, mesh
from preroll.sieve.resolution import Resolution

TODAY = date(2025, 6, 1)
CONTEXT = Context(today=TODAY)


@pytest.fixture(scope="module")
def silent() -> frozenset[str]:
    """Information is not asked for."""
    vendors = Registry.bundled().vendors.values()
    return frozenset(rule.id for each in vendors if each.rules for rule in each.rules.rules if rule.severity == "info")


def tasks(folder: list[Path]) -> list[dict[str, Any]]:
    found = []
    for file in folder:
        value = orjson.loads(file.read_bytes())
        found += value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, dict)]


EXAMPLES = [*tasks(GOOD), *tasks(BAD)]


def mixed(rng: random.Random) -> dict[str, Any]:
    """An example with parts of others of its model, without some of its own, or with a value of another type."""
    payload = copy.deepcopy(rng.choice(EXAMPLES))
    relatives = [each for each in EXAMPLES if each.get("model") == payload.get("model")]
    for _ in range(rng.randrange(4)):
        owner, other = payload, copy.deepcopy(rng.choice(relatives))
        while True:
            name = rng.choice([*other, *owner]) if other or owner else "x"
            if isinstance(owner.get(name), dict) and isinstance(other.get(name), dict) and rng.random() < 0.7:
                owner, other = owner[name], other[name]
                continue
            break
        match rng.randrange(8):
            case 0:
                owner.pop(name, None)
            case 1:
                owner[name] = rng.choice([0, 1, True, False, "", "first", -1, 5, 5.0, None, [], {}, 720, "veo3"])
            case 2 if isinstance(owner.get(name), list):
                owner[name] = owner[name] * 2
            case 3:
                owner[rng.choice(["apiKey", "token", "access_token", "note", name + "s"])] = "x"
            case _:
                owner[name] = other.get(name, owner.get(name, 1))
    return payload


@pytest.mark.parametrize("seed", range(4))
def test_what_passes_is_valid_and_without_warnings(monkeypatch, silent, seed):
    monkeypatch.setattr(mesh, "OFTEN", 2)  # every shape is worked out as soon as it comes back
    rng = random.Random(seed)
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent)
    passed = 0
    for _ in range(1500):
        payload: Any = mixed(rng)
        if rng.random() < 0.2:
            payload = [payload, mixed(rng)]
        for _ in range(3):  # general, learnt, worked out
            if passing.passes(payload):
                passed += 1
                told = [each for each in check(payload, today=TODAY).violations if each.severity != "info"]
                assert told == [], orjson.dumps(payload).decode()
    assert passed > 600


# A body without a constant is known by its shape, which takes the slow road.
NAMED = [each for each in tasks(GOOD) if "model" in each or "taskType" in each]


@pytest.mark.parametrize("payload", NAMED, ids=lambda each: str(each.get("model")))
def test_good_examples_pass(silent, payload):
    assert Sieve(Registry.bundled(), CONTEXT, silent=silent).passes(payload)


# ruff: noqa: E501  # tables
REFUSED: list[Any] = [
    BAD_BODY,
    {**BODY, "surprise": 1},
    {**TASK, "apiKey": "x"},
    {**TASK, "HOUSE_API_KEY": "x"},
    [TASK, TASK],
    [],
    None,
    "text",
    {"model": []},
    {"model": "klingai:kling-video@o3-pro"},
]


@pytest.mark.parametrize("payload", REFUSED, ids=range(len(REFUSED)))
def test_whatever_needs_a_word_takes_the_long_way(payload):
    assert not Sieve(Registry.bundled(), CONTEXT).passes(payload)


def test_information_is_heard_where_somebody_listens(silent):
    payload = {**TASK, "model": "alibaba:wan@2.7", "width": 1280, "height": 720, "seed": 1, "numberResults": 2}
    assert Sieve(Registry.bundled(), CONTEXT, silent=silent).passes(payload)
    assert not Sieve(Registry.bundled(), CONTEXT).passes(payload)


KINDS = sorted(
    {rule.id: rule for each in Registry.bundled().vendors.values() if each.rules for rule in each.rules.rules}.items()
)


@pytest.mark.parametrize("rule", [rule for _, rule in KINDS], ids=[name for name, _ in KINDS])
def test_what_clears_a_rule_does_not_break_it(rule):
    cleared, weave = mesh.Cleared(rule, CONTEXT), mesh.Weave(True, [rule])
    rng = random.Random(rule.id)
    samples = [rule.example.breaks, rule.example.keeps, *(mixed(rng) for _ in range(150))]
    if rule.across:
        assert weave.clears(0, {})
        return
    for sample in samples:
        findings = list(rule.kind.check(sample, CONTEXT)) if isinstance(sample, dict) else []
        if findings:
            assert not cleared.quiet(sample), sample
            assert not weave.clears(0, sample), sample


SCHEMAS: list[dict[str, Any]] = [
    {"required": ["a"], "properties": {"a": {"const": 1}, "b": {"type": "string"}}, "additionalProperties": False},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"properties": {"c": {"minimum": 3}}}},
    {"not": {"anyOf": [{"required": ["a", "b"]}, {"properties": {"c": {"const": 2}}, "required": ["c"]}]}},
    {"oneOf": [{"properties": {"a": {"const": each}, "b": {"const": each + 1}}} for each in (1, 2, 3)]},
    {"anyOf": [{"required": ["a"], "properties": {"b": False}}, {"type": "string"}, {"dependentRequired": {"a": ["c"]}}]},
    {"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
    {"properties": {"a": {"type": "object", "properties": {"x": {"const": 1}}}},
     "allOf": [{"properties": {"a": {"properties": {"x": True, "y": {"type": "null"}}, "required": ["x"]}}}]},
    {"minProperties": 2, "propertyNames": {"maxLength": 1}},
    {"allOf": [{"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"items": False}, {"enum": [{"a": 1}, {"b": 2}]}]},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=range(len(SCHEMAS)))
def test_what_is_worked_out_for_a_shape_says_the_same_of_it(schema):
    from preroll import dialect

    rng = random.Random(1)
    whole = dialect.engine(schema)
    for _ in range(400):
        names = rng.sample(["a", "b", "c", "ab"], rng.randrange(4))
        value = {name: rng.choice([1, 2, 3, "x", None, {"x": 1}, {"x": 2}, {"x": 1, "y": None}, {}]) for name in names}
        left = Resolution(frozenset(value)).of(schema)
        assert dialect.engine(left).is_valid(value) is whole.is_valid(value), (value, left)


def test_a_schema_is_sealed_against_names_that_nobody_describes():
    registry = Registry.bundled()
    passing = Sieve(registry, CONTEXT)
    for target in registry.targets.values():
        examples = [each for each in tasks(GOOD) if target.told_by and target.told_by.items() <= each.items()]
        for example in examples:
            if target.branches or not registry.engine(target).is_valid(example):
                continue
            for path in objects(example):
                broken = copy.deepcopy(example)
                owner = look_up(broken, path)
                assert owner is not ABSENT
                owner["no such name"] = 1
                assert not passing.mesh(target)(broken), (target.name, path)


def objects(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where objects stand in a value."""
    if isinstance(value, dict):
        return [path, *(place for name, each in value.items() for place in objects(each, (*path, name)))]
    if isinstance(value, list):
        return [place for index, each in enumerate(value) for place in objects(each, (*path, index))]
    return []
