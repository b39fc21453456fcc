"""
The words: what people read when something is wrong, whole, as `preroll check` prints it at 80 columns.

The snapshots in `tests/snapshots/explanations/` are for reading. `SNAPSHOTS=update python -m pytest
tests/test_explanations.py` writes them anew; read the difference aloud before it is committed.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from pathlib import Path

import pytest
from tests.payloads import SLIPS, Slip

import preroll
from preroll import outcome, words
from preroll.registry import Registry
from preroll.render import text as text_format

SNAPSHOTS = Path(__file__).with_name("snapshots") / "explanations"
UPDATE = os.environ.get("SNAPSHOTS") == "update"
TODAY = "2026-10-01"

by_id = pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.id)


def report_of(slip: Slip) -> preroll.Report:
    raw = json.dumps(slip.payload, indent=2, ensure_ascii=False).encode()
    return preroll.check_bytes(raw, slip.target, name="job.json", today=TODAY, **slip.options)


def told(slip: Slip) -> str:
    """All that the text format says of a slip, colour off."""
    entry = outcome.entry(report_of(slip).advised(), "job.json")
    return text_format.render(outcome.Outcome.of([entry]), colour=False, width=80)


def errors(report):
    return [each for each in report.violations if each.severity == "error"]


KNOWN_TWICE = {
    # slip: why it is told more than once
    "frames-in-the-old-place": "two slips: the place, and the name inside",
}


@by_id
def test_the_words_are_those_that_were_read_aloud(slip):
    path = SNAPSHOTS / f"{slip.id}.txt"
    fresh = told(slip)
    if UPDATE:
        path.write_text(fresh, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == fresh


def test_no_snapshot_is_left_over():
    assert sorted(path.stem for path in SNAPSHOTS.iterdir()) == sorted(slip.id for slip in SLIPS)


@by_id
def test_a_slip_is_named_where_it_is_made(slip):
    found = errors(report_of(slip))
    assert (slip.rule, slip.place) in [(each.rule, each.pointer) for each in found]


@pytest.mark.parametrize("slip", [each for each in SLIPS if each.id not in KNOWN_TWICE], ids=lambda slip: slip.id)
def test_a_slip_is_told_once(slip):
    assert [words.message(each) for each in errors(report_of(slip))][1:] == []


@by_id
def test_every_fix_that_is_offered_mends(slip):
    report = report_of(slip).advised()
    before = {(each.rule, each.pointer) for each in errors(report)}
    for violation in report.violations:
        for fix in violation.fixes:
            mended = preroll.check(preroll.apply(fix, slip.payload), slip.target, today=TODAY, **slip.options)
            after = {(each.rule, each.pointer) for each in errors(mended)}
            assert (violation.rule, violation.pointer) not in after
            assert len(after) < len(before) or violation.severity != "error"


NO_FIX = {
    # slip: why no change can be offered
    "kling-neither-prompt-nor-frames": "nobody else knows the prompt",
    "ray-neither-prompt-nor-frames": "nobody else knows the prompt",
    "wan-neither-prompt-nor-frames": "nobody else knows the prompt",
    "veo31-only-a-last-frame": "which picture should come first nobody else knows",
    "act-two-without-a-character": "nobody else has the picture",
    "usage-from-a-day-that-never-was": "which day was meant nobody else knows",
    "webhook-is-no-uri": "nobody else knows the address",
    "501-emoji": "which words to drop nobody else knows",
    "text-body-to-image-to-video": "the body is right; the address is not part of it",
    "two-tasks-with-one-uuid": "a fresh UUID is the caller's to make",
}


@pytest.mark.parametrize("slip", [each for each in SLIPS if each.id not in NO_FIX], ids=lambda slip: slip.id)
def test_the_least_change_is_offered(slip):
    assert report_of(slip).fixes()


def texts(value) -> set[str]:
    """Every text in a value, keys left out."""
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for each in inner for text in texts(each)}


@by_id
def test_no_fix_invents_what_would_be_paid_for(slip):
    report = report_of(slip)
    target = Registry.bundled().targets[report.target or ""]
    document = json.dumps(Registry.bundled().document(target).raw, ensure_ascii=False)
    for fix in report.fixes():
        for text in texts([operation.get("value") for operation in fix.patch]):
            known = f'"{text}"' in document and " " not in text
            derived = any(text.strip().casefold() in each.strip().casefold() for each in texts(slip.payload))
            dated = re.fullmatch(r"\d{4}-\d\d-\d\d", text)
            assert known or derived or dated, fix.title


@by_id
def test_the_title_of_a_fix_is_short(slip):
    assert [each.title for each in report_of(slip).fixes() if len(each.title) > 160] == []


def columns(line: str) -> int:
    """Columns that a terminal needs for a line (Unicode annex 11)."""
    return sum(
        2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line if unicodedata.combining(each) == 0
    )


@by_id
def test_it_is_readable_at_80_columns(slip):
    # A heading (place and rule) and a link are addresses: they are never broken.
    lines = [each for each in told(slip).splitlines() if not re.match(r"\w+\[|\s+see http", each)]
    assert [each for each in lines if columns(each) > 80] == []


@by_id
def test_words_are_the_same_without_the_solver(slip, monkeypatch):
    def fixed(said):
        return re.sub(r"^  fix: .*\n(?:    .*\n)*", "", said, flags=re.MULTILINE)

    with_solver = told(slip)
    monkeypatch.setitem(sys.modules, "z3", None)
    assert fixed(told(slip)) == fixed(with_solver)


@by_id
def test_words_hold_no_python(slip):
    assert not re.search(r"\b(None|True|False|Literal\(|Decimal\(|ABSENT|<[a-z_]+ object)", told(slip))


def test_an_unknown_model_lists_the_known_ones():
    body = {"model": "gen5_turbo", "promptImage": "https://example.com/fox.png", "ratio": "1280:720"}
    [violation] = preroll.check(body, "runwayml/image_to_video").violations
    assert set(violation.allowed) == {"gen4_turbo", "veo3.1", "gen3a_turbo", "veo3.1_fast", "veo3"}
    assert violation.allowed[0] == "gen4_turbo"
