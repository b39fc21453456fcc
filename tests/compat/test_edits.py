"""
Labelled edits of the bundled documents: what each of them does to callers.

A label is the side, its relation under the caller's reading, and an id that must be among the changes ("" where
nothing may be).
"""

# ruff: noqa: E501  # a table: one row a line

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="proofs need the group `solver`")

from preroll.pointer import ABSENT
from preroll.registry import Registry, data_root

RAY, KLING, OVI, WAN, RUNWAY = (
    "runware/luma-ray-3.2.openapi.json",
    "runware/klingai-kling-video-o3-pro.openapi.json",
    "runware/ovi.openapi.json",
    "runware/alibaba-wan-2.7.openapi.json",
    "runwayml/2024-11-06.openapi.json",
)


@functools.cache
def published(name: str) -> str:
    return (Path(data_root()) / name).read_text(encoding="utf-8")


def task(tree: Any) -> Any:
    return tree["components"]["schemas"]["RequestBody"]["items"]


def answer(tree: Any) -> Any:
    return tree["components"]["schemas"]["ResponseBody"]["properties"]["data"]["items"]


def errors(tree: Any) -> Any:
    return tree["components"]["schemas"]["ErrorResponse"]["properties"]["errors"]["items"]


def body(path: str, method: str = "post") -> Callable[[Any], Any]:
    return lambda tree: tree["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]


def reply(path: str, status: str = "200", method: str = "post") -> Callable[[Any], Any]:
    return lambda tree: tree["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]


Edit = Callable[[Any], None]


def at(*path: Any, of: Callable[[Any], Any] = task) -> Callable[[Any], Any]:
    """The object at a path below a schema."""

    def found(tree: Any) -> Any:
        node = of(tree)
        for key in path:
            node = node[key]
        return node

    return found


def put(where: Callable[[Any], Any], **members: Any) -> Edit:
    return lambda tree: where(tree).update(members)


def drop(where: Callable[[Any], Any], *names: str) -> Edit:
    def edit(tree: Any) -> None:
        for name in names:
            where(tree).pop(name)

    return edit


def append(where: Callable[[Any], Any], *values: Any) -> Edit:
    return lambda tree: where(tree).extend(values)


def take(where: Callable[[Any], Any], *values: Any) -> Edit:
    def edit(tree: Any) -> None:
        for value in values:
            where(tree).remove(value)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(tree: Any) -> None:
        for each in edits:
            each(tree)

    return edit


def shuffle(where: Callable[[Any], Any]) -> Edit:
    return lambda tree: where(tree).reverse()


def rewrite(where: Callable[[Any], Any], change: Callable[[Any], Any]) -> Edit:
    """Replace what is inside an object by something made of it."""

    def edit(tree: Any) -> None:
        node = where(tree)
        fresh = change(copy.deepcopy(node))
        node.clear()
        node.update(fresh)

    return edit


def reordered(tree: Any) -> None:
    members = dict(reversed(task(tree)["properties"].items()))
    task(tree)["properties"] = members


def as_any_of(schema: Any) -> Any:
    return {"anyOf": [{"not": schema["if"]}, schema["then"]]}


def extracted(tree: Any) -> None:
    inner = task(tree)["properties"]["safety"]
    tree["components"]["schemas"]["Safety"] = inner
    task(tree)["properties"]["safety"] = {"$ref": "#/components/schemas/Safety"}


def described_answer(tree: Any, **more: Any) -> None:
    answer(tree).update({"properties": {"state": {"enum": ["done", "failed"]}, "cost": {"type": "number"}}, **more})


def answers(change: Edit, *, closed: bool = False, required: tuple[str, ...] = ()) -> tuple[Edit, Edit]:
    """An edit of an answer that the old document describes."""

    def before(tree: Any) -> None:
        described_answer(tree, additionalProperties=not closed, required=list(required))

    return before, both(before, change)


SAME, LESS, MORE, BOTH = "equivalent", "narrowed", "widened", "both"
NOTHING: Edit = lambda tree: None  # noqa: E731  # the document as it is
SIZES = at("allOf", 8, "then", "oneOf")
ANSWER = at("properties", of=answer)
RELATIVE = "/paths/~1v1~1"

#    id, document, edit (or the edit that both have, and the edit), side, relation, a change
CASES: list[tuple[str, str, Any, str, str, str]] = [
    # --- numbers ---
    ("maximum lowered", RAY, put(at("properties", "numberResults"), maximum=2), "request", LESS, "request-maximum-was-lowered"),
    ("maximum raised", RAY, put(at("properties", "numberResults"), maximum=8), "request", MORE, "request-maximum-was-raised"),
    ("maximum removed", RAY, drop(at("properties", "numberResults"), "maximum"), "request", MORE, "request-maximum-was-raised"),
    ("maximum added", RAY, put(at("properties", "ttl"), maximum=3600), "request", LESS, "request-maximum-was-lowered"),
    ("minimum raised", RAY, put(at("properties", "ttl"), minimum=120), "request", LESS, "request-minimum-was-raised"),
    ("minimum lowered", RAY, put(at("properties", "ttl"), minimum=1), "request", MORE, "request-minimum-was-lowered"),
    ("exclusive instead of one less", RAY, both(drop(at("properties", "ttl"), "minimum"), put(at("properties", "ttl"), exclusiveMinimum=59)), "request", SAME, ""),
    ("step added", OVI, put(at("properties", "steps"), multipleOf=5), "request", LESS, "request-steps-became-coarser"),
    ("step of one on a whole number", OVI, put(at("properties", "steps"), multipleOf=1), "request", SAME, ""),
    ("range moved", OVI, put(at("properties", "steps"), minimum=10, maximum=200), "request", BOTH, "request-minimum-was-raised"),
    ("whole number became any number", OVI, put(at("properties", "steps"), type="number"), "request", MORE, "request-type-became-wider"),
    ("any number became whole", RAY, put(at("properties", "duration"), type="integer"), "request", SAME, ""),
    # --- text ---
    ("greatest length lowered", RAY, put(at("properties", "positivePrompt"), maxLength=500), "request", LESS, "request-greatest-length-was-lowered"),
    ("greatest length raised", WAN, put(at("properties", "negativePrompt"), maxLength=800), "request", MORE, "request-greatest-length-was-raised"),
    ("least length raised", KLING, put(at("properties", "positivePrompt"), minLength=5), "request", LESS, "request-least-length-was-raised"),
    ("least length of zero", OVI, put(at("properties", "positivePrompt"), minLength=0), "request", SAME, ""),
    ("format added", OVI, put(at("properties", "positivePrompt"), format="uri"), "request", LESS, "request-format-became-stricter"),
    ("format removed", RAY, drop(at("properties", "webhookURL"), "format"), "request", MORE, "request-format-became-looser"),
    ("format that asserts nothing", OVI, put(at("properties", "positivePrompt"), format="prose"), "request", SAME, ""),
    ("pattern added", OVI, put(at("properties", "positivePrompt"), pattern="^[a-z]"), "request", LESS, "request-pattern-became-stricter"),
    # --- listed values ---
    ("value removed", RAY, take(at("properties", "outputFormat", "enum"), "MOV"), "request", LESS, "request-listed-value-was-removed"),
    ("value added", RAY, append(at("properties", "outputFormat", "enum"), "GIF"), "request", MORE, "request-listed-value-was-added"),
    ("values swapped", RAY, both(take(at("properties", "outputFormat", "enum"), "MOV"), append(at("properties", "outputFormat", "enum"), "GIF")), "request", BOTH, "request-listed-value-was-removed"),
    ("values reordered", RAY, shuffle(at("properties", "outputFormat", "enum")), "request", SAME, ""),
    ("enum of one as const", RAY, both(drop(at("properties", "outputType"), "enum"), put(at("properties", "outputType"), const="URL")), "request", SAME, ""),
    ("value that was refused anyway", RAY, append(at("properties", "outputFormat", "enum"), 7), "request", SAME, ""),
    ("listed values as oneOf of constants", RAY, both(drop(at("properties", "outputFormat"), "enum"), put(at("properties", "outputFormat"), oneOf=[{"const": each} for each in ("MOV", "WEBM", "MP4")])), "request", SAME, ""),
    # --- objects ---
    ("property became required", RAY, append(at("required"), "webhookURL"), "request", LESS, "request-property-became-required"),
    ("property became optional", RAY, take(at("required"), "taskType"), "request", MORE, "request-property-became-optional"),
    ("what a correction demands became optional", OVI, take(at("required"), "inputs"), "request", MORE, "request-property-became-optional"),
    ("required names reordered", RAY, shuffle(at("required")), "request", SAME, ""),
    ("optional property added", RAY, put(at("properties"), cadence={"type": "integer"}), "request", MORE, "request-property-was-added"),
    ("required property added", RAY, both(put(at("properties"), cadence={"type": "integer"}), append(at("required"), "cadence")), "request", BOTH, "request-property-became-required"),
    ("property removed from a closed object", RAY, drop(at("properties"), "webhookURL"), "request", LESS, "request-property-was-removed"),
    ("object opened", RAY, drop(at(), "additionalProperties"), "request", MORE, "request-object-was-opened"),
    ("nested object closed", OVI, put(at("properties", "safety"), additionalProperties=False), "request", SAME, ""),
    ("type of a property changed", RAY, put(at("properties", "includeCost"), type="string"), "request", BOTH, "request-type-became-narrower"),
    ("null allowed", RAY, put(at("properties", "webhookURL"), type=["string", "null"]), "request", MORE, "request-type-became-wider"),
    ("properties reordered", RAY, reordered, "request", SAME, ""),
    # --- arrays ---
    ("fewer items allowed", WAN, put(at("properties", "inputs", "properties", "referenceImages"), maxItems=1), "request", LESS, "request-greatest-items-was-lowered"),
    ("more items needed", WAN, put(at("properties", "inputs", "properties", "referenceImages"), minItems=2), "request", LESS, "request-least-items-was-raised"),
    ("items must differ", WAN, put(at("properties", "inputs", "properties", "referenceImages"), uniqueItems=True), "request", LESS, "request-items-must-now-differ"),
    ("no longer an array of at least one", WAN, drop(at("properties", "inputs", "properties", "referenceImages"), "minItems"), "request", MORE, "request-least-items-was-lowered"),
    # --- conditions ---
    ("size removed from a list in a condition", RAY, lambda tree: SIZES(tree).pop(0), "request", LESS, "request-alternative-was-removed"),
    ("size added to a list in a condition", RAY, append(SIZES, {"title": "tiny", "properties": {"width": {"const": 16}, "height": {"const": 16}}}), "request", MORE, "request-alternative-was-added"),
    ("sizes reordered", RAY, shuffle(SIZES), "request", SAME, ""),
    ("condition limited further", RAY, put(at("allOf", 10, "then", "properties", "resolution"), enum=["1080p"]), "request", LESS, "request-listed-value-was-removed"),
    ("condition limited less", RAY, put(at("allOf", 11, "then", "properties", "duration"), enum=[5, 10]), "request", MORE, ""),
    ("condition dropped", RAY, lambda tree: task(tree)["allOf"].pop(12), "request", MORE, "request-condition-became-looser"),
    ("condition added", RAY, append(at("allOf"), {"if": {"required": ["ttl"]}, "then": {"required": ["webhookURL"]}}), "request", LESS, "request-condition-became-stricter"),
    ("things excluded", RAY, append(at("allOf"), {"not": {"required": ["ttl", "webhookURL"]}}), "request", LESS, "request-condition-became-stricter"),
    ("maximum in a condition lowered", WAN, put(at("allOf", 5, "then", "properties", "duration"), maximum=8), "request", LESS, "request-maximum-was-lowered"),
    ("allOf reordered", RAY, shuffle(at("allOf")), "request", SAME, ""),
    ("if and then as anyOf and not", RAY, rewrite(at("allOf", 4), as_any_of), "request", SAME, ""),
    ("allOf nested", RAY, lambda tree: task(tree).update(allOf=[{"allOf": task(tree)["allOf"]}]), "request", SAME, ""),
    ("a part extracted", RAY, extracted, "request", SAME, ""),
    ("a redundant assertion", RAY, append(at("allOf"), {"properties": {"numberResults": {"maximum": 100}}}), "request", SAME, ""),
    ("what was impossible tightened", RAY, append(at("allOf"), {"if": {"properties": {"numberResults": {"minimum": 5}}, "required": ["numberResults"]}, "then": {"required": ["seed"]}}), "request", SAME, ""),
    ("a double negation", RAY, append(at("allOf"), {"not": {"not": {"required": ["model"]}}}), "request", SAME, ""),
    # --- words and what is around ---
    ("description changed", RAY, put(at("properties", "ttl"), description="How long it is kept."), "request", SAME, ""),
    ("default changed", RAY, put(at("properties", "outputQuality"), default=80), "request", SAME, "request-default-was-changed"),
    ("deprecated", RAY, put(at("properties", "ttl"), deprecated=True), "request", SAME, "request-deprecation-was-added"),
    ("example changed", RAY, put(at("properties", "ttl"), example=90), "request", SAME, ""),
    # --- answers ---
    ("field added to a closed answer", OVI, answers(put(ANSWER, seed={"type": "integer"}), closed=True), "response", SAME, "response-property-was-added"),
    ("field added to an open answer", OVI, answers(put(ANSWER, seed={"type": "integer"})), "response", LESS, "response-property-was-added"),
    ("field of an open answer gone", OVI, answers(drop(ANSWER, "cost")), "response", MORE, "response-property-was-removed"),
    ("field of a closed answer gone", OVI, answers(drop(ANSWER, "cost"), closed=True), "response", SAME, "response-property-was-removed"),
    ("value added to an answer", OVI, answers(append(at("properties", "state", "enum", of=answer), "queued")), "response", MORE, "response-listed-value-was-added"),
    ("value removed from an answer", OVI, answers(take(at("properties", "state", "enum", of=answer), "failed")), "response", LESS, "response-listed-value-was-removed"),
    ("field of an answer may be missing", OVI, answers(take(at("required", of=answer), "cost"), required=("cost",)), "response", MORE, "response-property-became-optional"),
    ("field of an answer is always there", OVI, answers(append(at("required", of=answer), "cost")), "response", LESS, "response-property-became-required"),
    ("type in an answer widened", OVI, answers(put(at("properties", "cost", of=answer), type=["number", "null"])), "response", MORE, "response-type-became-wider"),
    ("type in an answer narrowed", OVI, answers(put(at("properties", "cost", of=answer), type="integer")), "response", LESS, "response-type-became-narrower"),
    ("required field of an error gone", OVI, take(at("required", of=errors), "message"), "response", MORE, "response-property-became-optional"),
    ("answer closed", OVI, answers(put(at(of=answer), additionalProperties=False)), "response", SAME, ""),
]  # fmt: skip


@functools.cache
def registry(name: str) -> Registry:
    return Registry.of(json.loads(published(name)), "old.json")


def compared_by(name: str, edit: Any, compared: Any) -> Any:
    before, after = edit if isinstance(edit, tuple) else (NOTHING, edit)
    old, new = json.loads(published(name)), json.loads(published(name))
    before(old)
    after(new)
    return compared(registry(name) if before is NOTHING else old, new)


def main_report(told: Any) -> Any:
    return next(each for each in told.targets if each.request is not None and each.response is not None)


@pytest.mark.parametrize(
    ("name", "edit", "side", "relation", "change"), [each[1:] for each in CASES], ids=[each[0] for each in CASES]
)
def test_an_edit_does_to_callers_what_it_does(compared, name, edit, side, relation, change):
    report = main_report(compared_by(name, edit, compared))
    found = report.request if side == "request" else report.response
    assert (found.relation, found.proved) == (relation, True), report.changes
    ids = [each.id for each in report.changes]
    assert not change or change in ids
    if not change and relation == SAME:
        assert report.changes == ()
    harmful = relation in ((LESS, BOTH) if side == "request" else (MORE, BOTH))
    breaking = [each for each in report.changes if each.level == "breaking"]
    assert bool(breaking) is harmful
    assert not harmful or all(each.witness is not ABSENT for each in breaking)


def nodes(tree: Any) -> Any:
    if isinstance(tree, dict):
        yield tree
        for each in tree.values():
            yield from nodes(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from nodes(each)


def turned(tree: Any) -> None:
    """Every `allOf` reversed, every condition written as a disjunction."""
    for node in list(nodes(tree)):
        if isinstance(node.get("allOf"), list):
            node["allOf"].reverse()
        if isinstance(node.get("if"), dict) and "then" in node and not {"else", "anyOf"} & node.keys():
            node["anyOf"] = [{"not": node.pop("if")}, node.pop("then")]


def constants(tree: Any) -> None:
    """Every constant as a list of one value, and every type as a list of one type."""
    for node in list(nodes(tree)):
        if "const" in node and not isinstance(node["const"], dict):
            node["enum"] = [node.pop("const")]
        if isinstance(node.get("type"), str) and node["type"] in ("string", "integer", "object"):
            node["type"] = [node["type"]]


@pytest.mark.parametrize("name", [RAY, KLING, OVI, WAN, RUNWAY])
@pytest.mark.parametrize("rewrite", [turned, constants])
def test_a_document_said_otherwise_is_equivalent(compared, name, rewrite):
    new = json.loads(published(name))
    rewrite(new)
    after = Registry.of(new, "new.json")
    for published_alone in (False, True):
        told = compared(registry(name), after, published=published_alone)
        assert [each for report in told.targets for each in report.changes] == []
        assert {each.request.relation for each in told.targets if each.request} == {"equivalent"}


HARMFUL = [each for each in CASES if each[4] in (LESS, BOTH) and each[3] == "request"]


def simpler(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """Every step to a smaller payload: a member or an item less, or one value plainer."""
    if path:
        yield path, ABSENT
    if isinstance(value, dict):
        for name, each in value.items():
            yield from simpler(each, (*path, name))
        if value:
            yield path, {}
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from simpler(each, (*path, index))
        if value:
            yield path, []
    elif isinstance(value, bool):
        yield from ((path, False) for _ in range(value))
    elif isinstance(value, (int, float)):
        yield from ((path, each) for each in (0, 1) if abs(each) < abs(value))
    elif isinstance(value, str):
        yield from ((path, each) for each in ("", "a") if len(each) < len(value))
        yield from ((path, value[:-1]) for _ in range(len(value) > 40))


def stepped(payload: Any, path: tuple[Any, ...], new: Any) -> Any:
    fresh = copy.deepcopy(payload)
    owner = fresh
    for key in path[:-1]:
        owner = owner[key]
    if not path:
        return new
    if new is ABSENT:
        del owner[path[-1]]
    else:
        owner[path[-1]] = new
    return fresh


@pytest.mark.parametrize(("name", "edit"), [each[1:3] for each in HARMFUL], ids=[each[0] for each in HARMFUL])
def test_a_payload_that_breaks_is_minimal(compared, name, edit):
    """Nothing in it can be left out, at any depth, and no value be a plainer one."""
    new = json.loads(published(name))
    edit(new)
    before, after = registry(name), Registry.of(new, "new.json")
    report = main_report(compared(before, after, published=True))  # no rules: the engines alone decide
    assert before.targets[report.before].described
    engines = [each.engine(each.targets[report.target], published=True) for each in (before, after)]
    assert report.request.refused.found
    payload = report.request.refused.witness
    assert engines[0].is_valid(payload)
    assert not engines[1].is_valid(payload)
    for path, value in simpler(payload):
        less = stepped(payload, path, value)
        assert not (engines[0].is_valid(less) and not engines[1].is_valid(less)), (path, value)
