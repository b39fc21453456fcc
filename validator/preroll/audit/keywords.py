"""
Keywords: those without force, those of older drafts, and those that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preroll import dialect, phrases, spelling
from preroll import pointer as pointers
from preroll.audit.finding import ERROR, NOTE, WARNING, Kind, Place
from preroll.audit.subject import Node, Subject, remove, update

_CLOSED = {"type": "object", "additionalProperties": False}

DEPENDENCIES = Kind(
    id="dependencies-without-force",
    level=WARNING,
    title="`dependencies`, which has no force in JSON Schema 2020-12",
    why="Validators that follow the specification ignore it, others apply it: they disagree about payloads.",
    instead="Write `dependentRequired` or `dependentSchemas`.",
    example={"type": "object", "properties": {"a": True, "b": True}, "dependencies": {"a": ["b"]}},
    mended={"type": "object", "properties": {"a": True, "b": True}, "dependentRequired": {"a": ["b"]}},
)

LEGACY = Kind(
    id="legacy-keyword",
    level=NOTE,
    title="a keyword of an older draft of JSON Schema",
    why="In 2020-12 it has no force, or another keyword took its place; tools differ in what they make of it.",
    instead="Write the keyword of 2020-12 in its place.",
    example={"type": "object", "definitions": {"a": {"type": "string"}}},
    mended={"type": "object", "$defs": {"a": {"type": "string"}}},
)

HABIT = Kind(
    id="openapi-30-habit",
    level=WARNING,
    title="a keyword of OpenAPI 3.0 in a document of version 3.1",
    why="`nullable` and a true or false `exclusiveMinimum` have no meaning in 3.1: null is refused where it was meant "
    "to pass.",
    instead="Add `null` to the types; write the bound as a number in `exclusiveMinimum`.",
    example={"type": "object", "properties": {"a": {"type": "string", "nullable": True}}},
    mended={"type": "object", "properties": {"a": {"type": ["string", "null"]}}},
)

UNKNOWN = Kind(
    id="unknown-keyword",
    level=WARNING,
    title="a keyword that neither JSON Schema nor OpenAPI knows",
    why="Every validator ignores it. Where it is a slip, what it was meant to say is not asserted.",
    instead="Correct it, or begin it with `x-`.",
    example={"type": "object", "properties": {"a": {"type": "string", "maxlength": 5}}},
    mended={"type": "object", "properties": {"a": {"type": "string", "maxLength": 5}}},
)

IGNORED = Kind(
    id="keyword-without-effect",
    level=WARNING,
    title="a keyword that can have no effect where it stands",
    why="It speaks about another type than the schema allows, or about a keyword that is not there.",
    instead="Remove it, or correct the type.",
    example={"type": "object", "properties": {"a": {"type": "integer", "maxLength": 5}}},
    mended={"type": "object", "properties": {"a": {"type": "integer", "maximum": 5}}},
)

UNASSERTED = Kind(
    id="format-nobody-asserts",
    level=NOTE,
    title="a format that validators do not check",
    why="JSON Schema does not define it, so any value passes.",
    instead="Say the same with `pattern`, `minimum` or `maximum`.",
    example={"type": "object", "properties": {"a": {"type": "integer", "format": "int32"}}},
    mended={"type": "object", "properties": {"a": {"type": "integer", "maximum": 2147483647}}},
)

ONLY_FORMATS = Kind(
    id="alternative-is-only-a-format",
    level=WARNING,
    title="one of several alternatives demands nothing but a format",
    why="By default JSON Schema treats `format` as an annotation. A validator that does so takes any text, "
    "because it fits that alternative.",
    instead="Give the alternative a pattern as well.",
    example={"type": "object", "properties": {"a": {"anyOf": [{"format": "uuid"}, {"pattern": "^data:"}]}}},
    mended={"type": "object", "properties": {"a": {"anyOf": [{"pattern": "^https:"}, {"pattern": "^data:"}]}}},
)

UNUSABLE = Kind(
    id="schema-not-usable",
    level=ERROR,
    title="a schema that no validator can compile",
    why="Nothing can be checked against it.",
    instead="Correct the keyword.",
    example={"type": "object", "properties": {"a": {"type": "integer", "minimum": "3"}}},
    mended={"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}},
)

KINDS = (DEPENDENCIES, LEGACY, HABIT, UNKNOWN, IGNORED, UNASSERTED, ONLY_FORMATS, UNUSABLE)

BY_TYPE: dict[str, frozenset[str]] = {
    "string": frozenset(("minLength", "maxLength", "pattern")),
    "number": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    "array": frozenset(
        ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains",
         "unevaluatedItems")
    ),
    "object": frozenset(
        ("properties", "patternProperties", "additionalProperties", "propertyNames", "required", "minProperties",
         "maxProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties")
    ),
}  # fmt: skip
"""The assertions that speak about one type."""

_ANY_TYPE = ("type", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "format")
_CORE = ("$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "$defs")
_ABOUT = ("title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples")
_CONTENT = ("contentEncoding", "contentMediaType", "contentSchema")
_OPENAPI = ("discriminator", "xml", "externalDocs", "example")

NAMES = frozenset((*_ANY_TYPE, *_CORE, *_ABOUT, *_CONTENT, *_OPENAPI)).union(*BY_TYPE.values())
"""Every keyword of 2020-12 and of OpenAPI."""

SUCCESSORS = {
    "definitions": "$defs",
    "id": "$id",
    "additionalItems": "items beside prefixItems",
    "$recursiveRef": "$dynamicRef",
    "$recursiveAnchor": "$dynamicAnchor",
    "divisibleBy": "multipleOf",
    "disallow": "not",
    "extends": "allOf",
}
"""Keywords of older drafts, and what to write instead; `dependencies` has a finding of its own."""

_NEEDS = {"then": "if", "else": "if", "minContains": "contains", "maxContains": "contains"}


def check(subject: Subject) -> Iterator[Place]:
    """Every keyword of every schema."""
    for node in subject.nodes:
        if subject.is_modern:
            yield from _legacy(subject, node)
            yield from _habits(subject, node)
        yield from _unknown(subject, node)
        yield from _without_effect(subject, node)
        yield from _formats(node)


def _legacy(subject: Subject, node: Node) -> Iterator[Place]:
    dependencies = node.schema.get("dependencies")
    if isinstance(dependencies, dict) and not subject.intended:  # the policy gives them the force that was meant
        names = {key: each for key, each in dependencies.items() if isinstance(each, list)}
        inner = {key: each for key, each in dependencies.items() if not isinstance(each, list)}
        fresh = {**({"dependentRequired": names} if names else {}), **({"dependentSchemas": inner} if inner else {})}
        told = phrases.listed(
            f"{phrases.listed(map(str, each))} beside {name}" if isinstance(each, list) else f"something beside {name}"
            for name, each in dependencies.items()
        )
        yield Place(
            DEPENDENCIES,
            f"{node.pointer}/dependencies",
            f"it is meant to demand {told}, and demands nothing",
            {"keyword": {"dependencies": dependencies}},
            (remove(f"{node.pointer}/dependencies"), update(node.pointer, fresh)),
        )
    for keyword, successor in SUCCESSORS.items():
        if keyword in node.schema and not (keyword == "id" and not isinstance(node.schema["id"], str)):
            yield Place(
                LEGACY,
                f"{node.pointer}/{keyword}",
                f"`{keyword}` is of an older draft; 2020-12 has {successor}",
                {"keyword": keyword},
            )
    if isinstance(node.schema.get("items"), list):
        yield Place(
            LEGACY, f"{node.pointer}/items", "an array as `items` is of an older draft; 2020-12 has prefixItems"
        )


def _habits(subject: Subject, node: Node) -> Iterator[Place]:
    if isinstance(node.schema.get("nullable"), bool) and not subject.intended:
        declared = node.schema.get("type")
        proposal: tuple[Any, ...] = ()
        if node.schema["nullable"] and isinstance(declared, str):
            proposal = (
                remove(f"{node.pointer}/nullable"),
                remove(f"{node.pointer}/type"),
                update(node.pointer, {"type": [declared, "null"]}),
            )
        verdict = subject.refuses(node.pointer, None)
        effect = "and null is refused" if node.schema["nullable"] and verdict else "which says nothing"
        yield Place(HABIT, f"{node.pointer}/nullable", f"`nullable` has no meaning in 2020-12, {effect}", {}, proposal)
    for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        if not isinstance(node.schema.get(keyword), bool):
            continue
        yield Place(HABIT, f"{node.pointer}/{keyword}", f"`{keyword}` must be a number in 2020-12, not true or false")


def _unknown(subject: Subject, node: Node) -> Iterator[Place]:
    known = NAMES | SUCCESSORS.keys() | {"dependencies", "nullable"}
    for keyword in node.schema:
        if keyword in known or keyword.startswith("x-"):
            continue
        if keyword in ("$def", "components") and not node.path:  # holders of shared parts, by convention
            continue
        near = spelling.nearest(keyword, NAMES)
        guess = f"; did they mean `{near[0]}`?" if near else ""
        yield Place(
            UNKNOWN,
            f"{node.pointer}{pointers.text((keyword,))}",
            f"`{keyword}` is no keyword, so it says nothing{guess}",
            {"keyword": keyword},
        )
    del subject


def types(schema: Any) -> frozenset[str]:
    """The types that a schema declares itself; empty where it declares none."""
    declared = schema.get("type")
    listed = [declared] if isinstance(declared, str) else declared if isinstance(declared, list) else []
    return frozenset("number" if each == "integer" else str(each) for each in listed)


def _without_effect(subject: Subject, node: Node) -> Iterator[Place]:
    declared = types(node.schema)
    for owner, keywords in BY_TYPE.items():
        if declared and owner not in declared:
            for keyword in sorted(keywords & node.schema.keys()):
                told = phrases.types(sorted(declared))
                yield Place(
                    IGNORED,
                    f"{node.pointer}/{keyword}",
                    f"`{keyword}` says nothing here: the value is {told}",
                    {"type": sorted(declared)},
                    (remove(f"{node.pointer}/{keyword}"),),
                )
    for keyword, needed in _NEEDS.items():
        if keyword in node.schema and needed not in node.schema:
            yield Place(IGNORED, f"{node.pointer}/{keyword}", f"`{keyword}` says nothing without `{needed}`")
    if not subject.is_modern and isinstance(node.schema.get("$ref"), str):
        ruling = NAMES - set(_CORE) - set(_ABOUT) - set(_OPENAPI) - {"$ref", "format"}
        for keyword in sorted(ruling & node.schema.keys()):
            yield Place(IGNORED, f"{node.pointer}/{keyword}", f"`{keyword}` beside a $ref says nothing in this version")


def _formats(node: Node) -> Iterator[Place]:
    named = node.schema.get("format")
    if isinstance(named, str) and named not in dialect.FORMATS:
        yield Place(
            UNASSERTED, f"{node.pointer}/format", f"no validator checks the format `{named}`", {"format": named}
        )
    branches = node.schema.get("anyOf")
    if isinstance(branches, list) and len(branches) > 1:
        alone = [index for index, each in enumerate(branches) if _only_a_format(each)]
        texts = [each for each in branches if isinstance(each, dict) and "string" in (types(each) or {"string"})]
        if alone and len(texts) > 1:
            told = phrases.listed((f"`{branches[index]['format']}`" for index in alone), "or")
            yield Place(
                ONLY_FORMATS,
                f"{node.pointer}/anyOf/{alone[0]}",
                f"any text fits the alternative {told} where formats are annotations",
                {"payload": "any text at all", "places": [f"{node.pointer}/anyOf/{index}" for index in alone]},
            )


def _only_a_format(schema: Any) -> bool:
    if not isinstance(schema, dict) or schema.get("format") not in dialect.FORMATS:
        return False
    return not any(
        keyword in schema for keyword in (*BY_TYPE["string"], "enum", "const", "allOf", "anyOf", "oneOf", "not", "$ref")
    )


def check_usable(subject: Subject) -> Iterator[Place]:
    """Whether the schemas of the document compile; the innermost one that does not is at fault."""
    from preroll.audit import patterns

    failing = [pointers.text(root) for root in subject.roots if subject.engine(pointers.text(root)) is None]
    told: list[str] = []
    for node in reversed(subject.nodes) if failing else ():  # the inner ones first
        inside = any(node.pointer == each or node.pointer.startswith(f"{each}/") for each in failing)
        if not inside or any(each.startswith(f"{node.pointer}/") for each in told):
            continue
        if subject.engine(node.pointer) is not None:
            continue
        told.append(node.pointer)
        if any(True for _ in patterns.unusable(node)) or "$ref" in node.schema:
            continue  # told of where the pattern, or what the reference leads to, stands
        reason = "it cannot be compiled"
        try:
            dialect.engine(pointers.look_up(subject.view, node.path))
        except (ValueError, RecursionError) as problem:
            reason = str(problem) or reason
        yield Place(UNUSABLE, node.pointer, f"the schema cannot be used: {' '.join(reason.split())[:160]}")
