"""
Baselines: what is known is accepted, what is new is not.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from preroll import baseline
from preroll.baseline import Baseline, BaselineError, accept, brought_up, fingerprints, read, written
from preroll.cli import main
from preroll.judgement import check_bytes
from preroll.outcome import Outcome, entry

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2025, 1, 1)
BAD = (ROOT / "examples/bad/ray-hdr-at-360p.json").read_text(encoding="utf-8")


def found(text, name="jobs/a.json"):
    return Outcome.of([entry(check_bytes(text.encode(), name=name, today=TODAY), name)])


def marks(text, name="jobs/a.json"):
    return fingerprints(found(text, name).entries)


SAME = {
    "moved lines": "\n\n\n" + BAD,
    "another layout": json.dumps(json.loads(BAD)),
    "another order of keys": json.dumps([dict(reversed(json.loads(BAD)[0].items()))]),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_a_violation_is_known_again(text):
    assert marks(text) == marks(BAD) != [()]


OTHER = {
    "another value": BAD.replace('"width": 640', '"width": 540').replace('"height": 360', '"height": 540'),
    "another rule": BAD.replace('"width"', '"widht"'),
}


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_another_violation_is_new(text):
    assert not set(marks(BAD)[0]) & set(marks(text)[0])


def test_another_file_has_violations_of_its_own():
    assert marks(BAD) != marks(BAD, "jobs/b.json")
    assert marks(BAD, "./jobs//a.json") == marks(BAD)


def test_a_task_put_before_changes_nothing():
    [task] = json.loads(BAD)
    good = json.loads((ROOT / "examples/good/runware-ray-text-to-video.json").read_text(encoding="utf-8"))
    assert marks(json.dumps([*good, task])) == marks(BAD)


def test_equal_violations_are_told_apart_by_their_order():
    [task] = json.loads(BAD)
    other = {**task, "taskUUID": "3ad204c3-a9de-4963-8a1a-c3911e3afafe"}
    [both] = marks(json.dumps([task, other]))
    assert len(both) == len(set(both)) == 2
    assert both[:1] == marks(BAD)[0]


def test_what_is_known_is_accepted_and_what_is_new_is_not():
    old = found(BAD)
    known = brought_up(Baseline(), old)
    done = accept(old, known, today=TODAY)
    assert (done.accepted, done.counts["invalid"], done.counts["valid"]) == (1, 0, 1)
    new = found(BAD.replace('"positivePrompt"', '"positivPrompt"'))
    done = accept(new, known, today=TODAY)
    assert done.counts["invalid"] == 1
    assert [each.violation.rule for each in done.entries[0].found] == ["misspelt-property"]


@pytest.mark.parametrize(("expires", "accepted"), [("", 1), ("2025-01-01", 1), ("2024-12-31", 0)])
def test_what_has_expired_is_no_longer_accepted(expires, accepted):
    outcome = found(BAD)
    known = brought_up(Baseline(), outcome, expires=expires)
    assert accept(outcome, known, today=TODAY).accepted == accepted
    assert len(known.expired(TODAY)) == 1 - accepted


def test_reasons_and_dates_stay_and_what_is_gone_is_dropped():
    outcome = found(BAD)
    old = brought_up(Baseline(), outcome, reason="agreed", expires="2030-01-01")
    gone = replace(old.known[0], fingerprint="0" * 32)
    again = brought_up(Baseline((*old.known, gone)), outcome, reason="another")
    assert again.known == old.known
    assert brought_up(Baseline(), outcome, prune=True).known == ()


def test_a_baseline_is_read_as_it_was_written():
    known = brought_up(Baseline(), found(BAD), reason="agreed", expires="2030-01-01", paths=["jobs"])
    assert read(written(known).encode(), "b.json") == known


BROKEN = [
    # text                                                               what is said
    ("{",                                                                "it is no JSON"),
    ("[]",                                                               "it is no baseline"),
    ('{"format": 2, "accepted": []}',                                    "it has the format 2"),
    ('{"format": 1, "accepted": [{}]}',                                  "has no fingerprint"),
    ('{"format": 1, "accepted": [{"fingerprint": "a", "expires": "x"}]}', "'x' is no date"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_a_broken_baseline_is_complained_of(text, said):
    with pytest.raises(BaselineError, match=said):
        read(text.encode(), "b.json")


def test_the_command_line_writes_prunes_and_accepts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/a.json").write_text(BAD, encoding="utf-8")
    assert main(["lint", "jobs"]) == 1
    assert main(["baseline", "known.json", "jobs", "--reason", "old"]) == 0
    assert main(["lint", "jobs", "--baseline", "known.json"]) == 0
    monkeypatch.chdir(tmp_path / "jobs")
    assert main(["lint", "a.json", "--baseline", "../known.json"]) == 0
    assert main(["check", "a.json", "--baseline", "../known.json"]) == 0
    assert "accepted by the baseline" in capsys.readouterr().out
    assert main(["baseline", "../known.json", "--check"]) == 0
    (tmp_path / "jobs/a.json").write_text(BAD.replace('"positivePrompt"', '"positivPrompt"'), encoding="utf-8")
    assert main(["baseline", "../known.json", "--prune"]) == 0
    assert main(["lint", ".", "--baseline", "../known.json"]) == 1
    (tmp_path / "jobs/a.json").write_text(BAD.replace("true", "false"), encoding="utf-8")
    assert main(["baseline", "../known.json"]) == 0
    assert json.loads((tmp_path / "known.json").read_text(encoding="utf-8"))["accepted"] == []
    assert baseline.file_name("jobs/../a.json") == "a.json"


UNWRAPPED = '{"taskType": "videoInference", "taskUUID": "x", "model": "klingai:kling-video@o3-pro"}'
SETTLED = [
    # settings,                    a payload that these refuse
    ("as-published = true",        UNWRAPPED),
    ('unknown = "error"',          f"[{UNWRAPPED.replace('klingai', 'nobody')}]"),
    ("strict = true",              f"[{UNWRAPPED}]"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "payload"), SETTLED, ids=[each for each, _ in SETTLED])
def test_a_baseline_accepts_what_lint_finds_with_the_same_settings(tmp_path, monkeypatch, settings, payload):
    monkeypatch.chdir(tmp_path)
    Path("preroll.toml").write_text(settings, encoding="utf-8")
    Path("a.json").write_text(payload, encoding="utf-8")
    assert main(["lint", "a.json"]) == 1
    assert main(["baseline", "known.json", "a.json"]) == 0
    assert main(["lint", "a.json", "--baseline", "known.json"]) == 0
