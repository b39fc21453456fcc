"""
Footing: both documents read under the same corrections, so that only what the vendor changed is a difference.

A correction that fits one document and not the other is told as stale. If it also changed one of the readings, an
edit that means nothing would look as if it broke callers, only because a correction lost its hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from preroll.document import Document
from preroll.registry import Registry, Vendor, corrected
from preroll.registry import Source as Known


def level(old: Registry, new: Registry) -> tuple[Registry, Registry]:
    """The registries with those corrections alone that fit both; the registries themselves where all do."""
    before, after = _applied(old), _applied(new)
    # What one of them has no document for is not lost there.
    lost = (before ^ after) & (before | after)
    return _without(old, lost & before), _without(new, lost & after)


def _applied(registry: Registry) -> frozenset[str]:
    return frozenset(name for each in registry.documents for name in each.changed)


def _without(registry: Registry, lost: frozenset[str]) -> Registry:
    if not lost:
        return registry
    keys = {each.document for each in registry.targets.values()}
    documents: dict[str, Known | Document] = {}
    for key in sorted(keys):
        read = registry.document(key)
        documents[key] = _relieved(registry, read, lost) if lost.intersection(read.changed) else read
    rules = {name: tuple(rule.id for rule in registry.rules(each)) for name, each in registry.targets.items()}
    return Registry(registry.targets, documents, registry.vendors, rules, registry.stale_rules)


def _relieved(registry: Registry, read: Document, lost: frozenset[str]) -> Document:
    """A document with only the other corrections applied."""
    vendor = registry.vendor(read.vendor)
    overlays = tuple((file, _trimmed(data, lost)) for file, data in vendor.overlays)
    plain = replace(read, corrected=read.raw, changed={}, stale=(), origins=None)
    found = [each for each in registry.targets.values() if each.document == read.name]
    kept = [(file, data) for file, data in overlays if data["actions"]]
    return corrected(plain, found, Vendor(vendor.envelope, vendor.rules, tuple(kept)), Registry.bundled())


def _trimmed(data: Mapping[str, Any], lost: frozenset[str]) -> dict[str, Any]:
    return {**data, "actions": [each for each in data.get("actions", ()) if each.get("x-id") not in lost]}
