"""
Settings held against what is known: names of rules and targets, JSONPaths, regular expressions.

`preroll.settings` sees that every value has its form; what the values mean takes a registry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from preroll import spelling
from preroll.jobs.finding import SelectError, Selection
from preroll.jobs.placeholders import Placeholders
from preroll.registry import Registry, UnknownTarget
from preroll.settings import Settings, SettingsError


def vet(settings: Settings, registry: Registry) -> None:
    """
    Look whether settings name only what there is.

    Raises:
        SettingsError: a rule or a target is not known, or a JSONPath or a regular expression cannot be used.
    """
    file = str(settings.file or "")
    named = list(_rules(settings))
    known = rules(registry) if named else ()
    for key, rule in named:
        if rule not in known:
            raise SettingsError(file, key, f"there is no rule {rule!r}", nearest(rule, known))
    for key, path in _paths(settings.get("select", ()), "select"):
        try:
            Selection((path,))
        except SelectError as problem:
            raise SettingsError(file, key, str(problem)) from None
    for index, pattern in enumerate(settings.get("placeholders", ())):
        try:
            Placeholders((pattern,))
        except ValueError as problem:
            raise SettingsError(file, f"placeholders.{index}", str(problem)) from None
    for glob, target in settings.get("targets", {}).items():
        try:
            registry.resolve(target)
        except UnknownTarget as problem:
            raise SettingsError(file, f"targets.{glob}", str(problem)) from None


def rules(registry: Registry) -> tuple[str, ...]:
    """The ids of rules that a payload can break."""
    from preroll import catalogue  # only who names a rule pays for it

    known = [each.id for each in catalogue.BUILT_IN]
    for vendor in registry.vendors.values():
        if vendor.rules is not None:
            known += [each.id for each in vendor.rules.rules]
            known += [each.id for each in vendor.rules.notes]
    return tuple(known)


def nearest(rule: str, known: tuple[str, ...]) -> str:
    """The rule that was probably meant, or ""."""
    return next(iter(spelling.nearest(rule, known, spelling.LOOSE)), "")


def _rules(settings: Settings) -> Iterator[tuple[str, str]]:
    """The keys that name rules, each with one."""
    for index, rule in enumerate(settings.get("ignore", ())):
        yield f"ignore.{index}", rule
    for rule in settings.get("severity", {}):
        yield f"severity.{rule}", rule
    for glob, listed in settings.get("per-file-ignores", {}).items():
        for index, rule in enumerate(listed):
            yield f"per-file-ignores.{glob}.{index}", rule


def _paths(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """The keys that hold JSONPaths, each with one."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for glob, each in value.items():
            yield from _paths(each, f"{key}.{glob}")
    else:
        for index, each in enumerate(value):
            yield f"{key}.{index}", each
