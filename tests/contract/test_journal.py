"""
What is written before it is sent, and what a later run makes of it.
"""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.filmmaker import FACTS, ID, TARGET, TODAY, registry

from preroll_fuzz.contract import FREE, ContractError, plan
from preroll_fuzz.contract.agenda import Planned
from preroll_fuzz.contract.journal import Journal, fresh
from preroll_fuzz.contract.price import Price
from preroll_fuzz.contract.service import Service

SERVICE = Service((), "POST", "/", {}, facts=FACTS)


def planned(payload, key="k", pointer=""):
    return Planned(key, TARGET, FREE, "plain", payload, pointer=pointer, price=Price(None, ""))


def lines(path):
    return [json.loads(each) for each in path.read_text(encoding="utf-8").splitlines()]


def test_a_request_is_on_the_disk_before_it_is_sent_and_its_outcome_after(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.sending(planned({"ticket": ID}), ("an-id",), {"ticket": "an-id"})
        (before,) = lines(path)
        journal.answered(planned({"ticket": ID}), "refused", 400, ())
    assert (before["event"], before["key"], before["ids"], before["run"]) == ("sending", "k", ["an-id"], journal.nonce)
    assert lines(path)[1]["outcome"] == "refused"


LATER = [
    # what the journal says of a request    what a later run knows
    ([],                                     None),
    ([("refused", 400)],                     None),
    ([("inconclusive", 503)],                None),
    ([("not-sent", None)],                   None),
    ([("unclear", None)],                    ""),
    ([("accepted", 200)],                    "accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "outcome"), LATER)
def test_a_later_run_knows_what_may_have_been_accepted(tmp_path, answers, outcome):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        if answers:
            journal.sending(planned({}), ("mine",), {})
        for each, status in answers:
            journal.answered(planned({}), each, status, ("theirs",))
    with Journal(path) as again:
        known = again.taken.get("k")
    if outcome is None:
        assert known is None
    else:
        assert known is not None
        assert (known.outcome, known.ids) == (outcome, ("mine", "theirs"))


def test_a_request_that_got_no_answer_may_have_been_accepted(tmp_path):
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.sending(planned({}), ("mine",), {})
    with Journal(tmp_path / "journal.jsonl") as again:
        assert again.taken["k"].ids == ("mine",)


def test_a_line_that_was_never_finished_is_dropped_and_the_rest_stays(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.sending(planned({}), (), {})
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"event": "answ')
    with Journal(path) as again:
        again.answered(planned({}), "refused", 400, ())
    assert path.read_bytes().startswith(whole)
    assert [each["event"] for each in lines(path)] == ["sending", "answered"]


@pytest.mark.parametrize("line", ["not json", "[]", "{}", '{"event": "sending", "key": "k"}', "[" * 10_000])
def test_a_journal_that_cannot_be_read_stops_everything(tmp_path, line):
    path = tmp_path / "journal.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ContractError, match="nothing is sent"):
        Journal(path)


def test_two_runs_do_not_share_a_journal(tmp_path):
    pytest.importorskip("fcntl")
    with Journal(tmp_path / "journal.jsonl"), pytest.raises(ContractError, match="in use"):
        Journal(tmp_path / "journal.jsonl")


def test_a_journal_that_cannot_be_written_stops_everything(tmp_path):
    with pytest.raises(ContractError, match="cannot be"):
        Journal(tmp_path / "no" / "journal.jsonl")


def test_fresh_ids_are_told_by_seed_nonce_and_request():
    payload = {"ticket": ID, "title": ID}
    one, samples = fresh(planned(payload), SERVICE, 0, "nonce")
    assert one == fresh(planned(payload), SERVICE, 0, "nonce")[0]
    assert uuid.UUID(one["ticket"]).version == 4
    assert one["title"] == ID
    assert samples == {one["ticket"]: ID}
    others = [fresh(planned(payload, key=key), SERVICE, seed, nonce)[0]["ticket"]
              for key, seed, nonce in (("other", 0, "nonce"), ("k", 1, "nonce"), ("k", 0, "other"))]  # fmt: skip
    assert len({one["ticket"], *others}) == 4


@pytest.mark.parametrize("value", [None, "", "not an id", 5, f"{ID}0", [ID]])
def test_an_id_that_is_none_stays_as_it_is(value):
    assert fresh(planned({"ticket": value}), SERVICE, 0, "n")[0] == {"ticket": value}


def test_an_id_that_is_itself_at_fault_stays_as_it_is():
    assert fresh(planned({"ticket": ID}, pointer="/ticket"), SERVICE, 0, "n")[0] == {"ticket": ID}


def test_an_id_that_is_repeated_stays_repeated():
    body, _ = fresh(planned([{"ticket": ID}, {"ticket": ID.upper()}], pointer="/1/ticket"), SERVICE, 0, "n")
    assert body[0]["ticket"] != ID
    assert body[0]["ticket"].lower() == body[1]["ticket"].lower()


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
        max_leaves=8,
    )
)
def test_fresh_ids_change_nothing_but_ids(payload):
    body, samples = fresh(planned(payload), SERVICE, 0, "n")
    text = json.dumps(body)
    for made, sample in samples.items():
        text = text.replace(made, sample)
    assert json.loads(text.lower()) == json.loads(json.dumps(payload).lower())


def test_the_ids_of_a_plan_are_samples(tmp_path):
    agenda = plan(registry(), [TARGET], stages=[FREE], today=TODAY)
    for each in agenda.requests:
        body, samples = fresh(each, agenda.subjects[0].service, 0, "n")
        assert (body != each.payload) == bool(samples)
