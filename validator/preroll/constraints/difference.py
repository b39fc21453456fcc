"""
Difference: what one target accepts and another refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import z3

from preroll.constraints.location import Bounds
from preroll.formula import Formula
from preroll.pointer import Path

if TYPE_CHECKING:
    from preroll.constraints.model import Answer, Model


@dataclass(frozen=True, slots=True)
class Difference:
    """
    What two targets make of the same payloads.

    Attributes:
        refused: a payload that the old one accepts and the new one refuses, or the proof that there is none.
        accepted: a payload that the new one accepts and the old one refuses, or the proof.
    """

    refused: Answer
    accepted: Answer

    @property
    def relation(self) -> str:
        """`equivalent`, `widened`, `narrowed`, `both` or `unknown`."""
        from preroll.constraints.model import Possible, Unknown

        if isinstance(self.refused, Possible) and isinstance(self.accepted, Possible):
            return "both"
        if isinstance(self.refused, Unknown) or isinstance(self.accepted, Unknown):
            return "unknown"
        if isinstance(self.refused, Possible):
            return "narrowed"
        return "widened" if isinstance(self.accepted, Possible) else "equivalent"


class Comparison:
    """
    Two models over one tree of locations, for several questions about their difference.

    Args:
        old, new: the models; the bounds of the old one hold.
    """

    def __init__(self, old: Model, new: Model) -> None:
        from preroll.constraints.model import State

        self.old, self.new = old, new
        # The old model's encoding with the new one's schema and rules put beside it.
        self._state = State(old, (), others=(new,))
        hints = dict(old.hints)
        for name, values in new.hints.items():
            hints[name] = (*hints.get(name, ()), *values)
        self._state.hints = hints
        self._bounds: Bounds = old.bounds

    def refused(self, condition: Formula | None = None, *, known: Callable[[Path], bool] | None = None) -> Answer:
        """
        A payload that the old model accepts and the new one refuses.

        Args:
            condition: what the payload must satisfy besides, as a formula of the old model's document.
            known: which members the payload may have (paths with `*` for items); None for any.
        """
        return self._between(self.old, self.new, condition, known)

    def accepted(self, condition: Formula | None = None, *, known: Callable[[Path], bool] | None = None) -> Answer:
        """A payload that the new model accepts and the old one refuses; the condition is of the new document."""
        return self._between(self.new, self.old, condition, known)

    def _between(
        self, accepting: Model, refusing: Model, condition: Formula | None, known: Callable[[Path], bool] | None
    ) -> Answer:
        from preroll.constraints.model import Core, Impossible

        state = self._state
        wanted: list[Any] = [state.verdicts[accepting][0], state.verdicts[refusing][1]]
        if condition is not None:
            name = state.space.boolean(f"condition:{len(state.literals)}:{id(condition)}")
            term = state.encoding.term(accepting.reading, condition, state.space.root)
            state.literals[id(condition)] = (condition, name)
            state.refresh()
            state.solver.add(z3.Implies(name, state.space.term(term)))
            wanted.append(name)
        if known is not None:
            wanted += [
                z3.Not(at.exists)
                for at in state.space.locations
                if at.parent is not None
                and isinstance(at.path[-1], str)
                and not at.is_name
                and not known(_generic(at.path))
            ]

        def accepts(payload: Any) -> bool:
            return (
                accepting.is_valid(payload)
                and not refusing.is_valid(payload)
                and (condition is None or accepting.reading.truth.holds(condition, payload))
                and (known is None or all(known(each) for each in _members(payload, ())))
            )

        found = state.solve([*wanted, *state.tight], accepts)
        if isinstance(found, Core):
            return Impossible((), self._bounds, found.within)
        return found


def difference(old: Model, new: Model) -> Difference:
    """
    A payload that one model accepts and the other refuses, in each direction, or a proof that there is none.

    Both are read over one tree of locations, within the bounds of the old one. Members of unknown names count: a
    new optional property of an open schema is a difference. See `Comparison` for questions with conditions.
    """
    compared = Comparison(old, new)
    return Difference(compared.refused(), compared.accepted())


def _generic(path: Path) -> Path:
    return tuple("*" if isinstance(each, int) else each for each in path)


def _members(value: Any, path: Path) -> list[Path]:
    found: list[Path] = []
    if isinstance(value, Mapping):
        for name, each in value.items():
            found += [(*path, name), *_members(each, (*path, name))]
    elif isinstance(value, list):
        for each in value:
            found += _members(each, (*path, "*"))
    return found
