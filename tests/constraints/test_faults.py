"""Every assertion of every bundled target is broken alone, or proved impossible to break alone, or listed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from preroll import dialect
from preroll import pointer as pointers
from preroll.constraints import Assertion, Impossible, Possible, Unknown
from preroll.registry import self_contained


@pytest.mark.parametrize("published", [True, False], ids=["published", "intended"])
def test_every_assertion_is_decided(bundled, target, published):
    model = bundled(target, published)
    answers = {each: model.breaking(each) for each in model.assertions}
    counts = Counter(type(each).__name__ for each in answers.values())
    undecided = {each: answer.reason for each, answer in answers.items() if isinstance(answer, Unknown)}
    assert len(undecided) <= 0.01 * len(answers), undecided
    assert counts["Possible"]
    for broken, answer in answers.items():
        # The documents as published are judged by an engine once more; the model has confirmed every payload itself.
        if isinstance(answer, Possible) and (published or broken.rule):
            assert_single_fault(model, broken, answer.witness)


def assert_single_fault(model: Any, broken: Assertion, payload: Any) -> None:
    """By the engine and the rules alone: without the assertion the payload is valid, and with it it is not."""
    engine = model.registry.engine(model.target, published=model.published)
    if broken.rule:
        assert engine.is_valid(payload)
        assert model.follows(payload, released=broken.rule)
        assert not model.follows(payload, only=broken.rule, severities=(broken.severity,))
        return
    assert not engine.is_valid(payload)
    assert model.follows(payload)
    document = model.registry.document(model.target)
    tree = document.published if model.published else document.intended
    lighter = dialect.engine(self_contained(without(tree, broken), model.target.schema))
    assert lighter.is_valid(payload), (broken, payload)


def without(tree: Any, broken: Assertion) -> Any:
    """A schema document that says everything but one assertion."""
    path = pointers.parse(broken.source)
    here, last = path[:-1], path[-1]
    if broken.negated:  # inside a `not` an assertion is switched off by being false
        while path[-1] not in ("required", "properties", "const", "enum", "type", "minItems"):
            path = path[:-1]
        return edited(tree, path[:-1], lambda _: False)
    if broken.keyword == "false":
        return edited(tree, path, lambda _: True)
    if broken.keyword == "not" and last not in ("not", "then", "else"):  # a part of what is negated
        return edited(tree, path, lambda _: False)
    if broken.keyword in ("not", "anyOf") and last != broken.keyword:  # said by the one keyword of a `then`
        return edited(tree, path, lambda schema: dropped(schema, broken.keyword))
    if broken.keyword == "oneOf" and broken.detail == "none":
        return edited(tree, here, at_most_one)
    if broken.keyword == "oneOf":
        return edited(tree, here, lambda schema: {**dropped(schema, "oneOf"), "anyOf": schema["oneOf"]})
    if broken.keyword == "contains" and broken.detail == "few":
        return edited(tree, here, lambda schema: {**schema, "minContains": 0})
    if broken.keyword == "contains":
        return edited(tree, here, lambda schema: dropped(schema, "maxContains"))
    if isinstance(pointers.look_up(tree, here), list):
        return edited(tree, here, lambda names: [each for each in names if each != broken.detail])
    return edited(tree, here, lambda schema: dropped(schema, last))


def at_most_one(schema: dict[str, Any]) -> dict[str, Any]:
    branches = schema["oneOf"]
    pairs = [{"allOf": [one, two]} for index, one in enumerate(branches) for two in branches[index + 1 :]]
    kept = dropped(schema, "oneOf")
    return {**kept, "allOf": [*kept.get("allOf", ()), {"not": {"anyOf": pairs}}]}


def dropped(schema: dict[str, Any], key: str) -> dict[str, Any]:
    assert key in schema
    return {name: each for name, each in schema.items() if name != key}


def edited(tree: Any, path: tuple[str, ...], edit: Any) -> Any:
    if not path:
        return edit(tree)
    if isinstance(tree, list):
        return [edited(each, path[1:], edit) if str(index) == path[0] else each for index, each in enumerate(tree)]
    return {name: edited(each, path[1:], edit) if name == path[0] else each for name, each in tree.items()}


def test_a_proof_names_what_implies_the_assertion(model_of):
    model = model_of({"properties": {"n": {"type": "integer", "minimum": 3, "multipleOf": 1, "enum": [4, 5]}}})
    answers = {each.keyword: model.breaking(each) for each in model.assertions}
    assert {keyword for keyword, answer in answers.items() if isinstance(answer, Impossible)} == {
        "type", "minimum", "multipleOf",
    }  # fmt: skip
    assert [each.keyword for each in answers["minimum"].core] == ["enum"]
