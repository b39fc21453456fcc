"""
The simulated services: they judge like the vendors, by a reading of their own, and misbehave only when told to.
"""

from __future__ import annotations

import ast
import json
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path

import pytest
from tests.contract.simulator import KEY, SWITCHES, VIEWS, Simulator, documents, labels
from tests.contract.simulator.judge import Judge
from tests.contract.simulator.schema import ecma, is_uri, read
from tests.payloads import BAD, GOOD, KLING, OVI, Builder, kling, ovi, task

import preroll
from preroll.registry import Registry

HERE = Path(__file__).resolve().parent / "simulator"
ROOT = HERE.parents[2]
TODAY = date(2025, 6, 15)
VERSION = {"X-Runway-Version": documents.VERSION}

# A body that does not say where it is meant to go; the rest is recognised by its shape.
MEANT = {
    "text-body-to-image-to-video": "image_to_video",
    "image_to_video-gen4-turbo-without-image": "image_to_video",
    "image_to_video-veo3-without-duration": "image_to_video",
}


def judged(view, target, payload):
    """What the simulated service finds wrong with a payload for a target."""
    judge, exact = Judge(view, TODAY), read(json.dumps(payload).encode())
    if isinstance(target, str) and target.startswith("runwayml/"):
        return judge.runwayml("/v1/" + target.removeprefix("runwayml/").partition("#")[0], exact)
    return judge.runware(exact)


def target_of(path, payload):
    if path.stem in MEANT:
        return f"runwayml/{MEANT[path.stem]}"
    return preroll.check(payload, today=TODAY).target


# --- a reading of its own ---


@pytest.mark.parametrize("path", sorted(HERE.glob("*.py")), ids=lambda path: path.name)
def test_the_simulator_shares_no_code_with_the_product(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [each for each in names if each.split(".")[0] in ("preroll", "preroll_fuzz")]
    # What it takes from the tests is its own, so nothing comes in by the back door.
    assert not [each for each in names if each.startswith("tests") and not each.startswith("tests.contract.simulator")]
    data = ("corrections", "rules.yaml", "compiled.json", "overlay")
    assert not [each for each in data if each in path.read_text(encoding="utf-8").replace("corrections of", "")]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_job_files_are_taken(path):
    payload = json.loads(path.read_text(encoding="utf-8"))
    assert judged("intended", target_of(path, payload), payload) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_job_files_are_refused(path):
    payload = json.loads(path.read_text(encoding="utf-8"))
    assert judged("intended", target_of(path, payload), payload)


@pytest.mark.parametrize("view", VIEWS)
def test_it_judges_like_the_product_whatever_it_is_sent(view):
    """Two readings of the same documents: where they part, one of them is wrong."""
    registry = Registry.bundled()
    apart, verdicts = [], []
    for path in GOOD:
        payload = json.loads(path.read_text(encoding="utf-8"))
        target = target_of(path, payload)
        if "two-models" in path.stem:
            continue  # as published, a request is for one model
        builder = Builder(registry.document(registry.targets[target]).intended, f"{view} {path.stem}")
        for times in range(40):
            broken = builder.broken(payload, 1 + times % 3)
            try:
                text = json.dumps(broken)
            except (TypeError, ValueError):
                continue  # a number that JSON has no word for
            name = target.partition("#")[0]
            published = view == "published"
            report = preroll.check_bytes(text.encode(), name, registry=registry, today=TODAY, as_published=published)
            refused = report.verdict in ("invalid", "unresolved")
            verdicts.append(refused)
            if bool(judged(view, name, json.loads(text))) != refused:
                apart.append((path.stem, report.verdict, [str(each) for each in report.violations][:2], text))
    assert apart == []
    assert 0.2 < sum(verdicts) / len(verdicts) < 0.9  # both verdicts are tried


# --- answers labelled by hand ---


@pytest.mark.parametrize("label", labels.labels(), ids=lambda label: label["id"])
def test_a_labelled_answer_is_one_that_the_judge_would_give_too(label):
    """The labels give the words; a label for a body that is fine would be a lie."""
    body = {
        "size beside frames": [kling(inputs={"frameImages": [{"image": "https://example.com/a.png"}]})],
        "frames beside references": [
            task(
                "alibaba:wan@2.7",
                inputs={
                    "frameImages": [{"image": "https://example.com/a.png"}],
                    "referenceImages": ["https://example.com/b.png"],
                },
            )
        ],
        "neither size nor frames": [task(KLING)],
        "size of another model": [kling(width=1280, height=720)],
        "resolution where there is none": [ovi(resolution="720p")],
        "no model": {"promptText": "A fox", "promptImage": "https://example.com/a.png", "ratio": "1280:720"},
        "neither image nor a known ratio": {"model": "veo3", "ratio": "16:9", "duration": 8},
    }[label["id"]]
    path = label.get("path", "/v1")
    assert labels.fits(label, label["service"], path, body)
    assert labels.answer(label["service"], path, body)
    judge = Judge("intended", TODAY)
    found = judge.runware(body) if label["service"] == "runware" else judge.runwayml(path, body)
    assert found


# --- formats and patterns, read anew ---


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        (r"^\d$", "1", True),
        (r"^\d$", "\N{FULLWIDTH DIGIT ONE}", False),
        ("^[$.]$", "$", True),
        ("^[$.]$", "x", False),
        ("a.b", "a\u2028b", False),
    ],
)
def test_patterns_are_those_of_ecma_262(pattern, text, matches):
    assert bool(ecma(pattern).search(text)) is matches


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("https://example.com/a?b#c", True),
        ("urn:isbn:1", True),
        ("mailto:a@example.com", True),
        ("https://[::1]/", True),
        ("https://[::1", False),
        ("https://a b.example.com", False),
        ("https://a/%zz", False),
        ("//example.com", False),
        ("", False),
        ("https://example.com/ä", False),
    ],
)
def test_addresses_are_those_of_rfc_3986(text, valid):
    assert is_uri(text) is valid


# --- the services ---


def sent(service, method, path, body=None, **headers):
    """Status, headers and body of an answer."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers}
    given = {name: text for name, text in given.items() if text}
    request = urllib.request.Request(service.url + path, data, given, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, dict(answer.headers), answer.read()


@pytest.fixture
def service():
    with Simulator(today=TODAY) as service:
        yield service


def test_a_good_task_runs_and_a_bad_one_does_not(service):
    status, _, body = sent(service, "POST", "/v1", [ovi()])
    assert (status, list(json.loads(body)["data"][0])) == (200, ["taskType", "taskUUID"])
    status, _, body = sent(service, "POST", "/v1", [ovi(steps=0)])
    [error] = json.loads(body)["errors"]
    assert (status, error["parameter"], error["min"], error["max"]) == (400, "steps", 1, 100)
    assert json.loads(body)["data"] == []
    assert [each.honest for each in service.requests] == [True, False]
    assert len(service.started) == 1


def test_a_dry_run_has_a_price_and_runs_nothing(service):
    status, _, body = sent(service, "POST", "/v1", [kling(duration=10)], **{"X-Runware-Dry-Run": "1"})
    assert (status, json.loads(body)) == (200, {"data": [{"taskType": "videoInference", "cost": 1.4}]})
    assert service.started == []


def test_the_key_comes_in_the_header_or_with_the_first_task(service):
    assert sent(service, "POST", "/v1", [ovi()], Authorization="Bearer wrong")[0] == 401
    assert sent(service, "POST", "/v1", [ovi()], Authorization="")[0] == 401
    assert (
        sent(service, "POST", "/v1", [{"taskType": "authentication", "apiKey": KEY}, ovi()], Authorization="")[0] == 200
    )
    assert sent(service, "POST", "/v1/uploads", {"filename": "a.mp4", "type": "ephemeral"}, Authorization="")[0] == 401


def test_tasks_of_several_models_share_a_request(service):
    other = kling(taskUUID="0c9a8e42-3d53-4a0a-9e27-5c2d9ef50d11")
    assert sent(service, "POST", "/v1", [ovi(), other])[0] == 200
    assert sent(service, "POST", "/v1", [ovi(), kling()])[0] == 400  # one identifier for two tasks


def test_an_operation_needs_its_version(service):
    body = {"filename": "a.mp4", "type": "ephemeral"}
    assert sent(service, "POST", "/v1/uploads", body, **VERSION)[0] == 200
    status, _, text = sent(service, "POST", "/v1/uploads", body)
    assert (status, "X-Runway-Version" in json.loads(text)["error"]) == (400, True)
    assert sent(service, "POST", "/v1/nothing", body, **VERSION)[0] == 404


def test_a_task_can_be_asked_for_until_it_is_cancelled(service):
    body = {"model": "veo3", "promptText": "A whale breaches", "ratio": "1280:720", "duration": 8}
    task_id = json.loads(sent(service, "POST", "/v1/text_to_video", body, **VERSION)[2])["id"]
    path = f"/v1/tasks/{task_id}"
    steps = [sent(service, method, path, **VERSION)[0] for method in ("GET", "DELETE", "GET", "DELETE")]
    assert (steps, service.cancelled) == ([200, 204, 404, 404], [task_id])


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_does_what_it_says(name):
    """Over plain HTTP: what a bad payload meets, and then a good one."""
    with Simulator(switch=name, today=TODAY, options={"seconds": 0.05, "size": 2**17, "nth": 1}) as service:

        def met(body, **headers):
            try:
                status, given, text = sent(service, "POST", "/v1", body, **headers)
            except (OSError, urllib.error.URLError, ValueError) as problem:
                return type(problem).__name__
            except Exception as problem:  # noqa: BLE001 - whatever a torn connection is called
                return type(problem).__name__
            kind = given.get("content-type", "").partition(";")[0].removeprefix("application/")
            return status, kind, len(text) > 2**16

        seen = [met([ovi(steps=0)]), met([ovi()])]
        dry = met([ovi()], **{"X-Runware-Dry-Run": "1"})
        runs = len(service.started)
    good, bad = (200, "json", False), (400, "json", False)
    wanted = {
        "accepts-everything": ([good, good], good, 2),
        "rejects-everything": ([bad, bad], bad, 0),
        "other-wording": ([bad, good], good, 1),
        "too-many-requests": ([(429, "json", False)] * 2, (429, "json", False), 0),
        "internal-error": ([(500, "json", False)] * 2, (500, "json", False), 0),
        "slow": ([bad, good], good, 1),
        "drops": (["IncompleteRead"] * 2, "IncompleteRead", 1),
        "wrong-content-type": ([(200, "text/html", False)] * 2, (200, "text/html", False), 0),
        "huge-body": ([(400, "json", True)] * 2, (400, "json", True), 0),
        "accepts-an-invalid-task": ([good, good], good, 2),
        "charges-a-dry-run": ([bad, good], good, 2),
        "echoes-the-key": ([bad, bad], bad, 0),
        "no-credits": ([(402, "json", False)] * 2, (402, "json", False), 0),
        "forbidden": ([(403, "json", False)] * 2, (403, "json", False), 0),
        "redirects": ([(307, "", False)] * 2, (307, "", False), 0),
    }[name]
    assert (seen, dry, runs) == wanted


def test_other_models_are_unknown(service):
    status, _, body = sent(service, "POST", "/v1", [task("nobody:nothing@1")])
    assert (status, json.loads(body)["errors"][0]["parameter"]) == (400, "model")
    assert OVI in json.loads(body)["errors"][0]["allowedValues"]
