"""
Texts: what the model knows of a string, and the concrete strings that are made from it.

The solver sees of a string only which known literal it is, how its length compares with the limits, and the
truth of each predicate (a pattern, a format, a prose rule about one text). Whether a string with such truths
exists is found out when the solver asks for one; a combination that exists nowhere is told to it as a fact.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from preroll import dialect
from preroll.constraints import language
from preroll.constraints.language import Node, Unsupported


@dataclass(frozen=True, eq=False, slots=True)
class Predicate:
    """
    Something that is true or false of a single text.

    Attributes:
        name: what it is, in words for a reason.
        holds: its truth.
        within: a language that holds all texts of which it is true.
        inside: a language of which it is always true; the same object as `within` where both are exact.
        samples: texts of which it is true or false, that are worth a try.
    """

    name: str
    holds: Callable[[str], bool]
    within: Node = language.ANYTHING
    inside: Node = language.NOTHING
    samples: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, name: str, holds: Callable[[str], bool], exact: Node | None, samples: tuple[str, ...] = ()
    ) -> Predicate:
        """A predicate whose language is known exactly, or (None) not at all."""
        return cls(name, holds, samples=samples) if exact is None else cls(name, holds, exact, exact, samples)


_FORMATS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "date": (
        (
            r"^(?:(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
            r"|[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
            r"|02-(?:0[1-9]|1[0-9]|2[0-8])))$"
        ),
        ("2025-01-31", "2025-13-31"),
    ),
    "date-time": (
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}.[0-9]{2}:[0-9]{2}:[0-9]{2}",
        ("2025-01-31T12:00:00Z", "2025-01-31T12:00Z", "2025-01-31T12:00:00+01:00", "2025-01-31T12:00:00.5Z"),
    ),
    "duration": ("^P", ("PT5S", "P1D", "P1Y", "P2W")),
    "email": ("@", ("someone@example.com", "some.one+else@mail.example.org")),
    "hostname": (r"^.{1,254}$", ("example.com", "-example-.com", "localhost")),
    "idn-email": ("@", ("someone@example.com", "some.one+else@mail.example.org")),
    "idn-hostname": ("", ("example.com",)),
    "ipv4": (r"^[0-9.]{7,15}$", ("192.0.2.1", "192.0.2.256")),
    "ipv6": (r"^[0-9A-Fa-f:.]{2,45}$", ("2001:db8::1",)),
    "iri": (":", ("https://example.com/",)),
    "iri-reference": ("", ("/path", "https://example.com/", "\\")),
    "json-pointer": ("^(/|$)", ("/a/0", "")),
    "regex": ("", ("^[a-z]+$", "[")),
    "relative-json-pointer": ("^[0-9]", ("1/a",)),
    "time": (r"^[0-9]{2}:[0-9]{2}:[0-9]{2}", ("12:00:00Z", "12:00:00+01:00", "12:00:00.5Z")),
    "uri": (r"^[A-Za-z][A-Za-z0-9+.-]*:", ("https://example.com/", "ftp://example.com/file", "urn:example:1")),
    "uri-reference": ("", ("/path", "https://example.com/", "\\")),
    "uri-template": ("", ("https://example.com/{id}", "{")),
    "uuid": (
        r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
        ("3f2b8c1e-9a4d-4e6f-8b7a-5c0d1e2f3a4b", "6fa459ea-ee8a-11e3-ac10-0800200c9a66"),
    ),
}
"""For each format a pattern that every such text matches, and texts to try."""

_EXACT_FORMATS = ("date", "uuid")

# A scheme and a path without percent-encoding (RFC 3986, sections 3.1 and 3.3): certainly a URI.
_PLAIN_URI = r"^[A-Za-z][A-Za-z0-9+.-]*:(?:/?[A-Za-z0-9._~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@/-]*)?$"
_PLAIN_FORMATS = {"uri": _PLAIN_URI, "iri": _PLAIN_URI, "uri-reference": _PLAIN_URI, "iri-reference": _PLAIN_URI}


@functools.lru_cache(maxsize=4096)
def pattern(argument: str) -> Predicate:
    """The predicate of a `pattern`."""
    try:
        exact = language.pattern(argument)
    except Unsupported:
        exact = None
    return Predicate.of(f"the pattern {argument}", functools.partial(dialect.matches, argument), exact)


@functools.lru_cache(maxsize=256)
def format_(argument: str) -> Predicate:
    """The predicate of a `format`."""
    holds = functools.partial(dialect.conforms, argument)
    known = _FORMATS.get(argument)
    if known is None:
        return Predicate.of(f"the format {argument}", holds, language.ANYTHING)
    within = language.pattern(known[0])
    inside = within if argument in _EXACT_FORMATS else language.NOTHING
    if argument in _PLAIN_FORMATS:
        inside = language.pattern(_PLAIN_FORMATS[argument])
    return Predicate(f"the format {argument}", holds, within, inside, known[1])


@dataclass(frozen=True, slots=True)
class Extent:
    """Within which limits lengths lie, in code points and in UTF-16 code units; None is no limit."""

    least: int = 0
    most: int | None = None
    least_units: int = 0
    most_units: int | None = None

    def holds(self, text: str) -> bool:
        """Whether a text's lengths lie within."""
        length = len(text)
        if length < self.least or (self.most is not None and length > self.most):
            return False
        if not self.least_units and self.most_units is None:
            return True
        units = length + sum(each > "\uffff" for each in text)
        return units >= self.least_units and (self.most_units is None or units <= self.most_units)


@dataclass(frozen=True, slots=True)
class Realisation:
    """
    What was found for a combination of truths.

    Attributes:
        text: a text that has them all, or None.
        proved: with None: whether no text has them.
        culprits: with a proof: the predicates that exclude each other.
        besides: with a proof: whether some of the avoided texts have the wanted truths.
    """

    text: str | None
    proved: bool = False
    culprits: tuple[Predicate, ...] = ()
    besides: bool = False


PROSE = (
    "A red fox runs through fresh snow.",
    "first",
    "value",
    "",
    "https://example.com/file",
    "https://example.com/image.jpg",
    "http://example.com/image.jpg",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:video/mp4;base64,AAAAIGZ0eXA=",
    "data:audio/mpeg;base64,SUQzBAAAAAA=",
    "data:text/plain,hello",
    "iVBORw0KGgo=",
    "clip.mp4",
    "notes.txt",
    "a b",
    "A",
    "1",
)
"""Texts that are tried first wherever nothing better is known."""

_MEDIA = (
    (("video", "clip"), "video.mp4"),
    (("audio", "voice", "sound", "speech"), "audio.mp3"),
    (("image", "frame", "photo", "picture"), "image.jpg"),
)


@functools.lru_cache(maxsize=1024)
def likely(name: str) -> tuple[str, ...]:
    """Sensible texts for a member of that name."""
    lower = name.lower()
    for words, file in _MEDIA:
        if any(each in lower for each in words):
            return (f"https://example.com/{file}", file)
    if "prompt" in lower or "text" in lower or "description" in lower:
        return (PROSE[0],)
    if "url" in lower or "uri" in lower or "endpoint" in lower or "link" in lower:
        return ("https://example.com/hook",)
    if "file" in lower:
        return ("clip.mp4",)
    return ()


def realise(
    wanted: Mapping[Predicate, bool],
    extent: Extent,
    *,
    hints: Collection[str] = (),
    tries: Collection[str] = (),
    avoid: Collection[str] = (),
) -> Realisation:
    """
    A readable text with the wanted truths and lengths that is none of `avoid`, or why there is none.

    Args:
        wanted: the truth of each predicate.
        extent: the limits of the lengths.
        hints: texts that are tried first.
        tries: texts that are tried after those that the predicates suggest.
        avoid: texts that will not do.
    """
    return _realised(tuple(wanted.items()), extent, tuple(hints), tuple(tries), frozenset(avoid))


@functools.lru_cache(maxsize=8192)
def _realised(
    asked: tuple[tuple[Predicate, bool], ...],
    extent: Extent,
    hints: tuple[str, ...],
    tries: tuple[str, ...],
    avoid: frozenset[str],
) -> Realisation:
    wanted = dict(asked)

    def fits(text: str) -> bool:
        return text not in avoid and all(predicate.holds(text) is truth for predicate, truth in asked)

    pool = list(dict.fromkeys((*hints, *(each for one in wanted for each in one.samples), *tries, *PROSE)))
    fitting = [each for each in pool if fits(each)]
    for each in fitting:
        if extent.holds(each):
            return Realisation(each)
    for each in fitting:
        for other in _resized(each, extent):
            if extent.holds(other) and fits(other):
                return Realisation(other)
    return _searched(wanted, extent, fits, avoid)


def _resized(text: str, extent: Extent) -> Iterator[str]:
    """Texts like the given one whose lengths lie within the limits."""
    least = extent.least
    if extent.least_units > least:
        spare = extent.least_units - len(text) - sum(each > "\uffff" for each in text)
        if extent.most is None and spare > 0:
            yield text + "a" * spare
    if len(text) < least:
        missing = least - len(text)
        stem, dot, ending = text.rpartition(".")
        repeated = (text + " ") * (least // (len(text) + 1) + 1)
        yield repeated[: least - 1].rstrip(" ").ljust(least - 1, ".") + "."
        yield text + "a" * missing
        if dot:
            yield f"{stem}{'a' * missing}.{ending}"
        body = text.rstrip("=")
        for extra in range(missing, missing + 4):
            yield body + "A" * extra
            yield body + "A" * extra + "=" * (len(text) - len(body))
        yield "a" * least
    elif extent.most is not None and len(text) > extent.most:
        yield text[: extent.most]
        yield text[: extent.most].rstrip(" ")
    if extent.least_units > least:
        length = max(least, (extent.least_units + 1) // 2, min(len(text), extent.most or len(text)))
        wide = extent.least_units - length
        if 0 <= wide <= length and (extent.most is None or length <= extent.most):
            start = (text * (length // max(len(text), 1) + 1))[: length - wide] if text else "a" * (length - wide)
            yield start + "\N{CLAPPER BOARD}" * wide


_TRIES = 12
_SHORT = 200


def _side(predicate: Predicate, truth: bool) -> Node:  # noqa: FBT001  # the second half of a pair
    """A language that holds all texts of which a predicate has a truth."""
    return predicate.within if truth else language.complement(predicate.inside)


@functools.lru_cache(maxsize=8192)
def _exclusive(one: tuple[Predicate, bool], other: tuple[Predicate, bool]) -> bool:
    """Whether it is proved that no text of any length has both truths, while each by itself may be had."""
    mine, theirs = _side(*one), _side(*other)
    found = language.search(language.both(mine, theirs))
    if found.text is not None or not found.proved:
        return False
    return all(language.search(each).text is not None for each in (mine, theirs))


def _excluding(wanted: Mapping[Predicate, bool]) -> tuple[Predicate, ...]:
    """
    Two truths that exclude each other, if any do; which two is what leaving out one after the other would come to.

    Most combinations that no text has fail for such a pair, and a pair comes up in many combinations.
    """
    listed = list(wanted.items())
    for index in range(len(listed) - 2, -1, -1):
        for other in reversed(listed[index + 1 :]):
            if _exclusive(listed[index], other):
                return listed[index][0], other[0]
    return ()


def _searched(
    wanted: Mapping[Predicate, bool], extent: Extent, fits: Callable[[str], bool], avoid: Collection[str]
) -> Realisation:
    def language_of(predicates: Collection[Predicate]) -> Node:
        return language.both(*(_side(each, wanted[each]) for each in predicates))

    pair = _excluding(wanted)
    if pair:
        return Realisation(None, proved=True, culprits=pair)

    node = language_of(wanted)
    short = frozenset(each for each in avoid if extent.holds(each) and len(each) <= _SHORT)
    others = language.both(node, language.complement(language.exactly(short))) if short else node
    least = extent.least
    proved = besides = False
    for _ in range(_TRIES):
        found = language.search(others, least, extent.most)
        if found.text is None:
            proved = found.proved and least == extent.least
            break
        if extent.holds(found.text) and fits(found.text):
            return Realisation(found.text)
        for other in _resized(found.text, extent):
            if extent.holds(other) and fits(other):
                return Realisation(other)
        least = len(found.text) + 1
    if proved and short:
        plain = language.search(node, extent.least, extent.most)
        besides = plain.text is not None or not plain.proved
        if besides:
            return Realisation(None, proved=True, culprits=tuple(wanted), besides=True)
    if not proved:
        return Realisation(None)
    culprits = list(wanted)
    for each in tuple(culprits):
        fewer = [one for one in culprits if one is not each]
        shorter = language.search(language_of(fewer), extent.least, extent.most)
        if shorter.text is None and shorter.proved:
            culprits = fewer
    return Realisation(None, proved=True, culprits=tuple(culprits))
