"""
Plans and results of contract checks, as text, JSON and Markdown; and as an outcome, for every other format.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from preroll import __version__
from preroll.phrases import count
from preroll.pointer import ABSENT
from preroll.render.json_ import dumped
from preroll.render.text import WIDTH, Paint, shown

if TYPE_CHECKING:
    from preroll.outcome import Outcome
    from preroll_fuzz.contract import Finding, Left, Planned, Result, Subject

STYLE = {"error": "error", "warning": "warning", "note": "info"}

LONGEST = 240
"""Characters of a payload or an answer that are shown."""

EXAMPLES = 6
"""Rules that are shown with an example in each group of a plan; with -v all."""

SHOWN = 20
"""Findings of one kind that are shown; with -v all."""

RANKS = {
    0: "what the job cannot do without is missing",
    1: "what is not listed, or not allowed together",
    2: "the wrong type",
    3: "beyond a limit, or a number that is not listed",
    4: "the wrong form, or between the steps",
    5: "what services are known to overlook or to make up: unknown members, null, ids",
    6: "against the vendor's prose",
}
"""What the ranks of requests mean, in words."""


def text(result: Result, *, colour: bool = False, width: int = WIDTH, verbose: int = 0) -> str:
    """
    A plan or a result for a terminal.

    Args:
        result: what was found, or would be asked.
        colour: whether to write ANSI colours.
        width: columns to fill.
        verbose: 1 shows notes, and every request of a plan.
    """
    paint = Paint(colour=colour)
    if result.mode == "plan":
        return _plan(result, paint, width, verbose)
    lines: list[str] = []
    hidden = 0
    for name, group in _by_id(result.findings):
        if group[0].level == "note" and not verbose and not group[0].is_inconclusive:
            hidden += len(group)
            continue
        for each in group[: None if verbose else SHOWN]:
            lines += [*_finding(each, paint, width, verbose), ""]
        if len(group) > SHOWN and not verbose:
            lines += [paint(f"... and {len(group) - SHOWN} more of {name}; -v shows all", "dim"), ""]
    if hidden:
        lines += [paint(f"{count(hidden, 'note')} not shown; -v shows them", "dim"), ""]
    return "\n".join([*lines, *_summary(result, paint, width)]) + "\n"


# Plans.


def _plan(result: Result, paint: Paint, width: int, verbose: int) -> str:
    lines = [paint("This is the plan; nothing was sent, and no connection was opened.", "bold"), ""]
    for each in result.agenda.subjects:
        lines += [*_subject(result, each, paint, width, verbose), ""]
    lines += _how_to_send(result, width)
    return "\n".join(lines) + "\n"


def _subject(result: Result, subject: Subject, paint: Paint, width: int, verbose: int) -> Iterator[str]:
    name = subject.target.name
    server = result.servers.get(name, "")
    yield f"{paint(shown(name), 'bold')}  ({shown(subject.document)}, sha256 {subject.sha256[:12] or 'unknown'})"
    yield f"  {subject.service.method} {shown(server) or '(the document names no server: give --server)'}"
    if result.agenda.mock:
        yield "  no key: a mock is given a made-up one"
    else:
        variable = result.keys.get(name)
        known = f"the key comes from {variable}" if variable else "--key-env must name the variable of the key"
        yield from _wrapped(f"{known}; it travels in the header {subject.service.key_header}", "  ", width)
    for header, value in subject.service.headers.items():
        yield f"  {shown(header)}: {shown(value)}, as the document asks"
    for stage in result.agenda.stages:
        yield ""
        yield from _stage(result, subject, stage, paint, width, verbose)


def _stage(result: Result, subject: Subject, stage: str, paint: Paint, width: int, verbose: int) -> Iterator[str]:
    requests = subject.of_stage(stage)
    valid = [each for each in requests if each.valid]
    broken = [each for each in requests if not each.valid]
    yield f"  {paint(stage, 'bold')}: {count(len(requests), 'request')}"
    yield from _wrapped(_why(result, subject, stage, requests), "    ", width)
    if valid:
        further = "" if stage == "paid" else ", and for further limits and values"
        told = f"{len(valid):>3}  valid, one for each way through the conditionals{further}"
        yield from _wrapped(told, "    ", width, after="         ")
        for each in valid if verbose else valid[:1]:
            yield from _wrapped(f"{shown(each.scenario)}: {_short(each.payload)}", "      ", width)
    for rank in sorted({each.rank for each in broken}):
        group = [each for each in broken if each.rank == rank]
        yield from _wrapped(f"{len(group):>3}  {RANKS[rank]}", "    ", width, after="         ")
        yield from _by_rule(result, group, width, verbose)
    yield from _left(subject, stage, width, verbose)
    yield from _media(subject, requests, width)
    yield from _worst(result, subject, stage, requests, width)


def _why(result: Result, subject: Subject, stage: str, requests: Sequence[Planned]) -> str:
    if result.agenda.mock:
        return "The server is a mock: whatever it accepts costs nothing, and nothing stops this stage."
    if stage == "free":
        proved = sum({"published", "intended"} <= set(each.grounds) for each in requests)
        told = (
            f"{proved} of them are" if proved < len(requests) else "Each is"
        ) + " refused by the document as published and as intended, by two engines each, because of one fault alone;"
        told += (
            " what sets the price is pinned to its cheapest value. A refused request is not run, so it costs nothing."
        )
        if proved < len(requests):
            told += (
                f" The other {len(requests) - proved} rest on the vendor's prose or on a correction: a service that"
                " does not enforce it would take them, and charge. They come last."
            )
        return told + " What no service could mend comes first, and the first acceptance ends the run."
    if stage == "dry-run":
        dry = subject.service.facts.dry_run
        header = f"the header {dry[0]}: {dry[1]}" if dry is not None else "no header"
        return (
            f"Each carries {header}, under which nothing runs. The first is one cheapest valid payload: if its answer "
            "names a task, or holds a result, the stage ends there."
        )
    return "These are valid: they will run, and cost what they cost. The cheapest come first."


def _by_rule(result: Result, group: Sequence[Planned], width: int, verbose: int) -> Iterator[str]:
    rules: dict[str, list[Planned]] = {}
    for each in group:
        assert each.fault is not None
        rules.setdefault(each.fault.rule, []).append(each)
    ordered = sorted(rules.items(), key=lambda pair: -len(pair[1]))
    for name, mine in ordered[: None if verbose else EXAMPLES]:
        for each in mine if verbose else mine[:1]:
            number = f"{len(mine):>3}" if each is mine[0] else "   "
            also = f" (and {count(len(each.also), 'more fault')})" if each.also and verbose else ""
            told = f"{number}  {name}, {'' if verbose else 'as '}{_said(result, each)}{also}"
            yield from _wrapped(told, "       ", width, after="              ")
    if len(ordered) > EXAMPLES and not verbose:
        left = sum(len(each) for _, each in ordered[EXAMPLES:])
        yield f"       {left:>3}  of {count(len(ordered) - EXAMPLES, 'further rule')}; -v shows every request"


def _said(result: Result, planned: Planned) -> str:
    """What `preroll check` says of a broken payload: the place and the fact."""
    from preroll import words
    from preroll.judgement import check

    agenda = result.agenda
    report = check(
        planned.payload, planned.target, registry=agenda.registry, as_published=agenda.published, today=agenda.today
    )
    told = [each for each in report.violations if each.severity == "error"]
    if not told:
        return planned.pointer
    message = words.message(told[0])
    return f"{told[0].pointer or 'the root'}: {message[:160]}{'...' if len(message) > 160 else ''}"


def _left(subject: Subject, stage: str, width: int, verbose: int) -> Iterator[str]:
    reasons: dict[str, list[Left]] = {}
    for each in subject.left:
        if each.stage == stage:
            reasons.setdefault(each.reason, []).append(each)
    if not reasons:
        return
    yield "    not sent:"
    for group in sorted(reasons.values(), key=lambda group: -len(group)):
        yield from _wrapped(f"{len(group):>3}  {group[0].words}", "    ", width, after="         ")
        for each in group if verbose else ():
            detail = f" ({each.detail})" if each.detail else ""
            yield from _wrapped(f"{each.what}{detail}", "           ", width)


def _media(subject: Subject, requests: Sequence[Planned], width: int) -> Iterator[str]:
    if not requests:
        return
    told = "every address is on a host that is reserved for examples, and every other medium is made up"
    if not subject.addresses:
        told = "no payload holds an address"
    never = subject.service.facts.never
    if never:
        told += f"; no payload holds {' or '.join(never)}"
    yield from _wrapped(f"media: {told}", "    ", width)


def _worst(result: Result, subject: Subject, stage: str, requests: Sequence[Planned], width: int) -> Iterator[str]:
    if not requests or result.agenda.mock:
        return
    known = [each for each in requests if each.price.amount is not None]
    unknown = len(requests) - len(known)
    dearest = max(known, key=lambda each: each.price.amount or 0, default=None)
    told = []
    if dearest is not None:
        sum_ = sum(each.price.amount for each in known if each.price.amount is not None)
        if stage == "paid":
            told.append(f"${sum_} for all of them; ${dearest.price.amount} for the dearest: {dearest.price.how}")
        else:
            told.append(
                f"${dearest.price.amount} if one is accepted against expectation, which ends the run; ${sum_} if all "
                f"were; the dearest: {dearest.price.how}"
            )
    if unknown:
        how = next(each.price.how for each in requests if each.price.amount is None)
        told.append(f"unknown for {'all' if not known else unknown} of them: {how}; unknown is not zero")
    heeded = "nothing, if the service heeds the header; if it does not, " if stage == "dry-run" else ""
    yield from _wrapped(f"worst case: {heeded}{'; '.join(told)}", "    ", width)
    if stage != "paid":
        if subject.service.cancel is not None:
            cancel = subject.service.cancel
            yield from _wrapped(f"an accepted task is cancelled with {cancel.method} {cancel.path}", "    ", width)
        else:
            yield from _wrapped("an accepted task cannot be cancelled: the document describes no way", "    ", width)


def _how_to_send(result: Result, width: int) -> Iterator[str]:
    names = " ".join(each.target.name for each in result.agenda.subjects)
    stages = "".join(f" --stage {each}" for each in result.agenda.stages if result.agenda.stages != ("free",))
    more = ""
    if any(not result.keys.get(each.target.name) for each in result.agenda.subjects) and not result.agenda.mock:
        more += " --key-env NAME"
    if any(not result.servers.get(each.target.name) for each in result.agenda.subjects):
        more += " --server URL --allow-host HOST"
    if "paid" in result.agenda.stages:
        more += " --max-requests N --max-cost USD"
    if result.agenda.mock:
        more += " --mock --server URL"
    elif result.agenda.prose:
        more += " --prose"
    yield from _wrapped(f"to send it: preroll contract {names}{stages}{more} --live", "", width, after="  ")


# Results.


def _by_id(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = {}
    for each in findings:
        groups.setdefault(each.id, []).append(each)
    return list(groups.items())


def _finding(finding: Finding, paint: Paint, width: int, verbose: int) -> Iterator[str]:
    times = f" ({finding.times} times)" if finding.times > 1 else ""
    heading = paint(f"{finding.level}[{finding.id}]", STYLE[finding.level])
    where = f"  {shown(finding.pointer)}" if finding.pointer else ""
    stage = f" {finding.stage}" if finding.stage else ""
    yield f"{heading} {paint(shown(finding.target), 'bold')}{stage}{where}{times}"
    yield from _wrapped(shown(finding.message), "  ", width)
    said = (finding.fault or finding.evidence).get("document_pointer")
    if said and (finding.level != "note" or verbose):
        yield f"  the document: {shown(str(said))}"
    if finding.scenario and not finding.is_inconclusive and (finding.level != "note" or verbose):
        yield from _wrapped(f"sent: {_short(finding.request, None if verbose else LONGEST)}", "  ", width)
    if finding.response is not None and (finding.level != "note" or verbose):
        told = _short(finding.response.body, None if verbose else LONGEST)
        yield from _wrapped(f"answered: {finding.response.status} {told}", "  ", width)
    if finding.draft is not None and "file" in finding.draft:
        yield from _wrapped(f"draft: {finding.draft['file']}", "  ", width)
    elif finding.draft is not None:
        yield from _wrapped(f"draft: {finding.draft['none']}", "  ", width)


def _summary(result: Result, paint: Paint, width: int) -> Iterator[str]:
    counts = summary(result)
    told = [
        f"{counts[each]} {words}"
        for each, words in (
            ("accepted", "accepted"),
            ("refused", "refused"),
            ("inconclusive", "inconclusive"),
            ("unclear", "that may have been accepted"),
            ("missing", "without a recording"),
            ("not_sent", "not sent"),
        )
        if counts[each]
    ]
    listed = f": {', '.join(told)}" if told else ""
    agree = f"{count(counts['agreed'], 'answer')} {'agrees' if counts['agreed'] == 1 else 'agree'}"
    agreed = f"; {agree} with the document" if counts["agreed"] else ""
    yield from _wrapped(f"{result.mode}: {count(counts['requests'], 'request')}{listed}{agreed}", "", width)
    if result.told is not None:
        yield f"the service names costs of ${result.told} in all"
    if result.stopped:
        yield from _wrapped(f"the run ended early: {shown(result.stopped)}", "", width)
    for target, unused in result.unused.items():
        yield from _wrapped(
            f"{count(len(unused), 'recording')} of {target} answer nothing that is asked any more", "", width
        )
    levels = {each: sum(one.level == each for one in result.findings) for each in STYLE}
    told = [count(number, each) for each, number in levels.items() if number]
    style = next((STYLE[each] for each, number in levels.items() if number), "good")
    yield paint(", ".join(told) if told else "document, rules and service agree", style)


def summary(result: Result) -> dict[str, int]:
    """What happened, in numbers."""
    counts = {each: result.count(each) for each in ("accepted", "refused", "inconclusive", "unclear", "missing")}
    total = len(result.agenda.requests)
    reached = sum(counts.values())
    disagreeing = {
        "accepted-though-invalid", "refused-though-valid", "refused-for-another-parameter",
        "refused-for-another-reason", "charged-dry-run", "reason-not-understood", "made-up-medium",
    }  # fmt: skip
    evidence = counts["accepted"] + counts["refused"]
    differing = sum(each.times for each in result.findings if each.id in disagreeing)
    levels = {f"{level}s": sum(each.level == level for each in result.findings) for level in STYLE}
    return {
        "targets": len(result.agenda.subjects),
        "requests": total,
        **counts,
        "not_sent": total - reached if result.mode != "plan" else total,
        "agreed": max(evidence - differing, 0),
        **levels,
    }


def _short(value: Any, limit: int | None = LONGEST) -> str:
    written = shown(json.dumps(None if value is ABSENT else value, ensure_ascii=False, default=str))
    return written if limit is None or len(written) <= limit else written[: limit - 3] + "..."


def _wrapped(sentence: str, indent: str, width: int, after: str | None = None) -> list[str]:
    return textwrap.wrap(
        shown(sentence),
        width,
        initial_indent=indent,
        subsequent_indent=indent if after is None else after,
        break_long_words=False,
        break_on_hyphens=False,
    )


# Other formats.


def json_(result: Result) -> str:
    """The whole result as one JSON object; its JSON Schema is `docs/json/contract.schema.json`."""
    return dumped(data(result))


def data(result: Result) -> dict[str, Any]:
    """The same as plain data."""
    came = {id(each.planned): each for each in result.exchanges}
    return {
        "preroll": __version__,
        "mode": result.mode,
        "summary": summary(result),
        "stopped": result.stopped or None,
        "interrupted": result.interrupted,
        "targets": [_target(result, each) for each in result.agenda.subjects],
        "findings": [_finding_data(each) for each in result.findings],
        "requests": [_request(each, came.get(id(each))) for each in result.agenda.requests],
    }


def _target(result: Result, subject: Subject) -> dict[str, Any]:
    stages = {}
    for stage in result.agenda.stages:
        requests = subject.of_stage(stage)
        known = [each.price.amount for each in requests if each.price.amount is not None]
        stages[stage] = {
            "requests": len(requests),
            "worst_case_usd": {
                "dearest": float(max(known)) if known else None,
                "total": float(sum(known)) if known else None,
                "unknown": len(requests) - len(known),
            },
        }
    return {
        "target": subject.target.name,
        "document": {"label": subject.document, "sha256": subject.sha256},
        "method": subject.service.method,
        "url": result.servers.get(subject.target.name) or None,
        "key_env": result.keys.get(subject.target.name) or None,
        "stages": stages,
        "left_out": [
            {
                "stage": each.stage,
                "what": each.what,
                "reason": each.reason,
                "message": each.words,
                "detail": each.detail,
            }
            for each in subject.left
        ],
        "unused_recordings": list(result.unused.get(subject.target.name, ())),
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "level": finding.level,
        "target": finding.target,
        "stage": finding.stage or None,
        "fault": None if finding.fault is None else dict(finding.fault),
        "scenario": finding.scenario,
        "pointer": finding.pointer,
        "message": finding.message,
        "request": finding.request,
        "response": None if finding.response is None else finding.response.to_data(),
        "evidence": dict(finding.evidence),
        "draft": None if finding.draft is None else dict(finding.draft),
        "times": finding.times,
    }


def _request(planned: Planned, exchange: Any) -> dict[str, Any]:
    fault = planned.fault
    return {
        "key": planned.key,
        "target": planned.target,
        "stage": planned.stage,
        "expect": "valid" if planned.valid else "invalid",
        "scenario": planned.scenario,
        "fault": None
        if fault is None
        else {"rule": fault.rule, "pointer": planned.pointer, "document_pointer": fault.document_pointer},
        "refused_by": list(planned.grounds),
        "worst_case_usd": None if planned.price.amount is None else float(planned.price.amount),
        "payload": planned.payload,
        "outcome": None if exchange is None else exchange.outcome,
        "reason": None if exchange is None else exchange.reason,
        "status": None if exchange is None else exchange.status,
        "relation": None if exchange is None else exchange.relation or None,
        "ids": [] if exchange is None else list(exchange.ids),
        "costs": [] if exchange is None else list(exchange.costs),
    }


def markdown(result: Result) -> str:
    """A plan or a result for a page or a pull request."""
    from preroll.render.markdown import code, escaped

    if result.mode == "plan":
        lines = ["## preroll contract: the plan", "", "Nothing was sent.", ""]
        lines += ["| target | stage | requests | not sent | worst case |", "|---|---|--:|--:|---|"]
        for each in result.agenda.subjects:
            for stage in result.agenda.stages:
                left = sum(one.stage == stage for one in each.left)
                worst = _target(result, each)["stages"][stage]["worst_case_usd"]
                dearest = "unknown" if worst["dearest"] is None or worst["unknown"] else f"${worst['dearest']:.2f} each"
                requests = len(each.of_stage(stage))
                lines.append(f"| {code(each.target.name)} | {stage} | {requests} | {left} | {dearest} |")
        return "\n".join([*lines, "", "```text", _plan(result, Paint(colour=False), WIDTH, 0).rstrip("\n"), "```", ""])
    levels = {each.level for each in result.findings}
    mark = "❌" if "error" in levels else "⚠️" if levels else "✅"
    lines = [f"## {mark} preroll contract", "", escaped(" ".join(_summary(result, Paint(colour=False), 10_000))), ""]
    for name, group in _by_id(result.findings):
        times = sum(each.times for each in group)
        lines += [f"### {group[0].level}: {code(name)}", "", f"{escaped(group[0].title)} ({times} times).", ""]
        for one in group[:SHOWN]:
            place = f" {code(one.pointer)}" if one.pointer else ""
            lines.append(f"- {code(one.target)}{place} {escaped(one.message)}")
        if len(group) > SHOWN:
            lines.append(f"- … and {len(group) - SHOWN} more")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def outcome(result: Result, keys: Mapping[str, str], texts: Mapping[str, bytes]) -> Outcome:
    """
    The findings as violations of the documents that they are about, for the formats of job files.

    Args:
        result: what was found.
        keys: the name of each target's document.
        texts: the bytes of each document by name, for lines and columns; those that are missing have none.
    """
    from preroll.outcome import Entry, Outcome

    entries = []
    for each in result.agenda.subjects:
        name = keys.get(each.target.name, each.target.name)
        mine = [one for one in result.findings if one.target in (each.target.name, *each.target.branches)]
        levels = {one.level for one in mine}
        verdict = "invalid" if "error" in levels else "warning" if "warning" in levels else "valid"
        found = tuple(_placed(mine, name, texts.get(name)))
        entries.append(Entry(name, verdict, line=1, target=each.target.name, found=found))
    return Outcome.of(entries, files=len(entries))


def _placed(findings: Iterable[Finding], document: str, raw: bytes | None) -> Iterator[Any]:
    from preroll import source
    from preroll.outcome import Placed
    from preroll.violation import Violation

    positions = source.positions(raw, document) if raw is not None else None
    for each in findings:
        pointer = str((each.fault or each.evidence).get("document_pointer", ""))
        times = f" ({each.times} times)" if each.times > 1 else ""
        violation = Violation(
            rule=each.id,
            kind="refused",  # the kind whose words are its own
            severity="info" if each.level == "note" else each.level,
            pointer=pointer,
            expected=each.message + times,
            target=each.target,
            document=document,
            document_pointer=pointer,
        )
        place: tuple[int, int] | tuple[None, None] = (None, None)
        if positions is not None and pointer:
            try:
                place = positions.of(pointer)
            except (KeyError, ValueError, IndexError):
                place = (None, None)
        yield Placed(violation, *place)
