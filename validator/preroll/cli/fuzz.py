"""
`preroll fuzz`: payloads of a target, valid ones and ones that are wrong in one way each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from preroll.cli import options
from preroll.cli.exits import Exit

if TYPE_CHECKING:
    from preroll_fuzz.suite import Suite

INSTALL = "pip install 'preroll[fuzz]'"
"""What makes the verb work."""


@click.command("fuzz", short_help="write payloads: valid ones, and one for each way to be wrong")
@click.argument("target", metavar="TARGET")
@click.option("--valid", "valid", type=click.IntRange(min=0), metavar="N", help="How many valid payloads.")
@click.option("--invalid", "invalid", metavar="N|all", help="How many invalid payloads; all is one for each fault.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same payloads.")
@click.option("--minimal", is_flag=True, help="The smallest suite that reaches every scenario, limit and fault.")
@click.option("--every-value", is_flag=True, help="With --minimal: use every value of every enumeration, too.")
@click.option("--coverage", is_flag=True, help="Print what the payloads reach, and proofs for what cannot be reached.")
@click.option("--scenario", metavar="NAME", help="Only valid payloads that go this way through the conditionals.")
@click.option("--cheapest", is_flag=True, help="Pin what sets the price to the cheapest value.")
@click.option("--warnings", is_flag=True, help="Let valid payloads carry warnings.")
@click.option("--max-text", type=click.IntRange(min=1), default=10_000, show_default=True, help="The longest text.")
@click.option(
    "--check-with",
    "checker",
    metavar="COMMAND",
    help="Report where a command's verdict differs: payload on stdin, exit 0 accepts it.",
)
@click.option("--as-published", is_flag=True, help="By the vendor's schema alone, without corrections and rules.")
@click.option("--today", metavar="DATE", help="The date (YYYY-MM-DD) that counts as today; default: today in UTC.")
@options.documents
def command(  # one argument per option
    target: str,
    valid: int | None,
    invalid: str | None,
    seed: int,
    minimal: bool,  # noqa: FBT001  # click passes options by name
    every_value: bool,  # noqa: FBT001
    coverage: bool,  # noqa: FBT001
    scenario: str | None,
    cheapest: bool,  # noqa: FBT001
    warnings: bool,  # noqa: FBT001
    max_text: int,
    checker: str | None,
    as_published: bool,  # noqa: FBT001
    today: str | None,
    documents: tuple[str, ...],
) -> int:
    """
    Write payloads of TARGET as JSON Lines: target, expect, scenario, fault and payload.

    Without --valid, --invalid and --minimal: ten valid payloads and one for each fault.
    """
    from preroll.cli.complaints import Usage

    try:
        from preroll_fuzz.leaves import Sizes
        from preroll_fuzz.plan import NoPayload, Options
        from preroll_fuzz.suite import Suite
    except ImportError as error:
        if error.name is not None and error.name.partition(".")[0] in ("preroll", "preroll_fuzz"):
            raise
        raise Usage(f"`preroll fuzz` needs the group fuzz: {INSTALL}") from None

    wanted = _count(invalid)
    if valid is None and invalid is None:
        valid, wanted = 10, None
    elif invalid is None:
        wanted = 0
    limits = Options(as_published, options.today(today), warnings, cheapest=cheapest, sizes=Sizes(text=max_text))
    registry = options.registry(documents)
    try:
        suite = Suite(registry, registry.resolve(target), limits)
        if scenario is not None:
            suite.only(scenario)
        records = suite.minimal(every_value=every_value) if minimal else _both(suite, valid or 0, wanted, seed)
        if checker is not None:
            return _compared(records, checker)
        if coverage:
            return _covered(suite, list(records))
        for each in records:
            sys.stdout.write(_line(each))
    except (NoPayload, ValueError) as error:
        raise Usage(str(error)) from None
    return int(Exit.CLEAN)


def _count(text: str | None) -> int | None:
    if text is None or text == "all":
        return None
    if not text.isdecimal():
        raise click.BadParameter(f"{text!r} is neither a number nor 'all'.", param_hint="--invalid")
    return int(text)


def _both(suite: Suite, valid: int, invalid: int | None, seed: int) -> Iterator[dict[str, Any]]:
    if valid:
        yield from suite.valid(valid, seed)
    if invalid != 0:
        yield from suite.invalid(invalid, seed)


def _line(record: dict[str, Any]) -> str:
    from preroll.json_text import written
    from preroll.render.json_ import plain_value

    return written(plain_value(record, exact=True), separators=(",", ":")) + "\n"


def _covered(suite: Suite, records: list[dict[str, Any]]) -> int:
    from preroll.render.text import shown

    for each in suite.coverage(records):
        write = sys.stdout.write
        write(f"{each.target}: {len([one for one in records if one['target'] == each.target])} payloads\n")
        write(f"  scenarios reached      {each.reached} of {each.scenarios}\n")
        write(f"  faults broken alone    {each.broken} of {each.faults}\n")
        write(f"  limits hit exactly     {each.limits_inside} of {each.limits}\n")
        write(f"  limits overstepped     {each.limits_outside} of {each.limits}\n")
        write(f"  enumerated values used {each.values_used} of {each.values}\n")
        for title, entries in (
            ("scenarios that only payloads with a warning go", each.unreachable),
            ("impossible to break alone (proved)", each.proved),
            ("faults not tried", each.listed),
            ("limits that no valid payload hits (proved)", each.limits_proved),
            ("limits not hit", each.limits_left),
            ("values that no valid payload holds (proved)", each.values_proved),
            ("values not used", each.values_left),
        ):
            if entries:
                write(f"  {title}: {len(entries)}\n")
                for entry in entries:
                    write(shown(f"    {entry}") + "\n")
    return int(Exit.CLEAN)


def _compared(records: Iterator[dict[str, Any]], checker: str) -> int:
    """Run somebody else's check over every payload; 1 where it disagrees with ours."""
    from preroll_fuzz.comparison import compared

    counts = {"accepted": 0, "refused": 0}
    total = 0
    for difference in compared(records, checker):
        total += 1
        if difference is not None:
            counts[difference["said"]] += 1
            sys.stdout.write(_line(difference))
    sys.stderr.write(
        f"{total} payloads, {sum(counts.values())} disagreements: "
        f"{counts['accepted']} accepted that should be refused, {counts['refused']} refused that should be accepted\n"
    )
    return int(Exit.VIOLATIONS if any(counts.values()) else Exit.CLEAN)
