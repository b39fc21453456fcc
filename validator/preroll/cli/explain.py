"""
`preroll explain`: a rule's page.
"""

from __future__ import annotations

import sys

import click

from preroll.cli import options
from preroll.cli.exits import Exit


@click.command("explain", short_help="explain a rule, with an example that breaks it and one that does not")
@click.argument("rule", metavar="RULE-ID", required=False)
@options.documents
def command(rule: str | None, documents: tuple[str, ...]) -> int:
    """Show a rule's page; without RULE-ID, list every rule."""
    from preroll import catalogue, spelling
    from preroll.cli.complaints import Usage

    registry = options.registry(documents)
    if rule is None:
        every = list(catalogue.pages(registry))
        widest = max(len(each.id) for each in every)
        sys.stdout.write("".join(f"{each.id:<{widest}}  {each.severity:<7}  {each.title}\n" for each in every))
        return int(Exit.CLEAN)
    found = catalogue.page(registry, rule)
    if found is None:
        near = spelling.nearest(rule, [each.id for each in catalogue.pages(registry)], spelling.LOOSE)
        hint = f"; did you mean {near[0]}?" if near else "; `preroll explain` lists them"
        raise Usage(f"there is no rule {rule!r}{hint}")
    sys.stdout.write(catalogue.markdown(found))
    return int(Exit.CLEAN)
