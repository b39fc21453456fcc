"""
Every type of finding: its page's example has it, the mended example has not, and the table is whole.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from preroll import catalogue
from preroll.audit import KINDS, LEVELS, TABLE, audit
from preroll.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTATION = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
EXAMPLES = [each for each in KINDS if each.example is not None]


def found(tree, name="minimal"):
    registry = Registry.of(tree, name)
    return audit(registry, registry.document(name))


@pytest.fixture(autouse=True)
def _solver(request):
    if "kind" in request.fixturenames and request.getfixturevalue("kind").proved:
        pytest.importorskip("z3")


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.id)
def test_a_type_is_found_in_its_own_example(kind):
    assert kind.id in {each.id for each in found(kind.example).findings}


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.id)
def test_a_type_is_not_found_in_its_mended_example(kind):
    assert kind.id not in {each.id for each in found(kind.mended).findings}


@pytest.mark.parametrize("kind", [each for each in EXAMPLES if each.level == "error"], ids=lambda kind: kind.id)
def test_a_mended_example_has_no_errors(kind):
    assert [each.id for each in found(kind.mended).findings if each.level == "error"] == []


def test_every_type_stands_in_one_row_of_the_table():
    listed = [kind.id for _, kinds in TABLE for kind in kinds]
    assert sorted(listed) == sorted(set(listed)) == [each.id for each in KINDS]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_type_says_everything_of_itself(kind):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", kind.id)
    assert kind.level in LEVELS
    assert kind.title[0].islower() or kind.title[0] in "`$"
    assert kind.why.endswith(".")
    assert kind.instead.endswith(".")
    assert (kind.example is None) == (kind.mended is None)


def test_no_type_has_the_id_of_a_rule():
    ids = [each.id for each in catalogue.pages(Registry.bundled())]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_type_has_its_page(kind):
    page = catalogue.page(Registry.bundled(), kind.id)
    assert page is not None
    text = catalogue.markdown(page)
    assert text.startswith(f"# {kind.id}\n")
    assert kind.why in text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_type_stands_in_the_table_of_the_documentation(kind):
    assert re.search(rf"^\| \[{kind.id}\]\(rules/{kind.id}\.md\) \| {kind.level} \|", DOCUMENTATION, re.MULTILINE)
