"""Corrections: each mends its contradiction, loosens nothing else, and fits the published document."""

# ruff: noqa: E501  # tables: a row is a line

from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from preroll.overlay import apply, changes, patched, read, reanchor
from preroll.pointer import ABSENT, look_up, parse

SCHEMAS = Path(__file__).parents[1] / "schemas"
OVERLAYS = {path.name.removesuffix(".overlay.yaml"): path for path in sorted(SCHEMAS.glob("*/corrections/*.yaml"))}
EVERY_OVERLAY = pytest.mark.parametrize("name", OVERLAYS)

IMAGE, VIDEO = "https://example.com/i.png", "https://example.com/v.mp4"
UUID = "aac49721-1964-481a-ae78-8a4e29b91402"


def loaded(name):
    path = OVERLAYS[name]
    overlay = read(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    document = json.loads((path.parent / overlay.reference).read_bytes())
    return document, overlay


def without_dependencies(node):
    """The keyword has no force in 2020-12, and this engine applies it all the same."""
    if isinstance(node, dict):
        return {key: without_dependencies(each) for key, each in node.items() if key != "dependencies"}
    return [without_dependencies(each) for each in node] if isinstance(node, list) else node


def engine(document):
    schema = without_dependencies(document["components"]["schemas"]["RequestBody"])
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


LOADED = {name: loaded(name) for name in OVERLAYS}
APPLIED = {name: apply(*each) for name, each in LOADED.items()}
BEFORE = {name: engine(document) for name, (document, _) in LOADED.items()}
AFTER = {name: engine(each.document) for name, each in APPLIED.items()}

KLING, WAN, OVI = "klingai-kling-video-o3-pro", "alibaba-wan-2.7", "ovi"
MODELS = {KLING: "klingai:kling-video@o3-pro", WAN: "alibaba:wan@2.7", OVI: "runware:190@1"}


def task(name, **parts):
    known = {
        "taskType": "videoInference",
        "taskUUID": UUID,
        "model": MODELS[name],
        "positivePrompt": "A red fox",
    }
    return [{key: each for key, each in {**known, **parts}.items() if each is not None}]


def klingai(**settings):
    return {"klingai": settings}


FRAMES = {"frameImages": [{"image": IMAGE}]}
SIZE = {"width": 1920, "height": 1080}
REFERENCE = {"referenceVideos": [VIDEO]}
REFERENCES = {**REFERENCE, "referenceImages": [IMAGE]}
CACHED = {"image": IMAGE}

CASES = [
    # document, what                                    payload                                                             published corrected
    # sizes: the listed ones only, none with frames, needed without
    (KLING, "frames, no size",                          {"inputs": FRAMES},                                                  False, True),
    (KLING, "first and last frame",                     {"inputs": {"frameImages": [{"image": IMAGE, "frame": 0}, {"image": UUID, "frame": -1}]}}, False, True),
    (KLING, "frames with a listed size",                {"inputs": FRAMES, **SIZE},                                          False, False),
    (KLING, "frames with a width",                      {"inputs": FRAMES, "width": 1920},                                   False, False),
    (KLING, "no frames in the list",                    {"inputs": {"frameImages": []}},                                     False, False),
    (KLING, "three frames",                             {"inputs": {"frameImages": [{"image": IMAGE}] * 3}},                 False, False),
    (KLING, "text, no size",                            {},                                                                  False, False),
    (KLING, "text, one side",                           {"width": 1920},                                                     False, False),
    (KLING, "text, 1920x1080",                          SIZE,                                                                True,  True),
    (KLING, "text, mixed size",                         {"width": 1920, "height": 1440},                                     False, False),
    (KLING, "text, unlisted size",                      {"width": 1280, "height": 720},                                      False, False),
    (KLING, "elements, no size",                        {"inputs": {"elements": [{"id": "a"}]}},                             False, False),
    # a video brings its size along
    (KLING, "video, no size",                           {"inputs": {"video": VIDEO}},                                        False, True),
    (KLING, "video with a listed size",                 {"inputs": {"video": VIDEO}, **SIZE},                                True,  True),
    (KLING, "video with an unlisted size",              {"inputs": {"video": VIDEO}, "width": 5, "height": 5},               False, False),
    (KLING, "video with one side",                      {"inputs": {"video": VIDEO}, "height": 1080},                        False, False),
    (KLING, "reference video, no size",                 {"inputs": REFERENCE, "providerSettings": klingai(characterOrientation="video")}, False, False),
    # empty settings set nothing
    (KLING, "text, empty settings",                     {**SIZE, "providerSettings": {}},                                    False, True),
    (KLING, "text, empty klingai",                      {**SIZE, "providerSettings": klingai()},                             True,  True),
    (KLING, "frames, empty settings",                   {"inputs": FRAMES, "providerSettings": {}},                          False, True),
    (KLING, "video, empty settings",                    {**SIZE, "inputs": {"video": VIDEO}, "providerSettings": {}},        False, True),
    (KLING, "video and images, empty settings",         {**SIZE, "inputs": {"video": VIDEO, "referenceImages": [IMAGE]}, "providerSettings": {}}, False, True),
    (KLING, "reference video, empty settings",          {**SIZE, "inputs": REFERENCE, "providerSettings": {}},               False, False),
    (KLING, "reference video and image, empty settings", {**SIZE, "inputs": REFERENCES, "providerSettings": {}},             False, False),
    (KLING, "reference video, empty klingai",           {**SIZE, "inputs": REFERENCE, "providerSettings": klingai()},        False, False),
    (KLING, "reference video, no settings",             {**SIZE, "inputs": REFERENCE},                                       False, False),
    (KLING, "reference video with orientation",         {**SIZE, "inputs": REFERENCE, "providerSettings": klingai(characterOrientation="video")}, True, True),
    (KLING, "orientation of a missing image",           {**SIZE, "inputs": REFERENCE, "providerSettings": klingai(characterOrientation="image")}, False, False),
    (KLING, "orientation of an image",                  {**SIZE, "inputs": REFERENCES, "providerSettings": klingai(characterOrientation="image")}, True, True),
    (KLING, "video with sound",                         {**SIZE, "inputs": {"video": VIDEO}, "providerSettings": klingai(sound=True)}, False, False),
    (KLING, "video with segments",                      {**SIZE, "inputs": {"video": VIDEO}, "providerSettings": klingai(multiPrompt=[])}, False, False),
    (KLING, "original sound of nothing",                {**SIZE, "providerSettings": klingai(keepOriginalSound=True)},       False, False),
    (KLING, "original sound of a video",                {**SIZE, "inputs": {"video": VIDEO}, "providerSettings": klingai(keepOriginalSound=True)}, True, True),
    (KLING, "settings that are no object",              {**SIZE, "providerSettings": 5},                                     False, False),
    (KLING, "klingai that is no object",                {**SIZE, "providerSettings": {"klingai": []}},                       False, False),
    # Wan2.7
    (WAN,   "frames, no size",                          {"inputs": FRAMES, "duration": 15},                                  False, True),
    (WAN,   "frames, no prompt",                        {"inputs": FRAMES, "positivePrompt": None},                          False, True),
    (WAN,   "frames, a resolution",                     {"inputs": FRAMES, "resolution": "720p"},                            False, True),
    (WAN,   "frames with a listed size",                {"inputs": FRAMES, "width": 1280, "height": 720},                    False, False),
    (WAN,   "frames and references",                    {"inputs": {**FRAMES, "referenceImages": [IMAGE]}},                  False, False),
    (WAN,   "frames and reference videos",              {"inputs": {**FRAMES, "referenceVideos": [VIDEO]}},                  False, False),
    (WAN,   "text, no size",                            {},                                                                  False, False),
    (WAN,   "text, a resolution alone",                 {"resolution": "720p"},                                              False, False),
    (WAN,   "text, no prompt",                          {"width": 1280, "height": 720, "positivePrompt": None},              False, False),
    (WAN,   "references, no size",                      {"inputs": {"referenceImages": [IMAGE]}},                            False, False),
    (WAN,   "text, mixed size",                         {"width": 1280, "height": 1080},                                     False, False),
    (WAN,   "text, one side",                           {"height": 720},                                                     False, False),
    # Ovi
    (OVI,   "no guidance layer",                        {"inputs": CACHED, "advancedFeatures": {"slgLayer": None}},          False, True),
    (OVI,   "a guidance layer",                         {"inputs": CACHED, "advancedFeatures": {"slgLayer": 30}},            True,  True),
    (OVI,   "a guidance layer too far",                 {"inputs": CACHED, "advancedFeatures": {"slgLayer": 31}},            False, False),
    (OVI,   "a guidance layer in words",                {"inputs": CACHED, "advancedFeatures": {"slgLayer": "11"}},          False, False),
    (OVI,   "another setting null",                     {"inputs": CACHED, "advancedFeatures": {"audioCFGScale": None}},     False, False),
    (OVI,   "1 frame per second",                       {"inputs": CACHED, "fps": 1},                                        True,  True),
    (OVI,   "0 frames per second",                      {"inputs": CACHED, "fps": 0},                                        True,  False),
    (OVI,   "-5 frames per second",                     {"inputs": CACHED, "fps": -5},                                       True,  False),
    (OVI,   "121 frames per second",                    {"inputs": CACHED, "fps": 121},                                      False, False),
    (OVI,   "seed 2^63-1",                              {"inputs": CACHED, "seed": 2**63 - 1},                               True,  True),
    (OVI,   "seed 2^63",                                {"inputs": CACHED, "seed": 2**63},                                   True,  False),
    (OVI,   "seed as printed",                          {"inputs": CACHED, "seed": 9223372036854776000},                     True,  False),
    (OVI,   "seed 2^64",                                {"inputs": CACHED, "seed": 2**64},                                   False, False),
    (OVI,   "text alone",                               {},                                                                  False, True),
    (OVI,   "empty inputs",                             {"inputs": {}},                                                      False, False),
    (OVI,   "audio in",                                 {"inputs": {"audio": VIDEO}},                                        False, False),
    (OVI,   "no prompt",                                {"inputs": CACHED, "positivePrompt": None},                          False, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "parts", "published", "corrected"),
    [(name, parts, published, corrected) for name, _, parts, published, corrected in CASES],
    ids=[f"{name}: {what}" for name, what, *_ in CASES],
)
def test_a_correction_mends_its_contradiction_and_nothing_else(name, parts, published, corrected):
    payload = task(name, **parts)
    assert (BEFORE[name].is_valid(payload), AFTER[name].is_valid(payload)) == (published, corrected)


@pytest.mark.parametrize("name", [KLING, WAN])
def test_exactly_the_listed_sizes_are_taken(name):
    document, _ = LOADED[name]
    parts = document["components"]["schemas"]["RequestBody"]["items"]["allOf"]
    [pairs] = [each["oneOf"] for each in parts if "oneOf" in each]
    listed = {(each["properties"]["width"]["const"], each["properties"]["height"]["const"]) for each in pairs}
    sides = sorted({side for pair in listed for side in pair} | {720, 1919})
    for pair in itertools.product(sides, repeat=2):
        payload = task(name, width=pair[0], height=pair[1])
        assert AFTER[name].is_valid(payload) is (pair in listed)


@EVERY_OVERLAY
def test_no_correction_is_stale_and_every_one_says_why(name):
    _, overlay = LOADED[name]
    assert APPLIED[name].stale == ()
    for identifier in {each.id for each in overlay.actions}:
        actions = [each for each in overlay.actions if each.id == identifier]
        assert actions[0].why
        assert actions[0].evidence
        assert all(each.replaces for each in actions)
        assert APPLIED[name].changed[identifier]


@EVERY_OVERLAY
def test_hashes_and_addresses_are_fresh(name):
    document, overlay = LOADED[name]
    assert reanchor(document, overlay) == (overlay, ())


@EVERY_OVERLAY
def test_every_corrected_place_leads_back_to_the_published_document(name):
    document, _ = LOADED[name]
    applied = APPLIED[name]

    def walk(node, here):
        origin = applied.origins.published(here)
        source = look_up(document, parse(origin))
        assert source is not ABSENT
        if not isinstance(node, (dict, list)) and not any(here.startswith(each) for each in touched):
            assert source == node
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, each in items:
            walk(each, here + "/" + str(key).replace("~", "~0").replace("/", "~1"))

    touched = {each for places in applied.changed.values() for each in places}
    walk(applied.document, "")


@EVERY_OVERLAY
def test_no_item_of_a_list_of_schemas_moves(name):
    moved = APPLIED[name].origins.moved
    for here, there in moved.items():
        if here.rpartition("/")[0].endswith(("allOf", "anyOf", "oneOf")):
            assert here.rpartition("/")[2] == there.rpartition("/")[2]


@EVERY_OVERLAY
def test_a_patch_stands_in_for_the_overlay_at_start_up(name):
    document, _ = LOADED[name]
    kept = copy.deepcopy(document)
    patch = json.loads(json.dumps(changes(document, APPLIED[name].document)))
    assert patched(document, patch) == APPLIED[name].document
    assert document == kept
    assert len(json.dumps(patch)) < len(json.dumps(document)) / 5


@EVERY_OVERLAY
def test_a_document_that_was_mended_makes_its_corrections_stale(name):
    mended = APPLIED[name].document
    again = apply(mended, LOADED[name][1])
    assert {each.id for each in again.stale} == {each.id for each in LOADED[name][1].actions}
    assert again.document == mended
