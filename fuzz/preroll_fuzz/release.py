"""
The truth of a schema with one assertion switched off, fast enough to be asked for every candidate.

The constraint model's own `Confirmation` says the same; where it must look inside what is seldom there, it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preroll import pointer as pointers
from preroll.constraints import Assertion
from preroll.constraints.encoding import Reading, assertion, joining
from preroll.constraints.witness import Confirmation
from preroll.formula import At, Either, Every, Formula, Items, Literal, Ref, Single
from preroll.pointer import ABSENT

Test = Callable[[Any], bool]


class Release:
    """
    A schema without one assertion.

    Args:
        reading: the document's view.
        formula: the schema.
        released: the assertion that counts as true wherever it stands.
    """

    def __init__(self, reading: Reading, formula: Formula, released: Assertion) -> None:
        self.reading, self.released = reading, released
        self._confirmation = Confirmation(reading, released)
        self._inside: dict[int, tuple[bool, Formula]] = {}
        self._formula = formula
        self._test = self._made(formula)

    def holds(self, value: Any) -> bool:
        """Whether a value satisfies everything but the released assertion."""
        return self._test(value)

    def confirms(self, value: Any) -> bool:
        """The same, by the constraint model's interpreter."""
        return self._confirmation.holds(self._formula, value)

    def _contains(self, formula: Formula) -> bool:
        known = self._inside.get(id(formula))
        if known is not None:
            return known[0]
        self._inside[id(formula)] = (True, formula)  # a reference inside itself: look closer, to be sure
        found = self._look(formula)
        self._inside[id(formula)] = (found, formula)
        return found

    def _look(self, formula: Formula) -> bool:
        match formula:
            case Literal():
                return assertion(formula) == self.released
            case Every(parts):
                return any(map(self._contains, parts))
            case Either():
                joined = joining(formula)
                return joined.broken == self.released or (joined.inside and any(map(self._contains, joined.parts)))
            case Single(parts, holds=True):
                return formula.source == self.released.source or any(map(self._contains, parts))
            case At(_, body):
                return self._contains(body)
            case Items(body):
                return formula.source == self.released.source or self._contains(body)
            case Ref():
                return self._contains(self.reading.target(formula))
        return True

    def _made(self, formula: Formula) -> Test:
        truth = self.reading.truth
        if not self._contains(formula):
            return truth.test(formula)
        match formula:
            case Literal():
                return lambda _: True
            case Every(parts):
                tests = tuple(map(self._made, parts))
                return lambda value: all(test(value) for test in tests)
            case Either():
                joined = joining(formula)
                if joined.broken == self.released:
                    return lambda _: True
                guards = tuple(map(truth.test, joined.guards))
                bodies = tuple(map(self._made if joined.inside else truth.test, joined.parts))
                return lambda value: any(test(value) for test in guards) or any(test(value) for test in bodies)
            case At(key, body):
                inner = self._made(body)

                def member(value: Any) -> bool:
                    if isinstance(value, dict if isinstance(key, str) else list):
                        found = pointers.step(value, key)
                        return found is ABSENT or inner(found)
                    return True

                return member
            case Items(body, start, None, vacuous=True):
                each = self._made(body)
                return lambda value: not isinstance(value, list) or all(each(item) for item in value[start:])
        return lambda value: self._confirmation.holds(formula, value)
