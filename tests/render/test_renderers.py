"""
Every renderer, on the same outcomes: a handful of violations, none, and hostile ones.

`PREROLL_SNAPSHOTS=write pytest tests/render` writes the snapshots anew; read the difference before you commit it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import jsonschema_rs
import pytest

from preroll import __version__
from preroll.outcome import Outcome
from preroll.render import RENDERERS, render

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SNAPSHOTS = HERE / "snapshots"
SCHEMAS = HERE.parent / "schemas"
FILES = {
    "text": "txt", "json": "json", "github": "github.txt", "sarif": "sarif.json", "junit": "junit.xml",
    "gitlab": "gitlab.json", "markdown": "md", "html": "html",
}  # fmt: skip

_spec = importlib.util.spec_from_file_location("outcomes", HERE / "outcomes.py")
assert _spec is not None
assert _spec.loader is not None
outcomes = importlib.util.module_from_spec(_spec)
import sys  # noqa: E402  # a dataclass looks its module up

sys.modules["outcomes"] = outcomes
_spec.loader.exec_module(outcomes)

CASES = {"handful": outcomes.HANDFUL, "none": outcomes.NONE, "clean": outcomes.CLEAN}
HOSTILE = outcomes.hostile()
EVERY = {**CASES, "hostile": HOSTILE}


def compared(name: str, text: str) -> None:
    text = text.replace(__version__, "VERSION")
    path = SNAPSHOTS / name
    if os.environ.get("PREROLL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", RENDERERS)
def test_a_report_looks_as_it_did(form, case):
    text = render(CASES[case], form)
    if form == "html":  # its style and its script are files of their own
        text = re.sub(r"(?s)(<(style|script)>).*?(</)", r"\1...\3", text)
        text = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-...", text)
    compared(f"{case}.{FILES[form]}", text)


def test_a_verbose_text_says_more():
    compared("handful.verbose.txt", render(outcomes.HANDFUL, "text", verbose=1))
    compared("clean.verbose.txt", render(outcomes.CLEAN, "text", verbose=1))


def test_statistics_count_the_rules():
    compared("handful.statistics.txt", render(outcomes.HANDFUL, "text", statistics=True))
    compared("handful.statistics.json", render(outcomes.HANDFUL, "json", statistics=True))


@pytest.mark.parametrize("form", RENDERERS)
def test_a_report_is_the_same_every_time(form):
    assert render(outcomes.HANDFUL, form) == render(outcomes.HANDFUL, form)


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("case", EVERY)
def test_a_report_can_be_written_as_utf_8_and_ends_with_a_line_feed(form, case):
    text = render(EVERY[case], form)
    assert text.encode().decode() == text
    assert text.endswith("\n")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_sentences_fit_the_width(width):
    lines = render(outcomes.HANDFUL, "text", width=width).splitlines()
    said = [line for line in lines if line.startswith("  ") and not re.match(r"\s+(\d+ )?[|:]", line)]
    assert all(len(line) <= max(width, 60) for line in said if " " in line.strip())


# --- the formats' own schemas ---


def instance(form, case):
    return json.loads(render(EVERY[case], form))


@pytest.mark.parametrize("case", EVERY)
def test_sarif_is_what_its_official_schema_asks_for(case):
    schema = json.loads((SCHEMAS / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
    found = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(
        instance("sarif", case)
    )
    assert [f"{each.json_path}: {each.message[:200]}" for each in found] == []


@pytest.mark.parametrize("case", EVERY)
def test_sarif_results_point_to_their_rules(case):
    [run] = instance("sarif", case)["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for each in result.get("relatedLocations", ()):
            assert each["message"]["text"]
        assert "](" not in result["message"]["text"]


def test_sarif_carries_fixes_and_reasons():
    first = instance("sarif", "handful")["runs"][0]["results"][0]
    texts = [each["insertedContent"]["text"] for each in first["fixes"][0]["artifactChanges"][0]["replacements"]]
    assert texts == ["1280", "720"]
    assert first["relatedLocations"][0]["message"]["text"] == "/0/lights is true"
    assert first["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 6, "startColumn": 15}


@pytest.mark.parametrize("case", EVERY)
def test_junit_is_what_jenkins_reads(case):
    xmlschema = pytest.importorskip("xmlschema", reason="the dev extra has it")
    assert [
        str(each.reason)
        for each in xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").iter_errors(render(EVERY[case], "junit"))
    ] == []


@pytest.mark.parametrize("case", EVERY)
def test_junit_counts_what_it_holds(case):
    root = ET.fromstring(render(EVERY[case], "junit"))
    cases = root.findall(".//testcase")
    assert cases
    assert int(root.attrib["tests"]) == len(cases)
    assert int(root.attrib["failures"]) == sum(each.find("failure") is not None for each in cases)
    assert int(root.attrib["errors"]) == sum(each.find("error") is not None for each in cases)


@pytest.mark.parametrize("case", EVERY)
def test_gitlab_reports_have_what_gitlab_asks_for(case):
    schema = json.loads((SCHEMAS / "gitlab-code-quality.schema.json").read_text(encoding="utf-8"))
    issues = instance("gitlab", case)
    assert [each.message for each in jsonschema_rs.Draft202012Validator(schema).iter_errors(issues)] == []
    assert len({each["fingerprint"] for each in issues}) == len(issues)


@pytest.mark.parametrize("statistics", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_json_is_what_its_published_schema_says(case, statistics):
    schema = json.loads((ROOT / "docs/json/check.schema.json").read_text(encoding="utf-8"))
    report = json.loads(render(CASES[case], "json", statistics=statistics))
    found = jsonschema_rs.Draft202012Validator(schema).iter_errors(report)
    assert [f"{each.instance_path}: {each.message}" for each in found] == []


@pytest.fixture(scope="module")
def examples():
    """What is said of every job file in `examples/`."""
    from preroll.judgement import check_bytes
    from preroll.outcome import entry
    from preroll.recognition import Unrecognised

    found = []
    for path in sorted((ROOT / "examples").glob("*/*.json")):
        name = path.relative_to(ROOT).as_posix()
        try:
            report = check_bytes(path.read_bytes(), name=name, today="2025-01-01")
        except Unrecognised:
            continue
        found.append(entry(report.advised(), name, edits=True))
    return Outcome.of(found, files=len(found))


def test_every_example_fits_the_formats(examples):
    published = json.loads((ROOT / "docs/json/check.schema.json").read_text(encoding="utf-8"))
    official = json.loads((SCHEMAS / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
    report, log = (json.loads(render(examples, form)) for form in ("json", "sarif"))
    assert [each.message for each in jsonschema_rs.Draft202012Validator(published).iter_errors(report)] == []
    assert [each.message for each in jsonschema.Draft4Validator(official).iter_errors(log)] == []
    assert sum("fixes" in each for each in log["runs"][0]["results"]) > 20
    assert page(examples).scripts == 1


# --- what comes from outside stays text ---


class Page(HTMLParser):
    """The tags and scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def page(outcome: Outcome) -> Page:
    found = Page()
    found.feed(render(outcome, "html"))
    return found


def test_nothing_from_outside_becomes_part_of_the_page():
    hostile, calm = page(HOSTILE), page(outcomes.HANDFUL)
    assert hostile.scripts == calm.scripts == 1
    assert hostile.tags <= calm.tags
    assert not {name for name in hostile.attributes if name.startswith("on")}
    assert all(each.startswith(("#p", "https://")) for each in hostile.links)


def test_the_page_lets_nothing_run_but_its_own_script():
    text = render(outcomes.HANDFUL, "html")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]+'", policy[1])
    assert "unsafe" not in policy[1]
    assert "://" not in re.sub(r'href="https://docs\.example\.com[^"]*"|>https://docs\.example\.com[^<]*<', "", text)


def test_a_page_of_many_findings_stays_small():
    text = render(outcomes.many(500), "html")
    assert len(text) < 700_000
    assert text.count("<article") == 500


@pytest.mark.parametrize("form", ["text", "github", "markdown", "junit", "html"])
def test_no_control_character_gets_through(form):
    text = render(HOSTILE, form)
    assert not [each for each in text if not each.isprintable() and each not in "\n\t"]
    assert "\u202e" not in text


def test_no_workflow_command_gets_through():
    lines = render(HOSTILE, "github").splitlines()
    findings = sum(max(1, len(entry.found)) for entry in HOSTILE.entries)
    assert sum(line.startswith("::") for line in lines) == findings
    assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in lines[:-1])
    assert "%0D" not in "".join(lines)


def test_no_markup_gets_through():
    text = re.sub(r"(?s)(`+).*?\1", "", render(HOSTILE, "markdown"))
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", text)
    assert not re.search(r"(?<!\\)\]\(", text)
    assert not re.search(r"@\w", text)


def test_a_job_summary_stays_within_its_limits():
    assert len(render(outcomes.many(5000), "markdown").encode()) < 200_000
