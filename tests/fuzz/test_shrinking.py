"""What a failing test shrinks to: something that a person can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import find, settings

from preroll import check
from preroll_fuzz import invalid_payloads, valid_payloads

TODAY = "2025-06-15"
SNAPSHOTS = Path(__file__).parent / "snapshots"


def holds(payload, *path):
    for key in path:
        if not isinstance(payload, (dict, list)) or (key not in payload if isinstance(payload, dict) else True):
            return False
        payload = payload[key]
    return True


# A target, and what somebody's code cannot stand: the wrong belief that it never comes up.
PREDICATES = {
    "kling-three-references": (
        "runware/klingai:kling-video@o3-pro",
        lambda task: len(task.get("inputs", {}).get("referenceImages", ())) >= 3,
    ),
    "kling-no-size": ("runware/klingai:kling-video@o3-pro", lambda task: "width" not in task),
    "ray-source-position": ("runware/luma:ray@3.2", lambda task: holds(task, "settings", "sourcePosition")),
    "ray-hdr": ("runware/luma:ray@3.2", lambda task: task.get("settings", {}).get("hdr") is True),
    "ovi-many-steps": ("runware/runware:190@1", lambda task: task.get("steps", 0) > 20),
    "wan-long": ("runware/alibaba:wan@2.7", lambda task: task.get("duration", 0) >= 9),
}


@pytest.mark.parametrize("name", PREDICATES)
def test_a_failure_shrinks_to_something_small(name):
    target, wrong = PREDICATES[name]
    calls = 0

    def predicate(payload):
        nonlocal calls
        calls += 1
        return wrong(payload[0])

    shrunk = find(valid_payloads(target, today=TODAY), predicate, settings=settings(max_examples=3000, database=None))
    assert check(shrunk, target, today=TODAY).verdict == "valid"
    text = json.dumps(shrunk, ensure_ascii=False, indent=2) + "\n"
    file = SNAPSHOTS / f"{name}.json"
    kept = file.read_text(encoding="utf-8")
    # Releases of Hypothesis shrink along different ways: another payload is as good if it is no larger.
    assert text == kept or len(text) <= len(kept) + 40, "the shrunk payload is larger than its snapshot"
    assert len(json.dumps(shrunk, ensure_ascii=False)) < (350 if name == "ray-source-position" else 450)
    assert calls < 200


@pytest.mark.parametrize("rule", ["required-when", "type", "segments-do-not-sum-to-duration"])
def test_the_label_holds_after_shrinking(rule):
    target = "runware/klingai:kling-video@o3-pro"
    shrunk = find(
        invalid_payloads(target, thorough=True, today=TODAY),
        lambda broken: broken.fault.rule == rule,
        settings=settings(max_examples=3000, database=None),
    )
    report = check(shrunk.payload, target, today=TODAY)
    assert shrunk.fault.rule in {each.rule for each in report.violations if each.severity == "error"}
    assert len(json.dumps(shrunk.payload)) < 600
