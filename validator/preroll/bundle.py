"""
Bundles: one self-contained JSON Schema for a target, for editors and for validators in other languages.

It holds what preroll would refuse, as far as a JSON Schema can say that: the corrected document, the envelope
around single tasks, and every rule of the gravity `error`. What it cannot say is listed in the schema itself
under `x-preroll-not-expressed`, each with the reason, so that nobody takes its "valid" for more than it is.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from preroll import __version__
from preroll.dialect import FORMATS, is_number
from preroll.registry import Registry, self_contained
from preroll.rules import Rule
from preroll.target import Target

NOT_EXPRESSED = "x-preroll-not-expressed"

DRAFTS = {"2020-12": "https://json-schema.org/draft/2020-12/schema", "7": "http://json-schema.org/draft-07/schema#"}

_DEFS = "$defs"

_FOREIGN = ("discriminator", "externalDocs", "xml")
"""Keywords of OpenAPI's that say nothing to a validator of JSON Schema."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a bundle does not express: the id of a rule or the name of a keyword, and why; `warning`: it only warns."""

    id: str
    why: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """A schema, and what it does not express."""

    schema: dict[str, Any]
    left: tuple[Left, ...]


def bundle(registry: Registry, target: Target, *, draft: str = "2020-12", strict: bool = False) -> Bundle:
    """
    The schema of a target's requests.

    Args:
        registry: where the target comes from.
        target: what payloads are meant for; it has a body.
        draft: one of `DRAFTS`.
        strict: rules of the gravity `warning` refuse, too, as `--strict` has it.

    Raises:
        ValueError: the target takes no body, or there is no such draft.
    """
    if draft not in DRAFTS:
        raise ValueError(f"there is no draft {draft!r} here; it can be {' or '.join(DRAFTS)}")
    if not target.described:
        raise ValueError(f"{target.name} takes no body, so there is nothing to describe")
    left: list[Left] = []
    schema = _request(registry, target, strict=strict, left=left)
    schema = _plain(schema)
    left += _hazards(schema)
    if draft == "7":
        schema = _seventh(schema, left)
    document = registry.document(target)
    origin = f"from {document.label}, with its corrections and rules (preroll {__version__})"
    head = {
        "$schema": DRAFTS[draft],
        "title": target.name,
        "description": f"Requests for {target.name}, {origin}.",
        NOT_EXPRESSED: [{"id": each.id, "why": each.why} for each in left],
    }
    return Bundle({**head, **{key: value for key, value in schema.items() if key not in head}}, tuple(left))


def _request(registry: Registry, target: Target, *, strict: bool, left: list[Left]) -> dict[str, Any]:
    """The schema of whole requests: the task, the envelope around it, and everything that is referred to."""
    envelope = registry.vendor(target.vendor).envelope
    tree = dict(registry.document(target).intended)
    root: dict[str, Any] = {_DEFS: {}}
    task = {"allOf": [{"$ref": f"#{target.schema}"}, *_rules(registry, target, strict=strict, left=left)]}
    companions = [
        each
        for each in envelope.companions
        if target.companion != each.name and f"{target.vendor}/{each.name}" in registry.targets
    ]
    if not envelope.array:
        return _brought(tree, {**root, **task})
    shape: dict[str, Any] = {"type": "array", "items": {"$ref": "#/$task"}}
    first: list[dict[str, Any]] = []
    for each in companions:
        beside = {"if": _told(each.told_by), "then": {"$ref": f"#{each.schema}"}, "else": {"$ref": "#/$task"}}
        if each.only_at is None:
            shape["items"] = beside
        else:
            first += [shape["items"]] * (each.only_at + 1 - len(first))
            first[each.only_at] = beside
    if first:
        shape["prefixItems"] = first
    left.append(Left("request", "tasks for other targets in the same request are refused here"))
    whole = {"if": {"type": "array"}, "then": shape, "else": {"$ref": "#/$task"}} if envelope.bare else shape
    return _brought({**tree, "$task": task}, {**root, **whole})


def _brought(tree: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with what it refers to in the document."""
    schema.pop(_DEFS, None)
    found: dict[str, Any] = self_contained({**tree, "$bundle": schema}, "/$bundle")
    for name, each in found.get(_DEFS, {}).items():
        if isinstance(each, dict) and "$bundle" in each:  # the whole document is the schema
            kept = {key: value for key, value in each.items() if key not in _OUTERMOST}
            found[_DEFS] = {**found[_DEFS], name: kept}
    return found


_OUTERMOST = ("$bundle", "$task", "$schema", "$id", _DEFS, "definitions", "components")
"""What stands at the root of a document and is no part of its schema once that is one of several."""


def _rules(registry: Registry, target: Target, *, strict: bool, left: list[Left]) -> Iterator[dict[str, Any]]:
    """The rules of a target; those of its branches hold where the branch is meant."""
    mine = {rule.id: rule for rule in registry.rules(target)}
    for rule in mine.values():
        yield from _rule(rule, strict=strict, left=left)
    seen: dict[str, list[dict[str, Any]]] = {}
    for name in target.branches:
        branch = registry.targets[name]
        for rule in registry.rules(branch):
            if rule.id in mine:
                continue
            if rule.id not in seen:
                seen[rule.id] = list(_rule(rule, strict=strict, left=left))
            for schema in seen[rule.id]:
                comment = schema["$comment"]
                then = {key: value for key, value in schema.items() if key != "$comment"}
                yield {"$comment": comment, "if": _told(branch.told_by), "then": then}


def _told(told_by: Mapping[str, Any]) -> dict[str, Any]:
    members = {name: {"const": value} for name, value in told_by.items()}
    return {"type": "object", "required": list(members), "properties": members}


def _rule(rule: Rule, *, strict: bool, left: list[Left]) -> Iterator[dict[str, Any]]:
    grave = rule.severity == "error" or (strict and rule.severity == "warning")
    if not grave:
        if rule.severity == "warning":
            left.append(
                Left(rule.id, "a warning, which makes no request invalid (--strict expresses it)", warning=True)
            )
        return
    schema = rule.kind.schema() if rule.kind.scope == "task" else None
    if schema is None:
        across = rule.kind.scope != "task"
        reason = "it looks at all tasks of a request" if across else "no JSON Schema can say it exactly"
        left.append(Left(rule.id, f"{reason}: {rule.quote}"))
    elif schema:
        yield {"$comment": f"{rule.id}: {rule.quote}", **schema}


def _plain(node: Any) -> Any:
    """A copy without the keywords that only OpenAPI knows; names of properties are left alone."""
    return _mapped(node, lambda schema: {key: value for key, value in schema.items() if key not in _FOREIGN})


_SCHEMAS = ("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
            "unevaluatedItems", "unevaluatedProperties", "additionalItems", "contentSchema")  # fmt: skip
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = (_DEFS, "definitions", "dependentSchemas", "patternProperties", "properties")


def _mapped(schema: Any, change: Any) -> Any:
    """A copy with every schema inside changed, from the inside out; annotations and constants stay."""
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SCHEMAS and isinstance(value, list):
            found[key] = [_mapped(each, change) for each in value]
        elif key in _SCHEMAS:
            found[key] = _mapped(value, change)
        elif key in _LISTS and isinstance(value, list):
            found[key] = [_mapped(each, change) for each in value]
        elif key in _MAPS and isinstance(value, dict):
            found[key] = {name: _mapped(each, change) for name, each in value.items()}
        else:
            found[key] = copy.deepcopy(value)
    return change(found)


def _hazards(schema: Any) -> Iterator[Left]:
    """What is in the schema and yet read otherwise by some validators."""
    formats: set[str] = set()
    steps: set[str] = set()
    limits: set[str] = set()

    def look(each: dict[str, Any]) -> dict[str, Any]:
        if each.get("format") in FORMATS:
            formats.add(str(each["format"]))
        step = each.get("multipleOf")
        if step is not None and step != int(step):
            steps.add(str(step))
        for keyword in _LIMITS:
            limit = each.get(keyword)
            if limit is not None and is_number(limit) and abs(limit) > _SAFE:
                limits.add(str(limit))
        return each

    _mapped(schema, look)
    if formats:
        yield Left("format", f"asserted only by validators that are told to: {', '.join(sorted(formats))}")
    if steps:
        text = ", ".join(sorted(steps))
        yield Left(
            "multipleOf",
            f"steps of {text}: validators that count in binary refuse some multiples, 0.07 of 0.01 for example",
        )
    for limit in sorted(limits):
        yield Left("maximum", f"{limit}: JSON readers that know only binary numbers round what is near it")


_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_SAFE = 2**53


def _seventh(schema: Any, left: list[Left]) -> Any:
    """A schema of draft 2020-12 in draft 7; what that cannot say is left out and listed."""
    told: set[str] = set()

    def lost(keyword: str, why: str) -> None:
        if keyword not in told:
            told.add(keyword)
            left.append(Left(keyword, f"{why} (draft 7)"))

    def change(each: dict[str, Any]) -> dict[str, Any]:
        each = dict(each)
        if "prefixItems" in each:
            rest = each.pop("items", None)
            each["items"] = each.pop("prefixItems")
            if rest is not None:
                each["additionalItems"] = rest
        dependencies = {**each.pop("dependentSchemas", {})}
        for name, needs in each.pop("dependentRequired", {}).items():
            dependencies[name] = {"allOf": [dependencies[name], {"required": needs}]} if name in dependencies else needs
        if dependencies:
            each["dependencies"] = dependencies
        for keyword in ("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$dynamicAnchor"):
            if keyword in each:
                del each[keyword]
                lost(keyword, "there is no such keyword")
        least = each.pop("minContains", 1)
        if "maxContains" in each or least not in (0, 1):
            each.pop("maxContains", None)
            lost("minContains", "items cannot be counted by what they are")
        if least == 0:
            each.pop("contains", None)
        if _DEFS in each:
            each["definitions"] = each.pop(_DEFS)
        if isinstance(each.get("$ref"), str):
            each["$ref"] = re.sub(r"^#/\$defs/", "#/definitions/", each["$ref"])
            beside = {key: value for key, value in each.items() if key not in ("$ref", "definitions")}
            if beside or "definitions" in each:  # draft 7 ignores what stands beside a reference
                kept = {"definitions": each["definitions"]} if "definitions" in each else {}
                return {**beside, "allOf": [*beside.get("allOf", []), {"$ref": each["$ref"]}], **kept}
        return each

    return _mapped(schema, change)
