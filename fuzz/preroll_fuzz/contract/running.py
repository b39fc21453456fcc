"""
Runs: the requests of an agenda, one after the other, and what came of them.

A run stops at the first answer after which going on could cost money or tells nothing: an unexpected acceptance, a
dry run that started something, an answer that got lost, a key that is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from preroll.disagreement import KINDS
from preroll.pointer import ABSENT
from preroll_fuzz.contract import agenda as agendas
from preroll_fuzz.contract.finding import Finding
from preroll_fuzz.contract.journal import Journal, fresh
from preroll_fuzz.contract.messages import Answered, Lost, Received, Request, Transport, written
from preroll_fuzz.contract.recording import CANCELLING, Recorder, redacted, secret_names
from preroll_fuzz.contract.service import ContractError
from preroll_fuzz.contract.verdict import (
    ACCEPTED,
    MEDIUM,
    NOT_SENT,
    OTHER_PARAMETER,
    OTHER_REASON,
    REFUSED,
    SAME,
    UNCLEAR,
    UNREAD,
    Judgement,
    compared,
    is_about_a_medium,
    judged,
    parsed,
    violations,
)

if TYPE_CHECKING:
    from preroll.violation import Violation
    from preroll_fuzz.contract.agenda import Agenda, Planned, Subject

PLAN, LIVE, MOCK, REPLAY = "plan", "live", "mock", "replay"
"""What a result comes from."""

IN_A_ROW = 3
"""Inconclusive answers one after the other that end a run: the service is not well."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    One request and what came of it.

    Attributes:
        planned: the request.
        outcome, reason, status: see `Judgement`; `outcome` is `missing` where a recording is.
        ids, costs: of the tasks that the answer named.
        relation: how a refusal agrees with the document's, or "".
        cancelled: what came of cancelling a task that should not be, or "".
    """

    planned: Planned
    outcome: str
    reason: str = ""
    status: int | None = None
    ids: tuple[str, ...] = ()
    costs: tuple[float, ...] = ()
    relation: str = ""
    cancelled: str = ""


@dataclass(frozen=True)
class Result:
    """
    What a run found, or the plan of one.

    Attributes:
        agenda: what was asked, or would be.
        mode: `plan`, `live`, `mock` or `replay`.
        exchanges: in the order in which they happened.
        findings: the gravest first.
        servers: where the requests of each target went, or would go.
        keys: the environment variable of each target's key.
        stopped: why the run ended before its end, or "".
        interrupted: whether the user ended it.
        unused: recordings that nothing asked for, by target.
    """

    agenda: Agenda
    mode: str = PLAN
    exchanges: tuple[Exchange, ...] = ()
    findings: tuple[Finding, ...] = ()
    servers: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    stopped: str = ""
    interrupted: bool = False
    unused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def count(self, outcome: str) -> int:
        """How many requests came to an outcome."""
        return sum(each.outcome == outcome for each in self.exchanges)

    @property
    def told(self) -> Decimal | None:
        """What the service said that its tasks cost, all together; None where it said nothing."""
        every = [Decimal(str(cost)) for each in self.exchanges for cost in each.costs]
        return sum(every, Decimal(0)) if every else None


def run(  # everything that decides what is sent
    agenda: Agenda,
    transports: Callable[[Subject], Transport],
    *,
    mode: str = LIVE,
    journal: Journal | None = None,
    recorder: Recorder | None = None,
    seed: int = 0,
    max_cost: Decimal | None = None,
    servers: Mapping[str, str] | None = None,
    keys: Mapping[str, str] | None = None,
) -> Result:
    """
    Send an agenda's requests, or replay them.

    Args:
        agenda: what to ask.
        transports: what carries the requests of each target.
        mode: `live`, `mock` or `replay`.
        journal: where ids are written before they are sent; a live run needs one.
        recorder: what keeps conclusive answers.
        seed: of the ids that a client makes up.
        max_cost: the most that the run may cost, in US dollars.
        servers, keys: for the result, see there.

    Raises:
        ContractError: a live run has no journal, or it cannot be written.
    """
    if mode == LIVE and journal is None:
        raise ContractError("a live run needs a journal")
    runner = _Run(agenda, transports, mode, journal, recorder, seed, max_cost)
    runner.prepare()
    interrupted = False
    try:
        runner.go()
    except KeyboardInterrupt:
        interrupted = True
        runner.interrupt()
    except ContractError as problem:  # the journal cannot be written any more: what was found is still told
        runner.stopped = str(problem)
    return Result(
        agenda=agenda,
        mode=mode,
        exchanges=tuple(runner.exchanges),
        findings=tuple(in_order(runner.all_findings())),
        servers=dict(servers or {}),
        keys=dict(keys or {}),
        stopped=runner.stopped,
        interrupted=interrupted,
        unused=runner.unused(),
    )


def in_order(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The gravest first, then in the order in which they were found."""
    listed = list(findings)
    for name in KINDS:
        yield from (each for each in listed if each.id == name)


class _Stopped(Exception):
    """The run ends here."""


class _Run:
    def __init__(
        self,
        agenda: Agenda,
        transports: Callable[[Subject], Transport],
        mode: str,
        journal: Journal | None,
        recorder: Recorder | None,
        seed: int,
        max_cost: Decimal | None,
    ) -> None:
        self.agenda, self.transports, self.mode = agenda, transports, mode
        self.journal, self.recorder, self.seed, self.max_cost = journal, recorder, seed, max_cost
        self.exchanges: list[Exchange] = []
        self.findings: list[Finding] = []
        self.grouped: dict[tuple[Any, ...], Finding] = {}
        self.stopped = ""
        self.spent = Decimal(0)
        self.dearest = Decimal(0)
        self.told: dict[str, Decimal] = {}
        self.failed = 0
        self.names = secret_names(agenda)
        self.missing: dict[str, list[Planned]] = {}
        self.sending: Planned | None = None
        self._transports: dict[str, Transport] = {}
        self._planned: list[Planned] = []
        self._proofs: dict[str, agendas.Proofs] = {}

    def prepare(self) -> None:
        """
        See to it that everything is there.

        Raises:
            ContractError: something is not.
        """
        self._planned = list(self.agenda.requests)
        for subject in self.agenda.subjects:
            transport = self._transport(subject)
            if getattr(transport, "is_other", False):
                message = "the recordings were made of another version of the document; record them anew"
                evidence = {"recording": getattr(transport, "file", ""), "sha256": subject.sha256}
                self.findings.append(
                    Finding("recording-of-another-document", subject.target.name, "", message, evidence=evidence)
                )

    def go(self) -> None:
        """Every stage of every target."""
        try:
            for stage in self.agenda.stages:
                for subject in self.agenda.subjects:
                    if not getattr(self._transport(subject), "is_other", False):
                        self._stage(subject, stage)
        except _Stopped:
            pass

    def interrupt(self) -> None:
        """The user ended the run: what is under way may have been accepted."""
        self.stopped = "interrupted"
        if self.sending is not None:
            self._lost(self.sending, "the run was interrupted before its answer came")

    def unused(self) -> dict[str, tuple[str, ...]]:
        """Recordings that nothing asked for; only where everything was asked."""
        if self.mode != REPLAY or self.stopped:
            return {}
        found = {name: getattr(each, "unused", ()) for name, each in self._transports.items()}
        return {name: each for name, each in found.items() if each}

    def all_findings(self) -> Iterator[Finding]:
        """Every finding, those that repeat themselves once."""
        yield from self.findings
        yield from self.grouped.values()
        for target, lost in self.missing.items():
            number = len(lost)
            noun = "request has" if number == 1 else "requests have"
            yield Finding(
                "missing-recording",
                target,
                lost[0].stage,
                f"{number} {noun} no recorded answer; record with --live --record",
                scenario=lost[0].scenario,
                request=lost[0].payload,
                evidence={"keys": [each.key for each in lost], "requests": [_short(each) for each in lost]},
                times=number,
            )
        left = len(self._planned) - len(self.exchanges)
        if left > 0 and self.stopped:
            noun = "request was" if left == 1 else "requests were"
            target = self.exchanges[-1].planned.target if self.exchanges else self._planned[0].target
            stage = self.exchanges[-1].planned.stage if self.exchanges else self._planned[0].stage
            yield Finding("not-asked", target, stage, f"{left} {noun} not sent: {self.stopped}", times=left)

    # One stage of one target.

    def _transport(self, subject: Subject) -> Transport:
        name = subject.target.name
        if name not in self._transports:
            self._transports[name] = self.transports(subject)
        return self._transports[name]

    def _stage(self, subject: Subject, stage: str) -> None:
        requests = subject.of_stage(stage)
        if stage == agendas.PAID and self.mode == LIVE:
            self._afford(requests)
        for planned in requests:
            if self._was_taken(planned):
                continue
            self._budget(planned)
            self._one(subject, planned)

    def _was_taken(self, planned: Planned) -> bool:
        """Whether an earlier run may have had it accepted; it is told of and not sent again."""
        entry = self.journal.taken.get(planned.key) if self.journal is not None and self.mode == LIVE else None
        if entry is None or (entry.outcome == ACCEPTED and planned.dry):
            return False
        known = "was accepted" if entry.outcome == ACCEPTED else "may have been accepted"
        ids = f" (ids: {', '.join(entry.ids)})" if entry.ids else ""
        message = f"a request of {entry.time} {known}{ids}, so it is not sent again; the journal says which"
        self.findings.append(_of("may-have-been-accepted", planned, message, evidence={"ids": list(entry.ids)}))
        self.exchanges.append(Exchange(planned, UNCLEAR, "not sent again", ids=entry.ids))
        return True

    def _price(self, planned: Planned) -> Decimal | None:
        """The most that a paid request can cost: as the document says, else as a dry run of the same said."""
        if planned.price.amount is not None:
            return planned.price.amount
        return self.told.get(agendas.key(planned.target, planned.payload, dry=True))

    def _afford(self, requests: Iterable[Planned]) -> None:
        """Stop unless everything that is to be paid has a price, and all of it together is allowed."""
        amounts = [self._price(each) for each in requests]
        unknown = sum(each is None for each in amounts)
        if self.max_cost is None or unknown:
            why = f"nobody knows what {unknown} of them cost" if unknown else "there is no --max-cost"
            self._stop(f"nothing was paid for, because {why}")
        worst = sum((each for each in amounts if each is not None), Decimal(0))
        if self.max_cost is not None and self.spent + worst > self.max_cost:
            self._stop(f"nothing was paid for, because it could cost ${worst}, more than --max-cost ${self.max_cost}")

    def _budget(self, planned: Planned) -> None:
        """Stop before a request that could cost more than is left."""
        if self.max_cost is None or self.mode != LIVE:
            return
        price = self._price(planned) if planned.stage == agendas.PAID else Decimal(0)
        if price is not None and planned.stage == agendas.PAID:
            price = max(price, self.dearest)  # where a task cost more than the worst case, the next one may, too
        if self.spent > self.max_cost or (price is not None and self.spent + price > self.max_cost):
            self._stop(f"${self.spent} are spent, and the next request could exceed --max-cost ${self.max_cost}")

    def _stop(self, why: str) -> None:
        self.stopped = why
        raise _Stopped

    # One request.

    def _one(self, subject: Subject, planned: Planned) -> None:
        body: Any = planned.payload
        made: Mapping[str, str] = {}
        if self.mode != REPLAY:
            body, made = fresh(planned, subject.service, self.seed, self.journal.nonce if self.journal else "")
            self._still(subject, planned, body)
        if self.journal is not None:
            self.journal.sending(planned, tuple(made), body)
        self.sending = planned
        headers = dict(subject.service.headers)
        if planned.dry and subject.service.facts.dry_run is not None:
            headers[subject.service.facts.dry_run[0]] = subject.service.facts.dry_run[1]
        request = Request(planned.key, subject.service.method, subject.service.path, headers, body)
        got = self._transport(subject).send(request)
        if isinstance(got, Lost) and got.missing:
            self.sending = None
            self.missing.setdefault(subject.target.name, []).append(planned)
            self.exchanges.append(Exchange(planned, "missing", got.reason))
            return
        ids = _ids(subject, got)
        clean = got if isinstance(got, Lost) else _clean(got, made, self.names)
        judgement = judged(subject.service, planned, clean)
        judgement = replace(judgement, ids=ids if judgement.outcome == ACCEPTED else ())
        if self.journal is not None:
            self.journal.answered(planned, judgement.outcome, judgement.status, judgement.ids)
        self.sending = None
        if self.recorder is not None and judgement.is_evidence and isinstance(got, Received):
            self.recorder.add(subject, planned, got, made)
        self._conclude(subject, planned, judgement, tuple(made))

    def _still(self, subject: Subject, planned: Planned, body: Any) -> None:
        """Fresh ids change nothing: what is about to be sent is looked at once more, and left where it is not so."""
        if body == planned.payload or planned.fault is None or self.agenda.mock:
            return
        proofs = self._proofs.get(subject.target.name)
        if proofs is None:
            proofs = self._proofs[subject.target.name] = agendas.Proofs(self.agenda.registry, subject.target)
        wanted = [each for each in (agendas.PUBLISHED, agendas.INTENDED) if each in planned.grounds]
        task = body[0] if isinstance(body, list) and body else body
        if not all(proofs.refused(each, task, body) is True for each in wanted):
            self._stop("with fresh ids a payload would no longer be refused")

    def _conclude(self, subject: Subject, planned: Planned, judgement: Judgement, sent: tuple[str, ...]) -> None:
        relation, cancelled = "", ""
        if judgement.outcome == ACCEPTED:
            cancelled = self._accepted(subject, planned, judgement)
        elif judgement.outcome == REFUSED:
            relation = self._refused(planned, judgement)
        elif judgement.outcome == UNCLEAR:
            self._lost(planned, judgement.reason, judgement, sent)
        else:
            self._group("inconclusive", planned, judgement.reason, judgement)
        if judgement.is_evidence:
            self._as_documented(planned, judgement)
        self.failed = 0 if judgement.is_evidence else self.failed + 1
        exchange = Exchange(
            planned,
            judgement.outcome,
            judgement.reason,
            judgement.status,
            judgement.ids,
            judgement.costs,
            relation,
            cancelled,
        )
        self.exchanges.append(exchange)
        self._go_on(planned, judgement)

    def _go_on(self, planned: Planned, judgement: Judgement) -> None:
        """Stop where going on could cost money or tells nothing."""
        if self.agenda.mock:
            if judgement.outcome == NOT_SENT:
                self._stop(judgement.reason)
            return
        if judgement.charged:
            self._stop("a dry run started a task")
        if judgement.outcome == ACCEPTED and planned.fault is not None and not planned.dry:
            self._stop("the service took a payload that it should refuse, and could take the others")
        if judgement.stop:
            self._stop(judgement.reason)
        if judgement.outcome == UNCLEAR:
            self._stop(f"a request may have been accepted ({judgement.reason})")
        if self.failed >= IN_A_ROW:
            self._stop(f"{IN_A_ROW} answers one after the other said nothing")

    def _accepted(self, subject: Subject, planned: Planned, judgement: Judgement) -> str:
        for cost in judgement.costs:
            amount = Decimal(str(cost))
            if planned.dry and not judgement.charged:
                self.told[planned.key] = self.told.get(planned.key, Decimal(0)) + amount
            else:
                self.spent += amount
                self.dearest = max(self.dearest, amount)
        if planned.stage == agendas.PAID and not judgement.costs:
            self.spent += self._price(planned) or Decimal(0)
        unexpected = planned.fault is not None and not planned.dry
        cancelled = ""
        if (unexpected or judgement.charged) and not self.agenda.mock:
            cancelled = self._cancelled(subject, planned, judgement)
        named = f"task {', '.join(judgement.ids)}" if judgement.ids else "it named no task"
        evidence: dict[str, Any] = {"ids": list(judgement.ids), "costs": list(judgement.costs)}
        if cancelled:
            evidence["cancelled"] = cancelled
        if judgement.charged:
            message = f"a dry run started something ({named}); {cancelled or 'nothing was cancelled'}"
            self.findings.append(_of("charged-dry-run", planned, message, judgement, evidence))
        if planned.fault is not None:
            message = f"it was accepted ({named}), though {self._what(planned)}"
            if cancelled:
                message += f"; {cancelled}"
            evidence |= {"refused_by": list(planned.grounds)}
            self.findings.append(_of("accepted-though-invalid", planned, message, judgement, evidence))
        return cancelled

    def _cancelled(self, subject: Subject, planned: Planned, judgement: Judgement) -> str:
        """Cancel the tasks that should not be, and say what came of it."""
        cancel = subject.service.cancel
        if cancel is None:
            return "its API describes no way to cancel it"
        if not judgement.ids:
            return "nothing says which task to cancel"
        told = []
        for task in judgement.ids:
            try:
                path = cancel.filled(self.agenda.registry, task)
            except ContractError as problem:
                told.append(f"not cancelled: {problem}")
                continue
            got = self._transport(subject).send(
                Request(planned.key + CANCELLING, cancel.method, path, dict(cancel.headers))
            )
            if isinstance(got, Lost):
                how = "the run's cancelling is not recorded" if got.missing else f"not cancelled: {got.reason}"
            elif 200 <= got.status < 300:
                how = "cancelled"
            else:
                how = f"not cancelled: the service answered {got.status}"
            if self.recorder is not None and isinstance(got, Received):
                self.recorder.add_cancelling(subject, planned, path, got)
            if self.journal is not None:
                self.journal.cancelled(planned, task, how)
            told.append(how)
        return "; ".join(dict.fromkeys(told))

    def _refused(self, planned: Planned, judgement: Judgement) -> str:
        answer = judgement.answer
        complaints = answer.complaints if answer is not None else ()
        said = "; ".join(dict.fromkeys(each.message for each in complaints if each.message)) or judgement.reason
        places = list(dict.fromkeys(place for each in complaints for place in each.pointers))
        told = [
            {"message": each.message, "kind": each.kind, "pointers": list(each.pointers), "facts": dict(each.facts)}
            for each in complaints
        ]
        evidence: dict[str, Any] = {"said": said, "places": places, "complaints": told}
        if planned.fault is None:
            if complaints and not self.agenda.mock and all(is_about_a_medium(e, planned.payload) for e in complaints):
                self._group("made-up-medium", planned, f"the service could not use a made-up medium: {said}", judgement)
                return MEDIUM
            message = f"it was refused, though the document allows it: {said or 'without a reason'}"
            self.findings.append(_of("refused-though-valid", planned, message, judgement, evidence))
            return "disagrees"
        relation, matches = compared(self.agenda, planned, judgement)
        expected = list(dict.fromkeys(each.violation.pointer for each in matches if each.violation is not None))
        evidence["expected"] = expected
        blamed = ", ".join(places) or "nothing in particular"
        if relation == OTHER_PARAMETER:
            message = f"it was refused because of {blamed} ({said}), though {self._what(planned)}"
            self.findings.append(_of("refused-for-another-parameter", planned, message, judgement, evidence))
        elif relation == OTHER_REASON:
            message = f"it was refused for another reason ({said}), though {self._what(planned)}"
            self.findings.append(_of("refused-for-another-reason", planned, message, judgement, evidence))
        elif relation == MEDIUM:
            self._group("made-up-medium", planned, f"the service could not use a made-up medium: {said}", judgement)
        elif relation == UNREAD:
            self._group("reason-not-understood", planned, f"it was refused: {said or 'without a reason'}", judgement)
        else:
            assert relation == SAME
        return relation

    def _lost(
        self, planned: Planned, reason: str, judgement: Judgement | None = None, sent: tuple[str, ...] = ()
    ) -> None:
        ids = f"; ids: {', '.join(sent)}" if sent else ""
        message = f"it may have been accepted: {reason}{ids}"
        found = _of("may-have-been-accepted", planned, message, judgement, {"ids": list(sent)})
        if self.agenda.mock:
            self._group("inconclusive", planned, reason, judgement)
        else:
            self.findings.append(found)
        if judgement is None:
            self.exchanges.append(Exchange(planned, UNCLEAR, reason, ids=sent))

    def _what(self, planned: Planned) -> str:
        """Why a request should be refused, in words that follow "though"."""
        from preroll import words

        told = [words.message(each) for each in violations(self.agenda, planned)]
        return "; ".join(told[:2]) if told else _short(planned)

    def _as_documented(self, planned: Planned, judgement: Judgement) -> None:
        """Hold an answer to the document's schema for its status."""
        if judgement.body is ABSENT:
            return
        from preroll import words
        from preroll.judgement import check

        target = self.agenda.registry.targets[planned.target]
        try:
            report = check(
                judgement.body,
                target,
                registry=self.agenda.registry,
                response=judgement.status,
                as_published=self.agenda.published,
                today=self.agenda.today,
            )
        except ValueError:
            known = ", ".join(target.responses) or "none"
            message = f"status {judgement.status} is not described; described are {known}"
            self._group("status-not-documented", planned, message, judgement)
            return
        for each in report.violations:
            if each.severity == "error":
                where = f" at {each.pointer}" if each.pointer else ""
                message = f"status {judgement.status}{where}: {words.message(each)}"
                again = (each.rule, each.document_pointer, re.sub(r"\d+", "0", each.pointer))
                self._group("answer-not-as-documented", planned, message, judgement, again, each)

    def _group(
        self,
        name: str,
        planned: Planned,
        message: str,
        judgement: Judgement | None,
        again: tuple[Any, ...] | None = None,
        violation: Violation | None = None,
    ) -> None:
        """A finding that may repeat itself, and so is about no fault: the first request shows it, others count."""
        status = judgement.status if judgement is not None else None
        key = (name, planned.target, planned.stage, status, again or message)
        known = self.grouped.get(key)
        if known is not None:
            self.grouped[key] = replace(known, times=known.times + 1)
            return
        evidence = {} if violation is None else {"document_pointer": violation.document_pointer, "rule": violation.rule}
        pointer = "" if violation is None else violation.pointer
        made = _of(name, planned, message, judgement, evidence)
        self.grouped[key] = replace(made, fault=None, pointer=pointer, scenario="")


def _ids(subject: Subject, got: Received | Lost) -> tuple[str, ...]:
    """The ids as the service wrote them."""
    if isinstance(got, Lost):
        return ()
    body, problem = parsed(got)
    return () if problem else tuple(subject.service.ids(body))


def _clean(got: Received, made: Mapping[str, str], names: frozenset[str]) -> Received:
    """An answer as a recording would hold it, so that a replay finds the same: redacted, with the sample ids."""
    body, problem = parsed(got)
    if problem:
        return got
    text = written(redacted(body, names))
    for each, sample in made.items():
        text = re.sub(re.escape(each), sample, text, flags=re.IGNORECASE)
    return replace(got, body=text.encode())


def _of(
    name: str,
    planned: Planned,
    message: str,
    judgement: Judgement | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> Finding:
    response = None
    if judgement is not None and judgement.status is not None:
        response = Answered(judgement.status, judgement.body)
    return Finding(
        name,
        planned.target,
        planned.stage,
        message,
        planned.scenario,
        fault_data(planned),
        planned.pointer,
        planned.payload,
        response,
        {"key": planned.key, **(evidence or {})},
    )


def fault_data(planned: Planned) -> dict[str, Any] | None:
    """A request's fault as plain data."""
    fault = planned.fault
    if fault is None:
        return None
    return {
        "rule": fault.rule,
        "keyword": fault.keyword,
        "detail": fault.detail,
        "pointer": planned.pointer,
        "document_pointer": fault.document_pointer,
    }


def _short(planned: Planned) -> str:
    """A request in few words."""
    return planned.scenario if planned.fault is None else f"{planned.fault.rule} at {planned.pointer or 'the root'}"
