"""
Proofs: what a document describes and excludes at once, decided by the constraint model.

A finding rests on a proof with its core, or on a payload that the engine has judged. What was not decided, or not
reached in time, is told of as such and never as a defect.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from preroll import dialect, mending, phrases
from preroll import pointer as pointers
from preroll.audit import wording
from preroll.audit.finding import ERROR, NOTE, WARNING, Kind, Place
from preroll.audit.subject import Subject
from preroll.formula import FALSE, TRUE, At, Either, Every, Formula, In, Items, Literal, Members, Ref, Single, every
from preroll.pointer import Path
from preroll.target import Target

if TYPE_CHECKING:
    from preroll.constraints import Assertion, Impossible, Model

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}


def _closed(properties: Any, **more: Any) -> Any:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def _if(name: str, then: Any) -> Any:
    return {"if": {"required": [name]}, "then": then}


REQUEST = Kind(
    id="request-impossible",
    level=ERROR,
    title="a request that nothing can satisfy",
    why="The document contradicts itself: every payload is refused.",
    instead="Loosen one of the assertions that exclude each other.",
    example=_closed({"a": {"type": "integer", "minimum": 5, "maximum": 3}}, required=["a"]),
    mended=_closed({"a": {"type": "integer", "minimum": 3, "maximum": 5}}, required=["a"]),
    proved=True,
)

PROPERTY = Kind(
    id="property-impossible",
    level=ERROR,
    title="a property that is described and can never be given",
    why="Every payload that has it is refused, whatever else it holds.",
    instead="Loosen one of the assertions that exclude it.",
    example=_closed({"a": _TEXT, "b": _TEXT}, required=["b"], allOf=[_if("a", {"not": {"required": ["b"]}})]),
    mended=_closed({"a": _TEXT, "b": _TEXT}, allOf=[_if("a", {"not": {"required": ["b"]}})]),
    proved=True,
)

VALUE = Kind(
    id="value-impossible",
    level=ERROR,
    title="a value that is listed and never accepted",
    why="Every payload that has it is refused, whatever else it holds.",
    instead="Take it off the list, or loosen what excludes it.",
    example=_closed({"a": {"type": "string", "enum": ["low", None]}}),
    mended=_closed({"a": {"type": ["string", "null"], "enum": ["low", None]}}),
    proved=True,
)

BRANCH = Kind(
    id="alternative-impossible",
    level=ERROR,
    title="an alternative that is described and never accepted",
    why="Every payload that means it is refused.",
    instead="Remove it, or loosen what excludes it.",
    example=_closed({"a": {"type": "string", "anyOf": [{"minLength": 3}, {"type": "integer"}]}}),
    mended=_closed({"a": {"anyOf": [{"type": "string", "minLength": 3}, {"type": "integer"}]}}),
    proved=True,
)

CONDITION = Kind(
    id="condition-never-holds",
    level=WARNING,
    title="a condition that no valid payload meets",
    why="What depends on it never counts: a way of using the operation is described and closed.",
    instead="Loosen what excludes it, or remove the condition.",
    example=_closed(
        {"a": _TEXT, "b": _TEXT}, required=["b"], **{"not": {"required": ["a"]}}, **_if("a", {"required": ["b"]})
    ),
    mended=_closed({"a": _TEXT, "b": _TEXT}, required=["b"], **_if("a", {"required": ["b"]})),
    proved=True,
)

PAIR = Kind(
    id="exclusion-nowhere-said",
    level=NOTE,
    title="two things that exclude each other, although no assertion says so",
    why="One demands what the other forbids. Whoever gives both is told of a third thing, and never that the two do "
    "not go together.",
    instead="Say it outright: `not` with both in `required`.",
    example=_closed(
        {"a": _TEXT, "b": _TEXT, "c": _TEXT},
        allOf=[_if("a", {"required": ["c"]}), _if("b", {"not": {"required": ["c"]}})],
    ),
    mended=_closed(
        {"a": _TEXT, "b": _TEXT, "c": _TEXT},
        allOf=[_if("a", {"required": ["c"]}), {"not": {"required": ["a", "b"]}}],
    ),
    proved=True,
)

WRITTEN = Kind(
    id="default-refused-when-written",
    level=WARNING,
    title="a documented default that a valid payload may not say",
    why="Writing the default out should change nothing. Here a valid request becomes invalid, because a condition "
    "looks at whether the value is given and not at what it is.",
    instead="Let the condition look at the value.",
    example=_closed({"a": _TEXT, "b": {"type": "boolean", "default": False}}, **{"not": {"required": ["a", "b"]}}),
    mended=_closed(
        {"a": _TEXT, "b": {"type": "boolean", "default": False}},
        **{"not": {"required": ["a", "b"], "properties": {"b": {"const": True}}}},
    ),
    proved=True,
)

IMPLIED = Kind(
    id="assertion-implied",
    level=NOTE,
    title="an assertion that can never fail alone, because others imply it",
    why="It changes no verdict. A report may name it in place of the assertion that matters.",
    instead="Leave it out, unless it is there for readers.",
    example=_closed({"a": {"type": "string", "const": "text"}}),
    mended=_closed({"a": {"const": "text"}}),
    proved=True,
)

NEGATIVE = Kind(
    id="negative-number-accepted",
    level=NOTE,
    title="a number without a lower limit, of which only positive ones are shown",
    why="A negative number and zero are valid, and probably mean nothing.",
    instead="Add `minimum` or `exclusiveMinimum`.",
    example=_closed({"a": {"type": "integer", "maximum": 60}}),
    mended=_closed({"a": {"type": "integer", "maximum": 60, "minimum": 1}}),
    proved=True,
)

EMPTY_TEXT = Kind(
    id="empty-text-accepted",
    level=NOTE,
    title="a text that must be given, and may be empty",
    why="The empty text is valid, and probably refused later, or paid for without use.",
    instead="Add `minLength`.",
    example=_closed({"a": _TEXT}, required=["a"]),
    mended=_closed({"a": {"type": "string", "minLength": 1}}, required=["a"]),
    proved=True,
)

UNDECIDED = Kind(
    id="proof-undecided",
    level=NOTE,
    title="questions about a target that could not be decided",
    why="Nothing is said about them: they may hide defects, and need not.",
    instead="Give more time with `--seconds`, or read the places by hand.",
    example=None,
    mended=None,
    proved=True,
)

KINDS = (
    REQUEST, PROPERTY, VALUE, BRANCH, CONDITION, PAIR, WRITTEN, IMPLIED, NEGATIVE, EMPTY_TEXT, UNDECIDED,
)  # fmt: skip

BRIEFLY_LEFT_OUT = (PAIR, IMPLIED, UNDECIDED)
"""What a brief audit does not look for."""

WAYS = 40
"""Ways through the conditionals of a target that are looked for."""

MOST_ATOMS = 60
"""Things of a target that are combined in pairs."""

Wrap = Callable[[Formula], Formula]


@dataclass(frozen=True, slots=True)
class Question:
    """
    Whether something described can be.

    Attributes:
        kind: what it is a finding of if it cannot.
        pointer: where it is described.
        path: the place of a payload.
        said: it, in words.
        condition: as a formula at the root.
        parent: the question that must have been answered with yes, or None.
    """

    kind: Kind
    pointer: str
    path: Path
    said: str
    condition: Formula
    parent: int | None


@dataclass
class Case:
    """One target with its model, and what is known of it so far."""

    target: Target
    model: Model
    questions: list[Question] = field(default_factory=list)
    payloads: list[Any] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    doubts: dict[str, None] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def check(subject: Subject) -> Iterator[Place]:
    """Every question about every target, in order of weight while time lasts."""
    from preroll.constraints import Model
    from preroll.document import DocumentError

    cases: list[Case] = []
    unusable: set[str] = set()
    for target in subject.targets:
        if subject.late:
            break
        if subject.engine(target.schema) is None:
            unusable.add(target.name)  # told of as such
            continue
        if not _bounded(subject, target):
            continue
        try:
            cases.append(Case(target, Model(subject.registry, target, published=not subject.intended)))
        except (DocumentError, ValueError, RecursionError, NotImplementedError):
            continue
    for phase in (_possible, _conditions, _values):
        for case in cases:
            yield from _guarded(subject, case, phase)
    for case in cases:
        subject.payloads[case.target.name] = case.payloads
        yield from _guarded(subject, case, _written)
    if not subject.brief:
        for case in cases:
            yield from _guarded(subject, case, _pairs)
        yield from _implied(subject, cases)
    yield from _undecided(subject, cases, unusable)


LARGEST = 60_000
"""Parts of a target, its references unfolded as often as proofs do; a larger one is left undecided."""

UNFOLDED = 3
"""How often a reference is followed inside itself."""


def _bounded(subject: Subject, target: Target) -> bool:
    """Whether a target is small enough to be asked about: schemas that refer to each other may have no end."""
    assertions = subject.registry.assertions(target, published=not subject.intended)
    stack: list[tuple[Formula, tuple[str, ...]]] = [(assertions.formula(target.schema), ())]
    left = LARGEST
    while stack:
        formula, chain = stack.pop()
        left -= 1
        if not left:
            return False
        match formula:
            case Ref(pointer):
                if chain.count(pointer) < UNFOLDED:
                    stack.append((assertions.formula(pointer), (*chain, pointer)))
            case Every(parts) | Either(parts) | Single(parts):
                stack += [(part, chain) for part in parts]
            case At(_, body) | In(_, body):
                stack.append((body, chain))
            case Items(body) | Members(body):
                stack += [(body, chain)] * 3  # so many items and members are told apart
    return True


Phase = Callable[[Subject, Case], Iterator[Place]]


def _guarded(subject: Subject, case: Case, phase: Phase) -> Iterator[Place]:
    """A phase, unless time is up; a schema that the model cannot take is left undecided."""
    if subject.late:
        case.left.append((phase.__doc__ or "").split(".")[0].strip())
        return
    try:
        yield from phase(subject, case)
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as problem:
        case.doubts.setdefault(f"the model cannot take this schema ({type(problem).__name__})")


def _ask(case: Case, condition: Formula | None) -> Impossible | bool:
    """The proof that something cannot be, True where it can, False where that is unknown."""
    from preroll.constraints import Impossible, Possible

    truth = case.model.reading.truth
    if condition is not None and any(truth.holds(condition, payload) for payload in case.payloads):
        return True
    answer = case.model.possible(condition)
    if isinstance(answer, Possible):
        case.payloads.append(answer.witness)
        return True
    if isinstance(answer, Impossible):
        return answer
    case.doubts.setdefault(answer.reason)
    return False


def _evidence(subject: Subject, case: Case, proof: Impossible) -> dict[str, Any]:
    published = subject.document.published_pointer
    core = [
        {"pointer": published(each.source), "says": wording.sentence(subject, case.target.schema, each)}
        for each in proof.core
    ]
    found: dict[str, Any] = {"core": core}
    if proof.within:
        found["within"] = list(proof.within)
    return found


def _because(subject: Subject, case: Case, proof: Impossible) -> str:
    told = wording.joined(wording.sentence(subject, case.target.schema, each) for each in _telling(proof.core))
    return f", because {'; '.join(told[:4])}" if told else ""


def _telling(core: tuple[Assertion, ...]) -> list[Assertion]:
    """The assertions of a core without those about types, which go without saying beside others."""
    plain = [each for each in core if each.keyword not in ("type", "closed")]
    return plain or list(core)


# --- what is described and cannot be ---


def _possible(subject: Subject, case: Case) -> Iterator[Place]:
    """Whether properties, values and alternatives are possible."""
    whole = _ask(case, None)
    if not isinstance(whole, bool):
        case.impossible.append("")
        yield Place(
            REQUEST,
            case.target.schema,
            "no payload is valid",
            _evidence(subject, case, whole),
            (),
            (case.target.name,),
            _because(subject, case, whole),
        )
        return
    if not whole:
        return
    case.questions = _questions(case)
    answers: dict[int, bool] = {}
    for number, each in enumerate(case.questions):
        if subject.late:
            case.left.append(f"{len(case.questions) - number} of {len(case.questions)} descriptions")
            return
        if each.parent is not None and not answers.get(each.parent, True):
            answers[number] = False
            continue
        answer = _ask(case, each.condition)
        answers[number] = bool(answer) if isinstance(answer, bool) else False
        if isinstance(answer, bool):
            answers[number] = True  # unknown counts as possible for what is inside
            continue
        case.impossible.append(pointers.text(each.path))
        yield Place(
            each.kind,
            each.pointer,
            f"{each.said} is never accepted",
            _evidence(subject, case, answer),
            (),
            (case.target.name,),
            _because(subject, case, answer),
        )


def _questions(case: Case) -> list[Question]:
    found: list[Question] = []
    seen: set[tuple[str, Path]] = set()
    _walk(case, case.model.formula, lambda formula: formula, (), None, 0, found, seen, "")
    return found


def _walk(  # one case a form
    case: Case,
    formula: Formula,
    wrap: Wrap,
    path: Path,
    parent: int | None,
    depth: int,
    found: list[Question],
    seen: set[tuple[str, Path]],
    chain: str,
) -> None:
    if depth > 30 or len(path) > 8 or len(found) > 4000:
        return
    match formula:
        case Ref():
            _walk(case, case.model.reading.target(formula), wrap, path, parent, depth + 1, found, seen, chain)
        case Every(parts):
            for part in parts:
                _walk(case, part, wrap, path, parent, depth + 1, found, seen, chain)
        case At(key, body, source) if isinstance(key, str):
            place = (*path, key)
            number = parent
            if (chain, place) not in seen:
                seen.add((chain, place))
                found.append(Question(PROPERTY, source, place, wording.spoken(place), wrap(In(key, TRUE)), parent))
                number = len(found) - 1
            inner = _inside(wrap, lambda each: In(key, each))
            _walk(case, body, inner, place, number, depth + 1, found, seen, chain)
        case Items(body, start, None, _, True):
            inner = _inside(wrap, lambda each: Items(each, start, 1, None, vacuous=False))
            _walk(case, body, inner, (*path, "*"), parent, depth + 1, found, seen, chain)
        case Literal("enum", values, True, source) if len(values) > 1:
            about = wording.spoken(path) or "the value"
            for index, value in enumerate(values):
                condition = wrap(Literal("enum", (value,), True, source))
                said = f"{about} {phrases.value(value)}"
                found.append(Question(VALUE, f"{source}/{index}", path, said, condition, parent))
        case Single(parts, holds=True) | Either(parts):
            _branches(case, formula, parts, wrap, path, parent, depth, found, seen)


def _branches(
    case: Case,
    formula: Either | Single,
    parts: tuple[Formula, ...],
    wrap: Wrap,
    path: Path,
    parent: int | None,
    depth: int,
    found: list[Question],
    seen: set[tuple[str, Path]],
) -> None:
    from preroll.constraints.encoding import is_conditional, source_of

    source = formula.source
    if not source.endswith(("/anyOf", "/oneOf")) or (isinstance(formula, Either) and is_conditional(formula)):
        return
    for part in parts:
        at = source_of(part)
        index = at[len(source) + 1 :].partition("/")[0] if at.startswith(f"{source}/") else ""
        if not index.isdigit():
            continue
        pointer = f"{source}/{index}"
        title = getattr(part, "title", "")
        about = wording.spoken(path)
        named = f" ({title})" if title and len(title) < 60 else ""
        said = f"alternative {int(index) + 1}{named}{f' of {about}' if about else ''}"
        found.append(Question(BRANCH, pointer, path, said, wrap(part), parent))
        number = len(found) - 1
        inner = _inside(wrap, functools.partial(every, part))
        _walk(case, part, inner, path, number, depth + 1, found, seen, pointer)


def _inside(wrap: Wrap, step: Wrap) -> Wrap:
    return lambda formula: wrap(step(formula))


def _conditions(subject: Subject, case: Case) -> Iterator[Place]:
    """Whether conditions can hold."""
    from preroll.constraints import Impossible, Possible, Unknown

    if case.impossible == [""]:
        return
    for scenario in case.model.scenarios(WAYS):
        if isinstance(scenario.answer, Possible):
            case.payloads.append(scenario.answer.witness)
        elif isinstance(scenario.answer, Impossible) and scenario.active:
            at = scenario.active[0]
            said = wording.condition(subject, case.target.schema, at)
            yield Place(
                CONDITION,
                at,
                f"it never comes to this: {said}",
                _evidence(subject, case, scenario.answer),
                (),
                (case.target.name,),
                _because(subject, case, scenario.answer),
            )
        elif isinstance(scenario.answer, Unknown) and scenario.active:
            case.doubts.setdefault(scenario.answer.reason)


# --- values that nobody means ---


def _values(subject: Subject, case: Case) -> Iterator[Place]:
    """Whether negative numbers and empty texts pass."""
    from preroll.constraints import Possible

    if case.impossible == [""]:
        return
    needed = _needed(subject, case, sometimes=True)
    for question in case.questions:
        if question.kind is not PROPERTY or subject.late:
            continue
        schema = pointers.look_up(subject.view, pointers.parse(question.pointer))
        if not isinstance(schema, dict) or "*" in question.path or pointers.text(question.path) in case.impossible:
            continue
        kind, value = _suspect(schema, required=question.path in needed)
        if kind is None:
            continue
        answer = case.model.possible(_at(question.path, value))
        if not isinstance(answer, Possible):
            continue
        shown = phrases.value(pointers.look_up(answer.witness, question.path))
        yield Place(
            kind,
            question.pointer,
            f"{question.said} {shown} is accepted",
            {"payload": answer.witness},
            (),
            (case.target.name,),
        )


def _needed(subject: Subject, case: Case, *, sometimes: bool = False) -> frozenset[Path]:
    """The places that every payload has, or that some ways of using the operation demand."""
    found: set[Path] = set()
    for path, speakers in subject.speakers(case.target.schema).items():
        for each in speakers:
            if (not each.chosen or sometimes) and not each.negated:
                required = each.schema.get("required")
                found.update((*path, str(name)) for name in (required if isinstance(required, list) else ()))
    return frozenset(found)


def _suspect(schema: Any, *, required: bool) -> tuple[Kind | None, Formula]:
    types = schema.get("type")
    types = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    if {"integer", "number"} & set(types) and not schema.keys() & {
        "minimum",
        "exclusiveMinimum",
        "enum",
        "const",
        "$ref",
    }:
        shown = [schema.get("maximum"), schema.get("default"), schema.get("example"), *_listed(schema.get("examples"))]
        numbers = [each for each in shown if dialect.is_number(each)]
        if numbers and all(each > 0 for each in numbers):
            return NEGATIVE, Every((Literal("type", ("number",)), Literal("maximum", -1)))
    if types == ["string"] and required and not schema.keys() & _SPECIFIC:
        return EMPTY_TEXT, Literal("enum", ("",))
    return None, TRUE


_SPECIFIC = frozenset(("minLength", "pattern", "format", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "not"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _at(path: Path, formula: Formula) -> Formula:
    for key in reversed(path):
        formula = In(str(key), formula)
    return formula


# --- defaults written out ---


def _written(subject: Subject, case: Case) -> Iterator[Place]:
    """Whether defaults may be written out."""
    if case.impossible == [""]:
        return
    engine = subject.engine(case.target.schema)
    told: set[str] = set()
    for question in case.questions:
        if question.kind is not PROPERTY or "*" in question.path or engine is None:
            continue
        schema = pointers.look_up(subject.view, pointers.parse(question.pointer))
        if not isinstance(schema, dict) or "default" not in schema or question.pointer in told:
            continue
        default, path = schema["default"], question.path
        if subject.refuses(question.pointer, default) is not None:
            continue  # a finding of its own
        if not subject.late:
            _ask(case, _at(path[:-1], At(str(path[-1]), FALSE)))
        payload = _broken_by(engine, case.payloads, path, default)
        if payload is None:
            continue
        told.add(question.pointer)
        changed = mending.put(payload, path, default)
        yield Place(
            WRITTEN,
            f"{question.pointer}/default",
            f"{question.said} {phrases.value(default)} is the default, and a valid request is refused when it says so",
            {"payload": changed, "without": payload},
            (),
            (case.target.name,),
            _told(subject, case.target, changed),
        )


def _broken_by(engine: dialect.Engine, payloads: Iterable[Any], path: Path, default: Any) -> Any:
    found = None
    for payload in payloads:
        owner = pointers.look_up(payload, path[:-1])
        if not isinstance(owner, dict) or path[-1] in owner:
            continue
        if not engine.is_valid(mending.put(payload, path, default)):
            found = payload if found is None or len(str(payload)) < len(str(found)) else found
    return found


def _told(subject: Subject, target: Target, payload: Any) -> str:
    """What is wrong with a payload, in words."""
    from preroll import words
    from preroll.judgement import diagnosis

    read = diagnosis(subject.registry, payload, target, target.schema, (), published=not subject.intended)[0]
    told = [words.message(each) for each in read[:1]]
    reasons = [words.because_short(reason) for each in read[:1] for reason in each.because if each.kind != "together"]
    if not told:
        return ""
    return f": {told[0]}" + (f" because {phrases.listed(reasons[:2])}" if reasons else "")


# --- pairs ---


def _pairs(subject: Subject, case: Case) -> Iterator[Place]:
    """Whether things go together that nothing forbids outright."""
    if case.impossible == [""]:
        return
    needed = _needed(subject, case)
    atoms: list[tuple[Question, Formula, str]] = []
    for question in case.questions:
        if question.kind is not PROPERTY or "*" in question.path or question.path in needed:
            continue
        if pointers.text(question.path) in case.impossible or len(question.path) > 3:
            continue
        parent = case.questions[question.parent] if question.parent is not None else None
        if parent is not None and parent.kind is BRANCH:
            continue
        schema = pointers.look_up(subject.view, pointers.parse(question.pointer))
        if isinstance(schema, dict) and schema.get("type") == "boolean":
            atoms.append((question, _at(question.path, Literal("enum", (True,))), f"{question.said}: true"))
        else:
            atoms.append((question, question.condition, question.said))
    atoms = atoms[:MOST_ATOMS]
    shown: dict[tuple[str, ...], int] = {}
    for index, (one, first, said) in enumerate(atoms):
        for other, second, also in atoms[index + 1 :]:
            if subject.late:
                case.left.append("pairs")
                return
            if one.path == other.path[: len(one.path)] or other.path == one.path[: len(other.path)]:
                continue
            proof = _ask(case, Every((first, second)))
            if isinstance(proof, bool) or not _unsaid(subject, case, proof, one.path, other.path):
                continue
            key = tuple(sorted(each.source for each in proof.core))
            if key in shown:
                continue
            shown[key] = 1
            yield Place(
                PAIR,
                _home(proof) or one.pointer,
                f"{said} and {also} never go together",
                _evidence(subject, case, proof),
                (),
                (case.target.name,),
                _because(subject, case, proof),
            )


def _groups(proof: Impossible) -> list[str]:
    """The statements that a core comes from: conditionals, negations, dependencies; each once."""
    found: dict[str, None] = {}
    for each in proof.core:
        tokens = pointers.parse(each.source)
        for index, token in enumerate(tokens):
            if token in ("then", "else", "not", "oneOf", "anyOf"):
                found.setdefault(pointers.text(tokens[:index]))
                break
            if token in ("dependentRequired", "dependentSchemas"):
                found.setdefault(pointers.text(tokens[: index + 2]))
                break
    return list(found)


def _unsaid(subject: Subject, case: Case, proof: Impossible, one: Path, other: Path) -> bool:
    """Whether no single statement speaks of both things."""
    groups = _groups(proof)
    if len(groups) < 2:
        return False
    speakers = subject.speakers(case.target.schema)
    about_one = [each.pointer for each in speakers.get(one[:-1], ()) if _names(each.schema, str(one[-1]))]
    about_other = [each.pointer for each in speakers.get(other[:-1], ()) if _names(each.schema, str(other[-1]))]
    for group in groups:
        last = pointers.parse(group)[-1]  # a dependent keyword is named by what it depends on
        if all(
            last == str(path[-1]) or any(each == group or each.startswith(f"{group}/") for each in about)
            for path, about in ((one, about_one), (other, about_other))
        ):
            return False
    return True


def _names(schema: Any, name: str) -> bool:
    required = schema.get("required")
    members = schema.get("properties")
    return name in (required if isinstance(required, list) else ()) or name in (
        members if isinstance(members, dict) else ()
    )


def _home(proof: Impossible) -> str:
    groups = _groups(proof)
    return groups[-1] if groups else ""


# --- assertions that others imply ---


def _implied(subject: Subject, cases: list[Case]) -> Iterator[Place]:
    """Assertions that cannot fail alone in any target that has them."""
    from preroll.constraints import Impossible, Unknown

    alone: set[tuple[str, str, str]] = set()
    proofs: dict[tuple[str, str, str], list[tuple[Case, Assertion, Impossible]]] = {}
    for case in cases:
        if case.impossible == [""]:
            continue
        assertions = case.model.assertions
        for number, each in enumerate(assertions):
            if each.rule or _below(case, each.source):
                continue
            if each.keyword == "oneOf" and each.detail == "several":
                continue  # alternatives that exclude each other are as they should be
            key = (each.source, each.keyword, each.detail)
            if key in alone:
                continue
            if subject.late:
                case.left.append(f"{len(assertions) - number} of {len(assertions)} assertions")
                alone.update((one.source, one.keyword, one.detail) for one in assertions[number:])
                break
            try:
                answer = case.model.breaking(each)
            except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as problem:
                case.doubts.setdefault(f"the model cannot take this schema ({type(problem).__name__})")
                alone.add(key)
                continue
            if isinstance(answer, Impossible):
                proofs.setdefault(key, []).append((case, each, answer))
            else:
                alone.add(key)
                if isinstance(answer, Unknown):
                    case.doubts.setdefault(answer.reason)
    for key, every_ in proofs.items():
        if key in alone:
            continue
        case, each, proof = every_[0]
        said = wording.sentence(subject, case.target.schema, each)
        core = [wording.sentence(subject, case.target.schema, one) for one in proof.core[:2]]
        more = f" and {len(proof.core) - 2} more" if len(proof.core) > 2 else ""
        because = f": others imply it: {'; '.join(core)}{more}" if core else ""
        yield Place(
            IMPLIED,
            each.source,
            f'"{said}" can never fail alone',
            _evidence(subject, case, proof),
            (),
            tuple(dict.fromkeys(one.target.name for one, _, _ in every_)),
            because,
        )


def _below(case: Case, source: str) -> bool:
    """Whether an assertion is about something that was found to be impossible."""
    path = wording.place(source, case.target.schema)
    text = pointers.text(path)
    return any(each and (text == each or text.startswith(f"{each}/")) for each in case.impossible)


def _undecided(subject: Subject, cases: list[Case], unusable: set[str]) -> Iterator[Place]:
    known = {case.target.name for case in cases} | unusable
    missing = [each.name for each in subject.targets if each.name not in known]
    for case in cases:
        if case.doubts or case.left:
            reasons = list(case.doubts) + [f"time was up before: {phrases.listed(case.left)}"] * bool(case.left)
            yield Place(
                UNDECIDED,
                case.target.schema,
                f"not everything about {case.target.name} was decided: {'; '.join(reasons[:3])}",
                {"reasons": reasons},
                (),
                (case.target.name,),
            )
    if missing:
        yield Place(
            UNDECIDED,
            "",
            f"{phrases.count(len(missing), 'target')} could not be asked about, too large or out of time: "
            f"{phrases.listed(missing[:5])}{' and others' if len(missing) > 5 else ''}",
            {"targets": missing},
        )
