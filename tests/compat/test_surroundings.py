"""What is around the schemas: operations, parameters, statuses, security, servers, names."""

# ruff: noqa: E501  # a table: one row a line

from __future__ import annotations

import copy
from typing import Any

import pytest

from preroll.pointer import ABSENT

THING = {"type": "object", "properties": {"size": {"type": "integer"}}}
LISTED = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}


def parameter(**more: Any) -> dict[str, Any]:
    return {"parameters": [{**LISTED, **more}]}


def ids(told: Any) -> dict[str, str]:
    every = [*told.changes, *(each for report in told.targets for each in report.changes)]
    return {each.id: each.level for each in every}


OPERATIONS = [
    # before                                  after                                     change                            level
    ({}, parameter(), "parameter-was-added", "compatible"),
    (parameter(), {}, "parameter-was-removed", "dangerous"),
    ({}, parameter(required=True), "required-parameter-was-added", "breaking"),
    (parameter(required=True), {}, "required-parameter-was-removed", "dangerous"),
    (parameter(), parameter(required=True), "parameter-became-required", "breaking"),
    (parameter(required=True), parameter(), "parameter-became-optional", "compatible"),
    (parameter(), parameter(schema={"type": "integer", "maximum": 50}), "parameter-maximum-was-lowered", "breaking"),
    (parameter(), parameter(schema={"type": "integer"}), "parameter-maximum-was-raised", "compatible"),
    ({}, {"deprecated": True}, "operation-was-deprecated", "dangerous"),
    ({"deprecated": True}, {}, "operation-is-no-longer-deprecated", "note"),
    ({}, {"security": [{"key": []}]}, "security-was-added", "breaking"),
    ({"security": [{"key": []}]}, {"security": [{"token": []}]}, "security-was-removed", "breaking"),
    ({"security": [{"key": []}]}, {"security": [{"key": []}, {"token": []}]}, "security-scheme-was-added", "compatible"),
    ({}, {"responses": {"200": {"description": "ok"}, "202": {"description": "later"}}}, "response-success-status-was-added", "dangerous"),
    ({}, {"responses": {"202": {"description": "later"}}}, "response-success-status-was-removed", "breaking"),
    ({}, {"responses": {"200": {"description": "ok"}, "429": {"description": "wait"}}}, "response-status-was-added", "note"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "change", "level"), OPERATIONS, ids=[each[2] for each in OPERATIONS])
def test_what_is_around_a_schema_is_told(made, compared, before, after, change, level):
    pytest.importorskip("z3", reason="parameters are compared by proof")
    told = compared(made(THING, **copy.deepcopy(before)), made(THING, **copy.deepcopy(after)))
    found = ids(told)
    assert found.get(change) == level
    assert told.breaking is ("breaking" in found.values())


def test_an_operation_that_comes_or_goes_is_told(made, compared):
    old = made(THING)
    new = copy.deepcopy(old)
    new["paths"]["/others"] = {"post": {"responses": {}}}
    assert ids(compared(old, new)) == {"target-was-added": "compatible"}
    assert ids(compared(new, old)) == {"target-was-removed": "breaking"}


def test_an_operation_at_another_path_is_the_same_one(made, compared):
    old = made(THING, operationId="make")
    new = copy.deepcopy(old)
    new["paths"] = {"/v2/made": new["paths"]["/things"]}
    assert ids(compared(old, new)) == {"operation-was-moved": "breaking"}


def test_a_server_that_is_gone_breaks_its_callers(made, compared):
    old, new = made(THING), made(THING)
    old["servers"] = [{"url": "https://one.example.com"}]
    new["servers"] = [{"url": "https://two.example.com/"}]
    assert ids(compared(old, new)) == {"server-was-added": "note", "server-was-removed": "breaking"}


def test_another_title_is_no_other_target(made, compared):
    old, new = made(THING), made(THING)
    new["info"]["title"] = "Drawing"
    told = compared(old, new)
    assert ids(told) == {}
    assert [each.before for each in told.targets] == ["sketch/things"]


def test_words_never_gate(made, compared):
    old, new = made(THING), made({**THING, "description": "A thing.", "examples": [{"size": 1}]})
    told = compared(old, new)
    assert ids(told) == {}
    assert {each.id for report in told.targets for each in report.prose} == {
        "request-words-were-changed",
        "request-example-was-changed",
    }


def test_a_sentence_that_a_rule_quotes_and_that_is_gone_makes_the_rule_stale(compared):
    import json
    from pathlib import Path

    from preroll.registry import Registry, data_root

    text = (Path(data_root()) / "runware/ovi.openapi.json").read_text(encoding="utf-8")
    bundled = Registry.bundled()
    target = next(each for each in bundled.targets.values() if each.document.endswith("ovi.openapi.json"))
    rule = next(iter(bundled.rules(target)))
    gone = json.dumps(rule.quote)[1:-1]
    assert gone in text
    told = compared(json.loads(text), json.loads(text.replace(gone, "Something else.")))
    assert rule.id in told.stale_rules
    assert {each.level for each in told.changes if each.id == "rule-became-stale"} == {"dangerous"}


def test_models_that_go_are_told_with_a_payload(made, compared):
    pytest.importorskip("z3", reason="payloads need the group `solver`")

    def model(name: str) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"model": {"const": name}, "size": {"type": "integer"}},
            "required": ["model"],
        }

    discriminator = {"propertyName": "model"}
    old = made({"oneOf": [model("one"), model("two")], "discriminator": discriminator})
    new = made({"oneOf": [model("two"), model("three")], "discriminator": discriminator})
    told = compared(old, new)
    by_name = {each.target: each for each in told.targets}
    assert by_name["sketch/things"].request.relation == "both"
    assert by_name["sketch/things#one"].request.relation == "removed"
    assert by_name["sketch/things#three"].request.relation == "added"
    assert by_name["sketch/things#two"].request.relation == "equivalent"
    [gone] = list(by_name["sketch/things#one"].changes)
    assert (gone.id, gone.witness) == ("target-was-removed", {"model": "one"})
    assert all(each.witness is not ABSENT for each in by_name["sketch/things"].changes)


@pytest.mark.parametrize(
    ("needed", "change", "relation"),
    [
        ((False, True), "request-body-became-required", "narrowed"),
        ((True, False), "request-body-became-optional", "widened"),
        ((True, True), None, "equivalent"),
    ],
)
def test_a_body_that_must_be_given_is_told(made, compared, needed, change, relation):
    documents = [made(THING), made(THING)]
    for each, required in zip(documents, needed, strict=True):
        each["paths"]["/things"]["post"]["requestBody"]["required"] = required
    [report] = compared(*documents).targets
    assert [each.id for each in report.changes] == ([change] if change else [])
    assert report.request.relation == relation


def test_the_branches_of_an_operation_that_moved_move_with_it(made, compared):
    pytest.importorskip("z3", reason="payloads need the group `solver`")

    def branch(name: str) -> dict[str, Any]:
        return {"type": "object", "properties": {"model": {"const": name}}, "required": ["model"]}

    old = made({"oneOf": [branch("a"), branch("b")]}, operationId="make")
    new = copy.deepcopy(old)
    new["paths"]["/others"] = new["paths"].pop("/things")
    told = compared(old, new)
    assert {(each.before, each.target) for each in told.targets} == {
        ("sketch/things", "sketch/others"),
        ("sketch/things#a", "sketch/others#a"),
        ("sketch/things#b", "sketch/others#b"),
    }
    assert list(ids(told)) == ["operation-was-moved"]


def test_a_branch_that_no_constant_tells_any_more_is_not_gone(made, compared):
    pytest.importorskip("z3", reason="payloads need the group `solver`")

    def branch(name: str, told: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": {"model": told, name: {"type": "integer"}}, "required": ["model"]}

    old = made({"oneOf": [branch("a", {"const": "a"}), branch("b", {"const": "b"})]})
    new = made({"oneOf": [branch("a", {"const": "a"}), branch("b", {"allOf": [{"type": "string"}, {"const": "b"}]})]})
    told = compared(old, new)
    assert not told.breaking
    assert {each.request.relation for each in told.targets} == {"equivalent"}


def test_a_document_that_moved_to_other_servers_keeps_its_targets(compared):
    from preroll.registry import Registry

    bundled = Registry.bundled()
    target = next(each for each in bundled.targets.values() if not each.branch_of and not each.companion)
    old = copy.deepcopy(bundled.document(target).raw)
    new = copy.deepcopy(old)
    new["servers"] = [{"url": "https://elsewhere.example/v1"}]
    for one, other in ((old, new), (new, old)):
        told = compared(one, other)
        assert {each.target for each in told.targets} == {each.before for each in told.targets}
        assert ids(told) == {"server-was-added": "note", "server-was-removed": "breaking"}
