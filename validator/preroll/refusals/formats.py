"""
The formats of answers that are read, in the order in which their readers are asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from preroll.refusals import problem, runware, runwayml
from preroll.refusals.draft import Reader

GENERAL: tuple[Reader, ...] = (cast("Reader", problem),)
"""Formats of no vendor, which say so plainly: what these recognise, nobody else means."""

VENDORS: tuple[Reader, ...] = tuple(cast("Reader", each) for each in (runwayml, runware))
"""Formats of vendors, under the vendors' names."""


def fitting(body: Any, vendor: str | None = None) -> Iterator[Reader]:
    """The readers that recognise a body; of the vendors' own that of the given vendor first."""
    for each in (*GENERAL, *sorted(VENDORS, key=lambda one: vendor != one.NAME)):
        if each.recognises(body):
            yield each
