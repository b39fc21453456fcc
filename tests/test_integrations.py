"""
Where people already look: pre-commit, GitHub Actions, shells.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from preroll.cli import main

ROOT = Path(__file__).resolve().parents[1]
BAD = ROOT / "examples/bad/ray-hdr-at-360p.json"
GOOD = ROOT / "examples/good/runware-ray-text-to-video.json"


def read(name):
    return YAML(typ="safe", pure=True).load((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("hook", read(".pre-commit-hooks.yaml"), ids=lambda hook: hook["id"])
def test_a_hook_runs_on_whatever_files_it_is_given(hook, tmp_path):
    program, *arguments = shlex.split(hook["entry"])
    assert program == "preroll"
    assert hook["language"] == "python"
    job, other = tmp_path / "job.json", tmp_path / "package.json"
    job.write_bytes(GOOD.read_bytes())
    other.write_text('{"name": "x"}', encoding="utf-8")
    assert main([*arguments, str(job), str(other)]) == 0
    assert main([*arguments, str(other)]) == 0
    job.write_bytes(BAD.read_bytes())
    assert main([*arguments, str(job), str(other)]) == 1


ACTION = read("action.yml")
STEP = ACTION["runs"]["steps"][-1]


def test_the_action_hands_every_input_over_through_the_environment():
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    given = {each.split("inputs.")[1].split(" ")[0] for each in STEP["env"].values()}
    assert given | {"python-version"} == set(ACTION["inputs"])


@pytest.mark.skipif(shutil.which("bash") is None or os.name != "posix", reason="the action's script needs bash")
@pytest.mark.parametrize(
    ("paths", "options", "code"),
    [
        ("good job.json\n", "", 0),
        ("good job.json\nbad.json\n", "", 1),
        ("good job.json\n$(touch pwned)\n", "--strict\n", 2),
    ],
)
def test_the_action_reports_where_github_looks(tmp_path, paths, options, code):
    (tmp_path / "good job.json").write_bytes(GOOD.read_bytes())
    (tmp_path / "bad.json").write_bytes(BAD.read_bytes())
    shim = tmp_path / "bin" / "preroll"
    shim.parent.mkdir()
    shim.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from preroll.cli import run; run()" "$@"\n', encoding="utf-8"
    )
    shim.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each),
        "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "INPUT_PATHS": paths,
        "INPUT_ARGS": options,
        "INPUT_BASELINE": "",
        "INPUT_SARIF": "report.sarif",
        "INPUT_HTML": "",
        "INPUT_SUMMARY": "true",
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", STEP["run"]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert (tmp_path / "output").read_text() == f"exit-code={code}\n"
    assert ("::error " in done.stdout) == (code > 0)
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("## ")
    assert (tmp_path / "report.sarif").is_file()
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_learns_to_complete(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "_PREROLL_COMPLETE" in script
    assert "preroll" in script
