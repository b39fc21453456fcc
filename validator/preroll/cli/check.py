"""
`preroll check`: one request before it is sent.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from preroll.cli import options
from preroll.cli.exits import Exit


@click.command("check", short_help="check one request before it is sent")
@click.argument("file", default="-")
@click.option("--as", "target", metavar="TARGET", help="What the payload is meant for; else found from the payload.")
@click.option("--response", metavar="CODE", help="Judge the payload as a response with this status.")
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="PLACE.NAME=VALUE",
    help="A parameter of the request: header.NAME=VALUE, path.NAME=VALUE or query.NAME=VALUE.",
)
@options.judging
@options.documents
@options.known
@options.report
def command(  # one argument per option
    file: str,
    target: str | None,
    response: str | None,
    parameters: tuple[str, ...],
    as_published: bool,  # noqa: FBT001  # click passes options by name
    strict: bool,  # noqa: FBT001
    today: str | None,
    unknown: str,
    documents: tuple[str, ...],
    form: str,
    outputs: tuple[str, ...],
    color: str,
    verbose: int,
    baseline: str | None,
    statistics: bool,  # noqa: FBT001
) -> int:
    """
    Say whether the vendor would take the request in FILE (- or nothing: standard input), and if not, why.

    Exit code 0: accepted (warnings allowed), 1: refused, 2: the input cannot be read or is for no known target.
    """
    from preroll import outcome  # `--help` does without
    from preroll.judgement import check, check_bytes
    from preroll.pointer import ABSENT

    registry = options.registry(documents)
    asked: dict[str, Any] = {
        "registry": registry,
        "response": response,
        "parameters": _parameters(parameters),
        "as_published": as_published,
        "today": options.date_given(today),
        "unknown": unknown,
    }
    if parameters and file == "-" and sys.stdin.isatty():
        report = check(ABSENT, target, **asked)
    else:
        raw, name = _read(file)
        try:
            report = check_bytes(raw, target, name=name, **asked)
        except ValueError as error:
            _complain(error, name)
            raise
    edits = form == "sarif" or any(each.startswith("sarif:") for each in outputs)
    effective = bool(verbose) or form != "text" or bool(outputs)
    report = report.advised(solver=form != "text" or bool(outputs) or bool(verbose) or sys.stdout.isatty())
    told = outcome.Outcome.of([outcome.entry(report, file, effective=effective, edits=edits)])
    told = options.accepted(told, baseline, today)
    options.write(told, form, outputs, color=color, verbose=verbose, statistics=statistics)
    if form == "text" and sys.stdout.isatty():
        options.hint_at_solver(report)
    return int(Exit.VIOLATIONS if options.failing(told, strict=strict) else Exit.CLEAN)


def _read(file: str) -> tuple[bytes, str]:
    if file == "-":
        return sys.stdin.buffer.read(), "<stdin>"
    from preroll import source

    return source.read_file(file), file


def _complain(error: ValueError, name: str) -> None:
    """An argument that `check` refuses is the user's to mend."""
    from preroll.cli.complaints import Usage
    from preroll.recognition import Unrecognised

    if isinstance(error, Unrecognised):
        raise Usage(f"{name}: {error}") from None
    if type(error) is ValueError:
        raise Usage(str(error)) from None


def _parameters(given: tuple[str, ...]) -> dict[str, str]:
    from preroll.cli.complaints import Usage

    found = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals or key.partition(".")[0] not in ("header", "path", "query", "cookie"):
            raise Usage(f"--param {each!r} is not PLACE.NAME=VALUE, for example header.X-Version=1")
        found[key] = value
    return found
