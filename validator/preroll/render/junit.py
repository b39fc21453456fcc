"""
`--format junit`: JUnit XML as Jenkins reads it (junit-10.xsd of its xUnit plugin), which most CI systems take.

A file is a suite and a payload a test; an error is a failure of it, other findings are told in its output.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from preroll import baseline, words
from preroll.outcome import Entry, Outcome, Placed
from preroll.render.text import shown


def render(outcome: Outcome, **_: Any) -> str:
    """The XML document; payloads that are not told of are one passed test that says how many they are."""
    counts = outcome.counts
    root = ET.Element("testsuites", name="preroll")
    suites: dict[str, list[Entry]] = {}
    for entry in outcome.entries:
        suites.setdefault(baseline.file_name(entry.source), []).append(entry)
    tests = failures = errors = 0
    for source, entries in suites.items():
        suite = ET.SubElement(root, "testsuite", name=shown(source))
        failed = sum(any(each.violation.severity == "error" for each in entry.found) for entry in entries)
        unread = sum(entry.problem is not None for entry in entries)
        suite.attrib |= {"tests": str(len(entries)), "failures": str(failed), "errors": str(unread)}
        tests, failures, errors = tests + len(entries), failures + failed, errors + unread
        for entry in entries:
            _case(suite, source, entry)
    rest = counts["payloads"] - len(outcome.entries)
    if rest > 0 or not suites:
        tests += 1
        suite = ET.SubElement(root, "testsuite", name="preroll", tests="1", failures="0", errors="0")
        name = f"{rest} more payloads without findings" if suites else f"{counts['payloads']} payloads without findings"
        ET.SubElement(suite, "testcase", name=name, classname="preroll")
    root.attrib |= {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(suite: ET.Element, source: str, entry: Entry) -> None:
    target = f" as {entry.target}" if entry.target else ""
    name = entry.at or "payload"
    case = ET.SubElement(suite, "testcase", name=shown(name + target), classname=shown(source))
    if entry.problem is not None:
        line, column, problem, advice = entry.problem
        error = ET.SubElement(case, "error", type="unreadable", message=shown(problem))
        place = ":".join(str(each) for each in (source, line, column) if each is not None)
        error.text = shown(place) + (f"\n{shown(advice)}" if advice else "")
    told = []
    for placed in entry.found:
        violation = placed.violation
        if violation.severity == "error":
            failure = ET.SubElement(case, "failure", type=violation.rule, message=shown(words.message(violation)))
            failure.text = _details(source, entry, placed)
        else:
            head = f"{violation.severity}[{violation.rule}] {shown(words.message(violation))}"
            told.append(f"{head}\n{_details(source, entry, placed)}")
    if told:
        ET.SubElement(case, "system-out").text = "\n\n".join(told)


def _details(source: str, entry: Entry, placed: Placed) -> str:
    violation = placed.violation
    place = ":".join(str(each) for each in (source, placed.line, placed.column) if each is not None)
    lines = [f"{place} {violation.parameter or entry.at + violation.pointer}".rstrip()]
    reasons = [words.because(each) for each in violation.because]
    if reasons and violation.kind != "together":
        lines.append("because " + ", and ".join(reasons))
    return "\n".join(map(shown, (*lines, *words.help_lines(violation))))
