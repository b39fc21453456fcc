"""
`preroll contract`: whether the live service does what its document promises; offline unless told otherwise.
"""

from __future__ import annotations

import os
import re
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preroll.cli import options
from preroll.cli.exits import Exit

if TYPE_CHECKING:
    from preroll_fuzz.contract import Agenda, Result, Subject
    from preroll_fuzz.contract.messages import Transport
    from preroll_fuzz.contract.wire import Secret

INSTALL = "pip install 'preroll[contract]'"
"""What makes the verb work."""

JOURNAL = "preroll-contract.journal.jsonl"
"""Where a live run writes its journal unless told otherwise."""

RATE = 1.0
"""Requests a second of a live run unless told otherwise."""


@click.command("contract", short_help="ask the live service what its document promises; offline by default")
@click.argument("targets", nargs=-1, metavar="TARGET...", required=True)
@click.option(
    "--stage",
    "stages",
    type=click.Choice(["free", "dry-run", "paid"]),
    multiple=True,
    help="What to ask with; repeatable. Default: free.",
)
@click.option("--live", is_flag=True, help="Send it. Without it, the plan is printed and nothing is sent.")
@click.option("--replay", metavar="DIR", help="Answer from recordings instead; no network and no key.")
@click.option("--record", metavar="DIR", help="With --live: keep conclusive answers, redacted.")
@click.option(
    "--server",
    metavar="URL",
    help="In place of the document's server. Without a path (not even /) the path of the document's server stays.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A host that may be asked though the document does not name it. Repeatable.",
)
@click.option("--key-env", metavar="NAME", help="The environment variable that holds the key.")
@click.option("--mock", is_flag=True, help="The server is a mock on this machine: it costs nothing and needs no key.")
@click.option(
    "--prose", is_flag=True, help="In free, also what is refused by the vendor's prose or a correction alone."
)
@click.option(
    "--max-requests", type=click.IntRange(min=1), metavar="N", help="The most requests of each stage; paid needs it."
)
@click.option("--max-cost", metavar="USD", help="The most that may be spent; paid needs it.")
@click.option(
    "--rate", type=click.FloatRange(min=0, min_open=True), metavar="PER_SECOND", help="Default: 1; mock: any."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True, max=3600),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long one request may take.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the ids that are made up for each request.")
@click.option("--only", multiple=True, metavar="TEXT", help="Only faults and scenarios that hold this. Repeatable.")
@click.option("--journal", metavar="FILE", help=f"What was sent, written before it is sent. Default: {JOURNAL}.")
@click.option("--drafts", metavar="DIR", help="Write a draft of a correction or rule for each disagreement.")
@click.option("--as-published", is_flag=True, help="Break the documents as published, without corrections and rules.")
@click.option("--today", metavar="DATE", help="The date (YYYY-MM-DD) that counts as today; default: today in UTC.")
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@options.documents
@options.report
def command(  # one argument per option
    targets: tuple[str, ...],
    stages: tuple[str, ...],
    live: bool,  # noqa: FBT001  # click passes options by name
    replay: str | None,
    record: str | None,
    server: str | None,
    hosts: tuple[str, ...],
    key_env: str | None,
    mock: bool,  # noqa: FBT001
    prose: bool,  # noqa: FBT001
    max_requests: int | None,
    max_cost: str | None,
    rate: float | None,
    timeout: float,
    seed: int,
    only: tuple[str, ...],
    journal: str | None,
    drafts: str | None,
    as_published: bool,  # noqa: FBT001
    today: str | None,
    strict: bool,  # noqa: FBT001
    documents: tuple[str, ...],
    form: str,
    outputs: tuple[str, ...],
    color: str,
    verbose: int,
) -> int:
    """
    Ask a service what its document promises, and say where document, rules and service disagree.

    Without --live and --replay it prints the plan: what would be sent, why that is free, and the worst-case price.
    Exit code 0: no disagreement, 1: some or a missing recording, 2: wrong use, 4: nothing but inconclusive answers.
    """
    from preroll.cli.complaints import Usage

    try:
        from preroll_fuzz.contract import ContractError, plan
    except ImportError as error:
        if error.name is not None and error.name.partition(".")[0] in ("preroll", "preroll_fuzz"):
            raise
        raise Usage(f"`preroll contract` needs the group contract: {INSTALL}") from None

    if key_env is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", key_env):  # not shown: it may be the key
        raise Usage("--key-env takes the name of an environment variable, in capitals, and never the key itself")
    _fitting(
        live=live, replay=replay, record=record, mock=mock, server=server, drafts=drafts, stages=stages,
        max_requests=max_requests, max_cost=max_cost,
    )  # fmt: skip
    registry = options.registry(documents)
    budget = _money(max_cost)
    options.destinations(form, outputs)  # complains before anything is sent
    secrets: tuple[Secret, ...] = ()
    codes: list[Exit] = []
    try:
        agenda = plan(
            registry,
            targets,
            stages=stages or ("free",),
            prose=prose,
            mock=mock,
            as_published=as_published,
            today=options.today(today),
            only=only,
            max_requests=max_requests,
        )
        ways = _Ways(agenda, server, hosts, key_env, mock=mock)
        if replay is not None:
            result = _replayed(agenda, ways, replay)
        elif live:
            _affordable(agenda, budget)
            ways.check()
            secrets = ways.secrets()
            result, problem = _sent(
                agenda, ways, secrets, rate=rate, timeout=timeout, seed=seed, journal=journal, record=record,
                budget=budget, mock=mock,
            )  # fmt: skip
            if problem:
                sys.stderr.write(f"preroll: {problem}\n")
                codes.append(Exit.USAGE)
        else:
            result = ways.planned()
        if drafts is not None:
            from preroll_fuzz.contract import draft

            result = draft.written(result, Path(drafts), replay or record)
    except ContractError as error:
        raise Usage(str(error)) from None
    _write(result, secrets, form, outputs, color=color, verbose=verbose)
    codes.append(_exit(result, strict=strict))
    from preroll.cli.exits import worst

    return int(worst(codes))


def _fitting(
    *,
    live: bool,
    replay: str | None,
    record: str | None,
    mock: bool,
    server: str | None,
    drafts: str | None,
    stages: tuple[str, ...],
    max_requests: int | None,
    max_cost: str | None,
) -> None:
    """Complain of options that do not go together, before anything is done."""
    from preroll.cli.complaints import Usage

    if live and replay is not None:
        raise Usage("--live asks the service and --replay asks recordings; give one of them")
    if record is not None and not live:
        raise Usage("--record keeps what a service answers, so it needs --live")
    if drafts is not None and not live and replay is None:
        raise Usage("--drafts needs answers: --live or --replay")
    if mock and live and server is None:
        raise Usage("--mock needs --server: the address of the mock on this machine")
    if "paid" in stages and live and not mock and (max_requests is None or max_cost is None):
        lacking = " and ".join(
            name for name, value in (("--max-requests", max_requests), ("--max-cost", max_cost)) if value is None
        )
        raise Usage(f"--stage paid spends money, so it needs {lacking} too")


def _money(text: str | None) -> Decimal | None:
    from preroll.cli.complaints import Usage

    if text is None:
        return None
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        raise Usage(f"--max-cost {text!r} is no amount of US dollars") from None
    if not amount.is_finite() or amount < 0:
        raise Usage(f"--max-cost {text!r} is no amount of US dollars")
    return amount


def _affordable(agenda: Agenda, budget: Decimal | None) -> None:
    """Refuse before anything is sent where it is known already that the paid stage cannot be afforded."""
    from preroll.cli.complaints import Usage
    from preroll_fuzz.contract.agenda import total

    paid = [each for each in agenda.requests if each.stage == "paid"]
    if not paid or agenda.mock or budget is None:
        return
    unknown = [each for each in paid if each.price.amount is None]
    if unknown and "dry-run" not in agenda.stages:
        dry = all(agenda.subject(each).service.facts.dry_run for each in unknown)
        hint = "; with --stage dry-run as well, the service prices them first" if dry else ""
        raise Usage(
            f"--stage paid: the price of {len(unknown)} of {len(paid)} payloads is unknown "
            f"({unknown[0].target}: {unknown[0].price.how}), and unknown is not zero{hint}"
        )
    worst = total(each for each in paid if each.price.amount is not None)
    if worst is not None and worst > budget:
        raise Usage(f"--stage paid could cost ${worst}, more than --max-cost ${budget}; lower --max-requests")


class _Ways:
    """Where each target's requests go, and with which key."""

    def __init__(
        self, agenda: Agenda, server: str | None, hosts: tuple[str, ...], key_env: str | None, *, mock: bool
    ) -> None:
        from preroll_fuzz.contract.service import allowed, checked, moved

        self.agenda, self.hosts, self.mock = agenda, hosts, mock
        self.given = checked(server) if server is not None else None
        self.bases: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        for each in agenda.subjects:
            own = next((one for one in each.service.servers if allowed(one, each.service, hosts)), "")
            own = own or next(iter(each.service.servers), "")
            self.bases[each.target.name] = own if server is None else moved(own, server)
            self.keys[each.target.name] = key_env or each.service.facts.key

    @property
    def servers(self) -> dict[str, str]:
        """The whole address of each target's operation."""
        from preroll_fuzz.contract.service import address

        return {
            each.target.name: address(self.bases[each.target.name], each.service.path)
            for each in self.agenda.subjects
            if self.bases[each.target.name]
        }

    def planned(self) -> Result:
        """The plan, as a result."""
        from preroll_fuzz.contract import Result

        return Result(self.agenda, servers=self.servers, keys={} if self.mock else self.keys)

    def check(self) -> None:
        """
        See to it that every address may be asked.

        Raises:
            ContractError: one may not.
        """
        from preroll_fuzz.contract.service import ContractError, allowed, checked, is_loopback, place

        for each in self.agenda.subjects:
            base = self.bases[each.target.name]
            if not base:
                raise ContractError(f"{each.target.name}: its document names no server; give --server and --allow-host")
            checked(base, "the document's server" if self.given is None else "--server")
            host, port = place(base)
            if self.mock:
                own = {place(one) for one in each.service.servers}
                if not is_loopback(host) or (host, port) in own:
                    raise ContractError(f"--mock: {host} is not a mock on this machine; a mock has a loopback address")
            elif not allowed(base, each.service, self.hosts):
                raise ContractError(
                    f"{host}:{port} is not {each.target.name}'s own server; if it may have its key, "
                    f"say --allow-host {host}:{port}"
                )

    def secrets(self) -> tuple[Secret, ...]:
        """
        The keys, each once; none for a mock.

        Raises:
            ContractError: one is not there.
        """
        from preroll_fuzz.contract.service import ContractError
        from preroll_fuzz.contract.wire import secret_in

        if self.mock:
            return ()
        for name, variable in self.keys.items():
            if not variable:
                raise ContractError(f"{name}: name the environment variable that holds the key with --key-env")
        return tuple(secret_in(os.environ, each) for each in dict.fromkeys(self.keys.values()))


def _replayed(agenda: Agenda, ways: _Ways, folder: str) -> Result:
    from preroll_fuzz.contract import run
    from preroll_fuzz.contract.recording import Replay
    from preroll_fuzz.contract.running import REPLAY

    return run(agenda, lambda subject: Replay(Path(folder), subject), mode=REPLAY, servers=ways.servers, keys=ways.keys)


def _sent(
    agenda: Agenda,
    ways: _Ways,
    secrets: tuple[Secret, ...],
    *,
    rate: float | None,
    timeout: float,
    seed: int,
    journal: str | None,
    record: str | None,
    budget: Decimal | None,
    mock: bool,
) -> tuple[Result, str]:
    """The result of a live run, and what kept it from being recorded."""
    from contextlib import ExitStack

    from preroll_fuzz.contract import ContractError, run
    from preroll_fuzz.contract.journal import Journal
    from preroll_fuzz.contract.recording import Recorder
    from preroll_fuzz.contract.running import LIVE, MOCK
    from preroll_fuzz.contract.wire import Pace, Wire

    by_name = {each.name: each for each in secrets}
    pace = Pace(rate if rate is not None else None if mock else RATE)
    recorder = Recorder(Path(record), agenda, secrets) if record is not None else None
    with ExitStack() as stack:
        wires: dict[str, Transport] = {}
        for each in agenda.subjects:
            name = each.target.name
            wire = Wire(
                ways.bases[name],
                header=each.service.key_header,
                prefix=each.service.key_prefix,
                key=by_name.get(ways.keys[name]),
                pace=pace,
                timeout=timeout,
            )
            wires[name] = stack.enter_context(wire)
        book = stack.enter_context(Journal(journal or JOURNAL)) if journal or not mock else None

        def way(subject: Subject) -> Transport:
            return wires[subject.target.name]

        result = run(
            agenda, way, mode=MOCK if mock else LIVE, journal=book, recorder=recorder, seed=seed,
            max_cost=budget, servers=ways.servers, keys={} if mock else ways.keys,
        )  # fmt: skip
    problem = ""
    if recorder is not None:
        try:
            recorder.write()
        except ContractError as error:
            problem = str(error)
    return result, problem


def _exit(result: Result, *, strict: bool) -> Exit:
    """What a result comes to."""
    if result.interrupted:
        return Exit.INTERRUPTED
    levels = {each.level for each in result.findings if not each.is_inconclusive}
    if "error" in levels or (strict and "warning" in levels):
        return Exit.VIOLATIONS
    if any(each.is_inconclusive for each in result.findings):
        return Exit.INCONCLUSIVE
    return Exit.CLEAN


def _write(
    result: Result,
    secrets: tuple[Secret, ...],
    form: str,
    outputs: tuple[str, ...],
    *,
    color: str,
    verbose: int,
) -> None:
    """Print the result, and write the further reports that were asked for; no key is in any of them."""

    def rendered(named: str, *, printed: bool) -> str:
        colour = printed and options.colourful(color)
        text = _rendered(result, named, colour=colour, printed=printed, verbose=verbose)
        if secrets:
            from preroll_fuzz.contract.wire import cleared

            text = cleared(text, secrets)
        return text

    options.write_each(rendered, form, outputs)


def _rendered(result: Result, form: str, *, colour: bool, printed: bool, verbose: int) -> str:
    from preroll.render import contract, render

    width = options.width() if printed else 100
    if form == "text":
        return contract.text(result, colour=colour, width=width, verbose=verbose)
    if form == "json":
        return contract.json_(result)
    if form == "markdown":
        return contract.markdown(result)
    names = {each.target.name: each.target.document for each in result.agenda.subjects}
    texts: dict[str, Any] = {name: raw for name in names.values() if (raw := options.raw_of(name))}
    return render(contract.outcome(result, names, texts), form, colour=colour, width=width, verbose=1)
