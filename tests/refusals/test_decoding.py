"""Refusals as violations: ours where we have one at the place, else made of what the service said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import preroll
from preroll import pointer as pointers
from preroll import words
from preroll.formula import Literal
from preroll.judgement import day
from preroll.registry import Registry
from preroll_fuzz.plan import Options
from preroll_fuzz.suite import Suite

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "examples/good").glob("*.json"))
}
BAD = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "examples/bad").glob("*.json"))
}
TODAY = "2025-06-15"
KLING, RAY = "runware-kling-text-to-video", "runware-ray-text-to-video"
FRAMES = "runware-kling-first-and-last-frame"


def task(**error):
    return {"data": [], "errors": [error]}


MADE: dict[str, Any] = {
    # the payload, the error; rule, place, further places, words, what is allowed, what the fixes set
    "a stricter limit": (
        KLING,
        {"parameter": "duration", "max": 4, "message": "Bad"},
        "maximum",
        "/0/duration",
        [],
        "duration 5 is more than 4",
        [],
        [4],
    ),
    "a limit and steps": (
        KLING,
        {"parameter": "duration", "min": 4, "max": 100, "multiplier": 4, "message": "Bad"},
        "multiple-of",
        "/0/duration",
        [],
        "duration 5 is not a multiple of 4",
        [],
        [4, 8],
    ),
    "a limit beyond ours": (
        KLING,
        {"parameter": "duration", "min": 40, "message": "Bad"},
        "minimum",
        "/0/duration",
        [],
        "duration 5 is less than 40",
        [],
        [],
    ),
    "listed values": (
        KLING,
        {"parameter": "duration", "allowedValues": ["12", "8", "60"], "message": "Bad"},
        "enum",
        "/0/duration",
        [],
        "duration 5 is not one of the allowed values",
        [8, 12, 60],
        [8, 12],
    ),
    "sizes, one ours": (
        KLING,
        {"message": "Unsupported use of width/height parameters. Supported values are: '1280x720', '1440x1440'."},
        "unlisted-combination",
        "/0/width",
        ["/0/height"],
        "1920x1080 is not a listed combination of width and height",
        [{"/0/width": 1280, "/0/height": 720}, {"/0/width": 1440, "/0/height": 1440}],
        [1440],
    ),
    "too many": (
        FRAMES,
        {"parameter": "inputs.frameImages", "message": "Must contain between 0 and 1 images."},
        "max-items",
        "/0/inputs/frameImages",
        [],
        "inputs.frameImages has 2 items, and at most 1 is allowed",
        [],
        [1],
    ),
    "two that exclude": (
        FRAMES,
        {"message": "Parameter 'duration' and Parameter 'inputs.frameImages' cannot be used together"},
        "not-together",
        "/0/duration",
        [],
        "duration cannot be used together with inputs.frameImages",
        [],
        [None],
    ),
    "not supported": (
        KLING,
        {"parameter": "includeCost", "message": "Parameter includeCost is not supported."},
        "additional-properties",
        "/0/includeCost",
        [],
        "includeCost is not allowed here",
        [],
        [None],
    ),
    "with what needs it": (
        RAY,
        {"parameter": "width", "message": "Parameter 'width' is not supported."},
        "additional-properties",
        "/0/width",
        [],
        "width is not allowed here",
        [],
        [None],
    ),
    "needed here, not there": (
        KLING,
        {"parameter": "positivePrompt", "message": "Parameter positivePrompt is not supported."},
        "additional-properties",
        "/0/positivePrompt",
        [],
        "positivePrompt is not allowed here",
        [],
        [],
    ),
    "names that are taken": (
        KLING,
        {
            "parameter": "includeCost",
            "message": "Unsupported use of 'includeCost' parameter. Allowed values are: 'model', 'seed'.",
        },
        "additional-properties",
        "/0/includeCost",
        [],
        "includeCost is not a property of this target",
        [],
        [None],
    ),
    "missing": (
        KLING,
        {"parameter": "CFGScale", "message": "Missing required parameter 'CFGScale'."},
        "required",
        "/0",
        [],
        "CFGScale is required",
        [],
        [],
    ),
    "missing, known deeper": (
        KLING,
        {"parameter": "referenceImages", "message": "Missing required parameter."},
        "required",
        "/0/inputs",
        [],
        "inputs.referenceImages is required",
        [],
        [],
    ),
    "one way or another": (
        KLING,
        {
            "parameter": ["seed", "referenceImages"],
            "code": "missingParameters",
            "message": "Either seed or referenceImages must be provided.",
        },
        "required",
        "/0",
        [],
        "seed or inputs.referenceImages is required",
        [],
        [],
    ),
    "another type": (
        KLING,
        {"parameter": "duration", "type": "string", "message": "Bad"},
        "type",
        "/0/duration",
        [],
        "duration must be text, not 5",
        [],
        [],
    ),
    "a sentence at a place": (
        KLING,
        {"parameter": "positivePrompt", "message": "The prompt is not to our taste."},
        "refused-by-service",
        "/0/positivePrompt",
        [],
        "The prompt is not to our taste.",
        [],
        [],
    ),
    "a sentence alone": (KLING, {"code": "odd", "message": "No."}, "refused-by-service", "", [], "No.", [], []),
}


def set_to(fix):
    return next((each["value"] for each in fix.patch if "value" in each), None)


@pytest.mark.parametrize("name", MADE)
def test_a_limit_that_only_the_service_knows_becomes_a_violation(name):
    base, error, rule, place, also, message, allowed, fixes = MADE[name]
    payload = GOOD[base]
    decoded = preroll.decode(task(**error), payload)
    [found] = decoded.violations
    assert (found.rule, found.pointer, list(found.also), words.message(found)) == (rule, place, also, message)
    assert list(found.allowed) == allowed
    kept = [set_to(each) if not isinstance(set_to(each), list) else len(set_to(each)) for each in found.fixes]
    assert kept == fixes
    assert found.sentence in (error["message"], "")
    for fix in found.fixes:
        assert preroll.check(preroll.apply(fix, payload)).verdict == "valid"


def test_what_cannot_stay_without_it_goes_with_it():
    decoded = preroll.decode(task(parameter="width", message="Parameter 'width' is not supported."), GOOD[RAY])
    [fix] = decoded.fixes()
    assert {each["path"] for each in fix.patch} == {"/0/width", "/0/height"}


def test_our_violation_takes_the_stricter_limit_and_the_services_words():
    payload = BAD["kling-duration-16"]
    ours = next(each for each in preroll.check(payload).violations if each.pointer == "/0/duration")
    link = "https://example.com/docs#duration"
    decoded = preroll.decode(task(parameter="duration", max=10, message="At most 10.", documentation=link), payload)
    [found] = decoded.violations
    assert (found.rule, found.pointer) == (ours.rule, ours.pointer)
    assert (words.message(found), found.sentence, found.link) == ("duration 16 is more than 10", "At most 10.", link)
    assert [set_to(each) for each in found.fixes] == [10]
    assert [each.relation for each in decoded.matches] == ["same"]


def test_our_list_is_narrowed_by_theirs():
    payload = BAD["image_to_video-gen4-turbo-16x9-ratio"]
    issue = {"code": "invalid_value", "path": ["ratio"], "values": ["720:1280", "3:3"], "message": "x"}
    [found] = preroll.decode({"error": "x", "issues": [issue]}, payload).violations
    assert found.allowed == ("720:1280",)
    assert [set_to(each) for each in found.fixes] == ["720:1280"]


def test_two_complaints_of_one_fault_are_one_violation():
    payload = BAD["image_to_video-gen4-turbo-16x9-ratio"]
    issues = [{"code": "custom", "path": ["ratio"], "message": each} for each in ("one", "two")]
    decoded = preroll.decode({"error": "x", "issues": issues}, payload)
    assert [each.pointer for each in decoded.violations] == ["/ratio"]
    assert len(decoded.complaints) == 2


def test_a_bare_task_keeps_its_own_root():
    [found] = preroll.decode(task(parameter="duration", max=4, message="Bad"), GOOD[KLING][0]).violations
    assert found.pointer == "/duration"


def test_without_a_payload_places_are_the_services_and_nothing_is_fixed():
    decoded = preroll.decode(task(parameter="inputs.frameImages[0].image", message="Invalid URL"))
    assert [each.pointer for each in decoded.violations] == ["/inputs/frameImages/0/image"]
    assert decoded.fixes() == ()


def test_a_payload_of_no_known_target_gets_its_places_all_the_same():
    decoded = preroll.decode(task(parameter="b", max=3, message="Bad"), {"a": {"b": 9}})
    assert [(each.rule, each.pointer, each.fixes) for each in decoded.violations] == [("maximum", "/a/b", ())]


@pytest.mark.parametrize("status", [401, 402, 403, 404, 408, 429, 500, 503])
def test_a_status_that_says_nothing_of_the_payload_gives_no_violations(status):
    decoded = preroll.decode(task(parameter="duration", max=4, message="Bad"), GOOD[KLING], status=status)
    assert (decoded.outcome, decoded.violations, decoded.matches) == ("inconclusive", (), ())
    assert len(decoded.complaints) == 1


def test_an_answer_that_was_read_before_can_be_decoded():
    answer = preroll.decode(task(parameter="duration", max=4, message="Bad"), GOOD[KLING]).answer
    assert [each.pointer for each in preroll.decode(answer, GOOD[KLING]).violations] == ["/0/duration"]


def test_an_unknown_target_is_an_error():
    with pytest.raises(preroll.UnknownTarget):
        preroll.decode({}, GOOD[KLING], "no/such")


# --- what we say, a service could have said: reading it gives back what we said ---
#
# The answers are written from the shapes, not from any reader.

RANGES = {
    "minimum": ("min", "minimum", "too_small"),
    "maximum": ("max", "maximum", "too_big"),
    "minItems": ("min", "minimum", "too_small"),
    "maxItems": ("max", "maximum", "too_big"),
    "minLength": ("min", "minimum", "too_small"),
    "maxLength": ("max", "maximum", "too_big"),
}
TYPES = {"minItems": "array", "maxItems": "array", "minLength": "string", "maxLength": "string"}


def place(violation):
    """Where a service would say it is: at the missing member, else where we say."""
    if violation.kind == "required" and violation.expected:
        return violation.expected[0][0][0]
    return violation.pointer


def listed(values):
    return ", ".join(f"'{each}'" for each in values)


def by_task(payload: Any, violation: Any) -> Any:
    """An answer with `errors`, one for the task, parameters by their names with dots and indexes."""
    at = place(violation)
    steps = pointers.parse(at)
    task = payload
    if isinstance(payload, list):
        task, steps = payload[int(steps[0])] if steps else payload[0], steps[1:]
    name = pointers.spoken(steps)
    error: dict[str, Any] = {"parameter": name}
    if isinstance(task, dict) and isinstance(task.get("taskUUID"), str):
        error["taskUUID"] = task["taskUUID"]
    literal = violation.expected
    if violation.kind == "required":
        error |= {"code": "missingParameter", "message": f"Missing required parameter '{name}'."}
    elif violation.kind in ("unexpected", "misspelt-property", "misplaced-property", "forbidden", "false"):
        error |= {
            "code": "unsupportedParameter",
            "message": f"Unsupported use of '{name}' parameter. It is not supported for the selected model.",
        }
    elif violation.kind == "together":
        others = [pointers.spoken(pointers.parse(each.pointer)[1:]) for each in violation.because]
        both = " and ".join(f"Parameter '{each}'" for each in (name, *others))
        error = {"code": "conflict", "message": f"{both} cannot be used together"}
    elif violation.kind == "combination":
        sizes = [f"{each[violation.pointer]}x{each[violation.also[0]]}" for each in violation.allowed]
        error["message"] = f"Unsupported use of width/height parameters. Supported values are: {listed(sizes)}."
    elif violation.kind in RANGES and isinstance(literal, Literal):
        error |= {"code": "invalidValue", "message": f"Invalid value for '{name}' parameter."}
        error[RANGES[violation.kind][0]] = literal.argument
    elif violation.kind == "type" and isinstance(literal, Literal):
        error |= {"message": f"Invalid value for '{name}' parameter.", "type": "|".join(literal.argument)}
    elif violation.kind == "enum" and violation.allowed:
        error |= {"message": f"Invalid value for '{name}' parameter. Allowed values are: {listed(violation.allowed)}."}
    else:
        error |= {
            "code": "invalidValue",
            "message": f"Invalid value for '{name}' parameter. {words.message(violation)}",
        }
    return {"data": [], "errors": [error]}


def by_issue(payload: Any, violation: Any) -> Any:
    """An answer with `issues` of a validator, places by paths."""
    del payload
    at = place(violation)
    path = [int(each) if each.isdigit() else each for each in pointers.parse(at)]
    literal = violation.expected
    issue: dict[str, Any] = {"code": "custom", "path": path, "message": "Invalid input"}
    if violation.kind == "required":
        issue |= {"code": "invalid_type", "expected": "string", "message": "Invalid input: received undefined"}
    elif violation.kind in ("unexpected", "misspelt-property", "misplaced-property"):
        issue |= {"code": "unrecognized_keys", "path": path[:-1], "keys": [path[-1]]}
    elif violation.kind in RANGES and isinstance(literal, Literal):
        issue |= {"code": RANGES[violation.kind][2], RANGES[violation.kind][1]: literal.argument, "inclusive": True}
        issue["origin"] = TYPES.get(violation.kind, "number")
    elif violation.kind == "type" and isinstance(literal, Literal):
        issue |= {"code": "invalid_type", "expected": literal.argument[0]}
    elif violation.kind == "enum" and violation.allowed:
        issue |= {"code": "invalid_value", "values": list(violation.allowed)}
    return {"error": "Validation of body failed", "issues": [issue], "docUrl": "https://example.com/docs"}


OURS = [
    pytest.param(payload, violation, id=f"{name}-{violation.rule}-{index}")
    for name, payload in BAD.items()
    for index, violation in enumerate(preroll.check(payload).violations)
    if violation.severity == "error"
]


def echoed(payload, violation):
    task_of = violation.target.startswith("runware/") or isinstance(payload, list)
    return by_task(payload, violation) if task_of else by_issue(payload, violation)


@pytest.mark.parametrize(("payload", "violation"), OURS)
def test_a_refusal_for_our_reason_gives_back_our_violation(payload, violation):
    decoded = preroll.decode(echoed(payload, violation), payload)
    here = {each.rule for each in preroll.check(payload).violations if each.pointer == violation.pointer}
    [found] = decoded.violations
    assert found.pointer == violation.pointer
    assert found.rule in here
    assert [each.relation for each in decoded.matches if each.complaint is not None] == ["same"]


@pytest.mark.parametrize("target", ["runware:190@1", "uploads", "text_to_video"])
def test_the_same_holds_for_every_way_to_be_wrong(target):
    registry = Registry.bundled()
    one = next(each for name, each in sorted(registry.targets.items()) if target in name and each.described)
    suite = Suite(registry, one, Options(published=False, today=day(TODAY)))
    missed = []
    for record in suite.invalid(None, 1):
        payload = record["payload"]
        found = [each for each in preroll.check(payload, one, today=TODAY).violations if each.severity == "error"]
        if len(found) != 1 or found[0].pointer.count("/") < (1 if isinstance(payload, dict) else 2):
            continue  # faults of a whole task have no parameter that a service could name
        decoded = preroll.decode(echoed(payload, found[0]), payload, one, today=TODAY)
        if [(each.rule, each.pointer) for each in decoded.violations] != [(found[0].rule, found[0].pointer)]:
            missed.append((found[0].rule, found[0].pointer, [(each.rule, each.pointer) for each in decoded.violations]))
    assert missed == []
