"""
Answers of a vendor's schema service: one task's schema alone, read as the document that it stands for.

`schemas/<vendor>/envelope.yaml` says under which keys an answer holds its schemas, and where the same schema
stands in the vendor's documents: put there, corrections and rules find it.
"""

from __future__ import annotations

from typing import Any

from preroll import pointer as pointers
from preroll.envelope import Envelope
from preroll.pointer import ABSENT

OWN_BASE = "preroll:answer"
"""Base of the references inside an answer's schema that has no `$id`: they begin at the schema's own root."""


def is_answer(tree: Any, envelope: Envelope) -> bool:
    """Whether a parsed text is an answer of the vendor's schema service."""
    keys = envelope.answer
    return bool(keys) and isinstance(tree, dict) and isinstance(tree.get(keys["request"]), dict)


def as_document(answer: dict[str, Any], envelope: Envelope) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """
    An OpenAPI document that says what an answer says, and pairs that lead from its pointers to the answer's.
    """
    keys = envelope.answer
    request = dict(answer[keys["request"]])
    request.setdefault("$id", OWN_BASE)
    response = answer.get(keys["response"])
    steps = pointers.parse(keys["stands-at"])
    body = steps[:-1] if steps[-1] == "items" else steps
    operation: dict[str, Any] = {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#" + pointers.text(body)}}},
        },
        "responses": {},
    }
    aliases = [(keys["stands-at"], f"/{keys['request']}")]
    if isinstance(response, dict):
        operation["responses"]["200"] = {
            "content": {"application/json": {"schema": {"$id": OWN_BASE + "d", **response}}}
        }
        aliases.append(("/paths/~1/post/responses/200/content/application~1json/schema", f"/{keys['response']}"))
    tree: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": _title(request, envelope), "version": ""},
        "servers": [{"url": f"https://{host}"} for host in envelope.hosts[:1]],
        "paths": {"/": {"post": operation}},
    }
    node = tree
    for step in steps[:-1]:
        node = node.setdefault(step, {})
    if steps[-1] == "items":
        node["type"] = "array"
    node[steps[-1]] = request
    return tree, tuple(aliases)


def _title(request: dict[str, Any], envelope: Envelope) -> str:
    """What the schema calls itself, or the constant that names its target."""
    title = request.get("title")
    named = pointers.look_up(request, ("properties", envelope.name_by, "const"))
    return str(title or (named if named is not ABSENT else envelope.name))
