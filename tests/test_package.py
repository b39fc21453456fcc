"""
The house itself: the data is what was published, and the code knows no vendor.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "schemas"
DOCUMENTS = sorted(SCHEMAS.glob("*/*.openapi.json"))
SOURCES = sorted(
    path
    for top in ("validator", "fuzz")
    for path in (ROOT / top).rglob("*")
    if path.is_file() and path.suffix != ".pyc"
)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the data is what was published ---


def records(table: Any) -> Iterator[dict[str, Any]]:
    if isinstance(table, dict):
        if "sha256" in table:
            yield table
        for each in table.values():
            yield from records(each)
    elif isinstance(table, list):
        for each in table:
            yield from records(each)


RECORDS = list(records(tomllib.loads((SCHEMAS / "sources.toml").read_text(encoding="utf-8"))))


def test_every_published_document_is_recorded_once():
    assert sorted(f"{each['vendor']}/{each['file']}" for each in RECORDS) == [
        each.relative_to(SCHEMAS).as_posix() for each in DOCUMENTS
    ]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["file"])
def test_a_document_is_byte_for_byte_the_published_one(record):
    assert hashlib.sha256((SCHEMAS / record["vendor"] / record["file"]).read_bytes()).hexdigest() == record["sha256"]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["file"])
@pytest.mark.parametrize("fact", ["vendor", "title", "version", "origin"])
def test_a_document_says_where_it_comes_from(record, fact):
    assert record[fact]


# --- the code knows no vendor ---
#
# The names are read out of the documents, so a new document extends the law by itself. Two rules, because
# `taskUUID` can only come from a vendor and `width` can come from anywhere:
#
# 1. A *distinctive* name must not stand anywhere in a source file: not in code, comments, docstrings or
#    messages. Distinctive are vendors, models and the parts of their identifiers (in any case), documented
#    request headers, and those properties, constants and path segments that no English sentence holds:
#    camelCase, snake_case, or with digits.
# 2. A *plain* property name ("width", "model", "duration") must not be a key with which code reaches into
#    something: no subscript, no `.get`, no `in`, no key of a `case`, no step of a path ("/inputs/video",
#    "$.settings.hdr"). Prose, Python's own names (`width = 80`) and examples of our own may use English.
#
# What passes in spite of that stands in the three tables below with its reason. An entry that excuses nothing
# fails.

EVERYWHERE = {
    # plain names that the formats we live by, JSON Schema and OpenAPI, spell the same way
    "apiKey": "OpenAPI: a type of security scheme",
    "code": "SARIF, HTTP: which error it is",
    "date": "a format of JSON Schema; a fact about every document",
    "description": "a keyword of JSON Schema and OpenAPI",
    "error": "a severity of ours",
    "id": "how every report format names a finding",
    "message": "SARIF, JUnit and our reports: the sentence",
    "parameter": "OpenAPI: a part of a request",
    "tags": "OpenAPI: labels of an operation",
    "type": "a keyword of JSON Schema",
    "uri": "a format of JSON Schema",
}

IN_ONE_MODULE = {
    # (module, plain name): what it means there, which is nothing of a vendor's
    ("validator/preroll/constraints/text.py", "prompt"): "an English hint, in a member's name, at what to write",
    ("validator/preroll/envelope.py", "documentation"): "a field of our envelope.yaml",
    ("validator/preroll/refusals/decoding.py", "documentation"): "a fact of our own complaints: where to read on",
    ("validator/preroll/refusals/problem.py", "status"): "RFC 9457: the HTTP status, repeated in the body",
    ("validator/preroll/refusals/zod.py", "errors"): "that validator's word for the issues of a union's branches",
    ("validator/preroll/rules/media_input.py", "media"): "a fact of our own finding: the families of media",
}

VENDOR_FORMATS: dict[str, str] = {
    # modules that read a format of one vendor's own making and therefore name its parts
    "validator/preroll/refusals/runware.py": "the errors that this vendor answers with",
    "validator/preroll/refusals/runwayml.py": "the errors and failed tasks that this vendor answers with",
    "validator/preroll/refusals/formats.py": "the table of the readers, by the names of their modules",
}

EXCUSED = {ROOT / each for each in VENDOR_FORMATS}


def schemas_within(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document; a map of properties counts as a map, not as a schema."""
    if isinstance(node, dict):
        yield node
        for key, each in node.items():
            if key == "properties" and isinstance(each, dict):
                for schema in each.values():
                    yield from schemas_within(schema)
            else:
                yield from schemas_within(each)
    elif isinstance(node, list):
        for each in node:
            yield from schemas_within(each)


def is_distinctive(name: str) -> bool:
    return re.search(r"[a-z][A-Z]|[a-z]_|[A-Za-z]\d", name) is not None


def names_of(document: Any) -> tuple[set[str], set[str], set[str]]:
    """Properties, other distinctive names, and identifiers (of models and vendors) that a document brings."""
    properties: set[str] = set()
    others: set[str] = set()
    identifiers = {str(document["info"]["title"])}
    for node in schemas_within(document):
        members = node.get("properties")
        if isinstance(members, dict):
            properties |= members.keys()
            model = members.get("model")
            if isinstance(model, dict):
                identifiers |= {each for each in (model.get("const"), *model.get("enum", ())) if each}
        if isinstance(node.get("const"), str) and is_distinctive(node["const"]):
            others.add(node["const"])
        if str(node.get("name", "")).startswith("X-"):
            others.add(node["name"])
    for path in document["paths"]:
        others |= {each for each in path.split("/") if re.fullmatch(r"[a-z]+(_[a-z]+)+", each)}
    return properties, others, identifiers


def any_of(names: set[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


def law() -> tuple[set[str], re.Pattern[str], set[str]]:
    """All properties of the documents; the pattern of all distinctive names; and the plain properties."""
    properties: set[str] = set()
    exact: set[str] = set()
    identifiers = {path.parent.name for path in DOCUMENTS} | {str(each["vendor"]) for each in RECORDS}
    for path in DOCUMENTS:
        some_properties, others, some_identifiers = names_of(json.loads(path.read_text(encoding="utf-8")))
        properties |= some_properties
        exact |= others
        identifiers |= some_identifiers
    exact |= {each for each in properties if is_distinctive(each)}
    exact -= EVERYWHERE.keys()
    makers = {each.partition(":")[0] for each in identifiers if ":" in each}
    plain = properties - exact - makers
    # `maker:family-kind@version` names the maker and the family too; three letters ("ray") are no evidence.
    parts = {part for each in identifiers if ":" in each for part in re.split("[:@-]", each)}
    titles = {word for each in identifiers for word in each.split() if re.search(r"[a-z]\d", word)}
    spoken = {each for each in identifiers | parts | titles if len(each) > 3 and each not in plain}
    pattern = rf"(?<![A-Za-z0-9])(?:{any_of(exact)}|(?i:{any_of(spoken)}))(?![A-Za-z0-9])"
    return properties, re.compile(pattern), plain


PROPERTIES, DISTINCTIVE, PLAIN = law()


def keys_in(source: str) -> Iterator[tuple[int, str]]:
    """The strings with which code reaches into something, and the steps of those that are paths, by line."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        reaching: list[ast.expr] = []
        match node:
            case ast.Subscript(slice=key):
                reaching = [key]
            case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[key, *_]):
                reaching = [key]
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()]):
                reaching = [key]
            case ast.MatchMapping(keys=keys):
                reaching = list(keys)
            case ast.Constant(value=str(text)) if id(node) not in prose and re.fullmatch(r"[/$]\S+[/.]\S+", text):
                yield from ((node.lineno, step) for step in re.split(r"[/.$*\[\]'\"]+", text) if step)
        for key in reaching:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.lineno, key.value


def named_in(source: str, *, is_code: bool = True) -> Iterator[tuple[int, str]]:
    """Where a source file names a vendor's things: line and name."""
    for number, line in enumerate(source.splitlines(), start=1):
        for found in DISTINCTIVE.finditer(line):
            yield number, found.group()
    if is_code:
        for number, key in keys_in(source):
            if key in PLAIN and key not in EVERYWHERE:
                yield number, key


@pytest.mark.parametrize("path", [each for each in SOURCES if each not in EXCUSED], ids=relative)
def test_the_code_names_no_vendor_no_model_and_no_property_of_theirs(path):
    named = named_in(path.read_text(encoding="utf-8"), is_code=path.suffix == ".py")
    assert [
        f"{relative(path)}:{line} names {name!r}" for line, name in named if (relative(path), name) not in IN_ONE_MODULE
    ] == []


@pytest.mark.parametrize(("module", "name"), [*IN_ONE_MODULE, *((each, None) for each in VENDOR_FORMATS)])
def test_an_excused_module_needs_the_excuse(module, name):
    named = {each for _, each in named_in((ROOT / module).read_text(encoding="utf-8"))}
    assert named if name is None else name in named


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_name_excused_everywhere_is_one_that_a_vendor_uses(name):
    assert name in PROPERTIES


PLANTED = [
    # source                                            what the law finds
    ('payload["taskUUID"]',                             ["taskUUID"]),
    ("# unlike Runware",                                ["Runware"]),
    ('if name == "klingai:kling-video@o3-pro": ...',    ["klingai:kling-video@o3-pro"]),
    ('"""Kling asks for it."""',                        ["Kling"]),
    ('post("/v1/image_to_video")',                      ["image_to_video"]),
    ('headers["X-Runway-Version"]',                     ["X-Runway-Version"]),
    ('if maker == "klingai": ...',                      ["klingai"]),
    ('payload.get("width")',                            ["width"]),
    ('payload["duration"] = 5',                         ["duration"]),
    ('if "video" in inputs: ...',                       ["video"]),
    ('look_up(payload, "/inputs/frameImages")',         ["frameImages", "inputs"]),
    ('select("$.settings.hdr")',                        ["settings", "hdr"]),
    ('match body:\n    case {"model": str(name)}: ...', ["model"]),
    ('"""Two places: the width and the height."""',     []),
    ("width = console.width",                           []),
    ('say("the model has no such duration")',           []),
    ('schema.get("type")',                              []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "found"), PLANTED)
def test_the_law_finds_what_is_planted_and_nothing_else(source, found):
    assert [name for _, name in named_in(source)] == found
