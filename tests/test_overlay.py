"""Overlays: what the specification says of actions, staleness, the way back, and patches."""

# ruff: noqa: E501  # tables: a row is a line

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preroll.overlay import (
    OverlayError,
    Stale,
    apply,
    canonical_hash,
    changes,
    patched,
    quote_places,
    read,
    reanchor,
)
from preroll.pointer import ABSENT, look_up, parse

DOCUMENT = {
    "info": {"title": "A", "description": "Sizes are listed. Say when."},
    "items": [{"name": "a", "n": 1}, {"name": "b", "n": 2}, {"name": "c"}],
    "words": ["x", "y"],
}


def overlay(*actions):
    return {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": list(actions)}


ACTIONS = [
    # what the specification says                  action                                                       place          then
    ("objects merge",                             {"target": "$.info", "update": {"version": "2"}},             "/info/version", "2"),
    ("merging keeps the rest",                    {"target": "$.info", "update": {"version": "2"}},             "/info/title", "A"),
    ("objects merge deeply",                      {"target": "$", "update": {"info": {"title": "B"}}},          "/info/title", "B"),
    ("primitives are replaced",                   {"target": "$.info.title", "update": "B"},                    "/info/title", "B"),
    ("a list takes an entry",                     {"target": "$.words", "update": "z"},                         "/words", ["x", "y", "z"]),
    ("lists are joined",                          {"target": "$.words", "update": ["z", "w"]},                  "/words", ["x", "y", "z", "w"]),
    ("lists inside objects are joined",           {"target": "$", "update": {"words": ["z"]}},                  "/words", ["x", "y", "z"]),
    ("every selected node is changed",            {"target": "$.items[?@.n]", "update": {"m": 0}},              "/items/1/m", 0),
    ("no other node is changed",                  {"target": "$.items[?@.n]", "update": {"m": 0}},              "/items/2/m", ABSENT),
    ("nodes are removed",                         {"target": "$.items[?@.n]", "remove": True},                  "/items", [{"name": "c"}]),
    ("primitives are removed from lists",         {"target": "$.words[?@ == 'x']", "remove": True},             "/words", ["y"]),
    ("members are removed",                       {"target": "$.info.title", "remove": True},                   "/info/title", ABSENT),
    ("an object is copied into an object",        {"target": "$.items[2]", "copy": "$.items[0]"},               "/items/2", {"name": "a", "n": 1}),
    ("a list is copied into a list",              {"target": "$.words", "copy": "$.words"},                     "/words", ["x", "y", "x", "y"]),
]  # fmt: skip


@pytest.mark.parametrize(("action", "place", "then"), [row[1:] for row in ACTIONS], ids=[row[0] for row in ACTIONS])
def test_actions_do_what_the_specification_says(action, place, then):
    before = copy.deepcopy(DOCUMENT)
    applied = apply(DOCUMENT, overlay(action))
    assert look_up(applied.document, parse(place)) == then
    assert before == DOCUMENT
    assert not applied.stale


WRONG = [
    ("no version",          {"info": {}, "actions": [{"target": "$", "update": {}}]}),
    ("no actions",          {"overlay": "1.1.0", "info": {}, "actions": []}),
    ("no target",           overlay({"update": {}})),
    ("two modifiers",       overlay({"target": "$.info", "update": {}, "remove": True})),
    ("no modifier",         overlay({"target": "$.info"})),
    ("an unknown field",    overlay({"target": "$.info", "updates": {}})),
    ("a broken path",       overlay({"target": "$.[", "update": {}})),
    ("a list into a word",  overlay({"target": "$.info.title", "update": ["B"]})),
    ("a word into a list's place", overlay({"target": "$", "update": {"info": "B"}})),
    ("the whole document",  overlay({"target": "$", "remove": True})),
    ("half an evidence",    overlay({"target": "$.info", "update": {}, "x-evidence": [{"quote": "Say when."}]})),
]  # fmt: skip


@pytest.mark.parametrize("data", [row[1] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_overlay_is_refused(data):
    with pytest.raises(OverlayError):
        apply(DOCUMENT, data)


HASH = canonical_hash(DOCUMENT["info"])
SAID = {"quote": "Say when.", "at": "/info/description"}

STALE = [
    ("nothing selected", {"target": "$.gone", "update": {}}, "selects nothing"),
    ("other content",    {"target": "$.info", "update": {}, "x-replaces": ["0" * 64]}, "no longer what"),
    ("a lost quote",     {"target": "$.info", "update": {}, "x-evidence": [{**SAID, "quote": "Never."}]}, "no longer stands"),
    ("a lost place",     {"target": "$.info", "update": {}, "x-evidence": [{**SAID, "at": "/info/x"}]}, "no longer stands"),
    ("nothing to copy",  {"target": "$.info", "copy": "$.gone"}, "one node to copy"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "reason"), [row[1:] for row in STALE], ids=[row[0] for row in STALE])
def test_a_correction_that_does_not_fit_is_reported_and_left_out_as_a_whole(action, reason):
    data = overlay(
        {"target": "$.words", "update": "z", "x-id": "one"},
        {"target": "$.words", "update": "w", "x-id": "other"},
        {**action, "x-id": "one"},
    )
    applied = apply(DOCUMENT, data)
    assert applied.document["words"] == ["x", "y", "w"]
    assert applied.changed == {"other": ("/words/2",)}
    [stale] = applied.stale
    assert isinstance(stale, Stale)
    assert stale.id == "one"
    assert reason in stale.reason


def test_a_correction_that_fits_applies():
    applied = apply(
        DOCUMENT,
        overlay({"target": "$.info", "update": {"v": 1}, "x-replaces": [HASH], "x-evidence": [SAID]}),
    )
    assert applied.changed == {"action-0": ("/info/v",)}


WAY_BACK = [
    # action                                                      corrected           published
    ({"target": "$.words[0]", "remove": True},                     "/words/0",         "/words/1"),
    ({"target": "$.items[0]", "remove": True},                     "/items/1/name",    "/items/2/name"),
    ({"target": "$.info", "update": {"a": {"b": 1}}},              "/info/a/b",        "/info"),
    ({"target": "$.info", "update": {"title": "B"}},               "/info/title",      "/info/title"),
    ({"target": "$.words", "update": "z"},                         "/words/2",         "/words"),
    ({"target": "$.words", "copy": "$.items"},                     "/words/3/n",       "/items/1/n"),
    ({"target": "$.items[2]", "copy": "$.items[0]"},               "/items/2/n",       "/items/0/n"),
    ({"target": "$.info", "update": {}},                           "/items/0/name",    "/items/0/name"),
    ({"target": "$.info", "update": {}},                           "",                 ""),
]  # fmt: skip


@pytest.mark.parametrize(("action", "corrected", "published"), WAY_BACK)
def test_every_corrected_place_has_a_published_address(action, corrected, published):
    assert apply(DOCUMENT, overlay(action)).origins.published(corrected) == published


def test_an_address_inside_a_copy_that_was_extended_ends_where_it_was_published():
    data = overlay(
        {"target": "$.info", "update": {"twin": {}}},
        {"target": "$.info.twin", "copy": "$.items[0]"},
        {"target": "$.info.twin", "update": {"new": 1}},
    )
    origins = apply(DOCUMENT, data).origins
    assert [origins.published(f"/info/twin{each}") for each in ("", "/n", "/new")] == [
        "/info",
        "/items/0/n",
        "/info",
    ]


def test_reanchoring_makes_stale_corrections_fit_and_says_what_moved():
    old = overlay(
        {
            "target": "$.items[?@.name == 'b']",
            "update": {"n": 3},
            "x-id": "b",
            "x-evidence": [SAID],
            "x-replaces": ["0" * 64],
        }
    )
    said = DOCUMENT["info"]["description"]  # type: ignore[index]  # a literal of several shapes
    moved = {**DOCUMENT, "info": {"summary": said}}
    fresh, told = reanchor(moved, old)
    assert apply(moved, old).stale
    assert not apply(moved, fresh).stale
    assert read(fresh.to_data()) == fresh
    assert fresh.actions[0].evidence[0].at == "/info/summary"
    assert len(told) == 2
    assert reanchor(moved, fresh) == (fresh, ())


def test_a_quote_that_is_gone_and_a_target_that_selects_nothing_are_told():
    _, told = reanchor({}, overlay({"target": "$.info", "update": {}, "x-evidence": [SAID]}))
    assert [("nowhere" in each, "selects nothing" in each) for each in told] == [(True, False), (False, True)]


def test_quotes_are_found_wherever_they_stand():
    assert quote_places({"a/b": ["no", "yes, here"], "c": "here"}, "here") == ("/a~1b/1", "/c")


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, 1.5]),
    st.text("ab~/0", max_size=2),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("ab~/-0", max_size=2), inner, max_size=4)
    ),
    max_leaves=12,
)


def exact(value):
    """The value with its types, so that 1, 1.0 and true differ."""
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [exact(each) for each in value]
    return type(value).__name__, value


@given(JSON, JSON)
def test_a_patch_brings_back_what_it_was_made_of_and_changes_nothing_else(before, after):
    kept = copy.deepcopy(before)
    assert exact(patched(before, changes(before, after))) == exact(after)
    assert exact(before) == exact(kept)


@given(JSON)
def test_nothing_changed_is_no_patch(value):
    assert changes(value, copy.deepcopy(value)) == []


@given(JSON)
def test_the_hash_does_not_see_the_order_of_members(value):
    def turned(each):
        if isinstance(each, dict):
            return {key: turned(each[key]) for key in reversed(each)}
        return [turned(one) for one in each] if isinstance(each, list) else each

    assert canonical_hash(turned(value)) == canonical_hash(value)


NO_PATCH = [
    {"op": "test", "path": "/a", "value": 1},
    {"op": "replace", "path": "/b", "value": 1},
    {"op": "remove", "path": "/b"},
    {"op": "add", "path": "/l/2", "value": 1},
    {"op": "add", "path": "/b/c", "value": 1},
    {"op": "remove", "path": ""},
]


@pytest.mark.parametrize("operation", NO_PATCH)
def test_a_patch_that_does_not_fit_is_refused(operation):
    with pytest.raises(ValueError, match=r"place|operation|document"):
        patched({"a": 1, "l": [0]}, [operation])
