"""
Options that several verbs share.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import click

from preroll.render import RENDERERS

if TYPE_CHECKING:
    from datetime import date

    from preroll.judgement import Report
    from preroll.outcome import Outcome
    from preroll.registry import Registry

Command = Callable[..., Any]


def documents(command: Command) -> Command:
    """`--documents PATH`, repeatable."""
    return click.option(
        "--documents",
        "documents",
        multiple=True,
        metavar="PATH",
        help="More or other vendor documents: files or folders (OpenAPI 3.0-3.2, JSON Schema; JSON or YAML).",
    )(command)


def report(command: Command) -> Command:
    """`--format`, `--output`, `--color` and `-v`."""
    command = click.option("-v", "--verbose", count=True, help="Say more: information, defaults, what was skipped.")(
        command
    )
    command = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="When to colour the text.",
    )(command)
    command = click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT:FILE",
        help="Also write a report; - is stdout. Repeatable.",
    )(command)
    return click.option(
        "--format",
        "form",
        type=click.Choice(list(RENDERERS)),
        default="text",
        help="What to print.",
        show_default=True,
    )(command)


def judging(command: Command) -> Command:
    """`--as-published`, `--strict`, `--today` and `--unknown`."""
    command = click.option(
        "--unknown",
        type=click.Choice(["warn", "error"]),
        default="warn",
        show_default=True,
        help="What a model is that no document describes.",
    )(command)
    command = click.option(
        "--today", metavar="DATE", help="The date (YYYY-MM-DD) that counts as today; default: today in UTC."
    )(command)
    command = click.option("--strict", is_flag=True, help="Warnings fail, too.")(command)
    return click.option(
        "--as-published",
        is_flag=True,
        help="Judge by the vendor's schema alone, without corrections and rules.",
    )(command)


def known(command: Command) -> Command:
    """`--baseline` and `--statistics`."""
    command = click.option(
        "--baseline",
        metavar="FILE",
        help="Accept the violations that this file lists (see `preroll baseline`).",
    )(command)
    return click.option(
        "--statistics", is_flag=True, help="Count the rules that were broken; text shows nothing else."
    )(command)


def accepted(outcome: Outcome, file: str | None, today: str | None) -> Outcome:
    """The outcome without what a baseline accepts; what has expired is told on standard error."""
    if file is None:
        return outcome
    from preroll import baseline, source
    from preroll.judgement import day
    from preroll.render.text import shown

    read = baseline.read(source.read_file(file), file)
    current = day(today)
    for each in read.expired(current):
        sys.stderr.write(
            shown(f"preroll: {file}: {each.rule} in {each.source} was accepted until {each.expires}") + "\n"
        )
    return baseline.accept(outcome, read, today=current, root=os.path.dirname(os.path.abspath(file)))  # noqa: PTH100, PTH120


def date_given(text: str | None, name: str = "--today") -> date | None:
    """
    The date that an option gives, or None where it is not given.

    Raises:
        Usage: it is no date.
    """
    from datetime import date

    from preroll.cli.complaints import Usage

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Usage(f"{name} {text!r} is no date; write it as 2025-01-31") from None


def today(text: str | None) -> date:
    """
    The date of `--today`; the current one in UTC where it is not given.

    Raises:
        Usage: it is no date.
    """
    from preroll.judgement import day

    return day(date_given(text))


def raw_of(document: str) -> bytes:
    """The bytes of a document by its name, for formats that show places in it; none where it is no file."""
    from pathlib import Path

    from preroll.registry import data_root

    for each in (Path(document), data_root() / document):
        if each.is_file():
            return each.read_bytes()
    return b""


def failing(outcome: Outcome, *, strict: bool) -> bool:
    """Whether a run fails: something is invalid, or carries a warning under `--strict`."""
    return bool(outcome.counts.get("invalid") or (strict and outcome.counts.get("warning")))


def registry(paths: tuple[str, ...]) -> Registry:
    """The bundled documents, with those of `--documents`."""
    from preroll.registry import Registry  # `--help` needs none

    return Registry.load(*paths) if paths else Registry.bundled()


def colourful(wish: str) -> bool:
    """Whether to write colours: only on a terminal, unless asked; NO_COLOR and TERM=dumb are heeded."""
    if wish != "auto":
        return wish == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of the terminal, 100 at most; 80 where there is none."""
    if not sys.stdout.isatty():
        return 80
    import shutil

    return max(60, min(100, shutil.get_terminal_size().columns))


def hint_at_solver(report: Report) -> None:
    """Where nothing simple mends a violation and the constraint model is not installed: how to get it."""
    from preroll.advice import has_solver

    if any(each.severity == "error" and not each.fixes for each in report.violations) and not has_solver():
        sys.stderr.write("preroll: for more fixes install the constraint model: pip install 'preroll[solver]'\n")


def write(
    outcome: Outcome,
    form: str,
    outputs: tuple[str, ...],
    *,
    color: str,
    verbose: int,
    statistics: bool = False,
    begun: str = "",
) -> None:
    """Print an outcome, and write the further reports that were asked for; `begun` is a file already told of."""
    from preroll.render import render

    def rendered(named: str, *, printed: bool) -> str:
        return render(
            outcome,
            named,
            colour=printed and colourful(color),
            width=width() if printed else 100,
            verbose=verbose,
            statistics=statistics,
            begun=begun,
        )

    write_each(rendered, form, outputs)


def write_each(
    rendered: Callable[..., str], form: str, outputs: tuple[str, ...], known: Collection[str] = RENDERERS
) -> None:
    """Print a report in a format, and write those of `--output`, as `rendered(format, printed=...)` has them."""
    from preroll.cli.complaints import Usage

    for named, path in destinations(form, outputs, known):
        text = rendered(named, printed=path == "-")
        if path != "-":
            try:
                with open(path, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  # pathlib costs start-up
                    file.write(text)
            except OSError as error:
                raise Usage(f"{path} cannot be written: {error.strerror}") from None
        else:
            sys.stdout.write(text)
            sys.stdout.flush()


def destinations(form: str, outputs: tuple[str, ...], known: Collection[str] = RENDERERS) -> list[tuple[str, str]]:
    """
    The formats that are asked for, each with its file (`-` is standard output).

    Args:
        form: that of `--format`, which is printed unless `--output` prints another.
        outputs: those of `--output`, as FORMAT:FILE.
        known: names of the formats.

    Raises:
        Usage: one of them is not FORMAT:FILE.
    """
    from preroll.cli.complaints import Usage

    wanted = [(form, "-")] if not any(each.endswith(":-") for each in outputs) else []
    for each in outputs:
        named, colon, path = each.partition(":")
        if not colon or named not in known or not path:
            shown = ", ".join(known)
            raise Usage(f"--output {each!r} is not FORMAT:FILE with one of the formats {shown}")
        wanted.append((named, path))
    return wanted
