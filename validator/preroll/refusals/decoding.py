"""
Decoding: a service's refusal as the violations that a check gives, with fixes that satisfy both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from preroll import dialect, mending, phrases, recognition, redaction
from preroll import pointer as pointers
from preroll.formula import Literal
from preroll.judgement import INVALID, VALID, Report, check
from preroll.pointer import ABSENT, Path
from preroll.recognition import Request, Unrecognised
from preroll.refusals import matching
from preroll.refusals.answer import REFUSED, Answer, Complaint
from preroll.refusals.matching import Match
from preroll.refusals.placing import broken
from preroll.refusals.reading import read
from preroll.registry import Registry
from preroll.target import Target
from preroll.violation import Because, Fix, Violation
from preroll.vocabulary import Vocabulary

IN_ITS_WORDS: Final = "refused-by-service"
"""The rule of complaints that none of our rules says."""


@dataclass(frozen=True)
class Decoded:
    """
    What a service's answer says of a payload.

    Attributes:
        answer: the answer, read.
        matches: each complaint with the violation of our own check that it is about, and what is left over.
        report: the complaints as violations of the payload, as a check reports its own.
    """

    answer: Answer
    matches: tuple[Match, ...]
    report: Report = field(repr=False)
    _said: tuple[Violation, ...] = ()

    @property
    def outcome(self) -> str:
        """`refused`, `inconclusive`, `unread` or `accepted`."""
        return self.answer.outcome

    @property
    def reason(self) -> str:
        """Why, for people; "" for a plain refusal."""
        return self.answer.reason

    @property
    def retry(self) -> str:
        """Whether the same payload can be taken later: `useless`, `later`, `after-change` or `unknown`."""
        return self.answer.retry

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """What the service said is wrong."""
        return self.answer.complaints

    @property
    def unread(self) -> tuple[Any, ...]:
        """The parts of the answer that are not understood."""
        return self.answer.unread

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """The complaints as violations, with verified fixes."""
        return self.advised().violations

    def advised(self, *, solver: bool = False) -> Report:
        """A report of these violations alone, each with fixes that satisfy the service's words and our check."""
        every = self.report.advised(solver=solver).violations
        wanted = {(each.rule, each.pointer, each.expected.__class__, repr(each.expected)) for each in self._said}
        return replace(
            self.report,
            violations=tuple(
                each
                for each in every
                if (each.rule, each.pointer, each.expected.__class__, repr(each.expected)) in wanted
            ),
        )

    def fixes(self) -> tuple[Fix, ...]:
        """Every verified fix, in the order of the violations."""
        return tuple(fix for each in self.advised(solver=True).violations for fix in each.fixes)

    def to_dict(self) -> dict[str, Any]:
        """What `preroll decode --format json` prints (docs/json/decode.schema.json)."""
        from preroll.render import decoded, json_  # upwards, as `Report.to_dict`

        plain: dict[str, Any] = json_.plain_value(decoded.data(self))
        return plain


def decode(  # what an answer comes with
    answer: Any,
    payload: Any = None,
    target: str | Target | None = None,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    registry: Registry | None = None,
    today: date | str | None = None,
) -> Decoded:
    """
    A service's answer as violations of the payload that was sent: what is wrong, where, and what to change.

    Args:
        answer: the body as bytes, text or parsed JSON; a saved exchange `{status, headers, body}`; or an `Answer`.
        payload: what was sent, as parsed; without it, places are relative to what the service names.
        target: what it was meant for (see `Registry.resolve`); None to find out from the payload.
        status: the HTTP status, where it is known.
        headers: the HTTP headers, where they are known.
        registry: the documents to judge by; the bundled ones by default.
        today: the date that counts as today for rules about dates.

    Raises:
        UnknownTarget: no target has the given name.
    """
    registry = registry or Registry.bundled()
    if isinstance(target, str):
        target = registry.resolve(target)
    payload = ABSENT if payload is None else payload
    request = _request(registry, payload, target)
    vendor = target.vendor if target is not None else request.vendor if request is not None else None
    homes = _Homes(registry, request)
    if not isinstance(answer, Answer):
        answer = read(answer, vendor=vendor, status=status, headers=headers, payload=payload, homes=homes)
    report = _checked(registry, payload, target, today) if request is not None else None
    found = report.violations if report is not None else ()
    complaints = answer.complaints if answer.outcome == REFUSED else ()
    matches = matching.matched(complaints, found, payload) if answer.outcome == REFUSED else ()
    decoder = _Decoder(registry, request, payload)
    said = decoder.violations(matches)
    if report is not None and report.recheck is not None:
        said = tuple((_with_dependents(each, report, payload), about) for each, about in said)
    else:
        said = tuple((replace(each, fixes=()), about) for each, about in said)  # nothing can verify them
    names = frozenset(
        (*redaction.SECRETS, *(each.lower() for one in registry.vendors.values() for each in one.envelope.secrets))
    )
    hidden = (report.hidden if report is not None else frozenset()) | frozenset(
        each for each in redaction.secret_texts(payload, names) if payload is not ABSENT
    )
    said = tuple((redaction.concealed(each, names, hidden), about) for each, about in said)
    violations = tuple(each for each, _ in said)
    spoken_of = {id(each.violation) for each in matches if each.relation == matching.SAME}
    others = tuple(each for each in found if id(each) not in spoken_of)
    joined = Report(
        INVALID if answer.outcome == REFUSED else VALID,
        report.target if report is not None else target.name if target is not None else None,
        (*violations, *others),
        today=report.today if report is not None else None,
        hidden=hidden,
        payload=payload,
        recheck=_Recheck(report.recheck, said) if report is not None and report.recheck is not None else None,
        _judged=tuple((task, registry) for task in report.tasks) if report is not None else (),
    )
    return Decoded(answer, matches, joined, violations)


def _request(registry: Registry, payload: Any, target: Target | None) -> Request | None:
    if payload is ABSENT:
        return None
    try:
        return recognition.taken_apart(registry, payload, target)
    except (Unrecognised, RecursionError):
        return None


def _checked(registry: Registry, payload: Any, target: Target | None, today: date | str | None) -> Report | None:
    try:
        return check(payload, target, registry=registry, today=today)
    except (Unrecognised, RecursionError):
        return None


def _with_dependents(violation: Violation, report: Report, payload: Any) -> Violation:
    """A violation by something that must go, with a fix that also leaves out what cannot stay without it."""
    if violation.kind not in ("unexpected", "false") or report.recheck is None or not violation.pointer:
        return violation
    remove = {"op": "remove", "path": violation.pointer}
    try:
        after = report.recheck(mending.applied(payload, (remove,))).violations
    except (LookupError, ValueError):
        return violation
    before = {(each.rule, each.pointer) for each in report.violations}
    owner = violation.pointer.rpartition("/")[0]
    others = dict.fromkeys(
        reason.pointer
        for each in after
        if (each.rule, each.pointer) not in before
        for reason in each.because
        if reason.pointer.rpartition("/")[0] == owner
        and isinstance(pointers.look_up(payload, pointers.parse(owner)), dict)
        and pointers.look_up(payload, pointers.parse(reason.pointer)) is not ABSENT
    )
    if not others:
        return violation
    patch = (remove, *({"op": "remove", "path": each} for each in others))
    named = phrases.listed(phrases.name(each) for each in (violation.pointer, *others))
    return replace(violation, fixes=(*violation.fixes, Fix(f"leave out {named}", patch)))


class _Homes:
    """In which objects of a task its document knows a name."""

    def __init__(self, registry: Registry, request: Request | None) -> None:
        self.registry = registry
        self.tasks = {task.base: task for task in request.tasks} if request is not None else {}
        self._known: dict[Path, Vocabulary] = {}

    def __call__(self, base: Path, name: str) -> tuple[Path, ...]:
        task = self.tasks.get(base)
        if task is None or task.target is None or not task.target.described:
            return ()
        if base not in self._known:
            target = task.target
            self._known[base] = Vocabulary(
                self.registry.truth(target), self.registry.assertions(target).formula(target.schema)
            )
        return self._known[base].homes(name, task.value)


@dataclass(frozen=True, slots=True)
class _Recheck:
    """Checks another payload by our rules and by what the service said."""

    ours: Callable[[Any], Report]
    said: tuple[tuple[Violation, tuple[Complaint, ...]], ...]

    def __call__(self, payload: Any) -> Report:
        report = self.ours(payload)
        known = {(each.rule, each.pointer) for each in report.violations}
        left = tuple(
            violation
            for violation, complaints in self.said
            if (violation.rule, violation.pointer) not in known and any(unmet(each, payload) for each in complaints)
        )
        return replace(report, violations=(*report.violations, *left))


def unmet(complaint: Complaint, payload: Any) -> bool:
    """
    Whether a payload still does what a complaint is about.

    Only what can be told counts as met: a complaint without facts stays unmet whatever is changed.
    """
    values = [pointers.look_up(payload, pointers.parse(each)) for each in complaint.pointers]
    given = [each for each in values if each is not ABSENT]
    facts = complaint.facts
    if not values:
        return True
    match complaint.kind:
        case "required":
            groups = facts.get("options") or (complaint.pointers,)
            return not any(
                all(pointers.look_up(payload, pointers.parse(each)) is not ABSENT for each in group) for group in groups
            )
        case "unexpected":
            return bool(given)
        case "not-together":
            return len(given) > 1
        case "unlisted-combination" if facts.get("sizes") and len(values) == 2:
            return bool(given) and not any(
                all(dialect.equal(one, other) for one, other in zip(values, each, strict=True))
                for each in facts["sizes"]
            )
    if not given:
        return False
    if complaint.kind == "enum" and "allowed" not in facts:
        return True
    if not any(each in facts for each in _CHECKED):
        return True
    if complaint.kind in ("maximum", "minimum") and not any(dialect.is_number(each) for each in given):
        return True  # about what the value leads to, which nobody here can measure
    return any(True for each in given for _ in broken(facts, each))


_CHECKED: Final = (
    *("allowed", "expected", "minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple"),
    *("min_items", "max_items", "min_length", "max_length"),
)


class _Decoder:
    """Makes violations of complaints about one payload."""

    def __init__(self, registry: Registry, request: Request | None, payload: Any) -> None:
        self.registry = registry
        self.request = request
        self.payload = payload
        self.homes = _Homes(registry, request)

    def violations(self, matches: Iterable[Match]) -> tuple[tuple[Violation, tuple[Complaint, ...]], ...]:
        """One violation for each fault that the service speaks of, with all its complaints about it."""
        told: dict[tuple[str, str, str], tuple[Violation, list[Complaint]]] = {}
        for each in matches:
            if each.complaint is None:
                continue
            if each.relation == matching.SAME and each.violation is not None:
                ours = each.violation
            else:
                ours = self.made(each.complaint)
            key = (ours.rule, ours.pointer, "" if ours.rule != IN_ITS_WORDS else str(ours.expected))
            told.setdefault(key, (ours, []))[1].append(each.complaint)
        return tuple((self._joined(ours, complaints), tuple(complaints)) for ours, complaints in told.values())

    def _joined(self, ours: Violation, complaints: list[Complaint]) -> Violation:
        """Our violation with what the service said besides."""
        sentence = next((each.message for each in complaints if each.facts or each.pointers), complaints[0].message)
        link = next((str(each.facts["documentation"]) for each in complaints if "documentation" in each.facts), "")
        if ours.link.startswith(link):
            link = ours.link
        joined = replace(ours, sentence="" if sentence == ours.expected else sentence, link=link, severity="error")
        for each in complaints:
            joined = _narrowed(joined, each)
            listed = self._legal(each)
            if listed and joined.kind not in _NAMED:
                both = tuple(
                    one for one in joined.allowed if any(dialect.equal(_bare(one), _bare(other)) for other in listed)
                )
                joined = replace(joined, allowed=both or listed)
        return joined

    def _value(self, pointer: str) -> Any:
        return pointers.look_up(self.payload, pointers.parse(pointer)) if self.payload is not ABSENT else ABSENT

    def _legal(self, complaint: Complaint) -> tuple[Any, ...]:
        """The values that the service listed for the places, the nearest first."""
        values = [self._value(each) for each in complaint.pointers]
        if complaint.facts.get("sizes") and len(values) == 2:
            pairs = _nearest([tuple(each) for each in complaint.facts["sizes"]], tuple(values))
            return tuple(dict(zip(complaint.pointers, each, strict=True)) for each in pairs)
        listed = [(each,) for each in complaint.facts.get("allowed", ())]
        return tuple(each for (each,) in _nearest(listed, (values[0] if values else ABSENT,)))

    def made(self, complaint: Complaint) -> Violation:
        """A violation that says what a complaint says."""
        at = complaint.pointers[0] if complaint.pointers else ""
        actual = self._value(at)
        plain = Violation(
            rule=complaint.kind if complaint.kind in _RULES else IN_ITS_WORDS,
            pointer=at if complaint.pointers else self._task_of(complaint),
            kind="refused",
            also=complaint.pointers[1:],
            expected=complaint.message,
            actual=actual,
            allowed=self._legal(complaint),
            target=self._target(at),
        )
        if not complaint.pointers:
            return plain
        special = {
            "required": self._required,
            "unexpected": self._unexpected,
            "not-together": self._together,
            "unlisted-combination": self._combination,
        }.get(complaint.kind)
        if special is not None:
            return special(plain, complaint)
        return _worded(plain, complaint, actual)

    def _task_of(self, complaint: Complaint) -> str:
        """Where the task stands that a complaint without a place is about; the whole request where none is named."""
        task = str(complaint.facts.get("task_id", "")).casefold()
        for each in self.request.tasks if self.request is not None and task else ():
            if isinstance(each.value, dict) and any(
                isinstance(value, str) and value.casefold() == task for value in each.value.values()
            ):
                return pointers.text(each.base)
        return ""

    def _target(self, pointer: str) -> str:
        for each in self.request.tasks if self.request is not None else ():
            base = pointers.text(each.base)
            if each.target is not None and (pointer == base or pointer.startswith(base + "/")):
                return each.target.name
        return ""

    def _required(self, plain: Violation, complaint: Complaint) -> Violation:
        groups = complaint.facts.get("options") or (complaint.pointers,)
        owners = {each.rpartition("/")[0] for group in groups for each in group}
        owner = owners.pop() if len(owners) == 1 else self._base(plain.pointer)
        legal = plain.allowed[:1] if len(plain.allowed) == 1 else ()
        literal = Literal("enum", legal) if legal and len(complaint.pointers) == 1 else None
        options = tuple(tuple((each, literal) for each in group) for group in groups)
        return replace(
            plain, rule="required", kind="required", pointer=owner, also=(), expected=options, actual=ABSENT, allowed=()
        )

    def _base(self, pointer: str) -> str:
        steps = pointers.parse(pointer)
        return pointers.text(steps[:1]) if steps and steps[0].isdigit() else ""

    def _unexpected(self, plain: Violation, complaint: Complaint) -> Violation:
        base, name = self._base(plain.pointer), phrases.last(plain.pointer)
        home = pointers.resolved(self.payload, plain.pointer[len(base) :])[:-1] if self.payload is not ABSENT else ()
        known = home in self.homes(pointers.resolved(self.payload, base), name) if self.payload is not ABSENT else False
        names = tuple(complaint.facts.get("names", ()))
        rule = "additional-properties"
        if known and not names:
            return replace(plain, rule=rule, kind="false", expected=None, allowed=())
        return replace(
            plain, rule=rule, kind="unexpected", expected=(names, ()) if names else None, actual=name, allowed=()
        )

    def _together(self, plain: Violation, complaint: Complaint) -> Violation:
        conditions = tuple(
            Because(each, Literal("required", phrases.last(each)), self._value(each)) for each in complaint.pointers
        )
        if len(conditions) < 2:
            return plain
        return replace(
            plain,
            rule="not-together",
            kind="together",
            also=(),
            expected=(conditions[:1], ""),
            because=conditions[1:],
            allowed=(),
        )

    def _combination(self, plain: Violation, complaint: Complaint) -> Violation:
        if len(complaint.pointers) != 2:
            return plain
        values = [self._value(each) for each in complaint.pointers]
        if any(each is ABSENT for each in values):
            return plain
        return replace(plain, rule="unlisted-combination", kind="combination", actual=values, expected=None)


_RULES: Final = frozenset(
    (
        *("required", "type", "enum", "minimum", "maximum", "exclusive-minimum", "exclusive-maximum", "multiple-of"),
        *(
            "min-items",
            "max-items",
            "min-length",
            "max-length",
            "min-properties",
            "max-properties",
            "format",
            "pattern",
        ),
        *("any-of", "one-of", "unique-items", "unlisted-combination", "not-together"),
    )
)
_NAMED: Final = frozenset(
    ("misspelt-property", "misplaced-property", "unknown-property", "unexpected", "required", "together")
)

_SAYABLE: Final = {
    "minimum": ("minimum", "minimum"),
    "maximum": ("maximum", "maximum"),
    "exclusive-minimum": ("exclusiveMinimum", "exclusive_minimum"),
    "exclusive-maximum": ("exclusiveMaximum", "exclusive_maximum"),
    "multiple-of": ("multipleOf", "multiple"),
    "min-items": ("minItems", "min_items"),
    "max-items": ("maxItems", "max_items"),
    "min-length": ("minLength", "min_length"),
    "max-length": ("maxLength", "max_length"),
}
"""Which keyword says a kind, and the fact that is its argument."""


def _worded(plain: Violation, complaint: Complaint, actual: Any) -> Violation:
    """The violation in our own words, where its kind and its facts are all that they need."""
    facts, kind = complaint.facts, complaint.kind
    if kind in _SAYABLE:
        keyword, name = _SAYABLE[kind]
        counted = isinstance(actual, list) if kind.endswith("items") else isinstance(actual, str)
        if facts.get(name) is None or not (
            dialect.is_number(actual) if "-" not in kind or kind in _NUMERIC else counted
        ):
            return plain
        return replace(plain, kind=keyword, expected=Literal(keyword, facts[name]))
    if kind == "type" and facts.get("expected") and actual is not ABSENT and not isinstance(actual, (dict, list)):
        return replace(plain, kind="type", expected=Literal("type", tuple(facts["expected"])), allowed=())
    if kind == "enum" and plain.allowed and actual is not ABSENT:
        return replace(plain, kind="enum", expected=Literal("enum", plain.allowed))
    return plain


def _narrowed(ours: Violation, complaint: Complaint) -> Violation:
    """Our violation with the service's limit where that is the stricter one, and a fix that keeps to all its limits."""
    if not isinstance(ours.expected, Literal) or not dialect.is_number(ours.actual):
        return ours
    clamped = tuple(_clamped(ours.pointer, ours.actual, complaint.facts))
    ours = replace(ours, fixes=(*clamped, *ours.fixes))
    limit = complaint.facts.get({"maximum": "maximum", "minimum": "minimum"}.get(ours.expected.test, ""))
    if limit is None or not dialect.is_number(ours.expected.argument):
        return ours
    stricter = limit < ours.expected.argument if ours.expected.test == "maximum" else limit > ours.expected.argument
    return replace(ours, expected=replace(ours.expected, argument=limit)) if stricter else ours


_NUMERIC = frozenset(("exclusive-minimum", "exclusive-maximum", "multiple-of"))


def _clamped(pointer: str, value: Any, facts: Mapping[str, Any]) -> Iterator[Fix]:
    """The nearest number that keeps to everything that the service said of numbers."""
    if not dialect.is_number(value) or not math.isfinite(value):
        return
    step = Fraction(str(facts["multiple"])) if facts.get("multiple") else None
    whole = "integer" in facts.get("expected", ()) and "number" not in facts.get("expected", ())
    if step is None and whole:
        step = Fraction(1)
    near = Fraction(str(value))
    low, high = facts.get("minimum"), facts.get("maximum")
    if low is not None:
        near = max(near, Fraction(str(low)))
    if high is not None:
        near = min(near, Fraction(str(high)))
    tried = [near] if step is None else [math.floor(near / step) * step, math.ceil(near / step) * step]
    for each in sorted(tried, key=lambda each: abs(each - Fraction(str(value)))):
        number: Any = int(each) if each.denominator == 1 else float(Decimal(each.numerator) / Decimal(each.denominator))
        if not any(True for _ in broken(facts, number)):
            title = f"set {phrases.name(pointer)} to {phrases.value(number)}"
            yield Fix(title, ({"op": "replace", "path": pointer, "value": number},))
            return


def _bare(value: Any) -> Any:
    """A listed combination without its title."""
    return {key: each for key, each in value.items() if key != "title"} if isinstance(value, dict) else value


def _nearest(listed: list[tuple[Any, ...]], current: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if any(each is ABSENT for each in current):
        return listed
    return sorted(listed, key=lambda each: mending.distance(current, each))
