"""
`--format junit`: JUnit XML; a target is a test, and each change that breaks callers is a failure of it.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from preroll.compat.change import BREAKING, Change
from preroll.compat.comparison import Comparison
from preroll.pointer import ABSENT
from preroll.render.changes.text import witness_text
from preroll.render.text import shown


def render(comparison: Comparison, **_: Any) -> str:
    """The XML document."""
    root = ET.Element("testsuites", name="preroll")
    suite = ET.SubElement(root, "testsuite", name=shown(f"{comparison.old} to {comparison.new}"))
    tests = failures = 0
    rows = [("(the document)", comparison.changes), *((each.target, each.changes) for each in comparison.targets)]
    for name, changes in rows:
        case = ET.SubElement(suite, "testcase", name=shown(name), classname=shown(comparison.new))
        tests += 1
        failing = [each for each in changes if each.level == BREAKING and not each.acknowledged]
        failures += bool(failing)
        for each in failing:
            failure = ET.SubElement(case, "failure", type=each.id, message=shown(each.message))
            failure.text = _details(each)
        others = [each for each in changes if each not in failing]
        if others:
            told = "\n".join(f"{each.level}[{each.id}] {shown(each.message)}" for each in others)
            ET.SubElement(case, "system-out").text = told
    for note in comparison.jobs or ():
        case = ET.SubElement(suite, "testcase", name=shown(f"{note.source}{note.at}"), classname="stored jobs")
        ET.SubElement(case, "failure", type="stored-job", message=shown(note.message))
        tests, failures = tests + 1, failures + 1
    counts = {"tests": str(tests), "failures": str(failures), "errors": "0"}
    suite.attrib |= counts
    root.attrib |= counts
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _details(change: Change) -> str:
    lines = [f"at {change.pointer}"] if change.pointer else []
    lines += [f"now: {change.told}"] if change.told else []
    lines += [f"fix: {change.migrated}"] if change.migrated else []
    if change.witness is not ABSENT:
        lines += ["for example", *witness_text(change, 2).splitlines()]
    return "\n".join(map(shown, lines))
