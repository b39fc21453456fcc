"""
Problems in the words and shapes of the two vendors.

The shapes and the forms of the sentences are those that the vendors' clients have published; what is said of a
particular parameter is made from the problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from tests.contract.simulator.schema import Path, Problem

ABOUT = "https://runware.ai/docs"


# --- Runware: errors with a parameter, a code, and what is allowed ---


def parameter(path: Path) -> str:
    """`(0, "inputs", "frameImages", 1, "image")` within its task is `inputs.frameImages[1].image`."""
    text = ""
    for each in path:
        text += f"[{each}]" if isinstance(each, int) else f".{each}" if text else each
    return text


def runware(found: Iterable[Problem], body: Any) -> dict[str, Any]:
    """The answer to a request that is refused: `data` stays empty beside the errors."""
    return {"data": [], "errors": [_error(each, body) for each in found]}


def _error(problem: Problem, body: Any) -> dict[str, Any]:
    task, at = body, 0
    if isinstance(body, list):
        task, at = (body[problem.path[0]], 1) if problem.path and isinstance(problem.path[0], int) else ({}, 0)
    own = problem.path[at:]
    names = [parameter(each[at:]) for each in (problem.path, *problem.others) if len(each) > at]
    code, message, facts = _said(problem, own, names)
    error: dict[str, Any] = {"code": code, "message": message, **facts}
    if names:
        several = problem.kind == "together" or problem.facts.get("any") is True
        error["parameter"] = names if several and len(names) > 1 else names[0]
        error["documentation"] = f"{ABOUT}#request-{names[0].partition('[')[0].replace('.', '-').lower()}"
    if isinstance(task, dict):
        error |= {key: task[key] for key in ("taskType", "taskUUID") if isinstance(task.get(key), str)}
    return error


def _said(problem: Problem, own: Path, names: list[str]) -> tuple[str, str, dict[str, Any]]:
    facts = problem.facts
    name = names[0] if names else "the request"
    last = next((str(each) for each in reversed(own) if isinstance(each, str)), "task")
    invalid = f"invalid{last[:1].upper()}{last[1:]}"
    value = f"Invalid value for '{name}' parameter." if names else "Invalid request."
    match problem.kind:
        case "missing" if facts.get("any"):
            return "missingParameter", f"Missing parameters. One of {_list(names)} must be provided.", {}
        case "missing":
            return "missingParameter", f"Missing required parameter '{name}'.", {}
        case "unexpected":
            allowed = facts["allowedValues"]
            text = "This parameter is not supported for the selected model."
            message = f"Unsupported use of '{name}' parameter. {text} Allowed values are: {_list(allowed)}."
            return "unsupportedParameter", message, {}
        case "together":
            if len(names) > 1:
                return (
                    "conflictingParameters",
                    f"Parameter '{name}' and Parameter '{names[1]}' cannot be used together",
                    {},
                )
            return "unsupportedParameter", f"Unsupported use of '{name}' parameter.", {}
        case "size":
            sizes = ", ".join(f"'{width}x{height}'" for width, height in facts["sizes"])
            text = "The specified dimensions are not supported for the selected model."
            message = f"Unsupported use of width/height parameters. {text} Supported values are: {sizes}."
            return "unsupportedDimensions", message, {"type": "integer"}
        case "value":
            allowed = facts["allowedValues"]
            return invalid, f"{value} Supported values are: {_list(allowed)}.", {"allowedValues": allowed}
        case "count":
            least, most = facts.get("min", 0), facts.get("max", "any number of")
            title = f"Invalid number of elements for '{name}' parameter."
            return (
                "invalidValue",
                f"{title} {_title(last)} must contain between {least} and {most} elements.",
                _bounds(facts),
            )
        case "length":
            least, most = facts.get("min", 0), facts.get("max", "any number of")
            return invalid, f"{value} {_title(last)} must have between {least} and {most} characters.", _bounds(facts)
        case "range":
            kind = "an integer" if facts.get("type") == "integer" else "a"
            text = f"{_title(last)} must be {kind} value{_between(facts)}"
            if "multiplier" in facts:
                text += f", in multiples of '{facts['multiplier']}'"
            return invalid, f"{value} {text}.", _bounds(facts)
        case "type":
            kinds = facts["type"] if isinstance(facts["type"], str) else "|".join(facts["type"])
            return invalid, f"{value} {_title(last)} must be of type {kinds}.", {"type": kinds}
        case "format":
            return invalid, f"{value} {_title(last)} is not in a supported format.", {"type": "string"}
        case _:
            return invalid, f"{value} {facts['message']}", {}


def _bounds(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("type", "min", "max", "multiplier") if name in facts}


def _between(facts: dict[str, Any]) -> str:
    if "min" in facts and "max" in facts:
        return f" between {facts['min']} and {facts['max']}"
    if "min" in facts:
        return f" of at least {facts['min']}"
    return f" of at most {facts['max']}" if "max" in facts else ""


def _title(name: str) -> str:
    """`frameImages` is "Frame images", `taskUUID` is "Task UUID"."""
    words = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z0-9]+|[^A-Za-z0-9]+", name)
    text = " ".join(each if each.isupper() else each.lower() for each in words)
    return text[:1].upper() + text[1:]


def _list(values: Iterable[Any]) -> str:
    return ", ".join(f"'{each}'" for each in values)


# --- RunwayML: a list of issues ---

DOCS = "https://docs.dev.runwayml.com/api"
KINDS = {str: "string", bool: "boolean", list: "array", dict: "object", type(None): "null"}


def runwayml(found: Iterable[Problem], body: Any) -> dict[str, Any]:
    """The answer to a body that is refused."""
    issues = [issue for each in found for issue in _issues(each, body)]
    return {"error": "Validation of body failed", "issues": issues, "docUrl": DOCS}


def _issues(problem: Problem, body: Any) -> list[dict[str, Any]]:
    facts, path = problem.facts, list(problem.path)
    where = {"path": path}
    match problem.kind:
        case "missing" if "discriminator" in facts:
            return [_type(path, "string", "undefined"), _union(path, facts["discriminator"])]
        case "missing":
            return [_type(path, "string", "undefined")]
        case "type":
            kinds = facts["type"] if isinstance(facts["type"], str) else "|".join(facts["type"])
            return [_type(path, "int" if kinds == "integer" else kinds, received(_at(body, path)))]
        case "value" if "discriminator" in facts:
            return [_union(path, facts["discriminator"])]
        case "value":
            allowed = facts["allowedValues"]
            choices = "|".join(json.dumps(each) for each in allowed)
            one = (
                f"Invalid input: expected {choices}"
                if len(allowed) == 1
                else f"Invalid option: expected one of {choices}"
            )
            return [{"code": "invalid_value", "values": allowed, **where, "message": one}]
        case "range" | "length" | "count":
            origin = {"range": "number", "length": "string", "count": "array"}[problem.kind]
            return [_bound(origin, facts) | where]
        case "format":
            form = {
                "code": "invalid_format",
                "format": "regex" if "pattern" in facts else str(facts.get("format", "url")),
            }
            if "any" in facts:
                return [{"code": "invalid_union", "errors": [], **where, "message": "Invalid input"}]
            if "pattern" in facts:
                pattern = facts["pattern"]
                return [
                    form
                    | {"pattern": f"/{pattern}/", **where, "message": f"Invalid string: must match pattern /{pattern}/"}
                ]
            return [form | where | {"message": f"Invalid {form['format']}"}]
        case _:
            message = facts.get("message", "Invalid input")
            return [{"code": "custom", **where, "message": message}]


def _type(path: list[Any], expected: str, given: str) -> dict[str, Any]:
    message = f"Invalid input: expected {expected}, received {given}"
    return {"expected": expected, "code": "invalid_type", "path": path, "message": message}


def _union(path: list[Any], name: str) -> dict[str, Any]:
    return {
        "code": "invalid_union",
        "errors": [],
        "note": "No matching discriminator",
        "discriminator": name,
        "path": path,
        "message": "Invalid input",
    }


def _bound(origin: str, facts: dict[str, Any]) -> dict[str, Any]:
    broken = facts["broken"]
    inclusive = not broken.startswith("exclusive")
    unit = {"number": "", "string": " characters", "array": " items"}[origin]
    if broken == "multipleOf":
        step = facts["multiplier"]
        return {"code": "not_multiple_of", "divisor": step, "message": f"Invalid number: must be a multiple of {step}"}
    big = "max" in broken.lower()
    limit = facts["max" if big else "min"]
    sign = ("<" if big else ">") + ("=" if inclusive else "")
    verb = "be" if origin == "number" else "have"
    return {
        "origin": origin,
        "code": "too_big" if big else "too_small",
        "maximum" if big else "minimum": limit,
        "inclusive": inclusive,
        "message": f"Too {'big' if big else 'small'}: expected {origin} to {verb} {sign}{limit}{unit}",
    }


def received(value: Any) -> str:
    """The name of a value's type, as the vendor calls it."""
    return KINDS.get(type(value), "number")


def _at(body: Any, path: list[Any]) -> Any:
    for each in path:
        body = body[each]
    return body


# --- other words ---


def otherwise(answer: dict[str, Any]) -> dict[str, Any]:
    """The same refusal as another service, or this one tomorrow, might put it: no code, no parameter, other members."""
    told = answer.get("errors") or answer.get("issues") or [{"message": answer.get("error", "")}]
    return {
        "status": "rejected",
        "reasons": [{"text": "We could not take this job.", "because": len(str(each["message"]))} for each in told],
    }
