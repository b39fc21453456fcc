"""
Edits: where two schemas differ, place by place, each difference apart from the others.

Both schemas are in normal form. A conjunct at a place of the payload is a consequence of the whole schema, also
where it stands in a branch beside others (`A or (B and C)` is `(A or B) and (A or C)`), so every edit can be
*lifted* to the root and asked about alone: is there a payload that the one schema accepts and that breaks this
part of the other?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from preroll.compat.canon import Canon, value_key
from preroll.formula import (
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
    either,
    every,
    is_negative,
    negation,
)
from preroll.pointer import Path

Lift = Callable[[Formula], Formula]

Named = Callable[[Path], bool]
"""Whether both documents describe a property by its name, if only as anything at all."""

ALIKE = 0.3
"""Clauses and branches that share less of their parts than this are not taken for versions of each other."""

FACTS = {
    "exclusiveMinimum": "minimum",
    "exclusiveMaximum": "maximum",
}
"""Keywords that say the same kind of thing as another one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """
    One difference between two schemas.

    Attributes:
        kind: what differs: a keyword (`type`, `enum`, `minimum`, ...), `property`, `required`, `alternative`,
            `condition`, `closed`, `names`.
        path: the place in the payload, `*` for any item, a number for one that is told apart from others.
        old, new: the conjunct there, or None where it is not asserted.
        old_root, new_root: what each schema asserts by it, at the root; None where it asserts nothing by it.
        guards: conditions under which the place matters, as formulas at `base`.
        base: the place that the guards speak about.
        branch: the vendor's name or the constants of the branch that it is in, outermost first.
        name: the property, for `property` and `required`.
        old_source, new_source: where it stands in each document.
        needed: whether a property that came or went is required.
    """

    kind: str
    path: Path
    old: Formula | None
    new: Formula | None
    old_root: Formula | None
    new_root: Formula | None
    guards: tuple[Formula, ...] = ()
    base: Path = ()
    branch: tuple[str, ...] = ()
    name: str = ""
    old_source: str = ""
    new_source: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Where a pair of formulas stands: the place, the way back to the root, what must hold for it to matter."""

    path: Path = ()
    old_lift: Lift = field(default=lambda formula: formula)
    new_lift: Lift = field(default=lambda formula: formula)
    guards: tuple[Formula, ...] = ()
    base: Path = ()
    branch: tuple[str, ...] = ()
    old_source: str = ""
    new_source: str = ""

    def within(self, key: Any, old: Lift, new: Lift) -> Context:
        """The context one step down."""
        outer_old, outer_new = self.old_lift, self.new_lift
        path = self.path if key is None else (*self.path, key)
        return replace(
            self,
            path=path,
            old_lift=lambda formula: outer_old(old(formula)),
            new_lift=lambda formula: outer_new(new(formula)),
        )


def edits(canon: Canon, old: Formula, new: Formula, named: Named = lambda _: False) -> Iterator[Edit]:
    """
    The differences of two normal forms, in the order of the new one; none where they have one number.

    Args:
        canon: that made them.
        old, new: the forms.
        named: of a property that one of them says nothing about, whether both documents know it all the same.
    """
    yield from _Differ(canon, named).of(old, new, Context())


class _Differ:
    def __init__(self, canon: Canon, named: Named) -> None:
        self.canon, self.named = canon, named
        self._atoms: dict[int, frozenset[int]] = {}

    def of(self, old: Formula, new: Formula, at: Context) -> Iterator[Edit]:
        if self.canon.number(old) == self.canon.number(new):
            return
        before, after = self._slots(old), self._slots(new)
        at = replace(at, old_source=old.source or at.old_source, new_source=new.source or at.new_source)
        clauses_before = [part for slot, part in before.items() if slot[0] == "clause" and slot not in after]
        clauses_after = [part for slot, part in after.items() if slot[0] == "clause" and slot not in before]
        shut = ("fact", "closed") in before and ("fact", "closed") in after
        needs_before = {slot[1] for slot in before if slot[0] == "required"}
        needs_after = {slot[1] for slot in after if slot[0] == "required"}
        for slot in dict.fromkeys((*before, *after)):
            one, other = before.get(slot), after.get(slot)
            if slot[0] == "clause" or (
                one is not None and other is not None and self.canon.number(one) == self.canon.number(other)
            ):
                continue
            match slot:
                case ("at", key):
                    yield from self._member(
                        key, one, other, at, before, after, needed=key in needs_before | needs_after
                    )
                case ("required", name):
                    yield self._edit("required", one, other, at, name=name)
                case ("items", start):
                    down = at.within("*", _items(start), _items(start))
                    yield from self.of(_body(one), _body(other), down)
                case ("members", *_) if one is not None and other is not None:
                    yield from self._members(one, other, at)
                case ("members", *_):
                    yield self._edit("names", one, other, at)
                case ("fact", "closed") if shut:
                    yield from self._patterns(
                        one, other, at, {slot[1] for slot in (*before, *after) if slot[0] == "at"}
                    )
                case ("fact", kind):
                    yield self._edit(kind, one, other, at)
        yield from self._clauses(clauses_before, clauses_after, at)

    def _slots(self, formula: Formula) -> dict[tuple[Any, ...], Formula]:
        """The conjuncts of a formula by what they are about."""
        found: dict[tuple[Any, ...], Formula] = {}
        for part in formula.parts if isinstance(formula, Every) else (formula,):
            match part:
                case At(key):
                    slot: tuple[Any, ...] = ("at", key)
                case Literal("required", name, True):
                    slot = ("required", name)
                case Literal(test, _, True):
                    slot = ("fact", FACTS.get(test, test))
                case Items(_, start, None, None, True):
                    slot = ("items", start)
                case Members(_, _, _, pattern, of_names, True):
                    slot = ("members", pattern, of_names)
                case _:
                    slot = ("clause", self.canon.number(part))
            found[slot] = every(found[slot], part) if slot in found else part
        return found

    def _edit(self, kind: str, old: Formula | None, new: Formula | None, at: Context, **more: Any) -> Edit:
        return Edit(
            kind,
            at.path,
            old,
            new,
            None if old is None else at.old_lift(old),
            None if new is None else at.new_lift(new),
            at.guards,
            at.base,
            at.branch,
            old_source=_source(old) or at.old_source,
            new_source=_source(new) or at.new_source,
            **more,
        )

    def _member(
        self,
        key: str | int,
        old: Formula | None,
        new: Formula | None,
        at: Context,
        before: dict[tuple[Any, ...], Formula],
        after: dict[tuple[Any, ...], Formula],
        *,
        needed: bool,
    ) -> Iterator[Edit]:
        if isinstance(key, str) and old is None and not _admits(before, key):
            edit = self._edit("property", None, new, at, name=key, needed=needed)
            # What refused the property before is the closed object, and what refuses it now is its schema.
            yield replace(edit, old_root=at.old_lift(_without(key)), path=(*at.path, key))
        elif isinstance(key, str) and new is None and not _admits(after, key):
            edit = self._edit("property", old, None, at, name=key, needed=needed)
            yield replace(edit, new_root=at.new_lift(_without(key)), path=(*at.path, key))
        elif (
            isinstance(key, str)
            and (old is None or new is None)
            and not _listed(before if old is None else after, key)
            and not self.named((*at.path, key))
        ):
            edit = self._edit("property", old, new, at, name=key, needed=needed)
            yield replace(edit, path=(*at.path, key))
        else:
            down = at.within(key, lambda formula: At(key, formula), lambda formula: At(key, formula))
            down = replace(down, old_source=_source(old), new_source=_source(new))
            yield from self.of(_body(old), _body(new), down)

    def _members(self, old: Formula, new: Formula, at: Context) -> Iterator[Edit]:
        if not isinstance(old, Members) or not isinstance(new, Members):
            yield self._edit("names", old, new, at)
            return

        def lift(whole: Members) -> Lift:
            return lambda formula: replace(whole, body=formula)

        same = (set(old.names), set(old.unless)) == (set(new.names), set(new.unless))
        step = "(name)" if old.of_names else old.pattern or "(any name)"
        inner = list(self.of(old.body, new.body, at.within(step, lift(old), lift(new))))
        if not (same or inner):
            yield self._edit("names", old, new, at)
        else:
            yield from inner

    def _patterns(
        self, old: Formula | None, new: Formula | None, at: Context, described: set[str | int]
    ) -> Iterator[Edit]:
        """Names that a closed object lists as anything at all; described ones are told as properties."""
        if not isinstance(old, Literal) or not isinstance(new, Literal):
            return
        for name in dict.fromkeys((*old.argument[0], *new.argument[0])):
            if name not in described and (name in old.argument[0]) != (name in new.argument[0]):
                gone = name in old.argument[0]
                edit = self._edit("property", TRUE if gone else None, None if gone else TRUE, at, name=name)
                refusal = _without(name)
                yield replace(
                    edit,
                    path=(*at.path, name),
                    old_root=None if gone else at.old_lift(refusal),
                    new_root=at.new_lift(refusal) if gone else None,
                )
        if set(old.argument[1]) != set(new.argument[1]):
            yield self._edit("closed", old, new, at)

    def _clauses(self, old: list[Formula], new: list[Formula], at: Context) -> Iterator[Edit]:
        for one, other in self._aligned(old, new):
            if one is not None and other is not None and _is_union(one) and _is_union(other):
                yield from self._union(one, other, at)
            else:
                yield self._edit("condition", one, other, at)

    def _union(self, old: Formula, new: Formula, at: Context) -> Iterator[Edit]:
        olds, news = _branches(old), _branches(new)
        shared = {self.canon.number(each) for each in olds} & {self.canon.number(each) for each in news}
        gone = [each for each in olds if self.canon.number(each) not in shared]
        come = [each for each in news if self.canon.number(each) not in shared]
        both = [each for each in news if self.canon.number(each) in shared]
        removed: list[Formula] = []
        added: list[Formula] = []
        found: list[Edit] = []
        for one, other in self._aligned(gone, come, told=True):
            if one is not None and other is not None:
                found += self._branch(one, other, olds, news, both, at)
            elif one is not None:
                removed.append(one)
            elif other is not None:
                added.append(other)
        if not gone and not come and type(old) is not type(new):
            yield self._edit("condition", old, new, at)
        if removed or added:
            conditional = any(map(is_negative, (*both, *removed, *added)))
            yield from self._alternatives(old, new, removed, added, at, conditional=conditional)
        yield from found

    def _alternatives(
        self,
        old: Formula,
        new: Formula,
        removed: list[Formula],
        added: list[Formula],
        at: Context,
        *,
        conditional: bool,
    ) -> Iterator[Edit]:
        if conditional:
            yield self._edit("condition", old, new, at)
            return
        if removed:
            edit = self._edit("alternative", Either(tuple(removed), source=_source(removed[0])), None, at)
            way = negation(Either(tuple(removed)))
            asked = either(*_branches(new), way) if _portable(way) else Either(tuple(_branches(new)))
            yield replace(edit, old_root=None, new_root=at.new_lift(asked))
        if added:
            edit = self._edit("alternative", None, Either(tuple(added), source=_source(added[0])), at)
            way = negation(Either(tuple(added)))
            asked = either(*_branches(old), way) if _portable(way) else Either(tuple(_branches(old)))
            yield replace(edit, new_root=None, old_root=at.old_lift(asked))

    def _branch(
        self,
        old: Formula,
        new: Formula,
        olds: list[Formula],
        news: list[Formula],
        both: list[Formula],
        at: Context,
    ) -> Iterator[Edit]:
        beside_old = [each for each in olds if each is not old]
        beside_new = [each for each in news if each is not new]
        down = at.within(
            None, lambda formula: Either((*beside_old, formula)), lambda formula: Either((*beside_new, formula))
        )
        negative = [each for each in both if is_negative(each)]
        if negative and len(negative) == len(both):
            guards = tuple(negation(each) for each in negative)
            base = at.path if not at.guards else at.base
            down = replace(down, guards=(*at.guards, *guards), base=base)
        else:
            label = _label(new) or _label(old)
            down = replace(down, branch=(*at.branch, label) if label else at.branch)
        yield from self.of(old, new, replace(down, old_source=_source(old), new_source=_source(new)))

    def _aligned(
        self, old: list[Formula], new: list[Formula], *, told: bool = False
    ) -> Iterator[tuple[Formula | None, Formula | None]]:
        """Pairs of versions of one thing, the most alike first; what has no other version is alone."""
        scored = sorted(
            (
                (-self._likeness(one, other, told=told), index, place)
                for index, one in enumerate(old)
                for place, other in enumerate(new)
            ),
        )
        taken_old: set[int] = set()
        taken_new: set[int] = set()
        least = ALIKE if len(old) > 1 or len(new) > 1 else 0.01  # where each has one, it is the other's version
        for score, index, place in scored:
            if -score >= least and index not in taken_old and place not in taken_new:
                taken_old.add(index)
                taken_new.add(place)
                yield old[index], new[place]
        yield from ((one, None) for index, one in enumerate(old) if index not in taken_old)
        yield from ((None, one) for place, one in enumerate(new) if place not in taken_new)

    def _likeness(self, one: Formula, other: Formula, *, told: bool) -> float:
        if told:
            mine, theirs = dict(_constants(one)), dict(_constants(other))
            shared = mine.keys() & theirs.keys()
            if shared:
                # Constants are the names of a branch: all of them, or it is another one.
                same = all(value_key(mine[key]) == value_key(theirs[key]) for key in shared)
                return 1.0 if same else 0.0
        if _is_union(one) != _is_union(other):
            return 0.0
        here, there = self._all_atoms(one), self._all_atoms(other)
        union = len(here | there)
        return len(here & there) / union if union else 1.0

    def _all_atoms(self, formula: Formula) -> frozenset[int]:
        """The numbers of everything inside a formula."""
        number = self.canon.number(formula)
        found = self._atoms.get(number)
        if found is None:
            inner: tuple[Formula, ...] = ()
            match formula:
                case Every(parts) | Either(parts) | Single(parts):
                    inner = parts
                case At(body=body) | In(body=body) | Items(body=body) | Members(body=body):
                    inner = (body,)
            # What is spoken about counts, too: two limits of one kind are more alike than two of different kinds.
            about: set[int] = set()
            if isinstance(formula, (At, In)):
                about.add(self.canon.number(At(formula.key, TRUE)))
            elif isinstance(formula, Literal):
                about.add(
                    self.canon.number(
                        Literal(formula.test, ((), ()) if formula.test == "closed" else (), formula.holds)
                    )
                )
            own = {number} if not inner else set()
            found = self._atoms[number] = frozenset(own | about).union(*map(self._all_atoms, inner))
        return found


def _items(start: int) -> Lift:
    return lambda formula: Items(formula, start)


def _body(formula: Formula | None) -> Formula:
    return formula.body if isinstance(formula, (At, Items, Members)) else TRUE


def _branches(formula: Formula) -> list[Formula]:
    return list(formula.parts) if isinstance(formula, (Either, Single)) else [formula]


def _is_union(formula: Formula) -> bool:
    return isinstance(formula, Either) or (isinstance(formula, Single) and formula.holds)


def _without(name: str) -> Formula:
    return either(Literal("type", ("object",), False), Literal("required", name, False))


def _admits(slots: dict[tuple[Any, ...], Formula], name: str) -> bool:
    """Whether an object takes a property that it does not describe."""
    closed = slots.get(("fact", "closed"))
    return not isinstance(closed, Literal) or name in closed.argument[0]


def _listed(slots: dict[tuple[Any, ...], Formula], name: str) -> bool:
    """Whether a closed object lists a property (described as anything at all, and so by no formula)."""
    closed = slots.get(("fact", "closed"))
    return isinstance(closed, Literal) and name in closed.argument[0]


def _portable(formula: Formula) -> bool:
    """Whether a formula means the same beside another document: nothing in it is looked up."""
    match formula:
        case Ref() | Opaque():
            return False
        case Every(parts) | Either(parts) | Single(parts):
            return all(map(_portable, parts))
        case At(body=body) | In(body=body) | Items(body=body) | Members(body=body):
            return _portable(body)
    return True


def _source(formula: Formula | None) -> str:
    if formula is None:
        return ""
    if formula.source or not isinstance(formula, (Every, Either, Single)):
        return formula.source
    return next((found for part in formula.parts if (found := _source(part))), "")


def _constants(formula: Formula) -> Iterator[tuple[str, Any]]:
    """The members that a branch fixes to one value."""
    for part in formula.parts if isinstance(formula, Every) else (formula,):
        if isinstance(part, (At, In)) and isinstance(part.key, str):
            for inner in part.body.parts if isinstance(part.body, Every) else (part.body,):
                if isinstance(inner, Literal) and inner.test == "enum" and inner.holds and len(inner.argument) == 1:
                    yield part.key, inner.argument[0]


def _label(formula: Formula) -> str:
    """What people call a branch: its constants, else the vendor's title."""
    from preroll import phrases

    told = [f"{name} {phrases.value(value)}" for name, value in _constants(formula)]
    if told:
        return phrases.listed(told[:2])
    title = getattr(formula, "title", "")
    return title if len(title) <= 60 else ""  # a description is no name


__all__ = ["Edit", "edits"]
