"""Every rule has a page, every page an example that breaks it and one that does not, and the docs are these pages."""

from pathlib import Path

import pytest

from preroll import catalogue
from preroll.cli import main
from preroll.registry import Registry

ROOT = Path(__file__).resolve().parents[1]
PAGES = list(catalogue.pages(Registry.bundled()))
JUDGED = [each for each in catalogue.BUILT_IN if each.schema is not None]


@pytest.mark.parametrize("page", JUDGED, ids=lambda page: page.id)
def test_a_page_shows_what_breaks_its_rule_and_what_does_not(page):
    assert [each.rule for each in catalogue.example_violations(page, page.breaks)] == [page.id]
    assert catalogue.example_violations(page, page.keeps) == ()


def test_every_id_is_used_once():
    assert len({each.id for each in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_a_page_says_what_why_and_what_to_do(page):
    assert page.title
    assert page.why
    assert page.instead
    assert page.severity in ("error", "warning", "info", "note")


def test_the_docs_are_these_pages(tmp_path):
    fresh = {each.name: each.read_text(encoding="utf-8") for each in catalogue.write(tmp_path, Registry.bundled())}
    kept = {each.name: each.read_text(encoding="utf-8") for each in (ROOT / "docs" / "rules").glob("*.md")}
    assert fresh == kept, "run `make docs`"


def test_an_unknown_rule_names_the_nearest(capsys):
    assert main(["explain", "limited-wen"]) == 2
    assert "did you mean limited-when?" in capsys.readouterr().err


def test_explain_prints_the_page(capsys):
    assert main(["explain", "limited-when"]) == 0
    said = capsys.readouterr().out
    assert "duration 12 is more than 10" in said
    assert "because /fast is true" in said
