"""
`preroll update`: take up a newer vendor document, after showing what it changes.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preroll.cli import diff, options
from preroll.cli.exits import Exit
from preroll.document import digest

if TYPE_CHECKING:
    from preroll.registry import Registry

FOLDER = "documents"
"""Where a project keeps its documents unless its settings say otherwise."""

PROVENANCE = "sources.toml"
"""What is known of the documents in that folder: where they come from, and when they were taken up."""


@click.command("update", short_help="take up a newer vendor document, after showing what it changes")
@click.argument("document", metavar="DOCUMENT")
@click.option("--to", "folder", metavar="FOLDER", help="The project's documents folder; default: that of the settings.")
@click.option("--origin", metavar="URL", default="", help="Where the document was fetched, for the record.")
@click.option("--only", multiple=True, metavar="TARGET", help="Compare only this target. Repeatable.")
@click.option("--jobs", multiple=True, metavar="PATH", help="Run stored job files through both documents. Repeatable.")
@click.option("--acknowledged", metavar="FILE", help="Changes that were accepted: fingerprint, reason, expiry.")
@click.option("--yes", is_flag=True, help="Take it up even where callers break.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--today", metavar="DATE", help="The date (YYYY-MM-DD) that counts as today; default: today in UTC.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to colour the text."
)
@click.option("-v", "--verbose", count=True, help="Say more: notes, words, what is unchanged.")
def command(
    document: str,
    folder: str | None,
    origin: str,
    only: tuple[str, ...],
    jobs: tuple[str, ...],
    acknowledged: str | None,
    yes: bool,  # noqa: FBT001  # click passes options by name
    dry_run: bool,  # noqa: FBT001
    today: str | None,
    color: str,
    verbose: int,
) -> int:
    """
    Show what DOCUMENT changes against the one in use, then write it to the project's documents folder.

    A document there takes the place of the bundled one. Where callers break nothing is written and the exit code
    is 1, unless --yes is given. DOCUMENT may be a file, `-`, or `git:REV:PATH`.
    """
    from preroll.compat.loading import content, in_use, registry_of
    from preroll.render.changes import render

    root = _folder(folder)
    day = options.today(today)
    raw = content(document, sys.stdin.buffer)
    new = registry_of(raw, document)
    old = in_use(new, root)
    if old is None:
        sys.stdout.write("no document in use describes any of its targets: all of them are new\n")
        broken = False
    else:
        told = diff.compared(old, new, ("in use", document), only=only, jobs=jobs, acknowledged=acknowledged, today=day)
        text = render(told, "text", colour=options.colourful(color), width=options.width(), verbose=verbose)
        sys.stdout.write(text)
        broken = told.breaking
    if dry_run:
        return int(Exit.VIOLATIONS if broken else Exit.CLEAN)
    if broken and not yes:
        sys.stdout.write("nothing was written: callers break (--yes takes the document up all the same)\n")
        return int(Exit.VIOLATIONS)
    facts = {"given": document, "origin": origin, "date": datetime.now(UTC).date().isoformat()}
    path = _write(root, old, new, raw, facts)
    sys.stdout.write(f"written to {path}; name {root} in --documents or in the settings (documents = [...])\n")
    return int(Exit.CLEAN)


def _folder(given: str | None) -> Path:
    if given is not None:
        return Path(given)
    from preroll import settings

    found = settings.found()
    folders = [Path(each) for each in found.paths("documents") if Path(each).is_dir() or not Path(each).suffix]
    return folders[0] if folders else found.root / FOLDER


def _write(root: Path, old: Registry | None, new: Registry, raw: bytes, facts: dict[str, str]) -> Path:
    """The document's file, written whole or not at all, and its line of provenance."""
    from preroll.cli.complaints import Usage
    from preroll.compat.loading import suffix
    from preroll.target import slug

    read = new.document(next(iter(new.targets.values())))
    path = _known(root, old) or root / f"{slug(read.label)}{suffix(raw, facts['given'])}"
    facts |= {"vendor": read.vendor, "title": read.title, "version": read.version, "sha256": digest(raw)}
    try:
        root.mkdir(parents=True, exist_ok=True)
        _replaced(path, raw)
        _record(root / PROVENANCE, path.name, facts)
    except OSError as error:
        raise Usage(f"{path} cannot be written: {error.strerror}") from None
    return path


def _known(root: Path, old: Registry | None) -> Path | None:
    """The file in the folder that the document takes the place of."""
    for each in old.documents if old is not None else ():
        path = Path(getattr(each, "name", ""))
        if path.name and path.is_file() and path.resolve().parent == root.resolve():
            return path
    return None


def _replaced(path: Path, raw: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_bytes(raw)
    draft.replace(path)


def _record(file: Path, name: str, facts: dict[str, str]) -> None:
    """One table for each document, in the form of the package's own list of sources."""
    import json
    import tomllib

    known: list[dict[str, object]] = []
    if file.is_file():
        try:
            listed = tomllib.loads(file.read_text(encoding="utf-8")).get("document", [])
        except ValueError:
            listed = []
        known = [each for each in listed if isinstance(each, dict) and each.get("file") != name]
    known.append({"file": name, **{key: value for key, value in facts.items() if value}})
    lines = ["# Where these documents come from; written by `preroll update`."]
    for each in sorted(known, key=lambda entry: str(entry.get("file"))):
        # A basic string of TOML is written as JSON writes it.
        lines += [
            "",
            "[[document]]",
            *(f"{key} = {json.dumps(str(value), ensure_ascii=False)}" for key, value in each.items()),
        ]
    _replaced(file, ("\n".join(lines) + "\n").encode())
