"""
What was decided once is decided in the same way again, and only for what is alike.
"""

from __future__ import annotations

import copy
import random
from typing import Any

import orjson
import pytest
from tests.jobs.dress import TASK
from tests.jobs.test_sieve import CONTEXT, NAMED, mixed

from preroll import check, dialect
from preroll.registry import Registry
from preroll.sieve import Sieve, mesh, precedents
from preroll.sieve.precedents import Common, Parts, Precedents, Variety
from preroll.sieve.sight import Likeness, Sight, sight

# --- any schema ---

NAMES = ("a", "b", "c")
TEXTS = ["", "a", "ab", "abc", "x-1", "x-2", "0b3f7a52-3c55-4b8c-9d52-0b9d7c1d9a11", "\x00", "٣", "é" * 5, "3"]
NUMBERS = [0, 1, 2, 3, 7, -1, 0.5, 1.0, 2.5, -0.0, 2**53, 2**64, 1e300]
REFERENCES = ["#", "#/$defs/one"]
SCALARS = [*TEXTS, *NUMBERS, True, False, None]


def schema(rng: random.Random, depth: int = 3) -> Any:
    """A schema over a few names, whose parts contradict, repeat and refer to each other."""

    def inner() -> Any:
        return schema(rng, depth - 1) if rng.random() < 0.85 else rng.choice([True, False, {}, {"not": {}}])

    keywords = {
        "type": lambda: rng.choice(["string", "number", "integer", "object", "array", "boolean", ["string", "null"]]),
        "const": lambda: rng.choice(SCALARS),
        "enum": lambda: rng.sample(SCALARS, 4),
        "minLength": lambda: rng.randrange(3),
        "maxLength": lambda: rng.randrange(1, 6),
        "pattern": lambda: rng.choice(["^a", "b$", "^x-[0-9]$", "[^a]"]),
        "format": lambda: "uuid",
        "minimum": lambda: rng.randrange(3),
        "exclusiveMaximum": lambda: rng.randrange(1, 8),
        "multipleOf": lambda: rng.choice([0.5, 1, 2]),
        "required": lambda: rng.sample(["a", "b", "x", "y"], rng.randrange(3)),
        "dependentRequired": lambda: {"x": ["y"]},
        "minItems": lambda: rng.randrange(3),
        "maxItems": lambda: rng.randrange(3),
        "maxProperties": lambda: rng.randrange(4),
        "uniqueItems": lambda: rng.random() < 0.7,
    }
    nested = {
        "properties": lambda: {name: inner() for name in rng.sample(["a", "b", "c", "x", "y"], rng.randrange(1, 4))},
        "patternProperties": lambda: {"^[ax]": inner()},
        "additionalProperties": inner,
        "propertyNames": lambda: {"maxLength": rng.randrange(1, 3)},
        "dependentSchemas": lambda: {"x": inner()},
        "items": inner,
        "prefixItems": lambda: [inner()],
        "contains": inner,
        "maxContains": lambda: rng.randrange(1, 3),
        "allOf": lambda: [inner(), inner()],
        "anyOf": lambda: [inner(), inner()],
        "oneOf": lambda: [inner(), inner()],
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "$ref": lambda: rng.choice(["#/$defs/one", "#/$defs/two"]),
    }
    known = keywords | nested if depth else keywords
    return {keyword: known[keyword]() for keyword in rng.sample(sorted(known), rng.randrange(1, 4))}


def value(rng: random.Random, depth: int = 2) -> Any:
    if depth and rng.random() < 0.3:
        if rng.random() < 0.5:
            return {name: value(rng, depth - 1) for name in rng.sample(["x", "y", "a"], rng.randrange(3))}
        return [value(rng, depth - 1) for _ in range(rng.randrange(3))]
    return rng.choice(SCALARS)


def container(rng: random.Random) -> Any:
    if rng.random() < 0.3:
        return [value(rng, 1) for _ in range(rng.randrange(3))]
    return {name: value(rng, 1) for name in rng.sample(["x", "y", "a", "b"], rng.randrange(4))}


def test_what_is_no_number_is_not_taken_for_null():
    engine = dialect.engine({"properties": {"a": {"type": "null"}}})
    tests: list[Any] = []
    Precedents(
        NAMES, Parts({"properties": {"a": {"type": "null"}}}), engine.is_valid, Common(9), Variety(), tests.append
    )
    for each, valid in ((None, True), (float("nan"), False), (None, True), (float("inf"), False)):
        assert tests[-1]({"a": each, "b": 1, "c": 1}) is valid


@pytest.mark.parametrize("seed", range(40))
def test_a_precedent_says_of_any_value_what_the_schema_says(monkeypatch, seed):
    monkeypatch.setattr(precedents, "MAX_CASES", 12)  # that more members turn out to be free happens here, too
    rng = random.Random(seed)
    decided = 0
    for _ in range(12):
        whole = {
            **schema(rng),
            "$defs": {"one": schema(rng, 1), "two": {"anyOf": [schema(rng, 1), {"$ref": rng.choice(REFERENCES)}]}},
        }
        engine = dialect.engine(whole)
        few = [{name: value(rng) for name in NAMES} for _ in range(6)]
        values = [{**rng.choice(few), rng.choice(NAMES): value(rng)} for _ in range(120)]
        values += [{**each, "a": rng.choice(TEXTS), "b": rng.choice(SCALARS)} for each in values]
        held = [name for name in ("a", "c") if rng.random() < 0.5]
        values = [{**each, **{name: container(rng) for name in held}} for each in values]
        variety = Variety(precedents.SAMPLES)
        for each in values[:60]:
            variety.look(each)
        tests: list[Any] = []
        asked: list[Any] = []

        def accepts(each: Any, engine: Any = engine, asked: list[Any] = asked) -> bool:
            asked.append(each)
            return bool(engine.is_valid(each))

        Precedents(NAMES, Parts(whole), accepts, Common(500), variety, tests.append)
        for each in [*values, *values]:
            before = repr(each)
            assert tests[-1](each) is engine.is_valid(each), (whole, each)
            assert repr(each) == before
        decided += 2 * len(values) - len(asked)
    assert decided > 200  # by precedent


def test_what_helps_and_what_hinders():
    seen = sight({
        "properties": {"a": {"minLength": 1, "not": {"pattern": "x"}, "oneOf": [{"maxLength": 3}, {"format": "uuid"}]}},
        "if": {"properties": {"a": {"const": "y"}}},
    })  # fmt: skip
    found = {next(iter(each.schema)): (each.helps, each.hinders) for each in seen.member("a").assertions.values()}
    assert found == {
        "minLength": (True, False),
        "pattern": (False, True),
        "maxLength": (True, True),
        "format": (True, True),
        "const": (True, True),
    }


BLIND: list[dict[str, object]] = [
    {"$ref": "https://example.com/elsewhere"},
    {"$dynamicRef": "#a"},
    {"unknownKeyword": 1},
    {"unevaluatedProperties": False},
]


@pytest.mark.parametrize("schema", BLIND, ids=[next(iter(each)) for each in BLIND])
def test_what_is_not_understood_counts_as_a_whole(schema):
    assert sight(schema).whole


def test_a_schema_that_leads_back_into_itself_ends():
    node: dict[str, Any] = {"properties": {name: {"$ref": "#/$defs/node"} for name in "abcdef"}}
    assert sight({"$ref": "#/$defs/node", "$defs": {"node": node}}).member("a").whole


def test_references_that_multiply_are_not_followed_for_ever(monkeypatch):
    defs = {f"n{each}": {"properties": {"a": {"$ref": f"#/$defs/n{each + 1}"}, "b": {"$ref": f"#/$defs/n{each + 1}"}}}
            for each in range(40)}  # fmt: skip
    monkeypatch.setattr("preroll.sieve.sight.MAX_SCHEMAS", 2_000)
    found = sight({"$ref": "#/$defs/n0", "$defs": {**defs, "n40": {"type": "string"}}})
    place: Sight = found
    for _ in range(60):
        place = place.member("b")
        if place.whole:
            break
    assert place.whole


def test_texts_are_alike_by_what_is_asserted_of_them():
    alike = Likeness(sight({"anyOf": [{"pattern": "^a"}, {"not": {"maxLength": 2}}]})).schema("abc")
    engine = dialect.engine(alike)
    assert engine.is_valid("axyz")
    assert not engine.is_valid("bcd")  # the pattern held
    assert not engine.is_valid("a")  # the length did not
    assert not engine.is_valid(1)


def test_memory_is_bounded():
    engine = dialect.engine({})
    tests: list[Any] = []
    common = Common(20)
    Precedents(NAMES, Parts({}), engine.is_valid, common, Variety(), tests.append)
    for number in range(100):
        assert tests[-1](dict.fromkeys(NAMES, number))
    assert common.left == 0


# --- the documents ---

ODD: list[Any] = [
    True, False, None, 0, 1, 1.0, 5.0, -0.0, 2**63, 2**64, -1, 0.1, 720.0, "", "1", "true", "a" * 9000, "\x00", "٣",
    "\ud800", "first", "https://example.com/a.png", "http://[", "ftp://example.com/a", "data:image/png;base64,AAAA",
    "0b3f7a52-3c55-4b8c-9d52-0b9d7c1d9a11", "0b3f7a52-3c55-1b8c-9d52-0b9d7c1d9a11", "é" * 700, "<<<element_9>>>",
    [], [1], {}, {"a": 1}, ["https://example.com/a.png"] * 2, float("nan"), float("inf"),
]  # fmt: skip


def varied(payload: Any, rng: random.Random) -> Any:
    """A payload with other texts, links and numbers, as another job of the same program has."""
    if isinstance(payload, dict):
        return {name: varied(each, rng) for name, each in payload.items()}
    if isinstance(payload, list):
        return [varied(each, rng) for each in payload]
    if isinstance(payload, str):
        if payload.startswith("https://"):
            return f"https://assets.example.com/{rng.getrandbits(60):x}.png"
        if len(payload) == 36 and payload.count("-") == 4:
            return f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4{rng.getrandbits(12):03x}-9abc-0123456789ab"
        if " " in payload:
            return f"{payload} {rng.choice(['fog', 'rain', 'snow'])} {rng.randrange(10**6)}"
    return payload


def odd(payload: Any, rng: random.Random) -> Any:
    """A payload with something odd somewhere."""
    payload = copy.deepcopy(payload)
    owner = payload
    while True:
        key = rng.choice([*owner]) if isinstance(owner, dict) else rng.randrange(len(owner))
        if isinstance(owner[key], (dict, list)) and owner[key] and rng.random() < 0.8:
            owner = owner[key]
            continue
        owner[key] = copy.deepcopy(rng.choice(ODD))
        return payload


@pytest.fixture
def hasty(monkeypatch):
    """Shapes are worked out, and verdicts remembered, as soon as anything is known of them."""
    monkeypatch.setattr(mesh, "OFTEN", 3)
    monkeypatch.setattr(precedents, "MAX_CASES", 40)


def silent() -> frozenset[str]:
    vendors = Registry.bundled().vendors.values()
    return frozenset(rule.id for each in vendors if each.rules for rule in each.rules.rules if rule.severity == "info")


TASKS = [each for each in NAMED if "taskUUID" in each]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_remembered_is_what_would_be_found(monkeypatch, hasty, seed):
    rng = random.Random(seed)
    remembering, plain = (Sieve(Registry.bundled(), CONTEXT, silent=silent()) for _ in range(2))
    monkeypatch.setattr(plain, "mesh", without_memory(plain))
    for template in TASKS:
        for _ in range(60):
            assert remembering.passes(varied(template, rng))
    assert remembering.common.left < 20_000  # something is remembered
    passed = 0
    for _ in range(2_500):
        payload = varied(rng.choice(TASKS), rng)
        payload = odd(payload, rng) if rng.random() < 0.8 else payload
        before = repr(payload)
        passes = remembering.passes(payload)
        assert repr(payload) == before
        # Half a surrogate pair is in no file that can be read; whoever hands one over is sent the long way.
        assert passes is plain.passes(payload) or "\\ud800" in before, payload
        if passes:
            passed += 1
            assert [each for each in check(payload, today=CONTEXT.today).violations if each.severity != "info"] == []
    assert passed > 500


def without_memory(passing: Sieve) -> Any:
    """The meshes of a sieve that learn nothing."""
    made = passing.mesh

    def mesh_of(target: Any) -> Any:
        return made(target).longer

    return mesh_of


def test_nearly_everything_clean_is_told_by_precedent(monkeypatch, hasty):
    rng = random.Random(7)
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent())
    lines = [varied(rng.choice(TASKS), rng) for _ in range(4_000)]
    for each in lines[:3_000]:
        assert passing.passes(each)
    asked = []
    monkeypatch.setattr(precedents.Precedents, "_learn", lambda *_: asked.append(1))
    for each in lines[3_000:]:
        assert passing.passes(each)
    assert len(asked) < 20


def test_members_in_a_new_order_each_time_do_not_fill_the_memory(monkeypatch, hasty):
    monkeypatch.setattr(mesh, "MAX_ORDERS", 5)
    rng = random.Random(1)
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent())
    for _ in range(200):
        names = rng.sample([*TASK], len(TASK))
        assert passing.passes({name: varied(TASK[name], rng) for name in names})
    [known] = [each.known for each in passing._meshes.values()]
    assert len(known) == 5


def test_mixed_payloads_are_told_as_a_check_tells_them(hasty):
    rng = random.Random(11)
    passing = Sieve(Registry.bundled(), CONTEXT, silent=silent())
    for _ in range(400):
        payload = mixed(rng)
        for each in [varied(payload, rng) for _ in range(3)]:
            if passing.passes(each):
                told = [found for found in check(each, today=CONTEXT.today).violations if found.severity != "info"]
                assert told == [], orjson.dumps(each).decode()
