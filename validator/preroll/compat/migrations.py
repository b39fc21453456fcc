"""
Migrations: drafts of how a payload of the old document becomes one of the new.
"""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

from preroll import phrases
from preroll import pointer as pointers
from preroll.compat.relation import Side
from preroll.document import DocumentError

if TYPE_CHECKING:
    from preroll.constraints import Model

Patch = tuple[dict[str, Any], ...]

NONE: tuple[Patch, str] = ((), "")

LARGE = 4_000
"""The nearest valid payload is not looked for beyond so many characters: near a text of megabytes it takes long."""


class Migrations:
    """
    Repairs of payloads under one schema; every one is checked again by both engines.

    Args:
        new: the schema that refuses them.
        today: the day that rules about dates count from.
        until: when (`time.monotonic`) to give up.
    """

    def __init__(self, new: Side, today: date | None, until: float) -> None:
        self.new, self.today, self.until = new, today, until
        self._model: Model | None = None
        self._known: list[tuple[Any, tuple[Patch, str]]] = []

    def report(self, payload: Any) -> Any:
        """What `check` says of a payload; None where it cannot be asked."""
        from preroll.judgement import check

        new = self.new
        try:
            return check(payload, new.target.name, registry=new.registry, as_published=new.published, today=self.today)
        except ValueError:
            return None

    def draft(self, report: Any) -> tuple[Patch, str]:
        """
        A JSON Patch that makes a refused payload valid, and what it does in words; nothing where none was found.

        The first fix of `check` that is enough, else the nearest valid payload of the constraint model.
        """
        for payload, found in self._known:  # several changes often have one witness
            if payload == report.payload:
                return found
        found = self._fixed(report) or self._nearest(report.payload)
        self._known.append((report.payload, found))
        return found

    def _fixed(self, report: Any) -> tuple[Patch, str] | None:
        from preroll import mending
        from preroll.advice import advised

        left = self.until - time.monotonic()
        if left <= 0:
            return None
        for violation in advised(report, solver=False, limit=left).violations:
            for fix in violation.fixes:
                try:
                    mended = mending.applied(report.payload, fix.patch)
                except LookupError:
                    continue
                if self.new.accepts(mended) and self._is_clean(mended):
                    return fix.patch, fix.title
        return None

    def _nearest(self, payload: Any) -> tuple[Patch, str]:
        if self.until <= time.monotonic() or len(repr(payload)) > LARGE:
            return NONE
        try:
            from preroll.constraints import Model
            from preroll.constraints.repair import Repair
        except ImportError:
            return NONE
        new = self.new
        try:
            if self._model is None:
                self._model = Model(new.registry, new.target, published=new.published, today=self.today)
            found = self._model.nearest(payload, seconds=max(0.1, self.until - time.monotonic()))
        except DocumentError:
            return NONE
        if not isinstance(found, Repair) or not found.patch:
            return NONE
        if not new.accepts(found.payload) or not self._is_clean(found.payload):
            return NONE
        return found.patch, phrases.listed(self._step(payload, each) for each in found.patch)

    def _is_clean(self, payload: Any) -> bool:
        report = self.report(payload)
        return report is not None and all(each.severity != "error" for each in report.violations)

    def _step(self, payload: Any, operation: dict[str, Any]) -> str:
        """One step of a patch in words; a text that the model made up is for the caller to write."""
        name = phrases.name(operation["path"])
        if operation["op"] == "remove":
            return f"leave out {name}"
        value = operation["value"]
        path = pointers.resolved(payload, operation["path"])
        listed = self.new.described.listed(tuple("*" if isinstance(each, int) else each for each in path))
        told = phrases.value(value)
        if isinstance(value, str) and value not in listed:
            told = "(a text of your own)"
        return f"add {name} {told}" if operation["op"] == "add" else f"set {name} to {told}"
