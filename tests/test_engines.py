"""
Three readers of one schema give one answer: the fast engine, the reference engine and the interpreter of formulas.

`PAYLOADS=20000 python -m pytest tests/test_engines.py` tries that many payloads of every target and view, seeded anew.
"""

from __future__ import annotations

import copy
import functools
import json
import os
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.payloads import GOOD, Builder

import preroll
from preroll import dialect, document, outcome
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.document import DocumentError
from preroll.evaluation import Truth
from preroll.explanation import Explanation
from preroll.judgement import diagnosis
from preroll.registry import Registry, self_contained

COUNT = int(os.environ.get("PAYLOADS", "120"))
SEED = os.environ.get("SEED", "1")
REGISTRY = Registry.bundled()
TARGETS = [each for each in REGISTRY.targets.values() if each.schema]
RESPONSES = [(each, schema) for each in REGISTRY.targets.values() for schema in each.responses.values() if schema]
VIEWS = pytest.mark.parametrize("published", [True, False], ids=["published", "intended"])


@functools.cache
def _examples() -> dict[str, list[Any]]:
    """Tasks of the good job files by target; an operation has those of its branches, too."""
    found: dict[str, list[Any]] = {}
    for path in GOOD:
        payload = json.loads(path.read_text(encoding="utf-8"))
        for each in payload if isinstance(payload, list) else [payload]:
            target = REGISTRY.targets[preroll.check(each).target or ""]
            for name in filter(None, (target.name, target.branch_of)):
                found.setdefault(name, []).append(each)
    return found


def examples_of(target) -> list[Any]:
    """Tasks of the good job files that are meant for a target."""
    return copy.deepcopy(_examples().get(target.name, []))


def rendered(report: preroll.Report) -> None:
    """All formats of one report, without advice: it takes the solver's time."""
    found = outcome.Outcome.of([outcome.entry(report, "job.json")])
    json.loads(preroll.render.render(found, "json"))
    assert preroll.render.render(found, "text", width=80)


def payloads_of(target, count: int, *, published: bool) -> Iterator[Any]:
    """Good tasks, built tasks, and both broken a little or a lot."""
    document = REGISTRY.document(target)
    tree = document.published if published else document.intended
    builder = Builder(tree, f"{target.name} {published} {SEED}")
    schema = REGISTRY.schema(target, published=published)
    local = Builder(schema, f"{target.name} {SEED}")
    good = examples_of(target)
    yield from good
    for index in range(count):
        built = local.value(schema) if index % 2 or not good else builder.random.choice(good)
        yield builder.broken(built, index % 7)


class Readers:
    """The three readers of one schema."""

    def __init__(self, target, pointer: str, *, published: bool) -> None:
        self.fast = REGISTRY.engine(target, pointer, published=published)
        self.reference = dialect.reference(REGISTRY.schema(target, pointer, published=published))
        self.truth = REGISTRY.truth(target, published=published)
        self.formula = REGISTRY.assertions(target, published=published).formula(pointer)

    def answers(self, value: Any) -> tuple[bool, bool, bool]:
        return self.fast.is_valid(value), self.reference.is_valid(value), self.truth.holds(self.formula, value)


@VIEWS
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_engines_and_the_formulas_agree(target, published):
    readers = Readers(target, target.schema, published=published)
    verdicts = {True: 0, False: 0}
    for value in payloads_of(target, COUNT, published=published):
        answers = readers.answers(value)
        assert len(set(answers)) == 1, (answers, value)
        verdicts[answers[0]] += 1
        if not answers[0]:
            assert Explanation(readers.truth, value).facts(readers.formula), value
    assert verdicts[False]
    assert verdicts[True] or target.companion


@pytest.mark.parametrize(("target", "pointer"), RESPONSES, ids=lambda each: getattr(each, "name", "") or each[-30:])
def test_they_agree_on_responses(target, pointer):
    readers = Readers(target, pointer, published=False)
    builder = Builder(REGISTRY.document(target).intended, f"{target.name} {pointer} {SEED}")
    schema = pointers.look_up(builder.tree, pointers.parse(pointer))
    for index in range(COUNT // 4):
        value = builder.broken(builder.value(schema), index % 5)
        answers = readers.answers(value)
        assert len(set(answers)) == 1, (answers, value)


@VIEWS
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_refusal_is_always_explained(target, published):
    engine = REGISTRY.engine(target, published=published)
    for value in payloads_of(target, COUNT // 3, published=published):
        found, _, _ = diagnosis(REGISTRY, value, target, target.schema, (), published=published)
        assert bool(found) is not engine.is_valid(value), (found, value)
        assert "refused" not in {each.rule for each in found}, value


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_check_judges_as_the_engine_does_and_never_crashes(target):
    envelope = REGISTRY.vendor(target.vendor).envelope
    for value in payloads_of(target, COUNT // 4, published=False):
        payload = [value] if envelope.array else value
        report = preroll.check(payload, target.name, today="2026-10-01")
        rendered(report)
        if not REGISTRY.engine(target).is_valid(value):
            judged = value.get(envelope.name_by) if isinstance(value, dict) else None
            if judged == target.told_by.get(envelope.name_by):
                assert report.verdict == "invalid", value
        published = preroll.check(payload, target.name, as_published=True)
        whole = REGISTRY.engine(target, target.body, published=True).is_valid(payload)
        assert (published.verdict == "valid") is whole, payload


# --- the official suite ---

SUITE = Path(__file__).resolve().parents[2] / "shared" / "suites" / "json-schema-2020-12"

REMOTE = "nothing is fetched from the network: a document is bundled first"
DYNAMIC = "a $dynamicRef that several $dynamicAnchors could answer depends on where it is reached from: not read"

POLICY = {
    # (file, group or ""): why all of a group, or of a file, is answered otherwise
    ("format", ""): "formats are asserted",
    ("refRemote", ""): REMOTE,
    ("defs", "validate definition against metaschema"): REMOTE,
    ("ref", "remote ref, containing refs itself"): REMOTE,
    ("dynamicRef", ""): DYNAMIC,
    ("unevaluatedItems", "unevaluatedItems with $dynamicRef"): DYNAMIC,
    ("unevaluatedProperties", "unevaluatedProperties with $dynamicRef"): DYNAMIC,
    ("vocabulary", ""): "the keywords of 2020-12 have their meaning whatever metaschema a document names",
}


def groups():
    for path in sorted(SUITE.glob("*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            yield path.stem, group


def verdicts(schema):
    """What the three readers say, as functions of an instance."""
    tree = (
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        if isinstance(schema, dict)
        else {"allOf": [schema]}
    )
    read = document.load(tree, name="schema", vendor="suite").published
    whole = self_contained(read, "")
    fast, reference = dialect.engine(whole), dialect.reference(whole)
    assertions = Assertions(read)
    truth = Truth(assertions, lambda pointer: dialect.engine(self_contained(read, pointer)))
    formula = assertions.formula("")
    return lambda value: (fast.is_valid(value), reference.is_valid(value), truth.holds(formula, value))


def suite(name: str) -> Iterator[tuple[str, Any]]:
    for file, group in groups():
        if file == name:
            yield group["description"], group


SUITE_FILES = sorted(path.stem for path in SUITE.glob("*.json"))


@pytest.mark.parametrize("file", [each for each in SUITE_FILES if (each, "") not in POLICY] or ["(absent)"])
def test_the_official_suite(file):
    if file == "(absent)":
        pytest.skip("the official JSON Schema test suite is not here: 0 cases tried")
    wrong = []
    for name, group in suite(file):
        if (file, name) in POLICY:
            continue
        answers = verdicts(group["schema"])
        wrong += [
            (name, test["description"]) for test in group["tests"] if answers(test["data"]) != (test["valid"],) * 3
        ]
    assert wrong == []


@pytest.mark.skipif(not SUITE.is_dir(), reason="the official JSON Schema test suite is not here")
def test_every_policy_is_about_cases_of_the_suite_that_are_answered_otherwise():
    wrong = []
    for file, name in POLICY:
        cases = [group for title, group in suite(file) if name in ("", title)]
        assert cases, (file, name)
        if not any(map(differs, cases)):
            wrong.append((file, name))
    assert wrong == []


def differs(group: Any) -> bool:
    """Whether a group of the suite is answered otherwise than it says, or refused on load."""
    try:
        answers = verdicts(group["schema"])
    except (DocumentError, ValueError):
        return True
    return any(answers(test["data"]) != (test["valid"],) * 3 for test in group["tests"])


@pytest.mark.skipif(not SUITE.is_dir(), reason="the official JSON Schema test suite is not here")
def test_formats_of_the_suite_are_asserted():
    """The suite says that formats assert nothing by default; all three readers assert them."""
    for _, group in suite("format"):
        answers = verdicts(group["schema"])
        for test in group["tests"]:
            wanted = test["valid"] and "only an annotation" not in test["description"]
            assert answers(test["data"]) == (wanted,) * 3, test


# --- numbers beyond the machine's ---

EXACT = [
    # schema                                   value                              valid
    ({"maximum": 9223372036854775807},         2**63,                             False),
    ({"maximum": 9223372036854776000},         9223372036854776001,               False),
    ({"maximum": 9223372036854776000},         9223372036854776000,               True),
    ({"maximum": 1},                           Decimal("1.0000000000000000001"),  False),
    ({"minimum": 1},                           Decimal("0.9999999999999999999"),  False),
    ({"exclusiveMaximum": 1},                  Decimal("0.9999999999999999999"),  True),
    ({"maximum": 1e308},                       Decimal("1e400"),                  False),
    ({"const": 0.1},                           Decimal("0.1000000000000000055"),  False),
    ({"const": 1},                             1.0,                               True),
    ({"const": 1},                             True,                              False),
    ({"enum": [0]},                            False,                             False),
    ({"enum": [2**64]},                        2**64 + 1,                         False),
    ({"type": "integer"},                      2**64,                             True),
    ({"type": "integer"},                      10**400,                           True),
    ({"type": "integer"},                      1e300,                             True),
    ({"type": "integer"},                      Decimal("5.0000000000000000001"),  False),
    ({"type": "integer"},                      Decimal("5.0"),                    True),
    ({"type": "number"},                       Decimal("1e400"),                  True),
    ({"multipleOf": 0.01},                     0.07,                              True),
    ({"multipleOf": 0.01},                     0.29,                              True),
    ({"multipleOf": 0.01},                     0.57,                              True),
    ({"multipleOf": 0.01},                     0.575,                             False),
    ({"multipleOf": 0.01},                     0.030000000000000002,              False),
    ({"multipleOf": 0.01},                     1e22,                              True),
    ({"multipleOf": 3},                        2**64 + 2,                         True),
    ({"multipleOf": 3},                        2**64,                             False),
    ({"multipleOf": 0.1},                      1e300,                             True),
    ({"multipleOf": 1e-308},                   1.0,                               True),
    ({"uniqueItems": True},                    [1, True],                         True),
    ({"uniqueItems": True},                    [1, 1.0],                          False),
    ({"uniqueItems": True},                    [2**64, 2**64 + 1],                True),
    ({"uniqueItems": True},                    [{"a": 1, "b": 2}, {"b": 2, "a": 1}], False),
    ({"uniqueItems": True},                    [{"a": 1}, {"a": True}],           True),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "valid"), EXACT)
def test_numbers_keep_their_exact_value(schema, value, valid):
    assert verdicts(schema)(value) == (valid,) * 3


# --- schemas that nobody wrote ---

NAMES = ("a", "b", "c", "a/b", "~", "$ref", "")
SCALARS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    1.0,
    2,
    2.5,
    -1,
    "",
    "a",
    "ab",
    "1",
    "https://a.example/b",
    "2026-07-01",
)


def scalar(pick: random.Random) -> Any:
    return pick.choice(SCALARS)


def instance(pick: random.Random, depth: int = 0) -> Any:
    """A small value of names and texts that the schemas speak about."""
    chance = pick.random()
    if depth < 3 and chance < 0.45:
        return {name: instance(pick, depth + 1) for name in pick.sample(NAMES, pick.randint(0, 3))}
    if depth < 3 and chance < 0.65:
        return [instance(pick, depth + 1) for _ in range(pick.randint(0, 3))]
    return scalar(pick)


def schema_of(pick: random.Random, depth: int = 0) -> Any:
    """A schema of one to three keywords, most of what 2020-12 has, with references to two definitions."""
    if depth > 3 or pick.random() < 0.05:
        return pick.choice((True, False, {}, {"type": "string"}, {"required": ["a"]}, {"const": 1}, {"minimum": 1}))

    def inner() -> Any:
        return schema_of(pick, depth + 1)

    def several() -> list[Any]:
        return [inner() for _ in range(pick.randint(1, 3))]

    def members() -> dict[str, Any]:
        return {name: inner() for name in pick.sample(NAMES, pick.randint(1, 2))}

    makers: dict[str, Any] = {
        "type": lambda: pick.choice(
            ["object", "array", "string", "number", "integer", "null", ["object", "string"], ["integer", "null"]]
        ),
        "const": lambda: scalar(pick),
        "enum": lambda: [scalar(pick) for _ in range(pick.randint(1, 3))],
        "minimum": lambda: pick.choice((0, 1, 1.5)),
        "exclusiveMaximum": lambda: pick.choice((1, 2, 2.5)),
        "multipleOf": lambda: pick.choice((1, 2, 0.5)),
        "minLength": lambda: pick.choice((1, 2)),
        "maxLength": lambda: pick.choice((0, 1)),
        "pattern": lambda: pick.choice(("^a", "b$", r"\d")),
        "format": lambda: pick.choice(("uri", "date")),
        "minItems": lambda: pick.choice((1, 2)),
        "maxItems": lambda: pick.choice((0, 1)),
        "uniqueItems": lambda: pick.random() < 0.8,
        "minProperties": lambda: 1,
        "maxProperties": lambda: pick.choice((0, 1)),
        "required": lambda: pick.sample(NAMES, pick.randint(1, 2)),
        "properties": members,
        "patternProperties": lambda: {pick.choice(("^a", "b")): inner()},
        "additionalProperties": lambda: pick.choice((False, inner())),
        "propertyNames": inner,
        "items": inner,
        "prefixItems": several,
        "contains": inner,
        "minContains": lambda: pick.choice((0, 1, 2)),
        "maxContains": lambda: pick.choice((1, 2)),
        "allOf": several,
        "anyOf": several,
        "oneOf": several,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "dependentRequired": lambda: {pick.choice(NAMES): pick.sample(NAMES, 1)},
        "dependentSchemas": lambda: {pick.choice(NAMES): inner()},
        "unevaluatedProperties": lambda: pick.choice((False, inner())),
        "unevaluatedItems": lambda: pick.choice((False, inner())),
        "$ref": lambda: pick.choice(("#/$defs/one", "#/$defs/two")),
        "title": lambda: "A title",
        "description": lambda: "A description.",
    }
    chosen = pick.sample(sorted(makers), pick.choice((1, 2, 2, 3)))
    if "if" in chosen:
        chosen += ["then"]
    return {keyword: makers[keyword]() for keyword in dict.fromkeys(chosen)}


def invented(seed: str) -> tuple[Any, random.Random] | None:
    """A random schema as a document; None where its references go in a circle."""
    pick = random.Random(seed)
    tree = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Strange",
        "allOf": [schema_of(pick), schema_of(pick, 1)],
        "$defs": {"one": schema_of(pick, 1), "two": schema_of(pick, 2)},
    }
    try:
        document.load(tree, name="strange", vendor="strange").intended  # noqa: B018
    except document.DocumentError:
        return None
    return tree, pick


@pytest.mark.parametrize("part", range(4))
def test_they_agree_on_schemas_that_nobody_wrote(part):
    tried = 0
    for index in range(COUNT * 3):
        made = invented(f"{SEED} {part} {index}")
        if made is None:
            continue
        tree, pick = made
        answers = verdicts(tree)
        for _ in range(8):
            value = instance(pick)
            found = answers(value)
            assert len(set(found)) == 1, (found, tree, value)
            tried += 1
    assert tried > COUNT * 3


@pytest.mark.parametrize("part", range(4))
def test_what_such_a_schema_refuses_is_said(part):
    for index in range(COUNT):
        made = invented(f"{SEED} said {part} {index}")
        if made is None:
            continue
        tree, pick = made
        registry = Registry.of(tree, "strange.json")
        [target] = registry.targets.values()
        for _ in range(4):
            value = instance(pick)
            report = preroll.check(value, target, registry=registry)
            valid = registry.engine(target).is_valid(value)
            assert (report.verdict != "invalid") is valid, (tree, value)
            assert "refused" not in {each.rule for each in report.violations}, (tree, value)
            rendered(report)
