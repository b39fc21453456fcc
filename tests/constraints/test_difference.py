from __future__ import annotations

import copy

import pytest

from preroll.constraints import Impossible, Model, Possible, difference
from preroll.constraints.difference import Comparison
from preroll.registry import Registry

A, B = {"properties": {"a": {"const": 1}}}, {"required": ["b"]}


@pytest.mark.parametrize(
    ("old", "new", "relation"),
    [
        ({"if": A, "then": B}, {"anyOf": [{"not": A}, B]}, "equivalent"),
        ({"if": A, "then": B}, {"not": {"allOf": [A, {"not": B}]}}, "equivalent"),
        ({"allOf": [A, B]}, {"properties": {"a": {"enum": [1, 1.0]}}, "required": ["b"]}, "equivalent"),
        ({"minimum": 1}, {"minimum": 2}, "narrowed"),
        ({"maxItems": 64}, {"maxItems": 65}, "widened"),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, "both"),
        ({"type": "integer", "minimum": 3}, {"type": "integer", "exclusiveMinimum": 2}, "equivalent"),
        ({"type": "number", "minimum": 3}, {"type": "number", "exclusiveMinimum": 2}, "widened"),
        ({"type": "string", "pattern": "^a*$"}, {"type": "string", "pattern": "^a{0,}$"}, "equivalent"),
        ({"type": "string", "pattern": "^ab?$"}, {"type": "string", "pattern": "^(a|ab|c)$"}, "widened"),
        ({"oneOf": [{"minimum": 5}, {"maximum": 2}], "type": "number"},
         {"anyOf": [{"minimum": 5}, {"maximum": 2}], "type": "number"}, "equivalent"),
        ({"additionalProperties": False, "properties": {"a": True}}, {"maxProperties": 1}, "widened"),
        ({"dependentRequired": {"a": ["b"]}}, {"if": {"required": ["a"]}, "then": {"required": ["b"]}}, "widened"),
        ({"type": "object", "dependentRequired": {"a": ["b"]}},
         {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}}, "equivalent"),
        ({"uniqueItems": True}, {}, "widened"),
        ({"format": "uuid", "type": "string"}, {"format": "uuid", "type": "string", "maxLength": 36}, "equivalent"),
    ],
)  # fmt: skip
def test_the_relation(model_of, old, new, relation):
    found = difference(model_of(old), model_of(new))
    expected = "equivalent" if (relation, "if" in new) == ("widened", True) else relation
    assert found.relation == expected, found


def test_a_document_against_an_edit_of_it():
    name = "runware/luma:ray@3.2"
    bundled = Registry.bundled()
    old = Model(bundled, bundled.targets[name], published=True, strict=True)
    tree = copy.deepcopy(bundled.document(bundled.targets[name]).raw)
    task = tree["components"]["schemas"]["RequestBody"]["items"]
    task["allOf"].reverse()
    assert difference(old, _model(tree, name)).relation == "equivalent"
    task["properties"]["ttl"]["minimum"] += 1
    found = difference(old, _model(tree, name))
    assert found.relation == "narrowed"
    assert isinstance(found.refused, Possible)
    assert found.refused.witness["ttl"] == 60
    assert isinstance(found.accepted, Impossible)


def _model(tree, name):
    registry = Registry.of(tree, "edited.json")
    target = next(each for each in registry.targets.values() if each.name == name)
    return Model(registry, target, published=True, strict=True)


def test_only_known_members_may_be_asked_for(model_of):
    compared = Comparison(model_of({"type": "object"}), model_of({"type": "object", "properties": {"a": {"const": 1}}}))
    assert isinstance(compared.refused(), Possible)
    assert isinstance(compared.refused(known=lambda path: path != ("a",)), Impossible)
