"""The table of changes: complete, unique, and its own mirror image but for what is waived here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from preroll.compat.change import KINDS, LEVELS

OPPOSITE = {"narrowed": "widened", "widened": "narrowed", "added": "removed", "removed": "added"}

WITHOUT_OPPOSITE = {
    # what has no opposite action is a change to something else of the same kind: its reverse is the same id
    "changed": "the reverse of a change is a change",
}

WITHOUT_OTHER_SIDE = {
    "undecided": "parameters and both sides have it",
    "body": "a request has one body, a response one for each status: added and removed differ in gravity",
    "status": "only responses have statuses",
    "success": "only responses have statuses",
    "parameter": "only requests have parameters",
    "required": "a parameter that is required is told apart from one that is not",
    "needed": "of the presence of a parameter or a body; of a property it is `required`",
    "property": "parameters that are objects tell of their properties as requests do",
    "default": "parameters tell of their defaults as requests do",
    "deprecated": "as above",
    "example": "as above",
    "words": "as above",
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_an_id_is_a_sentence_in_kebab_case(kind):
    assert re.fullmatch(r"[a-z]+(-[a-z]+){2,}", kind.id)
    assert kind.level in LEVELS
    assert kind.title


def test_ids_and_axes_are_unique():
    assert len({(each.side, each.area, each.kind, each.action) for each in KINDS.values()}) == len(KINDS)
    assert len({(each.side, each.kind, each.action) for each in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_every_action_has_its_opposite(kind):
    if kind.action in WITHOUT_OPPOSITE:
        return
    opposite = [
        each
        for each in KINDS.values()
        if (each.side, each.area, each.kind, each.action) == (kind.side, kind.area, kind.kind, OPPOSITE[kind.action])
    ]
    assert len(opposite) == 1 or kind.id == "security-scheme-was-added"  # to lose one is `security-was-removed`


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_both_sides_name_the_same_facts(kind):
    if kind.side not in ("request", "response") or kind.kind in WITHOUT_OTHER_SIDE:
        return
    other = "response" if kind.side == "request" else "request"
    assert any((each.side, each.kind, each.action) == (other, kind.kind, kind.action) for each in KINDS.values())


@pytest.mark.parametrize(
    "kind", [each for each in KINDS.values() if each.action in ("narrowed", "widened")], ids=lambda kind: kind.id
)
def test_what_breaks_senders_does_not_break_readers(kind):
    if kind.kind == "needed":
        return
    harmful = (kind.action == "narrowed") == (kind.side != "response")
    assert (kind.level == "breaking") is harmful


def test_the_documentation_lists_every_id():
    page = (Path(__file__).resolve().parents[2] / "docs/diff.md").read_text(encoding="utf-8")
    rows = [
        f"| `{each.id}` | {each.level} | {each.title} |" for each in sorted(KINDS.values(), key=lambda kind: kind.id)
    ]
    assert "\n".join(rows) in page
