"""
What was made of documents goes with them: nothing keeps a registry that nobody uses any more, whatever it was used for.

A service that takes up new documents as they come would grow for ever.
"""

from __future__ import annotations

import copy
import gc
import json
import weakref
from datetime import date
from typing import Any

import pytest

import preroll
from preroll.audit import audit
from preroll.bundle import bundle
from preroll.compat.comparison import compare
from preroll.jobs import Linter, Options, Walk, lint
from preroll.registry import KEPT, Registry

TODAY = date(2025, 6, 15)
TARGET = "sketch/things"
TASK: dict[str, Any] = {
    "type": "object",
    "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "name": {"type": "string", "pattern": "^[a-z]{1,5}$"},
        "when": {"type": "string", "format": "date"},
    },
    "required": ["size"],
    "if": {"properties": {"size": {"const": 3}}},
    "then": {"required": ["name"]},
}
FAULTY: tuple[Any, ...] = ({"size": 0}, {"size": 3}, {"size": 2, "nam": "x"}, {"size": 2, "name": "XX"}, [])


def registry(**members: Any) -> Registry:
    """A document of its own, equal to every other one."""
    body = {"content": {"application/json": {"schema": copy.deepcopy({**TASK, **members})}}}
    made = {"requestBody": body, "responses": {"200": {"description": "done"}}}
    info = {"title": "Sketch", "version": "1"}
    return Registry.of({"openapi": "3.1.0", "info": info, "paths": {"/things": {"post": made}}}, "sketch.json")


def checked(known: Registry) -> None:
    for payload in FAULTY:
        report = preroll.check(payload, TARGET, registry=known)
        assert report.violations
        assert report.to_dict()
        report.fixes()


def linted(known: Registry) -> None:
    linter = Linter(known, Options())
    walk = Walk(fits=linter.options.settings.fits)
    assert list(lint(linter, walk.files(("jobs.jsonl",)), 1))


def audited(known: Registry) -> None:
    pytest.importorskip("z3")
    audit(known, known.document("sketch.json"))


def compared(known: Registry) -> None:
    pytest.importorskip("z3")
    assert compare(known, registry(required=["size", "name"]), today=TODAY).breaking


def asked(known: Registry) -> None:
    constraints = pytest.importorskip("preroll.constraints")
    model = constraints.Model(known, known.targets[TARGET], today=TODAY)
    assert model.scenarios()
    assert all(model.breaking(each) for each in model.assertions)
    assert model.nearest(FAULTY[0])


def generated(known: Registry) -> None:
    suite = pytest.importorskip("preroll_fuzz.suite")
    plan = pytest.importorskip("preroll_fuzz.plan")
    made = suite.Suite(known, known.targets[TARGET], plan.Options(published=False, today=TODAY))
    assert list(made.minimal())  # nothing is drawn: Hypothesis itself keeps the latest thousand strategies
    assert list(made.invalid(None, 1))


def bundled(known: Registry) -> None:
    assert bundle(known, known.targets[TARGET]).schema


@pytest.mark.parametrize("use", [checked, linted, audited, compared, asked, generated, bundled])
def test_a_registry_that_nobody_uses_any_more_is_freed(use, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs.jsonl").write_text("\n".join(map(json.dumps, FAULTY)), encoding="utf-8")
    known = registry()
    use(known)
    alive = weakref.ref(known)
    del known
    gc.collect()
    assert alive() is None


def test_of_what_is_worked_out_at_length_the_latest_is_kept():
    class Costly:
        def __init__(self, known: Registry, day: int) -> None:
            self.known, self.day = known, day

    known = registry()
    made = [weakref.ref(known.kept(Costly, day)) for day in range(KEPT + 10)]
    gc.collect()
    assert [each() is not None for each in made] == [False] * 10 + [True] * KEPT
    assert known.kept(Costly, KEPT) is known.kept(Costly, KEPT)


def test_the_solver_s_memory_does_not_wait_for_the_garbage_collector(monkeypatch):
    constraints = pytest.importorskip("preroll.constraints")
    location = pytest.importorskip("preroll.constraints.location")
    monkeypatch.setattr(location.SPACES, "fewest", 10_000)  # as if so many had been there when it was looked last
    gc.collect()
    before = len(location.SPACES.alive)
    gc.disable()
    try:
        for _ in range(3 * location.SPARE):
            known = registry()
            constraints.Model(known, known.targets[TARGET], today=TODAY).possible()
            assert len(location.SPACES.alive) <= before + location.SPARE + 1
    finally:
        gc.enable()
