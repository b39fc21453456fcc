"""
Formulas: what a schema asserts, said in one small language.

A schema is a conjunction of assertions, and `if`, `not`, `anyOf`, `oneOf` are ways to join them. Brought to
formulas in negation normal form, the many spellings of one condition become one: `if A then B`,
`anyOf: [{not: A}, B]` and `not: {allOf: [A, {not: B}]}` are the same `Either(not A, B)`. Everything that
must not depend on spelling (explanations, capability tables, the constraint model) reads formulas.

Formulas are immutable. Truth follows JSON Schema 2020-12: an assertion about another type than the instance
has is true, and so is an assertion about a member that is absent (`At`); its negation is false there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """
    One assertion, or its negation, about the value where it stands.

    Attributes:
        test: the JSON Schema keyword that asserts it (`type`, `enum`, `maximum`, `required`, ...); `const` is
            said as `enum` of one value; `required` carries one name; `closed` is `additionalProperties: false`
            or a false `unevaluatedProperties`, with the names and patterns that are allowed; `false` never holds.
        argument: the keyword's value, hashable or not; compared by identity of the schema, never mutated.
        holds: False for the negation.
        source: JSON Pointer of the keyword in the document that it was read from.
    """

    test: str
    argument: Any
    holds: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold. `title` is the vendor's name for the combination, where the schema gives one."""

    parts: tuple[Formula, ...]
    title: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Formula, ...]
    title: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Single:
    """Exactly one part holds (`oneOf`); with `holds` False: none does, or several do."""

    parts: tuple[Formula, ...]
    opposites: tuple[Formula, ...] = field(repr=False, compare=False)
    holds: bool = True
    title: str = ""
    source: str = ""
    selector: str = ""


@dataclass(frozen=True, slots=True)
class At:
    """The member or item `key`, if there is one, satisfies `body`."""

    key: str | int
    body: Formula
    source: str = ""


@dataclass(frozen=True, slots=True)
class In:
    """There is a member or item `key`, and it satisfies `body`."""

    key: str | int
    body: Formula
    source: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """
    The number of items, from index `start` on, that satisfy `body` is within `least` and `most`.

    `most` None is no upper limit; `least` None asks for all of them (`items`). On other types than arrays the
    formula is true when `vacuous` and false otherwise (a negation).
    """

    body: Formula
    start: int = 0
    least: int | None = None
    most: int | None = None
    vacuous: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Members:
    """
    Every member whose name is not in `names` and matches no pattern in `unless` (and, where given, matches
    `pattern`) satisfies `body`; with `every` False: some such member exists that does.

    `of_names` applies `body` to the names instead of the values (`propertyNames`).
    """

    body: Formula
    names: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    pattern: str | None = None
    of_names: bool = False
    every: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Opaque:
    """An assertion that is decided as a whole by an engine (`unevaluatedItems` and its like)."""

    keyword: str
    schema: str
    holds: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """The formula of the schema at `pointer`, looked up when needed: references may be cyclic."""

    pointer: str
    holds: bool = True
    source: str = ""


Formula = Literal | Every | Either | Single | At | In | Items | Members | Opaque | Ref

TRUE = Every(())
FALSE = Either(())


def negation(formula: Formula) -> Formula:
    """The formula that holds exactly where `formula` does not, in negation normal form."""
    match formula:
        case Literal(test, argument, holds, source):
            return Literal(test, argument, not holds, source)
        case Every(parts, title, source):
            return Either(tuple(map(negation, parts)), title, source)
        case Either(parts, title, source):
            return Every(tuple(map(negation, parts)), title, source)
        case Single(parts, opposites, holds, title, source, selector):
            return Single(parts, opposites, not holds, title, source, selector)
        case At(key, body, source):
            return In(key, negation(body), source)
        case In(key, body, source):
            return At(key, negation(body), source)
        case Items(body, start, None, _, vacuous, source):
            return Items(negation(body), start, 1, None, not vacuous, source)
        case Items(body, start, least, most, vacuous, source):
            assert least is not None
            if most is None and least == 1:
                return Items(negation(body), start, None, None, not vacuous, source)
            few = Items(body, start, 0, least - 1, not vacuous, source) if least else FALSE
            many = Items(body, start, most + 1, None, not vacuous, source) if most is not None else FALSE
            return either(few, many)
        case Members(body, names, unless, pattern, of_names, every, source):
            return Members(negation(body), names, unless, pattern, of_names, not every, source)
        case Opaque(keyword, schema, holds, source):
            return Opaque(keyword, schema, not holds, source)
        case Ref(pointer, holds, source):
            return Ref(pointer, not holds, source)


def is_negative(formula: Formula) -> bool:
    """Whether a formula asks for nothing but that something is not so."""
    match formula:
        case Literal(holds=holds) | Single(holds=holds):
            return not holds
        case At(body=body) | In(body=body):
            return is_negative(body)
        case Every(parts) | Either(parts):
            return bool(parts) and all(map(is_negative, parts))
    return False


def every(*parts: Formula, title: str = "", source: str = "") -> Formula:
    """The conjunction, flattened; nested conjunctions keep their own title and stay apart."""
    flat = tuple(_flattened(parts, Every))
    if len(flat) == 1 and not title:
        return flat[0]
    return Every(flat, title, source)


def either(*parts: Formula, title: str = "", source: str = "") -> Formula:
    """The disjunction, flattened; nested disjunctions keep their own title and stay apart."""
    flat = tuple(_flattened(parts, Either))
    if len(flat) > 1:  # what never holds is no way to satisfy anything
        flat = tuple(part for part in flat if not (isinstance(part, Literal) and part.test == "false" and part.holds))
    if len(flat) == 1 and not title:
        return flat[0]
    return Either(flat, title, source)


def _flattened(parts: tuple[Formula, ...], kind: type[Every | Either]) -> Iterator[Formula]:
    for part in parts:
        if isinstance(part, kind) and not part.title:
            yield from _flattened(part.parts, kind)
        else:
            yield part
