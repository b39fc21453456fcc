"""
Requests: what OpenAPI says around the schemas, and does not say as it seems to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preroll import phrases
from preroll import pointer as pointers
from preroll.audit import keywords
from preroll.audit.finding import ERROR, NOTE, WARNING, Kind, Place
from preroll.audit.subject import Node, Subject, update
from preroll.pointer import ABSENT

_BODY = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def _document(body: Any, **around: Any) -> Any:
    """A minimal document with one operation."""
    operation = {
        "operationId": "make",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}, **around},
        "responses": {"204": {"description": "done"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "minimal", "version": "1"},
        "paths": {"/v1/make": {"post": operation}},
    }


def _response(schema: Any) -> Any:
    document = _document(_BODY)
    answer = {"description": "done", "content": {"application/json": {"schema": schema}}}
    document["paths"]["/v1/make"]["post"]["responses"] = {"200": answer}
    return document


def _union(discriminator: Any) -> Any:
    one = {
        "type": "object",
        "properties": {"kind": {"const": "one"}},
        "required": ["kind"],
        "additionalProperties": False,
    }
    two = {**one, "properties": {"kind": {"const": "two"}}}
    return _document({"oneOf": [one, two], **discriminator})


OPTIONAL_BODY = Kind(
    id="request-body-optional",
    level=WARNING,
    title="a request body that may be left out, though nothing works without it",
    why="`required` of a request body is false unless it is said: generated clients and validators take a request "
    "without any body.",
    instead="Add `required: true` to the request body.",
    example=_document(_BODY, required=False),
    mended=_document(_BODY),
)

EMPTY_ARRAY = Kind(
    id="empty-request-accepted",
    level=WARNING,
    title="a request that is an array, and may be empty",
    why="A request without any task is valid, and does nothing.",
    instead="Add `minItems: 1`.",
    example=_document({"type": "array", "items": _BODY}),
    mended=_document({"type": "array", "items": _BODY, "minItems": 1}),
)

INLINE = Kind(
    id="discriminator-over-inline-branches",
    level=NOTE,
    title="a discriminator whose branches are written out in place",
    why="OpenAPI lets a discriminator choose among named schemas only, so this one chooses nothing: each branch "
    "is tried, and an error lists the faults of all of them.",
    instead="Put the branches under `components/schemas` and refer to them, with a `mapping`.",
    example=_union({"discriminator": {"propertyName": "kind"}}),
    mended=_union({}),
)

SINGLE = Kind(
    id="discriminator-on-one-branch",
    level=NOTE,
    title="a discriminator with nothing to choose from",
    why="There is one branch only.",
    instead="Leave the discriminator out until there is a second branch.",
    example=_document({"oneOf": [_BODY], "discriminator": {"propertyName": "a"}}),
    mended=_document({"oneOf": [_BODY]}),
)

ASTRAY = Kind(
    id="discriminator-leads-nowhere",
    level=ERROR,
    title="a discriminator whose property or mapping does not fit its branches",
    why="Tools that follow it choose a branch that does not exist, or find no value to choose by.",
    instead="Name a property that every branch has and demands, and map to schemas that are there.",
    example=_union({"discriminator": {"propertyName": "sort"}}),
    mended=_union({}),
)

UNDESCRIBED = Kind(
    id="response-undescribed",
    level=NOTE,
    title="an object in a response of which nothing is described",
    why="Any answer is valid, so no client can be checked against it, and no change of it is seen.",
    instead="Describe its properties.",
    example=_response({"type": "object", "properties": {"data": {"type": "array", "items": {"type": "object"}}}}),
    mended=_response({"type": "object", "properties": {"data": {"type": "array", "items": {"type": "string"}}}}),
)

KINDS = (OPTIONAL_BODY, EMPTY_ARRAY, INLINE, SINGLE, ASTRAY, UNDESCRIBED)


def check(subject: Subject) -> Iterator[Place]:
    """Bodies and responses of every operation, and every discriminator."""
    yield from _bodies(subject)
    yield from _responses(subject)
    for node in subject.nodes:
        if isinstance(node.schema.get("discriminator"), dict):
            yield from _discriminator(subject, node)


def _bodies(subject: Subject) -> Iterator[Place]:
    for target in subject.operations:
        where = f"/paths{pointers.text((target.path,))}/{target.method.lower()}/requestBody"
        body = pointers.look_up(subject.tree, pointers.parse(where)) if target.path else ABSENT
        if isinstance(body, dict) and isinstance(body.get("$ref"), str):
            where = body["$ref"].removeprefix("#")
            body = pointers.look_up(subject.tree, pointers.parse(where))
        if isinstance(body, dict) and body.get("required") is not True and "content" in body:
            schema = target.body or target.schema
            needs = schema and subject.refuses(schema, {}) is not None
            yield Place(
                OPTIONAL_BODY,
                where,
                "the body may be left out"
                + (", though it has properties that must be given" if needs else ": `required: true` is missing"),
                {},
                (update(where, {"required": True}),),
                (target.name,),
            )
        if target.body:
            at, schema = subject.follow(target.body)
            declared = schema.get("type") if isinstance(schema, dict) else None
            if declared == "array" and subject.engine(at) is not None and subject.refuses(at, []) is None:
                yield Place(
                    EMPTY_ARRAY,
                    at,
                    "an array without any item is a valid request",
                    {"payload": []},
                    (update(at, {"minItems": 1}),),
                    (target.name,),
                )


def _discriminator(subject: Subject, node: Node) -> Iterator[Place]:
    discriminator = node.schema["discriminator"]
    at = f"{node.pointer}/discriminator"
    keyword = next((each for each in ("oneOf", "anyOf") if isinstance(node.schema.get(each), list)), None)
    name, mapping = discriminator.get("propertyName"), discriminator.get("mapping")
    for value, reference in mapping.items() if isinstance(mapping, dict) else ():
        plain = str(reference)
        target = plain.removeprefix("#") if plain.startswith("#") else f"/components/schemas/{plain}"
        if not plain.startswith(("#/", "http")) and "/" in plain:
            continue
        if pointers.look_up(subject.tree, pointers.parse(target) if target.startswith("/") else ()) is ABSENT:
            yield Place(
                ASTRAY,
                f"{at}/mapping{pointers.text((str(value),))}",
                f"the mapping of {value} leads to {plain}, which is not there",
            )
    if keyword is None:
        return
    branches = node.schema[keyword]
    if len(branches) == 1:
        yield Place(SINGLE, at, "it has one branch, so there is nothing to choose")
    inline = [index for index, each in enumerate(branches) if isinstance(each, dict) and "$ref" not in each]
    if inline and len(branches) > 1:
        how = "it has no mapping and " if not mapping else ""
        told = (
            "all branches are"
            if len(inline) == len(branches)
            else f"{phrases.count(len(inline), 'branch')}".replace("branchs", "branches")
            + (" is" if len(inline) == 1 else " are")
        )
        yield Place(INLINE, at, f"{how}{told} written out in place, so it chooses nothing", {"property": name})
    if isinstance(name, str) and name:
        for index in range(len(branches)):
            speakers = subject.speakers(f"{node.pointer}/{keyword}/{index}").get((), ())
            described = any(name in (each.schema.get("properties") or {}) for each in speakers)
            plain_types = {name for each in speakers for name in keywords.types(each.schema)}
            if not described and (not plain_types or "object" in plain_types):
                yield Place(
                    ASTRAY,
                    at,
                    f"it chooses by {name}, which branch {index} does not describe",
                    {"places": [f"{node.pointer}/{keyword}/{index}"]},
                )


_EMPTY = frozenset(
    ("type", "title", "description", "example", "examples", "deprecated", "nullable", "default", "$comment")
)


def _responses(subject: Subject) -> Iterator[Place]:
    told: set[str] = set()
    for target in subject.operations:
        for status, schema in target.responses.items():
            if not status.startswith("2") or not schema:
                continue
            for speakers in subject.speakers(schema).values():
                if len(speakers) != 1 or speakers[0].negated:
                    continue
                each = speakers[0]
                plain = {key for key in each.schema if not key.startswith("x-")}
                if each.schema.get("type") == "object" and plain <= _EMPTY and each.pointer not in told:
                    told.add(each.pointer)
                    yield Place(UNDESCRIBED, each.pointer, f"nothing is said of this object of a {status} response")
