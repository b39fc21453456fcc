"""
`preroll decode`: what a service's answer means for the payload that was sent.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from preroll.cli import options
from preroll.cli.exits import Exit

if TYPE_CHECKING:
    from preroll.refusals.decoding import Decoded


@click.command("decode", short_help="read a service's refusal as violations of the payload")
@click.argument("answer", default="-")
@click.option("--payload", metavar="FILE", help="The payload that was sent: JSON, JSONC or YAML.")
@click.option("--as", "target", metavar="TARGET", help="What the payload was meant for; else found from the payload.")
@click.option("--status", type=click.IntRange(100, 599), help="The HTTP status of the answer.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the answer; repeatable.")
@click.option("--today", metavar="DATE", help="The date (YYYY-MM-DD) that counts as today; default: today in UTC.")
@options.documents
@options.report
def command(  # one argument per option
    answer: str,
    payload: str | None,
    target: str | None,
    status: int | None,
    headers: tuple[str, ...],
    today: str | None,
    documents: tuple[str, ...],
    form: str,
    outputs: tuple[str, ...],
    color: str,
    verbose: int,
) -> int:
    """
    Say what the service's answer in ANSWER (- or nothing: standard input) complains of, where, and what to change.

    ANSWER holds the body alone, or a saved exchange: an object with status, headers and body, or what curl -i prints.
    With the payload that was sent, the complaints are violations of it, with places, allowed values and fixes.

    Exit code 0: the service took the payload, 1: it refused it, 4: the answer says nothing of the payload or is not
    understood, 2: something cannot be read.
    """
    from preroll import source
    from preroll.cli.complaints import Usage
    from preroll.pointer import ABSENT
    from preroll.refusals.decoding import decode

    if answer == "-" and payload == "-":
        raise Usage("the answer and the payload cannot both come from standard input; name a file for one of them")
    registry = options.registry(documents)
    raw = sys.stdin.buffer.read() if payload == "-" else source.read_file(payload) if payload is not None else None
    name = "<stdin>" if payload == "-" else payload or ""
    sent = source.read(raw, name) if raw is not None else ABSENT
    body = sys.stdin.buffer.read() if answer == "-" else source.read_file(answer)
    decoded = decode(
        body,
        sent,
        target,
        status=status,
        headers=_headers(headers) or None,
        registry=registry,
        today=options.date_given(today),
    )
    if raw is not None:
        decoded = replace(decoded, report=replace(decoded.report, raw=raw, source=name))
    shown = payload if payload is not None else answer
    _write(decoded, shown, form, outputs, color=color, verbose=verbose)
    return int(_exit(decoded))


def _exit(decoded: Decoded) -> Exit:
    from preroll.refusals import ACCEPTED, REFUSED

    return {ACCEPTED: Exit.CLEAN, REFUSED: Exit.VIOLATIONS}.get(decoded.outcome, Exit.INCONCLUSIVE)


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    from preroll.cli.complaints import Usage

    found = {}
    for each in given:
        name, colon, value = each.partition(":")
        if not colon or not name.strip():
            raise Usage("--header takes NAME: VALUE, for example 'Retry-After: 3'")
        found[name.strip()] = value.strip()
    return found


def _write(decoded: Decoded, source: str, form: str, outputs: tuple[str, ...], *, color: str, verbose: int) -> None:
    """Print what was decoded, and write the further reports that were asked for."""

    def rendered(form: str, *, printed: bool) -> str:
        from preroll.render import decoded as forms
        from preroll.render import render

        colour = printed and options.colourful(color)
        shared: dict[str, Any] = {"colour": colour, "width": options.width() if printed else 100, "verbose": verbose}
        if form == "text":
            solver = not printed or bool(verbose) or sys.stdout.isatty()
            return forms.text(decoded, source, solver=solver, **shared)
        if form == "json":
            return forms.json_text(decoded, source)
        told = forms.outcome(decoded, source, solver=True, edits=form == "sarif", notes=True)
        return render(told, form, **shared)

    options.write_each(rendered, form, outputs)
