"""The official JSON Schema test suite for 2020-12: the model agrees with the engine, or says that it does not know."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from preroll.constraints import Model
from preroll.document import DocumentError
from preroll.registry import Registry

FOLDER = (
    Path(os.environ.get("PREROLL_SUITES") or Path(__file__).parents[3] / "shared" / "suites") / "json-schema-2020-12"
)
DRAFT = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="0 cases: the suite is not here (PREROLL_SUITES names its folder)")
def test_the_model_agrees_with_the_official_suite(record_property, capsys):
    counts: Counter[str] = Counter()
    wrong = []
    for file in sorted(FOLDER.glob("*.json")):
        for group in json.loads(file.read_text(encoding="utf-8")):
            schema = group["schema"] if isinstance(group["schema"], dict) else {"allOf": [group["schema"]]}
            try:
                registry = Registry.of({"$schema": DRAFT, **schema}, file.name)
                model = Model(registry, next(iter(registry.targets.values())), published=True)
                engine = registry.engine(model.target, published=True)
            except DocumentError:  # a remote document that is not at hand
                counts["no document"] += len(group["tests"])
                continue
            for case in group["tests"]:
                said = model.accepts(case["data"])
                counts["unknown" if said is None else "agrees"] += 1
                if said is not None and said is not engine.is_valid(case["data"]):
                    wrong.append((file.name, group["description"], case["description"], said))
    with capsys.disabled():
        sys.stdout.write(f"\n  official suite: {dict(counts)}\n")
    assert not wrong
    assert counts["unknown"] <= 0.01 * counts.total()
