"""
`preroll targets`: what is known.
"""

from __future__ import annotations

import sys

import click

from preroll.cli import options
from preroll.cli.exits import Exit


@click.command("targets", short_help="list what is known, with the documents' dates")
@options.documents
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What to print.")
def command(documents: tuple[str, ...], form: str) -> int:
    """List every target that preroll knows, with the document that describes it."""
    registry = options.registry(documents)
    rows = []
    for each in registry.targets.values():
        source = registry.source(each)
        rows.append(
            {
                "target": each.name,
                "request": f"{each.method} {each.path}".strip(),
                "operation_id": each.operation_id,
                "document": source.title,
                "version": source.version,
                "date": source.date,
                "summary": each.summary,
            }
        )
    if form == "json":
        import orjson

        data = orjson.dumps({"targets": rows}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        sys.stdout.write(data.decode())
        return int(Exit.CLEAN)
    widest = max((len(row["target"]) for row in rows), default=0)
    for label in dict.fromkeys((row["document"], row["version"], row["date"]) for row in rows):
        title, version, date = label
        dated = f", {date}" if date and date != version else ""
        sys.stdout.write(f"{title} ({version}{dated})\n")
        for row in rows:
            if (row["document"], row["version"], row["date"]) == label:
                sys.stdout.write(f"  {row['target']:<{widest}}  {row['request']}".rstrip() + "\n")
    return int(Exit.CLEAN)
