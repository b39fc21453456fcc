"""
The check: examples as promised, targets found, requests taken apart, and laws that hold for every report.
"""

from __future__ import annotations

import copy
import functools
import json
import os
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.payloads import (
    BAD,
    GOOD,
    IMAGE,
    KLING,
    NO_SIZE,
    OVI,
    RAY,
    UUID,
    VIDEO,
    WAN,
    Builder,
    kling,
    ovi,
    ray,
    task,
    wan,
)

import preroll
from preroll import mending, words
from preroll import pointer as pointers
from preroll.dialect import type_name
from preroll.evaluation import literal_holds
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.violation import SEVERITIES, Said

REGISTRY = Registry.bundled()
TODAY = "2026-10-01"
OTHER = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
GEN4 = {"model": "gen4_turbo", "promptImage": IMAGE, "promptText": "A fox", "ratio": "1280:720", "duration": 5}
VEO = {"model": "veo3.1", "promptText": "A whale breaches", "ratio": "1280:720", "duration": 8}


def rules(report) -> list[tuple[str, str]]:
    return [(each.rule, each.pointer) for each in report.violations if each.severity != "info"]


def errors(report) -> set[tuple[str, str]]:
    return {(each.rule, each.pointer) for each in report.violations if each.severity == "error"}


# --- the job files ---


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_job_is_accepted(path):
    report = preroll.check_bytes(path.read_bytes(), name=path.name, today=TODAY)
    assert report.verdict == "valid", rules(report)


SAID_OF = {"text-body-to-image-to-video": "runwayml/image_to_video"}
"""Bad files that are read otherwise unless the caller says where they go (see examples/README.md)."""


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_job_is_told(path):
    report = preroll.check_bytes(path.read_bytes(), SAID_OF.get(path.stem), name=path.name, today=TODAY)
    assert report.verdict in ("invalid", "warning")
    found = [each for each in report.violations if each.severity != "info"]
    assert 1 <= len(found) <= 3
    assert all(report.place(each) for each in found)


# --- which target ---

FOUND = [
    # payload                                                          target
    ([kling()],                                                        f"runware/{KLING}"),
    (kling(),                                                          f"runware/{KLING}"),
    ([ray()],                                                          f"runware/{RAY}"),
    ([ovi()],                                                          f"runware/{OVI}"),
    ([wan(), kling(taskUUID=OTHER)],                                   f"runware/{WAN}"),
    ([{"taskType": "authentication", "apiKey": "k" * 32}, kling()],    f"runware/{KLING}"),
    ([{"taskType": "authentication", "apiKey": "k" * 32}],             "runware/authentication"),
    ([kling(model=ABSENT, providerSettings={})],                       f"runware/{KLING}"),
    (GEN4,                                                             "runwayml/image_to_video#gen4_turbo"),
    (VEO,                                                              "runwayml/text_to_video#veo3.1"),
    ({**VEO, "promptImage": IMAGE},                                    "runwayml/image_to_video#veo3.1"),
    ({"filename": "a.mp4", "type": "ephemeral"},                       "runwayml/uploads"),
    ({"startDate": "2026-07-01"},                                      "runwayml/organization/usage"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "target"), FOUND)
def test_the_target_is_found_from_the_payload(payload, target):
    assert preroll.check(payload, today=TODAY).target == target


@pytest.mark.parametrize("payload", [{}, [], [{}], 5, "text", None, True, {"a": 1}, [[]], [1]])
def test_what_is_no_payload_is_not_recognised(payload):
    with pytest.raises(preroll.Unrecognised, match="--as TARGET"):
        preroll.check(payload)


def test_other_candidates_are_named():
    report = preroll.check(VEO)
    assert "runwayml/image_to_video#veo3.1" in report.among


@pytest.mark.parametrize(
    ("body", "given", "meant"),
    [
        (VEO, "runwayml/image_to_video", "runwayml/text_to_video"),
        (GEN4, "runwayml/text_to_video", "runwayml/image_to_video"),
    ],
)
def test_a_body_for_another_operation_names_that_one(body, given, meant):
    report = preroll.check(body, given)
    assert rules(report) == [("wrong-operation", "")]
    assert meant in words.message(report.violations[0])


def test_a_broken_body_for_another_operation_names_that_one_too():
    report = preroll.check({**GEN4, "ratio": "1:1"}, "runwayml/sound_effect")
    assert rules(report) == [("unknown-model", "/model")]
    assert any("is a model of runwayml/image_to_video" in line for line in words.help_lines(report.violations[0]))


# --- requests ---

REQUESTS = [
    # payload                                                                     what is told
    ([], [("empty-request", "")]),
    ([kling(), kling(taskUUID=OTHER)], []),
    ([kling(), wan()], [("task-id-repeated", "/1/taskUUID")]),
    ([kling(), wan(taskUUID=UUID.upper())], [("task-id-repeated", "/1/taskUUID")]),
    ([kling(), {"taskType": "authentication", "apiKey": "k" * 32}], [("misplaced-task", "/1")]),
    ([{"taskType": "authentication", "apiKey": "k" * 32}] * 2 + [kling()], [("misplaced-task", "/1")]),
    ([kling(), 5], [("type", "/1")]),
    ([kling(model="klingai:kling-video@o4-pro")], [("unknown-target", "/0/model")]),
    ({"tasks": [kling()]}, [("wrapped-request", "")]),
    ([GEN4], [("wrapped-request", "")]),
    (kling(width=1280, height=720), [("unlisted-combination", "/width")]),
]


@pytest.mark.parametrize(("payload", "told"), REQUESTS)
def test_requests_are_taken_apart(payload, told):
    target = f"runware/{KLING}" if payload == [] else None
    assert rules(preroll.check(payload, target, today=TODAY)) == told


FOREIGN = [
    # another task of a request that is said to be for one model, what is told
    ({"taskType": "getResponse", "taskUUID": OTHER}, [("unknown-model", "/1/taskType")]),
    (task("google:3@2", taskUUID=OTHER, size="big"), [("unknown-model", "/1/model")]),
    # A misspelt model is the one that was said, and so are its faults.
    (
        kling(model=KLING.upper(), taskUUID=OTHER, duration=99),
        [("unknown-model", "/1/model"), ("maximum", "/1/duration")],
    ),
    (kling(taskType="imageInference", taskUUID=OTHER), [("unknown-model", "/1/taskType")]),
]


@pytest.mark.parametrize(("other", "told"), FOREIGN)
def test_nothing_is_asked_of_a_task_that_is_not_of_the_model(other, told):
    assert rules(preroll.check([kling(), other], f"runware/{KLING}")) == told


def test_pointers_of_a_bare_task_are_its_own():
    [violation] = preroll.check(kling(outputFormat="mp4")).violations
    assert violation.pointer == "/outputFormat"


def test_a_model_that_nobody_knows_is_a_warning_unless_asked():
    payload = [kling(model="klingai:kling-video@o4-pro")]
    assert preroll.check(payload).verdict == "warning"
    assert preroll.check(payload, unknown="error").verdict == "invalid"
    [violation] = preroll.check(payload).violations
    assert violation.allowed == (KLING,)
    assert "document" in " ".join(words.help_lines(violation))


# --- one fault, one violation: what rests on a refused value says nothing ---

VERSION_1 = "aac49721-1964-111a-ae78-8a4e29b91402"
NO_IMAGE = "data:video/mp4;base64,AAAA"


def reframed(**position: Any) -> dict[str, Any]:
    return ray(
        inputs={"video": VIDEO}, settings={"sourcePosition": {"x": 0, "y": 0, "width": 1, "height": 1, **position}}
    )


def cached(**options: Any) -> dict[str, Any]:
    return ovi(acceleratorOptions={"teaCache": True, **options})


def framed(*frames: Any) -> dict[str, Any]:
    return ray(
        **NO_SIZE, inputs={"frameImages": [{"image": f"{IMAGE}?{n}", "frame": each} for n, each in enumerate(frames)]}
    )


RESTING = [
    # payload, what is told
    ({**VEO, "promptImage": [{"uri": IMAGE}]}, [("required", "/promptImage/0")]),
    ([reframed(width=0)], [("exclusive-minimum", "/0/settings/sourcePosition/width")]),
    ([reframed(height=-1)], [("exclusive-minimum", "/0/settings/sourcePosition/height")]),
    ([{**cached(cacheEndStep=1), "steps": 0}], [("minimum", "/0/steps")]),
    (
        [cached(cacheStartStepPercentage=100, cacheEndStepPercentage=100)],
        [("maximum", "/0/acceleratorOptions/cacheStartStepPercentage")],
    ),
    ([cached(teaCache="true", teaCacheDistance=0.5)], [("type", "/0/acceleratorOptions/teaCache")]),
    ([kling(outputType="base64Data", ttl=60)], [("enum", "/0/outputType")]),
    ([kling(safety={"checkContent": "true", "mode": "fast"})], [("type", "/0/safety/checkContent")]),
    ([ray(settings={"hdr": True, "exrExport": True}, outputFormat="mp4")], [("enum", "/0/outputFormat")]),
    ([kling(**NO_SIZE, inputs={"video": "ftp://example.com/a.mp4"})], [("edited-video-not-usable", "/0/inputs/video")]),
    ([kling(taskUUID="x"), wan(taskUUID="x")], [("format", "/0/taskUUID"), ("format", "/1/taskUUID")]),
    (
        [framed("banana", "banana")],
        [("frame-position-unknown", f"/0/inputs/frameImages/{each}/frame") for each in range(2)],
    ),
    ({"filename": ".txt", "type": "ephemeral"}, [("filename-of-no-medium", "/filename")]),
    # Two faults stay two: the vendor takes other versions of a UUID, and a missing height spoils no image.
    (
        [kling(taskUUID=VERSION_1), wan(taskUUID=VERSION_1)],
        [
            ("task-id-not-version-4", "/0/taskUUID"),
            ("task-id-not-version-4", "/1/taskUUID"),
            ("task-id-repeated", "/1/taskUUID"),
        ],
    ),
    (
        [kling(height=ABSENT, inputs={"referenceImages": [NO_IMAGE]})],
        [("required-when", "/0"), ("image-not-usable", "/0/inputs/referenceImages/0")],
    ),
    (
        [ovi(inputs={"image": NO_IMAGE}, steps=0)],
        [("minimum", "/0/steps"), ("image-not-usable", "/0/inputs/image")],
    ),
    (
        [{**reframed(x="0"), "settings": {**reframed(x="0")["settings"], "hdr": True}}],
        [("type", "/0/settings/sourcePosition/x"), ("reframed-in-hdr", "/0/settings/hdr")],
    ),
    ([framed("first", "first", "banana")], [
        ("frame-position-repeated", "/0/inputs/frameImages/1/frame"),
        ("frame-position-unknown", "/0/inputs/frameImages/2/frame"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "told"), RESTING)
def test_a_rule_says_nothing_of_a_value_that_is_refused_already(payload, told):
    target = "runwayml/image_to_video" if "promptImage" in payload else None
    assert rules(preroll.check(payload, target, today=TODAY)) == told


# --- views, responses, parameters, dates ---

PUBLISHED = [
    # payload, valid as published, valid as intended
    ([kling(**NO_SIZE, inputs={"frameImages": [{"image": IMAGE, "frame": "first"}]})], False, True),
    ([kling(inputs={"frameImages": [{"image": IMAGE, "frame": "first"}]})], False, False),
    ([kling(providerSettings={})], False, True),
    ([wan(**NO_SIZE, inputs={"frameImages": [{"image": IMAGE, "frame": "first"}]})], False, True),
    ([kling(), wan(taskUUID=OTHER)], False, True),
    ([kling(), kling()], True, False),
    (
        [kling(duration=10, providerSettings={"klingai": {"multiPrompt": [{"prompt": "Wide", "duration": 3}] * 2}})],
        True,
        False,
    ),
    ([ovi(advancedFeatures={"slgLayer": None})], False, True),
    ([ovi(acceleratorOptions={"teaCache": True, "teaCacheDistance": 0.57})], True, True),
    (kling(), False, True),
]


@pytest.mark.parametrize(("payload", "published", "intended"), PUBLISHED)
def test_as_published_is_the_schema_alone(payload, published, intended):
    assert (preroll.check(payload, as_published=True).verdict == "valid") is published
    assert (preroll.check(payload).verdict != "invalid") is intended


def test_as_published_has_two_verdicts_and_no_guesses():
    report = preroll.check([kling(positivePrompt=ABSENT, positvePrompt="A fox")], as_published=True)
    assert rules(report) == [("required", "/0"), ("additional-properties", "/0/positvePrompt")]
    assert {each.correction for each in report.violations} == {None}


TASK = {"id": UUID, "status": "SUCCEEDED", "createdAt": "2026-07-01T00:00:00Z", "output": [VIDEO]}


def test_responses_are_judged_by_status():
    target = "runwayml/GET:tasks/{id}"
    assert preroll.check(TASK, target, response=200).verdict == "valid"
    refused = preroll.check({**TASK, "status": "DONE"}, target, response=200)
    assert refused.verdict == "invalid"
    assert refused.violations[0].pointer == "/status"
    with pytest.raises(ValueError, match="no response with status 418"):
        preroll.check(TASK, target, response=418)
    with pytest.raises(ValueError, match="needs a target"):
        preroll.check(TASK, response=200)


def test_an_unknown_member_of_a_response_is_information():
    made = {"type": "object", "properties": {"id": {"type": "string"}}}
    content = {"application/json": {"schema": made}}
    operation = {"responses": {"200": {"description": "made", "content": content}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Strange", "version": "1"},
        "paths": {"/make": {"get": operation}},
    }
    report = preroll.check({"id": "a", "shiny": 1}, "strange/make", registry=Registry.of(document), response=200)
    assert report.verdict == "valid"
    assert [(each.rule, each.severity) for each in report.violations] == [("unknown-property", "info")]


PARAMETERS = [
    # parameters                                     what is told
    ({"header.X-Runway-Version": "2024-11-06"},      []),
    ({"header.x-runway-version": "2024-11-06"},      []),
    ({"header.X-Runway-Version": "2024-01-01"},      ["error"]),
    ({"header.X-Runway-Vesion": "2024-11-06"},       ["warning"]),
    ({"query.page": "1"},                            ["warning"]),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "told"), PARAMETERS)
def test_parameters_are_judged_beside_the_body(parameters, told):
    report = preroll.check(GEN4, "runwayml/image_to_video", parameters=parameters)
    assert [each.severity for each in report.violations] == told
    assert all(each.parameter for each in report.violations)


def test_a_path_parameter_alone():
    assert preroll.check(ABSENT, "runwayml/GET:tasks/{id}", parameters={"path.id": UUID}).verdict == "valid"
    refused = preroll.check(ABSENT, "runwayml/GET:tasks/{id}", parameters={"path.id": "17"})
    assert refused.violations[0].parameter == "path.id"
    with pytest.raises(ValueError, match="need a target"):
        preroll.check(GEN4, parameters={"path.id": "17"})


@pytest.mark.parametrize("today", ["2026-10-01", date(2026, 10, 1)])
def test_today_is_an_argument(today):
    assert preroll.check({"beforeDate": "2026-12-01"}, today=today).verdict == "invalid"
    assert preroll.check({"beforeDate": "2026-10-02"}, today=today).verdict == "valid"


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="isoformat"):
        preroll.check(GEN4, today="tomorrow")
    with pytest.raises(ValueError, match="'warn' or 'error'"):
        preroll.check(GEN4, unknown="maybe")
    with pytest.raises(preroll.UnknownTarget, match="did you mean runwayml/image_to_video"):
        preroll.check(GEN4, "runwayml/image_to_vidoe")


# --- reports ---


def test_documented_defaults_that_will_apply_are_told_and_money_is_marked():
    found = preroll.check([kling()]).effective
    assert found["/0/duration"] == {"value": 5, "sets": ["length"]}
    assert "/0/width" not in found
    assert preroll.check([kling(duration=2)]).effective == {}
    assert preroll.check([ray()]).effective["/0/duration"]["sets"] == ["length"]


def test_a_default_that_would_be_refused_if_it_were_written_does_not_apply():
    for payload in ([kling(inputs={"video": VIDEO})], [ray()], [wan()], [ovi()]):
        report = preroll.check(payload)
        for pointer, default in report.effective.items():
            written = mending.put(payload, pointers.resolved(payload, pointer), default["value"])
            assert preroll.check(written).verdict != "invalid", pointer


def test_raise_if_invalid_says_every_reason():
    preroll.check([kling()]).raise_if_invalid()
    with pytest.raises(preroll.InvalidPayload) as caught:
        preroll.check([kling(duration=99, outputFormat="mp4")]).raise_if_invalid()
    assert "/0/duration" in str(caught.value)
    assert "/0/outputFormat" in str(caught.value)
    assert caught.value.report.verdict == "invalid"


def test_a_verdict_is_text_and_a_report_is_data():
    report = preroll.check([kling(duration=99)])
    assert report.verdict == "invalid"
    data = json.loads(json.dumps(report.to_dict()))
    [violation] = data["violations"]
    assert violation["pointer"] == "/0/duration"
    assert set(violation) >= {
        "rule", "severity", "pointer", "also", "line", "column", "message", "because", "allowed", "help", "target",
        "document", "document_pointer", "correction", "fixes",
    }  # fmt: skip


def test_bytes_keep_exact_numbers_and_places():
    raw = b'[\n {"taskType": "videoInference", "taskUUID": "%s", "model": "%s",\n  "positivePrompt": "a",' % (
        UUID.encode(),
        OVI.encode(),
    )
    raw += b'\n  "inputs": {"image": "https://a.example/b.png"}, "seed": 9223372036854776001}]'
    report = preroll.check_bytes(raw)
    assert rules(report) == [("maximum", "/0/seed")]
    assert report.place(report.violations[0]) == (4, 59)


SEEDS = [
    # as it is written, the violations
    ("9223372036854775806.0", []),
    ("9223372036854775807.0", []),
    ("9223372036854775807e0", []),
    ("9223372036854775808.0", [("maximum", "/0/seed")]),
    ("9223372036854775806.5", [("type", "/0/seed")]),
]


@pytest.mark.parametrize(("written", "told"), SEEDS)
def test_a_whole_number_may_be_written_with_a_point_at_any_size(written, told):
    raw = json.dumps([ovi(seed="SEED")]).replace('"SEED"', written).encode()
    assert rules(preroll.check_bytes(raw)) == told


@pytest.mark.parametrize("width", [Decimal("1e-400"), Decimal("1e400"), 10**400, 10**310, -(10**400), 5e-324])
def test_numbers_beyond_floats_are_told_like_others(width):
    assert preroll.check([kling(width=width)]).verdict == "invalid"


def test_keys_are_hidden():
    secret = "sk-1234567890"
    for payload in (
        [{"taskType": "authentication", "apiKey": [secret]}, kling()],
        [{"taskType": "authentication", "apiKey": secret, "more": secret}, kling()],
        [kling(apiKey=secret)],
    ):
        report = preroll.check(payload)
        assert f'"{secret}' not in json.dumps([each["message"] for each in report.to_dict()["violations"]])


# --- laws for every report ---

COUNT = int(os.environ.get("PAYLOADS", "40"))
TASKS = [each for each in REGISTRY.targets.values() if each.schema and not each.companion and not each.branch_of]


@functools.cache
def goods() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for path in GOOD:
        payload = json.loads(path.read_text(encoding="utf-8"))
        target = REGISTRY.targets[preroll.check(payload).target or ""]
        found.setdefault(target.branch_of or target.name, []).append(payload)
    return found


def reports(target):
    """Good payloads of a target with one to three random changes, with what is said of them."""
    builder = Builder(REGISTRY.document(target).intended, target.name)
    for index in range(COUNT):
        payload = builder.broken(builder.random.choice(goods()[target.name]), 1 + index % 3)
        yield payload, preroll.check(payload, target.name, today=TODAY)


every_target = pytest.mark.parametrize("target", TASKS, ids=lambda target: target.name)


@every_target
def test_checking_changes_nothing(target):
    builder = Builder(REGISTRY.document(target).intended, target.name)
    for _ in range(5):
        payload = builder.broken(goods()[target.name][0], 2)
        before = copy.deepcopy(payload)
        preroll.check(payload, target.name, today=TODAY).to_dict()
        assert payload == before


@every_target
def test_a_violation_is_well_formed_and_told_once(target):
    for _, report in reports(target):
        told = [(each.rule, each.pointer, words.message(each), each.because) for each in report.violations]
        assert len(told) == len({repr(each) for each in told})
        for each in report.violations:
            assert each.severity in SEVERITIES
            assert words.message(each).strip()
            assert "\n" not in words.message(each)
            raw = REGISTRY.document(target).raw
            assert pointers.look_up(raw, pointers.parse(each.document_pointer)) is not ABSENT
            assert each.rule
            assert each.target


@every_target
def test_a_violation_points_at_places_that_exist(target):
    for payload, report in reports(target):
        for each in report.violations:
            for pointer in (each.pointer, *each.also):
                assert pointers.look_up(payload, pointers.parse(pointer)) is not ABSENT, (payload, each)


@every_target
def test_a_reason_is_true(target):
    for payload, report in reports(target):
        for violation in report.violations:
            for each in violation.because:
                assert holds(payload, each), (payload, words.because(each))


def holds(payload, reason) -> bool:
    """Whether the condition that a reason tells is so in the payload."""
    value = pointers.look_up(payload, pointers.parse(reason.pointer))
    literal = reason.condition
    if reason.default is not ABSENT:
        return value is ABSENT
    if literal.test in ("items", "opaque", "members"):
        return value is not ABSENT
    if literal.test == "required":
        return (value is not ABSENT) is literal.holds
    return value is not ABSENT and literal_holds(literal.test, literal.argument, value) is literal.holds


def test_findings_on_a_mended_copy_are_told_where_the_user_wrote_them():
    payload = [kling(elements=[{"id": "a", "frontalImage": IMAGE}, {"id": "a", "frontalImage": IMAGE}])]
    found = rules(preroll.check(payload))
    assert found == [("misplaced-property", "/0/elements"), ("element-id-repeated", "/0/elements/1/id")]


def test_a_misplaced_key_causes_no_faults_of_its_own():
    assert [rule for rule, _ in rules(preroll.check([ray(trajectorySparsity=1)]))] in (
        ["misplaced-property"],
        ["additional-properties"],
    )


STRANGE = [
    # payload, what is told, the only fix
    ([wan(audio=False)], [("misplaced-property", "/0/audio")], "move it to settings.audio"),
    ([wan(audio=VIDEO)], [("misplaced-property", "/0/audio")], "move it to inputs.audio"),
    ([kling(mode="pro")], [("additional-properties", "/0/mode")], "leave out mode"),
    ([ray(mode="pro")], [("additional-properties", "/0/mode")], "leave out mode"),
    (
        [kling(providerSettings={"klingai": {"multiPrompt": [{"prompt": "Wide", "duration": 5, "mode": "pro"}]}})],
        [("additional-properties", "/0/providerSettings/klingai/multiPrompt/0/mode")],
        "leave out providerSettings.klingai.multiPrompt[0].mode",
    ),
    (
        [ovi(inputs={"images": [IMAGE]})],
        [("misspelt-property", "/0/inputs/images")],
        "rename it to image, without the array around its item",
    ),
    (
        [wan(inputs={"referenceImage": IMAGE})],
        [("misspelt-property", "/0/inputs/referenceImage")],
        "rename it to referenceImages, in an array",
    ),
    ([ovi(inputs={"images": [IMAGE, IMAGE]})], [("misspelt-property", "/0/inputs/images")], None),
    ([ovi(inputs={"frameImages": [{}]})], [("additional-properties", "/0/inputs/frameImages")], None),
    ([wan(**NO_SIZE, inputs={"image": IMAGE})], [("additional-properties", "/0/inputs/image")], None),
    (
        [kling(duraton="5")],
        [("misspelt-property", "/0/duraton"), ("type", "/0/duraton")],
        "rename it to duration",
    ),
]


@pytest.mark.parametrize(("payload", "told", "fix"), STRANGE)
def test_a_strange_key_is_taken_for_another_only_where_its_value_fits(payload, told, fix):
    report = preroll.check(payload).advised(solver=False)
    assert rules(report) == told
    assert [each.title for each in report.violations[0].fixes] == ([fix] if fix else [])


TYPES = [
    # payload, place
    ([kling(duration="5")], "/0/duration"),
    ([ray(duration="5")], "/0/duration"),
    ([ray(duration=None)], "/0/duration"),
    ([ray(settings=5)], "/0/settings"),
    ([ray(settings={"hdr": "true"})], "/0/settings/hdr"),
    ([ray(settings={"hdr": 1, "exrExport": True})], "/0/settings/hdr"),
    ([kling(inputs="first")], "/0/inputs"),
    ([kling(providerSettings=[])], "/0/providerSettings"),
    ([kling(width="1920")], "/0/width"),
    ([kling(duration=0.5)], "/0/duration"),
    (["-2", ray()], "/0"),
    ({**GEN4, "duration": "5"}, "/duration"),
    ({**GEN4, "model": 5}, "/model"),
    ({**GEN4, "promptText": 5}, "/promptText"),
]


@pytest.mark.parametrize(("payload", "place"), TYPES)
def test_a_value_of_the_wrong_type_is_one_fault(payload, place):
    target = "runwayml/image_to_video" if isinstance(payload, dict) else f"runware/{RAY}"
    target = f"runware/{KLING}" if isinstance(payload, list) and KLING in json.dumps(payload) else target
    found = preroll.check(payload, target).violations
    assert [(each.kind, each.pointer) for each in found] in (
        [("type", place)],
        [("task-type", place)],
        [("selector", place)],
    )


DRAFT = "https://json-schema.org/draft/2020-12/schema"


def told_of(payload, schema) -> list[str]:
    """The rule and the place of all that is said of a payload by a bare schema."""
    registry = Registry.of({"$schema": DRAFT, **schema}, "schema.json")
    (target,) = registry.targets
    return [f"{each.rule} {each.pointer}" for each in preroll.check(payload, target, registry=registry).violations]


NO_MORE = {
    "properties": {"a": {"maximum": 5}, "seed": {}},
    "if": {"required": ["seed"]},
    "then": {"properties": {"n": {"maximum": 5}}, "required": ["a"]},
    "unevaluatedProperties": False,
}
BY_KIND = {
    "oneOf": [
        {"properties": {"kind": {"const": 1}, "a": {"maximum": 5}}, "required": ["kind"]},
        {"properties": {"kind": {"const": 2}, "b": {}}, "required": ["kind"]},
    ],
    "unevaluatedProperties": False,
}
A_PAIR = {"prefixItems": [{"type": "integer"}, {"type": "integer"}], "unevaluatedItems": False}
UNEVALUATED = [
    # schema                          payload                      what is told
    (NO_MORE,                         {"a": 6},                    ["maximum /a"]),
    (NO_MORE,                         {"seed": 1},                 ["required-when "]),
    (NO_MORE,                         {"a": 1, "zoom": 1},         ["unevaluated-properties /zoom"]),
    (NO_MORE,                         {"a": 1, "n": 1},            ["unevaluated-properties /n"]),
    (NO_MORE,                         {"a": 1, "seed": 1, "n": 6}, ["limited-when /n"]),
    (NO_MORE,                         {"a": 1, "seeed": 1},        ["misspelt-property /seeed"]),
    (NO_MORE,                         {"a": 6, "zoom": 1},         ["maximum /a", "unevaluated-properties /zoom"]),
    ({"properties": {"in": NO_MORE}}, {"in": {"a": 6}},            ["maximum /in/a"]),
    ({**NO_MORE, "allOf": [NO_MORE]}, {"a": 1, "zoom": 1},         ["unevaluated-properties /zoom"]),
    (BY_KIND,                         {"kind": 1, "a": 6},         ["maximum /a"]),
    (BY_KIND,                         {"kind": 1, "b": 6},         ["unevaluated-properties /b"]),
    (A_PAIR,                          ["x", 1],                    ["type /0"]),
    (A_PAIR,                          [1, "x", 1],                 ["type /1", "unevaluated-items /2"]),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "payload", "told"), UNEVALUATED)
def test_what_fails_for_another_reason_is_not_told_as_unevaluated(schema, payload, told):
    assert told_of(payload, schema) == told


DATE = {"format": "date", "pattern": r"^\d{4}-\d\d-\d\d$", "maxLength": 10}
TAG = {"minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"}
TAG_OR_UUID = {
    "properties": {"tag": TAG, "byId": {}},
    "if": {"required": ["byId"]},
    "then": {"properties": {"tag": {"format": "uuid"}}},
}
ONE_TEXT = [
    # schema, payload, what is told
    (DATE, "2025-1-1", ["format "]),
    (DATE, "2025/01/01 or so", ["format "]),
    (DATE, "\uff12025-01-01", ["format "]),
    ({"format": "uri", "minLength": 1}, "", ["format "]),
    ({"anyOf": [{"format": "uri"}, {"format": "uuid"}], "minLength": 1}, "", ["any-of "]),
    ({"enum": ["ab", "abc"], **TAG}, "", ["enum "]),
    (TAG, "", ["min-length "]),
    (TAG, "ABCDE", ["max-length "]),
    (TAG, "ABCD", ["pattern "]),
    (TAG_OR_UUID, {"tag": "ABCDE", "byId": True}, ["max-length /tag"]),
    (TAG_OR_UUID, {"tag": "abcd", "byId": True}, ["limited-when /tag"]),
]


@pytest.mark.parametrize(("schema", "payload", "told"), ONE_TEXT)
def test_a_text_of_another_kind_is_one_fault(schema, payload, told):
    assert told_of(payload, schema) == told


SIZES = ((1, 2), (3, 2), (3, 4))
BOTH = {"dependentRequired": {"w": ["h"], "h": ["w"]}, "properties": {"w": {"type": "integer"}, "h": {}}}
LISTED: dict[str, Any] = {**BOTH, "oneOf": [{"properties": {"w": {"const": w}, "h": {"const": h}}} for w, h in SIZES]}
DEMANDED = {"oneOf": [{**each, "required": ["w", "h"]} for each in LISTED["oneOf"]]}
HALVES = [
    # schema, payload, what is told
    (LISTED, {"w": 1}, ["required-when "]),
    (LISTED, {"w": 3}, ["required-when "]),
    (LISTED, {"h": 2}, ["required-when "]),
    (LISTED, {"w": 5}, ["unlisted-combination /w"]),
    (LISTED, {"w": 1, "h": 4}, ["unlisted-combination /w"]),
    (LISTED, {"w": "1", "h": 4}, ["type /w"]),
    (LISTED, {"h": 4, "w": "1"}, ["type /w"]),
    (DEMANDED, {"w": 3}, ["required "]),
    (DEMANDED, {"h": 9}, ["unlisted-combination /h"]),
]


@pytest.mark.parametrize(("schema", "payload", "told"), HALVES)
def test_half_of_what_belongs_together_is_one_fault(schema, payload, told):
    assert told_of(payload, schema) == told


PLACED = {"type": "object", "properties": {"at": {"enum": ["first", "last"]}}}
OTHERS = ({"type": "string"}, {"type": "array", "items": PLACED}, {"type": "null"})


@pytest.mark.parametrize("other", OTHERS, ids=lambda each: each["type"])
@pytest.mark.parametrize("joint", ["anyOf", "oneOf"])
def test_a_wrong_member_is_no_reason_for_a_value_of_another_type(joint, other):
    assert told_of({"at": "mid"}, {joint: [PLACED, other]}) == ["enum /at"]
    assert told_of({"at": "mid"}, {joint: [other, PLACED]}) == ["enum /at"]


def closed(*names: str, **members: Any) -> dict[str, Any]:
    """A schema of an object with members of these names, all of them demanded, and no others."""
    properties = {**dict.fromkeys(names, True), **members}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


A_OR_B = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]}
MODE_OR_B = {"oneOf": [{"properties": {"mode": {"const": True}}, "required": ["mode"]}, {"required": ["b"]}]}
RANGES = {"oneOf": [{"minimum": 5}, {"maximum": 7}]}
FRAME = {"anyOf": [closed("uri", seconds={"maximum": 30}), closed("uri", at={"maximum": 1})]}
EXCLUSIVE = [
    # schema, payload, what is told
    ({"not": {"required": ["a", "b"]}}, {"a": 1, "b": 1}, ["not-together /b"]),
    (A_OR_B, {"a": 1, "b": 1}, ["not-together /b"]),
    (A_OR_B, {"a": 1, "b": 1, "c": 1}, ["not-together /c"]),
    (A_OR_B, {}, ["required "]),
    (MODE_OR_B, {"mode": True, "b": 1}, ["forbidden-when /b"]),
    (RANGES, 6, ["one-of "]),
    (FRAME, {"uri": 1, "at": 1, "seconds": 1}, ["not-together /seconds"]),
    (FRAME, {"uri": 1, "at": 1, "seconds": 1, "zoom": 1}, ["not-together /seconds", "additional-properties /zoom"]),
    (FRAME, {"uri": 1, "second": 1}, ["misspelt-property /second"]),
    (FRAME, {"uri": 1, "zoom": 1}, ["required ", "additional-properties /zoom"]),
    (FRAME, {"uri": 1}, ["required "]),
    (FRAME, {"uri": 1, "at": 2}, ["maximum /at"]),
    ({"anyOf": [closed("a"), {"properties": {"a": {"maximum": 5}}}]}, {"a": 6, "zoom": 1}, ["any-of "]),
    ({"anyOf": [{"enum": [["a"], "b"]}, {"const": {"c": 1}}]}, "d", ["enum "]),
    ({"anyOf": [{"enum": [["a"], "b"]}, {"pattern": "^c"}]}, "d", ["any-of "]),
]


@pytest.mark.parametrize(("schema", "payload", "told"), EXCLUSIVE)
def test_what_alternatives_have_in_common_is_told_outright(schema, payload, told):
    assert told_of(payload, schema) == told


MEDIA = {"type": {"enum": ["image", "video"]}, "uri": {"type": "string"}}
KINDS = [{"required": ["type"], "properties": {"type": {"const": each}}} for each in ("image", "video")]
MISSING = [
    # what the missing thing is, what is said
    ({"required": ["type", "uri"], "properties": MEDIA}, "it is required"),
    ({"oneOf": [{**each, "required": ["type", "uri"]} for each in KINDS]}, "it is required"),
    ({"oneOf": KINDS}, "it.type is required"),
    ({"oneOf": [*KINDS, {"type": "string"}]}, "it is required"),
    ({"required": ["uri"], "properties": MEDIA}, "it.uri is required"),
    ({"anyOf": [{"required": ["uri"]}, {"required": ["id"]}]}, "it.uri or it.id is required"),
    (KINDS[0], 'it.type must be "image", and is not given'),
    ({"properties": MEDIA, "dependentRequired": {"uri": ["type"]}}, "it is required"),
]


@pytest.mark.parametrize(("schema", "said"), MISSING)
def test_what_is_missing_as_a_whole_is_told_as_a_whole(schema, said):
    registry = Registry.of({"$schema": DRAFT, "properties": {"it": schema}, "required": ["it"]}, "schema.json")
    (target,) = registry.targets
    (violation,) = preroll.check({}, target, registry=registry).violations
    assert words.message(violation) == said


@pytest.mark.parametrize("wrong", ["sede", "esed", "seeed", "sed", "Seed", "see_d"])
@pytest.mark.parametrize("closed", ["additionalProperties", "unevaluatedProperties"])
@pytest.mark.parametrize("condition", [{}, {"if": {"required": ["zoom"]}, "then": {"required": ["seed"]}}])
def test_a_misspelt_name_is_known_however_a_schema_is_closed(wrong, closed, condition):
    schema = {"properties": {"seed": {}, "zoom": {}}, **condition, closed: False}
    assert told_of({wrong: 1}, schema) == [f"misspelt-property /{wrong}"]


@every_target
def test_what_is_allowed_is_legal_in_this_payload(target):
    for payload, report in reports(target):
        for violation in report.violations:
            for legal in violation.allowed[:3]:
                places = legal if isinstance(legal, dict) and all(key[:1] in ("/", "t") for key in legal) else None
                values = (
                    {key: each for key, each in places.items() if key != "title"}
                    if places
                    else {violation.pointer: legal}
                )
                if violation.rule.startswith(("unknown", "misspelt", "misplaced")) or violation.parameter:
                    continue
                changed = payload
                for pointer, value in values.items():
                    changed = mending.put(changed, pointers.resolved(changed, pointer), value)
                after = preroll.check(changed, target.name, today=TODAY)
                told = (violation.rule, violation.pointer, words.message(violation))
                assert told not in [(each.rule, each.pointer, words.message(each)) for each in after.violations], legal
                slips = any(each.rule.startswith(("misspelt", "misplaced")) for each in report.violations)
                if not slips and not violation.pointer.endswith("/type"):  # the branch that a type names has demands
                    assert errors(after) <= errors(report), legal


ALLOWED = [
    # payload, the violation, what is allowed instead
    ({**VEO, "promptImage": [{"uri": IMAGE}]}, ("required", "/promptImage/0"), ({"/promptImage/0/position": "first"},)),
    ([framed(-2)], ("minimum", "/0/inputs/frameImages/0/frame"), ()),
    ([kling(width=100, height=100, inputs={"frameImages": [{"image": IMAGE}]})], ("not-together", "/0/width"), ()),
    ([wan(width=100, height=100, inputs={"frameImages": [{"image": IMAGE}]})], ("not-together", "/0/width"), ()),
]


@pytest.mark.parametrize(("payload", "told", "allowed"), ALLOWED)
def test_nothing_is_allowed_that_something_else_refuses(payload, told, allowed):
    report = preroll.check(payload, "runwayml/image_to_video" if "promptImage" in payload else None)
    assert rules(report) == [told]
    assert report.violations[0].allowed == allowed


@every_target
def test_every_fix_is_verified(target):
    for payload, report in list(reports(target))[: COUNT // 3]:
        for violation in report.advised().violations:
            for fix in violation.fixes:
                after = preroll.check(preroll.apply(fix, payload), target.name, today=TODAY)
                assert (violation.rule, violation.pointer) not in rules(after), (payload, fix)


@every_target
def test_a_request_reads_from_top_to_bottom(target):
    """Violations of one task come in the order in which their places are written."""
    for payload, report in reports(target):
        found = [
            each
            for each in report.violations
            if not isinstance(each.expected, Said) and each.rule != "unknown-property"
        ]
        order = [reading(payload, each.pointer) for each in found if each.rule != "misplaced-property"]
        assert order == sorted(order), (payload, [each.pointer for each in found])


def reading(payload, pointer) -> tuple[int, ...]:
    order = []
    for token in pointers.resolved(payload, pointer):
        if isinstance(payload, dict) and token in payload:
            order.append(list(payload).index(token))
        else:
            order.append(token if isinstance(token, int) else 0)
        payload = pointers.step(payload, token) if type_name(payload) in ("object", "array") else ABSENT
    return tuple(order)


def test_a_task_of_every_model_may_share_one_request():
    payload = [
        {"taskType": "authentication", "apiKey": "k" * 32},
        *(each(taskUUID=UUID[:-2] + f"{index:02}") for index, each in enumerate((kling, ray, ovi, wan))),
        task("nobody:knows@1", taskUUID=OTHER),
    ]
    report = preroll.check(payload)
    assert rules(report) == [("unknown-target", "/5/model")]


@pytest.mark.parametrize(
    ("target", "payload", "rules"),
    [
        ("runwayml/GET:tasks/{id}", {"promptText": "A fox"}, ["unexpected-body"]),
        ("runwayml/DELETE:tasks/{id}", ["anything"], ["unexpected-body"]),
        ("runwayml/organization", {}, []),
        ("runwayml/organization", None, []),
    ],
)
def test_a_body_for_an_operation_that_describes_none_is_warned_of(target, payload, rules):
    report = preroll.check(payload, target)
    assert [(each.rule, each.severity) for each in report.violations] == [(each, "warning") for each in rules]
    assert preroll.check(payload, target, as_published=True).violations == ()


def test_a_body_sent_to_the_wrong_operation_is_sent_on():
    body = {"model": "eleven_text_to_sound_v2", "promptText": "Rain"}
    (violation,) = preroll.check(body, "runwayml/organization").violations
    assert violation.expected == ("runwayml/sound_effect#eleven_text_to_sound_v2", "POST /v1/sound_effect")


def test_definitions_that_lead_into_each_other_are_not_read_for_ever():
    names = [f"D{each}" for each in range(12)]
    inner = {f"p{each}": {"$ref": f"#/components/schemas/{each}"} for each in names}
    schemas = {each: {"type": "object", "additionalProperties": False, "properties": inner} for each in names}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/D0"}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Circles", "version": "1"},
        "paths": {"/a": {"post": {"requestBody": body, "responses": {"200": {"description": "taken"}}}}},
        "components": {"schemas": schemas},
    }
    registry = Registry.of(document)
    report = preroll.check({"pD1": {}, "q": 1}, next(iter(registry.targets)), registry=registry)
    assert [each.pointer for each in report.violations] == ["/q"]
