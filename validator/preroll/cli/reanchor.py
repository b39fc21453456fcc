"""
`preroll reanchor`: fit corrections and rules to a document that has moved under them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from preroll.cli.exits import Exit


@click.command("reanchor", short_help="fit corrections and rules to a document that has moved under them")
@click.argument("document", metavar="DOCUMENT")
@click.option("--schemas", metavar="FOLDER", help="Where the vendors' files are; default: the ones in use.")
@click.option("--write", is_flag=True, help="Rewrite the files; comments and order are kept.")
def command(document: str, schemas: str | None, write: bool) -> int:  # noqa: FBT001  # click passes options by name
    """
    Say what a new DOCUMENT moved under the corrections and rules about its targets, and with --write mend it.

    A correction whose node has other content gets a fresh hash: whether it still means the same is for a
    reviewer to say. Exit code 1 where anything moved or could not be found again.
    """
    from preroll import anchors
    from preroll.registry import Registry, data_root

    registry = Registry.load(document)
    mine = [each for each in registry.targets.values() if each.document == document]
    moved = list(anchors.anchored(registry, mine, registry.document(document).raw, Path(schemas or data_root())))
    changed = [each for each in moved if each.told]
    for each in changed:
        sys.stdout.write(f"{each.file}\n" + "".join(f"  {line}\n" for line in each.told))
        if write:
            each.file.write_text(each.text, encoding="utf-8")
    if not changed:
        sys.stdout.write(f"every correction and rule about {document} still fits\n")
    elif write:
        sys.stdout.write("written; read the changes, then run `make compiled`\n")
    return int(Exit.VIOLATIONS if changed else Exit.CLEAN)
