"""
Changes of one schema: every edit named, with its level, its witness and the words of `check`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from preroll import phrases
from preroll.compat import wording
from preroll.compat.change import ADDED, CHANGED, DANGEROUS, NARROWED, REMOVED, WIDENED, Change, kind
from preroll.compat.edits import Edit, edits
from preroll.compat.reading import foreign
from preroll.compat.relation import NEVER, REQUEST, RESPONSE, Answer, Encounter, Relation, Side
from preroll.formula import Formula, Literal
from preroll.pointer import ABSENT

WHOLE = {"request": "the request", "response": "the answer", "parameter": "the parameter"}

MIGRATION_SECONDS = 1.0
"""How long the repairs of one target's witnesses may take together."""

_UPWARDS = ("minimum", "minLength", "minItems", "minProperties")
_DOWNWARDS = ("maximum", "maxLength", "maxItems", "maxProperties")


def of_schema(
    encounter: Encounter, relation: Relation, *, side: str, target: str, status: str = "", prefix: str = ""
) -> list[Change]:
    """
    The changes of one schema, in the order of the new document.

    Args:
        encounter: the two schemas.
        relation: their relation, already decided.
        side: `request`, `response` or `parameter`.
        target: name of the target.
        status: of a response.
        prefix: how places are told apart from those of the body: the name of a parameter.
    """
    namer = _Namer(encounter, side, target, status, prefix)
    found = list(namer.changes())
    for answer, action in ((relation.refused, NARROWED), (relation.accepted, WIDENED)):
        # What no single edit explains is told as a whole, so that every yes has its witness.
        if answer.found and not any(each.witness is not ABSENT and namer.shows(each, action) for each in found):
            found.append(namer.whole(answer, action))
    if relation.harm.found is None:
        found.append(namer.undecided(relation))
    return found


def of_union(encounter: Encounter, relation: Relation, target: str, missing: tuple[int, int]) -> list[Change]:
    """
    The changes of an operation whose branches are targets: what is said of them is told there, in full.

    Args:
        encounter, relation: of the operation.
        target: its name.
        missing: how many branches are new, and how many are gone.
    """
    namer = _Namer(encounter, REQUEST, target, "", "")
    found = []
    for answer, action, count in (
        (relation.refused, NARROWED, missing[1]),
        (relation.accepted, WIDENED, missing[0]),
    ):
        if answer.found:
            change = namer.whole(answer, action)
            tail = f"; {phrases.count(count, 'branch')} {'are' if count > 1 else 'is'} "
            tail = f"{tail}{'gone' if action == NARROWED else 'new'}" if count else ""
            found.append(replace(change, message=f"{change.message}{tail.replace('branchs', 'branches')}"))
    if relation.harm.found is None:
        found.append(namer.undecided(relation))
    return found


class _Namer:
    def __init__(self, encounter: Encounter, side: str, target: str, status: str, prefix: str) -> None:
        self.encounter, self.side, self.target = encounter, side, target
        self.status, self.prefix = status, prefix
        self.actions: dict[int, str] = {}

    def shows(self, change: Change, action: str) -> bool:
        """Whether a change's witness shows a direction."""
        return self.actions.get(id(change)) == action

    def changes(self) -> Iterator[Change]:
        forms = self.encounter.forms
        if forms is None:
            return
        told: set[tuple[str, str, str]] = set()
        for edit in edits(self.encounter.canon, *forms):
            for change in self._of(edit):
                key = (change.id, change.place, change.message)
                if key not in told:
                    told.add(key)
                    yield change

    def _of(self, edit: Edit) -> Iterator[Change]:
        if edit.kind == "property":
            yield self._property(edit)
            return
        refused = self._asked(edit, edit.new_root, refused=True)
        accepted = self._asked(edit, edit.old_root, refused=False)
        for answer, action in ((refused, NARROWED), (accepted, WIDENED)):
            if answer.found:
                yield self._made(edit, action, answer)
            elif answer.found is None:
                harmful = (action == NARROWED) == (self.side != RESPONSE)
                if harmful or self.encounter.contest is None:
                    yield self._unproved(edit, action, harmful=harmful)

    def _asked(self, edit: Edit, root: Formula | None, *, refused: bool) -> Answer:
        if root is None or _only_the_other_way(edit, refused=refused):
            return NEVER
        return self.encounter.refused(root) if refused else self.encounter.accepted(root)

    def _made(self, edit: Edit, action: str, answer: Answer) -> Change:
        which = kind(self.side, edit.kind, action)
        change = self._change(edit, which.id, wording.sentence(edit, action, self.side, WHOLE[self.side]))
        made = replace(change, kind=which, level=which.level, witness=answer.witness, proved=True)
        return self._kept(made, action)

    def _kept(self, change: Change, action: str) -> Change:
        self.actions[id(change)] = action
        self._alive = [*getattr(self, "_alive", []), change]  # an identity is not given to another one
        return change

    def _unproved(self, edit: Edit, action: str, *, harmful: bool) -> Change:
        which = kind(self.side, edit.kind, action)
        change = self._change(edit, which.id, wording.sentence(edit, action, self.side, WHOLE[self.side]))
        return replace(change, kind=which, level=DANGEROUS if harmful else which.level)

    def _property(self, edit: Edit) -> Change:
        gone, come = edit.new is None, edit.old is None
        path = edit.path
        old, new = self.encounter.old.described, self.encounter.new.described
        refused = accepted = NEVER
        if self.side == RESPONSE:
            if not foreign(old, new, path):
                accepted = self._asked(edit, edit.old_root, refused=False)
        elif not foreign(old, new, path):
            refused = self._asked(edit, edit.new_root, refused=True)
        action = REMOVED if gone else ADDED
        if come and not edit.branch and not foreign(old, new, path) and old.place(path) is not None:
            action = CHANGED
        if gone and not edit.branch and new.place(path) is not None and edit.new_root is None:
            action = CHANGED
        side = REQUEST if self.side == "parameter" else self.side
        which = kind(side, "property", action)
        less = bool(refused.found) or (action == CHANGED and come)
        change = self._change(edit, which.id, wording.sentence(edit, NARROWED if less else WIDENED, self.side, ""))
        level = which.level
        harm = accepted if self.side == RESPONSE else refused
        if harm.found:
            level = "breaking"
        elif action == CHANGED:
            level = DANGEROUS if harm.found is None else "compatible"
        made = replace(change, kind=which, level=level, witness=harm.witness, proved=bool(harm.found))
        return self._kept(made, WIDENED if self.side == RESPONSE else NARROWED) if harm.found else made

    def _change(self, edit: Edit, _: str, message: str) -> Change:
        old = self.encounter.old.pointer(edit.old_source) if edit.old_source else ""
        new = self.encounter.new.pointer(edit.new_source) if edit.new_source else ""
        path = wording.place((*edit.path, edit.name) if edit.kind == "required" else edit.path)
        spot = f"{self.prefix}.{path}".strip(".") if self.prefix else path
        gone = edit.new is None and edit.kind in ("property", "alternative")
        if self.prefix:
            message = f"parameter {self.prefix}: {message}"
        return Change(
            kind=kind(self.side, "whole", NARROWED),
            target=self.target,
            level="",
            message=message,
            pointer=old if gone or not new else new,
            old_pointer=old,
            new_pointer=new,
            place=spot,
            status=self.status,
            witness=ABSENT,
        )

    def whole(self, answer: Answer, action: str) -> Change:
        """The change that only the whole schema shows."""
        which = kind(self.side, "whole", action)
        told = "newly refused" if action == NARROWED else "newly accepted"
        if self.side == RESPONSE:
            told = "no longer possible" if action == NARROWED else "newly possible"
        where = f"parameter {self.prefix}" if self.prefix else WHOLE[self.side]
        return Change(
            which,
            self.target,
            which.level,
            f"some values of {where} are {told}",
            pointer=self._pointer(self.encounter.new),
            old_pointer=self._pointer(self.encounter.old),
            new_pointer=self._pointer(self.encounter.new),
            place=self.prefix,
            status=self.status,
            witness=answer.witness,
            proved=True,
        )

    def undecided(self, relation: Relation) -> Change:
        """That it is not known whether callers break."""
        which = kind(self.side, "undecided", CHANGED)
        where = f"parameter {self.prefix}" if self.prefix else WHOLE[self.side]
        return Change(
            which,
            self.target,
            which.level,
            f"whether {where} still fits its callers could not be decided: {relation.harm.reason}",
            pointer=self._pointer(self.encounter.new),
            old_pointer=self._pointer(self.encounter.old),
            new_pointer=self._pointer(self.encounter.new),
            place=self.prefix,
            status=self.status,
            witness=ABSENT,
        )

    @staticmethod
    def _pointer(side: Side) -> str:
        return side.pointer(side.target.schema)


def _only_the_other_way(edit: Edit, *, refused: bool) -> bool:
    """Whether two limits of one kind tell without a solver that this direction is impossible."""
    old, new = edit.old, edit.new
    if not isinstance(old, Literal) or not isinstance(new, Literal) or old.test != new.test:
        return False
    if edit.kind in _UPWARDS:
        return bool(new.argument <= old.argument) if refused else bool(new.argument >= old.argument)
    if edit.kind in _DOWNWARDS:
        return bool(new.argument >= old.argument) if refused else bool(new.argument <= old.argument)
    return False


def explained(changes: list[Change], new: Side, today: date | None, until: float) -> list[Change]:
    """
    The changes with what `check` says of their witnesses, and with drafts of the migration.

    Only requests that are newly refused have either: what a caller can change is what it sends.
    """
    until = min(until, time.monotonic() + MIGRATION_SECONDS)
    return [_explained(each, new, today, until) if each.kind.side == REQUEST else each for each in changes]


def _explained(change: Change, new: Side, today: date | None, until: float) -> Change:
    if change.witness is ABSENT or change.level != "breaking":
        return change
    from preroll import words
    from preroll.judgement import check

    try:
        report = check(change.witness, new.target.name, registry=new.registry, as_published=new.published, today=today)
    except ValueError:
        return change
    faults = [each for each in report.violations if each.severity == "error"]
    if not faults:
        return change
    reasons = words.reasons(faults[0])
    told = words.message(faults[0]) + (f", because {' and '.join(reasons)}" if reasons else "")
    change = replace(change, told=told)
    if time.monotonic() < until:
        patch, title = _repaired(report, new, until)
        change = replace(change, migration=patch, migrated=title)
    return change


def _repaired(report: Any, new: Side, until: float) -> tuple[tuple[dict[str, Any], ...], str]:
    """A repair of an old payload under the new document: the first verified fix that is enough, else the model's."""
    from preroll import mending
    from preroll.advice import advised

    better = advised(report, limit=max(0.1, until - time.monotonic()))
    for violation in better.violations:
        for fix in violation.fixes:
            try:
                mended = mending.applied(report.payload, fix.patch)
            except LookupError:
                continue
            if new.accepts(mended):
                return fix.patch, fix.title
    return (), ""
