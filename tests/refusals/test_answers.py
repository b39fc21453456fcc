"""
Answers of services, in every shape that is read: what they come to, and what each complaint says, where.

The bodies are written from the shapes that the vendors and their clients publish.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from preroll.refusals import AFTER_CHANGE, LATER, NEVER, UNKNOWN, read

ONE, TWO = "7f1a0c52-6f1b-4a30-9d0c-0f6a3c2e9b11", "8f1a0c52-6f1b-4a30-9d0c-0f6a3c2e9b12"

FIRST = {
    "taskType": "videoInference", "taskUUID": ONE, "model": "m", "width": 100, "height": 720, "duration": "5",
    "outputFormat": "mp4",
    "inputs": {"frameImages": [{"image": "a"}, {"image": "b"}], "referenceImages": ["x"]},
    "providerSettings": {"klingai": {"multiPrompt": [{"duration": 1}, {"duration": 99}]}},
}  # fmt: skip
SECOND = {"taskType": "videoInference", "taskUUID": TWO, "model": "m", "duration": 5, "seed": 1, "resolution": "9k"}
TASKS = [{"taskType": "authentication", "apiKey": "very-secret-key"}, FIRST, SECOND]
BODY = {
    "model": "gen4_turbo", "ratio": "16:9", "duration": 7, "promptTxt": "x", "videoUri": "https://example.com/a.mp4",
    "promptImage": [{"uri": "http://example.com/a.png", "position": "last"}],
}  # fmt: skip


def task(**error):
    return {"data": [], "errors": [error]}


def issue(code, path, message="Invalid input", **more):
    return {"error": "Validation of body failed", "issues": [{"code": code, "path": path, "message": message, **more}]}


def fault(location, code, message, **more):
    listed = [{"location": ["body", *location], "severity": "Error", "code": code, "message": message, **more}]
    return {"type": "about:blank#INVALID", "title": "Invalid request", "status": 422, "validation": listed}


UNSUPPORTED = "Unsupported use of 'width' parameter. It is not supported for this model. Allowed values are: "

COMPLAINTS: dict[str, Any] = {
    # name                      payload  body                                        kind, places, facts
    "a number below its limit": (
        TASKS,
        task(
            parameter="width",
            taskUUID=ONE,
            min=256,
            max=1024,
            multiplier="8",
            type="integer",
            message="Invalid value for 'width' parameter.",
        ),
        "minimum",
        ["/1/width"],
        {"minimum": 256, "maximum": 1024, "multiple": 8},
    ),
    "limits in the sentence": (
        TASKS,
        task(
            taskUUID=ONE,
            message="Invalid value for 'width' parameter. It must be an "
            "integer value between 256 and 1,024, in multiples of '8'.",
        ),
        "minimum",
        ["/1/width"],
        {"minimum": 256, "maximum": 1024, "multiple": 8},
    ),
    "a path with dots": (
        TASKS,
        task(parameter="inputs.frameImages", message="Frames must contain between 0 and 1 images."),
        "max-items",
        ["/1/inputs/frameImages"],
        {"max_items": 1},
    ),
    "a path with brackets": (
        TASKS,
        task(parameter="inputs.frameImages[1].image", message="It must be a valid URL"),
        "format",
        ["/1/inputs/frameImages/1/image"],
        {},
    ),
    "a path with numbers": (
        TASKS,
        task(parameter="providerSettings.klingai.multiPrompt.1.duration", max="15", message="Invalid value."),
        "maximum",
        ["/1/providerSettings/klingai/multiPrompt/1/duration"],
        {"maximum": 15},
    ),
    "a path as a list": (
        TASKS,
        task(parameter=["inputs", "frameImages", 1, "image"], message="Malformed"),
        "format",
        ["/1/inputs/frameImages/1/image"],
        {},
    ),
    "names deep in a task": (
        TASKS,
        task(parameter="referenceImages", max=0, type="array", message="Too many."),
        "max-items",
        ["/1/inputs/referenceImages"],
        {"max_items": 0},
    ),
    "names of what is missing": (
        TASKS,
        task(
            parameter=["seed", "fps"],
            code="missingParameters",
            taskUUID=ONE,
            message="Missing parameters. Either seed or fps must be provided.",
        ),
        "required",
        ["/1/seed", "/1/fps"],
        {"options": (("/1/seed",), ("/1/fps",))},
    ),
    "the task that holds it": (
        TASKS,
        task(parameter="seed", message="Invalid value.", min=5),
        "minimum",
        ["/2/seed"],
        {"minimum": 5},
    ),
    "a task by its id": (
        TASKS,
        task(parameter="duration", message="Invalid value.", max=4, taskUUID=TWO.upper()),
        "maximum",
        ["/2/duration"],
        {"maximum": 4},
    ),
    "every task that holds it": (
        TASKS,
        task(parameter="taskUUID", code="duplicateTaskUUID", message="Must be unique."),
        "unique",
        ["/1/taskUUID", "/2/taskUUID"],
        {},
    ),
    "a bare task": (
        SECOND,
        task(parameter="seed", message="Seed must be at least 5"),
        "minimum",
        ["/seed"],
        {"minimum": 5},
    ),
    "no payload": (
        None,
        task(parameter="inputs.frameImages[0].image", message="Invalid URL"),
        "format",
        ["/inputs/frameImages/0/image"],
        {},
    ),
    "no payload, no field": (
        None,
        task(message="Parameter 'a.b' must be at most 5"),
        "maximum",
        ["/a/b"],
        {"maximum": 5},
    ),
    "names that are taken": (
        TASKS,
        task(parameter="width", taskUUID=ONE, message=UNSUPPORTED + "'taskUUID', 'fps'."),
        "unexpected",
        ["/1/width"],
        {"names": ("taskUUID", "fps")},
    ),
    "values that are taken": (
        TASKS,
        task(
            parameter="outputFormat",
            message="Unsupported use of 'outputFormat' parameter. Allowed values are: 'MP4', 'WEBM'.",
        ),
        "enum",
        ["/1/outputFormat"],
        {"allowed": ("MP4", "WEBM")},
    ),
    "sizes with an x": (
        TASKS,
        task(
            parameter="width",
            message="Unsupported use of width/height parameters. Supported values are: '1280x720', '720x1280'.",
        ),
        "unlisted-combination",
        ["/1/width", "/1/height"],
        {"sizes": ((1280, 720), (720, 1280))},
    ),
    "sizes with a star": (
        TASKS,
        task(message="Unsupported use of width/height parameters. Supported values are: '1280*720'."),
        "unlisted-combination",
        ["/1/width", "/1/height"],
        {"sizes": ((1280, 720),)},
    ),
    "one name, and sizes": (
        TASKS,
        task(parameter="width", message="Unsupported. Supported dimensions are: 1280x720."),
        "unlisted-combination",
        ["/1/width", "/1/height"],
        {"sizes": ((1280, 720),)},
    ),
    "numbers in quotes": (
        TASKS,
        task(parameter="duration", taskUUID=TWO, message="Bad.", allowedValues=["6", "10"]),
        "enum",
        ["/2/duration"],
        {"allowed": (6, 10)},
    ),
    "a text for a number": (
        TASKS,
        task(
            parameter="duration", taskUUID=ONE, message="Invalid value for 'duration'. Supported values are: '5', '10'."
        ),
        "enum",
        ["/1/duration"],
        {"allowed": (5, 10)},
    ),
    "a plain list": (
        TASKS,
        task(parameter="duration", taskUUID=TWO, message="It must be one of 6, 8 or 10."),
        "enum",
        ["/2/duration"],
        {"allowed": (6, 8, 10)},
    ),
    "a list in brackets": (
        TASKS,
        task(parameter="resolution", message="Valid resolutions: [480p, 720p]"),
        "enum",
        ["/2/resolution"],
        {"allowed": ("480p", "720p")},
    ),
    "the wrong type": (
        TASKS,
        task(parameter="duration", taskUUID=ONE, type="integer", message="Invalid value."),
        "type",
        ["/1/duration"],
        {"expected": ("integer",)},
    ),
    "two that exclude": (
        TASKS,
        task(message="Parameter 'width' and Parameter 'inputs.frameImages' cannot be used together"),
        "not-together",
        ["/1/width", "/1/inputs/frameImages"],
        {},
    ),
    "a name without quotes": (
        TASKS,
        task(message="Parameter seed is not supported here. Please remove it."),
        "unexpected",
        ["/2/seed"],
        {},
    ),
    "a single error": (
        TASKS,
        {"error": {"code": "x", "parameter": "seed", "message": "Must be at least 5"}},
        "minimum",
        ["/2/seed"],
        {"minimum": 5},
    ),
    "an error of one sentence": (
        SECOND,
        {"error": "Invalid resolution. Supported resolutions are: 720p, 1080p."},
        "enum",
        ["/resolution"],
        {"allowed": ("720p", "1080p")},
    ),
    "a list of errors": (
        TASKS,
        [{"code": "x", "parameter": "seed", "message": "Must be at least 5"}],
        "minimum",
        ["/2/seed"],
        {"minimum": 5},
    ),
    "a list of sentences": (
        TASKS,
        {"errors": ["Parameter 'seed' must be between 5 and 7"]},
        "minimum",
        ["/2/seed"],
        {"minimum": 5, "maximum": 7},
    ),
    "errors by parameter": (TASKS, {"errors": {"seed": "must be at least 5"}}, "minimum", ["/2/seed"], {"minimum": 5}),
    "an error among results": (
        TASKS,
        {
            "data": [
                {"taskUUID": TWO, "status": "error", "code": "x", "parameter": "seed", "message": "Must be at least 5"}
            ]
        },
        "minimum",
        ["/2/seed"],
        {"minimum": 5},
    ),
    "plain words": (
        SECOND,
        task(message="This duration is too long for the selected model: at most 4"),
        "maximum",
        ["/duration"],
        {"maximum": 4},
    ),
    "two in plain words": (
        SECOND,
        task(message="seed cannot be used together with resolution"),
        "not-together",
        ["/seed", "/resolution"],
        {},
    ),
    "several in quotes": (
        SECOND,
        task(message="The following parameters are not supported: 'seed', 'resolution'."),
        "unexpected",
        ["/seed", "/resolution"],
        {},
    ),
    # issues of a validator, both of its generations
    "a missing member": (
        BODY,
        issue("invalid_type", ["model2"], "Invalid input: expected string, received undefined", expected="string"),
        "required",
        ["/model2"],
        {},
    ),
    "a missing member, older": (
        BODY,
        issue("invalid_type", ["seed"], "Required", expected="number", received="undefined"),
        "required",
        ["/seed"],
        {"expected": ("number",)},
    ),
    "another type": (
        BODY,
        issue("invalid_type", ["ratio"], expected="number", received="string"),
        "type",
        ["/ratio"],
        {"expected": ("number",)},
    ),
    "listed values": (
        BODY,
        issue("invalid_value", ["ratio"], values=["1280:720"]),
        "enum",
        ["/ratio"],
        {"allowed": ("1280:720",)},
    ),
    "values in the sentence": (
        BODY,
        issue("invalid_value", ["ratio"], 'Invalid option: expected one of "1:1"|"4:3"'),
        "enum",
        ["/ratio"],
        {"allowed": ("1:1", "4:3")},
    ),
    "no value to be listed": (BODY, issue("invalid_value", ["audio"], values=[True]), "required", ["/audio"], {}),
    "listed values, older": (
        BODY,
        issue("invalid_enum_value", ["ratio"], options=["1:1"], received="16:9"),
        "enum",
        ["/ratio"],
        {"allowed": ("1:1",)},
    ),
    "one value, older": (
        BODY,
        issue("invalid_literal", ["duration"], expected=5, received=7),
        "enum",
        ["/duration"],
        {"allowed": (5,)},
    ),
    "the union's selector": (
        BODY,
        issue("invalid_union", ["model"], errors=[], note="No matching discriminator", discriminator="model"),
        "enum",
        ["/model"],
        {},
    ),
    "the selector, older": (
        BODY,
        issue("invalid_union_discriminator", ["model"], options=["a", "b"]),
        "enum",
        ["/model"],
        {"allowed": ("a", "b")},
    ),
    "the meant branch": (
        BODY,
        issue(
            "invalid_union",
            ["promptImage"],
            errors=[
                [{"code": "invalid_type", "expected": "string", "path": [], "message": "x"}],
                [{"code": "invalid_format", "format": "url", "path": [0, "uri"], "message": "x"}],
            ],
        ),
        "format",
        ["/promptImage/0/uri"],
        {"format": "url"},
    ),
    "the meant branch, older": (
        BODY,
        issue(
            "invalid_union",
            ["promptImage"],
            unionErrors=[
                {"issues": [{"code": "invalid_type", "path": ["promptImage"], "message": "x"}]},
                {
                    "issues": [
                        {
                            "code": "invalid_string",
                            "validation": "url",
                            "message": "x",
                            "path": ["promptImage", 0, "uri"],
                        }
                    ]
                },
            ],
        ),
        "format",
        ["/promptImage/0/uri"],
        {"format": "url"},
    ),
    "branches of one value": (
        BODY,
        issue(
            "invalid_union",
            ["duration"],
            errors=[[{"code": "invalid_value", "values": [each], "path": [], "message": "x"}] for each in (5, 10)],
        ),
        "enum",
        ["/duration"],
        {"allowed": (5, 10)},
    ),
    "no branch": (BODY, issue("invalid_union", ["promptImage"], errors=[[], []]), "any-of", ["/promptImage"], {}),
    "too long": (
        BODY,
        issue("too_big", ["promptTxt"], maximum=0, origin="string", inclusive=True),
        "max-length",
        ["/promptTxt"],
        {"max_length": 0},
    ),
    "too short, older": (
        BODY,
        issue("too_small", ["promptTxt"], minimum=2, type="string", inclusive=True),
        "min-length",
        ["/promptTxt"],
        {"min_length": 2},
    ),
    "too many": (
        BODY,
        issue("too_big", ["promptImage"], maximum=0, origin="array", inclusive=True),
        "max-items",
        ["/promptImage"],
        {"max_items": 0},
    ),
    "exactly so many": (
        BODY,
        issue("too_small", ["promptImage"], minimum=2, type="array", exact=True),
        "min-items",
        ["/promptImage"],
        {"min_items": 2, "max_items": 2},
    ),
    "not less than": (
        BODY,
        issue("too_big", ["duration"], maximum=7, origin="number", inclusive=False),
        "exclusive-maximum",
        ["/duration"],
        {"exclusive_maximum": 7},
    ),
    "what a file is like": (
        BODY,
        issue("too_big", ["videoUri"], maximum=30, origin="number", inclusive=True),
        "maximum",
        ["/videoUri"],
        {"maximum": 30},
    ),
    "no multiple": (
        BODY,
        issue("not_multiple_of", ["duration"], divisor=5),
        "multiple-of",
        ["/duration"],
        {"multiple": 5},
    ),
    "unknown members": (
        BODY,
        issue("unrecognized_keys", [], keys=["promptTxt", "ratio"]),
        "unexpected",
        ["/promptTxt", "/ratio"],
        {},
    ),
    "a pattern": (
        BODY,
        issue("invalid_format", ["ratio"], format="regex", pattern="^x$"),
        "pattern",
        ["/ratio"],
        {"pattern": "^x$"},
    ),
    "of its own": (
        BODY,
        issue("custom", ["promptImage", 0, "position"], "Only first frames"),
        "",
        ["/promptImage/0/position"],
        {},
    ),
    "inside a map": (
        BODY,
        issue("invalid_element", ["promptImage"], key=0, issues=[{"code": "custom", "path": ["uri"], "message": "x"}]),
        "",
        ["/promptImage/0/uri"],
        {},
    ),
    # lists of faults
    "a mock's limit": (
        TASKS,
        fault(["2", "duration"], "maximum", "Request body property 2.duration must be <= 3"),
        "maximum",
        ["/2/duration"],
        {"maximum": 3},
    ),
    "a mock's missing member": (
        TASKS,
        fault(["2"], "required", "Request body property 2 must have required property 'fps'"),
        "required",
        ["/2/fps"],
        {},
    ),
    "a mock's unknown member": (
        TASKS,
        fault(["2"], "additionalProperties", "must NOT have additional properties; found 'seed'"),
        "unexpected",
        ["/2/seed"],
        {},
    ),
    "a mock's type": (
        TASKS,
        fault(["1", "duration"], "type", "must be integer"),
        "type",
        ["/1/duration"],
        {"expected": ("integer",)},
    ),
    "a mock's list": (
        TASKS,
        fault(["2", "resolution"], "enum", "must be equal to one of the allowed values: a, b"),
        "enum",
        ["/2/resolution"],
        {"allowed": ("a", "b")},
    ),
    "a mock and a bare task": (
        SECOND,
        fault(["0", "duration"], "maximum", "must be <= 3"),
        "maximum",
        ["/duration"],
        {},
    ),
    "the same by `loc`": (
        TASKS,
        {"detail": [{"loc": ["body", 2, "duration"], "msg": "Bad", "type": "less_than_equal", "ctx": {"le": 3}}]},
        "maximum",
        ["/2/duration"],
        {"maximum": 3},
    ),
    "the same by a pointer": (
        TASKS,
        {"title": "x", "errors": [{"pointer": "#/2/seed", "detail": "must be at least 5"}]},
        "minimum",
        ["/2/seed"],
        {"minimum": 5},
    ),
    "the same by a source": (
        TASKS,
        {"errors": [{"source": {"pointer": "/2/seed"}, "title": "must be at least 5"}]},
        "minimum",
        ["/2/seed"],
        {"minimum": 5},
    ),
    "the same by a path": (
        TASKS,
        {"errors": [{"instancePath": "/2/seed", "keyword": "minimum", "params": {"limit": 5}, "message": "x"}]},
        "minimum",
        ["/2/seed"],
        {"minimum": 5},
    ),
    "the same by a name": (
        SECOND,
        {"title": "x", "invalid-params": [{"name": "seed", "reason": "must be at least 5"}]},
        "minimum",
        ["/seed"],
        {"minimum": 5},
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_complaint_says_what_where_and_within_which_limits(name):
    payload, body, kind, places, facts = COMPLAINTS[name]
    answer = read(json.dumps(body).encode(), **({} if payload is None else {"payload": payload}))
    assert [(each.kind, list(each.pointers)) for each in answer.complaints] == [(kind, places)]
    said = answer.complaints[0].facts
    assert {each: said.get(each) for each in facts} == facts
    assert (answer.outcome, answer.retry, answer.unread) == ("refused", NEVER, ())


GROUNDS: dict[str, Any] = {
    # name                    body, status                                               outcome, retry, reason
    "key by status": ({"error": "x"}, 401, "inconclusive", AFTER_CHANGE, "key"),
    "no permission": (task(parameter="seed", message="Bad"), 403, "inconclusive", AFTER_CHANGE, "key"),
    "credits by status": (b"", 402, "inconclusive", AFTER_CHANGE, "credits"),
    "nothing there": ({"error": "Not found"}, 404, "inconclusive", AFTER_CHANGE, "address"),
    "slow request": (None, 408, "inconclusive", LATER, "time-out"),
    "rate by status": (issue("custom", ["ratio"]), 429, "inconclusive", LATER, "requests"),
    "server by status": (task(parameter="seed", message="Bad"), 500, "inconclusive", LATER, "service"),
    "overload": (b"<html>Bad gateway</html>", 502, "inconclusive", LATER, "service"),
    "redirect": (b"", 302, "inconclusive", AFTER_CHANGE, "redirect"),
    "too large": (b"<html>", 413, "refused", NEVER, "large"),
    "key by code": (
        task(code="invalidApiKey", message="Get one", parameter="apiKey"),
        None,
        "inconclusive",
        AFTER_CHANGE,
        "key",
    ),
    "credits by code": (
        task(code="insufficientCredits", message="Sorry"),
        400,
        "inconclusive",
        AFTER_CHANGE,
        "credits",
    ),
    "rate by code": (task(code="RATE_LIMIT_EXCEEDED", message="Sorry"), None, "inconclusive", LATER, "requests"),
    "time-out by code": (task(code="timeoutProvider", message="Sorry"), None, "inconclusive", LATER, "time-out"),
    "content by code": (task(code="invalidProviderContent", message="Sorry"), None, "refused", NEVER, "moderated"),
    "credits by sentence": (
        {"error": "You do not have enough credits for this."},
        400,
        "inconclusive",
        AFTER_CHANGE,
        "credits",
    ),
    "version by sentence": (
        {"error": "The version in the X-Some-Version header is not valid."},
        400,
        "inconclusive",
        AFTER_CHANGE,
        "version",
    ),
    "credits for a model": (
        {"error": "Not enough credits: 'seed' of model x"},
        None,
        "inconclusive",
        AFTER_CHANGE,
        "credits",
    ),
    "limit by sentence": ({"error": "You have reached your daily task limit."}, 400, "inconclusive", LATER, "limit"),
    "rate by sentence": ({"error": "Too many requests"}, None, "inconclusive", LATER, "requests"),
    "failed: content": (
        {"id": "t", "status": "FAILED", "failureCode": "INPUT_PREPROCESSING.SAFETY.TEXT"},
        200,
        "refused",
        NEVER,
        "moderated",
    ),
    "failed: output": (
        {"id": "t", "status": "FAILED", "failureCode": "SAFETY.OUTPUT.VIDEO", "failure": "x"},
        None,
        "refused",
        NEVER,
        "moderated",
    ),
    "failed: the service": (
        {"id": "t", "status": "FAILED", "failureCode": "INTERNAL.BAD_OUTPUT.CODE01"},
        None,
        "inconclusive",
        LATER,
        "service",
    ),
    "failed: an asset": (
        {"id": "t", "status": "FAILED", "failureCode": "ASSET.INVALID"},
        None,
        "refused",
        NEVER,
        "asset",
    ),
    "an asset out of reach": (
        issue("custom", ["promptImage"], "Failed to fetch asset. Received 503"),
        400,
        "refused",
        UNKNOWN,
        "fetched",
    ),
    "an unknown code": (task(code="strange", message="No."), 400, "refused", NEVER, ""),
    "unknown, no status": (task(code="strange", message="No."), None, "refused", UNKNOWN, ""),
    "another sentence": ({"error": "Something odd"}, 400, "unread", UNKNOWN, ""),
    "an error page": (b"<html><h1>Oops", 400, "unread", UNKNOWN, ""),
    "cut off": (b'{"errors": [{"mess', 400, "unread", UNKNOWN, ""),
    "nothing": (b"", None, "unread", UNKNOWN, ""),
    "a number": (b"17", None, "unread", UNKNOWN, ""),
    "a task that was made": ({"id": "t"}, 200, "accepted", UNKNOWN, ""),
    "results": ({"data": [{"taskUUID": ONE}]}, None, "accepted", UNKNOWN, ""),
    "nothing to complain of": (b"", 204, "accepted", UNKNOWN, ""),
}


@pytest.mark.parametrize("name", GROUNDS)
def test_an_answer_says_whose_fault_it_is_and_whether_to_try_again(name):
    body, status, outcome, retry, reason = GROUNDS[name]
    answer = read(body, status=status)
    assert (answer.outcome, answer.retry) == (outcome, retry)
    assert reason in answer.reason
    assert answer.status == status


def test_a_request_of_several_tasks_may_be_refused_in_part():
    body = {
        "data": [{"taskUUID": TWO, "videoUUID": "x"}],
        "errors": task(parameter="seed", message="Bad")["errors"],
    }
    answer = read(body, payload=TASKS)
    assert (answer.outcome, answer.taken) == ("refused", (TWO,))


@pytest.mark.parametrize("wait", ["3", " 3 ", "3.0"])
def test_the_time_to_wait_is_read(wait):
    assert read(b"", status=429, headers={"retry-AFTER": wait}).after == 3


@pytest.mark.parametrize("wait", ["", "soon", "nan", "inf", "1e400", "Fri, 99 Nov 2026 99:99:99 GMT"])
def test_a_time_that_is_none_is_passed_over(wait):
    assert read(b"", status=429, headers={"Retry-After": wait}).after is None


def test_a_date_to_wait_for_that_is_past_is_now():
    assert read(b"", status=429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}).after == 0


EXCHANGES = [
    {"status": 429, "headers": {"Retry-After": "3"}, "body": {"error": "x"}},
    {"statusCode": 429, "headers": {"retry-after": "3"}, "body": '{"error": "x"}'},
    'HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\n\r\n{"error": "x"}',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/2 429 \r\nretry-after: 3\r\n\r\n{"error": "x"}',
]  # fmt: skip


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_saved_exchange_brings_its_status_and_headers(exchange):
    answer = read(exchange)
    assert (answer.outcome, answer.status, answer.after) == ("inconclusive", 429, 3)


def test_a_status_that_is_given_wins():
    assert read({"status": 500, "body": {"id": "x"}}, status=200).outcome == "accepted"


@pytest.mark.parametrize("vendor", ["runware", "runwayml", "another"])
def test_a_mock_stays_a_mock_whatever_vendor_it_stands_for(vendor):
    faults = {"errors": [{"instancePath": "/2/seed", "keyword": "minimum", "message": "must be >= 5"}]}
    for body in (fault(["2", "seed"], "minimum", "must be >= 5"), faults):
        [complaint] = read(body, vendor=vendor, payload=TASKS).complaints
        assert (complaint.kind, complaint.pointers) == ("minimum", ("/2/seed",))


def test_the_vendors_own_format_is_tried_first():
    assert read({"error": "Something odd"}, vendor="runwayml").reader == "runwayml"
    assert read({"error": {"message": "x"}}, vendor="runware").reader == "runware"


def test_the_last_of_two_members_of_one_name_counts():
    assert read(b'{"error": "a", "error": "Too many requests"}').reason == "too many requests"


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf", b""])
def test_a_mark_before_the_text_is_passed_over(raw):
    assert read(raw + b'{"error": "Too many requests"}').outcome == "inconclusive"


def test_an_answer_that_is_not_understood_is_there_whole():
    odd = {"odd": ["things", {"a": 1.5, "b": None}]}
    assert read(odd).unread == (odd,)
    assert read(b"\x00\xff<html>").unread == ("\x00\\xff<html>",)
    assert read({"errors": [17, {"message": "x", "code": "y"}]}).unread == (17,)


def test_an_answer_of_megabytes_is_not_read():
    answer = read(b'{"error": "' + b"x" * 3_000_000 + b'"}')
    assert answer.outcome == "unread"
    assert "3,000,013 in all" in answer.unread[0]
    assert len(answer.unread[0]) < 100_000


def test_an_answer_of_many_levels_is_shown_and_not_read():
    answer = read(b'{"errors": ' + b"[" * 5000 + b"]" * 5000 + b"}")
    assert answer.outcome == "unread"
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(5000):
        inner["errors"] = {}
        inner = inner["errors"]
    assert read(deep).outcome == "unread"
