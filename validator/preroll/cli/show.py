"""
`preroll show`: what one target takes, and on which conditions.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from preroll.cli import options
from preroll.cli.exits import Exit

if TYPE_CHECKING:
    from preroll.capabilities import Capabilities, Parameter
    from preroll.registry import Registry
    from preroll.target import Target


@click.command("show", short_help="show what a target takes, and on which conditions")
@click.argument("name", metavar="TARGET", required=False)
@click.option("--all", "every", is_flag=True, help="Every target.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What to print.")
@options.documents
def command(name: str | None, every: bool, form: str, documents: tuple[str, ...]) -> int:  # noqa: FBT001
    """
    Show a target: parameters with limits and defaults, conditions, rules with the vendor's words, corrections
    with their evidence, and what cannot be checked.

    `--all --format json` is a table of capabilities for other programs; its schema is docs/json/show.schema.json.
    """
    from preroll.cli.complaints import Usage

    registry = options.registry(documents)
    if every:
        chosen = [each for each in registry.targets.values() if not each.branches]
    elif name is None:
        raise Usage("say which TARGET to show, or --all (`preroll targets` lists them)")
    else:
        chosen = [registry.resolve(name)]
    if form == "json":
        from preroll import __version__
        from preroll.render.json_ import dumped

        sys.stdout.write(dumped({"preroll": __version__, "targets": [data(registry, each) for each in chosen]}))
        return int(Exit.CLEAN)
    sys.stdout.write("\n".join("\n".join(_lines(registry, each)) + "\n" for each in chosen))
    return int(Exit.CLEAN)


def data(registry: Registry, target: Target) -> dict[str, Any]:
    """One target's capabilities as plain data; every fact names the address that it was read from."""
    from preroll.capabilities import capabilities
    from preroll.pointer import ABSENT, spoken

    known = capabilities(registry, target)
    source = registry.source(target)
    rules = registry.vendor(target.vendor).rules
    read = registry.document(target)
    found: dict[str, Any] = {
        "target": target.name,
        "request": f"{target.method} {target.path}".strip(),
        "document": source.title,
        "version": source.version,
        "date": source.date,
        "sha256": source.sha256,
        "parameters": [
            {
                "name": each.name,
                "required": each.required,
                "limits": each.facts,
                "alternatives": list(each.alternatives),
                **({"default": each.default} if each.default is not ABSENT else {}),
                "pointer": each.pointer,
            }
            for each in known.parameters
        ],
        "combinations": [
            {
                "places": [spoken(place) for place, _ in group[0].values],
                "values": [{"values": [value for _, value in each.values], "title": each.title} for each in group],
            }
            for group in known.combinations
        ],
        "conditions": [
            {"when": list(each.when), "then": list(each.then), "pointer": each.pointer} for each in known.statements
        ],
        "request_parameters": [
            {"name": each.key, "required": each.required, "pointer": each.schema} for each in target.parameters
        ],
        "responses": dict(target.responses),
        "branches": list(target.branches),
        "rules": [
            {"id": each.id, "severity": each.severity, "quote": each.quote, "at": list(each.at)}
            for each in registry.rules(target)
        ],
        "corrections": [{"id": name, "changed": list(changed)} for name, changed in read.changed.items()],
        "stale_corrections": [{"id": name, "reason": reason} for name, reason in read.stale],
        "notes": [
            {"id": each.id, "needs": each.needs, "text": each.text, "quote": each.quote}
            for each in (rules.notes if rules else ())
            if each.applies(target.name)
        ],
    }
    return found


def _lines(registry: Registry, target: Target) -> Iterator[str]:
    from preroll.capabilities import capabilities

    source = registry.source(target)
    known = capabilities(registry, target)
    yield target.name
    if target.summary:
        yield _wrap(target.summary, "  ")
    dated = f", {source.date}" if source.date and source.date != source.version else ""
    request = f"{target.method} {target.path}".strip()
    yield _wrap(f"{request + '; ' if request else ''}document: {source.title} ({source.version}{dated})", "  ")
    if target.branches:
        yield ""
        yield "Branches"
        yield from (f"  {each}" for each in target.branches)
    yield from _parameters(known)
    yield from _combinations(known)
    if known.statements:
        yield ""
        yield "Conditions"
        yield from (_wrap(f"- {each}", "  ", "    ") for each in known.statements)
    yield from _around(registry, target)


def _parameters(known: Capabilities) -> Iterator[str]:
    from preroll.capabilities import limits
    from preroll.phrases import value
    from preroll.pointer import ABSENT

    if not known.parameters:
        return
    yield ""
    yield "Parameters (* required)"
    widest = min(34, max(len(each.name) for each in known.parameters))

    def line(each: Parameter) -> str:
        default = f"; default {value(each.default)}" if each.default is not ABSENT else ""
        text = f"{limits(each) or 'anything'}{default}"
        return _wrap(text, f"  {'*' if each.required else ' '} {each.name:<{widest}}  ", " " * (widest + 6))

    yield from map(line, known.parameters)


def _combinations(known: Capabilities) -> Iterator[str]:
    from preroll.phrases import combined, listed
    from preroll.pointer import spoken

    for group in known.combinations:
        places = listed(spoken(place) for place, _ in group[0].values)
        yield ""
        yield f"Listed for {places} ({len(group)})"
        told = [
            combined([value for _, value in each.values]) + (f" ({each.title})" if each.title else "") for each in group
        ]
        yield _wrap(", ".join(told), "  ")


def _around(registry: Registry, target: Target) -> Iterator[str]:
    """Parameters of the request, rules, corrections, and what no payload can decide."""
    if target.parameters:
        yield ""
        yield "Parameters of the request"
        yield from (f"  {'*' if each.required else ' '} {each.key}" for each in target.parameters)
    rules = list(registry.rules(target))
    if rules:
        yield ""
        yield "Rules that stand only in prose"
        for rule in rules:
            yield f"  {rule.severity}[{rule.id}]"
            yield _wrap(f'"{rule.quote}"', "    ")
    read = registry.document(target)
    if read.changed or read.stale:
        yield ""
        yield "Corrections of the document"
        evidence = dict(_evidence(registry, target))
        for name in read.changed:
            why, quotes, judgement = evidence.get(name, ("", (), False))
            yield f"  {name}{' (a judgement)' if judgement else ''}"
            yield _wrap(why, "    ")
            yield from (_wrap(f'"{each}"', "      ") for each in quotes)
        yield from (_wrap(f"{name} no longer fits: {reason}", "  ") for name, reason in read.stale)
    known = registry.vendor(target.vendor).rules
    notes = [each for each in (known.notes if known else ()) if each.applies(target.name)]
    if notes:
        yield ""
        yield "Cannot be checked from a payload"
        for each in notes:
            yield _wrap(f"- {each.text} (needs {each.needs})", "  ", "    ")


def _evidence(registry: Registry, target: Target) -> Iterator[tuple[str, tuple[str, tuple[str, ...], bool]]]:
    for _, data_ in registry.vendor(target.vendor).overlays:
        for action in data_.get("actions", ()):
            if action.get("x-why"):
                quotes = tuple(each["quote"] for each in action.get("x-evidence", ()))
                yield action.get("x-id", ""), (action["x-why"], quotes, bool(action.get("x-judgement")))


def _wrap(text: str, indent: str, following: str | None = None) -> str:
    return textwrap.fill(
        " ".join(text.split()),
        80,
        initial_indent=indent,
        subsequent_indent=indent if following is None else following,
        break_long_words=False,
        break_on_hyphens=False,
    )
