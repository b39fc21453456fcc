"""One quantity is less (or more) than another."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.formula import Literal
from preroll.pointer import ABSENT, Path, text
from preroll.rules import clearance, exactly, expression
from preroll.rules import place as places
from preroll.rules.condition import Condition, all_satisfied, read_all
from preroll.rules.expression import Expression, Operand
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, Test, one_of
from preroll.violation import Because

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LIMITS = {"<": "exclusiveMaximum", "<=": "maximum", ">": "exclusiveMinimum", ">=": "minimum"}
_DENIALS = {"<": "not less than", "<=": "more than", ">": "not more than", ">=": "less than"}


@dataclass(frozen=True, slots=True)
class Ordered(Hasty):
    """
    `left op right` holds wherever both sides are known, under the conditions `when`.

    The finding stands at the first given place of the left side; the other places are its `because`.
    Its `expected` is `{"op", "left", "right", "left_words", "right_words", "default"}`.
    """

    name: ClassVar[str] = "ordered"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "left": Parameter(expression.read),
        "op": Parameter(one_of(*_OPERATORS)),
        "right": Parameter(expression.read),
        "when": Parameter(read_all, ()),
    }

    left: Expression
    op: str
    right: Expression
    when: tuple[Condition, ...] = ()

    def touches(self) -> tuple[Path, ...]:
        """A place without a default, on whichever side; else every place."""
        operands = (*self.left.operands(), *self.right.operands())
        for each in operands:
            if each.default is None:
                return (each.place,)
        return tuple(each.place for each in operands)

    def clear(self) -> dict[str, Any] | None:
        """A condition that does not hold, a side that is not known, or a side that a number limits."""
        limited = self._limited()
        if limited is not None and not self.when:
            return limited
        operands = (*self.left.operands(), *self.right.operands())
        unknown = [clearance.absent(each.place) for each in operands if each.default is None]
        return clearance.unless(self.when, *unknown, limited)

    def _limited(self) -> dict[str, Any] | None:
        """A place beside a number; parts of a sum that cannot be negative. Other arithmetic is not for schemas."""
        if not isinstance(self.right, expression.Constant):
            return None
        bound = places.plain(self.right.number)
        if isinstance(self.left, Operand) and self.left.default is None:
            return clearance.at(self.left.place, {_LIMITS[self.op]: bound})
        parts = self.left.parts if isinstance(self.left, expression.Combination) and self.left.operator == "sum" else ()
        operands = [each for each in parts if isinstance(each, Operand) and each.default is None]
        if self.op not in (">", ">=") or bound > 0 or not operands or len(operands) < len(parts):
            return None
        some = clearance.at(operands[-1].place, {"exclusiveMinimum": 0})
        return {"allOf": [some, *(clearance.at(each.place, {"minimum": 0}) for each in operands)]}

    def schema(self) -> dict[str, Any] | None:
        """A place beside a number; other arithmetic is not for schemas."""
        if (
            not (isinstance(self.left, Operand) and isinstance(self.right, expression.Constant))
            or "*" in self.left.place
        ):
            return None
        bound = {_LIMITS[self.op]: places.plain(self.right.number)}
        return exactly.when(self.when, clearance.at(self.left.place, bound))

    def hasty(self) -> Test | None:
        """Two whole numbers in order, or a place without a default that is absent."""
        if not isinstance(self.left, Operand) or not isinstance(self.right, Operand):
            return None
        left_of, right_of = places.getter(self.left.place), places.getter(self.right.place)
        left_default, right_default, in_order = self.left.default, self.right.default, _OPERATORS[self.op]

        def quiet(instance: Any) -> bool:
            left = left_of(instance)
            if left is ABSENT:
                left = left_default
            right = right_of(instance)
            if right is ABSENT:
                right = right_default
            if left is None or right is None:
                return True
            return type(left) is int and type(right) is int and in_order(left, right)

        return quiet

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """The left side, where the order is broken."""
        left = self.left.value(instance)
        if left is None:
            return
        right = self.right.value(instance)
        if right is None or _OPERATORS[self.op](left, right) or not all_satisfied(self.when, instance):
            return
        operands = (*self.left.operands(), *self.right.operands())
        given = [each for each in operands if places.get(instance, each.place) is not ABSENT]
        if not given:
            return
        main = given[0]
        facts = [_fact(each, instance) for each in operands if each.place != main.place]
        conditions = [each.because(instance) for each in self.when]
        yield Finding(
            main.place,
            also=tuple(each.place for each in given[1:]),
            because=(*facts, *conditions),
            expected={
                "op": self.op,
                "left": places.plain(left),
                "right": places.plain(right),
                "left_words": "" if isinstance(self.left, Operand) else self.left.words(),
                "right_words": "" if isinstance(self.right, expression.Constant) else self.right.words(),
                "default": isinstance(self.right, Operand) and places.get(instance, self.right.place) is ABSENT,
            },
            actual=places.get(instance, main.place),
        )

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "31 is more than steps, which is 30 by default"."""
        left, right = places.written(expected["left"]), places.written(expected["right"])
        subject = f"{expected['left_words']} is {left}," if expected["left_words"] else f"{left} is"
        denial = _DENIALS[expected["op"]]
        if not expected["right_words"]:
            return f"{subject} {denial} {right}"
        by_default = " by default" if expected["default"] else ""
        return f"{subject} {denial} {expected['right_words']}, which is {right}{by_default}"


def _fact(operand: Operand, instance: Any) -> Because:
    given = places.get(instance, operand.place)
    value = places.plain(operand.default) if given is ABSENT and operand.default is not None else given
    return Because(text(operand.place), Literal("enum", (value,)), given, value if given is ABSENT else ABSENT)
