"""What `preroll diff` says of documents, names and files that it cannot use: one line, and exit code 2."""

from __future__ import annotations

import json
import subprocess

import pytest

from preroll.cli import main

SCHEMA = {"type": "object", "properties": {"size": {"type": "integer", "maximum": 9}}}


@pytest.fixture
def folder(tmp_path, monkeypatch, made):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.json").write_text(json.dumps(made(SCHEMA)))
    (tmp_path / "notes.txt").write_text("some: [words")
    (tmp_path / "empty").mkdir()
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/other.json").write_text('{"nothing": "known"}')
    (tmp_path / "broken.json").write_text("[{")
    (tmp_path / "shape.json").write_text('[{"fingerprint": 1}]')
    (tmp_path / "day.json").write_text('[{"fingerprint": "a", "reason": "b", "expires": "2025-13-01"}]')
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "one.json"], check=True)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, "commit", "-q", "-m", "one"], check=True)
    return tmp_path


CASES = [
    # arguments, what the line says
    (["gone.json", "one.json"], "gone.json: there is no such file"),
    (["notes.txt", "one.json"], "notes.txt:1:"),
    (["git:HEAD:gone.json", "one.json"], "path 'gone.json' does not exist in 'HEAD'"),
    (["git:nowhere:one.json", "one.json"], "invalid object name 'nowhere'"),
    (["git:HEAD", "one.json"], "this is not git:REV:PATH"),
    (["git:--help:one.json", "one.json"], "this is not git:REV:PATH"),
    (["-", "-"], "only one of the documents can come from standard input"),
    (["one.json"], "give two documents"),
    (["--bundled", "one.json"], "no bundled document describes sketch/things"),
    (["empty", "one.json"], "there is no document in this folder"),
    (["one.json", "one.json", "--only", "sketch/thing"], "did you mean sketch/things?"),
    (["one.json", "one.json", "--only", "zzz"], "`preroll targets --documents NEW` lists them"),
    (["one.json", "one.json", "--jobs", "nowhere"], "nowhere: there is no such file"),
    (["one.json", "one.json", "--jobs", "jobs"], "--jobs jobs: nothing there is a payload of these documents"),
    (["one.json", "one.json", "--acknowledged", "nowhere.json"], "nowhere.json: there is no such file"),
    (["one.json", "one.json", "--acknowledged", "broken.json"], "broken.json:1:"),
    (["one.json", "one.json", "--acknowledged", "shape.json"], "entry 1: it needs a `fingerprint`"),
    (["one.json", "one.json", "--acknowledged", "day.json"], "`expires` is '2025-13-01'"),
    (["one.json", "one.json", "--output", "html"], "is not FORMAT:FILE"),
    (["one.json", "one.json", "--output", "html:nowhere/a.html"], "nowhere/a.html cannot be written"),
    (["one.json", "one.json", "--today", "tomorrow"], "--today 'tomorrow' is no date"),
]


@pytest.mark.parametrize(("arguments", "said"), CASES, ids=[" ".join(each[0])[:60] for each in CASES])
def test_what_cannot_be_used_is_told_in_one_line(folder, capsys, arguments, said):
    assert main(["diff", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.startswith("preroll: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "pair", [("one.json", "one.json"), ("git:HEAD:one.json", "one.json"), ("git:HEAD:./one.json", ".")]
)
def test_a_document_and_itself_are_the_same(folder, capsys, pair):
    if pair[1] == ".":
        for name in ("notes.txt", "broken.json", "shape.json", "day.json", "jobs/other.json"):
            (folder / name).unlink()
    assert main(["diff", *pair]) == 0
    assert "nothing changed that matters to callers" in capsys.readouterr().out
