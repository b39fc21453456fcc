"""
The command line: what each verb prints, where, and with which exit code.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from typing import Any

import click
import pytest
from tests.payloads import BAD, GOOD, IMAGE, KLING, OVI, UUID, kling, ovi, ray, task

import preroll
from preroll import __version__
from preroll.cli import VERBS, main, program
from preroll.cli.exits import Exit, worst
from preroll.registry import Registry
from preroll.render import RENDERERS

GEN4 = {"model": "gen4_turbo", "promptImage": IMAGE, "promptText": "A fox", "ratio": "1280:720", "duration": 5}


def run(*arguments, stdin: bytes = b"") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one run in this process."""
    out, err, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(each) for each in arguments])
    finally:
        sys.stdin = before
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def job(tmp_path):
    """Writes a payload to a file."""

    def write(payload, name="job.json"):
        path = tmp_path / name
        path.write_text(json.dumps(payload, indent=2), encoding="utf-8")
        return path

    return write


def said(*arguments, stdin: bytes = b"") -> Any:
    """The JSON that a run prints."""
    _, out, err = run(*arguments, "--format", "json", stdin=stdin)
    assert err == ""
    return json.loads(out)


# --- exit codes ---

CODES = [
    # payload, more arguments, code
    ([kling()], [], 0),
    ([kling(duration=99)], [], 1),
    ([kling(model="nobody:knows@1")], [], 0),
    ([kling(model="nobody:knows@1")], ["--strict"], 1),
    ([kling(model="nobody:knows@1")], ["--unknown", "error"], 1),
    ([kling(providerSettings={})], [], 0),
    ([kling(providerSettings={})], ["--as-published"], 1),
    ({"colour": "red"}, [], 2),
    (GEN4, ["--as", "runwayml/image_to_video"], 0),
    (GEN4, ["--as", "POST /v1/image_to_video"], 0),
    (GEN4, ["--as", "image_to_video", "--param", "header.X-Runway-Version=2024-11-06"], 0),
    (GEN4, ["--as", "image_to_video", "--param", "header.X-Runway-Version=1999-01-01"], 1),
    (GEN4, ["--as", "nowhere"], 2),
    ({"id": UUID}, ["--as", "image_to_video", "--response", "200"], 0),
    ({"id": 5}, ["--as", "image_to_video", "--response", "200"], 1),
    ({"beforeDate": "2026-12-01"}, ["--today", "2026-10-01"], 1),
    ({"beforeDate": "2026-12-01"}, ["--today", "2026-11-15"], 0),
]


@pytest.mark.parametrize(("payload", "arguments", "code"), CODES)
def test_the_exit_code_is_the_verdict(job, payload, arguments, code):
    assert run("check", job(payload), *arguments)[0] == code


def test_of_several_codes_the_worst_counts():
    assert worst([Exit.CLEAN, Exit.VIOLATIONS]) == Exit.VIOLATIONS
    assert worst([Exit.VIOLATIONS, Exit.USAGE, Exit.INCONCLUSIVE]) == Exit.USAGE
    assert worst([Exit.USAGE, Exit.FAULT]) == Exit.FAULT
    assert worst([Exit.INCONCLUSIVE, Exit.CLEAN]) == Exit.INCONCLUSIVE
    assert worst([]) == Exit.CLEAN
    assert [int(each) for each in Exit] == [0, 1, 2, 3, 4, 130]


def test_a_fault_of_ours_is_said_to_be_one(job, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("preroll.judgement.check", broken)
    monkeypatch.delenv("PREROLL_DEBUG", raising=False)
    code, out, err = run("check", job([kling()]))
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "internal fault (ZeroDivisionError)" in err
    assert "secret detail" not in err


# --- check ---


def test_standard_input_is_the_default(job):
    text = json.dumps([kling()]).encode()
    assert run("check", stdin=text)[0] == 0
    assert run("check", "-", stdin=text)[0] == 0
    assert said("check", stdin=text)["payloads"][0]["source"] == "-"


def test_yaml_jobs_are_read(tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text(
        f"- taskType: videoInference\n  taskUUID: {UUID}\n  model: {OVI}\n  positivePrompt: a\n  steps: '30'\n",
        encoding="utf-8",
    )
    code, out, _ = run("check", path)
    assert code == 1
    assert "job.yaml:5:10  /0/steps" in out


def test_a_good_job_is_one_line(job):
    code, out, err = run("check", job([kling()]))
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"valid .*job\.json as runware/{re.escape(KLING)}\n\n1 payload: 1 valid\n", out)


def test_verbose_tells_the_defaults_that_will_apply_and_marks_money(job):
    _, out, _ = run("check", job([kling()]), "-v")
    assert "documented defaults that will apply" in out
    assert re.search(r"/0/duration = 5 +<- sets the length", out)
    lines = out[out.index("documented defaults") :].splitlines()
    marked = [index for index, line in enumerate(lines) if "<- sets" in line]
    assert marked
    assert max(marked) < min(index for index, line in enumerate(lines) if " = " in line and "<- sets" not in line)


def test_json_has_the_shape_that_others_script_against(job):
    data = said("check", job([kling(duration=99, outputFormat="mp4")]))
    assert data["preroll"] == __version__
    assert data["summary"] == {
        "files": 1,
        "payloads": 1,
        "valid": 0,
        "warning": 0,
        "invalid": 1,
        "unresolved": 0,
        "unreadable": 0,
        "skipped": 0,
    }
    [payload] = data["payloads"]
    assert set(payload) >= {"source", "at", "line", "target", "verdict", "effective", "violations"}
    assert payload["target"] == f"runware/{KLING}"
    for violation in payload["violations"]:
        assert set(violation) >= {
            "rule",
            "severity",
            "pointer",
            "also",
            "line",
            "column",
            "message",
            "because",
            "allowed",
            "help",
            "target",
            "document",
            "document_pointer",
            "correction",
            "fixes",
        }
        assert violation["line"] > 1
        assert violation["column"] > 1


def test_effective_is_empty_for_what_is_refused_and_marked_for_what_is_not(job):
    assert said("check", job([kling(duration=99)]))["payloads"][0]["effective"] == {}
    effective = said("check", job([kling()]))["payloads"][0]["effective"]
    assert effective["/0/duration"] == {"value": 5, "sets": ["length"]}


def test_fixes_of_the_json_are_patches_that_mend(job):
    payload = [kling(outputFormat="mp4")]
    [violation] = said("check", job(payload))["payloads"][0]["violations"]
    [fix] = [each for each in violation["fixes"] if "MP4" in each["title"]]
    mended = preroll.apply(preroll.Fix(fix["title"], tuple(fix["patch"])), payload)
    assert mended == [kling(outputFormat="MP4")]


def test_exact_numbers_survive_in_json(tmp_path):
    path = tmp_path / "job.json"
    path.write_text(json.dumps([ovi(seed=0)]).replace('"seed": 0', '"seed": 9223372036854776001'), encoding="utf-8")
    [violation] = said("check", path)["payloads"][0]["violations"]
    assert "9223372036854776001" in violation["message"]


def test_reports_may_go_to_several_files(job, tmp_path):
    code, out, _ = run(
        "check", job([kling(duration=99)]), "--output", f"json:{tmp_path / 'a.json'}", "--output", "text:-"
    )
    assert code == 1
    assert "duration 99" in out
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["summary"]["invalid"] == 1


@pytest.mark.parametrize("form", RENDERERS)
def test_every_format_renders_every_example(form):
    for path in (GOOD[0], BAD[0], BAD[-1]):
        code, out, err = run("check", path, "--format", form)
        assert code in (0, 1)
        assert out
        assert err == ""


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
    ],
)
def test_colour_is_for_terminals_or_on_demand(job, monkeypatch, arguments, environment, coloured):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _, out, _ = run("check", job([kling(duration=99)]), *arguments)
    assert ("\x1b[" in out) is coloured


def test_a_terminal_gets_colour_unless_it_says_no(job):
    path = str(job([kling(duration=99)]))
    script = f"import sys; sys.path[:] = {sys.path!r}; from preroll.cli import run; run()"
    environment = {key: each for key, each in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    for more, coloured in (
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ):
        command = ["script", "-qec", " ".join(map(_quoted, [sys.executable, "-c", script, "check", path])), "/dev/null"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, env=environment | more, timeout=60, check=False
            )
        except FileNotFoundError:
            pytest.skip("no `script` here to play a terminal")
        assert ("\x1b[" in done.stdout) is coloured


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def test_an_unknown_model_names_the_nearest_and_the_documents_dates(job):
    code, out, _ = run("check", job([kling(model="klingai:kling-video@o4-pro")]))
    assert code == 0
    assert KLING in out
    assert re.search(r"document \d", out)


def test_candidates_are_named(job):
    body = {"model": "veo3.1", "promptText": "A whale breaches", "ratio": "1280:720", "duration": 8}
    _, out, _ = run("check", job(body), "-v")
    assert "runwayml/text_to_video#veo3.1" in out


# --- targets, show, explain ---


def test_targets_lists_all_with_the_documents_dates():
    code, out, _ = run("targets")
    assert code == 0
    assert all(name in out for name in Registry.bundled().targets)
    assert "2024-11-06" in out
    data = json.loads(run("targets", "--format", "json")[1])
    assert [each["target"] for each in data["targets"]] == list(Registry.bundled().targets)
    assert all({"document", "version", "date"} <= each.keys() for each in data["targets"])


@pytest.mark.parametrize("target", Registry.bundled().targets)
def test_show_says_what_a_target_takes(target):
    code, out, err = run("show", target)
    assert (code, err) == (0, "")
    assert out.startswith(target)
    assert [line for line in out.splitlines() if len(line) > 80 and " " in line.strip()[:80]] == []
    data = json.loads(run("show", target, "--format", "json")[1])
    assert data["targets"][0]["target"] == target


def test_show_all_is_a_table_for_programs():
    code, out, _ = run("show", "--all", "--format", "json")
    assert code == 0
    data = json.loads(out)
    assert len(data["targets"]) > 20
    for each in data["targets"]:
        assert each["document"]
        assert each["version"]


def test_explain_lists_and_explains_every_rule():
    code, out, _ = run("explain")
    assert code == 0
    ids = [line.split()[0] for line in out.splitlines()]
    idioms = "forbidden-when required-when limited-when not-together unlisted-combination misspelt-property"
    assert {*idioms.split(), "unknown-model", "wrong-operation", "maximum", "enum"} <= set(ids)
    for each in ids:
        code, page, err = run("explain", each)
        assert (code, err) == (0, ""), each
        assert each in page.splitlines()[0]


def test_every_rule_that_is_told_has_a_page():
    known = {line.split()[0] for line in run("explain")[1].splitlines()}
    for path in BAD:
        for payload in said("check", path)["payloads"]:
            assert {each["rule"] for each in payload["violations"]} <= known


# --- help ---


def test_help_names_every_verb():
    code, out, _ = run("--help")
    assert code == 0
    assert all(verb in out for verb in VERBS)
    assert run("--version")[1] == f"preroll {__version__}\n"
    assert run("-h")[0] == 0


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_helps(verb):
    code, out, err = run(verb, "--help")
    assert (code, err) == (0, "")
    assert out.startswith("Usage: preroll")
    assert all(len(line) <= 100 for line in out.splitlines())


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_is_explained(verb):
    command = program.get_command(click.Context(program), verb)
    assert command is not None
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_a_task_of_a_model_nobody_knows_among_others(job):
    data = said("check", job([ray(), task("nobody:knows@1", taskUUID=UUID[:-1] + "2")]))
    [payload] = data["payloads"]
    assert payload["verdict"] == "warning"
    assert [(each["rule"], each["pointer"]) for each in payload["violations"]] == [("unknown-target", "/1/model")]


def test_the_package_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "preroll", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"preroll {__version__}\n")
