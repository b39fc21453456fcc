"""Laws of the strategies: what is valid is valid under both engines, and what is broken is broken in one way."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from preroll import check, dialect
from preroll import pointer as pointers
from preroll.constraints.witness import Confirmation
from preroll.judgement import day
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll_fuzz import invalid_payloads, valid_payloads
from preroll_fuzz.faults import Faults, faults
from preroll_fuzz.payloads import plans_of
from preroll_fuzz.plan import NoPayload, Options

TODAY = "2025-06-15"
REGISTRY = Registry.bundled()


def plan_of(target, published):
    options = Options(published, day(TODAY))
    return plans_of(REGISTRY, REGISTRY.targets[target], options)[0]


def drawn(strategy, count=25):
    """Examples as a user's test would see them: no health check suppressed."""
    found = []

    @settings(max_examples=count, phases=[Phase.generate], deadline=None, suppress_health_check=[])
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


def test_valid_payloads_are_valid_under_both_engines(target, published):
    one = REGISTRY.targets[target]
    reference = dialect.reference(REGISTRY.schema(one, published=published))
    plan = plan_of(target, published)
    for payload in drawn(valid_payloads(target, as_published=published, today=TODAY)):
        report = check(payload, target, as_published=published, today=TODAY)
        assert report.verdict == "valid", report.violations
        task = payload[0] if plan.body(None) == [None] else payload
        assert reference.is_valid(task)


def test_every_way_is_drawn_and_kept(target, published):
    plan = plan_of(target, published)
    assert not [each for each in plan.gaps if "with a warning" not in each]
    for way in plan.ways:
        assert way.keeps(way.payload)
        assert way.keeps(way.full)
    assert len({way.active for way in plan.ways}) == len(plan.ways)
    assert plan.tally.left_out <= 0.1 * plan.tally.drawn + 10


def test_invalid_payloads_break_one_thing_and_say_which(target, published):
    plan = plan_of(target, published)
    for broken in drawn(invalid_payloads(target, as_published=published, today=TODAY)):
        report = check(broken.payload, target, as_published=published, today=TODAY)
        assert report.verdict == "invalid"
        told = [each for each in report.violations if each.severity == "error"]
        assert broken.fault.rule in {each.rule for each in told}
        assert pointers.look_up(broken.payload, pointers.parse(broken.pointer)[:-1]) is not ABSENT
        assert broken.target == plan.target.name


def test_every_fault_is_found_proved_or_listed(target, published):
    plan = plan_of(target, published)
    known = faults(plan)
    for base in known.bases:
        if base.whole:
            continue
        assert known.alone(base.broken, base.task)
        if not base.broken.rule:  # by the interpreter of the constraint model, and by the reference engine
            assert Confirmation(plan.model.reading, base.broken).holds(plan.model.formula, base.task)
            assert not plan.engine.is_valid(base.task)
    undecided = [each for each in known.missing if not each.proved and "beyond" not in each.reason]
    assert all("does not describe" in each.reason for each in undecided), undecided


RUNWARE = [name for name in REGISTRY.targets if name.startswith("runware/") and not REGISTRY.targets[name].companion]


@pytest.mark.parametrize("target_", RUNWARE)
def test_faults_of_the_whole_request_take_two_tasks(target_):
    known = Faults(plan_of(target_, published=False))
    assert [base.fault.rule for base in known.across] == ["task-id-repeated"]
    [base] = known.across
    broken = known.broken(base, base.task)
    assert len(broken.payload) == 2
    assert check(broken.payload, target_, today=TODAY).verdict == "invalid"


def test_payloads_are_nobody_elses():
    target = RUNWARE[0]
    first = plan_of(target, published=False).way(0)
    before = json.dumps(first.payload)

    @settings(max_examples=20, phases=[Phase.generate])
    @given(valid_payloads(target, today=TODAY))
    def spoil(payload):
        for task in payload:
            for value in task.values():
                if isinstance(value, (dict, list)):
                    value.clear()
            task.clear()

    spoil()
    assert json.dumps(first.payload) == before
    assert all(check(payload, target, today=TODAY).verdict == "valid" for payload in drawn(valid_payloads(target), 10))


def test_the_cheapest_values_are_pinned():
    plans = plans_of(REGISTRY, REGISTRY.targets["runware/luma:ray@3.2"], Options(False, day(TODAY), cheapest=True))
    usual = plans_of(REGISTRY, REGISTRY.targets["runware/luma:ray@3.2"], Options(False, day(TODAY)))
    rules = REGISTRY.vendor("runware").rules
    assert rules is not None
    sizes = set(rules.meanings["size"])
    for plan in plans:
        for way in plan.ways:
            for move in way.moves:
                assert not any(path and path[-1] in sizes for path in move.places)
    area = min(way.payload["width"] * way.payload["height"] for way in usual[0].ways if "width" in way.payload)
    cheap = [way.payload["width"] * way.payload["height"] for way in plans[0].ways if "width" in way.payload]
    assert min(cheap) <= area


def test_options_are_heard():
    target = "runwayml/image_to_video"
    for payload in drawn(valid_payloads(f"{target}#veo3", today=TODAY), 10):
        assert payload["model"] == "veo3"
    models = {payload["model"] for payload in drawn(valid_payloads(target, today=TODAY), 60)}
    assert models == {each.partition("#")[2] for each in REGISTRY.targets[target].branches}
    unknown = drawn(valid_payloads(f"{target}#veo3", unknown=True, today=TODAY), 60)
    assert any({"extra", "x_note"} & payload.keys() for payload in unknown)
    short = drawn(valid_payloads(f"{target}#veo3", max_text=60, today=TODAY), 40)
    assert max(len(payload.get("promptText", "")) for payload in short) <= 60
    for broken in drawn(invalid_payloads(target, fault="required", today=TODAY), 20):
        assert broken.fault.rule == "required"


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: valid_payloads("runwayml/image_to_vide"), "did you mean"),
        (lambda: valid_payloads(RUNWARE[0], scenario="no such way"), "has no scenario 'no such way'; it has 'allOf"),
        (lambda: invalid_payloads(RUNWARE[0], fault="no-such-rule"), "nothing called 'no-such-rule'"),
        (lambda: valid_payloads("runwayml/organization"), "describes no payload"),
    ],
)
def test_what_cannot_be_is_refused_at_once(call, problem):
    with pytest.raises((LookupError, ValueError), match=problem):
        call()


def test_strategies_say_themselves_and_compose():
    strategy = valid_payloads(RUNWARE[0], today=TODAY)
    assert drawn(st.lists(strategy, max_size=2).map(len), 5)
    assert repr(strategy) == f"valid_payloads({RUNWARE[0]!r})"
    assert drawn(st.fixed_dictionaries({"body": strategy}), 3)


def test_dates_are_dates_that_the_rules_take():
    payloads = drawn(valid_payloads("runwayml/organization/usage", today=TODAY), 40)
    starts = {date.fromisoformat(payload["startDate"]) for payload in payloads if "startDate" in payload}
    assert len(starts) > 1


SCHEMAS = {
    "const null": {"const": None},
    "enum of anything": {"enum": [{"a": 1}, [1, 2], "x", None, 3]},
    "open interval": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "tenths": {"type": "number", "minimum": 0.1, "maximum": 0.3, "multipleOf": 0.1},
    "beyond 64 bits": {"type": "integer", "minimum": 2**63 - 1, "maximum": 2**63 + 90},
    "pattern properties": {
        "type": "object",
        "patternProperties": {"^x-": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "property names": {"type": "object", "propertyNames": {"pattern": "^[a-z]{2,4}$"}, "minProperties": 1},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"minimum": 3}], "items": False, "minItems": 2},
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 5}, "maxContains": 2},
    "unique items": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 2},
    "a union": {
        "oneOf": [
            {"properties": {"k": {"const": "a"}, "n": {"type": "integer"}}, "required": ["k", "n"], "type": "object"},
            {"properties": {"k": {"const": "b"}, "s": {"maxLength": 5, "type": "string"}}, "required": ["k"]},
        ]
    },
    "a tree": {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "type": "object",
                "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
                "required": ["v"],
                "additionalProperties": False,
            }
        },
    },
    "if and else": {
        "type": "object",
        "properties": {"m": {"enum": ["a", "b"]}, "n": {"type": "integer"}},
        "required": ["m"],
        "if": {"properties": {"m": {"const": "a"}}},
        "then": {"required": ["n"], "properties": {"n": {"minimum": 10}}},
        "else": {"properties": {"n": {"maximum": 5}}},
    },
    "not together": {"properties": {"a": {}, "b": {}}, "not": {"required": ["a", "b"]}, "type": "object"},
    "dependents": {
        "type": "object",
        "properties": {"a": {}, "b": {"type": "string", "format": "date-time"}},
        "dependentRequired": {"a": ["b"]},
    },
    "a pattern of nobody": {"type": "string", "pattern": "^[A-Z]{3}-\\d{2,4}$", "minLength": 7},
    "lookahead": {"type": "string", "pattern": "^(?=.*\\d)[a-z0-9]{4,8}$"},
    "every format": {"properties": {each: {"type": "string", "format": each} for each in dialect.FORMATS}},
    "several types": {"type": ["string", "null", "integer"], "maximum": 4, "minLength": 2},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_any_schema_has_payloads_and_faults(name, registry_of):
    registry, target = registry_of(SCHEMAS[name])
    engine = registry.engine(target, published=True)
    reference = dialect.reference(registry.schema(target, published=True))
    for payload in drawn(valid_payloads(target, registry=registry, as_published=True)):
        assert engine.is_valid(payload), payload
        assert reference.is_valid(payload), payload
    for broken in drawn(invalid_payloads(target, registry=registry, as_published=True)):
        assert not engine.is_valid(broken.payload), broken
        assert not reference.is_valid(broken.payload), broken


def test_a_schema_without_payloads_says_so(registry_of):
    registry, target = registry_of({"type": "string", "minLength": 5, "maxLength": 2})
    with pytest.raises(NoPayload, match=r"no payload of .* satisfies"):
        drawn(valid_payloads(target, registry=registry, as_published=True), 1)
