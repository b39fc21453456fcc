"""
`preroll lint` as people run it: what it says, where, and with which exit code.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.jobs.dress import BAD_BODY, BAD_TASK, BODY, TASK, lines, write

from preroll.cli import main

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("preroll.jobs.running.collect_rarely", lambda: None)


@pytest.fixture
def lint(capsys):
    def run(*arguments: str):
        code = main(["lint", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


# ruff: noqa: E501  # tables, and a pointer that is as long as it is
CODES = [
    # file contents,                                               arguments,                   code
    ({"a.json": [TASK]},                                           ["."],                       0),
    ({"a.json": [BAD_TASK]},                                       ["."],                       1),
    ({"a.json": [BAD_TASK], "b.json": "{"},                        ["."],                       2),
    ({"a.json": {"name": "config"}},                               ["."],                       2),
    ({"a.json": {"name": "config"}, "b.json": [TASK]},             ["."],                       0),
    ({},                                                           ["missing.json"],            2),
    ({},                                                           ["."],                       2),
    ({},                                                           [],                          2),
    ({"a.json": {**BODY, "extra": 1}},                             ["."],                       0),
    ({"a.json": {**BODY, "extra": 1}},                             [".", "--strict"],           1),
    ({"a.json": [BAD_TASK]},                                       [".", "--ignore", "unlisted-combination"], 0),
    ({"a.json": [{**TASK, "taskUUID": "<uuid>"}]},                 ["."],                       0),
    ({"a.json": [TASK]},                                           [".", "--as", "no/such"],    2),
    ({"a.json": [TASK]},                                           [".", "--select", "$["],     2),
    ({"a.json": {"plan": BAD_BODY}},                               [".", "--select", "$.plan"], 1),
    ({"a.json": [TASK], "preroll.toml": "ignor = []"},             ["."],                       2),
    ({"a.json": [TASK], "preroll.toml": "ignor = []"},             [".", "--no-settings"],      0),
    ({"a.json": {**BODY, "extra": 1}, "preroll.toml": "strict = true"}, ["."],                  1),
    ({"a.json": [TASK]},                                           [".", "--changed"],          2),
    ({"a.json": {**BODY, "ratio": "{{ r }}", "extra": 1}},         [".", "--strict"],           1),
    ({"a.json": {**BODY, "ratio": "{{ r }}"}},                     [".", "--strict"],           0),
    ({"a.json": [{**TASK, "model": "new:model@1"}]},               ["."],                       0),
    ({"a.json": [{**TASK, "model": "new:model@1"}]},               [".", "--unknown", "error"], 1),
]  # fmt: skip


@pytest.mark.parametrize(("files", "arguments", "code"), CODES, ids=range(len(CODES)))
def test_the_exit_code_says_how_it_went(lint, files, arguments, code):
    for name, content in files.items():
        write(name, content)
    assert lint(*arguments)[0] == code


def test_counts_add_up_in_json_that_fits_its_schema(lint):
    write("a.jsonl", lines(TASK, BAD_TASK, "oops", {**TASK, "taskUUID": "<uuid>"}, {"x": 1}, {**BODY, "extra": 1}))
    code, out, _ = lint(".", "--format", "json")
    said = json.loads(out)
    assert code == 2
    assert said["summary"] == {
        "files": 1, "payloads": 5, "valid": 1, "warning": 1, "invalid": 1, "unresolved": 1, "unreadable": 1, "skipped": 1,
    }  # fmt: skip
    assert [(each["line"], each["verdict"]) for each in said["payloads"]] == [
        (2, "invalid"), (3, "unreadable"), (4, "unresolved"), (6, "warning"),
    ]  # fmt: skip


def test_files_without_payloads_are_named_up_to_a_point(lint):
    for number in range(30):
        write(f"config{number:02}.json", {"a": 1})
    write("job.json", [TASK])
    _, _, err = lint(".")
    assert err.count("no payload") == 20 + 1
    assert "10 more files hold no payload" in err


def test_what_was_skipped_is_shown_when_asked_for(lint):
    write("a.json", {"jobs": [BODY, {"note": 1}]})
    assert "a.json#/jobs/1" not in lint("a.json")[1]
    assert "a.json#/jobs/1" in lint("a.json", "-v")[1]


def test_what_was_left_out_is_shown_when_asked_for(lint):
    write(".gitignore", "build/")
    for each in ("build/a.json", "old/b.json", "jobs/c.json", "jobs/notes.txt"):
        write(each, [TASK])
    code, out, err = lint(".", "--exclude", "old", "--include", "*.yaml")
    assert (code, out) == (2, "0 payloads in 0 files: nothing to check\n")
    assert "left out: 1 ignored by Git, 1 not included, 1 excluded (-v names them)" in err
    assert "--select" not in err
    shown = lint(".", "--exclude", "old", "--include", "*.yaml", "-v")[1]
    assert [line for line in shown.splitlines() if line.startswith("skipped")] == [
        "skipped build: ignored by Git", "skipped jobs/c.json: not included", "skipped old: excluded",
    ]  # fmt: skip


def test_as_many_are_listed_as_skipped_as_are_counted(lint):
    write("a.json", {"jobs": [BODY, {"note": 1}]})
    write("config.json", {"a": 1})
    write("lines.jsonl", lines({"a": 1}, {"jobs": [{"b": 1}, {"c": 1}]}))
    _, out, err = lint(".", "-v")
    assert sum(line.startswith("skipped ") for line in out.splitlines()) == 4
    assert "4 skipped" in out
    assert "config.json: no payload" in err


def test_a_long_run_writes_every_finding_once(lint, monkeypatch):
    monkeypatch.setattr("preroll.cli.lint.PORTION", 7)
    monkeypatch.setattr("preroll.jobs.linting.MANY", 5)
    write("a.jsonl", lines(*([BAD_TASK, TASK] * 60)))
    code, out, _ = lint("a.jsonl")
    places = [line.partition("a.jsonl:")[2].partition(":")[0] for line in out.splitlines() if line.startswith("error[")]
    assert places == [str(2 * number + 1) for number in range(60)]
    assert (code, out.splitlines()[-1]) == (1, "120 payloads: 60 valid, 60 invalid")


def test_a_long_run_names_each_file_once(lint, monkeypatch):
    monkeypatch.setattr("preroll.jobs.files.BLOCK", 1_000)
    monkeypatch.setattr("preroll.jobs.linting.ASIDE", 1)
    monkeypatch.setattr("preroll.cli.lint.PORTION", 7)
    monkeypatch.setattr("preroll.jobs.linting.MANY", 5)
    write("a.jsonl", lines(*[BAD_TASK] * 3))
    write("b.jsonl", lines(*[BAD_TASK] * 30))
    write("c.jsonl", lines(*[BAD_TASK] * 2))
    _, out, _ = lint(".")
    headings = [line for line in out.splitlines() if line.startswith(("a.", "b.", "c."))]
    assert headings == ["a.jsonl: 3 errors", "b.jsonl:", "c.jsonl: 2 errors"]


STDIN = [
    # a text,                                              lines on which what is told begins
    (json.dumps(BAD_TASK),                                 [1]),
    (json.dumps(BAD_TASK, indent=2),                       [1]),
    (lines(TASK, BAD_TASK),                                [2]),
    ("jobs:\n- " + json.dumps(BAD_BODY),                   [2]),
    (lines('{"a": [', TASK, BAD_TASK),                     [1, 3]),
    (lines("[1, ", [TASK], [BAD_TASK]),                    [1, 3]),
    (lines("oops", BAD_TASK),                              [1, 2]),
    (lines(BAD_TASK).rstrip() + "\noops",                  [1, 2]),
    (f"// nightly\n{json.dumps(BAD_TASK)}",                [1]),
    (f'{{"jobs": [\n{json.dumps(BAD_TASK)}, // one\n]}}',  [1]),
    (f"---\n{json.dumps(BAD_BODY)}\n---\n{json.dumps(BODY)}", [1]),
    (f"[\n{json.dumps(TASK)},\n{json.dumps(BAD_TASK)}\n",  [4]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), STDIN, ids=range(len(STDIN)))
def test_standard_input_is_read_as_what_it_looks_like(lint, monkeypatch, text, told):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    _, out, _ = lint("-", "--format", "json")
    assert [each["line"] for each in json.loads(out)["payloads"]] == told


def test_what_is_piped_in_is_read():
    done = preroll("lint", "-", "--format", "json", text=lines(TASK, BAD_TASK))
    assert [each["line"] for each in json.loads(done.stdout)["payloads"]] == [2]


def test_settings_choose_targets_severities_and_wrappers(lint):
    write("shots/a.json", {"scenes": [{"params": {**BAD_BODY, "extra": 1}, "call": "image_to_video"}]})
    write(
        "preroll.toml",
        'exclude = ["old"]\n[severity]\nenum = "warning"\nunknown-property = "off"\n'
        '[wrappers]\nlists = ["scenes"]\naddresses = ["call"]\nbodies = ["params"]\n',
    )
    write("old/b.json", [BAD_TASK])
    code, out, _ = lint(".", "--format", "json")
    [payload] = json.loads(out)["payloads"]
    assert (code, payload["at"], payload["verdict"]) == (0, "/scenes/0/params", "warning")
    assert [each["rule"] for each in payload["violations"]] == ["enum"]


MISNAMED = [
    # settings,                                                      what is said
    ('ignore = ["enum", "typ"]',                                     "preroll.toml: ignore.1: there is no rule 'typ'; did you mean 'type'?"),
    ('severity = {unknwon-property = "error"}',                      "preroll.toml: severity.unknwon-property: there is no rule 'unknwon-property'; did you mean 'unknown-property'?"),
    ('per-file-ignores = {"*.json" = ["tpye"]}',                     "preroll.toml: per-file-ignores.*.json.0: there is no rule 'tpye'; did you mean 'type'?"),
    ('select = "$.[x"',                                              "preroll.toml: select: '$.[x' is not a JSONPath"),
    ('select = {"*.json" = ["$.a", "$["]}',                          "preroll.toml: select.*.json.1: '$[' is not a JSONPath"),
    ('placeholders = ["@@", "("]',                                   "preroll.toml: placeholders.1: '(' is not a regular expression"),
    ('targets = {"*.json" = "runwayml/image_to_vide"}',              "preroll.toml: targets.*.json: 'runwayml/image_to_vide' is no known target; did you mean runwayml/image_to_video"),
]  # fmt: skip


@pytest.mark.parametrize("command", [["lint"], ["baseline", "known.json"]], ids=["lint", "baseline"])
@pytest.mark.parametrize(("text", "said"), MISNAMED, ids=[text for text, _ in MISNAMED])
def test_settings_that_name_what_there_is_not_say_where_and_what_was_meant(capsys, command, text, said):
    write("a.json", [TASK])
    write("preroll.toml", text)
    assert main([*command, "a.json"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ignore", "tpye"], "--ignore: there is no rule 'tpye'; did you mean 'type'?"),
        (["--ignore", "x"], "--ignore: there is no rule 'x'; `preroll explain` lists them"),
        (["--select", ""], "--select: it is empty"),
    ],
)
def test_an_option_that_names_what_there_is_not_says_what_was_meant(lint, arguments, said):
    write("a.json", [TASK])
    code, _, err = lint("a.json", *arguments)
    assert code == 2
    assert said in err


def test_a_comment_that_names_no_rule_is_told(lint):
    write("a.yaml", f"# preroll: ignore-file[enmu, type]\n{json.dumps(BAD_BODY)}\n---\n{json.dumps(BODY)}\n")
    code, _, err = lint("a.yaml")
    assert code == 1
    assert err == "preroll: a.yaml:1: there is no rule 'enmu'; did you mean 'enum'?\n"


RULES = """\
vendor: runwayml
rules:
  - id: house-prompt-missing
    targets: runwayml/image_to_video
    quote: A HTTPS URL.
    at: /paths/~1v1~1image_to_video/post/requestBody/content/application~1json/schema/oneOf/*/properties/promptImage/anyOf/0/anyOf/*/description
    severity: error
    kind: requires
    need: [{place: /promptText}]
    place: ""
    example: {breaks: {}, keeps: {promptText: x}}
"""


def test_a_house_rule_is_heard_beside_the_bundled_ones(lint):
    write("a.json", BODY)
    write("b.json", {**BODY, "promptText": "A fox"})
    write(
        "preroll.toml", 'rules = ["house.yaml"]\nexclude = ["house.yaml"]\nseverity = {house-prompt-missing = "error"}'
    )
    write("house.yaml", RULES.replace("severity: error", "severity: warning"))
    code, out, _ = lint(".", "--format", "json")
    found = [(each["source"], v["rule"]) for each in json.loads(out)["payloads"] for v in each["violations"]]
    assert (code, found) == (1, [("a.json", "house-prompt-missing")])


def test_a_house_rule_of_a_taken_id_is_refused(lint):
    write("a.json", BODY)
    write("preroll.toml", 'rules = ["house.yaml"]')
    write("house.yaml", RULES.replace("house-prompt-missing", "position-repeated"))
    code, _, err = lint("a.json")
    assert code == 2
    assert "position-repeated" in err


def preroll(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    script = "from preroll.cli import run; run()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "validator")}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("processes", ["1", "2"])
def test_an_interrupt_shows_what_was_found_so_far(processes):
    write("a.json", [BAD_TASK])
    os.mkfifo("endless")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "validator")}
    script = "from preroll.cli import run; run()"
    command = [sys.executable, "-c", script, "lint", "a.json", "-", "--jobs", processes, "--stdin-format", "jsonl"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as run:
        time.sleep(2)  # long enough to be waiting for the input
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=20)
    assert run.returncode == 130
    assert b"a.json:1:" in out or b"a.json" in out
    assert b"interrupted" in err


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_interrupt_stops_processes_that_are_inside_a_long_file():
    clean = gzip.compress(lines(*[TASK] * 50_000).encode(), 1)
    write("long.jsonl.gz", gzip.compress(lines(BAD_TASK).encode()) + clean * 200)
    write("short.json", [BAD_TASK])
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "validator")}
    script = "from preroll.cli import run; run()"
    command = [sys.executable, "-c", script, "lint", ".", "--jobs", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as run:
        time.sleep(2)  # long enough to be inside the file
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=10)
    assert run.returncode == 130
    assert (b"long.jsonl.gz:1:" in out, b"short.json:" in out) == (True, True)
    assert b"interrupted" in err
    assert b"Traceback" not in err


def test_more_processes_than_there_can_be_are_no_fault(lint):
    write("a.json", [TASK])
    assert lint("a.json", "--jobs", "9" * 20)[0] == 0


def test_nothing_is_shown_of_progress_where_nobody_watches():
    write("a.json", [TASK])
    assert preroll("lint", "a.json").stderr == ""
