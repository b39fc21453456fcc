"""The jobs of docs/diff.md, run step by step as a runner runs them, with stand-ins for the network."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="proofs need the group `solver`")

from ruamel.yaml import YAML

from preroll.registry import data_root

PAGE = Path(__file__).resolve().parents[2] / "docs/diff.md"
WORKFLOWS = [
    YAML(typ="safe").load(text)
    for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
]
NIGHTLY, IN_PULL_REQUEST = WORKFLOWS
OVI = Path(data_root()) / "runware/ovi.openapi.json"

STAND_INS = {
    "pip": "exit 0",
    # The vendor's document of today; none if the vendor is down.
    "curl": 'while [ $# -gt 1 ]; do if [ "$1" = --output ]; then out=$2; fi; shift; done; cp "$PUBLISHED_FILE" "$out"',
    "gh": 'echo "$*" >> "$CALLS"; for each in "$@"; do if [ -f "$each" ]; then cat "$each" >> "$CALLS"; fi; done\n'
    'if [ "$2" = list ]; then echo "$OPEN_ISSUE"; fi',
    "preroll": f'exec "{sys.executable}" -m preroll "$@"',
}


def document(**changes: Any) -> str:
    tree = json.loads(OVI.read_text(encoding="utf-8"))
    tree["components"]["schemas"]["RequestBody"]["items"]["properties"]["steps"].update(changes)
    return json.dumps(tree)


class Runner:
    """A scratch repository and the stand-ins; `run` goes through the steps of a job as GitHub's runner does."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.folder = folder / "work tree", folder
        self.repository.mkdir()
        programs = folder / "bin"
        programs.mkdir()
        for name, text in STAND_INS.items():
            path = programs / name
            path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.calls = folder / "calls"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")},
            "PATH": f"{programs}:{os.environ['PATH']}",
            "CALLS": str(self.calls),
            "OPEN_ISSUE": "",
            "PUBLISHED_FILE": str(folder / "published.json"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "HOME": str(folder),
        }
        self.commit(document())

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=self.repository, check=True, capture_output=True)

    def commit(self, text: str) -> None:
        """The document as it stands on the main branch."""
        path = self.repository / "documents/vendor.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.git("init", "-q", "-b", "main")
        self.git("add", "documents")
        self.git("commit", "-q", "-m", "document")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def run(self, workflow: Any, **environment: str) -> tuple[int, str]:
        """The exit code of the first step that fails, or 0, and what `gh` was asked."""
        outputs: dict[str, str] = {}
        [job] = workflow["jobs"].values()
        for step in job["steps"]:
            if "run" not in step or not self.wanted(step.get("if"), outputs):
                continue
            flags = ["--noprofile", "--norc", "-eo", "pipefail"] if step.get("shell") == "bash" else ["-e"]
            # What stands in an expression is the runner's to fill in, and comes in by the environment only.
            assert "${{" not in step["run"]
            own = {name: environment.get(name, "") for name in step.get("env", ())}
            script = self.folder / "step.sh"
            script.write_text(step["run"], encoding="utf-8")
            done = subprocess.run(
                ["bash", *flags, str(script)],
                cwd=self.repository,
                env={**self.environment, **workflow["env"], **environment, **own},
                capture_output=True,
                text=True,
                check=False,
            )
            output = Path(self.environment["GITHUB_OUTPUT"])
            if output.exists() and "id" in step:
                outputs = {
                    f"steps.{step['id']}.outputs.{name}": value
                    for name, _, value in (line.partition("=") for line in output.read_text().splitlines())
                }
            if done.returncode:
                return done.returncode, self.asked
        return 0, self.asked

    @staticmethod
    def wanted(condition: str | None, outputs: dict[str, str]) -> bool:
        if condition is None:
            return True
        matched = re.fullmatch(r"([\w.]+) == '(\w+)'", condition)
        assert matched, condition
        return outputs.get(matched[1]) == matched[2]

    @property
    def asked(self) -> str:
        return self.calls.read_text(encoding="utf-8") if self.calls.exists() else ""


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


def published(runner: Runner, text: str) -> None:
    (runner.folder / "published.json").write_text(text, encoding="utf-8")


def test_a_night_without_news_asks_for_nothing(runner):
    published(runner, document())
    assert runner.run(NIGHTLY) == (0, "")


def test_a_compatible_change_asks_for_nothing(runner):
    published(runner, document(maximum=200))
    assert runner.run(NIGHTLY) == (0, "")


def test_a_breaking_change_opens_an_issue_with_the_changelog(runner):
    published(runner, document(maximum=50))
    code, asked = runner.run(NIGHTLY)
    assert code == 0
    assert "issue create --title The vendor's document breaks callers --body-file body.md" in asked
    assert "steps must now be 50 or less" in asked


def test_an_issue_that_is_open_is_renewed(runner):
    published(runner, document(maximum=50))
    _, asked = runner.run(NIGHTLY, OPEN_ISSUE="17")
    assert "issue edit 17 --body-file body.md" in asked
    assert "issue create" not in asked


@pytest.mark.parametrize("text", [None, "not a document", "{"])
def test_a_document_that_cannot_be_had_fails_the_job_and_opens_no_issue(runner, text):
    if text is not None:
        published(runner, text)
    code, asked = runner.run(NIGHTLY)
    assert code != 0
    assert asked == ""


def test_what_was_accepted_asks_for_nothing(runner):
    published(runner, document(maximum=50))
    new = runner.environment["PUBLISHED_FILE"]
    command = [sys.executable, "-m", "preroll", "diff", "documents/vendor.json", new, "--format", "json"]
    told = subprocess.run(command, cwd=runner.repository, capture_output=True, check=False)
    found = [each for report in json.loads(told.stdout)["targets"] for each in report["changes"]]
    entries = [
        {"fingerprint": each["fingerprint"], "reason": "agreed"} for each in found if each["level"] == "breaking"
    ]
    (runner.repository / ".preroll-accepted.json").write_text(json.dumps(entries), encoding="utf-8")
    assert entries
    assert runner.run(NIGHTLY) == (0, "")


def test_stored_jobs_are_run_where_there_are_any(runner):
    published(runner, document(maximum=50))
    task = {
        "taskType": "videoInference", "taskUUID": "6fa459ea-ee8a-41e3-ac10-0800200c9a66", "model": "runware:190@1",
        "positivePrompt": "a", "inputs": {"image": "https://example.com/a.png"}, "steps": 60,
    }  # fmt: skip
    (runner.repository / "jobs").mkdir()
    (runner.repository / "jobs/one.json").write_text(json.dumps([task]), encoding="utf-8")
    _, asked = runner.run(NIGHTLY)
    assert "1 stored payload for 1 target: 1 newly fail" in asked


@pytest.mark.parametrize(("change", "commented"), [({}, False), ({"maximum": 200}, True), ({"maximum": 50}, True)])
def test_a_pull_request_is_commented_where_its_document_differs(runner, change, commented):
    (runner.repository / "documents/vendor.json").write_text(document(**change), encoding="utf-8")
    code, asked = runner.run(IN_PULL_REQUEST, BASE="main", NUMBER="5")
    assert code == 0
    assert ("pr comment 5 --edit-last --create-if-none --body-file body.md" in asked) is commented


def test_the_jobs_ask_for_no_more_rights_than_they_use():
    assert NIGHTLY["permissions"] == {"contents": "read", "issues": "write"}
    assert IN_PULL_REQUEST["permissions"] == {"contents": "read", "pull-requests": "write"}
