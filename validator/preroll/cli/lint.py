"""
`preroll lint`: stored job files and folders of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preroll.cli import options
from preroll.cli.exits import Exit, worst

if TYPE_CHECKING:
    from preroll.jobs import File, Linter, Result, Walk
    from preroll.outcome import Entry
    from preroll.registry import Registry
    from preroll.settings import Settings

PORTION = 500
"""Payloads to tell of that are gathered before the text format writes them: a long run shows what it has."""

MANY = 20
"""Files without payloads that are named; the others are counted, and named with -v."""


@click.command("lint", short_help="check stored job files: JSON, JSONL, YAML, folders")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--select", "select", multiple=True, metavar="JSONPATH", help="Which values are payloads (RFC 9535).")
@click.option("--as", "target", metavar="TARGET", help="What the payloads are meant for; else found from each.")
@click.option("--include", multiple=True, metavar="GLOB", help="Which files of a folder to take. Repeatable.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Which files and folders to leave out. Repeatable.")
@click.option(
    "--changed",
    is_flag=False,
    flag_value="HEAD",
    default=None,
    metavar="[REV]",
    help="Only files that differ from a Git revision (HEAD by default), new ones included.",
)
@click.option("--ignore", "ignored", multiple=True, metavar="RULE", help="Do not tell of this rule. Repeatable.")
@click.option("--jobs", "processes", type=click.IntRange(min=1), metavar="N", help="How many processes to use.")
@click.option(
    "--stdin-format",
    "stdin_format",
    type=click.Choice(["json", "jsonc", "jsonl", "yaml"]),
    help="The format of standard input; else found from its content.",
)
@click.option("--fix", "fix", is_flag=True, help="Apply fixes that change no meaning, then check what is left.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Apply fixes that change what is meant, too.")
@click.option("--diff", "diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--settings", "file", metavar="FILE", help="Where the settings are; else the nearest upwards.")
@click.option("--no-settings", is_flag=True, help="Use no settings.")
@click.option("--allow-empty", is_flag=True, help="Finding no payload is no mistake: for hooks that name any file.")
@click.option("--no-progress", is_flag=True, help="Show no progress, not even on a terminal.")
@options.judging
@options.documents
@options.known
@options.report
def command(  # one argument per option
    paths: tuple[str, ...],
    select: tuple[str, ...],
    target: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    changed: str | None,
    ignored: tuple[str, ...],
    processes: int | None,
    stdin_format: str | None,
    fix: bool,  # noqa: FBT001  # click passes options by name
    unsafe: bool,  # noqa: FBT001
    diff: bool,  # noqa: FBT001
    file: str | None,
    no_settings: bool,  # noqa: FBT001
    allow_empty: bool,  # noqa: FBT001
    no_progress: bool,  # noqa: FBT001
    as_published: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
    today: str | None,
    unknown: str | None,
    documents: tuple[str, ...],
    outputs: tuple[str, ...],
    color: str,
    verbose: int,
    baseline: str | None,
    statistics: bool,  # noqa: FBT001
    form: str,
) -> int:
    """
    Check the jobs in files and folders (JSON, JSONC, JSONL, YAML, also as .gz and .zst; - is standard input).

    Exit code 0: all would be accepted (warnings allowed), 1: some would be refused, 2: something cannot be read,
    or no payload was found anywhere.
    """
    from preroll import settings as settled  # `--help` does without
    from preroll.cli.complaints import Usage
    from preroll.jobs.running import collect_rarely, lint
    from preroll.jobs.texts import LINES
    from preroll.jobs.vetting import vet

    context = click.get_current_context()
    settings = settled.NONE if no_settings else _settings(file)
    registry_of = _assembly(documents, settings)
    registry = registry_of()
    vet(settings, registry)
    _vet_options(registry, ignored, select)
    given = {
        "as_published": as_published or settings.get("as-published", False),
        "unknown": _chosen(context, "unknown", unknown, settings.get("unknown")),
        "today": options.date_given(today),
        "information": bool(verbose),
        "form": LINES if stdin_format == "jsonl" else stdin_format or "",
        "edits": "sarif" in (form, *(each.partition(":")[0] for each in outputs)),
    }
    linter = _linter(registry, settings, ignored, target=target, select=select, **given)
    walk = _walk(settings, include, exclude)
    names, changed = _names(paths, changed)
    if changed is not None:
        names = _changed(changed, names)
    elif not names:
        raise Usage("say what to lint: files, folders, or - for standard input")
    refused = False
    if fix or unsafe or diff:
        files = list(_files(walk, names, only=changed is not None))
        changed_any, refused = _fix(linter, files, unsafe=unsafe, diff=diff)
        if diff:
            return int(Exit.VIOLATIONS if changed_any else Exit.CLEAN)
        # What was looked for once is looked for again: the walk remembers what it has told.
        walk = _walk(settings, include, exclude)
    collect_rarely()
    run = _Run(
        form=form,
        outputs=outputs,
        color=color,
        verbose=verbose,
        baseline=baseline,
        today=today,
        statistics=statistics,
        allow_empty=allow_empty,
        refused=refused,
    )
    found = _files(walk, names, only=changed is not None)
    number = processes or settings.get("jobs", 1)
    interrupted = False
    with _Progress(shown=not no_progress) as advance:
        try:
            for result in lint(linter, found, number, remake=registry_of):
                run.take(result)
                advance(result)
        except KeyboardInterrupt:
            interrupted = True
    return run.finish(walk, strict=strict or settings.get("strict", False), interrupted=interrupted)


def _fix(linter: Linter, found: Iterable[File], *, unsafe: bool, diff: bool) -> tuple[bool, bool]:
    """
    Fix files, or show what fixing would change; each change is told, and why a file was left.

    Returns:
        Whether there was something to fix, and whether a file could not be written.
    """
    from preroll.jobs.fixing import fixed
    from preroll.render.text import shown
    from preroll.rewriting import write_file

    some = refused = False
    for file in found:
        done = fixed(linter, file, unsafe=unsafe)
        if done.left:
            sys.stderr.write(shown(f"preroll: {file.shown}: {done.left}") + "\n")
        if done.after == done.before:
            continue
        some = True
        if diff:
            sys.stdout.write(done.diff())
        else:
            try:
                write_file(file.name, done.after)
            except OSError as error:
                refused = True
                text = f"preroll: {file.shown}: it was not fixed: it cannot be written: {error.strerror}"
                sys.stderr.write(shown(text) + "\n")
                continue
        verb = "would fix" if diff else "fixed"
        for each in done.changes:
            text = f"{verb} {file.shown}:{each.line}:{each.column} {each.violation.rule}: {each.fix.title}"
            sys.stderr.write(shown(text) + "\n")
    return some, refused


def _chosen(context: click.Context, name: str, value: Any, settled: Any) -> Any:
    """An option that was given, else the setting, else the option's default."""
    from click.core import ParameterSource

    given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return value if given or settled is None else settled


def _vet_options(registry: Registry, ignored: tuple[str, ...], select: tuple[str, ...]) -> None:
    from preroll.cli.complaints import Usage
    from preroll.jobs import vetting

    known = vetting.rules(registry) if ignored else ()
    for each in ignored:
        if each not in known:
            near = vetting.nearest(each, known)
            hint = f"did you mean {near!r}?" if near else "`preroll explain` lists them"
            raise Usage(f"--ignore: there is no rule {each!r}; {hint}")
    if not all(each.strip() for each in select):
        raise Usage("--select: it is empty; write a JSONPath such as '$.jobs[*]'")


def _settings(file: str | None) -> Settings:
    from preroll import settings

    if file is None:
        return settings.found()
    read = settings.read(Path(file))
    if read is None:
        raise settings.SettingsError(file, "tool.preroll", "there is no such table in it")
    return read


def _assembly(documents: tuple[str, ...], settings: Settings) -> Any:
    from preroll.assembly import Assembly

    return Assembly((*settings.paths("documents"), *documents), settings.paths("rules"), settings.paths("envelopes"))


def _linter(registry: Registry, settings: Settings, ignored: tuple[str, ...], **given: Any) -> Linter:
    from dataclasses import replace

    from preroll.jobs import Linter, Options

    if ignored:
        settings = replace(settings, values={**settings.values, "ignore": [*settings.get("ignore", ()), *ignored]})
    return Linter(registry, Options(settings=settings, **given))


def _walk(settings: Settings, include: tuple[str, ...], exclude: tuple[str, ...]) -> Walk:
    from preroll.jobs import Walk

    return Walk(
        include=include or tuple(settings.get("include", ())),
        exclude=(*settings.get("exclude", ()), *exclude),
        fits=settings.fits,
    )


def _names(paths: tuple[str, ...], changed: str | None) -> tuple[tuple[str, ...], str | None]:
    """`--changed jobs/`: what follows the option is a path where Git knows no such revision."""
    if changed is None or changed == "HEAD":
        return paths, changed
    from preroll.jobs.changes import is_revision

    if Path(changed).exists() and not is_revision(changed):
        return (changed, *paths), "HEAD"
    return paths, changed


def _changed(revision: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    from preroll.cli.complaints import Usage
    from preroll.jobs.changes import GitError, changed

    try:
        return tuple(changed(revision, paths))
    except GitError as problem:
        raise Usage(str(problem)) from None


def _files(walk: Walk, names: Iterable[str], *, only: bool) -> Iterator[File]:
    """The files behind the names; of changed ones only those that may hold jobs."""
    return walk.files(each for each in names if walk.wanted(each)) if only else walk.files(names)


class _Run:
    """What a run has found so far, and what of it has been written."""

    def __init__(
        self,
        *,
        form: str,
        outputs: tuple[str, ...],
        color: str,
        verbose: int,
        baseline: str | None,
        today: str | None,
        statistics: bool,
        allow_empty: bool,
        refused: bool,
    ) -> None:
        self.form, self.outputs, self.color, self.verbose = form, outputs, color, verbose
        self.baseline, self.today, self.statistics = baseline, today, statistics
        self.allow_empty, self.refused = allow_empty, refused
        self.entries: list[Entry] = []
        self.counts: dict[str, int] = {"files": 0}
        self.skips: list[tuple[str, str]] = []
        self.empty: list[tuple[str, str]] = []
        self.remarks: list[str] = []
        self.begun = ""
        # Only plain text can be written in portions; everything else needs the whole.
        self.portions = form == "text" and not outputs and baseline is None and not statistics

    def take(self, result: Result) -> None:
        """Count a result, keep what is to be told of it, and write what is enough for a portion."""
        self.counts["files"] += result.done
        for verdict, number in result.counts.items():
            self.counts[verdict] = self.counts.get(verdict, 0) + number
        shown = self.verbose or not self.portions
        self.entries += [each for each in result.entries if shown or each.found or each.problem]
        if result.empty:
            self.empty.append((result.file, result.empty))
        if self.verbose:
            self.skips += result.skips
        self.remarks += result.remarks
        if self.portions and len(self.entries) >= PORTION:
            self._flush("" if result.done else result.file)

    def _flush(self, unfinished: str) -> None:
        from preroll.outcome import Outcome
        from preroll.render import text

        told = Outcome(tuple(self.entries), {})
        sys.stdout.write(
            text.render(
                told,
                colour=options.colourful(self.color),
                width=options.width(),
                verbose=self.verbose,
                summary=False,
                begun=self.begun,
                unfinished=unfinished,
            )
            + "\n"
        )
        sys.stdout.flush()
        self.entries, self.begun = [], unfinished

    def finish(self, walk: Walk, *, strict: bool, interrupted: bool) -> int:
        """Write the rest with the counts, complain of what was not found, and say the exit code."""
        from preroll.judgement import UNREADABLE
        from preroll.outcome import VERDICTS, Entry, Outcome

        for fault in walk.faults:
            self.counts[UNREADABLE] = self.counts.get(UNREADABLE, 0) + 1
            problem = (fault.line, fault.column, fault.problem, fault.advice)
            self.entries.append(Entry(source=fault.source, verdict=UNREADABLE, problem=problem))
        counts = {each: self.counts.get(each, 0) for each in ("files", "payloads", *VERDICTS, "skipped")}
        counts["payloads"] = sum(counts[each] for each in VERDICTS)
        counts["skipped"] += len(walk.skipped)
        skipped = (*walk.left, *walk.skipped, *self.skips) if self.verbose else ()
        outcome = Outcome(tuple(self.entries), counts, tuple(skipped))
        outcome = options.accepted(outcome, self.baseline, self.today)
        options.write(
            outcome,
            self.form,
            self.outputs,
            color=self.color,
            verbose=self.verbose,
            statistics=self.statistics,
            begun=self.begun,
        )
        self._complain(walk, interrupted=interrupted, payloads=counts["payloads"])
        codes = [Exit.CLEAN]
        if interrupted:
            codes.append(Exit.INTERRUPTED)
        if self.refused or outcome.counts.get(UNREADABLE) or not (outcome.counts["payloads"] or self.allow_empty):
            codes.append(Exit.USAGE)
        if options.failing(outcome, strict=strict):
            codes.append(Exit.VIOLATIONS)
        return int(worst(codes))

    def _complain(self, walk: Walk, *, interrupted: bool, payloads: int) -> None:
        from preroll.render.text import shown

        sys.stderr.writelines(f"preroll: {shown(each)}\n" for each in self.remarks)
        if self.allow_empty and not self.verbose:
            self.empty = []
        for name, reason in self.empty[: None if self.verbose else MANY]:
            sys.stderr.write(f"preroll: {shown(name)}: {reason}\n")
        more = 0 if self.verbose else len(self.empty) - MANY
        if more > 0:
            sys.stderr.write(f"preroll: {more:,} more files hold no payload (-v names them)\n")
        if not payloads and not interrupted and not self.allow_empty:
            advice = "say which values are payloads with --select"
            if walk.out and not self.counts["files"]:
                said = ", ".join(f"{number:,} {reason}" for reason, number in walk.out.items())
                advice = f"every file there was left out: {said}" + ("" if self.verbose else " (-v names them)")
            sys.stderr.write(f"preroll: no payload was found; {advice}\n")
        if interrupted:
            sys.stderr.write("preroll: interrupted; this is what was found so far\n")


class _Progress:
    """Counts on a terminal, once a run turns out to be long; nothing otherwise."""

    AFTER = 1.0

    def __init__(self, *, shown: bool) -> None:
        self.shown = shown and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> Any:
        import time

        self._begun = time.monotonic()
        self._last = 0.0
        self._files = self._payloads = 0
        return self.advance

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, result: Result) -> None:
        """A result has come in."""
        if not self.shown:
            return
        import time

        now = time.monotonic()
        self._files += result.done
        self._payloads += result.payloads
        if now - self._begun < self.AFTER or now - self._last < 0.1:
            return
        self._last = now
        from rich.text import Text

        if self._bar is None:
            from rich.console import Console
            from rich.live import Live

            # Without a thread of its own: processes may be forked beside it.
            self._bar = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
            self._bar.start()
        rate = self._payloads / max(now - self._begun, 0.1)
        line = f"{result.file}: {self._payloads:,} payloads in {self._files:,} files, {rate:,.0f} a second"
        self._bar.update(Text(line, overflow="ellipsis", no_wrap=True), refresh=True)
