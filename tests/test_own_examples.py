"""
The documents' own examples, defaults, fragments of JSON in prose, and code samples, each checked in its place.

What is refused is either refused rightly, with the reason in a table here, or mended by a correction.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.payloads import KLING, NO_SIZE, OVI, RAY, WAN, kling, ovi, ray, wan

import preroll
from preroll import pointer as pointers
from preroll.document import OPENAPI, schema_roots, subschemas
from preroll.registry import Registry

REGISTRY = Registry.bundled()
DOCUMENTS = {each: REGISTRY.document(each) for each in dict.fromkeys(one.document for one in REGISTRY.targets.values())}


def schemas(tree: Any) -> Iterator[tuple[pointers.Path, dict[str, Any]]]:
    """Every schema of a document with its place."""
    stack = [(path, pointers.look_up(tree, path)) for path in schema_roots(tree, OPENAPI)]
    while stack:
        path, schema = stack.pop()
        if isinstance(schema, dict):
            yield path, schema
            stack.extend(((*path, *inner), each) for inner, each in subschemas(schema))


def any_target(key: str):
    return next(each for each in REGISTRY.targets.values() if each.document == key)


# --- examples and defaults of schemas ---

VALUES = [
    (key, pointers.text((*path, keyword)), value)
    for key, document in DOCUMENTS.items()
    for path, schema in schemas(document.raw)
    for keyword, values in (
        ("example", [schema["example"]] if "example" in schema else []),
        ("examples", schema.get("examples", [])),
        ("default", [schema["default"]] if "default" in schema else []),
    )
    for value in (values if isinstance(values, list) else [])
]


def wrong(place: str, value: Any) -> str:
    """Why the vendor's own value is rightly refused in its place; "" for all others."""
    if place.endswith("/anyOf/1/example") and value == "runway://":
        return "an upload's address without the upload, shorter than the schema asks for"
    media = re.search(r"/(videoUri|audioUri|reference/oneOf/0|character/oneOf/1|media/oneOf/\d)/", place)
    if media and isinstance(value, str) and value.startswith("data:image/"):
        return "a picture, copied to a place that takes sound or video"
    return ""


def test_the_documents_bring_examples_and_defaults():
    assert len(VALUES) > 100


@pytest.mark.parametrize(("key", "place", "value"), VALUES, ids=lambda each: str(each)[-60:])
def test_a_value_of_the_vendor_fits_its_own_schema(key, place, value):
    schema = place.rpartition("/")[0]
    assert REGISTRY.engine(any_target(key), schema).is_valid(value) is not bool(wrong(place, value))


# --- examples of bodies ---

BODIES = [
    (target.name, status, name, example["value"])
    for target in REGISTRY.targets.values()
    for status, schema in target.responses.items()
    if schema
    for holder in [pointers.look_up(DOCUMENTS[target.document].raw, pointers.parse(schema)[:-1])]
    for name, example in (holder.get("examples", {}) if isinstance(holder, dict) else {}).items()
]


@pytest.mark.parametrize(("target", "status", "name", "value"), BODIES, ids=lambda each: str(each)[:40])
def test_an_example_of_an_answer_is_valid(target, status, name, value):
    report = preroll.check(value, target, response=status)
    assert [each.pointer for each in report.violations] == []


def test_there_are_such_examples():
    assert len(BODIES) >= 5


# --- fragments of JSON in descriptions ---

BASE = {
    # a task into which fragments are put
    KLING: lambda: kling(**NO_SIZE),
    RAY: lambda: ray(**NO_SIZE),
    OVI: ovi,
    WAN: lambda: wan(**NO_SIZE),
}


def fragments() -> Iterator[tuple[str, str, str]]:
    """Target, address of the property that is described, and the text of the fragment."""
    for name in BASE:
        target = REGISTRY.targets[f"runware/{name}"]
        tree = DOCUMENTS[target.document].raw
        for path, schema in schemas(tree):
            for text in re.findall(r"```json\n(.*?)```", str(schema.get("description", "")), re.DOTALL):
                yield name, pointers.text(path), text


def placed(name: str, place: str, text: str) -> dict[str, Any]:
    """A task with the members of a fragment in the object that knows them: that of the property, or the task."""
    members = json.loads("{" + text + "}")
    steps = re.findall(r"/properties/(\w+)", place)
    task = BASE[name]()
    owner = task
    if steps[-1] in members:
        for step in steps[:-1]:
            owner = owner.setdefault(step, {})
    else:
        task |= {"width": 1920, "height": 1080}
    owner |= members
    return task


FRAGMENTS = list(fragments())

THREE = "the prose is shared by many models; this one takes two frames (maxItems)"


def refused(name: str, text: str) -> str:
    """Why a fragment is rightly refused; "" for all others."""
    return THREE if name in (KLING, WAN) and text.count('"image"') > 2 else ""


def test_there_are_fragments():
    assert len(FRAGMENTS) >= 12


@pytest.mark.parametrize(("name", "place", "text"), FRAGMENTS, ids=lambda each: each[-30:])
def test_a_fragment_of_the_prose_is_accepted(name, place, text):
    report = preroll.check([placed(name, place, text)], f"runware/{name}")
    told = [(each.rule, each.pointer) for each in report.violations if each.severity != "info"]
    assert told == ([("max-items", "/0/inputs/frameImages")] if refused(name, text) else [])


def test_corrections_mend_what_the_documents_refuse_against_their_own_prose():
    """As published, every first frame of Kling and Wan is refused."""
    for name, place, text in FRAGMENTS:
        report = preroll.check([placed(name, place, text)], f"runware/{name}", as_published=True)
        frames = "frameImages" in text and name in (KLING, WAN)
        assert (report.verdict == "invalid") is frames


# --- code samples ---


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Operation and body of each call in the Python samples; names in snake case are the SDK's."""
    for target in REGISTRY.targets.values():
        operation = pointers.look_up(DOCUMENTS[target.document].raw, ("paths", target.path, target.method.lower()))
        if target.branch_of or not isinstance(operation, dict):
            continue
        for sample in operation.get("x-codeSamples", ()):
            if sample["lang"] != "Python":
                continue
            for node in ast.walk(ast.parse(sample["source"])):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".create"):
                    meant = ast.unparse(node.func).split(".")[1]
                    yield f"runwayml/{meant}", {camel(each.arg or ""): literal(each.value) for each in node.keywords}


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def literal(node: ast.expr) -> Any:
    """The value of an argument; a variable stands for something uploaded before."""
    return "runway://" + "a" * 40 if isinstance(node, ast.Name) else ast.literal_eval(node)


SAMPLES = list(samples())

SAMPLE_FAULTS = {
    # (operation, model): what the vendor's own sample gets wrong
    ("runwayml/image_to_video", "gen4_turbo"): [("required", "")],  # ratio is left out
    ("runwayml/voice_isolation", "eleven_voice_isolation"): [("misspelt-property", "/audioUrl")],  # audioUri
}


def test_there_are_samples():
    assert len(SAMPLES) >= 12


@pytest.mark.parametrize(("target", "body"), SAMPLES, ids=lambda each: each if isinstance(each, str) else "")
def test_a_code_sample_is_accepted_or_its_slip_is_told(target, body):
    report = preroll.check(body, target)
    found = [(each.rule, each.pointer) for each in report.violations if each.severity == "error"]
    assert found == SAMPLE_FAULTS.get((target, body["model"]), [])


def test_every_listed_slip_is_still_there():
    known = {(target, body["model"]) for target, body in SAMPLES}
    assert set(SAMPLE_FAULTS) <= known
