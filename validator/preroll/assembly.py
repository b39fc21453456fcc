"""
A registry as a user has put it together: further envelopes, documents and rules beside the bundled ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preroll import source
from preroll.envelope import PLAIN, Envelope
from preroll.registry import Registry, Vendor
from preroll.unreadable import Unreadable

if TYPE_CHECKING:
    from preroll.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Assembly:
    """
    What a registry is made of; called, it makes one, in this process or in another.

    Attributes:
        documents: files and folders of vendor documents.
        rules: files in the form of `schemas/<vendor>/rules.yaml`.
        envelopes: files in the form of `schemas/<vendor>/envelope.yaml`.
    """

    documents: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    envelopes: tuple[str, ...] = ()

    def __call__(self) -> Registry:
        """
        The registry.

        Raises:
            DocumentError: a document cannot be used.
            RuleError: a rule cannot be read, or has the id of another one.
            Unreadable: a file cannot be read.
        """
        if not (self.documents or self.rules or self.envelopes):
            return Registry.bundled()
        base = Registry.bundled()
        vendors = dict(base.vendors)
        for name, data in _read(self.envelopes):
            known = vendors.get(data["vendor"], Vendor(PLAIN, None))
            vendors[data["vendor"]] = known._replace(envelope=_envelope(data, name))
        for name, data in _read(self.rules):
            known = vendors.get(data["vendor"], Vendor(PLAIN._replace(vendor=data["vendor"]), None))
            vendors[data["vendor"]] = known._replace(rules=_joined(known.rules, _rules(data, name)))
        return base.extended(vendors, *self.documents)


def _read(files: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in files:
        name = os.fspath(each)
        data = source.read(source.read_file(name), name)
        if not isinstance(data, dict) or not isinstance(data.get("vendor"), str):
            raise Unreadable(name, 1, 1, "it names no `vendor`", "see docs/settings.md for the form of this file")
        yield name, data


def _envelope(data: Mapping[str, Any], name: str) -> Envelope:
    try:
        return Envelope.of(data)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise Unreadable(name, 1, 1, f"it is no envelope: {problem}", "see schemas/*/envelope.yaml") from None


def _rules(data: Mapping[str, Any], name: str) -> RuleSet:
    from preroll.rules import RuleError, load_rules

    try:
        return load_rules(data)
    except RuleError as problem:
        raise RuleError(f"{problem.rule} of {name}".strip(), problem.key, problem.problem, problem.nearest) from None


def _joined(ours: RuleSet | None, theirs: RuleSet) -> RuleSet:
    from preroll.rules import RuleError

    if ours is None:
        return theirs
    known = {*(rule.id for rule in ours.rules), *(note.id for note in ours.notes)}
    for taken in (*(rule.id for rule in theirs.rules), *(note.id for note in theirs.notes)):
        if taken in known:
            raise RuleError(taken, "id", "a rule of this id is known already")
    # What the bundled rules say of unknown properties stands, unless the user says more than the default.
    level = ours.unknown_properties if theirs.unknown_properties == "info" else theirs.unknown_properties
    rules, notes = (*ours.rules, *theirs.rules), (*ours.notes, *theirs.notes)
    return ours._replace(unknown_properties=level, rules=rules, notes=notes)
