"""
The pre-flight check: a payload and a target in, a report out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property, partial
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from preroll import dialect, prose, recognition, redaction, strangers
from preroll import pointer as pointers
from preroll.pointer import ABSENT, Path
from preroll.recognition import Request, Task, Unrecognised
from preroll.registry import Registry
from preroll.rules.kind import Context
from preroll.target import Target
from preroll.violation import KEYED, Fix, Violation, changed

if TYPE_CHECKING:
    from preroll.positions import Positions
    from preroll.recollection import Case

VALID, WARNING, INVALID, UNRESOLVED, UNREADABLE = "valid", "warning", "invalid", "unresolved", "unreadable"


class InvalidPayload(ValueError):
    """Raised by `Report.raise_if_invalid`; `report` has the details."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        from preroll import words  # words are made when somebody reads them

        errors = [each for each in self.report.violations if each.severity == "error"]
        return "\n".join(f"{each.pointer or '(root)'}: {words.message(each)}" for each in errors)


MAX_TOLD = 1000
"""Violations after which the tasks that are left are only counted: nobody reads on, and time is bounded."""


@dataclass(frozen=True)
class Report:
    """
    What is to be said of one payload.

    Attributes:
        verdict: `valid`, `warning` (accepted, but probably a slip) or `invalid`.
        target: name of the target that it was judged by; of the first task, where a request holds several.
        violations: in reading order, each fault once; warnings and information included.
        among: other targets that it could have been meant for.
        today: the date that counted as today.
        hidden: the texts of secrets in the payload, which no output may show.
        payload: what was checked.
        recheck: checks another payload in the same way.
        raw, source: the text that it came from and its name, where it came as text.
    """

    verdict: str
    target: str | None
    violations: tuple[Violation, ...]
    among: tuple[str, ...] = ()
    today: date | None = field(default=None, repr=False, compare=False)
    hidden: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
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
        return tuple(fix for violation in self.advised(solver=True).violations for fix in violation.fixes)

    def advised(self, *, solver: bool = False) -> Report:
        """
        The same report with verified fixes in its violations.

        With `solver` the constraint model, where it is installed, looks for more where nothing simple helps.
        """
        if not self.violations:
            return self
        from preroll.advice import advised  # upwards, and only when a fix is asked for

        return advised(self, solver=solver)

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
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that were judged, each with its target."""
        return tuple(task for task, _ in self._judged)

    @property
    def registry(self) -> Registry | None:
        """What they were judged by."""
        return self._judged[0][1] if self._judged else None

    def to_dict(self) -> dict[str, Any]:
        """The payload's entry in `--format json` (see docs/json.md)."""
        from preroll.render import json_  # the report knows no format of its own

        return json_.payload(self.advised(solver=True))


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
    context = Context(today=day(today))
    if response is not None:
        if target is None:
            raise ValueError("a response needs a target: say which operation answered")
        answered = _response(registry, payload, target, str(response), as_published=as_published)
        return _report(answered, payload, registry)
    given = tuple(_parameters(registry, target, parameters, as_published=as_published)) if parameters else ()
    if payload is ABSENT:
        return _report(_Found(given, target.name if target else None), payload, registry)

    def judged(payload: Any) -> Report:
        if as_published:
            found = _published(registry, payload, target, given)
        else:
            request = recognition.taken_apart(registry, payload, target)
            found = _intended(registry, request, target, context, unknown, given)
        return _report(found, payload, registry, recheck=judged, today=context.today)

    return judged(payload)


def check_alone(value: dict[str, Any], target: Target, *, registry: Registry, today: date, unknown: str) -> Report:
    """
    What `check` says of an object that is a task of a known target and stands where a whole request may.

    It is for who has found that out already (see `preroll.sieve`), and has many of them.
    """

    def judged(payload: Any) -> Report:
        return check(payload, registry=registry, today=today, unknown=unknown)

    context, case = Context(today), None
    if target.described:
        memory = registry.memory(target, target.schema)
        case = memory.case(value, ())
    if case is not None:
        known = memory.judged(case)
        if known is not None and not any(True for _ in prose.findings(registry, target, known[2], context)):
            given = ((Task((), value, target, target.vendor), registry),)
            return Report(known[0], target.name, known[1], today=today, payload=value, recheck=judged, _judged=given)
    request = recognition.alone(registry, value, target.vendor)
    if request.tasks[0].target is not target:
        case = None
    found = _intended(registry, request, None, context, unknown, (), suspected=case)
    report = _report(found, value, registry, recheck=judged, today=today)
    if case is not None and not report.hidden:
        memory.judge(case, report.verdict, report.violations, (request.envelope.name_by, *request.envelope.tells))
    return report


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


def day(today: date | str | None) -> date:
    """
    The date that counts as today: the given one, else today's in UTC.

    Raises:
        ValueError: the text is no ISO date.
    """
    if today is None:
        return datetime.now(UTC).date()
    return date.fromisoformat(today) if isinstance(today, str) else today


class _Found(NamedTuple):
    """What a report is made of: see there."""

    violations: tuple[Violation, ...]
    target: str | None
    among: tuple[str, ...] = ()
    judged: tuple[tuple[Task, Registry], ...] = ()


def _report(found: _Found, payload: Any, registry: Registry, **more: Any) -> Report:
    """The report on a payload, without the text of any secret in it."""
    violations, names, hidden = found.violations, registry.secrets, frozenset[str]()
    spelt = redaction.secret_names(payload, names, guess=bool(violations))
    if spelt:
        names |= spelt
        hidden = frozenset(redaction.secret_texts(payload, names))
    if violations:
        hidden |= frozenset(redaction.misnamed(payload, violations, names))
    if hidden:
        violations = tuple(redaction.concealed(each, names, hidden) for each in violations)
    severities = {each.severity for each in violations}
    verdict = INVALID if "error" in severities else WARNING if "warning" in severities else VALID
    return Report(
        verdict,
        found.target,
        violations,
        among=found.among,
        hidden=hidden,
        payload=payload,
        _judged=found.judged,
        **more,
    )


def _published(registry: Registry, payload: Any, target: Target | None, given: tuple[Violation, ...]) -> _Found:
    if target is None:
        request = recognition.taken_apart(registry, payload, None)
        target = next((task.target for task in request.tasks if task.target and not task.target.companion), None)
        target = target or next((task.target for task in request.tasks if task.target), None)
        if target is None:
            raise Unrecognised("no task of a known target", "say what it is meant for with --as TARGET")
    found = _by_schema(registry, payload, target, target.body, published=True) if target.described else ()
    return _Found((*given, *found), target.name)


def _by_schema(
    registry: Registry, payload: Any, target: Target, schema: str, *, published: bool
) -> tuple[Violation, ...]:
    if registry.engine(target, schema, published=published).is_valid(payload):
        return ()
    return diagnosis(registry, payload, target, schema, (), published=published)[0]


def diagnosis(  # what a judgement needs
    registry: Registry,
    value: Any,
    target: Target,
    schema: str,
    base: Path,
    *,
    published: bool = False,
    suspected: Case | None = None,
) -> tuple[tuple[Violation, ...], Any, Callable[[Path], Path]]:
    """
    The violations of a value that the engine refused, the value with plain slips mended, and the way from a
    place of that to its place in the payload; perhaps none of one that is only suspected, of which the engine was not
    asked.
    """
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
    engine = None if suspected is None else registry.engine(target, schema, published=published)
    violations = registry.memory(target, schema, published=published).violations(found, engine, suspected)
    # The engine compares such numbers as floats; the explanation is exact, and sees nothing wrong.
    if not violations and not dialect.holds_decimals(value):
        violations = tuple(_plain(registry, value, target, schema, base, published=published))
    return violations, found.mended, lambda path: (*base, *found.given(path))


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
    request: Request,
    target: Target | None,
    context: Context,
    unknown: str,
    given: tuple[Violation, ...],
    *,
    suspected: Case | None = None,
) -> _Found:
    violations: list[Violation] = list(given)
    violations += _around(registry, request, target)
    left: list[Task] = []
    for task in request.tasks:
        if len(violations) < MAX_TOLD:
            alone = not request.envelope.array
            violations += _task(registry, task, context, unknown, alone=alone, suspected=suspected)
        elif task.target is None or not registry.engine(task.target).is_valid(task.value):
            left.append(task)
    if left:
        where = pointers.text(left[0].base)
        violations.append(Violation("too-many-faults", where, kind="too-many-faults", actual=len(left)))
    violations += prose.across_request(registry, request, context, tuple(violations))
    ordered = tuple(_linked(each, registry) for each in _deduplicated(violations))
    first = next((task for task in request.tasks if task.target and not task.target.companion), None)
    first = first or next((task for task in request.tasks if task.target), None)
    return _Found(
        ordered,
        first.target.name if first and first.target else None,
        first.among if first else (),
        tuple((task, registry) for task in request.tasks),
    )


def _linked(violation: Violation, registry: Registry) -> Violation:
    """The violation with the documentation of its target, where the vendor's sentence has no address of its own."""
    link = "" if violation.link else registry.link(violation.target)
    return changed(violation, link=link) if link else violation


def _deduplicated(violations: list[Violation]) -> list[Violation]:
    if len(violations) < 2:
        return violations
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
    some = any(task.target is not None and task.target.companion for task in request.tasks)
    for companion in envelope.companions if some else ():
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


def _task(
    registry: Registry, task: Task, context: Context, unknown: str, *, alone: bool, suspected: Case | None
) -> Iterator[Violation]:
    """What is wrong with one task; one that is `suspected` is most likely refused."""
    target = task.target
    if target is None:
        if isinstance(task.value, dict):
            yield strangers.unknown_target(registry, task, unknown)
        else:
            yield Violation("type", pointers.text(task.base), kind="task-type", actual=task.value)
        return
    if not target.described:
        if task.value not in (None, {}, []):
            other = recognition.elsewhere(registry, target, task.value) if alone else None
            yield strangers.unexpected_body(registry, target, other)
        return
    found: tuple[Violation, ...] = ()
    value = task.value
    given: Callable[[Path], Path] = partial(add, task.base)
    if suspected is not None or not registry.engine(target).is_valid(value):
        found, value, given = diagnosis(registry, value, target, target.schema, task.base, suspected=suspected)
        if value is task.value:
            found = tuple(prose.permitted(registry, task, context, each) for each in found)
        other = recognition.elsewhere(registry, target, task.value) if alone else None
        if other is not None:
            yield strangers.wrong_operation(registry, target, other, found)
            return
    unknown_branch = any(each.rule == "unknown-model" for each in found)
    if unknown_branch and strangers.is_foreign(registry, target, value):
        found = tuple(each for each in found if each.rule == "unknown-model")
        yield from (strangers.at_home(registry, each) for each in found)
        return
    yield from (strangers.at_home(registry, each) for each in found)
    if not unknown_branch and not registry.is_closed(target):
        rules = registry.vendor(target.vendor).rules
        severity = rules.unknown_properties if rules is not None else "info"
        yield from strangers.unknown_properties(registry, target, target.schema, value, given, severity, found)
    yield from prose.within_task(registry, task, value, given, context, found)


def _response(registry: Registry, payload: Any, target: Target, status: str, *, as_published: bool) -> _Found:
    schema = _for_status(target, status)
    found = _by_schema(registry, payload, target, schema, published=as_published) if schema else ()
    if schema and not as_published:
        found += tuple(strangers.unknown_properties(registry, target, schema, payload, tuple, "info", found))
    return _Found(found, target.name)


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
