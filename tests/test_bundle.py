"""
Bundles: self-contained schemas that agree with `check` on whatever they say they express.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from preroll import bundle, pointer
from preroll.bundle import DRAFTS, NOT_EXPRESSED
from preroll.cli import main
from preroll.judgement import INVALID, check
from preroll.recognition import Unrecognised
from preroll.registry import Registry

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REGISTRY = Registry.bundled()
TARGETS = [each for each in REGISTRY.targets.values() if each.described and not each.companion]
CHECKERS = {"2020-12": jsonschema_rs.Draft202012Validator, "7": jsonschema_rs.Draft7Validator}


def examples():
    for path in sorted((ROOT / "examples").glob("*/*.json")):
        payload = json.loads(path.read_text(encoding="utf-8"))
        try:
            target = check(payload, today="2025-01-01").target
        except Unrecognised:
            continue
        if target and "two-models" not in path.stem:  # a bundle is for one target
            yield path.stem, target, payload
            if "#" in target:  # the operation that it is a branch of
                yield f"{path.stem}-as-operation", target.partition("#")[0], payload


EXAMPLES = list(examples())


def explained(report, made):
    """Whether everything that `check` refuses is something that the bundle says it does not express."""
    left = {each.id for each in made.left}
    rules = {each.rule for each in report.violations if each.severity == "error"}
    return rules <= left


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_bundle_is_a_schema_of_its_draft_and_needs_nothing_else(target, draft):
    schema = bundle.bundle(REGISTRY, target, draft=draft).schema
    jsonschema_rs.meta.validate(schema)
    text = json.dumps(schema)
    defs = "#/$defs/" if draft != "7" else "#/definitions/"
    references = set(_references(schema))
    assert all(each.startswith(defs) for each in references)
    assert all(pointer.look_up(schema, pointer.parse(each[1:])) is not pointer.ABSENT for each in references)
    assert draft != "7" or not {"$defs", "prefixItems", "dependentRequired", "unevaluatedProperties"} & set(
        _keywords(schema)
    )
    assert json.loads(text) == schema


def _references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _keywords(schema):
    found: set[str] = set()

    def look(each):
        found.update(each)
        return each

    bundle._mapped(schema, look)
    return found


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize(("name", "target", "payload"), EXAMPLES, ids=[f"{name}" for name, _, _ in EXAMPLES])
def test_a_bundle_agrees_with_check(name, target, payload, draft):
    made = bundle.bundle(REGISTRY, REGISTRY.targets[target], draft=draft)
    report = check(payload, target, today="2025-01-01")
    valid = CHECKERS[draft](made.schema, validate_formats=True).is_valid(payload)
    if valid == (report.verdict == INVALID):
        assert valid
        assert explained(report, made)


def test_strict_bundles_refuse_what_warns():
    payload = json.loads((ROOT / "examples/good/runware-ovi-cached-steps.json").read_text(encoding="utf-8"))
    payload[0]["acceleratorOptions"] = {"teaCacheDistance": 0.3}
    target = REGISTRY.targets["runware/runware:190@1"]
    verdicts = [
        jsonschema_rs.Draft202012Validator(bundle.bundle(REGISTRY, target, strict=strict).schema).is_valid(payload)
        for strict in (False, True)
    ]
    assert verdicts == [True, False]


def test_a_bare_task_and_an_array_of_tasks_are_requests():
    target = REGISTRY.targets["runware/luma:ray@3.2"]
    valid = jsonschema_rs.Draft202012Validator(bundle.bundle(REGISTRY, target).schema).is_valid
    [task] = json.loads((ROOT / "examples/good/runware-ray-text-to-video.json").read_text(encoding="utf-8"))
    key = {"taskType": "authentication", "apiKey": "k"}
    assert valid(task)
    assert valid([task, {**task, "taskUUID": "3ad204c3-a9de-4963-8a1a-c3911e3afafe"}])
    assert valid([key, task])
    assert not valid([task, key])
    assert not valid([{"taskType": "authentication"}, task])
    assert not valid({"tasks": [task]})


def test_a_schema_of_another_vendor_is_bundled_too():
    tree = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Films",
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"prefixItems": [{"const": 1}], "items": False}},
        "dependentRequired": {"a": ["b"]},
        "$defs": {"a": {"type": "string"}},
    }
    registry = Registry.of(tree, "films")
    [target] = registry.targets.values()
    for draft, checker in CHECKERS.items():
        valid = checker(bundle.bundle(registry, target, draft=draft).schema).is_valid
        verdicts = [
            valid(each) for each in ({}, {"a": "x"}, {"a": "x", "b": [1]}, {"b": [1, 2]}, {"b": [2]}, {"a": 1, "b": []})
        ]
        assert verdicts == [True, False, True, False, False, False]


def test_the_command_line_writes_it_and_says_what_is_missing(tmp_path, capsys):
    path = tmp_path / "ray.schema.json"
    assert main(["bundle", "runware/klingai:kling-video@o3-pro", "--output", str(path)]) == 0
    told = capsys.readouterr().err
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert "segments-do-not-sum-to-duration" in told
    assert "segments-do-not-sum-to-duration" in {each["id"] for each in schema[NOT_EXPRESSED]}
    assert main(["bundle", "runware/klingai:kling-video@o3-prow"]) == 2


@pytest.fixture(scope="module")
def ajv():
    """Runs ajv, which `make peers` installs; NODE_PATH may say another place."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    environment = {**os.environ, "NODE_PATH": os.environ.get("NODE_PATH", str(ROOT / ".peers" / "node_modules"))}
    probe = subprocess.run(
        [node, "-e", "require('ajv');require('ajv-formats')"], env=environment, capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip("ajv is not installed (make peers)")

    def run(jobs):
        done = subprocess.run(
            [node, str(HERE / "bundle.js")],
            input=json.dumps(jobs),
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize("draft", DRAFTS)
def test_ajv_agrees_with_check(ajv, draft):
    by_target: dict[str, list[tuple[str, Any]]] = {}
    for name, target, payload in EXAMPLES:
        by_target.setdefault(target, []).append((name, payload))
    made = {target: bundle.bundle(REGISTRY, REGISTRY.targets[target], draft=draft) for target in by_target}
    jobs = [
        {"schema": made[target].schema, "draft": draft, "payloads": [payload for _, payload in cases]}
        for target, cases in by_target.items()
    ]
    wrong = []
    for (target, cases), verdicts in zip(by_target.items(), ajv(jobs), strict=True):
        for (name, payload), valid in zip(cases, verdicts, strict=True):
            report = check(payload, target, today="2025-01-01")
            refused = report.verdict == INVALID
            if valid == refused and not (valid and explained(report, made[target])):
                wrong.append((name, valid, report.verdict))
    assert wrong == []
