"""
Kinship: a document that moved to other servers is still its vendor's.

A vendor is recognised by its hosts. Where only one of two documents names them and both describe the same, the
other one is read as the same vendor's, too: else a new server would look as if every target were gone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from preroll.document import Document
from preroll.registry import Registry

ENOUGH = 0.8
"""Documents that share less of their paths and schemas than this are not of one kin."""


def kin(old: Registry, new: Registry) -> tuple[Registry, Registry]:
    """Both registries, each read as the other one's vendor where that is known and its own is not."""
    return _adopted(old, new), _adopted(new, old)


def _adopted(stranger: Registry, known: Registry) -> Registry:
    mine, theirs = _only(stranger), _only(known)
    if mine is None or theirs is None or mine.vendor == theirs.vendor:
        return stranger
    if mine.vendor in stranger.vendors or theirs.vendor not in known.vendors or not _alike(mine.raw, theirs.raw):
        return stranger
    listed = [each for each in (mine.raw.get("servers"), theirs.raw.get("servers")) if isinstance(each, list)]
    made = Registry.of({**mine.raw, "servers": [server for each in listed for server in each]}, mine.name)
    adopted = _only(made)
    if adopted is None or adopted.vendor != theirs.vendor:
        return stranger
    # The servers were borrowed to be recognised by, and are not what the document says.
    corrected = {name: value for name, value in adopted.corrected.items() if name != "servers"}
    own = {"servers": mine.raw["servers"]} if "servers" in mine.raw else {}
    read = replace(adopted, raw=mine.raw, corrected={**corrected, **own})
    rules = {name: tuple(rule.id for rule in made.rules(each)) for name, each in made.targets.items()}
    return Registry(made.targets, {read.name: read}, made.vendors, rules, made.stale_rules)


def _only(registry: Registry) -> Document | None:
    keys = {each.document for each in registry.targets.values()}
    read = registry.document(keys.pop()) if len(keys) == 1 else None
    return read if read is not None and isinstance(read.raw, dict) else None


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    mine, theirs = _described(one), _described(other)
    return len(mine & theirs) >= ENOUGH * len(mine | theirs) > 0


def _described(tree: dict[str, Any]) -> set[tuple[str, str]]:
    paths, components = tree.get("paths"), tree.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    found = {("path", each) for each in paths} if isinstance(paths, dict) else set()
    return found | ({("schema", each) for each in schemas} if isinstance(schemas, dict) else set())
