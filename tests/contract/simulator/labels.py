"""
Answers labelled by hand: what a service says to payloads of a certain kind, word for word.

`labelled.json` holds them. A label fits a body in which every place of `given` exists, none of `absent` does, and those
of `equals` have these values. They stand for what clients of the live services have published, and say nothing of the
documents as published.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

MISSING = object()


def at(body: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (without escapes: no label needs one), or MISSING."""
    for each in pointer.split("/")[1:]:
        if isinstance(body, list) and each.isdecimal() and int(each) < len(body):
            body = body[int(each)]
        elif isinstance(body, dict) and each in body:
            body = body[each]
        else:
            return MISSING
    return body


@cache
def labels() -> tuple[dict[str, Any], ...]:
    """All of them."""
    return tuple(json.loads(Path(__file__).with_name("labelled.json").read_text(encoding="utf-8")))


def fits(label: dict[str, Any], service: str, path: str, body: Any) -> bool:
    """Whether a label is about this body."""
    if label["service"] != service or label.get("path", path) != path:
        return False
    if service == "runware":
        body = [body] if isinstance(body, dict) else body
        if not isinstance(body, list) or len(body) != 1:
            return False
    elif not isinstance(body, dict):
        return False
    return (
        all(at(body, each) is not MISSING for each in label.get("given", ()))
        and all(at(body, each) is MISSING for each in label.get("absent", ()))
        and all(at(body, place) == value for place, value in label.get("equals", {}).items())
    )


def answer(service: str, path: str, body: Any) -> dict[str, Any] | None:
    """The labelled answer to a body, if there is one."""
    for label in labels():
        if fits(label, service, path, body):
            if service == "runwayml":
                issues = label["issues"]
                return {
                    "error": "Validation of body failed",
                    "issues": issues,
                    "docUrl": "https://docs.dev.runwayml.com/api",
                }
            task = body if isinstance(body, dict) else body[0]
            named = {key: task[key] for key in ("taskType", "taskUUID") if isinstance(task.get(key), str)}
            return {"data": [], "errors": [{**each, **named} for each in label["errors"]]}
    return None
