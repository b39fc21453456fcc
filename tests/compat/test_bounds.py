"""What a comparison does when time, a schema or a payload is beyond it; and drafts of migrations."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest

pytest.importorskip("z3", reason="proofs need the group `solver`")

from preroll import mending
from preroll.compat import gate
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.render.changes import render

TODAY = date(2025, 6, 15)


def schema(**size):
    return {
        "type": "object",
        "properties": {"size": {"type": "integer", **size}, "text": {"type": "string"}},
        "required": ["size"],
    }


def two(made, first, second):
    tree = made(first)
    tree["paths"]["/others"] = made(second)["paths"]["/things"]
    return tree


def test_where_the_whole_took_too_long_structure_still_decides(made, compared):
    told = compared(two(made, schema(), schema()), two(made, schema(maximum=3), schema()), total=0.0)
    things, others = told.targets
    assert (things.request.relation, others.request.relation) == ("unknown", "equivalent")
    assert "the time for the whole comparison was used up" in things.request.reason
    assert [each.id for each in things.changes] == ["request-maximum-was-lowered", "request-is-undecided"]


@pytest.mark.parametrize("broken", [{"pattern": "("}, {"allOf": []}, {"type": "nonsense"}])
def test_one_schema_that_cannot_be_used_leaves_the_others_their_answers(made, compared, broken):
    told = compared(
        two(made, schema(), schema()),
        two(made, schema(maximum=3), {**schema(), "properties": {"size": {"maximum": 3}, "text": broken}}),
    )
    relations = [each.request.relation for each in told.targets]
    assert relations == ["narrowed", "unknown"]
    assert told.targets[1].request.reason


def test_a_document_of_hundreds_of_operations_and_itself_need_no_solver(made, compared, monkeypatch):
    tree = made(schema())
    item = tree["paths"].pop("/things")
    for number in range(300):
        tree["paths"][f"/things/{number}"] = copy.deepcopy(item)
    monkeypatch.setattr("preroll.compat.contest.Contest.__init__", None)
    assert {each.request.relation for each in compared(tree, copy.deepcopy(tree)).targets} == {"equivalent"}


def test_a_witness_of_megabytes_is_shown_in_part(made, compared):
    long = {"type": "object", "properties": {"data": {"type": "string", "maxLength": 300_000}}}
    short = {"type": "object", "properties": {"data": {"type": "string", "maxLength": 299_999}}}
    told = compared(made(long), made(short))
    [change] = told.targets[0].changes
    assert len(change.witness["data"]) == 300_000
    for form in ("text", "markdown", "html", "github"):
        shown = render(told, form)
        assert "(300000 characters)" in shown
        assert len(shown) < 20_000
    assert json.loads(render(told, "json"))["targets"][0]["changes"][0]["witness"] == change.witness


CHAINED: dict[str, Any] = {
    "type": "object",
    "properties": {"mode": {"enum": ["a", "b"]}, "size": {"type": "integer"}, "extra": {"type": "integer"}},
    "required": ["mode"],
}
MIGRATIONS = [
    # old, new: what each witness needs
    (schema(), schema(maximum=3)),
    (schema(), {**schema(), "required": ["size", "text"]}),
    (CHAINED, {**CHAINED, "allOf": [{"required": ["size"]}, {"required": ["extra"]}]}),
    (
        CHAINED,
        {**CHAINED, "properties": {**CHAINED["properties"], "mode": {"const": "b"}}, "required": ["mode", "size"]},
    ),
    (CHAINED, {**CHAINED, "additionalProperties": False, "properties": {"mode": {"const": "c"}}}),
]


@pytest.mark.parametrize(("old", "new"), MIGRATIONS)
def test_a_draft_of_the_migration_makes_the_witness_valid(made, compared, old, new):
    told = compared(made(old), made(new))
    registry = Registry.of(made(new), "new.json")
    [target] = registry.targets.values()
    breaking = [each for each in told.targets[0].changes if each.level == "breaking"]
    assert breaking
    for change in breaking:
        assert change.migration
        assert registry.engine(target).is_valid(mending.applied(change.witness, change.migration))
        for form in ("text", "markdown", "html"):
            assert "fix: " in render(told, form)


def test_what_sums_up_branches_is_accepted_with_them(made, compared):
    def branch(name, **more):
        return {"type": "object", "properties": {"model": {"const": name}, **more}, "required": ["model"]}

    old = made({"oneOf": [branch("a", size={"type": "integer"}), branch("b")]})
    new = made({"oneOf": [branch("a", size={"type": "integer", "maximum": 3}), branch("b")]})
    told = compared(old, new)
    [summed] = [each for each in told.every if each.branches]
    [full] = [each for each in told.every if each.level == "breaking" and not each.branches]
    assert summed.witness is not ABSENT
    entries = gate.read([{"fingerprint": full.fingerprint, "reason": "agreed"}], "accepted.json")
    assert not gate.fails(gate.acknowledged(told, entries, TODAY), "breaking")


def test_a_default_counts_in_a_branch_that_is_the_only_one_to_have_one(made, compared):
    plain = {"type": "object", "properties": {"size": {"type": "integer", "default": 3}}}
    nullable = {
        "type": "object",
        "properties": {"size": {"anyOf": [{"type": "integer", "default": 3}, {"type": "null"}]}},
    }
    other = {"type": "object", "properties": {"size": {"anyOf": [{"type": "integer", "default": 4}, {"type": "null"}]}}}
    ids = [[each.id for each in compared(made(plain), made(new)).targets[0].changes] for new in (nullable, other)]
    assert "request-default-was-changed" not in ids[0]
    assert "request-default-was-removed" not in ids[0]
    assert "request-default-was-changed" in ids[1]


def test_names_that_only_a_pattern_of_the_new_document_describes_are_not_sent(made, compared):
    old = {"type": "object", "properties": {"size": {"type": "integer"}}}
    new = {**old, "patternProperties": {"^x-": {"type": "string"}}}
    [report] = compared(made(old), made(new)).targets
    assert (report.request.relation, report.request.relation_literal) == ("equivalent", "narrowed")
