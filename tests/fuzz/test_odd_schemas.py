"""Schemas that no bundled document has: whatever a schema says, its payloads follow it and its faults break it."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings

from preroll import dialect
from preroll import pointer as pointers
from preroll.constraints.witness import Confirmation
from preroll.judgement import day
from preroll.registry import Registry
from preroll_fuzz import invalid_payloads, valid_payloads
from preroll_fuzz.faults import faults
from preroll_fuzz.payloads import plans_of
from preroll_fuzz.plan import Options

STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def members(**properties):
    return {"type": "object", "properties": properties}


SCHEMAS = {
    # numbers
    "hundredths between bounds": {**NUMBER, "multipleOf": 0.01, "minimum": 0.05, "maximum": 0.29},
    "hundredths without the bounds": {**NUMBER, "multipleOf": 0.01, "exclusiveMinimum": 0, "exclusiveMaximum": 0.05},
    "an open interval of whole numbers": {**INTEGER, "exclusiveMinimum": 3, "exclusiveMaximum": 6},
    "two steps": {**INTEGER, "allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "minimum": 1, "maximum": 40},
    "overlapping numbers": {"oneOf": [{**NUMBER, "maximum": 10}, {**NUMBER, "minimum": 5}]},
    "a hole in the numbers": {**INTEGER, "minimum": 0, "maximum": 9, "not": {"minimum": 3, "maximum": 6}},
    # texts
    "an anchored pattern": {**STRING, "pattern": "^[a-f]{2}-[0-9]+$"},
    "an unanchored pattern": {**STRING, "pattern": "[0-9]{2}", "maxLength": 8},
    "two patterns": {**STRING, "allOf": [{"pattern": "^a"}, {"pattern": "z$"}], "minLength": 4, "maxLength": 6},
    "a date": {**STRING, "format": "date"},
    "a moment": {**STRING, "format": "date-time"},
    "an address of four bytes": {**STRING, "format": "ipv4"},
    "an address of mail": {**STRING, "format": "email", "maxLength": 30},
    "a length alone": {"minLength": 2, "maxLength": 3},
    # arrays
    "a tuple and no more": {"type": "array", "prefixItems": [STRING, INTEGER], "items": False},
    "so many of some": {
        "type": "array", "items": INTEGER, "maxItems": 5,
        "contains": {"minimum": 5}, "minContains": 2, "maxContains": 3,
    },
    "different objects": {
        "type": "array", "uniqueItems": True, "minItems": 2, "maxItems": 3,
        "items": {**members(id=INTEGER), "required": ["id"]},
    },
    "different booleans": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    "no item of a kind": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "not": {"contains": {"const": "b"}}},
    # objects
    "patterns of members": {
        "type": "object", "patternProperties": {"^x_": INTEGER, "y$": {"minimum": 3}}, "additionalProperties": False,
    },
    "names of members": {"type": "object", "propertyNames": {"pattern": "^[a-z]{2,4}$"}, "minProperties": 1},
    "a schema for the others": {**members(a=STRING), "additionalProperties": {**INTEGER, "minimum": 3}},
    "a schema that depends": {
        **members(card=STRING, cvc=STRING, name=STRING),
        "dependentSchemas": {"card": {"required": ["cvc"], "properties": {"name": {"minLength": 2}}}},
    },
    "names that depend": {**members(a={}, b={}, c={}), "dependentRequired": {"a": ["b", "c"], "b": ["c"]}},
    "never this name": {**members(a=STRING, b=INTEGER), "not": {"required": ["b"]}},
    "one of two names": {**members(a=STRING, b=INTEGER), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "so many members": {**members(a=INTEGER, b=INTEGER, c=INTEGER), "minProperties": 2, "maxProperties": 2},
    "a constant object": members(size={"const": {"width": 1280, "height": 720}}),
    "what is left over": {**members(a=STRING), "anyOf": [members(b=INTEGER), True], "unevaluatedProperties": False},
    "what is left of items": {"type": "array", "prefixItems": [STRING], "unevaluatedItems": INTEGER, "maxItems": 3},
    # conditions
    "a consequence": {
        **members(mode={"enum": ["a", "b"]}, n=INTEGER), "required": ["mode"],
        "if": {"properties": {"mode": {"const": "a"}}},
        "then": {"required": ["n"], "properties": {"n": {"minimum": 4}}},
    },
    "an alternative alone": {
        **members(mode={"enum": ["a", "b"]}, n=INTEGER), "required": ["mode"],
        "if": {"properties": {"mode": {"const": "a"}}}, "else": {"required": ["n"]},
    },
    "a condition without a consequence": {**members(n=INTEGER), "if": {"required": ["n"]}},
    # kinds
    "several kinds": {"type": ["string", "null"], "minLength": 3},
    "a kind and a list": {"type": ["integer", "string", "null"], "enum": [1, "a", None, 2.5]},
    "nothing at all": members(a={"type": "null"}),
    "anything": {},
    # references
    "a list of lists": {
        "$ref": "#/$defs/node",
        "$defs": {"node": {**members(next={"$ref": "#/$defs/node"}, v=INTEGER), "required": ["v"]}},
    },
    "a tree of unions": {
        "$ref": "#/$defs/e",
        "$defs": {
            "e": {"anyOf": [INTEGER, {"type": "array", "items": {"$ref": "#/$defs/e"}, "minItems": 1, "maxItems": 2}]}
        },
    },
}  # fmt: skip

OLD = {
    "a nullable text": {**STRING, "nullable": True, "minLength": 2},
    "limits by truths": {**INTEGER, "minimum": 3, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": True},
    "a nullable list of values": {**STRING, "nullable": True, "enum": ["a", "b", None]},
}
"""As OpenAPI 3.0 writes them."""


def bare(schema):
    registry = Registry.of({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, "schema.json")
    return registry, next(iter(registry.targets.values()))


def inside(schema):
    """The schema as the body of the one operation of an OpenAPI 3.0 document."""
    body = {"content": {"application/json": {"schema": members(v=schema)}}}
    paths = {"/things": {"post": {"requestBody": body, "responses": {"200": {"description": "made"}}}}}
    document = {"openapi": "3.0.3", "info": {"title": "Things", "version": "1"}, "paths": paths}
    registry = Registry.of(document, "things.json")
    return registry, next(each for each in registry.targets.values() if each.described)


CASES = [
    *(pytest.param(bare, schema, id=name) for name, schema in SCHEMAS.items()),
    *(pytest.param(inside, schema, id=name) for name, schema in OLD.items()),
]


def drawn(strategy, count):
    found = []

    @settings(max_examples=count, phases=[Phase.generate], deadline=None, database=None, derandomize=True)
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


@pytest.mark.parametrize(("make", "schema"), CASES)
def test_what_is_made_is_accepted_by_both_engines(make, schema):
    registry, target = make(schema)
    engine = registry.engine(target, published=True)
    reference = dialect.reference(registry.schema(target, published=True))
    for payload in drawn(valid_payloads(target, registry=registry, as_published=True), 20):
        assert engine.is_valid(payload), payload
        assert reference.is_valid(payload), payload


@pytest.mark.parametrize(("make", "schema"), CASES)
def test_what_is_broken_is_refused_and_whole_again_without_the_assertion(make, schema):
    registry, target = make(schema)
    engine = registry.engine(target, published=True)
    reference = dialect.reference(registry.schema(target, published=True))
    known = faults(plans_of(registry, target, Options(published=True, today=day("2025-06-15")))[0])
    for base in known.bases:
        assert not engine.is_valid(base.task), base
        assert not reference.is_valid(base.task), base
        assert Confirmation(known.model.reading, base.broken).holds(known.model.formula, base.task), base
    for missing in known.missing:
        assert missing.proved or missing.reason
    if known.bases:
        for broken in drawn(invalid_payloads(target, registry=registry, as_published=True), 20):
            assert not engine.is_valid(broken.payload), broken


PLAIN = {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
    "format", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "enum", "const", "type",
}  # fmt: skip
"""Keywords that can be taken out of a schema without changing what others say."""


@pytest.mark.parametrize(("make", "schema"), [each for each in CASES if each.values[0] is bare])
def test_a_schema_without_the_keyword_accepts_what_breaks_it(make, schema):
    registry, target = make(schema)
    known = faults(plans_of(registry, target, Options(published=True, today=day("2025-06-15")))[0])
    for base in known.bases:
        path = pointers.parse(base.broken.source)
        if base.broken.negated or path[-1] not in PLAIN or {"not", "oneOf", "if", "contains"} & set(path):
            continue
        lighter, same = bare(without(schema, path))
        assert lighter.engine(same, published=True).is_valid(base.task), base


def without(schema, path):
    if isinstance(schema, list):
        return [without(each, path[1:]) if str(index) == path[0] else each for index, each in enumerate(schema)]
    if len(path) == 1:
        return {name: each for name, each in schema.items() if name != path[0]}
    return {name: without(each, path[1:]) if name == path[0] else each for name, each in schema.items()}


def test_an_open_object_of_one_kind_has_no_members_of_another():
    kinds = {"a": "x", "b": "y"}
    branches = [
        {**members(kind={"const": kind}, **{name: STRING}), "required": ["kind"]} for kind, name in kinds.items()
    ]
    registry, target = bare({**members(v={"oneOf": branches}), "required": ["v"]})
    made = [each["v"] for each in drawn(valid_payloads(target, registry=registry, as_published=True), 60)]
    assert {each["kind"] for each in made} == set(kinds)
    assert {name for each in made for name in each} == {"kind", "x", "y"}
    for each in made:
        assert each.keys() <= {"kind", kinds[each["kind"]]}


def test_ways_without_end_are_bounded_and_that_is_told():
    count = 10
    truths = {f"p{number}": {"type": "boolean"} for number in range(count)}
    rules = [
        {"if": {"properties": {name: {"const": True}}, "required": [name]}, "then": {"required": [f"of {name}"]}}
        for name in truths
    ]
    registry, target = bare({**members(**truths), "allOf": rules})
    [plan] = plans_of(registry, target, Options(published=True, today=day("2025-06-15")))
    assert len({way.active for way in plan.ways}) == len(plan.ways) == 256
    assert plan.gaps == ["only 256 scenarios were looked for; there may be more"]
