"""
What is known: every bundled target, the names it goes by, and documents that are added or take another's place.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.test_sieve import mixed
from tests.payloads import IMAGE, KLING, NO_SIZE, OVI, RAY, UUID, WAN, kling

import preroll
from preroll import pointer as pointers
from preroll.document import DocumentError
from preroll.pointer import ABSENT
from preroll.registry import Registry, UnknownTarget, data_root
from preroll.unreadable import Unreadable
from preroll.vocabulary import Vocabulary

REGISTRY = Registry.bundled()
MORE = Path(__file__).resolve().parents[2] / "shared" / "documents" / "more"

TASKS = [KLING, RAY, OVI, WAN]
OPERATIONS = {
    # each with its request, branches, own parameters and statuses
    "GET:tasks/{id}": ("GET /v1/tasks/{id}", [], ["path.id"], ["200", "404"]),
    "DELETE:tasks/{id}": ("DELETE /v1/tasks/{id}", [], ["path.id"], ["204"]),
    "image_to_video": (
        "POST /v1/image_to_video",
        ["gen4_turbo", "veo3.1", "gen3a_turbo", "veo3.1_fast", "veo3"],
        [],
        ["200", "429"],
    ),
    "text_to_video": ("POST /v1/text_to_video", ["veo3.1", "veo3.1_fast", "veo3"], [], ["200", "429"]),
    "video_to_video": ("POST /v1/video_to_video", ["gen4_aleph"], [], ["200", "429"]),
    "text_to_image": (
        "POST /v1/text_to_image",
        ["gen4_image_turbo", "gen4_image", "gemini_2.5_flash"],
        [],
        ["200", "429"],
    ),
    "character_performance": ("POST /v1/character_performance", ["act_two"], [], ["200", "429"]),
    "sound_effect": ("POST /v1/sound_effect", ["eleven_text_to_sound_v2"], [], ["200", "429"]),
    "speech_to_speech": ("POST /v1/speech_to_speech", ["eleven_multilingual_sts_v2"], [], ["200", "429"]),
    "text_to_speech": ("POST /v1/text_to_speech", ["eleven_multilingual_v2"], [], ["200", "429"]),
    "voice_dubbing": ("POST /v1/voice_dubbing", ["eleven_voice_dubbing"], [], ["200", "429"]),
    "voice_isolation": ("POST /v1/voice_isolation", ["eleven_voice_isolation"], [], ["200", "429"]),
    "organization": ("GET /v1/organization", [], [], ["200"]),
    "organization/usage": ("POST /v1/organization/usage", [], [], ["200"]),
    "uploads": ("POST /v1/uploads", [], [], ["200", "429"]),
}


def test_every_target_of_the_bundled_documents_is_known():
    branches = [f"{name}#{branch}" for name, each in OPERATIONS.items() for branch in each[1]]
    wanted = {
        *(f"runware/{each}" for each in (*TASKS, "authentication")),
        *(f"runwayml/{each}" for each in (*OPERATIONS, *branches)),
    }
    assert set(REGISTRY.targets) == wanted


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_its_branches_parameters_and_responses(name):
    request, branches, parameters, statuses = OPERATIONS[name]
    target = REGISTRY.targets[f"runwayml/{name}"]
    assert f"{target.method} {target.path}" == request
    assert list(target.branches) == [f"runwayml/{name}#{each}" for each in branches]
    assert [each.key for each in target.parameters] == [*parameters, "header.X-Runway-Version"]
    assert all(each.required and each.schema for each in target.parameters)
    assert list(target.responses) == statuses


@pytest.mark.parametrize("target", REGISTRY.targets.values(), ids=lambda target: target.name)
def test_all_that_a_target_points_to_is_there_and_compiles(target):
    tree = REGISTRY.document(target).intended
    places = [target.schema, target.body, *target.responses.values(), *(each.schema for each in target.parameters)]
    for each in filter(None, places):
        assert pointers.look_up(tree, pointers.parse(each)) is not ABSENT
        for published in (True, False):
            REGISTRY.engine(target, each, published=published)


NAMES = [
    # what people write                    which target
    (f"runware/{KLING}",                   f"runware/{KLING}"),
    (KLING,                                f"runware/{KLING}"),
    (OVI,                                  f"runware/{OVI}"),
    ("runwayml/image_to_video",            "runwayml/image_to_video"),
    ("image_to_video",                     "runwayml/image_to_video"),
    ("POST /v1/image_to_video",            "runwayml/image_to_video"),
    ("post /v1/image_to_video",            "runwayml/image_to_video"),
    ("GET /v1/tasks/{id}",                 "runwayml/GET:tasks/{id}"),
    ("runwayml/image_to_video#gen4_turbo", "runwayml/image_to_video#gen4_turbo"),
    ("image_to_video#gen4_turbo",          "runwayml/image_to_video#gen4_turbo"),
    ("authentication",                     "runware/authentication"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "target"), NAMES)
def test_a_target_goes_by_several_names(name, target):
    assert REGISTRY.resolve(name).name == target


@pytest.mark.parametrize("target", REGISTRY.targets.values(), ids=lambda target: target.name)
def test_an_operation_id_is_a_name_while_only_one_has_it(target):
    if target.operation_id and not target.branch_of:
        assert REGISTRY.resolve(target.operation_id) is target


UNKNOWN = [
    # name                        words
    ("POST /",                    "could mean runware/"),
    ("image_to_vidoe",            "did you mean runwayml/image_to_video"),
    ("klingai:kling-video@o3",    f"did you mean runware/{KLING}"),
    ("runware/klingai:kling@o3",  "did you mean"),
    ("",                          "is no known target"),
    ("nonsense",                  "`preroll targets` lists what is known"),
    ("GET /v1/image_to_video",    "is no known target"),
    ("#gen4_turbo",               "is no known target"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "words"), UNKNOWN)
def test_another_name_is_refused_with_the_nearest(name, words):
    with pytest.raises(UnknownTarget) as caught:
        REGISTRY.resolve(name)
    assert words in str(caught.value)


# --- other documents ---


def bundled_document(name: str) -> Path:
    [path] = data_root().glob(f"*/{name}.openapi.json")
    return path


def body_document(
    schema, *, title="Strange API", path="/v2/make", server="https://api.strange.example"
) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "2"},
        "servers": [{"url": server}],
        "paths": {
            path: {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}}
        },
    }


@pytest.mark.parametrize("path", sorted(MORE.glob("*.openapi.*")) or [None], ids=lambda path: path and path.name)
def test_other_real_documents_load(path):
    if path is None:
        pytest.skip("no further documents here: 0 tried")
    started = time.monotonic()
    registry = Registry.load(path, bundled=False)
    for target in registry.targets.values():
        for each in filter(None, (target.schema, *target.responses.values())):
            registry.engine(target, each)
    assert time.monotonic() - started < 2  # a limit of its own, not a benchmark
    assert registry.targets
    assert all("\n" not in each and " " not in each for each in registry.targets)


@pytest.mark.skipif(not MORE.is_dir(), reason="no further documents here")
def test_all_of_them_beside_the_bundled_ones():
    registry = Registry.load(MORE)
    assert f"runware/{KLING}" in registry.targets
    assert "runware/minimax:h3@max" in registry.targets
    vendors = {name.partition("/")[0] for name in registry.targets}
    assert vendors == {"runware", "runwayml", "bfl-api", "dream-machine-api", "recraft.ai-external-api"}


NEW_VENDORS = [
    # title                     target
    ("Strange API",             "strange-api/make"),
    ("  Größe & Co.  ",         "gr-e-co./make"),
    ("日本",                     "document/make"),
    ("V2.0",                    "v2.0/make"),
    ("a/b#c",                   "a-b-c/make"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "name"), NEW_VENDORS)
def test_an_unknown_vendor_is_named_after_the_title(title, name):
    registry = Registry.of(body_document({"type": "object"}, title=title))
    assert list(registry.targets) == [name]


def test_an_unknown_vendor_has_no_rules_and_no_envelope():
    schema = {"type": "object", "properties": {"model": {"const": "x"}, "size": {"type": "integer", "maximum": 5}}}
    registry = Registry.of(body_document(schema), bundled=True)
    report = preroll.check({"model": "x", "size": 9}, registry=registry)
    assert (report.target, [each.rule for each in report.violations]) == ("strange-api/make", ["maximum"])
    assert not list(registry.rules(registry.targets["strange-api/make"]))


def test_a_document_takes_the_place_of_the_bundled_one_of_the_same_target(tmp_path):
    tree = json.loads(bundled_document("klingai-kling-video-o3-pro").read_text(encoding="utf-8"))
    tree["info"]["version"] = "9.9.9"
    tree["components"]["schemas"]["RequestBody"]["items"]["properties"]["duration"]["maximum"] = 4
    (tmp_path / "kling.json").write_text(json.dumps(tree), encoding="utf-8")
    registry = Registry.load(tmp_path / "kling.json")
    assert set(registry.targets) == set(REGISTRY.targets)
    [violation] = preroll.check([kling(duration=5)], registry=registry).violations
    assert (violation.rule, violation.document) == ("maximum", f"{tree['info']['title']} 9.9.9")
    assert preroll.check([kling(duration=5)]).verdict == "valid"
    # Its vendor's corrections and rules hold for it as far as they fit.
    frames = [kling(**NO_SIZE, inputs={"frameImages": [{"image": IMAGE, "frame": "first"}]}, duration=4)]
    assert preroll.check(frames, registry=registry).verdict == "valid"
    assert not registry.document(registry.targets[f"runware/{KLING}"]).stale


def test_a_folder_is_read_whole(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.json").write_text(json.dumps(body_document({"type": "object"}, title="A")), encoding="utf-8")
    (tmp_path / "inner" / "b.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: B, version: '1'}\npaths: {}\n", encoding="utf-8"
    )
    (tmp_path / "notes.txt").write_text("not a document", encoding="utf-8")
    assert [each.title for each in Registry.load(tmp_path, bundled=False).documents] == ["A", "B"]


def test_one_schema_alone_is_a_target():
    schema = {"title": "Clip Job", "type": "object", "properties": {"length": {"maximum": 5}}, "required": ["length"]}
    registry = Registry.of(schema)
    [target] = registry.targets.values()
    assert target.name.endswith("/clip-job")
    assert [each.rule for each in preroll.check({"length": 9}, target, registry=registry).violations] == ["maximum"]


def test_an_answer_of_the_schema_service_is_a_target_like_the_document():
    tree = json.loads(bundled_document("klingai-kling-video-o3-pro").read_text(encoding="utf-8"))
    answer = {
        "requestSchema": tree["components"]["schemas"]["RequestBody"]["items"],
        "responseSchema": None,
        "documentation": "https://example.com/docs",
    }
    registry = Registry.of(answer)
    [target] = [each for each in registry.targets.values() if not each.companion]
    assert target.name == f"runware/{KLING}"
    for payload in ([kling()], [kling(duration=99)], [kling(width=1280, height=720)], [kling(positvePrompt="A fox")]):
        there = [(each.rule, each.pointer) for each in preroll.check(payload, registry=registry).violations]
        here = [(each.rule, each.pointer) for each in preroll.check(payload).violations]
        assert there == here


def test_registries_are_immutable():
    with pytest.raises(TypeError):
        REGISTRY.targets["a/b"] = None  # type: ignore[index]  # that is the point
    before = dict(REGISTRY.targets)
    Registry.of(body_document({"type": "object"}), bundled=True)
    assert dict(REGISTRY.targets) == before


REFUSED: list[tuple[Any, str | None]] = [
    # tree                                                             words
    ({}, "neither an OpenAPI document nor a JSON Schema"),
    ([], "neither an OpenAPI document nor a JSON Schema"),
    (None, "neither an OpenAPI document nor a JSON Schema"),
    ("text", "neither an OpenAPI document nor a JSON Schema"),
    ({"swagger": "2.0"}, "Swagger 2.0 is not read"),
    ({"openapi": "2.0"}, "OpenAPI 2.0 is not read"),
    ({"openapi": "4.0.0"}, "OpenAPI 4.0.0 is not read"),
    ({"openapi": 3.1}, None),
    ({"openapi": "3.1.0"}, None),
    ({"openapi": "3.2.0", "info": {}, "paths": {}}, None),
    ({"openapi": "3.1.0", "paths": 5}, None),
    ({"openapi": "3.1.0", "paths": {"/a": 5}}, None),
    ({"openapi": "3.1.0", "paths": {"/a": {"post": 5}}}, None),
    ({"openapi": "3.1.0", "paths": {"/a": {"post": {"requestBody": 5}}}}, None),
    ({"openapi": "3.1.0", "paths": {"/a": {"post": {"parameters": [5], "responses": []}}}}, None),
    ({"openapi": "3.1.0", "info": 5, "servers": 5}, None),
    ({"openapi": "3.1.0", "servers": [5, {"url": 5}]}, None),
    ({"openapi": "3.1.0", "components": []}, None),
    ({"openapi": "3.1.0", "paths": {"/a": {"post": {"requestBody": {"$ref": "#/nowhere"}}}}}, "leads nowhere"),
    ({"openapi": "3.1.0", "paths": {"/a": {"$ref": "other.yaml"}}}, "leads outside this document"),
    ({"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}}, "leads back to itself"),
    (
        {"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}},
        "leads back to itself",
    ),
    (body_document({"$ref": "#/components/schemas/A"}), "leads nowhere"),
    (body_document({"$ref": "https://example.com/a.json"}), "nothing is fetched"),
    (body_document(5), None),
    (body_document({"properties": 5}), None),
    (body_document({"required": 5}), None),
    (body_document({"required": [5]}), None),
    (body_document({"type": "text"}), None),
    (body_document({"enum": 5}), None),
    (body_document({"maximum": "5"}), None),
    (body_document({"pattern": "("}), None),
    (body_document({"oneOf": {}}), None),
    (body_document({"dependentRequired": {"a": "b"}}), None),
    (body_document({"if": 5, "then": {}}), None),
    (body_document({"multipleOf": 0}), None),
    (body_document({"minLength": -1}), None),
    (body_document({"discriminator": 5, "oneOf": [{}]}), None),
]


@pytest.mark.parametrize(("tree", "words"), REFUSED)
def test_a_document_is_used_or_refused_but_never_crashes(tree, words):
    try:
        registry = Registry.of(tree, "strange.json")
        for target in registry.targets.values():
            if target.schema:
                preroll.check({"a": 1, "size": "x"}, target, registry=registry)
    except DocumentError as error:
        assert str(error).startswith("strange.json")  # noqa: PT017  # both ways are fine, when words say nothing
        assert words is None or words in str(error)  # noqa: PT017
    else:
        assert words is None


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Unreadable, match=r"nowhere\.json"):
        Registry.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    "text",
    [
        "openapi: 3.1.0\ninfo: {title: A, version: 1}\npaths: {/make: {post: {responses: {200: {description: y}}}}}\n",
        "openapi: '3.0.3'\ninfo:\n  title: A\npaths:\n  /make:\n    post:\n      responses:\n        '200': {}\n",
    ],
)
def test_yaml_documents_are_read_as_openapi_is_written(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    registry = Registry.load(path, bundled=False)
    assert list(registry.targets["a/make"].responses) == ["200"]


def test_one_path_with_several_methods_and_versions():
    operation: dict[str, Any] = {"responses": {}}
    tree = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {
            "/v1/task/{id}": {"get": operation, "delete": operation},
            "/v2/task/{id}": {"get": operation},
            "/v1/make": {"post": operation},
        },
    }
    registry = Registry.of(tree)
    assert len(registry.targets) == 4
    assert {"a/GET:task/{id}", "a/DELETE:task/{id}", "a/make"} <= set(registry.targets)


def test_parameters_of_a_path_belong_to_its_operations():
    tree = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "components": {"parameters": {"Page": {"name": "page", "in": "query", "schema": {"type": "integer"}}}},
        "paths": {
            "/list": {
                "parameters": [
                    {"$ref": "#/components/parameters/Page"},
                    {"name": "id", "in": "path", "required": True},
                ],
                "get": {"parameters": [{"name": "page", "in": "query", "schema": {"type": "string"}}], "responses": {}},
            }
        },
    }
    registry = Registry.of(tree)
    [target] = registry.targets.values()
    assert [each.key for each in target.parameters] == ["query.page", "path.id"]
    assert (
        preroll.check(ABSENT, target, registry=registry, parameters={"query.page": "x", "path.id": UUID}).verdict
        == "valid"
    )


def test_the_documents_are_a_referencing_registry():
    resources = REGISTRY.resources
    resolver = resources.resolver("preroll:runware/ovi.openapi.json")
    found = resolver.lookup("#/components/schemas/RequestBody").contents
    assert found["type"] == "array"


def test_a_self_contained_schema_needs_nothing_else():
    for target in REGISTRY.targets.values():
        if target.schema:
            schema = REGISTRY.schema(target)
            text = json.dumps(schema)
            assert '"$ref": "#/components' not in text
            assert '"$id"' not in text


@pytest.mark.parametrize("seed", range(3))
def test_the_names_that_are_kept_are_those_that_a_body_makes_known(seed):
    registry = Registry.bundled()
    rng = random.Random(seed)
    for _ in range(25):
        body = mixed(rng)
        for target in registry.targets.values():
            if target.described:
                formula = registry.assertions(target).formula(target.schema)
                known = Vocabulary(registry.truth(target), formula).names((), body).known
                assert set(registry.names(target, body)) == set(known), target.name
