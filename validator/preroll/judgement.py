"""
The pre-flight check: a payload and a target in, a report out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from preroll import pointer as pointers
from preroll import recognition
from preroll.envelope import SECRETS
from preroll.pointer import ABSENT, Path
from preroll.recognition import Request, Task, Unrecognised
from preroll.registry import Registry
from preroll.rules import Rule
from preroll.rules.kind import Context, Finding
from preroll.target import Target
from preroll.violation import Because, Fix, Said, Violation

if TYPE_CHECKING:
    from preroll.positions import Positions

VALID, WARNING, INVALID, UNRESOLVED, UNREADABLE = "valid", "warning", "invalid", "unresolved", "unreadable"

REDACTED = "<redacted>"


class InvalidPayload(ValueError):
    """Raised by `Report.raise_if_invalid`; `report` has the details."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        from preroll import words  # words are made when somebody reads them

        errors = [each for each in self.report.violations if each.severity == "error"]
        return "\n".join(f"{each.pointer or '(root)'}: {words.message(each)}" for each in errors)


@dataclass(frozen=True)
class Report:
    """
    What is to be said of one payload.

    Attributes:
        verdict: `valid`, `warning` (accepted, but probably a slip) or `invalid`.
        target: name of the target that it was judged by; of the first task, where a request holds several.
        violations: in reading order, each fault once; warnings and information included.
        among: other targets that it could have been meant for.
        payload: what was checked.
        recheck: checks another payload in the same way.
        raw, source: the text that it came from and its name, where it came as text.
    """

    verdict: str
    target: str | None
    violations: tuple[Violation, ...]
    among: tuple[str, ...] = ()
    payload: Any = field(default=ABSENT, repr=False, compare=False)
    recheck: Callable[[Any], Report] | None = field(default=None, repr=False, compare=False)
    raw: bytes | None = field(default=None, repr=False, compare=False)
    source: str = field(default="", compare=False)
    _judged: tuple[tuple[Task, Registry], ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def effective(self) -> dict[str, Any]:
        """
        The documented defaults that will apply, by JSON Pointer: `{"value": ..., "sets": ["length", ...]}`.

        Empty for a payload that is refused.
        """
        from preroll import defaults  # found only when somebody asks

        found: dict[str, Any] = {}
        if self.verdict in (VALID, WARNING):
            for task, registry in self._judged:
                if task.target is not None and task.target.described:
                    rules = registry.vendor(task.vendor).rules
                    tree = registry.assertions(task.target).document
                    engine = registry.engine(task.target)
                    found |= defaults.effective(tree, task.target.schema, task.value, task.base, engine, rules)
        return found

    def fixes(self) -> tuple[Fix, ...]:
        """Every verified fix of every violation, in order; found when they are asked for (see `preroll.advice`)."""
        return tuple(fix for violation in self.advised().violations for fix in violation.fixes)

    def advised(self) -> Report:
        """The same report with verified fixes in its violations."""
        if not self.violations:
            return self
        from preroll.advice import advised  # upwards, and only when a fix is asked for

        return advised(self)

    def raise_if_invalid(self) -> None:
        """
        Nothing for an accepted payload.

        Raises:
            InvalidPayload: the vendor would refuse it; says every reason.
        """
        if self.verdict == INVALID:
            raise InvalidPayload(self)

    def place(self, violation: Violation) -> tuple[int, int] | None:
        """Line and column (from 1, in code points) of a violation, where the payload came as bytes."""
        if self.raw is None or violation.parameter is not None:
            return None
        return self.positions.of(violation.pointer, key=violation.kind in KEYED)

    @cached_property
    def positions(self) -> Positions:
        """The places in the text that the payload came from; of no text, where it came as a value."""
        from preroll import source  # only for failing payloads that came as bytes

        return source.positions(self.raw or b"", self.source)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Members whose text is never shown, as the vendors of its tasks name them."""
        return tuple(name for task, registry in self._judged for name in registry.vendor(task.vendor).envelope.secrets)

    def to_dict(self) -> dict[str, Any]:
        """The payload's entry in `--format json` (see docs/json.md)."""
        from preroll.render import json_  # the report knows no format of its own

        return json_.payload(self.advised())


KEYED = frozenset(("misspelt-property", "misplaced-property", "unexpected", "unknown-property", "name"))
"""Kinds whose fault is a key, not its value."""


def check(  # the interface that the design fixes
    payload: Any,
    target: str | Target | None = None,
    *,
    registry: Registry | None = None,
    response: int | str | None = None,
    parameters: Mapping[str, Any] | None = None,
    as_published: bool = False,
    today: date | str | None = None,
    unknown: str = "warn",
) -> Report:
    """
    Whether the vendor would take a payload, and if not, why, because of what, and what to change.

    Args:
        payload: the JSON body, as parsed.
        target: what it is meant for (see `Registry.resolve`); None to find out from the payload.
        registry: the documents to judge by; the bundled ones by default.
        response: judge the payload as a response with this status instead of as a request.
        parameters: parameters of the request, by `header.NAME`, `path.NAME` or `query.NAME`.
        as_published: judge by the vendor's schema alone: no corrections, rules or envelope.
        today: the date that counts as today for rules about dates (ISO date; default: today in UTC).
        unknown: `warn` or `error`: what a model is that no document describes.

    Raises:
        UnknownTarget: no target has the given name.
        Unrecognised: no target was given and nothing in the payload tells it.
        ValueError: an argument is not one of those above.
    """
    registry = registry or Registry.bundled()
    if isinstance(target, str):
        target = registry.resolve(target)
    if unknown not in ("warn", "error"):
        raise ValueError(f"unknown must be 'warn' or 'error', not {unknown!r}")
    context = Context(today=_day(today))
    if response is not None:
        if target is None:
            raise ValueError("a response needs a target: say which operation answered")
        return _response(registry, payload, target, str(response), as_published=as_published)
    given = tuple(_parameters(registry, target, parameters, as_published=as_published)) if parameters else ()
    if payload is ABSENT:
        return _report(given, target.name if target else None)

    def judged(payload: Any) -> Report:
        if as_published:
            return _published(registry, payload, target, given)
        return _intended(registry, payload, target, context, unknown, given)

    return replace(judged(payload), payload=payload, recheck=judged)


def check_bytes(raw: bytes, target: str | Target | None = None, *, name: str = "<payload>", **options: Any) -> Report:
    """
    Like `check`, for the text of a payload: exact numbers, duplicate keys and positions survive.

    Args:
        raw: JSON, JSONC or YAML, as the ending of `name` says (JSON by default).
        target: see `check`.
        name: what messages call it.
        **options: see `check`.

    Raises:
        Unreadable: the text cannot be parsed; says where and what to do. Otherwise as `check`.
    """
    from preroll import source  # callers with parsed payloads do not pay for it

    report = check(source.read(raw, name), target, **options)
    return replace(report, raw=raw, source=name)


def _day(today: date | str | None) -> date:
    if today is None:
        return datetime.now(UTC).date()
    return date.fromisoformat(today) if isinstance(today, str) else today


def _report(violations: tuple[Violation, ...], target: str | None, **more: Any) -> Report:
    severities = {each.severity for each in violations}
    verdict = INVALID if "error" in severities else WARNING if "warning" in severities else VALID
    return Report(verdict, target, violations, **more)


def _published(registry: Registry, payload: Any, target: Target | None, given: tuple[Violation, ...]) -> Report:
    if target is None:
        request = recognition.taken_apart(registry, payload, None)
        target = next((task.target for task in request.tasks if task.target and not task.target.companion), None)
        target = target or next((task.target for task in request.tasks if task.target), None)
        if target is None:
            raise Unrecognised("no task of a known target", "say what it is meant for with --as TARGET")
    found = _by_schema(registry, payload, target, target.body, published=True) if target.described else ()
    return _report((*given, *found), target.name)


def _by_schema(
    registry: Registry, payload: Any, target: Target, schema: str, *, published: bool
) -> tuple[Violation, ...]:
    if registry.engine(target, schema, published=published).is_valid(payload):
        return ()
    return diagnosis(registry, payload, target, schema, (), published=published)[0]


def diagnosis(  # what a judgement needs
    registry: Registry, value: Any, target: Target, schema: str, base: Path, *, published: bool = False
) -> tuple[tuple[Violation, ...], Any]:
    """The violations of a value that the engine refused, and the value with plain slips mended."""
    from preroll.diagnosis import Diagnosis  # an accepted payload needs none

    envelope = registry.vendor(target.vendor).envelope
    found = Diagnosis(
        registry.truth(target, published=published),
        registry.assertions(target, published=published).formula(schema),
        value,
        base=base,
        document=registry.document(target),
        target=target.name,
        told_by=envelope.told_by,
        guess=not published,
        published=published,
    )
    violations = tuple(found.violations())
    if not violations:
        violations = tuple(_plain(registry, value, target, schema, base, published=published))
    return violations, found.mended


def _plain(
    registry: Registry, value: Any, target: Target, schema: str, base: Path, *, published: bool
) -> Iterator[Violation]:
    """The engine's own errors: for what the explanation cannot see, so that nothing refused goes unsaid."""
    for error in registry.engine(target, schema, published=published).iter_errors(value):
        yield Violation(
            rule="refused",
            kind="refused",
            pointer=pointers.text((*base, *error.instance_path)),
            expected=error.message,
            target=target.name,
            document=registry.document(target).label,
        )


def _intended(
    registry: Registry,
    payload: Any,
    target: Target | None,
    context: Context,
    unknown: str,
    given: tuple[Violation, ...],
) -> Report:
    request = recognition.taken_apart(registry, payload, target)
    violations: list[Violation] = list(given)
    violations += _around(registry, request, target)
    for task in request.tasks:
        violations += _task(registry, task, context, unknown, alone=not request.envelope.array)
    violations += _across(registry, request, context)
    secrets = frozenset((*SECRETS, *(each.lower() for each in request.envelope.secrets)))
    ordered = tuple(_redacted(each, secrets) for each in _deduplicated(violations))
    first = next((task for task in request.tasks if task.target and not task.target.companion), None)
    first = first or next((task for task in request.tasks if task.target), None)
    return _report(
        ordered,
        first.target.name if first and first.target else None,
        among=first.among if first else (),
        _judged=tuple((task, registry) for task in request.tasks),
    )


def _deduplicated(violations: list[Violation]) -> list[Violation]:
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for each in violations:
        key = (
            each.rule,
            each.pointer,
            each.also,
            each.parameter,
            repr(each.expected),
            tuple(b.pointer for b in each.because),
        )
        if key not in seen:
            seen.add(key)
            kept.append(each)
    return kept


def _around(registry: Registry, request: Request, target: Target | None) -> Iterator[Violation]:
    """What the envelope asks of a request as a whole."""
    envelope = request.envelope
    name = target.name if target else next((each.target.name for each in request.tasks if each.target), "")
    if request.wrapped:
        at = pointers.text(request.tasks[0].base[:1] if request.tasks else ())
        yield Violation("wrapped-request", "", kind="wrapped-request", expected=(request.wrapped, at), target=name)
    if envelope.array and len(request.tasks) < envelope.at_least:
        yield Violation("empty-request", "", kind="empty-request", severity="warning", actual=[], target=name)
    for companion in envelope.companions:
        full = f"{request.vendor}/{companion.name}"
        standing = [index for index, task in enumerate(request.tasks) if task.target and task.target.name == full]
        for index in standing:
            if companion.only_at is not None and index != companion.only_at:
                first = next((each for each in standing if each == companion.only_at), None)
                yield Violation(
                    "misplaced-task",
                    pointers.text(request.tasks[index].base),
                    kind="misplaced-task",
                    expected=(companion.name, companion.only_at, first is not None),
                    actual=index,
                    target=full,
                    document=registry.source(registry.targets[full]).label,
                    document_pointer=companion.at,
                    sentence=companion.quote,
                )


def _task(registry: Registry, task: Task, context: Context, unknown: str, *, alone: bool) -> Iterator[Violation]:
    target = task.target
    if target is None:
        if isinstance(task.value, dict):
            yield _unknown_target(registry, task, unknown)
        else:
            yield Violation("type", pointers.text(task.base), kind="task-type", actual=task.value)
        return
    if not target.described:
        return
    found: tuple[Violation, ...] = ()
    value = task.value
    if not registry.engine(target).is_valid(value):
        found, value = diagnosis(registry, value, target, target.schema, task.base)
        other = recognition.elsewhere(registry, target, task.value) if alone else None
        if other is not None:
            found = (_wrong_operation(registry, target, other, found),)
    yield from found
    if any(each.rule == "wrong-operation" for each in found):
        return
    yield from _unknown_properties(registry, target, value, task, found)
    yield from _rules(registry, target, value, task, context, found)


def _wrong_operation(registry: Registry, target: Target, other: Target, found: tuple[Violation, ...]) -> Violation:
    return Violation(
        "wrong-operation",
        "",
        kind="wrong-operation",
        expected=(other.name, f"{other.method} {other.path}".strip()),
        actual=f"{target.method} {target.path}".strip(),
        target=target.name,
        document=registry.document(target).label,
        document_pointer=registry.document(target).published_pointer(target.schema),
        causes=found,
    )


def _unknown_target(registry: Registry, task: Task, unknown: str) -> Violation:
    from preroll import spelling  # only for what is not known

    named = task.value[task.unknown] if task.unknown else ""
    known = [
        (value, registry.source(each))
        for each in registry.targets.values()
        if each.vendor == task.vendor and isinstance(value := each.told_by.get(task.unknown), str)
    ]
    near = spelling.nearest(str(named), [value for value, _ in known], spelling.LOOSE) if named else ()
    order = sorted(known, key=lambda each: near.index(each[0]) if each[0] in near else len(near))
    return Violation(
        "unknown-target",
        pointers.text((*task.base, task.unknown) if task.unknown else task.base),
        kind="unknown-target",
        severity="warning" if unknown == "warn" else "error",
        expected=tuple((value, source.version, source.date) for value, source in order),
        actual=named,
        allowed=tuple(near),
        target=task.vendor,
    )


def _unknown_properties(
    registry: Registry, target: Target, value: Any, task: Task, found: tuple[Violation, ...]
) -> Iterator[Violation]:
    if registry.is_closed(target):
        return
    rules = registry.vendor(target.vendor).rules
    severity = rules.unknown_properties if rules is not None else "info"
    yield from unknown_properties(registry, target, target.schema, value, task.base, severity, found)


def unknown_properties(  # what a judgement needs
    registry: Registry,
    target: Target,
    schema: str,
    value: Any,
    base: Path,
    severity: str,
    found: tuple[Violation, ...] = (),
) -> Iterator[Violation]:
    """Members that no part of an open schema describes; silently ignored by the vendor, or worse."""
    from preroll import spelling  # closed schemas do without
    from preroll.vocabulary import Vocabulary

    vocabulary = Vocabulary(registry.truth(target), registry.assertions(target).formula(schema))
    told = {each.pointer for each in found}
    document = registry.document(target)

    def walk(node: Any, path: Path) -> Iterator[Violation]:
        if isinstance(node, list):
            for index, item in enumerate(node):
                if isinstance(item, (dict, list)):
                    yield from walk(item, (*path, index))
        if not isinstance(node, dict):
            return
        names = vocabulary.names(path, value)
        for name, inner in node.items():
            here = (*path, name)
            pointer = pointers.text((*base, *here))
            if names.known and not names.open and name not in names.known:
                if pointer in told:
                    continue
                absent = [each for each in names.known if each not in node]
                yield Violation(
                    "unknown-property",
                    pointer,
                    kind="unknown-property",
                    severity=severity,
                    expected=tuple(absent),
                    actual=str(name),
                    allowed=spelling.nearest(str(name), absent)[:1],
                    target=target.name,
                    document=document.label,
                    document_pointer=document.published_pointer(schema),
                )
            elif isinstance(inner, (dict, list)):
                yield from walk(inner, here)

    yield from walk(value, ())


def _rules(
    registry: Registry, target: Target, value: Any, task: Task, context: Context, found: tuple[Violation, ...]
) -> Iterator[Violation]:
    told = {pointer for each in found for pointer in (each.pointer, *each.also)}
    for rule in registry.rules(target):
        if rule.across or (rule.touches and all(pointers.look_up(value, path) is ABSENT for path in rule.touches)):
            continue
        for finding in rule.kind.check(value, context):
            violation = _prose(registry, rule, finding, target, task.base)
            # What the schema already refuses there is not told twice.
            if not any(violation.pointer == each or violation.pointer.startswith(each + "/") for each in told if each):
                yield violation


def _across(registry: Registry, request: Request, context: Context) -> Iterator[Violation]:
    """The rules that look at all tasks of a request."""
    if len(request.tasks) < 2:  # one task alone cannot disagree with another
        return
    seen: dict[str, tuple[Rule, Target]] = {}
    for task in request.tasks:
        if task.target is not None:
            for rule in registry.rules(task.target):
                if rule.across:
                    seen.setdefault(rule.id, (rule, task.target))
    if not seen:
        return
    values = [task.value for task in request.tasks]
    for rule, target in seen.values():
        for finding in rule.kind.check(values, context):
            yield _prose(registry, rule, finding, target, (), request)


def _prose(
    registry: Registry,
    rule: Rule,
    finding: Finding,
    target: Target,
    base: Path,
    request: Request | None = None,
) -> Violation:
    def given(path: Path) -> str:
        if request is not None and path and isinstance(path[0], int):
            return pointers.text((*request.tasks[path[0]].base, *path[1:]))
        return pointers.text((*base, *path))

    if request is not None and finding.path and isinstance(finding.path[0], int):
        target = request.tasks[finding.path[0]].target or target
    document = registry.document(target)
    from preroll.rules import anchors  # only for findings

    at = anchors(rule, document.raw)
    return Violation(
        rule=rule.id,
        kind=rule.kind.name,
        severity=rule.severity,
        pointer=given(finding.path),
        also=tuple(map(given, finding.also)),
        because=tuple(
            Because(
                given(pointers.resolved(_root(request, base), each.pointer)),
                each.condition,
                each.actual,
                each.default,
            )
            for each in finding.because
        ),
        expected=Said(rule.kind, finding.expected),
        actual=finding.actual,
        allowed=finding.allowed,
        target=target.name,
        document=document.label,
        document_pointer=at[0] if at else "",
        sentence=rule.quote,
        link=_link(document.raw, at[0]) if at else "",
    )


def _root(request: Request | None, base: Path) -> Any:
    del base
    return [task.value for task in request.tasks] if request is not None else {}


def _link(raw: Any, at: str) -> str:
    from preroll.diagnosis import excerpt

    described = pointers.look_up(raw, pointers.parse(at))
    return excerpt(described)[1] if isinstance(described, str) else ""


def _response(registry: Registry, payload: Any, target: Target, status: str, *, as_published: bool) -> Report:
    schema = _for_status(target, status)
    found = _by_schema(registry, payload, target, schema, published=as_published) if schema else ()
    if schema and not as_published:
        found += tuple(unknown_properties(registry, target, schema, payload, (), "info", found))
    return _report(found, target.name)


def _for_status(target: Target, status: str) -> str:
    for each in (status, f"{status[:1]}XX", f"{status[:1]}xx", "default"):
        if each in target.responses:
            return target.responses[each]
    known = ", ".join(target.responses) or "none"
    raise ValueError(f"{target.name} describes no response with status {status}; it describes {known}")


def _parameters(
    registry: Registry, target: Target | None, parameters: Mapping[str, Any], *, as_published: bool
) -> Iterator[Violation]:
    if target is None:
        raise ValueError("parameters need a target: say which operation they belong to")
    known = {each.key.lower(): each for each in target.parameters}
    for key, text in parameters.items():
        found = known.get(key.lower())
        if found is None:
            from preroll import spelling  # only for what is not known

            names = [each.key for each in target.parameters]
            yield Violation(
                "unknown-parameter",
                "",
                kind="unknown-parameter",
                severity="warning",
                expected=tuple(names),
                actual=key,
                allowed=spelling.nearest(key, names)[:1],
                target=target.name,
                parameter=key,
            )
            continue
        if not found.schema:
            continue
        value = _typed(registry, target, found.schema, text)
        for each in _by_schema(registry, value, target, found.schema, published=as_published):
            yield replace(each, parameter=found.key)


def _typed(registry: Registry, target: Target, schema: str, text: Any) -> Any:
    """A parameter travels as text; where its schema asks for another type, the text is read as that."""
    if not isinstance(text, str) or registry.engine(target, schema).is_valid(text):
        return text
    from preroll.mending import as_number

    number = as_number(text)
    for other in (number, {"true": True, "false": False}.get(text)):
        if other is not None and registry.engine(target, schema).is_valid(other):
            return other
    return text


def _redacted(violation: Violation, secrets: frozenset[str]) -> Violation:
    """The violation without the text of any secret."""
    hidden = any(token.lower() in secrets for token in pointers.parse(violation.pointer))
    return replace(
        violation,
        actual=REDACTED if hidden and violation.kind not in KEYED else redacted(violation.actual, secrets),
        because=tuple(
            replace(
                each,
                actual=REDACTED
                if any(token.lower() in secrets for token in pointers.parse(each.pointer))
                else redacted(each.actual, secrets),
            )
            for each in violation.because
        ),
        causes=tuple(_redacted(each, secrets) for each in violation.causes),
    )


def redacted(value: Any, secrets: frozenset[str]) -> Any:
    """A copy of a value in which the text of every secret member is hidden; the value itself where there is none."""
    if isinstance(value, dict):
        copy = {
            name: REDACTED if str(name).lower() in secrets and inner not in (None, "") else redacted(inner, secrets)
            for name, inner in value.items()
        }
        return copy if any(copy[name] is not value[name] for name in value) else value
    if isinstance(value, list):
        items = [redacted(each, secrets) for each in value]
        return items if any(one is not other for one, other in zip(items, value, strict=True)) else value
    return value
