"""
The truth of formulas: a small interpreter of what `preroll.assertions` reads.

It serves explanation, which must know the truth of every part. The verdict is the engines'; a law in the
tests holds the three to one answer.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sized
from typing import Any

from preroll import dialect
from preroll.assertions import Assertions
from preroll.formula import At, Either, Every, Formula, In, Items, Literal, Members, Opaque, Ref, Single
from preroll.pointer import ABSENT, step


def literal_holds(test: str, argument: Any, value: Any) -> bool:  # noqa: C901  # one case a keyword
    """Whether a value satisfies one keyword; values of another type than the keyword's satisfy it."""
    match test:
        case "type":
            return any(dialect.has_type(value, each) for each in argument)
        case "enum":
            return any(dialect.equal(each, value) for each in argument)
        case "required":
            return not isinstance(value, dict) or argument in value
        case "closed":
            return not isinstance(value, dict) or next(unexpected(argument, value), None) is None
        case "false":
            return False
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf":
            if not dialect.is_number(value):
                return True
            if test == "minimum":
                return bool(value >= argument)
            if test == "maximum":
                return bool(value <= argument)
            if test == "exclusiveMinimum":
                return bool(value > argument)
            return bool(value < argument) if test == "exclusiveMaximum" else dialect.is_multiple(value, argument)
        case "minLength":
            return not isinstance(value, str) or len(value) >= argument
        case "maxLength":
            return not isinstance(value, str) or len(value) <= argument
        case "pattern":
            return not isinstance(value, str) or dialect.matches(argument, value)
        case "format":
            return not isinstance(value, str) or dialect.conforms(argument, value)
        case "minItems":
            return not isinstance(value, list) or len(value) >= argument
        case "maxItems":
            return not isinstance(value, list) or len(value) <= argument
        case "uniqueItems":
            return not isinstance(value, list) or dialect.unique(value)
        case "minProperties":
            return not isinstance(value, dict) or len(value) >= argument
        case "maxProperties":
            return not isinstance(value, dict) or len(value) <= argument
    raise ValueError(f"{test!r} is no assertion")


def unexpected(argument: tuple[tuple[str, ...], tuple[str, ...]], value: Iterable[str]) -> Iterator[str]:
    """The names among those of an object that `closed` does not allow, in their order."""
    names, patterns = argument
    return (
        name for name in value if name not in names and not any(dialect.matches(pattern, name) for pattern in patterns)
    )


Test = Callable[[Any], bool]

MAX_DEPTH = 60


class Truth:
    """Evaluates the formulas of one document; `engine_for` makes the engine for what is opaque."""

    def __init__(self, assertions: Assertions, engine_for: Any) -> None:
        self.assertions = assertions
        self._engine_for = engine_for
        # Formulas live as long as their document, and so do the tests made of them; those that are made on the
        # way (negations) are kept beside their test, so that no other formula gets their identity.
        self._tests: dict[int, tuple[Test, Formula]] = assertions.tests

    def holds(self, formula: Formula, value: Any) -> bool:
        """Whether `value` satisfies `formula`."""
        found = self._tests.get(id(formula))
        return found[0](value) if found is not None else self.test(formula)(value)

    def test(self, formula: Formula) -> Test:
        """`holds` of one formula as a function; made once."""
        found = self._tests.get(id(formula))
        if found is None:
            found = self._tests[id(formula)] = (self._made(formula), formula)
        return found[0]

    def _made(self, formula: Formula) -> Test:  # one case a form
        match formula:
            case Literal(test, argument, True):
                return literal_test(test, argument)
            case Literal("required", argument, _):
                return lambda value: isinstance(value, dict) and argument not in value
            case Literal(test, argument, _):
                positive = literal_test(test, argument)
                return lambda value: not positive(value)
            case Every(parts):
                return _every(tuple(map(self.test, parts)))
            case Either(parts):
                return _either(tuple(map(self.test, parts)))
            case At(key, body):
                return _at(key, self.test(body), absent=True)
            case In(key, body):
                return _at(key, self.test(body), absent=False)
            case Single(parts, _, holds):
                one_by_one = _single(tuple(map(self.test, parts)), holds=holds)
                rows = [row for part in parts if (row := _row(part))]
                alike = len(rows) == len(parts) and all(row.keys() == rows[0].keys() for row in rows)
                return _of_rows(rows, one_by_one, holds=holds) if alike else one_by_one
            case Items(body, start, least, most, vacuous):
                return _items(self.test(body), start, least, most, vacuous=vacuous)
            case Members(body, _, _, _, of_names, every):
                return self._members(formula, self.test(body), of_names=of_names, every=every)
            case Opaque(_, schema, holds):
                return lambda value: bool(self._engine_for(schema).is_valid(value)) is holds
            case Ref():
                return self._reference(formula)

    def _reference(self, formula: Ref) -> Test:
        meant: Test | None = None

        def test(value: Any) -> bool:
            nonlocal meant
            if meant is None:  # not before: references may be cyclic
                meant = self.test(self.assertions.deref(formula))
            return meant(value)

        return test

    def _members(self, formula: Members, body: Test, *, of_names: bool, every: bool) -> Test:
        def test(value: Any) -> bool:
            if not isinstance(value, dict):
                return every
            results = (body(name if of_names else value[name]) for name in self.members(formula, value))
            return all(results) if every else any(results)

        return test

    def unevaluated(self, formula: Opaque, value: dict[str, Any]) -> list[str]:
        """The members that `unevaluatedProperties` refuses, as the engine names them."""
        for error in self._engine_for(formula.schema).iter_errors(value):
            if error.schema_path == [formula.keyword] and not error.instance_path:
                return [str(each) for each in error.kind.unexpected]
        return []

    def reads(self, formula: Formula) -> frozenset[str | int] | None:
        """
        The members and items of a value on which the truth of a formula can depend; None where on any of them.
        """
        kept: dict[int, frozenset[str | int] | None] = self.assertions.read
        try:
            return kept[id(formula)]
        except KeyError:
            self.test(formula)  # keeps the formula, so that no other one gets its identity
            return kept.setdefault(id(formula), self._reads(formula, 0))

    def _reads(self, formula: Formula, depth: int) -> frozenset[str | int] | None:
        match formula:
            case Literal("required", name):
                return frozenset((name,))
            case Literal("closed" | "enum" | "minProperties" | "maxProperties" | "uniqueItems"):
                return None
            case Literal():
                return frozenset()
            case At(key) | In(key):
                return frozenset((key,))
            case Every(parts) | Either(parts) | Single(parts) if depth < MAX_DEPTH:
                inner = [self._reads(part, depth + 1) for part in parts]
                return None if None in inner else frozenset().union(*(each for each in inner if each is not None))
        return None

    @staticmethod
    def members(formula: Members, value: dict[str, Any]) -> list[str]:
        """The names of an object's members that a `Members` formula speaks about, in their order."""
        return [
            name
            for name in value
            if name not in formula.names
            and (formula.pattern is None or dialect.matches(formula.pattern, name))
            and not any(dialect.matches(each, name) for each in formula.unless)
        ]


def _every(tests: tuple[Test, ...]) -> Test:
    def test(value: Any) -> bool:
        for each in tests:  # noqa: SIM110  # this runs thousands of times for one payload: a generator costs more
            if not each(value):
                return False
        return True

    return test


def _either(tests: tuple[Test, ...]) -> Test:
    def test(value: Any) -> bool:
        for each in tests:  # noqa: SIM110  # as above
            if each(value):
                return True
        return False

    return test


def _at(key: str | int, body: Test, *, absent: bool) -> Test:
    if isinstance(key, str):

        def of_member(value: Any) -> bool:
            if isinstance(value, dict) and key in value:
                return body(value[key])
            return absent

        return of_member

    def of_item(value: Any) -> bool:
        found = step(value, key) if not isinstance(value, dict) else ABSENT
        return absent if found is ABSENT else body(found)

    return of_item


def _single(tests: tuple[Test, ...], *, holds: bool) -> Test:
    def test(value: Any) -> bool:
        count = 0
        for each in tests:
            if each(value):
                count += 1
                if count > 1:
                    break
        return (count == 1) is holds

    return test


def _row(formula: Formula) -> dict[str, Hashable]:
    """The values that a formula lists, one for each member that it speaks of; empty where it says anything else."""
    row: dict[str, Hashable] = {}
    for part in formula.parts if isinstance(formula, Every) else (formula,):
        match part:
            case At(str(name), Literal("enum", (only,), True)) if type(only) in _HASHED and name not in row:
                row[name] = dialect.key(only)
            case _:
                return {}
    return row


def _of_rows(rows: list[dict[str, Hashable]], one_by_one: Test, *, holds: bool) -> Test:
    """Whether exactly one of some rows is there, found in one step where all of their members are."""
    names = tuple(rows[0])
    times = Counter(tuple([row[name] for name in names]) for row in rows)

    def test(value: Any) -> bool:
        if isinstance(value, dict) and all(name in value for name in names):
            given = [value[name] for name in names]
            if all(type(each) in _HASHED for each in given):
                return (times[tuple(map(dialect.key, given))] == 1) is holds
        return one_by_one(value)

    return test


def _items(body: Test, start: int, least: int | None, most: int | None, *, vacuous: bool) -> Test:
    def test(value: Any) -> bool:
        if not isinstance(value, list):
            return vacuous
        if least is None:
            return all(map(body, value[start:] if start else value))
        count = sum(map(body, value[start:]))
        return count >= least and (most is None or count <= most)

    return test


def literal_test(test: str, argument: Any) -> Test:
    """`literal_holds` as a function of the value, with the common keywords decided in one step."""
    if test == "required":
        return lambda value: not isinstance(value, dict) or argument in value
    if test == "enum" and all(isinstance(each, str) for each in argument):
        texts = frozenset(argument)
        return lambda value: isinstance(value, str) and value in texts
    if test == "type":
        kinds = tuple(kind for each in argument for kind in _PYTHON.get(each, ()))
        if set(argument) <= _PYTHON.keys():
            return lambda value: isinstance(value, kinds)
        numeric = dialect.is_number if "number" in argument else dialect.is_integer
        return lambda value: isinstance(value, kinds) or numeric(value)
    if test in _SIZES:
        kind, compare = _SIZES[test]
        return lambda value: not isinstance(value, kind) or compare(len(value), argument)
    if test in ("pattern", "format"):
        return _of_text(test, argument)
    if test == "enum" and all(type(each) in _HASHED for each in argument):
        known = frozenset(map(dialect.key, argument))
        return lambda value: (
            dialect.key(value) in known if type(value) in _HASHED else literal_holds(test, argument, value)
        )
    if test == "closed" and not argument[1]:
        names = frozenset(argument[0])
        return lambda value: not isinstance(value, dict) or names.issuperset(value)
    if test in _LIMITS and type(argument) in (int, float):
        limit = _LIMITS[test]
        return lambda value: limit(value, argument) if type(value) is int else literal_holds(test, argument, value)
    return lambda value: literal_holds(test, argument, value)


def _of_text(test: str, argument: str) -> Test:
    if test == "format" and argument not in dialect.FORMATS:
        return lambda _: True
    valid: Test | None = None

    def holds(value: Any) -> bool:
        nonlocal valid
        if not isinstance(value, str):
            return True
        if valid is None:  # not before it is needed
            valid = (dialect.pattern_engine if test == "pattern" else dialect.format_engine)(argument).is_valid
        return valid(value)

    return holds


_HASHED = frozenset((str, int, float, bool, type(None)))
_SIZES: Mapping[str, tuple[type[Sized], Callable[[int, int], bool]]] = {
    "minLength": (str, operator.ge),
    "maxLength": (str, operator.le),
    "minItems": (list, operator.ge),
    "maxItems": (list, operator.le),
    "minProperties": (dict, operator.ge),
    "maxProperties": (dict, operator.le),
}
_LIMITS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


# Numbers are not here: truth values are numbers to Python, and 5.0 is an integer to JSON Schema.
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "object": (dict,),
    "array": (list,),
    "boolean": (bool,),
    "null": (type(None),),
}
