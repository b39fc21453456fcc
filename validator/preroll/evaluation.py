"""
The truth of formulas: a small interpreter of what `preroll.assertions` reads.

It serves explanation, which must know the truth of every part. The verdict is the engines'; a law in the
tests holds the three to one answer.
"""

from __future__ import annotations

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


def unexpected(argument: tuple[tuple[str, ...], tuple[str, ...]], value: dict[str, Any]) -> Any:
    """The members of an object that `closed` does not allow, in their order."""
    names, patterns = argument
    return (
        name for name in value if name not in names and not any(dialect.matches(pattern, name) for pattern in patterns)
    )


class Truth:
    """Evaluates the formulas of one document; `engine_for` makes the engine for what is opaque."""

    def __init__(self, assertions: Assertions, engine_for: Any) -> None:
        self.assertions = assertions
        self._engine_for = engine_for

    def holds(self, formula: Formula, value: Any) -> bool:  # noqa: C901  # one case a form
        """Whether `value` satisfies `formula`."""
        match formula:
            case Literal(test, argument, holds):
                return literal_holds(test, argument, value) is holds
            case Every(parts):
                return all(self.holds(part, value) for part in parts)
            case Either(parts):
                return any(self.holds(part, value) for part in parts)
            case At(key, body):
                found = self._member(value, key)
                return found is ABSENT or self.holds(body, found)
            case In(key, body):
                found = self._member(value, key)
                return found is not ABSENT and self.holds(body, found)
            case Single(parts, _, holds):
                count = 0
                for part in parts:
                    if self.holds(part, value):
                        count += 1
                        if count > 1:
                            break
                return (count == 1) is holds
            case Items(body, start, least, most, vacuous):
                if not isinstance(value, list):
                    return vacuous
                if least is None:
                    return all(self.holds(body, item) for item in value[start:])
                count = sum(self.holds(body, item) for item in value[start:])
                return count >= least and (most is None or count <= most)
            case Members(body, _, _, _, of_names, every):
                if not isinstance(value, dict):
                    return every
                chosen = self.members(formula, value)
                results = (self.holds(body, name if of_names else value[name]) for name in chosen)
                return all(results) if every else any(results)
            case Opaque(_, schema, holds):
                return bool(self._engine_for(schema).is_valid(value)) is holds
            case Ref():
                return self.holds(self.assertions.deref(formula), value)

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

    @staticmethod
    def _member(value: Any, key: str | int) -> Any:
        if isinstance(key, str) is isinstance(value, dict):
            return step(value, key)
        return ABSENT
