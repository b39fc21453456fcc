"""
The committed reports are what `make reports` writes.
"""

from __future__ import annotations

import re

import pytest

from preroll import reports
from preroll.registry import Registry

pytest.importorskip("z3")

REGISTRY = Registry.bundled()


@pytest.fixture(scope="module")
def written():
    return reports.reports(REGISTRY)


def test_no_report_is_stale(written):
    assert reports.stale(written, reports.folder()) == [], "run `make reports`, and review what has changed"


def test_every_document_has_its_report(written):
    assert set(written) == {"README.md", *reports.names(REGISTRY).values()}


@pytest.mark.parametrize(
    "target", [each for each in REGISTRY.targets.values() if each.described], ids=lambda each: each.name
)
def test_a_target_stands_in_its_documents_report(written, target):
    text = written[reports.names(REGISTRY)[target.document]]
    for rule in REGISTRY.rules(target):
        assert f"[{rule.id}](" in text


def test_links_lead_somewhere(written):
    for name, text in written.items():
        place = (reports.folder() / name).parent
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert (place / link).resolve().exists(), link


def test_reports_are_written_and_leftovers_removed(written, tmp_path):
    (tmp_path / "gone.md").write_text("old", encoding="utf-8")
    assert reports.stale(written, tmp_path) == sorted([*written, "gone.md"])
    reports.write(written, tmp_path)
    assert reports.stale(written, tmp_path) == []
