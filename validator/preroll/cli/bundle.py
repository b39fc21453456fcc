"""
`preroll bundle`: a self-contained JSON Schema of a target.
"""

from __future__ import annotations

import sys

import click

from preroll.cli import options
from preroll.cli.exits import Exit


@click.command("bundle", short_help="write a self-contained JSON Schema, for editors and other languages")
@click.argument("target", metavar="TARGET")
@click.option(
    "--draft", type=click.Choice(["2020-12", "7"]), default="2020-12", show_default=True, help="Draft of JSON Schema."
)
@click.option("--strict", is_flag=True, help="Let warnings refuse, too.")
@click.option("--output", "path", metavar="FILE", default="-", help="Where to write it; - is stdout.")
@options.documents
def command(
    target: str,
    draft: str,
    strict: bool,  # noqa: FBT001  # click passes options by name
    path: str,
    documents: tuple[str, ...],
) -> int:
    """
    Write the JSON Schema of TARGET's requests: the corrected document, its envelope and its rules.

    What a schema cannot say is listed in it under x-preroll-not-expressed, and on standard error.
    """
    from preroll import bundle
    from preroll.cli.complaints import Usage
    from preroll.render.json_ import dumped
    from preroll.render.text import shown

    registry = options.registry(documents)
    try:
        made = bundle.bundle(registry, registry.resolve(target), draft=draft, strict=strict)
    except ValueError as error:
        raise Usage(str(error)) from None
    text = dumped(made.schema)
    if path == "-":
        sys.stdout.write(text)
    else:
        try:
            with open(path, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  # pathlib costs start-up
                file.write(text)
        except OSError as error:
            raise Usage(f"{path} cannot be written: {error.strerror}") from None
    warnings = [each for each in made.left if each.warning]
    for each in made.left:
        if not each.warning:
            sys.stderr.write(shown(f"not expressed: {each.id}: {each.why}") + "\n")
    if warnings:
        sys.stderr.write(f"not expressed: {len(warnings)} rules that only warn (--strict expresses them)\n")
    return int(Exit.CLEAN)
