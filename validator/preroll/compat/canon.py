"""
Canon: one normal form for the many spellings of a schema, and a number for each form.

Two schemas of the same number say the same; that is decided without a solver, and covers what editors do to
documents every day: reordering, splitting and merging `allOf`, inlining and extracting `$ref`s, `if`/`then` as
`anyOf`/`not`, an `enum` of one value as `const`, an assertion that another one implies.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from fractions import Fraction
from typing import Any

from preroll import dialect
from preroll.assertions import Assertions
from preroll.formula import (
    FALSE,
    TRUE,
    At,
    Either,
    Every,
    Formula,
    In,
    Items,
    Literal,
    Members,
    Opaque,
    Ref,
    Single,
    negation,
)
from preroll.registry import self_contained

MAX_PARTS = 200_000
"""Formulas of more parts than this are not unfolded; the solver still compares them."""


class TooLarge(Exception):
    """A schema whose references unfold into more than `MAX_PARTS` parts."""


def value_key(value: Any) -> Hashable:
    """A key that two JSON values share exactly where they are equal (1 and 1.0 are, 1 and true are not)."""
    if isinstance(value, bool) or value is None:
        return ("constant", value)
    if dialect.is_number(value):
        return ("number", Fraction(repr(value)) if isinstance(value, float) else Fraction(value))
    if isinstance(value, str):
        return ("text", value)
    if isinstance(value, dict):
        return ("object", frozenset((name, value_key(each)) for name, each in value.items()))
    return ("array", tuple(map(value_key, value)))


_EVERY_TYPE = frozenset(("string", "number", "boolean", "object", "array", "null"))

_TIGHTER: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda one, other: one > other,
    "exclusiveMinimum": lambda one, other: one > other,
    "minLength": lambda one, other: one > other,
    "minItems": lambda one, other: one > other,
    "minProperties": lambda one, other: one > other,
    "maximum": lambda one, other: one < other,
    "exclusiveMaximum": lambda one, other: one < other,
    "maxLength": lambda one, other: one < other,
    "maxItems": lambda one, other: one < other,
    "maxProperties": lambda one, other: one < other,
}


class Canon:
    """Normal forms of several documents, with numbers that can be compared between them."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[int, tuple[Formula, int]] = {}
        self._opaque: dict[int, tuple[Opaque, Hashable]] = {}

    def number(self, formula: Formula) -> int:
        """The number of a formula in normal form; where it was read from does not count."""
        found = self._known.get(id(formula))
        if found is None:
            key = self._key(formula)
            # The formula is kept, so that its identity is not given to another one.
            found = self._known[id(formula)] = (formula, self._numbers.setdefault(key, len(self._numbers)))
        return found[1]

    def _key(self, formula: Formula) -> Hashable:
        match formula:
            case Literal("enum", argument, holds):
                return ("enum", frozenset(map(value_key, argument)), holds)
            case Literal("type", argument, holds):
                return ("type", frozenset(argument), holds)
            case Literal("closed", (names, patterns), holds):
                return ("closed", frozenset(names), frozenset(patterns), holds)
            case Literal(test, argument, holds):
                return (test, value_key(argument), holds)
            case Every(parts):
                return ("every", frozenset(map(self.number, parts)))
            case Either(parts):
                return ("either", frozenset(map(self.number, parts)))
            case Single(parts, holds=holds):
                return ("single", tuple(sorted(map(self.number, parts))), holds)
            case At(key, body):
                return ("at", key, self.number(body))
            case In(key, body):
                return ("in", key, self.number(body))
            case Items(body, start, least, most, vacuous):
                return ("items", self.number(body), start, least, most, vacuous)
            case Members(body, names, unless, pattern, of_names, every):
                return ("members", self.number(body), frozenset(names), frozenset(unless), pattern, of_names, every)
            case Opaque(keyword, schema, holds):
                content = self._opaque.get(id(formula))
                return ("opaque", keyword, content[1] if content else (schema, id(formula)), holds)
            case Ref(pointer, holds):
                return ("ref", pointer, holds)
        raise TypeError(f"{formula!r} is no formula")

    def keep(self, opaque: Opaque, content: Any) -> Opaque:
        """Remember what an opaque assertion means: the schema that it was read from."""
        self._opaque[id(opaque)] = (opaque, value_key(content))
        return opaque

    def normal(self, assertions: Assertions, pointer: str) -> Formula:
        """
        The normal form of what the schema at a pointer asserts, references unfolded up to where they recur.

        Raises:
            TooLarge: it would have more than `MAX_PARTS` parts.
        """
        return _Unfolding(self, assertions).of(Ref(pointer), ())


class _Unfolding:
    """One pass over one document's formulas."""

    def __init__(self, canon: Canon, assertions: Assertions) -> None:
        self.canon, self.assertions = canon, assertions
        self.parts = 0
        self._done: dict[tuple[str, bool], Formula] = {}
        self._recurs = 0

    def of(self, formula: Formula, above: tuple[tuple[str, bool], ...]) -> Formula:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise TooLarge
        match formula:
            case Ref(pointer, holds):
                return self._ref(pointer, above, holds=holds)
            case Literal():
                return _literal(formula)
            case Every(parts):
                return self._every((self.of(part, above) for part in parts), formula)
            case Either(parts):
                return self._either((self.of(part, above) for part in parts), formula)
            case Single(parts):
                return self._single([self.of(part, above) for part in parts], formula)
            case At(key, body):
                inner = self.of(body, above)
                return TRUE if inner == TRUE else At(key, inner, formula.source)
            case In(key, body):
                inner = self.of(body, above)
                return FALSE if _is_false(inner) else In(key, inner, formula.source)
            case Items(body, start, least, most, vacuous, source):
                inner = self.of(body, above)
                if least is None and inner == TRUE and vacuous:
                    return TRUE
                return Items(inner, start, least, most, vacuous, source)
            case Members(body, names, unless, pattern, of_names, every, source):
                inner = self.of(body, above)
                if every and inner == TRUE:
                    return TRUE
                return Members(inner, names, unless, pattern, of_names, every, source)
            case Opaque(schema=schema):
                return self.canon.keep(formula, self_contained(self.assertions.document, schema))
        return formula

    def _ref(self, pointer: str, above: tuple[tuple[str, bool], ...], *, holds: bool) -> Formula:
        key = (pointer, holds)
        if key in above:
            self._recurs += 1
            return Ref(pointer, holds)
        found = self._done.get(key)
        if found is None:
            before = self._recurs
            target = self.assertions.formula(pointer)
            found = self.of(target if holds else negation(target), (*above, key))
            if self._recurs == before:  # what recurs depends on where it is unfolded from
                self._done[key] = found
        return found

    def _every(self, parts: Iterable[Formula], whole: Every) -> Formula:
        merged: dict[Hashable, Formula] = {}
        for part in _flat(parts, Every):
            if part == TRUE:
                continue
            if _is_false(part):
                return part
            key = self._slot(part)
            known = merged.get(key)
            merged[key] = part if known is None else self._both(known, part)
        flat = _implied_left_out(list(merged.values()))
        if any(map(_is_false, flat)):
            return FALSE
        if len(flat) == 1:
            return _titled(flat[0], whole.title)
        return Every(tuple(flat), whole.title, whole.source) if flat else TRUE

    def _slot(self, part: Formula) -> Hashable:
        """Conjuncts that share a slot are joined to one."""
        match part:
            case At(key):
                return ("at", key)
            case Items(_, start, None, None, True):
                return ("items", start)
            case Members(_, names, unless, pattern, of_names, True):
                return ("members", frozenset(names), frozenset(unless), pattern, of_names)
            case Literal(test, _, True) if test in _TIGHTER or test in ("type", "enum"):
                return (test,)
        return self.canon.number(part)

    def _both(self, one: Formula, other: Formula) -> Formula:
        match one, other:
            case At(key, body, source), At(_, more):
                return At(key, self._every((body, more), Every((), source=source)), source)
            case Items(body, start, None, None, True, source), Items(more):
                return Items(self._every((body, more), Every((), source=source)), start, source=source)
            case Members(body, names, unless, pattern, of_names, True, source), Members(more):
                inner = self._every((body, more), Every((), source=source))
                return Members(inner, names, unless, pattern, of_names, True, source)
            case Literal("type", here), Literal("type", there):
                return _literal(Literal("type", _shared_types(here, there), True, one.source))
            case Literal("enum", here), Literal("enum", there):
                keys = {value_key(each) for each in there}
                return _literal(
                    Literal("enum", tuple(each for each in here if value_key(each) in keys), True, one.source)
                )
            case Literal(test, here), Literal(_, there) if test in _TIGHTER:
                return other if _TIGHTER[test](there, here) else one
        return one

    def _either(self, parts: Iterable[Formula], whole: Either) -> Formula:
        kept: dict[Hashable, Formula] = {}
        for part in _flat(parts, Either):
            if part == TRUE:
                return TRUE
            if _is_false(part):
                continue
            match part:
                case Literal("enum", argument, True):
                    known = kept.get("enum")
                    if isinstance(known, Literal):
                        part = Literal("enum", _distinct((*known.argument, *argument)), True, known.source)  # noqa: PLW2901
                    kept["enum"] = part
                case Literal("type", argument, True):
                    known = kept.get("type")
                    if isinstance(known, Literal):
                        part = _literal(Literal("type", (*known.argument, *argument), True, known.source))  # noqa: PLW2901
                    if part == TRUE:
                        return TRUE
                    kept["type"] = part
                case _:
                    kept.setdefault(self.canon.number(part), part)
        flat = tuple(kept.values())
        if not flat:
            return FALSE
        return _titled(flat[0], whole.title) if len(flat) == 1 else Either(flat, whole.title, whole.source)

    def _single(self, parts: list[Formula], whole: Single) -> Formula:
        parts = [part for part in parts if not _is_false(part)]
        always = sum(part == TRUE for part in parts)
        if always:  # then none of the others may hold
            one: Formula = FALSE
            if always == 1:
                others = (self.of(negation(part), ()) for part in parts if part != TRUE)
                one = self._every(others, Every((), source=whole.source))
            return one if whole.holds else self.of(negation(one), ())
        if whole.holds and len(parts) == 1:
            return parts[0]
        if whole.holds and not parts:
            return FALSE
        if _exclusive(parts):
            joined = self._either(parts, Either((), whole.title, whole.source))
            return joined if whole.holds else negation(joined)
        opposites = tuple(map(negation, parts))
        return Single(tuple(parts), opposites, whole.holds, whole.title, whole.source, whole.selector)


def _literal(literal: Literal) -> Formula:
    test, argument, holds, source = literal.test, literal.argument, literal.holds, literal.source
    always = False
    if test == "type":
        names = set(argument)
        if "number" in names:
            names.discard("integer")
        if not names and holds:
            return FALSE
        always = names >= _EVERY_TYPE
        literal = Literal(test, tuple(each for each in dict.fromkeys(argument) if each in names), holds, source)
    elif test == "enum":
        if not argument and holds:
            return FALSE
        literal = Literal(test, _distinct(argument), holds, source)
    elif test in ("minLength", "minItems", "minProperties"):
        always = argument <= 0
    elif test == "format":
        always = argument not in dialect.FORMATS  # an annotation
    if always:
        return TRUE if holds else FALSE
    return literal


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({value_key(each): each for each in values}.values())


def _shared_types(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """The types that two lists of types share; `integer` is part of `number`."""

    def within(names: tuple[str, ...], name: str) -> bool:
        return name in names or (name == "integer" and "number" in names)

    return tuple(dict.fromkeys(each for each in (*one, *other) if within(one, each) and within(other, each)))


def _implied_left_out(parts: list[Formula]) -> list[Formula]:
    """Conjuncts without the values that a type excludes, and without a type that all listed values have."""
    types = next((part for part in parts if isinstance(part, Literal) and part.test == "type" and part.holds), None)
    values = next((part for part in parts if isinstance(part, Literal) and part.test == "enum" and part.holds), None)
    if types is None or values is None:
        return parts
    legal = tuple(each for each in values.argument if any(dialect.has_type(each, name) for name in types.argument))
    rest = [part for part in parts if part is not types and part is not values]
    return [_literal(Literal("enum", legal, True, values.source)), *rest]


def _is_false(formula: Formula) -> bool:
    return (isinstance(formula, Either) and not formula.parts) or (
        isinstance(formula, Literal) and formula.test == "false" and formula.holds
    )


def _titled(formula: Formula, title: str) -> Formula:
    if title and isinstance(formula, (Every, Either)) and not formula.title:
        return type(formula)(formula.parts, title, formula.source)
    return formula


def _flat(parts: Iterable[Formula], kind: type[Every | Either]) -> Iterator[Formula]:
    for part in parts:
        if isinstance(part, kind):
            yield from _flat(part.parts, kind)
        else:
            yield part


def _exclusive(parts: list[Formula]) -> bool:
    """Whether at most one part can hold because each lists values or types that no other lists."""
    seen: set[Hashable] = set()
    for part in parts:
        match part:
            case Literal("enum", argument, True):
                keys = set(map(value_key, argument))
            case _:
                return False
        if keys & seen:
            return False
        seen |= keys
    return True
