"""
Problem details (RFC 9457), and the lists of faults that validating servers and mocks answer with.

A fault names its place in one of several ways: `location: ["body", "0", "a"]` (mock servers), `loc` (the same with
another name), `instancePath`, `dataPath` or `pointer` (a JSON Pointer, perhaps as a fragment), `source.pointer`,
or a name. Its code is the keyword of JSON Schema that failed, or close to it, and `params` may hold its argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from preroll import pointer as pointers
from preroll.pointer import Path
from preroll.refusals import grounds, wording
from preroll.refusals.draft import Draft, Reading, first_text, text

NAME = "problem"

MAX_FAULTS = 1000

_LISTS = ("validation", "invalid-params", "invalid_params", "invalidParams", "violations", "errors", "detail", "issues")
_PLACES = ("location", "loc", "instancePath", "instance_path", "dataPath", "pointer", "jsonPointer", "path")
_NAMES = ("name", "field", "property", "param")
_BODY = frozenset(("body", "requestbody", "request"))
_ELSEWHERE = frozenset(("header", "headers", "query", "path", "cookie", "params"))

KINDS: Final = {
    **{
        re.sub(r"[^a-z]", "", kind): kind
        for kind in (
            *(
                "required",
                "enum",
                "type",
                "minimum",
                "maximum",
                "exclusive-minimum",
                "exclusive-maximum",
                "multiple-of",
            ),
            *("min-items", "max-items", "min-length", "max-length", "min-properties", "max-properties", "format"),
            *("pattern", "one-of", "any-of"),
        )
    },
    "const": "enum",
    "uniqueitems": "unique-items",
    "additionalproperties": "unexpected",
    "unevaluatedproperties": "unexpected",
    "propertynames": "unexpected",
    "dependentrequired": "required",
    "dependencies": "required",
    "missing": "required",
    "extraforbidden": "unexpected",
    "literalerror": "enum",
    "greaterthanequal": "minimum",
    "lessthanequal": "maximum",
    "greaterthan": "exclusive-minimum",
    "lessthan": "exclusive-maximum",
    "toolong": "max-items",
    "tooshort": "min-items",
    "stringtoolong": "max-length",
    "stringtooshort": "min-length",
    "stringpatternmismatch": "pattern",
}
"""The kind of a fault by its code in lower case, letters only."""

_ARGUMENTS: Final = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive-minimum": "exclusive_minimum",
    "exclusive-maximum": "exclusive_maximum",
    "multiple-of": "multiple",
    "min-items": "min_items",
    "max-items": "max_items",
    "min-length": "min_length",
    "max-length": "max_length",
}


def recognises(body: Any) -> bool:
    """An object with a list of placed faults, or the members of problem details."""
    if not isinstance(body, dict):
        return False
    if any(_is_fault(each) for name in _LISTS for each in _some(body.get(name))):
        return True
    return isinstance(body.get("title"), str) and bool({"detail", "status", "type", "instance"} & body.keys())


def read(body: dict[str, Any]) -> Reading:
    """The faults, or the sentence of the problem where it lists none."""
    status = body.get("status")
    code = text(body.get("type")).rpartition("#")[2].rpartition("/")[2]
    drafts: list[Draft] = []
    unread: list[Any] = []
    for name in _LISTS:
        listed = body.get(name)
        for fault in listed[:MAX_FAULTS] if isinstance(listed, list) else ():
            if _is_fault(fault):
                drafts.append(_draft(fault))
            else:
                unread.append(fault)
        unread += listed[MAX_FAULTS:] if isinstance(listed, list) else []
    if not drafts:
        message = first_text(body, "detail", "title")
        ground = grounds.by_code(code)
        drafts.append(Draft(message, code, raw=body, ground=ground, loose=True))
        unread = []
    known = isinstance(status, int) and not isinstance(status, bool) and 100 <= status < 600
    return Reading(tuple(drafts), tuple(unread), status=status if known else None)


def _some(value: Any) -> list[Any]:
    return value[:20] if isinstance(value, list) else []


def _is_fault(value: Any) -> bool:
    if not isinstance(value, dict) or not first_text(value, *_SENTENCES):
        return False
    if isinstance(value.get("path"), list) and "code" in value and not any(each in value for each in _PLACES[:7]):
        return False  # another validator's issue, which has a reader of its own
    source = value.get("source")
    if isinstance(source, dict) and isinstance(source.get("pointer"), str):
        return True
    return any(isinstance(value.get(each), (str, list)) for each in _PLACES) or (
        any(isinstance(value.get(each), str) for each in _NAMES) and "reason" in value
    )


_SENTENCES = ("message", "msg", "reason", "detail", "description", "title")


def _draft(fault: dict[str, Any]) -> Draft:
    message = first_text(fault, *_SENTENCES)
    code = first_text(fault, "code", "keyword", "errorCode", "type")
    kind = KINDS.get(re.sub(r"[^a-z]", "", code.partition(".")[0].lower()), "")
    named, path = _place(fault)
    if named in _ELSEWHERE:
        return Draft(message, code, raw=fault, ground=grounds.HEADER if named.startswith("header") else grounds.ADDRESS)
    said = wording.read(message)
    facts = dict(_facts(fault, kind, said))
    paths: tuple[Path, ...] = (path,) if path is not None else ()
    names = () if paths else (first_text(fault, *_NAMES),)
    owner = path if path is not None else ()
    missing = [each for each in _missing(fault, kind, said) if (*owner[-1:],) != (each,)]
    if missing:
        paths, names = tuple((*owner, each) for each in missing), ()
    return Draft(message, code, names=names, paths=paths, kind=kind, facts=facts, raw=fault)


def _place(fault: dict[str, Any]) -> tuple[str, Path | None]:
    """Which part of the request a fault is in, and where; None for a fault that has only a name."""
    source = fault.get("source")
    found: Any = source.get("pointer") if isinstance(source, dict) else None
    for name in _PLACES:
        found = fault.get(name) if found is None else found
    steps: list[str]
    if isinstance(found, list):
        steps = [str(each) for each in found]
    elif isinstance(found, str):
        steps = _steps(found)
    else:
        return "", None
    if steps and steps[0].lower() in _BODY:
        return "body", _path(steps[1:])
    if len(steps) > 1 and steps[0].lower() in _ELSEWHERE:
        return steps[0].lower(), _path(steps[1:])
    return "", _path(steps)


def _steps(written: str) -> list[str]:
    written = written.removeprefix("#")
    if written.startswith("/"):
        return list(pointers.parse(written))
    return [each for each in re.split(r"[.\[\]]+", written.removeprefix("$")) if each]


def _path(steps: list[str]) -> Path:
    return tuple(steps)


def _missing(fault: dict[str, Any], kind: str, said: wording.Words) -> list[str]:
    """Names of members of the object that a fault is at: what is missing, or what is not known."""
    params = fault.get("params")
    if isinstance(params, dict):
        for name in ("missingProperty", "additionalProperty", "unevaluatedProperty", "propertyName"):
            if isinstance(params.get(name), str):
                return [params[name]]
    return [each for each in said.names if each in said.quoted] if kind in ("required", "unexpected") else []


def _facts(fault: dict[str, Any], kind: str, said: wording.Words) -> Iterator[tuple[str, Any]]:
    found = fault.get("params", fault.get("ctx"))
    params: dict[str, Any] = found if isinstance(found, dict) else {}
    if isinstance(params.get("allowedValues"), list):
        yield "allowed", tuple(params["allowedValues"])
    elif "allowedValue" in params:
        yield "allowed", (params["allowedValue"],)
    if kind == "type":
        expected = wording.types(params.get("type")) or said.facts.get("expected", ())
        if expected:
            yield "expected", expected
    name = _ARGUMENTS.get(kind)
    if name is not None:
        for each in ("limit", "multipleOf", "ge", "le", "gt", "lt", "multiple_of", "min_length", "max_length"):
            limit = wording.number(params.get(each))
            if limit is not None:
                yield name, limit
                break
        else:
            said_limits = [wording.number(each) for each in said.facts.values() if not isinstance(each, tuple)]
            if len(said_limits) == 1:
                yield name, said_limits[0]
    if kind == "format" and isinstance(params.get("format"), str):
        yield "format", params["format"]
