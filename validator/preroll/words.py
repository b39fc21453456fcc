"""
Words for violations: the fact, what activates it, what is allowed, what to do, what the vendor says.

Sentences are made from a violation's facts, by the kind of the violation; every kind has its function in
`MESSAGES`, and one plain sentence serves whatever fits none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from preroll import phrases
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, negation
from preroll.phrases import combined, count, listed, name, value
from preroll.pointer import ABSENT
from preroll.violation import Because, Said, Violation


def message(violation: Violation) -> str:
    """The fact, as one sentence without its place's address and without a full stop."""
    said = violation.expected
    if isinstance(said, Said):
        return f"{violation.parameter or name(violation.pointer)}: {said.kind.say(said.facts, violation.actual)}"
    fact = MESSAGES.get(violation.kind, _plain)(violation)
    if violation.parameter is not None and violation.kind != "unknown-parameter":
        return f"{violation.parameter}: {fact}"
    return fact


def because(reason: Because) -> str:
    """What holds at the place: `/0/settings/hdr is true`, `steps is 30 by default`."""
    return _condition(reason, reason.pointer or "the request")


def because_short(reason: Because) -> str:
    """The same, with the place as people name it."""
    return _condition(reason, name(reason.pointer))


def _condition(reason: Because, subject: str) -> str:
    if reason.default is not ABSENT:
        return f"{subject} is {value(reason.default)} by default"
    literal = reason.condition
    if literal.test == "enum" and literal.holds and reason.actual is not ABSENT:
        return f"{subject} is {value(reason.actual)}"
    if literal.test in _MEASURES and reason.actual is not ABSENT and not isinstance(reason.actual, (dict, list, str)):
        return f"{subject} is {value(reason.actual)}"
    if literal.test == "items":
        return f"all items of {subject} are of one kind"
    return phrases.assertion(literal, subject)


_MEASURES = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))


def reasons(violation: Violation) -> tuple[str, ...]:
    """The conditions to tell beside the fact: those that the fact does not name itself."""
    if violation.kind == "together":
        return ()
    fact = message(violation)
    return tuple(
        because(each)
        for each in violation.because
        if each.pointer not in (violation.pointer, *violation.also) and because_short(each) not in fact
    )


MAX_LISTED = 6


def allowed(violation: Violation) -> str:
    """What is legal in this context, on one line; "" where there is no short list."""
    every = violation.allowed
    if violation.kind in _NAMES or not every:
        return ""
    told = [_allowed(each) for each in every[:MAX_LISTED]]
    line = ", ".join(told)
    if len(every) > MAX_LISTED:
        line += f" ... ({len(every)} in all)"
    return line


_NAMES = frozenset(
    ("misspelt-property", "misplaced-property", "unknown-property", "unknown-target", "unknown-parameter")
)


def _allowed(found: Any) -> str:
    if not isinstance(found, dict) or not any(str(key).startswith("/") for key in found):
        return value(found)
    return phrases.titled([each for key, each in found.items() if key != "title"], found.get("title", ""))


def help_lines(violation: Violation) -> tuple[str, ...]:
    """What to do, most useful first: what is allowed, the fixes, the vendor's sentence, where to read on."""
    lines = []
    legal = allowed(violation)
    if legal:
        lines.append(f"allowed: {legal}")
    lines += [f"fix: {each.title}" for each in violation.fixes]
    lines += _hints(violation)
    if violation.sentence:
        lines.append(f'the vendor says: "{violation.sentence}"')
    if violation.link:
        lines.append(f"see {violation.link}")
    return tuple(lines)


def _hints(violation: Violation) -> Iterator[str]:
    expected = violation.expected
    if violation.kind == "unexpected" and expected:
        known, homes = expected
        if homes:
            yield f"known elsewhere: {_some(map(name, homes))}"
        elif known:
            yield f"known there: {_some(known)}"
    elif violation.kind == "selector" and expected:
        yield f"{violation.actual} is a model of {listed(map(str, expected), 'or')}"
    elif violation.kind == "unknown-property" and not violation.allowed and expected:
        yield f"known there and not given: {_some(expected)}"
    elif violation.kind == "wrong-operation":
        yield f"what {violation.actual or 'this operation'} finds wrong with it: " + "; ".join(
            message(each) for each in violation.causes[:3]
        )
    elif violation.kind == "union":
        yield from (f"or: {name(each.pointer)}: {message(each)}" for each in violation.causes[:4])
    elif violation.kind == "unknown-target" and expected:
        yield "known: " + _some([_dated(*each) for each in expected])
    if violation.correction:
        yield (
            f"the document contradicts itself here; preroll reads it as corrected by {violation.correction}"
            f" (evidence: preroll show {violation.target})"
        )


def _dated(known: str, version: str, date: str) -> str:
    return f"{known} (document {date or version})" if date or version else known


def _some(words: Any) -> str:
    every = list(map(str, words))
    return ", ".join(every[:8]) + (f" ... ({len(every)} in all)" if len(every) > 8 else "")  # one line


def _required(violation: Violation) -> str:
    options = violation.expected or ()
    owner = violation.pointer
    if not options:
        return f"something is missing in {name(owner)}"
    ways = [listed(name(place) for place, _ in option) for option in options]
    if len(options) == 1:
        needs = options[0]
        if len(needs) == 1 and needs[0][1] is not None and len(needs[0][1].argument) == 1:
            return f"{name(needs[0][0])} must be {listed(map(value, needs[0][1].argument), 'or')}, and is not given"
        return f"{ways[0]} {'is' if len(needs) == 1 else 'are'} required"
    several = len({len(option) for option in options}) > 1
    return f"{listed(ways, 'or')} {'are' if several else 'is'} required"


def _subjects(conditions: tuple[Because, ...], title: str = "") -> str:
    """What conditions are about: names, with the values that matter; two numbers as a size."""
    values = [each for each in conditions if each.condition.test == "enum" and each.condition.holds]
    if values and len(values) == len(conditions):
        if len(values) == 2 and all(_number(each.actual) for each in values):  # a size
            places = " and ".join(name(each.pointer) for each in values)
            return phrases.titled([each.actual for each in values], title or places)
        return listed(f"{name(each.pointer)} {value(each.actual)}" for each in values)
    return listed(
        f"{name(each.pointer)} {value(each.actual)}"
        if each.condition.test in ("enum", *_MEASURES)
        else name(each.pointer)
        for each in conditions
    )


def _number(found: Any) -> bool:
    return isinstance(found, (int, float, Decimal)) and not isinstance(found, bool)


def _forbidden(violation: Violation) -> str:
    conditions, title = violation.expected
    verb = "are" if len(conditions) > 1 and not all(_number(each.actual) for each in conditions) else "is"
    return f"{_subjects(conditions, title)} {verb} not allowed"


def _together(violation: Violation) -> str:
    return f"{_subjects(*violation.expected)} cannot be used together with {_subjects(violation.because)}"


def _combination(violation: Violation) -> str:
    places = [name(each) for each in (violation.pointer, *violation.also)]
    if isinstance(violation.actual, list) and len(violation.actual) == len(places):
        if violation.expected:
            given = listed(f"{place} {value(each)}" for place, each in zip(places, violation.actual, strict=True))
            return f"{given} is in no listed combination of {listed(map(name, violation.expected))}"
        return f"{combined(violation.actual)} is not a listed combination of {listed(places)}"
    return f"this combination of {listed(places)} is not listed"


def _enum(violation: Violation) -> str:
    subject = name(violation.pointer)
    if len(violation.allowed) == 1:
        return f"{subject} must be {value(violation.allowed[0])}, not {value(violation.actual)}"
    branch = violation.target.partition("#")[2]
    allowed_values = f"the values allowed for {branch}" if branch else "the allowed values"
    return f"{subject} {value(violation.actual)} is not one of {allowed_values}"


def _selector(violation: Violation) -> str:
    return f"{name(violation.pointer)} {value(violation.actual)} is not known to {violation.target}"


def _misspelt(violation: Violation) -> str:
    return f"{violation.actual} is not a known property: did you mean {violation.allowed[0]}?"


def _misplaced(violation: Violation) -> str:
    right = name(violation.expected)
    where = f"it belongs at {right}" if "." in right else "it belongs at the top of the task"
    return f"{violation.actual} does not belong here: {where}"


def _unexpected(violation: Violation) -> str:
    owner = violation.pointer.rpartition("/")[0]
    where = "" if not owner or (owner.count("/") == 1 and owner[1:].isdigit()) else f" of {name(owner)}"
    return f"{violation.actual} is not a property{where or ' of this target'}"


def _unknown_property(violation: Violation) -> str:
    guess = f": did you mean {violation.allowed[0]}?" if violation.allowed else ""
    return f"{violation.actual} is not described for this target, and may be ignored in silence{guess}"


def _unknown_target(violation: Violation) -> str:
    if violation.actual == "":
        return "nothing in this task says which model it is meant for"
    guess = f": did you mean {listed(map(str, violation.allowed), 'or')}?" if violation.allowed else ""
    return f"{value(violation.actual)} is in no document that preroll knows, so it cannot be checked{guess}"


def _unknown_parameter(violation: Violation) -> str:
    known = listed(map(str, violation.expected), "and") or "none"
    return f"{violation.actual} is no parameter of {violation.target}; it has {known}"


def _wrapped(violation: Violation) -> str:
    shape, at = violation.expected
    if shape == "object":
        return f"the request must be the array itself; the tasks stand inside {at}"
    return "the request must be the object itself, not an array around it"


def _empty(_: Violation) -> str:
    return "the request holds no task, so nothing would be done"


def _misplaced_task(violation: Violation) -> str:
    named, index, taken = violation.expected
    if taken:
        return f"a second {named} task: there may be one at most, as item {index}"
    return f"the {named} task must be item {index}, not item {violation.actual}"


def _too_many(violation: Violation) -> str:
    return f"{count(violation.actual, 'further task')} from here on would be refused, too; mend these first"


def _task_type(violation: Violation) -> str:
    return f"a task must be an object, not {value(violation.actual)}"


def _wrong_operation(violation: Violation) -> str:
    other, address = violation.expected
    return f"this body fits {address} ({other}), not {violation.actual}"


def _unexpected_body(violation: Violation) -> str:
    fact = f"{violation.actual} describes no JSON body: nothing of this one is checked, and it may be ignored"
    return fact if violation.expected is None else f"{fact}; it fits {violation.expected[1]} ({violation.expected[0]})"


def _alternatives(violation: Violation) -> str:
    kinds = [_alternative(each) for each in violation.expected]
    return f"{_given(violation)} is none of: {'; '.join(dict.fromkeys(kinds))}"


def _given(violation: Violation) -> str:
    """The name and the value at fault; a parameter's value alone, its name stands before."""
    shown = value(violation.actual)
    return shown if violation.parameter is not None else f"{name(violation.pointer)} {shown}"


def _alternative(literal: Literal) -> str:
    if literal.test == "format":
        return phrases.format_(literal.argument)
    if literal.test == "pattern":
        return phrases.pattern(literal.argument)
    if literal.test == "type":
        return phrases.types(literal.argument)
    if literal.test == "enum":
        return listed(map(value, literal.argument), "or")
    return phrases.assertion(literal, "something that")


def _union(violation: Violation) -> str:
    return f"{name(violation.pointer)} fits none of {count(len(violation.expected), 'alternative')}"


def _several(violation: Violation) -> str:
    return (
        f"{name(violation.pointer)} fits {count(len(violation.expected), 'alternative')} at once"
        " where exactly one may fit"
    )


def _contains(violation: Violation) -> str:
    wanted: Items = violation.expected
    subject = name(violation.pointer)
    if wanted.least == 1 and wanted.most is None:
        if isinstance(wanted.body, Either):
            named = one_member(negation(wanted.body))
            if named is not None:
                key, literal = named
                values = listed(map(value, literal.argument), "or")
                return f"every item of {subject} has {key} {values}; at least one must have another"
            opposite = phrases.clause(negation(wanted.body))
            return f"in every item of {subject} {opposite}; in at least one it must not be so"
        return f"no item of {subject} satisfies what at least one must: {phrases.clause(wanted.body)}"
    most = f" and at most {wanted.most}" if wanted.most is not None else ""
    return f"at least {wanted.least}{most} items of {subject} must satisfy: {phrases.clause(wanted.body)}"


def one_member(formula: Formula) -> tuple[str | int, Literal] | None:
    """The member and its values, where a formula says nothing but that a member has one of some values."""
    parts = [part for part in getattr(formula, "parts", (formula,)) if isinstance(part, (At, In))]
    others = [part for part in getattr(formula, "parts", ()) if isinstance(part, (Either, Every))]
    if len(parts) == 1 and not others and isinstance(parts[0].body, Literal) and parts[0].body.test == "enum":
        return parts[0].key, parts[0].body
    return None


def _name(violation: Violation) -> str:
    shown = value(phrases.last(violation.pointer))
    if isinstance(violation.expected, Literal):
        return f"the name {shown} is not allowed: {phrases.assertion(violation.expected, 'a name there')}"
    return f"the name {shown} is not allowed there"


def _type(violation: Violation) -> str:
    subject = name(violation.pointer)
    wanted = phrases.types(violation.expected.argument)
    if violation.actual is None:
        return f"{subject} must be {wanted}, not null; leave the key out to say nothing"
    actual = violation.actual
    kind = "" if not isinstance(actual, (str, bool)) else ("the text " if isinstance(actual, str) else "")
    return f"{subject} must be {wanted}, not {kind}{value(actual)}"


def _bound(violation: Violation) -> str:
    literal: Literal = violation.expected
    subject, actual, limit = name(violation.pointer), value(violation.actual), value(literal.argument)
    return {
        "minimum": f"{subject} {actual} is less than {limit}",
        "maximum": f"{subject} {actual} is more than {limit}",
        "exclusiveMinimum": f"{subject} {actual} must be more than {limit}",
        "exclusiveMaximum": f"{subject} {actual} must be less than {limit}",
        "multipleOf": f"{subject} {actual} is not a multiple of {limit}",
    }[literal.test]


def _size(violation: Violation) -> str:
    literal: Literal = violation.expected
    noun = phrases._COUNTED[literal.test]  # noqa: SLF001  # one vocabulary
    have = count(len(violation.actual), noun)
    verb = "is" if literal.argument == 1 else "are"
    limit = f"at most {literal.argument} {verb} allowed"
    if literal.test.startswith("min"):
        limit = f"at least {literal.argument} {verb} needed"
    return f"{name(violation.pointer)} has {have}, and {limit}"


def _format(violation: Violation) -> str:
    return f"{_given(violation)} is not {phrases.format_(violation.expected.argument)}"


def _pattern(violation: Violation) -> str:
    return f"{_given(violation)} is not {phrases.pattern(violation.expected.argument)}"


def _unique(violation: Violation) -> str:
    return f"the items of {name(violation.pointer)} must all be different"


def _false(violation: Violation) -> str:
    return f"{name(violation.pointer)} is not allowed here"


def _refused(violation: Violation) -> str:
    return str(violation.expected)


def _plain(violation: Violation) -> str:
    return f"{name(violation.pointer)} is not as the document describes it"


MESSAGES: dict[str, Callable[[Violation], str]] = {
    "alternatives": _alternatives,
    "combination": _combination,
    "contains": _contains,
    "empty-request": _empty,
    "enum": _enum,
    "exclusiveMaximum": _bound,
    "exclusiveMinimum": _bound,
    "false": _false,
    "forbidden": _forbidden,
    "format": _format,
    "maxItems": _size,
    "maxLength": _size,
    "maxProperties": _size,
    "maximum": _bound,
    "minItems": _size,
    "minLength": _size,
    "minProperties": _size,
    "minimum": _bound,
    "misplaced-property": _misplaced,
    "misplaced-task": _misplaced_task,
    "misspelt-property": _misspelt,
    "multipleOf": _bound,
    "name": _name,
    "pattern": _pattern,
    "refused": _refused,
    "required": _required,
    "selector": _selector,
    "several": _several,
    "task-type": _task_type,
    "together": _together,
    "too-many-faults": _too_many,
    "type": _type,
    "unexpected": _unexpected,
    "union": _union,
    "uniqueItems": _unique,
    "unknown-parameter": _unknown_parameter,
    "unknown-property": _unknown_property,
    "unknown-target": _unknown_target,
    "wrapped-request": _wrapped,
    "unexpected-body": _unexpected_body,
    "wrong-operation": _wrong_operation,
}
