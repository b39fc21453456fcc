"""A rule says the same as a constraint and as a check: of each kind, on payloads around its line."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from preroll.constraints import Impossible, Model, Possible
from preroll.registry import Registry
from preroll.rules import KINDS, load_rules


@dataclass(frozen=True)
class Ruled:
    """A registry whose one target has the given rules."""

    plain: Registry
    of_target: tuple[Any, ...]

    def __getattr__(self, name):
        return getattr(self.plain, name)

    def rules(self, _target):
        return iter(self.of_target)


def ruled(kind, parameters, severity="error", schema=None):
    tree = {"$schema": "https://json-schema.org/draft/2020-12/schema", **(schema or {"type": "object"})}
    plain = Registry.of(tree, "schema.json")
    entry = {
        "id": "the-rule",
        "targets": ["*"],
        "quote": "q",
        "at": ["/info"],
        "severity": severity,
        "kind": kind,
        "example": {"breaks": None, "keeps": None},
        **parameters,
    }
    rules = load_rules({"vendor": "v", "rules": [entry]}).rules
    registry: Any = Ruled(plain, rules)
    return Model(registry, next(iter(plain.targets.values())), today=date(2025, 6, 15), strict=True)


def objects(**choices):
    """Every combination of the choices; None is absence."""
    for values in itertools.product(*choices.values()):
        yield {name: value for name, value in zip(choices, values, strict=True) if value is not ...}


NO = ...
WHEN = [{"place": "/mode", "is": "on"}]

CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "sum-equals": (
        {"places": "/parts/*/n", "equals": {"place": "/total", "default": 5}},
        objects(
            parts=[NO, [], [{"n": 5}], [{"n": 2}, {"n": 3}], [{"n": 2.5}, {"n": 3}], [{}], "x", [{"n": 1}] * 6],
            total=[NO, 5, 6, "5"],
        ),
    ),
    "ordered": (
        {"left": "/a", "op": "<", "right": {"sum": [{"place": "/b", "default": 3}, 1]}, "when": WHEN},
        objects(a=[NO, 3, 4, 3.99, "3"], b=[NO, 3, 2.5, True], mode=[NO, "on", "off"]),
    ),
    "ordered by a percentage": (
        {"left": "/a", "op": "<=", "right": {"percent": "/p", "of": {"place": "/of", "default": 30}}},
        objects(a=[NO, 15, 16], p=[NO, 50, 51, 33.5], of=[NO, 30, 31, 100]),
    ),
    "unique": (
        {"places": ["/l/*/id", "/also"]},
        objects(
            l=[
                NO,
                [],
                [{"id": "a"}, {"id": "b"}],
                [{"id": "a"}, {"id": "a"}],
                [{"id": 1}, {"id": True}],
                [{"id": 1}, {"id": 1.0}],
            ],
            also=[NO, "a", "c", 1],
        ),
    ),
    "unique without case": (
        {"kind": "unique", "places": "/l/*", "fold": "case"},
        objects(l=[NO, ["a", "A"], ["a", "b"], ["\u00df", "SS"]]),
    ),
    "unique-by": (
        {"array": "/l", "by": "/at", "alike": {"first": 0, "last": -1}, "when": WHEN},
        objects(
            l=[
                NO,
                [{"at": "first"}],
                [{"at": "first"}, {"at": 0}],
                [{"at": "last"}, {"at": "first"}],
                [{"at": "x"}, {"at": "x"}],
                [{}, {}],
                [0, 0],
                [{"at": 3}, {"at": 3.0}],
                [{"at": -1}, {"at": "last"}, {"at": "y"}],
            ],
            mode=["on", "off"],
        ),
    ),
    "unique-by with a meaning of absence": (
        {"kind": "unique-by", "array": "/l", "by": "/at", "alike": {"first": 0}, "absent": "first"},
        objects(l=[[{}, {}], [{}, {"at": "first"}], [{"at": 0}, {}], [{}, {"at": "x"}], [{}]]),
    ),
    "max-items": ({"place": "/l", "most": 1, "when": WHEN}, objects(l=[NO, [], [1], [1, 2]], mode=["on", "off"])),
    "max-utf16": (
        {"places": "/t", "most": 5, "max-length": 4},
        objects(t=[NO, "abcde", "abcd", "\U0001f600" * 2, "\U0001f600" * 3, "\U0001f600" * 5, 7]),
    ),
    "requires": (
        {"when": WHEN, "need": [{"place": "/a"}, {"place": "/b", "is": 1, "default": 2}]},
        objects(mode=[NO, "on"], a=[NO, 1], b=[NO, 1, 2]),
    ),
    "requires any of": (
        {
            "kind": "requires",
            "when": [{"place": "/n", "above": 2}],
            "need": [{"place": "/a"}, {"place": "/b"}],
            "any": True,
        },
        objects(n=[NO, 2, 2.5, "3"], a=[NO, 1], b=[NO, 1]),
    ),
    "forbids": (
        {
            "when": [{"place": "/mode", "is-not": "on", "default": "on"}],
            "refuse": [{"place": "/a", "not-in": [1, "x"]}],
        },
        objects(mode=[NO, "on", "off"], a=[NO, 1, 2, "x"]),
    ),
    "forbids in each item": (
        {"kind": "forbids", "each": "/l/*", "when": [{"place": "/v"}], "refuse": [{"place": "/w"}]},
        objects(l=[NO, [], [{"v": 1}], [{"w": 1}, {"v": 1}], [{}, {"v": 1, "w": 2}], "x"]),
    ),
    "remark": ({"when": WHEN, "place": "/a", "text": "so"}, objects(mode=[NO, "on", "off"], a=[NO, 1])),
    "contains": (
        {"array": "/l", "member": "/at", "values": ["first", 0], "when": WHEN},
        objects(l=[NO, [], [{"at": "x"}], [{"at": "x"}, {"at": 0}], [{}], [1]], mode=["on", "off"]),
    ),
    "agrees-with": (
        {"place": "/p", "others": ["/w", "/h"], "table": {"hd": [[1280, 720]], "fhd": [[1920, 1080], [1080, 1920]]}},
        objects(p=[NO, "hd", "fhd", "odd"], w=[NO, 1280, 1920, 5], h=[NO, 720, 1080]),
    ),
    "matches": (
        {"places": "/t", "pattern": "[a-f]+\\d?", "means": "m", "among": ".{2,}"},
        objects(t=[NO, "AB", "ab1", "x", "xy", "", 5]),
    ),
    "filename-type": (
        {"places": "/f", "extensions": ["mp4", "mkv"]},
        objects(f=[NO, "a.mp4", "a.MP4", ".mp4", "mp4", "a.mp4.txt", "a.m\u212av", 5]),
    ),
    "listed": ({"places": "/l/*", "values": ["a", "b"]}, objects(l=[NO, [], ["a", "b"], ["a", "c"], [1], "c"])),
    "media-input": (
        {"places": ["/m", "/l/*"], "accepts": ["uuid", "url", "data-uri"], "media": ["image"]},
        objects(
            m=[
                NO,
                "https://example.com/a",
                "ftp://example.com/a",
                "data:image/png;base64,AAAA",
                "data:text/plain,a",
                "https://",
            ],
            l=[NO, ["https://x.y"], ["x:y"]],
        ),
    ),
    "references-resolve": (
        {"places": "/t", "pattern": "<([0-9]+)>", "array": "/l"},
        objects(t=[NO, "none", "<1>", "<2>", "<01> <2>", "<0>"], l=[NO, [], [1], [1, 2], "x"]),
    ),
    "date-span": (
        {
            "start": {"place": "/from", "default": {"days": -30, "of": "today"}},
            "end": {"place": "/to", "default": {"days": 30, "of": "start"}},
            "least": 1,
            "most": 90,
        },
        objects(
            **{
                "from": [NO, "2025-01-01", "2025-06-01", "9999-12-31", "0000-01-01", "x", 5],
                "to": [NO, "2025-01-01", "2025-01-02", "2025-04-01", "2025-04-02", "2025-09-01"],
            }
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_as_a_constraint_is_the_rule(name):
    parameters, payloads = CASES[name]
    kind = parameters.get("kind", name.partition(" ")[0])
    model = ruled(kind, parameters)
    decided = 0
    for payload in payloads:
        said = model.accepts(payload)
        if said is not None:
            decided += 1
            assert said is model.follows(payload), payload
    assert decided


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_rule_is_broken_alone(name, severity):
    parameters, _ = CASES[name]
    model = ruled(parameters.get("kind", name.partition(" ")[0]), parameters, severity)
    (rule,) = (each for each in model.assertions if each.rule)
    answer = model.breaking(rule)
    assert isinstance(answer, Possible), answer
    assert not model.follows(answer.witness, severities=(severity,))
    assert model.is_valid(answer.witness) is (severity != "error")


def test_every_kind_about_one_task_is_encoded():
    covered = {parameters.get("kind", name.partition(" ")[0]) for name, (parameters, _) in CASES.items()}
    assert covered == {name for name, each in KINDS.items() if each.scope == "task"}


def test_a_rule_can_make_a_schema_impossible():
    numbers = {"a": {"minimum": 5, "type": "number"}, "b": {"type": "number", "maximum": 5}}
    schema = {"type": "object", "required": ["a", "b"], "properties": numbers}
    model = ruled("ordered", {"left": "/a", "op": "<", "right": "/b"}, schema=schema)
    answer = model.possible()
    assert isinstance(answer, Impossible)
    assert [each.rule for each in answer.core if each.rule] == ["the-rule"]
