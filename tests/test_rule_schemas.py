"""
Rules as JSON Schemas: a schema says exactly what its rule says, or there is none.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preroll import pointer
from preroll.mending import put
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.rules import exactly
from preroll.rules.kind import Context

RULES = [rule for vendor in Registry.bundled().vendors.values() if vendor.rules for rule in vendor.rules.rules]
EXPRESSED = [rule for rule in RULES if rule.kind.scope == "task" and rule.kind.schema() is not None]
CONTEXT = Context(today=date(2025, 1, 1))

TEXTS = (
    "", "first", "Last", "banana", "a.MP4", "b.mp4", ".mp4", "mp4", "x.y.png", "clip.m\u212av", "trap.mp4.exe",
    "http://", "HTTPS://example.com/a?b#c", "https://user@example.com", "https://user@", "https://a@b@c:80/",
    "https://[::1]/", "https://[::]", "https://...", "http://a:x/", "https:/a", "ftp://example.com/a",
    "data:image/png;base64,AAAA", "DATA:,x",
    "runway://abc", "s3://bucket/a", "c:\\temp\\a", "urn:x", "https://ex ample.com", "plain", "iVBORw0KGgo=",
    "aac49721-1964-481a-ae78-8a4e29b91402", "AAC49721-1964-181A-AE78-8A4E29B91402", "aac497211964481aae788a4e29b91402",
    "720p", "1080p", "MP4", "WEBM", "URL", "base64Data", "none", "fast", "video",
)  # fmt: skip
LEAVES: tuple[Any, ...] = (*TEXTS, True, False, None, 0, 1, 2, -1, 1.0, 0.5, 1.5, 5, 720, 1280, 1920, [], {}, ABSENT)


def engine(rule):
    return jsonschema_rs.Draft202012Validator(rule.kind.schema(), pattern_options=jsonschema_rs.FancyRegexOptions())


def agrees(rule, judge, payload):
    kept = not list(rule.kind.check(payload, CONTEXT))
    assert judge.is_valid(payload) == kept, (payload, rule.kind.schema())


def leaves(value, path=()):
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from leaves(each, (*path, key))


@pytest.mark.parametrize("rule", EXPRESSED, ids=lambda rule: rule.id)
def test_a_schema_refuses_what_breaks_its_rule_and_nothing_else(rule):
    judge = engine(rule)
    for example in (rule.example.breaks, rule.example.keeps):
        agrees(rule, judge, example)
        for path in leaves(example):
            for leaf in LEAVES:
                agrees(rule, judge, put(example, path, leaf))


SAMPLES = [each for rule in RULES for each in (rule.example.breaks, rule.example.keeps) if isinstance(each, dict)]
PLACES = sorted({pointer.text(path) for each in SAMPLES for path in leaves(each)})


@pytest.mark.parametrize("rule", EXPRESSED, ids=lambda rule: rule.id)
def test_a_schema_and_its_rule_agree_about_other_payloads(rule):
    judge = engine(rule)
    for sample in SAMPLES:
        agrees(rule, judge, sample)


@given(st.data())
def test_a_schema_and_its_rule_agree_about_mixtures(data):
    rule = data.draw(st.sampled_from(EXPRESSED))
    judge = engine(rule)
    payload = data.draw(st.sampled_from([rule.example.breaks, rule.example.keeps, *SAMPLES]))
    for place in data.draw(st.lists(st.sampled_from(PLACES), max_size=3)):
        payload = put(payload, pointer.resolved(payload, place), data.draw(st.sampled_from(LEAVES)))
    agrees(rule, judge, payload)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("[0-9a-f]{2}", "^(?:[0-9a-fA-F]{2})$"),
        ("[.][^.]*", "^(?:[.][^.]*)$"),
        (r"a\.b", r"^(?:[aA]\.[bB])$"),
        ("a.b", None),
        ("^a", None),
        ("a$", None),
        (r"\s+", None),
        ("(?=a)b", None),
    ],
)
def test_a_pattern_is_given_away_only_where_all_read_it_alike(pattern, found):
    assert exactly.whole(pattern, fold=True) == found
