"""
What a target can do, as facts: its parameters, its limits, its listed combinations, its conditions.

Everything is read from the formulas of the intended document; each fact carries the address that it was read
from, so that a table made of them can be checked against the vendor's document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from preroll import phrases
from preroll import pointer as pointers
from preroll.explanation import Combination, combination
from preroll.formula import (
    At,
    Either,
    Every,
    Formula,
    In,
    Items,
    Literal,
    Members,
    Ref,
    Single,
    is_negative,
    negation,
)
from preroll.pointer import ABSENT, Path
from preroll.registry import Registry
from preroll.target import Target

MAX_DEPTH = 12
ITEM = "*"
"""The step of a path that stands for any item of an array."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    One property of a payload, wherever it stands.

    Attributes:
        path: where it stands; `*` is any item of an array.
        required: whether its object must have it, whatever else the payload holds.
        facts: what is asserted of it unconditionally, by keyword (`type`, `minimum`, `enum`, ...).
        alternatives: phrases, one for each form that it may take, where it may take several.
        default: the documented default, or `ABSENT`.
        description: the vendor's description.
        pointer: address of its schema in the published document.
    """

    path: Path
    required: bool
    facts: dict[str, Any] = field(default_factory=dict)
    alternatives: tuple[str, ...] = ()
    default: Any = ABSENT
    description: str = ""
    pointer: str = ""

    @property
    def name(self) -> str:
        """The path as people write it: `parts[].name`."""
        return "".join("[]" if each == ITEM else f".{each}" for each in self.path).removeprefix(".")


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One condition of a target: where all of `when` holds, so must one of `then`; nothing in `then` means that
    the things in `when` do not go together.

    Attributes:
        when: clauses, as people say them.
        then: clauses, joined by "or".
        pointer: address of the assertion in the published document.
    """

    when: tuple[str, ...]
    then: tuple[str, ...]
    pointer: str

    def __str__(self) -> str:
        if not self.when:
            return f"{phrases.listed(self.then, 'or')}"
        if not self.then:
            return f"not together: {'; '.join(self.when)}"
        return f"when {phrases.listed(self.when)}: {phrases.listed(self.then, 'or')}"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Everything that is known of one target from its document."""

    target: Target
    parameters: tuple[Parameter, ...]
    combinations: tuple[tuple[Combination, ...], ...]
    statements: tuple[Statement, ...]


def capabilities(registry: Registry, target: Target) -> Capabilities:
    """Read a target's capabilities; operations with branches have those that the branches share."""
    reader = _Reader(registry, target)
    formula = reader.deref(registry.assertions(target).formula(target.schema)) if target.described else Every(())
    reader.walk(formula, (), 0, required=frozenset())
    return Capabilities(
        target,
        tuple(reader.parameters.values()),
        tuple(reader.combinations),
        tuple(dict.fromkeys(reader.statements)),
    )


class _Reader:
    def __init__(self, registry: Registry, target: Target) -> None:
        self.assertions = registry.assertions(target)
        self.document = registry.document(target)
        self.parameters: dict[Path, Parameter] = {}
        self.combinations: list[tuple[Combination, ...]] = []
        self.statements: list[Statement] = []

    def deref(self, formula: Formula) -> Formula:
        return self.assertions.deref(formula) if isinstance(formula, Ref) else formula

    def walk(self, formula: Formula, path: Path, depth: int, required: frozenset[str]) -> None:
        formula = self.deref(formula)
        if depth > MAX_DEPTH:
            return
        parts = list(self._flat(formula))
        names = required | {
            part.argument for part in parts if isinstance(part, Literal) and part.test == "required" and part.holds
        }
        for part in parts:
            match part:
                case At(key, body, source):
                    self._parameter((*path, key), body, source, required=key in names)
                    self.walk(body, (*path, key), depth + 1, frozenset())
                case Items(body, least=None, source=source):
                    self._parameter((*path, ITEM), body, source, required=False)
                    self.walk(body, (*path, ITEM), depth + 1, frozenset())
                case Either() | Single() | In() | Items():
                    self._conditional(part, path, depth)
                case Members(body, of_names=False, every=True, source=source) if not isinstance(body, Members):
                    self._parameter((*path, part.pattern or "(any name)"), body, source, required=False)

    def _flat(self, formula: Formula) -> Iterator[Formula]:
        formula = self.deref(formula)
        if isinstance(formula, Every):
            for part in formula.parts:
                yield from self._flat(part)
        else:
            yield formula

    def _parameter(self, path: Path, body: Formula, source: str, *, required: bool) -> None:
        schema = pointers.look_up(self.assertions.document, pointers.parse(source))
        schema = schema if isinstance(schema, dict) else {}
        facts: dict[str, Any] = {}
        alternatives: tuple[str, ...] = ()
        for part in self._flat(body):
            match part:
                case Literal("required" | "closed"):
                    continue
                case Literal("enum", argument, True):
                    facts["enum"] = list(argument)
                case Literal("type", argument, True):
                    facts["type"] = list(argument)
                case Literal(test, argument, True):
                    facts[test] = argument
                case Single(parts, holds=True) | Either(parts):
                    values = [self._constant(each) for each in parts]
                    if all(each is not None for each in values):
                        facts["enum"] = [value for each in values for value in each or ()]
                    else:
                        alternatives = tuple(dict.fromkeys(self._form(each) for each in parts))
        known = self.parameters.get(path)
        if known is None or (not known.facts and facts):
            self.parameters[path] = Parameter(
                path,
                required or (known.required if known else False),
                facts,
                alternatives,
                schema.get("default", ABSENT),
                str(schema.get("description", "")),
                self.document.published_pointer(source),
            )

    def _constant(self, formula: Formula) -> tuple[Any, ...] | None:
        formula = self.deref(formula)
        match formula:
            case Literal("enum", argument, True):
                return tuple(argument)
            case Every(parts):
                found = [self._constant(part) for part in parts if not _type_only(part)]
                return found[0] if len(found) == 1 else None
        return None

    def _form(self, formula: Formula) -> str:
        """One form that a value may take, in a few words."""
        formula = self.deref(formula)
        parts = list(self._flat(formula))
        types = [each for part in parts if isinstance(part, Literal) and part.test == "type" for each in part.argument]
        if "object" in types:
            fixed = [
                f"{part.key} {phrases.value(value[0])}"
                for part in parts
                if isinstance(part, At) and (value := self._constant(part.body)) is not None and len(value) == 1
            ]
            return "an object" + (f" with {phrases.listed(fixed)}" if fixed else "")
        if "array" in types:
            return "an array"
        for part in parts:
            if isinstance(part, Literal) and part.test in ("format", "pattern", "enum"):
                return phrases.assertion(part, "x").removeprefix("x is ")
        inner = [part for part in parts if isinstance(part, (Either, Single))]
        if inner:
            return phrases.listed(dict.fromkeys(self._form(each) for each in inner[0].parts), "or")
        return phrases.types(types) if types else "anything"

    def _conditional(self, formula: Formula, path: Path, depth: int) -> None:
        if isinstance(formula, (Either, Single)):
            found = [combination(self.deref(part), path) for part in formula.parts]
            if len(found) > 1 and all(each is not None and len(each.values) > 1 for each in found):
                self._list(tuple(each for each in found if each is not None))
                return
        known = self.parameters.get(path)
        if (
            known is not None
            and (known.alternatives or "enum" in known.facts)
            and not any(is_negative(part) for part in getattr(formula, "parts", ()))
        ):
            self._inside(formula, path, depth)  # its forms are told with the parameter
            return
        owner = _subject(path)
        when, then = [], []
        if isinstance(formula, Either):
            for part in formula.parts:
                listed = self._listed(part, path)
                if listed is not None:
                    self._list(listed)
                    continue
                if is_negative(part):
                    when.append(phrases.clause(negation(part), owner))
                else:
                    then.append(phrases.clause(part, owner))
            when = [clause for clause in dict.fromkeys(when) if not _weaker(clause, when)]
            for part in formula.parts:
                self._inside(part, path, depth)
        else:
            then.append(phrases.clause(formula, owner))
            self._inside(formula, path, depth)
        if not (when or then) or (isinstance(formula, Either) and not then and len(when) < 2):
            return
        source = getattr(formula, "source", "") or next(
            (getattr(each, "source", "") for each in getattr(formula, "parts", ()) if getattr(each, "source", "")),
            "",
        )
        self.statements.append(
            Statement(tuple(when), tuple(dict.fromkeys(then)), self.document.published_pointer(source))
        )

    def _inside(self, formula: Formula, path: Path, depth: int) -> None:
        """Parameters that only a branch describes."""
        formula = self.deref(formula)
        if depth > MAX_DEPTH:
            return
        parts = formula.parts if isinstance(formula, (Every, Either, Single)) else (formula,)
        for part in map(self.deref, parts):
            if isinstance(part, (At, In)):
                place = (*path, part.key)
                if place not in self.parameters and _described(self.deref(part.body)):
                    self._parameter(place, part.body, part.source, required=False)
            elif isinstance(part, (Every, Either, Single)):
                self._inside(part, path, depth + 1)

    def _listed(self, formula: Formula, path: Path) -> tuple[Combination, ...] | None:
        for part in self._flat(formula):
            if isinstance(part, (Either, Single)):
                found = [combination(self.deref(each), path) for each in part.parts]
                if len(found) > 1 and all(each is not None and len(each.values) > 1 for each in found):
                    return tuple(each for each in found if each is not None)
        return None

    def _list(self, found: tuple[Combination, ...]) -> None:
        if found not in self.combinations:
            self.combinations.append(found)


def _described(formula: Formula) -> bool:
    parts = formula.parts if isinstance(formula, Every) else (formula,)
    return any(isinstance(part, Literal) and part.test == "type" for part in parts)


def _subject(path: Path) -> str:
    if not path:
        return "it"
    return "".join("[]" if each == ITEM else f".{each}" for each in path).removeprefix(".")


def _weaker(clause: str, others: list[str]) -> bool:
    """`settings is given` goes without saying beside `settings.hdr is true`."""
    subject = clause.removesuffix(" is given")
    return subject != clause and any(
        other.startswith((f"{subject}.", f"{subject} ")) and other != clause for other in others
    )


def _type_only(formula: Formula) -> bool:
    return isinstance(formula, Literal) and formula.test == "type"


def limits(parameter: Parameter) -> str:
    """The unconditional facts of a parameter on one line: `integer, 3 to 15, in steps of 2`."""
    facts = parameter.facts
    told: list[str] = []
    if "enum" in facts:
        told.append(" | ".join(map(phrases.value, facts["enum"])))
    elif "type" in facts:
        told.append("/".join(facts["type"]))
    told += _between(facts.get("minimum"), facts.get("maximum"), str, "{} or more", "{} or less")
    for keyword, words in (("exclusiveMinimum", "more than {}"), ("exclusiveMaximum", "less than {}")):
        if keyword in facts:
            told.append(words.format(facts[keyword]))
    if facts.get("multipleOf", 1) != 1:
        told.append(f"in steps of {facts['multipleOf']}")
    for least, most, noun in (("minLength", "maxLength", "character"), ("minItems", "maxItems", "item")):

        def counted(number: Any, noun: str = noun) -> str:
            return phrases.count(number, noun)

        told += _between(facts.get(least), facts.get(most), counted, "{} or more", "at most {}")
    if "format" in facts:
        told.append(phrases.format_(facts["format"]))
    elif "pattern" in facts:
        told.append(phrases.pattern(facts["pattern"]))
    if parameter.alternatives:
        told.append("; or ".join(parameter.alternatives))
    return ", ".join(told)


def _between(low: Any, high: Any, say: Callable[[Any], str], above: str, below: str) -> list[str]:
    """A range in words, whichever of its ends is given."""
    if low is not None and high is not None:
        return [say(low) if low == high else f"{low} to {say(high)}"]
    if low is not None:
        return [above.format(say(low))]
    return [below.format(say(high))] if high is not None else []
