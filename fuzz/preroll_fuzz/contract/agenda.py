"""
Agendas: what a contract check would send, why that costs nothing, and what it leaves out.

An agenda is made without opening a socket. A payload comes into the stage `free` only where every doubt about its
being refused is excluded: the document as published refuses it and as intended too, by both engines; no other
target of the service takes it; nothing in it is called or fetched; and nothing in it is more than one fault.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from preroll import dialect
from preroll import pointer as pointers
from preroll_fuzz.contract.messages import written
from preroll_fuzz.contract.price import Price, Prices
from preroll_fuzz.contract.service import ContractError, Service, service
from preroll_fuzz.faults import Base, Fault, Faults, faults
from preroll_fuzz.payloads import plans_of
from preroll_fuzz.plan import NoPayload, Options, Plan, copied, places
from preroll_fuzz.suite import covering

if TYPE_CHECKING:
    from preroll.registry import Registry
    from preroll.target import Target

FREE, DRY_RUN, PAID = "free", "dry-run", "paid"
STAGES = (FREE, DRY_RUN, PAID)
"""The stages in the order in which they run."""

PUBLISHED, INTENDED = "published", "intended"

LARGEST = 256 * 1024
"""Bytes of the largest payload that is sent."""

REASONS = {
    "same-payload": "another fault's payload is the same, and is sent once",
    "request": "about the request as a whole: a valid task stands beside the fault, and could run",
    "warning": "only warned of: the service takes them",
    "prose": "rest on the vendor's prose alone: a service that does not enforce it would run them (--prose sends them)",
    "correction": "rest on a correction or on how the dialect is read; as published they pass (--prose sends them)",
    "not-intended": "refused as published, but the corrections say that the service takes them",
    "engines": "the two engines disagree about them",
    "other-target": "another target of the service takes them, and would run them",
    "other-model": "name something else by a word, which the service could know although no document does",
    "never-sent": "hold a member through which something outside would be called or written to",
    "address": "hold an address outside the hosts that are reserved for examples",
    "asks-more": "ask for much more than is allowed of what sets the price",
    "too-large": "larger than what is sent",
    "no-payload": "no payload is known that breaks it alone",
    "beyond-limit": "more than --max-requests",
}
"""Why something is left out, in words that follow a number of faults or payloads."""

_NETWORKED = re.compile(r"(?i)(?:https?|wss?|s?ftp|s3|gs|file)://")
_RESERVED = re.compile(r"(?i)(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|test)$")


@dataclass(frozen=True, slots=True)
class Planned:
    """
    One request that would be sent.

    Attributes:
        key: a name that stays the same as long as target, payload and headers do.
        target, stage: where it belongs.
        scenario: the way through the conditionals.
        payload: the whole body; ids that a client makes up are samples, and become fresh ones when it is sent.
        fault, pointer: what it breaks and where in the payload; None and "" for a valid payload.
        grounds: what refuses it: `published`, `intended`, `rule:ID` or `correction:ID`; empty for a valid payload.
        rank: the order in its stage: what no service could mend comes first.
        price: the most that it could cost.
        also: further faults that the same payload stands for.
        source: the broken assertion's place in the document as intended, for drafts.
        dry: whether it carries the header of a dry run.
    """

    key: str
    target: str
    stage: str
    scenario: str
    payload: Any
    fault: Fault | None = None
    pointer: str = ""
    grounds: tuple[str, ...] = ()
    rank: int = 0
    price: Price = field(default_factory=lambda: Price(None, "nobody asked"))
    also: tuple[Fault, ...] = ()
    source: str = ""
    dry: bool = False

    @property
    def valid(self) -> bool:
        """Whether the service should take it."""
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Left:
    """A fault or payload that is left out: of which stage, what it is, and why (a key of `REASONS`)."""

    stage: str
    what: str
    reason: str
    rule: str = ""
    detail: str = ""

    @property
    def words(self) -> str:
        """The reason in words that follow a number of them."""
        return REASONS[self.reason]


@dataclass(frozen=True)
class Subject:
    """
    One target of an agenda.

    Attributes:
        target: what requests are meant for; of an operation with several models the operation.
        document, sha256: label and hash of its document.
        service: where requests go.
        requests: what would be sent, in order, stage after stage.
        left: what is left out.
        addresses: the addresses that payloads hold.
    """

    target: Target
    document: str
    sha256: str
    service: Service
    requests: tuple[Planned, ...]
    left: tuple[Left, ...] = ()
    addresses: tuple[str, ...] = ()

    def of_stage(self, stage: str) -> tuple[Planned, ...]:
        """The requests of one stage."""
        return tuple(each for each in self.requests if each.stage == stage)


@dataclass(frozen=True)
class Agenda:
    """
    Everything that a contract check would do.

    Attributes:
        registry: what it was made from.
        subjects: the targets.
        stages: the stages, in order.
        published: whether it breaks the documents as published, without corrections and rules.
        today: the day that rules about dates count from.
        mock: whether it is meant for a server that costs nothing.
        prose: whether `free` holds what rests on prose or a correction alone.
    """

    registry: Registry = field(repr=False)
    subjects: tuple[Subject, ...]
    stages: tuple[str, ...]
    published: bool
    today: date
    mock: bool = False
    prose: bool = False

    @property
    def requests(self) -> tuple[Planned, ...]:
        """Every request, in the order in which they are sent."""
        return tuple(each for subject in self.subjects for each in subject.requests)

    def subject(self, planned: Planned) -> Subject:
        """The subject that a request belongs to."""
        return next(each for each in self.subjects if any(one is planned for one in each.requests))


def plan(  # the interface that `preroll contract` and scripts share
    registry: Registry,
    targets: Iterable[str | Target],
    *,
    stages: Sequence[str] = (FREE,),
    prose: bool = False,
    mock: bool = False,
    as_published: bool = False,
    today: date,
    only: Sequence[str] = (),
    max_requests: int | None = None,
) -> Agenda:
    """
    The agenda for some targets.

    Args:
        registry: where the targets are known.
        targets: names or targets; an operation with several models stands for all of them.
        stages: which of `STAGES`.
        prose: `free` holds faults that rest on the vendor's prose or on a correction alone, too.
        mock: the server costs nothing: faults of prose belong to `free`, and dry runs need no header.
        as_published: break the document as published, without corrections and rules.
        today: the day that rules about dates count from.
        only: keep requests whose rule, fault, place or scenario holds one of these texts.
        max_requests: the most requests of each stage; those of the cheapest payloads in the stage `paid`.

    Raises:
        UnknownTarget: no target has that name.
        ContractError: a target cannot be asked, or not in that stage.
    """
    chosen: dict[str, Target] = {}
    for each in targets:
        target = registry.resolve(each) if isinstance(each, str) else each
        chosen.setdefault(target.name, target)
    for name, target in list(chosen.items()):
        if target.branch_of in chosen:  # the operation holds the branch
            del chosen[name]
    ordered = tuple(each for each in STAGES if each in stages)
    left: dict[str, int | None] = dict.fromkeys(ordered, max_requests)
    subjects = []
    for target in chosen.values():
        maker = _Maker(registry, target, ordered, as_published, today, prose=prose or mock, mock=mock, only=only)
        subject = maker.subject(left)
        for stage, most in left.items():
            left[stage] = None if most is None else most - len(subject.of_stage(stage))
        subjects.append(subject)
    return Agenda(registry, tuple(subjects), ordered, as_published, today, mock, prose or mock)


def key(target: str, payload: Any, *, dry: bool) -> str:
    """The name of a request: the same for the same target, payload and kind of run."""
    operation = target.partition("#")[0]  # its branches share an address
    text = written([operation, payload, dry], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Proofs:
    """
    The verdicts of both engines over both views of a target's document.

    Args:
        registry: where the target is known.
        target: the target of the requests; for a branch, the operation's other branches count too.
    """

    def __init__(self, registry: Registry, target: Target) -> None:
        self.registry = registry
        self.target = registry.targets[target.branch_of] if target.branch_of else target

    @cached_property
    def _judges(self) -> dict[str, tuple[Callable[[Any], bool], Callable[[Any], bool], bool]]:
        """For each view the two engines' verdicts, and whether they are about the whole body."""
        found: dict[str, tuple[Callable[[Any], bool], Callable[[Any], bool], bool]] = {}
        for view, at in ((PUBLISHED, self.target.body), (INTENDED, self.target.schema)):
            published = view == PUBLISHED
            engine = self.registry.engine(self.target, at, published=published)
            other = dialect.reference(self.registry.schema(self.target, at, published=published))
            found[view] = (engine.is_valid, other.is_valid, published)
        return found

    def refused(self, view: str, task: Any, body: Any) -> bool | None:
        """Whether a view of the document refuses a payload; None where the engines disagree."""
        engine, other, whole = self._judges[view]
        value = body if whole else task
        one, two = not engine(value), not other(value)
        return one if one == two else None

    @cached_property
    def _others(self) -> tuple[Target, ...]:
        """The other targets that a request to the same address could be taken for."""
        mine = {self.target.name, *self.target.branches}
        alone = self.registry.targets.values()
        return tuple(
            each
            for each in alone
            if each.described
            and each.vendor == self.target.vendor
            and each.name not in mine
            and not each.branch_of
            and (each.companion or (each.path, each.method) == (self.target.path, self.target.method))
        )

    def taken_elsewhere(self, task: Any, body: Any) -> str:
        """The name of another target that takes a payload, or ""."""
        for each in self._others:
            for view in (PUBLISHED, INTENDED):
                published = view == PUBLISHED
                value = body if published and not each.companion else task
                at = each.body if published and each.body else each.schema
                if self.registry.engine(each, at, published=published).is_valid(value):
                    return each.name
        return ""


class _Maker:
    """Makes the subject of one target."""

    def __init__(
        self,
        registry: Registry,
        target: Target,
        stages: tuple[str, ...],
        published: bool,  # noqa: FBT001  # private, and named where it is called
        today: date,
        *,
        prose: bool,
        mock: bool,
        only: Sequence[str],
    ) -> None:
        self.registry, self.target, self.stages = registry, target, stages
        self.prose, self.mock, self.only = prose, mock, tuple(each.casefold() for each in only)
        self.service = service(registry, target)
        if DRY_RUN in stages and self.service.facts.dry_run is None and not mock:
            raise ContractError(f"{target.name}: its vendor offers no dry run that is known (--stage dry-run)")
        try:
            self.plans = plans_of(registry, target, Options(published, today, cheapest=True))
            for each in self.plans:
                each.way(0)
        except NoPayload as problem:
            raise ContractError(str(problem)) from None
        self.proofs = Proofs(registry, target)
        self.left: list[Left] = []
        self.known = {each.target.name: faults(each) for each in self.plans}
        self.prices = {each.target.name: Prices(each) for each in self.plans}

    def subject(self, most: Mapping[str, int | None]) -> Subject:
        """The subject, with so many requests of each stage at most."""
        found: list[Planned] = []
        taken: set[str] = set()
        for stage in self.stages:
            mine = list(self._of_stage(stage))
            if stage == DRY_RUN:  # what the stage before asks already
                mine = [each for each in mine if each.valid or each.key not in taken]
            limit = most[stage]
            for each in mine[max(limit, 0) :] if limit is not None else ():
                self.left.append(Left(stage, _told(each), "beyond-limit", _rule(each)))
            mine = mine if limit is None else mine[: max(limit, 0)]
            found += mine
            taken |= {key(each.target, each.payload, dry=self._dry(DRY_RUN)) for each in mine}
        document = self.registry.document(self.target)
        hosts = sorted({each for one in found for each in _addresses(one.payload)})
        return Subject(
            self.target, document.label, document.sha256, self.service, tuple(found), tuple(self.left), tuple(hosts)
        )

    def _dry(self, stage: str) -> bool:
        return stage == DRY_RUN and self.service.facts.dry_run is not None

    def _of_stage(self, stage: str) -> Iterator[Planned]:
        if stage == FREE:
            yield from self._kept(self._broken(stage))
            return
        valid = list(self._valid(stage))
        valid.sort(key=lambda each: (each.price.amount is None, each.price.amount or 0, _size(each.payload)))
        first = valid[:1] if stage == DRY_RUN and not self.mock else []  # the one that shows whether nothing runs
        yield from first
        yield from self._kept(valid[len(first) :])
        if stage == DRY_RUN:
            yield from self._kept(self._broken(stage))

    def _kept(self, found: Iterable[Planned]) -> Iterator[Planned]:
        for each in found:
            if not self.only or any(text in line for text in self.only for line in _lines(each)):
                yield each

    # Valid payloads.

    def _valid(self, stage: str) -> Iterator[Planned]:
        seen: set[str] = set()
        for each in self.plans:
            known = self.known[each.target.name]
            spare = len(known.bases) // 4 if stage == DRY_RUN else 0
            simple = [(way, way.payload) for way in each.ways]
            further = [] if stage == PAID else list(covering(each, known, spare))
            for way, task in (*simple, *further):
                task_ = self._asking(each, self._without_callbacks(each, task))
                body = copied(each.body(task_))
                reason = self._unsafe(body) or self._not_taken(task_, body)
                planned = self._planned(each, stage, body, task_, way.name)
                if planned.key in seen:
                    continue
                seen.add(planned.key)
                if reason:
                    self.left.append(Left(stage, _told(planned), reason))
                else:
                    yield planned

    def _not_taken(self, task: Any, body: Any) -> str:
        """Valid payloads are taken as intended; as published they may well be refused, and that is what is asked."""
        refused = self.proofs.refused(INTENDED, task, body)
        # Whether corrections are right is what a mock may be asked; a service might run what it should refuse.
        return "engines" if refused is None or (refused and not self.mock) else ""

    def _without_callbacks(self, found: Plan, task: Any) -> Any:
        for name in self.service.facts.never:
            if isinstance(task, dict) and name in task:
                other = {each: value for each, value in task.items() if each != name}
                task = other if found.accepts(other) else task
        return task

    def _asking(self, found: Plan, task: Any) -> Any:
        for name, value in self.service.facts.asking.items():
            if isinstance(task, dict):
                other = {**task, name: value}
                task = other if found.accepts(other) else task
        return task

    # Broken payloads.

    def _broken(self, stage: str) -> Iterator[Planned]:
        found: list[Planned] = []
        for way in self.plans:
            known = self.known[way.target.name]
            for base in known.bases:
                made = self._of_base(way, known, base, stage)
                if isinstance(made, Planned):
                    found.append(made)
                else:
                    self.left.append(made)
            for missing in known.missing:
                told = f"{missing.broken.rule or missing.broken.keyword} at {missing.broken.source}"
                if not missing.proved:
                    self.left.append(Left(stage, told, "no-payload", missing.broken.rule, missing.reason))
        found.sort(key=lambda each: (not _is_proved(each), each.rank))
        merged: dict[str, Planned] = {}
        for each in found:
            first = merged.get(each.key)
            if first is None:
                merged[each.key] = each
            else:
                assert each.fault is not None
                merged[each.key] = replace(first, also=(*first.also, each.fault))
                self.left.append(Left(stage, _told(each), "same-payload", _rule(each)))
        yield from merged.values()

    def _of_base(self, found: Plan, known: Faults, base: Base, stage: str) -> Planned | Left:
        told = str(base.fault)

        def left(reason: str, detail: str = "") -> Left:
            return Left(stage, told, reason, base.fault.rule, detail)

        if base.fault.severity != "error":
            return left("warning")
        if base.whole and not (stage == DRY_RUN or self.mock):
            return left("request")
        task = base.task
        if not base.whole:
            keeps = partial(known.alone, base.broken)
            task = found.cheapest(self._completed(found, task, keeps), keeps)
        broken = known.broken(base, task)
        first = task[0] if base.whole else task
        unsafe = self._unsafe(broken.payload) or self._elsewhere(found, base, first, broken.payload)
        if unsafe:
            return left(unsafe)
        grounds = self._grounds(found, base, first, broken.payload)
        if isinstance(grounds, str):
            return left(grounds)
        if stage == FREE and not self.prose and not {PUBLISHED, INTENDED} <= set(grounds):
            return left("prose" if base.broken.rule else "correction")
        return self._planned(
            found, stage, broken.payload, first, broken.scenario, base=base, pointer=broken.pointer, grounds=grounds
        )

    def _completed(self, found: Plan, task: Any, keeps: Callable[[Any], bool]) -> Any:
        """
        The task with a further member, where the document as published asks for one that a correction made optional.

        Without it a service that goes by the document as published refuses the task for that, and says nothing of the
        fault.
        """
        if found.options.published or not isinstance(task, dict):
            return task
        published = self.registry.engine(found.target, published=True)
        faults_ = len(list(published.iter_errors(task)))
        full = next((way.payload for way in found.ways if published.is_valid(way.payload)), None)
        for name, value in (full or {}).items():
            fuller = {**task, name: value}
            if name not in task and keeps(fuller) and len(list(published.iter_errors(fuller))) < faults_:
                return fuller
        return task

    def _grounds(self, found: Plan, base: Base, task: Any, body: Any) -> tuple[str, ...] | str:
        """What refuses a payload; or the reason to leave it out."""
        if base.whole:
            return (f"rule:{base.broken.rule}",)
        published = self.proofs.refused(PUBLISHED, task, body)
        intended = self.proofs.refused(INTENDED, task, body)
        if published is None or intended is None:
            return "engines"
        if base.broken.rule:
            return (f"rule:{base.broken.rule}",)
        if found.options.published:
            if intended and self._agree(found, task):
                return PUBLISHED, INTENDED
            return (PUBLISHED,) if self.mock else "not-intended"
        if not intended:
            return "engines"
        if published and self._agree(found, task):
            return PUBLISHED, INTENDED
        correction = self._correction(base)
        return (INTENDED, f"correction:{correction}") if correction else (INTENDED,)

    def _agree(self, found: Plan, task: Any) -> bool:
        """
        Whether both views refuse a task because of the same fault.

        A correction may mend what refuses a payload as published, while the fault is one that the document as
        published does not know: then no single assertion would stand in both.
        """
        seen = [
            {
                (tuple(each.instance_path), each.message)
                for each in self.registry.engine(found.target, published=published).iter_errors(task)
            }
            for published in (True, False)
        ]
        return bool(seen[0] & seen[1])

    def _correction(self, base: Base) -> str:
        """The correction that an assertion rests on, or ""."""
        document = self.registry.document(self.target)
        for name, touched in document.changed.items():
            if any(f"{base.broken.source}/".startswith(f"{each}/") for each in touched):
                return name
        return ""

    def _unsafe(self, body: Any) -> str:
        """Why a payload is never sent, whatever it is; "" where nothing speaks against it."""
        names = {str(path[-1]) for path, _ in places(body, ()) if path}
        if names & set(self.service.facts.never):
            return "never-sent"
        if any(not _is_reserved(each) for each in _addresses(body)):
            return "address"
        if len(written(body, ensure_ascii=False).encode("utf-8", "surrogatepass")) > LARGEST:
            return "too-large"
        return ""

    def _elsewhere(self, found: Plan, base: Base, task: Any, body: Any) -> str:
        """Why an invalid payload could be taken for something else, or cost more than others; "" where it cannot."""
        if self.proofs.taken_elsewhere(task, body):
            return "other-target"
        told_by = self.registry.vendor(self.target.vendor).envelope.told_by
        if len(base.path) == 1 and base.path[0] in told_by and not base.whole:
            value = task.get(base.path[0]) if isinstance(task, dict) else None
            if isinstance(value, str) and value.strip():
                return "other-model"
        if base.path and str(base.path[-1]) in found.priced and not base.whole:
            value = pointers.look_up(task, base.path)
            most = [each for each in found.grammar.samples(base.path) if dialect.is_number(each)]
            if dialect.is_number(value) and most and value > 2 * max(most):
                return "asks-more"
        return ""

    def _planned(
        self,
        found: Plan,
        stage: str,
        body: Any,
        task: Any,
        scenario: str,
        *,
        base: Base | None = None,
        pointer: str = "",
        grounds: tuple[str, ...] = (),
    ) -> Planned:
        price = self.prices[found.target.name].of(task)
        tasks = len(body) if isinstance(body, list) and body is not task else 1
        if tasks > 1 and price.amount is not None:
            price = Price(price.amount * tasks, f"{price.how}, {tasks} tasks")
        dry = self._dry(stage)
        return Planned(
            key=key(found.target.name, body, dry=dry),
            target=found.target.name,
            stage=stage,
            scenario=scenario,
            payload=body,
            fault=base.fault if base is not None else None,
            pointer=pointer,
            grounds=grounds,
            rank=self._rank(base, task) if base is not None else 0,
            price=price,
            source=base.broken.source if base is not None else "",
            dry=dry,
        )

    def _rank(self, base: Base, task: Any) -> int:
        """
        How far a service would have to go to take a payload: 0 where the job cannot be done without what is missing.

        Services mend more than their documents say: they make up ids, overlook members, read null as absent, round
        and clamp.
        """
        broken = base.broken
        value = pointers.look_up(task, base.path)
        if broken.rule:
            return 6
        if broken.keyword == "required":
            return 5 if broken.detail in self.service.facts.client_ids else 0
        if broken.keyword in ("closed", "unevaluatedProperties", "propertyNames"):
            return 5
        if base.path and (value is None or base.path[-1] in self.service.facts.client_ids):
            return 5
        if broken.keyword == "type":
            return 2
        if broken.keyword in ("pattern", "format", "multipleOf"):
            return 4
        if broken.keyword.startswith(("min", "max", "exclusive", "unique", "contains")) or dialect.is_number(value):
            return 3
        return 1


def _is_proved(planned: Planned) -> bool:
    return {PUBLISHED, INTENDED} <= set(planned.grounds)


def _rule(planned: Planned) -> str:
    return planned.fault.rule if planned.fault is not None else ""


def _told(planned: Planned) -> str:
    return str(planned.fault) if planned.fault is not None else f"valid: {planned.scenario}"


def _lines(planned: Planned) -> Iterator[str]:
    yield from (each.casefold() for each in (planned.scenario, planned.pointer, planned.key, planned.target))
    for fault in (planned.fault, *planned.also):
        if fault is not None:
            yield str(fault).casefold()


def _size(payload: Any) -> int:
    return len(written(payload))


def _addresses(payload: Any) -> Iterator[str]:
    """The texts of a payload, names included, that are addresses in a network."""
    for path, value in places(payload, ()):
        for text in (value, path[-1] if path else None):
            if isinstance(text, str) and _NETWORKED.search(text):
                yield text


def _is_reserved(text: str) -> bool:
    """Whether every address in a text is on a host reserved for examples (RFC 2606, RFC 6761)."""
    for found in _NETWORKED.finditer(text):
        try:
            host = urlsplit(text[found.start() :].split(maxsplit=1)[0]).hostname or ""
        except ValueError:
            return False
        if not _RESERVED.search(host):
            return False
    return True


def total(requests: Iterable[Planned]) -> Decimal | None:
    """The sum of the prices; None where one is unknown."""
    amount = Decimal(0)
    for each in requests:
        if each.price.amount is None:
            return None
        amount += each.price.amount
    return amount
