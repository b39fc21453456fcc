"""
Silence: which prose rules certainly have nothing to say of a task.

Each rule knows a schema under which it is silent (`Rule.clear`). Whoever has many tasks has many that are alike, and
of those each of these schemas says the same: it is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from preroll import dialect
from preroll import pointer as pointers
from preroll.assertions import Assertions
from preroll.evaluation import Truth
from preroll.formula import Every, Formula
from preroll.likeness import Likeness, Reader, exactly
from preroll.rules import Rule

if TYPE_CHECKING:
    from preroll.registry import Registry

MAX_CASES: Final = 10_000
"""Tasks, each with all that are alike, of which is kept which rules may speak; then all are forgotten."""


class _Frame(NamedTuple):
    """
    What the names in a task settle.

    Attributes:
        rules: those that look at one of them, each with what tells whether it is silent.
        looks: the members on which that depends, each with its likeness.
        cases: the rules that may speak of tasks that are alike.
    """

    rules: tuple[tuple[Rule, Callable[[Any], bool]], ...]
    looks: tuple[tuple[str, Likeness], ...]
    cases: dict[Hashable, tuple[Rule, ...]]


class Clearance:
    """What silences each of some rules, read once for all targets that they bear on."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        listed = tuple(rules)
        clear = {"allOf": [each.clear for each in listed]}
        self._addresses = {rule.id: f"/allOf/{index}" for index, rule in enumerate(listed)}
        self.truth = Truth(Assertions(clear), lambda at: dialect.engine(pointers.look_up(clear, pointers.parse(at))))

    def of(self, rule: Rule) -> Formula:
        """What holds of every task of which a rule has nothing to say."""
        return self.truth.assertions.formula(self._addresses[rule.id])


def clearance_of(registry: Registry, vendor: str) -> Clearance:
    """What silences each of a vendor's rules."""
    known = registry.vendor(vendor).rules
    return Clearance(() if known is None else known.rules)


class Silence:
    """
    Tells which of some rules may speak of a task.

    Args:
        rules: rules that look at one task by itself.
        clearance: what silences them.
    """

    def __init__(self, rules: Iterable[Rule], clearance: Clearance) -> None:
        self._truth = clearance.truth
        self._rules = tuple((rule, clearance.of(rule)) for rule in rules)
        self._reader = Reader(self._truth, Every(tuple(clear for _, clear in self._rules)), strangers=False)
        self._heeded = self._all_heeded()
        self._frames: dict[tuple[str, ...], _Frame] = {}
        self._kept = 0

    def speaking(self, task: Any) -> tuple[Rule, ...]:
        """The rules that may have something to say of a task, in their order."""
        if not isinstance(task, dict):
            return tuple(rule for rule, clear in self._rules if not self._truth.holds(clear, task))
        names = tuple(task if self._heeded is None else filter(self._heeded.__contains__, task))
        frame = self._frames.get(names) or self._framed(names)
        if self._reader.root.whole:
            alike = exactly(task)
        else:
            alike = tuple([likeness(task[name]) for name, likeness in frame.looks])
        found = frame.cases.get(alike)
        if found is None:
            found = tuple(rule for rule, clear in frame.rules if not clear(task))
            self._keep(frame, alike, found)
        return found

    def _all_heeded(self) -> frozenset[Any] | None:
        """The names in a task that can make a difference to any rule; None where all can."""
        heeded: set[Any] = set()
        for rule, clear in self._rules:
            read = self._truth.reads(clear)
            if read is None or rule.heads is None:
                return None
            heeded |= read | rule.heads
        return frozenset(heeded)

    def _framed(self, names: tuple[str, ...]) -> _Frame:
        known = frozenset(names)
        bearing = [each for each in self._rules if each[0].heads is None or not each[0].heads.isdisjoint(known)]
        read = [self._truth.reads(clear) for _, clear in bearing]
        looked_at = frozenset[Any]().union(*(known if each is None else each for each in read))
        inner = self._reader.root.inner
        looks = tuple((name, self._reader.of_member(name)) for name in names if name in looked_at and name in inner)
        rules = tuple((rule, self._truth.test(clear)) for rule, clear in bearing)
        found = self._frames[names] = _Frame(rules, looks, {})
        return found

    def _keep(self, frame: _Frame, alike: Hashable, found: tuple[Rule, ...]) -> None:
        if self._kept >= MAX_CASES:
            self._frames.clear()
            self._kept = 0
        frame.cases[alike] = found
        self._kept += 1
