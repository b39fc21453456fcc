"""
`preroll diff`: document against document, with the payload that proves what breaks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from preroll.cli import options
from preroll.cli.exits import Exit
from preroll.render.changes import RENDERERS

if TYPE_CHECKING:
    from datetime import date

    from preroll.compat.comparison import Comparison
    from preroll.registry import Registry


PATIENCE = 1.0
"""Seconds before progress is shown."""


@click.command("diff", short_help="say what changed between two documents, and who breaks")
@click.argument("documents", nargs=-1, metavar="[OLD] NEW", required=True)
@click.option("--bundled", is_flag=True, help="Compare NEW with the bundled document of its targets.")
@click.option(
    "--only", multiple=True, metavar="TARGET", help="Compare only this target (a name or a glob). Repeatable."
)
@click.option("--jobs", multiple=True, metavar="PATH", help="Run stored job files through both documents. Repeatable.")
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "dangerous", "any"]),
    default="breaking",
    show_default=True,
    help="Which changes end with exit code 1.",
)
@click.option(
    "--undecided",
    type=click.Choice(["breaking", "dangerous", "note"]),
    default="breaking",
    show_default=True,
    help="What a change is that could be neither proved nor excluded.",
)
@click.option("--acknowledged", metavar="FILE", help="Changes that were accepted: fingerprint, reason, expiry.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="How long one side of one target may take before it is unknown.",
)
@click.option(
    "--total",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    help="How many seconds the whole may take before what is left is unknown.",
)
@click.option("--as-published", is_flag=True, help="Without corrections and rules.")
@click.option("--today", metavar="DATE", help="The date (YYYY-MM-DD) that counts as today; default: today in UTC.")
@click.option(
    "--format", "form", type=click.Choice(list(RENDERERS)), default="text", help="What to print.", show_default=True
)
@click.option("--output", "outputs", multiple=True, metavar="FORMAT:FILE", help="Also write a report. Repeatable.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to colour the text."
)
@click.option("-v", "--verbose", count=True, help="Say more: notes, words, what is unchanged.")
def command(
    documents: tuple[str, ...],
    bundled: bool,  # noqa: FBT001  # click passes options by name
    only: tuple[str, ...],
    jobs: tuple[str, ...],
    fail_on: str,
    undecided: str,
    acknowledged: str | None,
    seconds: float,
    total: float,
    as_published: bool,  # noqa: FBT001
    today: str | None,
    form: str,
    outputs: tuple[str, ...],
    color: str,
    verbose: int,
) -> int:
    """
    Say what changed between OLD and NEW, which callers break, and show a payload that proves it.

    OLD and NEW are documents or folders of documents; `-` is standard input, `git:REV:PATH` a file of a revision.
    Exit code 0: no caller breaks, 1: some do (or it could not be decided), 2: a document cannot be read.
    """
    counted = options.today(today)
    old, new, names = _registries(documents, bundled=bundled)
    told = compared(
        old, new, names, only=only, jobs=jobs, acknowledged=acknowledged, undecided=undecided,
        published=as_published, today=counted, seconds=seconds, total=total,
    )  # fmt: skip
    _write(told, form, outputs, color=color, verbose=verbose)
    from preroll.cli.complaints import Usage
    from preroll.compat.gate import fails

    if jobs and not told.counted[0]:
        raise Usage(f"--jobs {' '.join(jobs)}: nothing there is a payload of these documents")
    return int(Exit.VIOLATIONS if fails(told, fail_on) else Exit.CLEAN)


def compared(
    old: Registry,
    new: Registry,
    names: tuple[str, str],
    *,
    only: tuple[str, ...] = (),
    jobs: tuple[str, ...] = (),
    acknowledged: str | None = None,
    undecided: str = "breaking",
    published: bool = False,
    today: date,
    seconds: float = 10.0,
    total: float = 300.0,
) -> Comparison:
    """
    The comparison that the command tells of.

    Raises:
        Usage: no target has a name that `--only` gives, or the acknowledgements cannot be used.
        Unreadable: a job file or the acknowledgements cannot be read.
    """
    from preroll.cli.complaints import Usage
    from preroll.compat import gate
    from preroll.compat.comparison import compare
    from preroll.compat.kinship import kin

    old, new = kin(old, new)  # the stored jobs are run through both, too
    progress = _Progress()
    try:
        told = compare(
            old, new, names=names, published=published, today=today, seconds=seconds, total=total, only=only,
            progress=progress,
        )  # fmt: skip
    finally:
        progress.done()
    if only and not told.targets:
        near = dict.fromkeys(each for name in only for known in (new, old) for each in known.near(name))
        guess = (
            f"; did you mean {' or '.join(list(near)[:3])}?"
            if near
            else " (`preroll targets --documents NEW` lists them)"
        )
        raise Usage(f"--only {' '.join(only)}: neither document has such a target{guess}")
    told = gate.regraded(told, undecided)
    if jobs:
        from preroll.compat.jobs import judged

        told = judged(told, old, new, _stored(old, jobs), published=published, today=today)
    if acknowledged is not None:
        from preroll import source

        raw = source.read(source.read_file(acknowledged), acknowledged)
        try:
            told = gate.acknowledged(told, gate.read(raw, acknowledged), today)
        except gate.AcknowledgementError as error:
            raise Usage(str(error)) from None
    return told


class _Progress:
    """One line on a terminal's standard error, once a comparison takes longer than people like to wait."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._shown = False

    def __call__(self, done: int, every: int, name: str) -> None:
        """Show how far it is; see `compare`."""
        if sys.stderr.isatty() and time.monotonic() - self._since > PATIENCE:
            from preroll.render.text import shown

            self._shown = True
            sys.stderr.write(f"\r\x1b[2K{done} of {every} targets compared: {shown(name)[:60]}")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def _registries(documents: tuple[str, ...], *, bundled: bool) -> tuple[Registry, Registry, tuple[str, str]]:
    from preroll.cli.complaints import Usage
    from preroll.compat.loading import bundled_beside, loaded

    if len(documents) != (1 if bundled else 2):
        wanted = "one document: NEW" if bundled else "two documents: OLD and NEW"
        raise Usage(f"give {wanted} (`preroll diff --help` shows how)")
    if documents.count("-") > 1:
        raise Usage("only one of the documents can come from standard input")
    if bundled:
        new = loaded(documents[0], sys.stdin.buffer)
        return bundled_beside(new), new, ("bundled", documents[0])
    old, new = (loaded(each, sys.stdin.buffer) for each in documents)
    return old, new, (documents[0], documents[1])


def _stored(registry: Registry, paths: tuple[str, ...]) -> Iterator[tuple[str, str, int | None, Any, str]]:
    """The payloads in job files: file, pointer, line, value, and the target's name where the file says it."""
    from preroll import pointer as pointers
    from preroll import source
    from preroll.jobs import texts
    from preroll.jobs.files import whole
    from preroll.jobs.finding import Finder, Found, Wrappers
    from preroll.jobs.walking import Walk

    finder = Finder(registry, Wrappers())
    walk = Walk()
    for file in walk.files(paths):
        with file.open() as stream:
            raw = whole(stream, file.shown)
        values: Iterator[tuple[Any, texts.Text]]
        if file.form == texts.LINES:
            values = (
                (source.read_json(line, f"{file.shown}:{number}"), texts.Text(line, texts.JSON, line=number))
                for number, line in enumerate(raw.split(b"\n"), 1)
                if line.strip()
            )
        else:
            values = texts.read(raw, file.form or texts.JSON, file.shown)
        for value, text in values:
            for each in finder.find(value):
                if isinstance(each, Found):
                    at = pointers.text(each.path)
                    line = text.place(at)[0]
                    yield file.shown, at, line, each.payload, each.target.name if each.target else ""
    for fault in walk.faults:
        raise fault


def _write(told: Comparison, form: str, outputs: tuple[str, ...], *, color: str, verbose: int) -> None:
    """Print the comparison, and write the further reports that were asked for."""
    from preroll.render.changes import render

    def rendered(named: str, *, printed: bool) -> str:
        return render(
            told,
            named,
            colour=printed and options.colourful(color),
            width=options.width() if printed else 100,
            verbose=verbose,
        )

    options.write_each(rendered, form, outputs, RENDERERS)
