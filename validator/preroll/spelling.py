"""
Near misses: which known word somebody probably meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

CLOSE = 0.8
"""The least likeness of two words that is called a misspelling."""

LOOSE = 0.6
"""The least likeness where everything else points the same way."""


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """A word without case, blanks, hyphens and underscores: `Frame_Rate` and `frameRate` are alike."""
    return "".join(each for each in word.casefold() if each.isalnum())


@lru_cache(maxsize=1 << 16)  # payloads repeat the same few names
def likeness(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1; 1 for words that differ only in case and separators."""
    one, other = plain(one), plain(other)
    if one == other:
        return 1.0
    import difflib  # only a misspelt word pays for it

    ratio = difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
    return max(ratio, CLOSE) if _swapped(one, other) else ratio


@lru_cache(maxsize=1 << 16)  # as above
def _may_be(one: str, other: str, least: float) -> bool:
    """Whether two words can be so alike, by the letters that they have in common: a quick look."""
    one, other = plain(one), plain(other)
    whole = len(one) + len(other)
    if 2.0 * min(len(one), len(other)) < least * whole:
        return False
    return 2.0 * sum(min(one.count(each), other.count(each)) for each in set(one)) >= least * whole


def _swapped(one: str, other: str) -> bool:
    """Whether two words differ in two neighbours that changed places: one slip, however short the word."""
    if len(one) != len(other) or len(one) < 3:  # of two letters nothing stays in its place
        return False
    first = next(index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    return one[:first] + one[first + 1 : first + 2] + one[first] + one[first + 2 :] == other


def nearest(word: str, words: Iterable[str], least: float = CLOSE) -> tuple[str, ...]:
    """The words that are at least so alike, the most alike first; ties in the order given."""
    scored = [(likeness(word, each), each) for each in words if _may_be(word, each, least)]
    return tuple(each for score, each in sorted(scored, key=lambda pair: -pair[0]) if score >= least)


def contained(word: str, words: Iterable[str]) -> tuple[str, ...]:
    """The words that stand whole at the beginning or the end of a longer one: `image` in `inputImage`."""
    spelt = plain(word)
    return tuple(
        each
        for each in words
        if len(plain(each)) > 2 and (spelt.endswith(plain(each)) or spelt.startswith(plain(each)))
    )
