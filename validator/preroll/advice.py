"""
Advice: fixes joined to a report, each verified by checking the payload again.

Proposals come from a violation's own facts: what is allowed there, what activates the rule, what a person
plainly meant. A proposal is offered only where the checked result no longer has the violation and nothing
new. Where nothing simple helps, and the constraint model is installed, the nearest valid payload is offered.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from preroll import dialect, mending, phrases, spelling
from preroll import pointer as pointers
from preroll.document import DocumentError
from preroll.formula import Items, Literal, negation
from preroll.judgement import Report
from preroll.pointer import ABSENT
from preroll.recognition import Task
from preroll.redaction import REDACTED
from preroll.violation import Because, Fix, Said, Violation

MAX_FIXES = 3
MAX_VIOLATIONS = 25
MAX_PROPOSALS = 12
SOLVER_LIMIT = 1.0
"""Seconds that the constraint model may look for one task's repairs."""
MANY = 5
"""With more errors than this nobody applies a repair of everything at once."""
TIME_LIMIT = 2.0
"""Seconds after which a report is returned with the fixes found so far."""

Patch = tuple[dict[str, Any], ...]
Proposal = tuple[str, Patch, bool]


def advised(report: Report, *, solver: bool = True, limit: float = TIME_LIMIT) -> Report:
    """
    The report with up to three verified fixes for each violation, the least change first.

    Args:
        report: what `check` said.
        solver: whether the constraint model, where it is installed, may look for the nearest valid payload
            for violations that nothing simple mends.
        limit: seconds after which the fixes found so far have to do.

    Violations that carry a fix already (a misspelt key) keep it, verified too.
    """
    if report.recheck is None or not report.violations:
        return report
    until = time.monotonic() + limit
    before = _faults(report)
    mended = []
    for index, violation in enumerate(report.violations):
        if index >= MAX_VIOLATIONS or time.monotonic() > until or violation.parameter is not None:
            mended.append(violation)
            continue
        given = [(fix.title, fix.patch, fix.safe) for fix in violation.fixes]
        offered = itertools.chain(given, proposals(report.payload, violation))
        fixes = tuple(_verified(report, violation, before, offered, until))
        mended.append(replace(violation, fixes=fixes))
    few = sum(each.severity == "error" for each in mended) <= MANY
    if solver and few and any(map(_helpless, mended)) and has_solver():
        mended = list(_repaired(report, mended, before, until))
    return replace(report, violations=tuple(mended))


def has_solver() -> bool:
    """Whether the group `solver` is installed."""
    import importlib.util

    return importlib.util.find_spec("z3") is not None


def _helpless(violation: Violation) -> bool:
    return violation.severity == "error" and not violation.fixes and violation.parameter is None


def _repaired(
    report: Report, violations: list[Violation], before: frozenset[tuple[str, str]], until: float
) -> Iterator[Violation]:
    """The violations, those that nothing simple mends with repairs of their whole task."""
    found: dict[str, list[Proposal]] = {}
    for each in violations:
        task = next((t for t in report.tasks if _stands_in(each.pointer, t.base)), None) if _helpless(each) else None
        if task is None or time.monotonic() > until:
            yield each
            continue
        base = pointers.text(task.base)
        if base not in found:
            found[base] = list(_repairs(report, task, until))
        yield replace(each, fixes=tuple(_verified(report, each, before, found[base], until)))


def _stands_in(pointer: str, base: tuple[str | int, ...]) -> bool:
    owner = pointers.text(base)
    return pointer == owner or pointer.startswith(owner + "/")


def _repairs(report: Report, task: Task, until: float) -> Iterator[Proposal]:
    """
    The nearest valid payloads to a task, by the constraint model; each keeps a different wish.

    One that would bring a text of the model's own is left out: nobody wants a stranger's prompt, or results sent
    to an address that was made up.
    """
    from preroll.constraints import Model  # z3 is imported only when nothing simple helps

    if task.target is None or not task.target.described or report.registry is None:
        return
    known = frozenset(_literals(report.registry.schema(task.target))) | frozenset(_strings(task.value))
    seconds = max(0.1, min(SOLVER_LIMIT, until - time.monotonic()))
    try:
        repairs = Model(report.registry, task.target, today=report.today).alternatives(task.value, seconds=seconds)
    except DocumentError:  # the schema is too wide for the model, which is nothing the user asked about
        return
    for repair in repairs:
        if repair.patch and all(_of_the_user(task.value, operation, known) for operation in repair.patch):
            moved = tuple({**each, "path": pointers.text(task.base) + each["path"]} for each in repair.patch)
            yield phrases.listed(_told(each) for each in moved), moved, False


def _of_the_user(task: Any, operation: dict[str, Any], known: frozenset[str]) -> bool:
    """Whether every text that an operation brings is a literal of the schema, the user's, or made from the user's."""
    before = pointers.look_up(task, pointers.parse(operation["path"]))
    old = before if isinstance(before, str) else ""
    return all(
        text in known or (text and text in old) or (old and text.rpartition("://")[2] == old.rpartition("://")[2])
        for text in _strings(operation.get("value"))
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _literals(schema: Any) -> Iterator[str]:
    """The texts that a schema names as values."""
    if isinstance(schema, dict):
        for keyword, inner in schema.items():
            if keyword in ("const", "enum"):
                yield from _strings(inner)
            else:
                yield from _literals(inner)
    elif isinstance(schema, list):
        for each in schema:
            yield from _literals(each)


def _told(operation: dict[str, Any]) -> str:
    name = phrases.name(operation["path"])
    if operation["op"] == "remove":
        return f"leave out {name}"
    value = operation["value"]
    shown = json.dumps(value, default=str) if isinstance(value, (dict, list)) else phrases.value(value)
    if len(shown) > phrases.MAX_TEXT:
        shown = phrases.value(value)
    return f"{'add' if operation['op'] == 'add' else 'set'} {name} {'' if operation['op'] == 'add' else 'to '}{shown}"


def _faults(report: Report) -> frozenset[tuple[str, str]]:
    return frozenset((each.rule, each.pointer) for each in report.violations if each.severity != "info")


def _verified(
    report: Report,
    violation: Violation,
    before: frozenset[tuple[str, str]],
    offered: Iterable[Proposal],
    until: float,
) -> Iterator[Fix]:
    """Those of the proposals that mend a violation and break nothing else, as checking the result again shows."""
    assert report.recheck is not None
    seen: list[Any] = []
    taken: set[str] = set()
    kept = 0
    for count, (title, patch, safe) in enumerate(offered):
        if kept == MAX_FIXES or count >= MAX_PROPOSALS or time.monotonic() > until:
            return
        if REDACTED in repr(patch) or any(each in repr(patch) for each in report.hidden) or _same_wish(patch, taken):
            continue
        try:
            changed = mending.applied(report.payload, patch)
            again = report.recheck(changed)
        except (LookupError, ValueError):
            continue
        after = _faults(again)
        # A rename moves the faults of what it renames: only their number can be compared then.
        moves = any(each["op"] == "move" for each in patch)
        better = len(after) < len(before) if moves else after < before
        if (violation.rule, violation.pointer) in after or not better:
            continue
        if any(changed == each for each in seen):
            continue
        seen.append(changed)
        taken |= {each["path"] for each in patch}
        kept += 1
        yield Fix(title, patch, safe)


def _same_wish(patch: Patch, taken: set[str]) -> bool:
    """To leave something out is no further choice where setting it otherwise was offered."""
    return len(patch) == 1 and patch[0]["op"] == "remove" and patch[0]["path"] in taken


def proposals(payload: Any, violation: Violation) -> Iterator[Proposal]:
    """
    Changes that may mend a violation, unverified, the least first.

    Different wishes of the user take turns: another value here first, then what activates the rule taken back,
    then the further values, so that the few fixes that are shown differ in what they keep.
    """
    here = [*_values(payload, violation), *_spellings(payload, violation), *_additions(payload, violation)]
    if here and here[0][2]:
        yield here[0]
        return
    yield from here[:1]
    if not isinstance(violation.expected, Said) or violation.kind in ("forbids", "requires", "agrees-with"):
        yield from _conditions(payload, violation.because)
    yield from here[1:2]
    yield from _removals(payload, violation)
    yield from here[2:]
    yield from _shapes(violation)


def _name(pointer: str) -> str:
    return phrases.name(pointer)


def _set(payload: Any, pointer: str, value: Any) -> Patch:
    return tuple(mending.setting(payload, (), pointers.resolved(payload, pointer), value))


def _values(payload: Any, violation: Violation) -> Iterator[Proposal]:
    """What is allowed there, the nearest first."""
    if violation.kind in ("misspelt-property", "unknown-target", "unknown-parameter"):
        return
    if violation.kind in ("unknown-property", "name"):
        if violation.allowed:
            owner, _, _ = violation.pointer.rpartition("/")
            right = f"{owner}{pointers.text((str(violation.allowed[0]),))}"
            yield (
                f"rename it to {violation.allowed[0]}",
                ({"op": "move", "from": violation.pointer, "path": right},),
                violation.kind != "name",
            )
        return
    current = pointers.look_up(payload, pointers.parse(violation.pointer))
    for each in violation.allowed[:3]:
        if isinstance(each, dict) and any(str(key).startswith("/") for key in each):
            patch = tuple(op for place, value in each.items() if place != "title" for op in _set(payload, place, value))
            told = phrases.titled([value for place, value in each.items() if place != "title"], each.get("title", ""))
            names = phrases.listed(_name(place) for place in each if place != "title")
            yield f"set {names} to {told}", patch, False
        else:
            same = (
                isinstance(each, str) and isinstance(current, str) and (spelling.plain(each) == spelling.plain(current))
            )
            patch = _set(payload, violation.pointer, each)
            yield f"set {_name(violation.pointer)} to {phrases.value(each)}", patch, same
    yield from _limits(payload, violation, current)
    if isinstance(violation.expected, Said):
        yield from _figures(payload, violation)
        yield from _days(payload, violation)


def _limits(payload: Any, violation: Violation, current: Any) -> Iterator[Proposal]:
    literal = violation.expected
    if not isinstance(literal, Literal):
        return
    limit = literal.argument
    title = f"set {_name(violation.pointer)} to "
    if literal.test in ("minimum", "maximum"):
        yield f"{title}{phrases.value(limit)}", _set(payload, violation.pointer, limit), False
    elif literal.test == "multipleOf" and dialect.is_number(current):
        step = Fraction(str(limit))
        nearest = round(Fraction(str(current)) / step) * step
        for each in (nearest, nearest - step, nearest + step):
            number = int(each) if each.denominator == 1 else float(Decimal(each.numerator) / Decimal(each.denominator))
            yield f"{title}{number}", _set(payload, violation.pointer, number), False
    elif literal.test == "maxItems" and isinstance(current, list):
        yield (
            f"keep the first {phrases.count(limit, 'item')}",
            _set(payload, violation.pointer, current[:limit]),
            False,
        )
    elif literal.test == "type":
        yield from _types(payload, violation, current, literal.argument)


def _types(payload: Any, violation: Violation, current: Any, wanted: tuple[str, ...]) -> Iterator[Proposal]:
    if isinstance(current, str):
        number = mending.as_number(current)
        for each in (number, {"true": True, "false": False}.get(current.strip().lower())):
            if each is not None:
                title = f"write {phrases.value(each)} without quotes"
                yield title, _set(payload, violation.pointer, each), True
    if dialect.is_number(current) and "string" in wanted:
        yield f'write "{current}" with quotes', _set(payload, violation.pointer, str(current)), True
    if isinstance(current, (int, bool)) and "boolean" in wanted and current in (0, 1):
        value = bool(current)
        yield f"write {phrases.value(value)}", _set(payload, violation.pointer, value), False
    if "array" in wanted and not isinstance(current, list):
        yield "put it into an array", _set(payload, violation.pointer, [current]), False


def _figures(payload: Any, violation: Violation) -> Iterator[Proposal]:
    """The numbers in a prose rule's facts, tried at the places that it is about."""
    facts = violation.expected.facts
    numbers = [each for each in _numbers(facts, 0) if math.isfinite(each)]
    places = [violation.pointer, *violation.also, *(each.pointer for each in violation.because)]
    for place in dict.fromkeys(places):
        current = pointers.look_up(payload, pointers.parse(place))
        if current is not ABSENT and not dialect.is_number(current):
            continue
        for number in dict.fromkeys(numbers):
            if number != current:
                yield f"set {_name(place)} to {number}", _set(payload, place, number), False


def _days(payload: Any, violation: Violation) -> Iterator[Proposal]:
    """For a rule about dates: the same date moved by as many days as bring it within a limit of the facts."""
    from datetime import date, timedelta  # few rules are about dates

    current = pointers.look_up(payload, pointers.parse(violation.pointer))
    try:
        day = date.fromisoformat(current) if isinstance(current, str) else None
    except ValueError:
        day = None
    if day is None:
        return
    numbers = [each for each in _numbers(violation.expected.facts, 0) if isinstance(each, int) and abs(each) < 10**5]
    for one in numbers:
        for other in numbers:
            if one > other:
                moved = (day - timedelta(days=one - other)).isoformat()
                yield (
                    f"set {_name(violation.pointer)} to {moved}",
                    _set(payload, violation.pointer, moved),
                    False,
                )


def _numbers(facts: Any, depth: int) -> Iterator[Any]:
    if dialect.is_number(facts):
        yield facts
    elif depth < 3:  # facts are flat
        inner: Any = ()
        if isinstance(facts, dict):
            inner = facts.values()
        elif isinstance(facts, (list, tuple)):
            inner = facts
        elif hasattr(facts, "__dataclass_fields__"):
            inner = [getattr(facts, name) for name in facts.__dataclass_fields__]
        for each in inner:
            yield from _numbers(each, depth + 1)


def _spellings(payload: Any, violation: Violation) -> Iterator[Proposal]:
    """Blanks around a text, capital letters, http for https."""
    current = pointers.look_up(payload, pointers.parse(violation.pointer))
    if not isinstance(current, str) or violation.kind not in (
        "pattern",
        "format",
        "alternatives",
        "enum",
        "media-input",
    ):
        return
    for title, text in (
        ("take away the blanks around it", current.strip()),
        ("write it with https", "https" + current[4:] if current.startswith("http:") else current),
        ("write it in lower case", current.lower()),
    ):
        if text != current:
            yield title, _set(payload, violation.pointer, text), title.startswith("take")


def _additions(payload: Any, violation: Violation) -> Iterator[Proposal]:
    """What is missing, where its value is certain or listed."""
    if violation.kind != "required" or not violation.expected:
        return
    for option in violation.expected:
        if all(literal is not None for _, literal in option):
            patch = tuple(op for place, literal in option for op in _set(payload, place, literal.argument[0]))
            told = phrases.listed(
                f"{_name(place)} to {phrases.value(literal.argument[0])}" for place, literal in option
            )
            yield f"set {told}", patch, False


def _removals(payload: Any, violation: Violation) -> Iterator[Proposal]:
    places = [violation.pointer, *violation.also]
    removable = violation.kind in ("unexpected", "unknown-property", "forbidden", "together", "false")
    # A prompt that is too long is not to be thrown away; what another choice makes useless may be.
    removable = removable or (
        isinstance(violation.expected, Said) and violation.kind in ("forbids", "requires", "remark")
    )
    if violation.kind == "type" and violation.actual is None:
        removable = True
    if removable and all(_removable(payload, each) for each in places):
        patch = tuple({"op": "remove", "path": each} for each in places)
        yield f"leave out {phrases.listed(map(_name, places))}", patch, False


def _removable(payload: Any, pointer: str) -> bool:
    path = pointers.resolved(payload, pointer)
    return bool(path) and isinstance(path[-1], str) and pointers.look_up(payload, path) is not ABSENT


def _conditions(payload: Any, because: tuple[Because, ...]) -> Iterator[Proposal]:
    """The other way round: what activates the rule is taken back."""
    for each in because:
        if not _removable(payload, each.pointer):
            continue
        current = pointers.look_up(payload, pointers.parse(each.pointer))
        title = f"set {_name(each.pointer)} to "
        if isinstance(current, bool):
            yield f"{title}{phrases.value(not current)}", _set(payload, each.pointer, not current), False
        for literal in each.others[:3]:
            yield f"{title}{phrases.value(literal)}", _set(payload, each.pointer, literal), False
        yield f"leave out {_name(each.pointer)}", ({"op": "remove", "path": each.pointer},), False


def _shapes(violation: Violation) -> Iterator[Proposal]:
    if violation.kind == "wrapped-request":
        shape, at = violation.expected
        yield (
            "send what is inside alone",
            ({"op": "move", "from": at if shape == "object" else "/0", "path": ""},),
            False,
        )
    elif isinstance(violation.expected, Items) and isinstance(violation.actual, list) and violation.actual:
        from preroll.words import one_member  # what the words say that every item has

        member = one_member(negation(violation.expected.body))
        if member is not None and isinstance(violation.actual[0], dict) and member[0] in violation.actual[0]:
            place = f"{violation.pointer}/0{pointers.text((member[0],))}"
            yield f"leave out {_name(place)}", ({"op": "remove", "path": place},), False
    elif violation.kind == "misplaced-task":
        named, index, taken = violation.expected
        if taken:
            yield f"leave out the second {named} task", ({"op": "remove", "path": violation.pointer},), False
        else:
            yield (
                f"move it to item {index}",
                ({"op": "move", "from": violation.pointer, "path": f"/{index}"},),
                False,
            )
