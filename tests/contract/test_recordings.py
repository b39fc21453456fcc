"""
What is stored of a service's answers: enough to replay them, and nothing that is secret.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.filmmaker import ID, KEY, TARGET, TODAY, changed, refusing, registry, serving

from preroll_fuzz.contract import FREE, ContractError, plan, run
from preroll_fuzz.contract.journal import Journal
from preroll_fuzz.contract.recording import Recorder, Replay, SecretLeft, file_name, redacted, scan
from preroll_fuzz.contract.wire import Pace, Secret, Wire

NAMES = frozenset(("authorization", "apikey", "token"))
TASK = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
def agenda():
    return plan(registry(), [TARGET], stages=[FREE], today=TODAY)


def recorded(agenda, folder, answer, tmp_path, *, mock=False):
    """A run against a server that answers so, recorded."""
    secret = Secret(KEY, "FILM_MAKER_KEY")
    recorder = Recorder(folder, agenda, (secret,))
    with serving(answer) as (url, _):
        wire = Wire(url, header="X-Film-Key", prefix="", key=secret, pace=Pace(None), timeout=5)
        with wire, Journal(tmp_path / "journal.jsonl") as journal:
            result = run(agenda, lambda _: wire, mode="mock" if mock else "live", journal=journal, recorder=recorder)
    return result, recorder.write()


def replayed(agenda, folder):
    return run(agenda, lambda subject: Replay(folder, subject), mode="replay")


def echoing(method, path, headers, body):
    """A refusal that tells everything that nobody should store."""
    return 400, {
        "error": f"bad key {headers['x-film-key']} for {body and body.get('ticket')}",
        "issues": [
            {"code": "custom", "path": ["title"], "message": "see https://s.example.com/a?X-Amz-Signature=abc&b=c"},
            {"account": "acct_1", "authorization": "Bearer abcdefghijkl", "cookie": "a=b"},
        ],
    }


def told(result):
    return [(each.id, each.target, each.stage, each.message, each.pointer, each.times) for each in result.findings]


@pytest.mark.parametrize("answer", [refusing, echoing, lambda *_: (200, {"film": TASK})])
def test_a_replay_finds_what_the_live_run_found(agenda, tmp_path, answer):
    live, (path,) = recorded(agenda, tmp_path / "rec", answer, tmp_path)
    again = replayed(agenda, tmp_path / "rec")
    assert told(again) == told(live)
    assert [each.outcome for each in again.exchanges] == [each.outcome for each in live.exchanges]
    assert again.stopped == live.stopped
    assert path.name == file_name(TARGET)


def test_a_recording_holds_no_key_no_fresh_id_and_no_signature(agenda, tmp_path):
    _, (path,) = recorded(agenda, tmp_path / "rec", echoing, tmp_path)
    text = path.read_text(encoding="utf-8")
    for each in (KEY, "abcdefghijkl", "acct_1", "a=b", "X-Amz", "127.0.0.1"):
        assert each not in text
    journal = (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
    for line in journal.splitlines():
        assert all(each not in text for each in json.loads(line)["ids"])
    assert ID in text


def test_a_recording_says_of_which_document_it_is_and_is_the_same_again(agenda, tmp_path):
    _, (one,) = recorded(agenda, tmp_path / "one", refusing, tmp_path)
    (tmp_path / "journal.jsonl").unlink()
    _, (two,) = recorded(agenda, tmp_path / "two", refusing, tmp_path)
    assert one.read_bytes() == two.read_bytes()
    data = json.loads(one.read_text(encoding="utf-8"))
    assert data["document"]["sha256"] == agenda.subjects[0].sha256
    assert [each["key"] for each in data["exchanges"]] == [each.key for each in agenda.requests]


def test_recordings_of_another_document_fail(agenda, tmp_path):
    recorded(agenda, tmp_path / "rec", refusing, tmp_path)
    path = tmp_path / "rec" / file_name(TARGET)
    data = json.loads(path.read_text(encoding="utf-8"))
    data["document"]["sha256"] = "0" * 64
    path.write_text(json.dumps(data), encoding="utf-8")
    result = replayed(agenda, tmp_path / "rec")
    assert [each.id for each in result.findings] == ["recording-of-another-document"]
    assert result.exchanges == ()


def test_a_request_without_a_recording_fails_and_is_named(agenda, tmp_path):
    recorded(agenda, tmp_path / "rec", refusing, tmp_path)
    path = tmp_path / "rec" / file_name(TARGET)
    data = json.loads(path.read_text(encoding="utf-8"))
    gone = data["exchanges"].pop(3)
    path.write_text(json.dumps(data), encoding="utf-8")
    result = replayed(agenda, tmp_path / "rec")
    (finding,) = [each for each in result.findings if each.id == "missing-recording"]
    assert (finding.level, finding.times, finding.evidence["keys"]) == ("error", 1, [gone["key"]])


def test_no_recordings_at_all_fail(agenda, tmp_path):
    result = replayed(agenda, tmp_path)
    (finding,) = result.findings
    assert (finding.id, finding.times) == ("missing-recording", len(agenda.requests))


def test_recordings_that_nothing_asks_for_are_told(agenda, tmp_path):
    recorded(agenda, tmp_path / "rec", refusing, tmp_path)
    fewer = plan(registry(), [TARGET], stages=[FREE], only=["required"], today=TODAY)
    result = replayed(fewer, tmp_path / "rec")
    assert len(result.unused[TARGET]) == len(agenda.requests) - len(fewer.requests)


def test_recording_again_keeps_what_is_still_asked_and_drops_the_rest(agenda, tmp_path):
    recorded(agenda, tmp_path / "rec", refusing, tmp_path)
    fewer = plan(registry(), [TARGET], stages=[FREE], only=["required"], today=TODAY)
    recorded(fewer, tmp_path / "rec", echoing, tmp_path)
    data = json.loads((tmp_path / "rec" / file_name(TARGET)).read_text(encoding="utf-8"))
    assert {each["key"] for each in data["exchanges"]} == {each.key for each in fewer.requests}


def test_what_says_nothing_is_not_recorded(agenda, tmp_path):
    _, written = recorded(agenda, tmp_path / "rec", lambda *_: (500, {"error": "oh"}), tmp_path)
    assert written == ()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"recording": 2}', '{"recording": 1, "target": "other/target"}', "no"]
)
def test_a_file_that_is_no_recording_is_refused(agenda, tmp_path, text):
    (tmp_path / file_name(TARGET)).write_text(text, encoding="utf-8")
    with pytest.raises(ContractError):
        replayed(agenda, tmp_path)


REDACTED = [
    # what is answered                                          what is stored
    ({"message": "no"},                                         {"message": "no"}),
    ({"apiKey": "abc"},                                         {"apiKey": "<redacted>"}),
    ({"a": [{"Set-Cookie": "a=b"}]},                            {"a": [{"Set-Cookie": "<redacted>"}]}),
    ({"accountId": 5, "userName": "x", "email": "a@b.example"}, {"accountId": "<redacted>", "userName": "<redacted>",
                                                                 "email": "<redacted>"}),
    ({"X-Amz-Security-Token": "x"},                             {"X-Amz-Security-Token": "<redacted>"}),
    ({"keys": ["extra"], "code": "unrecognized_keys"},          {"keys": ["extra"], "code": "unrecognized_keys"}),
    ({"parameter": "apiKey"},                                   {"parameter": "apiKey"}),
    ({"tokens": {"used": 5}},                                   {"tokens": {"used": 5}}),
    ({"u": "https://h.example/p?sig=1&x=2#f"},                  {"u": "https://h.example/p?<redacted>#f"}),
    ({"u": "see https://h.example/p."},                         {"u": "see https://h.example/p."}),
    ({"u": "https://me:pw@h.example/p"},                        {"u": "https://<redacted>@h.example/p"}),
    ({"m": "Authorization: Bearer abcdefgh12"},                 {"m": "Authorization: Bearer <redacted>"}),
    ({"m": "the bearer of this"},                               {"m": "the bearer of this"}),
    ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln",                          "<redacted>"),
]  # fmt: skip


@pytest.mark.parametrize(("answered", "stored"), REDACTED)
def test_secrets_accounts_and_queries_are_not_stored(answered, stored):
    assert redacted(answered, NAMES) == stored


ADDRESSES = st.from_regex(r"https://[a-z:@]{1,9}/[a-z]{0,3}(\?[a-zX=&%<]{0,9})?(#a)?", fullmatch=True)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | ADDRESSES,
                    lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=8))  # fmt: skip
def test_redacting_twice_is_redacting_once(value):
    once = redacted(value, NAMES)
    assert redacted(once, NAMES) == once


LEFT = [
    '"apiKey": "abc"',
    '"Authorization": "x"',
    "Bearer abcdefgh12345",
    "https://h.example/a?X-Amz-Signature=abc",
    "https://h.example/a?b=1&token=abc",
    "https://user:pass@h.example",
    "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln",
    KEY,
    json.dumps({"a": f"x{KEY}y"}),
]


@pytest.mark.parametrize("text", LEFT)
def test_a_file_with_a_secret_is_not_written_and_the_message_does_not_tell_it(text):
    with pytest.raises(SecretLeft) as caught:
        scan(f"{{\n{text}}}", "x.json", (Secret(KEY, "FILM_MAKER_KEY"),))
    assert "was not written" in str(caught.value)
    assert KEY not in str(caught.value)
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("text", ['"apiKey": "<redacted>"', "?<redacted>", "the token is wrong", '"token": null'])
def test_a_file_without_a_secret_is_written(text):
    scan(text, "x.json", (Secret(KEY, "FILM_MAKER_KEY"),))


def test_what_is_scanned_is_what_is_written(agenda, tmp_path, monkeypatch):
    monkeypatch.setattr("preroll_fuzz.contract.recording.redacted", lambda value, _: value)
    with pytest.raises(SecretLeft):
        recorded(agenda, tmp_path / "rec", echoing, tmp_path)
    assert not (tmp_path / "rec").exists()


def test_a_folder_that_cannot_be_written_is_told(agenda, tmp_path):
    (tmp_path / "rec").write_text("a file", encoding="utf-8")
    with pytest.raises(ContractError, match="cannot be written"):
        recorded(agenda, tmp_path / "rec", refusing, tmp_path)


def test_the_exact_numbers_of_a_payload_survive(tmp_path):
    large = changed()
    at = large["paths"]["/films"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    at["seconds"]["maximum"] = 2**63
    agenda = plan(registry(large), [TARGET], stages=[FREE], only=["/seconds"], today=TODAY)
    live, _ = recorded(agenda, tmp_path / "rec", refusing, tmp_path)
    assert told(replayed(agenda, tmp_path / "rec")) == told(live)
