"""
Conditions and values in plain English: the small words that sentences are made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from preroll import pointer as pointers
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Single, is_negative, negation
from preroll.pointer import ABSENT

MAX_TEXT = 60
"""Longer texts are shortened in the middle of a sentence; nobody reads a data URI."""


def name(pointer: str) -> str:
    """
    A place as people say it, relative to its task: `/0/inputs/elements/1/id` is `inputs.elements[1].id`.

    The root of the payload is "the request", a task of it "task 0".
    """
    tokens = pointers.parse(pointer)
    if not tokens:
        return "the request"
    if len(tokens) == 1 and tokens[0].isdigit():
        return f"task {tokens[0]}"
    return pointers.spoken(tokens[1:] if tokens[0].isdigit() else tokens)


def last(pointer: str) -> str:
    """The last step of a place: the name of a member."""
    return (pointers.parse(pointer) or ("",))[-1]


def value(found: Any) -> str:
    """A JSON value as it stands in the file, shortened where it is long."""
    if found is ABSENT:
        return "nothing"
    if isinstance(found, Decimal):
        return str(found)
    if isinstance(found, dict):
        return "an object" if found else "{}"
    if isinstance(found, list):
        return f"an array of {count(len(found), 'item')}" if found else "[]"
    if isinstance(found, str) and len(found) > MAX_TEXT:
        found = f"{found[: MAX_TEXT - 20]}...{found[-10:]}"
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) >= 10**60:
        return f"a number of {len(str(abs(found))) if abs(found) < 10**4000 else 'thousands of'} digits"
    return json.dumps(found, ensure_ascii=False)


def combined(values: list[Any]) -> str:
    """Values that belong together: two numbers are written as a size, 1280x720."""
    if len(values) == 2 and all(isinstance(each, (int, float, Decimal)) for each in values):  # a size
        return f"{value(values[0])}x{value(values[1])}"
    return " with ".join(map(value, values))


def titled(values: Sequence[Any], title: str) -> str:
    """Values that belong together, with the vendor's name for them: `1280x720 (720p 16:9)`."""
    plain = " ".join(title.replace("(", " ").replace(")", " ").split())
    return combined(list(values)) + (f" ({plain})" if plain else "")


def count(number: Any, noun: str) -> str:
    """`1 item`, `3 items`, `2 properties`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    every = list(words)
    if len(every) < 2:  # one word or none needs no joint
        return "".join(every)
    return f"{', '.join(every[:-1])} {joint} {every[-1]}"


TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "an array",
    "object": "an object",
}


def types(names: Iterable[str]) -> str:
    """Types of JSON as people call them; `number` includes whole ones."""
    every = list(names)
    return listed((TYPES.get(each, each) for each in every if each != "integer" or "number" not in every), "or")


FORMATS = {
    "uri": "a URI",
    "uri-reference": "a URI or a relative reference",
    "iri": "an IRI",
    "uuid": "a UUID",
    "email": "an email address",
    "date": "a date (YYYY-MM-DD)",
    "date-time": "a date and time (RFC 3339)",
    "time": "a time (RFC 3339)",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "hostname": "a host name",
    "regex": "a regular expression",
    "json-pointer": "a JSON Pointer",
}


def format_(keyword: str) -> str:
    """A format as people call it."""
    return FORMATS.get(keyword, f"of the format {keyword}")


def pattern(expression: str) -> str:
    """A pattern, in words where it is only a fixed beginning."""
    body = expression
    if body.startswith("^"):
        plain = body[1:].replace("\\/", "/")
        for tail in (".*", ".+", ".*$", ".+$"):
            if plain.endswith(tail) and not set(plain[: -len(tail)]) & set("\\[](){}*+?|.^$"):
                return f"text that begins with {plain[: -len(tail)]}"
    return f"text that matches {expression}"


def assertion(literal: Literal, subject: str = "it") -> str:  # one phrase a keyword
    """What a literal says of its subject, as a clause: `settings.hdr is true`, `duration is 10 or less`."""
    test, argument, holds = literal.test, literal.argument, literal.holds
    verb = "is" if holds else "is not"
    match test:
        case "enum":
            return f"{subject} {verb} {listed(map(value, argument), 'or')}"
        case "required":
            return f"{subject} {verb} given"
        case "type":
            return f"{subject} {verb} {types(argument)}"
        case "minimum":
            return f"{subject} is {argument} or more" if holds else f"{subject} is less than {argument}"
        case "maximum":
            return f"{subject} is {argument} or less" if holds else f"{subject} is more than {argument}"
        case "exclusiveMinimum":
            return f"{subject} is more than {argument}" if holds else f"{subject} is {argument} or less"
        case "exclusiveMaximum":
            return f"{subject} is less than {argument}" if holds else f"{subject} is {argument} or more"
        case "multipleOf":
            return f"{subject} {verb} a multiple of {argument}"
        case "minLength" | "minItems" | "minProperties":
            noun = _COUNTED[test]
            return (
                f"{subject} has {count(argument, noun)} or more"
                if holds
                else f"{subject} has fewer than {count(argument, noun)}"
            )
        case "maxLength" | "maxItems" | "maxProperties":
            noun = _COUNTED[test]
            return (
                f"{subject} has {count(argument, noun)} or fewer"
                if holds
                else f"{subject} has more than {count(argument, noun)}"
            )
        case "pattern":
            return f"{subject} {verb} {pattern(argument)}"
        case "format":
            return f"{subject} {verb} {format_(argument)}"
        case "uniqueItems":
            return f"the items of {subject} {'are all different' if holds else 'repeat'}"
        case "closed":
            known = listed(argument[0], "and")
            return f"{subject} has no other properties than {known}" if holds else f"{subject} has other properties"
    return f"{subject} {'is as described' if holds else 'is not as described'}"


_COUNTED = {
    "minLength": "character",
    "maxLength": "character",
    "minItems": "item",
    "maxItems": "item",
    "minProperties": "property",
    "maxProperties": "property",
}


def clause(formula: Formula, subject: str = "it") -> str:  # one phrase a form
    """A formula as a clause about a subject; plain and true also where it is long."""
    match formula:
        case Literal("required", named, holds):
            place = f"{subject}.{named}" if subject != "it" else str(named)
            return f"{place} is {'' if holds else 'not '}given"
        case Literal():
            return assertion(formula, subject)
        case At(key, body) | In(key, body):
            place = str(key) if subject == "it" else f"{subject}{dotted_step(key)}"
            return clause(body, place)
        case Every(parts, title):
            if title:
                return title
            told = [part for part in parts if not _implied(part, parts)]
            return listed((clause(part, subject) for part in told), "and")
        case Either(parts, title):
            if title:
                return title
            if parts and all(is_negative(part) for part in parts):
                return f"it is not so that {clause(negation(formula), subject)}"
            return listed((clause(part, subject) for part in parts if not _type_only(part)), "or")
        case Single(parts, _, holds):
            ways = listed((clause(part, subject) for part in parts), "or")
            return f"exactly one of these holds: {ways}" if holds else f"not exactly one of these holds: {ways}"
        case Items(body, _, least, most):
            if least is None:
                return f"in every item of {subject}, {clause(body)}"
            if least == 1 and most is None and isinstance(body, Either) and is_negative(body):
                return f"not in every item of {subject} {clause(negation(body))}"
            upper = f" and at most {most}" if most is not None else ""
            return f"in at least {least}{upper} items of {subject}, {clause(body)}"
    return f"{subject} is as described"


def dotted_step(key: str | int) -> str:
    """One step after a name: `.key` or `[0]`."""
    return f"[{key}]" if isinstance(key, int) else f".{key}"


def _type_only(formula: Formula) -> bool:
    return isinstance(formula, Literal) and formula.test == "type"


def _implied(part: Formula, parts: tuple[Formula, ...]) -> bool:
    """`frame is given` goes without saying beside `frame is "last"`, and so does a type beside anything else."""
    if isinstance(part, Literal) and part.test == "required" and part.holds:
        return any(isinstance(other, (At, In)) and other.key == part.argument for other in parts)
    return _type_only(part) and len(parts) > 1
