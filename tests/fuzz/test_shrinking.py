"""What a failing test shrinks to: something that a person can read."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from random import Random

import pytest
from hypothesis import find, settings

from preroll import check
from preroll_fuzz import invalid_payloads, valid_payloads

TODAY = "2025-06-15"
SNAPSHOT = Path(__file__).parent / "snapshots" / "shrunk.json"
"""What the payloads of the first seed shrink to; `PREROLL_SNAPSHOTS=write` writes it anew."""

RELEASES = {each: version(each) for each in ("hypothesis", "z3-solver")}
"""What else decides which of several small payloads comes out."""


def holds(payload, *path):
    for key in path:
        if not isinstance(payload, (dict, list)) or (key not in payload if isinstance(payload, dict) else True):
            return False
        payload = payload[key]
    return True


# A target, what somebody's code cannot stand (the wrong belief that it never comes up), and how many bytes a person
# should have to read. Releases of Hypothesis shrink along different ways; all of them have to end up small.
PREDICATES = {
    "kling-three-references": (
        "runware/klingai:kling-video@o3-pro",
        lambda task: len(task.get("inputs", {}).get("referenceImages", ())) >= 3,
        500,
    ),
    "kling-no-size": ("runware/klingai:kling-video@o3-pro", lambda task: "width" not in task, 300),
    "ray-source-position": ("runware/luma:ray@3.2", lambda task: holds(task, "settings", "sourcePosition"), 350),
    "ray-hdr": ("runware/luma:ray@3.2", lambda task: task.get("settings", {}).get("hdr") is True, 230),
    "ovi-many-steps": ("runware/runware:190@1", lambda task: task.get("steps", 0) > 20, 280),
    "wan-long": ("runware/alibaba:wan@2.7", lambda task: task.get("duration", 0) >= 9, 300),
}


@pytest.mark.parametrize("name", PREDICATES)
@pytest.mark.parametrize("seed", range(3))
def test_a_failure_shrinks_to_something_small(name, seed):
    target, wrong, most = PREDICATES[name]
    calls = 0

    def predicate(payload):
        nonlocal calls
        calls += 1
        return wrong(payload[0])

    shrunk = find(
        valid_payloads(target, today=TODAY),
        predicate,
        settings=settings(max_examples=3000, database=None),
        random=Random(seed),
    )
    assert wrong(shrunk[0])
    assert check(shrunk, target, today=TODAY).verdict == "valid"
    assert len(json.dumps(shrunk, ensure_ascii=False)) < most
    assert len(shrunk[0].get("inputs", {}).get("frameImages", ())) <= 1
    assert calls < 200
    if seed == 0:
        compared(name, shrunk)


def compared(name, shrunk):
    """Hold a payload to its snapshot; other releases may end at another one that is as small, and the limits hold."""
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.is_file() else {}
    if os.environ.get("PREROLL_SNAPSHOTS") == "write":
        kept |= {"releases": RELEASES, "shrunk": {**kept.get("shrunk", {}), name: shrunk}}
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert name in kept["shrunk"]
    if kept["releases"] == RELEASES and shrunk != kept["shrunk"][name]:
        assert len(json.dumps(shrunk)) <= len(json.dumps(kept["shrunk"][name]))  # what was solved before has its say


@pytest.mark.parametrize("rule", ["required-when", "type", "segments-do-not-sum-to-duration"])
def test_the_label_holds_after_shrinking(rule):
    target = "runware/klingai:kling-video@o3-pro"
    shrunk = find(
        invalid_payloads(target, today=TODAY),
        lambda broken: broken.fault.rule == rule,
        settings=settings(max_examples=3000, database=None),
    )
    report = check(shrunk.payload, target, today=TODAY)
    assert shrunk.fault.rule in {each.rule for each in report.violations if each.severity == "error"}
    assert len(json.dumps(shrunk.payload)) < 600
