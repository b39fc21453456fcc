"""
Documents: recognised, read in two views of one shape, with a way back to what the vendor wrote.
"""

from __future__ import annotations

import copy
import json
import pickle
import time
from typing import Any

import pytest
from tests.payloads import everywhere

from preroll import document
from preroll import pointer as pointers
from preroll.document import OPENAPI, SCHEMA, DocumentError
from preroll.pointer import ABSENT
from preroll.registry import Registry, data_root

REGISTRY = Registry.bundled()
KEYS = list(dict.fromkeys(each.document for each in REGISTRY.targets.values()))
by_key = pytest.mark.parametrize("key", KEYS)

KINDS = [
    # tree                                                       kind, specification
    ({"openapi": "3.0.0"},                                       (OPENAPI, "3.0.0")),
    ({"openapi": "3.0.4"},                                       (OPENAPI, "3.0.4")),
    ({"openapi": "3.1.0"},                                       (OPENAPI, "3.1.0")),
    ({"openapi": "3.1.1"},                                       (OPENAPI, "3.1.1")),
    ({"openapi": "3.2.0"},                                       (OPENAPI, "3.2.0")),
    ({"openapi": 3.1},                                           (OPENAPI, "3.1")),
    ({"$schema": "http://json-schema.org/draft-07/schema#"},     (SCHEMA, "http://json-schema.org/draft-07/schema#")),
    ({"type": "object"},                                         (SCHEMA, "")),
    ({"$ref": "#/$defs/a", "$defs": {"a": {}}},                  (SCHEMA, "")),
    ({"prefixItems": [{}]},                                      (SCHEMA, "")),
    ({"if": {}, "then": False},                                  (SCHEMA, "")),
    ({"additionalProperties": False},                            (SCHEMA, "")),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "kind"), KINDS)
def test_a_document_is_recognised(tree, kind):
    assert document.recognise(tree, "a.json") == kind


@pytest.mark.parametrize(
    "tree", [{}, [], "", 5, None, {"openapi": None}, {"openapi": "5"}, {"swagger": "2.0"}, {"asyncapi": "3"}]
)
def test_what_is_no_document_is_refused_with_advice(tree):
    with pytest.raises(DocumentError, match=r"a\.json.*give an OpenAPI 3.0, 3.1 or 3.2 document or a JSON Schema"):
        document.recognise(tree, "a.json")


@by_key
def test_both_views_leave_the_published_tree_alone(key):
    read = REGISTRY.document(key)
    raw = json.loads((data_root() / key).read_bytes())
    assert read.published is not ABSENT
    assert read.intended is not ABSENT
    assert read.raw == raw


@by_key
def test_every_place_of_the_intended_view_leads_back_to_the_published_document(key):
    read = REGISTRY.document(key)
    for path in everywhere(read.intended):
        pointer = read.published_pointer(pointers.text(path))
        assert pointers.look_up(read.raw, pointers.parse(pointer)) is not ABSENT


@by_key
def test_places_that_no_correction_touches_are_their_own_address(key):
    read = REGISTRY.document(key)
    touched = [each for places in read.changed.values() for each in places]
    for path in everywhere(read.raw):
        pointer = pointers.text(path)
        if "allOf" not in pointer and not any(pointer.startswith(each) for each in touched):
            assert read.published_pointer(pointer) == pointer


def test_a_correction_is_known_at_what_it_touched_and_below():
    read = REGISTRY.document(next(key for key in KEYS if "kling" in key))
    assert read.changed
    for name, places in read.changed.items():
        for each in places:
            assert read.correction_at(each) is not None
            assert read.correction_at(each + "/oneOf/0") is not None
        assert name
    assert read.correction_at("/info/title") is None


def test_translated_keywords_lead_back_to_the_vendors_spelling():
    tree = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "dependencies": {"a": ["b"]},
        "items": [{"type": "string"}],
        "additionalItems": False,
    }
    read = document.load(tree, name="a.json", vendor="a")
    assert read.intended["dependentRequired"] == {"a": ["b"]}
    assert read.published_pointer("/dependentRequired/a/0") == "/dependencies/a/0"
    assert read.published_pointer("/prefixItems/0/type") == "/items/0/type"
    assert read.published_pointer("/nowhere/at/all") == ""


def test_loading_changes_nothing():
    tree = {
        "openapi": "3.0.3",
        "info": {},
        "paths": {},
        "components": {"schemas": {"A": {"type": "string", "nullable": True}}},
    }
    before = copy.deepcopy(tree)
    read = document.load(tree, name="a.json", vendor="a")
    assert read.intended != tree
    assert tree == before


@pytest.mark.parametrize(("error", "words"), [
    (DocumentError("a.json", "/paths", "it is wrong", "mend it"), "a.json#/paths: it is wrong; mend it"),
    (DocumentError("a.json", "", "it is wrong"), "a.json: it is wrong"),
])  # fmt: skip
def test_an_error_says_where_what_and_what_to_do(error, words):
    assert str(error) == words
    assert str(pickle.loads(pickle.dumps(error))) == words


def wide(count: int) -> dict[str, Any]:
    """A document of many schemas that refer to one another."""
    schemas = {
        f"S{index}": {
            "type": "object",
            "properties": {
                f"p{each}": {"$ref": f"#/components/schemas/S{(index + each) % count}"} for each in range(10)
            },
        }
        for index in range(count)
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    paths = {
        f"/make/{index}": {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}}
        for index in range(300)
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wide", "version": "1"},
        "components": {"schemas": schemas},
        "paths": paths,
    }


def test_a_large_document_loads_in_time():
    """Some 2.5 MB, 300 operations, 2,000 schemas in cycles; a bound against squares, not a benchmark."""
    tree = wide(2000)
    started = time.monotonic()
    registry = Registry.of(tree, "wide.json")
    assert len(registry.targets) == 300
    assert registry.engine(registry.targets["wide/make/0"]).is_valid({"p1": {}})
    assert time.monotonic() - started < 6


def test_a_schema_that_fans_out_over_one_value_is_refused():
    """`a` applies `b` twice, `b` applies `c` twice, ...: no engine would ever come to an end."""
    defs = {f"d{index}": {"allOf": [{"$ref": f"#/$defs/d{index + 1}"}] * 2} for index in range(40)}
    tree = {"title": "Fan", "$ref": "#/$defs/d0", "$defs": {**defs, "d40": {"type": "string"}}}
    with pytest.raises(DocumentError, match="more than 100000 times to one value"):
        Registry.of(tree, "fan.json")


def test_a_schema_that_fans_out_is_not_copied_out():
    """`a` has two members that are `b`, `b` two that are `c`, ...: 2^40 paths, forty schemas."""
    fork = lambda index: {"$ref": f"#/$defs/d{index + 1}"}  # noqa: E731
    defs = {f"d{index}": {"properties": {"l": fork(index), "r": fork(index)}} for index in range(40)}
    tree = {"title": "Fan", "$ref": "#/$defs/d0", "$defs": {**defs, "d40": {"type": "string"}}}
    started = time.monotonic()
    registry = Registry.of(tree, "fan.json")
    schema = registry.schema(next(iter(registry.targets.values())))
    assert len(json.dumps(schema)) < 10_000
    assert time.monotonic() - started < 2
