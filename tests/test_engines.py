"""
Three readers of one schema give one answer: the fast engine, the reference engine and the interpreter of formulas.

`PAYLOADS=20000 python -m pytest tests/test_engines.py` tries that many payloads of every target and view, seeded anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import preroll
import pytest
from preroll import dialect
from preroll.explanation import Explanation
from preroll.judgement import diagnosis
from preroll.registry import Registry

from tests.payloads import GOOD, Builder

COUNT = int(os.environ.get("PAYLOADS", "120"))
SEED = os.environ.get("SEED", "1")
REGISTRY = Registry.bundled()
TARGETS = [each for each in REGISTRY.targets.values() if each.schema]
RESPONSES = [(each, schema) for each in REGISTRY.targets.values() for schema in each.responses.values() if schema]
VIEWS = pytest.mark.parametrize("published", [True, False], ids=["published", "intended"])


def examples_of(target) -> list[Any]:
    """Tasks of the good job files that are meant for a target."""
    found = []
    for path in GOOD:
        payload = json.loads(path.read_text(encoding="utf-8"))
        for each in payload if isinstance(payload, list) else [payload]:
            if all(each.get(name) == told for name, told in target.told_by.items()):
                found.append(each)
    return found


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
    schema = builder.tree
    for token in preroll.registry.pointers.parse(pointer):
        schema = schema[int(token)] if isinstance(schema, list) else schema[token]
    for index in range(COUNT // 4):
        value = builder.broken(builder.value(schema), index % 5)
        answers = readers.answers(value)
        assert len(set(answers)) == 1, (answers, value)


@VIEWS
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_refusal_is_always_explained(target, published):
    engine = REGISTRY.engine(target, published=published)
    for value in payloads_of(target, COUNT // 3, published=published):
        found, _ = diagnosis(REGISTRY, value, target, target.schema, (), published=published)
        assert bool(found) is not engine.is_valid(value), (found, value)
        assert "refused" not in {each.rule for each in found}, value


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_check_judges_as_the_engine_does_and_never_crashes(target):
    envelope = REGISTRY.vendor(target.vendor).envelope
    for value in payloads_of(target, COUNT // 4, published=False):
        payload = [value] if envelope.array else value
        report = preroll.check(payload, target.name, today="2026-10-01")
        json.dumps(report.to_dict())
        if not REGISTRY.engine(target).is_valid(value):
            judged = value.get(envelope.name_by) if isinstance(value, dict) else None
            if judged == target.told_by.get(envelope.name_by):
                assert report.verdict == "invalid", value
        published = preroll.check(payload, target.name, as_published=True)
        whole = REGISTRY.engine(target, target.body, published=True).is_valid(payload)
        assert (published.verdict == "valid") is whole, payload


# --- the official suite ---

SUITE = Path(__file__).resolve().parents[2] / "shared" / "suites" / "json-schema-2020-12"

POLICY = {
    # (file, group, test): why we answer otherwise
}


def cases():
    for path in sorted(SUITE.glob("*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            for test in group["tests"]:
                yield path.stem, group["description"], group["schema"], test


def test_the_official_suite():
    if not SUITE.is_dir():
        pytest.skip("the official JSON Schema test suite is not here: 0 cases")
    assert cases()
