"""
`preroll baseline`: accept what is known, so that only what is new fails.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from preroll.cli import options
from preroll.cli.exits import Exit

if TYPE_CHECKING:
    from preroll.baseline import Baseline
    from preroll.outcome import Outcome


@click.command("baseline", short_help="accept the violations that are known, or drop those that are gone")
@click.argument("file", metavar="FILE")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option("--prune", is_flag=True, help="Only drop what is gone; accept nothing new.")
@click.option("--check", "only", is_flag=True, help="Write nothing; exit 1 if the file would change.")
@click.option("--reason", default="", help="Why what is new is accepted.")
@click.option("--expires", metavar="DATE", default="", help="The last day (YYYY-MM-DD) on which it is.")
@click.option("--as", "target", metavar="TARGET", help="What the payloads are meant for; else found from each.")
@click.option("--today", metavar="DATE", help="The date that counts as today; default: today in UTC.")
@options.documents
def command(
    file: str,
    paths: tuple[str, ...],
    prune: bool,  # noqa: FBT001  # click passes options by name
    only: bool,  # noqa: FBT001
    reason: str,
    expires: str,
    target: str | None,
    today: str | None,
    documents: tuple[str, ...],
) -> int:
    """
    Write the violations that `lint` finds in PATH... into FILE, for `--baseline FILE` to accept.

    What is there already keeps its reason and its date, what is gone is dropped, what is new is added. Without
    PATH the files of the last time are linted again.
    """
    from preroll import baseline, rewriting, source
    from preroll.cli.complaints import Usage

    for each, name in ((expires, "--expires"), (today, "--today")):
        options.date_given(each or None, name)
    root = os.path.dirname(os.path.abspath(file))  # noqa: PTH100, PTH120  # pathlib knows no way up
    raw = source.read_file(file) if os.path.exists(file) else b""  # noqa: PTH110
    old = baseline.read(raw, file) if raw else baseline.Baseline()
    names = paths or tuple(os.path.relpath(os.path.join(root, each)) for each in old.paths)  # noqa: PTH118
    if not names:
        raise Usage("say what to lint: files or folders")
    outcome = _linted(names, target, today, documents)
    kept = tuple(baseline.file_name(each, root) for each in names)
    new = baseline.brought_up(old, outcome, root=root, paths=kept, reason=reason, expires=expires, prune=prune)
    text = baseline.written(new).encode()
    _tell(file, old, new, outcome, prune=prune)
    if only:
        return int(Exit.VIOLATIONS if text != raw else Exit.CLEAN)
    try:
        if raw:
            rewriting.write_file(file, text)
        else:
            with open(file, "xb") as stream:  # noqa: PTH123
                stream.write(text)
    except OSError as error:
        raise Usage(f"{file} cannot be written: {error.strerror}") from None
    return int(Exit.CLEAN)


def _linted(names: tuple[str, ...], target: str | None, today: str | None, documents: tuple[str, ...]) -> Outcome:
    """What `lint` finds, with the settings that it would use."""
    from preroll import settings as settled
    from preroll.assembly import Assembly
    from preroll.jobs import Linter, Options, Walk, lint
    from preroll.jobs.vetting import vet
    from preroll.outcome import Outcome

    settings = settled.found()
    registry = Assembly(
        (*settings.paths("documents"), *documents), settings.paths("rules"), settings.paths("envelopes")
    )()
    vet(settings, registry)
    given = Options(
        settings=settings,
        target=target,
        as_published=settings.get("as-published", False),
        today=options.date_given(today),
        unknown=settings.get("unknown", Options.unknown),
        advised=0,
    )
    linter = Linter(registry, given)
    include, exclude = tuple(settings.get("include", ())), tuple(settings.get("exclude", ()))
    walk = Walk(include=include, exclude=exclude, fits=settings.fits)
    entries = [entry for result in lint(linter, walk.files(names)) for entry in result.entries]
    return Outcome.of(entries)


def _tell(file: str, old: Baseline, new: Baseline, outcome: Outcome, *, prune: bool) -> None:
    from preroll.judgement import UNREADABLE

    before = {each.fingerprint for each in old.known}
    after = {each.fingerprint for each in new.known}
    added, gone = len(after - before), len(before - after)
    sys.stderr.write(f"{file}: {len(after)} accepted, {added} of them new, {gone} gone\n")
    found = sum(each.violation.severity != "info" for entry in outcome.entries for each in entry.found)
    if prune and found > len(after):
        sys.stderr.write(f"{file}: {found - len(after)} more were found and are not accepted\n")
    if outcome.counts[UNREADABLE]:
        sys.stderr.write(f"{file}: {outcome.counts[UNREADABLE]} payloads cannot be read, which no baseline accepts\n")
