"""
Payloads are found in every layout that teams keep them in, and placed where they stand.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.jobs.dress import BAD_BODY, BAD_TASK, BODY, TASK, UUID, lines, write

SIZE = "unlisted-combination"

# ruff: noqa: E501  # tables
WRAPPED = [
    # what the file holds,                                             payloads found: (address, verdict is valid)
    (TASK,                                                             [("", True)]),
    ([TASK],                                                           [("", True)]),
    ([BAD_TASK],                                                       [("", False)]),
    ([{"taskType": "authentication", "apiKey": "$KEY"}, BAD_TASK],     [("", False)]),
    (BAD_BODY,                                                         [("", False)]),
    ([BODY, BAD_BODY],                                                 [("/0", True), ("/1", False)]),
    ({"name": "batch 7", "request": [BAD_TASK]},                       [("/request", False)]),
    ({"jobs": [BAD_TASK, BODY, {"mode": "image_to_video", **BAD_BODY}]},
                                                                       [("/jobs/0", False), ("/jobs/1", True), ("/jobs/2", False)]),
    ({"jobs": [BAD_BODY, BODY]},                                       [("/jobs/0", False), ("/jobs/1", True)]),
    ({"shots": [{"id": 1, "plan": {"deep": [BAD_TASK]}}]},             [("/shots/0/plan/deep", False)]),
    ({"plan": {"jobs": [{"task": BAD_TASK}]}},                         [("/plan/jobs/0/task", False)]),
    ({"method": "POST", "path": "/v1/image_to_video", "body": BAD_BODY},      [("/body", False)]),
    ({"url": "https://api.dev.runwayml.com/v1/image_to_video", "json": BODY}, [("/json", True)]),
    ({"endpoint": "image_to_video", "payload": BAD_BODY},              [("/payload", False)]),
    ({"method": "POST", "url": "https://api.runware.ai/v1", "body": [BAD_TASK]}, [("/body", False)]),
    ({"requests": [{"url": "/v1/image_to_video", "request": BAD_BODY}]},      [("/requests/0/request", False)]),
    ({"mode": "image_to_video", **BAD_BODY},                           [("", False)]),
    ({"url": "/v1/organization/usage", "body": {"startDate": "2024-01-01", "beforeDate": "2025-01-01"}},
                                                                       [("/body", False)]),
    ({"mode": "production", "data": {"campaign": 7}, "jobs": [BAD_TASK]},     [("/jobs", False)]),
    ({"action": "render", "input": {}, "jobs": [BAD_BODY]},            [("/jobs/0", False)]),
    ({"url": "https://hooks.example.com", "data": [1, 2], "tasks": [BAD_TASK]}, [("/tasks", False)]),
    ({"method": "POST", "url": "/v1/image_to_video", "body": BAD_BODY, "fallback": BAD_TASK},
                                                                       [("/body", False), ("/fallback", False)]),
    ({"first": 1, "fallback": BAD_TASK, "url": "/v1/image_to_video", "body": BODY, "headers": {"Accept": "*/*"}},
                                                                       [("/fallback", False), ("/body", True)]),
    ({"mode": "image_to_video", "data": {"camera": 1}, **BAD_BODY},    [("", False)]),
    ({"mode": "production", "data": {"camera": 1}, **BAD_BODY},        [("", False)]),
    ({"mode": "image_to_video", "model": "gen4_turbo", "data": BAD_BODY},     [("/data", False)]),
    ({"mode": "production", "data": {"jobs": [BAD_BODY]}},             [("/data/jobs/0", False)]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "found"), WRAPPED, ids=[json.dumps(each)[:50] for each, _ in WRAPPED])
def test_payloads_are_found_in_what_wraps_them(linted, content, found):
    write("jobs.json", content)
    run = linted("jobs.json")
    assert [each.at for each in run.entries] == [at for at, valid in found if not valid]
    assert run.counts.get("valid", 0) == sum(valid for _, valid in found)


UNRELATED = [
    {"name": "app", "type": "module", "scripts": {"build": "vite"}},
    {"compilerOptions": {"target": "es2022"}, "include": ["src"]},
    {"model": "klingai:kling-video@o3-pro", "apiUrl": "https://example.com"},
    {"model": "some-other-model", "messages": [{"role": "user", "content": "hi"}]},
    [1, 2, 3],
    {},
    [],
    "text",
    None,
]


@pytest.mark.parametrize("content", UNRELATED, ids=json.dumps)
def test_a_file_without_payloads_is_said_to_hold_none(linted, content):
    wrapped = isinstance(content, dict) and "model" in content
    write("config.json", json.dumps({"wrapped": content} if wrapped else content))
    run = linted("config.json")
    assert (run.entries, run.counts.get("valid", 0), list(run.empty)) == ([], 0, ["config.json"])


def test_what_should_be_a_payload_and_is_none_is_counted_with_its_place(linted):
    write("jobs.json", {"jobs": [BODY, {"note": "later"}, "todo"]})
    run = linted("jobs.json")
    assert run.counts == {"valid": 1, "skipped": 2}
    assert [where.rpartition("#")[2].rpartition(":")[0] for where, _ in run.skips] == ["/jobs/1", "/jobs/2"]


def test_what_is_too_deep_to_be_looked_at_is_counted_with_its_place(linted):
    deep = BAD_TASK
    for _ in range(40):
        deep = {"a": deep}
    write("jobs.json", {"a": deep, "b": deep["a"]})
    run = linted("jobs.json")
    assert [each.at for each in run.entries] == ["/b" + "/a" * 39]
    assert [where.rpartition("#")[2].rpartition(":")[0] for where, _ in run.skips] == ["/a" * 41]


LINES = [
    # a line,                                              how often it counts as skipped
    ({"jobs": [{"x": 1}, {"y": 2}]},                       2),
    ({"url": "https://example.com", "body": {"x": 1}},     1),
    ({"x": 1},                                             1),
    (5,                                                    1),
]  # fmt: skip


@pytest.mark.parametrize(("line", "skipped"), LINES, ids=[json.dumps(each) for each, _ in LINES])
def test_a_line_without_payload_counts_once_or_what_should_be_one_does(linted, line, skipped):
    write("a.jsonl", lines(TASK, line))
    assert linted("a.jsonl").counts == {"valid": 1, "skipped": skipped}


@pytest.mark.parametrize(
    ("select", "addresses"),
    [
        ("$.plans[*].payload", ["/plans/0/payload"]),
        ("$..payload", ["/plans/0/payload", "/other/payload"]),
        ("$.plans[?@.live == true].payload", []),
    ],
)
def test_a_jsonpath_picks_the_payloads(linted, select, addresses):
    write("jobs.json", {"plans": [{"live": False, "payload": [BAD_TASK]}], "other": {"payload": BAD_BODY}})
    run = linted("jobs.json", select=(select,))
    assert [each.at for each in run.entries] == addresses
    assert bool(run.empty) is not bool(addresses)


PLACES = [
    ("a.json",   json.dumps(BAD_TASK, indent=2)),
    ("a.json",   json.dumps({"jobs": [[BAD_TASK]], "note": "é😀"}, ensure_ascii=False)),
    ("a.jsonl",  lines(TASK, "", BAD_TASK)),
    ("a.ndjson", lines(TASK, BAD_TASK).replace("\n", "\r\n")),
    ("a.jsonl",  lines(json.dumps({**BAD_TASK, "positivePrompt": "é😀"}, ensure_ascii=False))),
    ("a.jsonc",  "// one job\n" + json.dumps(BAD_TASK, indent=2).replace("1081", "/*!*/ 1081,")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), PLACES, ids=range(len(PLACES)))
def test_a_violation_has_line_and_column_in_its_file(linted, name, text):
    write(name, text)
    [placed] = [placed for each in linted(name).entries for placed in each.found]
    at = text.index("1081")
    assert placed.violation.rule == SIZE
    assert placed.also == ((text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)),)


YAML = f"""\
# two requests
taskType: videoInference
taskUUID: {UUID}
model: klingai:kling-video@o3-pro
positivePrompt: "A fox"
width: 1920
height: 1081
---
jobs:
  - endpoint: image_to_video
    model: gen4_turbo
    promptImage: https://example.com/a.png
    ratio: 16:9
    duration: 5
"""


def test_every_document_of_a_yaml_file_is_looked_at(linted):
    write("jobs.yaml", YAML)
    assert linted("jobs.yaml").places == [
        (SIZE, "", "/width", 6, 8),
        ("enum", "/jobs/0", "/ratio", 13, 12),
    ]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.yaml"])
@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_packed_files_are_read_as_what_they_hold(linted, name, ending):
    text = {"a.json": json.dumps(BAD_TASK), "a.jsonl": lines(TASK, BAD_TASK), "a.yaml": YAML}[name].encode()
    if ending == ".gz":
        import gzip

        packed = gzip.compress(text)
    else:
        zstd = pytest.importorskip("backports.zstd" if sys.version_info < (3, 14) else "compression.zstd")
        packed = zstd.compress(text)
    write(name, text)
    write(name + ending, packed)
    assert linted(name + ending).places == linted(name).places != []


PLACEHOLDERS = [
    # the member and what stands there,                      verdict
    ({"taskUUID": "<uuid>"},                                 "unresolved"),
    ({"taskUUID": "{{ $json.id }}"},                         "unresolved"),
    ({"height": "${height}"},                                "unresolved"),
    ({"model": "{{model}}"},                                 "unresolved"),
    ({"positivePrompt": "A {{animal}} runs"},                "valid"),
    ({"inputs": {"frameImages": ["<start: URL | data-URI>"]}, "width": None}, "unresolved"),
    ({"taskUUID": "<uuid>", "outputFormat": "mp4"},          "invalid"),
    ({"taskUUID": "not a uuid"},                             "invalid"),
    ({"taskUUID": "<uuid>", "model": "new:model@1"},         "warning"),
    ({"positivePrompt": "A {{animal}}", "model": "new:model@1"}, "warning"),
    ({"positivePrompt": "A {{animal}}", "model": None},      "warning"),
    ({"taskType": "{{type}}"},                               "unresolved"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "verdict"), PLACEHOLDERS, ids=[json.dumps(each) for each, _ in PLACEHOLDERS])
def test_what_depends_on_a_placeholder_is_not_wrong(linted, change, verdict):
    task = {name: each for name, each in {**TASK, **change}.items() if each is not None}
    if "width" not in task:
        del task["height"]
    write("job.json", [task])
    assert linted("job.json").counts == {verdict: 1}


KEY = "rw_live_4f9a8b7c6d5e"

SECRETS = [
    # what stands beside the body,                                is a secret
    ({"headers": {"Authorization": KEY}},                         True),
    ({"headers": {"Authorization": "Bearer sk-1234567890abcdef"}}, True),
    ({"headers": {"Authorization": "$RUNWARE_API_KEY"}},          False),
    ({"headers": {"Authorization": "${RUNWARE_API_KEY}"}},        False),
    ({"headers": {"Authorization": "Bearer {{ key }}"}},          False),
    ({"headers": {"Authorization": "<your key>"}},                False),
    ({"headers": {"Authorization": "YOUR_API_KEY"}},              False),
    ({"headers": {"Authorization": "Bearer my-key-here"}},        False),
    ({"headers": {"Authorization": "Bearer sk_my_9f8e7d6c5b4a"}}, True),
    ({"headers": {"Authorization": "***"}},                       False),
    ({"headers": {"Authorization": [f"Bearer {KEY}"]}},           True),
    ({"headers": [{"name": "Authorization", "value": KEY}]},      True),
    ({"header": [{"key": "X-Api-Key", "value": KEY}]},            True),
    ({"headers": [{"name": "Authorization", "value": "$KEY"}]},   False),
    ({"headers": [{"name": "Accept", "value": KEY}]},             False),
    ({"apiKey": 918273645546372819},                              True),
    ({"apiKey": {"value": KEY}},                                  True),
    ({"token": {"type": "string", "minLength": 12}},              False),
    ({"HOUSE_API_KEY": KEY},                                      True),
    ({"HOUSE_API_SECRET": KEY},                                   True),
    ({"CI_TOKEN": KEY},                                           True),
    ({"clientSecret": KEY},                                       True),
    ({"access_token": KEY},                                       True),
    ({"access_token": "$TOKEN"},                                  False),
    ({"access_token": "later"},                                   False),
    ({"max_tokens": "4f9a8b7c6d5e"},                              False),
    ({"next_page_token": "4f9a8b7c6d5e"},                         False),
]  # fmt: skip


@pytest.mark.parametrize(("beside", "secret"), SECRETS, ids=[json.dumps(each) for each, _ in SECRETS])
def test_a_key_in_a_file_is_a_finding_and_shown_nowhere(linted, beside, secret):
    write("jobs.json", {**beside, "body": [BAD_TASK], "url": "https://api.runware.ai/v1"})
    run = linted("jobs.json")
    assert run.counts == {"invalid": 1}
    assert run.rules.count("literal-secret") == int(secret)
    if secret:
        assert not shown(run, KEY, "1234567890abcdef", "9f8e7d6c5b4a", "918273645546372819")


def shown(run, *texts: str) -> list[str]:
    """The formats in which some text is shown."""
    from preroll.outcome import Outcome
    from preroll.render import RENDERERS, render

    outcome = Outcome.of(run.entries)
    return [form for form in RENDERERS if any(each in render(outcome, form, verbose=2) for each in texts)]


SPELT = [
    # how a file spells a key, in YAML and JSON,        what of it nobody may see
    ("a.json", r'"live_AAAA\u0042BBBCCCC1"',             "BBBCCCC1"),
    ("a.json", r'"live_AAAA\/BBBB/CCCC1"',              "CCCC1"),
    ("a.jsonl", r'"live_AAAA\u0042BBBCCCC1"',            "BBBCCCC1"),
    ("a.jsonc", '"live_AAAABBBBCCCC1" // mine',         "CCCC1"),
    ("a.json", "918273645546372819",                    "372819"),
    ("a.yaml", '"live_AAAA\\\n    BBBBCCCC1"',           "CCCC1"),
    ("a.yaml", ">-\n    live_AAAA\n    BBBBCCCC1",      "CCCC1"),
    ("a.yaml", "'live_AAAA''BBBBCCCC1'",                "CCCC1"),
    ("a.yaml", "&key 'live_AAAA''BBBBCCCC1'\n  again: *key", "CCCC1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spelt", "secret"), SPELT, ids=[each[1] for each in SPELT])
def test_a_key_is_hidden_however_it_is_spelt(linted, name, spelt, secret):
    if name == "a.yaml":
        text = f"- taskType: authentication\n  apiKey: {spelt}\n- {json.dumps(BAD_TASK)}\n"
    else:
        gap = "" if name == "a.jsonl" else "\n"
        text = f'[{{"taskType": "authentication", "apiKey": {spelt}{gap}}},{gap}{json.dumps(BAD_TASK)}]\n'
    write(name, text)
    run = linted(name)
    assert {"literal-secret", SIZE} <= set(run.rules)
    assert not shown(run, secret)


GUESSED = [
    {"apiKye": KEY},
    {"key": KEY},
    {"apiKey": KEY, "note": f"curl -H {KEY}"},
    {"apiKey": f"Bearer {KEY}", "note": KEY},
    {"apiKey": {"first": "my dear watson"}},
]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.yaml"])
@pytest.mark.parametrize("members", GUESSED, ids=json.dumps)
def test_what_may_be_a_key_is_hidden_too(linted, name, members):
    task = {"taskType": "authentication", **members}
    write(name, lines([task, BAD_TASK]) if name == "a.jsonl" else json.dumps([task, BAD_TASK], indent=1))
    run = linted(name)
    assert SIZE in run.rules
    assert not shown(run, KEY, "watson")


def test_a_finding_shows_nothing_of_other_documents(linted):
    write("a.yaml", f"taskType: authentication\napiKey: {KEY}\n---\n{json.dumps(BAD_TASK)}\n--- {{apiKey: {KEY}}}\n")
    run = linted("a.yaml")
    assert run.rules == ["literal-secret", SIZE, "literal-secret"]
    assert not shown(run, KEY)


def test_a_key_inside_a_request_belongs_to_that_request(linted):
    write("a.jsonl", lines([{"taskType": "authentication", "apiKey": KEY}, TASK]))
    assert linted("a.jsonl").places == [("literal-secret", "", "/0/apiKey", 1, 43)]


def test_a_key_beside_a_payload_makes_that_payload_invalid(linted):
    job = {"url": "/v1/image_to_video", "body": BODY}
    write("a.json", {"jobs": [job, {**job, "headers": {"Authorization": KEY}}]})
    run = linted("a.json")
    assert run.counts == {"valid": 1, "invalid": 1}
    [entry] = run.entries
    assert (entry.at, entry.found[0].violation.parameter) == ("/jobs/1/body", "/jobs/1/headers/Authorization")


ALONE = [
    # a file without any payload,                                                   counts
    ({"apiKey": KEY},                                                              {"invalid": 1}),
    ({"url": "https://api.example.com/v1", "apiKey": KEY, "body": {"x": 1}},       {"invalid": 1}),
    ({"jobs": [{"apiKey": KEY}, {"x": 1}]},                                        {"invalid": 1, "skipped": 1}),
    ({"labels": {"password": "Passwort", "token": "https://example.com/v1/abc"}},  {}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "counts"), ALONE, ids=[json.dumps(each) for each, _ in ALONE])
def test_a_key_is_told_where_there_is_no_payload_too(linted, content, counts):
    write("a.json", content)
    assert linted("a.json").counts == counts
    write("a.jsonl", lines(TASK, content))
    assert linted("a.jsonl").counts == {"valid": 1, **(counts or {"skipped": 1})}


def test_one_request_repeats_no_identifier_but_two_lines_may(linted):
    write("a.jsonl", lines(TASK, TASK, [TASK, TASK]))
    run = linted("a.jsonl")
    assert (run.counts, run.rules) == ({"valid": 2, "invalid": 1}, ["task-id-repeated"])


SUPPRESSED = [
    # comment on the line of the fault,       comment above,                        told
    ("",                                      "",                                   True),
    ("  # preroll: ignore",                   "",                                   False),
    ("  # preroll: ignore[unlisted-combination]", "",                               False),
    ("  # preroll: ignore[enum, unlisted-combination]", "",                         False),
    ("  # preroll: ignore[enum]",             "",                                   True),
    ("",                                      "# preroll: ignore",                  False),
    ("",                                      "# preroll: ignore[enum]",            True),
    ("",                                      "# preroll: ignore-file[unlisted-combination]", False),
]  # fmt: skip


@pytest.mark.parametrize(("beside", "above", "told"), SUPPRESSED)
def test_comments_suppress_what_they_name_where_they_stand(linted, beside, above, told):
    write("a.yaml", YAML.partition("---")[0].replace("width: 1920", f"{above}\nwidth: 1920{beside}"))
    assert bool(linted("a.yaml").rules) is told


TEXTS = [
    # a prompt that speaks of suppression,                       and whether a comment does
    ("a.yaml",  '"a sign that reads # preroll: ignore-file"',    False),
    ("a.yaml",  "a sign# preroll:ignore-file",                   False),
    ("a.yaml",  "|\n  a sign\n  # preroll: ignore-file",         False),
    ("a.yaml",  "'a sign\n  # preroll: ignore-file\n  '",        False),
    ("a.yaml",  "|  # preroll: ignore-file\n  a sign",           True),
    ("a.yaml",  ">-\n  a sign\n# preroll: ignore-file",          True),
    ("a.yaml",  "a sign\n---\na: # preroll: ignore-file",        True),
    ("a.jsonc", '"see https://x // preroll: ignore-file"',       False),
    ("a.jsonc", '"a \\" /* preroll: ignore-file */"',            False),
    ("a.jsonc", '"a \\" " /* preroll: ignore-file */',           True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "prompt", "silent"), TEXTS, ids=[each[1] for each in TEXTS])
def test_only_comments_suppress_and_no_text_does(linted, name, prompt, silent):
    task = {**BAD_TASK, "positivePrompt": "PROMPT"}
    if name == "a.yaml":
        write(name, "".join(f"{key}: {each}\n" for key, each in task.items()).replace("PROMPT", prompt))
    else:
        write(name, json.dumps(task).replace('"PROMPT"', prompt))
    assert (linted(name).rules == []) is silent


def test_an_empty_value_stands_behind_its_key(linted):
    write(
        "a.yaml", "model: gen4_turbo\npromptImage: https://example.com/a.png\nseed:   # later\n\n# size\nratio: 16:9\n"
    )
    assert linted("a.yaml").places == [("type", "", "/seed", 3, 6), ("enum", "", "/ratio", 6, 8)]
    write("a.yaml", Path("a.yaml").read_text(encoding="utf-8").replace("later", "preroll: ignore[type]"))
    assert linted("a.yaml").rules == ["enum"]


def test_comments_suppress_in_jsonc_too(linted):
    text = json.dumps(BAD_TASK, indent=1).replace('"width": 1920,', '"width": 1920, // preroll: ignore')
    write("a.jsonc", text)
    assert linted("a.jsonc").counts == {"valid": 1}
