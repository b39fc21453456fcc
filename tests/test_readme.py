"""
The README shows real output: each block is what its command prints.

`PREROLL_UPDATE=1 pytest tests/test_readme.py` writes the blocks anew.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import preroll
from preroll.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
MARK = re.compile(r"<!-- output: (.+?) -->\n(?:\n?```console\n.*?\n```\n)?", re.DOTALL)


def printed(command):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(command.split())
    return f"<!-- output: {command} -->\n\n```console\n$ preroll {command}\n{out.getvalue().rstrip()}\n```\n"


@pytest.mark.parametrize("command", MARK.findall(README.read_text(encoding="utf-8")))
def test_a_block_is_what_its_command_prints(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    fresh = printed(command)
    text = README.read_text(encoding="utf-8")
    if os.environ.get("PREROLL_UPDATE"):
        text = MARK.sub(lambda found: fresh if found[1] == command else found[0], text)
        README.write_text(text, encoding="utf-8")
    assert fresh in text


def test_the_python_example_is_true():
    body = {"model": "gen4_turbo", "promptImage": "https://example.com/a.png", "ratio": "16:9"}
    report = preroll.check(body)
    assert (report.verdict, report.violations[0].pointer) == ("invalid", "/ratio")
    assert "1280:720" in report.violations[0].allowed
    assert preroll.check(preroll.apply(report.fixes()[0], body)).verdict == "valid"


def test_the_last_line_of_the_demo_is_quoted():
    if sys.platform == "win32":
        pytest.skip("the demo is a shell script")
    counts = [len(list((ROOT / "examples" / each).glob("*.json"))) for each in ("good", "doubtful", "bad")]
    wanted = "== {} good job files passed, {} doubtful ones were warned of, {} bad ones were refused".format(*counts)
    assert wanted in README.read_text(encoding="utf-8")


def test_the_demo_is_a_shell_script_without_a_slip():
    assert subprocess.run(["sh", "-n", str(ROOT / "examples" / "demo.sh")], check=False).returncode == 0
