"""
Changes of one schema: every edit named, with its level, its witness and the words of `check`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from preroll import phrases
from preroll.compat import wording
from preroll.compat.canon import value_key
from preroll.compat.change import (
    ADDED,
    BREAKING,
    CHANGED,
    COMPATIBLE,
    DANGEROUS,
    NARROWED,
    REMOVED,
    WIDENED,
    Change,
    kind,
)
from preroll.compat.edits import Edit, edits
from preroll.compat.migrations import Migrations
from preroll.compat.reading import foreign
from preroll.compat.relation import EQUIVALENT, NEVER, REQUEST, RESPONSE, Answer, Encounter, Relation, Side
from preroll.formula import Formula, Literal
from preroll.pointer import ABSENT, Path

WHOLE = {"request": "the request", "response": "the answer", "parameter": "the parameter"}

SEVERAL = 8
"""Of longer lists of branches only so many are named."""

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
    # Where no payload tells them apart, all that is left to tell is a property that only one of them names.
    namer.equal = relation.proved and relation.relation == relation.literal == EQUIVALENT
    found = list(namer.changes())
    for answer, action in ((relation.refused, NARROWED), (relation.accepted, WIDENED)):
        # What no single edit explains is told as a whole, so that every yes has its witness.
        if answer.found and not any(each.witness is not ABSENT and namer.shows(each, action) for each in found):
            found.append(namer.whole(answer, action))
    if relation.harm.found is None:
        found.append(namer.undecided(relation))
    return found


def of_union(
    encounter: Encounter, relation: Relation, target: str, told: tuple[Sequence[str], Sequence[str]]
) -> list[Change]:
    """
    The changes of an operation whose branches are targets: what is said of them is told there, in full.

    Args:
        encounter, relation: of the operation.
        target: its name.
        told: names of the branches that refuse something new, and of those that accept something new.
    """
    namer = _Namer(encounter, REQUEST, target, "", "")
    found = []
    for answer, action, names in ((relation.refused, NARROWED, told[0]), (relation.accepted, WIDENED, told[1])):
        if answer.found:
            change = namer.whole(answer, action)
            where = phrases.listed([each.rpartition("#")[2] for each in names[:SEVERAL]])
            more = f" and {len(names) - SEVERAL} more" if len(names) > SEVERAL else ""
            message = f"{change.message}{f': see {where}{more}' if where else ''}"
            found.append(replace(change, message=message, branches=tuple(names)))
    if relation.harm.found is None:
        found.append(namer.undecided(relation))
    return found


class _Namer:
    def __init__(self, encounter: Encounter, side: str, target: str, status: str, prefix: str) -> None:
        self.encounter, self.side, self.target = encounter, side, target
        self.status, self.prefix = status, prefix
        self.actions: dict[int, str] = {}
        self.equal = False

    def shows(self, change: Change, action: str) -> bool:
        """Whether a change's witness shows a direction."""
        return self.actions.get(id(change)) == action

    def changes(self) -> Iterator[Change]:
        forms = self.encounter.forms
        if forms is None:
            return
        told: set[tuple[str, str, str]] = set()
        old, new = self.encounter.old.described, self.encounter.new.described

        def named(path: Path) -> bool:
            return old.names(path) and new.names(path)

        for edit in edits(self.encounter.canon, *forms, named):
            for change in self._of(edit):
                key = (change.id, change.place, change.message)
                if key not in told:
                    told.add(key)
                    yield change

    def _of(self, edit: Edit) -> Iterator[Change]:
        if self.equal and not (edit.kind == "property" and any(self._strange(edit.path))):
            return
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
                if harmful or self.encounter.stopped:
                    yield self._unproved(edit, action, harmful=harmful)

    def _strange(self, path: Path) -> tuple[bool, bool]:
        """Whether only the other document describes a property: for the old one, and for the new one."""
        old, new = self.encounter.old.described, self.encounter.new.described
        return foreign(old, new, path), foreign(new, old, path)

    def _asked(self, edit: Edit, root: Formula | None, *, refused: bool) -> Answer:
        if root is None or _only_the_other_way(edit, refused=refused):
            return NEVER
        return self.encounter.refused(root) if refused else self.encounter.accepted(root)

    def _made(self, edit: Edit, action: str, answer: Answer) -> Change:
        which = kind(self.side, edit.kind, action)
        change = self._change(edit, wording.sentence(edit, action, self.side, WHOLE[self.side]))
        made = replace(change, kind=which, level=which.level, witness=answer.witness, proved=True)
        return self._kept(made, action)

    def _kept(self, change: Change, action: str) -> Change:
        self.actions[id(change)] = action
        self._alive = [*getattr(self, "_alive", []), change]  # an identity is not given to another one
        return change

    def _unproved(self, edit: Edit, action: str, *, harmful: bool) -> Change:
        which = kind(self.side, edit.kind, action)
        change = self._change(edit, wording.sentence(edit, action, self.side, WHOLE[self.side]))
        return replace(change, kind=which, level=DANGEROUS if harmful else which.level)

    def _property(self, edit: Edit) -> Change:
        gone, come = edit.new is None, edit.old is None
        path = edit.path
        old, new = self.encounter.old.described, self.encounter.new.described
        strange = self._strange(path)
        # Who reads an answer ignores what the old document does not know; who writes a request knows only it.
        refused = NEVER if strange[0] else self._asked(edit, edit.new_root, refused=True)
        accepted = NEVER
        if self.side == RESPONSE:
            accepted = NEVER if strange[0] else self._asked(edit, edit.old_root, refused=False)
        elif not strange[1]:
            accepted = self._asked(edit, edit.old_root, refused=False)
        action = REMOVED if gone else ADDED
        if come and not edit.branch and not strange[0] and old.place(path) is not None:
            action = CHANGED
        if gone and not edit.branch and new.place(path) is not None and edit.new_root is None:
            action = CHANGED
        side = REQUEST if self.side == "parameter" else self.side
        which = kind(side, "property", action)
        less = bool(refused.found) or (action == CHANGED and come)
        change = self._change(edit, wording.sentence(edit, NARROWED if less else WIDENED, self.side, ""))
        harm, good = (accepted, refused) if self.side == RESPONSE else (refused, accepted)
        level = which.level
        if harm.found:
            level = BREAKING
        elif action == CHANGED:
            level = DANGEROUS if harm.found is None else COMPATIBLE
        shown = harm if harm.found else good
        made = replace(change, kind=which, level=level, witness=shown.witness, proved=bool(harm.found))
        if not shown.found:
            return made
        return self._kept(made, NARROWED if shown is refused else WIDENED)

    def _change(self, edit: Edit, message: str) -> Change:
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
            f"whether {where} still fits its callers could not be decided: {wording.shortened(relation.harm.reason)}",
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
    """Whether two assertions of one kind tell without a solver that this direction is impossible."""
    old, new = edit.old, edit.new
    if not isinstance(old, Literal) or not isinstance(new, Literal) or old.test != new.test:
        return False
    if edit.kind in _UPWARDS:
        return bool(new.argument <= old.argument) if refused else bool(new.argument >= old.argument)
    if edit.kind in _DOWNWARDS:
        return bool(new.argument >= old.argument) if refused else bool(new.argument <= old.argument)
    if edit.kind == "enum":
        before, after = set(map(value_key, old.argument)), set(map(value_key, new.argument))
        return before <= after if refused else after <= before
    return False


def explained(changes: list[Change], new: Side, today: date | None, until: float) -> list[Change]:
    """
    The changes with what `check` says of their witnesses, and with drafts of the migration.

    Only requests that are newly refused have either: what a caller can change is what it sends.
    """
    migrations = Migrations(new, today, min(until, time.monotonic() + MIGRATION_SECONDS))
    return [_explained(each, migrations) if each.kind.side == REQUEST else each for each in changes]


def _explained(change: Change, migrations: Migrations) -> Change:
    if change.witness is ABSENT or change.level != BREAKING or change.branches:
        return change
    from preroll import words

    report = migrations.report(change.witness) if time.monotonic() < migrations.until else None
    faults = [each for each in report.violations if each.severity == "error"] if report is not None else []
    if not faults:
        return change
    reasons = words.reasons(faults[0])
    told = words.message(faults[0]) + (f", because {' and '.join(reasons)}" if reasons else "")
    patch, title = migrations.draft(report)
    return replace(change, told=told, migration=patch, migrated=title)
