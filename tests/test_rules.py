"""Prose rules: each kind on both sides of its boundary, the reader's complaints, and the vendors' rules as data."""

# ruff: noqa: E501  # tables: a row is a line

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from preroll import dialect
from preroll.formula import Literal
from preroll.pointer import ABSENT, look_up, parse, text
from preroll.rules import KINDS, Context, RuleError, anchors, load_rules, stale, to_data

SCHEMAS = Path(__file__).parents[1] / "schemas"
TODAY = Context(date(2026, 3, 31))
UUID = "aac49721-1964-481a-ae78-8a4e29b91402"


def entry(kind, **parameters):
    """A rule of a kind, as data."""
    keys = {key.replace("_", "-"): value for key, value in parameters.items()}
    return {
        "id": "r", "targets": "v/*", "quote": "q", "at": "/info", "severity": "error", "kind": kind, **keys,
        "example": {"breaks": {}, "keeps": {}},
    }  # fmt: skip


def rule(kind, **parameters):
    [read] = load_rules({"vendor": "v", "rules": [entry(kind, **parameters)]}).rules
    return read


def places(read, instance, context=TODAY):
    return [text(each.path) for each in read.kind.check(instance, context)]


SUM = rule("sum-equals", places="/parts/*/n", equals={"place": "/total", "default": 5})
END = rule("ordered", left="/end", op=">", right="/start")
MOST = rule("ordered", left="/end", op="<=", right={"place": "/steps", "default": 30})
PERCENT = rule("ordered", left="/start", op="<", right={"percent": "/pct", "of": {"place": "/steps", "default": 30}})
INSIDE = rule("ordered", left={"sum": ["/x", "/width"]}, op=">", right=0)
TIMES = rule("ordered", left={"product": ["/x", "/width", 2]}, op=">=", right=1, when=[{"place": "/on", "is": True}])
IDS = rule("unique", places="/items/*/id")
FOLDED = rule("unique", places=["/a", "/b"], fold="case")
TASKS = rule("unique-across-request", places="/id", fold="case")
FRAMES = rule("unique-by", array="/frames", by="/frame", alike={"first": 0, "last": -1})
SILENT = rule("unique-by", array="/frames", by="/frame", absent="first", when=[{"place": "/on"}])
UNITS = rule("max-utf16", places="/text", most=4, max_length=4)
ONE = rule("max-items", place="/refs", most=1)
SPAN = rule(
    "date-span",
    start={"place": "/from", "default": {"days": -30, "of": "today"}},
    end={"place": "/to", "default": {"days": 30, "of": "start"}},
    most=90,
)
ORDER = rule("date-span", start="/from", end="/to", least=1)
TEA = rule(
    "requires",
    when=[{"place": "/far"}],
    need=[{"place": "/tea", "is": True, "default": False}],
    effect="ignored",
)
EITHER = rule(
    "requires", when=[{"place": "/kind", "in": ["v", "w"]}], need=[{"place": "/a"}, {"place": "/b"}], any=True
)
BOTH = rule("requires", when=[{"place": "/kind", "is-not": "v"}], need=[{"place": "/a"}, {"place": "/b"}], place="")
VOICES = rule(
    "forbids",
    each="/items/*",
    when=[{"place": "/videos"}],
    refuse=[{"place": "/images"}, {"place": "/voices"}],
)
BRIGHT = rule(
    "forbids",
    when=[{"place": "/spot"}, {"place": "/edit", "given": False}],
    refuse=[{"place": "/hdr", "is": True}],
)
MANY = rule("forbids", when=[{"place": "/seed"}], refuse=[{"place": "/count", "above": 1}])
NAMED = rule("listed", places="/frames/*/frame", values=["first", "last"])
FIRST = rule(
    "contains",
    array="/images",
    member="/position",
    values=["first"],
    when=[{"place": "/model", "in": ["a", "b"]}],
)
V4 = rule(
    "matches",
    places="/id",
    pattern="[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    among="[0-9a-f-]{36}",
    means="a version 4 UUID",
)
BARE = rule("matches", places="/id", pattern="[0-9a-f]{32}", refuse=True, means="a UUID without hyphens")
ELEMENTS = rule(
    "references-resolve", places=["/prompt", "/shots/*/prompt"], pattern="<<<e_([0-9]+)>>>", array="/elements"
)
TAGS = rule("references-resolve", places="/prompt", pattern="@([a-z]+)", array="/images", member="/tag", if_any=True)
IMAGE = rule("media-input", places="/m", accepts=["uuid", "url", "data-uri", "base64"], media=["image"])
VIDEO = rule("media-input", places="/m/*", accepts=["uuid", "url"])
LOOSE = rule(
    "media-input",
    places="/m",
    accepts=["url", "data-uri"],
    schemes=["https", "store"],
    examine=["url"],
    blanks=True,
)
DATA = rule("media-input", places="/m", accepts=["url", "data-uri"], schemes=["https"], examine=["data-uri"])
FILE = rule("filename-type", places="/name", extensions=["mp4", "png"])
AGREE = rule("agrees-with", place="/res", others=["/w", "/h"], table={"720p": [[1280, 720]], "1080p": [[1920, 1080]]})
TOLD = rule("remark", when=[{"place": "/seed"}, {"place": "/count", "above": 1}], place="/seed", text="note well")

CASES = [
    # rule, instance                                                             broken at
    (SUM, {"parts": [{"n": 2}, {"n": 3}]}, []),
    (SUM, {"parts": [{"n": 3}, {"n": 3}]}, ["/parts"]),
    (SUM, {"parts": [{"n": 3}, {"n": 3}], "total": 6}, []),
    (SUM, {"parts": [{"n": 0.1}, {"n": 0.2}], "total": 0.3}, []),
    (SUM, {"parts": [{"n": 0.1}, {"n": 0.2}], "total": 0.30000000000000004}, ["/parts"]),
    (SUM, {"parts": []}, ["/parts"]),
    (SUM, {"parts": [{"n": 3}, {}]}, []),
    (SUM, {"parts": [{"n": "3"}]}, []),
    (SUM, {"parts": [{"n": True}]}, []),
    (SUM, {"parts": [{"n": 6}], "total": "6"}, []),
    (SUM, {"parts": 3}, []),
    (SUM, {}, []),
    (END, {"start": 10, "end": 11}, []),
    (END, {"start": 10, "end": 10}, ["/end"]),
    (END, {"start": 10}, []),
    (END, {"start": True, "end": 0}, []),
    (MOST, {"end": 30}, []),
    (MOST, {"end": 31}, ["/end"]),
    (MOST, {"end": 31, "steps": 31}, []),
    (MOST, {"end": 2**63, "steps": 2**63 - 1}, ["/end"]),
    (MOST, {"steps": 1}, []),
    (PERCENT, {"start": 14, "pct": 50}, []),
    (PERCENT, {"start": 15, "pct": 50}, ["/start"]),
    (PERCENT, {"start": 15, "pct": 50, "steps": 31}, []),
    (PERCENT, {"pct": 50}, []),
    (INSIDE, {"x": -1, "width": 1.01}, []),
    (INSIDE, {"x": -1, "width": 1}, ["/x"]),
    (INSIDE, {"x": -0.3, "width": 0.1 + 0.2}, []),
    (INSIDE, {"x": -1}, []),
    (TIMES, {"x": 0.5, "width": 1, "on": True}, []),
    (TIMES, {"x": 0.25, "width": 1, "on": True}, ["/x"]),
    (TIMES, {"x": 0.25, "width": 1, "on": 1}, []),
    (TIMES, {"x": 0.25, "width": 1}, []),
    (IDS, {"items": [{"id": "a"}, {"id": "A"}]}, []),
    (IDS, {"items": [{"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": "a"}]}, ["/items/2/id", "/items/3/id"]),
    (IDS, {"items": [{"id": 1}, {"id": True}, {"id": [1]}, {"id": [1]}, {}]}, []),
    (IDS, {"items": {"id": 1}}, []),
    (FOLDED, {"a": "x", "b": "X"}, ["/b"]),
    (FOLDED, {"a": "x"}, []),
    (TASKS, [{"id": "a"}, {"id": "b"}], []),
    (TASKS, [{"id": "a"}, {}, {"id": "A"}], ["/2/id"]),
    (TASKS, [{"id": "a"}], []),
    (TASKS, {"id": "a"}, []),
    (FRAMES, {"frames": [{"frame": "first"}, {"frame": "last"}]}, []),
    (FRAMES, {"frames": [{"frame": "first"}, {"frame": 0}]}, ["/frames/1/frame"]),
    (FRAMES, {"frames": [{"frame": -1}, "text", {"frame": "last"}]}, ["/frames/2/frame"]),
    (FRAMES, {"frames": [{"frame": 0}, {"frame": False}]}, []),
    (FRAMES, {"frames": [{}, {}]}, []),
    (SILENT, {"frames": [{}, {"frame": "first"}], "on": 1}, ["/frames/1/frame"]),
    (SILENT, {"frames": [{}, {"frame": "last"}], "on": 1}, []),
    (SILENT, {"frames": [{}, {}]}, []),
    (UNITS, {"text": "abcd"}, []),
    (UNITS, {"text": "😀😀"}, []),
    (UNITS, {"text": "😀ab\uffff"}, ["/text"]),
    (UNITS, {"text": "😀😀a"}, ["/text"]),
    (UNITS, {"text": "abcde"}, []),  # the schema's own limit
    (UNITS, {"text": 5}, []),
    (ONE, {"refs": [1]}, []),
    (ONE, {"refs": [1, 2]}, ["/refs"]),
    (ONE, {"refs": "ab"}, []),
    (SPAN, {"from": "2025-01-01", "to": "2025-04-01"}, []),
    (SPAN, {"from": "2025-01-01", "to": "2025-04-02"}, ["/to"]),
    (SPAN, {"from": "2024-01-01", "to": "2024-03-31"}, []),
    (SPAN, {"from": "2024-01-01", "to": "2024-04-01"}, ["/to"]),
    (SPAN, {"to": "2026-05-30"}, []),
    (SPAN, {"to": "2026-05-31"}, ["/to"]),
    (SPAN, {"from": "2020-01-01"}, []),
    (SPAN, {"from": "9999-12-31"}, []),
    (SPAN, {"from": "0000-01-01", "to": "2025-01-01"}, ["/to"]),
    (SPAN, {"from": "0000-12-31", "to": "0001-03-31"}, []),
    (SPAN, {"from": "0000-12-31", "to": "0001-04-01"}, ["/to"]),
    (SPAN, {"from": "0000-02-29", "to": "0000-05-30"}, ["/to"]),
    (SPAN, {"from": "0001-02-29", "to": "2025-01-01"}, []),
    (SPAN, {"from": "2024-1-1", "to": "2025-01-01"}, []),
    (SPAN, {"from": "20240101", "to": "2025-01-01"}, []),
    (SPAN, {"from": "2023-02-29", "to": "2025-01-01"}, []),
    (SPAN, {"from": "٢٠٢٤-01-01", "to": "2025-01-01"}, []),
    (SPAN, {}, []),
    (ORDER, {"from": "2025-01-01", "to": "2025-01-02"}, []),
    (ORDER, {"from": "2025-01-01", "to": "2025-01-01"}, ["/to"]),
    (ORDER, {"from": "2025-01-02", "to": "2025-01-01"}, ["/to"]),
    (ORDER, {"to": "2025-01-01"}, []),
    (TEA, {"far": 0.3, "tea": True}, []),
    (TEA, {"far": 0.3, "tea": False}, ["/far"]),
    (TEA, {"far": 0.3, "tea": 1}, ["/far"]),
    (TEA, {"far": 0.3}, ["/far"]),
    (TEA, {}, []),
    (EITHER, {"kind": "v", "b": 1}, []),
    (EITHER, {"kind": "w"}, ["/kind"]),
    (EITHER, {"kind": "x"}, []),
    (BOTH, {"kind": "x", "a": 1}, [""]),
    (BOTH, {"kind": "x", "a": 1, "b": None}, []),
    (BOTH, {"kind": "v"}, []),
    (BOTH, {}, []),
    (VOICES, {"items": [{"images": 1}, {"videos": 1}]}, []),
    (
        VOICES,
        {"items": [{}, {"videos": 1, "voices": 1, "images": 1}]},
        ["/items/1/images", "/items/1/voices"],
    ),
    (VOICES, {"items": {"videos": 1, "voices": 1}}, []),
    (BRIGHT, {"spot": 1, "hdr": True}, ["/hdr"]),
    (BRIGHT, {"spot": 1, "hdr": False}, []),
    (BRIGHT, {"spot": 1, "hdr": 1}, []),
    (BRIGHT, {"spot": 1, "hdr": True, "edit": {}}, []),
    (BRIGHT, {"hdr": True}, []),
    (MANY, {"seed": 1, "count": 1}, []),
    (MANY, {"seed": 1, "count": 2}, ["/count"]),
    (MANY, {"seed": 1, "count": "2"}, []),
    (NAMED, {"frames": [{"frame": "first"}, {"frame": 7}, "text"]}, []),
    (NAMED, {"frames": [{"frame": "First"}, {"frame": ""}]}, ["/frames/0/frame", "/frames/1/frame"]),
    (FIRST, {"images": [{"position": "last"}, {"position": "first"}], "model": "a"}, []),
    (FIRST, {"images": [{"position": "last"}], "model": "b"}, ["/images"]),
    (FIRST, {"images": [{"position": "last"}], "model": "c"}, []),
    (FIRST, {"images": [{"position": "last"}]}, []),
    (FIRST, {"images": [], "model": "a"}, []),
    (FIRST, {"images": "url", "model": "a"}, []),
    (V4, {"id": UUID}, []),
    (V4, {"id": UUID.upper()}, []),
    (V4, {"id": "aac49721-1964-111a-ae78-8a4e29b91402"}, ["/id"]),
    (V4, {"id": "aac49721-1964-481a-7e78-8a4e29b91402"}, ["/id"]),
    (V4, {"id": "00000000-0000-0000-0000-000000000000"}, ["/id"]),
    (V4, {"id": "not a UUID"}, []),
    (V4, {"id": UUID + "\n"}, []),
    (V4, {"id": 4}, []),
    (BARE, {"id": UUID.replace("-", "")}, ["/id"]),
    (BARE, {"id": UUID}, []),
    (ELEMENTS, {"prompt": "<<<e_1>>> and <<<e_01>>>", "elements": [{}]}, []),
    (ELEMENTS, {"prompt": "<<<e_2>>>, <<<e_2>>>", "elements": [{}]}, ["/prompt"]),
    (ELEMENTS, {"prompt": "<<<e_0>>>, <<<e_9>>>", "elements": [{}]}, ["/prompt", "/prompt"]),
    (ELEMENTS, {"prompt": "<<<e_1>>>"}, ["/prompt"]),
    (ELEMENTS, {"shots": [{"prompt": "no"}, {"prompt": "<<<e_1>>>"}], "elements": []}, ["/shots/1/prompt"]),
    (ELEMENTS, {"prompt": "<<<e_1>>>", "elements": "wrong"}, []),
    (ELEMENTS, {"prompt": "<<<e_x>>> <<<e_1>>"}, []),
    (TAGS, {"prompt": "a @cat", "images": [{"tag": "cat"}]}, []),
    (TAGS, {"prompt": "a @cat", "images": [{"tag": "dog"}]}, ["/prompt"]),
    (TAGS, {"prompt": "a @cat", "images": [{}]}, []),
    (TAGS, {"prompt": "a @cat"}, []),
    (IMAGE, {"m": UUID}, []),
    (IMAGE, {"m": "https://example.com/i.png"}, []),
    (IMAGE, {"m": "HTTP://example.com"}, []),
    (IMAGE, {"m": "http://user@[::1]:80/"}, []),
    (IMAGE, {"m": "http://"}, ["/m"]),
    (IMAGE, {"m": "https:example.com"}, ["/m"]),
    (IMAGE, {"m": "https:///path"}, ["/m"]),
    (IMAGE, {"m": "https://:80/"}, ["/m"]),
    (IMAGE, {"m": "ftp://example.com/i.png"}, ["/m"]),
    (IMAGE, {"m": "mailto:a@example.com"}, ["/m"]),
    (IMAGE, {"m": "urn:isbn:1"}, ["/m"]),
    (IMAGE, {"m": "file:///i.png"}, ["/m"]),
    (IMAGE, {"m": "aGVsbG8="}, []),
    (IMAGE, {"m": "aGVsbG8"}, []),
    (IMAGE, {"m": "hello"}, ["/m"]),
    (IMAGE, {"m": "===="}, ["/m"]),
    (IMAGE, {"m": "aG=sbG8="}, ["/m"]),
    (IMAGE, {"m": "aGVsbG8=="}, ["/m"]),
    (IMAGE, {"m": ""}, []),
    (IMAGE, {"m": "hello world"}, []),  # in no listed form: the schema says so
    (IMAGE, {"m": "data:image/png;base64,iVBORw0KGgo="}, []),
    (IMAGE, {"m": "data:IMAGE/svg+xml;charset=utf-8;base64,iVBORw0KGgo%3D"}, []),
    (IMAGE, {"m": "data:video/mp4;base64,AAAA"}, ["/m"]),
    (IMAGE, {"m": "data:;base64,AAAA"}, ["/m"]),
    (IMAGE, {"m": "data:image/png,AAAA"}, ["/m"]),
    (IMAGE, {"m": "data:image/png;base64,"}, ["/m"]),
    (IMAGE, {"m": "data:image/png;base64,AAAAA"}, ["/m"]),
    (IMAGE, {"m": "data:image/png;base64,AA!A"}, ["/m"]),
    (IMAGE, {"m": "data:image/png"}, ["/m"]),
    (IMAGE, {"m": "data:image;base64,AAAA"}, ["/m"]),
    (IMAGE, {"m": "data:image/x-icon;base64,AAAA"}, []),
    (IMAGE, {"m": "data:image/vnd.ms-photo+a_b;base64,AAAA"}, []),
    (DATA, {"m": "data:image/;base64,AAAA"}, ["/m"]),
    (DATA, {"m": "data:image/*;base64,AAAA"}, ["/m"]),
    (DATA, {"m": "data:image/png/x;base64,AAAA"}, ["/m"]),
    (DATA, {"m": "data:image/png ;base64,AAAA"}, ["/m"]),
    (DATA, {"m": "data:;base64,AAAA"}, []),
    (IMAGE, {"m": 5}, []),
    (VIDEO, {"m": [UUID, "https://e.com/v.mp4"]}, []),
    (VIDEO, {"m": ["data:video/mp4;base64,AAAA", "https://e.com", "ftp://e.com"]}, ["/m/0", "/m/2"]),
    (VIDEO, {"m": ["hello"]}, []),
    (LOOSE, {"m": "https://example.com/a b"}, ["/m"]),
    (LOOSE, {"m": "https://       "}, ["/m"]),
    (LOOSE, {"m": "https://\nexample.com"}, ["/m"]),
    (LOOSE, {"m": "https://......."}, ["/m"]),
    (LOOSE, {"m": "http://example.com"}, ["/m"]),
    (LOOSE, {"m": "store://anything"}, []),
    (LOOSE, {"m": "data:image/a,b"}, []),
    (DATA, {"m": "data:image/a,b"}, ["/m"]),
    (DATA, {"m": "ftp://example.com"}, []),
    (FILE, {"name": "a.mp4"}, []),
    (FILE, {"name": "A.b.PNG"}, []),
    (FILE, {"name": "a.b"}, ["/name"]),
    (FILE, {"name": "mp4"}, ["/name"]),
    (FILE, {"name": "a."}, ["/name"]),
    (FILE, {"name": "a.mp4 "}, ["/name"]),
    (FILE, {"name": 4}, []),
    (AGREE, {"res": "720p", "w": 1280, "h": 720}, []),
    (AGREE, {"res": "1080p", "w": 1280, "h": 720}, ["/res"]),
    (AGREE, {"res": "1080p", "w": 1280, "h": 721}, []),
    (AGREE, {"res": "4k", "w": 1280, "h": 720}, []),
    (AGREE, {"res": "1080p", "w": 1280}, []),
    (TOLD, {"seed": 1, "count": 2}, ["/seed"]),
    (TOLD, {"seed": 1}, []),
]


@pytest.mark.parametrize(
    ("read", "instance", "broken"),
    CASES,
    ids=[f"{each[0].kind_name}-{index}" for index, each in enumerate(CASES)],
)
def test_a_rule_is_broken_where_it_should_be_and_nowhere_else(read, instance, broken):
    assert places(read, instance) == broken


ODD_SCHEMES = [
    rule("media-input", places="/m", accepts=["url"], schemes=["data", "https"]),
    rule("media-input", places="/m", accepts=["url", "data-uri"], schemes=["data", "https"]),
    rule("media-input", places="/m", accepts=["url"], schemes=["STORE", "https"]),
]


@pytest.mark.parametrize("read", ODD_SCHEMES, ids=["data", "data-uri", "capitals"])
def test_a_medium_that_is_cleared_is_none_that_the_rule_refuses(read):
    cleared = dialect.engine(read.clear)
    for each in ("data://example.com/a", "STORE://example.com/a"):
        assert not (cleared.is_valid({"m": each}) and places(read, {"m": each})), each
    assert cleared.is_valid({"m": "https://example.com/a"})


def test_every_kind_is_tried_on_both_sides():
    told = {(each.kind_name, bool(broken)) for each, _, broken in CASES}
    assert told == {(name, side) for name in KINDS for side in (True, False)}


def test_the_table_of_kinds_is_in_order_and_names_each_kind_once():
    assert list(KINDS) == sorted(KINDS)
    assert [KINDS[each].name for each in KINDS] == list(KINDS)


WORDS = [
    (SUM, {"parts": [{"n": 3}, {"n": 3}]}, "the parts add up to 6, but total is 5 by default"),
    (SUM, {"parts": [{"n": 0.1}, {"n": 0.2}], "total": 1}, "the parts add up to 0.3, but total is 1"),
    (MOST, {"end": 31}, "31 is more than steps, which is 30 by default"),
    (MOST, {"end": 31, "steps": 2}, "31 is more than steps, which is 2"),
    (END, {"end": 1, "start": 1}, "1 is not more than start, which is 1"),
    (PERCENT, {"start": 15, "pct": 50}, "15 is not less than pct % of steps, which is 15"),
    (INSIDE, {"x": -1.5, "width": 1}, "x + width is -0.5, not more than 0"),
    (TIMES, {"x": 0, "width": 1, "on": True}, "x × width × 2 is 0, less than 1"),
    (IDS, {"items": [{"id": "a"}, {"id": "a"}]}, "a is already used by items[0].id"),
    (TASKS, [{"id": "a"}, {"id": "a"}], "a is already used by task 0"),
    (FRAMES, {"frames": [{"frame": "first"}, {"frame": 0}]}, "0 means the same as first, which frames[0].frame has"),
    (UNITS, {"text": "😀😀a"}, "it is 5 UTF-16 code units long, 1 more than the 4 allowed"),
    (ONE, {"refs": [1, 2]}, "it has 2 items; at most 1 is supported"),
    (
        SPAN,
        {"from": "2024-01-01", "to": "2024-04-01"},
        "2024-04-01 is 91 days after 2024-01-01; at most 90 are allowed",
    ),
    (ORDER, {"from": "2024-01-02", "to": "2024-01-01"}, "2024-01-01 is before 2024-01-02"),
    (TEA, {"far": 0.3}, "far has no effect unless tea is true"),
    (EITHER, {"kind": "v"}, "kind v needs a or b"),
    (VOICES, {"items": [{"videos": 1, "voices": 1}]}, "voices cannot be given here"),
    (BRIGHT, {"spot": 1, "hdr": True}, "hdr cannot be true here"),
    (NAMED, {"frames": [{"frame": "banana"}]}, "banana is not one of first, last"),
    (FIRST, {"images": [{"position": "last"}], "model": "a"}, "no item has the position first"),
    (V4, {"id": "aac49721-1964-111a-ae78-8a4e29b91402"}, "it is not a version 4 UUID"),
    (BARE, {"id": UUID.replace("-", "")}, "it looks like a UUID without hyphens"),
    (
        ELEMENTS,
        {"prompt": "<<<e_2>>>", "elements": [{}]},
        "<<<e_2>>> leads nowhere; elements has only <<<e_1>>>",
    ),
    (ELEMENTS, {"prompt": "<<<e_2>>>"}, "<<<e_2>>> leads nowhere; elements has none"),
    (VIDEO, {"m": ["ftp://e.com"]}, "ftp: is not taken here; it should be a UUID or a URL of http or https"),
    (IMAGE, {"m": "data:image/;base64,AAAA"}, 'its media type "image/" is not of the form type/subtype'),
    (IMAGE, {"m": "hello"}, "its data cannot be Base64: 5 characters are no whole number of bytes"),
    (FILE, {"name": "a.b"}, ".b is not the extension of a supported file type"),
    (FILE, {"name": "a"}, "it has no extension"),
    (AGREE, {"res": "1080p", "w": 1280, "h": 720}, "1080p does not fit w 1280 and h 720, which are 720p"),
    (TOLD, {"seed": 1, "count": 2}, "note well"),
]


@pytest.mark.parametrize(("read", "instance", "sentence"), WORDS)
def test_a_kind_says_the_fact_in_one_sentence(read, instance, sentence):
    finding = next(iter(read.kind.check(instance, TODAY)))
    assert read.kind.say(finding.expected, finding.actual) == sentence
    assert json.loads(json.dumps(finding.expected)) == finding.expected  # facts that a report can carry


REASONS = [
    # why it is broken: the pointer, what holds there, the value, the default
    (MOST, {"end": 31}, ("/steps", Literal("enum", (30,)), ABSENT, 30)),
    (MOST, {"end": 31, "steps": 7}, ("/steps", Literal("enum", (7,)), 7, ABSENT)),
    (SUM, {"parts": [{"n": 9}]}, ("/total", Literal("enum", (5,)), ABSENT, 5)),
    (SPAN, {"to": "2026-05-31"}, ("/from", Literal("enum", ("2026-03-01",)), ABSENT, "2026-03-01")),
    (TEA, {"far": 1}, ("/tea", Literal("enum", (False,)), ABSENT, False)),
    (TEA, {"far": 1, "tea": 0}, ("/tea", Literal("enum", (0,)), 0, ABSENT)),
    (VOICES, {"items": [{"videos": 1, "voices": 1}]}, ("/items/0/videos", Literal("required", "videos"), 1, ABSENT)),
    (FIRST, {"images": [{}], "model": "a"}, ("/model", Literal("enum", ("a", "b")), "a", ABSENT)),
    (IDS, {"items": [{"id": "a"}, {"id": "a"}]}, ("/items/0/id", Literal("enum", ("a",)), "a", ABSENT)),
    (ELEMENTS, {"prompt": "<<<e_1>>>"}, ("/elements", Literal("required", "elements", False), ABSENT, ABSENT)),
    (TOLD, {"seed": 1, "count": 2}, ("/count", Literal("exclusiveMinimum", 1), 2, ABSENT)),
]  # fmt: skip


@pytest.mark.parametrize(("read", "instance", "reason"), REASONS)
def test_a_finding_names_what_activates_it(read, instance, reason):
    because = next(iter(read.kind.check(instance, TODAY))).because[0]
    assert (because.pointer, because.condition, because.actual, because.default) == reason


MISTAKES = [
    # what is wrong                  data                                                         key            did you mean
    ("a misspelt key",               entry("listed", places="/a", values=["b"], severty="x"),     "severty",     "severity"),
    ("a misspelt parameter",         entry("listed", place="/a", values=["b"]),                   "place",       "places"),
    ("a missing parameter",          entry("listed", places="/a"),                                "values",      ""),
    ("an unknown kind",              entry("list", places="/a"),                                  "kind",        "listed"),
    ("an unknown severity",          {**entry("listed", places="/a", values=["b"]), "severity": "warn"}, "severity", "warning"),
    ("a place that is no pointer",   entry("listed", places="a", values=["b"]),                   "places",      ""),
    ("no quote",                     {**entry("listed", places="/a", values=["b"]), "quote": ""}, "quote",       ""),
    ("a wrong address",              {**entry("listed", places="/a", values=["b"]), "at": "info"}, "at",         ""),
    ("a misspelt example",           {**entry("listed", places="/a", values=["b"]), "example": {"break": 1}}, "example/break", "breaks"),
    ("an unknown operator",          entry("ordered", left="/a", op="=<", right="/b"),            "op",          ""),
    ("a wrong expression",           entry("ordered", left={"plus": []}, op="<", right="/b"),     "left",        ""),
    ("a wrong condition",            entry("forbids", when=[{"place": "/a", "was": 1}], refuse=[]), "when",      ""),
    ("two tests in a condition",     entry("forbids", when=[{"place": "/a", "is": 1, "given": True}], refuse=[]), "when", ""),
    ("a wrong pattern",              entry("matches", places="/a", pattern="(", means="m"),       "pattern",     ""),
    ("a wrong default of a date",    entry("date-span", start={"place": "/a", "default": 3}, end="/b"), "start", ""),
    ("a number that is text",        entry("max-items", place="/a", most="1"),                    "most",        ""),
    ("an unknown form",              entry("media-input", places="/a", accepts=["uri"]),          "accepts",     ""),
    ("a table that is a list",       entry("agrees-with", place="/a", others="/b", table=[]),     "table",       ""),
]  # fmt: skip


@pytest.mark.parametrize(("data", "key", "nearest"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_in_a_rule_names_the_rule_the_key_and_the_right_key(data, key, nearest):
    with pytest.raises(RuleError) as caught:
        load_rules({"vendor": "v", "rules": [data]})
    assert (caught.value.rule, caught.value.key, caught.value.nearest) == ("r", key, nearest)
    assert "rule r" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"rules": []}, "vendor"),
        ({"vendor": "v", "rule": []}, "rule"),
        ({"vendor": "v", "rules": {}}, "rules"),
        ({"vendor": "v", "rules": ["text"]}, "rules"),
        ({"vendor": "v", "meanings": {"price": "sound"}}, "meanings/price"),
        ({"vendor": "v", "meanings": {"cost": ["sound"]}}, "meanings/cost"),
        ({"vendor": "v", "unknown-properties": "loud"}, "unknown-properties"),
        ({"vendor": "v", "rules": [entry("listed", places="/a", values=["b"])] * 2}, "id"),
    ],
)
def test_a_mistake_in_a_rule_set_names_the_key(data, key):
    with pytest.raises(RuleError) as caught:
        load_rules(data)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("glob", "target", "fits"),
    [
        ("v/*", "v/a", True),
        ("v/*", "v/a#b", True),
        ("v/*", "w/a", False),
        ("v/a", "v/a#b", True),
        ("v/a#b*", "v/a#b.1", True),
        ("v/a#b*", "v/a", False),
        ("v/a:x@1", "v/a:x@1", True),
        ("v/a:x@1", "v/a:x@12", False),
        ("v/*:t/{id}", "v/GET:t/{id}", True),
        ("v/?", "v/a", True),
    ],
)
def test_a_glob_fits_targets_and_their_branches(glob, target, fits):
    read = load_rules({"vendor": "v", "rules": [{**entry("listed", places="/a", values=["b"]), "targets": [glob]}]})
    assert read.rules[0].applies(target) is fits


@pytest.mark.parametrize(
    ("at", "document", "reason"),
    [
        ("/info", {"info": "a quote"}, None),
        ("/list/*/text", {"list": [{"text": "x"}, {"text": "q"}]}, None),
        ("/info", {"info": "no"}, "does not say"),
        ("/info", {"info": ["q"]}, "does not say"),
        ("/info", {}, "nothing at"),
    ],
)
def test_a_rule_is_stale_when_its_quote_is_gone(at, document, reason):
    read = load_rules({"vendor": "v", "rules": [{**entry("listed", places="/a", values=["b"]), "at": at}]}).rules[0]
    assert (stale(read, document) is None) if reason is None else (reason in (stale(read, document) or ""))


# ---- the vendors' rules ------------------------------------------------------------------------------------------


def yaml(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def published():
    """Every shipped document, by the name of its vendor."""
    listed = tomllib.loads((SCHEMAS / "sources.toml").read_text(encoding="utf-8"))["document"]
    for each in listed:
        yield each["vendor"], json.loads((SCHEMAS / each["vendor"] / each["file"]).read_bytes())


DOCUMENTS = list(published())
SETS = {path.parent.name: load_rules(yaml(path)) for path in sorted(SCHEMAS.glob("*/rules.yaml"))}
RULES = [(name, each) for name, rules in SETS.items() for each in rules.rules]
NOTES = [(name, each) for name, rules in SETS.items() for each in rules.notes]
EVERY_RULE = pytest.mark.parametrize(("vendor", "read"), RULES, ids=[each.id for _, each in RULES])
ALL: list[tuple[str, Any]] = [*RULES, *NOTES]


@pytest.mark.parametrize(("vendor", "read"), ALL, ids=[each.id for _, each in ALL])
def test_every_quote_stands_at_every_address(vendor, read):
    documents = [document for name, document in DOCUMENTS if name == vendor]
    for at in read.at:
        addressed: Any = SimpleNamespace(at=(at,), quote=read.quote)
        assert any(anchors(addressed, each) for each in documents), at
    assert any(stale(read, each) is None for each in documents)


@EVERY_RULE
def test_every_rule_breaks_and_keeps_its_own_example(vendor, read):
    assert places(read, read.example.breaks)
    assert not places(read, read.example.keeps)


@EVERY_RULE
def test_a_rule_cannot_be_broken_without_a_place_it_touches(vendor, read):
    def without(task):
        task = copy.deepcopy(task)
        for path in read.touches:
            holder = look_up(task, path[:-1])
            if isinstance(holder, dict):
                holder.pop(path[-1], None)
        return task

    assert read.touches
    if () in read.touches:
        return
    breaks = read.example.breaks
    stripped = [without(each) for each in breaks] if read.kind.scope == "request" else without(breaks)
    assert not places(read, stripped)


def schemas_at(node, path):
    """The subschemas that a place of the payload may be judged by."""
    if not isinstance(node, dict):
        return
    if not path:
        yield node
    for keyword in ("oneOf", "anyOf", "allOf"):
        for each in node.get(keyword, ()):
            yield from schemas_at(each, path)
    if path and path[0] == "*":
        yield from schemas_at(node.get("items"), path[1:])
    elif path:
        yield from schemas_at(node.get("properties", {}).get(path[0]), path[1:])


def bodies(document):
    if "RequestBody" in document["components"]["schemas"]:
        yield document["components"]["schemas"]["RequestBody"]["items"]
    for item in document["paths"].values():
        for operation in item.values():
            schema = look_up(operation, ("requestBody", "content", "application/json", "schema"))
            if schema is not ABSENT:
                yield schema


def pointers_of(value):
    if isinstance(value, str) and value.startswith("/"):
        yield value
    elif isinstance(value, dict):
        yield from (each for one in value.values() for each in pointers_of(one))
    elif isinstance(value, list):
        yield from (each for one in value for each in pointers_of(one))


@EVERY_RULE
def test_every_place_of_a_rule_exists_in_the_schema(vendor, read):
    parameters = dict(read.parameters)
    prefix = parameters.pop("each", "")
    inside = [parameters.pop(key) for key in ("by", "member") if key in parameters]
    wanted = [prefix + each for each in pointers_of(parameters) if len(each) > 1 and each.count("/") < 9]
    wanted += [f"{parameters['array']}/*{each}" for each in inside]
    known = [body for name, document in DOCUMENTS if name == vendor for body in bodies(document)]
    for each in wanted:
        assert any(True for body in known for _ in schemas_at(body, parse(each))), each


@pytest.mark.parametrize("name", SETS)
def test_rules_compile_to_json_and_back(name):
    rules = SETS[name]
    data = json.loads(json.dumps(to_data(rules)))
    assert load_rules(data) == rules
    ready = load_rules(data, compiled=True)
    assert ready == rules
    assert [each.kind for each in ready.rules] == [each.kind for each in rules.rules]


def test_compiled_rules_import_no_kind_before_it_is_asked(tmp_path):
    data = tmp_path / "rules.json"
    data.write_text(json.dumps([to_data(rules) for rules in SETS.values()]))
    script = (
        "import json, sys; from preroll.rules import load_rules\n"
        f"sets = [load_rules(each, compiled=True) for each in json.load(open({str(data)!r}))]\n"
        "kinds = {'preroll.rules.' + each.kind_name.replace('-', '_') for rules in sets for each in rules.rules}\n"
        "print(sorted(kinds & set(sys.modules)), 'ruamel.yaml' in sys.modules, 'fractions' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[] False False"


@pytest.mark.parametrize("name", SETS)
def test_a_rule_set_says_what_unknown_properties_meanings_and_links_are(name):
    rules = SETS[name]
    assert rules.unknown_properties == "warning"
    assert rules.meaning("duration") == "length"
    assert rules.meaning("model") == ""
    assert rules.link(f"{name}/anything").startswith("https://")
    assert rules.link("stranger/anything") == ""


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.dates().map(str)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ["id", "m", "parts", "n", "total", "start", "end", "steps", "frames", "frame", "from", "to", "x", "width", "images", "prompt"]
    ), inner, max_size=4)),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
def test_no_rule_minds_what_it_is_given(instance):
    for read in {id(each[0]): each[0] for each in CASES}.values():
        for finding in read.kind.check(instance, TODAY):
            assert read.kind.say(finding.expected, finding.actual)
            assert all(look_up(instance, each) is not ABSENT for each in finding.also)
