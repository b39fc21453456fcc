"""
Comparison: two registries, target by target, into one report.
"""

from __future__ import annotations

import fnmatch
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from preroll import pointer as pointers
from preroll.compat import changes as naming
from preroll.compat import footing, kinship, surroundings
from preroll.compat.canon import Canon
from preroll.compat.change import ADDED, BREAKING, CHANGED, NOTE, REMOVED, Change, kind
from preroll.compat.matching import Pair, pairs
from preroll.compat.relation import (
    EQUIVALENT,
    INSTALL,
    NEVER,
    REQUEST,
    RESPONSE,
    Answer,
    Encounter,
    Relation,
    Side,
    joined,
    name,
)
from preroll.document import DocumentError
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.rules import stale
from preroll.target import Target

SECONDS = 10.0
"""How long one side of one target may take before it is unknown."""

TOTAL = 300.0
"""How long a comparison may take before what is left is unknown."""

PROSE = "prose"

Progress = Callable[[int, int, str], None]
"""See `compare`."""


@dataclass(frozen=True, slots=True)
class TargetReport:
    """
    What has become of one target.

    Attributes:
        target: its name in the new document, or in the old one where the new has none.
        before: its name in the old document, or "".
        request, response: the relations, or None where neither document has such a side.
        changes: what changed, in the order of the document.
        prose: changes of words, which never gate.
        seconds: how long it took.
    """

    target: str
    before: str
    request: Relation | None
    response: Relation | None
    changes: tuple[Change, ...] = ()
    prose: tuple[Change, ...] = ()
    seconds: float = 0.0

    @property
    def unchanged(self) -> bool:
        """Whether nothing but words changed, if anything."""
        return not self.changes


@dataclass(frozen=True, slots=True)
class JobNote:
    """A stored payload that the old document accepts and the new one does not."""

    source: str
    at: str
    line: int | None
    target: str
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    What has become of one set of documents.

    Attributes:
        old, new: how the user named them, with the documents' own labels.
        targets: a report for each target.
        changes: of the documents themselves.
        prose: their words.
        stale_rules, stale_corrections: those that fitted the old document and do not fit the new one.
        jobs: stored payloads that newly fail; None where none were given.
        counted: how many stored payloads were read, and of how many targets.
        unused: entries of an acknowledgement file that fit nothing any more, in words.
        decided: whether the solver was there to decide what structure does not.
    """

    old: str
    new: str
    targets: tuple[TargetReport, ...]
    changes: tuple[Change, ...] = ()
    prose: tuple[Change, ...] = ()
    stale_rules: tuple[str, ...] = ()
    stale_corrections: tuple[str, ...] = ()
    jobs: tuple[JobNote, ...] | None = None
    counted: tuple[int, int] = (0, 0)
    unused: tuple[str, ...] = ()
    decided: bool = True

    @property
    def every(self) -> Iterator[Change]:
        """All changes but those of words, documents first."""
        yield from self.changes
        for each in self.targets:
            yield from each.changes

    @property
    def breaking(self) -> bool:
        """Whether callers break, or may for all that is known; what was acknowledged does not count."""
        return any(each.level == BREAKING and not each.acknowledged for each in self.every) or bool(self.jobs)

    @property
    def verdict(self) -> str:
        """Whether callers break, in words; what could not be decided may break them."""
        if not self.breaking:
            return "no caller breaks"
        grave = [each for each in self.every if each.level == BREAKING and not each.acknowledged]
        sure = bool(self.jobs) or any(each.kind.kind != "undecided" for each in grave)
        return "callers break" if sure else "callers may break"


@dataclass
class _Work:
    old: Registry
    new: Registry
    published: bool
    today: date | None
    seconds: float
    until: float
    canon: Canon = field(default_factory=Canon)

    def encounter(self, side: str, old: Side, new: Side) -> Encounter:
        """Two schemas face to face, with the time that is left for them."""
        left = self.until - time.monotonic()
        stopped = "" if left > 0 else "the time for the whole comparison was used up"
        return Encounter(side, old, new, self.canon, self.today, min(self.seconds, left), stopped)


def compare(
    old: Registry,
    new: Registry,
    *,
    names: tuple[str, str] = ("old", "new"),
    published: bool = False,
    today: date | None = None,
    seconds: float = SECONDS,
    total: float = TOTAL,
    only: Iterable[str] = (),
    progress: Progress | None = None,
) -> Comparison:
    """
    Compare every target of two registries.

    Args:
        old, new: the documents; a target is matched by its name, else by likeness.
        names: how reports call them.
        published: as published, without corrections and rules.
        today: the day that rules about dates count from.
        seconds: the time box of one side of one target.
        total: the time box of the whole; what is left then is decided by structure, or unknown.
        progress: told before each target how many are done, how many there are, and its name.
        only: names of targets (or globs); all if empty.

    Raises:
        DocumentError: a schema cannot be used.
    """
    wanted = tuple(only)
    old, new = kinship.kin(old, new)
    every = [each for each in pairs(old, new) if not wanted or any(_meant(each, name) for name in wanted)]
    rules, corrections = _stale(old, new, every)
    sides = (old, new) if published else footing.level(old, new)
    work = _Work(*sides, published, today, seconds, time.monotonic() + total)
    done: dict[str, TargetReport] = {}
    owners = {each.old.name: each.new for each in every if each.old is not None and each.new is not None}
    order = sorted(every, key=lambda pair: not (pair.new or pair.old or _none()).branch_of)  # branches first
    for count, pair in enumerate(order):
        if progress is not None:
            progress(count, len(order), pair.name)
        done[pair.name] = _compared(work, pair, done, owners)
    reports = tuple(_quoting(work, each, done[each.name]) for each in every)
    outer: list[Change] = []
    words: list[Change] = []
    for mine, theirs in _documents(old, new, every):
        for change in surroundings.of_document(mine, theirs):
            (words if change.kind.area == PROSE else outer).append(change)
    found_at = {
        rule.id: rule.at[0]
        for vendor in new.vendors.values()
        for rule in (vendor.rules.rules if vendor.rules else ())
        if rule.at
    }
    outer += [
        surroundings.made(
            "document",
            "rule",
            CHANGED,
            "",
            f"the rule {each} no longer fits: {reason}",
            old=found_at.get(each, ""),
            place=each,
        )
        for each, reason in rules.items()
    ]
    outer += [
        surroundings.made(
            "document", "correction", CHANGED, "", f"the correction {each} no longer fits: {reason}", place=each
        )
        for each, reason in corrections.items()
    ]
    return Comparison(
        names[0],
        names[1],
        reports,
        tuple(outer),
        tuple(words),
        tuple(rules),
        tuple(corrections),
        decided=not any(
            each.kind.kind == "undecided" and INSTALL in each.message for report in reports for each in report.changes
        ),
    )


QUOTED = 240
"""Of what stands in a document only so many characters are quoted."""


def _quoting(work: _Work, pair: Pair, report: TargetReport) -> TargetReport:
    """The report with what stands at the addresses of its changes."""
    old = work.old.document(pair.old).raw if pair.old is not None else None
    new = work.new.document(pair.new).raw if pair.new is not None else None
    changes = []
    for each in report.changes:
        here, there = _standing(old, each.old_pointer), _standing(new, each.new_pointer)
        quoted = _quote(each.old_pointer, here, there), _quote(each.new_pointer, there, here)
        changes.append(replace(each, quoted=quoted))
    return replace(report, changes=tuple(changes))


def _standing(tree: Any, pointer: str) -> Any:
    return pointers.look_up(tree, pointers.parse(pointer)) if pointer else ABSENT


def _quote(pointer: str, found: Any, other: Any) -> str:
    """What stands at an address, in one line; of a long list what the other document has not, of an object little."""
    if found is ABSENT:
        return ""
    name = pointers.parse(pointer)[-1]
    label = "" if name.isdigit() else f"{json.dumps(name, ensure_ascii=False)}: "
    text = json.dumps(found, ensure_ascii=False, default=str)
    if len(text) <= QUOTED:
        return label + text
    if isinstance(found, list) and isinstance(other, list):
        own = [json.dumps(each, ensure_ascii=False, default=str) for each in found if each not in other]
        text = f"[{', '.join([*own, f'{len(found) - len(own)} that both have'])}]"
    elif isinstance(found, dict):
        text = f"{{{', '.join(json.dumps(each, ensure_ascii=False) for each in found)}}}"
    return label + (text if len(text) <= QUOTED else f"{text[: QUOTED - 4]} ...")


def _none() -> Target:
    return Target("", "")


def _meant(pair: Pair, name: str) -> bool:
    names = [text for each in pair if each is not None for text in (each.name, each.id, each.branch_of)]
    return any(text and (text == name or fnmatch.fnmatchcase(text, name)) for text in names)


def _documents(old: Registry, new: Registry, every: list[Pair]) -> Iterator[tuple[Any, Any]]:
    seen: set[tuple[str, str]] = set()
    for pair in every:
        if pair.old is not None and pair.new is not None:
            key = (pair.old.document, pair.new.document)
            if key not in seen:
                seen.add(key)
                yield old.document(pair.old).raw, new.document(pair.new).raw


def _stale(old: Registry, new: Registry, every: list[Pair]) -> tuple[dict[str, str], dict[str, str]]:
    """The rules that bear on an old target and whose quote is gone, and the corrections that no longer fit."""
    rules = {name: reason for name, reason in new.stale_rules.items() if name not in old.stale_rules}
    for pair in every:
        # A companion is in every document of its vendor, and so is not what a rule is about.
        if pair.old is not None and pair.new is not None and not pair.new.companion:
            kept = {each.id for each in new.rules(pair.new)}
            for rule in old.rules(pair.old):
                reason = None if rule.id in kept else stale(rule, new.document(pair.new).raw)
                if reason is not None:
                    rules.setdefault(rule.id, reason)
    before = {name for each in old.documents for name, _ in each.stale}
    corrections = {name: reason for each in new.documents for name, reason in each.stale if name not in before}
    return rules, corrections


def _compared(work: _Work, pair: Pair, done: dict[str, TargetReport], owners: dict[str, Target]) -> TargetReport:
    started = time.monotonic()
    old, new = pair.old, pair.new
    if old is None or new is None:
        return _alone(work, pair, owners)
    found: list[Change] = []
    words: list[Change] = []
    inner = {done[name].before: done[name] for name in new.branches if name in done and done[name].before}
    request: Relation | None
    if inner or (old.branches and new.branches):
        request, told = _united(work, old, new, done)
    else:
        request, told = _request(work, old, new)
    found += told
    response = None
    if not new.branch_of:
        around = list(surroundings.of_operation(work.old, work.new, old, new))
        found = [each for each in around if each.kind.side == "target"] + found
        found += [each for each in around if each.kind.side in ("parameter", REQUEST)]
        parameters, more = _parameters(work, old, new, around)
        found += more
        if parameters:
            request = joined(REQUEST, [*([request] if request is not None else []), *parameters])
        response, more = _responses(work, old, new)
        found += [each for each in around if each.kind.side == RESPONSE] + more
    words = [each for each in found if _informs(each)]
    found = [each for each in found if not _informs(each)]
    return TargetReport(
        new.name, old.name, request, response, tuple(found), tuple(dict.fromkeys(words)), time.monotonic() - started
    )


def _informs(change: Change) -> bool:
    """Whether a change belongs to the channel of words."""
    return change.kind.area == PROSE or change.kind.kind == "example"


def _alone(work: _Work, pair: Pair, owners: dict[str, Target]) -> TargetReport:
    """A target that only one document has; `owners` are the new targets by the names of the old ones."""
    target = pair.new or pair.old
    assert target is not None
    registry = work.old if pair.new is None else work.new
    action = ADDED if pair.old is None else REMOVED
    where = registry.document(target).published_pointer(target.schema)
    place, _ = surroundings.operation(registry, target)
    at = {"new" if action == ADDED else "old": where if target.branch_of else place or where}
    address = f" ({target.method} {target.path})" if target.method else ""
    change = surroundings.made(
        "target",
        "target",
        action,
        target.name,
        f"{target.name}{address} is {'new' if action == ADDED else 'gone'}",
        **at,
    )
    if target.branch_of and action == REMOVED:
        answer = _refused_by_all(work, target, owners.get(target.branch_of))
        if answer.found is False:
            message = f"{target.name} is no longer a target of its own; its operation takes all that it took"
            change = replace(change, level=NOTE, message=message)
            return TargetReport(target.name, target.name, Relation(REQUEST), None, (change,))
        change = replace(change, witness=answer.witness)
    request = Relation(REQUEST, presence=action) if target.described or not target.method else None
    response = Relation(RESPONSE, presence=action) if any(target.responses.values()) and not target.branch_of else None
    return TargetReport(target.name, target.name if pair.old else "", request, response, (change,))


def _refused_by_all(work: _Work, branch: Target, owner: Target | None) -> Answer:
    """A payload of a branch that is gone which no other branch takes, or the proof that another one takes them all."""
    answer = Answer(None)
    if owner is not None and owner.described:
        before, after = _side(work.old, branch, work), _side(work.new, owner, work)
        answer = work.encounter(REQUEST, before, after).refused()
    return _possible(work, branch.name) if answer.found is None else answer


def _side(registry: Registry, target: Target, work: _Work, rules: frozenset[str] = frozenset()) -> Side:
    return Side(registry, target, work.published, rules)


def _shared_rules(work: _Work, old: Target, new: Target) -> frozenset[str]:
    """Rules count where they bear on both: one whose quote is gone is told as stale, not as a difference."""
    if work.published:
        return frozenset()
    return frozenset(each.id for each in work.old.rules(old)) & frozenset(each.id for each in work.new.rules(new))


def _request(work: _Work, old: Target, new: Target) -> tuple[Relation | None, list[Change]]:
    if not old.described and not new.described:
        return None, []
    if not old.described or not new.described:
        action = ADDED if new.described else REMOVED
        told = surroundings.made(
            REQUEST,
            "body",
            action,
            new.name,
            f"a request body is {'newly' if action == ADDED else 'no longer'} described",
            old=old.schema,
            new=new.schema,
        )
        return Relation(REQUEST, presence=action), [told]
    rules = _shared_rules(work, old, new)
    before, after = _side(work.old, old, work, rules), _side(work.new, new, work, rules)
    encounter = work.encounter(REQUEST, before, after)
    relation, told_of = _decided_changes(work, encounter, REQUEST, new.name)
    told_of += surroundings.of_annotations(before, after, REQUEST, new.name)
    return relation, told_of


def _decided_changes(
    work: _Work, encounter: Encounter, side: str, target: str, *, status: str = "", prefix: str = ""
) -> tuple[Relation, list[Change]]:
    if encounter.same(encounter.literal_forms):
        return Relation(encounter.side), []
    relation = encounter.relation()
    if relation.refused.found is False and relation.accepted.found is False and encounter.same(encounter.forms):
        return relation, []
    found = naming.of_schema(encounter, relation, side=side, target=target, status=status, prefix=prefix)
    until = min(work.until, time.monotonic() + work.seconds)
    return relation, naming.explained(found, encounter.new, work.today, until)


def _united(work: _Work, old: Target, new: Target, done: dict[str, TargetReport]) -> tuple[Relation, list[Change]]:
    """
    The request of an operation whose body is a choice between branches that are targets themselves.

    A constant tells the branches apart, so the whole is narrowed where a branch is or is gone, and widened where
    a branch is or is new. What is said of a branch is told there.
    """
    rules = _shared_rules(work, old, new)
    before, after = _side(work.old, old, work, rules), _side(work.new, new, work, rules)
    encounter = work.encounter(REQUEST, before, after)
    if encounter.same(encounter.literal_forms):
        return Relation(REQUEST), []
    inner = [done[name] for name in new.branches if name in done]
    kept = {each.before for each in inner}
    gone = [each for each in old.branches if each not in kept and _is_gone(done.get(each))]
    parts = [each.request for each in inner if each.request is not None and not each.request.presence]
    whole = joined(REQUEST, parts) if parts else Relation(REQUEST)
    refused, accepted = whole.refused, whole.accepted
    literal = whole.literal
    if gone and refused.found is not True:
        refused = next((_shown(done[each]) for each in gone if each in done), Answer(True, certain=False))
        refused = _possible(work, gone[0]) if refused.witness is ABSENT else refused
    come = [each for each in inner if not each.before]
    if come and accepted.found is not True:
        accepted = _possible(work, come[0].target, newer=True)
    confirmed = all(
        answer.found is not True or _tells(answer.witness, *sides)
        for answer, sides in ((refused, (before, after)), (accepted, (after, before)))
    )
    if not confirmed:
        return _decided_changes(work, encounter, REQUEST, new.name)

    less = refused.found or (literal in ("narrowed", "both"))
    more = accepted.found or (literal in ("widened", "both"))
    literal = literal if literal == "unknown" and not (less and more) else name(bool(less), bool(more), None)
    relation = Relation(REQUEST, refused, accepted, literal)
    less_of = [each.target for each in inner if each.request and each.request.refused.found] + gone
    more_of = [each.target for each in inner if not each.before or (each.request and each.request.accepted.found)]
    return relation, naming.of_union(encounter, relation, new.name, (less_of, more_of))


def _is_gone(report: TargetReport | None) -> bool:
    """Whether a branch that has no counterpart is one whose payloads are refused now."""
    return report is None or report.request is None or report.request.presence == REMOVED


def _shown(report: TargetReport) -> Answer:
    return Answer(True, witness=next((each.witness for each in report.changes), ABSENT))


def _tells(witness: Any, accepting: Side, refusing: Side) -> bool:
    return witness is ABSENT or (accepting.accepts(witness) and not refusing.accepts(witness))


def _possible(work: _Work, branch: str, *, newer: bool = False) -> Answer:
    """A payload of a branch that only one document has."""
    registry = work.new if newer else work.old
    if time.monotonic() > work.until:
        return Answer(True, certain=False)
    try:
        from preroll.compat.least import least
        from preroll.constraints import Model, Possible
    except ImportError:
        return Answer(True, certain=False)
    side = _side(registry, registry.targets[branch], work)
    try:
        model = Model(registry, side.target, published=work.published, today=work.today)
        found = model.possible()
    except DocumentError as error:
        return Answer(None, reason=str(error))
    if not isinstance(found, Possible):
        return Answer(None, reason=str(found))
    return Answer(True, witness=least(found.witness, model.is_valid, side.described.listed))


def _parameters(work: _Work, old: Target, new: Target, around: list[Change]) -> tuple[list[Relation], list[Change]]:
    """The relations of parameters; a parameter's presence counts as what is asked of every request."""
    relations: list[Relation] = []
    found: list[Change] = []
    olds = {(each.place, each.name.lower()): each for each in old.parameters}
    for parameter in new.parameters:
        before = olds.get((parameter.place, parameter.name.lower()))
        if before is None or not before.schema or not parameter.schema:
            continue
        # A name of its own, so that no rule about payloads bears on it.
        here = _side(work.old, old._replace(name="", schema=before.schema), work)
        there = _side(work.new, new._replace(name="", schema=parameter.schema), work)
        encounter = work.encounter(REQUEST, here, there)
        relation, told = _decided_changes(work, encounter, "parameter", new.name, prefix=parameter.key)
        relations.append(relation)
        found += told
        found += surroundings.of_annotations(here, there, REQUEST, new.name, prefix=parameter.key)
    for change in around:
        if change.kind.level == BREAKING and change.kind.side in ("parameter", REQUEST):
            relations.append(Relation(REQUEST, refused=Answer(True), literal="narrowed"))
        elif change.id in (
            "parameter-became-optional",
            "required-parameter-was-removed",
            "request-body-became-optional",
        ):
            relations.append(Relation(REQUEST, accepted=Answer(True), literal="widened"))
    return [each for each in relations if each.relation != EQUIVALENT or each.literal != EQUIVALENT], found


def _responses(work: _Work, old: Target, new: Target) -> tuple[Relation | None, list[Change]]:
    relations: list[Relation] = []
    found: list[Change] = []
    for status, schema in new.responses.items():
        before = old.responses.get(status, "")
        if not before or not schema:
            continue
        here = _side(work.old, old._replace(name="", schema=before), work)
        there = _side(work.new, new._replace(name="", schema=schema), work)
        encounter = work.encounter(RESPONSE, here, there)
        relation, told = _decided_changes(work, encounter, RESPONSE, new.name, status=status)
        relations.append(relation)
        found += told
        found += surroundings.of_annotations(here, there, RESPONSE, new.name, status=status)
    return (joined(RESPONSE, relations) if relations else None), found


__all__ = ["NEVER", "Comparison", "JobNote", "TargetReport", "compare", "kind"]
