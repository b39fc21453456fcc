"""
How plans and results look, in every format.
"""

from __future__ import annotations

import json
import os
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import jsonschema_rs
import pytest
from tests.contract.filmmaker import DOCUMENT, KEY, TARGET, TODAY, registry, serving

from preroll import __version__
from preroll.disagreement import KINDS, LEVELS
from preroll.render import RENDERERS, contract, render
from preroll_fuzz.contract import DRY_RUN, FREE, PAID, Finding, Result, plan, run
from preroll_fuzz.contract.messages import Answered
from preroll_fuzz.contract.wire import Pace, Wire

HERE = Path(__file__).resolve().parent
SNAPSHOTS = HERE / "snapshots" / "rendering"
ROOT = HERE.parents[1]
SCHEMA = json.loads((ROOT / "docs/json/contract.schema.json").read_text(encoding="utf-8"))
SARIF = json.loads((ROOT / "tests/schemas/sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
ENDINGS = {
    "text": "txt", "json": "json", "github": "github.txt", "sarif": "sarif.json", "junit": "junit.xml",
    "gitlab": "gitlab.json", "markdown": "md", "html": "html",
}  # fmt: skip
HOSTILE = "\x1b[2J</script><img src=x>|`](x) ::error::%0A\n# @everyone \u202e"
URLS = {TARGET: "https://api.film-maker.example/v2/films"}
KEYS = {TARGET: "FILM_MAKER_KEY"}


def answering(method, path, headers, body):
    """A service with something of everything."""
    if not isinstance(body, dict):
        return 500, {"error": "oh"}
    if body.get("seconds") == 11:
        return 200, {"film": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    if "title" not in body:
        return 400, {"error": "Validation of body failed", "issues": [
            {"code": "custom", "path": ["ticket"], "message": "ticket is not yours"}]}  # fmt: skip
    if "extra" in body:
        return 422, {"error": "no", "more": 1}
    return 400, {"error": "no"} if "grain" not in body else {"reasons": 5}


@pytest.fixture(scope="module")
def results():
    known = registry()
    options: Any = {"servers": URLS, "keys": KEYS}
    stages = plan(known, [TARGET], stages=[FREE, DRY_RUN, PAID], today=TODAY)
    mock = plan(known, [TARGET], stages=[FREE], mock=True, today=TODAY)
    with serving(answering) as (url, _):
        wire = Wire(url, header="X-Film-Key", prefix="", key=None, pace=Pace(None), timeout=5)
        with wire:
            found = run(mock, lambda _: wire, mode="mock", servers=URLS)
    return {
        "plan": Result(stages, **options),
        "unknown": Result(plan(registry(facts=None), [TARGET], today=TODAY), servers={}, keys={}),
        "findings": found,
        "clean": Result(mock, "replay", **options),
        "stopped": Result(stages, "live", findings=found.findings[:1], stopped="why", interrupted=True, **options),
    }


@pytest.fixture(scope="module")
def hostile(results):
    agenda = results["plan"].agenda
    made = [
        Finding(
            name, TARGET, FREE, HOSTILE, HOSTILE,
            {"rule": "x", "keyword": HOSTILE, "detail": "", "pointer": "/a", "document_pointer": f"/{HOSTILE}"},
            f"/{HOSTILE}", {HOSTILE: HOSTILE}, Answered(200, {HOSTILE: HOSTILE}), {"key": "k"}, {"none": HOSTILE},
        )
        for name in KINDS
    ]  # fmt: skip
    return Result(agenda, "live", findings=tuple(made), stopped=HOSTILE, servers={TARGET: HOSTILE}, keys=KEYS)


def rendered(result, form, **options):
    if form == "text":
        return contract.text(result, **options)
    if form == "json":
        return contract.json_(result)
    if form == "markdown":
        return contract.markdown(result)
    raw = json.dumps(DOCUMENT, indent=1).encode()
    names = {TARGET: "film-maker.json"}
    return render(contract.outcome(result, names, {"film-maker.json": raw}), form, colour=False, width=100, verbose=1)


def compared(name, text):
    text = text.replace(__version__, "VERSION")
    path = SNAPSHOTS / name
    if os.environ.get("PREROLL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("case", ["plan", "findings"])
def test_it_looks_as_it_did(results, form, case):
    text = rendered(results[case], form)
    if form == "html":
        text = re.sub(r"(?s)(<(style|script)>).*?(</)", r"\1...\3", text)
        text = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-...", text)
    if form == "sarif":  # the pages of the rules are snapshots elsewhere
        text = json.dumps(json.loads(text)["runs"][0]["results"], indent=1) + "\n"
    compared(f"{case}.{ENDINGS[form]}", text)


@pytest.mark.parametrize("case", ["unknown", "clean", "stopped"])
def test_a_text_looks_as_it_did(results, case):
    compared(f"{case}.txt", rendered(results[case], "text"))


@pytest.mark.parametrize("case", ["plan", "findings"])
def test_a_verbose_text_says_more(results, case):
    compared(f"{case}.verbose.txt", rendered(results[case], "text", verbose=1))


def test_a_verbose_plan_names_every_request_and_everything_that_is_left_out(results):
    text = re.sub(r"\s+", " ", rendered(results["plan"], "text", verbose=1))
    subject = results["plan"].agenda.subjects[0]
    for each in subject.left:
        assert re.sub(r"\s+", " ", each.what) in text


@pytest.mark.parametrize("case", ["plan", "unknown", "findings", "clean", "stopped", "hostile"])
def test_json_is_what_its_schema_asks_for(results, hostile, case):
    data = json.loads(contract.json_({**results, "hostile": hostile}[case]))
    validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    assert [each.message for each in validator.iter_errors(data)] == []


@pytest.mark.parametrize("case", ["plan", "findings", "hostile"])
def test_sarif_and_junit_are_what_their_schemas_ask_for(results, hostile, case):
    result = {**results, "hostile": hostile}[case]
    found = jsonschema.Draft4Validator(SARIF).iter_errors(json.loads(rendered(result, "sarif")))
    assert [each.message[:200] for each in found] == []
    xmlschema = pytest.importorskip("xmlschema", reason="the dev extra has it")
    xmlschema.XMLSchema(ROOT / "tests/schemas/junit-10.xsd").validate(ET.fromstring(rendered(result, "junit")))


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("verbose", [0, 1])
def test_nothing_from_outside_becomes_markup_or_moves_the_cursor(hostile, form, verbose):
    text = rendered(hostile, form, **({"verbose": verbose} if form == "text" else {}))
    assert "\x1b" not in text
    assert text.endswith("\n")
    if form in ("text", "html", "github", "markdown"):
        assert "\u202e" not in text
    if form == "html":
        tags = []

        class Reader(HTMLParser):
            def handle_starttag(self, tag, attrs):
                tags.append(tag)

        Reader().feed(text)
        assert "img" not in tags
    if form == "github":
        *lines, _ = text.splitlines()  # the last one counts
        assert {each.partition(" ")[0] for each in lines} <= {"::error", "::warning", "::notice"}


def test_colours_are_written_only_where_they_are_asked_for(results):
    assert "\x1b[" in contract.text(results["findings"], colour=True)
    assert "\x1b[" not in contract.text(results["findings"])


@pytest.mark.parametrize("width", [60, 80, 100])
def test_sentences_fit_the_width(results, width):
    for case in ("plan", "findings"):
        for line in contract.text(results[case], width=width).splitlines():
            is_address = line.startswith("  the document: ")
            assert len(line) <= max(width, 80) or is_address or " " not in line.strip(), line


def test_every_kind_of_finding_has_a_level_and_a_title():
    assert all(each.level in LEVELS and each.title for each in KINDS.values())
    order = [LEVELS.index(each.level) for each in KINDS.values() if not each.inconclusive]
    assert order == sorted(order)


def test_no_report_holds_a_key(results):
    for result in results.values():
        for form in RENDERERS:
            assert KEY not in rendered(result, form)
    assert date(2025, 6, 15) == TODAY
