"""
`preroll audit`: defects of the documents themselves.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from preroll.cli import options
from preroll.cli.exits import Exit, worst

if TYPE_CHECKING:
    from preroll.audit import Audit
    from preroll.document import Document
    from preroll.registry import Registry


@click.command("audit", short_help="find the defects of a vendor's document")
@click.argument("names", nargs=-1, metavar="DOCUMENT|TARGET...")
@click.option("--intended", is_flag=True, help="Audit what the corrections leave, not the document as published.")
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="How long proofs about one document may take.",
)
@options.documents
@options.report
def command(  # one argument per option
    names: tuple[str, ...],
    intended: bool,  # noqa: FBT001  # click passes options by name
    strict: bool,  # noqa: FBT001
    seconds: float,
    documents: tuple[str, ...],
    form: str,
    outputs: tuple[str, ...],
    color: str,
    verbose: int,
) -> int:
    """
    Say where a vendor's document contradicts itself, its own examples and its own words.

    Each DOCUMENT is a file (OpenAPI 3.0-3.2 or JSON Schema), the name of a bundled document or of a vendor; each
    TARGET stands for its document, with proofs about that target alone. Without any: every document known.

    Exit code 0: no findings of level error, 1: some, 2: a document cannot be used.
    """
    from preroll.audit import SOLVER, audit, solver
    from preroll.cli.complaints import complaint
    from preroll.document import DocumentError
    from preroll.unreadable import Unreadable

    found: list[Audit] = []
    codes = [Exit.CLEAN]
    for name in names or ("",):
        try:
            chosen = list(_chosen(name, documents))
        except (DocumentError, Unreadable) as error:
            codes.append(Exit(complaint(error)))
            continue
        for registry, document, targets, shown in chosen:
            try:
                done = audit(registry, document, intended=intended, seconds=seconds, targets=targets, name=shown)
            except DocumentError as error:
                codes.append(Exit(complaint(error)))
                continue
            found.append(done)
            failing = done.counts["error"] or (strict and done.counts["warning"])
            codes.append(Exit.VIOLATIONS if failing else Exit.CLEAN)
    if found:
        _write(found, form, outputs, color=color, verbose=verbose)
    if found and not solver():
        sys.stderr.write(f"preroll: without the constraint model nothing was proved; for proofs: {SOLVER}\n")
    return int(worst(codes))


def _chosen(name: str, documents: tuple[str, ...]) -> list[tuple[Registry, Document, frozenset[str], str]]:
    """The documents that a name means, each with its registry, the targets asked for, and how it is called."""
    from preroll.cli.complaints import Usage
    from preroll.document import Document
    from preroll.registry import UnknownTarget

    if not name and documents:
        return [each for path in documents for each in _of_file(path)]
    if name and os.path.exists(name):  # noqa: PTH110  # as everywhere in the CLI
        return _of_file(name)
    registry = options.registry(documents)
    keys = [each.name if isinstance(each, Document) else each.key for each in registry.documents]
    if not name:
        return [(registry, registry.document(key), frozenset(), key) for key in keys]
    wanted = [key for key in keys if name in _names(key)]
    if wanted:
        return [(registry, registry.document(key), frozenset(), key) for key in wanted]
    try:
        target = registry.resolve(name)
    except UnknownTarget as error:
        if name.endswith((".json", ".yaml", ".yml")):
            return _of_file(name)  # which says what is wrong with the file
        raise Usage(f"{error}; a document can be given as a file") from None
    return [(registry, registry.document(target), frozenset((target.name, *target.branches)), target.document)]


def _of_file(path: str) -> list[tuple[Registry, Document, frozenset[str], str]]:
    from pathlib import Path

    from preroll.registry import Registry

    files = [path]
    if Path(path).is_dir():
        files = [
            str(each)
            for each in sorted(Path(path).rglob("*"))
            if each.suffix in (".json", ".yaml", ".yml") and each.is_file()
        ]
    found = []
    for each in files:
        registry = Registry.load(each)
        found.append((registry, registry.document(str(Path(each))), frozenset[str](), each))
    return found


def _names(key: str) -> tuple[str, ...]:
    """What a bundled document is called: its key, its file's name with and without endings, its vendor."""
    vendor, _, file = key.rpartition("/")
    stem = file.removesuffix(".json").removesuffix(".openapi")
    return key, file, stem, f"{vendor}/{stem}", vendor


def _write(found: list[Audit], form: str, outputs: tuple[str, ...], *, color: str, verbose: int) -> None:
    """Print the findings, and write the further reports that were asked for."""

    def rendered(named: str, *, printed: bool) -> str:
        return _rendered(found, named, colour=printed and options.colourful(color), printed=printed, verbose=verbose)

    options.write_each(rendered, form, outputs)


def _rendered(found: list[Audit], form: str, *, colour: bool, printed: bool, verbose: int) -> str:
    """Findings in a format; those that audits have no form of their own for show them as violations."""
    from preroll.render import audit, render

    width = options.width() if printed else 100
    if form == "text":
        return audit.text(found, colour=colour, width=width, verbose=verbose)
    if form == "json":
        return audit.json_(found)
    if form == "markdown":
        return audit.markdown(found)
    outcome = audit.outcome(found, {each.document: options.raw_of(each.document) for each in found})
    return render(outcome, form, colour=colour, width=width, verbose=1)
