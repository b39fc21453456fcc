from __future__ import annotations

import pytest

from preroll.constraints import Bounds, Impossible, Model, Possible, Unknown
from preroll.formula import TRUE, At, In, Items, Literal, every
from preroll.registry import Registry


def given(*names, body=TRUE):
    for name in reversed(names):
        body = In(name, body)
    return body


@pytest.mark.parametrize(
    ("schema", "condition"),
    [
        ({"maxItems": 64, "type": "array"}, None),
        ({"type": "array", "minItems": 40, "items": {"type": "string", "maxLength": 3}, "uniqueItems": True}, None),
        ({"type": "array", "minItems": 7, "contains": {"const": 5}, "minContains": 3, "maxContains": 6}, None),
        ({"type": "object", "minProperties": 5, "propertyNames": {"pattern": "^x"}}, None),
        ({"patternProperties": {"^n": {"type": "integer"}}, "minProperties": 2, "type": "object",
          "additionalProperties": False}, None),
        ({"multipleOf": 0.01, "exclusiveMinimum": 0.06, "exclusiveMaximum": 0.08, "type": "number"}, None),
        ({"type": "integer", "minimum": 9223372036854775808}, None),
        ({"enum": [{"a": [1, {"b": None}]}, 2], "type": "object"}, None),
        ({"type": "string", "minLength": 4000, "pattern": "^(ab)+$"}, None),
        ({"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "required": ["kids"], "properties": {
            "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}}}, given("kids", body=Items(TRUE, 0, 1))),
        ({"type": "object", "properties": {"a": {"enum": ["x", "y"]}}},
         given("a", body=Literal("enum", ("x",), holds=False))),
        ({"anyOf": [{"format": "uuid"}, {"format": "date"}], "type": "string", "maxLength": 10}, None),
    ],
)  # fmt: skip
def test_possible(model_of, schema, condition):
    answer = model_of(schema).possible(condition)
    assert isinstance(answer, Possible), answer


@pytest.mark.parametrize(
    ("schema", "condition", "core"),
    [
        ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 4}, None,
         ["type", "exclusiveMaximum", "exclusiveMinimum"]),
        ({"required": ["a"], "properties": {"a": False}, "type": "object", "title": "x"}, None,
         ["type", "required", "false"]),
        ({"type": "string", "format": "uuid", "maxLength": 35}, None, ["type", "maxLength", "format"]),
        ({"type": "string", "pattern": "^a", "allOf": [{"pattern": "^b"}]}, None, ["type", "pattern", "pattern"]),
        ({"type": "array", "maxItems": 70, "items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 3}, None,
         ["type", "minItems", "uniqueItems", "enum"]),
        ({"multipleOf": 0.01, "enum": [0.005, 0.015]}, None, ["enum", "multipleOf"]),
        ({"additionalProperties": False, "properties": {"a": True}}, given("b"), ["closed"]),
        ({"properties": {"a": {"const": 1}}}, given("a", body=Literal("enum", (2,))), ["enum"]),
        ({"oneOf": [{"minimum": 3}, {"minimum": 2}], "type": "number", "minimum": 5}, None, ["minimum", "oneOf"]),
        ({"type": "object", "properties": {"n": {"type": "array", "contains": {"type": "null"}}}},
         given("n", body=Items(Literal("type", ("null",), False))), ["contains", "type"]),
    ],
)  # fmt: skip
def test_impossible_with_the_smallest_core(model_of, schema, condition, core):
    answer = model_of(schema).possible(condition)
    assert isinstance(answer, Impossible), answer
    assert sorted(each.keyword for each in answer.core) == sorted(core)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "string", "pattern": r"^(a)\1b(?<=q)$"}, "no text was found"),
        ({"type": "string", "pattern": r"(?<![a-z])zq\b.{7}\bqz", "maxLength": 3}, "no text was found"),
    ],
)
def test_what_is_not_known_is_not_guessed(model_of, schema, reason):
    answer = model_of(schema).possible()
    assert isinstance(answer, Unknown)
    assert reason in answer.reason


def test_a_long_list_is_exceeded_by_exactly_one(model_of):
    model = model_of({"type": "array", "maxItems": 64, "items": {"type": "string"}})
    (most,) = (each for each in model.assertions if each.keyword == "maxItems")
    answer = model.breaking(most)
    assert isinstance(answer, Possible)
    assert len(answer.witness) == 65


def test_items_that_must_differ_are_told_apart(model_of):
    model = model_of({"type": "array", "maxItems": 5, "uniqueItems": True, "items": {"type": "integer"}})
    (most,) = (each for each in model.assertions if each.keyword == "maxItems")
    answer = model.breaking(most)
    assert isinstance(answer, Possible)
    assert len(set(answer.witness)) == len(answer.witness) == 6
    many = model_of({"type": "array", "minItems": 30, "uniqueItems": True, "items": {"type": "integer"}}).possible()
    assert isinstance(many, Impossible)
    assert many.within


def test_a_proof_says_what_of_the_bounds_it_needed(model_of):
    tree = {"type": "object", "properties": {"down": {"$ref": "#/$defs/tree"}}}
    deep = given(*["down"] * 8)
    answer = model_of({"$ref": "#/$defs/tree", "$defs": {"tree": tree}}).possible(deep)
    assert isinstance(answer, (Impossible, Possible))
    if isinstance(answer, Impossible):
        assert answer.within
    shallow = model_of({"$ref": "#/$defs/tree", "$defs": {"tree": {**tree, "additionalProperties": False}}})
    assert shallow.possible(given("up")).within == ()


@pytest.mark.parametrize("name", ["runware/klingai:kling-video@o3-pro", "runware/alibaba:wan@2.7"])
def test_a_document_that_contradicts_itself(bundled, name):
    answer = bundled(name, True).possible(given("inputs", "frameImages"))
    assert isinstance(answer, Impossible)
    sources = [each.source for each in answer.core]
    assert any("/allOf/1/oneOf" in each for each in sources)
    assert any("/allOf/2/then" in each for each in sources)
    assert isinstance(bundled(name, False).possible(given("inputs", "frameImages")), Possible)


def test_a_condition_about_a_property_that_nobody_described(bundled):
    model = bundled("runware/luma:ray@3.2", True)
    assert isinstance(model.possible(given("settings", "surprise")), Impossible)
    open_model = bundled("runwayml/image_to_video#veo3.1", True)
    answer = open_model.possible(given("surprise", body=Literal("enum", ({"deep": [1]},))))
    assert isinstance(answer, Possible)
    assert answer.witness["surprise"] == {"deep": [1]}


def test_the_same_question_has_the_same_answer():
    registry = Registry.bundled()
    target = registry.targets["runware/luma:ray@3.2"]
    first, second = (Model(registry, target, published=True) for _ in range(2))
    assert first.assertions == second.assertions
    some = first.assertions[::7]
    assert [first.breaking(each) for each in some] == [second.breaking(each) for each in some]


def test_assertions_are_told_apart(model_of):
    model = model_of(
        {
            "required": ["a", "b"],
            "oneOf": [{"minProperties": 3}, {"required": ["c"]}],
            "dependentRequired": {"a": ["d", "e"]},
            "if": {"required": ["f"]},
            "then": {"not": {"required": ["g", "h"]}},
            "contains": True,
            "maxContains": 2,
        }
    )
    assert [(each.source, each.keyword, each.detail) for each in model.assertions] == [
        ("/required/0", "required", "a"),
        ("/required/1", "required", "b"),
        ("/contains", "contains", "few"),
        ("/contains", "contains", "many"),
        ("/dependentRequired/a/0", "required", "d"),
        ("/dependentRequired/a/1", "required", "e"),
        ("/oneOf/0/minProperties", "minProperties", ""),
        ("/oneOf/1/required/0", "required", "c"),
        ("/oneOf", "oneOf", "none"),
        ("/oneOf", "oneOf", "several"),
        ("/then", "not", ""),
    ]


def test_scenarios_differ_and_go_their_way(bundled, target):
    model = bundled(target, False)
    found = model.scenarios(limit=15)
    ways = [each.active for each in found if isinstance(each.answer, Possible)]
    assert len(set(ways)) == len(ways)
    assert all(model.is_valid(each.answer.witness) for each in found if isinstance(each.answer, Possible))


def test_a_dead_conditional_is_a_scenario_with_a_proof(bundled):
    found = bundled("runware/alibaba:wan@2.7", True).scenarios()
    dead = [each.active[0] for each in found if isinstance(each.answer, Impossible) and each.active]
    assert any(each.endswith("/allOf/2/then") for each in dead)


def test_bounds_are_the_callers(model_of):
    model = model_of({"type": "array", "items": {"type": "integer"}}, items=2, depth=1, extra=1)
    assert model.bounds == Bounds(2, 1, 1)
    assert isinstance(model.possible(At(0, Literal("minimum", 3))), Possible)
    assert isinstance(model.possible(every(In(5, Literal("enum", (5,))), In(0, Literal("enum", (0,))))), Possible)
