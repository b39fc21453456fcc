"""
The recordings of examples/contract, replayed as in CI.

`PREROLL_SNAPSHOTS=write pytest tests/contract/test_recorded_example.py` records them anew from the simulated services.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.contract.simulator import KEY, Simulator
from tests.contract.test_switches import TODAY, command, live

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "contract"
RECORDINGS = EXAMPLE / "recordings"
TARGET = "runwayml/sound_effect"


@pytest.fixture(scope="module", autouse=True)
def _recorded(tmp_path_factory):
    if os.environ.get("PREROLL_SNAPSHOTS") != "write":
        return
    shutil.rmtree(RECORDINGS, ignore_errors=True)
    with Simulator(today=date.fromisoformat(TODAY)) as service, pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("journal"))
        patch.setenv("RUNWAYML_API_SECRET", KEY)
        code, out, err = command(TARGET, *live(service), "--record", str(RECORDINGS))
    assert code == 0, out + err


def test_the_example_agrees_and_needs_neither_key_nor_network(tmp_path, monkeypatch, sockets):
    monkeypatch.chdir(tmp_path)
    code, out, err = command(TARGET, "--replay", str(RECORDINGS), "--format", "json")
    report = json.loads(out)
    assert (code, err, sockets) == (0, "", [])
    assert {each["outcome"] for each in report["requests"]} == {"refused"}
    assert report["summary"]["missing"] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_request_that_nobody_recorded_fails(tmp_path):
    shutil.copytree(RECORDINGS, tmp_path / "recordings")
    [file] = (tmp_path / "recordings").glob("*.json")
    recording = json.loads(file.read_text(encoding="utf-8"))
    del recording["exchanges"][0]
    file.write_text(json.dumps(recording), encoding="utf-8")
    code, out, _ = command(TARGET, "--replay", str(tmp_path / "recordings"))
    assert code == 1
    assert "error[missing-recording]" in out


def test_a_recording_of_another_document_fails(tmp_path):
    shutil.copytree(RECORDINGS, tmp_path / "recordings")
    [file] = (tmp_path / "recordings").glob("*.json")
    recording = json.loads(file.read_text(encoding="utf-8"))
    recording["document"]["sha256"] = "0" * 64
    file.write_text(json.dumps(recording), encoding="utf-8")
    code, out, _ = command(TARGET, "--replay", str(tmp_path / "recordings"))
    assert code == 1
    assert "error[recording-of-another-document]" in out


def test_the_example_holds_no_key():
    for path in EXAMPLE.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert KEY not in text
            assert not re.search(r"(?i)bearer|authorization|x-amz|signature", text.replace("Authorization:", ""))


def test_the_readme_names_the_command_that_is_tested():
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    assert f"preroll contract {TARGET} --replay examples/contract/recordings" in text
