"""`preroll fuzz`: the records, the same in every process; coverage, the minimal suite, and other people's checks."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from preroll import check
from preroll.cli import main
from preroll.cli.exits import Exit
from preroll.judgement import day
from preroll.registry import Registry
from preroll_fuzz.plan import Options
from preroll_fuzz.suite import Suite

TODAY = "2025-06-15"
UPLOADS = "runwayml/uploads"
RAY = "luma:ray@3.2"


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = main(["fuzz", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_records_have_the_five_members_and_hold(run):
    code, out, err = run(RAY, "--valid", "30", "--invalid", "40", "--seed", "3", "--today", TODAY)
    assert (code, err) == (Exit.CLEAN, "")
    found = records(out)
    assert len(found) == 70
    for each in found:
        assert list(each) == ["target", "expect", "scenario", "fault", "payload"]
        assert each["target"] == "runware/luma:ray@3.2"
        assert isinstance(each["payload"], list)
        assert check(each["payload"], RAY, today=TODAY).verdict == each["expect"]
        if each["fault"] is None:
            assert each["expect"] == "valid"
        else:
            assert list(each["fault"]) == ["rule", "pointer", "document_pointer"]
            assert each["fault"]["document_pointer"].startswith("/")


def test_all_is_one_for_each_fault(run):
    _, out, _ = run(UPLOADS, "--invalid", "all", "--today", TODAY)
    found = records(out)
    assert {each["expect"] for each in found} <= {"invalid", "warning"}
    assert all(check(each["payload"], UPLOADS, today=TODAY).verdict == each["expect"] for each in found)
    assert {"required", "filename-of-no-medium", "max-length"} <= {each["fault"]["rule"] for each in found}
    assert records(run(UPLOADS, "--invalid", "0", "--today", TODAY)[1]) == []
    more = records(run(UPLOADS, "--invalid", "30", "--today", TODAY)[1])
    assert len(more) == 30
    assert all(check(each["payload"], UPLOADS, today=TODAY).verdict == each["expect"] for each in more)


def test_the_same_seed_gives_the_same_records_in_every_process(tmp_path):
    command = "import sys; from preroll.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["fuzz", "alibaba:wan@2.7", "--valid", "20", "--invalid", "all", "--seed", "7", "--today", TODAY]
    found = []
    for number, folder in enumerate((Path.cwd(), tmp_path)):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(number),
            "PYTHONPATH": os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each),
        }
        done = subprocess.run(
            [sys.executable, "-c", command, *arguments],
            capture_output=True,
            cwd=folder,
            env=environment,
            check=True,
        )
        found.append(done.stdout)
    assert found[0] == found[1]
    assert found[0].count(b"\n") > 100


def test_the_minimal_suite_is_small_and_reaches_everything(target):
    registry = Registry.bundled()
    suite = Suite(registry, registry.targets[target], Options(False, day(TODAY)))
    found = list(suite.minimal())
    [coverage] = suite.coverage(found)
    assert len(found) <= coverage.faults + coverage.scenarios
    assert coverage.reached == coverage.scenarios
    assert coverage.broken == coverage.faults
    for each in found:
        assert check(each["payload"], target, today=TODAY).verdict == each["expect"]


@pytest.mark.parametrize("name", ["runwayml/text_to_speech#eleven_multilingual_v2", "alibaba:wan@2.7"])
def test_every_value_of_every_enumeration_when_asked(name):
    suite = Suite(*_of(name))
    [coverage] = suite.coverage(suite.minimal(every_value=True))
    assert coverage.values_used + len(coverage.values_proved) == coverage.values, coverage.values_left
    assert coverage.limits_inside + len(coverage.limits_proved) == coverage.limits, coverage.limits_left


def test_coverage_is_told(run):
    code, out, _ = run(UPLOADS, "--minimal", "--coverage", "--today", TODAY)
    assert code == Exit.CLEAN
    assert "scenarios reached      1 of 1" in out
    assert "impossible to break alone (proved)" in out
    assert "it follows from" in out


def test_one_scenario_alone(run):
    name = next(way.name for way in Suite(*_of(RAY)).plans[0].ways if way.active)
    _, out, _ = run(RAY, "--valid", "12", "--scenario", name, "--today", TODAY)
    assert {each["scenario"] for each in records(out)} == {name}
    code, _, err = run(RAY, "--valid", "1", "--scenario", "elsewhere")
    assert code == Exit.USAGE
    assert "there is no scenario 'elsewhere'" in err


def _of(name):
    registry = Registry.bundled()
    return registry, registry.resolve(name), Options(False, day(TODAY))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["no/such"], "is no known target"),
        ([UPLOADS, "--invalid", "some"], "neither a number nor 'all'"),
        ([UPLOADS, "--today", "tomorrow"], "is no date"),
        ([UPLOADS, "--check-with", "no-such-command-anywhere"], "cannot be run"),
    ],
)
def test_wrong_use_is_told_in_one_line(run, arguments, problem):
    code, out, err = run(*arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert problem in err


def test_without_the_group_the_install_line_is_told(run, monkeypatch):
    usual = builtins.__import__

    def without(name, *arguments, **named):
        if name.partition(".")[0] in ("hypothesis", "z3"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
        return usual(name, *arguments, **named)

    for name in [each for each in sys.modules if each.startswith("preroll_fuzz")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    code, out, err = run(UPLOADS)
    assert (code, out) == (Exit.USAGE, "")
    assert "pip install 'preroll[fuzz]'" in err


def test_another_check_is_held_against_ours(run, tmp_path):
    lenient = tmp_path / "lenient.py"
    lenient.write_text(
        "import json, sys\n"
        "body = json.load(sys.stdin)\n"
        "print('looked at it')\n"
        "sys.exit(0 if isinstance(body, dict) and 'filename' in body else 1)\n"
    )
    command = f"{sys.executable} {lenient}"
    code, out, err = run(UPLOADS, "--check-with", command, "--today", TODAY)
    assert code == Exit.VIOLATIONS
    found = records(out)
    assert all(each["said"] == "accepted" and each["expect"] == "invalid" for each in found)
    assert all(each["output"] == "looked at it" for each in found)
    assert "0 refused that should be accepted" in err
    assert {"type", "enum"} & {each["fault"]["rule"] for each in found}
