"""
A schema that is arranged anew, or worked out for a shape, says the same as before.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.jobs.test_crowds import SCALARS, refilled, value
from tests.jobs.test_crowds import schema as any_schema

from preroll import dialect
from preroll.sieve.cases import arranged
from preroll.sieve.remainder import together
from preroll.sieve.resolution import Resolution, shape_of, shaped

UUID = "0b3f7a52-3c55-4b8c-9d52-0b9d7c1d9a11"
MEDIUM = {
    "allOf": [
        {"type": "string", "anyOf": [{"format": "uuid"}, {"format": "uri"}, {"pattern": "^[a-z]+$"}]},
        {"anyOf": [{"format": "uuid"}, {"format": "uri", "pattern": "^https://"}]},
        {"not": {"type": "string", "pattern": "f$"}},
    ]
}

ARRANGED = [
    # a format is asked for once
    (
        MEDIUM,
        {
            "type": "string",
            "if": {"format": "uuid"},
            "then": {"not": {"pattern": "f$"}},
            "else": {
                "if": {"format": "uri"},
                "then": {"pattern": "^https://", "allOf": [{"not": {"pattern": "f$"}}]},
                "else": False,
            },
        },
    ),
    ({"format": "uuid", "type": "string"}, {"type": "string", "format": "uuid"}),
    # keywords about other types are left out where a type is asked for
    (
        {
            "type": "object",
            "allOf": [{"pattern": "^a", "required": ["x"]}, {"not": {"type": "string", "maxLength": 2}}],
        },
        {"type": "object", "required": ["x"]},
    ),
    (
        {
            "anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": MEDIUM}],
            "pattern": "^a",
            "minItems": 2,
        },
        None,
    ),
    # what is wrong with every type is wrong
    ({"type": "string", "const": 1}, False),
    ({"type": "object", "not": {"type": "object"}}, False),
    # one of several constants
    ({"type": "string", "oneOf": [{"const": "a"}, {"const": "b"}]}, {"type": "string", "enum": ["a", "b"]}),
    ({"type": "string", "oneOf": [{"const": "a"}, {"const": "a"}]}, {"type": "string", "oneOf": [{"const": "a"}] * 2}),
    ({"type": "string", "enum": ["a", 1, None, "b"]}, {"type": "string", "enum": ["a", "b"]}),
    # what it does not know stays as it is
    (
        {"$ref": "#/$defs/one", "type": "string", "format": "uuid"},
        {"$ref": "#/$defs/one", "type": "string", "format": "uuid"},
    ),
    (
        {"type": "integer", "oneOf": [{"const": 1}, {"const": 2}]},
        {"type": "integer", "oneOf": [{"const": 1}, {"const": 2}]},
    ),
    (True, True),
    (False, False),
]


@pytest.mark.parametrize(("schema", "expected"), ARRANGED, ids=range(len(ARRANGED)))
def test_a_schema_is_arranged(schema, expected):
    found = arranged(schema)
    if expected is not None:
        assert found == expected
    texts = ["", "a", "of", "https://a", "https://f", "x:f", UUID, UUID[:-1] + "f"]
    given = [*texts, 1, 2, None, {}, {"x": 1}, [], ["a"], ["https://a", UUID], [UUID, "x:y"], *SCALARS]
    defs = {"$defs": {"one": {"minLength": 1}}}
    before, after = (dialect.engine({"allOf": [each], **defs}) for each in (schema, found))
    assert [before.is_valid(each) for each in given] == [after.is_valid(each) for each in given]


def several(rng: random.Random) -> Any:
    """What several sources might say about one place."""
    parts = [any_schema(rng, 3)]
    if rng.random() < 0.5:
        parts += [any_schema(rng, 2), {"type": rng.choice(["string", "object", "array", ["string", "object"]])}]
    if rng.random() < 0.3:
        parts += [{"anyOf": [{"format": "uuid"}, {"format": "uri"}, {"pattern": "^a"}]}, {"format": "uuid"}]
    if rng.random() < 0.3:
        parts.append({"oneOf": [{"const": rng.choice(SCALARS)} for _ in range(3)]})
    if rng.random() < 0.3:
        constants = [1, True, 1.0, 2, None, "a"]
        names = [rng.sample(["a", "x"], rng.randrange(1, 3)) for _ in range(3)]
        parts.append(
            {"oneOf": [{"properties": {name: {"const": rng.choice(constants)} for name in each}} for each in names]}
        )
    return parts[0] if len(parts) == 1 else {"allOf": parts}


@pytest.mark.parametrize("seed", range(400))
def test_any_schema_says_the_same_when_it_is_arranged_or_worked_out_for_a_shape(seed):
    rng = random.Random(seed)
    schema, defs = several(rng), {"one": {"minLength": 1}, "two": {"required": ["x"]}}

    def test(schema: Any) -> Any:
        return dialect.engine({"allOf": [schema], "$defs": defs}).is_valid

    whole, anew = test(schema), test(arranged(schema))
    values = [value(rng, 3) for _ in range(20)]
    for each in [*values, *(refilled(each, rng) for each in values)]:
        assert anew(each) is whole(each), (schema, each)
    for model in (each for each in values if isinstance(each, dict)):
        shape = shape_of(model)
        left = together([{"type": "object"}, shaped(shape), Resolution(frozenset(model), shape=shape).of(schema)])
        special, twice = test(left), test(arranged(left))
        for each in [model, *(refilled(model, rng) for _ in range(5))]:
            assert special(each) is twice(each), (schema, model, each)
            if shape_of(each) == shape:
                assert special(each) is whole(each), (schema, model, each)
            elif {*each} == {*model}:
                assert whole(each) or not special(each), (schema, model, each)


def test_formats_without_end_are_not_taken_apart_without_end():
    names = [f"format-{index}" for index in range(14)]
    schema = {"type": "string", "allOf": [{"anyOf": [{"format": each}, {"maxLength": 3}]} for each in names * 2]}
    assert len(repr(arranged(schema))) < 20 * len(repr(schema))
