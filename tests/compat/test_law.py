"""
Laws of the comparison, on edits drawn by Hypothesis whose truth comes from trying every payload of a small domain.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("z3", reason="proofs need the group `solver`")

from preroll import dialect
from preroll.pointer import ABSENT

VALUES = [ABSENT, None, True, 0, 1, 2, 3, "", "a", "bb", [], ["a"]]
NAMES = ("a", "b")
DOMAIN = [
    {name: value for name, value in zip(NAMES, chosen, strict=True) if value is not ABSENT}
    for chosen in itertools.product(VALUES, repeat=len(NAMES))
]
FOREIGN = [{**each, "c": 1} for each in DOMAIN[::7]]

leaves = st.one_of(
    st.sampled_from(
        [{"type": "integer"}, {"type": "string"}, {"type": ["string", "null"]}, {"type": "boolean"}, {"type": "array"}]
    ),
    st.builds(lambda low: {"type": "integer", "minimum": low}, st.integers(0, 3)),
    st.builds(lambda high: {"type": "integer", "maximum": high}, st.integers(0, 3)),
    st.builds(lambda length: {"type": "string", "maxLength": length}, st.integers(0, 2)),
    st.builds(lambda length: {"type": "string", "minLength": length}, st.integers(0, 2)),
    st.builds(
        lambda values: {"enum": values},
        st.lists(st.sampled_from([None, True, 0, 1, "a", "bb"]), min_size=1, unique_by=repr),
    ),
    st.builds(lambda length: {"type": "array", "minItems": length, "items": {"type": "string"}}, st.integers(0, 1)),
)

conditions = st.one_of(
    st.just({"required": ["a"]}),
    st.just({"required": ["b"]}),
    st.just({"required": ["a", "b"]}),
    st.builds(lambda name, leaf: {"properties": {name: leaf}, "required": [name]}, st.sampled_from(NAMES), leaves),
)

clauses = st.one_of(
    conditions,
    st.builds(lambda inner: {"not": inner}, conditions),
    st.builds(lambda one, other: {"if": one, "then": other}, conditions, conditions),
    st.builds(lambda one, other: {"anyOf": [one, other]}, conditions, conditions),
    st.builds(lambda one, other: {"oneOf": [one, other]}, conditions, conditions),
)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """An object of two members, with conditions between them."""
    schema: dict[str, Any] = {"type": "object", "properties": {name: draw(leaves) for name in NAMES}}
    if draw(st.booleans()):
        schema["additionalProperties"] = False
    required = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=1))
    if required:
        schema["required"] = required
    more = draw(st.lists(clauses, max_size=2))
    if more:
        schema["allOf"] = more
    return schema


@st.composite
def edits(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A schema before and after an edit; often only one part differs."""
    old = draw(schemas())
    new = dict(old)
    for part in draw(
        st.lists(st.sampled_from(["a", "b", "closed", "required", "allOf", "all"]), min_size=1, max_size=2)
    ):
        fresh = draw(schemas())
        if part in NAMES:
            new["properties"] = {**new["properties"], part: fresh["properties"][part]}
        elif part == "all":
            new = fresh
        else:
            key = "additionalProperties" if part == "closed" else part
            new.pop(key, None)
            if key in fresh:
                new[key] = fresh[key]
    return old, new


def accepted(schema: Any) -> list[bool]:
    engine = dialect.engine(schema)
    return [engine.is_valid(each) for each in (*DOMAIN, *FOREIGN)]


QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@QUICK
@given(edits())
def test_every_request_that_breaks_is_found_and_nothing_else(compared, made, edit):
    old, new = edit
    before, after = accepted(old), accepted(new)
    truth = any(one and not other for one, other in zip(before, after, strict=True))
    [report] = compared(made(old), made(new)).targets
    relation = report.request
    if relation.refused.found is None:
        return
    # Some payloads that tell two schemas apart are outside the small domain; none inside may be missed.
    assert relation.refused.found or not truth
    if relation.refused.found:
        witness = relation.refused.witness
        for engine in (dialect.engine, dialect.reference):
            assert engine(old).is_valid(witness)
            assert not engine(new).is_valid(witness)
        assert any(each.level == "breaking" and each.witness is not ABSENT for each in report.changes)


@QUICK
@given(edits())
def test_every_answer_that_breaks_its_readers_is_found(compared, made, edit):
    old, new = edit
    reader = dialect.engine({key: value for key, value in old.items() if key != "additionalProperties"})
    sender = dialect.engine(new)
    truth = any(sender.is_valid(each) and not reader.is_valid(each) for each in (*DOMAIN, *FOREIGN))
    [report] = compared(made(response=old), made(response=new)).targets
    relation = report.response
    if relation.accepted.found is None:
        return
    assert relation.accepted.found or not truth
    if relation.accepted.found:
        witness = relation.accepted.witness
        for engine in (dialect.engine, dialect.reference):
            assert engine(new).is_valid(witness)
            assert not engine(old).is_valid(witness)


MIRRORED = {
    "equivalent": "equivalent",
    "both": "both",
    "narrowed": "widened",
    "widened": "narrowed",
    "unknown": "unknown",
}


@QUICK
@given(edits())
def test_the_reverse_is_the_mirror_image(compared, made, edit):
    old, new = made(edit[0], edit[0]), made(edit[1], edit[1])
    [there], [back] = compared(old, new).targets, compared(new, old).targets
    assert there.request.relation_literal == MIRRORED[back.request.relation_literal]
    assert {there.request.relation, back.request.relation} <= {"unknown", *MIRRORED}
    if "unknown" not in (there.request.relation, back.request.relation):
        assert there.request.relation == MIRRORED[back.request.relation]


@QUICK
@given(schemas())
def test_a_document_beside_itself_has_no_changes(compared, made, schema):
    told = compared(made(schema, schema), made(schema, schema))
    assert [each for report in told.targets for each in report.changes] == []
    assert not told.breaking


@QUICK
@given(edits())
def test_every_witness_is_accepted_by_one_and_refused_by_the_other(compared, made, edit):
    old, new = edit
    [report] = compared(made(old, old), made(new, new)).targets
    for change in report.changes:
        if change.witness is ABSENT:
            continue
        for engine in (dialect.engine, dialect.reference):
            assert engine(old).is_valid(change.witness) != engine(new).is_valid(change.witness)
