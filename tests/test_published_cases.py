"""
Labelled payloads, made by reading the documents whole: what the schema says of each, and what is meant.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import preroll

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "payload-cases.jsonl"
UP_ONE = ("required", "dependent", "unlisted", "not-together", "misspelt", "additional", "unknown")


def load():
    if not CASES.is_file():
        return []
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


EVERY = load()
needs_cases = pytest.mark.skipif(not EVERY, reason="the labelled payloads are not here: 0 cases tried")


def asked(operation: str) -> tuple[str | None, dict[str, Any]]:
    """The target that a case names, and how it is checked; None for what is no body."""
    if operation.startswith("runware:"):
        return "runware/" + operation.removeprefix("runware:"), {}
    if operation.endswith(" 200 response"):
        return operation.removesuffix(" 200 response"), {"response": 200}
    return (operation, {}) if operation.startswith("POST ") else (None, {})


BODIES = [case for case in EVERY if asked(case["operation"])[0]]


@needs_cases
@pytest.mark.parametrize("case", BODIES or [None], ids=lambda case: case and case["id"])
def test_the_verdict_as_published_is_that_of_the_schema(case):
    target, options = asked(case["operation"])
    report = preroll.check(case["payload"], target, as_published=True, **options)
    assert report.verdict == case["as_published"], case["why"]


@needs_cases
@pytest.mark.parametrize(
    "case", [each for each in BODIES if not each.get("ambiguous")] or [None], ids=lambda case: case and case["id"]
)
def test_the_intended_verdict_is_the_labelled_one(case):
    target, options = asked(case["operation"])
    assert preroll.check(case["payload"], target, **options).verdict == case["intended"], case["why"]


def same(pointer: str) -> str:
    """Width and height are one place: a size."""
    head, _, last = pointer.rpartition("/")
    return f"{head}/size" if last in ("width", "height") else pointer


def named(violations, pointer: str) -> bool:
    """Whether a violation names a place, a place inside it, or the object around what is missing."""
    for each in violations:
        for place in (each.pointer, *each.also, *(reason.pointer for reason in each.because)):
            if same(place) == same(pointer) or place.startswith(pointer + "/"):
                return True
            if each.rule.startswith(UP_ONE) and pointer.rsplit("/", 1)[0] == place:
                return True
    return False


@needs_cases
def test_nearly_every_fault_is_named_at_its_place_and_told_about_once():
    unnamed, told, bad = [], 0, 0
    for case in BODIES:
        target, options = asked(case["operation"])
        report = preroll.check(case["payload"], target, **options)
        found = [each for each in report.violations if each.severity != "info"]
        if case["intended"] == "valid" or case.get("ambiguous"):
            continue
        bad += 1
        told += len(found)
        if case["pointer"] is not None and not named(found, case["pointer"]):
            unnamed.append(case["id"])
    assert len(unnamed) <= bad * 0.05, unnamed
    assert told <= bad * 1.3
