"""
What is remembered is what would have been said.
"""

from __future__ import annotations

import copy
import random
import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
from tests.jobs.test_sieve import mixed

from preroll import check, dialect, recollection
from preroll import registry as registries
from preroll.judgement import check_alone
from preroll.recognition import Unrecognised
from preroll.registry import Registry
from preroll.silence import Clearance, Silence
from preroll.violation import changed


class Forgetful:
    """Remembers nothing."""

    def violations(self, found: Any, engine: Any = None, case: Any = None) -> tuple[Any, ...]:
        assert case is None
        return tuple(found.violations()) if engine is None or not engine.is_valid(found.task) else ()


def fresh(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry of its own."""
    monkeypatch.setattr(registries, "_BUNDLED", None)
    return Registry.bundled()


def said(payload: Any, registry: Registry) -> Any:
    try:
        return check(payload, registry=registry, today="2025-06-01")
    except Unrecognised as problem:
        return str(problem)


def judged_alone(payload: Any, registry: Registry) -> Any:
    """The same for an object that is known to be a task; None of what is no such object."""
    model = payload.get("model") if isinstance(payload, dict) else None
    for target in registry.told("model", model):
        if registry.vendor(target.vendor).envelope.array:
            return check_alone(payload, target, registry=registry, today=date(2025, 6, 1), unknown="warn")
    return None


def alike(payload: Any, rng: random.Random) -> Any:
    """The payload with other free texts and numbers in the same places."""
    if isinstance(payload, dict):
        return {name: alike(each, rng) for name, each in payload.items()}
    if isinstance(payload, list):
        return [alike(each, rng) for each in payload]
    if isinstance(payload, str) and rng.random() < 0.5:
        return payload + rng.choice(["", "a", " b", "/c", "é", "😀", "f" * 3000])
    if isinstance(payload, int) and not isinstance(payload, bool) and rng.random() < 0.3:
        return payload + rng.choice([-1, 1, 1000, 0.5, 2**40])
    return copy.deepcopy(payload)


def elsewhere(payload: Any, rng: random.Random) -> Any:
    """The payload with other members, which may have nothing to do with what is wrong in it."""
    if not isinstance(payload, dict):
        return payload
    relative = mixed(rng)
    payload = copy.deepcopy(payload)
    for name in rng.sample(sorted(relative), min(2, len(relative))):
        if name not in ("model", "taskType"):
            payload[name] = copy.deepcopy(relative[name])
    for name in rng.sample(sorted(payload), 1):
        if rng.random() < 0.5 and name not in ("model", "taskType"):
            payload[name] = payload.pop(name)  # in another turn
        elif rng.random() < 0.3:
            payload.pop(name)
    return payload


@pytest.mark.parametrize("seed", range(3))
def test_an_explanation_does_not_depend_on_what_was_explained_before(monkeypatch, seed):
    monkeypatch.setattr(recollection, "FIRST", 0)
    remembering, forgetful = fresh(monkeypatch), fresh(monkeypatch)
    monkeypatch.setattr(registries, "ASKED", 0)
    monkeypatch.setattr(forgetful, "memory", lambda *_, **__: Forgetful())
    monkeypatch.setattr(forgetful, "speaking", lambda target, _: (r for r in forgetful.rules(target) if not r.across))
    rng = random.Random(seed)
    for _ in range(120):
        payload = mixed(rng)
        others = [elsewhere(payload, rng) for _ in range(4)]
        for each in (
            payload,
            *(alike(payload, rng) for _ in range(5)),
            *others,
            *(alike(each, rng) for each in others),
        ):
            one, other = said(each, remembering), said(each, forgetful)
            assert repr(one) == repr(other), orjson.dumps(each, default=str).decode()
            alone = judged_alone(each, remembering)
            assert alone is None or repr(alone) == repr(other), orjson.dumps(each, default=str).decode()
    memories = remembering._memories.values()
    assert sum(each._made for each in memories) < 0.9 * sum(each._seen for each in memories)


@pytest.mark.parametrize(
    "name", ["runware/klingai:kling-video@o3-pro", "runware/luma:ray@3.2", "runware/runware:190@1"]
)
def test_which_rules_may_speak_does_not_depend_on_what_was_asked_before(name):
    registry, rng = Registry.bundled(), random.Random(1)
    rules = [each for each in registry.rules(registry.targets[name]) if not each.across]
    engines = [dialect.engine(each.clear) for each in rules]
    silence = Silence(rules, Clearance(rules))
    for _ in range(100):
        task = mixed(rng)
        for each in (task, alike(task, rng), elsewhere(task, rng)):
            some = [rule for rule in rules if rule.heads is None or not rule.heads.isdisjoint(each)]
            loud = [rule for rule, clear in zip(rules, engines, strict=True) if not clear.is_valid(each)]
            assert list(silence.speaking(each)) == [rule for rule in loud if rule in some]
    assert silence._kept < 300


def test_one_payload_alone_builds_nothing(monkeypatch):
    registry = fresh(monkeypatch)
    payload = {"taskType": "videoInference", "model": "klingai:kling-video@o3-pro"}
    assert said(payload, registry).verdict == "invalid"
    [memory] = registry._memories.values()
    assert memory._reader is None


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(recollection, "FIRST", 0)
    monkeypatch.setattr(recollection, "MAX_KINDS", 10)
    registry = fresh(monkeypatch)
    for number in range(50):
        said({"taskType": "videoInference", "model": "klingai:kling-video@o3-pro", f"x{number}": 1}, registry)
    [memory] = registry._memories.values()
    assert memory._made <= 10


def test_what_is_wrong_elsewhere_does_not_matter(monkeypatch):
    monkeypatch.setattr(recollection, "FIRST", 0)
    registry = fresh(monkeypatch)
    task = {
        "taskType": "videoInference",
        "model": "klingai:kling-video@o3-pro",
        "positivePrompt": "A fox",
        "taskUUID": "x",
    }
    for number in range(30):
        report = said({**task, "duration": 3 + number % 10, "width": 1920, "height": 1080}, registry)
        assert [each.rule for each in report.violations] == ["format"]
    said({**task, "includeCost": True, "width": 1440, "height": 1440}, registry)
    [memory] = registry._memories.values()
    assert memory._made == 1


def test_of_what_is_alike_in_everything_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(recollection, "FIRST", 0)
    registry = fresh(monkeypatch)
    task = {"taskType": "videoInference", "model": "klingai:kling-video@o3-pro", "positivePrompt": "A fox", "width": 7}
    first = said({**task, "taskUUID": "x"}, registry)
    [memory] = registry._memories.values()
    [frame] = memory._frames.values()
    frame.undecided = ((0, lambda _: pytest.fail("a part of the formula was asked")),)
    again = said({**task, "taskUUID": "y", "positivePrompt": "A wolf"}, registry)
    assert [each.actual for each in again.violations if each.pointer == "/taskUUID"] == ["y"]
    assert [each.rule for each in again.violations] == [each.rule for each in first.violations]


def an_object(**around: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, **around}


def in_branches(fps: Any, home: Any) -> dict[str, Any]:
    """`fps` is known in one branch of `clip` alone, and in `settings`."""
    kinds = {"a": {"fps": fps}, "b": {}}
    branches = [
        an_object(properties={"kind": {"const": kind}, **known}, required=["kind"]) for kind, known in kinds.items()
    ]
    settings = an_object(properties={"fps": home})
    return an_object(
        properties={
            "clip": {"oneOf": branches},
            "clips": {"type": "array", "items": {"oneOf": branches}},
            "settings": settings,
        }
    )


TOLD_APART = {
    "a list that the schema names": (
        {"properties": {"pair": {"enum": [["a", "b"], ["c", "d"]]}, "count": {"type": "integer"}}},
        {"pair": ["a", "b"], "count": "x"},
        {"pair": ["a", "x"], "count": "x"},
    ),
    "an object that the schema names": (
        {"properties": {"pair": {"const": {"left": "a"}}, "count": {"type": "integer"}}},
        {"pair": {"left": "a"}, "count": "x"},
        {"pair": {"left": "b"}, "count": "x"},
    ),
    "a list that it names, under a misspelt name": (
        an_object(properties={"mode": {"enum": [["a", "b"]]}}),
        {"moed": ["a", "b"]},
        {"moed": ["a", "x"]},
    ),
    "items that are alike, under a misspelt name": (
        an_object(properties={"frames": {"type": "array", "items": {"type": "string"}, "uniqueItems": True}}),
        {"frmaes": ["a", "b"]},
        {"frmaes": ["a", "a"]},
    ),
    "members of any name, under a misspelt one": (
        an_object(properties={"headers": {"type": "object", "additionalProperties": {"enum": ["a"], "maxLength": 2}}}),
        {"haeders": {"x": "a"}},
        {"haeders": {"x": "abc"}},
    ),
    "how many members there are": (
        {
            "type": "object",
            "anyOf": [
                {"minProperties": 3, "properties": {"count": {"maximum": 1}}},
                {"required": ["other"], "properties": {"count": {"maximum": 2}}},
            ],
        },
        {"count": 5, "one": 1},
        {"count": 5, "one": 1, "two": 2},
    ),
    "a value that is wrong in its home alone": (
        in_branches({"maximum": 100}, {"type": "integer", "maximum": 10}),
        {"clip": {"kind": "b", "fps": 20}, "settings": {}},
        {"clip": {"kind": "b", "fps": 5}, "settings": {}},
    ),
    "a value that is wrong in its home alone, in an item": (
        in_branches({"maximum": 100}, {"type": "integer", "maximum": 10}),
        {"clips": [{"kind": "b", "fps": 20}], "settings": {}},
        {"clips": [{"kind": "b", "fps": 5}], "settings": {}},
    ),
    "a value that is at home nowhere": (
        in_branches({"maxLength": 100}, {"enum": ["a"]}),
        {"clip": {"kind": "b", "fps": "x"}, "settings": {}},
        {"clip": {"kind": "b", "fps": "a"}, "settings": {}},
    ),
    "what a reason under a misspelt name is near to": (
        an_object(
            properties={"mode": {"type": "string"}, "count": {"type": "integer"}},
            **{
                "if": {"required": ["mode"], "properties": {"mode": {"not": {"enum": ["alpha", "beta", "gamma"]}}}},
                "then": {"properties": {"count": {"maximum": 3}}},
            },
        ),
        {"moed": "gama", "count": 5},
        {"moed": "alpa", "count": 5},
    ),
}


@pytest.mark.parametrize(("schema", "one", "other"), TOLD_APART.values(), ids=TOLD_APART)
def test_what_is_said_of_one_payload_is_not_said_of_another_that_only_looks_alike(monkeypatch, schema, one, other):
    monkeypatch.setattr(recollection, "FIRST", 0)
    remembering, forgetful = Registry.of(schema), Registry.of(schema)
    monkeypatch.setattr(forgetful, "memory", lambda *_, **__: Forgetful())
    [target] = remembering.targets
    afresh = [check(each, target, registry=forgetful) for each in (one, other)]
    assert [check(each, target, registry=remembering) for each in (one, other)] == afresh
    assert [check(each, target, registry=remembering) for each in (other, one)] == afresh[::-1]
    assert repr(afresh[0]) != repr(afresh[1])


FIRST_FRAME = {"frameImages": [{"image": "https://example.com/a.png", "frame": "first"}]}


@pytest.mark.parametrize(("inputs", "known"), [({"inputs": FIRST_FRAME}, False), ({}, True)])
def test_where_a_rule_may_refuse_what_is_allowed_it_is_asked_each_time(monkeypatch, inputs, known):
    monkeypatch.setattr(recollection, "FIRST", 0)
    registry = fresh(monkeypatch)
    task = {"taskType": "videoInference", "taskUUID": str(uuid.UUID(int=1, version=4)), "model": "luma:ray@3.2"}
    for _ in range(3):
        wrong = {**task, "positivePrompt": "A fox", "width": 1279, "height": 720, **inputs}
        assert judged_alone(wrong, registry).verdict == "invalid"
    [memory] = registry._memories.values()
    kept = [each for frame in memory._frames.values() for cases in frame.cases.values() for each in cases]
    assert [bool(each.verdict) for each in kept] == [known]


def test_definitions_that_all_lead_into_each_other_have_an_end():
    names = [f"d{number}" for number in range(12)]
    inner = {name: {"$ref": f"#/$defs/{name}"} for name in names}
    defs = {name: an_object(properties={**inner, "count": {"maximum": 3}}) for name in names}
    registry = Registry.of(an_object(properties={"first": {"$ref": "#/$defs/d0"}}, **{"$defs": defs}))
    [target] = registry.targets
    for number in range(2, 9):
        found = check({"first": {"d1": {"d2": {"count": number}}}}, target, registry=registry).violations
        assert [(each.rule, each.actual) for each in found] == ([("maximum", number)] if number > 3 else [])
    [memory] = registry._memories.values()
    assert memory._reader is not None


def test_a_changed_violation_is_what_a_replaced_one_is():
    found = check({"model": "gen4_turbo", "ratio": "16:9"}).violations
    assert found
    for each in found:
        assert changed(each, actual=1, link="x") == replace(each, actual=1, link="x")
        assert changed(each) == each
