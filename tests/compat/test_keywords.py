"""
Labelled edits of one schema that has every keyword at some depth: what each does to the callers of a request.

A label is the relation under the caller's reading, and an id that must be among the changes ("" where there is none).
The truth of every label was found by trying some thousand payloads on both sides.
"""

# ruff: noqa: E501  # a table: one row a line

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("z3", reason="proofs need the group `solver`")

from preroll.pointer import ABSENT
from preroll.registry import Registry

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["model", "seed"],
    "properties": {
        "model": {"const": "one"},
        "seed": {"type": "integer", "minimum": 0, "maximum": 100},
        "ratio": {"type": "number", "multipleOf": 0.5, "exclusiveMinimum": 0, "maximum": 10},
        "prompt": {"type": "string", "minLength": 1, "maxLength": 20},
        "link": {"type": "string", "format": "uri"},
        "mode": {"enum": ["a", "b", "c"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "minItems": 1, "maxItems": 3, "uniqueItems": True},
        "pair": {"type": "array", "prefixItems": [{"type": "integer", "minimum": 1}, {"type": "string"}], "items": {"type": "boolean"}, "maxItems": 4},
        "box": {"type": "array", "contains": {"type": "integer", "minimum": 5}, "minContains": 1, "maxContains": 2, "maxItems": 3},
        "map": {"type": "object", "patternProperties": {"^x": {"type": "integer", "maximum": 3}}, "additionalProperties": {"type": "string"}, "propertyNames": {"maxLength": 4}, "maxProperties": 3},
        "deep": {
            "type": "object",
            "properties": {
                "inner": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}, "s": {"type": ["string", "null"], "pattern": "^a"}}, "required": ["n"]},
                "w": {"type": "integer"},
                "h": {"type": "integer"},
            },
            "dependentRequired": {"w": ["h"]},
            "dependentSchemas": {"inner": {"required": ["w"]}},
            "minProperties": 1,
        },
        "choice": {
            "oneOf": [
                {"type": "object", "properties": {"kind": {"const": "k1"}, "v": {"type": "integer", "maximum": 9}}, "required": ["kind"], "additionalProperties": False},
                {"type": "object", "properties": {"kind": {"const": "k2"}, "t": {"type": "string"}}, "required": ["kind", "t"], "unevaluatedProperties": False},
            ]
        },
        "either": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer", "minimum": 2}, {"type": "array", "items": {"type": "integer"}, "maxItems": 2}]},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
    },
    "allOf": [
        {"if": {"properties": {"mode": {"const": "a"}}, "required": ["mode"]}, "then": {"properties": {"seed": {"maximum": 10}}, "required": ["prompt"]}, "else": {"properties": {"seed": {"minimum": 1}}}},
        {"oneOf": [{"properties": {"width": {"const": 10}, "height": {"const": 20}}}, {"properties": {"width": {"const": 20}, "height": {"const": 10}}}]},
        {"not": {"required": ["tags", "pair"]}},
        {"anyOf": [{"not": {"required": ["ratio"]}}, {"properties": {"mode": {"enum": ["b", "c"]}}, "required": ["mode"]}]},
        {"not": {"properties": {"seed": {"const": 7}}, "required": ["seed", "link"]}},
    ],
}  # fmt: skip

Edit = Callable[[Any], Any]
P = "properties"


def at(*path: Any) -> Edit:
    def found(schema: Any) -> Any:
        for key in path:
            schema = schema[key]
        return schema

    return found


def put(*path: Any, **members: Any) -> Edit:
    return lambda schema: at(*path)(schema).update(members)


def drop(*path: Any) -> Edit:
    return lambda schema: at(*path[:-1])(schema).pop(path[-1])


def append(*path: Any, value: Any) -> Edit:
    return lambda schema: at(*path)(schema).append(value)


def turn(*path: Any) -> Edit:
    return lambda schema: at(*path)(schema).reverse()


def wrap(*path: Any, by: Callable[[Any], Any]) -> Edit:
    """Put an object in the place of another one that is made of it."""

    def edit(schema: Any) -> None:
        node = at(*path)(schema)
        inner = copy.deepcopy(node)
        node.clear()
        node.update(by(inner))

    return edit


def swapped(schema: Any) -> Any:
    return {"if": {"not": schema["if"]}, "then": schema["else"], "else": schema["then"]}


def as_one_of(schema: Any) -> Any:
    return {"oneOf": [{"allOf": [schema["if"], schema["then"]]}, {"allOf": [{"not": schema["if"]}, schema["else"]]}]}


SAME, LESS, MORE, BOTH = "equivalent", "narrowed", "widened", "both"
INNER = (P, "deep", P, "inner")
FIRST, SECOND = (P, "choice", "oneOf", 0), (P, "choice", "oneOf", 1)

CASES: list[tuple[str, Edit, str, str]] = [
    # --- arrays ---
    ("items shorter", put(P, "tags", "items", maxLength=4), LESS, "request-greatest-length-was-lowered"),
    ("items longer", drop(P, "tags", "items", "maxLength"), MORE, "request-greatest-length-was-raised"),
    ("items may repeat", put(P, "tags", uniqueItems=False), MORE, "request-items-may-now-repeat"),
    ("array without end", drop(P, "tags", "maxItems"), MORE, "request-greatest-items-was-raised"),
    ("array may be empty", drop(P, "tags", "minItems"), MORE, "request-least-items-was-lowered"),
    ("array of at least none", put(P, "pair", minItems=0), SAME, ""),
    ("no item at all", put(P, "tags", items=False), LESS, "request-value-became-forbidden"),
    ("any item", drop(P, "tags", "items"), MORE, "request-type-became-wider"),
    ("first item higher", put(P, "pair", "prefixItems", 0, minimum=2), LESS, "request-minimum-was-raised"),
    ("second item gone", drop(P, "pair", "prefixItems", 1), BOTH, ""),
    ("further item of the same kind", append(P, "pair", "prefixItems", value={"type": "boolean"}), SAME, ""),
    ("items as prefixItems", put(P, "tags", prefixItems=[{"type": "string", "maxLength": 5}]), SAME, ""),
    ("contained item higher", put(P, "box", "contains", minimum=6), BOTH, "request-condition-became-stricter"),
    ("contains two", put(P, "box", minContains=2), LESS, "request-condition-became-stricter"),
    ("contains at most one", put(P, "box", maxContains=1), LESS, "request-condition-became-stricter"),
    ("contains none or more", put(P, "box", minContains=0), MORE, "request-condition-became-looser"),
    ("need not contain", drop(P, "box", "contains"), MORE, "request-condition-became-looser"),
    ("array of any length in a union", put(P, "either", "anyOf", 2, maxItems=1), LESS, "request-greatest-items-was-lowered"),
    # --- objects ---
    ("named by pattern lower", put(P, "map", "patternProperties", "^x", maximum=2), LESS, "request-maximum-was-lowered"),
    ("pattern of names gone", drop(P, "map", "patternProperties"), BOTH, "request-unnamed-properties-became-stricter"),
    ("other properties shorter", put(P, "map", "additionalProperties", maxLength=3), LESS, "request-greatest-length-was-lowered"),
    ("no other properties", put(P, "map", additionalProperties=False), LESS, "request-object-was-closed"),
    ("names shorter", put(P, "map", "propertyNames", maxLength=3), LESS, "request-greatest-length-was-lowered"),
    ("fewer members", put(P, "map", maxProperties=2), LESS, "request-greatest-properties-was-lowered"),
    ("more members needed", put(P, "deep", minProperties=2), LESS, "request-least-properties-was-raised"),
    ("no member needed", drop(P, "deep", "minProperties"), MORE, "request-least-properties-was-lowered"),
    ("needs another one no longer", drop(P, "deep", "dependentRequired"), MORE, "request-condition-became-looser"),
    ("needs another one", put(P, "deep", dependentRequired={"w": ["h"], "h": ["w"]}), LESS, "request-condition-became-stricter"),
    ("a need as a schema", wrap(P, "deep", by=lambda deep: {**{k: v for k, v in deep.items() if k != "dependentRequired"}, "dependentSchemas": {**deep["dependentSchemas"], "w": {"required": ["h"]}}}), SAME, ""),
    ("a need as a condition", wrap(P, "deep", by=lambda deep: {**{k: v for k, v in deep.items() if k != "dependentRequired"}, "if": {"required": ["w"]}, "then": {"required": ["h"]}}), SAME, ""),
    ("optional property of an open object", put(P, "deep", P, fresh={"type": "integer"}), SAME, "request-property-was-added"),
    ("required property of an open object", lambda schema: (put(*INNER, P, fresh={})(schema), append(*INNER, "required", value="fresh")(schema)), LESS, "request-property-became-required"),
    ("open object closed", put(*INNER, additionalProperties=False), LESS, "request-object-was-closed"),
    ("property may be anything", lambda schema: at(*INNER, P, "s")(schema).clear(), MORE, "request-type-became-wider"),
    ("property forbidden", put(*INNER, P, s=False), LESS, "request-condition-became-stricter"),
    ("property of a branch renamed", lambda schema: at(*FIRST, P)(schema).update(u=at(*FIRST, P)(schema).pop("v")), BOTH, "request-property-was-removed"),
    ("closed otherwise", wrap(*FIRST, by=lambda one: {**{k: v for k, v in one.items() if k != "additionalProperties"}, "unevaluatedProperties": False}), SAME, ""),
    ("closed by names", wrap(*FIRST, by=lambda one: {**{k: v for k, v in one.items() if k != "additionalProperties"}, "propertyNames": {"enum": ["v", "kind"]}}), SAME, ""),
    ("branch opened", drop(*SECOND, "unevaluatedProperties"), MORE, "request-object-was-opened"),
    # --- text, numbers, values ---
    ("pattern gone", drop(*INNER, P, "s", "pattern"), MORE, "request-pattern-became-looser"),
    ("pattern longer", put(*INNER, P, "s", pattern="^ab"), LESS, "request-pattern-became-stricter"),
    ("pattern that says the same", put(*INNER, P, "s", pattern="^(?:a)"), SAME, ""),
    ("not null", put(*INNER, P, "s", type="string"), LESS, "request-type-became-narrower"),
    ("null as a union", wrap(*INNER, P, "s", by=lambda one: {"anyOf": [{"type": "string", "pattern": one["pattern"]}, {"type": "null"}]}), SAME, ""),
    ("coarser steps", put(P, "ratio", multipleOf=1), LESS, "request-steps-became-coarser"),
    ("finer steps", put(P, "ratio", multipleOf=0.25), MORE, "request-steps-became-finer"),
    ("steps the same", put(P, "ratio", multipleOf=0.50), SAME, ""),
    ("limit included", lambda schema: (drop(P, "ratio", "exclusiveMinimum")(schema), put(P, "ratio", minimum=0)(schema)), MORE, "request-minimum-was-lowered"),
    ("limit between two steps", put(P, "ratio", maximum=10.25), SAME, ""),
    ("whole limit as an open one", lambda schema: (drop(P, "seed", "maximum")(schema), put(P, "seed", exclusiveMaximum=101)(schema)), SAME, ""),
    ("number for whole number", put(P, "seed", type="number"), MORE, "request-type-became-wider"),
    ("number in steps of one", put(P, "seed", type="number", multipleOf=1), SAME, ""),
    ("format gone", drop(P, "link", "format"), MORE, "request-format-became-looser"),
    ("other format", put(P, "link", format="uuid"), BOTH, "request-format-became-stricter"),
    ("values as oneOf", wrap(P, "mode", by=lambda one: {"oneOf": [{"const": each} for each in one["enum"]]}), SAME, ""),
    ("values as not", wrap(P, "mode", by=lambda one: {"not": {"not": one}}), SAME, ""),
    ("type beside values", put(P, "mode", type="string"), SAME, ""),
    ("constant changed", put(*FIRST, P, "kind", const="k3"), BOTH, "request-alternative-was-removed"),
    # --- unions ---
    ("alternative gone", drop(P, "either", "anyOf", 1), LESS, "request-alternative-was-removed"),
    ("alternative added", append(P, "either", "anyOf", value={"type": "null"}), MORE, "request-alternative-was-added"),
    ("alternative twice", append(P, "either", "anyOf", value={"type": "integer", "minimum": 2}), SAME, ""),
    ("alternative within another one", append(P, "either", "anyOf", value={"type": "integer", "minimum": 5}), SAME, ""),
    ("impossible alternative", append(P, "either", "anyOf", value=False), SAME, ""),
    ("alternatives turned", turn(P, "either", "anyOf"), SAME, ""),
    ("exactly one of what excludes itself", wrap(P, "either", by=lambda one: {"oneOf": one["anyOf"]}), SAME, ""),
    ("any of what excludes itself", wrap(P, "choice", by=lambda one: {"anyOf": one["oneOf"]}), SAME, ""),
    ("lower in a branch", put(*FIRST, P, "v", maximum=8), LESS, "request-maximum-was-lowered"),
    ("branch gone", drop(*FIRST), LESS, "request-listed-value-was-removed"),
    ("branches twice exclude themselves", append(P, "choice", "oneOf", value={"type": "object", "properties": {"kind": {"const": "k1"}}, "required": ["kind"]}), BOTH, ""),
    ("size gone", drop("allOf", 1, "oneOf", 0), BOTH, "request-listed-value-was-removed"),
    ("size added", append("allOf", 1, "oneOf", value={"properties": {"width": {"const": 30}, "height": {"const": 30}}, "required": ["width", "height"]}), MORE, "request-alternative-was-added"),
    # --- conditions ---
    ("consequence tighter", put("allOf", 0, "then", P, "seed", maximum=9), LESS, "request-maximum-was-lowered"),
    ("consequence looser", drop("allOf", 0, "then", P, "seed", "maximum"), MORE, "request-maximum-was-raised"),
    ("consequence gone", drop("allOf", 0, "then"), MORE, "request-condition-became-looser"),
    ("otherwise tighter", put("allOf", 0, "else", P, "seed", minimum=2), LESS, "request-minimum-was-raised"),
    ("otherwise gone", drop("allOf", 0, "else"), MORE, "request-condition-became-looser"),
    ("condition wider", put("allOf", 0, "if", P, mode={"enum": ["a", "b"]}), BOTH, "request-condition-became-stricter"),
    ("condition turned", wrap("allOf", 0, by=swapped), SAME, ""),
    ("condition as oneOf", wrap("allOf", 0, by=as_one_of), SAME, ""),
    ("exclusion gone", drop("allOf", 2), MORE, "request-condition-became-looser"),
    ("exclusion of more", put("allOf", 2, **{"not": {"required": ["tags"]}}), LESS, "request-condition-became-stricter"),
    ("exclusion of less", put("allOf", 2, **{"not": {"required": ["tags", "pair", "box"]}}), MORE, "request-condition-became-looser"),
    ("exclusion as a condition", wrap("allOf", 2, by=lambda _: {"if": {"required": ["tags"]}, "then": {"properties": {"pair": False}}}), SAME, ""),
    ("exclusion as a need", wrap("allOf", 2, by=lambda _: {"dependentSchemas": {"pair": {"not": {"required": ["tags"]}}}}), SAME, ""),
    ("value in an exclusion", put("allOf", 4, "not", P, "seed", const=8), BOTH, "request-condition-became-stricter"),
    ("condition of a value", drop("allOf", 3), MORE, "request-condition-became-looser"),
    # --- what changes nothing ---
    ("all in one more allOf", wrap(by=lambda schema: {"allOf": [schema]}), SAME, ""),
    ("all in anyOf twice", wrap(*INNER, by=lambda one: {"anyOf": [one, copy.deepcopy(one)]}), SAME, ""),
    ("all as a condition that always holds", wrap(*INNER, by=lambda one: {"if": True, "then": one}), SAME, ""),
    ("all said twice", wrap(P, "tags", by=lambda one: {**one, "allOf": [copy.deepcopy(one)]}), SAME, ""),
    ("empty assertions", put(P, "deep", required=[], dependentRequired={"w": ["h"], "x": []}, allOf=[{}, True], anyOf=[{}, False]), SAME, ""),
    ("needs that follow", append("required", value="model"), SAME, ""),
    ("limit beyond the limit", append("allOf", value={"properties": {"seed": {"maximum": 200}}}), SAME, ""),
    ("what cannot be tightened", append("allOf", value={"if": {"properties": {"seed": {"minimum": 101}}}, "then": False}), SAME, ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def plain(made):
    """The document of the schema as it is."""
    return Registry.of(made(SCHEMA), "plain.json")


@pytest.mark.parametrize(("edit", "relation", "change"), [each[1:] for each in CASES], ids=[each[0] for each in CASES])
def test_an_edit_at_any_depth_does_what_it_does(made, compared, plain, edit, relation, change):
    fresh = copy.deepcopy(SCHEMA)
    edit(fresh)
    [report] = compared(plain, made(fresh)).targets
    assert (report.request.relation, report.request.proved) == (relation, True), report.changes
    ids = [each.id for each in report.changes]
    assert not change or change in ids
    assert change or relation != SAME or not ids
    breaking = [each for each in report.changes if each.level == "breaking"]
    assert bool(breaking) is (relation in (LESS, BOTH))
    assert all(each.witness is not ABSENT for each in breaking)


@pytest.mark.parametrize(
    "edit", [each[1] for each in CASES if each[2] == LESS], ids=[each[0] for each in CASES if each[2] == LESS]
)
def test_the_reverse_edit_widens(made, compared, plain, edit):
    fresh = copy.deepcopy(SCHEMA)
    edit(fresh)
    [report] = compared(made(fresh), plain).targets
    assert report.request.relation == MORE
    assert not [each for each in report.changes if each.level == "breaking"]
