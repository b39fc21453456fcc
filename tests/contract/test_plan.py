"""
What would be sent: nothing that could cost money, and nothing that is not what it says.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from tests.contract.filmmaker import DOCUMENT, FACTS, ID, TARGET, TODAY, changed, registry

from preroll import check
from preroll.envelope import Envelope
from preroll.registry import Registry, Vendor
from preroll_fuzz.contract import DRY_RUN, FREE, PAID, ContractError, plan
from preroll_fuzz.contract.agenda import REASONS, Proofs
from preroll_fuzz.plan import places

BUNDLED = Registry.bundled()
ASKED = ["runware/runware:190@1", "runware/alibaba:wan@2.7", "runwayml/text_to_video", "runwayml/uploads"]


@pytest.fixture(scope="module")
def agendas():
    found = {name: plan(BUNDLED, [name], stages=[FREE], today=TODAY) for name in ASKED}
    found[TARGET] = plan(registry(), [TARGET], stages=[FREE], today=TODAY)
    return found


def free(document=DOCUMENT, **options):
    known = options.pop("registry", None) or registry(document)
    (subject,) = plan(known, [TARGET], stages=[FREE], today=TODAY, **options).subjects
    return subject


def left(subject, reason):
    return [each.what for each in subject.left if each.reason == reason]


# --- laws of the free stage ---


@pytest.mark.parametrize("name", [*ASKED, TARGET])
def test_everything_that_is_free_is_refused_as_published_and_as_intended(agendas, name):
    agenda = agendas[name]
    for each in agenda.requests:
        target = agenda.registry.targets[each.target.partition("#")[0]]
        body = agenda.registry.schema(target, target.body, published=True)
        assert not jsonschema_rs.Draft202012Validator(body, validate_formats=True).is_valid(each.payload)
        assert check(each.payload, target, registry=agenda.registry, today=TODAY).verdict == "invalid"


@pytest.mark.parametrize("name", [*ASKED, TARGET])
def test_a_free_payload_has_one_fault_and_its_target_is_told_of_it(agendas, name):
    for each in agendas[name].requests:
        report = check(each.payload, each.target, registry=agendas[name].registry, today=TODAY)
        errors = [one for one in report.violations if one.severity == "error"]
        assert each.fault is not None
        assert each.fault.rule in {one.rule for one in errors}


@pytest.mark.parametrize("name", [*ASKED, TARGET])
def test_no_payload_is_taken_by_another_target_of_its_service(agendas, name):
    agenda = agendas[name]
    for each in agenda.requests:
        mine = agenda.registry.targets[each.target]
        for other in agenda.registry.targets.values():
            same = (other.path, other.method) == (mine.path, mine.method) and other.vendor == mine.vendor
            if same and other.described and other.name != mine.name:
                assert check(each.payload, other, registry=agenda.registry, today=TODAY).verdict == "invalid"


@pytest.mark.parametrize("name", [*ASKED, TARGET])
@pytest.mark.parametrize("stage", [FREE, PAID])
def test_nothing_that_is_sent_calls_or_fetches_anything_real(name, stage):
    known = registry() if name == TARGET else BUNDLED
    for each in plan(known, [name], stages=[stage], prose=True, today=TODAY).requests:
        never = set(known.vendor(each.target.partition("/")[0]).envelope.service.never)
        for path, value in places(each.payload, ()):
            assert not never & set(map(str, path))
            for address in re.findall(r"(?i)https?://[^\s\"']+", value) if isinstance(value, str) else ():
                host = urlsplit(address).hostname or ""
                assert re.search(r"(^|\.)(example\.(com|org|net)|example|invalid|test)$", host), address


@pytest.mark.parametrize("name", [*ASKED, TARGET])
def test_every_request_is_sent_once_and_has_a_name_of_its_own(agendas, name):
    requests = agendas[name].requests
    assert len({each.key for each in requests}) == len(requests)
    assert len({json.dumps(each.payload, sort_keys=True) for each in requests}) == len(requests)


@pytest.mark.parametrize("name", [*ASKED, TARGET])
def test_an_agenda_is_the_same_every_time(agendas, name):
    again = plan(agendas[name].registry, [name], stages=[FREE], today=TODAY)
    assert [each.key for each in again.requests] == [each.key for each in agendas[name].requests]


@pytest.mark.parametrize("name", [*ASKED, TARGET])
def test_what_no_service_could_mend_comes_first(agendas, name):
    ranks = [each.rank for each in agendas[name].requests]
    assert ranks == sorted(ranks)


def test_what_sets_the_price_is_pinned_to_its_cheapest_value_unless_it_is_the_fault():
    for each in free().requests:
        if isinstance(each.payload, dict) and each.payload.get("grain") != "coarse":
            for name in ("seconds", "copies"):
                assert each.pointer == f"/{name}" or each.payload.get(name) == 1, each


# --- what is left out ---


def test_a_fault_of_prose_alone_is_left_out_unless_it_is_asked_for():
    assert left(free(), "prose")
    assert not any("coarse-copies" in each.grounds for each in free().requests)
    with_prose = free(prose=True)
    assert not left(with_prose, "prose")
    assert with_prose.requests[-1].grounds == ("rule:coarse-copies",)


def test_a_member_that_would_call_somebody_is_never_sent():
    assert {each.partition(" at ")[2].rpartition("/")[0].rpartition("/")[2] for each in left(free(), "never-sent")} == {
        "bell"
    }


def test_an_address_of_a_real_host_is_left_out():
    assert [each.partition(":")[0] for each in left(free(), "address")] == ["min-length"]


def test_payloads_that_are_the_same_are_sent_once():
    subject = free()
    folded = [each for each in subject.requests if each.also]
    assert len(left(subject, "same-payload")) == sum(len(each.also) for each in folded)


def test_a_payload_that_another_target_takes_is_known(tmp_path):
    clip = changed()
    schema = clip["paths"]["/films"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["kind"] = {"const": "clip"}
    del clip["paths"]["/films/{film}"]  # the other document describes it
    files = [tmp_path / "film.json", tmp_path / "clip.json"]
    for file, document in zip(files, (DOCUMENT, clip), strict=True):
        file.write_text(json.dumps(document), encoding="utf-8")
    envelope = Envelope(
        vendor="film-maker", hosts=("api.film-maker.example",), name_by="kind", told_by=("kind",), service=FACTS
    )
    known = BUNDLED.extended({**BUNDLED.vendors, "film-maker": Vendor(envelope, None)}, *files)
    proofs = Proofs(known, known.targets["film-maker/film"])
    task = {"ticket": ID, "kind": "clip", "title": "rain"}
    assert proofs.taken_elsewhere(task, task) == "film-maker/clip"
    assert proofs.taken_elsewhere({**task, "kind": "film"}, task | {"kind": "film"}) == ""
    assert plan(known, ["film-maker/film"], stages=[FREE], today=TODAY).requests


def test_a_payload_that_another_target_takes_is_left_out(monkeypatch):
    monkeypatch.setattr(Proofs, "taken_elsewhere", lambda *_: "film-maker/clip")
    assert not free().requests
    assert left(free(), "other-target")


def test_a_word_that_another_model_could_be_called_by_is_left_out():
    told = changed()
    schema = told["paths"]["/films"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["kind"] = {"const": "film", "minLength": 1, "type": "string"}
    for each in free(told).requests:
        kind = each.payload.get("kind") if isinstance(each.payload, dict) else None
        assert kind == "film" or not isinstance(kind, str) or not kind.strip()


def test_a_request_of_two_tasks_is_left_out_because_one_of_them_could_run():
    subject = plan(BUNDLED, ["runware/runware:190@1"], stages=[FREE], today=TODAY).subjects[0]
    assert [each.partition(":")[0] for each in left(subject, "request")] == ["task-id-repeated"]
    assert all(len(each.payload) == 1 for each in subject.requests)


def test_a_fault_of_a_correction_alone_is_left_out():
    subject = plan(BUNDLED, ["runware/runware:190@1"], stages=[FREE], today=TODAY).subjects[0]
    assert any("fps" in each for each in left(subject, "correction"))
    with_prose = plan(BUNDLED, ["runware/runware:190@1"], stages=[FREE], prose=True, today=TODAY).subjects[0]
    grounds = {each for one in with_prose.requests for each in one.grounds}
    assert "correction:frame-rate-without-minimum" in grounds


def test_what_the_corrections_allow_is_never_free():
    subject = plan(BUNDLED, ["runware/runware:190@1"], stages=[FREE], as_published=True, today=TODAY).subjects[0]
    assert left(subject, "not-intended")
    for each in subject.requests:
        assert check(each.payload, each.target, today=TODAY).verdict == "invalid"


def test_every_reason_is_in_words():
    for each in free(prose=False).left:
        assert each.words == REASONS[each.reason]


# --- dry runs and paid runs ---


def test_a_dry_run_begins_with_one_cheapest_valid_payload_whatever_is_asked_for():
    agenda = plan(registry(), [TARGET], stages=[DRY_RUN], only=["required"], today=TODAY)
    first, *others = agenda.requests
    assert first.valid
    assert first.payload["seconds"] == first.payload["copies"] == 1
    assert all(not each.valid for each in others)


def test_a_dry_run_asks_everything_that_the_free_stage_asks_but_once():
    both = plan(registry(), [TARGET], stages=[FREE, DRY_RUN], today=TODAY)
    free_ = [json.dumps(each.payload) for each in both.requests if each.stage == FREE]
    dry = [json.dumps(each.payload) for each in both.requests if each.stage == DRY_RUN]
    assert not set(free_) & set(dry)
    assert any(each.grounds == ("rule:coarse-copies",) for each in both.requests if each.stage == DRY_RUN)


def test_paid_requests_are_valid_and_the_cheapest_come_first():
    agenda = plan(registry(), [TARGET], stages=[PAID], today=TODAY)
    assert agenda.requests
    assert all(each.valid for each in agenda.requests)
    amounts = [each.price.amount for each in agenda.requests]
    assert amounts == sorted(amounts, key=lambda each: each or 0)


def test_max_requests_is_of_each_stage():
    agenda = plan(registry(), [TARGET], stages=[FREE, DRY_RUN], max_requests=3, today=TODAY)
    (subject,) = agenda.subjects
    assert [len(subject.of_stage(each)) for each in (FREE, DRY_RUN)] == [3, 3]
    assert left(subject, "beyond-limit")


def test_only_keeps_what_holds_the_text():
    assert {each.fault.rule for each in free(only=["MAXIMUM"]).requests if each.fault} == {"maximum"}
    assert {each.pointer for each in free(only=["/seconds"]).requests} == {"/seconds"}


# --- what cannot be asked ---


REFUSED = [
    # what is wrong                     the document, the facts                          what is said
    ("a target without a body",         changed(), FACTS, "film-maker/films/{film}",     "describes no payload"),
    ("no dry run is known",             changed(), FACTS._replace(dry_run=None), TARGET, "no dry run"),
    ("the key travels in the address",
     changed(components__securitySchemes__key={"type": "apiKey", "in": "query", "name": "key"}), FACTS, TARGET,
     "query"),
    ("the key would decide where it goes",
     changed(components__securitySchemes__key={"type": "apiKey", "in": "header", "name": "Host"}), FACTS, TARGET,
     "is not sent"),
    ("a header that nobody knows",
     changed(**{"paths__/films__post__parameters": [{"name": "X-Who", "in": "header", "required": True}]}), FACTS,
     TARGET, "header.X-Who"),
    ("a header that ends the message",
     changed(**{"paths__/films__post__parameters": [
         {"name": "X-A", "in": "header", "schema": {"const": "1\r\nHost: other.example"}}]}), FACTS, TARGET,
     "is not sent"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "facts", "target", "said"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_what_cannot_be_asked_is_refused_with_its_reason(document, facts, target, said):
    with pytest.raises(ContractError, match=re.escape(said)):
        plan(registry(document, facts), [target], stages=[DRY_RUN], today=TODAY)


def test_a_vendor_that_nobody_has_described_is_read_from_its_document():
    known = registry(facts=None)
    (subject,) = plan(known, [TARGET], stages=[FREE], today=TODAY).subjects
    assert subject.service.servers == ("https://api.film-maker.example/v2",)
    assert (subject.service.key_header, subject.service.key_prefix) == ("X-Film-Key", "")
    assert subject.service.headers == {"X-Edition": "3"}
    assert subject.service.facts.key == ""
    assert subject.requests


def test_an_operation_stands_for_its_models_and_a_model_beside_it_adds_nothing():
    both = plan(BUNDLED, ["runwayml/text_to_video", "runwayml/text_to_video#veo3"], stages=[FREE], today=TODAY)
    assert [each.target.name for each in both.subjects] == ["runwayml/text_to_video"]


def test_a_plan_needs_no_http_client_and_opens_no_socket(sockets):
    command = (
        "import sys; from preroll.cli import main; code = main(['contract', 'runware:190@1']);"
        "assert 'httpx' not in sys.modules; sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    plan(registry(), [TARGET], stages=[FREE], today=TODAY)
    assert sockets == []


def test_the_samples_of_ids_stay_in_the_plan():
    assert ID in {each.payload.get("ticket") for each in free().requests if isinstance(each.payload, dict)}
