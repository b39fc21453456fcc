"""
Wording: assertions of a document as sentences, for proofs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from preroll import phrases
from preroll import pointer as pointers
from preroll.audit.subject import IN_PLACE, Subject
from preroll.formula import Either, Literal, negation
from preroll.pointer import ABSENT, Path

if TYPE_CHECKING:
    from preroll.constraints import Assertion

LONGEST = 150


def spoken(path: Path) -> str:
    """A place of a payload as people write it; "" for the payload itself."""
    return "".join("[]" if each == "*" else f".{each}" for each in path).removeprefix(".")


def place(pointer: str, root: str) -> Path:
    """The place of a payload that a schema speaks about, read off its address below a root."""
    tokens = pointers.parse(pointer[len(root) :]) if pointer.startswith(root) else ()
    found: list[str | int] = []
    index = 0
    while index < len(tokens):
        step = tokens[index]
        if step == "properties" and index + 1 < len(tokens):
            found.append(tokens[index + 1])
            index += 2
        elif step in ("items", "contains", "additionalProperties", "prefixItems", "patternProperties"):
            found.append("*")
            index += 2 if step in ("prefixItems", "patternProperties") else 1
        elif step in IN_PLACE:
            index += 2 if step in ("allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies") else 1
        else:
            break
    return tuple(found)


def sentence(subject: Subject, root: str, each: Assertion) -> str:
    """One assertion in words, with the condition that activates it."""
    if each.rule:
        return f"the rule {each.rule}"
    return _shortened(_conditional(subject, root, each.source) + _plain(_fact(subject, root, each)))


def _plain(clause: str) -> str:
    """`it is not so that x is given` as people say it."""
    found = re.fullmatch(r"it is not so that (\S+) is given", clause)
    return f"{found[1]} is not given" if found else clause


def _fact(subject: Subject, root: str, each: Assertion) -> str:
    about = spoken(place(each.source, root)) or "it"
    source = each.source
    if each.keyword == "required":
        name = f"{about}.{each.detail}" if about != "it" else each.detail
        return f"{name} is {'not ' if each.negated else ''}given"
    if each.keyword in ("oneOf", "anyOf", "not", "contains"):
        schema = pointers.look_up(subject.view, pointers.parse(source))
        if each.keyword == "oneOf" and isinstance(schema, list):
            titles = [str(one.get("title") or "") for one in schema if isinstance(one, dict)]
            told = f": {phrases.listed(titles, 'or')}" if all(titles) else ""
            which = f"of {len(schema)} alternatives{f' of {about}' if about != 'it' else ''}"
            if each.detail == "several":
                return f"no two {which} hold at once{told}"
            return f"one {which} holds{told}"
        if each.keyword == "contains":
            try:
                body = subject.assertions.formula(source)
            except KeyError:
                return f"what {about} must contain"
            amount = "too many items" if each.detail == "many" else "an item"
            verb = "do not satisfy" if each.detail == "many" else "satisfies"
            return f"{amount} of {about.removesuffix('[]')} {verb}: {phrases.clause(body)}"
        return _clause(subject, source, about)
    keyword = source.rpartition("/")[2]
    value = pointers.look_up(subject.view, pointers.parse(source))
    if each.keyword == "closed":
        return f"{about if about != 'it' else 'the request'} has no other properties than those described"
    if value is ABSENT:
        return f"{each.keyword} of {about}"
    if keyword == "const":
        value = (value,)
    elif keyword == "type":
        value = (value,) if isinstance(value, str) else tuple(value)
    elif keyword == "enum":
        value = tuple(value)
    return phrases.assertion(Literal(each.keyword, value, not each.negated, source), about)


def _clause(subject: Subject, source: str, about: str) -> str:
    keyword = source.rpartition("/")[2]
    if keyword in ("then", "else", "not") or keyword.isdigit():
        try:
            formula = subject.assertions.formula(source)
        except KeyError:
            return f"what stands at {source}"
        denied = keyword == "not" or (keyword.isdigit() and "not" in pointers.parse(source))
        return phrases.clause(negation(formula) if denied else formula, about)
    try:
        parts = [
            subject.assertions.formula(f"{source}/{index}")
            for index in range(len(pointers.look_up(subject.view, pointers.parse(source))))
        ]
    except (KeyError, TypeError):
        return f"{keyword} of {about}"
    return phrases.clause(Either(tuple(parts)), about)


def _conditional(subject: Subject, root: str, source: str) -> str:
    """`when ...: ` for the condition that the innermost `then` or `else` depends on."""
    tokens = list(pointers.parse(source))
    while tokens:
        last = tokens.pop()
        holder: Any = pointers.look_up(subject.view, tokens)
        around = pointers.text(tokens)
        about = spoken(place(around, root)) or "it"
        if last in ("then", "else") and isinstance(holder, dict) and "if" in holder:
            formula = subject.assertions.formula(f"{around}/if")
            return f"when {phrases.clause(formula if last == 'then' else negation(formula), about)}: "
        if tokens and tokens[-1] in ("dependentRequired", "dependentSchemas"):
            name = f"{about}.{last}" if about != "it" else last
            return f"when {name} is given: "
    return ""


def joined(sentences: Iterable[str]) -> list[str]:
    """Sentences with those of one condition together, and without what goes without saying beside another."""
    groups: dict[str, list[str]] = {}
    for each in dict.fromkeys(sentences):
        condition, colon, fact = each.rpartition(": ") if each.startswith("when ") else ("", "", each)
        groups.setdefault(condition + colon, []).append(fact)
    told = []
    for condition, facts in groups.items():
        kept = [
            fact
            for fact in facts
            if not any(
                other != fact
                and (
                    (fact.endswith(" is given") and other.startswith(f"{fact.removesuffix(' is given')}."))
                    or fact in re.split(r", | or ", other)
                )
                for other in facts
            )
        ]
        told += [f"{condition}{phrases.listed(kept)}"] if condition else kept
    return told


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def condition(subject: Subject, root: str, source: str) -> str:
    """The condition that activates a `then`, an `else` or a dependent keyword, in words."""
    told = _conditional(subject, root, source).removeprefix("when ").removesuffix(": ")
    return _shortened(told or source)
