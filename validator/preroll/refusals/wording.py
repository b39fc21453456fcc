"""
What a sentence of a service says: which names it names, what is wrong with them, and what is taken instead.

Sentences change from model to model and from week to week, so nothing here knows one by heart. What is looked for
are the turns of phrase in which people who write validators say the few things that there are to say: a list after
"allowed values are", two numbers after "between", a name beside "parameter". What is not found is not guessed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from preroll import mending

MAX_SENTENCE: Final = 20_000
"""Longer sentences are not searched: nobody wrote them, and patterns take time."""

MAX_LISTED: Final = 500
"""More values than these are nobody's list."""


MAX_NAMES: Final = 100
"""Words in quotes after which a sentence is not searched for more names."""


@dataclass(frozen=True, slots=True)
class Words:
    """
    What a sentence says.

    Attributes:
        kind: what is wrong, as our keyword in kebab case, or "" where the sentence does not tell.
        names: the parameters that it names, as written, each once, in order.
        quoted: those of the names that stand in quotes or beside a word like "parameter", and so are surely meant.
        facts: limits and lists, under our names; `listed` holds the texts of a list, of whatever they are.
        options: where one of several is needed, the groups of names, each of which would do.
    """

    kind: str = ""
    names: tuple[str, ...] = ()
    quoted: frozenset[str] = frozenset()
    facts: dict[str, Any] = field(default_factory=dict)
    options: tuple[tuple[str, ...], ...] = ()


_QUOTED = r"""(?:'[^'\n]{0,200}'|"[^"\n]{0,200}"|`[^`\n]{0,200}`|‘[^’\n]{0,200}’|“[^”\n]{0,200}”)"""
_NAME = r"[A-Za-z_$][\w$-]{0,80}(?:\[\d{0,6}\]|\.[\w$-]{1,80}){0,20}"
_NUMBER = r"[-+]?\d{1,30}(?:,\d{3}){0,10}(?:\.\d{1,30})?(?:[eE][-+]?\d{1,3})?"
_OPEN, _CLOSE = r"""['"`‘“\[(]?""", r"""['"`’”\])]?"""
_FIGURE = rf"{_OPEN}({_NUMBER}){_CLOSE}"
_NOUN = r"(?:parameter|field|propert(?:y|ie)|argument|attribute|input|key|option|member)(?:s|\(s\))?"

_NO_NAMES: Final = frozenset(
    """
    a an and any are as at be both by can cannot combination combinations dimension dimensions either
    exactly field fields following for from given has have if in input inputs invalid is it its key keys
    list may missing model must no none not of on one only option options or other parameter parameters
    properties property provided request required schema selected should specified supported that the
    their this to type unknown unsupported use used using valid value values was when which with your
    """.split()  # noqa: SIM905  # as a list of texts they would fill a page
)
"""Words beside "parameter" that are no names."""

_QUOTED_NAME = re.compile(_QUOTED)
_IS_NAME = re.compile(rf"(?:{_NAME}|/[\w$~/-]{{1,200}}|\[\d{{1,6}}\](?:\.{_NAME})?)")
_VERB = r"(?:must|is|are|was|were|has|have|cannot|can|should|does|may)\b"
_BESIDE: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), sure)
    for pattern, sure in (
        (rf"\b({_NAME})\s*/\s*({_NAME})\s+{_NOUN}\b", True),
        (rf"\b{_NOUN}\s*:?\s+({_NAME})(?=\s+{_VERB})", True),
        (rf"\b{_NOUN}\s*:?\s+({_NAME})", False),
        (rf"\b({_NAME})\s+{_NOUN}\b", False),
        (rf"^\s*({_NAME})\s*(?:{_VERB}|:)", False),
        (rf"\b(?:invalid|unsupported|unknown|missing|wrong)\s+({_NAME})", False),
    )
)
"""Where a name stands beside a word like "parameter" without quotes, and whether it is surely one."""
_ENUMERATED = re.compile(rf"\b{_NOUN}\s*:\s*({_NAME}(?:\s*(?:,|\band\b)\s*{_NAME}){{1,20}})\s*(?:\.|$)", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:when|if|unless|because|since|while)\b", re.IGNORECASE)
"""Before what follows, a sentence says what is wrong; after it, on which condition."""
_PLAIN = re.compile(rf"(?<![\w.'\"`/]){_NAME}")

_LIST = re.compile(
    r"(?<!not )(?<!n't )\b(?:allowed|supported|valid|accepted|available|permitted|possible|legal|known)\b"
    r"(?:\s+[\w/-]{1,30}){0,4}?\s*(?:\bare\b|\bis\b|\binclude\b|:)\s*:?\s*"
    r"|(?<!only )(?<!exactly )\b(?:one|any) of\b(?:\s+the(?:se)?)?(?:\s+following)?"
    r"(?:\s+(?:values|options|parameters))?\s*:?\s*"
    r"|\bexpected\s*:?\s+(?=['\"`‘“])",
    re.IGNORECASE,
)
_MUST_BE = re.compile(r"\b(?:must|should|can only|may only) be\s+(?:either\s+)?(?=\d)", re.IGNORECASE)
_ITEM = re.compile(rf"\s*({_QUOTED}|[^\s,;|'\"`\[\](){{}}]{{1,80}})\s*")
_LABEL = re.compile(r"\s*\([^()]{0,40}\)")
_JOINT = re.compile(r"\s*(?:,\s*(?:or\b|and\b)?|\||;|/|\bor\b|\band\b)\s*", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,6})\s*[x×X*:]\s*(\d{1,6})")

_BETWEEN = re.compile(
    rf"\b(?:between|from|(?:in|within) the range(?: of| from)?)\s*{_FIGURE}\s*(?:and|to|-|–|,|\.\.\.?)\s*{_FIGURE}"
    r"(?:\s*([A-Za-z]{2,20}))?",
    re.IGNORECASE,
)
_MOST = re.compile(
    rf"(?:\bat most|\bno (?:more|greater|longer|larger|higher) than|\b(?:not|cannot) exceed|\bup to|\bmax(?:imum)?"
    rf"(?:\s+[a-z]+){{0,3}}?(?:\s+(?:is|of))?\s*:?|\b(?:less|smaller|lower|fewer|shorter) than or equal to|<=|≤"
    rf"|\bnot be (?:greater|larger|longer|more|higher) than|\bexceeds(?: the)?(?: \w+){{0,4}}? of)\s*{_FIGURE}"
    rf"(?:\s*([A-Za-z]{{2,20}}))?",
    re.IGNORECASE,
)
_LEAST = re.compile(
    rf"(?:\bat least|\bno (?:less|fewer|smaller|shorter|lower) than|\bmin(?:imum)?(?:\s+[a-z]+){{0,3}}?(?:\s+(?:is"
    rf"|of))?\s*:?"
    rf"|\b(?:greater|more|larger|longer|higher) than or equal to|>=|≥|\bnot be (?:less|smaller|shorter|lower"
    rf"|fewer) than)"
    rf"\s*{_FIGURE}(?:\s*([A-Za-z]{{2,20}}))?",
    re.IGNORECASE,
)
_BELOW = re.compile(
    rf"(?:(?<!not be )(?<!no )\b(?:less|smaller|lower|fewer|shorter) than|<(?!=))\s*{_FIGURE}", re.IGNORECASE
)
_ABOVE = re.compile(
    rf"(?:(?<!not be )(?<!no )\b(?:greater|more|larger|longer|higher) than|>(?!=))\s*{_FIGURE}", re.IGNORECASE
)
_EXACTLY = re.compile(rf"\bexactly\s*{_FIGURE}(?:\s*([A-Za-z]{{2,20}}))?", re.IGNORECASE)
_STEP = re.compile(rf"\b(?:multiples? of|divisible by|(?:in )?(?:steps|increments) of)\s*{_FIGURE}", re.IGNORECASE)
_ITEMS = frozenset(("item", "items", "element", "elements", "entry", "entries", "image", "images", "videos", "video"))
_CHARACTERS = frozenset(("character", "characters", "char", "chars", "letters", "codepoints", "code"))

_TYPES: Final = {
    **dict.fromkeys(("integer", "int", "whole"), "integer"),
    **dict.fromkeys(("number", "float", "double", "decimal", "numeric"), "number"),
    **dict.fromkeys(("string", "text", "str"), "string"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    **dict.fromkeys(("array", "list", "tuple"), "array"),
    **dict.fromkeys(("object", "dict", "map", "record"), "object"),
    **dict.fromkeys(("null", "nil", "none"), "null"),
}
_WANTED = re.compile(
    rf"(?:\b(?:must|should|has to|needs to) be (?:of type\s+)?(?:an?\s+)?|\bexpected\s*:?\s+(?:an?\s+)?"
    rf"|\btype\s*:\s*)"
    rf"{_OPEN}(?P<type>{'|'.join(sorted(_TYPES, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_GOT = re.compile(r"\b(?:received|got|but was|found|instead of)\s*:?\s*(?:an?\s+)?['\"`]?([A-Za-z]+)", re.IGNORECASE)

_KINDS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "not-together",
            (
                r"\bcan(?:not|'t| not) be (?:\w+ ){0,2}?(?:together|at the same time|in combination|simultaneously)"
                r"|\bcan(?:not|'t| not) be (?:used|combined|specified|provided|set|mixed) (?:along)?with\b"
                r"|\bmutually exclusive\b|\bbut not both\b|\bnot both\b|\bincompatible with\b|\bconflicts? with\b"
                r"|\bonly one of\b|\bexclude each other\b"
            ),
        ),
        (
            "required",
            (
                r"(?<!not )(?<!n't )\b(?:is|are|was|field|parameter|property) (?:a )?(?:required|missing"
                r"|mandatory)\b|^\s*required\s*\.?\s*$|^\s*missing\b"
                r"|\bmissing (?:required |mandatory )?(?:\w+ )?(?:parameter|field|property|key|value|argument)"
                r"|\breceived undefined\b|\bmust be (?:provided|given|specified|supplied|present|included|defined)\b"
                r"|\brequired (?:property|parameter|field)\b|\bmust have required\b|\bneeds? to be (?:provided"
                r"|specified)\b"
            ),
        ),
        (
            "unexpected",
            (
                r"\bunsupported use of\b|\b(?:unrecogni[sz]ed|unknown|unexpected|unsupported|additional|extra"
                r"|forbidden)"
                r" (?:key|field|parameter|propert|argument|attribute|option|input)"
                r"|\b(?:parameters?|fields?|propert(?:y|ies)|keys?|arguments?|options?|attributes?)\b"
                r"[^.!?]{0,80}\b(?:is|are) not"
                r" (?:supported|allowed|permitted|accepted|recogni[sz]ed|available|valid for|applicable|compatible)\b"
                r"|\bplease remove\b|\bnot a (?:valid|known) (?:parameter|field|property)\b|\badditional propert"
                r"|\bextra inputs? (?:is|are) not permitted\b|\bmust not be (?:provided|present|set|given"
                r"|specified)\b"
                r"|\b(?:is|are) not (?:supported|allowed) (?:for|with|by|in) (?:this|the)\b"
            ),
        ),
        ("unique", r"\bmust be unique\b|\bduplicate\b|\balready (?:used|exists|in use)\b|\bnot have duplicate"),
        (
            "format",
            (
                r"\binvalid (?:url|uri|uuid|guid|e-?mail|date(?:time)?|base64|format|data ur[il]|datetime)\b"
                r"|\b(?:must be|not|isn't) an? (?:valid |well-formed )(?:url|uri|uuid|guid|e-?mail|date|base64"
                r"|data ur[il])"
                r"|\bmust match (?:the )?(?:format|pattern|regex)|\bdoes not match\b|\bmalformed\b"
                r"|\bmust be an? (?:uuid|ur[il])\b|\binvalid string: must\b"
            ),
        ),
        (
            "enum",
            (
                r"\bunsupported value\b|\b(?:unsupported|invalid|unknown) (?:option|model|enum|literal)\b"
                r"|\bmust be (?:one of|equal to one of)\b|\bnot one of\b|\bmodel\b[^.]{0,60}\b(?:not found"
                r"|does not exist)\b"
            ),
        ),
    )
)

_ONLY_A_VALUE = re.compile(r"\bvalues? (?:is|are|of|for|provided)\b|\b(?:invalid|unsupported) value\b", re.IGNORECASE)
_OF_PARAMETERS = re.compile(r"\b(?:parameter|field|property|key)s?\b[^.!?]{0,80}\bnot (?:supported|allowed|accepted)\b")
_EITHER = re.compile(
    r"\beither\b(?P<ways>.{1,300}?)\b(?:must|is|are|should|needs?|has|have)\b", re.IGNORECASE | re.DOTALL
)


@lru_cache(maxsize=512)  # a batch answers with the same few sentences
def read(sentence: str) -> Words:
    """What a sentence says; nothing for one that says nothing known."""
    sentence = sentence[:MAX_SENTENCE]
    head, listed = _list(sentence)
    facts: dict[str, Any] = dict(_limits(head if listed else sentence))
    if listed:
        facts["listed"] = listed
    kind = next((name for name, pattern in _KINDS if pattern.search(head if listed else sentence)), "")
    if kind == "unexpected" and _ONLY_A_VALUE.search(head) and not _OF_PARAMETERS.search(head):
        kind = "enum"
    if not kind and listed:
        kind = "enum"
    wanted = tuple(dict.fromkeys(_TYPES[each["type"].lower()] for each in _WANTED.finditer(head)))
    if wanted:
        facts["expected"] = wanted
        got = _GOT.search(head)
        if got:
            facts["received"] = got[1].lower()
    options = tuple(_options(head)) if kind == "required" else ()
    names = dict.fromkeys((each for option in options for each in option), True)
    about = head
    if kind in ("required", "unexpected", "enum", ""):
        about = _CONDITION.split(head, maxsplit=1)[0]
        about = about if about.strip() else head
    for name, sure in _names(about, every=kind in ("not-together", "unexpected", "required")):
        names[name] = sure or names.get(name, False)
    return Words(
        kind=kind,
        names=tuple(names),
        quoted=frozenset(each for each, sure in names.items() if sure),
        facts=facts,
        options=options,
    )


def _list(sentence: str) -> tuple[str, tuple[str, ...]]:
    """The sentence up to its last list of what is taken, and the texts of that list."""
    for found in reversed(list(_LIST.finditer(sentence))):
        listed = items(sentence[found.end() :])
        if listed:
            return sentence[: found.start()], listed
    for found in _MUST_BE.finditer(sentence):
        listed = items(sentence[found.end() :])
        if len(listed) > 1 and all(number(each) is not None for each in listed):
            return sentence[: found.start()], listed
    return sentence, ()


def items(text: str) -> tuple[str, ...]:
    """The texts of a list that begins a text: in quotes, in brackets, or plain up to the end of the sentence."""
    text = text.strip()
    if text[:1] in "[({":
        text = text[1:]
    quoted = bool(_QUOTED_NAME.match(text))
    if not quoted:
        text = _LABEL.sub("", text)
    found: list[str] = []
    while text and len(found) < MAX_LISTED:
        item = _QUOTED_NAME.match(text) if quoted else _ITEM.match(text)
        if item is None:
            break
        word = item[0].strip()
        text = text[item.end() :]
        joint = _JOINT.match(text)
        if not quoted:
            unit = number(word) is not None and all(number(each) is not None for each in found)
            if joint is None and text[:1] not in ("", "]", ")", "}") and not word.endswith(".") and not unit:
                return ()  # a phrase, no list; after numbers, a unit
            word = word.rstrip(".") if joint is None else word
        word = word[1:-1] if quoted else word
        if word:
            found.append(word)
        if joint is None:
            break
        text = text[joint.end() :]
    if not quoted and len(found) == 1 and found[0].isalpha() and found[0].islower():
        return ()  # "is required", "are described"
    return tuple(dict.fromkeys(found))


def size(text: Any) -> tuple[int, int] | None:
    """The two numbers of a text like `1280x720`, `1280*720` or `1280:720`, or None."""
    found = _SIZE.fullmatch(text.strip()) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found else None


def number(text: Any) -> Any:
    """The number that a text or a number is, or None."""
    if isinstance(text, bool):
        return None
    if isinstance(text, (int, float)):
        return text
    if not isinstance(text, str) or len(text) > 60:
        return None
    found = mending.as_number(text.strip().strip("'\"").replace(",", ""))
    return int(found) if isinstance(found, float) and found.is_integer() and abs(found) < 2**53 else found


def types(text: Any) -> tuple[str, ...]:
    """The JSON types in a text like `integer|array` or in a list of such names."""
    words = text if isinstance(text, list) else re.split(r"[|,/\s]+", text[:200]) if isinstance(text, str) else []
    return tuple(dict.fromkeys(_TYPES[str(each).lower()] for each in words if str(each).lower() in _TYPES))


def is_name(text: str) -> bool:
    """Whether a text can be the name of a parameter, or a path of names."""
    return len(text) <= 300 and _IS_NAME.fullmatch(text) is not None


def _limits(sentence: str) -> Iterator[tuple[str, Any]]:
    """The numbers that a sentence sets as limits; counted things keep their unit in the name."""
    for found in _BETWEEN.finditer(sentence):
        low, high = number(found[1]), number(found[2])
        if low is not None and high is not None and low <= high:
            ends = _ends(found[3])
            yield ends[0], low
            yield ends[1], high
            break
    else:
        exact = _EXACTLY.search(sentence)
        if exact and _ends(exact[2])[0] != "minimum":
            for end in _ends(exact[2]):
                yield end, number(exact[1])
            return
        for pattern, side in ((_LEAST, 0), (_MOST, 1)):
            one = pattern.search(sentence)
            if one and number(one[1]) is not None:
                yield _ends(one[2])[side], number(one[1])
        for pattern, name in ((_ABOVE, "exclusive_minimum"), (_BELOW, "exclusive_maximum")):
            one = pattern.search(sentence)
            if one and number(one[1]) is not None:
                yield name, number(one[1])
    step = _STEP.search(sentence)
    if step and number(step[1]):
        yield "multiple", number(step[1])


def _ends(unit: str | None) -> tuple[str, str]:
    word = (unit or "").lower()
    if word in _ITEMS:
        return "min_items", "max_items"
    if word in _CHARACTERS:
        return "min_length", "max_length"
    return "minimum", "maximum"


def _names(head: str, *, every: bool) -> Iterator[tuple[str, bool]]:
    """The names in a sentence, with whether they surely are; quoted ones stand beside "parameter", unless `every`."""
    found: dict[str, tuple[int, bool]] = {}
    for each in _ENUMERATED.finditer(head):
        for name in re.split(r"\s*(?:,|\band\b)\s*", each[1]):
            if name.lower() not in _NO_NAMES:
                found.setdefault(name, (each.start(1), True))
    for each in itertools.islice(_QUOTED_NAME.finditer(head), MAX_NAMES):
        text = each[0][1:-1].strip()
        if is_name(text) and (every or _beside(head, each.start(), each.end())):
            found.setdefault(text, (each.start(), True))
    for pattern, sure in _BESIDE:
        for each in pattern.finditer(head):
            for group, name in enumerate(each.groups(), start=1):
                if name.lower() not in _NO_NAMES and not name.isupper():
                    found.setdefault(name, (each.start(group), sure or _is_spelt(name)))
    if not found:
        for each in _QUOTED_NAME.finditer(head):
            text = each[0][1:-1].strip()
            if is_name(text):
                found.setdefault(text, (each.start(), False))
    for each in _PLAIN.finditer(head):
        if _is_spelt(each[0]) and each[0] not in found:
            found[each[0]] = (each.start(), False)
    yield from ((name, sure) for name, (_, sure) in sorted(found.items(), key=lambda pair: pair[1][0]))


def _is_spelt(text: str) -> bool:
    """Whether a word is spelt as names are and English words are not: `firstName`, `max_tokens`, `user.name`."""
    return re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]|[a-z0-9]_[a-z0-9]|[a-z]\.[a-z]|\[\d", text) is not None


def _beside(head: str, start: int, end: int) -> bool:
    """Whether a quoted word stands beside a word like "parameter", or begins the sentence."""
    before, after = head[max(0, start - 60) : start], head[end : end + 30]
    return (
        not before.strip()
        or re.search(rf"\b{_NOUN}\s*(?:\(s\))?:?(?:\s*{_QUOTED}\s*(?:,|and|or|/)?)*\s*$", before, re.IGNORECASE)
        is not None
        or re.match(rf"(?:\s*(?:,|and|or|/)?\s*{_QUOTED})*\s*{_NOUN}\b", after, re.IGNORECASE) is not None
        or re.match(r"\s*(?:is|are|must|cannot|should|:)", after, re.IGNORECASE) is not None
    )


def _options(head: str) -> Iterator[tuple[str, ...]]:
    """For "either a and b, or c must be given": ("a", "b") and ("c",)."""
    found = _EITHER.search(head)
    if found is None:
        return
    for way in re.split(r",?\s+or\s+", found["ways"]):
        names = tuple(
            each.strip().strip("'\"`") for each in re.split(r"\s*,\s*|\s+and\s+|\s*/\s*", way.strip()) if each.strip()
        )
        if names and all(is_name(each) for each in names):
            yield names
