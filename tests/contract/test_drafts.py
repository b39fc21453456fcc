"""
Drafts: each makes its disagreement vanish, loads with the project's own readers, and says no more than was seen.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.contract.filmmaker import DOCUMENT, TARGET, TODAY, registry

from preroll import check, overlay, source
from preroll.document import Document
from preroll.registry import Vendor
from preroll.rules import load_rules, stale, to_data
from preroll_fuzz.contract import FREE, Finding, Result, plan
from preroll_fuzz.contract.draft import of, written
from preroll_fuzz.contract.messages import Answered
from preroll_fuzz.contract.running import fault_data

AT = "/paths/~1films/post/requestBody/content/application~1json/schema/properties"


@pytest.fixture(scope="module")
def agenda():
    return plan(registry(), [TARGET], stages=[FREE], prose=True, today=TODAY)


def accepted(planned):
    return Finding(
        "accepted-though-invalid", planned.target, planned.stage, "it was accepted", planned.scenario,
        fault_data(planned), planned.pointer, planned.payload, Answered(200, {}), {"key": planned.key},
    )  # fmt: skip


def refused(planned, *complaints):
    told = [{"message": said, "kind": "", "pointers": [at], "facts": facts} for at, said, facts in complaints]
    said = "; ".join(each["message"] for each in told)
    return Finding(
        "refused-though-valid", planned.target, planned.stage, "it was refused", planned.scenario, None, "",
        planned.payload, Answered(400, {}), {"key": planned.key, "said": said, "complaints": told},
    )  # fmt: skip


def corrected(known, content):
    document = known.document(known.targets[TARGET])
    applied = overlay.apply(document.corrected, content)
    assert applied.stale == ()
    tree = replace(document, corrected=applied.document).corrected
    assert isinstance(document, Document)
    return registry(tree)


def with_rules(known, content):
    vendor = known.vendor("film-maker")
    kept = [each for each in to_data(vendor.rules)["rules"] if each["id"] != content["rules"][0]["id"]]
    rules = load_rules({**to_data(vendor.rules), "rules": [*kept, *content["rules"]]})
    assert all(stale(each, DOCUMENT) is None for each in rules.rules)
    return known.extended({**known.vendors, "film-maker": Vendor(vendor.envelope, rules)})


def mended(agenda, made):
    apply = corrected if made["kind"] == "correction" else with_rules
    return apply(agenda.registry, made["content"])


def test_every_fault_that_a_service_takes_has_a_draft_that_lets_it_pass(agenda):
    for planned in agenda.requests:
        made = of(agenda, planned, accepted(planned))
        assert "none" not in made, (planned.fault, made)
        verdict = check(planned.payload, TARGET, registry=mended(agenda, made), today=TODAY).verdict
        assert verdict in ("valid", "warning"), planned.fault


EXACTLY = [
    # the fault that the service took  what the draft changes             what is still refused
    ("maximum: maximum at",            {"seconds": 11},                   {"seconds": 12}),
    ("minimum: minimum at",            {"copies": 0},                     {"copies": -1}),
    ("max-length",                     {"title": "x" * 41},               {"title": "x" * 42}),
    ("enum",                           {"grain": ""},                     {"grain": "other"}),
    ("additional-properties",          {"extra": 1},                      {"other": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "taken", "refused_"), EXACTLY, ids=[each[0] for each in EXACTLY])
def test_a_draft_says_no_more_than_was_seen(agenda, fault, taken, refused_):
    planned = next(
        each for each in agenda.requests if str(each.fault).startswith(fault) and set(taken) & set(each.payload)
    )
    name = next(iter(taken))
    found = mended(agenda, of(agenda, planned, accepted(planned)))
    known = {"ticket": "3f2b8c1e-9a4d-4e6f-8b7a-5c0d1e2f3a4b", "kind": "film", "title": "rain"}
    assert check({**known, name: planned.payload[name]}, TARGET, registry=found, today=TODAY).verdict == "valid"
    assert check({**known, **refused_}, TARGET, registry=found, today=TODAY).verdict == "invalid"


def test_a_rule_that_a_service_does_not_enforce_becomes_a_warning(agenda):
    planned = next(each for each in agenda.requests if each.grounds == ("rule:coarse-copies",))
    made = of(agenda, planned, accepted(planned))
    assert made["kind"] == "rule"
    assert check(planned.payload, TARGET, registry=mended(agenda, made), today=TODAY).verdict == "warning"


TIGHTER = [
    # what the service says, of a payload with five seconds                  the draft
    (("/seconds", "at most 4", {"maximum": 4}),                              "correction"),
    (("/seconds", "at least 6", {"minimum": 6}),                             "correction"),
    (("/seconds", "steps of 2", {"multiple": 2}),                            "correction"),
    (("/seconds", "one of", {"allowed": [4, 8]}),                            "correction"),
    (("/seconds", "at most 9, which allows it", {"maximum": 9}),             None),
    (("/title", "not this one", {}),                                         "rule"),
    (("/seconds", "not this one", {}),                                       None),
    (("", "no", {}),                                                         None),
]  # fmt: skip


@pytest.fixture(scope="module")
def valid():
    paid = plan(registry(), [TARGET], stages=["paid"], today=TODAY)
    (first, *_) = paid.requests
    return paid, replace(first, payload={**first.payload, "seconds": 5})


@pytest.mark.parametrize(("complaint", "kind"), TIGHTER)
def test_what_the_service_says_is_drafted_where_it_refuses_the_payload(valid, complaint, kind):
    paid, planned = valid
    made = of(paid, planned, refused(planned, complaint))
    assert made.get("kind") == kind, made
    if kind is not None:
        assert check(planned.payload, TARGET, registry=mended(paid, made), today=TODAY).verdict == "invalid"


def test_a_member_that_the_service_misses_is_asked_for(valid):
    paid, planned = valid
    without = replace(planned, payload={name: each for name, each in planned.payload.items() if name != "still"})
    made = of(paid, without, refused(without, ("/grain", "missing", {})))
    assert made == {"none": made["none"]}  # nothing in the document can be quoted of it


def test_drafts_are_written_for_review_and_read_again(agenda, tmp_path):
    planned = agenda.requests[0]
    finding = accepted(planned)
    (found,) = written(Result(agenda, "live", findings=(finding,)), tmp_path, "recordings").findings
    assert found.draft is not None
    path = tmp_path / found.draft["file"].rpartition("/")[2]
    text = path.read_bytes()
    assert text.startswith(b"# A draft")
    data = source.read_yaml(text, path.name)
    assert overlay.read(data).extends == "film-maker.json"
    assert data["actions"][0]["x-observed"]["recording"] == "film-maker-films.json"
    assert data["actions"][0]["x-judgement"] is True


def test_a_folder_that_cannot_be_written_is_told(agenda, tmp_path):
    from preroll_fuzz.contract import ContractError

    (tmp_path / "drafts").write_text("a file", encoding="utf-8")
    result = Result(agenda, "live", findings=(accepted(agenda.requests[0]),))
    with pytest.raises(ContractError, match="cannot be written"):
        written(result, tmp_path / "drafts", None)
    assert AT.endswith("properties")
