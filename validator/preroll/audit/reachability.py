"""
Reachability: components that no operation leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from preroll import pointer as pointers
from preroll.audit.finding import NOTE, Kind, Place
from preroll.audit.subject import Subject

_PATHS = {
    "/v1/make": {
        "post": {
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}},
            },
            "responses": {"204": {"description": "done"}},
        }
    }
}


def _document(*names: str) -> Any:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "minimal", "version": "1"},
        "paths": _PATHS,
        "components": {"schemas": dict.fromkeys(names, schema)},
    }


UNREACHABLE = Kind(
    id="component-unreachable",
    level=NOTE,
    title="a component that no operation leads to",
    why="It is described, and can be sent or received nowhere: something is missing, or it is left over.",
    instead="Refer to it where it belongs, or remove it.",
    example=_document("Body", "Orphan"),
    mended=_document("Body"),
)

KINDS = (UNREACHABLE,)


def check(subject: Subject) -> Iterator[Place]:
    """Every component, against what the paths and webhooks lead to."""
    components = subject.tree.get("components") if isinstance(subject.tree, dict) else None
    if not subject.is_openapi or not isinstance(components, dict):
        return
    if not subject.tree.get("paths") and not subject.tree.get("webhooks"):
        return  # a library of components, for other documents
    starts = [each for key, each in subject.tree.items() if key != "components"]
    reached: set[str] = set()
    queue = list(starts)
    named = _secured(subject.tree)
    identified = {
        str(node.schema["$id"]): node.pointer for node in subject.nodes if isinstance(node.schema.get("$id"), str)
    }
    while queue:
        for reference in _references(queue.pop()):
            at = _component(reference, identified)
            if at is not None and at not in reached:
                reached.add(at)
                queue.append(pointers.look_up(subject.tree, pointers.parse(at)))
    companions = {each.schema for each in subject.registry.targets.values() if each.companion}
    for kind, members in components.items():
        for name in members if isinstance(members, dict) and not str(kind).startswith("x-") else ():
            at = f"/components/{kind}{pointers.text((str(name),))}"
            used = at in reached or any(each.startswith(f"{at}/") for each in reached)
            if used or (kind == "securitySchemes" and name in named):
                continue
            beside = ", though the prose around it speaks of sending it" if at in companions else ""
            yield Place(UNREACHABLE, at, f"no operation leads to {name}{beside}", {"kind": kind})


def _component(reference: str, identified: dict[str, str]) -> str | None:
    if reference.startswith("#/"):
        return unquote(reference[1:])
    if reference in identified:
        return identified[reference]
    return f"/components/schemas/{reference}" if reference and "/" not in reference and "#" not in reference else None


def _references(node: Any) -> Iterator[str]:
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            for key in ("$ref", "$dynamicRef", "operationRef"):
                if isinstance(each.get(key), str):
                    yield each[key]
            mapping = each.get("mapping")
            if isinstance(mapping, dict):
                yield from (value for value in mapping.values() if isinstance(value, str))
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)


def _secured(tree: Any) -> set[str]:
    """The security schemes that something asks for."""
    found: set[str] = set()
    stack = [tree]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            security = each.get("security")
            for one in security if isinstance(security, list) else ():
                found.update(one if isinstance(one, dict) else ())
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)
    return found
