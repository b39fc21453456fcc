"""
`preroll decode`: what it prints, in every format, and its exit codes.

`PREROLL_SNAPSHOTS=write pytest tests/refusals` writes the snapshots anew; read the difference before you commit it.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource

from preroll import __version__
from preroll.cli import main
from preroll.cli.exits import Exit
from preroll.render import RENDERERS

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOTS = Path(__file__).parent / "snapshots"
SCHEMAS = {
    name: json.loads((ROOT / "docs/json" / name).read_text(encoding="utf-8"))
    for name in ("check.schema.json", "decode.schema.json")
}

JOB = """[
  {
    "taskType": "videoInference",
    "taskUUID": "20f76fad-f57b-451d-a821-895b3f17612a",
    "model": "klingai:kling-video@o3-pro",
    "positivePrompt": "A red fox trots through fresh snow",
    "width": 640,
    "height": 360,
    "duration": 20,
    "includeCosts": true
  }
]
"""
TASK = "20f76fad-f57b-451d-a821-895b3f17612a"
ANSWERS = {
    "refused": {
        "data": [{"taskUUID": "another"}],
        "errors": [
            {"code": "invalidDuration", "parameter": "duration", "type": "integer", "min": 3, "max": 10,
             "taskUUID": TASK,
             "message": "Invalid value for 'duration' parameter. Duration must be an integer value between 3 and 10.",
             "documentation": "https://example.com/docs#duration"},
            {"code": "unsupportedDimensions", "taskUUID": TASK,
             "message": "Unsupported use of width/height parameters. Supported values are: '1920x1080', '9x9'."},
            {"code": "odd", "message": "Something \u001b[2J else."},
            17,
        ],
    },
    "inconclusive": {"status": 429, "headers": {"Retry-After": "3"}, "body": {"error": "Slow down."}},
    "unread": {"odd": {"things": [1, 2]}},
    "accepted": {"data": [{"taskUUID": TASK}]},
}  # fmt: skip
CODES = {
    "refused": Exit.VIOLATIONS, "inconclusive": Exit.INCONCLUSIVE, "unread": Exit.INCONCLUSIVE, "accepted": Exit.CLEAN,
}  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.json").write_text(JOB, encoding="utf-8")
    for name, answer in ANSWERS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")

    def call(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["decode", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def compared(name, text):
    path = SNAPSHOTS / name
    text = text.replace(__version__, "VERSION")
    if os.environ.get("PREROLL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ANSWERS)
def test_a_text_looks_as_it_did(name, run):
    code, out, err = run(f"{name}.json", "--payload", "job.json")
    assert (code, err) == (CODES[name], "")
    compared(f"{name}.txt", out)


def test_without_the_payload_places_are_those_of_the_service(run):
    compared("refused-alone.txt", run("refused.json")[1])


@pytest.mark.parametrize("form", ["github", "markdown"])
@pytest.mark.parametrize("name", ["refused", "inconclusive", "unread"])
def test_other_formats_look_as_they_did(name, form, run):
    compared(f"{name}.{form}.txt", run(f"{name}.json", "--payload", "job.json", "--format", form)[1])


@pytest.mark.parametrize("payload", [("--payload", "job.json"), ()], ids=["payload", "alone"])
@pytest.mark.parametrize("name", ANSWERS)
def test_json_is_as_its_schema_says(name, payload, run):
    code, out, _ = run(f"{name}.json", *payload, "--format", "json")
    data = json.loads(out)
    known = Registry().with_resources((each, Resource.from_contents(SCHEMAS[each])) for each in SCHEMAS)
    jsonschema.Draft202012Validator(SCHEMAS["decode.schema.json"], registry=known).validate(data)
    assert (code, data["answer"]["outcome"]) == (CODES[name], name)


def test_the_schema_describes_each_member(run):
    data = json.loads(run("refused.json", "--payload", "job.json", "--format", "json")[1])
    described = SCHEMAS["decode.schema.json"]
    assert list(data) == ["preroll", "summary", "answer", "payloads"]
    assert data["answer"].keys() == described["$defs"]["answer"]["properties"].keys()
    assert data["answer"]["complaints"][0].keys() == described["$defs"]["complaint"]["properties"].keys()


def test_a_refusal_is_a_violation_with_a_fix_at_its_line(run):
    data = json.loads(run("refused.json", "--payload", "job.json", "--format", "json")[1])
    found = {each["pointer"]: each for each in data["payloads"][0]["violations"]}
    assert (found["/0/duration"]["rule"], found["/0/duration"]["line"]) == ("maximum", 9)
    assert [each["title"] for each in found["/0/duration"]["fixes"]] == ["set duration to 10"]
    assert [each["rule"] for each in data["answer"]["complaints"]] == ["maximum", "unlisted-combination", None]
    assert data["answer"]["unread"] == [17]


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_format_has_the_same_exit_code(name, form, run):
    code, out, _ = run(f"{name}.json", "--payload", "job.json", "--format", form)
    assert code == CODES[name]
    assert out.endswith("\n") or not out


def test_the_answer_comes_from_standard_input(run):
    code, out, _ = run("--payload", "job.json", stdin=json.dumps(ANSWERS["refused"]).encode())
    assert (code, out) == run("refused.json", "--payload", "job.json")[:2]


def test_the_payload_comes_from_standard_input(run):
    code, out, _ = run("refused.json", "--payload", "-", stdin=JOB.encode())
    assert code == Exit.VIOLATIONS
    assert "duration 20 is more than 10" in out


def test_status_and_headers_are_added(run):
    code, out, _ = run("-", "--status", "503", "--header", "Retry-After: 7", stdin=b"oops")
    assert code == Exit.INCONCLUSIVE
    assert "a fault of the service (HTTP status 503); the same payload can be sent again later, after 7 seconds" in out


def test_further_reports_are_written(run, tmp_path):
    run("refused.json", "--payload", "job.json", "--output", "json:out.json", "--output", "sarif:out.sarif")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["answer"]["outcome"] == "refused"
    assert json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


WRONG = [
    # arguments                                        what is said
    (["-", "--payload", "-"],                          "cannot both come from standard input"),
    (["missing.json"],                                 "there is no such file"),
    (["refused.json", "--payload", "missing.json"],    "there is no such file"),
    (["refused.json", "--payload", "broken.json"],     "broken.json:1:"),
    (["refused.json", "--payload", "job.json", "--as", "no/such"], "no/such"),
    (["refused.json", "--header", "Retry-After"],      "--header takes NAME: VALUE"),
    (["refused.json", "--status", "42"],               "--status"),
    (["refused.json", "--output", "xml:x"],            "is not FORMAT:FILE"),
    (["refused.json", "--today", "soon"],              "is no date"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_wrong_use_is_one_clear_line(arguments, said, run, tmp_path):
    (tmp_path / "broken.json").write_text('{"a": ', encoding="utf-8")
    code, out, err = run(*arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert said in err
    assert "Traceback" not in err
