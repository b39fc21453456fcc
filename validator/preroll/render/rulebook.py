"""
What a report says of a rule itself, as opposed to one place where it is broken.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from preroll import catalogue
from preroll.registry import Registry


@dataclass(frozen=True, slots=True)
class About:
    """A rule in a few plain sentences, and its page in Markdown."""

    title: str
    why: str
    instead: str
    page: str


@functools.cache
def _pages() -> dict[str, catalogue.Page]:
    return {each.id: each for each in catalogue.pages(Registry.bundled())}


def about(rule: str) -> About:
    """What the catalogue says of a rule; a rule that it does not know is told by its id."""
    found = _pages().get(rule)
    if found is None:
        title = rule.replace("-", " ")
        return About(title, "", "", f"# {rule}\n\n{title}.\n")
    return About(found.title, found.why, found.instead, catalogue.markdown(found))
