"""Every format says the same of one comparison, escapes what comes from documents, and keeps to its schema."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from preroll import dialect
from preroll.render.changes import RENDERERS, render

pytest.importorskip("z3", reason="witnesses need the group `solver`")

ROOT = Path(__file__).resolve().parents[2]
NASTY = "<script>alert(1)</script>&`|::error::\n\x1b[31m"

OLD = {
    "type": "object",
    "properties": {"size": {"enum": ["small", NASTY]}, "name": {"type": "string"}},
    "additionalProperties": False,
}
NEW = {
    "type": "object",
    "description": NASTY,
    "properties": {"size": {"enum": ["small"], "default": "small"}, NASTY: {"type": "string"}},
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def told(made, compared):
    return compared(made(OLD, NEW), made(NEW, OLD))


@pytest.fixture(scope="module")
def nothing(made, compared):
    return compared(made(OLD, OLD), made(OLD, OLD))


@pytest.mark.parametrize("form", RENDERERS)
def test_every_format_tells_of_the_same_changes(told, nothing, form):
    text = render(told, form)
    for change in told.every:
        if change.level == "breaking":
            assert change.id in text
    assert "request-listed-value-was-removed" not in render(nothing, form)


@pytest.mark.parametrize("form", RENDERERS)
def test_nothing_from_a_document_is_more_than_text(told, form):
    text = render(told, form)
    assert "\x1b" not in text
    if form in ("html", "markdown", "junit"):
        fenced = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        assert not re.search(r"(?<!\\)<script", fenced)
    if form == "github":
        assert all(
            line.startswith(("::error ", "::warning ", "::notice ")) or "break" in line for line in text.splitlines()
        )


def test_json_keeps_to_its_schema(told, nothing):
    engine = dialect.reference(json.loads((ROOT / "docs/json/diff.schema.json").read_text(encoding="utf-8")))
    for each in (told, nothing):
        assert [error.message for error in engine.iter_errors(json.loads(render(each, "json")))] == []


def test_sarif_keeps_to_its_schema(told):
    schema = json.loads((ROOT / "tests/schemas/sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
    schema.pop("$schema", None)
    errors = [error.message for error in dialect.reference(schema).iter_errors(json.loads(render(told, "sarif")))]
    assert errors == []


def test_junit_counts_what_fails(told):
    root = ET.fromstring(render(told, "junit"))  # our own text
    assert int(root.get("failures", "0")) == len(
        [each for each in root.iter("testcase") if each.find("failure") is not None]
    )


def test_unchanged_is_said_in_one_line(nothing):
    text = render(nothing, "text")
    assert "1 target unchanged" in text
    assert len(text.splitlines()) <= 5
