"""
Runs against a small server: when they go on, when they stop, and what is never done twice.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.filmmaker import ID, KEY, TARGET, TODAY, changed, refusing, registry, serving

from preroll import source
from preroll.dialect import equal
from preroll_fuzz.contract import DRY_RUN, FREE, PAID, ContractError, plan, run
from preroll_fuzz.contract.journal import Journal
from preroll_fuzz.contract.messages import written
from preroll_fuzz.contract.recording import Replay
from preroll_fuzz.contract.service import Cancel, Service, address, allowed, checked, moved
from preroll_fuzz.contract.wire import ATTEMPTS, LONGEST_WAIT, Pace, Secret, Wire, retry_after

TASK = "0f8fad5b-d9cb-469f-a165-70867728950e"


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now, self.slept = 1000.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def asked_of(answer, tmp_path, clock, *, stages=(FREE,), mock=False, timeout=5.0, document=None, **options):
    """The result of a run against a server that answers so, and what it was asked."""
    known = registry(document) if document else registry()
    more = {name: options.pop(name) for name in ("only", "max_requests", "prose") if name in options}
    agenda = plan(known, [TARGET], stages=stages, mock=mock, today=TODAY, **more)
    with serving(answer) as (url, asked):
        key = None if mock else Secret(KEY, "FILM_MAKER_KEY")
        wire = Wire(
            url,
            header="X-Film-Key",
            prefix="",
            key=key,
            pace=Pace(None, clock=clock, sleep=clock.sleep),
            timeout=timeout,
        )
        with wire, Journal(tmp_path / "journal.jsonl") as journal:
            options.setdefault("journal", journal)
            result = run(agenda, lambda _: wire, mode="mock" if mock else "live", **options)
    return result, asked


def of(result, name):
    return [each for each in result.findings if each.id == name]


def test_a_service_that_refuses_everything_is_asked_everything(tmp_path, clock):
    result, asked = asked_of(refusing, tmp_path, clock)
    assert len(asked) == len(result.agenda.requests) == result.count("refused")
    assert not result.stopped


def test_a_request_carries_what_it_must_and_nothing_else(tmp_path, clock):
    _, asked = asked_of(refusing, tmp_path, clock, only=["required"])
    for method, path, headers, body in asked:
        assert (method, path, headers["x-film-key"], headers["x-edition"]) == ("POST", "/films", KEY, "3")
        assert "x-rehearsal" not in headers
        assert headers["content-type"] == "application/json"
        assert body.get("ticket") != ID


NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)


@given(st.recursive(NUMBERS | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=8))
def test_what_is_sent_is_exact(value):
    again = source.read_json(written(value).encode("utf-8", "surrogatepass"), "x")
    assert equal(again, value)


def test_a_number_beyond_64_bits_is_sent_as_a_number(tmp_path, clock):
    large = changed()
    at = large["paths"]["/films"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    at["seconds"]["maximum"] = 2**63 - 1
    _, asked = asked_of(refusing, tmp_path, clock, document=large, only=["maximum: maximum at"])
    assert 2**63 in [body.get("seconds") for _, _, _, body in asked]


def test_a_mock_is_given_no_key(tmp_path, clock):
    _, asked = asked_of(refusing, tmp_path, clock, mock=True, only=["required"])
    assert {headers["x-film-key"] for _, _, headers, _ in asked} == {"a-mock-needs-no-key"}


def taking(method, path, headers, body):
    return (204, None) if method == "DELETE" else (200, {"film": TASK})


def test_the_first_unexpected_acceptance_ends_the_run_and_is_cancelled(tmp_path, clock):
    result, asked = asked_of(taking, tmp_path, clock)
    assert [(method, path) for method, path, _, _ in asked] == [("POST", "/films"), ("DELETE", f"/films/{TASK}")]
    (finding,) = of(result, "accepted-though-invalid")
    assert TASK in finding.message
    assert finding.message.endswith("; cancelled")
    assert finding.evidence["cancelled"] == "cancelled"
    assert result.stopped


@pytest.mark.parametrize(
    ("task", "status", "said"),
    [
        (TASK,             404, "not cancelled: the service answered 404"),
        ("../../accounts", 204, "does not allow"),
        ("..",             204, "does not allow"),
        ("a/b?c",          204, "does not allow"),
        ("",               204, "nothing says which task"),
    ],
)  # fmt: skip
def test_only_an_id_that_the_document_allows_is_cancelled(tmp_path, clock, task, status, said):
    def answer(method, path, headers, body):
        return (status, None) if method == "DELETE" else (200, {"film": task})

    result, asked = asked_of(answer, tmp_path, clock)
    assert said in of(result, "accepted-though-invalid")[0].message
    assert all(path == f"/films/{TASK}" for method, path, _, _ in asked if method == "DELETE")


@pytest.mark.parametrize("task", ["..", ".", ""])
def test_an_id_never_changes_the_address_even_where_the_document_allows_it(task):
    known = registry(changed(**{"paths__/films/{film}__delete__parameters": [
        {"name": "film", "in": "path", "required": True, "schema": {"type": "string"}}]}))  # fmt: skip
    target = known.targets["film-maker/films/{film}"]
    cancel = Cancel(target, "DELETE", target.path, "film", target.parameters[0].schema, {})
    with pytest.raises(ContractError):
        cancel.filled(known, task)
    assert cancel.filled(known, "a/../b?c#d") == "/films/a%2F..%2Fb%3Fc%23d"


STOPS = [
    # what the service does                  requests  the outcome     why it stops
    ((401, {"error": "who?"}),               1,        "inconclusive", "key"),
    ((402, {"error": "pay"}),                1,        "inconclusive", "credits"),
    ((403, {"error": "no"}),                 1,        "inconclusive", "may not"),
    ((500, {"error": "oh"}),                 3,        "inconclusive", "one after the other"),
    ((404, {"error": "where?"}),             3,        "inconclusive", "one after the other"),
    ((413, {"error": "large"}),              3,        "inconclusive", "one after the other"),
    ((502, {"error": "gateway"}),            1,        "unclear",      "may have been accepted"),
    ((504, {"error": "gateway"}),            1,        "unclear",      "may have been accepted"),
    ((200, b"<html>", {"content-type": "text/html"}), 1, "unclear",    "may have been accepted"),
    ((200, b"{", {"content-type": "application/json"}), 1, "unclear",  "may have been accepted"),
    ((400, b"<html>", {"content-type": "text/html"}), 3, "inconclusive", "one after the other"),
    ((307, None, {"location": "https://elsewhere.example/x?key=1"}), 1, "inconclusive", "elsewhere.example, which"),
    ((400, b" " * 5_000_000, {"content-type": "application/json"}), 3, "inconclusive", "one after the other"),
    ((200, b" " * 5_000_000, {"content-type": "application/json"}), 1, "unclear", "may have been accepted"),
    ((200, b"\x1f\x8b", {"content-encoding": "gzip"}), 1, "unclear",   "may have been accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "number", "outcome", "why"), STOPS)
def test_what_says_nothing_is_no_evidence_and_ends_the_run(tmp_path, clock, answer, number, outcome, why):
    result, asked = asked_of(lambda *_: answer, tmp_path, clock)
    assert len(asked) == number == result.count(outcome)
    assert why in result.stopped
    assert all(each.is_inconclusive for each in result.findings)
    (left,) = of(result, "not-asked")
    assert left.times == len(result.agenda.requests) - number


def test_a_mock_is_asked_on_whatever_it_answers(tmp_path, clock):
    result, asked = asked_of(taking, tmp_path, clock, mock=True)
    assert len(asked) == len(result.agenda.requests)
    assert {method for method, _, _, _ in asked} == {"POST"}
    assert len(of(result, "accepted-though-invalid")) == result.count("accepted")


def test_an_answer_that_takes_too_long_may_have_been_an_acceptance(tmp_path):
    def slow(*_):
        time.sleep(0.5)
        return 400, {"error": "no"}

    class Real(Clock):
        def __call__(self):
            return time.monotonic()

    result, asked = asked_of(slow, tmp_path, Real(), timeout=0.1)
    assert len(asked) == 1
    (finding,) = of(result, "may-have-been-accepted")
    assert "no answer within 0.1 s" in finding.message


def test_a_server_that_is_not_there_was_sent_nothing(tmp_path, clock):
    agenda = plan(registry(), [TARGET], stages=[FREE], today=TODAY)
    with serving(refusing) as (url, _):
        pass
    wire = Wire(url, header="K", prefix="", key=Secret(KEY, "K"), pace=Pace(None), timeout=2)
    with wire, Journal(tmp_path / "j.jsonl") as journal:
        result = run(agenda, lambda _: wire, journal=journal)
    assert result.count("not-sent") == 1
    assert "cannot be reached" in result.stopped
    with Journal(tmp_path / "j.jsonl") as again:
        assert not again.taken


# --- 429 ---


def test_a_request_that_was_not_taken_is_sent_again_after_the_time_that_is_asked_for(tmp_path, clock):
    answers = iter([(429, {"error": "slow"}, {"retry-after": "7"}), (429, {"error": "slow"})])
    result, asked = asked_of(lambda *_: next(answers, (400, {"error": "no"})), tmp_path, clock, only=["/seconds"])
    assert clock.slept == [7.0, 2.0]
    assert len(asked) == len(result.agenda.requests) + 2
    assert asked[0][3] == asked[1][3] == asked[2][3]
    assert result.count("refused") == len(result.agenda.requests)


def test_who_asks_for_too_much_patience_is_not_asked_again(tmp_path, clock):
    answer = (429, {"error": "slow"}, {"retry-after": "86400"})
    result, asked = asked_of(lambda *_: answer, tmp_path, clock)
    assert (len(asked), clock.slept) == (1, [])
    assert "86400 s" in result.stopped


def test_a_request_is_not_repeated_for_ever(tmp_path, clock):
    result, asked = asked_of(lambda *_: (429, {"error": "slow"}, {"retry-after": "1"}), tmp_path, clock)
    assert len(asked) == ATTEMPTS
    assert "429" in result.stopped


def test_a_503_may_have_been_accepted_elsewhere_so_it_is_waited_for_but_not_repeated(tmp_path, clock):
    answers = iter([(503, {"error": "busy"}, {"retry-after": "5"})])
    _, asked = asked_of(lambda *_: next(answers, (400, {"error": "no"})), tmp_path, clock, only=["/seconds"])
    assert clock.slept == [5.0]
    assert asked[0][3] != asked[1][3]


AFTER = [
    ("7",                             7.0),
    (" 7 ",                           7.0),
    ("",                              None),
    ("soon",                          None),
    ("-1",                            None),
    ("٧",                             None),
    ("9" * 400,                       999999999.0),
    ("Sun, 15 Jun 2025 12:01:00 GMT", 60.0),
    ("Sun, 15 Jun 2025 11:00:00 GMT", 0.0),
    ("Sun, 99 Jun 2025 11:00:00 GMT", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), AFTER)
def test_retry_after_is_a_number_or_a_date(text, seconds):
    from datetime import UTC, datetime

    assert retry_after({"retry-after": text}, datetime(2025, 6, 15, 12, tzinfo=UTC)) == seconds
    assert LONGEST_WAIT > 60


def test_a_rate_is_kept(clock):
    pace = Pace(2, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        pace.turn()
    assert clock.slept == [0.5, 0.5]


# --- dry runs ---


def rehearsing(method, path, headers, body):
    return 200, {"usd": 0.25, "rehearsal": True, "film": TASK}


def test_a_dry_run_that_says_so_prices_and_runs_nothing(tmp_path, clock):
    result, asked = asked_of(rehearsing, tmp_path, clock, stages=[DRY_RUN], only=["plain"])
    assert {headers["x-rehearsal"] for _, _, headers, _ in asked} == {"yes"}
    assert not of(result, "charged-dry-run")
    assert result.told == Decimal("0.25") * len(asked)


CHARGES = [
    # the answer to a dry run                               whether something ran
    ({"usd": 0.25},                                         False),
    ({"film": TASK, "rehearsal": True},                     False),
    ({"film": TASK},                                        True),
    ({"film": TASK, "rehearsal": "yes"},                    True),
    ({"film": TASK, "usd": 0.25},                           True),
    ({"reel": "https://cdn.example.com/r", "rehearsal": True}, True),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "charged"), CHARGES)
def test_a_dry_run_that_starts_something_ends_the_run_after_one_request(tmp_path, clock, answer, charged):
    def service(method, path, headers, body):
        return (204, None) if method == "DELETE" else (200, answer)

    result, asked = asked_of(service, tmp_path, clock, stages=[DRY_RUN])
    posts = [body for method, _, _, body in asked if method == "POST"]
    assert bool(of(result, "charged-dry-run")) is charged
    assert (len(posts) == 1) is charged
    assert (posts[0]["seconds"], posts[0]["copies"]) == (1, 1)


# --- paid runs ---


def costing(usd):
    return lambda *_: (200, {"film": TASK, "usd": usd} if usd is not None else {"film": TASK})


PAYING = [
    # each costs  the most  requests
    (0.10,        "100",    None),
    (None,        "100",    None),
    (50,          "60",     1),
]  # fmt: skip


@pytest.mark.parametrize(("usd", "most", "number"), PAYING)
def test_a_paid_run_stops_before_it_costs_too_much(tmp_path, clock, usd, most, number):
    result, asked = asked_of(costing(usd), tmp_path, clock, stages=[PAID], max_cost=Decimal(most))
    assert len(asked) == (number or len(result.agenda.requests))
    assert bool(result.stopped) == (number is not None)


def test_a_paid_run_that_could_cost_too_much_does_not_begin(tmp_path, clock):
    result, asked = asked_of(costing(0), tmp_path, clock, stages=[PAID], max_cost=Decimal("0.49"))
    assert asked == []
    assert "more than --max-cost" in result.stopped


@pytest.mark.parametrize(("usd", "paid"), [(0.25, True), (None, False), (1000, False)])
def test_what_no_document_prices_is_priced_by_a_dry_run_of_the_same_or_not_paid_for(tmp_path, clock, usd, paid):
    def service(method, path, headers, body):
        if "x-rehearsal" in headers:
            return 200, {"rehearsal": True} | ({} if usd is None else {"usd": usd})
        return 200, {"film": TASK}

    unpriced = changed(**{"info__x-pricing": None})
    result, asked = asked_of(
        service, tmp_path, clock, stages=[DRY_RUN, PAID], max_cost=Decimal(500), document=unpriced, only=["plain"]
    )
    for_money = [headers for _, _, headers, _ in asked if "x-rehearsal" not in headers]
    assert bool(for_money) is paid
    assert bool(result.stopped) is not paid


def test_a_paid_run_without_a_limit_does_not_begin(tmp_path, clock):
    result, asked = asked_of(costing(0), tmp_path, clock, stages=[PAID])
    assert (asked, "--max-cost" in result.stopped) == ([], True)


# --- the journal ---


def test_a_live_run_needs_a_journal():
    agenda = plan(registry(), [TARGET], stages=[FREE], today=TODAY)
    with pytest.raises(ContractError, match="journal"):
        run(agenda, lambda subject: Replay(Path(), subject), journal=None)


def test_what_may_have_been_accepted_is_never_sent_again(tmp_path, clock):
    answers = iter([(504, {"error": "gateway"})])
    first, asked = asked_of(lambda *_: next(answers, (400, {"error": "no"})), tmp_path, clock)
    assert len(asked) == 1
    second, again = asked_of(refusing, tmp_path, clock)
    assert len(again) == len(second.agenda.requests) - 1
    (finding,) = of(second, "may-have-been-accepted")
    sent = first.findings[0].evidence["ids"]
    assert all(each in finding.message for each in sent)


def test_what_was_accepted_and_paid_is_not_paid_again(tmp_path, clock):
    _, asked = asked_of(costing(0.1), tmp_path, clock, stages=[PAID], max_cost=Decimal(100))
    _, again = asked_of(costing(0.1), tmp_path, clock, stages=[PAID], max_cost=Decimal(100))
    assert asked
    assert again == []


def test_an_interrupted_run_keeps_its_journal_and_its_findings(tmp_path, clock):
    main = threading.main_thread().ident
    assert main is not None

    def answer(method, path, headers, body):
        if len(seen) == 2:
            signal.pthread_kill(main, signal.SIGINT)
            time.sleep(1)
        seen.append(body)
        return 400, {"error": "no"}

    seen = []
    result, _ = asked_of(answer, tmp_path, clock)
    assert result.interrupted
    assert result.count("refused") == 2
    (finding,) = of(result, "may-have-been-accepted")
    assert "interrupted" in finding.message
    with Journal(tmp_path / "journal.jsonl") as again:
        assert [each.outcome for each in again.taken.values()] == [""]


# --- keys and addresses ---


def test_a_key_that_the_service_repeats_is_in_nothing_that_is_found(tmp_path, clock, caplog):
    caplog.set_level(logging.DEBUG)

    def telling(method, path, headers, body):
        return 400, {"error": f"wrong: {headers['x-film-key']}", "issues": [KEY]}

    result, asked = asked_of(telling, tmp_path, clock)
    assert len(asked) > 3
    assert KEY not in repr(result)
    assert KEY not in caplog.text
    assert KEY not in (tmp_path / "journal.jsonl").read_text(encoding="utf-8")


def test_a_key_is_in_no_representation_and_no_message():
    assert KEY not in repr(Secret(KEY, "NAME")) + str(Secret(KEY, "NAME"))
    for bad in ("", "xyz", "two words", "ключ-ключ", "line\nbreak"):
        with pytest.raises(ContractError) as caught:
            Secret(bad, "NAME")
        assert not bad or bad not in str(caught.value).replace("NAME", "")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.film-maker.example", "ftp://127.0.0.1", "https://user:pass@host.example", "127.0.0.1:80", "",
        "https://", "https://host.example?a=b", "https://host.example#a", "https://host.example:0", "http://[::1",
        "https://ho st.example", "http://127.0.0.1.evil.example", "http://0x7f.evil.example",
    ],
)  # fmt: skip
def test_a_key_travels_encrypted_or_stays_on_this_machine(url):
    with pytest.raises(ContractError) as caught:
        checked(url)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://host.example", "http://127.0.0.1:80", "http://[::1]:9", "http://localhost:1"])
def test_an_address_that_may_be_asked(url):
    assert checked(url + "/") == url


HOSTS = [
    # the address                       allowed hosts             may it be asked
    ("https://api.maker.example/v2",    [],                       True),
    ("https://API.MAKER.EXAMPLE./v1",   [],                       True),
    ("https://api.maker.example:444",   [],                       False),
    ("https://maker.example",           [],                       False),
    ("https://evil.api.maker.example",  ["api.maker.example"],    False),
    ("https://api.maker.example.evil",  [],                       False),
    ("https://other.example",           ["other.example"],        True),
    ("https://other.example:8443",      ["other.example"],        False),
    ("https://other.example:8443",      ["other.example:8443"],   True),
    ("http://127.0.0.1:80",             ["127.0.0.1"],            True),
    ("http://127.0.0.1:8080",           ["127.0.0.1"],            False),
    ("https://other.example",           ["user@other.example"],   False),
    ("https://second.example",          [],                       True),
]  # fmt: skip


@pytest.mark.parametrize(("url", "hosts", "may"), HOSTS)
def test_a_host_is_the_documents_own_or_allowed_by_name(url, hosts, may):
    own = Service(("https://api.maker.example/v2", "https://second.example", "/relative"), "POST", "/", {})
    assert allowed(url, own, hosts) is may


def test_a_document_that_names_a_known_vendor_beside_another_server_gets_no_key_for_the_other():
    own = Service(("https://evil.example", "https://api.known.example"), "POST", "/", {}, hosts=("api.known.example",))
    assert not allowed("https://evil.example", own, [])
    assert allowed("https://api.known.example", own, [])


ADDRESSES = [
    ("https://a.example/v1",  "/",       "https://a.example/v1"),
    ("https://a.example/v1/", "/films",  "https://a.example/v1/films"),
    ("https://a.example",     "/",       "https://a.example/"),
]  # fmt: skip


@pytest.mark.parametrize(("server", "path", "url"), ADDRESSES)
def test_an_address_is_the_server_and_the_path(server, path, url):
    assert address(server, path) == url


@pytest.mark.parametrize("path", ["@evil.example/", ".evil.example", ":80@evil.example", "", "/a b", "/a\r\nb", "/a?b"])
def test_a_documents_path_leads_nowhere_else(path):
    with pytest.raises(ContractError):
        address("https://a.example", path)


MOVED = [
    ("https://a.example/v1", "http://127.0.0.1:9",    "http://127.0.0.1:9/v1"),
    ("https://a.example/v1", "http://127.0.0.1:9/",   "http://127.0.0.1:9"),
    ("https://a.example/v1", "http://127.0.0.1:9/v2", "http://127.0.0.1:9/v2"),
    ("https://a.example",    "http://127.0.0.1:9",    "http://127.0.0.1:9"),
    ("",                     "http://127.0.0.1:9",    "http://127.0.0.1:9"),
]  # fmt: skip


@pytest.mark.parametrize(("own", "given", "server"), MOVED)
def test_another_server_keeps_the_path_unless_it_has_one(own, given, server):
    assert moved(own, given) == server


def test_proxies_and_passwords_of_the_environment_are_not_heeded(tmp_path, clock, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    result, _ = asked_of(refusing, tmp_path, clock, only=["/seconds"])
    assert result.count("refused") == len(result.agenda.requests)
