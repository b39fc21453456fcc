from __future__ import annotations

import copy
import json
import random
from pathlib import Path

import pytest

from preroll import pointer as pointers
from preroll.constraints import Impossible, Possible, Repair
from preroll.constraints.repair import changes
from preroll.constraints.witness import replaced, without
from preroll.overlay import patched
from preroll.registry import Registry

EXAMPLES = Path(__file__).parents[2] / "examples"


def bad_payloads():
    told = Registry.bundled().told
    for file in sorted((EXAMPLES / "bad").glob("*.json")):
        payload = json.loads(file.read_text(encoding="utf-8"))
        payload = payload[0] if isinstance(payload, list) else payload
        for target in told("model", payload.get("model")):
            if not target.branches and (
                not target.branch_of or file.stem.startswith(target.branch_of.partition("/")[2])
            ):
                yield pytest.param(target.name, payload, id=file.stem)


@pytest.mark.parametrize(("name", "payload"), list(bad_payloads()))
def test_a_repair_is_valid_and_no_change_of_it_can_be_undone(bundled, name, payload):
    model = bundled(name, False)
    repair = model.nearest(payload, seconds=20)
    assert isinstance(repair, Repair)
    assert (repair.patch == ()) is model.is_valid(payload)
    assert model.is_valid(repair.payload)
    assert patched(payload, repair.patch) == repair.payload
    for change in repair.patch:
        path = pointers.resolved(repair.payload, change["path"])
        match change["op"]:
            case "add":
                undone = without(repair.payload, path)
            case "remove" if isinstance(pointers.look_up(payload, path[:-1]), list):
                undone = replaced(repair.payload, (*path[:-1], len(pointers.look_up(repair.payload, path[:-1]))),
                                  pointers.look_up(payload, path))  # fmt: skip
            case _:
                undone = replaced(repair.payload, path, pointers.look_up(payload, path))
        assert not model.is_valid(undone), change


def test_what_is_valid_needs_no_repair(bundled, target):
    model = bundled(target, False)
    valid = model.possible().witness
    assert model.nearest(valid) == Repair(valid, (), (), 0)


@pytest.mark.parametrize(
    ("schema", "payload", "repaired"),
    [
        ({"properties": {"n": {"minimum": 3}}}, {"n": 1, "kept": 1.50}, {"n": 3, "kept": 1.50}),
        ({"properties": {"n": {"multipleOf": 0.01}}}, {"n": 0.075}, {"n": 0.08}),
        ({"properties": {"n": {"type": "integer"}}}, {"n": "12"}, {"n": 12}),
        ({"properties": {"b": {"type": "boolean"}}}, {"b": "true"}, {"b": True}),
        ({"properties": {"f": {"enum": ["MP4", "MOV"]}}}, {"f": "mp4"}, {"f": "MP4"}),
        ({"properties": {"t": {"maxLength": 5}}}, {"t": "longer text"}, {"t": "longe"}),
        ({"properties": {"width": {}}, "additionalProperties": False}, {"widht": 5}, {"width": 5}),
        ({"required": ["a"], "properties": {"a": {"const": "x"}}}, {}, {"a": "x"}),
        ({"properties": {"l": {"type": "array", "maxItems": 2}}}, {"l": [1, 2, 3]}, {"l": [1, 2]}),
        ({"not": {"required": ["a", "b"]}, "properties": {"b": {"default": 5}}}, {"a": 5, "b": 5}, {"a": 5}),
        ({"oneOf": [{"properties": {"w": {"const": w}, "h": {"const": h}}}
                    for w, h in ((1920, 1080), (1080, 1920), (1024, 1024))]},
         {"w": 1280, "h": 720}, {"w": 1920, "h": 1080}),
        ({"type": "object"}, [], {}),
        *(({"type": "object", "required": ["voice"],
            "properties": {"voice": {"type": "object", "required": ["kind", "name"],
                                     "properties": {"kind": {"const": "preset"},
                                                    "name": {"enum": ["Zoe", "Max", "Al"]}}}}},
           {"voice": given}, {"voice": {"kind": "preset", "name": meant}})
          for given, meant in (("Max", "Max"), ("al", "Al"), ("ZOE", "Zoe"))),
    ],
)  # fmt: skip
def test_the_nearest(model_of, schema, payload, repaired):
    before = copy.deepcopy(payload)
    repair = model_of(schema).nearest(payload, seconds=20)
    assert isinstance(repair, Repair), repair
    assert repair.payload == repaired
    assert payload == before


def test_what_is_kept_is_kept(bundled):
    model = bundled("runware/luma:ray@3.2", False)
    payload = {**model.possible().witness, "settings": {"hdr": True}, "width": 640, "height": 360}
    for keep in ("/settings/hdr", "/width"):
        repair = model.nearest(payload, keep=(keep,), seconds=20)
        assert isinstance(repair, Repair)
        path = pointers.parse(keep)
        assert pointers.look_up(repair.payload, path) == pointers.look_up(payload, path)
    several = model.alternatives(payload, seconds=20)
    assert len({json.dumps(each.payload, sort_keys=True) for each in several}) == len(several) >= 2


def test_what_cannot_be_repaired_is_proved(model_of):
    answer = model_of({"properties": {"a": {"const": 1}}, "required": ["a"]}).nearest(
        {"a": 2}, keep=("/a",), seconds=20
    )
    assert isinstance(answer, Impossible)
    assert [each.keyword for each in answer.core] == ["enum"]


@pytest.mark.parametrize("name", ["runware/luma:ray@3.2", "runwayml/character_performance#act_two"])
def test_broken_payloads_are_mended(bundled, name):
    model = bundled(name, False)
    for broken in random.Random(0).sample(model.assertions, 12):
        answer = model.breaking(broken)
        if isinstance(answer, Possible) and broken.severity == "error":
            repair = model.nearest(answer.witness, seconds=20)
            assert isinstance(repair, Repair), (broken, repair)
            assert repair.patch


def test_changes_are_a_patch():
    old = {"a": [1, 2, 3], "b": {"c": 1}, "d/e": 1}
    new = {"a": [1, 5], "b": {"c": 1, "f": 2}}
    patch = tuple(changes(old, new))
    assert patch == (
        {"op": "replace", "path": "/a/1", "value": 5},
        {"op": "remove", "path": "/a/2"},
        {"op": "add", "path": "/b/f", "value": 2},
        {"op": "remove", "path": "/d~1e"},
    )
    assert patched(old, patch) == new
