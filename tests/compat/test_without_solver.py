"""The comparison by structure, where the solver is not installed: nothing is proved, and nothing is hidden."""

from __future__ import annotations

import sys

import pytest

from preroll.pointer import ABSENT
from preroll.render.changes import render

INSTALL = "pip install 'preroll[solver]'"

OLD = {"type": "object", "properties": {"size": {"type": "integer", "maximum": 9}, "form": {"enum": ["a", "b"]}}}
NEW = {"type": "object", "properties": {"size": {"type": "integer", "maximum": 5}, "form": {"enum": ["b"]}}}


@pytest.fixture(autouse=True)
def _absent(monkeypatch):
    for name in list(sys.modules):
        rooms = ("preroll.constraints", "preroll.compat.contest", "preroll.compat.least")
        if name == "z3" or name.startswith(("z3.", *rooms)):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)


def test_what_is_the_same_is_told_by_structure(made, compared):
    told = compared(made(OLD), made({**OLD, "allOf": [{}]}))
    assert told.targets[0].request.relation == "equivalent"
    assert told.targets[0].changes == ()


def test_what_needs_a_proof_is_unknown_and_says_what_to_install(made, compared):
    told = compared(made(OLD), made(NEW))
    [report] = told.targets
    assert (report.request.relation, report.request.proved) == ("unknown", False)
    assert INSTALL in report.request.reason
    text = render(told, "text")
    assert text.endswith(f"to have what is unknown decided: {INSTALL}\n")
    assert "callers may break" in text
    assert "proved" not in text


def test_what_changed_is_named_with_no_more_certainty_than_there_is(made, compared):
    changes = compared(made(OLD), made(NEW)).targets[0].changes
    levels = {each.id: each.level for each in changes}
    assert levels == {
        "request-maximum-was-lowered": "dangerous",
        "request-listed-value-was-removed": "dangerous",
        "request-is-undecided": "breaking",
    }
    assert all(each.witness is ABSENT and not each.proved for each in changes)


def test_a_branch_that_is_gone_is_told(made, compared):
    def branch(name):
        return {"type": "object", "properties": {"model": {"const": name}}, "required": ["model"]}

    told = compared(
        made({"oneOf": [branch("a"), branch("b")]}),
        made({"oneOf": [branch("a"), branch("c")]}),
    )
    assert told.breaking
    assert not any(each.request.proved for each in told.targets if each.request and each.request.relation == "narrowed")
