"""
What a schema says is wrong with a value, by the plain `jsonschema` library and checks of our own writing.

Nothing here comes from the product: formats, patterns, multiples and `dependencies` are read anew from the
specifications, so that two readings are compared and not one with itself.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """
    One thing that is wrong.

    Attributes:
        path: the place, from the root of the body.
        kind: what is wrong with it: missing, unexpected, type, value, range, length, count, format, size, together,
            one-of, rule.
        facts: what is allowed; the names are those of the vendors' error fields where they have one.
        others: further places of the same fault.
    """

    path: Path
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)
    others: tuple[Path, ...] = ()


# --- formats ---

CHARACTER = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
URI = re.compile(
    rf"""
    [A-Za-z][A-Za-z0-9+.\-]* :
    (?:
      // (?:(?:{CHARACTER}|:)*@)? (?P<host>\[[^\[\]]*\]|{CHARACTER}*) (?::[0-9]*)? (?:/(?:{CHARACTER}|[:@])*)*
    | /(?:(?:{CHARACTER}|[:@])+(?:/(?:{CHARACTER}|[:@])*)*)?
    | (?:{CHARACTER}|[:@])+(?:/(?:{CHARACTER}|[:@])*)*
    |
    )
    (?:\?(?:{CHARACTER}|[:@/?])*)?
    (?:\#(?:{CHARACTER}|[:@/?])*)?
    """,
    re.VERBOSE,
)
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FORMATS = FormatChecker(formats=())


@FORMATS.checks("uuid")
def _uuid(value: object) -> bool:
    return not isinstance(value, str) or UUID.fullmatch(value) is not None


@FORMATS.checks("uri")
def is_uri(value: object) -> bool:
    """RFC 3986, section 3; an address in brackets must be one."""
    if not isinstance(value, str):
        return True
    found = URI.fullmatch(value)
    if found is None:
        return False
    host = found["host"] or ""
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1].removeprefix("v6."))
        except ValueError:
            return re.fullmatch(rf"\[v[0-9a-fA-F]+\.(?:{CHARACTER}|:)+\]", host) is not None
    return True


@FORMATS.checks("date")
def _date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    try:
        dt.date(year or 400, month, day)  # the year 0 is a leap year, and none of Python's
    except ValueError:
        return False
    return True


# --- keywords that libraries read differently ---


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not ecma(pattern).search(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def ecma(pattern: str) -> re.Pattern[str]:
    """A pattern of ECMA-262: the end is the very end, and digits are ASCII; a dot matches no line break of four."""
    text, inside = "", False
    for token in re.findall(r"\\.|.", pattern, re.DOTALL):
        inside = (inside or token == "[") and token != "]"
        text += token if inside else MEANT.get(token, token)
    return re.compile(text, re.ASCII)


MEANT = {"$": r"\Z", ".": "[^\n\r\u2028\u2029]"}


def _multiple(_validator: Any, step: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if _number(None, value) and Fraction(str(value)) % Fraction(str(step)) != 0:
        yield ValidationError(f"{value!r} is not a multiple of {step}")


def _dependencies(validator: Any, wanted: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for name, needs in wanted.items():
            if name in value and isinstance(needs, list):
                yield from (ValidationError(each) for each in needs if each not in value)
            elif name in value:
                yield from validator.descend(value, needs, schema_path=name)


def _number(_checker: Any, value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _integer(_checker: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, (float, Decimal)) and value == int(value))


Strict = validators.extend(
    Draft202012Validator,
    {"pattern": _pattern, "multipleOf": _multiple},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _number, "integer": _integer}),
)
Lenient = validators.extend(Strict, {"dependencies": _dependencies})


def problems(schema: dict[str, Any], value: Any, *, dependencies: bool, at: Path = ()) -> list[Problem]:
    """What is wrong with a value; `dependencies` says whether the keyword of old drafts has force."""
    cls = Lenient if dependencies else Strict
    found: list[Problem] = []
    for error in cls(schema, format_checker=FORMATS).iter_errors(value):
        for each in _told(error, schema):
            if not any((each.path, each.kind) == (other.path, other.kind) for other in found):
                found.append(each)
    return [
        Problem(at + each.path, each.kind, each.facts, tuple(at + other for other in each.others)) for each in found
    ]


# --- what an error means ---


def _told(error: Any, schema: Any) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    said, value, within = error.validator_value, error.instance, error.schema
    match error.validator:
        case "required":
            # One error comes for each missing name; each tells all of them, and repeats are dropped.
            yield from (Problem((*path, each), "missing") for each in said if each not in value)
        case "dependentRequired" | "dependencies":
            for name, needs in said.items():
                if name in value and isinstance(needs, list):
                    yield from (
                        Problem((*path, each), "missing", {}, ((*path, name),)) for each in needs if each not in value
                    )
        case "additionalProperties":
            known = list(within.get("properties", ()))
            yield from (
                Problem((*path, each), "unexpected", {"allowedValues": known}) for each in value if each not in known
            )
        case "type":
            yield Problem(path, "type", {"type": said})
        case "enum":
            yield Problem(path, "value", {"allowedValues": said})
        case "const":
            yield Problem(path, "value", {"allowedValues": [said]})
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf":
            yield Problem(path, "range", _limits(within) | {"broken": error.validator})
        case "minLength" | "maxLength":
            yield Problem(path, "length", _limits(within) | {"broken": error.validator})
        case "minItems" | "maxItems":
            yield Problem(path, "count", _limits(within) | {"broken": error.validator})
        case "pattern" | "format":
            yield Problem(path, "format", {error.validator: said})
        case "contains":
            yield Problem(path, "rule", {"message": "A last frame needs another frame before it."})
        case "not":
            refused = [each for each in mentioned(said) if present(value, each)]
            why = [
                each for each in mentioned(_condition(error, schema)) if present(value, each) and each not in refused
            ]
            names = [path + each for each in (*refused, *why)] or [path]
            yield Problem(names[0], "together", {}, tuple(names[1:]))
        case "oneOf" | "anyOf":
            yield from _branches(error, path, said, value)
        case other:  # a keyword that none of the documents has
            yield Problem(path, "rule", {"message": f"{other} is not satisfied."})


def _branches(error: Any, path: Path, branches: list[Any], value: Any) -> Iterator[Problem]:
    constants = [each.get("const", each.get("enum")) for each in branches]
    if all(each is not None for each in constants):
        yield Problem(path, "value", {"allowedValues": list(constants)})
        return
    sizes = [each.get("properties", {}) for each in branches]
    if all({"width", "height"} == each.keys() for each in sizes):
        pairs = [(each["width"]["const"], each["height"]["const"]) for each in sizes]
        yield Problem((*path, "width"), "size", {"sizes": pairs}, ((*path, "height"),))
        return
    if all(mentioned(each) and not each.keys() - {"required", "properties"} for each in branches):
        names = [path + each for branch in branches for each in mentioned(branch) if not present(value, each)]
        yield Problem(names[0] if names else path, "missing", {"any": True}, tuple(names[1:]))
        return
    name = _discriminator(branches)
    if name and isinstance(value, dict):
        known = [each["properties"][name]["const"] for each in branches]
        if value.get(name) not in known:
            kind = "missing" if name not in value else "value"
            yield Problem((*path, name), kind, {"allowedValues": known, "discriminator": name})
            return
        meant = known.index(value[name])
    else:
        kinds = [place for place, each in enumerate(branches) if _right_type(each, value)]
        if len(kinds) != 1:
            if all(each.get("format") or each.get("pattern") for each in branches):
                yield Problem(path, "format", {"any": [each.get("format") or each.get("pattern") for each in branches]})
            elif not kinds:
                yield Problem(path, "type", {"type": sorted({str(each.get("type", "any")) for each in branches})})
            else:
                yield from _nearest(error, path, branches, value)
            return
        meant = kinds[0]
    for each in error.context:
        if each.schema_path[0] == meant:
            yield from _told(each, branches[meant])


def _nearest(error: Any, path: Path, branches: list[Any], value: Any) -> Iterator[Problem]:
    """Of several branches for text, what is wrong by the one whose beginning is the value's; else the format."""
    for place, each in enumerate(branches):
        wanted = each.get("pattern", "")
        if isinstance(value, str) and wanted and ecma(wanted).search(value):
            for inner in error.context:
                if inner.schema_path[0] == place:
                    yield from _told(inner, each)
            return
    yield Problem(path, "format", {"any": [each.get("pattern", each.get("type")) for each in branches]})


def _discriminator(branches: list[Any]) -> str:
    for name in ("model", "type"):
        if all("const" in each.get("properties", {}).get(name, {}) for each in branches):
            return name
    return ""


def _right_type(schema: Any, value: Any) -> bool:
    kinds = schema.get("type")
    if kinds is None:
        inner = [each for keyword in ("anyOf", "oneOf") for each in schema.get(keyword, ())]
        return not inner or any(_right_type(each, value) for each in inner)
    return any(Strict.TYPE_CHECKER.is_type(value, each) for each in ([kinds] if isinstance(kinds, str) else kinds))


LIMITS = {
    "minimum": "min",
    "maximum": "max",
    "exclusiveMinimum": "min",
    "exclusiveMaximum": "max",
    "minLength": "min",
    "maxLength": "max",
    "minItems": "min",
    "maxItems": "max",
    "multipleOf": "multiplier",
    "type": "type",
}


def _limits(schema: Any) -> dict[str, Any]:
    return {name: schema[keyword] for keyword, name in LIMITS.items() if keyword in schema}


def mentioned(schema: Any, at: Path = ()) -> list[Path]:
    """The places that a condition asks for: names of `required`, innermost only."""
    if not isinstance(schema, dict):
        return []
    inner = [place for name, each in schema.get("properties", {}).items() for place in mentioned(each, (*at, name))]
    for keyword in ("allOf", "anyOf", "oneOf"):
        inner += [place for each in schema.get(keyword, ()) for place in mentioned(each, at)]
    inner += mentioned(schema.get("not"), at)
    mine = [(*at, each) for each in schema.get("required", ())]
    found = [each for each in mine if not any(place[: len(each)] == each for place in inner)] + inner
    return list(dict.fromkeys(found))


def present(value: Any, path: Iterable[str | int]) -> bool:
    """Whether a place exists."""
    for each in path:
        if not isinstance(value, dict) or each not in value:
            return False
        value = value[each]
    return True


def _condition(error: Any, schema: Any) -> Any:
    """The `if` above a keyword, if it stands in a `then`."""
    node, condition = schema, None
    for each in error.absolute_schema_path:
        if each == "then":
            condition = node.get("if")
        node = node[each] if not isinstance(node, dict) or each in node else {}
    return condition


def read(text: bytes) -> Any:
    """A body as JSON with exact numbers."""
    return json.loads(text, parse_float=Decimal)
